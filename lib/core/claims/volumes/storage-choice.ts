// Which EBS volume to buy: the valid type and settings of least monthly price that meet the needs.
import { gp3UsdPerGibMonth } from '../../catalog/root-volume.ts';
import type { VolumeNeeds, VolumeShape, VolumeType } from '../../records/volume.ts';

interface Range {
  readonly min: number;
  readonly max: number;
}

interface TypeFacts {
  readonly sizeGib: Range;
  /** Provisioned IOPS: what may be asked for, how many a GiB allows, and what comes with the volume. */
  readonly iops: (Range & { readonly perGib: number; readonly included: number }) | null;
  readonly throughputMibps: (Range & { readonly perIops: number; readonly included: number }) | null;
  /** What the type delivers without being asked: a function of its size (and IOPS). Sustained, not burst. */
  readonly baselineIops: number;
  readonly baselineThroughputMibps: (sizeGib: number, iops: number) => number;
  readonly usdPerGibMonth: number;
  readonly usdPerIopsMonth: readonly { readonly upTo: number; readonly usd: number }[];
  readonly usdPerMibpsMonth: number;
}

/**
 * Prices: "Amazon EBS pricing", us-east-1, 2026-11. Limits: "Amazon EBS volume types" (gp3 as extended in
 * 2025: 64 TiB, 80,000 IOPS, 2,000 MiB/s; io2 Block Express). Throughput of st1 and sc1 is the baseline of
 * 40 and 12 MiB/s per TiB, at most 500 and 192; their IOPS are of 1 MiB, so a need of IOPS excludes them.
 */
export const volumeFacts: Readonly<Record<VolumeType, TypeFacts>> = {
  gp3: {
    sizeGib: { min: 1, max: 65_536 },
    iops: { min: 3_000, max: 80_000, perGib: 500, included: 3_000 },
    throughputMibps: { min: 125, max: 2_000, perIops: 0.25, included: 125 },
    baselineIops: 3_000,
    baselineThroughputMibps: () => 125,
    usdPerGibMonth: gp3UsdPerGibMonth,
    usdPerIopsMonth: [{ upTo: Infinity, usd: 0.005 }],
    usdPerMibpsMonth: 0.04,
  },
  io2: {
    sizeGib: { min: 4, max: 65_536 },
    iops: { min: 100, max: 256_000, perGib: 1_000, included: 0 },
    throughputMibps: null,
    baselineIops: 100,
    baselineThroughputMibps: (_size, iops) => Math.min(4_000, iops * 0.256),
    usdPerGibMonth: 0.125,
    usdPerIopsMonth: [
      { upTo: 32_000, usd: 0.065 },
      { upTo: 64_000, usd: 0.0455 },
      { upTo: Infinity, usd: 0.03185 },
    ],
    usdPerMibpsMonth: 0,
  },
  st1: {
    sizeGib: { min: 125, max: 16_384 },
    iops: null,
    throughputMibps: null,
    baselineIops: 0,
    baselineThroughputMibps: (size) => Math.min(500, (size / 1024) * 40),
    usdPerGibMonth: 0.045,
    usdPerIopsMonth: [],
    usdPerMibpsMonth: 0,
  },
  sc1: {
    sizeGib: { min: 125, max: 16_384 },
    iops: null,
    throughputMibps: null,
    baselineIops: 0,
    baselineThroughputMibps: (size) => Math.min(192, (size / 1024) * 12),
    usdPerGibMonth: 0.015,
    usdPerIopsMonth: [],
    usdPerMibpsMonth: 0,
  },
};

export const volumeTypes = Object.keys(volumeFacts) as readonly VolumeType[];

export function usdPerMonth(
  type: VolumeType,
  sizeGib: number,
  iops: number | null,
  throughputMibps: number | null,
): number {
  const facts = volumeFacts[type];
  let usd = sizeGib * facts.usdPerGibMonth;
  let from = facts.iops?.included ?? 0;
  for (const tier of facts.usdPerIopsMonth) {
    const inTier = Math.max(0, Math.min(iops ?? 0, tier.upTo) - from);
    usd += inTier * tier.usd;
    from = Math.max(from, tier.upTo);
  }
  return usd + Math.max(0, (throughputMibps ?? 0) - (facts.throughputMibps?.included ?? 0)) * facts.usdPerMibpsMonth;
}

/**
 * The smallest settings of this type that meet the needs; null: it cannot. A larger volume is taken where only
 * its size brings the speed.
 */
