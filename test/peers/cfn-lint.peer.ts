// AWS's own linter for templates (PyPI; runs on Python 3) over the template of each network.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { BellowsProps } from '../../lib/infra/index.ts';
import { synthesize } from '../infra/synth.ts';
import { pythonBin } from './tools.ts';

const folder = mkdtempSync(join(tmpdir(), 'bellows-cfn-lint-'));
let bin: string;

beforeAll(() => {
  bin = pythonBin('cfn-lint', ['cfn-lint==1.58.0']);
}, 660_000);
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** Accepted findings, each with its reason. */
const accepted: Readonly<Record<string, string>> = {
  W3005: 'CDK states an order of creation that a reference already implies',
};

test.each<[name: string, props: BellowsProps]>([
  ...(['public-ipv4', 'ipv6', 'nat', 'private'] as const).map((network): [string, BellowsProps] => [
    network,
    { network },
  ]),
  ['baked images', { nodeImage: 'baked' }],
])('cfn-lint finds nothing in the template (%s)', (name, props) => {
  const file = join(folder, `${name}.json`);
  writeFileSync(file, JSON.stringify(synthesize(props).template.toJSON()));
  const done = spawnSync(join(bin, 'cfn-lint'), ['--format', 'json', file], { encoding: 'utf8' });
  const findings = JSON.parse(done.stdout) as readonly {
    readonly Rule: { readonly Id: string };
    readonly Message: string;
  }[];
  expect(
    findings.filter((one) => accepted[one.Rule.Id] === undefined).map((one) => `${one.Rule.Id}: ${one.Message}`),
  ).toEqual([]);
});
