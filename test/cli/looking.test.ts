// Commands that show requests, pools and nodes, as tables and as JSON.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { routes } from '../../lib/api/routes.ts';
import type { Submission } from '../../lib/control/use-cases.ts';
import { nowMs } from '../lambdas/fake-use-cases.ts';
import { costText } from '../../cli/text.ts';
import { CliBench } from './bench.ts';

const bench = CliBench.forTests();

test('there is a command for every route of the API, besides those that are for programs', () => {
  const files = readdirSync('cli', { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.ts'));
  const text = files.map((path) => readFileSync(join('cli', path), 'utf8')).join('\n');
  const unused = Object.keys(routes).filter((id) => !text.includes(`'${id}'`));
  expect(unused).toEqual(['getHealth', 'getOpenApi', 'getDocs']);
});

describe('looking', () => {
  beforeEach(async () => {
    await bench.run(['run', '--', 'true']);
    await bench.run(['run', '--', 'false']);
    bench.fake.end('r2', 1, { stdout: 'a', stderr: 'b' });
  });

  test('requests is an aligned table', async () => {
    const { out } = await bench.run(['requests']);
    expect(out).toBe(
      [
        'ID  NAME  STATE    POOL     TASKS  AGE  TOOK  RUNS ON    REASON',
        'r1  -     pending  default  1      10s  -     -',
        'r2  -     failed   default  1      10s  1s    c7g.large',
        '',
      ].join('\n'),
    );
  });

  test('wide has what each cost, and show says whether that is all', async () => {
    const { out } = await bench.run(['requests', '-o', 'wide']);
    expect(out).toMatch(/ TOOK {2}USD +RUNS ON .*\n.* - +- +-\n.* 1s +<\$0\.0001 +c7g\.large\n/);
    expect((await bench.run(['show', 'r2'])).out).toMatch(/^cost +<\$0\.0001$/m);
    expect((await bench.run(['show', 'r1'])).out).not.toMatch(/^cost/m);
    const open = { usd: 0.5, endedAt: null };
    expect([costText(open), costText({ ...open, usd: 0 }), costText({ ...open, usd: null })]).toEqual([
      '$0.5000 so far',
      null,
      null,
    ]);
  });

  test('show says what a waiting request waits for, and where one ran', async () => {
    expect((await bench.run(['show', 'r1'])).out).toMatch(/^waits for {2}recorded; waits for the next tick$/m);
    expect((await bench.run(['show', 'r2'])).out).toMatch(/^runs on {4}c7g\.large in us-east-1a, spot, \$0\.0300\/h$/m);
    expect((await bench.run(['show', 'r2'])).out).toMatch(
      /^style +reactive \(the style of pool default: nothing is bought ahead of it\)$/m,
    );
  });

  test('names and labels are shown and found, and what was asked is shown again, without values of env', async () => {
    const options = ['--name', 'nightly', '--label', 'team=search', '--label', 'env=prod', '--env', 'TOKEN=hush'];
    await bench.run(['run', ...options, '--priority', '3', '--timeout', '90', '--', 'sh', '-c', "echo it's"]);
    const { out } = await bench.run(['show', 'r3']);
    expect(out).toMatch(/^name +nightly$/m);
    expect(out).toMatch(/^labels +team=search, env=prod$/m);
    expect(out).toMatch(/^command +sh -c 'echo it'\\''s'$/m);
    expect(out).toMatch(/^env +TOKEN$/m);
    expect(out).toMatch(/^asked for +0\.5 vCPU, 512 MiB$/m);
    expect(out).toMatch(/^priority +3$/m);
    expect(out).toMatch(/^within +timeout 1m30s$/m);
    expect(out).not.toContain('hush');
    expect((await bench.run(['show', 'r3', '--json'])).out).not.toContain('hush');
    await bench.run(['requests', '--name', 'nightly', '--label', 'team=search', '--since', '2h', '--oldest']);
    expect(bench.fake.filters.at(-1)).toMatchObject({
      name: 'nightly',
      labels: [['team', 'search']],
      sinceMs: nowMs + 10_000 - 7_200_000,
      order: 'oldest',
    });
    expect((await bench.run(['requests', '--since', 'yesterday'])).exit).toBe(2);
    expect((await bench.run(['requests', '--label', 'team'])).exit).toBe(2);
  });

  test('why tells the timeline with what was excluded', async () => {
    bench.fake.change('r1', {
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
    const { out } = await bench.run(['why', 'r1']);
    expect(out).toContain('waits: the pool is at its limit of 12 nodes; next try at 2026-11-22T16:00:05.000Z');
    expect(out).toContain('limits excludes 40 offerings');
  });

  test('why --if says what would become of it, and sends what would be different', async () => {
    const ifs = ['limits.vcpu=200', 'capacityType=on-demand,spot', 'vcpu=0.5', 'burstable=false', 'paused=false'];
    const { out } = await bench.run(['why', 'r1', ...ifs.flatMap((one) => ['--if', one])]);
    expect(out.split('\n')).toEqual([
      'now: waits (limit_reached): The limits of the pool leave no room.',
      `if ${ifs.join(', ')}: buys 1 x c7g.large on-demand in us-east-1a at $0.0725/h each, or 3 other offerings`,
      '',
    ]);
    expect(bench.fake.differences).toEqual([
      {
        limits: { vcpu: 200 },
        requirements: { capacityType: ['on-demand', 'spot'], burstable: false },
        resources: { cpuMilli: 500 },
        isPaused: false,
      },
    ]);
    expect((await bench.run(['why', 'r1', '--if', 'more'])).exit).toBe(2);
    expect((await bench.run(['why', 'r1', '--if', 'limits.vcpus=3'])).err).toContain('limits');
    expect((await bench.run(['why', 'r2', '--if', 'vcpu=1'])).err).toContain('has ended');
    expect((await bench.run(['why', 'r9', '--if', 'vcpu=1'])).exit).toBe(4);
  });

  test('logs keeps the streams apart', async () => {
    expect(await bench.run(['logs', 'r2'])).toEqual({ exit: 0, out: 'a', err: 'b' });
  });

  test('logs asks for all that is kept, or for as much as is said, and says exactly what is missing', async () => {
    bench.fake.outputs.set('r2.0', {
      stdout: 'tail',
      stderr: 'b',
      truncated: true,
      leftOutBytes: { stdout: 43_358, stderr: 1 },
    });
    const ran = await bench.run(['logs', 'r2', '--tail', '4']);
    expect(ran).toMatchObject({ exit: 0, out: 'tail' });
    expect(ran.err).toBe(
      '43358 bytes of stdout and 1 byte of stderr left out; --tail BYTES shows more of what is kept\nb',
    );
    expect(bench.fake.tailBytes).toEqual([4]);
    expect((await bench.run(['logs', 'r2'])).err).not.toContain('--tail');
    expect(bench.fake.tailBytes).toEqual([4, 1_048_576]);
    expect((await bench.run(['logs', 'r2', '--tail', '0'])).exit).toBe(2);
  });

  test('logs --raw writes bytes as they are, also as they come', async () => {
    const output = { stdout: 'a\udcff\0', stderr: '\udc80', truncated: false, leftOutBytes: { stdout: 0, stderr: 0 } };
    bench.fake.outputs.set('r2.0', output);
    expect(await bench.run(['logs', 'r2'])).toEqual({ exit: 0, out: 'a\ufffd\0', err: '\ufffd' });
    for (const more of [[], ['-f']]) {
      bench.written.stdout.length = bench.written.stderr.length = 0;
      expect(await bench.run(['logs', 'r2', '--raw', ...more])).toEqual({ exit: 0, out: '', err: '' });
      expect(bench.written).toEqual({ stdout: [0x61, 0xff, 0], stderr: [0x80] });
    }
  });

  test('requests follows cursors, up to its limit, also over pages that are short or empty', async () => {
    for (let n = 0; n < 2_100; n += 1)
      await bench.fake.submit({ ...bench.fake.submissions[0], idempotencyKey: null } as Submission);
    bench.fake.isPageShort = true;
    const lines = async (...args: readonly string[]): Promise<[number, string]> => {
      const { out, err } = await bench.run(['requests', ...args]);
      return [out.trimEnd().split('\n').length - 1, err];
    };
    expect(await lines('--limit', '2000')).toEqual([2_000, expect.stringContaining('there are more: --cursor')]);
    expect(await lines('--limit', '100000')).toEqual([2_102, '']);
    expect(await lines()).toEqual([50, expect.stringContaining('--cursor')]);
    expect(await lines('--state', 'failed')).toEqual([1, '']);
    expect(JSON.parse((await bench.run(['requests', '--limit', '5000', '--json'])).out)).toMatchObject({
      items: { length: 2_102 },
      nextCursor: null,
    });
    for (const limit of ['0', '-1', '1.5', 'x']) expect((await bench.run(['requests', '--limit', limit])).exit).toBe(2);
  });

  test.each([
    ['requests'],
    ['show', 'r2'],
    ['why', 'r2'],
    ['logs', 'r2'],
    ['logs', 'r2', '--failed'],
    ['tasks', 'r2'],
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
      const ran = await bench.run(line);
      expect([ran.exit, ran.err, typeof JSON.parse(ran.out)]).toEqual([0, '', 'object']);
    }
  });

  test('every table and text is printed', async () => {
    expect((await bench.run(['pools'])).out).toContain(
      'default  0         priority  least-cost  10s         32          12 nodes',
    );
    expect((await bench.run(['nodes'])).out).toContain('c7g.large');
    expect((await bench.run(['activity'])).out).toContain('bought for r1');
    expect((await bench.run(['stats'])).out).toContain('1 pending, 1 failed');
    expect((await bench.run(['cancel', 'r1'])).out).toBe('r1 is cancelled\n');
  });
});
