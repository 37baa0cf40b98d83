// The Python client as users have it: built into a wheel, installed, type-checked by mypy, used against the embedded
// server, and its signatures against botocore's own.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startLocal } from '../local-server.ts';
import type { LocalServerProcess } from '../local-server.ts';
import { pythonBin } from '../tools.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'bellows-python-client-'));
const installed = join(folder, 'installed');
let python: string;
let local: LocalServerProcess;

function run(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  return spawnSync(python, args, {
    ...{ cwd: folder, encoding: 'utf8', timeout: 300_000 },
    env: { PATH: process.env['PATH'], PYTHONPATH: installed, ...env },
  });
}

beforeAll(async () => {
  const packages = ['mypy==2.4.1', 'setuptools==84.2.1', 'botocore==1.44.8'];
  python = join(pythonBin('python-client', packages), 'python');
  cpSync(join(root, 'clients/python'), join(folder, 'source'), { recursive: true });
  const pip = ['-m', 'pip', '--disable-pip-version-check', '--quiet'];
  const built = run([...pip, 'wheel', '--no-deps', '--no-build-isolation', '--wheel-dir', folder, './source']);
  expect([built.status, built.stderr]).toEqual([0, expect.any(String)]);
  const wheel = readdirSync(folder).find((name) => name.endsWith('.whl')) ?? '';
  const done = run([...pip, 'install', '--no-deps', '--target', installed, join(folder, wheel)]);
  expect([done.status, done.stderr]).toEqual([0, expect.any(String)]);
  local = await startLocal(['--empty']);
}, 660_000);
afterAll(async () => {
  await local.stop();
  rmSync(folder, { recursive: true, force: true });
});

test('mypy finds nothing in it, and finds what a user gets wrong', () => {
  const checked = run(['-m', 'mypy', '--strict', '-p', 'bellows'], { MYPYPATH: installed });
  expect([checked.stdout, checked.status]).toEqual([expect.stringContaining('Success: no issues found'), 0]);
  const wrong =
    'from bellows import Bellows\nBellows("http://x").submit({"type": "task", "resources": {"vcpu": "one"}})';
  expect(run(['-m', 'mypy', '-c', wrong], { MYPYPATH: installed }).stdout).toContain('error:');
});

test.each(['against_a_server', 'repeats', 'signatures'])('%s', (name) => {
  const done = run([join(root, 'test/peers/python/client_check.py'), name], { BELLOWS_URL: local.url });
  expect([done.stdout, done.stderr]).toEqual([`${name}: ok\n`, '']);
});
