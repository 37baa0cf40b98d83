// One signed call of AWS's Query protocol (EC2, IAM, CloudFormation, STS), sent once: parameters out, XML back.
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
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
export async function callQuery(
  service: QueryService,
  options: AwsClientOptions & { readonly endpoint: string },
  action: string,
  parameters: Readonly<Record<string, string>>,
): Promise<QueryAnswer> {
  const url = new URL(options.endpoint);
  const body = new URLSearchParams({ Action: action, Version: service.version, ...parameters }).toString();
  const headers = { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' };
  const signed = signHeaders(
    { method: 'POST', url, headers, body },
    { service: service.name, region: options.region },
    await options.credentials(),
    options.clock.nowMs(),
  );
  try {
    return await send(url, signed, body, options.timeoutMs ?? defaultTimeoutMs);
  } catch (error) {
    throw new AwsNoAnswerError(action, error);
  }
}

async function send(
  url: URL,
  headers: Readonly<Record<string, string>>,
  body: string,
  timeoutMs: number,
): Promise<QueryAnswer> {
  const start = url.protocol === 'https:' ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    // Functions sleep between calls: a connection that was closed meanwhile would make the outcome unknown,
    // so each has its own.
    const sent = start(
      url,
      {
        method: 'POST',
        agent: false,
        headers: { ...headers, 'content-length': Buffer.byteLength(body) },
        signal: AbortSignal.timeout(timeoutMs),
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          resolve({ status: response.statusCode ?? 0, xml: Buffer.concat(chunks).toString('utf8') });
        });
      },
    );
    sent.on('error', reject);
    sent.end(body);
  });
}
