// What stored records say of a task: in the row of a single one, in the chunk of an array's.
import { count, number, object, oneOf, optional, orNull, text } from './checks.ts';

const timeOrNull = orNull(number);

export const task = object({
  index: count,
  state: oneOf('pending', 'placed', 'succeeded', 'failed', 'cancelled', 'expired'),
  attempt: count,
  allocation: orNull(object({ nodeId: text })),
  placedAtMs: timeOrNull,
  startedAtMs: timeOrNull,
  endedAtMs: timeOrNull,
  exitCode: orNull(number),
  reason: orNull(text),
  failures: count,
  losses: count,
  nodeLosses: optional(count),
  spotLosses: optional(count),
  notBeforeMs: number,
  earlierNanoUsd: optional(number),
  cancelRequestedAtMs: optional(number),
  usage: optional(object({ memoryPeakMib: orNull(number), cpuMs: orNull(number), writtenBytes: orNull(number) })),
});
