// Checkov's rules for CloudFormation (PyPI; runs on Python 3) over the template of each network.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { BellowsProps } from '../../lib/infra/index.ts';
import { synthesize } from '../infra/synth.ts';
import { pythonBin } from './tools.ts';

const folder = mkdtempSync(join(tmpdir(), 'bellows-checkov-'));
let bin: string;

beforeAll(() => {
  bin = pythonBin('checkov', ['checkov==3.3.30']);
}, 660_000);
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** Accepted findings, each with the resources that it may be about and the reason. */
const accepted: Readonly<Record<string, readonly [resource: RegExp, reason: string]>> = {
  CKV_AWS_18: [
    /Outputs/,
    'logs of reads of outputs would cost more than the outputs; CloudTrail data events are there',
  ],
  CKV_AWS_21: [/Outputs/, 'an output is written once under its attempt, and ends by its lifecycle rule'],
  CKV_AWS_27: [/DeadLetters/, 'encrypted with keys of SQS (SqsManagedSseEnabled), which the rule does not count'],
  CKV_AWS_73: [/PrivateAgents/, 'traces would be paid for per sync; stage latencies are in the timeline'],
  CKV_AWS_76: [/PrivateAgents/, "a line per sync would cost more than the syncs; the function's log has what failed"],
  CKV_AWS_88: [/Template|Burstable/, 'public addresses only with network: public-ipv4, and no inbound rule lets in'],
  CKV_AWS_95: [/Agents/, "a line per sync would cost more than the syncs; the function's log has what failed"],
  CKV_AWS_111: [/NodesRole/, "Session Manager's channel actions of nodes take no resource"],
  CKV_AWS_115: [/Function/, 'new accounts have 10 executions in all, and reserved ones would keep others from them'],
  CKV_AWS_116: [/Function/, 'only the events function is called asynchronously for what matters, and it has one'],
  CKV_AWS_117: [/Function/, 'they call AWS only; a VPC would need endpoints or a NAT gateway that cost while idle'],
  CKV_AWS_119: [/Table/, "encrypted with DynamoDB's key; a key of one's own costs per call"],
  CKV_AWS_120: [/PrivateAgents/, 'each sync has its own answer'],
  CKV_AWS_158: [/Logs/, "encrypted with CloudWatch's key"],
  CKV_AWS_173: [/Function/, 'the environment has names and ids, no secret'],
};

interface Report {
  readonly results: { readonly failed_checks: readonly { check_id: string; check_name: string; resource: string }[] };
  readonly summary: { readonly passed: number };
}

test.each<[name: string, props: BellowsProps]>([
  ...(['public-ipv4', 'ipv6', 'nat', 'private'] as const).map((network): [string, BellowsProps] => [
    network,
    { network },
  ]),
  ['baked images', { nodeImage: 'baked' }],
])('checkov finds nothing in the template that is not accepted (%s)', (name, props) => {
  const file = join(folder, `${name}.json`);
  writeFileSync(file, JSON.stringify(synthesize(props).template.toJSON()));
  const options = ['--framework', 'cloudformation', '--output', 'json', '--compact', '--quiet'];
  const done = spawnSync(join(bin, 'checkov'), ['--file', file, ...options], { encoding: 'utf8', cwd: folder });
  const { results, summary } = JSON.parse(done.stdout) as Report;
  expect(summary.passed).toBeGreaterThan(100);
  const objections = results.failed_checks.filter(
    ({ check_id, resource }) => accepted[check_id]?.[0].test(resource) !== true,
  );
  expect(objections.map((one) => `${one.check_id} ${one.check_name}: ${one.resource}`)).toEqual([]);
});
