// Where the Node.js of nodes comes from: nothing but the pinned archive is ever taken, and what is wrong is named.
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { NodeRuntimeError, nodeArchives, pinnedRelease } from '../../../lib/infra/compute/node-runtime.ts';
import type { PinnedRelease } from '../../../lib/infra/compute/node-runtime.ts';

const folder = mkdtempSync(join(tmpdir(), 'bellows-node-runtime-'));
const mirrored = join(folder, 'mirror', 'v1.2.3');
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const release: PinnedRelease = {
  version: '1.2.3',
  sha256: { amd64: sha256('x64 bytes'), arm64: sha256('arm64 bytes') },
};
const names = { amd64: 'node-v1.2.3-linux-x64.tar.gz', arm64: 'node-v1.2.3-linux-arm64.tar.gz' };
let mirror: ChildProcess;
let url = '';

/** In a process of its own: what fetches waits for it synchronously. */
const server = `
const { createServer } = require('node:http');
const { existsSync, readFileSync } = require('node:fs');
const one = createServer(({ url }, response) => {
  const file = process.argv[1] + url;
  if (existsSync(file)) response.end(readFileSync(file));
  else response.writeHead(404).end();
}).listen(0, '127.0.0.1', () => console.log(one.address().port));
`;

beforeAll(async () => {
  mkdirSync(mirrored, { recursive: true });
  writeFileSync(join(mirrored, names.amd64), 'x64 bytes');
  writeFileSync(join(mirrored, names.arm64), 'arm64 bytes');
  mirror = spawn(process.execPath, ['-e', server, join(folder, 'mirror')], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [port] = (await once(mirror.stdout ?? mirror, 'data')) as [Buffer];
  url = `http://127.0.0.1:${port.toString().trim()}`;
});

afterAll(async () => {
  mirror.kill();
  await once(mirror, 'exit');
  rmSync(folder, { recursive: true });
});

test("the pinned release is the one that the project's own tests run on", () => {
  const { devDependencies } = JSON.parse(readFileSync('package.json', 'utf8')) as {
    readonly devDependencies: Readonly<Record<string, string>>;
  };
  expect(devDependencies['node']).toBe(pinnedRelease.version);
});

test('a mirror is asked once; what it gave is kept, and is looked at again each time', () => {
  const cacheDir = join(folder, 'cache');
  const archives = nodeArchives(`${url}/`, { release, cacheDir });
  expect(readdirSync(cacheDir).sort()).toEqual([names.arm64, names.amd64]);
  expect(readFileSync(archives.arm64.file, 'utf8')).toBe('arm64 bytes');
  expect(archives.amd64.sha256).toBe(release.sha256.amd64);
  expect(nodeArchives('http://127.0.0.1:1', { release, cacheDir })).toEqual(archives);
  writeFileSync(archives.amd64.file, 'other bytes');
  expect(() => nodeArchives(url, { release, cacheDir })).toThrow(/delete it, and the next run fetches it again/);
});

test.each<[what: string, from: () => string, sums: PinnedRelease, says: RegExp]>([
  ['a mirror without it', () => `${url}/none`, release, /none\/v1\.2\.3\/.*it answers 404; name a mirror/],
  ['nobody at the address', () => 'http://127.0.0.1:1', release, /cannot be fetched: .*; name a mirror/],
  [
    'a mirror with something else',
    () => url,
    { ...release, sha256: { ...release.sha256, amd64: sha256('x') } },
    /has the SHA-256 .*, not .*; .* is not what Node\.js released/,
  ],
  [
    'a folder without it',
    () => join(folder, 'empty'),
    release,
    /empty\/node-v1\.2\.3-linux-x64\.tar\.gz is not there; put/,
  ],
])('is refused: %s', (_what, from, sums, says) => {
  const cacheDir = join(folder, 'cache-of-refused');
  expect(() => nodeArchives(from(), { release: sums, cacheDir })).toThrow(NodeRuntimeError);
  expect(() => nodeArchives(from(), { release: sums, cacheDir })).toThrow(says);
  expect(existsSync(cacheDir) ? readdirSync(cacheDir) : []).toEqual([]);
});

test('a folder has the archives by their own names, and archives of your own have your SHA-256', () => {
  const archives = nodeArchives(mirrored, { release });
  expect(archives.arm64.file).toBe(join(mirrored, names.arm64));
  expect(nodeArchives(archives)).toEqual(archives);
  const wrong = { ...archives, arm64: { ...archives.arm64, sha256: sha256('y') } };
  expect(() => nodeArchives(wrong)).toThrow(/give the archive that has the SHA-256 which you give/);
});
