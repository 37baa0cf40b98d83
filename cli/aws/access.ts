// Where the CLI's own calls to AWS go, and as whom. Part of the composition root, and loaded only by commands that
// need it: the SDK takes longer to load than most commands to run.
import { NoCredentialsError, ownAccess } from '../../lib/adapters/aws/own-credentials.ts';
import type { AwsClientOptions, Credentials } from '../../lib/adapters/aws/sdk.ts';
import { CliError, exits, usageError } from '../errors.ts';
import { renewal } from '../signing.ts';

export interface AwsEnvironment {
  /** AWS's own variables; what is not read here the SDK reads. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly nowMs: () => number;
}

/** By the name of their endpoint's variable. */
export type ServiceName =
  'CLOUDFORMATION' | 'CLOUDWATCH' | 'EC2' | 'IAM' | 'LAMBDA' | 'S3' | 'SERVICEQUOTAS' | 'SQS' | 'SSM' | 'STS';

/** As AWS's own tools read them: of one service, else of all; else by the SDK's rules. */
function endpointOf({ env }: AwsEnvironment, service: ServiceName): string | undefined {
  return env[`AWS_ENDPOINT_URL_${service}`] ?? env['AWS_ENDPOINT_URL'];
}

/** The region that is meant where none is said. @throws CliError */
async function ownRegion({ env }: AwsEnvironment): Promise<string> {
  const region = env['AWS_REGION'] ?? env['AWS_DEFAULT_REGION'] ?? (await ownAccess().region());
  if (region === null) throw usageError('no region is known', 'give --region, AWS_REGION, or a profile with a region');
  return region;
}

/** The SDK's provider, with an error that says what to do. */
function ownCredentials(): () => Promise<Credentials> {
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

export interface Access {
  readonly region: string;
  /** @throws CliError */
  readonly credentials: () => Promise<Credentials>;
  readonly optionsOf: (service: ServiceName) => AwsClientOptions;
}

/** `given`: null where the caller's own region is meant. @throws CliError */
export async function accessTo(environment: AwsEnvironment, given: string | null): Promise<Access> {
  const region = given ?? (await ownRegion(environment));
  const credentials = ownCredentials();
  return {
    region,
    credentials,
    optionsOf: (service) => ({ region, credentials, endpoint: endpointOf(environment, service) }),
  };
}
