// Reading instances: DescribeInstances, DescribeInstanceStatus, DescribeInstanceAttribute.
import { dictionary } from '../../../../../core/values/dictionary.ts';
import { Ec2Error } from '../../../cloud/errors.ts';
import type { InstanceState } from '../../../../../ports/cloud.ts';
import type { Wanted } from '../../../cloud/collections/instance-index.ts';
import type { InstanceRecord } from '../../../cloud/instances.ts';
import { action } from '../../action.ts';
import type { Action } from '../../action.ts';
import { allOf, checkId, checkIds, idKinds } from '../../ids.ts';
import { boolean, integer, list, required, text } from '../../protocol/fields.ts';
import type { Field } from '../../protocol/fields.ts';
import { exactValues, filterField, neverMet } from '../../protocol/filters.ts';
import type { FilterTable } from '../../protocol/filters.ts';
import { fixedList, pageOf, placedList } from '../../protocol/paging.ts';
import type { ListFrom } from '../../protocol/paging.ts';
import { ReadyXml, wholeSeconds } from '../../protocol/xml.ts';
import type { ReadyPart, Wire } from '../../protocol/xml.ts';
import type { World } from '../../world.ts';
import { attachmentStatus, groupSet, stateCodes } from './instance-wire.ts';
import { instancesXml } from './instance-xml.ts';
import type { ShownInstance } from './instance-wire.ts';
import { zoneIdOf } from '../networks/network.ts';
import { instanceFilters, stateNames } from './instance-filters.ts';
import type { Candidate } from './instance-filters.ts';

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

const candidateOf = ({ instance, shown }: ShownInstance): Candidate => ({ instance, shown, tags: instance.tags });

/** All that is visible, by an index where a filter allows that; `states`: those that are looked for in any case. */
function candidates(
  world: World,
  ids: readonly (string | undefined)[],
  filters: Filters,
  states: readonly InstanceState[] | null = null,
): ListFrom<Candidate> {
  if (ids.length > 0) return fixedList(shownInstances(world, ids).map(candidateOf));
  const byIdFilter = exactValues(filters, 'instance-id');
  if (byIdFilter)
    return placedList([...new Set(byIdFilter)].flatMap((id) => world.cloud.shown(id) ?? []).map(candidateOf), (one) => [
      one.instance.serial,
    ]);
  const tags = dictionary<string>();
  for (const filter of filters) {
    if (!filter?.Name.startsWith('tag:')) continue;
    const values = exactValues(filters, filter.Name);
    if (values?.length === 1 && values[0] !== undefined) tags[filter.Name.slice(4)] = values[0];
  }
  const wanted: Wanted = {
    tags,
    states: exactValues(filters, 'instance-state-name') ?? states,
    instanceTypes: exactValues(filters, 'instance-type'),
  };
  return function* (after) {
    for (const one of world.cloud.shownAfter(after === null ? 0 : Number(after[0]), wanted))
      yield { place: [one.instance.serial], item: candidateOf(one) };
  };
}

function reservationsXml(world: World, shown: readonly ShownInstance[]): ReadyXml {
  const xml = instancesXml(world, shown);
  const byReservation = new Map<string, ReadyPart[]>();
  for (const [at, { instance }] of shown.entries()) {
    const member = xml[at] ?? '';
    const members = byReservation.get(instance.reservationId);
    if (members) members.push(member);
    else byReservation.set(instance.reservationId, [member]);
  }
  const parts: ReadyPart[] = [];
  for (const [reservationId, members] of byReservation) {
    parts.push(
      `<item><reservationId>${reservationId}</reservationId><ownerId>${world.accountId}</ownerId>`
        + '<groupSet/><instancesSet>',
    );
    for (const member of members) parts.push(member);
    parts.push('</instancesSet></item>');
  }
  return new ReadyXml(() => parts);
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
    'application-status.status': { of: () => 'not-applicable', allowed: statuses },
    'attached-ebs-status.status': {
      of: ({ shown }) => (shown.state === 'running' ? 'ok' : 'not-applicable'),
      allowed: statuses,
    },
    'operator.managed': () => false,
    ...neverMet(
      'event.code',
      'event.description',
      'event.instance-event-id',
      'event.not-after',
      'event.not-before',
      'event.not-before-deadline',
      'operator.principal',
    ),
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

export const instanceAttributes = [
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
type InstanceAttribute = (typeof instanceAttributes)[number];

/** The name of an attribute. @throws Ec2Error where instances have no such attribute, or it is not modelled here */
export function attributeField<const T extends string>(
  known: readonly string[],
  modelled: readonly T[],
): Field<T | undefined> {
  const name = text();
  return {
    shape: name.shape,
    parse(node, path) {
      const given = name.parse(node, path);
      if (given === undefined) return undefined;
      if (!known.includes(given))
        throw new Ec2Error(
          'InvalidParameterValue',
          `Value (${given}) for parameter attribute is invalid. Unknown attribute.`,
        );
      const found = modelled.find((one) => one === given);
      if (found === undefined)
        throw new Ec2Error(
          'UnsupportedOperation',
          `The value '${given}' of the parameter ${path} is not modelled by this simulator`,
        );
      return found;
    },
  };
}

function attributeWire(
  world: World,
  instance: InstanceRecord,
  name: InstanceAttribute,
): Readonly<Record<string, Wire>> {
  const parameters = world.specOf(instance)?.parameters;
  const { details } = instance;
  const values: Readonly<Record<InstanceAttribute, () => Wire>> = {
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
              attachTime: wholeSeconds(attachment.attachedAtMs),
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
    isDearUnfiltered: true,
    filters: instanceFilters,
    fields: {
      InstanceId: list(text()),
      Filter: filterField,
      MaxResults: integer(),
      NextToken: text(),
      IncludeManagedResources: boolean(),
    },
    run(world, parameters, call) {
      refuseIdsWithPages(parameters.InstanceId, parameters);
      const list = candidates(world, parameters.InstanceId, parameters.Filter);
      const page = pageOf(list, parameters, pageLimits, call, call.matches);
      return { reservationSet: reservationsXml(world, page.items), nextToken: page.nextToken };
    },
  }),
  action({
    name: 'DescribeInstanceStatus',
    rate: 'non-mutating',
    isDearUnfiltered: true,
    filters: statusFilters,
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
      const isAsked = (one: Candidate): boolean =>
        (parameters.IncludeAllInstances === true || one.shown.state === 'running') && call.matches(one);
      const states = parameters.IncludeAllInstances === true ? null : (['running'] as const);
      const list = candidates(world, parameters.InstanceId, parameters.Filter, states);
      const page = pageOf(list, parameters, pageLimits, call, isAsked);
      return { instanceStatusSet: page.items.map((one) => statusWire(world, one)), nextToken: page.nextToken };
    },
  }),
  action({
    name: 'DescribeInstanceAttribute',
    rate: 'non-mutating',
    fields: {
      InstanceId: required(text()),
      Attribute: required(attributeField(instanceAttributes, instanceAttributes)),
    },
    run(world, parameters) {
      const { instance } = oneShown(world, parameters.InstanceId);
      return { instanceId: instance.id, ...attributeWire(world, instance, parameters.Attribute) };
    },
  }),
];
