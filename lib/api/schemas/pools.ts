// Pools as the API takes and shows them: seconds outside, milliseconds in the core, and the defaults.
import * as z from 'zod';
import { learningStyle } from './figures/forecast.ts';
import { historyDaysDefault, historyDaysMax } from '../../core/forecast/history.ts';
import { ownValue } from '../../core/values/dictionary.ts';
import { lossesMaxDefault } from '../../core/tasks/node-losses.ts';
import type { NodeWhy } from '../../core/disruption/why.ts';
import { startOf, startSteps } from '../../core/records/node.ts';
import type { NodeRecord } from '../../core/records/node.ts';
import type { WhyEntry } from '../../core/plan/plan.ts';
import type { HeadroomSpec, PoolAlarm, PoolPause, PoolSpec } from '../../core/records/pool.ts';
import { forecastQuantileDefault } from '../../core/records/pool.ts';
import { sumResources } from '../../core/values/resources.ts';
import type { AlarmSeen, FloorRecord } from '../../core/scaling/alarms.ts';
import { poolDisruption, poolDisruptionOf, poolDisruptionView, presentDisruption } from './disruption.ts';
import type { UseState } from './tasks/paid-capacity.ts';
import { paidFields, paidSpecOf, paidView, presentPaid } from './tasks/paid-capacity.ts';
import { limits } from '../limits.ts';
import {
  lossesMax,
  lossesText,
  requestType,
  resources,
  resourcesOf,
  resourcesView,
  resourcesViewSchema,
} from './requests.ts';
import { requirements, requirementsOf, requirementsView } from './requirements.ts';
import {
  hasBothForShare,
  onDemandShare,
  policyFields,
  presentShadowPolicy,
  shadowPolicy,
  shadowPolicyOf,
  shadowPolicyView,
} from './figures/shadow.ts';
import { headroomPolicy, headroomPolicyOf, presentPolicy } from './figures/policies.ts';
import { accessFields, accessOf, accessView, defaultRoleRule, isDefaultRoleGranted } from './tasks/access.ts';
import {
  mayHaveOnDemand,
  nodeState,
  presentWarm,
  presentWarmNodes,
  warm,
  warmNodes,
  warmNodesOf,
  warmNodesView,
  warmOf,
  warmView,
} from './tasks/warm.ts';
import { budget, budgetView, compact, poolName, time, timeOf, timeOrNull, wholeNumber } from './values.ts';

const upTo = (max: number, unit: string): z.ZodNumber =>
  z
    .number(`must be a number of ${unit}`)
    .min(0, 'must not be negative')
    .max(max, `must be at most ${String(max)}`);

export const poolLimits = z.strictObject({
  instances: wholeNumber(0, limits.poolInstancesMax).optional(),
  vcpu: upTo(10_000_000, 'vCPUs').optional(),
  memoryMib: upTo(100_000_000_000, 'MiB').optional(),
  usdPerHour: upTo(1_000_000, 'USD per hour').optional(),
  volumeGib: upTo(100_000_000, 'GiB').optional().meta({ description: 'Of the volumes of claims.' }),
  usdPerMonth: upTo(10_000_000, 'USD per month').optional().meta({ description: 'Of the same.' }),
});

const { ordering } = policyFields;
export const { placement } = policyFields;

const nodes = wholeNumber(1, limits.alarmNodesMax).optional();
const alarmFields = {
  alarmName: z.string().min(1, 'must name a CloudWatch alarm').max(255),
  addNodes: nodes,
  removeNodes: nodes,
};
const poolAlarm = z
  .strictObject({
    ...alarmFields,
    cooldownSeconds: upTo(limits.durationSecondsMax, 'seconds')
      .default(300)
      .meta({
        description: 'After it acted it does not act again for this time; if it is still in ALARM then, it acts.',
      }),
  })
  .refine(
    (one) => (one.addNodes === undefined) !== (one.removeNodes === undefined),
    'must have either addNodes or removeNodes',
  );

