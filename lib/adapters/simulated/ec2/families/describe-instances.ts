// Reading instances: DescribeInstances, DescribeInstanceStatus, DescribeInstanceAttribute.
import { dictionary } from '../../../../core/values/dictionary.ts';
import { Ec2Error } from '../../cloud/errors.ts';
import type { InstanceRecord } from '../../cloud/instances.ts';
import { action } from '../action.ts';
import type { Action } from '../action.ts';
import { formatAddress } from '../addresses.ts';
import { allOf, checkId, checkIds, idKinds } from '../ids.ts';
import { boolean, integer, list, oneOf, required, text } from '../protocol/fields.ts';
import { compileFilters, exactValues, filterField } from '../protocol/filters.ts';
import type { FilterTable } from '../protocol/filters.ts';
import { pageOf } from '../protocol/paging.ts';
import { ReadyXml } from '../protocol/xml.ts';
import type { Wire } from '../protocol/xml.ts';
import type { World } from '../world.ts';
import {
  attachmentStatus,
  groupSet,
  hostname,
  instanceXml,
  networkInterfaceId,
  privateAddress,
  publicAddress,
  publicDnsName,
  spotRequestId,
  stateCodes,
} from './instance-wire.ts';
import type { ShownInstance } from './instance-wire.ts';
import { zoneIdOf } from './network.ts';

interface Candidate extends ShownInstance {
  readonly tags: Readonly<Record<string, string>>;
}

const stateNames = Object.keys(stateCodes);

