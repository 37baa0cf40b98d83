// EBS volumes: creating, attaching, detaching (which hangs in `busy` while mounted), modifying once in six
// hours, deleting. Their states follow from times in the record; nothing ticks.
import { Ec2Error } from '../../../cloud/errors.ts';
import { presentOf } from '../../../cloud/instances.ts';
import type { InstanceDetails, InstanceRecord } from '../../../cloud/instances.ts';
import { action, done } from '../../action.ts';
import type { Action } from '../../action.ts';
import { allOf, oneOfKind } from '../../ids.ts';
import { boolean, integer, list, notModelled, oneOf, required, text } from '../../protocol/fields.ts';
import { missingParameter } from '../../protocol/fields.ts';
import { exactValues, filterField, neverMet } from '../../protocol/filters.ts';
import type { FilterTable } from '../../protocol/filters.ts';
import { fixedList, pageOf } from '../../protocol/paging.ts';
import type { ListFrom } from '../../protocol/paging.ts';
import { wholeSeconds } from '../../protocol/xml.ts';
import type { Wire } from '../../protocol/xml.ts';
import type { Volume, VolumeAttachment, VolumeModification, VolumeProperties } from '../../records.ts';
import { tagSet, tagSpecificationField, tagsOnly } from '../../tags.ts';
import { replayOr } from '../../resource-tokens.ts';
import type { World } from '../../world.ts';
import { oneShown } from '../instances/describe-instances.ts';
import { attachmentStatus } from '../instances/instance-wire.ts';
import { volumeTypes } from '../launching/launch-parameters.ts';
import { zoneIdOf, zoneOfId } from '../networks/network.ts';
import { ebsDefaultsOf } from './ebs-settings.ts';
import { volumeShape } from './volume-shape.ts';

/** "Volume limits": at most 28 attachments of interfaces, volumes and disks on most types; one is the interface. */
const attachmentsPerInstance = 27;

/** The volume as it is now: detachments that are over are taken away, in the record too. */
export function settled(world: World, volume: Volume): Volume {
  const nowMs = world.nowMs();
  const isOver = (one: VolumeAttachment): boolean =>
    one.detachedAtMs !== null && one.detachedAtMs <= nowMs && !one.isMounted;
  if (!volume.attachments.some(isOver)) return volume;
  for (const attachment of volume.attachments.filter(isOver)) {
    const instance = world.cloud.record(attachment.instanceId);
    if (instance?.details)
      world.setDetails(instance, {
        ...instance.details,
        volumeIds: instance.details.volumeIds.filter((id) => id !== volume.id),
      });
  }
  return world.volumes.put({ ...volume, attachments: volume.attachments.filter((one) => !isOver(one)) });
}

function settledList(world: World, list: ListFrom<Volume>): ListFrom<Volume> {
  return function* (after) {
    for (const { place, item } of list(after)) yield { place, item: settled(world, item) };
  };
}

function findVolume(world: World, id: string): Volume {
  return settled(
    world,
    oneOfKind('volume', id, (wanted) => world.volumes.get(wanted)),
  );
}

function statusOf(world: World, volume: Volume): string {
  if (volume.attachments.length > 0) return 'in-use';
  return volume.availableAtMs > world.nowMs() ? 'creating' : 'available';
}

/** Size and speed as they are now: a modification shows when it leaves `modifying`. */
function propertiesOf(world: World, volume: Volume): VolumeProperties {
  const { modification } = volume;
  return modification && modification.optimizingAtMs > world.nowMs() ? modification.from : volume;
}

function attachmentWire(world: World, volumeId: string, attachment: VolumeAttachment): Readonly<Record<string, Wire>> {
  return {
    volumeId,
    instanceId: attachment.instanceId,
    device: attachment.device,
    status: attachmentStatus(attachment, world.nowMs()),
    attachTime: wholeSeconds(attachment.attachedAtMs),
    deleteOnTermination: attachment.deleteOnTermination,
  };
}

