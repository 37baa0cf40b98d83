// The resources port over the SDK's client of EC2, whoever carries its calls: AWS, the simulated cloud's server, or the
// simulated cloud in this process. Nothing is repeated here: most calls have no token, and what is safe to repeat is
// known above.
import {
  AttachVolumeCommand,
  AuthorizeSecurityGroupEgressCommand,
  AuthorizeSecurityGroupIngressCommand,
  CreateSecurityGroupCommand,
  CreateSnapshotCommand,
  CreateTagsCommand,
  CreateVolumeCommand,
  DeleteSecurityGroupCommand,
  DeleteSnapshotCommand,
  DeleteVolumeCommand,
  DescribeImagesCommand,
  DescribeInstancesCommand,
  DescribeSecurityGroupsCommand,
  DescribeSnapshotsCommand,
  DescribeVolumesCommand,
  DetachVolumeCommand,
  ModifyInstanceAttributeCommand,
  ModifyVolumeCommand,
  RevokeSecurityGroupEgressCommand,
  RevokeSecurityGroupIngressCommand,
  RunInstancesCommand,
  StartInstancesCommand,
  StopInstancesCommand,
  TerminateInstancesCommand,
} from '@aws-sdk/client-ec2';
import type { EC2Client, Filter, IpPermission } from '@aws-sdk/client-ec2';
import type { FrozenMachines } from '../../../core/records/claim.ts';
import type { VolumeShape } from '../../../core/records/volume.ts';
import { tagRequest } from '../../../core/records/claim.ts';
import type { PermissionRule } from '../../../core/claims/network-rules.ts';
import { tagInstallation, tagLaunch, tagPool } from '../../../core/records/launch.ts';
import { ComputeThrottledError } from '../../../ports/compute.ts';
import { scopeOf } from '../../../ports/ec2-errors.ts';
import { ResourceRefusedError } from '../../../ports/resources.ts';
import type { ListedMachine, ResourceFilter, ResourceListing, Resources } from '../../../ports/resources.ts';
import type { CallBudget } from '../call-budget.ts';
import { computeError } from './errors.ts';
import { listedGroup, listedMachine, listedSnapshot, listedVolume, required } from './listing.ts';
import { tagList, volumeParameters } from './parameters.ts';
import { runInput } from './run.ts';
import { namesOwnThings } from './places.ts';
import type { MachinePlaces } from './places.ts';

/** EC2 takes more, but a batch that fails is halved until the culprit is found. */
const idsPerCall = 100;
/** DescribeVolumes is documented to take no more. */
const pageSize = 500;

type Tags = Readonly<Record<string, string>>;
type Page = { readonly NextToken?: string | undefined };

export interface Ec2ResourcesOptions {
  readonly client: EC2Client;
  readonly budget: CallBudget;
  /** null: EC2's own defaults, which are the account's default VPC and its default group. */
  readonly places: MachinePlaces | null;
}

export class Ec2Resources implements Resources {
  readonly #client: EC2Client;
  readonly #budget: CallBudget;
  readonly #places: MachinePlaces | null;
  readonly #rootDevices: Map<string, string>;

  constructor({ client, budget, places }: Ec2ResourcesOptions) {
    this.#client = client;
    this.#budget = budget;
    this.#places = places;
    this.#rootDevices = new Map(Object.entries(places?.rootDevices ?? {}));
  }

