// Commands about services.
import { expect, test } from '@jest/globals';
import { CliBench } from '../bench.ts';

const bench = CliBench.forTests();

const template = { shell: 'sleep 1000', resources: { vcpu: 0.5, memoryMib: 256 } };

const file = (text = ''): string =>
  bench.file(
    'web.yaml',
    `name: web\nreplicas: 3\ntemplate:\n  shell: sleep 1000\n  resources: { vcpu: 0.5, memoryMib: 256 }\n${text}`,
  );

test('apply, list, show, scale, events and delete', async () => {
  expect((await bench.run(['service', 'apply', '-f', file()])).out).toBe('service web, revision 1: 3 of 3 ready\n');
  expect(bench.fake.services.wishes).toMatchObject([
    {
      tenant: 'tenant-a',
      name: 'web',
      pool: null,
      replicas: 3,
      update: { maxUnavailable: 0, maxSurge: 1, order: 'start-first', progressMs: 600_000, isRolledBack: true },
      drainMs: 5_000,
      template: { run: { kind: 'shell', script: 'sleep 1000' }, count: 1, retries: 0 },
    },
  ]);
  expect((await bench.run(['service', 'list'])).out).toContain('web');
  const { out } = await bench.run(['service', 'show', 'web']);
  expect(out).toContain('3 of 3 ready');
  expect(out).toContain('r-1');
  expect((await bench.run(['service', 'scale', 'web', '5'])).out).toContain('5 replicas wanted');
  expect((await bench.run(['service', 'rollback', 'web', '--to', '1'])).out).toContain('back to revision 1');
  expect((await bench.run(['service', 'events', 'web'])).out).toContain('declared in pool default');
  expect((await bench.run(['service', 'delete', 'web'])).out).toContain('being deleted');
  expect((await bench.run(['service', 'show', 'nothing'])).exit).toBe(4);
});

test('a preStop command is a part of the template', async () => {
  const body = { ...template, graceSeconds: 30, preStop: { command: ['sh', '-c', 'true'] } };
  const leaver = bench.file('leaver.yaml', JSON.stringify({ template: body }));
  expect((await bench.run(['service', 'apply', 'web', '-f', leaver])).exit).toBe(0);
  expect(bench.fake.services.wishes.at(-1)?.template).toMatchObject({
    preStop: { argv: ['sh', '-c', 'true'] },
    disruption: { graceMs: 30_000 },
  });
});

test('target groups: applied, and shown with what is registered, what is healthy and what fails', async () => {
  const arn = 'arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/web/0123456789abcdef';
  const targetGroups = [{ arn, port: 'http' }];
  const body = { replicas: 3, targetGroups, template: { ...template, ports: [{ name: 'http' }] } };
  const given = bench.file('balanced.yaml', JSON.stringify(body));
  expect((await bench.run(['service', 'apply', 'balanced', '-f', given])).exit).toBe(0);
  expect(bench.fake.services.wishes.at(-1)?.targetGroups).toEqual(targetGroups);
  const { out } = await bench.run(['service', 'show', 'balanced']);
  expect(out).toContain('web, port http: 3 registered, 1 healthy');
  expect(out).toContain('register fails: no permission');
});

