// What a task is given before it starts: fetched anew where nobody answers, checked, and put below its folder only.
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InputKeeper } from '../../../agent/tasks/given/inputs.ts';
import { HttpTransport, TransportError } from '../../../agent/transport.ts';
import type { GivenInput } from '../../../lib/core/access/files.ts';
import { attempt } from '../controller.ts';

let dir: string;
let work: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'bellows-inputs-'));
  work = join(dir, 'work');
  mkdirSync(work);
});
afterEach(() => {
  rmSync(dir, { recursive: true });
});

const text = 'what is fetched';
const sha256 = createHash('sha256').update(text).digest('hex');
const input = (over: Partial<GivenInput> = {}): GivenInput => ({
  url: 'https://example.org/a?key=planted-3b1',
  name: 'https://example.org/a',
  path: 'in/a',
  ...over,
});

type Open = (url: string) => Promise<AsyncIterable<Uint8Array>>;
const answers: Open = async () => bytesOf(text);
async function* bytesOf(...chunks: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const chunk of chunks) yield Buffer.from(chunk);
}

async function give(inputs: readonly GivenInput[], open: Open = answers, bytesMax = 1_000): Promise<readonly string[]> {
  const notes: string[] = [];
  const keeper = new InputKeeper({ ask: async () => inputs, open, retryMs: 1, bytesMax });
  const { signal } = new AbortController();
  await keeper.give(attempt('r-1', 'true', { hasInputs: true }), { dir, work }, (note) => notes.push(note), signal);
  return notes;
}

test('it is put where it belongs, and nothing else is left of it', async () => {
  expect(await give([input({ sha256 }), input({ path: 'b' })])).toContain('fetching input 2 of 2');
  expect([readFileSync(join(work, 'in', 'a'), 'utf8'), readFileSync(join(work, 'b'), 'utf8')]).toEqual([text, text]);
  expect(readdirSync(dir).sort()).toEqual(['inputs', 'work']);
});

test('a task without inputs asks for none', async () => {
  const keeper = new InputKeeper({ ask: () => Promise.reject(new Error('asked')), open: answers });
  await keeper.give(attempt('r-1', 'true'), { dir, work }, () => {}, new AbortController().signal);
  expect(readdirSync(dir)).toEqual(['work']);
});

test('another content than was asked for, and too much of it, end it; a key in an address is told nobody', async () => {
  const wrong = give([input({ sha256: '0'.repeat(64) })]);
  await expect(wrong).rejects.toThrow(`https://example.org/a is not what was asked for: its SHA-256 is ${sha256}`);
  await expect(give([input()], answers, 5)).rejects.toThrow('https://example.org/a has more than 5 bytes');
  await expect(give([input({ unpack: true })])).rejects.toThrow(
    'https://example.org/a could not be put into its folder',
  );
  for (const failing of [wrong, give([input()], answers, 5)])
    await failing.catch((error: unknown) => {
      expect(String(error)).not.toContain('planted');
    });
});

test('who does not answer is asked again, who refuses is not', async () => {
  let calls = 0;
  const flaky: Open = async () => {
    calls += 1;
    if (calls === 1) throw new TransportError('no answer', false);
    if (calls === 2)
      return (async function* () {
        yield Buffer.from('half');
        throw new TypeError('terminated');
      })();
    return bytesOf(text);
  };
  await give([input({ sha256 })], flaky);
  expect(calls).toBe(3);
  calls = 0;
  const refusing: Open = async () => {
    calls += 1;
    throw new TransportError('GET https://example.org/a answered 404', true);
  };
  await expect(give([input({ path: 'c' })], refusing)).rejects.toThrow(
    'https://example.org/a could not be fetched: GET https://example.org/a answered 404',
  );
  expect(calls).toBe(1);
});

test('what is there is not followed and not overwritten', async () => {
  symlinkSync(tmpdir(), join(work, 'in'));
  await expect(give([input()])).rejects.toThrow('in of in is no folder');
  await expect(give([input({ path: 'x' }), input({ path: 'x' })])).rejects.toThrow('there is something at x already');
  await expect(give([input({ path: 'x/y' })])).rejects.toThrow('x of x is no folder');
});

describe('addresses', () => {
  let server: Server;
  let url: string;
  const seen: string[] = [];
  beforeEach(async () => {
    server = createServer((request, response) => {
      seen.push(`${String(request.url)} ${String(request.headers['x-token'])}`);
      const to = /^\/to\/(.*)$/.exec(request.url ?? '')?.[1];
      if (to !== undefined) response.writeHead(302, { location: decodeURIComponent(to) }).end();
      else if (request.url?.startsWith('/none') === true) response.writeHead(404).end('secret words of another server');
      else response.end(text);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  });
  afterEach(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  async function read(address: string): Promise<string> {
    const transport = new HttpTransport(() => url, { 'x-token': 'planted-of-node' });
    const chunks: Uint8Array[] = [];
    for await (const chunk of await transport.download(address, new AbortController().signal)) chunks.push(chunk);
    return Buffer.concat(chunks).toString();
  }

  test('of the controller are paths; no address learns who the node is', async () => {
    expect(await read('/files/v1/x?mac=1')).toBe(text);
    expect(seen.at(-1)).toBe('/files/v1/x?mac=1 undefined');
  });

  test('lead to https only: not to where a node has its credentials', async () => {
    for (const to of ['http://169.254.169.254/latest/meta-data/', 'file:///etc/passwd', `${url}/x`])
      await expect(read(`/to/${encodeURIComponent(to)}`)).rejects.toThrow('and only https is followed');
  });

  test('that are refused are told without their query and without the words of whoever refuses', async () => {
    await expect(read('/none?X-Amz-Signature=planted')).rejects.toThrow(`GET ${url}/none answered 404`);
    await expect(read('/none?X-Amz-Signature=planted')).rejects.not.toThrow('planted');
    expect(existsSync(work)).toBe(true);
  });
});

test("an object of S3 that the task's role may not read is told with its cure, and without its address", async () => {
  const refused: Open = async () => {
    throw new TransportError('GET https://data.s3.test/a answered 403', true, { status: 403 });
  };
  const failed = await give([input({ name: 's3://data/a' })], refused).catch(String);
  expect(failed).toContain('s3://data/a could not be fetched: GET https://data.s3.test/a answered 403; see that it is');
  expect(failed).toContain("the task's role has s3:GetObject on it");
  expect(failed).not.toContain('planted');
});
