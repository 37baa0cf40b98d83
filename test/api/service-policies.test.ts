// Policies of services, as the API takes them.
import { expect, test } from '@jest/globals';
import { cloudWatchErrors } from '../../lib/api/schemas/tasks/scaling/cloudwatch.ts';
import { headroomPolicy, headroomPolicyOf, presentPolicy } from '../../lib/api/schemas/figures/policies.ts';
import { presentScaling, scalingOf } from '../../lib/api/schemas/tasks/scaling/service-policies.ts';
import { serviceBody } from '../../lib/api/schemas/tasks/services.ts';

const template = { shell: 'sleep 1000', resources: { vcpu: 0.5, memoryMib: 256 } };

function objections(policies: readonly object[], bounds: object): readonly string[] {
  const read = serviceBody.safeParse({ template, ...bounds, policies });
  return read.success ? [] : read.error.issues.map((one) => one.path.join('.'));
}

const cpu = { kind: 'target', name: 'cpu', metric: 'cpu', target: 60 };
const average = { kind: 'target', name: 'load', metric: 'reported', reported: 'load', of: 'average', target: 5 };

test('the count may go to 0 only where something moves it from there', () => {
  expect(objections([cpu, average], { min: 0, max: 4 })).toEqual(['min']);
  expect(objections([cpu, average], { min: 1, max: 4 })).toEqual([]);
  expect(objections([cpu, { ...average, of: 'total' }], { min: 0, max: 4 })).toEqual([]);
  expect(
    objections([cpu, { kind: 'schedule', name: 's', entries: [{ cron: '0 8 * * *', replicas: 2 }] }], {
      min: 0,
      max: 4,
    }),
  ).toEqual([]);
});

const cloudwatch = {
  namespace: 'AWS/ApplicationELB',
  metricName: 'RequestCount',
  dimensions: { LoadBalancer: 'app/shop/50dc6c495c0c9188' },
  statistic: 'Sum',
  periodSeconds: 300,
};
const requests = { kind: 'target', name: 'requests', metric: 'cloudwatch', cloudwatch, target: 1_000 };

test('of machines says what goes by what they are, and what is done in place of it', () => {
  const arn = 'arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/web/0123456789abcdef';
  const read = serviceBody.safeParse({
    template: { machine: { instanceType: 'm7g.large' } },
    ...{ max: 4, policies: [cpu], targetGroups: [{ arn, port: 'http' }] },
  });
  expect(read.error?.issues.map((one) => one.message)).toEqual([
    expect.stringContaining('go by a metric that is reported, or by a metric or an alarm of CloudWatch'),
    expect.stringMatching(/^does not go with a template of a machine: .* register the machines yourself/),
  ]);
});

test('a metric of CloudWatch is shown as it was declared', () => {
  const body = serviceBody.parse({ template, max: 4, policies: [requests] });
  const scaling = scalingOf(body);
  expect(scaling?.policies).toMatchObject([
    { metric: { kind: 'cloudwatch', of: 'total', cloudWatch: { metricName: 'RequestCount', periodMs: 300_000 } } },
  ]);
  expect(presentScaling(scaling).policies).toEqual([{ ...requests, of: 'total' }]);
  const short = { ...requests, cloudwatch: { namespace: 'Shop', metricName: 'visitors' } };
  expect(scalingOf(serviceBody.parse({ template, max: 4, policies: [short] }))?.policies).toMatchObject([
    { metric: { cloudWatch: { dimensions: {}, statistic: 'Average', periodMs: 60_000 } } },
  ]);
});

test.each([
  { ...requests, tolerance: 0.2 },
  { kind: 'step', name: 'requests', metric: 'cloudwatch', cloudwatch, steps: [{ from: 5, nodes: 1 }] },
  { kind: 'step', name: 'load', steps: [{ fromVcpu: 5, nodes: 1 }] },
  { kind: 'target', name: 'load', vcpuPerNode: 4 },
])('and so is one of a pool: $kind $name', (policy) => {
  expect(presentPolicy(headroomPolicyOf(headroomPolicy.parse(policy)))).toEqual(policy);
});

test.each([
  ['dimensions.__proto__', { dimensions: JSON.parse('{"__proto__": "x"}') as object }],
  ['31 dimensions', { dimensions: Object.fromEntries(Array.from({ length: 31 }, (_, n) => [`d${String(n)}`, 'x'])) }],
  ['a statistic', { statistic: 'Median' }],
  ['a percentile', { statistic: 'p101' }],
  ['a period', { periodSeconds: 61 }],
  ['no name', { metricName: '' }],
])('not with %s', (_what, part) => {
  expect(objections([{ ...requests, cloudwatch: { ...cloudwatch, ...part } }], { max: 4 })).toHaveLength(1);
});

test('an average needs a replica', () => {
  expect(objections([{ ...requests, of: 'average' }], { min: 0, max: 4 })).toEqual(['min']);
  expect(objections([requests], { min: 0, max: 4 })).toEqual([]);
});

test('where there is no CloudWatch each such policy is named', () => {
  const policies = [cpu, requests];
  expect(cloudWatchErrors(policies, 'there is none')).toEqual([
    { path: 'policies[1].metric', message: 'there is none' },
  ]);
  expect(cloudWatchErrors(policies, undefined)).toEqual([]);
  expect(cloudWatchErrors(undefined, 'there is none')).toEqual([]);
});
