// Where money went, by day: sums of regret over pools, as bars that are drawn one above the other.
import type { RegretView } from '../../lib/api/schemas/figures/regret.ts';

type Parts = RegretView['pools'][number]['before']['usd'];
export type Part = Exclude<keyof Parts, 'paid'>;

/** From what was needed to what was not, in the order of bars and columns. */
export const parts: readonly (readonly [part: Part, label: string, meaning: string])[] = [
  ['needed', 'needed', 'what the best node of hindsight costs while tasks ran'],
  ['boot', 'boot', 'from the launch until the node was ready'],
  ['idleHead', 'idle before', 'ready, before its first task'],
  ['idleTail', 'idle after', 'after its last task, until it went'],
  ['unused', 'unused', 'it never ran a task'],
  ['size', 'size', 'a cheaper type of the pool would have carried all'],
  ['lifetime', 'lifetime', 'two nodes, one for what ended early, were cheaper'],
  ['billing', 'billing', 'EC2 bills whole seconds, and 60 at least'],
];

export interface DayOfMoney {
  readonly day: string;
  readonly nodes: number;
  readonly usd: Parts;
}

/** Oldest first. `pool`: only this one; null: all together. */
export function daysOf({ pools }: RegretView, pool: string | null): readonly DayOfMoney[] {
  const days = new Map<string, DayOfMoney>();
  for (const one of pools) {
    if (pool !== null && one.pool !== pool) continue;
    for (const { day, nodes, usd } of one.days) {
      const before = days.get(day);
      days.set(
        day,
        before === undefined ? { day, nodes, usd } : { day, nodes: before.nodes + nodes, usd: added(before.usd, usd) },
      );
    }
  }
  return [...days.values()].sort((a, b) => (a.day < b.day ? -1 : 1));
}

function added(a: Parts, b: Parts): Parts {
  const sum = { ...a };
  for (const key of Object.keys(b) as (keyof Parts)[]) sum[key] = (a[key] ?? 0) + (b[key] ?? 0);
  return sum;
}
