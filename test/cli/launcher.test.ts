// `./bellows` itself: from anywhere, through a link, and anew when a source has changed.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

const root = fileURLToPath(new URL('../../', import.meta.url));
const current = join(root, 'node_modules/.cache/bellows-cli/current.json');
const bellows = (...args: readonly string[]) => spawnSync(join(root, 'bellows'), args, { encoding: 'utf8' });
const read = () => JSON.parse(readFileSync(current, 'utf8')) as { folder: string; sources: [string, number, number][] };

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'bellows-launcher-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

test('it says its version, through a link and from another folder', () => {
  symlinkSync(join(root, 'bellows'), join(folder, 'linked'));
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
  expect(execFileSync('./linked', ['--version'], { cwd: folder, encoding: 'utf8' })).toBe(`${version}\n`);
});

test('the bundle is kept while its sources are the same, and built anew when one has changed or it is cut off', () => {
  expect(bellows('--version').status).toBe(0);
  const before = read();
  expect(bellows('--version').status).toBe(0);
  expect(read().folder).toBe(before.folder);
  expect(before.sources.map(([path]) => path)).toEqual(expect.arrayContaining(['cli/main.ts', 'package-lock.json']));
  const changed = before.sources.map(([path, mtimeMs, size], at) => [path, at === 0 ? mtimeMs - 1 : mtimeMs, size]);
  for (const text of [JSON.stringify({ ...before, sources: changed }), '{"folder"']) {
    writeFileSync(current, text);
    const done = bellows('pool', 'aply');
    expect([done.status, done.stderr]).toEqual([2, expect.stringContaining('(Did you mean apply?)')]);
    expect(read().folder).not.toBe(before.folder);
  }
});

test('the bundle prints YAML, which it loads when it is asked for', () => {
  writeFileSync(join(folder, 'demand.csv'), 'id,vcpu,memory_mib,gpu\na,1,512,0\n');
  const done = bellows('plan', '-f', join(folder, 'demand.csv'), '--iterations', '1', '-o', 'yaml');
  expect([done.status, done.stderr]).toEqual([0, '']);
  expect(done.stdout).toMatch(/^launches:$/m);
});

describe('completion', () => {
  test.each([
    [['bellows', 'pool', 'a'], ['apply']],
    [['bellows', '--json', 'pool', 'apply', '--f'], ['--file']],
    [['bellows', 'completion', 'f'], []],
    [['bellows', 'comp'], ['completion']],
  ])('bash completes %j', (words, expected) => {
    const script = bellows('completion', 'bash').stdout;
    const row = words.map((word) => `'${word}'`).join(' ');
    const ask = `COMP_WORDS=(${row}); COMP_CWORD=${String(words.length - 1)}; _bellows; echo "\${COMPREPLY[@]}"`;
    const out = execFileSync('bash', ['-c', `cd ${folder}\n${script}\n${ask}`], { encoding: 'utf8' });
    expect(out.split(/\s+/).filter((one) => one !== '')).toEqual(expected);
  });

  test('the scripts for zsh and fish know every command, and an unknown shell is refused', () => {
    for (const shell of ['zsh', 'fish']) {
      const script = bellows('completion', shell).stdout;
      for (const word of ['requests', 'completion', 'apply', 'gpu-memory']) expect(script).toContain(word);
    }
    expect(bellows('completion', 'tcsh').status).toBe(2);
  });
});