function instanceFilters(world: World): FilterTable<Candidate> {
  const attachments = ({ instance }: Candidate) =>
    (instance.details?.volumeIds ?? []).flatMap((id) => {
      const attachment = world.volumes.get(id)?.attachments.find((one) => one.instanceId === instance.id);
      return attachment ? [{ id, ...attachment }] : [];
    });
  const parameters = ({ instance }: Candidate) => world.specOf(instance)?.parameters;
  const subnetOf = ({ instance, shown }: Candidate) =>
    shown.state === 'terminated' ? undefined : instance.details?.subnetId;
  const vpcOf = (one: Candidate) => world.subnets.get(subnetOf(one) ?? '')?.vpcId;
  const groups = ({ instance, shown }: Candidate) =>
    shown.state === 'terminated' ? [] : (instance.details?.securityGroupIds ?? []);
  const groupNames = (one: Candidate) => groups(one).map((id) => world.securityGroups.get(id)?.name);
  const privateIp = ({ instance }: Candidate) => privateAddress(instance);
  const publicIp = ({ instance, shown }: Candidate) => publicAddress(instance, world.specOf(instance), shown.state);
  return {
    architecture: {
      of: ({ instance }) => world.specOf(instance)?.architecture,
      allowed: ['i386', 'x86_64', 'arm64', 'x86_64_mac', 'arm64_mac'],
    },
    'availability-zone': ({ instance }) => instance.zone,
    'availability-zone-id': ({ instance }) => zoneIdOf(world, instance.zone),
    'block-device-mapping.attach-time': (one) =>
      attachments(one).map((attachment) => new Date(attachment.attachedAtMs).toISOString()),
    'block-device-mapping.delete-on-termination': (one) =>
      attachments(one).map((attachment) => attachment.deleteOnTermination),
    'block-device-mapping.device-name': (one) => attachments(one).map((attachment) => attachment.device),
    'block-device-mapping.status': (one) =>
      attachments(one).map((attachment) => attachmentStatus(attachment, world.nowMs())),
    'block-device-mapping.volume-id': (one) => attachments(one).map((attachment) => attachment.id),
    'client-token': ({ instance }) => instance.token,
    'dns-name': (one) => {
      const address = publicIp(one);
      return address === null ? '' : publicDnsName(world, address);
    },
    'ebs-optimized': (one) => one.instance.details?.changed?.ebsOptimized ?? parameters(one)?.EbsOptimized ?? false,
    'ena-support': () => true,
    'hibernation-options.configured': (one) => parameters(one)?.HibernationOptions?.Configured ?? false,
    hypervisor: { of: () => 'xen', allowed: ['ovm', 'xen'] },
    'iam-instance-profile.arn': (one) => parameters(one)?.IamInstanceProfile?.Arn,
    'iam-instance-profile.name': (one) => parameters(one)?.IamInstanceProfile?.Name,
    'image-id': ({ instance }) => world.specOf(instance)?.imageId,
    'instance-id': ({ instance }) => instance.id,
    'instance-lifecycle': {
      of: ({ instance }) => (instance.capacityType === 'spot' ? 'spot' : undefined),
      allowed: ['spot', 'scheduled', 'capacity-block'],
    },
    'instance-state-code': ({ shown }) => stateCodes[shown.state],
    'instance-state-name': { of: ({ shown }) => shown.state, allowed: stateNames },
    'instance-type': ({ instance }) => instance.instanceType,
    'instance.group-id': groups,
    'instance.group-name': groupNames,
    'ip-address': (one) => {
      const address = publicIp(one);
      return address === null ? undefined : formatAddress(address);
    },
    'kernel-id': (one) => parameters(one)?.KernelId,
    'key-name': ({ instance }) => world.specOf(instance)?.keyName,
    'launch-index': ({ instance }) => instance.launchIndex,
    'launch-time': ({ instance }) => new Date(instance.launchedAtMs).toISOString(),
    'metadata-options.http-endpoint': (one) => parameters(one)?.MetadataOptions?.HttpEndpoint ?? 'enabled',
    'metadata-options.http-tokens': (one) => parameters(one)?.MetadataOptions?.HttpTokens ?? 'required',
    'monitoring-state': {
      of: (one) => (parameters(one)?.Monitoring?.Enabled === true ? 'enabled' : 'disabled'),
      allowed: ['disabled', 'enabled'],
    },
    'network-interface.network-interface-id': ({ instance }) => networkInterfaceId(instance),
    'network-interface.private-ip-address': privateIp,
    'network-interface.addresses.private-ip-address': privateIp,
    'network-interface.subnet-id': subnetOf,
    'network-interface.vpc-id': vpcOf,
    'network-interface.group-id': groups,
    'owner-id': () => world.accountId,
    'placement-group-name': (one) => parameters(one)?.Placement?.GroupName,
    platform: { of: ({ instance }) => world.specOf(instance)?.platform, allowed: ['windows'] },
    'platform-details': ({ instance }) => (world.specOf(instance)?.platform === 'windows' ? 'Windows' : 'Linux/UNIX'),
    'private-dns-name': ({ instance }) => hostname(world, instance),
    'private-ip-address': privateIp,
    reason: ({ shown }) => shown.reason?.message,
    'requester-id': () => undefined,
    'reservation-id': ({ instance }) => instance.reservationId,
    'root-device-name': (one) => attachments(one)[0]?.device,
    'root-device-type': { of: () => 'ebs', allowed: ['ebs', 'instance-store'] },
    'source-dest-check': ({ instance }) => instance.details?.changed?.sourceDestCheck ?? true,
    'spot-instance-request-id': ({ instance }) =>
      instance.capacityType === 'spot' ? spotRequestId(instance) : undefined,
    'state-reason-code': ({ shown }) => shown.reason?.code,
    'state-reason-message': ({ shown }) => shown.reason?.message,
    'subnet-id': subnetOf,
    tenancy: {
      of: (one) => parameters(one)?.Placement?.Tenancy ?? 'default',
      allowed: ['dedicated', 'default', 'host'],
    },
    'virtualization-type': { of: () => 'hvm', allowed: ['paravirtual', 'hvm'] },
    'vpc-id': vpcOf,
  };
}

/** What describe shows of these ids. @throws Ec2Error also for those that exist and are not shown yet */
export function shownInstances(world: World, ids: readonly (string | undefined)[]): readonly ShownInstance[] {
  return allOf('instance', ids, (id) => world.cloud.shown(id) ?? undefined);
}

export function oneShown(world: World, id: string): ShownInstance {
  const found = world.cloud.shown(checkId('instance', id));
  if (!found) throw idKinds.instance.notFound([id]);
  return found;
}

type Filters = ReturnType<typeof filterField.parse>;

/** All that is visible, by the index of tags where a filter allows that. */
function candidates(world: World, ids: readonly (string | undefined)[], filters: Filters): readonly ShownInstance[] {
  if (ids.length > 0) return shownInstances(world, ids);
  const byIdFilter = exactValues(filters, 'instance-id');
  if (byIdFilter) return [...new Set(byIdFilter)].flatMap((id) => world.cloud.shown(id) ?? []);
  const tags = dictionary<string>();
  for (const filter of filters) {
    if (!filter?.Name.startsWith('tag:')) continue;
    const values = exactValues(filters, filter.Name);
    if (values?.length === 1 && values[0] !== undefined) tags[filter.Name.slice(4)] = values[0];
  }
  return world.cloud.describe(tags);
}

