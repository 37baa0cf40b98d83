// What may change of an instance beside its attributes: metadata options, monitoring, its profile; and its console.
import { Ec2Error } from '../../../cloud/errors.ts';
import { isAlive, presentOf } from '../../../cloud/instances.ts';
import type { InstanceRecord } from '../../../cloud/instances.ts';
import { action } from '../../action.ts';
import type { Action } from '../../action.ts';
import { boolean, integer, list, notModelled, oneOf, required, struct, text } from '../../protocol/fields.ts';
import { filterField } from '../../protocol/filters.ts';
import type { FilterTable } from '../../protocol/filters.ts';
import { fixedList, pageOf } from '../../protocol/paging.ts';
import type { ListFrom } from '../../protocol/paging.ts';
import type { Wire } from '../../protocol/xml.ts';
import type { World } from '../../world.ts';
import { checkProfile } from '../launching/launch.ts';
import { oneShown } from './describe-instances.ts';
import { changeDetails, requireInstances, shownRecords } from './instance-lifecycle.ts';
import { hostname, isMonitored, metadataOptionsOf, namedProfile, profileOf } from './instance-wire.ts';

const switches = ['enabled', 'disabled'] as const;

function requireAlive(instance: InstanceRecord): void {
  if (!isAlive(instance))
    throw new Ec2Error(
      'IncorrectInstanceState',
      `The instance '${instance.id}' is not in a valid state for the requested operation; it is `
        + `${presentOf(instance).state}.`,
    );
}

const modifyMetadataOptions = action({
  name: 'ModifyInstanceMetadataOptions',
  rate: 'mutating',
  check: (world, parameters) => void oneShown(world, parameters.InstanceId),
  fields: {
    HttpEndpoint: oneOf(...switches),
    HttpProtocolIpv6: oneOf(...switches),
    HttpPutResponseHopLimit: integer({ min: 1, max: 64 }),
    HttpTokens: oneOf('optional', 'required'),
    InstanceId: required(text()),
    InstanceMetadataTags: oneOf(...switches),
  },
  run(world, parameters) {
    const { instance } = oneShown(world, parameters.InstanceId);
    requireAlive(instance);
    const before = metadataOptionsOf(world, instance);
    const metadataOptions = {
      httpTokens: parameters.HttpTokens ?? before.httpTokens,
      httpPutResponseHopLimit: parameters.HttpPutResponseHopLimit ?? before.httpPutResponseHopLimit,
      httpEndpoint: parameters.HttpEndpoint ?? before.httpEndpoint,
      httpProtocolIpv6: parameters.HttpProtocolIpv6 ?? before.httpProtocolIpv6,
      instanceMetadataTags: parameters.InstanceMetadataTags ?? before.instanceMetadataTags,
    };
    changeDetails(world, instance, { metadataOptions });
    return { instanceId: instance.id, instanceMetadataOptions: { state: 'pending', ...metadataOptions } };
  },
});

function monitoring(name: string, isOn: boolean): Action {
  return action({
    name,
    rate: 'mutating',
    fields: { InstanceId: list(text()), MetricCategoryId: notModelled() },
    run(world, parameters) {
      requireInstances(parameters.InstanceId);
      const instances = shownRecords(world, parameters.InstanceId);
      const states = instances.map((instance) => {
        const wasOn = isMonitored(world, instance);
        changeDetails(world, instance, { isMonitored: isOn });
        return { instanceId: instance.id, wasOn };
      });
      const underWay = isOn ? 'pending' : 'disabling';
      const settled = isOn ? 'enabled' : 'disabled';
      return {
        instancesSet: states.map(({ instanceId, wasOn }) => ({
          instanceId,
          monitoring: { state: wasOn === isOn ? settled : underWay },
        })),
      };
    },
  });
}

// ---- instance profiles -----------------------------------------------------------------------------

interface Association {
  readonly id: string;
  readonly instance: InstanceRecord;
  readonly tags: Readonly<Record<string, string>>;
}

const associationId = (instance: InstanceRecord): string => `iip-assoc-${instance.id.slice('i-'.length)}`;

function associationOf(world: World, instance: InstanceRecord): Association | null {
  return profileOf(world, instance) && isAlive(instance) ? { id: associationId(instance), instance, tags: {} } : null;
}

function associationById(world: World, id: string): Association {
  const one = world.cloud.shown(`i-${id.slice('iip-assoc-'.length)}`);
  const found = one && associationOf(world, one.instance);
  if (!found) throw new Ec2Error('InvalidAssociationID.NotFound', `An invalid association-id of '${id}' was given`);
  return found;
}

function associationWire(world: World, { id, instance }: Association, state: string): Wire {
  return {
    associationId: id,
    instanceId: instance.id,
    iamInstanceProfile: profileOf(world, instance),
    state,
    timestamp: new Date(world.nowMs()),
  };
}

