// The credentials and region of whoever runs a program here, found as every tool of AWS finds them: environment,
// shared files with their profiles, SSO, processes, web identities, container and instance roles.
import { STSClient } from '@aws-sdk/client-sts';
import { BellowsError } from '../../core/values/errors.ts';
import type { CredentialsProvider } from './sdk.ts';

/** There are none, or those that there were have ended. */
export class NoCredentialsError extends BellowsError {
  constructor(why: string, options: ErrorOptions) {
    super('no_credentials', `there are no usable AWS credentials: ${why}`, options);
  }
}

export interface OwnAccess {
  /** Asked for every call; kept until shortly before they end. @throws NoCredentialsError */
  readonly credentials: CredentialsProvider;
  /** Of AWS_REGION or the profile; null where neither names one. */
  readonly region: () => Promise<string | null>;
}

export function ownAccess(): OwnAccess {
  // Any client of the SDK resolves both in the standard order; this one is small, and whoever signs uses it anyway.
  const { config } = new STSClient({});
  return {
    credentials: async () => {
      try {
        return await config.credentials();
      } catch (error) {
        throw new NoCredentialsError(error instanceof Error ? error.message : String(error), { cause: error });
      }
    },
    region: async () => {
      try {
        return await config.region();
      } catch (error) {
        if (error instanceof Error && error.message === 'Region is missing') return null;
        throw error;
      }
    },
  };
}
