// One tick: lock, serve the wakes, then read; decide; apply; and again while something changed, within bounds.
import { countingAll } from '../../core/allocation/constraints/paid-first.ts';
import type { Allocate } from '../../core/allocation/types.ts';
import { isWarm } from '../../core/claims/documents.ts';
import type { Decision } from '../../core/plan/decide.ts';
import { decide, nextDueAtMs } from '../../core/plan/decide.ts';
import { earliest } from '../../core/plan/decide-tasks.ts';
import type { Observation } from '../../core/plan/observation.ts';
import type { Plan } from '../../core/plan/plan.ts';
import { rowsOf } from '../../core/plan/rows/seen-rows.ts';
import { isNodeLaunch } from '../../core/records/launch.ts';
import { CallMemory } from './apply/calls.ts';
import type { Applied } from './apply/plan.ts';
import { applyPlan } from './apply/plan.ts';
import { Versions } from './apply/records.ts';
import { asideNow, setAsideCulprits } from './culprits.ts';
import type { MetricsMemory } from './scaling/cloudwatch.ts';
import { keepCloudWatch } from './scaling/cloudwatch.ts';
import type { Forecasts } from './scaling/forecasts.ts';
import type { ServiceLearnings } from './scaling/service-forecasts.ts';
import { keepServiceDemand } from './scaling/service-forecasts.ts';
import { keepDemand } from './scaling/demand-history.ts';
import { ShadowOfTick } from './scaling/shadow.ts';
import { applyAlarm } from './scaling/headroom-floor.ts';
import { pausedUntil } from '../claims/release-pauses.ts';
import type { SnapshotOwners } from '../claims/snapshot-owners.ts';
import { isDue } from '../coordination/due.ts';
import type { RoundCopy, RoundPorts } from '../store/copy/round-ports.ts';
import { listedFrom } from '../store/copy/round-ports.ts';
import type { LeftOfLarge, TickLock, TickState } from '../coordination/lock.ts';
import { FencedError, isTimeToLaunch, readLock, releaseLock, takeLock } from '../coordination/lock.ts';
import type { ListingCache } from './listing.ts';
import type { Observed, ReadMemory } from './observe.ts';
import { observe } from './observe.ts';
import { OutboxPublisher } from './outbox.ts';
import type { ControlPorts, ControlSettings } from '../ports.ts';
import type { BadRecords } from './set-aside.ts';
import { noteSetAside } from './set-aside.ts';
import { presentOfTick } from '../requests/figures/present.ts';
import { TenantMemory } from '../requests/tenants.ts';
import { removeTombstone, tombstoneEndsAtMs } from '../requests/tombstones.ts';
import { syncTargets } from '../services/targets/sync.ts';
import type { TickReport } from '../use-cases.ts';
import type { WakeRecord } from '../coordination/wake.ts';
import { isUnserved, raiseWake, readWake, sendHint, serveWakes } from '../coordination/wake.ts';
import { WriteTroubles } from './write-troubles.ts';
import type { TotalsRecord } from '../store/totals.ts';
import { readTotals } from '../store/totals.ts';

/** What one process remembers between ticks. Losing it costs calls and failed writes, never correctness. */
export class TickMemory implements ReadMemory {
  readonly listings: ListingCache = new Map();
  readonly snapshotOwners: SnapshotOwners = new Map();
  readonly tenants = new TenantMemory();
  readonly forecasts: Forecasts = new Map();
  readonly cloudWatch: MetricsMemory = new Map();
  readonly serviceForecasts: ServiceLearnings = new Map();
  readonly calls = new CallMemory();
  readonly troubles = new WriteTroubles();
}

export async function runTick(
  ports: ControlPorts,
  settings: ControlSettings,
  pool: string,
  memory: TickMemory,
  bad: BadRecords,
  copies: RoundPorts,
): Promise<TickReport> {
  const none: TickReport = { pool, ran: false, rounds: 0, actions: 0, nextDueAtMs: null };
  if (!(await isDue(ports, pool))) return none;
  const lock = await takeLock(ports, settings, pool);
  if (!lock) return none; // the debt is written; the holder reads WAKE again before it goes
  const copy = copies.begin(settings, lock);
  const shadow = new ShadowOfTick(ports, settings, lock);
  const tick = { ports, settings, lock, memory, bad, copy, shadow, publisher: new OutboxPublisher(ports, lock) };
  let report: LockedReport | null;
  try {
    report = await untilReleased(tick);
  } catch (error) {
    await raiseServedWakes(ports, lock);
    throw error;
  }
  if (!report) return none;
  const isStillDue =
    isUnserved(await readWake(ports, pool))
    || (report.state.nextDueAtMs !== null && report.state.nextDueAtMs <= ports.clock.nowMs());
  if (isStillDue) await sendHint(ports, pool);
  return { pool, ran: true, rounds: report.rounds, actions: report.actions, nextDueAtMs: report.state.nextDueAtMs };
}

