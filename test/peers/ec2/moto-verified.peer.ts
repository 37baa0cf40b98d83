// Those of moto's tests of EC2 that its authors have run against AWS (marker aws_verified), on the EC2 simulator: from
// moto's published source, which is fetched when the test runs. A test may fail only where the simulator has said in it
// that something is not modelled.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { pythonBin } from '../tools.ts';
import { root, run, startProgram } from './simulator.ts';
import type { SimulatorProgram } from './simulator.ts';

const folder = mkdtempSync(join(tmpdir(), 'bellows-moto-'));
const version = '5.2.5';
let bin: string;
let simulator: SimulatorProgram;

beforeAll(async () => {
  bin = pythonBin('moto-tests', [
    `moto[ec2,server]==${version}`,
    'pytest==9.2.0',
    'boto3==1.44.8',
    'freezegun==1.5.5',
    'sure==2.0.1',
  ]);
  const pip = ['-m', 'pip', 'download', '--quiet', '--disable-pip-version-check', '--no-deps'];
  execFileSync(join(bin, 'python'), [...pip, '--no-binary', ':all:', '-d', folder, `moto==${version}`]);
  execFileSync('tar', ['xzf', `moto-${version}.tar.gz`], { cwd: folder });
  simulator = await startProgram('--instant', '--throttling', 'off');
}, 1_200_000);
afterAll(async () => {
  await simulator.stop();
  rmSync(folder, { recursive: true, force: true });
});

interface Ended {
  readonly test: string;
  readonly outcome: 'passed' | 'failed' | 'skipped';
  readonly refused: readonly string[];
}

test('they pass, but for what is not modelled', () => {
  const file = join(folder, 'refusals.jsonl');
  const env = {
    ...simulator.env,
    MOTO_TEST_ALLOW_AWS_REQUEST: 'true',
    PYTHONPATH: join(root, 'test/peers/ec2/python'),
    REFUSALS_FILE: file,
  };
  const args = [
    '-m',
    'pytest',
    '-q',
    '-m',
    'aws_verified',
    '-p',
    'refusals',
    '-p',
    'no:cacheprovider',
    'tests/test_ec2',
  ];
  const ran = run(join(bin, 'python'), args, { cwd: join(folder, `moto-${version}`), env });
  // 1: some have failed; more than that is a run that was not one.
  if (ran.status !== 0 && ran.status !== 1) throw new Error(ran.stdout.slice(-4_000) + ran.stderr);
  const ended = readFileSync(file, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Ended);
  const failed = ended.filter((one) => one.outcome === 'failed');
  expect(failed.filter((one) => one.refused.length === 0).map((one) => one.test)).toEqual([]);
  expect(ended.filter((one) => one.outcome === 'passed').length).toBeGreaterThanOrEqual(50);
  const reasons = [...new Set(failed.flatMap((one) => one.refused))].sort();
  console.log(
    `${String(ended.length - failed.length)} of ${String(ended.length)} pass; not modelled: ${reasons.join('; ')}`,
  );
}, 600_000);
