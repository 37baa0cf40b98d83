// What an attempt really used, as requests and tasks show it.
import * as z from 'zod';
import type { TaskRecord } from '../../../core/records/request.ts';

export const usageView = z
  .object({
    memoryPeakMib: z.int().min(0).nullable(),
    cpuSeconds: z.number().nullable(),
    writtenBytes: z.int().min(0).nullable().meta({ description: 'To disks.' }),
    by: z
      .enum(['cgroup', 'processes'])
      .meta({
        description:
          '"cgroup": counted by the kernel for all of it. "processes": sums over its processes; memory is looked at '
          + 'twice a second, so a shorter peak is missed.',
      }),
  })
  .meta({ id: 'Usage', description: 'What the last attempt that ended used; null: its machine could not tell.' });
export type UsageView = z.output<typeof usageView>;

export function usageOf(task: TaskRecord | undefined): { usage?: UsageView } {
  if (task?.usage === undefined) return {};
  const { cpuMs, memoryPeakMib, writtenBytes, by } = task.usage;
  return { usage: { memoryPeakMib, cpuSeconds: cpuMs === null ? null : cpuMs / 1_000, writtenBytes, by } };
}
