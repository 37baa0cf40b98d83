// The command from its arguments to what is printed: the runs themselves are made in this process.
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { runBacktest } from '../../../lib/backtest/program/backtest-command.ts';
import { ReportFileError } from '../../../lib/backtest/program/report-file.ts';
import { runVariant } from '../../../lib/backtest/program/run-variant.ts';

const folder = mkdtempSync(join(tmpdir(), 'backtest-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

const head = 'submit_s,duration_s,vcpu,memory_mib,gpu,count';
const trace = file('one.csv', `${head}\n0,600,1,1024,0,1\n`);
const poolOf = (types: string): string => `requirements: {instanceType: [${types}], capacityType: [on-demand]}\n`;
const pool = file('small.yaml', poolOf('m5.large'));

interface Ran {
  exit: number | string;
  runs: number;
  out: string;
  err: string;
}

/** `onRun`: what happens while the variants run. */
async function run(args: readonly string[], onRun: () => void = () => undefined): Promise<Ran> {
  const ran: Ran = { exit: '', runs: 0, out: '', err: '' };
  try {
    ran.exit = await runBacktest(args, {
      out: (text) => (ran.out += text),
      say: (line) => (ran.err += `${line}\n`),
      run: async ({ variants, options }) => {
        ran.runs += variants.length;
        onRun();
        return Promise.all(variants.map((variant) => runVariant(variant, options, () => undefined)));
      },
    });
  } catch (error) {
    if (!(error instanceof ReportFileError)) throw error;
    ran.exit = error.message;
  }
  return ran;
}

describe('--report', () => {
  test('to a path that cannot be written ends before the run, with exit 2', async () => {
    const path = join(folder, 'nowhere', 'out.html');
    const ran = await run(['--trace', trace, '--pool', pool, '--report', path]);
    expect(ran).toMatchObject({ exit: 2, runs: 0, out: '' });
    expect(ran.err).toMatch(/^bellows: the report cannot be written to \S+nowhere.out.html: .*ENOENT/);
    expect((await run(['--trace', trace, '--pool', pool, '--report', folder])).err).toContain('EISDIR');
  });

  test('is written beside the figures, and was not there while they were made', async () => {
    const path = join(folder, 'out.html');
    const seen: boolean[] = [];
    const ran = await run(['--trace', trace, '--pool', pool, '--report', path], () => seen.push(existsSync(path)));
    expect(ran).toMatchObject({ exit: 0, runs: 1, err: '' });
    expect(ran.out).toContain('cost, USD');
    expect(seen).toEqual([false]);
    expect(readFileSync(path, 'utf8')).toContain('<h1>Back-test of one.csv</h1>');
  });

  test('that cannot be written in the end leaves the figures', async () => {
    const gone = join(folder, 'gone');
    mkdirSync(gone);
    const args = ['--trace', trace, '--pool', pool, '--json', '--report', join(gone, 'out.html')];
    const ran = await run(args, () => rmSync(gone, { recursive: true }));
    expect(ran.exit).toMatch(/out.html: .*ENOENT/);
    expect(JSON.parse(ran.out)).toMatchObject({ variants: [{ name: 'small', tasks: { ended: 1 } }] });
  });
});

describe('what did not run', () => {
  const mixed = file('mixed.csv', `${head}\n0,600,1,1024,0,1\n0,600,6,1024,0,3\n`);
  const large = file('large.yaml', poolOf('m5.large, m5.2xlarge'));

  test('is not cheaper for it', async () => {
    const ran = await run(['--trace', mixed, '--pool', pool, '--pool', large, '--no-oracle', '--json']);
    const { comparison, variants } = JSON.parse(ran.out) as { comparison: object; variants: readonly object[] };
    expect(ran.exit).toBe(0);
    expect(comparison).toMatchObject({ tasks: 4, ran: 4, comparable: ['large'], cheapest: 'large' });
    expect(variants).toMatchObject([
      { tasks: { ran: 1, refused: 3 }, kind: 'pool' },
      { tasks: { ran: 4, refused: 0 } },
    ]);
  });

  test('leaves nothing to compare where it is all: exit 1, and a sentence', async () => {
    const big = file('big.csv', `${head}\n0,600,6,1024,0,3\n`);
    const ran = await run(['--trace', big, '--pool', pool, '--baseline', 'fixed', '--no-oracle']);
    expect(ran.exit).toBe(1);
    expect(ran.err).toContain('bellows: Nothing ran: no variant ran any of the 3 tasks to its end');
    expect(ran.out).toContain('Nothing ran:');
    expect(ran.out).toContain('small refused line 2:');
  });

  test('is not below the bound of all', async () => {
    const columns = `${head},node,node_type`;
    const part = file('part.csv', `${columns}\n0,600,1,1024,0,1,n1,m5.large\n0,600,1,1024,0,3,,\n`);
    const ran = await run(['--trace', part, '--pool', pool, '--baseline', 'recorded', '--no-oracle', '--json']);
    const [whole, recorded] = (JSON.parse(ran.out) as { variants: readonly object[] }).variants;
    expect(recorded).toMatchObject({ tasks: { ran: 1, refused: 3 }, aboveBoundPercent: null });
    expect(whole).toMatchObject({ tasks: { ran: 4 }, aboveBoundPercent: expect.any(Number) });
  });

  test('does not make the setting of a baseline the best one', async () => {
    const ran = await run(['--trace', mixed, '--pool', large, '--baseline', 'batch-like', '--no-oracle', '--json']);
    const [, batch] = (JSON.parse(ran.out) as { variants: readonly object[] }).variants;
    expect(batch).toMatchObject({ tasks: { ran: 4, unfinished: 0 }, settings: { vcpuMax: 16 } });
  });

  test('is all of a baseline that knows none of the types of the pool', async () => {
    const burstable = file('burstable.yaml', poolOf('t3.large'));
    const ran = await run(['--trace', trace, '--pool', burstable, '--baseline', 'fixed', '--no-oracle']);
    expect(ran.exit).toBe(0);
    expect(ran.out).toContain('fixed ran none of 1 tasks: its cost is not compared.');
    expect(ran.out).toContain('fixed refused line 2: the pool may buy no type that fixed is tried with');
  });
});
