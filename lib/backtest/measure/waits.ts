// How long tasks waited from their submission to their start: over all, and by tenant and label.
import type { TraceTask } from '../traces/trace.ts';

export interface WaitFigures {
  readonly tasks: number;
  readonly meanS: number;
  readonly p50S: number;
  readonly p95S: number;
  readonly p99S: number;
  readonly maxS: number;
}

/** Further tenants and labels are summed under this name. */
export const otherName = '(others)';
const namesMax = 100;

export class Waits {
  readonly #all: number[] = [];
  readonly #byTenant = new Map<string, number[]>();
  readonly #byLabel = new Map<string, number[]>();

  add(task: TraceTask, waitMs: number): void {
    this.#all.push(waitMs);
    listOf(this.#byTenant, task.tenant).push(waitMs);
    for (const label of task.labels) listOf(this.#byLabel, label).push(waitMs);
  }

  all(): WaitFigures {
    return figuresOf(this.#all);
  }

  /** Seconds that 0, 1, ... 100 % of the tasks waited at most. */
  curveS(): readonly number[] {
    const at = rankedS(this.#all);
    return Array.from({ length: 101 }, (_, percent) => at(percent / 100));
  }

  byTenant(): Readonly<Record<string, WaitFigures>> {
    return named(this.#byTenant);
  }

  byLabel(): Readonly<Record<string, WaitFigures>> {
    return named(this.#byLabel);
  }
}

function listOf(lists: Map<string, number[]>, name: string): number[] {
  const key = lists.has(name) || lists.size < namesMax ? name : otherName;
  const list = lists.get(key) ?? [];
  lists.set(key, list);
  return list;
}

function named(lists: ReadonlyMap<string, number[]>): Readonly<Record<string, WaitFigures>> {
  return Object.fromEntries(
    [...lists].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, waits]) => [name, figuresOf(waits)]),
  );
}

/** By the nearest rank, in seconds: what this part of the tasks waited at most, a wait that some task had. */
function rankedS(waitsMs: readonly number[]): (share: number) => number {
  const sorted = Float64Array.from(waitsMs).sort();
  return (share) => (sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0) / 1000;
}

export function figuresOf(waitsMs: readonly number[]): WaitFigures {
  const at = rankedS(waitsMs);
  const sum = waitsMs.reduce((total, one) => total + one, 0);
  return {
    tasks: waitsMs.length,
    meanS: waitsMs.length === 0 ? 0 : sum / waitsMs.length / 1000,
    p50S: at(0.5),
    p95S: at(0.95),
    p99S: at(0.99),
    maxS: at(1),
  };
}