/** null: fenced. */
async function untilReleased(tick: Tick): Promise<LockedReport | null> {
  const { ports, settings, lock, bad, copy } = tick;
  const { met, close } = bad.watch();
  let report: LockedReport | null = null;
  try {
    const done = await tickLocked(tick);
    const setAside = done && (await noteSetAside(ports, lock.pool, met, lock.item.data.setAside ?? 0));
    if (done && setAside !== null) report = { ...done, state: { ...done.state, setAside } };
  } finally {
    close();
    if (!report) copy.end();
  }
  const left = report && leftOfLarge(ports, settings, lock, report);
  // Of a tick that was overtaken nothing is kept: notes that come late are looked for from before their tick began.
  if (report && left && (await releaseLock(ports, lock, report.state, { ...left, ...(await copy.leave(left)) })))
    copy.keep();
  // The other may have looked before what the wakes were about that this tick has served.
  else await raiseWake(ports, lock.pool);
  return report;
}

/** After an error: while the lock is ours the pool stays due by it, and whoever has taken it over looks again. */
async function raiseServedWakes(ports: ControlPorts, { pool, item }: TickLock): Promise<void> {
  try {
    if ((await readLock(ports, pool))?.version !== item.version) await raiseWake(ports, pool);
  } catch (error) {
    ports.log.write('error', 'the wakes of a tick that failed could not be raised again', { pool, error });
  }
}

interface Tick {
  readonly ports: ControlPorts;
  readonly settings: ControlSettings;
  readonly lock: TickLock;
  readonly memory: TickMemory;
  readonly bad: BadRecords;
  readonly copy: RoundCopy;
  readonly publisher: OutboxPublisher;
  readonly shadow: ShadowOfTick;
}

interface LockedReport {
  readonly rounds: number;
  readonly actions: number;
  readonly state: TickState;
  /** By its last round; null: there is no such pool. */
  readonly seen: Observation | null;
  /** Before that round; null: the pool was small, and nobody asked. */
  readonly totals: TotalsRecord | null;
}

/**
 * null: fenced; everything left is for the other holder. An error leaves the lock to expire, so
 * that the pool stays due.
 */
async function tickLocked(tick: Tick): Promise<LockedReport | null> {
  const { ports, settings, lock, publisher } = tick;
  let actions = 0;
  try {
    for (let rounds = 1; ; rounds += 1) {
      const round = await runRound(tick, rounds === 1);
      actions += round?.done ?? 0;
      const elapsedMs = ports.clock.monotonicMs() - lock.takenAtMs;
      const hasMoved = round !== null && round.done > 0 && !round.isBookkeeping;
      if (hasMoved && rounds < settings.tickRoundsMax && elapsedMs < settings.tickBudgetMs) continue;
      // After what it rests on is stored; what they answer may change what is decided.
      const targets = round === null ? null : await syncTargets(tick, round.observed.observation);
      if (
        targets !== null
        && targets.changes > 0
        && rounds < settings.tickRoundsMax
        && elapsedMs < settings.tickBudgetMs
      )
        continue;
      // After the work, so that nothing waits for the bus.
      await publisher.publish(archiveOf(settings, round));
      if (round === null) {
        const state = { nextDueAtMs: publisher.dueAtMs, openRequests: 0, openClaims: 0, publishing: publisher.state };
        return { rounds, actions, state, seen: null, totals: null };
      }
      if (round.claimsDueAtMs !== null && (await waitsForNextLook(tick, round.claimsDueAtMs))) continue;
      const { observation } = round.observed;
      await tick.shadow.keep(observation, round.observed.pool.data.specVersion);
      const ofServicesAtMs = await keepServiceDemand(ports, lock, observation);
      const sampleAtMs = earliest(ofServicesAtMs, await keepDemand(ports, lock, observation));
      const targetsAtMs =
        targets !== null && targets.changes > 0 ? ports.clock.nowMs() : (targets?.nextDueAtMs ?? null);
      const metricsUntil = await keepCloudWatch(ports, lock, tick.memory.cloudWatch);
      const state = { ...(await stateAfter(tick, round, [sampleAtMs, targetsAtMs])), ...metricsUntil };
      return { rounds, actions, state, seen: observation, totals: round.totals };
    }
  } catch (error) {
    if (!(error instanceof FencedError)) throw error;
    ports.log.write('info', 'this tick was overtaken by another; it leaves', { pool: lock.pool, epoch: lock.epoch });
    return null;
  }
}

