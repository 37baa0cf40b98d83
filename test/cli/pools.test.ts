// Commands that change pools, and the alarms that pools follow.
import { describe, expect, test } from '@jest/globals';
import { createEventsHandler } from '../../lambdas/events/handler.ts';
import { startHttpServer } from '../../lib/adapters/local/http-server.ts';
import { createEventsEndpoint } from '../../lib/local/server/endpoints/events.ts';
import { RecordingLog } from '../lambdas/calls.ts';
import { defaultPool, nowMs } from '../lambdas/fake-use-cases.ts';
import { CliBench } from './bench.ts';

const bench = CliBench.forTests();

describe('alarm', () => {
  test('sends a local server the event of CloudWatch, and says which pools it was applied to', async () => {
    const events: unknown[] = [];
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
              events.push(event);
              return event.alarmName === 'high' ? ['default', 'batch'] : [];
            },
          },
        }),
      ),
    });
    try {
      expect(await bench.run(['alarm', 'high', '--reason', 'because'], { url: local.url })).toMatchObject({
        exit: 0,
        out: 'high is ALARM: applied to default, batch\n',
      });
      expect(await bench.run(['alarm', 'other', '--state', 'OK'], { url: local.url })).toMatchObject({
        exit: 0,
        out: 'no pool or service names the alarm other\n',
      });
      expect(events).toMatchObject([
        { alarmName: 'high', state: 'ALARM', previousState: 'OK', reason: 'because', atMs: nowMs + 10_000 },
        { alarmName: 'other', state: 'OK' },
      ]);
    } finally {
      await local.close(0);
    }
    expect((await bench.run(['alarm', 'high'])).exit).toBe(4);
    expect((await bench.run(['alarm', 'high', '--state', 'LOUD'])).exit).toBe(2);
  });
});

test('tenant: apply, list, show and delete, users by their whole name', async () => {
  expect((await bench.run(['tenant', 'apply', 'user/jane', '--weight', '2.5'])).out).toBe(
    'tenant user/jane has the weight 2.5\n',
  );
  expect((await bench.run(['tenant', 'list'])).out).toContain('user/jane');
  expect((await bench.run(['tenant', 'show', 'user/jane'])).out).toContain('2.5');
  const spends = await bench.run(['tenant', 'apply', 'shop', '--usd-per-day', '20', '--usd-per-month', '300']);
  expect(spends.out).toBe('tenant shop has the weight 1, and may spend $20.00 a day, $300.00 a month\n');
  expect((await bench.run(['tenant', 'list'])).out).toMatch(/shop +1 +\$20\.00 a day, \$300\.00 a month/);
  expect((await bench.run(['tenant', 'apply', 'shop', '--weight', '0'])).exit).toBe(4);
  expect((await bench.run(['tenant', 'delete', 'user/jane'])).exit).toBe(0);
  expect((await bench.run(['tenant', 'show', 'user/jane'])).exit).toBe(4);
});

describe("the operator's brake", () => {
  test('pool pause and resume say what they did, and so do the lists', async () => {
    expect(await bench.run(['pool', 'pause', 'default'])).toMatchObject({
      exit: 0,
      out: 'pool default buys nothing until ./bellows pool resume default; what runs goes on\n',
    });
    expect((await bench.run(['pools'])).out).toContain('paused by tenant-a/alice');
    expect((await bench.run(['pool', 'show', 'default'])).out).toContain('nothing is bought');
    expect((await bench.run(['pool', 'resume', 'default'])).out).toBe('pool default buys again\n');
    expect((await bench.run(['pool', 'pause', 'nope'])).exit).toBe(4);
  });

  test('node commands send their order, and a deadline is a number', async () => {
    const said = async (...argv: string[]): Promise<string> => (await bench.run(['node', ...argv])).out;
    expect(await said('cordon', 'i-1')).toBe('node i-1 takes no new tasks, and stays\n');
    expect(await said('uncordon', 'i-1')).toBe('node i-1 takes tasks again\n');
    expect(await said('drain', 'i-1')).toBe('node i-1 goes when its 0 tasks ended\n');
    expect(await said('drain', 'i-1', '--deadline', '60')).toContain('those that run at 2026-11-22T16:01:00.000Z');
    expect(await said('terminate', 'i-1')).toBe('node i-1 is terminated; 0 tasks stopped there first\n');
    expect((await bench.run(['node', 'drain', 'i-1', '--deadline', 'soon'])).exit).toBe(2);
    expect((await bench.run(['node', 'cordon', 'i-2'])).exit).toBe(4);
    const why = (await bench.run(['why', 'node', 'i-1'])).out;
    expect(why).toContain('i-1 of pool default is ready: it is kept: no method takes it now');
    expect(why).toMatch(/emptiness +no +it is without work, and may go at/);
    expect(why.slice(why.indexOf('START')).split('\n').slice(0, 6)).toEqual([
      'START       AT     TOOK',
      'launched    0.0 s  0.0 s',
      'kernel      0.3 s  0.3 s',
      'agent       0.9 s  0.6 s',
      'first sync  1.0 s  0.1 s',
      'first task  1.3 s  0.3 s',
    ]);
    expect((await bench.run(['why', 'r1', 'i-1'])).exit).toBe(2);
  });
});

