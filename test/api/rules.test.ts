// Rules that no schema can show, as they span fields or look into a text: a body that breaks one alone fits the OpenAPI
// document, and is refused as `unprocessable`, with what to do. None of them is left out here.
import { describe, expect, test } from '@jest/globals';
import type * as z from 'zod';
import { ProblemError, parseBody } from '../../lib/api/problems.ts';
import type { Route } from '../../lib/api/routes.ts';
import { routes } from '../../lib/api/routes.ts';

type Check = z.core.$ZodCheck;

interface Definition {
  readonly checks?: readonly Check[];
  readonly shape?: Readonly<Record<string, z.core.$ZodType>>;
  readonly options?: readonly z.core.$ZodType[];
  readonly [part: string]: unknown;
}

const parts = ['innerType', 'element', 'keyType', 'valueType', 'in', 'out'] as const;

/** Rules of meaning in a schema and all that it is made of, each with where it was found first. */
function rulesIn(schema: z.core.$ZodType, path: string, found = new Map<Check, string>(), seen = new Set<unknown>()) {
  if (seen.has(schema)) return found;
  seen.add(schema);
  const definition = schema._zod.def as unknown as Definition;
  for (const check of definition.checks ?? []) {
    const { check: kind, params } = check._zod.def as { check: string; params?: { isInSchema?: boolean } };
    if (kind === 'custom' && params?.isInSchema !== true && !found.has(check)) found.set(check, path);
  }
  for (const [key, one] of Object.entries(definition.shape ?? {})) rulesIn(one, `${path}.${key}`, found, seen);
  for (const one of definition.options ?? []) rulesIn(one, path, found, seen);
  for (const key of parts) {
    const one = definition[key];
    if (one !== undefined) rulesIn(one as z.core.$ZodType, path, found, seen);
  }
  return found;
}

/** Which of its rules a body breaks. */
function brokenBy(schema: z.core.$ZodType, body: unknown): readonly unknown[] {
  const { issues } = schema._zod.run({ value: body, issues: [] }, { async: false }) as z.core.ParsePayload;
  return issues.flatMap((issue) => (issue.inst === undefined ? [] : [issue.inst]));
}

const resources = { vcpu: 1, memoryMib: 512 };
const task = { type: 'task', resources, command: ['true'] };
const machine = { type: 'virtual_machine', instanceType: 'm7g.large' };
const rule = { protocol: 'tcp', port: 22, cidr: '10.0.0.0/8' };
const service = { template: { resources, command: ['serve'] } };
const ports = [{ name: 'http' }];

type Bodies = readonly (readonly [path: string, body: object])[];

const long = 'x'.repeat(200_000);
const https = 'https://example.org/a';
const storage = { type: 'storage', sizeGib: 1 };
const volume = (n: number): object => ({ request: `r-${String(n)}` });
const network = (ingress: object): object => ({ type: 'network', ingress: [ingress] });
const secret = { name: 'TOKEN', from: 'env:TOKEN' };

const tasks: Bodies = [
  ['command', { type: 'task', resources }],
  ['shell', { ...task, shell: 'true' }],
  ['args', { ...task, args: ['a'] }],
  ['args[0]', { type: 'task', resources, image: 'a', args: ['a\0'] }],
  ['args[0]', { type: 'task', resources, image: 'a', args: ['\ud800'] }],
  ['args[0]', { type: 'task', resources, image: 'a', args: [long] }],
  ['command', { ...task, command: [''] }],
  ['command[0]', { ...task, command: ['a\0'] }],
  ['command[0]', { ...task, command: ['\ud800'] }],
  ['command[0]', { ...task, command: [long] }],
  ['shell', { type: 'task', resources, shell: 'a\0' }],
  ['shell', { type: 'task', resources, shell: '\ud800' }],
  ['shell', { type: 'task', resources, shell: long }],
  ['env.A', { ...task, env: { A: 'a\0' } }],
  ['env.A', { ...task, env: { A: '\ud800' } }],
  ['env.A', { ...task, env: { A: long } }],
  ['count', { ...task, count: 2, mounts: [volume(1)] }],
  ['mounts[1].request', { ...task, mounts: [volume(1), volume(1)] }],
  [
    'mounts[1].path',
    {
      ...task,
      mounts: [
        { ...volume(1), path: 'a' },
        { ...volume(2), path: 'a/b' },
      ],
    },
  ],
  ['mounts[0].path', { ...task, mounts: [{ ...volume(1), path: 'tmp' }] }],
  ['memoryMaxMib', { ...task, retries: 1, memoryGrowth: 2 }],
  ['memoryGrowth', { ...task, retries: 1, memoryMaxMib: 1_024 }],
  ['memoryMaxMib', { ...task, retries: 1, memoryGrowth: 2, memoryMaxMib: 512 }],
  ['retries', { ...task, memoryGrowth: 2, memoryMaxMib: 1_024 }],
  ['secrets[0]', { ...task, env: { TOKEN: 'a' }, secrets: [secret] }],
  ['secrets[0]', { ...task, image: 'a', secrets: [secret] }],
  ['secrets', { ...task, secrets: [secret, secret] }],
  ['secrets[0].from', { ...task, secrets: [{ name: 'TOKEN', from: 'file:a/../b' }] }],
  ['imageCredentials', { ...task, imageCredentials: { secret: 'ssm:/a' } }],
  ['inputs[0].url', { ...task, inputs: [{ path: 'a', url: 's3://data/a' }] }],
  ['inputs[0].url', { ...task, inputs: [{ path: 'a' }] }],
  ['inputs[0].url', { ...task, inputs: [{ path: 'a', url: 'http://example.org/a' }] }],
  ['inputs[0].sha256', { ...task, inputs: [{ path: 'a', upload: 'a'.repeat(64), sha256: 'a'.repeat(64) }] }],
  ['inputs[0].path', { ...task, inputs: [{ path: '.', url: https }] }],
  ['artifacts[0]', { ...task, artifacts: ['../a'] }],
  ['disruption.signal', { ...task, disruption: { mode: 'never', signal: 'USR1' } }],
];

