// What stored nodes say of their start, their agent, and what takes them.
import { count, number, object, oneOf, optional, text } from './checks.ts';

const nodeBoot = object({
  kernelAtMs: optional(number),
  userDataAtMs: optional(number),
  unpackedAtMs: optional(number),
  agentAtMs: number,
  taskAtMs: optional(number),
});

export const nodeState = oneOf('launching', 'ready', 'stopping', 'stopped', 'starting', 'draining', 'terminating');

const nodeWarm = object({
  stops: count,
  askedAtMs: number,
  acceptedAtMs: optional(number),
  unheardUntilMs: optional(number),
  spentUsd: number,
  sinceMs: number,
  runningUsdPerHour: number,
  lastStart: optional(object({ readyAtMs: number, tookMs: number })),
});

/** Of a pool's declaration. */
export const warmNodes = object({ stopped: count, minStopped: optional(count), expireAfterMs: number });

/** Times that a pool's memory may have. */
export const ofMemory = {
  bootMs: optional(number),
  startMs: optional(number),
  stopFailedAtMs: optional(number),
  consolidatedAtMs: optional(number),
  ownDemandAtMs: optional(number),
} as const;

export const ofAgent = { boot: optional(nodeBoot), agentProtocol: optional(count) } as const;

export const ofTheirEnd = {
  announced: optional(object({ reason: text, atMs: number })),
  reservation: optional(text),
  warm: optional(nodeWarm),
} as const;
