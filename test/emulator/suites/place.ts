// A local AWS that suites run on, and an account of its own there.
import type { AwsClientOptions } from '../../../lib/adapters/aws/sdk.ts';
import { LocalAws } from '../../../lib/local/localcloud/aws.ts';
import { hangMs } from '../../hang.ts';

export interface LocalPlace {
  readonly endpoint: string;
  /** 12 digits, which are the access key, too. */
  readonly accountId: string;
}

const region = 'us-east-1';

export function clientOptions({ endpoint, accountId }: LocalPlace): AwsClientOptions & { readonly endpoint: string } {
  return {
    region,
    endpoint,
    credentials: () => ({ accessKeyId: accountId, secretAccessKey: 'test' }),
    timeoutMs: hangMs,
  };
}

/** For what no adapter does. */
export function byHand({ endpoint, accountId }: LocalPlace): LocalAws {
  return new LocalAws({ endpoint, accountId, region });
}