  async list(filter: ResourceFilter): Promise<ResourceListing> {
    const Filters = filtersOf(filter);
    const machines = this.#machines(Filters);
    if (filter.launchId !== undefined) return { machines: await machines, volumes: [], snapshots: [], groups: [] };
    const query = (NextToken: string | undefined) => ({ Filters, MaxResults: pageSize, NextToken });
    // Side by side: a function is paid for while it waits.
    const [listedMachines, volumes, snapshots, groups] = await Promise.all([
      machines,
      this.#pages('DescribeVolumes', (next) => this.#client.send(new DescribeVolumesCommand(query(next)))),
      this.#pages('DescribeSnapshots', (next) =>
        this.#client.send(new DescribeSnapshotsCommand({ ...query(next), OwnerIds: ['self'] })),
      ),
      this.#pages('DescribeSecurityGroups', (next) =>
        this.#client.send(new DescribeSecurityGroupsCommand(query(next))),
      ),
    ]);
    return {
      machines: listedMachines,
      volumes: volumes.flatMap((page) => (page.Volumes ?? []).map(listedVolume)),
      snapshots: snapshots.flatMap((page) => (page.Snapshots ?? []).map(listedSnapshot)),
      groups: groups.flatMap((page) => (page.SecurityGroups ?? []).map(listedGroup)),
    };
  }

  async #machines(Filters: Filter[]): Promise<readonly ListedMachine[]> {
    const pages = await this.#pages('DescribeInstances', (NextToken) =>
      this.#client.send(new DescribeInstancesCommand({ Filters, MaxResults: pageSize, NextToken })),
    );
    const instances = pages.flatMap((page) => page.Reservations ?? []).flatMap((one) => one.Instances ?? []);
    return instances.map((one) => this.#withoutPlainGroup(listedMachine(one)));
  }

  async launch(token: string, request: FrozenMachines): Promise<readonly ListedMachine[]> {
    const places = this.#places;
    const rootDevice = places === null ? null : await this.#rootDevice(request.imageId);
    const input = runInput(token, request, places, rootDevice);
    const isOwn = places !== null && namesOwnThings(request, places);
    const send = async () => this.#send('RunInstances', () => this.#client.send(new RunInstancesCommand(input)));
    const { Instances = [] } = await withOwnThings(isOwn, send);
    const machines = Instances.map((one) => this.#withoutPlainGroup(listedMachine(one)));
    return machines.sort((a, b) => a.launchIndex - b.launchIndex);
  }

  /**
   * An image's own root disk is encrypted only if the launch says so, and only its device name
   * says which disk that is.
   */
  async #rootDevice(imageId: string): Promise<string> {
    const known = this.#rootDevices.get(imageId);
    if (known !== undefined) return known;
    if (!imageId.startsWith('ami-')) {
      const cure = "look it up (aws ssm get-parameter) and give the image's id";
      const why =
        `${imageId} is resolved by EC2 only at the launch, when it is too late to encrypt ` + `its root disk; ${cure}`;
      throw new ResourceRefusedError('ImageByParameter', why, 'request');
    }
    const describe = async () => this.#client.send(new DescribeImagesCommand({ ImageIds: [imageId] }));
    const { Images = [] } = await this.#send('DescribeImages', describe);
    const device = Images[0]?.RootDeviceName ?? '';
    const why = `EC2 does not show ${imageId} and its root device to this account`;
    if (device === '') throw new ResourceRefusedError('InvalidAMIID.NotFound', why, 'request');
    this.#rootDevices.set(imageId, device);
    return device;
  }

  async terminate(ids: readonly string[]): Promise<readonly string[]> {
    const accepted: string[] = [];
    for (let at = 0; at < ids.length; at += idsPerCall)
      accepted.push(...(await this.#terminateBatch(ids.slice(at, at + idsPerCall))));
    return accepted;
  }

  async #terminateBatch(ids: readonly string[]): Promise<readonly string[]> {
    try {
      await this.#send('TerminateInstances', () =>
        this.#client.send(new TerminateInstancesCommand({ InstanceIds: [...ids] })),
      );
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
    await this.#send('StopInstances', () => this.#client.send(new StopInstancesCommand({ InstanceIds: [...ids] })));
  }

  async start(ids: readonly string[]): Promise<void> {
    await this.#send('StartInstances', () => this.#client.send(new StartInstancesCommand({ InstanceIds: [...ids] })));
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
    const command = new CreateVolumeCommand({
      ClientToken: token,
      AvailabilityZone: zone,
      Encrypted: true,
      Size: shape.sizeGib,
      ...volumeParameters(shape),
      ...(snapshotId === null ? {} : { SnapshotId: snapshotId }),
      TagSpecifications: [{ ResourceType: 'volume', Tags: tagList(tags) }],
    });
    const send = async () => this.#send('CreateVolume', () => this.#client.send(command));
    const { VolumeId } = await withOwnThings(snapshotId !== null, send);
    return required('CreateVolume', 'VolumeId', VolumeId);
  }

  async attach(volumeId: string, instanceId: string, device: string): Promise<void> {
    const command = new AttachVolumeCommand({ VolumeId: volumeId, InstanceId: instanceId, Device: device });
    await this.#send('AttachVolume', () => this.#client.send(command));
  }

  async detach(volumeId: string, instanceId: string): Promise<void> {
    const command = new DetachVolumeCommand({ VolumeId: volumeId, InstanceId: instanceId });
    await this.#send('DetachVolume', () => this.#client.send(command));
  }

  async modify(volumeId: string, shape: VolumeShape): Promise<void> {
    const command = new ModifyVolumeCommand({ VolumeId: volumeId, Size: shape.sizeGib, ...volumeParameters(shape) });
    await this.#send('ModifyVolume', () => this.#client.send(command));
  }

  async snapshot(volumeId: string, tags: Tags): Promise<string> {
    const command = new CreateSnapshotCommand({
      VolumeId: volumeId,
      Description: `Final snapshot of ${volumeId}`,
      TagSpecifications: [{ ResourceType: 'snapshot', Tags: tagList(tags) }],
    });
    const { SnapshotId } = await this.#send('CreateSnapshot', () => this.#client.send(command));
    return required('CreateSnapshot', 'SnapshotId', SnapshotId);
  }

  async deleteVolume(volumeId: string): Promise<void> {
    await this.#send('DeleteVolume', () => this.#client.send(new DeleteVolumeCommand({ VolumeId: volumeId })));
  }

  async deleteSnapshot(snapshotId: string): Promise<void> {
    await this.#send('DeleteSnapshot', () => this.#client.send(new DeleteSnapshotCommand({ SnapshotId: snapshotId })));
  }

  /** By a filter, which leaves out what is not there, where a list of ids would be refused as a whole. */
  readonly snapshotTags = async (ids: readonly string[]): Promise<ReadonlyMap<string, Tags>> => {
    if (ids.length === 0) return new Map();
    const Filters = [{ Name: 'snapshot-id', Values: [...ids] }];
    const pages = await this.#pages('DescribeSnapshots', (NextToken) =>
      this.#client.send(new DescribeSnapshotsCommand({ Filters, MaxResults: pageSize, NextToken })),
    );
    return new Map(
      pages
        .flatMap((page) => page.Snapshots ?? [])
        .map(listedSnapshot)
        .map(({ id, tags }) => [id, tags]),
    );
  };

  async createGroup(name: string, description: string, tags: Tags): Promise<string> {
    const command = new CreateSecurityGroupCommand({
      GroupName: name,
      Description: description,
      ...(this.#places === null ? {} : { VpcId: this.#places.vpcId }),
      TagSpecifications: [{ ResourceType: 'security-group', Tags: tagList(tags) }],
    });
    const { GroupId } = await this.#send('CreateSecurityGroup', () => this.#client.send(command));
    return required('CreateSecurityGroup', 'GroupId', GroupId);
  }

  async authorize(groupId: string, rules: readonly PermissionRule[]): Promise<void> {
    const { ingress, egress } = permissionsOf(rules);
    const input = (IpPermissions: IpPermission[]) => ({ GroupId: groupId, IpPermissions });
    if (ingress.length > 0) {
      const command = new AuthorizeSecurityGroupIngressCommand(input(ingress));
      await this.#send('AuthorizeSecurityGroupIngress', () => this.#client.send(command));
    }
    if (egress.length > 0) {
      const command = new AuthorizeSecurityGroupEgressCommand(input(egress));
      await this.#send('AuthorizeSecurityGroupEgress', () => this.#client.send(command));
    }
  }

  async revoke(groupId: string, rules: readonly PermissionRule[]): Promise<void> {
    const { ingress, egress } = permissionsOf(rules);
    const input = (IpPermissions: IpPermission[]) => ({ GroupId: groupId, IpPermissions });
    if (ingress.length > 0) {
      const command = new RevokeSecurityGroupIngressCommand(input(ingress));
      await this.#send('RevokeSecurityGroupIngress', () => this.#client.send(command));
    }
    if (egress.length > 0) {
      const command = new RevokeSecurityGroupEgressCommand(input(egress));
      await this.#send('RevokeSecurityGroupEgress', () => this.#client.send(command));
    }
  }

  async setGroups(instanceId: string, groupIds: readonly string[]): Promise<void> {
    // EC2 wants one group at least.
    const Groups = groupIds.length === 0 && this.#places !== null ? [this.#places.plainGroupId] : [...groupIds];
    const command = new ModifyInstanceAttributeCommand({ InstanceId: instanceId, Groups });
    await this.#send('ModifyInstanceAttribute', () => this.#client.send(command));
  }

  async tag(ids: readonly string[], tags: Tags): Promise<void> {
    await this.#send('CreateTags', () =>
      this.#client.send(new CreateTagsCommand({ Resources: [...ids], Tags: tagList(tags) })),
    );
  }

  async deleteGroup(groupId: string): Promise<void> {
    await this.#send('DeleteSecurityGroup', () =>
      this.#client.send(new DeleteSecurityGroupCommand({ GroupId: groupId })),
    );
  }

  /** The plain group stands for none. */
  #withoutPlainGroup(machine: ListedMachine): ListedMachine {
    const plain = this.#places?.plainGroupId;
    return plain === undefined ? machine : { ...machine, groupIds: machine.groupIds.filter((id) => id !== plain) };
  }

  async #pages<P extends Page>(action: string, page: (next: string | undefined) => Promise<P>): Promise<readonly P[]> {
    const pages: P[] = [];
    for (let next: string | undefined; ;) {
      const at = next;
      const answer = await this.#send(action, () => page(at));
      pages.push(answer);
      next = answer.NextToken;
      if (next === undefined || next === '') return pages;
    }
  }

  /** @throws ResourceRefusedError, TokenUsedError, ComputeThrottledError, ComputeUnknownError */
  async #send<T>(action: string, call: () => Promise<T>): Promise<T> {
    if (!(await this.#budget.take(action))) {
      throw new ComputeThrottledError(`${action} was not sent: the account's budget for it is spent at this moment`);
    }
    try {
      return await call();
    } catch (error) {
      // RunInstances does not say whether a refusal used its token up, so it is taken as unused.
      throw computeError(
        action,
        error,
        (code, message) => new ResourceRefusedError(code, message, scopeOf(code, message)),
      );
    }
  }
}

