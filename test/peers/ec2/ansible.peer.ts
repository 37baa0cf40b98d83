// Ansible's amazon.aws on the EC2 simulator: a playbook makes a network with an instance, its disk and its address, and
// changes nothing when it is played again; another takes all of it away, and finds nothing left the second time.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { pythonBin } from '../tools.ts';
import { root, run, startProgram } from './simulator.ts';
import type { SimulatorProgram } from './simulator.ts';

const folder = mkdtempSync(join(tmpdir(), 'bellows-ansible-'));
let bin: string;
let simulator: SimulatorProgram;

beforeAll(async () => {
  bin = pythonBin('ansible', ['ansible==12.3.0', 'boto3==1.44.8']);
  simulator = await startProgram('--instant', '--throttling', 'off');
}, 1_200_000);
afterAll(async () => {
  await simulator.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** What Ansible sums up: tasks that were well, that changed something, that failed. */
function play(book: string): Readonly<Record<'ok' | 'changed' | 'failed', number>> {
  const variables = ['image=ami-0abcdef1234567890', `ansible_python_interpreter=${join(bin, 'python')}`];
  const args = [...variables.flatMap((one) => ['-e', one]), join(root, 'test/peers/ec2/ansible', book)];
  const own = { ANSIBLE_NOCOLOR: '1', ANSIBLE_HOME: folder, PATH: [bin, simulator.env['PATH'] ?? ''].join(delimiter) };
  const ran = run(join(bin, 'ansible-playbook'), args, { cwd: folder, env: { ...simulator.env, ...own } });
  const sums = /ok=(\d+)\s+changed=(\d+)\s+unreachable=0\s+failed=(\d+)/.exec(ran.stdout);
  if (!sums) throw new Error(`ansible-playbook did not sum up:\n${ran.stdout}${ran.stderr}`);
  const [ok = 0, changed = 0, failed = 0] = sums.slice(1).map(Number);
  if (failed > 0) throw new Error(ran.stdout);
  return { ok, changed, failed };
}

test('what is made is as described, and not changed again', () => {
  expect(play('playbook.yml')).toEqual({ ok: 17, changed: 15, failed: 0 });
  expect(play('playbook.yml')).toEqual({ ok: 17, changed: 0, failed: 0 });
}, 300_000);

test('all of it goes, once', () => {
  expect(play('away.yml').changed).toBe(14);
  expect(play('away.yml').changed).toBe(0);
}, 300_000);
