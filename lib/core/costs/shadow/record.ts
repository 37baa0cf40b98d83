// What is kept of a shadow from tick to tick: its fleet, the pool's tasks as they are there, and both sides' sums. One
// record, bounded. Lost, or of a pool that was declared anew, it begins anew.
import type { NodeDrain } from '../../records/node.ts';
import type { TaskSpec } from '../../records/request.ts';
import type { CapacityType } from '../../values/offering.ts';
import type { Waits } from './waits.ts';
import { noWaits } from './waits.ts';

/** Tasks that wait or run, there or in the pool, at most. */
export const shadowTasksMax = 1_000;
/** Nodes of each of both at most. */
export const shadowNodesMax = 200;
/** What decides where a task may run, as JSON. */
export const shadowSpecBytesMax = 4_000;

/** What decisions ask of a task; what it runs is not kept. */
export type ShadowSpec = Pick<TaskSpec, 'resources' | 'requirements' | 'priority'>
  & Partial<
    Pick<
      TaskSpec,
      | 'timeoutMs'
      | 'expectedDurationMs'
      | 'deadlineMs'
      | 'disruption'
      | 'name'
      | 'preferences'
      | 'group'
      | 'spread'
      | 'affinity'
      | 'antiAffinity'
    >
  >;

export interface ShadowRequest {
  readonly tenant: string;
  readonly createdAtMs: number;
  readonly spec: ShadowSpec;
}

/** A task of the pool that has not ended in both. */
export interface ShadowTask {
  readonly request: string;
  readonly index: number;
  /** When the pool placed its present attempt; null: it waits there, or waited when it was last seen. */
  readonly livePlacedAtMs: number | null;
  /** It was placed in the pool at least once. */
  readonly hasStarted: boolean;
  /** The attempt that the pool stopped by choice, so that each is counted once; absent: none. */
  readonly movedAttempt?: number;
  /** How long its last attempt had its place in the pool; null: it has not ended there. */
  readonly tookMs: number | null;
  /** Of the shadow; null: it waits. */
  readonly node: string | null;
  /** Since when it has its place in the shadow. */
  readonly placedAtMs: number | null;
  /** Of the shadow. */
  readonly attempt: number;
  /** The shadow has ended it, as its deadline is over; the pool has not yet. */
  readonly isOver?: true;
}

export interface ShadowNode {
  readonly id: string;
  readonly instanceType: string;
  readonly zone: string;
  readonly capacityType: CapacityType;
  readonly priceUsdPerHour: number;
  readonly tasksMax: number;
  readonly createdAtMs: number;
  /** When its boot is over. */
  readonly readyAtMs: number;
  readonly emptySinceMs: number | null;
  readonly drain?: NodeDrain;
  readonly replaces?: readonly string[];
  /** Id of the capacity reservation or block that it is in; absent: none. */
  readonly reservation?: string;
}

/** A node of the pool, for its price. */
export interface LiveNode {
  readonly id: string;
  readonly capacityType: CapacityType;
  readonly priceUsdPerHour: number;
  readonly createdAtMs: number;
}

/** What one side has done since the shadow began. */
export interface ShadowSums {
  /** Of nodes that are gone. */
  readonly usd: number;
  /** Of these, on spot. */
  readonly spotUsd: number;
  readonly launches: number;
  readonly ends: number;
  /** Attempts that were stopped by choice, to run again elsewhere. */
  readonly moves: number;
  /** From submission to the first place on a node, of tasks that were submitted since. */
  readonly waits: Waits;
}

export const noShadowSums: ShadowSums = { usd: 0, spotUsd: 0, launches: 0, ends: 0, moves: 0, waits: noWaits };

export interface ShadowRecord {
  /** Of the pool's declaration that it is of. */
  readonly revision: string;
  readonly sinceMs: number;
  /** Up to then the shadow has decided. */
  readonly atMs: number;
  /** When it decides again though nothing happens; null: when something does. */
  readonly dueAtMs: number | null;
  /** It does not go on, for this reason, and begins anew then; its figures are of before. Absent: it goes on. */
  readonly stopped?: { readonly reason: string; readonly atMs: number; readonly againAtMs: number };
  readonly requests: Readonly<Record<string, ShadowRequest>>;
  readonly tasks: readonly ShadowTask[];
  readonly nodes: readonly ShadowNode[];
  readonly sums: ShadowSums;
  readonly live: { readonly nodes: readonly LiveNode[]; readonly sums: ShadowSums };
  /** Nodes that it has had: their ids. */
  readonly named: number;
  /** Ticks that had no time for all that it had to decide; it was behind after them. */
  readonly cutShort: number;
  /** No node of the pool had booted when it began: it took a boot of a minute for true. */
  readonly isBootGuessed: boolean;
  readonly consolidatedAtMs?: number;
}

/** Of no declaration: it begins anew. */
export const noShadow: ShadowRecord = {
  ...{ revision: '', sinceMs: 0, atMs: 0, dueAtMs: null, requests: {}, tasks: [], nodes: [] },
  ...{ sums: noShadowSums, live: { nodes: [], sums: noShadowSums }, named: 0, cutShort: 0, isBootGuessed: true },
};

export function taskKey({ request, index }: Pick<ShadowTask, 'request' | 'index'>): string {
  return `${request}.${String(index)}`;
}
