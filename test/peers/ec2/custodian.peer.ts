// Cloud Custodian cleans an account of the EC2 simulator by policies that a company would have, twice: the second run
// finds nothing more to do. What it asks of other services (Auto Scaling, Lambda, Batch…) moto's server answers.
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { freePort, pythonBin, startServer } from '../tools.ts';
import type { Peer } from '../tools.ts';
import { root, run, startProgram } from './simulator.ts';
import type { SimulatorProgram } from './simulator.ts';

const folder = mkdtempSync(join(tmpdir(), 'bellows-custodian-'));
const source = join(root, 'test/peers/ec2/custodian');
let bin: string;
let others: Peer;
let simulator: SimulatorProgram;

beforeAll(async () => {
  bin = pythonBin('custodian', ['c7n==0.9.53', 'boto3==1.43.103']);
  const services = 'server,autoscaling,awslambda,batch,codebuild,ecs,ec2,elbv2,events';
  const port = await freePort();
  const args = ['-H', '127.0.0.1', '-p', String(port)];
  const program = join(pythonBin('moto-server', [`moto[${services}]==5.2.5`]), 'moto_server');
  others = await startServer({ program, args, port });
  simulator = await startProgram('--instant', '--throttling', 'off');
}, 1_200_000);
afterAll(async () => {
  await simulator.stop();
  await others.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** By policy, how many resources it acted on. */
function clean(name: string): Readonly<Record<string, number>> {
  const { endpoint } = simulator;
  const own = { AWS_ENDPOINT_URL_EC2: endpoint, AWS_ENDPOINT_URL_STS: endpoint, AWS_ENDPOINT_URL_SSM: endpoint };
  const env = { ...simulator.env, ...own, AWS_ENDPOINT_URL: others.endpoint, AWS_ACCOUNT_ID: '123456789012' };
  const output = join(folder, name);
  const args = ['run', '--region', 'us-east-1', '-s', output, '--cache-period', '0', join(source, 'policies.yml')];
  const ran = run(join(bin, 'custodian'), args, { cwd: folder, env });
  expect([ran.status, ran.stderr.split('\n').filter((line) => line.includes('ERROR'))]).toEqual([0, []]);
  return Object.fromEntries(
    readdirSync(output).map((policy) => {
      const found = JSON.parse(readFileSync(join(output, policy, 'resources.json'), 'utf8')) as readonly unknown[];
      return [policy, found.length];
    }),
  );
}

/** They only look. */
const looking = { 'ec2-in-a-zone': 6, 'launch-template-unused': 1 };

test('each policy finds what it names, and nothing when it runs again', () => {
  const { env } = simulator;
  const made = run(join(bin, 'python'), [join(source, 'world.py')], { cwd: folder, env });
  expect([made.stderr, made.status]).toEqual(['', 0]);
  const first = clean('first');
  expect(first).toMatchObject({
    ...looking,
    'ec2-mark-without-owner': 6,
    'ec2-stop-marked': 1,
    'ebs-copy-instance-tags': 6,
    'eni-tag': 6,
  });
  expect(Object.entries(first).filter(([, count]) => count === 0)).toEqual([]);
  expect(Object.keys(first).length).toBeGreaterThanOrEqual(26);
  const again = clean('again');
  expect(again).toMatchObject(looking);
  expect(Object.entries(again).filter(([policy, count]) => count > 0 && !(policy in looking))).toEqual([]);
});
