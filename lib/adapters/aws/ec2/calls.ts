// One call of EC2 through the SDK: within the account's budget, and with errors as the cloud port has them. The SDK
// repeats nothing by itself, nor does this: most calls have no token, and what is safe to repeat is known above.
import { EC2Client } from '@aws-sdk/client-ec2';
import { CloudRefusedError, CloudThrottledError } from '../../../ports/cloud.ts';
import type { CallBudget } from '../call-budget.ts';
import { connectingAnew } from '../sdk.ts';
import type { AwsClientOptions } from '../sdk.ts';
import { cloudError } from './sdk-errors.ts';

/** An instant fleet of 50 takes several seconds. */
const defaultTimeoutMs = 15_000;

export function createEc2Client(options: AwsClientOptions): EC2Client {
  return new EC2Client(connectingAnew(options, options.timeoutMs ?? defaultTimeoutMs));
}

interface Page {
  readonly NextToken?: string | undefined;
}

export class Ec2Calls {
  readonly #client: EC2Client;
  readonly #budget: CallBudget;

  constructor(client: EC2Client, budget: CallBudget) {
    this.#client = client;
    this.#budget = budget;
  }

  /** @throws CloudRefusedError, TokenUsedError, CloudThrottledError, CloudUnknownError */
  async send<T>(action: string, call: (client: EC2Client) => Promise<T>): Promise<T> {
    if (!(await this.#budget.take(action)))
      throw new CloudThrottledError(`${action} was not sent: the account's request budget for it is spent now`);
    try {
      return await call(this.#client);
    } catch (error) {
      throw cloudError(action, error);
    }
  }

  async pages<P extends Page>(
    action: string,
    page: (client: EC2Client, next: string | undefined) => Promise<P>,
  ): Promise<readonly P[]> {
    const pages: P[] = [];
    for (let next: string | undefined; ;) {
      const at = next;
      const answer = await this.send(action, (client) => page(client, at));
      pages.push(answer);
      next = answer.NextToken;
      if (next === undefined || next === '') return pages;
    }
  }
}

/**
 * Where the caller chose what is used, "not authorized" is taken to be about that: it must not stop
 * what others ask for.
 */
export async function withOwnThings<T>(isOwn: boolean, send: () => Promise<T>): Promise<T> {
  try {
    return await send();
  } catch (error) {
    if (!isOwn || !(error instanceof CloudRefusedError) || error.fault.code !== 'UnauthorizedOperation') throw error;
    const message =
      'this installation may not use what the request names (image, role, key pair or snapshot): ' + error.message;
    throw new CloudRefusedError({ ...error.fault, scope: 'request', message }, error.isTokenUsed);
  }
}