const headroom = resources.extend({
  nodes: wholeNumber(0, limits.alarmNodesMax)
    .default(0)
    .meta({ description: 'Nodes kept without work, whatever alarms say; those add to it.' }),
});

const policiesMax = 8;

export const poolBody = z
  .strictObject({
    name: poolName.optional().meta({ description: 'For pool files; must be the name in the path.' }),
    requirements: requirements.default({}),
    limits: poolLimits
      .default({})
      .meta({ description: 'What the pool may have at once, launches under way counted; an absent key is no limit.' }),
    budget: budget
      .optional()
      .meta({
        description:
          'What the pool may spend. It buys no more than what is left would pay for an hour; where it is spent, '
          + 'nothing more starts until the next day or month (UTC) begins, and what runs goes on (docs/cost.md).',
      }),
    tasksPerNode: policyFields.tasksPerNode.default(32),
    maxNodeVcpu: policyFields.maxNodeVcpu.optional().meta({ description: 'Largest node that may be bought.' }),
    ordering: ordering
      .default('priority')
      .meta({
        description:
          'Who is served first. For the first that does not fit, nodes are kept after 5 minutes (docs/mathematics.md).',
      }),
    placement: placement.default('least-cost').meta({ description: 'How nodes are chosen.' }),
    learningStyle: learningStyle.default('reactive').meta({ description: 'How headroom is kept.' }),
    idleAfterSeconds: policyFields.idleAfterSeconds
      .default(15)
      .meta({ description: 'A node without work is terminated after this time.' }),
    default: z
      .boolean('must be true or false')
      .default(false)
      .meta({
        description:
          'Requests that name no pool go here, where it accepts them. Of several such pools, or where none is: by '
          + 'priority, then the one named "default", then the oldest.',
      }),
    priority: wholeNumber(-limits.priorityMax, limits.priorityMax)
      .default(0)
      .meta({ description: 'Higher is asked first when a request names no pool.' }),
    accepts: z.array(requestType).min(1, 'must name at least one request type').max(4).default(['task']),
    lossesMax: lossesMax
      .optional()
      .meta({
        description:
          'So many nodes may be lost under a task without notice before it fails; '
          + `${String(lossesMaxDefault)} unless given. ${lossesText}`,
      }),
    objective: policyFields.objective
      .default('cost-over-time')
      .meta({
        description:
          'What is bought and filled is weighed by what nodes cost until they are empty, or by price per hour of now.',
      }),
    patienceSeconds: policyFields.patienceSeconds
      .optional()
      .meta({
        description:
          'So long tasks wait for room that is likely to become free before a new node could boot; half of a boot '
          + 'unless given. With cost-over-time only.',
      }),
    lifetimes: z
      .enum(['learned', 'off'], 'must be "learned" or "off"')
      .default('learned')
      .meta({
        description: 'Whether it learns from tasks that ended how long others will last (docs/elastic-fleet.md).',
      }),
    forecastQuantile: z
      .number('must be a number from 0.5 to 0.99')
      .min(0.5, 'must be at least 0.5')
      .max(0.99, 'must be at most 0.99')
      .default(forecastQuantileDefault)
      .meta({
        description:
          'With learningStyle predictive or adaptive: nodes are bought for what demand stays below in this share of '
          + 'the cases (docs/scaling.md).',
      }),
    historyDays: wholeNumber(0, historyDaysMax)
      .default(historyDaysDefault)
      .meta({
        description:
          'So long its demand over time (docs/scaling.md) and traces of its tasks (docs/backtest.md) are kept; 0: not '
          + 'at all.',
      }),
    disruption: poolDisruption
      .optional()
      .meta({ description: 'By which choices nodes go, and how many at once (docs/disruption.md).' }),
    alarms: z
      .array(poolAlarm)
      .max(limits.poolAlarms)
      .refine((all) => new Set(all.map((one) => one.alarmName)).size === all.length, 'must name each alarm once')
      .optional()
      .meta({
        description:
          'CloudWatch alarms that move the headroom floor (nodes kept without work): once for each change to ALARM.',
      }),
    headroom: headroom
      .optional()
      .meta({
        description:
          'The task that each node kept without work carries at least. Without it, one like those that the pool '
          + 'runs or ran last.',
      }),
    policies: z
      .array(headroomPolicy)
      .max(policiesMax)
      .refine((all) => new Set(all.map((one) => one.name)).size === all.length, 'must name each policy once')
      .optional()
      .meta({
        description: 'Move the headroom beside alarms (docs/scaling.md); the largest of what they want is kept.',
      }),
    ...accessFields,
    ...paidFields,
    onDemand: onDemandShare
      .optional()
      .meta({
        description:
          'So much of its vCPUs is on demand at least, where EC2 has it, whatever spot costs (docs/elastic-fleet.md).',
      }),
    shadow: shadowPolicy.optional(),
    warm: warm
      .optional()
      .meta({
        description: 'Machines kept ready for virtual machine requests, of 2 vCPU and 4096 MiB unless said otherwise.',
      }),
    warmNodes: warmNodes.optional(),
  })
  .refine(
    ({ learningStyle: style, policies = [] }) =>
      style !== 'scheduled' || policies.some((one) => one.kind === 'schedule'),
    { path: ['policies'], message: 'must have one of kind "schedule" where learningStyle is "scheduled"' },
  )
  .refine(mayHaveOnDemand, {
    path: ['warmNodes'],
    message: 'goes with pools that may have on-demand nodes: spot instances cannot be stopped and started at will',
  })
  .refine(hasBothForShare, {
    path: ['onDemand'],
    message: 'goes with pools that may have both spot and on-demand nodes',
  })
  .refine(
    ({ shadow, onDemand, requirements: own }) =>
      shadow === undefined
      || hasBothForShare({ onDemand: shadow.onDemand ?? onDemand, requirements: shadow.requirements ?? own }),
    { path: ['shadow'], message: 'has a share on demand, and may not have both spot and on-demand nodes' },
  )
  .refine(isDefaultRoleGranted, defaultRoleRule)
  .meta({ id: 'Pool' });