function select(
  world: World,
  ids: readonly (string | undefined)[],
  filters: Filters,
  table: FilterTable<Candidate>,
): readonly ShownInstance[] {
  const matches = compileFilters(filters, table);
  const found = candidates(world, ids, filters);
  return filters.length === 0 ? found : found.filter((one) => matches({ ...one, tags: one.instance.tags }));
}

const membersEnd = Buffer.from('</instancesSet></item>', 'latin1');

function reservationsXml(world: World, shown: readonly ShownInstance[]): ReadyXml {
  const byReservation = new Map<string, Buffer[]>();
  for (const one of shown) {
    const { reservationId } = one.instance;
    const members = byReservation.get(reservationId);
    if (members) members.push(instanceXml(world, one));
    else byReservation.set(reservationId, [instanceXml(world, one)]);
  }
  const parts: Buffer[] = [];
  for (const [reservationId, members] of byReservation) {
    parts.push(
      Buffer.from(
        `<item><reservationId>${reservationId}</reservationId><ownerId>${world.accountId}</ownerId>`
          + '<groupSet/><instancesSet>',
        'latin1',
      ),
    );
    for (const member of members) parts.push(member);
    parts.push(membersEnd);
  }
  return new ReadyXml(...parts);
}

function refuseIdsWithPages(ids: readonly unknown[], parameters: { readonly MaxResults?: number | undefined }): void {
  if (ids.length > 0 && parameters.MaxResults !== undefined) {
    throw new Ec2Error(
      'InvalidParameterCombination',
      'The parameter instancesSet cannot be used with the parameter maxResults',
    );
  }
}

const pageLimits = { min: 5, max: 1000, byDefault: 1000 };

function statusWire(world: World, { instance, shown }: ShownInstance): Wire {
  const upForMs = world.nowMs() - shown.atMs;
  const initializing = upForMs < world.options.statusInitializingMs;
  let status = 'not-applicable';
  if (shown.state === 'running') status = initializing ? 'initializing' : instance.boots ? 'ok' : 'impaired';
  const reachability = { ok: 'passed', initializing: 'initializing', impaired: 'failed' }[status];
  const details = reachability === undefined ? undefined : [{ name: 'reachability', status: reachability }];
  const systemStatus =
    status === 'impaired'
      ? { status: 'ok', details: [{ name: 'reachability', status: 'passed' }] }
      : { status, details };
  return {
    instanceId: instance.id,
    availabilityZone: instance.zone,
    availabilityZoneId: zoneIdOf(world, instance.zone),
    eventsSet: [],
    instanceState: { code: stateCodes[shown.state], name: shown.state },
    systemStatus,
    instanceStatus: { status, details },
    attachedEbsStatus:
      status === 'not-applicable'
        ? { status }
        : { status: 'ok', details: [{ name: 'reachability', status: 'passed' }] },
  };
}

function statusFilters(world: World): FilterTable<Candidate> {
  const statusOf = (one: Candidate): string => {
    if (one.shown.state !== 'running') return 'not-applicable';
    return world.nowMs() - one.shown.atMs < world.options.statusInitializingMs
      ? 'initializing'
      : one.instance.boots
        ? 'ok'
        : 'impaired';
  };
  const statuses = ['ok', 'impaired', 'initializing', 'insufficient-data', 'not-applicable'];
  return {
    'availability-zone': ({ instance }) => instance.zone,
    'availability-zone-id': ({ instance }) => zoneIdOf(world, instance.zone),
    'event.code': () => undefined,
    'instance-state-code': ({ shown }) => stateCodes[shown.state],
    'instance-state-name': { of: ({ shown }) => shown.state, allowed: stateNames },
    'instance-status.reachability': {
      of: (one) => ({ ok: 'passed', impaired: 'failed', initializing: 'initializing' })[statusOf(one)],
      allowed: ['passed', 'failed', 'initializing', 'insufficient-data'],
    },
    'instance-status.status': { of: statusOf, allowed: statuses },
    'system-status.reachability': {
      of: (one) => ({ ok: 'passed', impaired: 'passed', initializing: 'initializing' })[statusOf(one)],
      allowed: ['passed', 'failed', 'initializing', 'insufficient-data'],
    },
    'system-status.status': { of: (one) => (statusOf(one) === 'impaired' ? 'ok' : statusOf(one)), allowed: statuses },
  };
}

