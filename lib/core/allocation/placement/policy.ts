// What a placement policy is, and the figures that several of them use.
import type { Resources } from '../../values/resources.ts';

/** A node as a policy sees it, with the task already counted. */
export interface Candidate {
  readonly free: Resources;
  readonly allocatable: Resources;
  readonly tasks: number;
  /** When it would be empty without the task: now, where it is; null where that is unknown. */
  readonly expectedEmptyAtMs: number | null;
  readonly priceUsdPerHour: number;
  /** When the task would end there; null where its duration is unknown. */
  readonly taskEndsAtMs: number | null;
  /** How long the node's tasks go on without it, as predicted; null where nothing was. */
  readonly staysMs: number | null;
}

export interface PlacementPolicy {
  /** Higher is better; ties go to the smaller node id. */
  readonly score: (candidate: Candidate) => number;
  /** The best node stays the best as it fills, so that it may take many tasks at once. */
  readonly isFilling: boolean;
}

/** Parts in use (0 to 1) of the resources that the node has. */
export function usedParts({ free, allocatable }: Candidate): number[] {
  const parts: number[] = [];
  if (allocatable.cpuMilli > 0) parts.push(1 - free.cpuMilli / allocatable.cpuMilli);
  if (allocatable.memoryMib > 0) parts.push(1 - free.memoryMib / allocatable.memoryMib);
  if (allocatable.gpu > 0) parts.push(1 - free.gpu / allocatable.gpu);
  return parts;
}

export function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, one) => sum + one, 0) / values.length;
}
