// Invariant 15: every end is told. Subscribers hear of each request's end at least once, never before it is stored
// and never another one; the pool's totals count each end exactly once.
import type { Truth, Watcher } from '../truth.ts';
import { isWarm } from '../../core/claims/warm.ts';
import { isEnd } from '../../core/records/request.ts';

const name = '15: every end is told';

export function everyEndIsTold(truth: Truth): Watcher {
  const told = new Set<string>();
  const toldHeld = new Set<string>();
  const counted = new Map<string, number>();
  return {
    published(event) {
      if (event.type === 'RequestEnded') {
        const hold = truth.holds.get(event.requestId);
        if (hold?.state !== event.state || hold.endedAtMs === null) truth.violate(name, `the end of ${event.requestId} is told as ${event.state}, and the store has it as ${hold?.state ?? 'nothing'}`, [event.requestId]);
        toldHeld.add(`${event.requestId} ${event.state}`);
      }
      if (event.type !== 'TaskEnded') return;
      const state = truth.requests.get(event.requestId)?.state;
      if (state !== event.state) truth.violate(name, `the end of ${event.requestId} is told as ${event.state}, and the store has it as ${state ?? 'nothing'}`, [event.requestId]);
      told.add(event.requestId);
    },
    totals(pool, after) {
      const sum = Object.values(after.ended).reduce((total, one) => total + one, 0);
      if (sum < (counted.get(pool) ?? 0)) truth.violate(name, `the count of ends of ${pool} falls to ${String(sum)}`, [pool]);
      counted.set(pool, sum);
    },
    end() {
      const ended = [...truth.requests.values()].filter((one) => isEnd(one.state));
      for (const { id, state } of ended) if (!told.has(id)) truth.violate(name, `request ${id} ended as ${state}, and nobody was ever told`, [id]);
      const held = [...truth.holds.values()].filter((one) => one.endedAtMs !== null && !isWarm(one));
      for (const { id, state } of held) if (!toldHeld.has(`${id} ${state}`)) truth.violate(name, `request ${id} ended as ${state}, and nobody was ever told`, [id]);
      const sum = [...counted.values()].reduce((total, one) => total + one, 0);
      if (sum !== ended.length + held.length) truth.violate(name, `${String(ended.length + held.length)} requests have ended, and the totals count ${String(sum)}`, []);
    },
  };
}
