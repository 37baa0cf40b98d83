// The resources port over the simulated cloud's own protocol, for tests and the fault simulator: the SDK takes seconds
// to load in each test file and three times the CPU per call. On AWS and on the laptop: adapters/aws/ec2/resources.ts.
import type { FrozenMachines } from '../../core/records/claim.ts';
import type { VolumeShape } from '../../core/records/volume.ts';
import { tagRequest } from '../../core/records/claim.ts';
import type { PermissionRule } from '../../core/claims/network-rules.ts';
import { tagInstallation, tagLaunch, tagPool } from '../../core/records/launch.ts';
import { ComputeThrottledError, ComputeUnknownError, TokenUsedError } from '../../ports/compute.ts';
import type { InstanceState } from '../../ports/compute.ts';
import { isThrottle, scopeOf } from '../../ports/ec2-errors.ts';
import { ResourceRefusedError } from '../../ports/resources.ts';
import type {
  ListedGroup,
  ListedMachine,
  ListedSnapshot,
  ListedVolume,
  ResourceFilter,
  ResourceListing,
  Resources,
} from '../../ports/resources.ts';
import type { Ec2Call } from './ec2-call.ts';
import type { Element } from './xml-reader.ts';
import { child, items, parseXml, textOf } from './xml-reader.ts';

/** EC2 takes more, but a batch that fails is halved until the culprit is found. */
const idsPerCall = 100;
/** DescribeVolumes takes no more. */
const pageSize = '500';

type Tags = Readonly<Record<string, string>>;

export class SimulatedResources implements Resources {
  readonly #call: Ec2Call;

  constructor(call: Ec2Call) {
    this.#call = call;
  }

  async list({ installation, pool, launchId }: ResourceFilter): Promise<ResourceListing> {
    const tags = {
      [tagInstallation]: installation,
      ...(pool === undefined ? {} : { [tagPool]: pool }),
      ...(launchId === undefined ? {} : { [tagLaunch]: launchId }),
    };
    const filters: Record<string, string> = { 'Filter.1.Name': 'tag-key', 'Filter.1.Value.1': tagRequest };
    for (const [n, [key, value]] of Object.entries(tags).entries()) {
      filters[`Filter.${String(n + 2)}.Name`] = `tag:${key}`;
      filters[`Filter.${String(n + 2)}.Value.1`] = literal(value);
    }
    const machinePages = this.#pages('DescribeInstances', filters);
    const machines = (pages: readonly Element[]): ListedMachine[] =>
      pages
        .flatMap((page) => items(page, 'reservationSet'))
        .flatMap((one) => items(one, 'instancesSet'))
        .map(machineOf);
    if (launchId !== undefined)
      return { machines: machines(await machinePages), volumes: [], snapshots: [], groups: [] };
    // Side by side: a function is paid for while it waits.
    const [ofMachines, ofVolumes, ofSnapshots, ofGroups] = await Promise.all([
      machinePages,
      this.#pages('DescribeVolumes', filters),
      this.#pages('DescribeSnapshots', { ...filters, 'Owner.1': 'self' }),
      this.#pages('DescribeSecurityGroups', filters),
    ]);
    return {
      machines: machines(ofMachines),
      volumes: ofVolumes.flatMap((page) => items(page, 'volumeSet')).map(volumeOf),
      snapshots: ofSnapshots.flatMap((page) => items(page, 'snapshotSet')).map(snapshotOf),
      groups: ofGroups.flatMap((page) => items(page, 'securityGroupInfo')).map(groupOf),
    };
  }

