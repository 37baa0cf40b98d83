// One call of a place of secrets that answers JSON. Answers are never part of an error: a refusal is its status.
import { request } from 'node:https';
import { SecretUnreadableError, whyNoAnswer } from '../../ports/access/secrets.ts';

export interface JsonCall {
  readonly url: URL;
  readonly method: 'GET' | 'POST';
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: object;
  /** In PEM: who has to have signed the place's certificate. Absent: any authority that this process trusts. */
  readonly ca?: string | undefined;
  readonly timeoutMs: number;
}

/** `what`: the place, for messages. @throws SecretUnreadableError */
export async function callJson(what: string, from: string, call: JsonCall): Promise<unknown> {
  let status: number;
  let answer: unknown;
  try {
    const response = await (call.ca === undefined ? byFetch(call) : trusting(call, call.ca));
    status = response.status;
    if (status >= 200 && status < 300) answer = JSON.parse(response.text);
  } catch (error) {
    throw new SecretUnreadableError(from, 'unavailable', `${what}: ${whyNoAnswer(error)}`);
  }
  if (status >= 200 && status < 300) return answer;
  const problem =
    status === 404 ? 'missing' : status === 429 || status >= 500 || status < 400 ? 'unavailable' : 'denied';
  throw new SecretUnreadableError(from, problem, `${what} answers HTTP ${String(status)}`);
}

interface Answer {
  readonly status: number;
  readonly text: string;
}

async function byFetch({ url, method, headers, body, timeoutMs }: JsonCall): Promise<Answer> {
  const response = await fetch(url, {
    ...{ method, headers, redirect: 'manual', signal: AbortSignal.timeout(timeoutMs) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, text: await response.text() };
}

/** On a connection of its own, which trusts this authority alone: fetch knows only those of the whole process. */
async function trusting({ url, method, headers, body, timeoutMs }: JsonCall, ca: string): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const signal = AbortSignal.timeout(timeoutMs);
  const call = request(url, { method, headers, ca, signal, agent: false }, (response) => {
    const chunks: Buffer[] = [];
    response.on('data', (chunk: Buffer) => chunks.push(chunk));
    response.on('error', reject);
    response.on('end', () => {
      resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString() });
    });
  });
  call.on('error', reject);
  call.end(body === undefined ? undefined : JSON.stringify(body));
  return promise;
}