const claims: Bodies = [
  ['instanceType', { type: 'virtual_machine' }],
  ['count', { ...machine, count: 2, volumes: [volume(1)] }],
  ['userData', { ...machine, userData: long }],
  ['network.ingress[0].cidr', { ...machine, network: { ingress: [{ ...rule, cidr: '0.0.0.0/0' }] } }],
  ['ingress[0].cidr', network({ ...rule, cidr: '0.0.0.0/0' })],
  ['ingress[0].cidr', network({ ...rule, cidr: 'ten' })],
  ['ingress[0].cidr', network({ protocol: 'tcp', port: 22 })],
  ['ingress[0].cidr', network({ ...rule, ...volume(1) })],
  ['ingress[0].port', network({ ...rule, fromPort: 1, toPort: 2 })],
  ['ingress[0].toPort', network({ protocol: 'tcp', cidr: rule.cidr, fromPort: 1 })],
  ['ingress[0].toPort', network({ protocol: 'tcp', cidr: rule.cidr, fromPort: 2, toPort: 1 })],
  ['ingress[0].port', network({ protocol: 'udp', cidr: rule.cidr })],
  ['ingress[0].port', network({ ...rule, protocol: 'icmp' })],
];

const alarm = { alarmName: 'a', addNodes: 1 };
const manual = { kind: 'manual', name: 'a', nodes: 1 };
const budgeted = (budget: object): object => ({ disruption: { budgets: [budget] } });
const plan = { kind: 'savings-plan', name: 'a', usdPerHour: 1, discountPercent: 10, until: '2030-01-01T00:00:00.000Z' };
const instances = (name: string, count: number): object => ({
  kind: 'reserved-instances',
  name,
  instanceType: 'm7g.large',
  count,
});
const reservation = {
  kind: 'capacity-reservation',
  id: 'cr-0123456789abcdef0',
  instanceType: 'm7i.large',
  zone: 'us-east-1a',
  count: 2,
  until: '2027-01-01T01:00:00Z',
};
const cloudwatch = { namespace: 'AWS/SQS', metricName: 'NumberOfMessagesSent' };
const byCloudWatch = { metric: 'cloudwatch', cloudwatch };
const tooLong = {
  ...cloudwatch,
  dimensions: Object.fromEntries(['a', 'b', 'c', 'd'].map((key) => [key, 'x'.repeat(1_024)])),
};
const headroom = (policy: object): object => ({ policies: [{ name: 'a', ...policy }] });
const pools: Bodies = [
  ['commitments', { commitments: [plan, plan] }],
  ['commitments', { commitments: [instances('r', 9_999), plan, instances('s', 2)] }],
  ['commitments[0]', { commitments: [{ ...reservation, from: '2027-01-02T00:00:00Z' }] }],
  ['commitments[0]', { commitments: [{ ...reservation, kind: 'capacity-block', from: '2027-01-01T00:00:00Z' }] }],
  ['commitments', { commitments: [reservation, { ...reservation, count: 1 }] }],
  ['policies', { learningStyle: 'scheduled' }],
  ['warmNodes', { warmNodes: { stopped: 1 }, requirements: { capacityType: ['spot'] } }],
  ['warmNodes.minStopped', { warmNodes: { stopped: 1, minStopped: 2 } }],
  ['disruption.budgets[0]', budgeted({ nodes: 1, percent: 1 })],
  ['disruption.budgets[0]', budgeted({ nodes: 1, durationSeconds: 60 })],
  ['disruption.budgets[0]', budgeted({ nodes: 1, timeZone: 'UTC' })],
  ['disruption.budgets[0].schedule', budgeted({ nodes: 1, schedule: 'at noon', durationSeconds: 60 })],
  [
    'disruption.budgets[0].timeZone',
    budgeted({ nodes: 1, schedule: '0 8 * * *', durationSeconds: 60, timeZone: 'Bielefeld' }),
  ],
  ['alarms', { alarms: [alarm, alarm] }],
  ['alarms[0]', { alarms: [{ ...alarm, removeNodes: 1 }] }],
  ['policies', { policies: [manual, manual] }],
  ['policies[0].cloudwatch', headroom({ kind: 'target', metric: 'cloudwatch', target: 1 })],
  ['policies[0].metric', headroom({ kind: 'target', cloudwatch, target: 1 })],
  ['policies[0].target', headroom({ kind: 'target', ...byCloudWatch })],
  ['policies[0].vcpuPerNode', headroom({ kind: 'target', ...byCloudWatch, target: 1, vcpuPerNode: 1 })],
  ['policies[0].vcpuPerNode', headroom({ kind: 'target' })],
  ['policies[0].target', headroom({ kind: 'target', vcpuPerNode: 1, target: 1 })],
  ['policies[0].steps[0]', headroom({ kind: 'step', steps: [{ from: 1, nodes: 1 }] })],
  ['policies[0].steps[0]', headroom({ kind: 'step', ...byCloudWatch, steps: [{ fromVcpu: 1, nodes: 1 }] })],
  ['policies[0].cloudwatch', headroom({ kind: 'target', metric: 'cloudwatch', cloudwatch: tooLong, target: 1 })],
  ['onDemand', { onDemand: { percent: 20 }, requirements: { capacityType: ['spot'] } }],
  ['shadow', { shadow: { onDemand: { percent: 20 } }, requirements: { capacityType: ['spot'] } }],
  ['role', { role: 'arn:aws:iam::123456789012:role/a', roles: [] }],
  ['prices[0]', { prices: [{ instanceType: 'm7g.large' }] }],
];

