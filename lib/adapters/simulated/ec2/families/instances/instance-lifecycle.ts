// Changing instances: terminate, stop, start, reboot, and the attributes that may change.
import { Ec2Error } from '../../../cloud/errors.ts';
import { isAlive, presentOf } from '../../../cloud/instances.ts';
import type { InstanceDetails, InstanceRecord } from '../../../cloud/instances.ts';
import type { InstanceState } from '../../../../../ports/cloud.ts';
import { action, done } from '../../action.ts';
import type { Action } from '../../action.ts';
import { allOf, checkIds } from '../../ids.ts';
import { boolean, list, notModelled, oneOf, required, struct, text, withoutEffect } from '../../protocol/fields.ts';
import { missingParameter } from '../../protocol/fields.ts';
import type { QueryNode } from '../../protocol/query.ts';
import type { Wire } from '../../protocol/xml.ts';
import type { World } from '../../world.ts';
import { attributeField, instanceAttributes, oneShown, shownInstances } from './describe-instances.ts';
import { stateCodes } from './instance-wire.ts';
import { checkUserData, findType, groupsPerInterfaceMax } from '../launching/launch.ts';

const idCount = (node: QueryNode): number => Math.max(1, node.children.get('InstanceId')?.children.size ?? 1);

function changesWire(changes: readonly { readonly instance: InstanceRecord; readonly before: InstanceState }[]): Wire {
  const stateWire = (state: InstanceState): Wire => ({ code: stateCodes[state], name: state });
  return {
    instancesSet: changes.map(({ instance, before }) => ({
      instanceId: instance.id,
      currentState: stateWire(presentOf(instance).state),
      previousState: stateWire(before),
    })),
  };
}

export function requireInstances(ids: readonly (string | undefined)[]): void {
  if (ids.length === 0) throw new Ec2Error('InvalidParameterCombination', 'No instances specified');
}

export function shownRecords(world: World, ids: readonly (string | undefined)[]): readonly InstanceRecord[] {
  requireInstances(ids);
  return shownInstances(world, ids).map((one) => one.instance);
}

function checkStop(world: World, instance: InstanceRecord, isHibernating: boolean): void {
  const { state } = presentOf(instance);
  const spec = world.specOf(instance);
  if (state !== 'running' && state !== 'stopping' && state !== 'stopped') {
    throw new Ec2Error(
      'IncorrectInstanceState',
      `This instance '${instance.id}' is not in a state from which it can be stopped.`,
    );
  }
  if (instance.capacityType === 'spot') {
    if (spec?.spotType !== 'persistent') {
      throw new Ec2Error(
        'UnsupportedOperation',
        `You can't stop the Spot Instance '${instance.id}' because it is associated with a one-time Spot `
          + 'Instance request. You can only stop Spot Instances associated with persistent Spot Instance requests.',
      );
    }
    if (isHibernating)
      throw new Ec2Error(
        'UnsupportedOperation',
        `You can't hibernate the Spot Instance '${instance.id}'; EC2 hibernates Spot Instances on interruption only.`,
      );
  }
  if (instance.details?.changed?.disableApiStop ?? spec?.parameters.DisableApiStop ?? false) {
    throw new Ec2Error(
      'OperationNotPermitted',
      `The instance '${instance.id}' may not be stopped. Modify its 'disableApiStop' instance attribute and try again.`,
    );
  }
  if (!isHibernating || state !== 'running') return;
  if (spec?.parameters.HibernationOptions?.Configured !== true) {
    throw new Ec2Error(
      'UnsupportedHibernationConfiguration',
      `The instance '${instance.id}' is not enabled for hibernation; hibernation is set when an instance is launched.`,
    );
  }
  if (world.nowMs() - presentOf(instance).atMs < world.options.hibernationReadyMs) {
    throw new Ec2Error(
      'UnsupportedOperation',
      `Instance '${instance.id}' is not ready to hibernate yet. Try again in a few minutes.`,
    );
  }
}

