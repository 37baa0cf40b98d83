// What every place of compact copies does alike: in memory, in a folder, and in a bucket, for which a small server
// stands in.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { S3CompactCopies } from '../../lib/adapters/aws/s3/compact-copies.ts';
import { LocalCompactCopies } from '../../lib/adapters/local/kept/compact-copies.ts';
import { MemoryCompactCopies } from '../../lib/adapters/memory/compact-copies.ts';
import { CopiesUnavailableError } from '../../lib/ports/store/compact-copies.ts';
import type { CompactCopies } from '../../lib/ports/store/compact-copies.ts';

let folder: string;
let server: Server;
let endpoint: string;
const objects = new Map<string, Buffer>();
/** Instead of an answer of the bucket; null: it answers. */
let refusal: number | null = null;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'bellows-copies-test-'));
  server = createServer((request, response) => {
    const body: Buffer[] = [];
    request.on('data', (part: Buffer) => body.push(part));
    request.on('end', () => {
      const path = (request.url ?? '').split('?')[0] ?? '';
      if (request.method === 'PUT' && refusal === null) objects.set(path, Buffer.concat(body));
      const found = objects.get(path);
      const status = refusal ?? (request.method === 'PUT' || found ? 200 : 404);
      response.writeHead(status).end(request.method === 'GET' && status === 200 ? found : undefined);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  endpoint = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
});

afterAll(async () => {
  rmSync(folder, { recursive: true });
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

function inBucket(): CompactCopies {
  const credentials = () => ({ accessKeyId: 'AKIATEST', secretAccessKey: 'planted' });
  return new S3CompactCopies({ region: 'us-east-1', credentials, endpoint, bucket: 'outputs' });
}

describe.each([
  ['memory', (): CompactCopies => new MemoryCompactCopies()],
  ['a folder', (): CompactCopies => new LocalCompactCopies(folder)],
  ['a bucket', inBucket],
])('in %s', (_where, open) => {
  test('what was written comes back, to the byte, and what is written again replaces it', async () => {
    const copies = open();
    expect(await copies.read('default/0/manifest')).toBeNull();
    for (const length of [0, 3, 200_000]) {
      const bytes = Uint8Array.from({ length }, (_, at) => (at * 7) % 256);
      await copies.write('default/0/manifest', bytes);
      expect(Buffer.from((await copies.read('default/0/manifest')) ?? [1]).equals(bytes)).toBe(true);
    }
    expect(await copies.read('default/1/manifest')).toBeNull();
  });

  test.each(['', '../x/0/1', 'default/0', 'default/0/..', 'default/0/1/2'])('%s is no name', async (name) => {
    await expect(open().read(name)).rejects.toThrow('no name of a copy');
    await expect(open().write(name, new Uint8Array())).rejects.toThrow('no name of a copy');
  });
});

test('a bucket that refuses is unavailable, whatever it refuses', async () => {
  refusal = 403;
  await expect(inBucket().read('default/0/0')).rejects.toThrow(CopiesUnavailableError);
  await expect(inBucket().write('default/0/0', new Uint8Array(3))).rejects.toThrow('could not be written');
  refusal = null;
});

test('a folder that is none is unavailable', async () => {
  writeFileSync(join(folder, 'file'), '');
  const copies = new LocalCompactCopies(join(folder, 'file'));
  await expect(copies.read('default/0/0')).rejects.toThrow(CopiesUnavailableError);
  await expect(copies.write('default/0/0', new Uint8Array(3))).rejects.toThrow(CopiesUnavailableError);
});

test('writes in a folder that fail leave no more than one file behind', async () => {
  const copies = new LocalCompactCopies(folder);
  mkdirSync(join(folder, 'full', '0', 'manifest', 'in-the-way'), { recursive: true });
  for (let n = 0; n < 3; n += 1)
    await expect(copies.write('full/0/manifest', new Uint8Array(5))).rejects.toThrow(CopiesUnavailableError);
  expect(readdirSync(join(folder, 'full', '0'))).toEqual(['manifest', 'manifest.new']);
});
