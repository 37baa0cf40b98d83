// The cloud port straight over the simulated EC2, for control's tests and the fault simulator: without the SDK, which
// takes seconds of CPU to load in each test file. On AWS and on the laptop: adapters/aws/ec2/cloud.ts.
import type { PermissionRule } from '../../core/records/security-group.ts';
import type { VolumeShape } from '../../core/records/volume.ts';
import type { FrozenFleet, FrozenInstances } from '../../core/records/launch.ts';
import { CloudRefusedError, CloudThrottledError, CloudUnknownError, TokenUsedError } from '../../ports/cloud.ts';
import type {
  Cloud,
  CloudListing,
  Instance,
  LaunchAnswer,
  LaunchFault,
  ListingScope,
  Tags,
  TerminateAnswer,
  VolumeRequest,
} from '../../ports/cloud.ts';
import { isThrottle, scopeOf } from '../../ports/ec2/errors.ts';
import { terminateBatches } from '../../ports/ec2/terminate-batches.ts';
import { queryCall } from './carrier.ts';
import type { Ec2Call, Ec2Carrier } from './carrier.ts';
import type { LaunchOutcome } from './cloud/cloud.ts';
import { Ec2Error } from './cloud/errors.ts';
import type { LaunchCall } from './cloud/market/launching.ts';
import { launchReserved } from './ec2/families/capacity-reservations.ts';
import { settle } from './ec2/families/settle.ts';
import type { World } from './ec2/world.ts';
import {
  groupsOf,
  instancesOf,
  launchedOf,
  pageMax,
  snapshotsOf,
  tagFilters,
  tagsOfScope,
  text,
  volumesOf,
} from './direct-listing.ts';
import type { WireObject } from './direct-listing.ts';
import { numbered, ruleParameters, runParameters, shapeParameters, tagParameters } from './direct-parameters.ts';

export class DirectCloud implements Cloud {
  readonly #carry: Ec2Carrier;

  constructor(carry: Ec2Carrier) {
    this.#carry = carry;
  }

