// Claims whose volumes are in one state, for what is left of them.
import type { ClaimRecord } from '../../../../lib/core/records/claim.ts';
import type { VolumePart } from '../../../../lib/core/records/volume.ts';
import { storage } from '../../builders.ts';

export function withVolume(id: string, more: Partial<VolumePart>, claim: Partial<ClaimRecord> = {}): ClaimRecord {
  const one = storage(id, 'za', claim);
  return { ...one, volume: one.volume && { ...one.volume, ...more } };
}

export function withVolumes(claim: ClaimRecord, more: Partial<VolumePart>): ClaimRecord {
  return {
    ...claim,
    machines: claim.machines.map((part) => ({
      ...part,
      volumes: part.volumes.map((one) => ({ ...one, volumeId: `vol-${one.key}`, ...more })),
    })),
  };
}
