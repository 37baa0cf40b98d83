// One tick: lock, serve the wakes, then read; decide; apply; and again while something changed, within bounds.
import { countingCredits } from '../../core/allocation/constraints/credits.ts';
import { nextDueAtMs, reconcile } from '../../core/plan/reconcile.ts';
import { applyPlan } from './apply/plan.ts';
import { Versions } from './apply/records.ts';
import { asideNow, setAsideCulprits } from './culprits.ts';
import { applyAlarm } from './headroom-floor.ts';
import { readClaims } from '../claims/store.ts';
import type { Claims } from '../claims/store.ts';
import type { ClaimMemory } from '../claims/tick.ts';
import { claimsNeed, tickClaims, usageOfClaims } from '../claims/tick.ts';
import type { HeldLock, LockRecord, TickState } from '../coordination/lock.ts';
import { FencedError, releaseLock, takeLock } from '../coordination/lock.ts';
import { keys } from '../store/keys.ts';
import { readLaunches } from '../store/launches.ts';
import type { ListingCache } from './listing.ts';
import type { Observed } from './observe.ts';
import { observe } from './observe.ts';
import { OutboxPublisher } from './outbox.ts';
import { readPool, readPools } from '../requests/pools.ts';
import type { ControlPorts, ControlSettings } from '../ports.ts';
import type { BadRecords } from './set-aside.ts';
import { noteSetAside } from './set-aside.ts';
import { removeTombstone, tombstoneEndsAtMs } from '../requests/tombstones.ts';
import type { TickReport } from '../use-cases.ts';
import type { WakeRecord } from '../coordination/wake.ts';
import { owes, readWake, sendHint, serveWakes } from '../coordination/wake.ts';
import { reading } from '../store/store-retry.ts';

/** A pool is due when it owes a tick, when a lock expired unreleased, or at its time. Reads only. */
export async function isDue(ports: ControlPorts, pool: string): Promise<boolean> {
  return (await dueOf(ports, [pool])).length > 0;
}

export async function duePools(ports: ControlPorts): Promise<readonly string[]> {
  return dueOf(
    ports,
    (await readPools(ports)).map((item) => item.sk),
  );
}

/** Those of the pools that are due; the locks of all in one read, and then the wakes of those that it leaves open. */
async function dueOf(ports: ControlPorts, pools: readonly string[]): Promise<readonly string[]> {
  const locks = await reading(ports, () => ports.store.getMany<LockRecord>(pools.map(keys.lock)));
  const nowMs = ports.clock.nowMs();
  const byTime = new Map(
    pools.map((pool, at): [string, boolean | null] => {
      const lock = locks[at]?.data;
      if (lock?.holder) return [pool, lock.expiresAtMs <= nowMs];
      return [pool, (lock?.nextDueAtMs ?? Infinity) <= nowMs ? true : null];
    }),
  );
  const open = pools.filter((pool) => byTime.get(pool) === null);
  const wakes = await reading(ports, () => ports.store.getMany<WakeRecord>(open.map(keys.wake)));
  const owing = new Set(open.filter((_, at) => owes(wakes[at] ?? null)));
  return pools.filter((pool) => byTime.get(pool) ?? owing.has(pool));
}

export async function runTick(
  ports: ControlPorts,
  settings: ControlSettings,
  pool: string,
  cache: ListingCache,
  claimMemory: ClaimMemory,
  bad: BadRecords,
): Promise<TickReport> {
  const none: TickReport = { pool, ran: false, rounds: 0, actions: 0, nextDueAtMs: null };
  if (!(await isDue(ports, pool))) return none;
  const lock = await takeLock(ports, settings, pool);
  if (!lock) return none; // the debt is written; the holder reads WAKE again before it goes
  const { met, close } = bad.watch();
  let report: LockedReport | null;
  try {
    report = await tickLocked(ports, settings, lock, cache, claimMemory, bad);
    if (report)
      report = {
        ...report,
        state: { ...report.state, setAside: await noteSetAside(ports, pool, met, lock.item.data.setAside ?? 0) },
      };
  } finally {
    close();
  }
  if (!report) return none;
  await releaseLock(ports, lock, report.state);
  const isStillDue =
    owes(await readWake(ports, pool))
    || (report.state.nextDueAtMs !== null && report.state.nextDueAtMs <= ports.clock.nowMs());
  if (isStillDue) await sendHint(ports, pool);
  return { pool, ran: true, rounds: report.rounds, actions: report.actions, nextDueAtMs: report.state.nextDueAtMs };
}

interface LockedReport {
  readonly rounds: number;
  readonly actions: number;
  readonly state: TickState;
}

/**
 * null: fenced; everything left is for the other holder. An error leaves the lock to expire, so
 * that the pool stays due.
 */