function volumeWire(world: World, volume: Volume): Readonly<Record<string, Wire>> {
  const shape = propertiesOf(world, volume);
  return {
    volumeId: volume.id,
    size: shape.sizeGib,
    snapshotId: volume.snapshotId,
    availabilityZone: volume.zone,
    availabilityZoneId: zoneIdOf(world, volume.zone),
    status: statusOf(world, volume),
    createTime: new Date(volume.createdAtMs),
    attachmentSet: volume.attachments.map((attachment) => attachmentWire(world, volume.id, attachment)),
    encrypted: volume.isEncrypted,
    kmsKeyId: kmsKeyOf(world, volume),
    iops: shape.iops,
    throughput: shape.throughput,
    volumeType: shape.type,
    multiAttachEnabled: shape.isMultiAttach,
    operator: { managed: false },
    tagSet: tagSet(volume.tags) ?? [],
  };
}

export function kmsKeyOf(
  world: World,
  encrypted: { readonly isEncrypted: boolean; readonly kmsKeyId: string | null },
): string | undefined {
  if (!encrypted.isEncrypted) return undefined;
  return encrypted.kmsKeyId ?? `arn:aws:kms:${world.region}:${world.accountId}:key/aws-ebs`;
}

function modificationState(world: World, modification: VolumeModification): 'modifying' | 'optimizing' | 'completed' {
  const nowMs = world.nowMs();
  if (modification.optimizingAtMs > nowMs) return 'modifying';
  return modification.completedAtMs > nowMs ? 'optimizing' : 'completed';
}

function modificationWire(
  world: World,
  volumeId: string,
  modification: VolumeModification,
): Readonly<Record<string, Wire>> {
  const state = modificationState(world, modification);
  const { from, to, optimizingAtMs, completedAtMs } = modification;
  const progress =
    state === 'modifying'
      ? 0
      : Math.min(
          100,
          Math.floor((100 * (world.nowMs() - optimizingAtMs)) / Math.max(1, completedAtMs - optimizingAtMs)),
        );
  return {
    volumeId,
    modificationState: state,
    targetSize: to.sizeGib,
    targetIops: to.iops,
    targetVolumeType: to.type,
    targetThroughput: to.throughput,
    targetMultiAttachEnabled: to.isMultiAttach,
    originalSize: from.sizeGib,
    originalIops: from.iops,
    originalVolumeType: from.type,
    originalThroughput: from.throughput,
    originalMultiAttachEnabled: from.isMultiAttach,
    progress: state === 'completed' ? 100 : progress,
    startTime: new Date(modification.startedAtMs),
    endTime: state === 'completed' ? new Date(completedAtMs) : undefined,
  };
}

const volumeFilters = (world: World): FilterTable<Volume> => ({
  'attachment.attach-time': (volume) => volume.attachments.map((one) => wholeSeconds(one.attachedAtMs).toISOString()),
  'attachment.delete-on-termination': (volume) => volume.attachments.map((one) => one.deleteOnTermination),
  'attachment.device': (volume) => volume.attachments.map((one) => one.device),
  'attachment.instance-id': (volume) => volume.attachments.map((one) => one.instanceId),
  'attachment.status': {
    of: (volume) => volume.attachments.map((one) => attachmentStatus(one, world.nowMs())),
    allowed: ['attaching', 'attached', 'detaching', 'detached', 'busy'],
  },
  'availability-zone': (volume) => volume.zone,
  'availability-zone-id': (volume) => zoneIdOf(world, volume.zone),
  'create-time': (volume) => new Date(volume.createdAtMs).toISOString(),
  encrypted: { of: (volume) => volume.isEncrypted, allowed: ['true', 'false'] },
  'fast-restored': () => false,
  'multi-attach-enabled': { of: (volume) => volume.isMultiAttach, allowed: ['true', 'false'] },
  'operator.managed': () => false,
  ...neverMet('operator.principal'),
  size: (volume) => propertiesOf(world, volume).sizeGib,
  'snapshot-id': (volume) => volume.snapshotId,
  status: {
    of: (volume) => statusOf(world, volume),
    allowed: ['creating', 'available', 'in-use', 'deleting', 'deleted', 'error'],
  },
  'volume-id': (volume) => volume.id,
  'volume-type': { of: (volume) => propertiesOf(world, volume).type, allowed: volumeTypes },
});

interface Modified {
  readonly volume: Volume;
  readonly modification: VolumeModification;
  readonly tags: Readonly<Record<string, string>>;
}

