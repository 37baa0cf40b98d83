// What a node has cost, and who pays for it: attempts that have left it are kept in its document as sums by day, tenant
// and labels, until they are passed to the pool's days (days.ts) in the write that takes them from the document.
import type { Assignment, NodeBill, NodeRecord, Payer } from '../records/node.ts';
import type { Named, RequestRecord } from '../records/request.ts';
import { dayMs } from './regret/sums.ts';
import { assert } from '../values/errors.ts';
import { isSame } from '../values/dictionary.ts';
import type { CostEntry } from './days.ts';
import { meterAt, nanoUsdOf, shareNanoUsd, withMeter } from './meter.ts';

/** Sums in one document; beyond it those of others are one sum a day. */
export const billsMax = 64;
/** More than so many are passed on at once. */
const billsMany = 16;
/** Stands for all whom there is no room to name. */
export const othersName = '(others)';

export function dayOf(atMs: number): number {
  return Math.floor(atMs / dayMs);
}

/** Nodes pass on each day: only one of an unreadable beginning, or of a pool that did not tick, has more. */
export const daysAtOnce = 8;

/**
 * The time from one to the other, by day (UTC): of the last days, and what was before them is the first one's. Empty
 * where there is none.
 */
export function byDay(fromMs: number, toMs: number): readonly { readonly day: number; readonly ms: number }[] {
  const days: { day: number; ms: number }[] = [];
  const firstDay = dayOf(toMs) - daysAtOnce + 1;
  for (let at = fromMs; at < toMs;) {
    const end = Math.min(toMs, (Math.max(firstDay, dayOf(at)) + 1) * dayMs);
    days.push({ day: Math.max(firstDay, dayOf(at)), ms: end - at });
    at = end;
  }
  return days;
}

/** An amount over the days of a time, in proportion; the last has what rounding leaves. */
export function spread(nanoUsd: number, fromMs: number, toMs: number): readonly { day: number; nanoUsd: number }[] {
  const days = byDay(fromMs, toMs);
  let left = nanoUsd;
  return days.map(({ day, ms }, n) => {
    const part = n === days.length - 1 ? left : Math.round((nanoUsd * ms) / (toMs - fromMs));
    left -= part;
    return { day, nanoUsd: part };
  });
}

/** Who pays for an attempt that is placed now. Only labels that the installation declares are told apart. */
export function payerOf(
  { tenant, spec }: Pick<RequestRecord, 'tenant' | 'spec'>,
  node: NodeRecord,
  labelKeys: readonly string[],
  nowMs: number,
): Payer {
  return { tenant, ...declaredLabels(spec, labelKeys), meterNanoUsd: meterAt(node, nowMs) };
}

export function declaredLabels({ labels = {} }: Named, labelKeys: readonly string[]): Pick<Payer, 'labels'> {
  const declared = Object.entries(labels).filter(([key]) => labelKeys.includes(key));
  return declared.length === 0 ? {} : { labels: Object.fromEntries(declared.sort(([a], [b]) => (a < b ? -1 : 1))) };
}

/** The document before these attempts leave it: with what they cost, and its meter moved on. */
export function withBills(node: NodeRecord, leaving: readonly Assignment[], nowMs: number): NodeRecord {
  let bills = node.bills ?? [];
  for (const one of leaving) for (const bill of billsOf(node, one, nowMs)) bills = withBill(bills, bill);
  assert(bills.length <= billsMax, `${String(bills.length)} sums of costs in the document of ${node.id}`);
  return { ...withMeter(node, nowMs), ...(bills.length === 0 ? {} : { bills }) };
}

/** What an attempt has cost since the pool's days know of the node, by day. */
function billsOf(node: NodeRecord, one: Assignment, nowMs: number): readonly NodeBill[] {
  const { payer, placedAtMs } = one;
  if (payer === undefined) return [];
  const { toMs, meterNanoUsd } = node.billed ?? { toMs: placedAtMs, meterNanoUsd: 0 };
  const { tenant, labels } = payer;
  const nanoUsd = shareNanoUsd(node, one, Math.max(payer.meterNanoUsd, meterNanoUsd), nowMs);
  return spread(nanoUsd, Math.max(placedAtMs, toMs), nowMs)
    .filter((part) => part.nanoUsd > 0)
    .map((part) => ({ ...part, tenant, ...(labels === undefined ? {} : { labels }) }));
}

function withBill(bills: readonly NodeBill[], bill: NodeBill): readonly NodeBill[] {
  const isItsOwn = (one: NodeBill): boolean =>
    one.day === bill.day && one.tenant === bill.tenant && isSame(one.labels, bill.labels);
  const at = bills.findIndex(isItsOwn);
  if (at >= 0) return bills.map((one, n) => (n === at ? { ...one, nanoUsd: one.nanoUsd + bill.nanoUsd } : one));
  if (bills.length < billsMax - 1) return [...bills, bill];
  // Money is never lost, only its name and, where a tick has not come for days, its day.
  const others = bills.findIndex((one) => one.tenant === othersName);
  if (others < 0) return [...bills, { day: bill.day, tenant: othersName, nanoUsd: bill.nanoUsd }];
  return bills.map((one, n) => (n === others ? { ...one, nanoUsd: one.nanoUsd + bill.nanoUsd } : one));
}

/** Something of the node's costs is to be passed on: a day that is over, or many sums. */
export function areBillsDue(node: NodeRecord, nowMs: number): boolean {
  const { bills = [] } = node;
  return dayOf(node.billed?.toMs ?? node.createdAtMs) < dayOf(nowMs) || bills.length > billsMany;
}

/** The document without what is passed on. */
export function withoutBills({ bills: _passedOn, ...left }: NodeRecord, nowMs: number): NodeRecord {
  return { ...left, billed: { toMs: nowMs, meterNanoUsd: meterAt(left, nowMs) } };
}

/** What the pool's days do not know yet of the node: its price by day, and what attempts have cost so far. */
export function unbilled(node: NodeRecord, nowMs: number): readonly CostEntry[] {
  const from = node.billed?.toMs ?? node.createdAtMs;
  return [
    ...byDay(from, nowMs).map(({ day, ms }): CostEntry => ({
      kind: 'node',
      day,
      nanoUsd: nanoUsdOf(node.priceUsdPerHour, ms),
    })),
    ...(node.bills ?? []).map((bill): CostEntry => ({ kind: 'task', ...bill })),
    ...node.assigned.flatMap((one) => billsOf(node, one, nowMs).map((bill): CostEntry => ({ kind: 'task', ...bill }))),
  ];
}
