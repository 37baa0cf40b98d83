// EBS snapshots of the account's own volumes: of one, of all of an instance, and copies.
import { Ec2Error } from '../../../cloud/errors.ts';
import { action, done } from '../../action.ts';
import type { Action } from '../../action.ts';
import { allOf, oneOfKind } from '../../ids.ts';
import { boolean, integer, list, notModelled, oneOf, required, struct, text } from '../../protocol/fields.ts';
import { filterField } from '../../protocol/filters.ts';
import type { FilterTable } from '../../protocol/filters.ts';
import { fixedList, pageOf } from '../../protocol/paging.ts';
import type { Wire } from '../../protocol/xml.ts';
import type { Snapshot, Volume } from '../../records.ts';
import type { Tags } from '../../tags.ts';
import { tagSet, tagSpecificationField, tagsOnly } from '../../tags.ts';
import type { World } from '../../world.ts';
import { oneShown } from '../instances/describe-instances.ts';
import { ebsDefaultsOf } from './ebs-settings.ts';
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

/** Of the volume as it is now; complete after a while. */
export function makeSnapshot(
  world: World,
  volume: Volume,
  more: { readonly description: string; readonly tags: Tags },
): Snapshot {
  const startedAtMs = world.nowMs();
  return world.snapshots.put({
    id: world.newId('snap'),
    volumeId: volume.id,
    sizeGib: volume.sizeGib,
    description: more.description,
    isEncrypted: volume.isEncrypted,
    kmsKeyId: volume.kmsKeyId,
    startedAtMs,
    completedAtMs: startedAtMs + world.draw(world.options.snapshotMs),
    tags: more.tags,
  });
}

const createSnapshots = action({
  name: 'CreateSnapshots',
  rate: 'mutating',
  fields: {
    CopyTagsFromSource: oneOf('volume'),
    Description: text({ max: 255 }),
    InstanceSpecification: required(
      struct({ ExcludeBootVolume: boolean(), ExcludeDataVolumeId: list(text()), InstanceId: required(text()) }),
    ),
    Location: notModelled(),
    OutpostArn: notModelled(),
    TagSpecification: tagSpecificationField,
  },
  run(world, parameters) {
    const wanted = parameters.InstanceSpecification;
    const { instance } = oneShown(world, wanted.InstanceId);
    const ids = instance.details?.volumeIds ?? [];
    const excluded = allOf('volume', wanted.ExcludeDataVolumeId, (id) => world.volumes.get(id)).map(({ id }) => id);
    const volumes = ids
      .filter((id, at) => !(at === 0 && wanted.ExcludeBootVolume === true) && !excluded.includes(id))
      .flatMap((id) => world.volumes.get(id) ?? []);
    if (volumes.length === 0)
      throw new Ec2Error('InvalidParameterValue', `No volumes of instance '${instance.id}' are left to snapshot.`);
    const own = tagsOnly('snapshot', parameters.TagSpecification);
    const snapshots = volumes.map((volume) =>
      makeSnapshot(world, volume, {
        description: parameters.Description ?? '',
        tags: parameters.CopyTagsFromSource === 'volume' ? { ...volume.tags, ...own } : own,
      }),
    );
    return {
      snapshotSet: snapshots.map((snapshot) => {
        const { status: state, ...wire } = snapshotWire(world, snapshot);
        return {
          ...wire,
          state,
          kmsKeyId: undefined,
          storageTier: undefined,
          completionTime: undefined,
          transferType: undefined,
        };
      }),
    };
  },
});

const copySnapshot = action({
  name: 'CopySnapshot',
  rate: 'mutating',
  fields: {
    CompletionDurationMinutes: notModelled(),
    Description: text({ max: 255 }),
    DestinationAvailabilityZone: notModelled(),
    DestinationOutpostArn: notModelled(),
    DestinationRegion: text(),
    Encrypted: boolean(),
    KmsKeyId: text(),
    PresignedUrl: text(),
    SourceRegion: required(text()),
    SourceSnapshotId: required(text()),
    TagSpecification: tagSpecificationField,
  },
  run(world, parameters) {
    if (parameters.SourceRegion !== world.region)
      throw new Ec2Error('UnsupportedOperation', 'Copies from another region are not modelled by this simulator');
    const source = oneOfKind('snapshot', parameters.SourceSnapshotId, (id) => world.snapshots.get(id));
    if (source.completedAtMs > world.nowMs())
      throw new Ec2Error('IncorrectState', `Snapshot '${source.id}' is in the 'pending' state.`);
    const defaults = ebsDefaultsOf(world);
    const startedAtMs = world.nowMs();
    const copy = world.snapshots.put({
      ...source,
      id: world.newId('snap'),
      // EC2 shows an arbitrary id there, which leads nowhere.
      volumeId: 'vol-ffffffff',
      description: parameters.Description ?? '',
      isEncrypted: parameters.Encrypted === true || source.isEncrypted || defaults.isEncrypted,
      kmsKeyId: parameters.KmsKeyId ?? source.kmsKeyId ?? defaults.kmsKeyId,
      startedAtMs,
      completedAtMs: startedAtMs + world.draw(world.options.snapshotMs),
      tags: tagsOnly('snapshot', parameters.TagSpecification),
    });
    return { snapshotId: copy.id, tagSet: tagSet(copy.tags) };
  },
});

export const snapshotActions: readonly Action[] = [
  createSnapshots,
  copySnapshot,
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
      const tags = tagsOnly('snapshot', parameters.TagSpecification);
      const snapshot = makeSnapshot(world, volume, { description: parameters.Description ?? '', tags });
      return snapshotWire(world, snapshot);
    },
  }),
  action({
    name: 'DeleteSnapshot',
    rate: 'mutating',
    fields: { SnapshotId: required(text()) },
    run(world, parameters) {
      const { id } = oneOfKind('snapshot', parameters.SnapshotId, (wanted) => world.snapshots.get(wanted));
      const image = world.images.all().find((one) => one.disks.some((disk) => disk.snapshotId === id));
      if (image) throw new Ec2Error('InvalidSnapshot.InUse', `The snapshot ${id} is currently in use by ${image.id}`);
      world.snapshots.delete(id);
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
