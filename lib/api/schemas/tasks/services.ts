// Services as the API takes and shows them: a template of a task, how many of it are wanted, and how it is changed.
import * as z from 'zod';
import { eventsMax, replicasMax } from '../../../core/services/record.ts';
import type { ServiceScaling } from '../../../core/services/policies.ts';
import { agentPort } from '../../../core/services/serving.ts';
import type { HealthCheck, HealthProbe } from '../../../core/services/serving.ts';
import type { ReplicaTemplate, UpdatePolicy } from '../../../core/services/record.ts';
import type { TargetGroupUse } from '../../../core/services/targets/record.ts';
import { limits } from '../../limits.ts';
import { askedView } from '../asked.ts';
import { machineSpecOf, machineTemplate } from '../claims.ts';
import type { MachineTemplateBody } from '../claims.ts';
import { checkRun, demandFields, runFields, taskSpecOf } from '../requests.ts';
import { checkMachineMetrics, checkScaling, scalingFields, scalingOf } from './scaling/service-policies.ts';
import { checkTargetGroups, targetGroupsField, targetGroupsView } from './serving/target-groups.ts';
import { compact, poolName, seconds, time, wholeNumber } from '../values.ts';

export const serviceName = z
  .string()
  .regex(
    /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/,
    'must be 1 to 63 lower-case letters, digits and inner hyphens, e.g. "storefront"',
  );

const { count: _count, expectedDurationSeconds: _duration, gang: _gang, ...wanted } = demandFields;
const { command, shell, args, image, imageCredentials, env, secrets, lossesMax, output } = runFields;

const portName = z
  .string()
  .regex(/^[a-z0-9]([a-z0-9-]{0,13}[a-z0-9])?$/, 'must be 1 to 15 lower-case letters, digits and inner hyphens');
const portNumber = wholeNumber(1, 65_535);

const ports = z
  .array(
    z.strictObject({
      name: portName.meta({ description: 'The process finds it as BELLOWS_PORT_NAME.' }),
      port: portNumber
        .refine((port) => port !== agentPort, `must not be ${String(agentPort)}, which is the node's agent's`)
        .optional()
        .meta({
          description:
            `Of the node, where one replica can have it; a free one is chosen unless given. ${String(agentPort)} is `
            + "the agent's.",
        }),
      container: portNumber
        .optional()
        .meta({ description: 'Inside of the container that an image runs in; the same unless given.' }),
    }),
  )
  .min(1)
  .max(16)
  .refine((all) => new Set(all.map((one) => one.name)).size === all.length, 'must have names of their own');

const health = z.strictObject({
  http: z
    .strictObject({
      port: portName.meta({ description: 'The name of a port.' }),
      path: z
        .string()
        .regex(/^\/[\x21-\x7e]{0,255}$/, 'must begin with "/"')
        .default('/'),
    })
    .optional()
    .meta({ description: 'GET answers 200 to 399. Exactly one of http, tcp and command.' }),
  tcp: z.strictObject({ port: portName }).optional().meta({ description: 'A connection is taken.' }),
  command: runFields.command.meta({ description: 'Ends with 0. It has PATH and the variables of ports.' }),
  startPeriodSeconds: seconds(0)
    .default(0)
    .meta({ description: 'So long after the start failures do not count, until the first success.' }),
  intervalSeconds: seconds(0.1).default(10),
  timeoutSeconds: seconds(0.1).default(5),
  healthyThreshold: wholeNumber(1, 100).default(1).meta({ description: 'So many successes in a row.' }),
  unhealthyThreshold: wholeNumber(1, 100).default(3).meta({ description: 'So many failures in a row.' }),
});

type HealthBody = z.output<typeof health>;

function probeOf({ http, tcp, command: argv }: HealthBody): HealthProbe {
  if (http) return { kind: 'http', ...http };
  return tcp ? { kind: 'tcp', ...tcp } : { kind: 'command', argv: argv ?? [] };
}

