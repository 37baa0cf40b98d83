// What a volume has cost by now, at list prices. Its price changes when it is resized or taken over, so what it
// cost before is kept beside since when the present price counts.
import { hoursPerMonth } from '../../catalog/root-volume.ts';
import type { KeptVolume, VolumePart, VolumeShape } from '../../records/volume.ts';

/** "Amazon EBS pricing", us-east-1: snapshots, standard tier, for a GiB of stored blocks. */
export const snapshotUsdPerGibMonth = 0.05;

function usdOf(usdPerMonth: number, ms: number): number {
  return (Math.max(0, ms) / 3_600_000) * (usdPerMonth / hoursPerMonth);
}

/**
 * A volume of its own (disks of machines are counted with them), from when it was asked for or taken
 * over until `untilMs`.
 */
export function volumeUsd(
  part: Pick<VolumePart, 'shape' | 'askedAtMs' | 'costSinceMs' | 'paidUsd'>,
  untilMs: number,
): number {
  const sinceMs = part.costSinceMs ?? part.askedAtMs;
  return (part.paidUsd ?? 0) + (sinceMs === null ? 0 : usdOf(part.shape.usdPerMonth, untilMs - sinceMs));
}

/** While nobody used it. */
export function keptUsd({ shape, keptSinceMs }: Pick<KeptVolume, 'shape' | 'keptSinceMs'>, untilMs: number): number {
  return usdOf(shape.usdPerMonth, untilMs - keptSinceMs);
}

/** From now on it costs what the new shape does. */
export function withShape(part: VolumePart, shape: VolumeShape, nowMs: number): VolumePart {
  return { ...part, shape, paidUsd: volumeUsd(part, nowMs), costSinceMs: nowMs };
}