const ofMachines = (more: object = {}) => ({ template: { machine: { instanceType: 'm7g.large', ...more } } });
const templated = (template: object): object => ({ template: { ...service.template, ...template } });
const scaled = (rest: object, ...policies: readonly object[]): object => ({ ...service, max: 2, policies, ...rest });
const step = { kind: 'step', name: 'a', metric: 'cpu', steps: [{ from: 1, replicas: 1 }] };
const target = { kind: 'target', name: 'a', metric: 'cpu', target: 1 };
const alarmed = { kind: 'alarm', name: 'a', alarmName: 'a', addReplicas: 1 };
const steady = { kind: 'manual', name: 'a', replicas: 1 };
const arn = 'arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/web/0123456789abcdef';
const withPort = templated({ ports });
const services: Bodies = [
  ['max', { ...service, policies: [steady] }],
  ['min', scaled({ min: 3 }, steady)],
  ['min', scaled({ min: 0 }, target)],
  ['min', { ...service, min: 1 }],
  ['max', { ...service, max: 1 }],
  ['behaviour', { ...service, behaviour: {} }],
  ['policies', scaled({}, steady, steady)],
  ['policies', scaled({}, alarmed, { ...alarmed, name: 'b' })],
  ['policies[0]', scaled({}, { ...alarmed, removeReplicas: 1 })],
  ['policies[0].reported', scaled({}, { ...step, metric: 'reported' })],
  ['policies[0].reported', scaled({}, { ...target, reported: 'a' })],
  ['policies[0].of', scaled({}, { ...target, of: 'total' })],
  ['policies[0].cloudwatch', scaled({}, { ...target, metric: 'cloudwatch' })],
  ['policies[0].cloudwatch', scaled({}, { ...target, cloudwatch })],
  ['policies', scaled({ learningStyle: 'scheduled' }, steady)],
  ['policies', scaled({ learningStyle: 'predictive' }, steady)],
  ['learningStyle', { ...service, learningStyle: 'predictive' }],
  ['forecastQuantile', { ...service, forecastQuantile: 0.9 }],
  ['forecastQuantile', scaled({ forecastQuantile: 0.9 }, target)],
  ['behaviour.out.rates[0]', scaled({ behaviour: { out: { rates: [{ periodSeconds: 1 }] } } }, steady)],
  ['update.maxSurge', { ...service, update: { maxSurge: 0 } }],
  ['template.command', { template: { resources } }],
  ['template.ports', templated({ ports: [...ports, ...ports] })],
  ['template.ports[0].port', templated({ ports: [{ name: 'http', port: 963 }] })],
  ['template.ports[0].container', templated({ ports: [{ name: 'http', container: 80 }] })],
  [
    'targetGroups',
    {
      ...withPort,
      targetGroups: [
        { arn, port: 'http' },
        { arn, port: 'http' },
      ],
    },
  ],
  ['targetGroups[0].port', { ...withPort, targetGroups: [{ arn, port: 'other' }] }],
  ['template.health', templated({ health: {} })],
  ['template.health', templated({ health: { tcp: { port: 'other' } }, ports })],
  ['template.resources', { template: { command: ['serve'] } }],
  ['template.command', { template: { ...ofMachines().template, command: ['serve'] } }],
  ['template.health', { template: { ...ofMachines().template, health: { tcp: { port: 'http' } } } }],
  ['template.machine.instanceType', { template: { machine: {} } }],
  ['template.machine.userData', ofMachines({ userData: long })],
  ['template.machine.volumes[0].request', ofMachines({ volumes: [volume(1)] })],
  ['template.machine.volumes[0].onRelease', ofMachines({ volumes: [{ sizeGib: 1, onRelease: 'keep' }] })],
  ['targetGroups', { ...ofMachines(), targetGroups: [{ arn, port: 'http' }] }],
  ['policies[0].metric', { ...ofMachines(), max: 2, policies: [target] }],
  ['policies[0].metric', { ...ofMachines(), max: 2, policies: [{ ...step, metric: 'waiting' }] }],
];

