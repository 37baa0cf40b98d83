// What stored records say of disruption: of a task what it bears, of a pool by which choices its nodes go.
import { checkpointSignals } from '../../core/records/request.ts';
import { count, flag, list, number, object, oneOf, optional, text } from './checks.ts';

export const taskDisruption = object({
  mode: oneOf('never', 'restart', 'checkpoint'),
  signal: optional(oneOf(...checkpointSignals)),
  costUsd: optional(number),
  graceMs: optional(number),
  maxDrainMs: optional(number),
});

export const poolDisruption = object({
  drift: optional(flag),
  expireAfterMs: optional(number),
  consolidation: optional(object({ calmMs: optional(number), apartMs: optional(number) })),
  maxDrainMs: optional(number),
  budgets: optional(
    list(
      object({
        nodes: optional(count),
        percent: optional(number),
        methods: optional(list(text)),
        window: optional(object({ schedule: text, timeZone: text, durationMs: number })),
      }),
    ),
  ),
});
