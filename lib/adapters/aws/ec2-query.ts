// One signed call of EC2's Query protocol, sent once: what the resources port needs of EC2 on AWS, without the SDK's
// code for it. Nothing is repeated here: most of these calls have no token, and what is safe to repeat is known above.
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { ComputeThrottledError, ComputeUnknownError } from '../../ports/compute.ts';
import type { CallBudget } from './call-budget.ts';
import type { AwsClientOptions } from './json-client.ts';
import { signHeaders } from './signing.ts';

export interface SignedEc2Options extends AwsClientOptions {
  readonly budget: CallBudget;
}

export type SignedEc2Call = (action: string, parameters: Readonly<Record<string, string>>) => Promise<{ readonly status: number; readonly xml: string }>;

const apiVersion = '2016-11-15';
/** A launch of a hundred machines takes several seconds. */
const defaultTimeoutMs = 15_000;

/** @throws (each call) ComputeThrottledError when the account's budget is spent, ComputeUnknownError without an answer */
export function signedEc2Call(options: SignedEc2Options): SignedEc2Call {
  const { region, clock, budget } = options;
  const url = new URL(options.endpoint ?? `https://ec2.${region}.amazonaws.com`);
  return async (action, parameters) => {
    if (!(await budget.take(action))) throw new ComputeThrottledError(`${action} was not sent: the account's budget for it is spent at this moment`);
    const body = new URLSearchParams({ Action: action, Version: apiVersion, ...parameters }).toString();
    const headers = { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' };
    const signed = signHeaders({ method: 'POST', url, headers, body }, { service: 'ec2', region }, await options.credentials(), clock.nowMs());
    try {
      return await send(url, signed, body, options.timeoutMs ?? defaultTimeoutMs);
    } catch (error) {
      throw new ComputeUnknownError(`${action}: no answer from EC2 (${error instanceof Error ? error.message : String(error)})`, { cause: error });
    }
  };
}

async function send(url: URL, headers: Readonly<Record<string, string>>, body: string, timeoutMs: number): Promise<{ readonly status: number; readonly xml: string }> {
  const start = url.protocol === 'https:' ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    // Functions sleep between calls: a connection that was closed meanwhile would make the outcome unknown, so each has its own.
    const sent = start(url, { method: 'POST', agent: false, headers: { ...headers, 'content-length': Buffer.byteLength(body) }, signal: AbortSignal.timeout(timeoutMs) }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => { resolve({ status: response.statusCode ?? 0, xml: Buffer.concat(chunks).toString('utf8') }); });
    });
    sent.on('error', reject);
    sent.end(body);
  });
}