async function tickLocked(
  ports: ControlPorts,
  settings: ControlSettings,
  lock: HeldLock,
  cache: ListingCache,
  claimMemory: ClaimMemory,
  bad: BadRecords,
): Promise<LockedReport | null> {
  const elapsedMs = (): number => ports.clock.monotonicMs() - lock.heldSinceMs;
  const publisher = new OutboxPublisher(ports, lock);
  let actions = 0;
  try {
    for (let rounds = 1; ; rounds += 1) {
      const wake = await serveWakes(ports, lock.pool);
      const pool = await readPool(ports, lock.pool);
      // One whose record cannot be read waits until it is declared anew.
      if (!pool || pool.data.quarantine !== undefined) {
        await publisher.publish();
        return {
          rounds,
          actions,
          state: { nextDueAtMs: publisher.dueAtMs, openRequests: 0, openClaims: 0, publishing: publisher.state },
        };
      }
      const launches = await readLaunches(ports, lock.pool);
      const claimed = await readClaims(ports, lock.pool, launches);
      const forClaims = { usage: usageOfClaims(claimed), need: claimsNeed(claimed, pool.data.spec) };
      const listAfterMs = wake?.listAfterMs ?? 0;
      const observed = await observe(ports, settings, pool, cache, launches.nodes, forClaims, listAfterMs);
      const startedMs = ports.clock.monotonicMs();
      const shouldStop = (): boolean => ports.clock.monotonicMs() - startedMs > settings.decisions.allocationBudgetMs;
      const suspects = claimMemory.troubles.suspects(lock.pool, ports.clock.nowMs());
      for (const one of asideNow(observed.observation, claimed)) bad.seen(one);
      if (observed.isFloorMoved) await applyAlarm(ports, pool.data.spec, null);
      const { plan, culprits, ...decided } = reconcile(
        { ...observed.observation, suspects },
        settings.decisions,
        { ...settings, specVersion: pool.data.specVersion, newId: () => ports.random.id() },
        countingCredits(ports.allocate),
        shouldStop,
      );
      const aside = await setAsideCulprits(ports, settings, bad, observed.observation, culprits);
      const { calls, troubles } = claimMemory;
      const context = { ports, settings, lock, pool, calls, troubles, listing: observed.claimListing };
      const applied = await applyPlan(context, Versions.ofTasks(observed), plan);
      const claims = await tickClaims({ ...context, listings: cache, bad }, claimed, claimMemory);
      const done = aside + applied.changes + applied.calls + claims.actions;
      actions += done;
      const openRequests = observed.observation.requests.filter((one) => !one.isCollected).length;
      if (done > 0 && rounds < settings.tickRoundsMax && elapsedMs() < settings.tickBudgetMs) continue;
      // After the work, so that nothing waits for the bus.
      await publisher.publish();
      if (claims.nextDueAtMs !== null && (await waitsForNextLook(ports, settings, lock, claims.nextDueAtMs))) continue;
      const nowMs = ports.clock.nowMs();
      const endsAtMs = isEmpty(observed, claimed) && publisher.dueAtMs === null ? tombstoneEndsAtMs(pool) : null;
      if (done === 0 && endsAtMs !== null && endsAtMs <= nowMs && (await removeTombstone(ports, lock, pool))) {
        return {
          rounds,
          actions,
          state: { openRequests, openClaims: claims.openClaims, nextDueAtMs: null, publishing: null },
        };
      }
      const due =
        done > 0 || decided.hasUntried
          ? nowMs
          : earliest(nextDueAtMs(decided.observation, settings.decisions, decided), claims.nextDueAtMs);
      // What could not be removed for somebody's write is tried again a second later.
      const tombstoneAtMs = endsAtMs === null ? null : Math.max(endsAtMs, nowMs + 1_000);
      const nextAtMs = [due, publisher.dueAtMs, settledAtMs(wake, nowMs, settings), tombstoneAtMs].reduce(earliest);
      return {
        rounds,
        actions,
        state: { openRequests, openClaims: claims.openClaims, nextDueAtMs: nextAtMs, publishing: publisher.state },
      };
    }
  } catch (error) {
    if (error instanceof FencedError) {
      ports.log.write('info', 'this tick was overtaken by another; it leaves', { pool: lock.pool, epoch: lock.epoch });
      return null;
    }
    throw error;
  }
}

/** No record of the pool is left but what it remembers. */
function isEmpty({ observation }: Observed, { claims, groups, launches, kept, warmFailed, leftOver }: Claims): boolean {
  return [
    observation.requests,
    observation.nodes,
    observation.launches,
    claims,
    groups,
    launches,
    kept,
    warmFailed,
    leftOver,
  ].every((all) => all.length === 0);
}

const nextLookStepMs = 500;

/** Waits until the next look at what is held is due, or somebody wants a tick; false: that is not soon enough. */
async function waitsForNextLook(
  ports: ControlPorts,
  settings: ControlSettings,
  lock: HeldLock,
  dueAtMs: number,
): Promise<boolean> {
  const { clock } = ports;
  const waitMs = Math.max(nextLookStepMs, dueAtMs - clock.nowMs());
  if (waitMs > settings.nextLookMs || clock.monotonicMs() - lock.heldSinceMs + waitMs >= settings.tickBudgetMs)
    return false;
  for (const untilMs = clock.monotonicMs() + waitMs; clock.monotonicMs() < untilMs;) {
    await clock.sleep(Math.min(nextLookStepMs, untilMs - clock.monotonicMs()));
    if (owes(await readWake(ports, lock.pool))) break;
  }
  return true;
}

function earliest(a: number | null, b: number | null): number | null {
  if (a === null || b === null) return a ?? b;
  return Math.min(a, b);
}

/** The index may not show yet what the last wake was about: one more look when it must have caught up. */
function settledAtMs(wake: WakeRecord | null, nowMs: number, settings: ControlSettings): number | null {
  const atMs = wake ? wake.wantedAtMs + settings.decisions.indexSettleMs : nowMs;
  return atMs > nowMs ? atMs : null;
}
