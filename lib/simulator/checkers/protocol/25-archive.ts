// Invariant 25: the archive. Each task that ran and has ended is in the archive of its pool once everything is over,
// with its times and its node as the store has them; one that never ran is not. A pool without a history has none. It
// is there once, whoever stops or works beside another, unless its end was noted again: then as often as that at most.
import type { ArchivePart } from '../../../core/forecast/archive.ts';
import { tasksInPart } from '../../../core/forecast/archive.ts';
import { isEnd } from '../../../core/records/request.ts';
import type { Truth, Watcher } from '../../truth.ts';

const name = '25: what ran is in the archive';

export function archive(truth: Truth): Watcher {
  /** By request and index: when it started and ended, and where. */
  const archived = new Map<string, string>();
  const copies = new Map<string, number>();
  /** By request: the names of the notes of its end. */
  const notes = new Map<string, Set<string>>();
  return {
    put(_by, { pk, sk, data }) {
      if (!pk.startsWith('ENDED#')) return;
      for (const id of (data as { readonly ended: readonly string[] }).ended)
        notes.set(id, (notes.get(id) ?? new Set()).add(sk));
    },
    archived(part: ArchivePart) {
      for (const request of part.requests)
        for (const { index, startedAtMs, endedAtMs, node } of tasksInPart(part, request)) {
          const key = `${request.id} ${String(index)}`;
          archived.set(key, storyOf(startedAtMs, endedAtMs, node?.nodeId));
          const [count, most] = [(copies.get(key) ?? 0) + 1, notes.get(request.id)?.size ?? 0];
          copies.set(key, count);
          if (count > most)
            truth.violate(
              name,
              `task ${key} is in the archive ${String(count)} times; its end was noted ${String(most)} times`,
              [request.id],
            );
        }
    },
    end() {
      for (const request of truth.requests.values()) {
        const pool = truth.pools.get(request.pool);
        if (!isEnd(request.state) || pool === undefined || pool.spec.historyDays === 0) continue;
        // Of an array of some tasks of another, indices are those of the other.
        if (request.spec.subset !== undefined) continue;
        for (const { index, startedAtMs, endedAtMs, allocation } of truth.tasksOf(request)) {
          const key = `${request.id} ${String(index)}`;
          const has = archived.get(key);
          const hasRun = startedAtMs !== null && endedAtMs !== null;
          const wanted = hasRun ? storyOf(startedAtMs, endedAtMs, allocation?.nodeId) : undefined;
          if (has !== wanted)
            truth.violate(name, `task ${key} ${wanted ?? 'never ran'}; the archive has ${has ?? 'nothing'}`, [
              request.id,
            ]);
        }
      }
    },
  };
}

function storyOf(startedAtMs: number, endedAtMs: number, node = 'no node'): string {
  return `ran from ${String(startedAtMs)} to ${String(endedAtMs)} on ${node}`;
}