export const lifecycleActions: readonly Action[] = [
  action({
    name: 'TerminateInstances',
    rate: 'mutating',
    resources: idCount,
    check: (world, parameters) => void shownRecords(world, parameters.InstanceId),
    fields: { InstanceId: list(text()), Force: withoutEffect(), SkipOsShutdown: withoutEffect() },
    run(world, parameters) {
      requireInstances(parameters.InstanceId);
      const ids = checkIds('instance', parameters.InstanceId);
      return changesWire(world.cloud.terminate(ids));
    },
  }),
  action({
    name: 'StopInstances',
    rate: 'mutating',
    resources: idCount,
    check: (world, parameters) => void shownRecords(world, parameters.InstanceId),
    fields: { InstanceId: list(text()), Hibernate: boolean(), Force: withoutEffect(), SkipOsShutdown: withoutEffect() },
    run(world, parameters) {
      const instances = shownRecords(world, parameters.InstanceId);
      const isHibernating = parameters.Hibernate ?? false;
      for (const instance of instances) checkStop(world, instance, isHibernating);
      const reason = isHibernating
        ? { code: 'Client.UserInitiatedHibernate', message: 'Client.UserInitiatedHibernate: User initiated hibernate' }
        : { code: 'Client.UserInitiatedShutdown', message: 'Client.UserInitiatedShutdown: User initiated shutdown' };
      return changesWire(instances.map((instance) => ({ instance, before: world.cloud.stop(instance, reason) })));
    },
  }),
  action({
    name: 'StartInstances',
    rate: 'resource-intensive',
    resources: idCount,
    check: (world, parameters) => void shownRecords(world, parameters.InstanceId),
    fields: { InstanceId: list(text()), AdditionalInfo: withoutEffect() },
    run(world, parameters) {
      const instances = shownRecords(world, parameters.InstanceId);
      for (const instance of instances) {
        const { state } = presentOf(instance);
        if (state !== 'stopped' && state !== 'pending' && state !== 'running') {
          throw new Ec2Error(
            'IncorrectInstanceState',
            `The instance '${instance.id}' is not in a state from which it can be started.`,
          );
        }
      }
      return changesWire(instances.map((instance) => ({ instance, before: world.cloud.start(instance) })));
    },
  }),
  action({
    name: 'RebootInstances',
    rate: 'mutating',
    resources: idCount,
    check: (world, parameters) => void shownRecords(world, parameters.InstanceId),
    fields: { InstanceId: list(text()) },
    run(world, parameters) {
      for (const instance of shownRecords(world, parameters.InstanceId)) {
        const { state } = presentOf(instance);
        if (state !== 'running' && state !== 'pending') {
          throw new Ec2Error(
            'IncorrectInstanceState',
            `The instance '${instance.id}' is not in a state from which it can be rebooted.`,
          );
        }
      }
      return done;
    },
  }),
  action({
    name: 'ModifyInstanceAttribute',
    rate: 'mutating',
    fields: {
      InstanceId: required(text()),
      Attribute: attributeField(instanceAttributes, [
        'instanceType',
        'userData',
        'disableApiTermination',
        'disableApiStop',
        'instanceInitiatedShutdownBehavior',
        'sourceDestCheck',
        'ebsOptimized',
      ]),
      Value: text(),
      BlockDeviceMapping: list(
        struct({
          DeviceName: required(text()),
          Ebs: struct({ DeleteOnTermination: boolean(), VolumeId: text() }),
          NoDevice: notModelled(),
          VirtualName: notModelled(),
        }),
      ),
      DisableApiStop: struct({ Value: required(boolean()) }),
      DisableApiTermination: struct({ Value: required(boolean()) }),
      EbsOptimized: struct({ Value: required(boolean()) }),
      EnaSupport: notModelled(),
      EnclaveOptions: notModelled(),
      GroupId: list(text()),
      InstanceInitiatedShutdownBehavior: struct({ Value: required(oneOf('stop', 'terminate')) }),
      InstanceType: struct({ Value: required(text()) }),
      Kernel: notModelled(),
      Ramdisk: notModelled(),
      SourceDestCheck: struct({ Value: required(boolean()) }),
      SriovNetSupport: notModelled(),
      UserData: struct({ Value: required(text()) }),
    },
    run(world, parameters) {
      const { instance } = oneShown(world, parameters.InstanceId);
      const { Attribute: attribute, Value: value } = parameters;
      if (attribute !== undefined && value === undefined) throw missingParameter('Value');
      const flag = (name: typeof attribute, given: { readonly Value: boolean } | undefined): boolean | undefined =>
        given?.Value ?? (attribute === name ? asFlag(value) : undefined);
      const word = (name: typeof attribute, given: { readonly Value: string } | undefined): string | undefined =>
        given?.Value ?? (attribute === name ? value : undefined);
      const wanted = {
        instanceType: word('instanceType', parameters.InstanceType),
        userData: word('userData', parameters.UserData),
        shutdownBehavior: word('instanceInitiatedShutdownBehavior', parameters.InstanceInitiatedShutdownBehavior),
        disableApiStop: flag('disableApiStop', parameters.DisableApiStop),
        isProtected: flag('disableApiTermination', parameters.DisableApiTermination),
        sourceDestCheck: flag('sourceDestCheck', parameters.SourceDestCheck),
        ebsOptimized: flag('ebsOptimized', parameters.EbsOptimized),
      };
      const groups =
        parameters.GroupId.length > 0
          ? allOf('securityGroup', parameters.GroupId, (id) => world.securityGroups.get(id)).map((group) => group.id)
          : undefined;
      const named =
        Object.values(wanted).filter((one) => one !== undefined).length
        + (groups ? 1 : 0)
        + (parameters.BlockDeviceMapping.length > 0 ? 1 : 0);
      if (named === 0) throw new Ec2Error('InvalidParameterCombination', 'No attributes specified.');
      if (named > 1) throw new Ec2Error('InvalidParameterCombination', 'Fields for multiple attribute types specified');
      if (!isAlive(instance))
        throw new Ec2Error(
          'IncorrectInstanceState',
          `Instance '${instance.id}' is ${presentOf(instance).state}; its attributes cannot be modified.`,
        );
      modify(world, instance, wanted, groups, parameters.BlockDeviceMapping);
      return done;
    },
  }),
];

