// What the CLI does with AWS itself, as the caller: signs, and asks who that is. Part of the composition root, and
// loaded only by commands that need it, because the SDK takes longer to load than most commands to run.
import { AwsJsonClient, AwsNoAnswerError, AwsServiceError } from '../lib/adapters/aws/json-client.ts';
import type { JsonService } from '../lib/adapters/aws/json-client.ts';
import { NoCredentialsError, ownAccess } from '../lib/adapters/aws/own-credentials.ts';
import { callQuery } from '../lib/adapters/aws/query-client.ts';
import { signHeaders as signApiCall } from '../lib/adapters/aws/execute-api-signing.ts';
import { signHeaders } from '../lib/adapters/aws/signing.ts';
import type { Credentials } from '../lib/adapters/aws/signing.ts';
import { parseXml, textOf } from '../lib/adapters/simulated/xml-reader.ts';
import type { Element } from '../lib/adapters/simulated/xml-reader.ts';
import { CliError, exits, usageError } from './errors.ts';
import { AwsRefusal } from './preflight/reading.ts';
import type { AwsReader } from './preflight/reading.ts';
import { renewal } from './signing.ts';
import type { Signer } from './signing.ts';

export interface AwsEnvironment {
  /** AWS's own variables; what is not read here the SDK reads. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly nowMs: () => number;
}

/** As AWS's own tools read them: of one service, else of all. */
export function endpointOf(env: AwsEnvironment['env'], service: string, region: string): string {
  const suffix = region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com';
  return (
    env[`AWS_ENDPOINT_URL_${service.toUpperCase()}`]
    ?? env['AWS_ENDPOINT_URL']
    ?? `https://${service}.${region}.${suffix}`
  );
}

/** The region that is meant where none is said. @throws CliError */
export async function ownRegion({ env }: AwsEnvironment): Promise<string> {
  const region = env['AWS_REGION'] ?? env['AWS_DEFAULT_REGION'] ?? (await ownAccess().region());
  if (region === null) throw usageError('no region is known', 'give --region, AWS_REGION, or a profile with a region');
  return region;
}

/** The SDK's provider, with an error that says what to do. */
export function ownCredentials(): () => Promise<Credentials> {
  const { credentials } = ownAccess();
  return async () => {
    try {
      return await credentials();
    } catch (error) {
      if (error instanceof NoCredentialsError)
        throw new CliError(exits.refused, error.message, renewal, { cause: error });
      throw error;
    }
  };
}

export async function openSigner(environment: AwsEnvironment, given: string | null): Promise<Signer> {
  const region = given ?? (await ownRegion(environment));
  const { env, nowMs } = environment;
  const credentials = ownCredentials();
  return {
    // fetch sends the host itself, and refuses to be told.
    sign: async (call) => {
      const { host: _host, ...headers } = await signApiCall(call, region, await credentials(), nowMs());
      return headers;
    },
    whoAmI: async () => {
      try {
        const { status, xml } = await callQuery(
          { name: 'sts', version: '2011-06-15' },
          { region, credentials, clock: { nowMs }, endpoint: endpointOf(env, 'sts', region) },
          'GetCallerIdentity',
          {},
        );
        const answer = parseXml(xml);
        if (status === 200) return { arn: textOf(answer, 'GetCallerIdentityResult', 'Arn') };
        return { refusal: `${textOf(answer, 'Error', 'Message')} (${textOf(answer, 'Error', 'Code')})` };
      } catch (error) {
        // Who it is would only have been a help.
        if (error instanceof AwsNoAnswerError) return { arn: `the caller (STS did not tell who: ${error.message})` };
        throw error;
      }
    },
  };
}

const versions = { sts: '2011-06-15', ec2: '2016-11-15', iam: '2010-05-08', cloudformation: '2010-05-15' } as const;
const jsonServices: Readonly<Record<'servicequotas' | 'ssm', JsonService>> = {
  servicequotas: { name: 'servicequotas', targetPrefix: 'ServiceQuotasV20190624', jsonVersion: '1.1' },
  ssm: { name: 'ssm', targetPrefix: 'AmazonSSM', jsonVersion: '1.1' },
};
const callMsMax = 20_000;
/** S3 wants to be told the hash that was signed. */
const emptyBodySha256 = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

/** IAM is one for all regions of a partition, and signed for its home. */
function iamHome(region: string): { readonly region: string; readonly endpoint: string } {
  if (region.startsWith('cn-')) return { region: 'cn-north-1', endpoint: 'https://iam.cn-north-1.amazonaws.com.cn' };
  if (region.startsWith('us-gov-')) return { region: 'us-gov-west-1', endpoint: 'https://iam.us-gov.amazonaws.com' };
  return { region: 'us-east-1', endpoint: 'https://iam.amazonaws.com' };
}

export async function openAws(environment: AwsEnvironment, given: string | null): Promise<AwsReader> {
  const region = given ?? (await ownRegion(environment));
  const { env, nowMs } = environment;
  const credentials = ownCredentials();
  const common = { credentials, clock: { nowMs }, timeoutMs: callMsMax };
  return {
    region,
    query: (service, action, parameters) =>
      answered(action, async () => {
        const own = env[`AWS_ENDPOINT_URL_${service.toUpperCase()}`] ?? env['AWS_ENDPOINT_URL'];
        const home = service === 'iam' ? iamHome(region) : { region, endpoint: endpointOf(env, service, region) };
        const { status, xml } = await callQuery(
          { name: service, version: versions[service] },
          { ...common, region: home.region, endpoint: own ?? home.endpoint },
          action,
          parameters,
        );
        const answer = parseXml(xml);
        // EC2 writes <Response><Errors><Error>, the others <ErrorResponse><Error>.
        if (status !== 200)
          throw new AwsRefusal(
            action,
            textOf(answer, 'Errors', 'Error', 'Code') || textOf(answer, 'Error', 'Code') || `HTTP ${String(status)}`,
            textOf(answer, 'Errors', 'Error', 'Message') || textOf(answer, 'Error', 'Message'),
          );
        return plain(answer);
      }),
    json: (service, action, input) =>
      answered(action, async () => {
        const client = new AwsJsonClient(jsonServices[service], {
          ...common,
          region,
          endpoint: endpointOf(env, service, region),
        });
        try {
          return await client.call(action, input);
        } finally {
          client.close();
        }
      }),
    headObject: (bucket, key) =>
      answered('HeadObject', async () => {
        const url = new URL(`/${bucket}/${key}`, endpointOf(env, 's3', region));
        const { host: _host, ...headers } = signHeaders(
          { method: 'HEAD', url, headers: { 'x-amz-content-sha256': emptyBodySha256 }, body: '' },
          { service: 's3', region },
          await credentials(),
          nowMs(),
        );
        try {
          return (await fetch(url, { method: 'HEAD', headers, signal: AbortSignal.timeout(callMsMax) })).status;
        } catch (error) {
          throw new AwsNoAnswerError(
            'HeadObject',
            error instanceof Error && error.cause !== undefined ? error.cause : error,
          );
        }
      }),
  };
}

/** Errors of the adapters in the words of the CLI. */
async function answered<T>(action: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (error instanceof AwsServiceError) {
      const said = error.body['message'] ?? error.body['Message'];
      throw new AwsRefusal(action, error.awsCode, typeof said === 'string' ? said : 'without a message');
    }
    if (error instanceof AwsNoAnswerError)
      throw new CliError(exits.unreachable, error.message, 'is there a way to AWS, and is the region right?', {
        cause: error,
      });
    throw error;
  }
}

/** Lists are elements named item or member; leaves are text. */
function plain({ children, text }: Element): unknown {
  if (children.length === 0) return text;
  if (children.every(({ name }) => name === 'item' || name === 'member')) return children.map(plain);
  return Object.fromEntries(children.map((one) => [one.name, plain(one)]));
}