/** Of a pool so large that ticks keep a copy of it: that its changes are listed, and its figures. */
function leftOfLarge(
  { clock }: ControlPorts,
  settings: ControlSettings,
  lock: TickLock,
  { seen, totals }: LockedReport,
): LeftOfLarge {
  if (seen === null) return {};
  const listed = listedFrom(settings, lock, seen.nodes.length + seen.requests.length, clock.nowMs());
  return listed.listedSinceMs === undefined ? {} : { ...listed, present: presentOfTick(seen, seen.nowMs, totals) };
}

/** null: no sweep looks after what has ended. */
function archiveOf(settings: ControlSettings, round: Round | null): ControlSettings | null {
  return settings.archiveAfterMs !== null && round !== null ? settings : null;
}

interface Round {
  readonly wake: WakeRecord | null;
  readonly totals: TotalsRecord | null;
  readonly observed: Observed;
  readonly decision: Decision & { readonly hasUntried: boolean };
  /** Writes and calls: after any, another look is due. */
  readonly done: number;
  /** They only pass costs on to the pool's days: nothing is decided by that, and a minute later is soon enough. */
  readonly isBookkeeping: boolean;
  /** When the next look is due for the sake of claims. */
  readonly claimsDueAtMs: number | null;
}

/** Observes once, decides once, applies once. null: there is no pool to decide about. @throws FencedError */
async function runRound(
  { ports: given, settings, lock, memory, bad, copy, shadow }: Tick,
  isFirst: boolean,
): Promise<Round | null> {
  const wake = await serveWakes(given, lock.pool);
  const { ports, sight } = await copy.portsOfRound();
  const totals = lock.item.data.listedSinceMs === undefined ? null : await readTotals(ports, lock.pool);
  const observed = await observe(ports, settings, lock.pool, memory, wake?.listAfterMs ?? 0, sight);
  if (observed === null) return null;
  const { pool, observation } = observed;
  await shadow.see(observed);
  for (const one of asideNow(observation)) bad.seen(one);
  if (observed.isFloorMoved) await applyAlarm(ports, pool.data.spec, null, observation.cloudWatch ?? null);
  const startedMs = ports.clock.monotonicMs();
  const { limitAllocation: limited = (one: Allocate): Allocate => one } = ports;
  let isCut = false;
  const decision = decide(
    { ...observation, suspects: memory.troubles.suspects(lock.pool, ports.clock.nowMs()) },
    settings.decisions,
    { ...settings, specVersion: pool.data.specVersion, newId: () => ports.random.id() },
    limited(countingAll(ports.allocate)),
    () =>
      (isCut ||=
        ports.clock.monotonicMs() - startedMs > settings.decisions.allocationBudgetMs
        || (isFirst && isTimeToLaunch(ports, settings, lock))),
  );
  if (isCut)
    ports.log.write('warn', 'the search for cheaper nodes was ended by its time, before its steps were done', {
      pool: lock.pool,
      allocationBudgetMs: settings.decisions.allocationBudgetMs,
      allocationIterations: settings.decisions.allocationIterations,
      sinceLockMs: ports.clock.monotonicMs() - lock.takenAtMs,
    });
  const aside = await setAsideCulprits(ports, settings, bad, observation, decision.culprits);
  const { calls, troubles } = memory;
  const context = { ports, settings, lock, pool, calls, troubles, listing: observation.claimListing };
  const applied = await applyPlan(context, Versions.of(observed), decision.plan);
  if (hasMovedClaims(observation, decision.plan, applied)) forgetListing(memory, observation);
  const done = aside + applied.changes + applied.launches + applied.terminations + applied.calls;
  const pausedMs = done > 0 ? null : pausedUntil(memory.calls.pauses, ports.clock, decision);
  const isBookkeeping = done > 0 && aside === 0 && isOnlyBookkeeping(decision.plan);
  const claimsDueAtMs = pausedMs ?? decision.claims.nextDueAtMs;
  return { wake, totals, observed, decision, done, isBookkeeping, claimsDueAtMs };
}

/** A pool of thousands of nodes has hundreds of such decisions a day: each as another round would be a look at all. */
function isOnlyBookkeeping({ actions }: Plan): boolean {
  return actions.every(
    (one) => one.kind === 'explain' || one.kind === 'remember' || (one.kind === 'change' && one.what === 'bill'),
  );
}

