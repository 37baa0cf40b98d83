// What became of a request, as people read it: one timeline for requests of all types, bounded in entries and in bytes.
import { clipped } from '../values/json-bytes.ts';

export interface TimelineEntry {
  readonly atMs: number;
  readonly stage: string;
  readonly code: string;
  readonly message: string;
  readonly nextTryAtMs?: number;
  readonly excluded?: readonly { readonly constraint: string; readonly offerings: number }[];
}

const entriesMax = 40;
/** Of one entry, in JSON: a program's own words may be in it. */
const messageBytes = 1_000;

/** As an entry says it. */
export function timelineMessage(message: string): string {
  return clipped(message, messageBytes);
}

/** Keeps the first entry and the newest; the middle of a long story goes. */
export function withTimeline<T extends { readonly timeline: readonly TimelineEntry[] }>(
  record: T,
  entry: TimelineEntry,
): T {
  const timeline = [...record.timeline, { ...entry, message: timelineMessage(entry.message) }];
  if (timeline.length > entriesMax) timeline.splice(1, timeline.length - entriesMax);
  return { ...record, timeline };
}
