// One signed call of EC2's Query protocol, sent once: what the resources port needs of EC2 on AWS, without the SDK's
// code for it. Nothing is repeated here: most of these calls have no token, and what is safe to repeat is known above.
import { ComputeThrottledError, ComputeUnknownError } from '../../ports/compute.ts';
import type { CallBudget } from './call-budget.ts';
import { AwsNoAnswerError } from './json-client.ts';
import type { AwsClientOptions } from './json-client.ts';
import { callQuery } from './query-client.ts';
import type { QueryAnswer } from './query-client.ts';

export interface SignedEc2Options extends AwsClientOptions {
  readonly budget: CallBudget;
}

export type SignedEc2Call = (action: string, parameters: Readonly<Record<string, string>>) => Promise<QueryAnswer>;

const ec2 = { name: 'ec2', version: '2016-11-15' };
/** A launch of a hundred machines takes several seconds. */
const defaultTimeoutMs = 15_000;

/** @throws (each call) ComputeThrottledError when the account's budget is spent, ComputeUnknownError without an answer */
export function signedEc2Call(options: SignedEc2Options): SignedEc2Call {
  const { region, budget } = options;
  const sending = { ...options, endpoint: options.endpoint ?? `https://ec2.${region}.amazonaws.com`, timeoutMs: options.timeoutMs ?? defaultTimeoutMs };
  return async (action, parameters) => {
    if (!(await budget.take(action))) throw new ComputeThrottledError(`${action} was not sent: the account's budget for it is spent at this moment`);
    try {
      return await callQuery(ec2, sending, action, parameters);
    } catch (error) {
      if (!(error instanceof AwsNoAnswerError)) throw error;
      throw new ComputeUnknownError(`${action}: no answer from EC2 (${error.message})`, { cause: error });
    }
  };
}
