import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { runCli } from '../../cli/program.ts';
import { createApiHandler } from '../../lambdas/api/handler.ts';
import { createEventsHandler } from '../../lambdas/events/handler.ts';
import type { HttpServer } from '../../lib/adapters/local/http-server.ts';
import { startHttpServer } from '../../lib/adapters/local/http-server.ts';
import { createEventsEndpoint } from '../../lib/local/server/events-endpoint.ts';
import type { PlanView } from '../../lib/api/plan.ts';
import type { Submission } from '../../lib/control/use-cases.ts';
import { RecordingLog } from '../lambdas/calls.ts';
import { FakeUseCases, localIdentity, nowMs } from '../lambdas/fake-use-cases.ts';

const folder = mkdtempSync(join(tmpdir(), 'bellows-cli-'));
let fake: FakeUseCases;
let server: HttpServer;

beforeEach(async () => {
  fake = new FakeUseCases();
  const log = new RecordingLog();
  const api = createApiHandler({ useCases: fake, identity: localIdentity, log });
  server = await startHttpServer({ port: 0, api, agent: async () => ({ statusCode: 404 }), log, nowMs: () => nowMs });
});

afterEach(async () => {
  await server.close(0);
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

interface Ran {
  readonly exit: number;
  readonly out: string;
  readonly err: string;
}

interface RunOptions {
  readonly url?: string;
  /** What happens while the CLI sleeps for the n-th time, counted from 0. */
  readonly onSleep?: (turn: number) => void | Promise<void>;
}

async function bellows(args: readonly string[], options: RunOptions = {}): Promise<Ran> {
  let [out, err, clockMs, turn] = ['', '', nowMs + 10_000, 0];
  const exit = await runCli(args, {
    server: options.url ?? server.url,
    stdout: (text) => {
      out += text;
    },
    stderr: (text) => {
      err += text;
    },
    nowMs: () => clockMs,
    monotonicMs: () => performance.now(),
    sleep: async (ms) => {
      clockMs += ms;
      if (turn > 200) throw new Error('the CLI waits for ever');
      await options.onSleep?.(turn++);
    },
    newKey: () => `key-${String(fake.submissions.length)}`,
    signs: false,
    openSigner: async () => {
      throw new Error('nothing here is signed');
    },
    openAws: async () => {
      throw new Error('nothing here asks AWS');
    },
    runAudit: async (args) => {
      out += args.join(' ');
      return 1;
    },
  });
  return { exit, out, err };
}

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

describe('alarm', () => {
  test('tells a local server what CloudWatch would, and says who heeds it', async () => {
    const told: unknown[] = [];
    const log = new RecordingLog();
    const local = await startHttpServer({
      port: 0,
      log,
      nowMs: () => nowMs,
      api: async () => ({ statusCode: 404 }),
      agent: async () => ({ statusCode: 404 }),
      events: createEventsEndpoint(
        createEventsHandler({
          log,
          poolOf: async () => null,
          useCases: {
            handleInstanceEvent: async () => undefined,
            handleAlarmEvent: async (event) => {
              told.push(event);
              return event.alarmName === 'high' ? ['default', 'batch'] : [];
            },
          },
        }),
      ),
    });
    try {
      expect(await bellows(['alarm', 'high', '--reason', 'because'], { url: local.url })).toMatchObject({
        exit: 0,
        out: 'high is ALARM: told to default, batch\n',
      });
      expect(await bellows(['alarm', 'other', '--state', 'OK'], { url: local.url })).toMatchObject({
        exit: 0,
        out: 'no pool names the alarm other\n',
      });
      expect(told).toMatchObject([
        { alarmName: 'high', state: 'ALARM', previousState: 'OK', reason: 'because', atMs: nowMs + 10_000 },
        { alarmName: 'other', state: 'OK' },
      ]);
    } finally {
      await local.close(0);
    }
    expect((await bellows(['alarm', 'high'])).exit).toBe(4);
    expect((await bellows(['alarm', 'high', '--state', 'LOUD'])).exit).toBe(2);
  });
});

describe('run', () => {
  test('prints the id alone on stdout, and sends what its options say', async () => {
    const ran = await bellows([
      'run',
      '--vcpu',
      '1.5',
      '--memory',
      '2Gi',
      '--env',
      'A=b=c',
      '--env',
      'B=',
      '--arch',
      'arm64',
      '--count',
      '3',
      '--timeout',
      '9',
      '--',
      'echo',
      '-n',
      '--json',
    ]);
    expect([ran.exit, ran.out]).toEqual([0, 'r1\n']);
    expect(fake.submissions[0]).toMatchObject({
      idempotencyKey: 'key-0',
      spec: {
        run: { kind: 'command', argv: ['echo', '-n', '--json'] },
        resources: { cpuMilli: 1500, memoryMib: 2048, gpu: 0 },
        env: { A: 'b=c', B: '' },
        count: 3,
        timeoutMs: 9000,
        requirements: { arch: ['arm64'] },
      },
    });
  });

  test('options after the program are the program’s', async () => {
    await bellows(['run', 'grep', '--count', 'x']);
    expect(fake.submissions[0]?.spec).toMatchObject({ count: 1, run: { argv: ['grep', '--count', 'x'] } });
  });

  test('--wait shows progress on stderr, then the output, and exits as the task did', async () => {
    const ran = await bellows(['run', '--wait', '--', 'sh', '-c', 'exit 7'], {
      onSleep: (turn) => {
        if (turn === 1) fake.end('r1', 7, { stdout: 'out\n', stderr: 'oops\n' });
      },
    });
    expect([ran.exit, ran.out]).toEqual([7, 'out\n']);
    expect(ran.err).toBe('r1 pending: recorded; waits for the next tick\nr1 failed\noops\n');
  });

  test(
    'what the timeline says of the end, read a moment after the request, is not said ' + 'of one that is pending',
    async () => {
      const end = { atMs: nowMs, stage: 'ended', code: 'succeeded', message: 'exit code 0' };
      const ran = await bellows(['run', '--wait', '--', 'true'], {
        onSleep: (turn) => {
          if (turn === 0) fake.change('r1', { timeline: [...(fake.requests.get('r1')?.timeline ?? []), end] });
          if (turn === 1) fake.end('r1', 0);
        },
      });
      expect([ran.exit, ran.err]).toEqual([0, 'r1 pending: recorded; waits for the next tick\nr1 succeeded\n']);
    },
  );

  test('--wait of an array exits 1 if any task failed', async () => {
    const ran = await bellows(['run', '--wait', '--count', '2', '--', 'false'], {
      onSleep: () => {
        fake.end('r1', 1, { stdout: 'first ', stderr: '' });
      },
    });
    expect([ran.exit, ran.out]).toEqual([1, 'first ']);
    const good = await bellows(['run', '--wait', '--count', '2', '--', 'true'], {
      onSleep: () => {
        fake.end('r2', 0);
      },
    });
    expect(good.exit).toBe(0);
  });

  test('--wait --json prints the ended request alone', async () => {
    const ran = await bellows(['--json', 'run', '--wait', '--', 'true'], {
      onSleep: () => {
        fake.end('r1', 0, { stdout: 'noise', stderr: '' });
      },
    });
    expect(JSON.parse(ran.out)).toMatchObject({ id: 'r1', state: 'succeeded', exitCode: 0 });
  });

  test('--wait waits for a server that comes back', async () => {
    const port = server.port;
    const ran = await bellows(['run', '--wait', '--', 'true'], {
      onSleep: async (turn) => {
        if (turn === 0) await server.close(0);
        if (turn !== 2) return;
        const log = new RecordingLog();
        server = await startHttpServer({
          port,
          api: createApiHandler({ useCases: fake, identity: localIdentity, log }),
          agent: async () => ({}),
          log,
          nowMs: () => nowMs,
        });
        fake.end('r1', 0, { stdout: 'back\n', stderr: '' });
      },
    });
    expect([ran.exit, ran.out]).toEqual([0, 'back\n']);
    expect(ran.err).toContain('trying again');
  });

  test('a cancelled task is a failure', async () => {
    const ran = await bellows(['run', '--wait', '--', 'true'], {
      onSleep: async () => {
        await fake.cancel('tenant-a', 'r1');
      },
    });
    expect(ran.exit).toBe(1);
  });
});

describe('submit', () => {
  const task = 'type: task\nresources: {vcpu: 1, memoryMib: 64}\nshell: "true"\n';

  test('one request, in YAML', async () => {
    const ran = await bellows(['submit', '-f', file('one.yaml', `${task}idempotencyKey: mine\n`)]);
    expect([ran.exit, ran.out, fake.submissions[0]?.idempotencyKey]).toEqual([0, 'r1\n', 'mine']);
  });

  test('many, as a list, as documents, as lines or under requests, in one order', async () => {
    const json = (shell: string): string =>
      JSON.stringify({ type: 'task', resources: { vcpu: 1, memoryMib: 64 }, shell });
    for (const [name, text] of [
      ['list.json', `[${json('a')},${json('b')}]`],
      ['lines.jsonl', `${json('a')}\n\n${json('b')}\n`],
      ['documents.yaml', `${task.replace('"true"', 'a')}---\n${task.replace('"true"', 'b')}`],
      ['batch.json', `{"requests":[${json('a')},${json('b')}]}`],
    ] as const) {
      fake.submissions.length = 0;
      const ran = await bellows(['submit', '-f', file(name, text)]);
      expect([name, ran.exit, ran.err]).toEqual([name, 0, '']);
      expect(fake.submissions.map((one) => one.spec)).toMatchObject([
        { run: { kind: 'shell', script: 'a' } },
        { run: { kind: 'shell', script: 'b' } },
      ]);
    }
  });

  test('more than a batch holds goes in several', async () => {
    const lines = Array.from({ length: 1001 }, () =>
      JSON.stringify({ type: 'task', resources: { vcpu: 1, memoryMib: 64 }, shell: 'x' }),
    ).join('\n');
    const ran = await bellows(['submit', '--json', '-f', file('many.jsonl', lines)]);
    expect((JSON.parse(ran.out) as { results: unknown[] }).results).toHaveLength(1001);
    expect(new Set(fake.submissions.map((one) => one.idempotencyKey)).size).toBe(1001);
  });

  test('what is refused is named with its place, and the exit is 4', async () => {
    const ran = await bellows([
      'submit',
      '-f',
      file('half.yaml', `- {type: task, resources: {vcpu: 1, memoryMib: 64}, shell: a}\n- {type: task}\n`),
    ]);
    expect([ran.exit, ran.out]).toEqual([4, 'r1\n']);
    expect(ran.err).toMatch(/half\.yaml item 2: .*resources is required.*\n1 request of 2 refused/);
  });

  test.each([
    ['missing.yaml', null],
    ['bad.yaml', 'a: [\n'],
    ['bad.jsonl', '{"a":\n'],
    ['x.toml', ''],
    ['empty.jsonl', ''],
    ['x.csv', 'id,vcpu,memory_mib,gpu\na,1,1,0\n'],
  ])('%s is a usage error', async (name, text) => {
    const path = text === null ? join(folder, name) : file(name, text);
    const ran = await bellows(['submit', '-f', path]);
    expect([ran.exit, ran.out, fake.submissions.length]).toEqual([2, '', 0]);
    expect(ran.err).toContain(name);
  });
});

describe('looking', () => {
  beforeEach(async () => {
    await bellows(['run', '--', 'true']);
    await bellows(['run', '--', 'false']);
    fake.end('r2', 1, { stdout: 'a', stderr: 'b' });
  });

  test('requests is an aligned table', async () => {
    const { out } = await bellows(['requests']);
    expect(out).toBe(
      [
        'ID  STATE    POOL     TASKS  AGE  TOOK  RUNS ON    REASON',
        'r1  pending  default  1      10s  -     -',
        'r2  failed   default  1      10s  1s    c7g.large',
        '',
      ].join('\n'),
    );
  });

  test('show says what a waiting request waits for, and where one ran', async () => {
    expect((await bellows(['show', 'r1'])).out).toMatch(/^waits for {2}recorded; waits for the next tick$/m);
    expect((await bellows(['show', 'r2'])).out).toMatch(/^runs on {4}c7g\.large in us-east-1a, spot, \$0\.0300\/h$/m);
  });

  test('why tells the timeline with what was excluded', async () => {
    fake.change('r1', {
      timeline: [
        {
          atMs: nowMs,
          stage: 'planned',
          code: 'limits',
          message: 'the pool is at its limit of 12 nodes',
          nextTryAtMs: nowMs + 5000,
          excluded: [{ constraint: 'limits', offerings: 40 }],
        },
      ],
    });
    const { out } = await bellows(['why', 'r1']);
    expect(out).toContain('waits: the pool is at its limit of 12 nodes; next try at 2026-11-22T16:00:05.000Z');
    expect(out).toContain('limits excludes 40 offerings');
  });

  test('logs keeps the streams apart', async () => {
    expect(await bellows(['logs', 'r2'])).toEqual({ exit: 0, out: 'a', err: 'b' });
  });

  test('logs asks for all that is kept, or for as much as is said, and says exactly what is missing', async () => {
    fake.outputs.set('r2.0', {
      stdout: 'tail',
      stderr: 'b',
      truncated: true,
      leftOutBytes: { stdout: 43_358, stderr: 1 },
    });
    const ran = await bellows(['logs', 'r2', '--tail', '4']);
    expect(ran).toMatchObject({ exit: 0, out: 'tail' });
    expect(ran.err).toBe(
      '43358 bytes of stdout and 1 byte of stderr left out: the first and the last 128 KiB of a stream are kept; '
        + '--tail BYTES shows more of what is kept\nb',
    );
    expect(fake.tailBytes).toEqual([4]);
    expect((await bellows(['logs', 'r2'])).err).not.toContain('--tail');
    expect(fake.tailBytes).toEqual([4, 1_048_576]);
    expect((await bellows(['logs', 'r2', '--tail', '0'])).exit).toBe(2);
  });

  test('requests follows cursors, up to its limit, also over pages that are short or empty', async () => {
    for (let n = 0; n < 2_100; n += 1)
      await fake.submit({ ...fake.submissions[0], idempotencyKey: null } as Submission);
    fake.isPageShort = true;
    const lines = async (...args: readonly string[]): Promise<[number, string]> => {
      const { out, err } = await bellows(['requests', ...args]);
      return [out.trimEnd().split('\n').length - 1, err];
    };
    expect(await lines('--limit', '2000')).toEqual([2_000, expect.stringContaining('there are more: --cursor')]);
    expect(await lines('--limit', '100000')).toEqual([2_102, '']);
    expect(await lines()).toEqual([50, expect.stringContaining('--cursor')]);
    expect(await lines('--state', 'failed')).toEqual([1, '']);
    expect(JSON.parse((await bellows(['requests', '--limit', '5000', '--json'])).out)).toMatchObject({
      items: { length: 2_102 },
      nextCursor: null,
    });
    for (const limit of ['0', '-1', '1.5', 'x']) expect((await bellows(['requests', '--limit', limit])).exit).toBe(2);
  });

  test.each([
    ['requests'],
    ['show', 'r2'],
    ['why', 'r2'],
    ['logs', 'r2'],
    ['pools'],
    ['pool', 'show', 'default'],
    ['nodes'],
    ['nodes', 'default'],
    ['activity'],
    ['stats'],
    ['cancel', 'r1'],
  ])('%s %s --json prints one object and nothing else', async (...args) => {
    for (const line of [
      [...args, '--json'],
      ['--json', ...args],
    ]) {
      const ran = await bellows(line);
      expect([ran.exit, ran.err, typeof JSON.parse(ran.out)]).toEqual([0, '', 'object']);
    }
  });

  test('every table and text is printed', async () => {
    expect((await bellows(['pools'])).out).toContain(
      'default  0         priority  least-cost  10s         32          12 nodes',
    );
    expect((await bellows(['nodes'])).out).toContain('c7g.large');
    expect((await bellows(['activity'])).out).toContain('bought for r1');
    expect((await bellows(['stats'])).out).toContain('1 pending, 1 failed');
    expect((await bellows(['cancel', 'r1'])).out).toBe('r1 is cancelled\n');
  });
});

describe('pools', () => {
  test('pool warm declares machines to be kept ready, and leaves the rest of the pool as it is', async () => {
    const before = (await fake.getPool('default'))?.spec;
    expect(
      (await bellows(['pool', 'warm', 'default', '--stopped', '2', '--running', '1', '--vcpu', '4', '--memory', '8Gi']))
        .out,
    ).toContain('keeps 1 running and 2 stopped (4 vCPU, 8192 MiB) ready');
    expect((await bellows(['pool', 'warm', 'default', '--stopped', '0'])).out).toContain(
      'keeps 1 running and 0 stopped (4 vCPU, 8192 MiB) ready',
    );
    expect((await bellows(['pool', 'warm', 'default', '--type', 'm7g.large'])).out).toContain(
      'keeps 1 running and 0 stopped (m7g.large) ready',
    );
    expect((await bellows(['pool', 'show', 'default'])).out).toContain('1 running and 0 stopped (m7g.large)');
    expect((await bellows(['pool', 'warm', 'default', '--running', '0'])).out).toContain('keeps no machine ready');
    expect((await fake.getPool('default'))?.spec).toEqual(before);
  });

  test('apply takes the name from the file or the command', async () => {
    const path = file('pool.yaml', 'name: batch\nlimits: {instances: 2}\n');
    expect((await bellows(['pool', 'apply', '-f', path])).out).toBe('pool batch is applied\n');
    expect(fake.pools.get('batch')?.spec.limits).toEqual({ instances: 2 });
    expect((await bellows(['pool', 'apply', 'other', '-f', path])).exit).toBe(4);
    expect((await bellows(['pool', 'apply', '-f', file('nameless.yaml', 'priority: 1\n')])).exit).toBe(2);
    expect((await bellows(['pool', 'delete', 'batch'])).exit).toBe(0);
    expect((await bellows(['pool', 'show', 'batch'])).exit).toBe(4);
  });
});

describe('plan', () => {
  // A server is not asked: this address has none.
  const offline = { url: 'http://127.0.0.1:1' };
  const pool = file(
    'plan-pool.yaml',
    'requirements: {instanceFamily: [c7g, m7g], capacityType: [on-demand]}\nlimits: {usdPerHour: 5}\n',
  );

  test('reads CSV, and what it buys carries what was asked', async () => {
    const demand = file(
      'demand.csv',
      'id,vcpu,memory_mib,gpu,count,arch,capacity_type,duration_s\na,0.5,512,0,7,arm64|amd64,on-demand,60\n"b, '
        + 'too",1,1024,0,,,,\n',
    );
    const ran = await bellows(
      ['plan', '-f', demand, '--pool', pool, '--json', '--max-node-vcpu', '4', '--time-budget-ms', '100'],
      offline,
    );
    const plan = JSON.parse(ran.out) as PlanView;
    const carried = new Map<string, number>();
    for (const share of plan.launches.flatMap((one) => one.tasks))
      carried.set(share.requestId, (carried.get(share.requestId) ?? 0) + share.count);
    expect([ran.exit, Object.fromEntries(carried)]).toEqual([0, { a: 7, 'b, too': 1 }]);
    expect(new Set(plan.launches.map((one) => one.capacityType))).toEqual(new Set(['on-demand']));
    expect(plan.launches.reduce((sum, one) => sum + one.priceUsdPerHour, 0)).toBeCloseTo(plan.costUsdPerHour);
  });

  test('reads the same demand from JSON, JSON lines and YAML', async () => {
    const item = { id: 'a', resources: { vcpu: 1, memoryMib: 1024 }, count: 5 };
    const outs: string[] = [];
    for (const path of [
      file('d.json', JSON.stringify([item])),
      file('d.jsonl', JSON.stringify(item)),
      file('d.yaml', 'requests:\n- {id: a, resources: {vcpu: 1, memoryMib: 1024}, count: 5}\n'),
      file('d.csv', 'id,vcpu,memory_mib,gpu,count\na,1,1024,0,5\n'),
    ]) {
      const ran = await bellows(['plan', '-f', path, '--pool', pool, '--json', '--iterations', '20'], offline);
      expect(ran.err).toBe('');
      outs.push(ran.out);
    }
    expect(new Set(outs).size).toBe(1);
  });

  test('exits 1 and says why when something cannot be placed', async () => {
    const ran = await bellows(
      ['plan', '-f', file('huge.csv', 'id,vcpu,memory_mib,gpu\nok,1,1024,0\nhuge,1000,1024,0\n'), '--pool', pool],
      offline,
    );
    expect(ran.exit).toBe(1);
    expect(ran.out).toContain('1 task of 2 requests on 1 node for $');
    expect(ran.out).toMatch(/not placed: 1 task of 1 request\n {2}huge \(1 task, unsatisfiable\)/);
  });

  test.each([
    ['lacks the column memory_mib', 'id,vcpu,gpu\na,1,0\n'],
    ['unknown columns: colour', 'id,vcpu,memory_mib,gpu,colour\na,1,1,0,red\n'],
    ['line 3: resources.vcpu', 'id,vcpu,memory_mib,gpu\na,1,1,0\nb,-1,1,0\n'],
    ['line 2: vcpu "many" is not a number', 'id,vcpu,memory_mib,gpu\na,many,1,0\n'],
    ['line 2 has 3 cells', 'id,vcpu,memory_mib,gpu\na,1,1\n'],
    ['a quote is not closed', 'id,vcpu,memory_mib,gpu\n"a,1,1,0\n'],
    ['uses ids twice: a', 'id,vcpu,memory_mib,gpu\na,1,1,0\na,1,1,0\n'],
    ['is empty', 'id,vcpu,memory_mib,gpu\n'],
  ])('a CSV that %s is a usage error', async (message, text) => {
    const ran = await bellows(['plan', '-f', file('wrong.csv', text)], offline);
    expect([ran.exit, ran.out]).toEqual([2, '']);
    expect(ran.err).toContain(message);
  });
});

describe('exits', () => {
  test('2 for what is not understood, with a hint', async () => {
    for (const args of [
      ['nope'],
      ['run'],
      ['show'],
      ['requests', '--colour'],
      ['run', '--memory', '2x', '--', 'a'],
      ['run', '--vcpu', 'many', '--', 'a'],
      ['run', '--env', 'A', '--', 'a'],
      ['pools', '--server', 'nonsense'],
      [],
    ]) {
      const ran = await bellows(args);
      expect([args, ran.exit, ran.out]).toEqual([args, 2, '']);
      expect(ran.err).not.toBe('');
    }
  });

  test('2 for a key that no header can carry, in every command that takes one; nothing is sent', async () => {
    const before = fake.submissions.length;
    for (const key of ['k\n1', '', 'ä', 'x'.repeat(256), ' k', '\u0000']) {
      for (const args of [
        ['run', '--key', key, '--', 'true'],
        [
          'submit',
          '--key',
          key,
          '-f',
          file('one.yaml', 'type: task\ncommand: ["true"]\nresources: {vcpu: 1, memoryMib: 128}\n'),
        ],
        ['volume', 'create', '--size', '1', '--key', key],
      ]) {
        const ran = await bellows(args);
        expect([key, ran.exit, ran.err]).toEqual([key, 2, expect.stringContaining('--key')]);
      }
    }
    expect(fake.submissions.length).toBe(before);
  });

  test('5 for a cancel of what has ended by itself', async () => {
    expect((await bellows(['run', '--', 'true'])).exit).toBe(0);
    const id = [...fake.requests.keys()].at(-1) ?? '';
    fake.end(id, 0);
    expect(await bellows(['cancel', id])).toMatchObject({
      exit: 5,
      out: `${id} has ended as succeeded; there is nothing to cancel\n`,
    });
    expect((await bellows(['cancel', id, '--json'])).exit).toBe(5);
  });

  test('2 for a name that no pool can have, and for YAML that is none, with the place', async () => {
    for (const args of [
      ['-f', file('name.yaml', 'name: My_Pool\n')],
      ['My_Pool', '-f', file('none.yaml', 'priority: 1\n')],
    ]) {
      expect(await bellows(['pool', 'apply', ...args])).toMatchObject({
        exit: 2,
        err: expect.stringMatching(
          /the name "My_Pool" in .* is no name of a pool: it must be 1 to 63 lower-case letters, digits and inner hyphens/,
        ) as unknown,
      });
    }
    const { exit, err } = await bellows([
      'pool',
      'apply',
      '-f',
      file('tab.yaml', 'name: a\nlimits:\n\tinstances: 1\n'),
    ]);
    expect([exit, err]).toEqual([
      2,
      expect.stringMatching(
        /tab\.yaml line 3, column 1: Tabs are not allowed as indentation\n {2}limits:\n {2}\tinstances: 1\n/,
      ),
    ]);
  });

  test('0 for help', async () => {
    const ran = await bellows(['--help']);
    expect([ran.exit, ran.err]).toEqual([0, '']);
    expect(ran.out).toContain('Exits: 0 ok');
  });

  test('3 when no server answers, with what to do', async () => {
    const free = createServer();
    await new Promise<void>((resolve) => {
      free.listen(0, '127.0.0.1', resolve);
    });
    const { port } = free.address() as AddressInfo;
    await new Promise((resolve) => {
      free.close(resolve);
    });
    const ran = await bellows(['requests'], { url: `http://127.0.0.1:${String(port)}` });
    expect([ran.exit, ran.out]).toEqual([3, '']);
    expect(ran.err).toMatch(/^bellows: no server answers at .*ECONNREFUSED.*\n {2}start one with `npm start`/);
  });

  test('3 when what answers is no Bellows', async () => {
    const other = createServer((_request, response) => {
      response.statusCode = 502;
      response.end('<html>');
    });
    await new Promise<void>((resolve) => {
      other.listen(0, '127.0.0.1', resolve);
    });
    const ran = await bellows(['requests'], {
      url: `http://127.0.0.1:${String((other.address() as AddressInfo).port)}`,
    });
    await new Promise((resolve) => {
      other.close(resolve);
    });
    expect([ran.exit, ran.err]).toEqual([3, expect.stringContaining('probably not a Bellows server')]);
  });

  test('4 when the server refuses, with its words', async () => {
    const ran = await bellows(['show', 'nope']);
    expect([ran.exit, ran.err]).toEqual([
      4,
      'bellows: not_found (404): there is no request nope; ids are those that POST /v1/requests answered\n',
    ]);
    const many = await bellows(['run', '--count', '0', '--retries', '-1', '--', 'a']);
    expect([many.exit, many.err]).toEqual([
      4,
      'bellows: invalid_request (400): the body: count must be at least 1 (and 1 more)\n  also: retries '
        + 'must be at least 0\n',
    ]);
  });
});

test('audit runs the audit of the local state and exits as it does', async () => {
  expect(await bellows(['audit', '--json'])).toMatchObject({ exit: 1, out: '--json' });
});
