// What stored nodes say of their start, their agent, and what takes them.
import { count, number, object, optional, text } from './checks.ts';

const nodeBoot = object({
  kernelAtMs: optional(number),
  userDataAtMs: optional(number),
  unpackedAtMs: optional(number),
  agentAtMs: number,
  taskAtMs: optional(number),
});

export const ofAgent = { boot: optional(nodeBoot), agentProtocol: optional(count) } as const;

export const ofTheirEnd = {
  announced: optional(object({ reason: text, atMs: number })),
  reservation: optional(text),
} as const;
