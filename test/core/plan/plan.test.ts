// How the record of a write is named, and whatever else a change of it touches: two changes of a decision that touch
// the same are told apart, or joined, by these names.
import { expect, test } from '@jest/globals';
import type { RecordWrite } from '../../../lib/core/plan/plan.ts';
import { touchedKeys, writeKey } from '../../../lib/core/plan/plan.ts';
import type { ClaimedMachine, MachineRecord } from '../../../lib/core/records/machine.ts';
import type { ServiceRecord } from '../../../lib/core/services/record.ts';
import type { ClaimedVolume } from '../../../lib/core/records/volume.ts';
import { chunk, group, keptVolume, machineWish, node, request } from '../builders.ts';

// Names are made of these fields alone.
const machine = { id: 'm-id', claim: 'c', index: 2 } as unknown as ClaimedMachine;
const warm = { id: 'w-1', claim: null, index: 0 } as unknown as MachineRecord;
const volume = { claim: 'c', place: 'm0.v1' } as unknown as ClaimedVolume;
const service = { tenant: 't', name: 'web' } as ServiceRecord;

test.each<[RecordWrite, string, readonly string[]]>([
  [{ type: 'request', record: request('a') }, 'request a', []],
  [{ type: 'node', record: node() }, 'node i-1', []],
  [{ type: 'claim', record: machineWish('c') }, 'claim c', []],
  [{ type: 'group', record: group('a') }, 'group g-a', []],
  [{ type: 'kept', record: keptVolume('v') }, 'kept v', []],
  [{ type: 'chunk', record: chunk('a', 3, 1) }, 'chunk a 3', ['request a']],
  [{ type: 'machine', record: machine }, 'machine c 2', ['claim c']],
  [{ type: 'machine', record: warm }, 'machine w-1 0', ['claim w-1']],
  [{ type: 'volume', record: volume }, 'volume c m0.v1', ['claim c']],
  [{ type: 'service', record: service }, 'service t web', []],
  [{ type: 'past', record: machine }, 'past machine c 2', ['claim c']],
  [{ type: 'past', record: volume }, 'past volume c m0.v1', ['claim c']],
  [{ type: 'drop', name: { kind: 'node', id: 'i-1' } }, 'node i-1', []],
  [{ type: 'drop', name: { kind: 'service', tenant: 't', name: 'web' } }, 'service t web', []],
  [{ type: 'drop', name: { kind: 'machine', owner: 'c', index: 2 } }, 'machine c 2', ['claim c']],
  [{ type: 'drop', name: { kind: 'volume', owner: 'c', place: 'v0' } }, 'volume c v0', ['claim c']],
])('write %#', (write, key, more) => {
  expect(writeKey(write)).toBe(key);
  expect(touchedKeys(write)).toEqual([key, ...more]);
});
