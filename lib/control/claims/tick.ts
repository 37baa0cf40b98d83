// The part of a tick that is about what is held: read, ask EC2 what there is, decide, write, call. It runs under the
// same lock and fence as buying nodes, so limits see both.
import { decideClaims } from '../../core/claims/decide.ts';
import type { ClaimDecision } from '../../core/claims/decide.ts';
import type { ClaimObservation } from '../../core/claims/working-copy.ts';
import { isolate } from '../../core/plan/isolate.ts';
import { isWarm } from '../../core/claims/documents.ts';
import type { NodeRecord } from '../../core/records/node.ts';
import type { PoolMemory, Versioned } from '../../core/plan/observation.ts';
import { emptyMemory } from '../../core/plan/observation.ts';
import type { CountedRecords, PoolUsage } from '../../core/records/limits.ts';
import { addPoolUsage, usageOfPool } from '../../core/records/limits.ts';
import type { PoolSpec } from '../../core/records/pool.ts';
import { keys } from '../store/keys.ts';
import { readLaunches } from '../store/launches.ts';
import type { ListingCache, ListingNeed } from '../tick/listing.ts';
import { offeringsOfPool } from '../requests/pools.ts';
import { setAsideClaims } from '../tick/culprits.ts';
import type { BadRecords } from '../tick/set-aside.ts';
import { queryAll, reading } from '../store/store-retry.ts';
import type { SnapshotOwners } from './snapshot-owners.ts';
import { readSnapshotOwners } from './snapshot-owners.ts';
import { namedBy } from './store.ts';
import type { Claims } from './store.ts';
import { WriteTroubles } from '../tick/write-troubles.ts';
import { CallMemory } from '../tick/apply/calls.ts';
import type { ApplyContext } from '../tick/apply/plan.ts';
import { applyPlan } from '../tick/apply/plan.ts';
import { Versions } from '../tick/apply/records.ts';

/**
 * What one process remembers between ticks: which calls it made when. Losing it costs
 * calls, never correctness.
 */
export class ClaimMemory {
  readonly calls = new CallMemory();
  /** Of the tasks' half of a tick as well. */
  readonly troubles = new WriteTroubles();
  /** Whose the snapshots are that requests name: that never changes. */
  readonly snapshotOwners: SnapshotOwners = new Map();
}

export interface ClaimContext extends ApplyContext {
  readonly listings: ListingCache;
  readonly bad: BadRecords;
}

export interface ClaimReport {
  /** Writes and calls: after any, another look is due. */
  readonly actions: number;
  readonly nextDueAtMs: number | null;
  readonly openClaims: number;
}

/** Machines and volumes that one page of each call of a listing shows. */
const cheapListing = 500;

/**
 * Without what is set aside and what is tied to it: requests that name it or that it names, groups and launches
 * of theirs. What they have stays as it is; all others go on.
 */
export function withoutSetAside(claimed: Claims, without: ReadonlySet<string> = new Set()): Claims {
  const out = new Set(
    claimed.claims
      .filter(({ record }) => record.quarantine !== null || without.has(`claim ${record.id}`))
      .map(({ record }) => record.id),
  );
  for (const { record } of claimed.launches)
    if (without.has(`launch ${record.id}`)) for (const { request } of record.members) out.add(request);
  for (const { record } of claimed.groups)
    if (without.has(`group ${record.id}`)) for (const id of [record.owner, ...record.references]) out.add(id);
  if (out.size + without.size === 0) return claimed;
  const ties = [
    ...claimed.claims.map(({ record }) => [record.id, ...namedBy(record)]),
    ...claimed.groups.map(({ record }) => [record.owner, ...record.references]),
    ...claimed.launches.map(({ record }) => record.members.map((one) => one.request)),
  ];
  for (let before = -1; before < out.size;) {
    before = out.size;
    for (const tied of ties) if (tied.some((id) => out.has(id))) for (const id of tied) out.add(id);
  }
  return {
    ...claimed,
    claims: claimed.claims.filter(({ record }) => !out.has(record.id)),
    groups: claimed.groups.filter(
      ({ record }) =>
        !without.has(`group ${record.id}`) && ![record.owner, ...record.references].some((id) => out.has(id)),
    ),
    launches: claimed.launches.filter(
      ({ record }) => !without.has(`launch ${record.id}`) && !record.members.some((one) => out.has(one.request)),
    ),
    kept: claimed.kept.filter(({ record }) => !without.has(`kept ${record.id}`)),
    warmFailed: claimed.warmFailed.filter(
      ({ record }) => record.quarantine === null && !without.has(`claim ${record.id}`),
    ),
  };
}

