// Images that an account makes of its instances: a snapshot of each disk, available when the last of them is complete.
import { Ec2Error } from '../../../cloud/errors.ts';
import { presentOf } from '../../../cloud/instances.ts';
import type { InstanceRecord } from '../../../cloud/instances.ts';
import { action } from '../../action.ts';
import type { Action } from '../../action.ts';
import { oneOfKind } from '../../ids.ts';
import { boolean, notModelled, required, text } from '../../protocol/fields.ts';
import type { ImageDisk } from '../../records.ts';
import { tagSpecificationField, tagsOf } from '../../tags.ts';
import type { Tags } from '../../tags.ts';
import { replayOr } from '../../resource-tokens.ts';
import type { World } from '../../world.ts';
import { findImage, imageExists, rootOf } from './images.ts';
import { oneShown } from '../instances/describe-instances.ts';
import { tagsFor } from '../launching/launch-parameters.ts';
import { makeSnapshot } from '../storage/snapshots.ts';

/** Each disk of the instance with a new snapshot, the root first. */
function snapshotted(world: World, instance: InstanceRecord, imageId: string, tags: Tags): readonly ImageDisk[] {
  return (instance.details?.volumeIds ?? []).flatMap((id) => {
    const volume = world.volumes.get(id);
    const attachment = volume?.attachments.find((one) => one.instanceId === instance.id);
    if (!volume || !attachment) return [];
    const description = `Created by CreateImage(${instance.id}) for ${imageId}`;
    const snapshot = makeSnapshot(world, volume, { description, tags });
    return [
      {
        device: attachment.device,
        snapshotId: snapshot.id,
        sizeGib: volume.sizeGib,
        type: volume.type,
        isEncrypted: volume.isEncrypted,
        deleteOnTermination: attachment.deleteOnTermination,
      },
    ];
  });
}