const attributes = [
  'instanceType',
  'kernel',
  'ramdisk',
  'userData',
  'disableApiTermination',
  'instanceInitiatedShutdownBehavior',
  'rootDeviceName',
  'blockDeviceMapping',
  'productCodes',
  'sourceDestCheck',
  'groupSet',
  'ebsOptimized',
  'sriovNetSupport',
  'enaSupport',
  'enclaveOptions',
  'disableApiStop',
] as const;

function attributeWire(
  world: World,
  instance: InstanceRecord,
  name: (typeof attributes)[number],
): Readonly<Record<string, Wire>> {
  const parameters = world.specOf(instance)?.parameters;
  const { details } = instance;
  const values: Readonly<Record<(typeof attributes)[number], () => Wire>> = {
    instanceType: () => ({ value: instance.instanceType }),
    kernel: () => ({ value: parameters?.KernelId }),
    ramdisk: () => ({ value: parameters?.RamDiskId }),
    userData: () => ({ value: details?.changed?.userData ?? parameters?.UserData }),
    disableApiTermination: () => ({ value: instance.isTerminationProtected }),
    disableApiStop: () => ({ value: details?.changed?.disableApiStop ?? parameters?.DisableApiStop ?? false }),
    instanceInitiatedShutdownBehavior: () => ({
      value: details?.changed?.shutdownBehavior ?? parameters?.InstanceInitiatedShutdownBehavior ?? 'stop',
    }),
    rootDeviceName: () => ({
      value: world.volumes.get(details?.volumeIds[0] ?? '')?.attachments.find((one) => one.instanceId === instance.id)
        ?.device,
    }),
    blockDeviceMapping: () =>
      (details?.volumeIds ?? []).flatMap((volumeId) => {
        const attachment = world.volumes.get(volumeId)?.attachments.find((one) => one.instanceId === instance.id);
        if (!attachment) return [];
        return [
          {
            deviceName: attachment.device,
            ebs: {
              volumeId,
              status: attachmentStatus(attachment, world.nowMs()),
              attachTime: new Date(attachment.attachedAtMs),
              deleteOnTermination: attachment.deleteOnTermination,
            },
          },
        ];
      }),
    productCodes: () => [],
    sourceDestCheck: () => ({ value: details?.changed?.sourceDestCheck ?? true }),
    groupSet: () => groupSet(world, details?.securityGroupIds ?? []),
    ebsOptimized: () => ({ value: details?.changed?.ebsOptimized ?? parameters?.EbsOptimized ?? false }),
    sriovNetSupport: () => ({ value: 'simple' }),
    enaSupport: () => ({ value: true }),
    enclaveOptions: () => ({ enabled: parameters?.EnclaveOptions?.Enabled ?? false }),
  };
  return { [name]: values[name]() };
}

export const describeInstanceActions: readonly Action[] = [
  action({
    name: 'DescribeInstances',
    rate: 'non-mutating',
    fields: {
      InstanceId: list(text()),
      Filter: filterField,
      MaxResults: integer(),
      NextToken: text(),
      IncludeManagedResources: boolean(),
    },
    run(world, parameters, call) {
      refuseIdsWithPages(parameters.InstanceId, parameters);
      const found = select(world, parameters.InstanceId, parameters.Filter, instanceFilters(world));
      const page = pageOf(found, parameters, pageLimits, call);
      return { reservationSet: reservationsXml(world, page.items), nextToken: page.nextToken };
    },
  }),
  action({
    name: 'DescribeInstanceStatus',
    rate: 'non-mutating',
    fields: {
      InstanceId: list(text()),
      Filter: filterField,
      MaxResults: integer(),
      NextToken: text(),
      IncludeAllInstances: boolean(),
      IncludeManagedResources: boolean(),
    },
    run(world, parameters, call) {
      refuseIdsWithPages(parameters.InstanceId, parameters);
      checkIds('instance', parameters.InstanceId);
      const found = select(world, parameters.InstanceId, parameters.Filter, statusFilters(world)).filter(
        (one) => parameters.IncludeAllInstances === true || one.shown.state === 'running',
      );
      const page = pageOf(found, parameters, pageLimits, call);
      return { instanceStatusSet: page.items.map((one) => statusWire(world, one)), nextToken: page.nextToken };
    },
  }),
  action({
    name: 'DescribeInstanceAttribute',
    rate: 'non-mutating',
    fields: { InstanceId: required(text()), Attribute: required(oneOf(...attributes)) },
    run(world, parameters) {
      const { instance } = oneShown(world, parameters.InstanceId);
      return { instanceId: instance.id, ...attributeWire(world, instance, parameters.Attribute) };
    },
  }),
];
