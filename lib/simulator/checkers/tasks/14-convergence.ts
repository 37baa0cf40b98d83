// Invariant 14: convergence. Once faults have stopped, everything placeable is placed within a bounded time: as
// long as something placeable is open, something goes on, somewhere, at least once in a while.
import type { RequestRecord } from '../../../core/records/request.ts';
import { isEnd } from '../../../core/records/request.ts';
import { epochMs } from '../../kernel.ts';
import type { Truth, Watcher } from '../../truth.ts';
import { isPlaceable } from './placeable.ts';

const name = '14: convergence';
const everyMs = 30_000;
const lossesUntilMs = 60 * 60_000;
/**
 * A node that never boots is waited for up to a quarter of an hour, and capacity is given a few
 * minutes to come back.
 */
export const stallMaxMs = 30 * 60_000;
/**
 * A price that falls wakes nobody: what was too dear for its pool's limits is looked at again with the next wake, and
 * at the latest six hours after its last look, by which a controller's catalog may be another minute old.
 */
const priceSeenWithinMs = 6 * 60 * 60_000 + 60_000;

export function convergence(truth: Truth): Watcher {
  let progressAtMs = Infinity;
  let calmAtMs = Infinity;
  let nextAtMs = Infinity;
  return {
    calm() {
      progressAtMs = truth.nowMs;
      calmAtMs = truth.nowMs;
      nextAtMs = truth.nowMs;
    },
    task(request, before, after) {
      if (!truth.isCalm) return;
      progressAtMs = truth.nowMs;
      // Agents that died before may still be found silent for a while; after that nothing gets lost any more.
      const isLost = before !== null && after.losses > before.losses;
      if (isLost && truth.nowMs > calmAtMs + lossesUntilMs)
        truth.violate(
          name,
          `task ${request.id}.${String(after.index)} is lost a ${String(after.losses)}th time `
            + `(${after.reason ?? ''}), an hour after the faults stopped`,
          [request.id],
        );
    },
    step() {
      if (truth.nowMs < nextAtMs) return;
      nextAtMs = truth.nowMs + everyMs;
      const mayHaveBeenTooDear = truth.nowMs < calmAtMs + priceSeenWithinMs;
      const open = openRequests(truth).filter(
        (request) => !waitsForItsDeadline(truth, request) && !(mayHaveBeenTooDear && wasTooDear(truth, request)),
      );
      // Claims take room from tasks for as long as their owners like.
      if (open.length === 0 || someProcessRuns(truth) || someIsClaimed(truth)) progressAtMs = truth.nowMs;
      if (truth.nowMs - progressAtMs <= stallMaxMs) return;
      const [first] = open;
      if (first)
        truth.violate(
          name,
          `for ${String(stallMaxMs / 60_000)} minutes without faults nothing has happened, while `
            + `${String(open.length)} requests are open, such as ${first.id} (${first.state} `
            + `${JSON.stringify(first.counts)})`,
          [first.id],
        );
    },
  };
}

/** Open requests that could run, or that shall stop. */
export function openRequests(truth: Truth): readonly RequestRecord[] {
  return [...truth.requests.values()].filter((request) => {
    if (isEnd(request.state)) return false;
    const pool = truth.pools.get(request.pool);
    return (
      pool !== undefined
      && (request.cancelRequestedAtMs !== null
        || request.spec.deadlineMs !== null
        || isPlaceable(request.spec, pool.spec, truth.prices.now))
    );
  });
}

/** It cannot run in its pool as that is now; its deadline, which lies ahead, will end it. */
function waitsForItsDeadline(truth: Truth, request: RequestRecord): boolean {
  const pool = truth.pools.get(request.pool);
  const deadlineAtMs = request.createdAtMs + (request.spec.deadlineMs ?? 0);
  return (
    request.cancelRequestedAtMs === null
    && deadlineAtMs > epochMs + truth.nowMs
    && pool !== undefined
    && !isPlaceable(request.spec, pool.spec, truth.prices.now)
  );
}

/** At some prices of this run no node that could carry it was within its pool's limits. */
function wasTooDear(truth: Truth, request: RequestRecord): boolean {
  const pool = truth.pools.get(request.pool);
  return (
    request.cancelRequestedAtMs === null
    && pool !== undefined
    && !isPlaceable(request.spec, pool.spec, truth.prices.highest)
  );
}

function someIsClaimed(truth: Truth): boolean {
  for (const claim of truth.claims.values()) if (claim.endedAtMs === null) return true;
  return false;
}

function someProcessRuns(truth: Truth): boolean {
  for (const machine of truth.machines.values()) if (machine.isOn && machine.running.length > 0) return true;
  return false;
}
