// A single task that the kernel ended for its memory has more in the next attempt, where it asked for that: so it can
// ask for what it mostly needs.
import type { RequestRecord } from '../../records/request.ts';
import type { AttemptEnd } from '../../records/sync.ts';
import { withTimeline } from '../../records/timeline.ts';

/** The row of one whose attempt ended so, as it waits for the next; the same row where nothing grows. */
export function withMemoryAfter(record: RequestRecord, end: AttemptEnd | null, nowMs: number): RequestRecord {
  const { memoryGrowth: growth, resources } = record.spec;
  const [task] = record.tasks;
  if (growth === undefined || end?.isOutOfMemory !== true || task?.state !== 'pending') return record;
  const memoryMib = Math.min(growth.maxMib, Math.ceil(resources.memoryMib * growth.factor));
  if (memoryMib <= resources.memoryMib) return record;
  return withTimeline(
    { ...record, spec: { ...record.spec, resources: { ...resources, memoryMib } } },
    {
      atMs: nowMs,
      stage: 'pending',
      code: 'memory_grown',
      message:
        `attempt ${String(task.attempt)} is given ${String(memoryMib)} MiB of memory: the one before had `
        + `${String(resources.memoryMib)} MiB, and needed more`,
    },
  );
}
