// What is deployed, as it is deployed: the bundles hold what their function may do and no more,
// and stop with the variable's name where their environment is wrong.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { openApiDocument } from '../../lib/api/openapi.ts';
import { exampleEnvironment } from '../../scripts/bench/lambdas.ts';
import { bundle } from '../../scripts/bundle.ts';

const names = ['api', 'agent', 'scheduler', 'events', 'installation'] as const;
type Name = (typeof names)[number];

let folder: string;
const packages = new Map<Name, ReadonlySet<string>>();

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'bellows-bundles-test-'));
  for (const name of names) {
    const { metafile } = await bundle(`lambdas/${name}/index.ts`, join(folder, `${name}.mjs`));
    const inputs = Object.values(metafile.outputs)
      .flatMap((output) => Object.entries(output.inputs))
      .filter(([, { bytesInOutput }]) => bytesInOutput > 0);
    packages.set(name, new Set(inputs.flatMap(([path]) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? [])));
  }
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

function load(name: Name, env: Readonly<Record<string, string>>): ReturnType<typeof spawnSync> {
  const code =
    `const { handler } = await import(${JSON.stringify(pathToFileURL(join(folder, `${name}.mjs`)).href)}); `
    + 'console.log(typeof handler);';
  return spawnSync(process.execPath, ['--input-type=module', '-e', code], { encoding: 'utf8', env });
}

test('only the scheduler, and the removal that terminates instances, load the EC2 client', () => {
  const holders = names.filter((name) => packages.get(name)?.has('@aws-sdk/client-ec2'));
  expect(holders).toEqual(['scheduler', 'installation']);
});

test('the agent function starts with a Vault and a cluster, and names what is wrong with them', () => {
  const started = (sources: object) =>
    load('agent', { ...exampleEnvironment, BELLOWS_SECRET_SOURCES: JSON.stringify(sources) });
  const vault = { address: 'https://vault.example.org:8200', role: 'bellows' };
  const kubernetes = {
    url: 'https://k8s.example.org',
    tokenSecret: 'arn:aws:secretsmanager:eu-west-1:1:secret:t-AbCdEf',
  };
  expect(started({ vault, kubernetes })).toMatchObject({ status: 0, stdout: 'function\n' });
  const { status, stderr } = started({
    vault: { ...vault, roleId: 'x' },
    kubernetes: { ...kubernetes, url: 'http://k8s' },
  });
  expect([status === 0, String(stderr)]).toEqual([false, expect.stringContaining('BELLOWS_SECRET_SOURCES')]);
});

test('every function is a middy handler', () => {
  for (const name of names) expect(packages.get(name)).toContain('@middy/core');
});

describe.each(names)('%s', (name) => {
  test('loads with the environment that a deployment gives', () => {
    expect(load(name, exampleEnvironment)).toMatchObject({ status: 0, stdout: 'function\n' });
  });

  test('names what is missing in its environment, and does not start', () => {
    const { BELLOWS_TABLE: _, ...rest } = exampleEnvironment;
    const { status, stderr } = load(name, rest);
    expect(status).not.toBe(0);
    expect(String(stderr)).toContain('BELLOWS_TABLE');
  });
});

test('the bundled API serves the description that the sources make', () => {
  const event = {
    version: '2.0',
    rawPath: '/openapi.json',
    headers: {},
    requestContext: { http: { method: 'GET', path: '/openapi.json' } },
  };
  const code =
    `const { handler } = await import(${JSON.stringify(pathToFileURL(join(folder, 'api.mjs')).href)}); `
    // Not before all of it is written: it is longer than a pipe takes at once.
    + `const { body } = await handler(${JSON.stringify(event)}, { awsRequestId: 'r' }); `
    + 'process.stdout.write(body, () => process.exit(0));';
  const done = spawnSync(process.execPath, ['--input-type=module', '-e', code], {
    encoding: 'utf8',
    env: exampleEnvironment,
    maxBuffer: 10_000_000,
  });
  expect(JSON.parse(done.stdout)).toEqual(JSON.parse(JSON.stringify(openApiDocument())));
});

test('a launch template without a version number is refused at the start', () => {
  const latest = { id: 'lt-1', version: '$Latest' };
  const { status, stderr } = load('scheduler', {
    ...exampleEnvironment,
    BELLOWS_LAUNCH_TEMPLATES: JSON.stringify({
      x86_64: latest,
      arm64: latest,
      burstable: { x86_64: latest, arm64: latest },
      gpu: { x86_64: latest, arm64: latest },
    }),
  });
  expect(status).not.toBe(0);
  expect(String(stderr)).toContain('must be a number');
});