/** Something was called for in EC2 for claims. */
function hasMovedClaims({ machineLaunches }: Observation, { actions }: Plan, { calls, launches }: Applied): boolean {
  const isForMachines =
    machineLaunches.length > 0 || actions.some((one) => one.kind === 'launch' && !isNodeLaunch(one.launch));
  return calls > 0 || (launches > 0 && isForMachines);
}

/** Machines and volumes that one page of each call of a listing shows. */
const cheapListing = 500;

/** What calls changed is looked at at once, where that is cheap; with thousands of things, not before the next tick. */
function forgetListing({ listings }: TickMemory, { pool, claimListing }: Observation): void {
  if (claimListing && claimListing.machines.size + claimListing.volumes.size <= cheapListing)
    listings.delete(pool.name);
}

/** What the lock remembers of the pool; a pool that is deleted, and of which nothing is left, is removed. */
async function stateAfter(
  { ports, settings, lock, publisher }: Tick,
  round: Round,
  othersAtMs: readonly (number | null)[],
): Promise<TickState> {
  const { wake, observed, decision, done, isBookkeeping, claimsDueAtMs } = round;
  const { pool, observation } = observed;
  const counts = {
    openRequests: observation.requests.length - rowsOf(observation).collected.size,
    openClaims: decision.claims.openClaims + claimsAside(observation, decision),
  };
  const nowMs = ports.clock.nowMs();
  const endsAtMs = isEmpty(observation) && publisher.dueAtMs === null ? tombstoneEndsAtMs(pool) : null;
  if (done === 0 && endsAtMs !== null && endsAtMs <= nowMs && (await removeTombstone(ports, lock, pool)))
    return { ...counts, nextDueAtMs: null, publishing: null };
  const hasMoved = done > 0 && !isBookkeeping;
  const due = hasMoved || decision.hasUntried ? nowMs : nextDueAtMs(decision, settings.decisions, claimsDueAtMs);
  // What could not be removed for somebody's write is tried again a second later.
  const tombstoneAtMs = endsAtMs === null ? null : Math.max(endsAtMs, nowMs + 1_000);
  const moreToBillAtMs = isBookkeeping ? nowMs + settings.decisions.listingCalmMs : null;
  const settled = settledAtMs(wake, nowMs, settings);
  const others = [publisher.dueAtMs, settled, tombstoneAtMs, moreToBillAtMs, ...othersAtMs];
  const nextAtMs = [due, ...others].reduce(earliest);
  return { ...counts, nextDueAtMs: nextAtMs, publishing: publisher.state };
}

/** Requests that are set aside are open, too. */
function claimsAside({ claims }: Observation, { observation }: Decision): number {
  const decided = new Set(observation.claims);
  return claims.filter((one) => !decided.has(one) && !isWarm(one.record)).length;
}

/** No record of the pool is left but what it remembers. */
function isEmpty(seen: Observation): boolean {
  const { services = [], targets = [] } = seen;
  const all = [
    ...[seen.requests, seen.nodes, seen.launches, seen.claims, seen.groups, seen.machineLaunches],
    ...[seen.kept, seen.warmFailed, seen.leftOver, services, targets],
  ];
  return all.every((records) => records.length === 0);
}

const nextLookStepMs = 500;

/** Waits until the next look at claims is due, or somebody wants a tick; false: that is not soon enough. */
async function waitsForNextLook({ ports, settings, lock }: Tick, dueAtMs: number): Promise<boolean> {
  const { clock } = ports;
  const waitMs = Math.max(nextLookStepMs, dueAtMs - clock.nowMs());
  if (waitMs > settings.nextLookMs || clock.monotonicMs() - lock.takenAtMs + waitMs >= settings.tickBudgetMs)
    return false;
  for (const untilMs = clock.monotonicMs() + waitMs; clock.monotonicMs() < untilMs;) {
    await clock.sleep(Math.min(nextLookStepMs, untilMs - clock.monotonicMs()));
    if (isUnserved(await readWake(ports, lock.pool))) break;
  }
  return true;
}

/** The index may not show yet what the last wake was about: one more look when it must have caught up. */
function settledAtMs(wake: WakeRecord | null, nowMs: number, settings: ControlSettings): number | null {
  const atMs = wake ? wake.wantedAtMs + settings.decisions.indexSettleMs : nowMs;
  return atMs > nowMs ? atMs : null;
}
