// What a resize makes of a volume: what it names changes, and nothing else. EC2's ModifyVolume keeps what is not named,
// too; a volume never shrinks, so a size that nobody asked for would stay.
import type { VolumeNeeds, VolumeShape } from '../../records/volume.ts';
import { explainNoVolume, shapeOf, volumeFacts } from './storage-choice.ts';

/** "ModifyVolume": after a change EC2 may refuse the next one of the same volume for this long. */
export const modifyAgainAfterMs = 6 * 3_600_000;

export type ResizeWish = { readonly shape: VolumeShape } | { readonly problem: string };

/**
 * The wish of a resize beside what was wished before. `wanted`: the wish of earlier resizes, null without one;
 * `isAsked`: EC2 may have been asked for it. Settings (IOPS, MiB/s) that are not named stay at least as they
 * are, also in another type that has such a setting.
 */
export function resizeWish(
  present: VolumeShape,
  wanted: VolumeShape | null,
  isAsked: boolean,
  needs: Partial<VolumeNeeds>,
): ResizeWish {
  const base = wanted ?? present;
  const type = needs.volumeType ?? base.type;
  const { iops, throughputMibps, sizeGib: range } = volumeFacts[type];
  const wish = {
    sizeGib: needs.sizeGib ?? base.sizeGib,
    iops: needs.iops ?? (iops === null ? null : base.iops),
    throughputMibps: needs.throughputMibps ?? (throughputMibps === null ? null : base.throughputMibps),
  };
  const least = isAsked ? base.sizeGib : present.sizeGib;
  if (wish.sizeGib < least)
    return {
      problem:
        'an EBS volume grows and never shrinks: it has '
        + `${isAsked ? 'been asked to have ' : ''}${String(least)} GiB, `
        + `${String(wish.sizeGib)} were asked for`,
    };
  const shape = shapeOf(type, wish);
  if (shape === null) {
    const cure =
      needs.volumeType === undefined || needs.volumeType === null
        ? '; its type stays unless volumeType names another one'
        : '';
    return { problem: `${explainNoVolume({ ...wish, volumeType: type })}${cure}` };
  }
  if (shape.sizeGib > wish.sizeGib) {
    const why =
      wish.sizeGib < range.min
        ? `${type} volume`
        : `${type} volume with `
          + `${wish.iops === null ? `${String(wish.throughputMibps)} MiB/s` : `${String(wish.iops)} IOPS`}`;
    return {
      problem:
        `a ${why} has at least ${String(shape.sizeGib)} GiB, and this one has ${String(wish.sizeGib)}; a `
        + `volume grows only by a size that was asked for: name sizeGib ${String(shape.sizeGib)} as well`,
    };
  }
  return { shape };
}

export function isSameShape(a: VolumeShape, b: VolumeShape): boolean {
  return a.type === b.type && a.sizeGib === b.sizeGib && a.iops === b.iops && a.throughputMibps === b.throughputMibps;
}

/** `30 GiB of gp3 (6000 IOPS, 250 MiB/s), 18.40 USD a month` */
export function shapeText({ type, sizeGib, iops, throughputMibps, usdPerMonth }: VolumeShape): string {
  const settings = [
    iops === null ? '' : `${String(iops)} IOPS`,
    throughputMibps === null ? '' : `${String(throughputMibps)} MiB/s`,
  ].filter((one) => one !== '');
  return (
    `${String(sizeGib)} GiB of ${type}${settings.length === 0 ? '' : ` (${settings.join(', ')})`}, `
    + `${usdPerMonth.toFixed(2)} USD a month`
  );
}
