// Invariant 11: by choice no more nodes are disrupted at once than the pool's budgets allow. A tick may decide
// by what the pool said a while ago, and by nodes that are gone since: one of the last minutes has to allow it.
// Windows are judged by the time of the decision, minute by minute as clocks show it.
import type { NodeRecord } from '../../../core/records/node.ts';
import type { BudgetWindow, DisruptionBudget, PoolSpec } from '../../../core/records/pool.ts';
import { parseCron } from '../../../core/scaling/policies/cron.ts';
import type { Truth, Watcher } from '../../truth.ts';

const name = '11: voluntary disruptions are within budgets';
const minuteMs = 60_000;
const rememberedMs = 15 * minuteMs;
const choices = ['emptiness', 'drift', 'expiry', 'consolidation'];

interface Seen {
  readonly untilMs: number;
  readonly disruption: PoolSpec['disruption'];
}

export function budgets(truth: Truth): Watcher {
  const past = new Map<string, Seen[]>();
  const sizes = new Map<string, { readonly atMs: number; readonly count: number }[]>();
  return {
    pool(before) {
      if (before === null) return;
      const { spec } = before;
      past.set(spec.name, [...(past.get(spec.name) ?? []), { untilMs: truth.nowMs, disruption: spec.disruption }]);
    },
    node(before, after) {
      const pool = (after ?? before)?.pool ?? '';
      const nodes = [...truth.nodes.values()].filter((one) => one.pool === pool);
      const recent = (sizes.get(pool) ?? []).filter((one) => one.atMs >= truth.nowMs - rememberedMs);
      sizes.set(pool, [...recent, { atMs: truth.nowMs, count: nodes.length }]);
      if (after === null || (before !== null && isGoing(before)) || !isGoing(after)) return;
      const most = Math.max(nodes.length, ...recent.map((one) => one.count));
      const said = [
        ...(past.get(pool) ?? [])
          .filter((one) => one.untilMs >= truth.nowMs - rememberedMs)
          .map((one) => one.disruption),
        truth.pools.get(pool)?.spec.disruption,
      ];
      if (said.some((one) => (one?.budgets ?? []).every((budget) => allows(budget, after, nodes, most)))) return;
      truth.violate(name, `node ${after.id} goes by ${after.drain?.by ?? ''} beyond the budgets of pool ${pool}`, [
        after.id,
      ]);
    },
  };
}

function isGoing({ state, drain }: NodeRecord): boolean {
  return (state === 'draining' || state === 'terminating') && choices.includes(drain?.by ?? '');
}

/** One of the minutes before it within the window's length is one of its schedule's. */
function isOpen({ schedule, timeZone, durationMs }: BudgetWindow, atMs: number): boolean {
  const cron = parseCron(schedule);
  if (typeof cron === 'string') return true;
  const clock = new Intl.DateTimeFormat('en-GB', { timeZone, hour: 'numeric', minute: 'numeric' });
  for (let ms = Math.floor(atMs / minuteMs) * minuteMs; ms > atMs - durationMs; ms -= minuteMs) {
    const [hour = NaN, minute = NaN] = clock.format(ms).split(':').map(Number);
    if (cron.hours.includes(hour) && cron.minutes.includes(minute)) return true;
  }
  return false;
}

function allows(
  { nodes: count, percent = 100, methods = [], window }: DisruptionBudget,
  node: NodeRecord,
  nodes: readonly NodeRecord[],
  most: number,
): boolean {
  const isBound = (by: string | undefined): boolean => methods.length === 0 || methods.some((one) => one === by);
  if (!isBound(node.drain?.by)) return true;
  if (window !== undefined && node.drain !== null && !isOpen(window, node.drain.atMs)) return true;
  const going = nodes.filter((one) => isGoing(one) && isBound(one.drain?.by)).length;
  return going <= (count ?? Math.ceil((percent * most) / 100));
}