const bodies: Partial<Record<keyof typeof routes, Bodies>> = {
  submitRequest: [...tasks, ...claims],
  editRules: [
    ['', {}],
    ['ingress[0].cidr', { ingress: [{ ...rule, cidr: '::/0' }] }],
  ],
  whatIf: [['', {}]],
  putPool: pools,
  putService: services,
};

/** What the document does show, in ways that zod does not know: `invalid_request` as ever. */
const shown: Bodies = [
  [
    'requirements.matchExpressions[0].values',
    { ...task, requirements: { matchExpressions: [{ key: 'gpuCount', operator: 'Gt', values: [] }] } },
  ],
];

const refusalOf = (id: string, body: object): ProblemError['problem'] | null => {
  const { body: schema } = routes[id as keyof typeof routes] as Route;
  if (schema === undefined) throw new Error(`${id} takes no body`);
  try {
    parseBody(schema, body, 'the body');
    return null;
  } catch (error) {
    if (error instanceof ProblemError) return error.problem;
    throw error;
  }
};

describe('a body that fits its schema and means nothing', () => {
  const cases = Object.entries(bodies).flatMap(([id, all]) => all.map(([path, body]) => [id, path, body] as const));

  test.each(cases)('%s: %s', (id, path, body) => {
    expect(refusalOf(id, body)).toMatchObject({ status: 422, code: 'unprocessable', errors: [{ path }] });
  });

  test.each(shown)('the document shows it: %s', (path, body) => {
    expect(refusalOf('submitRequest', body)).toMatchObject({ status: 400, errors: [{ path }] });
  });

  test('one that breaks another rule, too, is not valid at all', () => {
    expect(refusalOf('submitRequest', { ...task, shell: 'true', inputs: [] })).toMatchObject({ status: 400 });
    expect(refusalOf('submitRequest', task)).toBeNull();
    expect(refusalOf('submitRequest', storage)).toBeNull();
  });

  test('a capacity block without its times is said to need them, and one with others how they are written', () => {
    const block = { ...reservation, kind: 'capacity-block', until: undefined };
    const needed = 'is required: a time in UTC such as 2026-11-22T16:30:00Z (RFC 3339)';
    expect(refusalOf('putPool', { commitments: [JSON.parse(JSON.stringify(block)) as object] })?.errors).toEqual([
      { path: 'commitments[0].from', message: needed },
      { path: 'commitments[0].until', message: needed },
    ]);
    expect(refusalOf('putPool', { commitments: [{ ...reservation, until: 'soon' }] })?.errors).toEqual([
      { path: 'commitments[0].until', message: needed.replace('is required:', 'must be') },
    ]);
  });

  /** Whoever adds a `refine` to a body adds one above that breaks it. */
  test('no rule is left out', () => {
    const rules = new Map<Check, string>();
    for (const [id, { body }] of Object.entries<Route>(routes)) if (body) rulesIn(body, id, rules);
    const broken = new Set(
      [...cases, ...shown.map(([path, body]) => ['submitRequest', path, body] as const)].flatMap(([id, , body]) => {
        const { body: schema } = routes[id as keyof typeof routes] as Route;
        return schema === undefined ? [] : brokenBy(schema, body);
      }),
    );
    expect([...rules].filter(([check]) => !broken.has(check)).map(([, path]) => path)).toEqual([]);
  });
});
