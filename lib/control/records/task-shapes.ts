// What stored records say of a task: in the row of a single one, in the chunk of an array's.
import { count, list, number, object, oneOf, optional, orNull, positive, text } from './checks.ts';

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
  imageDigest: optional(text),
  usage: optional(object({ memoryPeakMib: orNull(number), cpuMs: orNull(number), writtenBytes: orNull(number) })),
});

/** Of a task's spec: what it brings along, what it may use, and what of it is kept. */
export const givenToTasks = {
  secrets: optional(list(object({ name: text, from: text, as: oneOf('env', 'file') }))),
  inputs: optional(list(object({ path: text, url: optional(text), upload: optional(text), sha256: optional(text) }))),
  artifacts: optional(list(text)),
  output: optional(object({ keepMib: positive })),
  role: optional(text),
  imageCredentials: optional(object({ secret: optional(text), role: optional(text) })),
};
