// The conformance checks, exercised where nothing costs: EC2's on the EC2 simulator, which is to behave as AWS's
// documents say, DynamoDB's on MiniStack. What they say of AWS itself only a run there can tell.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Ec2Simulator } from '../../lib/adapters/simulated/ec2/http/server.ts';
import { allBehaviours, dynamodbBehaviours, ec2Behaviours } from '../../scripts/conformance/behaviours.ts';
import { dynamodbScenes } from '../../scripts/conformance/dynamodb.ts';
import { launchingScenes } from '../../scripts/conformance/launching.ts';
import type { Observation } from '../../scripts/conformance/run.ts';
import { groupScenes } from '../../scripts/conformance/security-groups.ts';
import { storageScenes } from '../../scripts/conformance/storage.ts';
import { startMinistack } from './ministack.ts';

const account = '100000000077';
let simulator: Ec2Simulator;
/** A DynamoDB without tables, and Service Quotas with quotas of 0. */
let others: Server;
let othersUrl: string;

beforeAll(async () => {
  simulator = await Ec2Simulator.start({
    options: {
      cloud: {
        launchMs: { minMs: 50, maxMs: 100 },
        shutdownMs: { minMs: 50, maxMs: 100 },
        describeLagMs: { minMs: 20, maxMs: 60 },
      },
    },
  });
  simulator.worlds.world(account, 'us-east-1').cloud.setVcpuLimit('on-demand', 'inf', 0);
  others = createServer((request, response) => {
    response.end(
      String(request.headers['x-amz-target']).startsWith('ServiceQuotas')
        ? '{"Quota": {"Value": 0}}'
        : '{"TableNames": []}',
    );
  });
  await new Promise<void>((resolve) => {
    others.listen(0, '127.0.0.1', resolve);
  });
  othersUrl = `http://127.0.0.1:${String((others.address() as AddressInfo).port)}`;
});

afterAll(async () => {
  await simulator.close();
  await new Promise((resolve) => {
    others.close(resolve);
    others.closeAllConnections();
  });
});

interface Ran {
  readonly exit: number | null;
  readonly out: string;
  readonly err: string;
}