  async launch(token: string, request: FrozenMachines): Promise<readonly ListedMachine[]> {
    const answer = await this.#send('RunInstances', {
      ClientToken: token,
      ...runParameters(request),
      ...defaultPlace(request),
    });
    return items(answer, 'instancesSet')
      .map(machineOf)
      .sort((a, b) => a.launchIndex - b.launchIndex);
  }

  async terminate(ids: readonly string[]): Promise<readonly string[]> {
    const accepted: string[] = [];
    for (let at = 0; at < ids.length; at += idsPerCall)
      accepted.push(...(await this.#terminateBatch(ids.slice(at, at + idsPerCall))));
    return accepted;
  }

  async #terminateBatch(ids: readonly string[]): Promise<readonly string[]> {
    try {
      await this.#send('TerminateInstances', numbered('InstanceId', ids));
      return ids;
    } catch (error) {
      // What the account may not do it may not do to one id either.
      if (!(error instanceof ResourceRefusedError) || error.scope === 'account') throw error;
      if (ids.length <= 1) return [];
      const half = Math.ceil(ids.length / 2);
      return [...(await this.#terminateBatch(ids.slice(0, half))), ...(await this.#terminateBatch(ids.slice(half)))];
    }
  }

  async stop(ids: readonly string[]): Promise<void> {
    await this.#send('StopInstances', numbered('InstanceId', ids));
  }

  async start(ids: readonly string[]): Promise<void> {
    await this.#send('StartInstances', numbered('InstanceId', ids));
  }

  async createVolume(
    token: string,
    volume: {
      readonly zone: string;
      readonly shape: VolumeShape;
      readonly snapshotId: string | null;
      readonly tags: Tags;
    },
  ): Promise<string> {
    const { zone, shape, snapshotId, tags } = volume;
    const answer = await this.#send('CreateVolume', {
      ClientToken: token,
      AvailabilityZone: zone,
      Encrypted: 'true',
      ...shapeParameters(shape, 'Size'),
      ...(snapshotId === null ? {} : { SnapshotId: snapshotId }),
      ...tagParameters([['volume', tags]]),
    });
    return textOf(answer, 'volumeId');
  }

  async attach(volumeId: string, instanceId: string, device: string): Promise<void> {
    await this.#send('AttachVolume', { VolumeId: volumeId, InstanceId: instanceId, Device: device });
  }

  async detach(volumeId: string, instanceId: string): Promise<void> {
    await this.#send('DetachVolume', { VolumeId: volumeId, InstanceId: instanceId });
  }

  async modify(volumeId: string, shape: VolumeShape): Promise<void> {
    await this.#send('ModifyVolume', { VolumeId: volumeId, ...shapeParameters(shape, 'Size') });
  }

  async snapshot(volumeId: string, tags: Tags): Promise<string> {
    return textOf(
      await this.#send('CreateSnapshot', {
        VolumeId: volumeId,
        Description: `Final snapshot of ${volumeId}`,
        ...tagParameters([['snapshot', tags]]),
      }),
      'snapshotId',
    );
  }

  async deleteVolume(volumeId: string): Promise<void> {
    await this.#send('DeleteVolume', { VolumeId: volumeId });
  }

  async deleteSnapshot(snapshotId: string): Promise<void> {
    await this.#send('DeleteSnapshot', { SnapshotId: snapshotId });
  }

  /** By a filter, which leaves out what is not there, where a list of ids would be refused as a whole. */
  readonly snapshotTags = async (ids: readonly string[]): Promise<ReadonlyMap<string, Tags>> => {
    if (ids.length === 0) return new Map();
    const values = Object.fromEntries(ids.map((id, n) => [`Filter.1.Value.${String(n + 1)}`, id]));
    const pages = await this.#pages('DescribeSnapshots', { 'Filter.1.Name': 'snapshot-id', ...values });
    const snapshots = pages.flatMap((page) => items(page, 'snapshotSet'));
    return new Map(snapshots.map((one) => [textOf(one, 'snapshotId'), tagsOf(one)]));
  };

  async createGroup(name: string, description: string, tags: Tags): Promise<string> {
    return textOf(
      await this.#send('CreateSecurityGroup', {
        GroupName: name,
        GroupDescription: description,
        ...tagParameters([['security-group', tags]]),
      }),
      'groupId',
    );
  }

  async authorize(groupId: string, rules: readonly PermissionRule[]): Promise<void> {
    await this.#changeRules('Authorize', groupId, rules);
  }

  async revoke(groupId: string, rules: readonly PermissionRule[]): Promise<void> {
    await this.#changeRules('Revoke', groupId, rules);
  }

  async setGroups(instanceId: string, groupIds: readonly string[]): Promise<void> {
    await this.#send('ModifyInstanceAttribute', { InstanceId: instanceId, ...numbered('GroupId', groupIds) });
  }

  async tag(ids: readonly string[], tags: Tags): Promise<void> {
    const parameters = numbered('ResourceId', ids);
    for (const [n, [key, value]] of Object.entries(tags).entries())
      Object.assign(parameters, { [`Tag.${String(n + 1)}.Key`]: key, [`Tag.${String(n + 1)}.Value`]: value });
    await this.#send('CreateTags', parameters);
  }

  async deleteGroup(groupId: string): Promise<void> {
    await this.#send('DeleteSecurityGroup', { GroupId: groupId });
  }

  async #changeRules(verb: 'Authorize' | 'Revoke', groupId: string, rules: readonly PermissionRule[]): Promise<void> {
    for (const isEgress of [false, true]) {
      const part = rules.filter((rule) => rule.isEgress === isEgress);
      if (part.length === 0) continue;
      const parameters: Record<string, string> = { GroupId: groupId };
      for (const [n, rule] of part.entries())
        Object.assign(parameters, ruleParameters(`IpPermissions.${String(n + 1)}`, rule));
      await this.#send(`${verb}SecurityGroup${isEgress ? 'Egress' : 'Ingress'}`, parameters);
    }
  }

  async #pages(action: string, parameters: Readonly<Record<string, string>>): Promise<readonly Element[]> {
    const pages: Element[] = [];
    for (let next = ''; ;) {
      const page = await this.#send(action, {
        ...parameters,
        MaxResults: pageSize,
        ...(next === '' ? {} : { NextToken: next }),
      });
      pages.push(page);
      next = textOf(page, 'nextToken');
      if (next === '') return pages;
    }
  }

  async #send(action: string, parameters: Readonly<Record<string, string>>): Promise<Element> {
    const { status, xml } = await this.#call(action, parameters);
    const answer = readable(xml);
    // Of 200 EC2 did it, and what it said cannot be read; of an error without its form nobody knows what happened.
    if (answer === null)
      throw new ComputeUnknownError(
        `${action}: the answer (HTTP ${String(status)}) cannot be read: ${xml.slice(0, 300)}`,
      );
    if (status === 200) return answer;
    const error = child(answer, 'Errors', 'Error');
    const code = textOf(error, 'Code');
    const message = textOf(error, 'Message');
    if (code === '') throw new ComputeUnknownError(`${action}: HTTP ${String(status)} without an error code`);
    if (isThrottle(code)) throw new ComputeThrottledError(`${action}: ${message}`);
    if (code === 'IdempotentParameterMismatch' || code === 'IdempotentInstanceTerminated')
      throw new TokenUsedError(code, message);
    const scope = scopeOf(code, message);
    // Capacity errors come with 500 as well.
    if (status >= 500 && scope === 'request') throw new ComputeUnknownError(`${action}: ${code}: ${message}`);
    // RunInstances does not say whether a refusal used its token up, so it is taken as unused.
    throw new ResourceRefusedError(code, message, scope);
  }
}

