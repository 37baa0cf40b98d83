// A claim is one value for decisions, and a row with a document for each of its machines and volumes in the store.
import { describe, expect, test } from '@jest/globals';
import {
  assembled,
  assembledWarm,
  isRowChanged,
  partChanges,
  partDocuments,
  rowOf,
  together,
  warmChange,
  warmDocument,
} from '../../../lib/core/claims/documents.ts';
import type { PartDocument } from '../../../lib/core/claims/documents.ts';
import { newClaim } from '../../../lib/core/claims/lifecycle.ts';
import type { ClaimRecord, ClaimSpec } from '../../../lib/core/records/claim.ts';
import type { KeptVolume, VolumePart } from '../../../lib/core/records/volume.ts';
import { machineSpec, networkSpec, storageSpec } from '../../control/claims/world.ts';

const wish = { ...storageSpec.volume, sizeGib: 10 };
const claimOf = (spec: ClaimSpec, id = 'r-1'): ClaimRecord =>
  newClaim({ id, tenant: 't', pool: 'p', bodyHash: '', spec }, 1_000);
const machines = claimOf({ ...machineSpec, count: 3, volumes: [wish, wish] });

function launched(claim: ClaimRecord, index: number): ClaimRecord {
  const there = { state: 'there', launchId: 'm-1', instanceId: `i-${String(index)}` } as const;
  return { ...claim, machines: claim.machines.map((part) => (part.index === index ? { ...part, ...there } : part)) };
}

function withVolume(claim: ClaimRecord, index: number, n: number, change: Partial<VolumePart>): ClaimRecord {
  return {
    ...claim,
    machines: claim.machines.map((part) =>
      part.index === index
        ? { ...part, volumes: part.volumes.map((volume, at) => (at === n ? { ...volume, ...change } : volume)) }
        : part,
    ),
  };
}

function again(claim: ClaimRecord, documents: readonly PartDocument[] = partDocuments(claim)): ClaimRecord {
  return assembled(rowOf(claim), {
    machines: documents.flatMap((one) => ('place' in one ? [] : one)),
    volumes: documents.flatMap((one) => ('place' in one ? one : [])),
  });
}

const kept: KeptVolume = {
  id: 'vol-1',
  pool: 'p',
  claim: null,
  tenant: 't',
  zone: 'a',
  shape: { type: 'gp3', sizeGib: 10, iops: null, throughputMibps: null, usdPerMonth: 1 },
  keptUntilMs: 9_000,
  keptSinceMs: 0,
  isGoing: false,
  missingSinceMs: null,
};

describe('what has a document', () => {
  test.each([machines, claimOf(storageSpec), claimOf(networkSpec)])('nothing that was never asked for', (claim) => {
    expect(partDocuments(claim)).toEqual([]);
    expect(again(claim)).toEqual(claim);
  });

  test('a machine once it is launched, and a volume once it is seen', () => {
    const claim = withVolume(launched(machines, 1), 1, 0, { state: 'there', volumeId: 'vol-1' });
    expect(partDocuments(claim)).toMatchObject([
      { pool: 'p', claim: 'r-1', index: 1, instanceId: 'i-1' },
      { pool: 'p', claim: 'r-1', place: 'm1.v0', volumeId: 'vol-1' },
    ]);
    expect(again(claim)).toEqual(claim);
  });

  test('a volume of its own once it is asked for, and still after EC2 refused it for good', () => {
    const storage = claimOf(storageSpec);
    const volume = { ...(storage.volume as VolumePart), state: 'gone', askedAtMs: 5 } as const;
    expect(partDocuments({ ...storage, volume })).toMatchObject([{ place: 'v', state: 'gone' }]);
  });

  test('what is missing of a claim that has ended is gone, and not wanted', () => {
    const ended = again({ ...machines, endedAtMs: 7, state: 'cancelled' });
    expect(ended.machines.map((part) => part.state)).toEqual(['gone', 'gone', 'gone']);
    expect(ended.machines[0]?.volumes.map((part) => part.state)).toEqual(['gone', 'gone']);
  });

  test('the row has none of them, and does not change with them', () => {
    expect(rowOf(machines)).not.toHaveProperty('machines');
    expect(rowOf(machines)).not.toHaveProperty('volume');
    expect(isRowChanged(machines, launched(machines, 0))).toBe(false);
    expect(isRowChanged(machines, { ...machines, reason: 'booting' })).toBe(true);
  });
});

describe('changes', () => {
  const before = launched(launched(machines, 0), 2);

  test('are of the one machine that changed', () => {
    const after = {
      ...before,
      machines: before.machines.map((part) => (part.index === 2 ? { ...part, zone: 'b' } : part)),
    };
    expect(partChanges(before, after)).toMatchObject([{ before: { index: 2 }, after: { index: 2, zone: 'b' } }]);
  });

  test('are none where a part was only made anew', () => {
    expect(partChanges(before, { ...before, machines: before.machines.map((part) => ({ ...part })) })).toEqual([]);
  });

  test('end the document of a machine that is wanted again', () => {
    const after = {
      ...before,
      machines: before.machines.map((part, n) => (n === 0 ? (machines.machines[0] ?? part) : part)),
    };
    expect(partChanges(before, after)).toMatchObject([{ before: { instanceId: 'i-0' }, after: null }]);
  });

  test('of a volume that a claim takes over are written with the end of its document as a kept one', () => {
    const storage = claimOf(storageSpec);
    const volume = { ...(storage.volume as VolumePart), state: 'there', volumeId: 'vol-1' } as const;
    const taken = partChanges(storage, { ...storage, volume });
    const other = partChanges(machines, launched(machines, 1));
    expect(together([{ before: kept, after: null }, ...other, ...taken])).toEqual([
      [{ before: kept, after: null }, ...taken],
      other,
    ]);
  });

  test('of what has no id in EC2 yet stand alone', () => {
    const asked = (id: string): ReturnType<typeof partChanges> => {
      const storage = claimOf(storageSpec, id);
      return partChanges(storage, {
        ...storage,
        volume: { ...(storage.volume as VolumePart), state: 'asked', askedAtMs: 1 },
      });
    };
    expect(together([...asked('r-1'), ...asked('r-2')])).toHaveLength(2);
  });
});

describe('a warm machine', () => {
  const warm = launched(claimOf({ ...machineSpec, volumes: [] }, 'w-1'), 0);

  test('is one document, which says what a row says, and no claim has it', () => {
    const document = warmDocument(warm);
    expect(document).toMatchObject({ id: 'w-1', claim: null, instanceId: 'i-0', life: { state: 'pending' } });
    expect(document && assembledWarm(document)).toEqual(warm);
  });

  test('passes to a request in one write', () => {
    const request = claimOf({ ...machineSpec, volumes: [] });
    const changes = [warmChange(warm, null), ...partChanges(request, launched(request, 0))];
    expect(together(changes)).toEqual([changes]);
  });
});
