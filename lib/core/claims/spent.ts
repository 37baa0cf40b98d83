// What claims have cost so far, at list prices: machines per hour while they run, disks per month. Once a day that
// passes to the pool's days.
import { dayOf, declaredLabels, spread } from '../costs/bills.ts';
import { billedAtOnceMax } from '../costs/pass-on-bills.ts';
import type { CostEntry } from '../costs/days.ts';
import { nanoPerUsd } from '../costs/meter.ts';
import type { ClaimRecord } from '../records/claim.ts';
import type { MachinePart } from '../records/machine.ts';
import type { KeptVolume } from '../records/volume.ts';
import { isWarm } from './documents.ts';
import { volumeFacts } from './volumes/storage-choice.ts';
import { hoursPerMonth } from '../catalog/root-volume.ts';
import { keptUsd, volumeUsd } from './volumes/volume-cost.ts';
import type { ClaimWorkingCopy } from './working-copy.ts';

/** An image's own disks are taken for gp3. */
export function disksUsdPerHour(part: MachinePart): number {
  return (
    (part.volumes.reduce((sum, one) => sum + one.shape.usdPerMonth, 0)
      + (part.imageGib ?? 0) * volumeFacts.gp3.usdPerGibMonth)
    / hoursPerMonth
  );
}

export function isStopped(part: MachinePart): boolean {
  return (part.stoppedSinceMs ?? null) !== null;
}

/** What the claim has cost so far. For a machine from the warm pool that includes its time there. */
export function spentUsd(claim: ClaimRecord, nowMs: number): number {
  const hours = (ms: number): number => Math.max(0, ms) / 3_600_000;
  const endMs = claim.endedAtMs ?? nowMs;
  const machine = (part: MachinePart): number => {
    if (part.thereSinceMs === null) return 0;
    const stoppedMs = (part.stoppedMs ?? 0) + (isStopped(part) ? endMs - (part.stoppedSinceMs ?? endMs) : 0);
    return (
      hours(endMs - part.thereSinceMs - stoppedMs) * part.priceUsdPerHour
      + hours(endMs - part.thereSinceMs) * disksUsdPerHour(part)
    );
  };
  const volume = claim.volume === null ? 0 : volumeUsd(claim.volume, endMs);
  return claim.machines.reduce((sum, part) => sum + machine(part), volume);
}

/** What the pool's days do not know yet of the claim. */
export function unbilledOfClaim(claim: ClaimRecord, labelKeys: readonly string[], nowMs: number): readonly CostEntry[] {
  const { tenant, spec, billed, createdAtMs } = claim;
  const nanoUsd = Math.round(spentUsd(claim, nowMs) * nanoPerUsd) - (billed?.nanoUsd ?? 0);
  const payer = { tenant, ...declaredLabels(spec, labelKeys) };
  return overDays(nanoUsd, billed?.toMs ?? createdAtMs, claim.endedAtMs ?? nowMs).map((part) => ({
    ...part,
    ...payer,
  }));
}

/** Of a volume that nobody claims any more. */
export function unbilledOfKept(kept: KeptVolume, nowMs: number): readonly CostEntry[] {
  const { tenant, keptSinceMs } = kept;
  return overDays(Math.round(keptUsd(kept, nowMs) * nanoPerUsd), keptSinceMs, nowMs).map((part) => ({
    ...part,
    tenant,
  }));
}

/** What passes on late goes to so many days; what is older counts on the first of them. */
const daysMax = 7;

function overDays(nanoUsd: number, fromMs: number, toMs: number): readonly CostEntry[] {
  if (nanoUsd === 0) return [];
  const parts = spread(nanoUsd, Math.min(fromMs, toMs - 1), toMs);
  const late = parts.slice(-daysMax);
  const early = parts.slice(0, -daysMax).reduce((sum, one) => sum + one.nanoUsd, 0);
  return late.map((part, n) => ({ kind: 'claim', ...part, nanoUsd: part.nanoUsd + (n === 0 ? early : 0) }));
}

/** Of those that this decision leaves as they are: once a day. */
export function passOnClaimCosts(copy: ClaimWorkingCopy): void {
  const changed = new Set(copy.changedClaims().map((one) => one.id));
  const isDue = (claim: ClaimRecord): boolean =>
    claim.state === 'active'
    && !isWarm(claim)
    && !changed.has(claim.id)
    && dayOf(claim.billed?.toMs ?? claim.createdAtMs) < dayOf(copy.nowMs);
  for (const claim of copy.claims().filter(isDue).slice(0, billedAtOnceMax)) {
    const billed = { toMs: copy.nowMs, nanoUsd: Math.round(spentUsd(claim, copy.nowMs) * nanoPerUsd) };
    copy.change(
      'bill',
      `costs of ${claim.id} pass to the days of the pool`,
      [{ type: 'claim', record: { ...claim, billed } }],
      { costs: unbilledOfClaim(claim, copy.seen.labelKeys ?? [], copy.nowMs) },
    );
  }
}
