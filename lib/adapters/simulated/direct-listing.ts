// What the simulated EC2 shows, as the cloud port speaks of it, for the direct adapter: instances from their records,
// the rest from the answers of the describe actions before they become XML.
import type { PermissionRule } from '../../core/records/security-group.ts';
import { assert } from '../../core/values/errors.ts';
import { tagRequest } from '../../core/records/claim.ts';
import { tagInstallation, tagLaunch, tagPool } from '../../core/records/launch.ts';
import type { Instance, ListedGroup, ListedSnapshot, ListedVolume, ListingScope, Tags } from '../../ports/cloud.ts';
import { presentOf } from './cloud/instances.ts';
import { formatAddress } from './ec2/addresses.ts';
import { diskAttachments, networkOf, publicAddress } from './ec2/families/instances/instance-wire.ts';
import type { ShownInstance } from './ec2/families/instances/instance-wire.ts';
import { LaunchedInstances } from './ec2/families/launching/run-instances.ts';
import type { Wire } from './ec2/protocol/xml.ts';
import type { World } from './ec2/world.ts';

/** DescribeVolumes takes no more. */
export const pageMax = 500;

export type WireObject = Readonly<Record<string, Wire>>;

export function tagsOfScope({ installation, pool, launchId }: ListingScope): Tags {
  return {
    [tagInstallation]: installation,
    ...(pool === undefined ? {} : { [tagPool]: pool }),
    ...(launchId === undefined ? {} : { [tagLaunch]: launchId }),
  };
}

export function tagFilters(tags: Tags, { isClaimed = false } = {}): Record<string, string> {
  // Filters take wildcards; what we ask for is meant literally.
  const literal = (text: string): string => text.replace(/[\\*?]/g, (char) => `\\${char}`);
  const all = [
    ...(isClaimed ? [['tag-key', tagRequest]] : []),
    ...Object.entries(tags).map(([key, value]) => [`tag:${key}`, literal(value)]),
  ];
  return Object.fromEntries(
    all.flatMap(([name = '', value = ''], n) => [
      [`Filter.${String(n + 1)}.Name`, name],
      [`Filter.${String(n + 1)}.Value.1`, value],
    ]),
  );
}

export function instancesOf(world: World, tags: Tags): readonly Instance[] {
  return world.cloud.describe(tags).map((one) => instanceOf(world, one));
}

/** Those that an answer of RunInstances names. */
export function launchedOf(world: World, answer: WireObject): readonly Instance[] {
  const launched = answer['instancesSet'];
  assert(launched instanceof LaunchedInstances, 'RunInstances answers with its instances');
  return launched.instances.map((instance) => instanceOf(world, { instance, shown: presentOf(instance) }));
}

function instanceOf(world: World, { instance, shown }: ShownInstance): Instance {
  const isUp = shown.state === 'pending' || shown.state === 'running';
  const network = networkOf({ instance, shown });
  const address = network === null ? null : publicAddress(instance, world.specOf(instance), shown.state);
  return {
    id: instance.id,
    state: shown.state,
    instanceType: instance.instanceType,
    zone: instance.zone,
    capacityType: instance.capacityType,
    launchedAtMs: instance.launchedAtMs,
    launchIndex: instance.launchIndex,
    privateIp: network === null ? null : formatAddress(network.privateIp),
    publicIp: address === null ? null : formatAddress(address),
    disks: diskAttachments(world, { instance, shown }).map(({ volumeId, attachment }) => ({
      device: attachment.device,
      volumeId,
    })),
    groupIds: [...(network?.groupIds ?? [])].sort(),
    tags: instance.tags,
    stateReason: isUp ? null : (shown.reason?.message ?? null),
  };
}

export function volumesOf(page: WireObject): readonly ListedVolume[] {
  return listOf(page['volumeSet']).map((one) => ({
    id: text(one['volumeId']),
    state: text(one['status']) as ListedVolume['state'],
    zone: text(one['availabilityZone']),
    type: text(one['volumeType']),
    sizeGib: Number(one['size']),
    iops: numberOrNull(one['iops']),
    throughputMibps: numberOrNull(one['throughput']),
    attachments: listOf(one['attachmentSet']).map((attachment) => ({
      instanceId: text(attachment['instanceId']),
      device: text(attachment['device']),
      state: text(attachment['status']),
    })),
    createdAtMs: timeOf(one['createTime']),
    tags: tagsOf(one),
  }));
}

export function snapshotsOf(page: WireObject): readonly ListedSnapshot[] {
  return listOf(page['snapshotSet']).map((one) => ({
    id: text(one['snapshotId']),
    state: text(one['status']) as ListedSnapshot['state'],
    volumeId: text(one['volumeId']),
    startedAtMs: timeOf(one['startTime']),
    tags: tagsOf(one),
  }));
}

export function groupsOf(page: WireObject): readonly ListedGroup[] {
  return listOf(page['securityGroupInfo']).map((one) => ({
    id: text(one['groupId']),
    name: text(one['groupName']),
    rules: [...rulesOf(one['ipPermissions'], false), ...rulesOf(one['ipPermissionsEgress'], true)],
    tags: tagsOf(one),
  }));
}

/** One rule for each peer. */
function rulesOf(permissions: Wire, isEgress: boolean): readonly PermissionRule[] {
  return listOf(permissions).flatMap((permission) => {
    const base = {
      isEgress,
      protocol: text(permission['ipProtocol']),
      fromPort: numberOrNull(permission['fromPort']) ?? -1,
      toPort: numberOrNull(permission['toPort']) ?? -1,
    };
    return [
      ...listOf(permission['ipRanges']).map((one) => ({ ...base, cidr: text(one['cidrIp']), groupId: null })),
      ...listOf(permission['ipv6Ranges']).map((one) => ({ ...base, cidr: text(one['cidrIpv6']), groupId: null })),
      ...listOf(permission['groups']).map((one) => ({ ...base, cidr: null, groupId: text(one['groupId']) })),
    ];
  });
}

function listOf(wire: Wire): readonly WireObject[] {
  return Array.isArray(wire) ? (wire as readonly WireObject[]) : [];
}

export function text(wire: Wire): string {
  return typeof wire === 'string' ? wire : '';
}

function numberOrNull(wire: Wire): number | null {
  return typeof wire === 'number' ? wire : null;
}

function timeOf(wire: Wire): number {
  return wire instanceof Date ? wire.getTime() : Number.NaN;
}

function tagsOf(one: WireObject): Tags {
  return Object.fromEntries(listOf(one['tagSet']).map(({ key, value }) => [text(key), text(value)]));
}