export type PoolBody = z.output<typeof poolBody>;

export function poolSpecOf(name: string, body: PoolBody): PoolSpec {
  return compact({
    name,
    requirements: requirementsOf(body.requirements),
    limits: compact(body.limits),
    budget: body.budget && compact(body.budget),
    tasksPerNode: body.tasksPerNode,
    maxNodeVcpu: body.maxNodeVcpu,
    ordering: body.ordering,
    placement: body.placement,
    learningStyle: body.learningStyle,
    idleAfterMs: Math.round(body.idleAfterSeconds * 1000),
    priority: body.priority,
    isDefault: body.default ? (true as const) : undefined,
    lossesMax: body.lossesMax,
    forecastQuantile: body.forecastQuantile === forecastQuantileDefault ? undefined : body.forecastQuantile,
    historyDays: body.historyDays === historyDaysDefault ? undefined : body.historyDays,
    disruption: body.disruption && poolDisruptionOf(body.disruption),
    objective: body.objective === 'cost-now' ? ('cost-now' as const) : undefined,
    patienceMs: body.patienceSeconds === undefined ? undefined : Math.round(body.patienceSeconds * 1000),
    lifetimes: body.lifetimes === 'off' ? ('off' as const) : undefined,
    accepts: [...new Set(body.accepts)],
    alarms:
      body.alarms && body.alarms.length > 0
        ? body.alarms.map(({ cooldownSeconds, ...one }) =>
            compact({ ...one, cooldownMs: Math.round(cooldownSeconds * 1000) }),
          )
        : undefined,
    headroom: body.headroom && { resources: resourcesOf(body.headroom), nodes: body.headroom.nodes },
    policies: body.policies && body.policies.length > 0 ? body.policies.map(headroomPolicyOf) : undefined,
    ...accessOf(body),
    ...paidSpecOf(body),
    onDemand: body.onDemand,
    shadow: body.shadow && shadowPolicyOf(body.shadow),
    warm: body.warm && warmOf(body.warm),
    warmNodes: body.warmNodes && warmNodesOf(body.warmNodes),
  });
}

