// What the CLI does with AWS itself, as the caller: signs, and asks who that is. Part of the composition root, and
// loaded only by commands that need it, because the SDK takes longer to load than most commands to run.
import { AwsNoAnswerError } from '../lib/adapters/aws/json-client.ts';
import { NoCredentialsError, ownAccess } from '../lib/adapters/aws/own-credentials.ts';
import { callQuery } from '../lib/adapters/aws/query-client.ts';
import { signHeaders } from '../lib/adapters/aws/signing.ts';
import type { Credentials } from '../lib/adapters/aws/signing.ts';
import { parseXml, textOf } from '../lib/adapters/ec2query/xml.ts';
import { CliError, exits, usageError } from './errors.ts';
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
  return env[`AWS_ENDPOINT_URL_${service.toUpperCase()}`] ?? env['AWS_ENDPOINT_URL'] ?? `https://${service}.${region}.${suffix}`;
}

/** The region that is meant where none is said. @throws CliError */
export async function ownRegion({ env }: AwsEnvironment): Promise<string> {
  const region = env['AWS_REGION'] ?? env['AWS_DEFAULT_REGION'] ?? await ownAccess().region();
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
      if (error instanceof NoCredentialsError) throw new CliError(exits.refused, error.message, renewal, { cause: error });
      throw error;
    }
  };
}

export async function openSigner(environment: AwsEnvironment, given: string | null): Promise<Signer> {
  const region = given ?? await ownRegion(environment);
  const { env, nowMs } = environment;
  const credentials = ownCredentials();
  return {
    // fetch sends the host itself, and refuses to be told.
    sign: async (call) => {
      const { host: _host, ...headers } = signHeaders(call, { service: 'execute-api', region }, await credentials(), nowMs());
      return headers;
    },
    whoAmI: async () => {
      try {
        const { status, xml } = await callQuery({ name: 'sts', version: '2011-06-15' }, { region, credentials, clock: { nowMs }, endpoint: endpointOf(env, 'sts', region) }, 'GetCallerIdentity', {});
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