/**
 * Where the caller chose what is used, "not authorized" is taken to be about that: it must not stop
 * what others ask for.
 */
async function withOwnThings<T>(isOwn: boolean, send: () => Promise<T>): Promise<T> {
  try {
    return await send();
  } catch (error) {
    if (!isOwn || !(error instanceof ResourceRefusedError) || error.ec2Code !== 'UnauthorizedOperation') throw error;
    const why =
      'this installation may not use what the request names (image, role, key pair or ' + `snapshot): ${error.message}`;
    throw new ResourceRefusedError(error.ec2Code, why, 'request', error.isTokenUsed);
  }
}

/** What requests hold, of one installation, pool or launch. */
function filtersOf({ installation, pool, launchId }: ResourceFilter): Filter[] {
  const tags = { [tagInstallation]: installation, [tagPool]: pool, [tagLaunch]: launchId };
  const byTag = Object.entries(tags).flatMap(([key, value]) =>
    value === undefined ? [] : [{ Name: `tag:${key}`, Values: [literal(value)] }],
  );
  return [{ Name: 'tag-key', Values: [tagRequest] }, ...byTag];
}

/** Filters take wildcards; what we ask for is meant literally. */
function literal(text: string): string {
  return text.replace(/[\\*?]/g, (char) => `\\${char}`);
}

function permissionsOf(rules: readonly PermissionRule[]): {
  readonly ingress: IpPermission[];
  readonly egress: IpPermission[];
} {
  const of = (isEgress: boolean): IpPermission[] =>
    rules.filter((rule) => rule.isEgress === isEgress).map(permissionOf);
  return { ingress: of(false), egress: of(true) };
}

function permissionOf({ protocol, fromPort, toPort, cidr, groupId }: PermissionRule): IpPermission {
  const isIpv6 = cidr?.includes(':') ?? false;
  return {
    IpProtocol: protocol,
    ...(protocol === '-1' ? {} : { FromPort: fromPort, ToPort: toPort }),
    ...(cidr === null ? {} : isIpv6 ? { Ipv6Ranges: [{ CidrIpv6: cidr }] } : { IpRanges: [{ CidrIp: cidr }] }),
    ...(groupId === null ? {} : { UserIdGroupPairs: [{ GroupId: groupId }] }),
  };
}
