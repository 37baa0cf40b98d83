// The TypeScript client against answers made by hand: what it sends, what it repeats, and what it makes of answers.
import { describe, expect, test } from '@jest/globals';
import { Bellows, BellowsError, NoAnswerError, WaitTimeoutError } from '../../clients/typescript/index.ts';
import type { BellowsOptions } from '../../clients/typescript/index.ts';

interface Sent {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
}

type Reply = Readonly<Record<string, unknown>> | number | 'lost' | 'cut';

/** Of an answer of which the connection brings only the beginning. */
function cut(): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      controller.enqueue(new TextEncoder().encode('{"id":'));
      controller.error(new TypeError('terminated'));
    },
  });
}

/** Answers in this order, the last one again and again; a number is a status with a problem, or without one. */
function clientOf(replies: readonly Reply[], options: BellowsOptions = {}) {
  const sent: Sent[] = [];
  const waits: number[] = [];
  const fetch = async (url: URL, init: RequestInit): Promise<Response> => {
    const body = typeof init.body === 'string' ? (JSON.parse(init.body) as unknown) : null;
    const headers = init.headers as Record<string, string>;
    sent.push({ method: init.method ?? '', url: url.href, headers, body });
    const reply = replies[Math.min(sent.length, replies.length) - 1] ?? {};
    if (reply === 'lost') throw new TypeError('fetch failed');
    if (reply === 'cut') return new Response(cut(), { headers: { 'content-type': 'application/json' } });
    if (reply === 403) return new Response('{"message":"Forbidden"}', { status: 403 });
    if (typeof reply === 'object') return Response.json(reply);
    const problem = { type: 'about:blank', title: 't', status: reply, code: 'some_code', detail: 'why', errors: [] };
    return new Response(JSON.stringify(problem), {
      ...{ status: reply, headers: { 'content-type': 'application/problem+json' } },
    });
  };
  const bellows = new Bellows({
    ...{ server: 'http://api.example:1/', fetch: fetch as typeof globalThis.fetch },
    sleep: async (ms) => void waits.push(ms),
    ...options,
  });
  return { bellows, sent, waits };
}

const task = { type: 'task', command: ['true'], resources: { vcpu: 1, memoryMib: 64 } } as const;

