// Deleting what tasks leave: all of it, nothing else, and without an end for the one who deletes.
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  chmodSync,
  chownSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { NotRemovedError, removeTree } from '../../../lib/adapters/system/remove-tree.ts';

const isRoot = process.getuid?.() === 0;
const nobody = 65_534;
let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'bellows-remove-'));
});
afterEach(() => {
  rmSync(dir, { recursive: true, force: true });
});

function wild(prefix: readonly string[]): unknown {
  const outside = join(dir, 'outside');
  mkdirSync(outside);
  writeFileSync(join(outside, 'kept'), '');
  mkdirSync(join(dir, 'task'));
  if (prefix.length > 0) {
    for (const path of [tmpdir(), dir]) chmodSync(path, 0o711);
    for (const path of [dir, join(dir, 'task')]) chownSync(path, nobody, nobody);
  }
  const [program = '', ...args] = [
    ...prefix,
    process.execPath,
    '--disable-warning=ExperimentalWarning',
    resolve('test/adapters/system/wild-folder.ts'),
    join(dir, 'task'),
    outside,
  ];
  return JSON.parse(execFileSync(program, args, { encoding: 'utf8', cwd: '/' }));
}

test(
  'read-only and closed folders, odd names, pipes, sockets, links, and ' + 'a tree that is deeper than a path is long',
  () => {
    expect(wild([])).toEqual({ reason: null, isThere: false, outside: true });
  },
);

(isRoot ? test : test.skip)('the same as a user who may not do everything', () => {
  expect(wild(['setpriv', `--reuid=${String(nobody)}`, `--regid=${String(nobody)}`, '--clear-groups', '--'])).toEqual({
    reason: null,
    isThere: false,
    outside: true,
  });
});

test('nothing, a file, and a link in the place of the folder', async () => {
  await removeTree(join(dir, 'nothing'));
  writeFileSync(join(dir, 'file'), '');
  await removeTree(join(dir, 'file'));
  mkdirSync(join(dir, 'kept'));
  symlinkSync(join(dir, 'kept'), join(dir, 'link'));
  await removeTree(join(dir, 'link'));
  expect(['file', 'link', 'kept'].map((name) => existsSync(join(dir, name)))).toEqual([false, false, true]);
});

test('files that are made meanwhile', async () => {
  const task = join(dir, 'task');
  mkdirSync(task);
  for (let n = 0; n < 200; n += 1) writeFileSync(join(task, String(n)), '');
  const making = setInterval(() => {
    if (existsSync(task)) writeFileSync(join(task, `late-${String(Math.random())}`), '');
  }, 1);
  setTimeout(() => {
    clearInterval(making);
  }, 40);
  await removeTree(task);
  clearInterval(making);
  expect(existsSync(task)).toBe(false);
});

(isRoot ? test : test.skip)('what may not be deleted is named; all else goes; it goes as soon as it may', async () => {
  const task = join(dir, 'task');
  mkdirSync(join(task, 'a', 'b'), { recursive: true });
  for (const file of ['stays', 'goes']) writeFileSync(join(task, 'a', 'b', file), '');
  writeFileSync(join(task, 'goes'), '');
  try {
    execFileSync('chattr', ['+i', join(task, 'a', 'b', 'stays')]);
  } catch (error) {
    return expect(String(error)).toMatch(/chattr/); // this file system has no such flags
  }
  const error = await removeTree(task).catch((one: unknown) => one);
  const left = execFileSync('find', [task, '-type', 'f'], { encoding: 'utf8' });
  execFileSync('chattr', ['-R', '-i', task]);
  expect(error).toBeInstanceOf(NotRemovedError);
  expect(error).toMatchObject({ reason: 'EPERM', message: expect.stringContaining('stays') as unknown });
  expect(left.trim().split('\n')).toEqual([expect.stringMatching(/stays$/)]);
  await removeTree(task);
  expect(existsSync(task)).toBe(false);
});

(isRoot ? test : test.skip)('what is mounted inside is not the folder’s', async () => {
  const [task, data] = [join(dir, 'task'), join(dir, 'data')];
  mkdirSync(join(task, 'mounted'), { recursive: true });
  mkdirSync(data);
  writeFileSync(join(data, 'kept'), 'of a volume');
  try {
    execFileSync('mount', ['--bind', data, join(task, 'mounted')], { stdio: 'ignore' });
  } catch (error) {
    return expect(String(error)).toMatch(/mount/); // a container without the right to mount
  }
  try {
    await expect(removeTree(task)).rejects.toMatchObject({ reason: 'EBUSY' });
    expect(readFileSync(join(data, 'kept'), 'utf8')).toBe('of a volume');
  } finally {
    execFileSync('umount', ['--recursive', join(task, 'mounted')]);
  }
  await removeTree(task);
  expect([existsSync(task), existsSync(join(data, 'kept'))]).toEqual([false, true]);
});
