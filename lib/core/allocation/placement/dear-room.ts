/* eslint-disable @typescript-eslint/no-non-null-assertion -- typed arrays indexed within their own bounds */
// Free room on a node is no gift where the node would go without the task: it is then paid for as long as the task
// runs. What tasks would cost on nodes of their own says whether they are worth it.
import { dimensions, carries } from '../compile.ts';
import type { Problem, Unit } from '../compile.ts';
import type { Bin } from '../types.ts';

/** Tasks that a bin was given: unit and count. */
export type Given = readonly (readonly [unit: number, count: number])[];

/** How long a node of one's own is paid for beside the tasks: it boots, and waits a while for others at the end. */
const beforeAndAfterMs = 180_000;
/** A node of one's own must be cheaper by this factor: a node that is there starts the task at once. */
const clearlyCheaper = 1.5;
/** A saving below this is not worth a node. */
const leastSavedUsd = 0.01;
/** A node of which this part is used is no waste: it may have been bought for these tasks. */
const wellUsedPart = 0.5;
/** How long a task is taken to last that does not say it, on a node whose GPUs it has no use for. */
const unknownMs = 3_600_000;

/**
 * Whether these tasks keep the bin longer than it would be there without them, at more than nodes of their own would
 * cost. False where anything is unknown that decides: when the bin empties, how long the tasks last.
 */
export function isKeptDearly(
  { problem, units, nowMs }: { readonly problem: Problem; readonly units: readonly Unit[]; readonly nowMs: number },
  bin: Bin,
  given: Given,
): boolean {
  if (bin.expectedEmptyAtMs === null || bin.state !== 'ready') return false;
  const emptyAtMs = Math.max(nowMs, bin.expectedEmptyAtMs);
  let lastMs = emptyAtMs;
  let ownUsd = 0;
  let [cpuMilli, memoryMib, gpu] = [0, 0, 0];
  for (const [unit, count] of given) {
    const kind = problem.kindOfUnit[unit]!;
    const usesGpu = problem.size[kind * dimensions + 2]! > 0;
    const { expectedDurationMs } = units[unit]!.demand;
    const lastsMs = expectedDurationMs ?? (bin.offering.type.gpu > 0 && !usesGpu ? unknownMs : null);
    if (lastsMs === null || units[unit]!.mustJoin !== undefined) return false;
    lastMs = Math.max(lastMs, nowMs + lastsMs);
    cpuMilli += count * problem.size[kind * dimensions]!;
    memoryMib += count * problem.size[kind * dimensions + 1]!;
    gpu += count * problem.size[kind * dimensions + 2]!;
    ownUsd += cheapestNodes(problem, kind, count) * ((lastsMs + beforeAndAfterMs) / 3_600_000);
  }
  const { allocatable } = bin.offering.type;
  const usedPart = Math.max(cpuMilli / allocatable.cpuMilli, memoryMib / allocatable.memoryMib);
  if (allocatable.gpu > 0 ? gpu > 0 : usedPart >= wellUsedPart) return false;
  const keptUsd = unpaidUsdPerHour(bin) * ((lastMs - emptyAtMs) / 3_600_000);
  return keptUsd > ownUsd * clearlyCheaper + leastSavedUsd;
}

/** What the bin costs more than nothing of it would. */
export function unpaidUsdPerHour({ offering, paidShare = 0 }: Bin): number {
  return offering.priceUsdPerHour * (1 - paidShare);
}

/** The price of the cheapest new nodes for so many tasks of the kind by themselves; Infinity where none carries one. */
function cheapestNodes(problem: Problem, kind: number, count: number): number {
  const { capacity, options, price, size, relations } = problem;
  let least = Infinity;
  for (let option = 0; option < options.length; option++) {
    if (!carries(problem, option, kind)) continue;
    let tasks = relations[kind] === null ? count : 1;
    for (let d = 0; d < dimensions; d++) {
      const one = size[kind * dimensions + d]!;
      if (one > 0) tasks = Math.min(tasks, Math.floor(capacity[option * dimensions + d]! / one));
    }
    if (tasks > 0) least = Math.min(least, price[option]! * Math.ceil(count / tasks));
  }
  return least;
}