export const poolView = z
  .object({
    name: z.string(),
    requirements: requirementsView,
    limits: z.object({
      instances: z.number().exactOptional(),
      vcpu: z.number().exactOptional(),
      memoryMib: z.number().exactOptional(),
      usdPerHour: z.number().exactOptional(),
      volumeGib: z.number().exactOptional(),
      usdPerMonth: z.number().exactOptional(),
    }),
    budget: budgetView.exactOptional(),
    tasksPerNode: z.int(),
    maxNodeVcpu: z.int().exactOptional(),
    ordering,
    placement,
    learningStyle,
    idleAfterSeconds: z.number(),
    default: z.boolean(),
    priority: z.int(),
    lossesMax: z.int().exactOptional(),
    objective: z.enum(['cost-over-time', 'cost-now']),
    patienceSeconds: z.number().exactOptional(),
    lifetimes: z.enum(['learned', 'off']),
    historyDays: z.int(),
    forecastQuantile: z.number(),
    accepts: z.array(z.string()).readonly(),
    disruption: poolDisruptionView.exactOptional(),
    alarms: z
      .array(
        z.object({
          ...alarmFields,
          cooldownSeconds: z.number(),
          state: z
            .string()
            .optional()
            .meta({ description: 'The last that CloudWatch said; absent until it says something.' }),
          since: time.optional(),
          actedAt: time.nullable().optional(),
        }),
      )
      .optional(),
    headroom: z
      .object({
        ...resourcesViewSchema.partial().shape,
        nodes: z.int().optional(),
        floorNodes: z.int().optional().meta({ description: 'Nodes kept without work now: declared, and by alarms.' }),
        alarmName: z.string().nullable().optional().meta({ description: 'What set the floor of alarms last.' }),
        reason: z.string().nullable().optional(),
        lacking: z
          .string()
          .nullable()
          .optional()
          .meta({ description: 'Why the floor is not reached, as of the last tick; null where it is.' }),
      })
      .optional()
      .meta({ description: 'As declared; and, where one pool is shown, what it keeps.' }),
    policies: z.array(headroomPolicy).exactOptional(),
    ...accessView,
    ...paidView,
    onDemand: onDemandShare.exactOptional(),
    shadow: shadowPolicyView.exactOptional(),
    warm: warmView.exactOptional(),
    warmNodes: warmNodesView.exactOptional(),
    createdAt: time,
    updatedAt: time,
    deletingSince: time.nullable().meta({ description: 'Set while the pool is being deleted.' }),
    paused: z
      .object({ by: z.string(), since: time })
      .exactOptional()
      .meta({ description: 'It buys nothing until it is resumed.' }),
    dueSince: time
      .nullable()
      .exactOptional()
      .meta({ description: 'Where one pool is shown: since when it is due to tick; null: it is not.' }),
    quarantine: z
      .string()
      .exactOptional()
      .meta({
        description:
          'Its stored record cannot be read, for this reason: it takes and does nothing until it is declared anew.',
      }),
  })
  .meta({ id: 'PoolView' });
export type PoolView = z.output<typeof poolView>;

export const poolListView = z
  .object({ items: z.array(poolView), nextCursor: z.string().nullable() })
  .meta({ id: 'PoolList' });

/** A pool's record, whoever keeps it. */
export interface PoolState {
  readonly spec: PoolSpec;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
  readonly deletingSinceMs: number | null;
  readonly paused?: PoolPause;
  readonly quarantine?: string;
  readonly dueSinceMs?: number | null;
  readonly commitmentUse?: readonly UseState[];
  readonly headroom?: { readonly floorNodes: number; readonly record: FloorRecord; readonly lacking: WhyEntry | null };
  readonly warmLacking?: WhyEntry;
}

