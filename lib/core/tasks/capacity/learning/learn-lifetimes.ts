// Which tasks have ended in this decision, for what the pool learns of their lives. Each is met once: a single task
// when its end is published, an array's when its chunk is closed.
import type { Ended, Lifetimes } from '../../../lifetimes/learned.ts';
import { classesOf, withEnds } from '../../../lifetimes/learned.ts';
import type { WorkingCopy } from '../../../plan/working-copy.ts';
import { activeArrays } from '../../../plan/working-copy.ts';
import type { RequestRecord, TaskRecord } from '../../../records/request.ts';

/** What is learned at once: more would say nothing else. */
export const endsPerTickMax = 2_000;

/** After arrays are brought up to date and ends are published. */
export function lifetimesAfter(copy: WorkingCopy): Lifetimes | undefined {
  const { pool, memory, nowMs } = copy.seen;
  if (pool.lifetimes === 'off') return undefined;
  return withEnds(memory.lifetimes, endedIn(copy).slice(0, endsPerTickMax), nowMs);
}

function endedIn(copy: WorkingCopy): readonly Ended[] {
  const ended: Ended[] = [];
  for (const action of copy.actions) {
    if (action.kind !== 'change') continue;
    for (const record of action.ended) if ('closed' in record) ended.push(...endsOf(record, record.tasks));
  }
  for (const { record } of activeArrays(copy.seen)) {
    const { closed } = copy.request(record.id) ?? record;
    for (const { chunk, tasks } of closed.chunks > record.closed.chunks ? copy.chunks(record.id) : [])
      if (chunk >= record.closed.chunks && chunk < closed.chunks) ended.push(...endsOf(record, tasks));
  }
  return ended;
}

/** Ends of an array that are not learned from yet: their chunk is open while one of its tasks goes on. */
export function endsInOpenChunks(copy: WorkingCopy, record: RequestRecord): readonly Ended[] {
  if (record.spec.count === 1) return [];
  return copy
    .chunks(record.id)
    .flatMap(({ chunk, tasks }) => (chunk < record.closed.chunks ? [] : endsOf(record, tasks)));
}

function endsOf(record: RequestRecord, tasks: readonly TaskRecord[]): readonly Ended[] {
  const classes = classesOf(record);
  return tasks.flatMap(({ startedAtMs, endedAtMs }) =>
    startedAtMs === null || endedAtMs === null || endedAtMs < startedAtMs
      ? []
      : [{ classes, lastedMs: endedAtMs - startedAtMs }],
  );
}