function asFlag(value: string | undefined): boolean {
  if (value === 'true' || value === 'false') return value === 'true';
  throw new Ec2Error(
    'InvalidParameterValue',
    `Value (${value ?? ''}) for parameter value is invalid. It must be 'true' or 'false'`,
  );
}

interface Wanted {
  readonly instanceType: string | undefined;
  readonly userData: string | undefined;
  readonly shutdownBehavior: string | undefined;
  readonly disableApiStop: boolean | undefined;
  readonly isProtected: boolean | undefined;
  readonly sourceDestCheck: boolean | undefined;
  readonly ebsOptimized: boolean | undefined;
}

/** These change only while the instance is stopped. */
function requireStopped(instance: InstanceRecord): void {
  if (presentOf(instance).state !== 'stopped')
    throw new Ec2Error('IncorrectInstanceState', `The instance '${instance.id}' is not in the 'stopped' state.`);
}

interface DeviceMapping {
  readonly DeviceName: string;
  readonly Ebs: { readonly DeleteOnTermination: boolean | undefined } | undefined;
}

/** What was changed since the launch, beside what was changed before. */
export function changeDetails(
  world: World,
  instance: InstanceRecord,
  changed: NonNullable<InstanceDetails['changed']>,
): void {
  const { details } = instance;
  if (details) world.setDetails(instance, { ...details, changed: { ...details.changed, ...changed } });
}

function modify(
  world: World,
  instance: InstanceRecord,
  wanted: Wanted,
  groups: readonly string[] | undefined,
  mappings: readonly (DeviceMapping | undefined)[],
): void {
  const { details } = instance;
  if (!details) return;
  const change = (changed: NonNullable<InstanceDetails['changed']>): void => changeDetails(world, instance, changed);
  if (wanted.isProtected !== undefined) protect(world, instance, wanted.isProtected);
  if (wanted.instanceType !== undefined) {
    requireStopped(instance);
    findType(world, wanted.instanceType);
    world.cloud.setInstanceType(instance, wanted.instanceType);
    world.setDetails(instance, { ...details });
  }
  if (wanted.userData !== undefined) {
    requireStopped(instance);
    checkUserData(wanted.userData);
    change({ userData: wanted.userData });
  }
  if (wanted.ebsOptimized !== undefined) {
    requireStopped(instance);
    change({ ebsOptimized: wanted.ebsOptimized });
  }
  if (wanted.shutdownBehavior !== undefined) change({ shutdownBehavior: checkedBehavior(wanted.shutdownBehavior) });
  if (wanted.disableApiStop !== undefined) change({ disableApiStop: wanted.disableApiStop });
  if (wanted.sourceDestCheck !== undefined) change({ sourceDestCheck: wanted.sourceDestCheck });
  if (groups && groups.length > groupsPerInterfaceMax)
    throw new Ec2Error(
      'SecurityGroupsPerInterfaceLimitExceeded',
      'The maximum number of security groups per interface has been reached.',
    );
  if (groups) world.setDetails(instance, { ...details, securityGroupIds: groups });
  for (const mapping of mappings) if (mapping) modifyMapping(world, instance, details, mapping);
}

function protect(world: World, instance: InstanceRecord, isProtected: boolean): void {
  if (instance.capacityType === 'spot' && isProtected)
    throw new Ec2Error(
      'UnsupportedOperation',
      `You can't modify the 'disableApiTermination' attribute of Spot Instance '${instance.id}'`,
    );
  world.cloud.setTerminationProtection(instance.id, isProtected);
}

function checkedBehavior(behavior: string): 'stop' | 'terminate' {
  if (behavior === 'stop' || behavior === 'terminate') return behavior;
  throw new Ec2Error('InvalidParameterValue', `Invalid value '${behavior}' for InstanceInitiatedShutdownBehavior`);
}

function modifyMapping(world: World, instance: InstanceRecord, details: InstanceDetails, mapping: DeviceMapping): void {
  const volume = details.volumeIds
    .flatMap((id) => world.volumes.get(id) ?? [])
    .find((one) =>
      one.attachments.some(
        (attachment) => attachment.instanceId === instance.id && attachment.device === mapping.DeviceName,
      ),
    );
  if (!volume)
    throw new Ec2Error('InvalidInstanceAttributeValue', `No device is currently mapped at ${mapping.DeviceName}`);
  const deleteOnTermination = mapping.Ebs?.DeleteOnTermination;
  if (deleteOnTermination === undefined) return;
  world.volumes.put({
    ...volume,
    attachments: volume.attachments.map((attachment) =>
      attachment.instanceId === instance.id ? { ...attachment, deleteOnTermination } : attachment,
    ),
  });
  world.setDetails(instance, { ...details });
}