describe('calls', () => {
  test('have their path, query and body', async () => {
    const { bellows, sent } = clientOf([{}]);
    await bellows.call('listTasks', { params: { id: 'r/1' }, query: { state: 'failed', limit: 2 } });
    await bellows.call('getStats');
    await bellows.call('putPool', { params: { name: 'p' }, headers: { 'if-match': '"3"' }, body: {} });
    expect(sent.map(({ method, url, body }) => [method, url, body])).toEqual([
      ['GET', 'http://api.example:1/v1/requests/r%2F1/tasks?state=failed&limit=2', null],
      ['GET', 'http://api.example:1/v1/stats', null],
      ['PUT', 'http://api.example:1/v1/pools/p', {}],
    ]);
    expect(sent[2]?.headers).toMatchObject({ 'if-match': '"3"', 'content-type': 'application/json' });
  });

  test('that are refused say why, once', async () => {
    const { bellows, sent } = clientOf([404]);
    const refused = await bellows.get('r-1').catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(BellowsError);
    expect(refused).toMatchObject({ status: 404, code: 'some_code', message: 'some_code (404): why' });
    expect(sent).toHaveLength(1);
    const gateway = await clientOf([403])
      .bellows.get('r-1')
      .catch((error: unknown) => error);
    expect(gateway).toMatchObject({ status: 403, code: 'unknown' });
  });

  test('are repeated where that has no second effect, each a while later', async () => {
    const { bellows, sent, waits } = clientOf([503, 'lost', 429, { id: 'r-1' }]);
    expect(await bellows.submit(task)).toEqual({ id: 'r-1' });
    const keys = new Set(sent.map((one) => one.headers['idempotency-key']));
    expect([sent.length, keys.size]).toEqual([4, 1]);
    const bounds = [200, 400, 800];
    expect(waits.map((ms, at) => ms >= (bounds[at] ?? 0) / 2 && ms <= (bounds[at] ?? 0))).toEqual([true, true, true]);
  });

  test('are not repeated where that might do it twice', async () => {
    const { bellows, sent } = clientOf([503]);
    const stopped = bellows.call('stopRequest', { params: { id: 'r-1' } });
    await expect(stopped).rejects.toMatchObject({ status: 503 });
    expect(sent).toHaveLength(1);
  });

  test('end after so many tries', async () => {
    const { bellows, sent } = clientOf(['lost'], { tries: 3 });
    await expect(bellows.get('r-1')).rejects.toBeInstanceOf(NoAnswerError);
    expect(sent).toHaveLength(3);
  });

  test('whose answer is cut off have none', async () => {
    const { bellows } = clientOf(['cut', { id: 'r-1' }]);
    await expect(bellows.get('r-1')).resolves.toEqual({ id: 'r-1' });
    await expect(clientOf(['cut'], { tries: 2 }).bellows.get('r-1')).rejects.toBeInstanceOf(NoAnswerError);
  });

  test('to a deployed API are signed, blanks and all', async () => {
    const server = 'https://abc.execute-api.eu-central-1.amazonaws.com';
    const credentials = async () => ({ accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret', sessionToken: 'token' });
    const { bellows, sent } = clientOf([{ items: [], nextCursor: null }], { server, credentials });
    await bellows.call('listRequests', { query: { label: 'team=a b' } });
    const [first] = sent;
    const headers = first?.headers ?? {};
    expect(first?.url).toBe(`${server}/v1/requests?label=team%3Da%20b`);
    expect(headers['authorization']).toMatch(
      /^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\/\d{8}\/eu-central-1\/execute-api\/aws4_request, /,
    );
    expect(headers['x-amz-security-token']).toBe('token');
    expect(headers).not.toHaveProperty('host');
  });
});

test.each(['', 'ftp://x', 'localhost'])('the address %j is refused', (server) => {
  expect(() => new Bellows({ server })).toThrow(TypeError);
});

describe('waiting', () => {
  test('ends with the request, and looks now and then', async () => {
    const { bellows, waits } = clientOf([{ endedAt: null }, { endedAt: null }, { endedAt: 'then', state: 'failed' }]);
    expect(await bellows.waitForEnd('r-1', { everyMs: 7 })).toMatchObject({ state: 'failed' });
    expect(waits).toEqual([7, 7]);
  });

  test('ends for a claim when it is granted', async () => {
    const { bellows } = clientOf([
      { state: 'pending', endedAt: null },
      { state: 'active', endedAt: null },
    ]);
    expect(await bellows.waitUntilActive('r-1')).toMatchObject({ state: 'active' });
  });

  test('says after its time how the request stands', async () => {
    const { bellows } = clientOf([{ id: 'r-1', state: 'pending', reason: 'no room', endedAt: null }]);
    const late = bellows.waitForEnd('r-1', { timeoutMs: 0 });
    await expect(late).rejects.toBeInstanceOf(WaitTimeoutError);
    await expect(late).rejects.toThrow('after 0 s request r-1 is pending (no room); it goes on');
  });
});

describe('lists', () => {
  const all = async <T>(items: AsyncIterable<T>): Promise<T[]> => {
    const found: T[] = [];
    for await (const one of items) found.push(one);
    return found;
  };

  test('of requests go on with the cursor, and keep the filter', async () => {
    const { bellows, sent } = clientOf([
      { items: [1, 2], nextCursor: 'c' },
      { items: [3], nextCursor: null },
    ]);
    expect(await all(bellows.requests({ state: 'failed' }))).toEqual([1, 2, 3]);
    expect(sent.map(({ url }) => url.split('?')[1])).toEqual(['state=failed', 'state=failed&cursor=c']);
  });

  test('of tasks go on with the index', async () => {
    const { bellows, sent } = clientOf([
      { items: [1], nextFrom: 25 },
      { items: [2], nextFrom: null },
    ]);
    expect(await all(bellows.tasks('r-1', { limit: 25 }))).toEqual([1, 2]);
    expect(sent.map(({ url }) => url.split('?')[1])).toEqual(['limit=25', 'limit=25&from=25']);
  });

  test('of what a task writes end with it', async () => {
    const part = (stdout: string, next: string | null, ended: boolean) => ({ stdout, stderr: '', next, ended });
    const { bellows, sent } = clientOf([part('a', '1,0,0', false), part('', null, false), part('b', null, true)]);
    expect((await all(bellows.follow('r-1'))).map((one) => one.stdout)).toEqual(['a', 'b']);
    expect(sent.map(({ url }) => new URL(url).searchParams.get('sinceBytes'))).toEqual(['0,0,0', '1,0,0', '1,0,0']);
  });
});