test('policies: applied, shown, explained, and told a number', async () => {
  const policies = [
    'min: 2',
    'max: 20',
    'policies:',
    '  - { kind: target, name: visitors, metric: reported, reported: visitors, target: 100 }',
    '  - { kind: target, name: cpu, metric: cpu, target: 60, tolerance: 0.2 }',
    '  - { kind: schedule, name: day, entries: [{ cron: "0 8 * * *", replicas: 5 }] }',
    '  - { kind: step, name: queue, metric: waiting, steps: [{ from: 10, replicas: 4 }] }',
    '  - { kind: alarm, name: busy, alarmName: web-busy, removeReplicas: 2, steps: [{ from: 5, replicas: 3 }] }',
    '  - { kind: manual, name: floor, replicas: 3 }',
    'behaviour: { out: { rates: [{ percent: 100, periodSeconds: 15 }] }, in: { stabilizationSeconds: 300 } }',
  ];
  expect((await bench.run(['service', 'apply', '-f', file(`${policies.join('\n')}\n`)])).exit).toBe(0);
  expect(bench.fake.services.wishes.at(-1)?.scaling).toEqual({
    min: 2,
    max: 20,
    policies: [
      { kind: 'target', name: 'visitors', metric: { kind: 'reported', metric: 'visitors', of: 'total' }, target: 100 },
      { kind: 'target', name: 'cpu', metric: { kind: 'cpu' }, target: 60, tolerance: 0.2 },
      { kind: 'schedule', name: 'day', timeZone: 'UTC', entries: [{ cron: '0 8 * * *', wanted: 5 }] },
      { kind: 'step', name: 'queue', metric: { kind: 'waiting' }, steps: [{ from: 10, wanted: 4 }] },
      {
        ...{ kind: 'alarm', name: 'busy', alarmName: 'web-busy', change: -2, cooldownMs: 300_000 },
        steps: [{ from: 5, change: -3 }],
      },
      { kind: 'manual', name: 'floor', replicas: 3 },
    ],
    behaviour: {
      out: { stabilisationMs: 0, select: 'max', policies: [{ kind: 'percent', value: 100, periodMs: 15_000 }] },
      in: { stabilisationMs: 300_000, select: 'max', policies: [] },
    },
  });
  const { out } = await bench.run(['service', 'show', 'web']);
  expect(out).toContain('2 to 20 by target visitors, target cpu, schedule day');
  // What is shown can be declared again.
  const shown = JSON.parse((await bench.run(['service', 'show', 'web', '--json'])).out) as Record<string, unknown>;
  const own = ['min', 'max', 'policies', 'behaviour'].map((field) => [field, shown[field]] as const);
  const again = bench.file('again.yaml', JSON.stringify({ ...Object.fromEntries(own), template }));
  expect((await bench.run(['service', 'apply', 'web', '-f', again])).exit).toBe(0);
  expect(bench.fake.services.wishes.at(-1)?.scaling).toEqual(bench.fake.services.wishes.at(-2)?.scaling);
  const why = (await bench.run(['why', 'service', 'web'])).out;
  expect(why).toContain('service web has 3 replicas wanted; its policies want 4');
  expect(why).toContain('total 350, target 100 each, 3 now');
  const at = '2026-11-22T16:00:00.000Z';
  expect((await bench.run(['service', 'report', 'web', 'visitors', '350', '--at', at])).out).toBe(
    `visitors of service web is 350, as of ${at}\n`,
  );
  expect((await bench.run(['service', 'report', 'web', 'visitors', 'many'])).exit).toBe(2);
  const { out: ahead } = await bench.run(['service', 'forecast', 'web']);
  expect(ahead).toContain('within 90 s at most 4.6 wanted in 90 of 100 cases, 4 expected (seasonal-median-day)');
  expect(ahead).toContain('at most         4.6 replicas in 90 of 100 cases');
  expect(ahead).toMatch(/seasonal-median-day +0.42 replicas +300\nlast-value +0.9 replicas +300 +naive/);
  expect((await bench.run(['service', 'forecast', 'nowhere'])).exit).toBe(4);
});

const load = '{ kind: target, name: load, metric: reported, reported: visitors, target: 100 }';
const scaled = (policy: string, more = 'max: 5'): string => `${more}\npolicies: [${policy}]\n`;

test.each([
  ['policies without max', scaled(load, ''), 'max'],
  ['min above max', scaled(load, 'min: 6\nmax: 5'), 'min'],
  ['max without policies', 'max: 5\n', 'max'],
  ['behaviour without policies', 'behaviour: {}\n', 'behaviour'],
  ['two of one name', scaled(`${load}, ${load}`), 'name each policy once'],
  ['a reported metric without its name', scaled('{ kind: step, name: a, metric: reported, steps: [] }'), 'steps'],
  ['a reported metric that is not', scaled('{ kind: target, name: a, metric: reported, target: 1 }'), 'reported'],
  ['a name for the CPU', scaled('{ kind: target, name: a, metric: cpu, of: total, target: 1 }'), 'goes with'],
  [
    'two policies of one alarm',
    scaled(['a', 'b'].map((name) => `{ kind: alarm, name: ${name}, alarmName: c, addReplicas: 1 }`).join(', ')),
    'each alarm once',
  ],
  ['an alarm that does nothing', scaled('{ kind: alarm, name: a, alarmName: b }'), 'addReplicas or removeReplicas'],
])('refused: %s', async (_what, text, named) => {
  const { exit, err } = await bench.run(['service', 'apply', '-f', file(text)]);
  expect(exit).toBe(4);
  expect(err).toContain(named);
});

test.each([
  ['another name than the path', ['service', 'apply', 'other'], '', 'other'],
  ['an unknown field', ['service', 'apply'], 'replica: 2\n', 'replicas'],
  ['a task that ends', ['service', 'apply'], 'update: { maxUnavailable: -1 }\n', 'update.maxUnavailable'],
])('what cannot be is refused: %s', async (_what, args, text, named) => {
  const { exit, err } = await bench.run([...args, '-f', file(text)]);
  expect(exit).toBe(4);
  expect(err).toContain(named);
  expect(bench.fake.services.wishes).toEqual([]);
});

test('a template is one task: what only arrays and runs that end have is no field of it', async () => {
  const body = 'name: web\ntemplate: { shell: x, resources: { vcpu: 1, memoryMib: 1 }, count: 3 }\n';
  const { exit, err } = await bench.run(['service', 'apply', '-f', bench.file('count.yaml', body)]);
  expect(exit).toBe(4);
  expect(err).toContain('template.count');
});
