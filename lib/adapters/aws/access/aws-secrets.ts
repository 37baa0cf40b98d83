// Secrets Manager and SSM parameters, by their JSON protocols: one small signed call each, so that the function that
// answers agents carries no further client. Answers are never part of an error.
import * as z from 'zod';
import {
  fieldOfText,
  placeAndKey,
  SecretUnreadableError,
  textOfBytes,
  whyNoAnswer,
} from '../../../ports/access/secrets.ts';
import type { ReadSecret } from '../../../ports/access/secrets.ts';
import { signHeaders } from '../execute-api-signing.ts';
import type { SignedService } from '../execute-api-signing.ts';
import type { CredentialsProvider } from '../sdk.ts';

export interface AwsSecretsOptions {
  readonly region: string;
  readonly credentials: CredentialsProvider;
  readonly clock: { nowMs(): number };
  /** Instead of the service's own in the region. */
  readonly endpoint?: string | undefined;
  readonly timeoutMs?: number;
}

const timeoutMsDefault = 3_000;

const secretAnswer = z.object({
  ARN: z.string().optional(),
  SecretString: z.string().optional(),
  SecretBinary: z.string().optional(),
});
const parameterAnswer = z.object({ Parameter: z.object({ Value: z.string() }) });
/** Of a refusal only its code is known to hold nothing of ours. */
const refusal = z.object({ __type: z.string() });

/**
 * `aws-secret:NAME` or its ARN; `#KEY` for a field of one that is JSON. `own`: ARNs of those that we may read for
 * ourselves, which are refused by whatever name they are asked for: permissions cannot tell who asks us.
 */
export function secretsManager(options: AwsSecretsOptions, own: readonly string[] = []): ReadSecret {
  return async (place, from) => {
    const { place: SecretId, key } = placeAndKey(place);
    const answer = await call(options, 'secretsmanager', 'secretsmanager.GetSecretValue', { SecretId }, from);
    const { ARN, SecretString, SecretBinary } = parsed(secretAnswer, answer, from);
    if (ARN !== undefined && own.includes(ARN))
      throw new SecretUnreadableError(from, 'denied', "it is the installation's own, and no task's");
    const text = SecretString ?? textOfBytes(Buffer.from(SecretBinary ?? '', 'base64'), from);
    return key === null ? text : fieldOfText(text, key, from);
  };
}

/** A token of ours that is kept there, read anew for each use, so that a rotation is seen. `what`: for messages. */
export function keptToken(options: AwsSecretsOptions, arn: string, what: string): (from: string) => Promise<string> {
  const read = secretsManager(options);
  return async (from) => {
    try {
      return (await read(arn, from)).trim();
    } catch (error) {
      if (!(error instanceof SecretUnreadableError)) throw error;
      throw new SecretUnreadableError(from, error.problem, `${what} cannot be read: ${error.why}`);
    }
  };
}

/** Below it SSM has secrets of Secrets Manager (its "Referencing Secrets Manager secrets from Parameter Store"). */
const secretsInSsm = 'aws/reference/secretsmanager/';

/** `ssm:NAME`, decrypted where it is a SecureString. `own`: as of {@link secretsManager}. */
export function ssmParameters(options: AwsSecretsOptions, own: readonly string[] = []): ReadSecret {
  return async (place, from) => {
    const { place: Name, key } = placeAndKey(place);
    if (own.length > 0 && Name.includes(secretsInSsm))
      throw new SecretUnreadableError(from, 'denied', 'secrets of Secrets Manager are named aws-secret:NAME here');
    const answer = await call(options, 'ssm', 'AmazonSSM.GetParameter', { Name, WithDecryption: true }, from);
    const text = parsed(parameterAnswer, answer, from).Parameter.Value;
    return key === null ? text : fieldOfText(text, key, from);
  };
}

function parsed<S extends z.ZodType>(schema: S, answer: unknown, from: string): z.output<S> {
  const result = schema.safeParse(answer);
  if (result.success) return result.data;
  throw new SecretUnreadableError(from, 'unavailable', 'the answer of AWS is not one');
}

async function call(
  { region, credentials, clock, endpoint, timeoutMs = timeoutMsDefault }: AwsSecretsOptions,
  service: Extract<SignedService, 'secretsmanager' | 'ssm'>,
  target: string,
  question: object,
  from: string,
): Promise<unknown> {
  const domain = region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com';
  const url = new URL('/', endpoint ?? `https://${service}.${region}.${domain}`);
  const body = JSON.stringify(question);
  const headers = { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': target };
  const signed = await signHeaders(
    { method: 'POST', url, headers, body },
    region,
    await credentials(),
    clock.nowMs(),
    service,
  );
  let response: Response;
  let answer: unknown;
  try {
    response = await fetch(url, { method: 'POST', headers: signed, body, signal: AbortSignal.timeout(timeoutMs) });
    answer = await response.json();
  } catch (error) {
    throw new SecretUnreadableError(from, 'unavailable', `${service}: ${whyNoAnswer(error)}`);
  }
  if (response.ok) return answer;
  const code = refusal.safeParse(answer).data?.__type.split('#').at(-1) ?? `HTTP ${String(response.status)}`;
  throw new SecretUnreadableError(from, problemOf(code, response.status), `${service} answers ${code.slice(0, 100)}`);
}

function problemOf(code: string, status: number): SecretUnreadableError['problem'] {
  if (/^(ResourceNotFound|ParameterNotFound|ParameterVersionNotFound)/.test(code)) return 'missing';
  if (/^(AccessDenied|UnrecognizedClient|DecryptionFailure|InvalidKeyId|ExpiredToken)/.test(code)) return 'denied';
  if (/^(InvalidRequest|InvalidParameter|Validation)/.test(code)) return 'malformed';
  return status >= 500 || /^(Throttling|TooManyRequests|InternalService)/.test(code) ? 'unavailable' : 'denied';
}
