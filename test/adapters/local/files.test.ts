// Addresses of files on a laptop: each is for one file, one way, one content and a time.
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync, utimesSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startHttpServer } from '../../../lib/adapters/local/http-server.ts';
import type { HttpServer } from '../../../lib/adapters/local/http-server.ts';
import { LocalFiles } from '../../../lib/adapters/local/kept/files.ts';
import { uploadKey } from '../../../lib/control/store/file-keys.ts';
import { RecordingLog } from '../../lambdas/calls.ts';

let dir: string;
let files: LocalFiles;
let server: HttpServer;
let nowMs = 1_000_000;
beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'bellows-files-'));
  files = new LocalFiles({ dir, secret: 'planted', nowMs: () => nowMs });
  const none = async (): Promise<{ statusCode: number }> => ({ statusCode: 501 });
  server = await startHttpServer({ port: 0, api: none, agent: none, files, log: new RecordingLog(), nowMs: () => 0 });
});
afterEach(async () => {
  await server.close(0);
  rmSync(dir, { recursive: true });
});

const body = 'content';
const content = { sha256: createHash('sha256').update(body).digest('hex'), bytes: body.length };
const key = uploadKey('tenant', content.sha256);

async function call(method: string, path: string, sent?: string): Promise<readonly [number, string]> {
  const response = await fetch(`${server.url}${path}`, { method, ...(sent === undefined ? {} : { body: sent }) });
  return [response.status, await response.text()];
}

test('what is sent there can be fetched, by an address of its own', async () => {
  expect(await files.look(key)).toBe(null);
  const { url } = await files.uploadTo(key, content);
  expect(await call('PUT', url, body)).toEqual([200, '']);
  expect(await files.look(key)).toMatchObject({ bytes: 7 });
  expect(await call('GET', await files.downloadFrom(key))).toEqual([200, body]);
  expect((await call('GET', await files.downloadFrom(uploadKey('other', content.sha256))))[0]).toBe(404);
});

test('another content, length, way, file, secret or time is refused, and leaves nothing', async () => {
  const { url } = await files.uploadTo(key, content);
  const get = await files.downloadFrom(key);
  expect((await call('PUT', url, 'CONTENT'))[0]).toBe(400);
  expect((await call('PUT', url, 'content and more'))[0]).toBe(400);
  expect((await call('GET', url))[0]).toBe(403);
  expect((await call('PUT', get, body))[0]).toBe(403);
  expect((await call('DELETE', url))[0]).toBe(405);
  expect((await call('PUT', url.replace('/uploads/', '/uploads/..%2f'), body))[0]).toBe(403);
  expect((await call('PUT', url.replace('bytes=7', 'bytes=8'), body))[0]).toBe(403);
  expect((await call('GET', get.replace(/mac=.*/, '')))[0]).toBe(403);
  const others = new LocalFiles({ dir, secret: 'another', nowMs: () => nowMs });
  expect((await call('GET', await others.downloadFrom(key)))[0]).toBe(403);
  nowMs += 3_600_001;
  expect((await call('PUT', url, body))[1]).toContain('has expired');
  expect(readdirSync(dir, { recursive: true, withFileTypes: true }).filter((one) => one.isFile())).toEqual([]);
});

test('a page of another origin cannot send there, nor a foreign host', async () => {
  const { url } = await files.uploadTo(key, content);
  const response = await fetch(`${server.url}${url}`, {
    method: 'PUT',
    body,
    headers: { origin: 'https://evil.test' },
  });
  expect(response.status).toBe(403);
});

test('what is old is deleted', async () => {
  const { url } = await files.uploadTo(key, content);
  await call('PUT', url, body);
  utimesSync(join(dir, key), 5, 5);
  await files.prune(4_000);
  expect(await files.look(key)).not.toBe(null);
  await files.prune(6_000);
  expect(await files.look(key)).toBe(null);
});
