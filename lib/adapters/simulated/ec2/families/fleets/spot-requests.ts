// Spot requests as objects of their own. RequestSpotInstances makes them, and so does RunInstances where the request is
// persistent; they ask until they get an instance, persistent ones again when it ends. Of a one-time request that
// RunInstances or a fleet made nothing is stored: it follows from its instance.
//
// open -> active -> closed; open or active -> cancelled; open -> failed; persistent: active -> open, disabled while
// the instance is stopped.
import { Ec2Error } from '../../../cloud/errors.ts';
import { presentOf } from '../../../cloud/instances.ts';
import type { InstanceRecord } from '../../../cloud/instances.ts';
import type { Tags } from '../../tags.ts';
import type { World } from '../../world.ts';
import { spotRequestId } from '../instances/instance-wire.ts';
import { tagsFor } from '../launching/launch-parameters.ts';
import { equip, overrideFor, resolveLaunch } from '../launching/launch.ts';
import { defaultSubnets } from '../networks/network.ts';
import type { SpotRequest, SpotStatus } from './spot-records.ts';

const retryMs = 10_000;
const unmet: Readonly<Record<string, string>> = {
  InsufficientInstanceCapacity: 'capacity-not-available',
  SpotMaxPriceTooLow: 'price-too-low',
  MaxSpotInstanceCountExceeded: 'limit-exceeded',
  Unsupported: 'capacity-not-available',
};

const statusOf = (code: string, message: string, atMs: number): SpotStatus => ({ code, message, atMs });

/** A request that asks at the next look. */
export function openRequest(
  world: World,
  asked: Pick<
    SpotRequest,
    | 'type'
    | 'maxPrice'
    | 'parameters'
    | 'where'
    | 'behavior'
    | 'validFromMs'
    | 'validUntilMs'
    | 'launchGroup'
    | 'zoneGroup'
  > & { readonly tags: Tags },
): SpotRequest {
  const nowMs = world.nowMs();
  return world.spotRequests.put({
    ...asked,
    id: `sir-${world.cloud.random.hex(8)}`,
    createdAtMs: nowMs,
    instanceId: null,
    state: 'open',
    status: statusOf(
      'pending-evaluation',
      'Your Spot request has been submitted for review, and is pending evaluation.',
      nowMs,
    ),
    fault: null,
    nextTryAtMs: Math.max(nowMs, asked.validFromMs ?? nowMs),
  });
}

/** The persistent request of an instance that RunInstances has launched. */
export function keepPersistent(world: World, instance: InstanceRecord): void {
  const view = requestOf(world, instance);
  watch(world, world.spotRequests.put({ ...view, type: 'persistent' }));
}

/** The request of a spot instance: the stored one, or what follows from the instance. */
export function requestOf(world: World, instance: InstanceRecord): SpotRequest {
  const id = spotRequestId(instance);
  const stored = world.spotRequests.get(id);
  if (stored) return current(world, stored);
  const spec = world.specOf(instance);
  const spot = spec?.parameters.InstanceMarketOptions?.SpotOptions;
  const createdAtMs = instance.history[0]?.atMs ?? instance.launchedAtMs;
  return current(world, {
    id,
    createdAtMs,
    type: 'one-time',
    maxPrice: spot?.MaxPrice ?? null,
    parameters: { ...spec?.parameters, InstanceType: instance.instanceType, ImageId: spec?.imageId },
    where: { SubnetId: instance.details?.subnetId },
    behavior: spec?.spotInterruptionBehavior ?? 'terminate',
    validFromMs: null,
    validUntilMs: spot?.ValidUntil ?? null,
    launchGroup: null,
    zoneGroup: null,
    tags: tagsFor('spot-instances-request', spec?.parameters.TagSpecification),
    instanceId: instance.id,
    state: 'active',
    status: statusOf('fulfilled', 'Your Spot request is fulfilled.', createdAtMs),
    fault: null,
    nextTryAtMs: null,
  });
}

/** As it is now: what its instance has come to since it was stored. */
function current(world: World, request: SpotRequest): SpotRequest {
  if (request.state !== 'active' || request.instanceId === null) return request;
  const instance = world.cloud.record(request.instanceId);
  const present = instance && presentOf(instance);
  if (instance && present && present.state !== 'terminated' && present.state !== 'shutting-down') {
    if (instance.reclaimAtMs === null) return request;
    const message = 'Your Spot Instance is marked for termination.';
    return { ...request, status: statusOf('marked-for-termination', message, instance.reclaimAtMs) };
  }
  return { ...request, state: 'closed', status: endOf(present?.reason?.code, present?.atMs ?? world.nowMs()) };
}

function endOf(reason: string | undefined, atMs: number): SpotStatus {
  return reason === 'Server.SpotInstanceTermination'
    ? statusOf(
        'instance-terminated-no-capacity',
        'Your instance was terminated because there is no Spot capacity.',
        atMs,
      )
    : statusOf('instance-terminated-by-user', 'Your instance was terminated by you.', atMs);
}

export function storedNow(world: World, request: SpotRequest): SpotRequest {
  return current(world, request);
}

/** `disabled` while its instance is stopped. */
export function shownState(world: World, request: SpotRequest): SpotRequest['state'] | 'disabled' {
  const instance = request.instanceId === null ? undefined : world.cloud.record(request.instanceId);
  const state = instance && presentOf(instance).state;
  return request.state === 'active' && (state === 'stopped' || state === 'stopping') ? 'disabled' : request.state;
}