function modifiedList(list: ListFrom<Volume>): ListFrom<Modified> {
  return function* (after) {
    for (const { place, item: volume } of list(after))
      if (volume.modification) yield { place, item: { volume, modification: volume.modification, tags: volume.tags } };
  };
}

const modificationFilters = (world: World): FilterTable<Modified> => ({
  'modification-state': {
    of: (one) => modificationState(world, one.modification),
    allowed: ['modifying', 'optimizing', 'completed', 'failed'],
  },
  'original-iops': (one) => one.modification.from.iops,
  'original-size': (one) => one.modification.from.sizeGib,
  'original-volume-type': (one) => one.modification.from.type,
  originalMultiAttachEnabled: (one) => one.modification.from.isMultiAttach,
  targetMultiAttachEnabled: (one) => one.modification.to.isMultiAttach,
  'start-time': (one) => new Date(one.modification.startedAtMs).toISOString(),
  'target-iops': (one) => one.modification.to.iops,
  'target-size': (one) => one.modification.to.sizeGib,
  'target-volume-type': (one) => one.modification.to.type,
  'volume-id': (one) => one.volume.id,
});

const createFields = {
  AvailabilityZone: text(),
  AvailabilityZoneId: text(),
  ClientToken: text({ max: 64 }),
  Encrypted: boolean(),
  Iops: integer({ min: 1 }),
  KmsKeyId: text(),
  MultiAttachEnabled: boolean(),
  Size: integer({ min: 1 }),
  SnapshotId: text(),
  TagSpecification: tagSpecificationField,
  Throughput: integer({ min: 1 }),
  VolumeType: oneOf(...volumeTypes),
  VolumeInitializationRate: integer(),
  OutpostArn: notModelled(),
  Operator: notModelled(),
} as const;

const createVolume = action({
  name: 'CreateVolume',
  rate: 'mutating',
  fields: createFields,
  run(world, parameters, call) {
    return replayOr(world, 'CreateVolume', parameters.ClientToken, call.parameters, {
      make() {
        const zone =
          parameters.AvailabilityZone
          ?? (parameters.AvailabilityZoneId === undefined
            ? undefined
            : (zoneOfId(world, parameters.AvailabilityZoneId) ?? parameters.AvailabilityZoneId));
        if (zone === undefined) throw new Ec2Error('MissingParameter', 'The request must contain the parameter zone');
        if (!world.zones.includes(zone))
          throw new Ec2Error('InvalidZone.NotFound', `The zone '${zone}' does not exist.`);
        const snapshot =
          parameters.SnapshotId === undefined || parameters.SnapshotId === ''
            ? null
            : oneOfKind('snapshot', parameters.SnapshotId, (id) => world.snapshots.get(id));
        if (snapshot && parameters.Size !== undefined && parameters.Size < snapshot.sizeGib) {
          throw new Ec2Error(
            'InvalidParameterValue',
            `Volume of ${parameters.Size}GiB is smaller than snapshot '${snapshot.id}' of ${snapshot.sizeGib}GiB`,
          );
        }
        if (snapshot && snapshot.completedAtMs > world.nowMs())
          throw new Ec2Error('IncorrectState', `Snapshot '${snapshot.id}' is in the 'pending' state.`);
        const shape = volumeShape({
          sizeGib: parameters.Size ?? snapshot?.sizeGib,
          type: parameters.VolumeType,
          iops: parameters.Iops,
          throughput: parameters.Throughput,
        });
        const isMultiAttach = parameters.MultiAttachEnabled ?? false;
        if (isMultiAttach && shape.type !== 'io1' && shape.type !== 'io2')
          throw new Ec2Error(
            'InvalidParameterCombination',
            `MultiAttach is only supported for io1 and io2 volumes, not for ${shape.type}.`,
          );
        if (parameters.Encrypted !== true && !snapshot?.isEncrypted && parameters.KmsKeyId !== undefined)
          throw new Ec2Error(
            'InvalidParameterDependency',
            'The parameter KmsKeyId requires the parameter Encrypted to be set.',
          );
        const createdAtMs = world.nowMs();
        const defaults = ebsDefaultsOf(world);
        return world.volumes.put({
          id: world.newId('vol'),
          zone,
          ...shape,
          isEncrypted: parameters.Encrypted === true || snapshot?.isEncrypted === true || defaults.isEncrypted,
          kmsKeyId: parameters.KmsKeyId ?? snapshot?.kmsKeyId ?? defaults.kmsKeyId,
          isMultiAttach,
          snapshotId: snapshot?.id ?? '',
          createdAtMs,
          availableAtMs: createdAtMs + world.draw(world.options.volumeCreateMs),
          attachments: [],
          modification: null,
          tags: tagsOnly('volume', parameters.TagSpecification),
        }).id;
      },
      show: (id) => volumeWire(world, findVolume(world, id)),
    });
  },
});