/** How urgently the claims of a pool want a listing; `none`: the pool has nothing of them. */
export function claimsNeed(all: Claims, pool: PoolSpec): ListingNeed {
  const { claims, groups, launches, kept, warmFailed } = withoutSetAside(all);
  const count = [claims, groups, launches, kept, warmFailed].reduce((sum, one) => sum + one.length, 0);
  if (count === 0 && pool.warm === undefined) return 'none';
  const isCalm =
    launches.length === 0
    && groups.every(({ record }) => record.state === 'active')
    && claims.every(
      ({ record }) =>
        record.state === 'active'
        && record.reason === null
        && record.cancelRequestedAtMs === null
        && record.wantedShape === null
        && record.wantedNetwork === null,
    );
  return isCalm ? 'calm' : 'busy';
}

/** @throws FencedError */
export async function tickClaims(context: ClaimContext, claimed: Claims, memory: ClaimMemory): Promise<ClaimReport> {
  const { ports, settings, pool } = context;
  const { claims, ...documents } = withoutSetAside(claimed);
  const name = pool.data.spec.name;
  if (claimsNeed(claimed, pool.data.spec) === 'none' && claimed.leftOver.length === 0)
    return { actions: 0, nextDueAtMs: null, openClaims: 0 };
  const { listing } = context;
  // Launches first: one that is settled between the two reads must not be missed by both.
  const nodeLaunches = (await readLaunches(ports, name)).nodes;
  const nodes = await queryAll<NodeRecord>(ports, keys.nodes(name));
  const poolMemory = await reading(ports, () => ports.store.get<PoolMemory>(keys.memory(name)));
  const observation: ClaimObservation = {
    nowMs: ports.clock.nowMs(),
    installation: settings.installation,
    pool: pool.data.spec,
    isPoolDeleting: pool.data.deletingSinceMs !== null,
    claims,
    ...documents,
    listing,
    snapshotOwners: await readSnapshotOwners(
      context,
      memory.snapshotOwners,
      claims.map(({ record }) => record),
    ),
    memory: { ...emptyMemory, ...poolMemory?.data },
    offerings: await offeringsOfPool(ports, pool.data.spec),
    nodes: nodes.map((item) => item.data),
    otherUsage: addPoolUsage(
      usageOfPool({
        nodes: nodes.map((item) => item.data),
        launches: nodeLaunches.map((one) => one.record),
        claims: [],
        kept: [],
      }),
      usageOfPool(leftOut(claimed, { claims, ...documents })),
    ),
    defaultImages: settings.machineImages,
    settings: settings.decisions,
    grantTimeoutMs: settings.decisions.bootTimeoutMs,
    specVersion: pool.data.specVersion,
    newId: () => ports.random.id(),
  };
  const {
    value: decision,
    culprits,
    untried,
  } = isolate(claimKeys({ claims, ...documents }), (without) =>
    decideClaims(partOf(observation, { claims, ...documents }, without)),
  );
  const aside = await setAsideClaims(ports, name, context.bad, claimed, culprits);
  const versions = Versions.ofClaims(name, { claims, ...documents });
  const applied = await applyPlan(context, versions, decision.plan);
  if (applied.calls > 0) forgetListing(context, name);
  const actions = applied.changes + applied.calls + aside + untried.length;
  const pausedUntilMs = actions > 0 ? null : pausedUntil(context, decision, { claims, ...documents });
  return {
    actions,
    nextDueAtMs: pausedUntilMs ?? decision.nextDueAtMs,
    openClaims: claims.filter(({ record }) => !isWarm(record) && !decision.ended.has(record.id)).length,
  };
}