function healthOf(body: HealthBody): HealthCheck {
  return {
    probe: probeOf(body),
    startPeriodMs: Math.round(body.startPeriodSeconds * 1000),
    intervalMs: Math.round(body.intervalSeconds * 1000),
    timeoutMs: Math.round(body.timeoutSeconds * 1000),
    healthyAfter: body.healthyThreshold,
    unhealthyAfter: body.unhealthyThreshold,
  };
}

interface Serving {
  readonly ports?: z.output<typeof ports> | undefined;
  readonly health?: HealthBody | undefined;
  readonly image?: string | undefined;
}

function checkServing({ ports: open = [], health: check, image }: Serving, context: z.RefinementCtx): void {
  const fail = (path: readonly PropertyKey[], message: string): void => {
    context.addIssue({ code: 'custom', path: [...path], message });
  };
  for (const [n, one] of open.entries())
    if (one.container !== undefined && image === undefined)
      fail(['ports', n, 'container'], 'needs an image: only a container has ports of its own');
  if (check === undefined) return;
  const kinds = [check.http, check.tcp, check.command].filter((one) => one !== undefined);
  if (kinds.length !== 1) fail(['health'], 'must have exactly one of http, tcp and command');
  const port = check.http?.port ?? check.tcp?.port;
  if (port !== undefined && !open.some((one) => one.name === port))
    fail(['health'], `names the port ${port}, which is none of ports`);
}

/** What the check of a task looks at and a template does not have. */
const single = { count: 1, retries: 0 } as const;

/** What beside a machine makes no sense, with what to do instead; others are fields of tasks. */
const cures: Readonly<Record<string, string>> = {
  health:
    'no agent looks at a virtual machine; register its machines with a target group, whose health checks see them, or '
    + 'go by a CloudWatch alarm',
  preStop: 'no agent runs it there; what is asked for at a stop is run by the image itself, when EC2 shuts it down',
  graceSeconds: 'EC2 decides how long a machine may take to shut down; drainSeconds is the time before that',
};

interface TemplateBody {
  readonly machine?: MachineTemplateBody | undefined;
  readonly resources?: unknown;
  readonly priority: number;
  readonly env: object;
  readonly requirements: object;
  readonly [field: string]: unknown;
}

/** Either fields of a task or a machine. */
function checkKind({ machine, ...task }: TemplateBody, context: z.RefinementCtx): void {
  const fail = (path: string, message: string): void => {
    context.addIssue({ code: 'custom', path: [path], message });
  };
  if (machine === undefined) {
    if (task.resources === undefined)
      fail('resources', 'is required (an object), or describe a virtual machine under machine');
    return;
  }
  for (const [field, value] of Object.entries(task))
    if (isSaid(value)) fail(field, `does not go with machine: ${cures[field] ?? 'it is a field of tasks'}`);
}

