// What an instance may read about itself, by path ("Instance metadata categories").
import { createHash } from 'node:crypto';
import type { InstanceRecord } from '../../cloud/instances.ts';
import { formatAddress } from '../addresses.ts';
import {
  hostname,
  isMonitored,
  macAddress,
  metadataOptionsOf,
  networkInterfaceId,
  privateAddress,
  profileOf,
  publicAddress,
  publicDnsName,
} from '../families/instances/instance-wire.ts';
import { subnetCidr, zoneIdOf } from '../families/networks/network.ts';
import { domainOf, partitionName } from '../families/networks/regions.ts';
import { keyIdOfRole } from '../protocol/signature.ts';
import type { World } from '../world.ts';

/** The versions that EC2 lists beside `latest`. */
const versions = [
  '1.0',
  '2007-01-19',
  '2007-03-01',
  '2007-08-29',
  '2007-10-10',
  '2007-12-15',
  '2008-02-01',
  '2008-09-01',
  '2009-04-04',
  '2011-01-01',
  '2011-05-01',
  '2012-01-12',
  '2014-02-25',
  '2014-11-05',
  '2015-10-20',
  '2016-04-19',
  '2016-06-30',
  '2016-09-02',
  '2018-03-28',
  '2018-08-17',
  '2018-09-24',
  '2019-10-01',
  '2020-10-27',
  '2021-01-03',
  '2021-03-23',
  '2021-07-15',
  '2022-07-09',
  '2022-09-24',
  '2024-04-11',
  'latest',
];