/** Launched through the cloud port, which knows of no disks: its root comes first all the same. */
function withoutFront(instance: InstanceRecord): InstanceDetails {
  return {
    launchSpecId: 'compute-port',
    subnetId: '',
    privateIp: null,
    securityGroupIds: [],
    volumeIds: [`root of ${instance.id}`],
  };
}

const attachVolume = action({
  name: 'AttachVolume',
  rate: 'mutating',
  check: (world, parameters) => void findVolume(world, parameters.VolumeId),
  fields: {
    Device: required(text()),
    InstanceId: required(text()),
    VolumeId: required(text()),
    EbsCardIndex: notModelled(),
  },
  run(world, parameters) {
    const volume = findVolume(world, parameters.VolumeId);
    const { instance } = oneShown(world, parameters.InstanceId);
    const { Device: device } = parameters;
    if (!/^(\/dev\/(sd|xvd|hd)[a-z]{1,2}\d{0,2}|xvd[a-z]{1,2}|sd[a-z]\d{0,2})$/.test(device)) {
      throw new Ec2Error(
        'InvalidParameterValue',
        `Value (${device}) for parameter device is invalid. ${device} is not a valid EBS device name.`,
      );
    }
    const attachedHere = volume.attachments.find((one) => one.instanceId === instance.id);
    if (attachedHere || (volume.attachments.length > 0 && !volume.isMultiAttach))
      throw new Ec2Error('VolumeInUse', `${volume.id} is already attached to an instance`);
    if (volume.availableAtMs > world.nowMs())
      throw new Ec2Error('IncorrectState', `Volume '${volume.id}' is not 'available'.`);
    const { state } = presentOf(instance);
    if (state !== 'running' && state !== 'stopped')
      throw new Ec2Error('IncorrectState', `Instance '${instance.id}' is not 'running'.`);
    if (volume.zone !== instance.zone)
      throw new Ec2Error(
        'InvalidVolume.ZoneMismatch',
        `The volume '${volume.id}' is not in the same availability zone as instance '${instance.id}'`,
      );
    const details = instance.details ?? withoutFront(instance);
    const isTaken = details.volumeIds.some((id) =>
      world.volumes.get(id)?.attachments.some((one) => one.instanceId === instance.id && one.device === device),
    );
    if (isTaken)
      throw new Ec2Error(
        'InvalidParameterValue',
        `Invalid value '${device}' for unixDevice. Attachment point ${device} is already in use`,
      );
    if (details.volumeIds.length >= attachmentsPerInstance)
      throw new Ec2Error(
        'AttachmentLimitExceeded',
        `The maximum number of attachments of instance '${instance.id}' is reached.`,
      );
    const attachment: VolumeAttachment = {
      instanceId: instance.id,
      device,
      attachedAtMs: world.nowMs() + world.draw(world.options.volumeAttachMs),
      deleteOnTermination: false,
      detachingSinceMs: null,
      detachedAtMs: null,
      isMounted: false,
    };
    world.volumes.put({ ...volume, attachments: [...volume.attachments, attachment] });
    world.setDetails(instance, { ...details, volumeIds: [...details.volumeIds, volume.id] });
    return attachmentWire(world, volume.id, attachment);
  },
});

