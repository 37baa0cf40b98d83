// EBS snapshots of the account's own volumes.
import { Ec2Error } from '../../../cloud/errors.ts';
import { action, done } from '../../action.ts';
import type { Action } from '../../action.ts';
import { allOf, oneOfKind } from '../../ids.ts';
import { integer, list, notModelled, required, text } from '../../protocol/fields.ts';
import { filterField } from '../../protocol/filters.ts';
import type { FilterTable } from '../../protocol/filters.ts';
import { fixedList, pageOf } from '../../protocol/paging.ts';
import type { Wire } from '../../protocol/xml.ts';
import type { Snapshot } from '../../records.ts';
import { tagSet, tagSpecificationField, tagsOnly } from '../../tags.ts';
import type { World } from '../../world.ts';
import { kmsKeyOf } from './volumes.ts';

const statusOf = (world: World, snapshot: Snapshot): 'pending' | 'completed' =>
  snapshot.completedAtMs > world.nowMs() ? 'pending' : 'completed';

function progressOf(world: World, snapshot: Snapshot): string {
  const share = (world.nowMs() - snapshot.startedAtMs) / Math.max(1, snapshot.completedAtMs - snapshot.startedAtMs);
  return `${Math.min(100, Math.floor(100 * share))}%`;
}

function snapshotWire(world: World, snapshot: Snapshot): Readonly<Record<string, Wire>> {
  return {
    snapshotId: snapshot.id,
    volumeId: snapshot.volumeId,
    status: statusOf(world, snapshot),
    startTime: new Date(snapshot.startedAtMs),
    progress: progressOf(world, snapshot),
    ownerId: world.accountId,
    volumeSize: snapshot.sizeGib,
    description: snapshot.description,
    encrypted: snapshot.isEncrypted,
    kmsKeyId: kmsKeyOf(world, snapshot),
    storageTier: 'standard',
    completionTime: snapshot.completedAtMs > world.nowMs() ? undefined : new Date(snapshot.completedAtMs),
    transferType: 'standard',
    tagSet: tagSet(snapshot.tags) ?? [],
  };
}

const filters = (world: World): FilterTable<Snapshot> => ({
  description: (snapshot) => snapshot.description,
  encrypted: { of: (snapshot) => snapshot.isEncrypted, allowed: ['true', 'false'] },
  'owner-alias': () => undefined,
  'owner-id': () => world.accountId,
  progress: (snapshot) => progressOf(world, snapshot),
  'snapshot-id': (snapshot) => snapshot.id,
  'start-time': (snapshot) => new Date(snapshot.startedAtMs).toISOString(),
  status: {
    of: (snapshot) => statusOf(world, snapshot),
    allowed: ['pending', 'completed', 'error', 'recoverable', 'recovering'],
  },
  'storage-tier': () => 'standard',
  'transfer-type': { of: () => 'standard', allowed: ['standard', 'time-based'] },
  'volume-id': (snapshot) => snapshot.volumeId,
  'volume-size': (snapshot) => snapshot.sizeGib,
});

export const snapshotActions: readonly Action[] = [
  action({
    name: 'CreateSnapshot',
    rate: 'mutating',
    fields: {
      Description: text({ max: 255 }),
      VolumeId: required(text()),
      TagSpecification: tagSpecificationField,
      Location: notModelled(),
      OutpostArn: notModelled(),
    },
    run(world, parameters) {
      const volume = oneOfKind('volume', parameters.VolumeId, (id) => world.volumes.get(id));
      if (volume.availableAtMs > world.nowMs())
        throw new Ec2Error('IncorrectState', `Volume '${volume.id}' is in the 'creating' state.`);
      const startedAtMs = world.nowMs();
      const snapshot = world.snapshots.put({
        id: world.newId('snap'),
        volumeId: volume.id,
        sizeGib: volume.sizeGib,
        description: parameters.Description ?? '',
        isEncrypted: volume.isEncrypted,
        kmsKeyId: volume.kmsKeyId,
        startedAtMs,
        completedAtMs: startedAtMs + world.draw(world.options.snapshotMs),
        tags: tagsOnly('snapshot', parameters.TagSpecification),
      });
      return snapshotWire(world, snapshot);
    },
  }),
  action({
    name: 'DeleteSnapshot',
    rate: 'mutating',
    fields: { SnapshotId: required(text()) },
    run(world, parameters) {
      world.snapshots.delete(oneOfKind('snapshot', parameters.SnapshotId, (id) => world.snapshots.get(id)).id);
      return done;
    },
  }),
  action({
    name: 'DescribeSnapshots',
    rate: 'non-mutating',
    isDearUnfiltered: true,
    filters: filters,
    fields: {
      SnapshotId: list(text()),
      Owner: list(text()),
      RestorableBy: list(text()),
      Filter: filterField,
      MaxResults: integer(),
      NextToken: text(),
    },
    run(world, parameters, call) {
      if (parameters.SnapshotId.length > 0 && parameters.MaxResults !== undefined)
        throw new Ec2Error(
          'InvalidParameterCombination',
          'The parameter snapshotSet cannot be used with the parameter maxResults',
        );
      const isOwn = (names: readonly (string | undefined)[]): boolean =>
        names.length === 0 || names.some((name) => name === 'self' || name === world.accountId);
      const list =
        parameters.SnapshotId.length > 0
          ? fixedList(allOf('snapshot', parameters.SnapshotId, (id) => world.snapshots.get(id)))
          : world.snapshots.list;
      const own = isOwn(parameters.Owner) && isOwn(parameters.RestorableBy) ? list : fixedList<Snapshot>([]);
      const limits = { min: 5, max: 1000, byDefault: 1000, isCapped: true };
      const page = pageOf(own, parameters, limits, call, call.matches);
      return { snapshotSet: page.items.map((snapshot) => snapshotWire(world, snapshot)), nextToken: page.nextToken };
    },
  }),
];