/** Defaults are 0, false and nothing. */
function isSaid(value: unknown): boolean {
  return Boolean(value) && !(isObject(value) && Object.keys(value).length === 0);
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const template = z
  .strictObject({
    ...wanted,
    resources: wanted.resources.optional(),
    machine: machineTemplate
      .optional()
      .meta({ description: 'Each replica is a virtual machine instead: fields of its request, and none beside it.' }),
    ...{ command, shell, args, image, imageCredentials, env, secrets, lossesMax, output },
    ports: ports.optional().meta({ description: 'What it listens on.' }),
    health: health
      .optional()
      .meta({
        description: 'Checked by its agent; what is unhealthy is replaced. It is ready when it runs unless given.',
      }),
    preStop: z
      .strictObject({ command: runFields.command.unwrap() })
      .optional()
      .meta({
        description:
          'Run by the agent before a replica gets TERM, within graceSeconds. It has PATH and the variables of ports.',
      }),
    graceSeconds: z
      .number('must be a number of seconds')
      .min(0, 'must not be negative')
      .max(limits.graceSecondsMax, `must be at most ${String(limits.graceSecondsMax)}`)
      .optional()
      .meta({ description: 'From TERM to KILL when a replica is stopped; 10 unless given.' }),
  })
  .superRefine((body, context) => {
    checkKind(body, context);
    const { machine, resources } = body;
    if (machine !== undefined || resources === undefined) return;
    checkRun({ ...body, resources, ...single }, context);
    checkServing(body, context);
  });

const number = wholeNumber(0, replicasMax);

export const scaleBody = z
  .strictObject({ replicas: number.meta({ description: 'How many are wanted.' }) })
  .meta({ id: 'Scale' });

export const rollbackBody = z
  .strictObject({
    revision: wholeNumber(1, 1_000_000)
      .optional()
      .meta({ description: 'One that is kept; the one before unless given.' }),
  })
  .meta({ id: 'Rollback' });

export const serviceBody = z
  .strictObject({
    name: serviceName.optional().meta({ description: 'If given, the name in the path.' }),
    pool: poolName.optional().meta({ description: 'As of a request; a service that is there stays in its pool.' }),
    replicas: number
      .optional()
      .meta({ description: 'How many of the template run, 1 unless given; with policies where they begin.' }),
    ...scalingFields,
    template: template.meta({ description: 'What each replica is: fields of a task, or a machine.' }),
    update: z
      .strictObject({
        maxUnavailable: number
          .default(0)
          .meta({ description: 'So many fewer than wanted may be available while a template changes.' }),
        maxSurge: number
          .default(1)
          .meta({ description: 'So many more than wanted may run meanwhile; 1 or more where maxUnavailable is 0.' }),
        order: z
          .enum(['start-first', 'stop-first'], 'must be "start-first" or "stop-first"')
          .default('start-first')
          .meta({ description: '"stop-first": an old one ends before a new one starts, and none is above.' }),
        minHealthySeconds: seconds(0)
          .default(0)
          .meta({ description: 'A new one counts when it has been ready for so long.' }),
        progressSeconds: seconds(1)
          .default(600)
          .meta({ description: 'Without a further available replica for so long the update has failed.' }),
        rollback: z
          .boolean('must be true or false')
          .default(true)
          .meta({ description: 'An update that failed makes room for the revision before it.' }),
      })
      .refine(({ order, maxSurge, maxUnavailable }) => order === 'stop-first' || maxSurge + maxUnavailable > 0, {
        path: ['maxSurge'],
        error: 'must be 1 or more where maxUnavailable is 0: else no replica could be replaced',
      })
      .prefault({})
      .meta({ description: 'How another template takes the place of the one before.' }),
    drainSeconds: z
      .number('must be a number of seconds')
      .min(0, 'must not be negative')
      .max(limits.graceSecondsMax, `must be at most ${String(limits.graceSecondsMax)}`)
      .default(5)
      .meta({ description: 'From the moment that a replica is to go until it gets TERM: nothing new is sent to it.' }),
    targetGroups: targetGroupsField(portName),
  })
  .superRefine((body, context) => {
    checkScaling(body, context);
    if (body.template.machine !== undefined) checkMachineMetrics(body, context);
  })
  .superRefine(checkTargetGroups)
  .meta({ id: 'Service' });
export type ServiceBody = z.output<typeof serviceBody>;

function updateOf(body: ServiceBody['update']): UpdatePolicy {
  const { maxUnavailable, maxSurge, order, minHealthySeconds, progressSeconds, rollback } = body;
  const times = { minHealthyMs: Math.round(minHealthySeconds * 1000), progressMs: Math.round(progressSeconds * 1000) };
  return { maxUnavailable, maxSurge, order, ...times, isRolledBack: rollback };
}

/** What {@link serviceBody} wants of the core. */
export interface ServiceWanted {
  readonly pool: string | null;
  readonly replicas: number | null;
  readonly scaling?: ServiceScaling;
  readonly template: ReplicaTemplate;
  readonly update: UpdatePolicy;
  readonly drainMs: number;
  readonly targetGroups?: readonly TargetGroupUse[];
}

export function serviceWantedOf(body: ServiceBody): ServiceWanted {
  return {
    pool: body.pool ?? null,
    replicas: body.replicas ?? null,
    ...compact({ scaling: scalingOf(body) }),
    template: templateOf(body.template),
    update: updateOf(body.update),
    drainMs: Math.round(body.drainSeconds * 1000),
    ...compact({ targetGroups: body.targetGroups }),
  };
}

function templateOf(body: ServiceBody['template']): ReplicaTemplate {
  const { machine, resources, graceSeconds, ports: open, health: check, preStop, ...task } = body;
  if (machine !== undefined) return machineSpecOf(machine);
  if (resources === undefined) throw new TypeError('a template without a machine has resources');
  const spec = taskSpecOf({ ...task, resources, ...single, type: 'task' });
  const grace =
    graceSeconds === undefined ? {} : { disruption: { mode: 'never', graceMs: graceSeconds * 1000 } as const };
  return {
    ...spec,
    ...grace,
    ...compact({
      ports: open?.map(compact),
      health: check && healthOf(check),
      preStop: preStop && { argv: preStop.command },
    }),
  };
}

const count = z.int().min(0);

export const serviceView = z
  .object({
    name: z.string(),
    pool: z.string(),
    tenant: z.string(),
    replicas: count.meta({ description: 'How many are wanted.' }),
    ...scalingFields,
    ready: count.meta({ description: 'How many serve, whatever their template.' }),
    current: count.meta({ description: 'How many of these have the present template.' }),
    pending: count.meta({ description: 'How many wait for a node, start there, or are not healthy.' }),
    stopping: count.meta({ description: 'How many are drained or stopped.' }),
    revision: count,
    revisions: z.array(z.object({ number: count, createdAt: time })).meta({ description: 'Oldest first.' }),
    template: askedView
      .extend({ machine: askedView.optional().meta({ description: 'Where replicas are virtual machines.' }) })
      .meta({ id: 'AskedTemplate' }),
    update: z.object({
      maxUnavailable: count,
      maxSurge: count,
      order: z.enum(['start-first', 'stop-first']),
      minHealthySeconds: z.number(),
      progressSeconds: z.number(),
      rollback: z.boolean(),
    }),
    rollout: z
      .object({
        state: z.enum(['running', 'done', 'failed', 'rolling-back', 'rolled-back']),
        revision: count,
        from: count.nullable().meta({ description: 'What it goes back to when it fails.' }),
        startedAt: time,
        failures: count,
        reason: z.string().nullable(),
      })
      .meta({ description: 'How the present revision takes its place.' }),
    drainSeconds: z.number(),
    targetGroups: targetGroupsView,
    createdAt: time,
    updatedAt: time,
    deletingSince: time.nullable(),
    reason: z.string().nullable().meta({ description: 'Why nothing is decided about it; null: it is looked after.' }),
  })
  .meta({ id: 'ServiceView' });
export type ServiceView = z.output<typeof serviceView>;

export const serviceListView = z
  .object({ items: z.array(serviceView), nextCursor: z.string().nullable() })
  .meta({ id: 'ServiceList' });

export const replicaView = z
  .object({
    request: z.string().meta({ description: 'Its request: logs, timeline and tasks are found under it.' }),
    slot: count,
    revision: count,
    state: z.enum(['pending', 'starting', 'ready', 'unhealthy', 'stopping', 'gone']),
    reason: z.string().nullable().meta({ description: 'What it waits for, or why it stops.' }),
    crashes: count.meta({ description: 'How often in a row what ran in its place ended by itself.' }),
    startedAt: time.nullable(),
    node: z.object({ id: z.string(), instanceType: z.string(), zone: z.string() }).nullable(),
    machine: z
      .object({ id: z.string(), instanceType: z.string(), zone: z.string(), publicAddress: z.string().nullable() })
      .nullable()
      .meta({ description: 'The virtual machine that it is; null: it is a task, or EC2 has not made it yet.' }),
    address: z.string().nullable().meta({ description: 'Of its node, or the private one of its machine.' }),
    ports: z.array(z.object({ name: z.string(), port: count })).meta({ description: 'Open on its node.' }),
  })
  .meta({ id: 'Replica' });
export type ReplicaView = z.output<typeof replicaView>;

export const replicaListView = z
  .object({ items: z.array(replicaView), nextCursor: z.string().nullable() })
  .meta({ id: 'ReplicaList' });

export const serviceEventsView = z
  .object({ items: z.array(z.object({ at: time, code: z.string(), message: z.string() })) })
  .meta({ id: 'ServiceEvents', description: `The last ${String(eventsMax)}, newest first.` });