  async list(scope: ListingScope): Promise<CloudListing> {
    const tags = tagsOfScope(scope);
    const instances = this.#call({
      action: 'DescribeInstances',
      parameters: tagFilters(tags),
      resources: 1,
      run: (world) => instancesOf(world, tags),
    });
    if (scope.things === 'instances') return { instances: await instances, volumes: [], snapshots: [], groups: [] };
    const filters = tagFilters(tags, { isClaimed: true });
    // Side by side, as on AWS.
    const [listed, volumes, snapshots, groups] = await Promise.all([
      instances,
      this.#pages('DescribeVolumes', filters),
      this.#pages('DescribeSnapshots', { ...filters, 'Owner.1': 'self' }),
      this.#pages('DescribeSecurityGroups', filters),
    ]);
    return {
      instances: listed,
      volumes: volumes.flatMap(volumesOf),
      snapshots: snapshots.flatMap(snapshotsOf),
      groups: groups.flatMap(groupsOf),
    };
  }

  /** Straight from the model: the fleets of the Query protocol need launch templates, and every node a disk. */
  async launchFleet(token: string, request: FrozenFleet): Promise<LaunchAnswer> {
    const { capacityType, overrides, count, tags, reservation } = request;
    const { instances, instanceIds, faults, isReplay } = await this.#call({
      action: reservation === undefined ? 'CreateFleet' : 'RunInstances',
      parameters: {
        ClientToken: token,
        TotalTargetCapacity: String(count),
        InstanceType: overrides[0]?.instanceType ?? '',
        DefaultTargetCapacityType: capacityType,
      },
      resources: count,
      run: (world) => {
        const { cloud } = world;
        const call = {
          token,
          tokenScope: 'fleet',
          parameters: canonical(request),
          capacityType,
          strategy: cloud.options.fleetStrategy[capacityType],
          overrides,
          count,
          minCount: 0,
          tags,
        };
        return reservation === undefined ? cloud.launch(call) : launchInto(world, call, reservation);
      },
    });
    // A fleet that launched nothing and met only errors without an override was refused as a whole.
    const [fault] = faults;
    if (fault && instanceIds.length === 0 && faults.every(isAboutTheWhole)) throw new CloudRefusedError(fault, true);
    return {
      instances: instances.map((one) => ({
        id: one.id,
        instanceType: one.instanceType,
        zone: one.zone,
        capacityType: one.capacityType,
      })),
      faults,
      isReplay,
    };
  }

  async runInstances(token: string, request: FrozenInstances): Promise<readonly Instance[]> {
    const call = queryCall('RunInstances', { ClientToken: token, ...runParameters(request) });
    const launched = await this.#call({ ...call, run: (world) => launchedOf(world, call.run(world) as WireObject) });
    return [...launched].sort((a, b) => a.launchIndex - b.launchIndex);
  }

  async terminate(ids: readonly string[]): Promise<TerminateAnswer> {
    const send = (batch: readonly string[]) => this.#send('TerminateInstances', numbered('InstanceId', batch));
    return terminateBatches(ids, () => '', send);
  }

  async stop(ids: readonly string[]): Promise<void> {
    await this.#send('StopInstances', numbered('InstanceId', ids));
  }

  async start(ids: readonly string[]): Promise<void> {
    await this.#send('StartInstances', numbered('InstanceId', ids));
  }

  async createVolume(token: string, { zone, shape, snapshotId, tags }: VolumeRequest): Promise<string> {
    const { volumeId } = await this.#send('CreateVolume', {
      ClientToken: token,
      AvailabilityZone: zone,
      Encrypted: 'true',
      ...shapeParameters(shape, 'Size'),
      ...(snapshotId === null ? {} : { SnapshotId: snapshotId }),
      ...tagParameters([['volume', tags]]),
    });
    return text(volumeId);
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
    const { snapshotId } = await this.#send('CreateSnapshot', {
      VolumeId: volumeId,
      Description: `Final snapshot of ${volumeId}`,
      ...tagParameters([['snapshot', tags]]),
    });
    return text(snapshotId);
  }

  async deleteVolume(volumeId: string): Promise<void> {
    await this.#send('DeleteVolume', { VolumeId: volumeId });
  }

  async deleteSnapshot(snapshotId: string): Promise<void> {
    await this.#send('DeleteSnapshot', { SnapshotId: snapshotId });
  }

  readonly snapshotTags = async (ids: readonly string[]): Promise<ReadonlyMap<string, Tags>> => {
    if (ids.length === 0) return new Map();
    const values = Object.fromEntries(ids.map((id, n) => [`Filter.1.Value.${String(n + 1)}`, id]));
    const pages = await this.#pages('DescribeSnapshots', { 'Filter.1.Name': 'snapshot-id', ...values });
    return new Map(pages.flatMap(snapshotsOf).map(({ id, tags }) => [id, tags]));
  };

  async createGroup(name: string, description: string, tags: Tags): Promise<string> {
    const { groupId } = await this.#send('CreateSecurityGroup', {
      GroupName: name,
      GroupDescription: description,
      ...tagParameters([['security-group', tags]]),
    });
    return text(groupId);
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
      const parameters = Object.assign({ GroupId: groupId }, ...part.map(ruleParameters)) as Record<string, string>;
      await this.#send(`${verb}SecurityGroup${isEgress ? 'Egress' : 'Ingress'}`, parameters);
    }
  }

  async #pages(action: string, parameters: Readonly<Record<string, string>>): Promise<readonly WireObject[]> {
    const pages: WireObject[] = [];
    for (let next: unknown; ;) {
      const at = typeof next === 'string' ? { NextToken: next } : {};
      const page = await this.#send(action, { ...parameters, MaxResults: String(pageMax), ...at });
      pages.push(page);
      next = page['nextToken'];
      if (typeof next !== 'string') return pages;
    }
  }

  async #send(action: string, parameters: Readonly<Record<string, string>>): Promise<WireObject> {
    return (await this.#call(queryCall(action, parameters))) as WireObject;
  }

  /** @throws CloudRefusedError, TokenUsedError, CloudThrottledError, CloudUnknownError */
  async #call<T>(call: Ec2Call<T>): Promise<T> {
    try {
      return await this.#carry(call);
    } catch (error) {
      throw error instanceof Ec2Error ? portError(call.action, error) : error;
    }
  }
}

/** As RunInstances launches what names a reservation: a token that was used answers before anything is looked at. */
function launchInto(
  world: World,
  call: LaunchCall,
  { id, kind }: NonNullable<FrozenFleet['reservation']>,
): LaunchOutcome {
  settle(world);
  const replay = world.cloud.replayOf(call);
  if (replay) return replay;
  const { overrides: pools, capacityType, count } = call;
  const isBlock = kind === 'capacity-block';
  const asked = { pools, capacityType, preference: undefined, targetId: id, isBlock, count };
  return launchReserved(world, asked, () => world.cloud.launch({ ...call, minCount: 1, failsBelowMinimum: true }));
}

/** No override is to blame, and it is no shortage. */
function isAboutTheWhole(fault: LaunchFault): boolean {
  return fault.about === null && fault.scope !== 'offering';
}

function portError(action: string, { ec2Code: code, message, httpStatus }: Ec2Error): Error {
  if (isThrottle(code)) return new CloudThrottledError(`${action}: ${message}`);
  if (code === 'IdempotentParameterMismatch' || code === 'IdempotentInstanceTerminated')
    return new TokenUsedError(code, message);
  const scope = scopeOf(code, message);
  // Capacity errors come with 500 as well.
  if (httpStatus >= 500 && scope === 'request') return new CloudUnknownError(`${action}: ${code}: ${message}`);
  return new CloudRefusedError({ code, scope, about: null, message });
}

/** JSON with sorted keys: equal texts are equal parameters. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    inner !== null && typeof inner === 'object' && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}
