// Regret of the nodes that have ended, summed by day: kept with a pool's totals, in whole millionths of a dollar, so
// that a record with many days stays small.
import { assert } from '../../values/errors.ts';
import { regretParts } from './regret.ts';
import type { Regret } from './regret.ts';

export type RegretPart = (typeof regretParts)[number];

export interface RegretSum {
  readonly nodes: number;
  /** Of these: whose records, or whose types, were not known well enough. They are in no other sum. */
  readonly notPriced: number;
  /** Parts that are 0 are left out; what was paid is the sum of all. */
  readonly microUsd: Readonly<Partial<Record<RegretPart, number>>>;
}

export interface RegretByDay {
  /** Days since 1970, in UTC, on which nodes ended. */
  readonly byDay: Readonly<Record<string, RegretSum>>;
  /** Of all days before the first of these. */
  readonly before: RegretSum;
}

/** Days that are kept one by one: each costs some bytes with every write of the totals. */
export const regretDaysMax = 7;
export const dayMs = 86_400_000;

const noRegretSum: RegretSum = { nodes: 0, notPriced: 0, microUsd: {} };
export const noRegretByDay: RegretByDay = { byDay: {}, before: noRegretSum };

/** Of one node; null: it could not be priced. */
export function regretSum(regret: Regret | null): RegretSum {
  if (regret === null) return { nodes: 1, notPriced: 1, microUsd: {} };
  const parts = regretParts.map((part) => [part, Math.round(regret[part] * 1e6)] as const);
  return { nodes: 1, notPriced: 0, microUsd: Object.fromEntries(parts.filter(([, usd]) => usd !== 0)) };
}

export function addRegretSums(a: RegretSum, b: RegretSum): RegretSum {
  const microUsd = { ...a.microUsd };
  for (const part of regretParts) {
    const usd = b.microUsd[part];
    if (usd !== undefined) microUsd[part] = (microUsd[part] ?? 0) + usd;
  }
  return { nodes: a.nodes + b.nodes, notPriced: a.notPriced + b.notPriced, microUsd };
}

export function withRegret(all: RegretByDay, sum: RegretSum, nowMs: number): RegretByDay {
  return mergeRegrets(all, { byDay: { [String(Math.floor(nowMs / dayMs))]: sum }, before: noRegretSum });
}

/** Days beyond the last {@link regretDaysMax} pass to those before. */
export function mergeRegrets(a: RegretByDay, b: RegretByDay): RegretByDay {
  const byDay = new Map(Object.entries(a.byDay));
  for (const [day, sum] of Object.entries(b.byDay)) byDay.set(day, addRegretSums(byDay.get(day) ?? noRegretSum, sum));
  const days = [...byDay].sort(([x], [y]) => Number(x) - Number(y));
  const kept = days.slice(-regretDaysMax);
  assert(kept.length <= regretDaysMax, `${String(kept.length)} days of regret in one record`);
  const old = days.slice(0, days.length - kept.length).map(([, sum]) => sum);
  return { byDay: Object.fromEntries(kept), before: [b.before, ...old].reduce(addRegretSums, a.before) };
}

/** USD; all of its parts together. */
export function paidUsd({ microUsd }: RegretSum): number {
  return regretParts.reduce((sum, part) => sum + (microUsd[part] ?? 0), 0) / 1e6;
}