export function presentPool(pool: PoolState): PoolView {
  const { idleAfterMs, isDefault, alarms, headroom: declared, warm: kept, ...rest } = pool.spec;
  const { lifetimes = 'learned', objective = 'cost-over-time', historyDays = historyDaysDefault, ...others } = rest;
  const {
    patienceMs,
    disruption,
    policies,
    nodesServe = 'one-tenant',
    forecastQuantile = forecastQuantileDefault,
    prices,
    commitments,
    shadow,
    warmNodes: stopped,
    ...spec
  } = others;
  return {
    ...spec,
    ...presentPaid({ prices, commitments }, pool.commitmentUse),
    nodesServe,
    objective,
    ...(patienceMs === undefined ? {} : { patienceSeconds: patienceMs / 1000 }),
    lifetimes,
    historyDays,
    forecastQuantile,
    ...(shadow === undefined ? {} : { shadow: presentShadowPolicy(shadow) }),
    ...(policies === undefined ? {} : { policies: policies.map(presentPolicy) }),
    default: isDefault === true,
    ...(disruption === undefined ? {} : { disruption: presentDisruption(disruption) }),
    ...(kept === undefined ? {} : { warm: presentWarm(kept) }),
    ...(stopped === undefined ? {} : { warmNodes: presentWarmNodes(stopped, pool.warmLacking?.message) }),
    idleAfterSeconds: idleAfterMs / 1000,
    ...(alarms === undefined
      ? {}
      : {
          alarms: alarms.map((alarm) =>
            presentAlarm(alarm, pool.headroom && ownValue(pool.headroom.record.alarms, alarm.alarmName)),
          ),
        }),
    ...(pool.headroom === undefined && declared === undefined
      ? {}
      : { headroom: { ...presentDeclared(declared), ...presentFloor(pool.headroom) } }),
    createdAt: timeOf(pool.createdAtMs),
    updatedAt: timeOf(pool.updatedAtMs),
    deletingSince: timeOrNull(pool.deletingSinceMs),
    ...(pool.paused ? { paused: { by: pool.paused.by, since: timeOf(pool.paused.sinceMs) } } : {}),
    ...(pool.dueSinceMs === undefined ? {} : { dueSince: timeOrNull(pool.dueSinceMs) }),
    ...(pool.quarantine === undefined ? {} : { quarantine: pool.quarantine }),
  };
}

type HeadroomView = NonNullable<PoolView['headroom']>;

function presentDeclared(declared: HeadroomSpec | undefined): HeadroomView {
  return declared === undefined ? {} : { ...resourcesView(declared.resources), nodes: declared.nodes };
}

function presentFloor(floor: PoolState['headroom']): HeadroomView {
  if (floor === undefined) return {};
  return {
    floorNodes: floor.floorNodes,
    alarmName: floor.record.because?.alarmName ?? null,
    reason: floor.record.because?.reason ?? null,
    lacking: floor.lacking?.message ?? null,
  };
}

function presentAlarm(
  { cooldownMs, ...alarm }: PoolAlarm,
  seen: AlarmSeen | undefined,
): NonNullable<PoolView['alarms']>[number] {
  return {
    ...alarm,
    cooldownSeconds: cooldownMs / 1000,
    ...(seen === undefined ? {} : { state: seen.state, since: timeOf(seen.atMs), actedAt: timeOrNull(seen.actedAtMs) }),
  };
}

const assignedView = z.object({
  request: z.string().nullable().meta({ description: 'null: to callers who are no operators.' }),
  index: z.int(),
  attempt: z.int(),
  ...resourcesViewSchema.shape,
  placedAt: time,
  startedAt: time.nullable(),
});

