// One signed call of AWS's Query protocol (EC2, IAM, CloudFormation, STS), sent once: parameters out, XML back.
import type { AwsClientOptions } from './json-client.ts';
import { AwsNoAnswerError } from './json-client.ts';
import { signHeaders } from './signing.ts';

export interface QueryService {
  /** In the credential scope, e.g. `iam`. */
  readonly name: string;
  /** Of its API, e.g. `2010-05-08`. */
  readonly version: string;
}

export interface QueryAnswer {
  readonly status: number;
  /** An error's as well. */
  readonly xml: string;
}

const defaultTimeoutMs = 20_000;

/** @throws AwsNoAnswerError */
export async function callQuery(service: QueryService, options: AwsClientOptions & { readonly endpoint: string }, action: string, parameters: Readonly<Record<string, string>>): Promise<QueryAnswer> {
  const url = new URL(options.endpoint);
  const body = new URLSearchParams({ Action: action, Version: service.version, ...parameters }).toString();
  const headers = { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' };
  const credentials = await options.credentials();
  const { host: _host, ...signed } = signHeaders({ method: 'POST', url, headers, body }, { service: service.name, region: options.region }, credentials, options.clock.nowMs());
  try {
    const response = await fetch(url, { method: 'POST', headers: signed, body, signal: AbortSignal.timeout(options.timeoutMs ?? defaultTimeoutMs) });
    return { status: response.status, xml: await response.text() };
  } catch (error) {
    throw new AwsNoAnswerError(action, error instanceof Error && error.cause !== undefined ? error.cause : error);
  }
}
