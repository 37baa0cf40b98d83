// The part of long lists that a reader wants: the labels whose tasks waited longest, the calls that are made most.
import type { VariantResult } from '../results.ts';

export interface Most {
  readonly names: readonly string[];
  /** Not among them; all are in the JSON. */
  readonly left: number;
}

export const labelsShown = 10;
export const callsShown = 12;

/** By the wait that 95 % of their tasks had at most, in the variant where it is longest. */
export function longestLabels(results: readonly VariantResult[]): Most {
  const waits = results.flatMap((one) => Object.entries(one.waits.byLabel));
  return most(
    waits.map(([label, { p95S }]) => [label, p95S]),
    labelsShown,
  );
}

/** Calls to EC2 by name. */
export function mostCalls(results: readonly VariantResult[]): Most {
  return most(
    results.flatMap((one) => Object.entries(one.calls)),
    callsShown,
  );
}

function most(figures: readonly (readonly [name: string, figure: number])[], shown: number): Most {
  const greatest = new Map<string, number>();
  for (const [name, figure] of figures) greatest.set(name, Math.max(figure, greatest.get(name) ?? 0));
  const names = [...greatest].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1)).map(([name]) => name);
  return { names: names.slice(0, shown), left: Math.max(0, names.length - shown) };
}

/** `what`: in the plural. null: none is left out. */
export function leftText({ left }: Most, what: string): string | null {
  return left === 0 ? null : `${what} left out here: ${String(left)}; all are in the figures as JSON (--json).`;
}
