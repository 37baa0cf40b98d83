// What waits and why: what each waiting request waits for, those with the same cause together.
import type { StatsView } from '../../lib/api/schemas/figures/stats.ts';
import type { RequestView } from '../../lib/api/schemas/requests.ts';

export interface Cause {
  readonly code: string;
  readonly message: string;
  readonly nextTryAt: string | null;
  readonly requests: readonly RequestView[];
  readonly tasks: number;
  readonly oldestMs: number;
}

/** How many of its tasks wait; of what has none, itself. */
const waitingOf = ({ counts }: RequestView): number => Math.max(1, counts.pending);

/** Those that wait longest first. */
export function causesOf(waiting: readonly RequestView[]): readonly Cause[] {
  const byMessage = Map.groupBy(waiting, (one) => `${codeOf(one)}\n${messageOf(one)}`);
  return [...byMessage.values()]
    .flatMap((requests): readonly Cause[] => {
      const [first] = requests;
      if (first === undefined) return [];
      const tries = requests.flatMap((one) => one.nextTryAt ?? []).sort();
      return [
        {
          code: codeOf(first),
          message: messageOf(first),
          nextTryAt: tries[0] ?? null,
          requests,
          tasks: requests.reduce((sum, one) => sum + waitingOf(one), 0),
          oldestMs: Math.min(...requests.map((one) => Date.parse(one.createdAt))),
        },
      ];
    })
    .sort((a, b) => a.oldestMs - b.oldestMs || (a.message < b.message ? -1 : 1));
}

const codeOf = (request: RequestView): string => request.waitsFor?.code ?? 'waiting';
const messageOf = (request: RequestView): string =>
  request.waitsFor?.message ?? request.reason ?? 'its timeline says what happened so far';

/** Which lists have what waits. A look at either of a large pool costs hundreds of read units. */
export interface Asked {
  /** From when on requests wait; undefined: that is not known, all are looked through. null: nothing waits. */
  readonly since: string | null | undefined;
  /** Whether tasks of requests that run, those of arrays, may wait as well. */
  readonly running: boolean;
}

/** `listed`: the page of those that wait, where it is known already. */
export function askedOf(
  { requests, tasks, quarantined, oldestPendingAt }: StatsView,
  listed: { readonly items: readonly RequestView[]; readonly nextCursor: string | null } | null,
): Asked {
  const pending = requests.pending;
  // What is set aside may be older than the oldest that waits.
  const since = pending === 0 ? null : quarantined > 0 ? undefined : (oldestPendingAt ?? undefined);
  const known = (listed?.items ?? []).reduce((sum, one) => sum + one.counts.pending, 0);
  const isWhole = pending === 0 || (listed !== null && listed.nextCursor === null);
  return { since, running: requests.running > 0 && (isWhole ? tasks.pending > known : tasks.pending > pending) };
}

/** What somebody at the keyboard can do about it; null: wait. */
export function cureOf(
  { code, message }: { readonly code: string; readonly message: string },
  pool: string,
): string | null {
  if (message.includes('BELLOWS_LOCAL_PROCESSES'))
    return 'Wait for others to end, or start the server with a larger BELLOWS_LOCAL_PROCESSES.';
  const cures: Readonly<Record<string, string>> = {
    accepted: 'It is planned at the next tick, in seconds. If that lasts, ./bellows doctor says what is wrong.',
    waiting_for_node: 'Nodes that are starting will run it: it takes as long as they boot.',
    budget_spent: `Raise the budget of pool ${pool}, or wait for the next month.`,
    limit_reached: `Wait for others to end, cancel what is not needed, or raise the limits of pool ${pool}.`,
    pool_paused: `Resume pool ${pool}: nothing is bought for it until then.`,
    quarantined: 'Planning it failed: cancel it and ask again, and report the error that its timeline names.',
    no_capacity: 'EC2 has none now. Allow more instance types, zones or on-demand, or wait for the next try.',
    unsatisfiable: 'Nothing that the pool may buy can carry it: ask for less, or widen the pool.',
    behind_others: 'Others come first. A higher priority, or a larger limit, would bring it forward.',
  };
  return Object.hasOwn(cures, code) ? (cures[code] ?? null) : null;
}
