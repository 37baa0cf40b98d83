// The ETag of a claim: a hash of what its caller wants now. It changes when a change is requested or undone, but not
// with progress towards it, so the ETag of one answer guards the caller's next change.
import type { ClaimRecord } from '../records/claim.ts';
import type { NetworkWish } from '../records/security-group.ts';
import type { VolumeShape } from '../records/volume.ts';
import { wishKey } from './networks/network-rules.ts';

export function etagOf(claim: ClaimRecord): string {
  const { spec, volume } = claim;
  const shape = claim.wantedShape ?? volume?.shape ?? null;
  const attachTo =
    spec.type === 'storage' && !claim.isDetaching
      ? (claim.usedBy?.request ?? (claim.state === 'pending' ? spec.attachTo : null))
      : null;
  return hashOf(
    JSON.stringify([
      claim.id,
      claim.power,
      claim.cancelRequestedAtMs !== null,
      networkText(claim.wantedNetwork ?? (spec.type === 'storage' ? null : spec.network)),
      shapeKey(shape),
      attachTo,
    ]),
  );
}

function networkText(wish: NetworkWish | null): string | null {
  return wish && `${wishKey(wish)} ${wish.sharing} ${String(wish.allowPublic)}`;
}

function shapeKey(shape: VolumeShape | null): readonly unknown[] | null {
  return shape && [shape.type, shape.sizeGib, shape.iops, shape.throughputMibps];
}

/** FNV-1a with two initial values, 64 bits in all: it detects changes, and is no protection against forgery. */
function hashOf(text: string): string {
  let [a, b] = [0x811c9dc5, 0x01234567];
  for (let i = 0; i < text.length; i += 1) {
    a = Math.imul(a ^ text.charCodeAt(i), 0x01000193) >>> 0;
    b = Math.imul(b ^ text.charCodeAt(i), 0x01000193) >>> 0;
  }
  return [a, b].map((one) => one.toString(16).padStart(8, '0')).join('');
}
