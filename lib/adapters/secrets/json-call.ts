// One call of a place of secrets that answers JSON. Answers are never part of an error: a refusal is its status.
import { SecretUnreadableError } from '../../ports/access/secrets.ts';

export interface JsonCall {
  readonly url: URL;
  readonly method: 'GET' | 'POST';
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: object;
  readonly timeoutMs: number;
}

/** `what`: the place, for messages. @throws SecretUnreadableError */
export async function callJson(
  what: string,
  from: string,
  { url, body, timeoutMs, ...call }: JsonCall,
): Promise<unknown> {
  let response: Response;
  let answer: unknown;
  try {
    response = await fetch(url, {
      ...call,
      redirect: 'manual',
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(timeoutMs),
    });
    answer = response.ok ? await response.json() : await response.body?.cancel();
  } catch (error) {
    // A parser's own words may repeat what it read.
    const why = error instanceof SyntaxError ? 'its answer is no JSON' : 'no answer';
    throw new SecretUnreadableError(from, 'unavailable', `${what}: ${why}`);
  }
  if (response.ok) return answer;
  const { status } = response;
  const problem =
    status === 404 ? 'missing' : status === 429 || status >= 500 || status < 400 ? 'unavailable' : 'denied';
  throw new SecretUnreadableError(from, problem, `${what} answers HTTP ${String(status)}`);
}
