// The ETag of a claim: a hash of what its caller wants now. It changes when a change is requested or undone, but not
// with progress towards it, so the ETag of one answer guards the caller's next change.
import type { ClaimRecord } from '../records/claim.ts';
import type { NetworkWish } from '../records/security-group.ts';
import type { VolumeShape } from '../records/volume.ts';
import { shortHash } from '../values/dictionary.ts';
import { wishKey } from './networks/network-rules.ts';

export function etagOf(claim: ClaimRecord): string {
  const { spec, volume } = claim;
  const shape = claim.wantedShape ?? volume?.shape ?? null;
  const attachTo =
    spec.type === 'storage' && !claim.isDetaching
      ? (claim.usedBy?.request ?? (claim.state === 'pending' ? spec.attachTo : null))
      : null;
  return shortHash(
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
