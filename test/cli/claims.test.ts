// The commands of claims, over HTTP against the real controller and the EC2 model.
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { runCli } from '../../cli/program.ts';
import { createApiHandler } from '../../lambdas/api/handler.ts';
import type { HttpServer } from '../../lib/adapters/local/http-server.ts';
import { startHttpServer } from '../../lib/adapters/local/http-server.ts';
import type { RequestView } from '../../lib/api/schemas/requests.ts';
import { ClaimWorld, poolSpec } from '../control/claims/world.ts';
import { RecordingLog, noFiles } from '../lambdas/calls.ts';
import { localIdentity } from '../lambdas/fake-use-cases.ts';

let world: ClaimWorld;
let server: HttpServer;

beforeEach(async () => {
  world = new ClaimWorld();
  await world.control.putPool(poolSpec);
  const log = new RecordingLog();
  const api = createApiHandler({ ...noFiles, useCases: world.control, identity: localIdentity, log });
  server = await startHttpServer({
    port: 0,
    api,
    agent: async () => ({ statusCode: 404 }),
    log,
    nowMs: () => world.nowMs,
  });
});

afterEach(async () => {
  await server.close(0);
});

async function bellows(
  ...args: readonly string[]
): Promise<{ readonly exit: number; readonly out: string; readonly err: string }> {
  let [out, err, keys] = ['', '', 0];
  const exit = await runCli(args, {
    server: server.url,
    signs: false,
    openSigner: async () => {
      throw new Error('nothing here is signed');
    },
    openAws: async () => {
      throw new Error('nothing here is of AWS');
    },
    stdout: (text) => {
      out += text;
    },
    bytes: () => {
      throw new Error('nothing here writes bytes');
    },
    stderr: (text) => {
      err += text;
    },
    nowMs: () => world.nowMs,
    monotonicMs: () => performance.now(),
    sleep: async () => {
      await world.run(2);
    },
    newKey: () => `${args.join(' ')} ${String((keys += 1))}`,
    home: '.',
    runBeside: async () => 0,
    variables: {},
    runAudit: async () => 1,
    serveDashboard: async () => ({ url: '', done: Promise.resolve() }),
    runBacktest: async () => 1,
  });
  return { exit, out, err };
}

async function shown(...args: readonly string[]): Promise<RequestView> {
  const { exit, out, err } = await bellows(...args, '--json');
  expect({ args, exit, err }).toEqual({ args, exit: 0, err: '' });
  return JSON.parse(out) as RequestView;
}

test('network edit adds and removes rules, or names all of them', async () => {
  const { id, network } = await shown(
    'network',
    'create',
    '--allow',
    '22:10.0.0.0/8',
    '--allow',
    '80:10.0.0.0/8',
    '--wait',
  );
  expect(network?.ingress.map((rule) => rule.fromPort)).toEqual([22, 80]);
  await shown('network', 'edit', id, '--add', '443:10.0.0.0/8', '--remove', '80:10.0.0.0/8');
  await world.run(20);
  expect((await shown('network', 'show', id)).network?.ingress.map((rule) => [rule.fromPort, rule.cidr])).toEqual([
    [22, '10.0.0.0/8'],
    [443, '10.0.0.0/8'],
  ]);
  expect((await bellows('network', 'show', id)).out).toMatch(
    /lets in +22:10\.0\.0\.0\/8, 443:10\.0\.0\.0\/8\nlets out +everything\n/,
  );
  await shown('network', 'edit', id, '--allow', `9000-9010:${id}`);
  await world.run(20);
  expect((await shown('network', 'show', id)).network?.ingress).toEqual([
    { protocol: 'tcp', fromPort: 9000, toPort: 9010, cidr: null, request: id },
  ]);
  for (const [args, says] of [
    [['--remove', '80:10.0.0.0/8'], 'there is no rule'],
    [[], 'nothing to change'],
    [['--allow', '1:10.0.0.0/8', '--add', '2:10.0.0.0/8'], '--allow names all rules'],
    [['--add', '22:0.0.0.0/0'], 'allowPublic'],
  ] as const) {
    const { exit, err } = await bellows('network', 'edit', id, ...args);
    expect(exit).not.toBe(0);
    expect(err).toContain(says);
  }
});

test('volume attach and detach', async () => {
  const vm = await shown('vm', 'create', '--vcpu', '2', '--zone', 'us-east-1a', '--wait');
  const volume = await shown('volume', 'create', '--size', '10', '--zone', 'us-east-1a', '--wait');
  await shown('volume', 'attach', volume.id, vm.id);
  await world.run(20);
  expect(await shown('volume', 'show', volume.id)).toMatchObject({
    state: 'active',
    allocation: { attachedTo: vm.id },
  });
  expect(await shown('volume', 'detach', volume.id)).toMatchObject({ state: 'active', reason: 'detaching' });
  await world.run(20);
  expect(await shown('volume', 'show', volume.id)).toMatchObject({
    state: 'active',
    reason: null,
    allocation: { attachedTo: null },
  });
});

