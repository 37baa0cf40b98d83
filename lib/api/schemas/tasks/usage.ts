// What an attempt really used, as requests and tasks show it.
import * as z from 'zod';
import type { TaskRecord } from '../../../core/records/request.ts';

export const usageView = z
  .object({
    memoryPeakMib: z.int().min(0).nullable(),
    cpuSeconds: z.number().nullable(),
    writtenBytes: z.int().min(0).nullable().meta({ description: 'To disks.' }),
    gpuMemoryPeakMib: z
      .int()
      .min(0)
      .optional()
      .meta({ description: 'Of all its GPUs together, looked at every 5 seconds.' }),
    by: z
      .enum(['cgroup', 'processes'])
      .meta({
        description:
          '"cgroup": counted by the kernel for all of it. "processes": sums over its processes; memory is looked at '
          + 'twice a second, so a shorter peak is missed.',
      }),
  })
  .meta({ id: 'Usage', description: 'What the last attempt that ended used; null: its machine could not tell.' });

export const imageDigestView = z
  .string()
  .meta({ description: 'Of the image that the last attempt ran that ended: its manifest, `sha256:…`.' });
export type UsageView = z.output<typeof usageView>;

export function usageOf(task: TaskRecord | undefined): { usage?: UsageView; imageDigest?: string } {
  const { usage, imageDigest } = task ?? {};
  const image = imageDigest === undefined ? {} : { imageDigest };
  if (usage === undefined) return image;
  const { cpuMs, memoryPeakMib, writtenBytes, gpuMemoryPeakMib, by } = usage;
  const ofGpus = gpuMemoryPeakMib === undefined ? {} : { gpuMemoryPeakMib };
  const cpuSeconds = cpuMs === null ? null : cpuMs / 1_000;
  return { ...image, usage: { memoryPeakMib, cpuSeconds, writtenBytes, ...ofGpus, by } };
}
