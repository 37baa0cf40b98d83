// `apply`: what is sent, and that nothing is where anything has no counterpart.
import { expect, test } from '@jest/globals';
import { CliBench } from '../../bench.ts';

const bench = CliBench.forTests();

const resources = 'deploy: { resources: { limits: { cpus: "0.5", memory: 256M } } }';
const compose = (more = ''): string =>
  bench.file(
    'compose.yaml',
    `services:\n  api: { image: "api:\${TAG}", ${resources} }\n  web: { image: web, ${resources} }\n${more}`,
  );
const job = bench.file(
  'job.yaml',
  `
apiVersion: batch/v1
kind: Job
metadata: { name: nightly }
spec:
  template:
    spec:
      restartPolicy: Never
      containers: [{ name: a, image: etl, resources: { limits: { cpu: 1, memory: 1Gi } } }]
`,
);

test('services of a Compose file', async () => {
  const { out, err, exit } = await bench.run(['apply', '-f', compose(), '--pool', 'shop']);
  expect([exit, err]).toEqual([0, '']);
  expect(out).toBe(
    'service api, revision 1: ./bellows service show api\nservice web, revision 1: ./bellows service show web\n',
  );
  expect(
    bench.fake.services.wishes.map(({ name, pool, template }) => [name, pool, 'run' in template && template.run]),
  ).toEqual([
    ['api', 'shop', { kind: 'container', image: 'api:3.12', argv: null }],
    ['web', 'shop', { kind: 'container', image: 'web', argv: null }],
  ]);
});

test('a Job, which is the same when it is applied again as it is', async () => {
  const before = bench.fake.submissions.length;
  const { out, exit } = await bench.run(['apply', '-f', job]);
  expect([exit, out]).toEqual([0, expect.stringMatching(/^task nightly, r\S+: \.\/bellows show r\S+\n$/)]);
  await bench.run(['apply', '-f', job]);
  const [first, second] = bench.fake.submissions.slice(before);
  expect(first?.idempotencyKey).toMatch(/^apply-nightly-[0-9a-f]{16}$/);
  expect(second?.idempotencyKey).toBe(first?.idempotencyKey);
  expect(first?.spec).toMatchObject({ retries: 6, count: 1, run: { kind: 'container', image: 'etl', argv: null } });
});

test('all that has no counterpart is named, and nothing is sent', async () => {
  const before = bench.fake.services.wishes.length;
  const file = compose('networks: { front: {} }\nconfigs: { a: {} }\n');
  const { err, exit } = await bench.run(['apply', '-f', file]);
  expect(exit).toBe(4);
  expect(err).toContain('422 unsupported_field');
  expect(err).toContain('  networks has no counterpart in Bellows\n  configs has no counterpart in Bellows\n');
  expect(bench.fake.services.wishes).toHaveLength(before);
  const { err: neither, exit: usage } = await bench.run(['apply', '-f', bench.file('pool.yaml', 'name: a\n')]);
  expect([usage, neither]).toEqual([2, expect.stringContaining('neither a Compose file nor a manifest of Kubernetes')]);
});

test('--dry-run sends nothing and prints what would be sent', async () => {
  const before = bench.fake.services.wishes.length;
  const { out } = await bench.run(['apply', '-f', compose(), '--dry-run']);
  expect(out).toContain('name: api\ntemplate:\n  image: api:3.12\n');
  expect(out).toContain('\n---\nname: web\n');
  expect(bench.fake.services.wishes).toHaveLength(before);
});

test('what the API would refuse is named before anything is sent, and so is a wrong alias', async () => {
  const before = bench.fake.services.wishes.length;
  const named = bench.file(
    'names.yaml',
    `services: { ok: { image: a, ${resources} }, my_db: { image: a, ${resources} } }\n`,
  );
  const alias = bench.file('alias.yaml', 'services: { a: *nope }\n');
  const circle = bench.file('circle.yaml', 'services: &all { a: *all }\n');
  const answers = [];
  for (const file of [named, alias, circle]) answers.push(await bench.run(['apply', '-f', file]));
  expect(answers.map(({ exit }) => exit)).toEqual([2, 2, 2]);
  expect(answers.map(({ err }) => err)).toEqual([
    expect.stringContaining('service my_db'),
    expect.stringContaining('look at its anchors and aliases'),
    expect.stringContaining('look at its anchors and aliases'),
  ]);
  expect(bench.fake.services.wishes).toHaveLength(before);
});