function checkName(world: World, name: string): void {
  if (!/^[a-zA-Z0-9 ()[\]./\-'@_]{3,128}$/.test(name))
    throw new Ec2Error(
      'InvalidAMIName.Malformed',
      "AMI names must be between 3 and 128 characters long, and may contain letters, numbers, '(', ')', '.', '-', "
        + "'/' and '_'",
    );
  const other = world.images.all().find((image) => image.name === name);
  if (other) throw new Ec2Error('InvalidAMIName.Duplicate', `AMI name ${name} is already in use by AMI ${other.id}`);
}

const createImage = action({
  name: 'CreateImage',
  rate: 'mutating',
  fields: {
    BlockDeviceMapping: notModelled(),
    BootModeOverride: notModelled(),
    Description: text({ max: 255 }),
    InstanceId: required(text()),
    Name: required(text()),
    NoReboot: boolean(),
    SnapshotLocation: notModelled(),
    TagSpecification: tagSpecificationField,
  },
  run(world, parameters) {
    const { instance } = oneShown(world, parameters.InstanceId);
    const { state } = presentOf(instance);
    if (state !== 'running' && state !== 'stopped')
      throw new Ec2Error(
        'IncorrectInstanceState',
        `The instance '${instance.id}' is not in a state from which an image can be made; it is ${state}.`,
      );
    checkName(world, parameters.Name);
    for (const one of parameters.TagSpecification)
      if (one && one.ResourceType !== 'image' && one.ResourceType !== 'snapshot')
        throw new Ec2Error(
          'InvalidParameterValue',
          `'${one.ResourceType}' is not a valid taggable resource type for this operation.`,
        );
    const spec = world.specOf(instance);
    const id = world.newId('ami');
    const disks = snapshotted(world, instance, id, tagsFor('snapshot', parameters.TagSpecification));
    const completedAtMs = disks.map((disk) => world.snapshots.get(disk.snapshotId)?.completedAtMs ?? 0);
    world.images.put({
      id,
      name: parameters.Name,
      description: parameters.Description ?? '',
      architecture: spec?.architecture === 'arm64' ? 'arm64' : 'x86_64',
      platform: spec?.platform ?? null,
      sourceInstanceId: instance.id,
      disks,
      createdAtMs: world.nowMs(),
      availableAtMs: Math.max(world.nowMs(), ...completedAtMs),
      tags: tagsOf(parameters.TagSpecification.flatMap((one) => (one?.ResourceType === 'image' ? one.Tag : []))),
    });
    return { imageId: id };
  },
});

/** A copy of each disk's snapshot; the public shelf's are copied as if they were the account's. */
function copiedDisks(
  world: World,
  disks: readonly ImageDisk[],
  more: { readonly imageId: string; readonly sourceId: string; readonly isEncrypted: boolean; readonly tags: Tags },
): readonly ImageDisk[] {
  const startedAtMs = world.nowMs();
  return disks.map((disk) => {
    const isEncrypted = disk.isEncrypted || more.isEncrypted;
    const snapshot = world.snapshots.put({
      ...{ id: world.newId('snap'), volumeId: 'vol-ffffffff', sizeGib: disk.sizeGib, isEncrypted, kmsKeyId: null },
      description: `Copied for DestinationAmi ${more.imageId} from SourceAmi ${more.sourceId}`,
      startedAtMs,
      completedAtMs: startedAtMs + world.draw(world.options.snapshotMs),
      tags: more.tags,
    });
    return { ...disk, snapshotId: snapshot.id, isEncrypted };
  });
}

const copyImage = action({
  name: 'CopyImage',
  rate: 'mutating',
  fields: {
    ClientToken: text({ max: 64 }),
    CopyImageTags: boolean(),
    Description: text({ max: 255 }),
    DestinationAvailabilityZone: notModelled(),
    DestinationAvailabilityZoneId: notModelled(),
    DestinationOutpostArn: notModelled(),
    Encrypted: boolean(),
    KmsKeyId: notModelled(),
    Name: required(text()),
    SnapshotCopyCompletionDurationMinutes: notModelled(),
    SourceImageId: required(text()),
    SourceRegion: required(text()),
    TagSpecification: tagSpecificationField,
  },
  run(world, parameters, call) {
    if (parameters.SourceRegion !== world.region)
      throw new Ec2Error('UnsupportedOperation', 'Copies from another region are not modelled by this simulator');
    const make = (): string => {
      const source = findImage(world, parameters.SourceImageId);
      checkName(world, parameters.Name);
      const id = world.newId('ami');
      const own = tagsFor('image', parameters.TagSpecification);
      const disks = copiedDisks(world, [rootOf(source), ...source.disks], {
        ...{ imageId: id, sourceId: source.id, isEncrypted: parameters.Encrypted === true },
        tags: tagsFor('snapshot', parameters.TagSpecification),
      });
      const completedAtMs = disks.map((disk) => world.snapshots.get(disk.snapshotId)?.completedAtMs ?? 0);
      world.images.put({
        ...{ id, name: parameters.Name, architecture: source.architecture, platform: source.platform, disks },
        description: parameters.Description ?? `[Copied ${source.id} from ${world.region}] ${source.name}`,
        ...{ sourceInstanceId: source.own?.sourceInstanceId ?? null, sourceImageId: source.id },
        ...{ createdAtMs: world.nowMs(), availableAtMs: Math.max(world.nowMs(), ...completedAtMs) },
        tags: parameters.CopyImageTags === true ? { ...source.tags, ...own } : own,
      });
      return id;
    };
    return replayOr(world, 'CopyImage', parameters.ClientToken, call.parameters, {
      make,
      show: (id) => ({ imageId: id }),
    });
  },
});

const deregisterImage = action({
  name: 'DeregisterImage',
  rate: 'mutating',
  fields: { DeleteAssociatedSnapshots: boolean(), ImageId: required(text()) },
  run(world, parameters) {
    const { ImageId: wanted } = parameters;
    if (imageExists(world, wanted) && !world.images.has(wanted))
      throw new Ec2Error('AuthFailure', `Not authorized for image:${wanted}`, 403);
    const image = oneOfKind('image', wanted, (id) => world.images.get(id));
    world.images.delete(image.id);
    if (parameters.DeleteAssociatedSnapshots !== true) return { return: true };
    const results = image.disks.map(({ snapshotId }) => {
      const isShared = world.images.all().some((other) => other.disks.some((disk) => disk.snapshotId === snapshotId));
      if (!isShared) world.snapshots.delete(snapshotId);
      return { snapshotId, returnCode: isShared ? 'skipped' : 'success' };
    });
    return { return: true, deleteSnapshotResultSet: results };
  },
});

export const ownImageActions: readonly Action[] = [createImage, copyImage, deregisterImage];