const detachVolume = action({
  name: 'DetachVolume',
  rate: 'mutating',
  check: (world, parameters) => void findVolume(world, parameters.VolumeId),
  fields: { Device: text(), Force: boolean(), InstanceId: text(), VolumeId: required(text()) },
  run(world, parameters) {
    const volume = findVolume(world, parameters.VolumeId);
    if (volume.attachments.length === 0)
      throw new Ec2Error('IncorrectState', `Volume '${volume.id}' is in the '${statusOf(world, volume)}' state.`);
    if (parameters.InstanceId !== undefined) oneShown(world, parameters.InstanceId);
    else if (volume.attachments.length > 1) throw missingParameter('InstanceId');
    const attachment = volume.attachments.find(
      (one) => parameters.InstanceId === undefined || one.instanceId === parameters.InstanceId,
    );
    if (!attachment)
      throw new Ec2Error(
        'InvalidAttachment.NotFound',
        `The volume '${volume.id}' is not attached to instance '${parameters.InstanceId ?? ''}'`,
      );
    if (parameters.Device !== undefined && parameters.Device !== attachment.device)
      throw new Ec2Error(
        'InvalidAttachment.NotFound',
        `The volume '${volume.id}' is not attached to instance '${attachment.instanceId}' as device `
          + `'${parameters.Device}'`,
      );
    const instance = world.cloud.record(attachment.instanceId);
    const isRoot = instance?.details?.volumeIds[0] === volume.id;
    if (instance && isRoot && presentOf(instance).state !== 'stopped')
      throw new Ec2Error(
        'OperationNotPermitted',
        `Unable to detach root volume '${volume.id}' from instance '${instance.id}'`,
      );
    if (attachment.detachingSinceMs !== null && parameters.Force !== true)
      throw new Ec2Error(
        'IncorrectState',
        `Volume '${volume.id}' is in the '${attachmentStatus(attachment, world.nowMs())}' state.`,
      );
    const detachingSinceMs = attachment.detachingSinceMs ?? world.nowMs();
    const detaching: VolumeAttachment = {
      ...attachment,
      detachingSinceMs,
      detachedAtMs: world.nowMs() + world.draw(world.options.volumeDetachMs),
      isMounted: attachment.isMounted && parameters.Force !== true,
    };
    world.volumes.put({
      ...volume,
      attachments: volume.attachments.map((one) => (one === attachment ? detaching : one)),
    });
    if (instance?.details) world.setDetails(instance, { ...instance.details });
    return attachmentWire(world, volume.id, detaching);
  },
});

const modifyVolume = action({
  name: 'ModifyVolume',
  rate: 'mutating',
  check: (world, parameters) => void findVolume(world, parameters.VolumeId),
  fields: {
    VolumeId: required(text()),
    Size: integer({ min: 1 }),
    VolumeType: oneOf(...volumeTypes),
    Iops: integer({ min: 1 }),
    Throughput: integer({ min: 1 }),
    MultiAttachEnabled: boolean(),
  },
  run(world, parameters) {
    const volume = findVolume(world, parameters.VolumeId);
    const { Size: size, VolumeType: type, Iops: iops, Throughput: throughput, MultiAttachEnabled: multi } = parameters;
    if (
      size === undefined
      && type === undefined
      && iops === undefined
      && throughput === undefined
      && multi === undefined
    ) {
      throw new Ec2Error(
        'InvalidParameterCombination',
        'At least one of size, volume type, iops, throughput or multi-attach must be given.',
      );
    }
    if (volume.availableAtMs > world.nowMs())
      throw new Ec2Error('IncorrectState', `Volume '${volume.id}' is in the 'creating' state.`);
    const nowMs = world.nowMs();
    const { modification: earlier } = volume;
    if (earlier && modificationState(world, earlier) !== 'completed')
      throw new Ec2Error(
        'IncorrectModificationState',
        `Volume '${volume.id}' is in the '${modificationState(world, earlier)}' state and cannot be modified.`,
      );
    if (earlier && nowMs - earlier.startedAtMs < world.options.modifyAgainAfterMs) {
      throw new Ec2Error(
        'VolumeModificationRateExceeded',
        "You've reached the maximum modification rate per volume limit. Wait at least 6 hours between "
          + 'modifications per EBS volume.',
      );
    }
    if (size !== undefined && size < volume.sizeGib)
      throw new Ec2Error('InvalidParameterValue', `New size cannot be smaller than existing size`);
    const keeps = type === undefined || type === volume.type;
    const shape = volumeShape({
      sizeGib: size ?? volume.sizeGib,
      type: type ?? volume.type,
      iops: iops ?? (keeps && volume.type !== 'gp2' ? (volume.iops ?? undefined) : undefined),
      throughput: throughput ?? (keeps ? (volume.throughput ?? undefined) : undefined),
    });
    const to: VolumeProperties = { ...shape, isMultiAttach: multi ?? volume.isMultiAttach };
    const optimizingAtMs = nowMs + world.draw(world.options.modifyMs);
    const modification: VolumeModification = {
      from: {
        sizeGib: volume.sizeGib,
        type: volume.type,
        iops: volume.iops,
        throughput: volume.throughput,
        isMultiAttach: volume.isMultiAttach,
      },
      to,
      startedAtMs: nowMs,
      optimizingAtMs,
      completedAtMs: optimizingAtMs + world.draw(world.options.optimizeMs),
    };
    world.volumes.put({ ...volume, ...to, modification });
    return { volumeModification: modificationWire(world, volume.id, modification) };
  },
});

