// What the shop's day came to: requests, waits, nodes and cost, next to a fleet that is always as big as the peak.
import type { RequestView } from '../../api/schemas/requests.ts';
import type { Played } from './player.ts';
import type { Arrival } from './shop-day.ts';

/** null: it ended as it should. */
export function objectionTo(arrival: Arrival, view: RequestView): string | null {
  // A claim ends with its lease, and only after it was granted.
  if (arrival.kind === 'held')
    return view.state === 'expired' && view.startedAt !== null
      ? null
      : `${arrival.key} (${view.id}) is ${view.state}: ${view.reason ?? 'no reason given'}`;
  if (view.state !== 'succeeded')
    return `${arrival.key} (${view.id}) is ${view.state}: ${view.reason ?? 'no reason given'}`;
  if (arrival.kind === 'report' && (view.attempts ?? 0) < 2)
    return (
      `${arrival.key} (${view.id}) should have failed once and been retried, ` + `but ran ${String(view.attempts)} time`
    );
  return null;
}

/** `busy`: it did not come to its end, and nothing that is known is wrong. */
export type Verdict = 'good' | 'wrong' | 'busy';

/** Beside 2 (usage) and 3 (the port or the folder is taken): see docs/local.md. */
export const verdictExits: Readonly<Record<Verdict, number>> = { good: 0, wrong: 1, busy: 5 };

/** `problems`: of the audit. `objections`: to what has ended. With the sentences that say why it is not good. */
export function verdictOf(
  played: Played,
  problems: readonly string[],
  objections: readonly string[],
): { readonly verdict: Verdict; readonly lines: readonly string[] } {
  const open = played.requests.filter(({ view }) => view.endedAt === null);
  const busy = [
    ...(played.unanswered === null
      ? []
      : [`the demo could not go on: ${played.unanswered}; this machine is too busy, try again when it has less to do`]),
    ...(open.length === 0
      ? []
      : [
          `${String(open.length)} of ${String(played.requests.length)} requests had not ended when it was given `
            + `up (./bellows why ${open[0]?.view.id ?? ''} says what one waits for)`,
        ]),
  ];
  const lines = [...problems, ...objections, ...busy];
  if (problems.length + objections.length > 0) return { verdict: 'wrong', lines };
  return { verdict: busy.length > 0 ? 'busy' : 'good', lines };
}

/** Of what has ended: not as it should. */
export function objectionsTo({ requests }: Played): readonly string[] {
  return requests.flatMap(({ arrival, view }) => (view.endedAt === null ? [] : (objectionTo(arrival, view) ?? [])));
}

export function summaryOf(played: Played): readonly string[] {
  const { requests, nodesByType, peak, spentUsd, durationMs } = played;
  const byState = new Map<string, number>();
  for (const { view } of requests) byState.set(view.state, (byState.get(view.state) ?? 0) + 1);
  const tasks = requests.reduce((sum, { view }) => sum + (view.type === 'task' ? view.count : 0), 0);
  const claimed = requests.filter(({ view }) => view.type !== 'task');
  const waits = requests
    .flatMap(({ view }) =>
      view.startedAt === null || view.type !== 'task' ? [] : [Date.parse(view.startedAt) - Date.parse(view.createdAt)],
    )
    .sort((a, b) => a - b);
  const retried = requests.filter(({ view }) => (view.attempts ?? 1) > 1).length;
  const nodes = Object.entries(nodesByType)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([type, count]) => `${String(count)} x ${type}`);
  const fixedUsd = (peak.usdPerHour * durationMs) / 3_600_000;
  const saved = fixedUsd === 0 ? 0 : (1 - spentUsd / fixedUsd) * 100;
  return [
    `requests  ${String(requests.length)} with ${String(tasks)} tasks: ${[...byState]
      .sort()
      .map(([state, count]) => `${String(count)} ${state}`)
      .join(', ')}; ${String(retried)} ran again after a failure or a loss`,
    `waits     p50 ${seconds(quantile(waits, 0.5))}, p95 ${seconds(quantile(waits, 0.95))} from acceptance to `
      + 'start (new nodes take 1 to 3 s to boot here)',
    ...claimsLine(claimed),
    `nodes     ${nodes.length === 0 ? 'none' : nodes.join(', ')}; at most ${String(peak.nodes)} at once `
      + `(${peak.vcpu.toFixed(0)} vCPU)`,
    `cost      ${spentUsd.toFixed(6)} USD in ${(durationMs / 1000).toFixed(0)} s; a fixed fleet of the peak's `
      + `size at the same prices: ${fixedUsd.toFixed(6)} USD (${saved.toFixed(0)} % saved)`,
  ];
}

function claimsLine(claimed: Played['requests']): readonly string[] {
  if (claimed.length === 0) return [];
  const each = claimed.map(({ arrival, view }) => `${arrival.key.replace(/^shop-\d+-/, '')} (${describe(view)})`);
  const released = claimed.every(({ view }) => view.endedAt !== null) ? '; all released' : '';
  return [`claims    ${each.join(', ')}${released}; their leases ended, which is their state "expired"`];
}

function describe({ allocation, type }: RequestView): string {
  switch (allocation?.resourceType) {
    case 'ec2-instance':
      return `${allocation.instanceType} ${allocation.capacityType}`;
    case 'ebs-volume':
      return `${String(allocation.sizeGib)} GiB of ${allocation.volumeType}`;
    case 'security-group':
      return allocation.groupId;
    case undefined:
      return type;
  }
}

/** Nearest rank, of sorted values. */
export function quantile(sorted: readonly number[], share: number): number | null {
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? null;
}

function seconds(ms: number | null): string {
  return ms === null ? '-' : `${(ms / 1000).toFixed(1)} s`;
}
