import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createHash, randomBytes } from 'node:crypto';
import {
  chmodSync,
  createReadStream,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { unpack } from '../../../agent/tasks/given/unpack.ts';
import { packInto } from '../../../cli/input/upload/pack.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'bellows-pack-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

function source(name: string, order: readonly string[]): string {
  const top = join(folder, name);
  mkdirSync(join(top, 'src'), { recursive: true });
  for (const one of order) writeFileSync(join(top, one), `content of ${one}`);
  chmodSync(join(top, 'build.sh'), 0o755);
  symlinkSync('src/main.c', join(top, 'link'));
  linkSync(join(top, 'build.sh'), join(top, 'again.sh'));
  return top;
}

const long = `src/${'a'.repeat(140)}.c`;
const files = ['build.sh', 'src/main.c', '@odd', 'grüße.txt', long];

test('the same files make the same bytes, whenever and in whatever order they were written', async () => {
  const first = source('one', files);
  const second = source('two', [...files].reverse());
  utimesSync(join(second, 'build.sh'), 5, 5);
  const [a, b] = [await packInto(join(folder, 'a'), first), await packInto(join(folder, 'b'), second)];
  expect(a).toEqual(b);
  const bytes = readFileSync(join(folder, 'a'));
  expect([a.bytes, a.sha256]).toEqual([bytes.length, createHash('sha256').update(bytes).digest('hex')]);
  chmodSync(join(second, 'build.sh'), 0o644);
  expect((await packInto(join(folder, 'b'), second)).sha256).not.toBe(a.sha256);
});

test('what was packed is unpacked as it was: contents, programs, links, names', async () => {
  const top = source('three', files);
  await packInto(join(folder, 'c'), top);
  const target = join(folder, 'unpacked');
  mkdirSync(target);
  await unpack(createReadStream(join(folder, 'c')), target, new AbortController().signal);
  expect(readdirSync(target, { recursive: true }).sort()).toEqual(readdirSync(top, { recursive: true }).sort());
  for (const one of files) expect(readFileSync(join(target, one), 'utf8')).toBe(`content of ${one}`);
  expect(readlinkSync(join(target, 'link'))).toBe('src/main.c');
  expect([lstatSync(join(target, 'build.sh')).mode & 0o777, lstatSync(join(target, 'again.sh')).nlink]).toEqual([
    0o755, 1,
  ]);
});

test('a file is packed by its name, and what is too large says what to leave out', async () => {
  const top = source('four', files);
  mkdirSync(join(top, 'data'));
  writeFileSync(join(top, 'data', 'big'), randomBytes(3_000_000));
  expect(await packInto(join(folder, 'd'), join(top, 'build.sh'))).toMatchObject({ files: 1, leftOut: [] });
  await expect(packInto(join(folder, 'd'), top, 1_000_000)).rejects.toThrow(
    /four is more than 1 MiB when it is packed; the largest in it: data \(3 MiB\)/,
  );
  await expect(packInto(join(folder, 'd'), join(top, 'none'))).rejects.toThrow('there is no ');
});