export function shapeOf(type: VolumeType, needs: Omit<VolumeNeeds, 'volumeType'>): VolumeShape | null {
  const facts = volumeFacts[type];
  const wantedIops = needs.iops ?? 0;
  const wantedMibps = needs.throughputMibps ?? 0;
  if (needs.sizeGib > facts.sizeGib.max) return null;
  let sizeGib = Math.max(needs.sizeGib, facts.sizeGib.min);
  let iops: number | null = null;
  let throughput: number | null = null;
  if (facts.iops) {
    iops = Math.max(facts.iops.min, wantedIops);
    if (facts.throughputMibps) {
      throughput = Math.max(facts.throughputMibps.min, wantedMibps);
      if (throughput > facts.throughputMibps.max) return null;
      iops = Math.max(iops, Math.ceil(throughput / facts.throughputMibps.perIops));
    } else if (wantedMibps > 0) {
      // io2 earns its throughput with IOPS: 256 KiB each.
      iops = Math.max(iops, Math.ceil(wantedMibps / 0.256));
      if (facts.baselineThroughputMibps(sizeGib, iops) < wantedMibps) return null;
    }
    if (iops > facts.iops.max) return null;
    if (iops > facts.iops.included) sizeGib = Math.max(sizeGib, Math.ceil(iops / facts.iops.perGib));
  } else {
    if (wantedIops > facts.baselineIops) return null;
    while (facts.baselineThroughputMibps(sizeGib, 0) < wantedMibps) {
      const next = Math.ceil((wantedMibps / facts.baselineThroughputMibps(1024, 0)) * 1024);
      if (next <= sizeGib || next > facts.sizeGib.max || facts.baselineThroughputMibps(next, 0) < wantedMibps)
        return null;
      sizeGib = next;
    }
  }
  if (sizeGib > facts.sizeGib.max) return null;
  return {
    type,
    sizeGib,
    iops,
    throughputMibps: throughput,
    usdPerMonth: usdPerMonth(type, sizeGib, iops, throughput),
  };
}

/** All types that can meet the needs, cheapest first (ties by name). */
function choicesFor(needs: VolumeNeeds): readonly VolumeShape[] {
  return volumeTypes
    .filter((type) => needs.volumeType === null || needs.volumeType === type)
    .map((type) => shapeOf(type, needs))
    .filter((one) => one !== null)
    .sort((a, b) => a.usdPerMonth - b.usdPerMonth || (a.type < b.type ? -1 : 1));
}

/** `performance`: the fastest of those that cost at most a quarter more than the cheapest; otherwise the cheapest. */
export function chooseVolume(
  needs: VolumeNeeds,
  strategy: 'cheapest' | 'reuse-first' | 'performance' = 'cheapest',
): VolumeShape | null {
  const choices = choicesFor(needs);
  const [cheapest] = choices;
  if (!cheapest || strategy !== 'performance') return cheapest ?? null;
  const speed = (one: VolumeShape): number => one.iops ?? 0;
  return choices
    .filter((one) => one.usdPerMonth <= cheapest.usdPerMonth * 1.25)
    .reduce((best, one) => (speed(one) > speed(best) ? one : best), cheapest);
}

/** Why nothing meets the needs, and the nearest that something does. */
export function explainNoVolume(needs: VolumeNeeds): string {
  const wanted = [
    `${String(needs.sizeGib)} GiB`,
    needs.iops === null ? '' : `${String(needs.iops)} IOPS`,
    needs.throughputMibps === null ? '' : `${String(needs.throughputMibps)} MiB/s`,
  ]
    .filter((one) => one !== '')
    .join(', ');
  const types = needs.volumeType === null ? volumeTypes : [needs.volumeType];
  const nearest = types
    .map((type) => {
      const { sizeGib, iops } = volumeFacts[type];
      const clamped = {
        sizeGib: Math.min(needs.sizeGib, sizeGib.max),
        iops: needs.iops === null || !iops ? null : Math.min(needs.iops, iops.max),
        throughputMibps:
          needs.throughputMibps === null
            ? null
            : Math.min(
                needs.throughputMibps,
                volumeFacts[type].throughputMibps?.max
                  ?? volumeFacts[type].baselineThroughputMibps(sizeGib.max, iops?.max ?? 0),
              ),
      };
      return shapeOf(type, clamped);
    })
    .filter((one) => one !== null)
    .sort((a, b) => lacks(a, needs) - lacks(b, needs) || a.usdPerMonth - b.usdPerMonth)[0];
  const offer = nearest
    ? `; the nearest possible is ${nearest.type} with ${String(nearest.sizeGib)} `
      + `GiB${nearest.iops === null ? '' : `, ${String(nearest.iops)} IOPS`}`
      + `${nearest.throughputMibps === null ? '' : `, ${String(nearest.throughputMibps)} MiB/s`}`
    : '';
  return `no ${needs.volumeType === null ? 'EBS volume type' : `${needs.volumeType} volume`} has ${wanted}${offer}`;
}

/** How much of what was asked for this shape misses, as the sum of the missing shares. */
function lacks(shape: VolumeShape, needs: VolumeNeeds): number {
  const short = (have: number, want: number | null): number =>
    want === null || want === 0 ? 0 : Math.max(0, 1 - have / want);
  return (
    short(shape.sizeGib, needs.sizeGib)
    + short(shape.iops ?? 0, needs.iops)
    + short(
      shape.throughputMibps ?? volumeFacts[shape.type].baselineThroughputMibps(shape.sizeGib, shape.iops ?? 0),
      needs.throughputMibps,
    )
  );
}
