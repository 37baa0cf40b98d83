// What stored nodes say of their start.
import { number, object, optional } from './checks.ts';

export const nodeBoot = object({
  kernelAtMs: optional(number),
  userDataAtMs: optional(number),
  unpackedAtMs: optional(number),
  agentAtMs: number,
  taskAtMs: optional(number),
});