/** null: cut off, or no XML at all (a proxy's page). */
function readable(xml: string): Element | null {
  try {
    return parseXml(xml);
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

/** Filters take wildcards; what we ask for is meant literally. */
function literal(text: string): string {
  return text.replace(/[\\*?]/g, (char) => `\\${char}`);
}

function numbered(name: string, values: readonly string[]): Record<string, string> {
  return Object.fromEntries(values.map((value, n) => [`${name}.${String(n + 1)}`, value]));
}

function tagParameters(sets: readonly (readonly [type: string, tags: Tags])[]): Record<string, string> {
  const parameters: Record<string, string> = {};
  for (const [n, [type, tags]] of sets.entries()) {
    const prefix = `TagSpecification.${String(n + 1)}`;
    parameters[`${prefix}.ResourceType`] = type;
    for (const [m, [key, value]] of Object.entries(tags).entries()) {
      parameters[`${prefix}.Tag.${String(m + 1)}.Key`] = key;
      parameters[`${prefix}.Tag.${String(m + 1)}.Value`] = value;
    }
  }
  return parameters;
}

function shapeParameters(shape: VolumeShape, size: 'Size' | 'VolumeSize'): Record<string, string> {
  return {
    [size]: String(shape.sizeGib),
    VolumeType: shape.type,
    ...(shape.iops === null ? {} : { Iops: String(shape.iops) }),
    ...(shape.throughputMibps === null ? {} : { Throughput: String(shape.throughputMibps) }),
  };
}

function runParameters(request: FrozenMachines): Record<string, string> {
  const parameters: Record<string, string> = {
    ImageId: request.imageId,
    InstanceType: request.instanceType,
    MinCount: '1',
    MaxCount: String(request.count),
    ...(request.capacityType === 'spot' ? { 'InstanceMarketOptions.MarketType': 'spot' } : {}),
    ...(request.userData === null ? {} : { UserData: request.userData }),
    ...(request.keyName === null ? {} : { KeyName: request.keyName }),
    ...tagParameters([
      ['instance', request.tags],
      ['volume', request.tags],
    ]),
    'MetadataOptions.HttpTokens': 'required',
    ...(request.cpuCredits === undefined ? {} : { 'CreditSpecification.CpuCredits': request.cpuCredits }),
  };
  for (const [n, disk] of request.disks.entries()) {
    const prefix = `BlockDeviceMapping.${String(n + 1)}`;
    parameters[`${prefix}.DeviceName`] = disk.device;
    const ebs = {
      ...shapeParameters(disk.shape, 'VolumeSize'),
      Encrypted: 'true',
      DeleteOnTermination: String(disk.deleteOnTermination),
      ...(disk.snapshotId === null ? {} : { SnapshotId: disk.snapshotId }),
    };
    for (const [name, value] of Object.entries(ebs)) parameters[`${prefix}.Ebs.${name}`] = value;
  }
  return parameters;
}

/** In the account's default VPC. */
function defaultPlace(request: FrozenMachines): Record<string, string> {
  return {
    ...(request.subnetId === null ? { 'Placement.AvailabilityZone': request.zone } : { SubnetId: request.subnetId }),
    ...(request.instanceProfile === null
      ? {}
      : {
          [request.instanceProfile.startsWith('arn:') ? 'IamInstanceProfile.Arn' : 'IamInstanceProfile.Name']:
            request.instanceProfile,
        }),
    ...numbered('SecurityGroupId', request.groupIds),
  };
}

function ruleParameters(prefix: string, rule: PermissionRule): Record<string, string> {
  return {
    [`${prefix}.IpProtocol`]: rule.protocol,
    ...(rule.protocol === '-1'
      ? {}
      : { [`${prefix}.FromPort`]: String(rule.fromPort), [`${prefix}.ToPort`]: String(rule.toPort) }),
    ...(rule.cidr === null
      ? {}
      : rule.cidr.includes(':')
        ? { [`${prefix}.Ipv6Ranges.1.CidrIpv6`]: rule.cidr }
        : { [`${prefix}.IpRanges.1.CidrIp`]: rule.cidr }),
    ...(rule.groupId === null ? {} : { [`${prefix}.Groups.1.GroupId`]: rule.groupId }),
  };
}

function tagsOf(element: Element): Tags {
  return Object.fromEntries(items(element, 'tagSet').map((tag) => [textOf(tag, 'key'), textOf(tag, 'value')]));
}

function textOrNull(element: Element, ...path: readonly string[]): string | null {
  const text = textOf(element, ...path);
  return text === '' ? null : text;
}

function numberOrNull(element: Element, name: string): number | null {
  const text = textOf(element, name);
  return text === '' ? null : Number(text);
}

function timeOf(element: Element, name: string): number {
  return Date.parse(textOf(element, name));
}

function machineOf(element: Element): ListedMachine {
  return {
    id: textOf(element, 'instanceId'),
    state: textOf(element, 'instanceState', 'name') as InstanceState,
    instanceType: textOf(element, 'instanceType'),
    zone: textOf(element, 'placement', 'availabilityZone'),
    capacityType: textOf(element, 'instanceLifecycle') === 'spot' ? 'spot' : 'on-demand',
    launchedAtMs: timeOf(element, 'launchTime'),
    launchIndex: numberOrNull(element, 'amiLaunchIndex') ?? 0,
    privateIp: textOrNull(element, 'privateIpAddress'),
    publicIp: textOrNull(element, 'ipAddress'),
    disks: items(element, 'blockDeviceMapping').map((disk) => ({
      device: textOf(disk, 'deviceName'),
      volumeId: textOf(disk, 'ebs', 'volumeId'),
    })),
    groupIds: items(element, 'groupSet')
      .map((group) => textOf(group, 'groupId'))
      .sort(),
    tags: tagsOf(element),
    stateReason: textOrNull(element, 'stateReason', 'message'),
  };
}

function volumeOf(element: Element): ListedVolume {
  return {
    id: textOf(element, 'volumeId'),
    state: textOf(element, 'status') as ListedVolume['state'],
    zone: textOf(element, 'availabilityZone'),
    type: textOf(element, 'volumeType'),
    sizeGib: Number(textOf(element, 'size')),
    iops: numberOrNull(element, 'iops'),
    throughputMibps: numberOrNull(element, 'throughput'),
    attachments: items(element, 'attachmentSet').map((one) => ({
      instanceId: textOf(one, 'instanceId'),
      device: textOf(one, 'device'),
      state: textOf(one, 'status'),
    })),
    createdAtMs: timeOf(element, 'createTime'),
    tags: tagsOf(element),
  };
}

function snapshotOf(element: Element): ListedSnapshot {
  return {
    id: textOf(element, 'snapshotId'),
    state: textOf(element, 'status') as ListedSnapshot['state'],
    volumeId: textOf(element, 'volumeId'),
    startedAtMs: timeOf(element, 'startTime'),
    tags: tagsOf(element),
  };
}

function groupOf(element: Element): ListedGroup {
  const rules = (name: string, isEgress: boolean): PermissionRule[] =>
    items(element, name).flatMap((permission) => {
      const base = {
        isEgress,
        protocol: textOf(permission, 'ipProtocol'),
        fromPort: numberOrNull(permission, 'fromPort') ?? -1,
        toPort: numberOrNull(permission, 'toPort') ?? -1,
      };
      return [
        ...items(permission, 'ipRanges').map((one) => ({ ...base, cidr: textOf(one, 'cidrIp'), groupId: null })),
        ...items(permission, 'ipv6Ranges').map((one) => ({ ...base, cidr: textOf(one, 'cidrIpv6'), groupId: null })),
        ...items(permission, 'groups').map((one) => ({ ...base, cidr: null, groupId: textOf(one, 'groupId') })),
      ];
    });
  return {
    id: textOf(element, 'groupId'),
    name: textOf(element, 'groupName'),
    rules: [...rules('ipPermissions', false), ...rules('ipPermissionsEgress', true)],
    tags: tagsOf(element),
  };
}