const associationFilters: FilterTable<Association> = {
  'instance-id': (one) => one.instance.id,
  state: { of: () => 'associated', allowed: ['associating', 'associated', 'disassociating', 'disassociated'] },
};

function allAssociations(world: World): ListFrom<Association> {
  return function* (after) {
    for (const { instance } of world.cloud.shownAfter(after === null ? 0 : Number(after[0]), { tags: {} })) {
      const found = associationOf(world, instance);
      if (found) yield { place: [instance.serial], item: found };
    }
  };
}

const profileField = required(struct({ Arn: text(), Name: text() }));

const associateProfile = action({
  name: 'AssociateIamInstanceProfile',
  rate: 'mutating',
  fields: { IamInstanceProfile: profileField, InstanceId: required(text()) },
  run(world, parameters) {
    const { instance } = oneShown(world, parameters.InstanceId);
    requireAlive(instance);
    checkProfile(parameters.IamInstanceProfile);
    if (profileOf(world, instance))
      throw new Ec2Error('IncorrectState', `There is an existing association for instance ${instance.id}`);
    changeDetails(world, instance, { profile: parameters.IamInstanceProfile });
    const association = { id: associationId(instance), instance, tags: {} };
    return { iamInstanceProfileAssociation: associationWire(world, association, 'associating') };
  },
});

const profileActions: readonly Action[] = [
  associateProfile,
  action({
    name: 'DisassociateIamInstanceProfile',
    rate: 'mutating',
    fields: { AssociationId: required(text()) },
    run(world, parameters) {
      const association = associationById(world, parameters.AssociationId);
      const wire = associationWire(world, association, 'disassociating');
      changeDetails(world, association.instance, { profile: null });
      return { iamInstanceProfileAssociation: wire };
    },
  }),
  action({
    name: 'ReplaceIamInstanceProfileAssociation',
    rate: 'mutating',
    fields: { AssociationId: required(text()), IamInstanceProfile: profileField },
    run(world, parameters) {
      const association = associationById(world, parameters.AssociationId);
      checkProfile(parameters.IamInstanceProfile);
      changeDetails(world, association.instance, { profile: parameters.IamInstanceProfile });
      const iamInstanceProfile = namedProfile(world, parameters.IamInstanceProfile);
      return {
        iamInstanceProfileAssociation: {
          associationId: association.id,
          instanceId: association.instance.id,
          iamInstanceProfile,
          state: 'associating',
          timestamp: new Date(world.nowMs()),
        },
      };
    },
  }),
  action({
    name: 'DescribeIamInstanceProfileAssociations',
    rate: 'non-mutating',
    filters: () => associationFilters,
    fields: { AssociationId: list(text()), Filter: filterField, MaxResults: integer(), NextToken: text() },
    run(world, parameters, call) {
      const named = parameters.AssociationId.map((id) => associationById(world, id ?? ''));
      const from = named.length > 0 ? fixedList(named) : allAssociations(world);
      const page = pageOf(from, parameters, { min: 5, max: 1000, byDefault: 1000 }, call, call.matches);
      return {
        iamInstanceProfileAssociationSet: page.items.map((one) => associationWire(world, one, 'associated')),
        nextToken: page.nextToken,
      };
    },
  }),
];

// ---- the console -----------------------------------------------------------------------------------

/** What a Linux says as it comes up, as far as the simulator knows: nothing before it has booted. */
function consoleText(world: World, instance: InstanceRecord): string {
  if (presentOf(instance).state === 'pending') return '';
  const host = hostname(world, instance) ?? 'localhost';
  return instance.boots
    ? `[    0.000000] Linux version 6.12 on ${instance.instanceType}\r\n[    2.000000] ${host} login: \r\n`
    : '[    0.000000] Kernel panic - not syncing: VFS: Unable to mount root fs on unknown-block(0,0)\r\n';
}

const getConsoleOutput = action({
  name: 'GetConsoleOutput',
  rate: 'non-mutating',
  check: (world, parameters) => void oneShown(world, parameters.InstanceId),
  fields: { InstanceId: required(text()), Latest: boolean() },
  run(world, parameters) {
    const { instance } = oneShown(world, parameters.InstanceId);
    return {
      instanceId: instance.id,
      timestamp: new Date(presentOf(instance).atMs),
      output: Buffer.from(consoleText(world, instance)).toString('base64'),
    };
  },
});

export const instanceOptionActions: readonly Action[] = [
  modifyMetadataOptions,
  monitoring('MonitorInstances', true),
  monitoring('UnmonitorInstances', false),
  ...profileActions,
  getConsoleOutput,
];
