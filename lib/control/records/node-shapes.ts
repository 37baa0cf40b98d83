// What stored nodes say of their start and their agent.
import { count, number, object, optional } from './checks.ts';

const nodeBoot = object({
  kernelAtMs: optional(number),
  userDataAtMs: optional(number),
  unpackedAtMs: optional(number),
  agentAtMs: number,
  taskAtMs: optional(number),
});

export const ofAgent = { boot: optional(nodeBoot), agentProtocol: optional(count) } as const;