/**
 * When the next look is due where nothing is on its way but deletions that EC2 refused; null: something
 * else is. Each request that is being given back must have such a call of its own: what only waits is
 * looked at as often as ever.
 */
function pausedUntil(
  { ports, listing, calls: { pauses } }: ClaimContext,
  { plan, ownDueAtMs }: ClaimDecision,
  { claims, launches, groups }: Claims,
): number | null {
  const calls = plan.actions.flatMap((one) => (one.kind === 'call' ? [one.call] : []));
  if (
    listing === null
    || calls.length === 0
    || launches.length > 0
    || groups.some(({ record }) => record.state !== 'active' && record.state !== 'deleting')
  )
    return null;
  const nowMs = ports.clock.monotonicMs();
  const untilMs = calls.map((call) => pauses.untilMs(call, listing, nowMs));
  const ends = untilMs.filter((one) => one !== null);
  if (ends.length < calls.length) return null;
  const asked = new Set(
    calls.flatMap((call) =>
      call.kind === 'terminate'
        ? call.machines.map((one) => one.request)
        : call.kind === 'delete-group'
          ? [`group ${call.group}`]
          : 'request' in call
            ? [call.request]
            : [],
    ),
  );
  const isPaused = claims.every(({ record }) =>
    record.state === 'active'
      ? record.reason === null
      : record.state === 'releasing'
        && (asked.has(record.id) || record.waitsForGroups.some((id) => asked.has(`group ${id}`))),
  );
  return isPaused
    ? Math.min(ownDueAtMs ?? Infinity, ports.clock.nowMs() + Math.max(1, Math.min(...ends) - nowMs))
    : null;
}

/** Whom others name comes first: where two records contradict each other, it is the second that is set aside. */
function claimKeys({ claims, groups, launches, kept, warmFailed }: Claims): readonly string[] {
  const all = [
    ['kept', kept],
    ['group', groups],
    ['launch', launches],
    ['claim', warmFailed],
    ['claim', claims],
  ] as const;
  return [...all.flatMap(([kind, records]) => records.map(({ record }) => `${kind} ${record.id}`)), 'memory'];
}

function partOf(observation: ClaimObservation, claimed: Claims, without: ReadonlySet<string>): ClaimObservation {
  if (without.size === 0) return observation;
  const part = withoutSetAside(claimed, without);
  return {
    ...observation,
    ...part,
    otherUsage: addPoolUsage(observation.otherUsage, usageOfPool(leftOut(claimed, part))),
    ...(without.has('memory') ? { memory: emptyMemory } : {}),
  };
}

/** What counts of it against the limits. */
export function usageOfClaims({ claims, launches, kept }: Pick<Claims, 'claims' | 'launches' | 'kept'>): PoolUsage {
  const records = <T>(all: readonly Versioned<T>[]): readonly T[] => all.map((one) => one.record);
  return usageOfPool({ nodes: [], launches: records(launches), claims: records(claims), kept: records(kept) });
}

/** What is set aside counts against the limits all the same. */
function leftOut(all: Claims, part: Claims): CountedRecords {
  const others = <T>(of: readonly Versioned<T>[], known: readonly Versioned<T>[]): readonly T[] => {
    const seen = new Set(known.map((one) => one.record));
    return of.map((one) => one.record).filter((one) => !seen.has(one));
  };
  return {
    nodes: [],
    launches: others(all.launches, part.launches),
    claims: others(all.claims, part.claims),
    kept: others(all.kept, part.kept),
  };
}

/** What calls changed is looked at at once, where that is cheap; with thousands of things, not before the next tick. */
function forgetListing({ listing, listings }: ClaimContext, pool: string): void {
  if (listing && listing.machines.size + listing.volumes.size <= cheapListing) listings.delete(pool);
}
