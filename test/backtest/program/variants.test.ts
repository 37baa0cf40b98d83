// Variants of a command line: files, sweeps and baselines, and what is refused.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { parseBacktest, variantsMax } from '../../../lib/backtest/program/options.ts';
import { awsBehaviour, withBoot } from '../../../lib/backtest/world/behaviour.ts';
import { variantsOf } from '../../../lib/backtest/program/variants.ts';
import { parseVary } from '../../../lib/backtest/program/vary.ts';

const folder = mkdtempSync(join(tmpdir(), 'backtest-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

const pool = file('small.yaml', 'requirements: {arch: [amd64]}\nlimits: {vcpu: 8}\n');

describe('variants', () => {
  test('are files by name, each value of a sweep, and baselines that buy what the first may', () => {
    const sweeps = [parseVary('pool.idleAfterSeconds=15,300'), parseVary('pool.limits.instances=2,4')];
    const variants = variantsOf([pool], ['fixed'], sweeps);
    expect(variants.map((one) => one.name)).toEqual([
      'small idleAfterSeconds=15 instances=2',
      'small idleAfterSeconds=15 instances=4',
      'small idleAfterSeconds=300 instances=2',
      'small idleAfterSeconds=300 instances=4',
      'fixed',
    ]);
    expect(variants[2]?.pools[0]).toMatchObject({ idleAfterMs: 300_000, limits: { vcpu: 8, instances: 2 } });
    expect(variants[4]).toMatchObject({ baseline: 'fixed', pools: [{ idleAfterMs: 15_000 }] });
  });

  test('of one name are told apart, and several pools in a file are one variant', () => {
    const two = file('two.yaml', 'name: a\n---\nname: b\npriority: 3\n');
    expect(variantsOf([pool, pool, two], []).map((one) => [one.name, one.pools.length])).toEqual([
      ['small', 1],
      ['small-2', 1],
      ['two', 2],
    ]);
  });

  test.each([
    ['tasksPerNode: none\n', 'tasksPerNode must be'],
    ['name: a\n---\nname: a\n', 'names a pool twice'],
    ['name: a\n---\npriority: 1\n', 'has no name; one of several needs it'],
    ['limits: [\n', 'wrong.yaml'],
    ['', 'wrong.yaml'],
  ])('that cannot be read are refused with their place: %j', (text, message) => {
    expect(() => variantsOf([file('wrong.yaml', text)], [])).toThrow(message);
  });
});

test('a pool with several errors is refused with each of them, and with what was meant', () => {
  const wrong = file('errors.yaml', 'bogus: 3\nidleAfterSecond: 5\npriority: high\n');
  expect(() => variantsOf([wrong], [])).toThrow(
    `${wrong}, pool 1: priority must be a whole number from -1000000 to 1000000\n`
      + '  also: bogus is not a known field; remove it or check its spelling\n'
      + '  also: idleAfterSecond is not a known field; did you mean idleAfterSeconds?',
  );
  const two = file('several.yaml', 'name: a\nbogus: 1\n---\nname: b\nbogus: 2\n');
  expect(() => variantsOf([wrong, two, join(folder, 'none.yaml')], [])).toThrow(
    /errors.yaml, pool 1: (?:.*\n){3}\S+several.yaml, pool 1: .*\n\S+several.yaml, pool 2: .*\ncannot read .*none.yaml/,
  );
  const many = Array.from({ length: 14 }, (_, at) => `strange${String(at)}: 1`);
  expect(() => variantsOf([file('many.yaml', many.join('\n'))], [])).toThrow(/strange9[^\n]*\n {2}and 4 more$/);
});

describe('a command line', () => {
  const parse = (...more: readonly string[]) => parseBacktest(['--trace', 'x.csv', '--pool', pool, ...more]);

  test('is read', () => {
    expect(parse('--from', '90m', '--vary', 'pool.idleAfterSeconds=1,2', '--baseline', 'all')).toMatchObject({
      from: 5_400,
      vary: [{ path: ['idleAfterSeconds'], values: [1, 2] }],
      baseline: ['all'],
    });
  });

  test.each([
    ['60', 60, { minMs: 11_250, maxMs: 18_750 }, { minMs: 33_750, maxMs: 56_250 }],
    ['30-90', { minS: 30, maxS: 90 }, { minMs: 7_500, maxMs: 22_500 }, { minMs: 22_500, maxMs: 67_500 }],
    [
      '60~0.5',
      { medianS: 60, sigma: 0.5 },
      { medianMs: 15_000, sigma: 0.5, maxMs: 300_000 },
      { medianMs: 45_000, sigma: 0.5, maxMs: 900_000 },
    ],
  ])('says how long nodes boot: %s', (text, speedOfBoot, launchMs, bootMs) => {
    expect(parse('--speed-of-boot', text)).toMatchObject({ speedOfBoot });
    expect(withBoot(awsBehaviour, speedOfBoot)).toMatchObject({ launchMs, bootMs });
  });

  test.each([
    [['--vary', 'idleAfterSeconds=1'], 'is no sweep'],
    [['--vary', 'pool.a=1', '--vary', 'pool.b=1', '--vary', 'pool.c=1'], 'At most 2 settings'],
    [['--baseline', 'kubernetes'], 'must be one of fixed'],
    [['--from', 'noon'], 'seconds, or like 90m'],
    [['--scale-demand', '0'], 'over 0'],
    [['--speed-of-boot', '90-30'], 'must not be over'],
    [['--speed-of-boot', 'fast'], 'over 0 and at most 3600'],
    [['--speed-of-boot', '60~9'], 'over 0 and at most 3'],
    [['--vary', 'pool.a=1,2,3,4,5,6', '--vary', 'pool.b=1,2,3,4,5,6'], `at most ${String(variantsMax)} variants`],
  ])('that is wrong ends with exit 2 and says why: %j', (args, message) => {
    expect(parse(...args)).toMatchObject({ exitCode: 2, print: expect.stringContaining(message) });
  });
});