describe('pools', () => {
  test('pool lifetimes shows what was learned, what rests on too little, and the prior', async () => {
    const { out } = await bench.run(['pool', 'lifetimes', 'default']);
    expect(out.split('\n').map((line) => line.replaceAll(/ {2,}/g, ' | '))).toEqual([
      'TENANT | SHAPE | NAME | ENDS | P50 | P90 | MEAN',
      'all | all | all | 30 | 20s | 1m00s | 30s',
      'tenant-a | all | all | 3 | 20s | 1m00s | 30s | too few ends: follows the wider class',
      '- | - | - | - | 2m00s | 18m00s | 20m00s | before anything has ended',
      '',
    ]);
    expect((await bench.run(['pool', 'lifetimes', 'nowhere'])).exit).toBe(4);
  });

  test('pool shadow shows both sides, what they do not know, and how it is promoted', async () => {
    expect((await bench.run(['pool', 'shadow', 'default'])).out).toContain('pool default has no shadow');
    expect((await bench.run(['pool', 'shadow', 'nowhere'])).exit).toBe(4);
    await bench.fake.putPool({ ...defaultPool, shadow: { idleAfterMs: 120_000, objective: 'cost-now' } });
    const { out } = await bench.run(['pool', 'shadow', 'default']);
    const lines = out.split('\n').map((line) => line.replaceAll(/ {2,}/g, ' | '));
    expect(lines).toEqual(
      expect.arrayContaining([
        'shadow of pool default: {"idleAfterSeconds":120,"objective":"cost-now"}',
        'since 2026-11-21T16:00:00.000Z, until 2026-11-22T16:00:00.000Z',
        '3 ticks had no time for all that it had to decide; it was late then',
        'cost | $12.50 | $11.00 | -$1.50 (-12 %)',
        'mean wait | 20s | 26s | +6s',
        'moves | 2 | 0 | -2',
        'launches | 40 | 44 | +4',
      ]),
    );
    expect(out).toContain('nodes of the shadow are never interrupted');
    expect(out).toMatch(/To promote it: .* put objective, idleAfterSeconds of shadow .*pool apply default -f FILE/);
    expect((await bench.run(['pool', 'show', 'default'])).out).toMatch(/shadow +idleAfterSeconds, objective; /);
  });

  test('why pool shows what each policy wants', async () => {
    const { out } = await bench.run(['why', 'pool', 'default']);
    expect(out).toContain('pool default keeps 5 nodes without work; its policies want 5: schedule office');
    expect(out).toMatch(/target load +no data +its metric has no data/);
    expect((await bench.run(['why', 'pool', 'nowhere'])).exit).toBe(4);
  });

  test('why pool names a reservation that EC2 refuses', async () => {
    const pool = await bench.fake.getPool('default');
    if (pool === null) throw new Error('there is a pool default');
    const name = 'cr-0123456789abcdef0';
    const [instanceType, zone] = ['m7i.large', 'us-east-1a'];
    const commitment = { kind: 'capacity-reservation', name, instanceType, zone, count: 2 } as const;
    const use = { name, used: 0, of: 2, meanToday: 0, isOver: false, refused: 'EC2 refuses launches into it: no.' };
    const shown = { ...pool, spec: { ...pool.spec, commitments: [commitment] }, commitmentUse: [use] };
    bench.fake.pools.set('default', shown);
    const { out } = await bench.run(['why', 'pool', 'default']);
    expect(out).toContain(`commitment ${name}: EC2 refuses launches into it: no.`);
    expect((await bench.run(['why', 'pool', 'default', '-o', 'json'])).out).not.toContain(name);
  });

  test('pool forecast shows the band, the method and past errors', async () => {
    const { out } = await bench.run(['pool', 'forecast', 'default']);
    expect(out).toContain('at most         15.5 vCPU in 90 of 100 cases');
    expect(out).toContain('seasonal-median-day is off by 0.42 vCPU on average, and the best naive method, last-value,');
    expect(out).toMatch(/seasonal-median-day +0.42 vCPU +300\nlast-value +0.9 vCPU +300 +naive/);
    expect(out).toContain('offerings, as an adaptive pool would count them:');
    expect(out).toMatch(/c7i.large\/us-east-1a\/spot +1.21, hoped 1.04 +2 +6 +0 +3.25 +12.5 +1m01s/);
    expect((await bench.run(['pool', 'forecast', 'nowhere'])).exit).toBe(4);
  });

  test('pool history shows changes of demand, and refuses steps that make too many', async () => {
    const { out } = await bench.run(['pool', 'history', 'default', '--since', '3m', '--step', '60']);
    expect(out.split('\n').map((line) => line.replaceAll(/ {2,}/g, ' | '))).toEqual([
      'FROM | VCPU | MEMORY MIB | GPU',
      '2026-11-22T15:57:00.000Z | 0 | 1024 | 0',
      '2026-11-22T15:58:00.000Z | 0.5 | 1024 | 0',
      '2026-11-22T15:59:00.000Z | 1 | 1024 | 0',
      '',
    ]);
    expect((await bench.run(['pool', 'history', 'nowhere'])).exit).toBe(4);
    const { err } = await bench.run(['pool', 'history', 'default', '--since', '7d', '--step', '60']);
    expect(err).toContain('stepSeconds makes 10080 items; at most 1500 are answered at once');
    expect((await bench.run(['pool', 'history', 'default', '--step', '90'])).err).toContain('must be whole minutes');
  });

  test('regret shows by day what was not needed, earlier days in one row, and what could not be priced', async () => {
    const { out } = await bench.run(['regret', 'default']);
    expect(out.split('\n').map((line) => line.replaceAll(/ {2,}/g, ' | '))).toEqual([
      'POOL | DAY | NODES | PAID | NEEDED | BOOT | IDLE BEFORE | IDLE AFTER | UNUSED | SIZE | LIFETIME | BILLING',
      'default | before | 2 | $1.25 | $1.20 | $0.0300 | $0 | $0.0200 | $0 | $0 | $0 | $0',
      'default | 2024-10-04 | 2 | $1.25 | $1.20 | $0.0300 | $0 | $0.0200 | $0 | $0 | $0 | $0',
      'default | 2024-10-05 | 2 (1 not priced) | $1.25 | $1.20 | $0.0300 | $0 | $0.0200 | $0 | $0 | $0 | $0',
      '',
      'Size and lifetime are at least so much. What tasks used of what they asked for is not known: it is in NEEDED.',
      '',
    ]);
    expect((await bench.run(['regret', 'nowhere'])).exit).toBe(4);
  });

  test('cost shows by day who pays, and what nobody asked for', async () => {
    const { out } = await bench.run(['cost', '--by', 'label.team', '--since', '7d']);
    expect(out.split('\n').map((line) => line.replaceAll(/ {2,}/g, ' | '))).toEqual([
      'DAY | USD | search | (idle)',
      '2026-11-27 | $2.00 | $1.50 | $0.5000',
      'all | $2.00 | $1.50 | $0.5000',
      '',
      '$0.5000 (25 %) of it no task asked for: nodes that boot, headroom, room that is left over.',
      '',
    ]);
    const rows = await bench.run(['cost', '--by', 'label.team', '-o', 'csv']);
    expect(rows.out).toBe('day,group,usd\n2026-11-27,search,1.5\n2026-11-27,(idle),0.5\n');
    const other = await bench.run(['cost', '--by', 'label.owner']);
    expect([other.exit === 0, other.err]).toEqual([false, expect.stringContaining('does not declare label.owner')]);
    expect((await bench.run(['cost', '--by', 'weather'])).err).toContain('must be pool, tenant, or label.KEY');
  });

  test('pool warm declares machines to be kept ready, and leaves the rest of the pool as it is', async () => {
    const before = (await bench.fake.getPool('default'))?.spec;
    expect(
      (
        await bench.run([
          'pool',
          'warm',
          'default',
          '--stopped',
          '2',
          '--running',
          '1',
          '--vcpu',
          '4',
          '--memory',
          '8Gi',
        ])
      ).out,
    ).toContain('keeps 1 running and 2 stopped (4 vCPU, 8192 MiB) ready');
    expect((await bench.run(['pool', 'warm', 'default', '--stopped', '0'])).out).toContain(
      'keeps 1 running and 0 stopped (4 vCPU, 8192 MiB) ready',
    );
    expect((await bench.run(['pool', 'warm', 'default', '--type', 'm7g.large'])).out).toContain(
      'keeps 1 running and 0 stopped (m7g.large) ready',
    );
    expect((await bench.run(['pool', 'show', 'default'])).out).toContain('1 running and 0 stopped (m7g.large)');
    expect((await bench.run(['pool', 'warm', 'default', '--running', '0'])).out).toContain('keeps no machine ready');
    expect((await bench.fake.getPool('default'))?.spec).toEqual(before);
  });

  test('a paused pool with budgets shows them, and pool warm leaves both as they are', async () => {
    const pool = (await bench.fake.getPool('default'))?.spec;
    if (!pool) throw new Error('there is no pool');
    const budgets = [{ nodes: 2 }, { percent: 10, methods: ['drift' as const] }];
    const disruption = {
      drift: true as const,
      expireAfterMs: 3_600_000,
      consolidation: {},
      maxDrainMs: 60_000,
      budgets,
    };
    await bench.fake.putPool({ ...pool, disruption });
    await bench.run(['pool', 'pause', 'default']);
    expect((await bench.run(['pool', 'show', 'default'])).out).toContain(
      'nodes drift; nodes expire after 1h00m; nodes consolidate; tasks are stopped after a drain of 1m00s; '
        + 'at most 2 nodes at once; at most 10 % of the nodes at once by drift',
    );
    expect((await bench.run(['pool', 'warm', 'default', '--stopped', '1'])).exit).toBe(0);
    expect((await bench.fake.getPool('default'))?.spec.disruption).toEqual(disruption);
    await bench.fake.putPool(pool);
  });

  test('what it grants of roles and target groups is shown, and left as it is by pool warm', async () => {
    const pool = (await bench.fake.getPool('default'))?.spec;
    if (!pool) throw new Error('there is no pool');
    const role = 'arn:aws:iam::123456789012:role/builds';
    const targetGroups = [{ arn: 'arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/web*' }];
    await bench.fake.putPool({ ...pool, role, roles: [{ role, tenants: ['shop'] }], targetGroups });
    const { out } = await bench.run(['pool', 'show', 'default']);
    expect(out).toContain(`${role}, of tasks that name none`);
    expect(out).toContain(`${role} for shop`);
    expect(out).toContain('targetgroup/web* for everybody');
    expect((await bench.run(['pool', 'warm', 'default', '--stopped', '1'])).exit).toBe(0);
    const after = (await bench.fake.getPool('default'))?.spec;
    expect(after).toMatchObject({ role, roles: [{ role, tenants: ['shop'] }], targetGroups });
    await bench.fake.putPool(pool);
  });

  test('headroom is declared, shown, and left as it is by pool warm', async () => {
    const path = bench.file('roomy.yaml', 'name: roomy\nheadroom: {vcpu: 2, memoryMib: 4096, nodes: 1}\n');
    expect((await bench.run(['pool', 'apply', '-f', path])).exit).toBe(0);
    const headroom = { resources: { cpuMilli: 2_000, memoryMib: 4_096, gpu: 0 }, nodes: 1 };
    expect(bench.fake.pools.get('roomy')?.spec.headroom).toEqual(headroom);
    expect((await bench.run(['pool', 'show', 'roomy'])).out).toContain(
      '1 node kept without work, each for a task of 2 vCPU, 4096 MiB',
    );
    expect((await bench.run(['pool', 'warm', 'roomy', '--stopped', '1'])).exit).toBe(0);
    expect(bench.fake.pools.get('roomy')?.spec.headroom).toEqual(headroom);
  });

  test('apply takes many documents, says what would change, and takes back what show prints', async () => {
    const text = 'name: one\npriority: 2\n---\nname: two\nlimits: {instances: 3}\n';
    const two = bench.file('two-pools.yaml', text);
    expect(await bench.run(['pool', 'apply', '-f', two, '--diff'])).toMatchObject({
      exit: 0,
      out: expect.stringMatching(/^pool one is new\n(?: {2}\+ .*\n)+pool two is new\n/),
    });
    expect(bench.fake.pools.has('one')).toBe(false);
    expect((await bench.run(['pool', 'apply', '-f', two])).out).toBe('pool one is applied\npool two is applied\n');
    expect(bench.fake.pools.get('two')?.spec.limits).toEqual({ instances: 3 });
    const before = bench.fake.pools.get('one')?.spec;
    for (const format of ['yaml', 'json']) {
      const shown = (await bench.run(['pool', 'show', 'one', '-o', format])).out;
      const path = bench.file(`shown.${format}`, shown);
      expect((await bench.run(['pool', 'apply', '-f', path, '--diff'])).out).toBe('pool one stays as it is\n');
      expect((await bench.run(['pool', 'apply', '-f', path])).exit).toBe(0);
      expect(bench.fake.pools.get('one')?.spec).toEqual(before);
    }
    const changed = bench.file('changed.yaml', 'name: one\npriority: 2\ndefault: true\nidleAfterSeconds: 5\n');
    expect((await bench.run(['pool', 'apply', '-f', changed, '--diff'])).out).toBe(
      'pool one changes\n  - default: false\n  + default: true\n  - idleAfterSeconds: 15\n  + idleAfterSeconds: 5\n',
    );
    for (const wrong of [text.replace('two', 'one'), 'name: one\n---\npriority: 1\n', 'name: one\nprioritee: 1\n'])
      expect((await bench.run(['pool', 'apply', '-f', bench.file('wrong.yaml', wrong), '--diff'])).exit).toBe(2);
    expect((await bench.run(['pool', 'apply', 'one', '-f', two])).exit).toBe(2);
    const refused = bench.file('refused.yaml', 'name: one\n---\nname: two\nidleAfterSeconds: -1\n');
    const ran = await bench.run(['pool', 'apply', '-f', refused]);
    expect([ran.exit, ran.out]).toEqual([4, 'pool one is applied\n']);
    expect(ran.err).toMatch(/refused\.yaml document 2, pool two: invalid_request \(400\): .*idleAfterSeconds must not/);
  });

  test('apply takes the name from the file or the command', async () => {
    const path = bench.file('pool.yaml', 'name: batch\nlimits: {instances: 2}\n');
    expect((await bench.run(['pool', 'apply', '-f', path])).out).toBe('pool batch is applied\n');
    expect(bench.fake.pools.get('batch')?.spec.limits).toEqual({ instances: 2 });
    expect((await bench.run(['pool', 'apply', 'other', '-f', path])).exit).toBe(4);
    expect((await bench.run(['pool', 'apply', '-f', bench.file('nameless.yaml', 'priority: 1\n')])).exit).toBe(2);
    expect((await bench.run(['pool', 'delete', 'batch'])).exit).toBe(0);
    expect((await bench.run(['pool', 'show', 'batch'])).exit).toBe(4);
  });
});
