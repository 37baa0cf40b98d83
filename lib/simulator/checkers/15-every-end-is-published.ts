// Invariant 15: every end is published. Subscribers hear of each request's end at least once, never before it is stored
// and never another one; the pool's totals count each end exactly once.
import type { Truth, Watcher } from '../truth.ts';
import { isWarm } from '../../core/claims/documents.ts';
import { isEnd } from '../../core/records/request.ts';

const name = '15: every end is published';

export function everyEndIsPublished(truth: Truth): Watcher {
  const publishedTasks = new Set<string>();
  const publishedClaims = new Set<string>();
  const counted = new Map<string, number>();
  return {
    published(event) {
      if (event.type === 'RequestEnded') {
        const claim = truth.claims.get(event.requestId);
        if (claim?.state !== event.state || claim.endedAtMs === null)
          truth.violate(
            name,
            `the end of ${event.requestId} is published as ${event.state}, and the store has it as `
              + `${claim?.state ?? 'nothing'}`,
            [event.requestId],
          );
        publishedClaims.add(`${event.requestId} ${event.state}`);
      }
      if (event.type !== 'TaskEnded') return;
      const state = truth.requests.get(event.requestId)?.state;
      if (state !== event.state)
        truth.violate(
          name,
          `the end of ${event.requestId} is published as ${event.state}, and the store has it as ${state ?? 'nothing'}`,
          [event.requestId],
        );
      publishedTasks.add(event.requestId);
    },
    totals(pool, after) {
      const sum = Object.values(after.ended).reduce((total, one) => total + one, 0);
      if (sum < (counted.get(pool) ?? 0))
        truth.violate(name, `the count of ends of ${pool} falls to ${String(sum)}`, [pool]);
      counted.set(pool, sum);
    },
    end() {
      const ended = [...truth.requests.values()].filter((one) => isEnd(one.state));
      for (const { id, state } of ended)
        if (!publishedTasks.has(id))
          truth.violate(name, `request ${id} ended as ${state}, and that was never published`, [id]);
      const claimed = [...truth.claims.values()].filter((one) => one.endedAtMs !== null && !isWarm(one));
      for (const { id, state } of claimed)
        if (!publishedClaims.has(`${id} ${state}`))
          truth.violate(name, `request ${id} ended as ${state}, and that was never published`, [id]);
      const sum = [...counted.values()].reduce((total, one) => total + one, 0);
      if (sum !== ended.length + claimed.length)
        truth.violate(
          name,
          `${String(ended.length + claimed.length)} requests have ended, and the totals count ${String(sum)}`,
          [],
        );
    },
  };
}