/** `end`: sends this signal once EC2 got that call. */
async function conformance(
  args: readonly string[],
  end?: { readonly after: string; readonly signal: 'SIGINT' | 'SIGKILL' },
): Promise<Ran> {
  const child = spawn(
    process.execPath,
    [
      '--disable-warning=ExperimentalWarning',
      fileURLToPath(new URL('../../scripts/conformance/main.ts', import.meta.url)),
      '--poll-ms',
      '40',
      ...args,
    ],
    {
      env: {
        PATH: process.env['PATH'] ?? '',
        AWS_ACCESS_KEY_ID: account,
        AWS_SECRET_ACCESS_KEY: 'local',
        AWS_REGION: 'us-east-1',
        AWS_EC2_METADATA_DISABLED: 'true',
        AWS_ENDPOINT_URL_SERVICEQUOTAS: othersUrl,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  let [out, err] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => {
    out += chunk.toString();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    err += chunk.toString();
  });
  simulator.journal.clear();
  const watch =
    end === undefined
      ? undefined
      : setInterval(() => {
          if (simulator.journal.list(end.after, 1).length === 0) return;
          clearInterval(watch);
          child.kill(end.signal);
        }, 10);
  const exit = await new Promise<number | null>((resolve) => {
    child.once('close', resolve);
  });
  clearInterval(watch);
  return { exit, out, err };
}

const onSimulator = (): readonly string[] => ['--ec2-endpoint', simulator.endpoint, '--dynamodb-endpoint', othersUrl];

function leftInEc2(): readonly string[] {
  const world = simulator.worlds.world(account, 'us-east-1');
  return [
    ...world.cloud
      .instances()
      .filter((one) => one.state !== 'terminated' && one.state !== 'shutting-down')
      .map((one) => one.id),
    // The root volumes of ended instances go with them.
    ...world.volumes
      .all()
      .filter((one) =>
        one.attachments.every(
          (attachment) =>
            world.cloud.instances().find((instance) => instance.id === attachment.instanceId)?.state
            !== 'shutting-down',
        ),
      )
      .map((one) => one.id),
    ...world.securityGroups
      .all()
      .filter((one) => one.name !== 'default')
      .map((one) => one.id),
  ];
}

test('docs/conformance.md has every behaviour, with its source and what relies on it', () => {
  const text = readFileSync(new URL('../../docs/conformance.md', import.meta.url), 'utf8');
  expect(
    allBehaviours
      .filter((one) => !text.includes(`| \`${one.id}\` | ${one.behaviour} | ${one.relies} | ${one.source} |`))
      .map((one) => one.id),
  ).toEqual([]);
  expect(text.split('\n').filter((line) => line.startsWith('| `'))).toHaveLength(allBehaviours.length);
});

test('the README says how many there are', () => {
  expect(readFileSync(new URL('../../README.md', import.meta.url), 'utf8')).toContain(
    `of the ${String(allBehaviours.length)} behaviours of EC2 and DynamoDB`,
  );
});

test('each behaviour is judged by exactly one scene', () => {
  const judged = [...dynamodbScenes, ...storageScenes, ...groupScenes, ...launchingScenes].flatMap(
    (scene) => scene.behaviours,
  );
  expect([...judged].sort()).toEqual(allBehaviours.map((one) => one.id).sort());
});

describe('EC2, on the simulator', () => {
  test('every behaviour is seen, and nothing is left', async () => {
    const names = [...storageScenes, ...groupScenes, ...launchingScenes].map((scene) => scene.name);
    const seen: Observation[] = [];
    for (const name of names) {
      const ran = await conformance([...onSimulator(), '--json', '--only', name]);
      expect([name, ran.exit, ran.exit === 0 ? '' : ran.err]).toEqual([name, 0, '']);
      seen.push(...(JSON.parse(ran.out) as { observations: Observation[] }).observations);
    }
    expect(seen.filter((one) => one.verdict !== 'seen')).toEqual([]);
    expect(seen.map((one) => one.id).sort()).toEqual(ec2Behaviours.map((one) => one.id).sort());
    expect(leftInEc2()).toEqual([]);
  });

  test('what behaves otherwise is called different, with what happened, and the exit is 1', async () => {
    simulator.faults.set({
      action: 'CreateSecurityGroup',
      parametersContain: 'again',
      effect: { kind: 'fail', code: 'InternalError', message: 'otherwise' },
    });
    const ran = await conformance([...onSimulator(), '--only', 'security groups']);
    simulator.faults.clear();
    expect(ran.exit).toBe(1);
    expect(ran.out).toMatch(/^different +group-duplicate.*\n +answered InternalError$/m);
    expect(ran.out).toContain('6 seen, 1 different, 0 not seen');
  });

  test('Ctrl-C in the middle removes what was made; what was not looked at is not seen', async () => {
    simulator.faults.set({ action: 'ModifyVolume', effect: { kind: 'delay', delayMs: 400 } });
    const ran = await conformance([...onSimulator(), '--only', 'volumes'], { after: 'ModifyVolume', signal: 'SIGINT' });
    simulator.faults.clear();
    expect(ran.err).toMatch(/interrupted: what was made is being removed[^]*removed: i-/);
    expect(ran.out).toMatch(/^not seen +volume-with-launch.*\n +interrupted$/m);
    expect(leftInEc2()).toEqual([]);
  });

  test('what a killed run leaves behind, --clean removes, and nothing else', async () => {
    await conformance([...onSimulator(), '--only', 'security groups'], {
      after: 'AuthorizeSecurityGroupIngress',
      signal: 'SIGKILL',
    });
    expect(leftInEc2().length).toBeGreaterThanOrEqual(2);
    const ran = await conformance([...onSimulator(), '--clean']);
    expect([ran.exit, leftInEc2()]).toEqual([0, []]);
    expect((await conformance([...onSimulator(), '--clean'])).err).toContain('nothing was left behind');
  });

  test('scenes over the cap are not played', async () => {
    const ran = await conformance([...onSimulator(), '--yes', '--max-usd', '0.001', '--only', 'stopping']);
    expect([ran.exit, ran.out]).toEqual([0, expect.stringContaining('over --max-usd: it may cost 0.015 USD')]);
  });

  test.each([
    [['--yes'], '--max-usd'],
    [['--max-usd', '1'], 'say --yes'],
    [['--yes', '--max-usd', '0'], '--max-usd must be'],
    [['--endpoint', 'x'], 'is no URL'],
  ])('%j is refused before anything is called', async (args, why) => {
    const ran = await conformance(args);
    expect([ran.exit, ran.out, ran.err]).toEqual([2, '', expect.stringContaining(why)]);
  });
});

const started = await startMinistack();

if ('reason' in started) {
  describe('DynamoDB, on MiniStack', () => {
    test.skip(`skipped: ${started.reason}`, () => {});
  });
} else {
  const { ministack } = started;
  afterAll(() => ministack.stop());

  describe('DynamoDB, on MiniStack', () => {
    test('every behaviour is seen but that transactions meet, which they never do there; the table goes', async () => {
      const ran = await conformance([
        '--ec2-endpoint',
        simulator.endpoint,
        '--dynamodb-endpoint',
        ministack.endpoint,
        '--json',
        '--only',
        'DynamoDB',
      ]);
      const { observations } = JSON.parse(ran.out) as { observations: Observation[] };
      expect(observations.map((one) => one.id).sort()).toEqual(dynamodbBehaviours.map((one) => one.id).sort());
      expect(observations.filter((one) => one.verdict !== 'seen')).toMatchObject([
        { id: 'transaction-conflict', verdict: 'not seen' },
      ]);
      expect(ran.exit).toBe(0);
      expect(ran.err).toMatch(/removed: table bellows-conformance-[0-9a-f]{8}/);
    });
  });
}
