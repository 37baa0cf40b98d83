// Commands about services.
import { expect, test } from '@jest/globals';
import { CliBench } from '../bench.ts';

const bench = CliBench.forTests();

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