export const nodeView = z
  .object({
    id: z.string(),
    pool: z.string(),
    state: nodeState,
    instanceType: z.string(),
    zone: z.string(),
    capacityType: z.enum(['spot', 'on-demand']),
    priceUsdPerHour: z.number(),
    launchId: z.string(),
    allocatable: resourcesViewSchema,
    used: resourcesViewSchema,
    tasks: z.int().min(0),
    tasksMax: z.int(),
    createdAt: time,
    readyAt: time.nullable(),
    lastSeenAt: time.nullable(),
    drainReason: z.string().nullable(),
    announced: z
      .object({ reason: z.string(), at: time })
      .nullable()
      .meta({ description: 'EC2 takes the node then; it takes tasks until 15 minutes before.' }),
    cordoned: z
      .object({ by: z.string(), at: time })
      .nullable()
      .meta({ description: 'It takes no new tasks, and stays.' }),
    stopsTasksAt: time
      .nullable()
      .meta({ description: 'It drains, and tasks that run then are stopped and queued again.' }),
    assigned: z.array(assignedView).optional().meta({ description: 'The tasks on it; where it is asked for.' }),
    start: z
      .array(z.object({ step: z.enum(startSteps), at: time, seconds: z.number() }))
      .optional()
      .meta({ description: 'How it started: seconds since it was launched; where it is asked for.' }),
  })
  .meta({ id: 'Node' });
export type NodeView = z.output<typeof nodeView>;

export const nodeListView = z
  .object({ items: z.array(nodeView), nextCursor: z.string().nullable() })
  .meta({ id: 'NodeList' });

export const nodeWhyView = z
  .object({
    node: nodeView,
    summary: z.string(),
    mayGoAt: time.nullable().meta({ description: 'When time alone may take it; null: only something that happens.' }),
    methods: z.array(
      z.object({
        method: z.string(),
        takes: z.boolean().meta({ description: 'It takes the node at the next tick.' }),
        reason: z.string(),
        at: time.nullable().meta({ description: 'When it may change its mind though nothing happens.' }),
      }),
    ),
  })
  .meta({ id: 'NodeWhy' });

export function presentNodeWhy(node: NodeRecord, why: NodeWhy, isOperator: boolean): z.output<typeof nodeWhyView> {
  return {
    node: presentNodeWithTasks(node, isOperator),
    summary: why.summary,
    mayGoAt: timeOrNull(why.mayGoAtMs),
    methods: why.methods.map(({ atMs, ...one }) => ({ ...one, at: timeOrNull(atMs) })),
  };
}

export const drainBody = z
  .strictObject({
    deadlineSeconds: z
      .number('must be a number of seconds')
      .min(0, 'must not be negative')
      .max(limits.durationSecondsMax)
      .optional()
      .meta({ description: 'Tasks that still run after this time are stopped; absent: they run until they end.' }),
  })
  .meta({ id: 'Drain' });

export function presentNode(node: NodeRecord): NodeView {
  return {
    id: node.id,
    pool: node.pool,
    state: node.state,
    instanceType: node.instanceType,
    zone: node.zone,
    capacityType: node.capacityType,
    priceUsdPerHour: node.priceUsdPerHour,
    launchId: node.launchId,
    allocatable: resourcesView(node.allocatable),
    used: resourcesView(sumResources(node.assigned.map((one) => one.resources))),
    tasks: node.assigned.length,
    tasksMax: node.tasksMax,
    createdAt: timeOf(node.createdAtMs),
    readyAt: timeOrNull(node.readyAtMs),
    lastSeenAt: timeOrNull(node.lastSeenAtMs),
    drainReason: node.drain?.reason ?? null,
    announced: node.announced ? { reason: node.announced.reason, at: timeOf(node.announced.atMs) } : null,
    cordoned: node.cordon ? { by: node.cordon.by, at: timeOf(node.cordon.atMs) } : null,
    stopsTasksAt: timeOrNull(node.drain?.stopAtMs ?? null),
  };
}

/** What a node does is everybody's to see; whose requests it is for is not. */
export function presentNodeWithTasks(node: NodeRecord, isOperator: boolean): NodeView {
  const assigned = node.assigned.map(({ requestId, index, attempt, resources, placedAtMs, startedAtMs }) => ({
    request: isOperator ? requestId : null,
    index,
    attempt,
    ...resourcesView(resources),
    placedAt: timeOf(placedAtMs),
    startedAt: timeOrNull(startedAtMs),
  }));
  const start = startOf(node).map(({ step, atMs }) => ({
    step,
    at: timeOf(atMs),
    seconds: Math.round(atMs - node.createdAtMs) / 1_000,
  }));
  return { ...presentNode(node), assigned, start };
}
