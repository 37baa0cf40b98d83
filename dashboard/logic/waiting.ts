// What waits and why: the last word of each waiting request's timeline, those with the same word together.
import type { Entry } from './timeline.ts';

export interface Waiting {
  readonly id: string;
  readonly name: string | null;
  readonly tasks: number;
  readonly sinceMs: number;
  readonly pool: string;
  readonly timeline: readonly (Entry & { readonly nextTryAt?: string | undefined })[] | null;
}

export interface Cause {
  readonly code: string;
  readonly message: string;
  readonly nextTryAt: string | null;
  readonly requests: readonly Waiting[];
  readonly tasks: number;
  readonly oldestMs: number;
}

/** Those that wait longest first. `null` timelines are not known yet: they wait under their own cause. */
export function causesOf(waiting: readonly Waiting[]): readonly Cause[] {
  const byMessage = Map.groupBy(waiting, ({ timeline }) => {
    const word = timeline?.at(-1);
    return word === undefined ? '' : `${word.code}\n${word.message}`;
  });
  return [...byMessage.values()]
    .map((requests): Cause => {
      const word = requests[0]?.timeline?.at(-1);
      return {
        code: word?.code ?? 'looking',
        message: word?.message ?? 'its timeline is being read',
        nextTryAt: word?.nextTryAt ?? null,
        requests,
        tasks: requests.reduce((sum, one) => sum + one.tasks, 0),
        oldestMs: Math.min(...requests.map((one) => one.sinceMs)),
      };
    })
    .sort((a, b) => a.oldestMs - b.oldestMs || (a.message < b.message ? -1 : 1));
}

/** What somebody at the keyboard can do about it; null: wait. */
export function cureOf({ code, message }: Pick<Entry, 'code' | 'message'>, pool: string): string | null {
  if (message.includes('BELLOWS_LOCAL_PROCESSES'))
    return 'Wait for others to end, or start the server with a larger BELLOWS_LOCAL_PROCESSES.';
  const cures: Readonly<Record<string, string>> = {
    limit_reached: `Wait for others to end, cancel what is not needed, or raise the limits of pool ${pool}.`,
    pool_paused: `Resume pool ${pool}: nothing is bought for it until then.`,
    quarantined: 'Planning it failed: cancel it and ask again, and report the error that its timeline names.',
    no_capacity: 'EC2 has none now. Allow more instance types, zones or on-demand, or wait for the next try.',
    unsatisfiable: 'Nothing that the pool may buy can carry it: ask for less, or widen the pool.',
    behind_others: 'Others come first. A higher priority, or a larger limit, would bring it forward.',
  };
  return Object.hasOwn(cures, code) ? (cures[code] ?? null) : null;
}
