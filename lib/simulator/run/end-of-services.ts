// How services end in a run: each comes to rest, as it is wanted or waiting for room that its pool does not have.
import { reservedIn } from '../checkers/03-limits.ts';
import { isGrantable, isPlaceable } from '../checkers/tasks/placeable.ts';
import { isNodeLaunch } from '../../core/records/launch.ts';
import { stopAtMs } from '../../core/disruption/stop-tasks.ts';
import type { Assignment, NodeRecord } from '../../core/records/node.ts';
import type { PoolLimits, PoolSpec } from '../../core/records/pool.ts';
import type { TaskSpec } from '../../core/records/request.ts';
import type { ServiceRecord } from '../../core/services/record.ts';
import type { Truth } from '../truth.ts';

const name = '20: services';

type Waiting = Pick<ServiceRecord, 'pool' | 'running' | 'revision' | 'revisions'>;

/** All that are wanted run, with the present template; those that can never be had are left out. */
export function areServicesSettled(truth: Truth): boolean {
  return unsettledServices(truth).length === 0;
}

/** Those that are not settled only wait for room. */
export function areServicesAtRest(truth: Truth): boolean {
  return unsettledServices(truth).every((one) => waitsForRoom(truth, one));
}

function unsettledServices(truth: Truth): readonly ServiceRecord[] {
  return [...truth.services.values()].filter((service) => {
    const { pool, replicas, running, rollout } = service;
    const spec = truth.pools.get(pool)?.spec;
    if (!spec || !canBeHad(truth, service, spec)) return false;
    const isDone = rollout.state === 'done' || rollout.state === 'rolled-back';
    return !isDone || running.length !== replicas;
  });
}

/** Whether the pool could ever run a replica of the present template. */
function canBeHad({ prices }: Truth, { revisions, revision }: Waiting, pool: PoolSpec): boolean {
  const template = revisions.find((one) => one.number === revision)?.template;
  if (template === undefined) return false;
  return template.type === 'task' ? isPlaceable(template, pool, prices.now) : isGrantable(template, pool, prices.now);
}

/** Machines of it wait for room below the limits of their pool; all others are there. */
function machinesWait(truth: Truth, { pool, running }: Waiting): boolean {
  const waiting = running.flatMap(({ request }) => {
    const claim = truth.claims.get(request);
    return claim?.state === 'pending' ? [claim] : [];
  });
  const limits = Object.keys(truth.pools.get(pool)?.spec.limits ?? {});
  return limits.length > 0 && waiting.length > 0 && waiting.every((one) => one.reason === 'limit_reached');
}

/**
 * A replica of the present template is there and on no node, none is being stopped, nothing of its pool comes or goes
 * (a node that drains until its replicas have successors stands still, too), no node of it has room, and its limits
 * leave none for another node.
 */
export function waitsForRoom(truth: Truth, service: Waiting): boolean {
  const { pool, running, revision } = service;
  const { spec } = truth.pools.get(pool) ?? {};
  if (!spec || running.some((one) => one.stop !== null)) return false;
  const template = templateOf(service);
  if (!template) return machinesWait(truth, service);
  const nodes = [...truth.nodes.values()].filter((node) => node.pool === pool);
  const placed = new Set(nodes.flatMap((node) => node.assigned.map((one) => one.requestId)));
  const waiting = running.filter((one) => one.revision === revision && !placed.has(one.request));
  const isMoving =
    nodes.some((node) => node.state !== 'ready' && !waitsForSuccessors(truth, node))
    || [...truth.launches.values()].some((one) => one.pool === pool && one.state === 'open' && isNodeLaunch(one));
  const isRoom = waiting.some(({ request }) =>
    nodes.some((node) => hasRoom(node, template, mayRunAlone(truth, request))),
  );
  if (waiting.length === 0 || isMoving || isRoom) return false;
  return !isPlaceable(template, { ...spec, limits: limitsLeft(truth, pool, spec.limits) }, truth.prices.now);
}

/** undefined: its replicas are machines. */
function templateOf({ revisions, revision }: Waiting): TaskSpec | undefined {
  const template = revisions.find((one) => one.number === revision)?.template;
  return template?.type === 'task' ? template : undefined;
}

/** A node that drains, with replicas alone that may not be stopped yet: they stay until others take their places. */
function waitsForSuccessors({ requests, pools, nowMs }: Truth, { state, pool, drain, assigned }: NodeRecord): boolean {
  const spec = pools.get(pool)?.spec;
  const stays = ({ requestId, withdrawn }: Assignment): boolean => {
    const task = requests.get(requestId)?.spec;
    if (!spec || !drain || task?.service === undefined || withdrawn !== null) return false;
    return stopAtMs(drain, task, spec) > nowMs;
  };
  return state === 'draining' && assigned.length > 0 && assigned.every(stays);
}

/** What lost its node twice without notice runs alone; in some pools after the first time. */
function mayRunAlone({ requests }: Truth, request: string): boolean {
  return (requests.get(request)?.tasks[0]?.nodeLosses ?? 0) > 0;
}

function hasRoom(
  { state, cordon, assigned, tasksMax, allocatable }: NodeRecord,
  { resources }: TaskSpec,
  isAlone: boolean,
): boolean {
  const isFull = (['cpuMilli', 'memoryMib', 'gpu'] as const).some((dimension) => {
    const used = assigned.reduce((sum, one) => sum + one.resources[dimension], 0);
    return used + resources[dimension] > allocatable[dimension];
  });
  const isShared = assigned.every((one) => one.isAlone !== true) && (assigned.length === 0 || !isAlone);
  return state === 'ready' && cordon === undefined && isShared && assigned.length < tasksMax && !isFull;
}

function limitsLeft(truth: Truth, pool: string, limits: PoolLimits): PoolLimits {
  const used = Object.entries(reservedIn(truth, pool));
  return Object.fromEntries(
    used.map(([dimension, amount]) => [dimension, (limits[dimension as keyof PoolLimits] ?? Infinity) - amount]),
  );
}

/** Hours after the faults have ended. */
export function checkServicesAtRest(truth: Truth): void {
  complain(
    truth,
    unsettledServices(truth).find((one) => !waitsForRoom(truth, one)),
    'and its pool has room',
  );
}

/** After the limits of all pools were lifted. */
export function checkServicesSettled(truth: Truth): void {
  complain(truth, unsettledServices(truth)[0], 'an hour after its pool has room');
}

function complain(truth: Truth, service: ServiceRecord | undefined, when: string): void {
  if (!service) return;
  const { name: own, running, replicas, rollout } = service;
  truth.violate(
    name,
    `service ${own} has ${String(running.length)} of ${String(replicas)} replicas, and its update is ${rollout.state}, `
      + when,
    running.map((one) => one.request),
  );
}