test('run --mount names volumes, and where they are in the task', async () => {
  const volume = await shown('volume', 'create', '--size', '10', '--wait');
  const { out, exit } = await bellows('run', '--mount', `${volume.id}:data`, '--', 'true');
  const request = await world.control.getRequest('tenant-a', out.trim());
  expect([exit, request?.spec]).toMatchObject([0, { mounts: [{ request: volume.id, path: 'data' }] }]);
  expect((await bellows('run', '--mount', volume.id, '--count', '2', '--', 'true')).err).toContain(
    'a volume is attached to one node at most',
  );
  expect((await bellows('run', '--mount', `${volume.id}:../etc`, '--', 'true')).err).toContain('path');
});

test('changes say what was asked for and what goes on, wait with --wait, and are refused with the reason', async () => {
  const vm = await shown('vm', 'create', '--vcpu', '2', '--zone', 'us-east-1a', '--wait');
  const other = await shown('vm', 'create', '--vcpu', '2', '--memory', '4Gi', '--zone', 'us-east-1a', '--wait');
  const stop = await bellows('vm', 'stop', vm.id);
  expect(stop.out).toMatch(/active \(stopping\).*\n +the caller wants it stopped\n/);
  await world.run(60);
  expect(await bellows('vm', 'start', vm.id, '--wait')).toMatchObject({
    exit: 0,
    out: expect.stringMatching(/ active: /),
  });
  expect((await bellows('vm', 'stop', vm.id, '--wait')).out).toMatch(/active \(stopped\)/);
  await bellows('vm', 'start', vm.id, '--wait');
  const volume = await shown('volume', 'create', '--size', '10', '--class', 'gp3', '--zone', 'us-east-1a', '--wait');
  const attach = await bellows('volume', 'attach', volume.id, vm.id);
  expect(attach.out).toMatch(/pending \(attaching\)[^]*waits to be attached to r-/);
  const lost = await bellows('volume', 'attach', volume.id, other.id);
  expect(lost.exit).not.toBe(0);
  expect(lost.err).toContain(`not_possible (409): request ${volume.id} is being attached to ${vm.id}`);
  expect(await bellows('volume', 'attach', volume.id, vm.id, '--wait')).toMatchObject({
    exit: 0,
    err: expect.stringContaining('waits to be attached'),
  });
  expect(await bellows('volume', 'detach', volume.id, '--wait')).toMatchObject({
    exit: 0,
    err: expect.stringContaining('is free; attach it again, or release it'),
  });
  expect(await shown('volume', 'show', volume.id)).toMatchObject({ reason: null, allocation: { attachedTo: null } });
  const resized = await shown('volume', 'resize', volume.id, '--size', '20');
  expect(resized).toMatchObject({
    reason: 'resizing',
    allocation: { sizeGib: 10, wanted: { volumeType: 'gp3', sizeGib: 20 } },
  });
  expect((await bellows('volume', 'resize', volume.id, '--size', '20', '--wait')).out).toContain('20 GiB');
  const second = await bellows('volume', 'resize', volume.id, '--size', '30');
  expect(second.out).toMatch(/active \(waits_for_ec2, until 20.*Z\)[^]*may refuse the next one until 20/);
});

test('network edit --wait ends when the rules are in force, and says when EC2 refuses them', async () => {
  const { id } = await shown('network', 'create', '--allow', '22:10.0.0.0/8', '--wait');
  const edited = await shown('network', 'edit', id, '--add', '443:10.0.0.0/8');
  expect(edited).toMatchObject({
    reason: 'changing_rules',
    network: { ingress: [{ fromPort: 22 }], wanted: { ingress: [{ fromPort: 22 }, { fromPort: 443 }] } },
  });
  // On what is wanted, not on what is in force still.
  expect(await shown('network', 'edit', id, '--add', '444:10.0.0.0/8', '--wait')).toMatchObject({
    reason: null,
    network: { wanted: null, ingress: [{ fromPort: 22 }, { fromPort: 443 }, { fromPort: 444 }] },
  });
  world.ec2.cloud.faults.set({
    action: 'AuthorizeSecurityGroupIngress',
    effect: {
      kind: 'fail',
      code: 'RulesPerSecurityGroupLimitExceeded',
      message: 'The maximum number of rules has been reached.',
      httpStatus: 400,
    },
    times: 1,
  });
  const refused = await bellows('network', 'edit', id, '--add', '445:10.0.0.0/8', '--wait');
  expect(refused.exit).not.toBe(0);
  expect(refused.err + refused.out).toContain('The maximum number of rules has been reached.');
});

test('release --wait says what stays', async () => {
  const { id } = await shown(
    'volume',
    'create',
    '--size',
    '20',
    '--class',
    'gp3',
    '--on-release',
    'snapshot',
    '--wait',
  );
  const { exit, err, out } = await bellows('volume', 'release', id, '--wait');
  expect(exit).toBe(0);
  expect(err + out).toMatch(
    /released; snapshot snap-\w+ is kept until you delete it \(an estimate: at most 1\.00 USD a month/,
  );
  expect(out).toMatch(/^r\S+ released: vol-/);
});