/** Those of the instances that are named, the others passed over; null: none is named. */
function ofInstances(world: World, filters: ReturnType<typeof filterField.parse>): ListFrom<Volume> | null {
  const ids = exactValues(filters, 'attachment.instance-id');
  if (ids === null) return null;
  const volumeIds = new Set(ids.flatMap((id) => world.cloud.record(id)?.details?.volumeIds ?? []));
  return function* (after) {
    for (const placed of world.volumes.list(after)) if (volumeIds.has(placed.item.id)) yield placed;
  };
}

export const volumeActions: readonly Action[] = [
  createVolume,
  attachVolume,
  detachVolume,
  modifyVolume,
  action({
    name: 'DeleteVolume',
    rate: 'mutating',
    check: (world, parameters) => void findVolume(world, parameters.VolumeId),
    fields: { VolumeId: required(text()) },
    run(world, parameters) {
      const volume = findVolume(world, parameters.VolumeId);
      const [attachment] = volume.attachments;
      if (attachment)
        throw new Ec2Error('VolumeInUse', `Volume ${volume.id} is currently attached to ${attachment.instanceId}`);
      if (volume.availableAtMs > world.nowMs())
        throw new Ec2Error('IncorrectState', `Volume '${volume.id}' is in the 'creating' state.`);
      world.volumes.delete(volume.id);
      return done;
    },
  }),
  action({
    name: 'DescribeVolumes',
    rate: 'non-mutating',
    isDearUnfiltered: true,
    filters: volumeFilters,
    fields: {
      VolumeId: list(text()),
      Filter: filterField,
      MaxResults: integer(),
      NextToken: text(),
      IncludeManagedResources: boolean(),
    },
    run(world, parameters, call) {
      if (parameters.VolumeId.length > 0 && parameters.MaxResults !== undefined)
        throw new Ec2Error(
          'InvalidParameterCombination',
          'The parameter volumeSet cannot be used with the parameter maxResults',
        );
      const list =
        parameters.VolumeId.length > 0
          ? fixedList(allOf('volume', parameters.VolumeId, (id) => world.volumes.get(id)))
          : (ofInstances(world, parameters.Filter) ?? world.volumes.list);
      const limits = { min: 5, max: 500, byDefault: 500, isCapped: true };
      const page = pageOf(settledList(world, list), parameters, limits, call, call.matches);
      return { volumeSet: page.items.map((volume) => volumeWire(world, volume)), nextToken: page.nextToken };
    },
  }),
  action({
    name: 'DescribeVolumesModifications',
    rate: 'non-mutating',
    filters: modificationFilters,
    fields: {
      VolumeId: list(text()),
      Filter: filterField,
      MaxResults: integer(),
      NextToken: text(),
      IncludeManagedResources: boolean(),
    },
    run(world, parameters, call) {
      const named = allOf('volume', parameters.VolumeId, (id) => world.volumes.get(id));
      const unmodified = named.find((volume) => !volume.modification);
      if (unmodified)
        throw new Ec2Error(
          'InvalidVolumeModification.NotFound',
          `Modification for volume '${unmodified.id}' does not exist.`,
        );
      const list = modifiedList(named.length > 0 ? fixedList(named) : world.volumes.list);
      const page = pageOf(list, parameters, { min: 1, max: 500, byDefault: 500 }, call, call.matches);
      return {
        volumeModificationSet: page.items.map((one) => modificationWire(world, one.volume.id, one.modification)),
        nextToken: page.nextToken,
      };
    },
  }),
];