/** null: there is nothing of that name. A name that others begin with lists them. */
export function metadataAt(world: World, instance: InstanceRecord, path: string): string | null {
  const [, version, rest = ''] = /^\/+([^/]*)\/*(.*?)\/*$/.exec(path) ?? [];
  if (version === undefined || version === '') return versions.join('\n');
  if (!versions.includes(version)) return null;
  const entries = entriesOf(world, instance);
  return entries.get(rest) ?? listed(entries, rest);
}

function listed(entries: ReadonlyMap<string, string>, path: string): string | null {
  const prefix = path === '' ? '' : `${path}/`;
  const names = new Set<string>();
  for (const name of entries.keys()) {
    if (!name.startsWith(prefix)) continue;
    const [next = '', ...more] = name.slice(prefix.length).split('/');
    // EC2 lists the categories of a version without a slash, and keys as what they are numbered with.
    names.add(more.length === 0 || path === '' ? next : `${next}/`);
  }
  if (path === 'meta-data/public-keys') return `0=${entries.get(keyName) ?? ''}`;
  names.delete('');
  return names.size > 0 ? [...names].sort().join('\n') : null;
}

/** Not a path of its own: what `public-keys/` lists. */
const keyName = '/public-keys/0/name';

type Entries = Readonly<Record<string, string | null | undefined>>;

function entriesOf(world: World, instance: InstanceRecord): ReadonlyMap<string, string> {
  const userData = instance.details?.changed?.userData ?? world.specOf(instance)?.parameters.UserData;
  const metadata: Entries = {
    ...launchEntries(world, instance),
    ...placementEntries(world, instance),
    ...networkEntries(world, instance),
    ...diskEntries(world, instance),
    ...roleEntries(world, instance),
    ...eventEntries(instance),
    ...tagEntries(world, instance),
  };
  const all: Entries = {
    ...Object.fromEntries(Object.entries(metadata).map(([name, value]) => [`meta-data/${name}`, value])),
    [keyName]: world.specOf(instance)?.keyName,
    'user-data': userData === undefined ? null : Buffer.from(userData, 'base64').toString(),
    'dynamic/instance-identity/document': identityDocument(world, instance),
    'dynamic/fws/instance-monitoring': isMonitored(world, instance) ? 'enabled' : 'disabled',
  };
  return new Map(
    Object.entries(all).flatMap(([name, value]) => (value === null || value === undefined ? [] : [[name, value]])),
  );
}

function launchEntries(world: World, instance: InstanceRecord): Entries {
  const spec = world.specOf(instance);
  return {
    'ami-id': spec?.imageId,
    'ami-launch-index': String(instance.launchIndex),
    'ami-manifest-path': '(unknown)',
    'hibernation/configured': String(spec?.parameters.HibernationOptions?.Configured ?? false),
    'instance-action': 'none',
    'instance-id': instance.id,
    'instance-life-cycle': instance.capacityType,
    'instance-type': instance.instanceType,
    'kernel-id': spec?.parameters.KernelId,
    profile: 'default-hvm',
    'public-keys/0/openssh-key': spec?.publicKey,
    'ramdisk-id': spec?.parameters.RamDiskId,
    'reservation-id': instance.reservationId,
    'services/domain': domainOf(world.region),
    'services/partition': partitionName(world.region),
    system: 'nitro',
  };
}

function placementEntries(world: World, instance: InstanceRecord): Entries {
  const placement = world.specOf(instance)?.parameters.Placement;
  return {
    'placement/availability-zone': instance.zone,
    'placement/availability-zone-id': zoneIdOf(world, instance.zone),
    'placement/group-name': placement?.GroupName,
    'placement/partition-number': placement?.PartitionNumber === undefined ? null : String(placement.PartitionNumber),
    'placement/region': world.region,
  };
}

function networkEntries(world: World, instance: InstanceRecord): Entries {
  const { details } = instance;
  const [host, privateIp] = [hostname(world, instance), privateAddress(instance)];
  if (details === null || host === null || privateIp === null) return {};
  const address = publicAddress(instance, world.specOf(instance), 'running');
  const publicIp = address === null ? null : formatAddress(address);
  const publicHost = address === null ? null : publicDnsName(world, address);
  const mac = macAddress(instance);
  const groups = details.securityGroupIds.map((id) => world.securityGroups.get(id)?.name ?? id).join('\n');
  const subnet = world.subnets.get(details.subnetId);
  const vpcCidr = world.vpcs.get(subnet?.vpcId ?? '')?.cidr;
  const card: Entries = {
    'device-number': '0',
    'interface-id': networkInterfaceId(instance),
    [`ipv4-associations/${publicIp ?? ''}`]: publicIp === null ? null : privateIp,
    'local-hostname': host,
    'local-ipv4s': privateIp,
    mac,
    'owner-id': world.accountId,
    'public-hostname': publicHost,
    'public-ipv4s': publicIp,
    'security-group-ids': details.securityGroupIds.join('\n'),
    'security-groups': groups,
    'subnet-id': details.subnetId,
    'subnet-ipv4-cidr-block': subnet && subnetCidr(subnet),
    'vpc-id': subnet?.vpcId,
    'vpc-ipv4-cidr-block': vpcCidr,
    'vpc-ipv4-cidr-blocks': vpcCidr,
  };
  return {
    hostname: host,
    'local-hostname': host,
    'local-ipv4': privateIp,
    mac,
    'public-hostname': publicHost,
    'public-ipv4': publicIp,
    'security-groups': groups,
    ...Object.fromEntries(
      Object.entries(card).map(([name, value]) => [`network/interfaces/macs/${mac}/${name}`, value]),
    ),
  };
}

/** The root as `ami` and `root`, the others as `ebs1`, `ebs2`, in the order in which they came. */
function diskEntries(world: World, instance: InstanceRecord): Entries {
  const devices = (instance.details?.volumeIds ?? []).map(
    (id) => world.volumes.get(id)?.attachments.find((one) => one.instanceId === instance.id)?.device,
  );
  const [root, ...others] = devices;
  return {
    'block-device-mapping/ami': root,
    'block-device-mapping/root': root,
    ...Object.fromEntries(
      others.map((device, n) => [`block-device-mapping/ebs${String(n + 1)}`, device?.replace(/^\/dev\//, '')]),
    ),
  };
}

const roleValidMs = 6 * 3_600_000;
const seconds = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19)}Z`;

/** Credentials of the role, which this simulator takes as it takes all: they lead to the instance's own account. */
function roleEntries(world: World, instance: InstanceRecord): Entries {
  const profile = profileOf(world, instance);
  if (!profile) return {};
  // The role has its profile's name here, as the console makes both.
  const role = profile.arn.slice(profile.arn.lastIndexOf('/') + 1);
  // Renewed once an hour: EC2 offers new ones at least five minutes before the old ones end.
  const sinceMs = Math.floor(world.nowMs() / 3_600_000) * 3_600_000;
  const secret = (what: string): string =>
    createHash('sha256')
      .update(`${instance.id}/${String(sinceMs)}/${what}`)
      .digest('base64');
  const credentials = {
    Code: 'Success',
    LastUpdated: seconds(sinceMs),
    Type: 'AWS-HMAC',
    AccessKeyId: keyIdOfRole(world.accountId),
    SecretAccessKey: secret('key').slice(0, 40),
    Token: secret('token').repeat(8),
    Expiration: seconds(sinceMs + roleValidMs),
  };
  const info = {
    Code: 'Success',
    LastUpdated: seconds(sinceMs),
    InstanceProfileArn: profile.arn,
    InstanceProfileId: profile.id,
  };
  return {
    'iam/info': JSON.stringify(info, null, 2),
    [`iam/security-credentials/${role}`]: JSON.stringify(credentials, null, 2),
  };
}

function eventEntries(instance: InstanceRecord): Entries {
  const { reclaimAtMs, rebalanceAtMs } = instance;
  const isEnding = reclaimAtMs !== null && instance.onReclaim === 'terminate';
  return {
    'events/maintenance/history': '[]',
    'events/maintenance/scheduled': '[]',
    'events/recommendations/rebalance':
      rebalanceAtMs === null ? null : JSON.stringify({ noticeTime: seconds(rebalanceAtMs) }),
    'spot/instance-action':
      reclaimAtMs === null ? null : JSON.stringify({ action: instance.onReclaim, time: seconds(reclaimAtMs) }),
    'spot/termination-time': isEnding ? seconds(reclaimAtMs) : null,
  };
}

function tagEntries(world: World, instance: InstanceRecord): Entries {
  if (metadataOptionsOf(world, instance).instanceMetadataTags !== 'enabled') return {};
  return Object.fromEntries(Object.entries(instance.tags).map(([key, value]) => [`tags/instance/${key}`, value]));
}

function identityDocument(world: World, instance: InstanceRecord): string {
  const document = {
    accountId: world.accountId,
    architecture: world.cloud.types.get(instance.instanceType)?.arch === 'arm64' ? 'arm64' : 'x86_64',
    availabilityZone: instance.zone,
    billingProducts: null,
    devpayProductCodes: null,
    marketplaceProductCodes: null,
    imageId: world.specOf(instance)?.imageId ?? null,
    instanceId: instance.id,
    instanceType: instance.instanceType,
    kernelId: null,
    pendingTime: seconds(instance.launchedAtMs),
    privateIp: privateAddress(instance),
    ramdiskId: null,
    region: world.region,
    version: '2017-09-30',
  };
  return JSON.stringify(document, null, 2);
}