export function cancelled(world: World, request: SpotRequest): SpotRequest {
  if (request.state === 'closed' || request.state === 'cancelled' || request.state === 'failed') return request;
  const isRunning = request.instanceId !== null;
  const status = isRunning
    ? statusOf(
        'request-canceled-and-instance-running',
        'Your Spot request is canceled, but your instance is still running.',
        world.nowMs(),
      )
    : statusOf('canceled-before-fulfillment', 'Your Spot request is canceled before it was fulfilled.', world.nowMs());
  return world.spotRequests.put({ ...request, state: 'cancelled', status, nextTryAtMs: null });
}

interface Watched {
  /** Requests that may still get, or lose, an instance. */
  readonly ids: Set<string>;
  endings: number;
}
const watched = new WeakMap<World, Watched>();

function watchedOf(world: World): Watched {
  const known = watched.get(world);
  if (known) return known;
  const made: Watched = { ids: new Set(), endings: -1 };
  for (const request of world.spotRequests.values()) if (isWatched(request)) made.ids.add(request.id);
  watched.set(world, made);
  return made;
}

const isWatched = (request: SpotRequest): boolean =>
  request.state === 'open' || (request.state === 'active' && request.type === 'persistent');

export function watch(world: World, request: SpotRequest): void {
  if (isWatched(request)) watchedOf(world).ids.add(request.id);
}

/** When a request asks again, or its time is over; null: never. */
export function nextSpotRequestAtMs(world: World): number | null {
  let nextMs: number | null = null;
  for (const id of watchedOf(world).ids) {
    const request = world.spotRequests.get(id);
    for (const atMs of [request?.nextTryAtMs, request?.state === 'open' ? request.validUntilMs : null])
      if (atMs !== null && atMs !== undefined && (nextMs === null || atMs < nextMs)) nextMs = atMs;
  }
  return nextMs;
}

/** Lets requests ask whose turn it is; persistent ones whose instance has ended ask again. */
export function settleSpotRequests(world: World): void {
  const known = watchedOf(world);
  if (known.ids.size === 0) return;
  const nowMs = world.nowMs();
  const hasLost = known.endings !== world.endings;
  known.endings = world.endings;
  for (const id of known.ids) {
    const request = world.spotRequests.get(id);
    if (!request || !isWatched(request)) {
      known.ids.delete(id);
      continue;
    }
    if (request.state === 'active') {
      if (hasLost) askAgain(world, request);
    } else if (request.validUntilMs !== null && request.validUntilMs <= nowMs) {
      const status = statusOf('schedule-expired', 'Your Spot request has expired before it was fulfilled.', nowMs);
      world.spotRequests.put({ ...request, state: 'cancelled', status, nextTryAtMs: null });
    } else if ((request.nextTryAtMs ?? Infinity) <= nowMs) world.spotRequests.put(asked(world, request));
  }
}

function askAgain(world: World, request: SpotRequest): void {
  const ended = current(world, request);
  if (ended.state !== 'closed') return;
  const nextTryAtMs = world.nowMs() + retryMs;
  world.spotRequests.put({ ...request, state: 'open', instanceId: null, status: ended.status, nextTryAtMs });
}

/** The request after one attempt: fulfilled, still open, or failed for what is wrong with it. */
function asked(world: World, request: SpotRequest): SpotRequest {
  const nowMs = world.nowMs();
  try {
    const instance = launchOne(world, request);
    if ('code' in instance) {
      const code = unmet[instance.code] ?? 'capacity-not-available';
      return { ...request, status: statusOf(code, instance.message, nowMs), nextTryAtMs: nowMs + retryMs };
    }
    const status = statusOf('fulfilled', 'Your Spot request is fulfilled.', nowMs);
    return { ...request, state: 'active', instanceId: instance.id, status, nextTryAtMs: null };
  } catch (error) {
    if (!(error instanceof Ec2Error)) throw error;
    const fault = { code: error.ec2Code, message: error.message };
    return {
      ...request,
      state: 'failed',
      fault,
      status: statusOf('bad-parameters', error.message, nowMs),
      nextTryAtMs: null,
    };
  }
}

/** The instance, or why there is none. @throws Ec2Error for a request that is wrong in itself */
function launchOne(
  world: World,
  request: SpotRequest,
): InstanceRecord | { readonly code: string; readonly message: string } {
  const launch = resolveLaunch(world, request.parameters, request.where);
  const subnets = launch.subnet ? [launch.subnet] : defaultSubnets(world);
  const price = request.maxPrice === null ? {} : { maxPriceUsdPerHour: Number(request.maxPrice) };
  const outcome = world.cloud.launch({
    token: null,
    tokenScope: 'spot-request',
    parameters: '',
    capacityType: 'spot',
    strategy: 'prioritized',
    overrides: subnets.map((subnet) => overrideFor(world, launch, subnet, price)),
    count: 1,
    minCount: 1,
    tags: {},
  });
  const [instance] = outcome.instances;
  const subnet = subnets.find((one) => one.zone === instance?.zone);
  if (!instance || !subnet) return outcome.faults[0] ?? { code: 'InsufficientInstanceCapacity', message: '' };
  equip(world, [instance], {
    launch,
    subnet,
    fleetId: null,
    capacityType: 'spot',
    interruptionBehavior: request.behavior,
    isPersistent: request.type === 'persistent',
  });
  if (instance.details) world.setDetails(instance, { ...instance.details, spotRequestId: request.id });
  return instance;
}
