// Invariant 24: a higher priority is served first. In a pool that serves by priority, tick after tick places no tasks
// while others of the same shape and tenant, of a higher priority, wait. A level of priority that got nothing for ten
// minutes has a turn: what is of a level in which somebody has waited for so long is not judged. What the same tick
// finds waiting is what waited when it began; where a write came to nothing, it is not judged either.
import { turnAfterMs } from '../../../core/allocation/ordering/priority.ts';
import type { RequestRecord } from '../../../core/records/request.ts';
import { epochMs } from '../../kernel.ts';
import type { Truth, Watcher } from '../../truth.ts';
import { isWaiting, shapeOf } from './12-no-starvation.ts';
import { TicksSeen } from './ticks-seen.ts';

const name = '24: higher priorities first';

/** So many ticks may place others first: nodes may be kept for whoever waits longest, and a task may need its own. */
const overtakesMax = 3;

interface Placing {
  readonly sinceMs: number;
  /** Requests that waited when it began. */
  readonly waiting: ReadonlySet<string>;
  readonly placed: Set<RequestRecord>;
}

export function higherPriorityFirst(truth: Truth): Watcher {
  const overtakes = new Map<string, number>();
  const isByPriority = (pool: string): boolean => truth.pools.get(pool)?.spec.ordering === 'priority';
  const waitingIn = (pool: string): readonly RequestRecord[] =>
    [...truth.requests.values()].filter(
      (one) => one.pool === pool && isPlain(truth, one) && isWaiting(truth, one, epochMs + truth.nowMs),
    );
  const judge = (pool: string, { sinceMs, waiting, placed }: Placing): void => {
    const nowMs = epochMs + truth.nowMs;
    const left = waitingIn(pool).filter(({ id }) => waiting.has(id));
    const levels = new Set(
      [...truth.requests.values()]
        .filter((one) => one.pool === pool && one.createdAtMs <= sinceMs - turnAfterMs && isWaiting(truth, one, nowMs))
        .map((one) => one.spec.priority),
    );
    for (const other of left) {
      const first = [...placed].find(
        (one) =>
          one.spec.priority < other.spec.priority
          && one.tenant === other.tenant
          && !levels.has(one.spec.priority)
          && one.createdAtMs > sinceMs - turnAfterMs
          && shapeOf(one) === shapeOf(other)
          && lasts(other) <= lasts(one),
      );
      if (!first) continue;
      const count = (overtakes.get(other.id) ?? 0) + 1;
      overtakes.set(other.id, count);
      if (count > overtakesMax)
        truth.violate(
          name,
          `request ${other.id} of priority ${String(other.spec.priority)} was passed over ${String(count)} times by `
            + `tasks of its shape of a lower one, now by ${first.id} of ${String(first.spec.priority)}`,
          [other.id, first.id],
        );
    }
  };
  const ticks = new TicksSeen<Placing>(
    (pool) => ({
      sinceMs: epochMs + truth.nowMs,
      waiting: new Set(isByPriority(pool) ? waitingIn(pool).map(({ id }) => id) : []),
      placed: new Set(),
    }),
    judge,
  );
  return {
    ...ticks.watcher,
    task(request, was, after) {
      if (after.state !== 'placed' || was?.state === 'placed') return;
      if (was?.attempt === undefined || after.attempt === was.attempt) ticks.of(request.pool)?.placed.add(request);
      overtakes.delete(request.id);
    },
  };
}

/** Where and when it may run is all in its shape. */
function isPlain(truth: Truth, request: RequestRecord): boolean {
  const { spec } = request;
  const hasLost = truth.tasksOf(request).some((one) => (one.nodeLosses ?? 0) > 0);
  return spec.gang !== true && spec.mounts === undefined && spec.service === undefined && !hasLost;
}

/** How long it is known to take; Infinity: nobody knows. What ends in time may run on what is kept for another. */
function lasts({ spec: { expectedDurationMs, timeoutMs } }: RequestRecord): number {
  return Math.min(expectedDurationMs ?? Infinity, timeoutMs ?? Infinity);
}
