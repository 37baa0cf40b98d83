// `plan` without a server: demand from files, and what it would buy.
import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import type { PlanView } from '../../lib/api/schemas/plan.ts';
import { CliBench } from './bench.ts';

const bench = CliBench.forTests();

describe('plan', () => {
  // A server is not asked: this address has none.
  const offline = { url: 'http://127.0.0.1:1' };
  const pool = bench.file(
    'plan-pool.yaml',
    'requirements: {instanceFamily: [c7g, m7g], capacityType: [on-demand]}\nlimits: {usdPerHour: 5}\n',
  );

  test('reads CSV, and what it buys carries what was asked', async () => {
    const demand = bench.file(
      'demand.csv',
      'id,vcpu,memory_mib,gpu,count,arch,capacity_type,duration_s\na,0.5,512,0,7,arm64|amd64,on-demand,60\n"b, '
        + 'too",1,1024,0,,,,\n',
    );
    const ran = await bench.run(
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

  test('says what commitments of the pool pay for', async () => {
    const demand = bench.file('paid.csv', 'id,vcpu,memory_mib,gpu,count\na,1,1024,0,3\n');
    const paying = bench.file(
      'paying.yaml',
      'requirements: {arch: [amd64]}\n'
        + 'commitments: [{kind: reserved-instances, name: ri, instanceType: m7i.xlarge, count: 1}]\n',
    );
    const ran = await bench.run(['plan', '-f', demand, '--pool', paying, '--iterations', '1'], offline);
    expect(ran.out).toMatch(/^3 tasks of 1 request on 1 node for \S+\/h and \$0\.2\d+\/h that commitments pay for/);
  });

  test("reads the documentation's example", async () => {
    const demand = /^```csv\n(id,vcpu.*?)^```$/ms.exec(readFileSync('docs/cli.md', 'utf8'))?.[1] ?? '';
    const ran = await bench.run(['plan', '-f', bench.file('docs.csv', demand), '--iterations', '1'], offline);
    expect(ran).toMatchObject({ exit: 0, err: '', out: expect.stringMatching(/^42 tasks of 2 requests on /) });
  });

  test('says when time ended the search, and nothing when all steps were done', async () => {
    const rows = Array.from(
      { length: 30 },
      (_, n) => `t${String(n)},${String(1 + (n % 7))},${String(900 + n * 613)},0`,
    );
    const file = bench.file('mixed.csv', ['id,vcpu,memory_mib,gpu', ...rows].join('\n'));
    const plan = (...more: string[]) => bench.run(['plan', '-f', file, '--json', ...more], offline);
    const cut = await plan('--time-budget-ms', '0');
    expect(cut.err).toContain('the search was ended after 0 ms, before its 200 steps were done');
    expect((JSON.parse(cut.out) as PlanView).isCutShort).toBe(true);
    const whole = await plan('--iterations', '2');
    expect(whole.err).toBe('');
    expect((JSON.parse(whole.out) as PlanView).isCutShort).toBe(false);
    expect((await plan('--iterations', '2')).out).toBe(whole.out);
  });

  test('reads the same demand from JSON, JSON lines and YAML', async () => {
    const item = { id: 'a', resources: { vcpu: 1, memoryMib: 1024 }, count: 5 };
    const outs: string[] = [];
    for (const path of [
      bench.file('d.json', JSON.stringify([item])),
      bench.file('d.jsonl', JSON.stringify(item)),
      bench.file('d.yaml', 'requests:\n- {id: a, resources: {vcpu: 1, memoryMib: 1024}, count: 5}\n'),
      bench.file('d.csv', 'id,vcpu,memory_mib,gpu,count\na,1,1024,0,5\n'),
    ]) {
      const ran = await bench.run(['plan', '-f', path, '--pool', pool, '--json', '--iterations', '20'], offline);
      expect(ran.err).toBe('');
      outs.push(ran.out);
    }
    expect(new Set(outs).size).toBe(1);
  });

  test('says what slightly less memory would cost, where that is much less', async () => {
    const plan = async (memoryMib: number): Promise<string> =>
      (
        await bench.run(
          ['plan', '-f', bench.file('near.csv', `id,vcpu,memory_mib,gpu\nnear,1,${String(memoryMib)},0\n`)],
          offline,
        )
      ).out;
    const text = await plan(4_096);
    expect(text).toMatch(/\nWith at most 1 vCPU and \d+ MiB for each task of near this plan would cost 0\.\d+ USD\/h/);
    const said = Number(/and (\d+) MiB/.exec(text)?.[1]);
    expect(await plan(said)).not.toContain('With at most');
  });

  test('exits 1 and says why when something cannot be placed', async () => {
    const ran = await bench.run(
      ['plan', '-f', bench.file('huge.csv', 'id,vcpu,memory_mib,gpu\nok,1,1024,0\nhuge,1000,1024,0\n'), '--pool', pool],
      offline,
    );
    expect(ran.exit).toBe(1);
    expect(ran.out).toContain('1 task of 2 requests on 1 node for $');
    expect(ran.out).toMatch(/not placed: 1 task of 1 request\n {2}huge \(1 task, unsatisfiable\)/);
  });

  test.each([
    ['lacks the column memory_mib', 'id,vcpu,gpu\na,1,0\n'],
    ['lacks the columns memory_mib, gpu', 'id,vcpu\na,1\n'],
    ['unknown columns: colour', 'id,vcpu,memory_mib,gpu,colour\na,1,1,0,red\n'],
    ['line 3: resources.vcpu', 'id,vcpu,memory_mib,gpu\na,1,1,0\nb,-1,1,0\n'],
    ['line 2: vcpu "many" is not a number', 'id,vcpu,memory_mib,gpu\na,many,1,0\n'],
    ['line 2 has 3 cells', 'id,vcpu,memory_mib,gpu\na,1,1\n'],
    ['a quote is not closed', 'id,vcpu,memory_mib,gpu\n"a,1,1,0\n'],
    ['uses ids twice: a', 'id,vcpu,memory_mib,gpu\na,1,1,0\na,1,1,0\n'],
    ['is empty', 'id,vcpu,memory_mib,gpu\n'],
  ])('a CSV that %s is a usage error', async (message, text) => {
    const ran = await bench.run(['plan', '-f', bench.file('wrong.csv', text)], offline);
    expect([ran.exit, ran.out]).toEqual([2, '']);
    expect(ran.err).toContain(message);
  });
});

describe('quote', () => {
  test('says when it is done and what it costs, by capacity type, and asks for nothing', async () => {
    const ran = await bench.run(['quote', '--vcpu', '2', '--count', '3', '--pool', 'batch', '--', 'make', 'test']);
    expect([ran.exit, ran.err]).toEqual([0, '']);
    expect(ran.out).toContain(
      'pool batch; a task lasts 1m00s, one in ten longer than 10m00s (learned from 120 that ended)',
    );
    expect(ran.out).toContain(
      'Of your last 120 requests here that were quoted: 54 % were done within the first figure, 91 % the second; '
        + '50 % cost no more than the first figure, 100 % the second.',
    );
    expect(ran.out).toMatch(/as asked +1 x c7g\.large on-demand in us-east-1a +30s to 45s +1m30s to 10m45s +\$0\.0100/);
  });

  test('is kept with a request that is run with it', async () => {
    const ran = await bench.run(['run', '--quote', '--json', '--', 'true']);
    expect(ran.exit).toBe(0);
    expect(bench.fake.submissions.at(-1)).toMatchObject({ isQuoted: true });
    await bench.run(['run', '--', 'true']);
    expect(bench.fake.submissions.at(-1)).not.toHaveProperty('isQuoted');
  });

  test('needs no command', async () => {
    const ran = await bench.run(['quote', '--duration', '600', '--json']);
    expect(JSON.parse(ran.out)).toMatchObject({ pool: 'default', offers: [{ usd: { p50: 0.01, p90: 0.1 } }] });
  });
});
