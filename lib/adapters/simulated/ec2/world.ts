// One account in one region: the simulated cloud and everything that hangs on its instances.
import type { InstanceState } from '../../../ports/cloud.ts';
import { SimulatedCloud } from '../cloud/cloud.ts';
import { offeringId } from '../../../core/values/offering.ts';
import type { CloudEvent } from '../cloud/events.ts';
import type { InstanceDetails, InstanceRecord } from '../cloud/instances.ts';
import type { CloudOptionsInput } from '../cloud/options.ts';
import type { Distribution } from '../cloud/random.ts';
import type { CloudChange, CloudState, CloudStorage } from '../cloud/storage.ts';
import { AddressPool, formatAddress, parseCidr } from './addresses.ts';
import type { Fleet } from './families/fleets/fleet-records.ts';
import type { SpotRequest } from './families/fleets/spot-records.ts';
import type {
  CapacityReservation,
  EbsDefaults,
  ElasticAddress,
  InternetGateway,
  KeptInterface,
  KeyPair,
  LaunchSpec,
  LaunchTemplate,
  NatGateway,
  OwnImage,
  PlacementGroup,
  Route,
  RouteTable,
  SecurityGroup,
  Snapshot,
  Subnet,
  UsedToken,
  Volume,
  Vpc,
} from './records.ts';
import { Seeding } from './seeding.ts';
import { Serials, Table } from './tables.ts';

export interface WorldOptions {
  readonly cloud: CloudOptionsInput;
  /** Of the default VPC; the subnets of its zones are cut from it. */
  readonly vpcCidr: string;
  readonly subnetPrefix: number;
  /**
   * How long volumes take to come up, attach and detach; snapshots to complete; modifications to
   * apply and to optimize.
   */
  readonly volumeCreateMs: Distribution;
  readonly volumeAttachMs: Distribution;
  readonly volumeDetachMs: Distribution;
  readonly snapshotMs: Distribution;
  readonly modifyMs: Distribution;
  readonly optimizeMs: Distribution;
  /** How long NAT gateways take to come up and to go. */
  readonly natGatewayMs: Distribution;
  /** Elastic addresses of an account in a region (EC2's quota). */
  readonly elasticAddressesMax: number;
  /** How long the status checks of an instance that came up stay 'initializing'. */
  readonly statusInitializingMs: number;
  /** An instance that runs for less than this cannot hibernate yet. */
  readonly hibernationReadyMs: number;
  /** EC2's: no second modification of a volume within six hours of the first. */
  readonly modifyAgainAfterMs: number;
}

export const worldDefaults: WorldOptions = {
  cloud: {},
  vpcCidr: '172.31.0.0/16',
  subnetPrefix: 20,
  volumeCreateMs: { minMs: 300, maxMs: 1500 },
  volumeAttachMs: { minMs: 200, maxMs: 1000 },
  volumeDetachMs: { minMs: 200, maxMs: 1500 },
  snapshotMs: { minMs: 1000, maxMs: 4000 },
  modifyMs: { minMs: 500, maxMs: 2000 },
  optimizeMs: { minMs: 1000, maxMs: 5000 },
  natGatewayMs: { minMs: 2000, maxMs: 5000 },
  elasticAddressesMax: 5,
  statusInitializingMs: 5000,
  hibernationReadyMs: 0,
  modifyAgainAfterMs: 6 * 3_600_000,
};

/** Without any delay: what is asked for has happened when somebody looks next. */
export const instantOptions: Partial<WorldOptions> = {
  cloud: { launchMs: 0, shutdownMs: 0, describeLagMs: 0 },
  volumeCreateMs: 0,
  volumeAttachMs: 0,
  volumeDetachMs: 0,
  snapshotMs: 0,
  modifyMs: 0,
  optimizeMs: 0,
  natGatewayMs: 0,
  statusInitializingMs: 0,
  hibernationReadyMs: 0,
};

/** Collects what the cloud would write, so that one call's whole effect is one transaction. */
class Collected implements CloudStorage {
  private readonly under: CloudStorage | null;
  private readonly instances = new Set<InstanceRecord>();
  private change: CloudChange = { instances: [], forgotten: [], tokens: [], scalars: null };

  constructor(under: CloudStorage | null) {
    this.under = under;
  }

  load(): CloudState {
    return this.under?.load() ?? { instances: [], tokens: [], scalars: null };
  }

  save(change: CloudChange): void {
    if (!this.under) return;
    for (const instance of change.instances) this.instances.add(instance);
    for (const { instance } of change.forgotten) this.instances.delete(instance);
    this.change = {
      instances: [],
      forgotten: [...this.change.forgotten, ...change.forgotten],
      tokens: [...this.change.tokens, ...change.tokens],
      scalars: change.scalars ?? this.change.scalars,
    };
  }

  touch(instance: InstanceRecord): void {
    if (this.under) this.instances.add(instance);
  }

  flush(takeResources: () => CloudChange['resources']): void {
    const resources = takeResources();
    if (!this.under) return;
    const { forgotten, tokens, scalars } = this.change;
    if (this.instances.size + forgotten.length + tokens.length + (resources?.length ?? 0) === 0 && !scalars) return;
    this.under.save({ instances: [...this.instances], forgotten, tokens, scalars, resources: resources ?? [] });
    this.instances.clear();
    this.change = { instances: [], forgotten: [], tokens: [], scalars: null };
  }
}

export interface WorldSetup {
  readonly accountId: string;
  readonly region: string;
  readonly clock: { nowMs(): number };
  readonly options?: Partial<WorldOptions>;
  readonly storage?: CloudStorage | null;
  /** Absent: everything is as packaged. */
  readonly seeding?: Seeding;
  /**
   * What the cloud itself changes (nodes through the cloud port, its clock) is stored at once,
   * not with the next call.
   */
  readonly isDurableAtOnce?: boolean;
}

export class World {
  readonly accountId: string;
  readonly region: string;
  readonly zones: readonly string[];
  readonly options: WorldOptions;
  readonly clock: { nowMs(): number };
  readonly cloud: SimulatedCloud;
  readonly seeding: Seeding;
  private readonly serials = new Serials();
  readonly launchSpecs = new Table<LaunchSpec>('launch-spec', this.serials);
  readonly volumes = new Table<Volume>('volume', this.serials);
  readonly snapshots = new Table<Snapshot>('snapshot', this.serials);
  readonly securityGroups = new Table<SecurityGroup>('security-group', this.serials);
  readonly vpcs = new Table<Vpc>('vpc', this.serials);
  readonly subnets = new Table<Subnet>('subnet', this.serials);
  readonly internetGateways = new Table<InternetGateway>('internet-gateway', this.serials);
  readonly keptInterfaces = new Table<KeptInterface>('network-interface', this.serials);
  readonly elasticAddresses = new Table<ElasticAddress>('elastic-address', this.serials);
  readonly natGateways = new Table<NatGateway>('nat-gateway', this.serials);
  readonly routeTables = new Table<RouteTable>('route-table', this.serials);
  readonly capacityReservations = new Table<CapacityReservation>('capacity-reservation', this.serials);
  readonly placementGroups = new Table<PlacementGroup>('placement-group', this.serials);
  readonly ebsDefaults = new Table<EbsDefaults>('ebs-defaults', this.serials);
  readonly images = new Table<OwnImage>('image', this.serials);
  readonly launchTemplates = new Table<LaunchTemplate>('launch-template', this.serials);
  readonly keyPairs = new Table<KeyPair>('key-pair', this.serials);
  readonly fleets = new Table<Fleet>('fleet', this.serials);
  readonly spotRequests = new Table<SpotRequest>('spot-request', this.serials);
  readonly usedTokens = new Table<UsedToken>('used-token', this.serials);
  readonly imageTags = new Table<{ readonly id: string; readonly tags: Readonly<Record<string, string>> }>(
    'image-tags',
    this.serials,
  );
  /** Of network interfaces whose tags were changed. */
  readonly interfaceTags = new Table<{ readonly id: string; readonly tags: Readonly<Record<string, string>> }>(
    'network-interface-tags',
    this.serials,
  );
  /** How often an instance has left `running` or `pending`: who replaces them looks when it has grown. */
  endings = 0;
  /** Offerings of which one instance each is to be reserved again. */
  private readonly setAside: string[] = [];
  private readonly pools = new Map<string, AddressPool>();
  private readonly instancesPerSpec = new Map<string, number>();
  private readonly collected: Collected;
  private readonly tables: readonly {
    readonly family: string;
    takeChanges(): NonNullable<CloudChange['resources']>[number][];
    restore(record: unknown, serial: number | undefined): void;
    dump(): NonNullable<CloudChange['resources']>[number][];
  }[] = [
    this.launchSpecs,
    this.volumes,
    this.snapshots,
    this.securityGroups,
    this.vpcs,
    this.subnets,
    this.internetGateways,
    this.routeTables,
    this.keptInterfaces,
    this.elasticAddresses,
    this.natGateways,
    this.capacityReservations,
    this.placementGroups,
    this.ebsDefaults,
    this.images,
    this.launchTemplates,
    this.keyPairs,
    this.fleets,
    this.spotRequests,
    this.usedTokens,
    this.imageTags,
    this.interfaceTags,
  ];

  constructor(setup: WorldSetup) {
    this.accountId = setup.accountId;
    this.region = setup.region;
    this.clock = setup.clock;
    this.seeding = setup.seeding ?? new Seeding();
    this.zones = this.seeding.zonesOf(setup.region);
    this.options = { ...worldDefaults, ...setup.options };
    this.collected = new Collected(setup.storage ?? null);
    const stored = this.collected.load();
    for (const { family, record, serial } of stored.resources ?? [])
      this.tables.find((table) => table.family === family)?.restore(record, serial);
    // Addresses and counts before the cloud, whose first look at the clock may already end instances.
    for (const subnet of this.subnets.values()) this.openPool(subnet);
    for (const instance of stored.instances) this.recount(instance);
    for (const kept of this.keptInterfaces.values()) this.pools.get(kept.subnetId)?.claim(kept.privateIp);
    for (const gateway of this.natGateways.values())
      if (!gateway.isEmptied) this.pools.get(gateway.subnetId)?.claim(gateway.privateIp);
    const { cloud } = this.options;
    this.cloud = new SimulatedCloud({
      clock: setup.clock,
      zones: this.zones,
      types: this.seeding.types,
      options: { ...cloud, seed: `${cloud.seed ?? 'bellows'}/${setup.accountId}/${setup.region}` },
      storage: {
        load: () => stored,
        save: (change) => {
          this.collected.save(change);
          if (setup.isDurableAtOnce === true) this.commit();
        },
      },
      observer: {
        changed: (instance, state, atMs) => this.instanceChanged(instance, state, atMs),
        forgotten: (instance) => this.instanceForgotten(instance),
      },
    });
    const isNew = this.vpcs.size === 0;
    if (isNew) this.makeDefaultNetwork();
    // Worlds that were stored before there were route tables have none.
    if (this.routeTables.size === 0) for (const vpc of this.vpcs.values()) this.addMainRouteTable(vpc);
    this.seeding.begin(this, isNew);
    this.commit();
  }

  nowMs(): number {
    return this.clock.nowMs();
  }

  /** Makes everything that happened since the last commit durable, in one transaction. */
  commit(): void {
    this.collected.flush(() => this.tables.flatMap((table) => table.takeChanges()));
  }

  /** The whole state, as a storage would hold it. */
  dump(): CloudState {
    return { ...this.cloud.dump(), resources: this.tables.flatMap((table) => table.dump()) };
  }

  newId(prefix: string): string {
    return this.cloud.random.hex(17, `${prefix}-`);
  }

  /** Milliseconds drawn from one of the options. */
  draw(from: Distribution): number {
    return this.cloud.random.drawMs(from);
  }

  takeEvents(): readonly CloudEvent[] {
    return this.cloud.takeEvents(this.nowMs());
  }

  // ---- instances -----------------------------------------------------------------------------------

  setDetails(instance: InstanceRecord, details: InstanceDetails): void {
    if (!instance.details)
      this.instancesPerSpec.set(details.launchSpecId, (this.instancesPerSpec.get(details.launchSpecId) ?? 0) + 1);
    instance.details = details;
    this.collected.touch(instance);
  }

  touch(instance: InstanceRecord): void {
    this.collected.touch(instance);
  }

  specOf(instance: InstanceRecord): LaunchSpec | undefined {
    return instance.details ? this.launchSpecs.get(instance.details.launchSpecId) : undefined;
  }

  pool(subnetId: string): AddressPool | undefined {
    return this.pools.get(subnetId);
  }

  defaultVpc(): Vpc | undefined {
    return this.vpcs.all().find((vpc) => vpc.isDefault);
  }

  /** What hangs on an instance follows its state. */
  private instanceChanged(instance: InstanceRecord, state: InstanceState, atMs: number): void {
    const { details } = instance;
    if (state !== 'pending' && state !== 'running') this.endings += 1;
    if (state === 'shutting-down' || state === 'stopping') this.reserveAgain(instance);
    if (!details || (state !== 'terminated' && state !== 'stopped')) return;
    if (state === 'stopped') {
      for (const id of details.volumeIds) this.unmount(id, instance.id);
      return;
    }
    for (const id of details.volumeIds) {
      const volume = this.volumes.get(id);
      const attachment = volume?.attachments.find((one) => one.instanceId === instance.id);
      if (!volume || !attachment) continue;
      if (attachment.deleteOnTermination) this.volumes.delete(id);
      else
        this.volumes.put({
          ...volume,
          attachments: volume.attachments.filter((one) => one !== attachment),
          availableAtMs: atMs,
        });
    }
    if (details.privateIp !== null && !this.keepInterface(instance, details, details.privateIp))
      this.pools.get(details.subnetId)?.release(details.privateIp);
    const { elastic, ...kept } = details;
    const address = this.elasticAddresses.get(elastic?.allocationId ?? '');
    if (address) this.elasticAddresses.put({ ...address, association: null });
    this.setDetails(instance, { ...kept, privateIp: null, volumeIds: [] });
  }

  /** The interface stays where the launch said so, with its address. */
  private keepInterface(instance: InstanceRecord, details: InstanceDetails, privateIp: number): boolean {
    const { NetworkInterface: asked, TagSpecification: tagged } = this.specOf(instance)?.parameters ?? {};
    if (asked?.[0]?.DeleteOnTermination !== false) return false;
    const launched = tagged?.find((one) => one?.ResourceType === 'network-interface')?.Tag ?? [];
    const id = `eni-${instance.id.slice('i-'.length)}`;
    this.keptInterfaces.put({
      ...{ id, subnetId: details.subnetId, privateIp, groupIds: details.securityGroupIds },
      description: asked[0].Description ?? '',
      isChecked: details.changed?.sourceDestCheck ?? true,
      tags:
        this.interfaceTags.get(id)?.tags
        ?? Object.fromEntries(launched.flatMap((one) => (one?.Key === undefined ? [] : [[one.Key, one.Value ?? '']]))),
    });
    return true;
  }

  /** What it leaves goes back to its reservation, before anybody else gets it. */
  private reserveAgain(instance: InstanceRecord): void {
    if (this.capacityReservations.size === 0) return;
    const found = this.capacityReservations.all().find((one) => one.usedBy.includes(instance.id));
    if (!found) return;
    this.capacityReservations.put({ ...found, usedBy: found.usedBy.filter((id) => id !== instance.id) });
    if (found.state === 'active') this.setAside.push(offeringId(instance.instanceType, instance.zone, 'on-demand'));
  }

  /** Once the cloud is there: it may end instances while it is being made. */
  settleReserved(): void {
    for (const offering of this.setAside.splice(0)) this.cloud.capacity.take(offering, 1, this.nowMs());
  }

  private unmount(volumeId: string, instanceId: string): void {
    const volume = this.volumes.get(volumeId);
    if (!volume?.attachments.some((one) => one.instanceId === instanceId && one.isMounted)) return;
    this.volumes.put({
      ...volume,
      attachments: volume.attachments.map((one) =>
        one.instanceId === instanceId ? { ...one, isMounted: false } : one,
      ),
    });
  }

  private instanceForgotten(instance: InstanceRecord): void {
    this.interfaceTags.delete(`eni-${instance.id.slice('i-'.length)}`);
    const { details } = instance;
    if (!details) return;
    const left = (this.instancesPerSpec.get(details.launchSpecId) ?? 1) - 1;
    if (left > 0) this.instancesPerSpec.set(details.launchSpecId, left);
    else {
      this.instancesPerSpec.delete(details.launchSpecId);
      this.launchSpecs.delete(details.launchSpecId);
    }
  }

  private recount(instance: InstanceRecord): void {
    const { details } = instance;
    if (!details) return;
    this.instancesPerSpec.set(details.launchSpecId, (this.instancesPerSpec.get(details.launchSpecId) ?? 0) + 1);
    if (details.privateIp !== null) this.pools.get(details.subnetId)?.claim(details.privateIp);
  }

  // ---- the default network -------------------------------------------------------------------------

  private makeDefaultNetwork(): void {
    const cidr = parseCidr(this.options.vpcCidr);
    if (!cidr)
      throw new RangeError(
        `vpcCidr ${JSON.stringify(this.options.vpcCidr)} is not an IPv4 network such as 172.31.0.0/16`,
      );
    const vpc = this.vpcs.put({
      id: this.newId('vpc'),
      cidr: `${formatAddress(cidr.network)}/${cidr.prefix}`,
      isDefault: true,
      tags: {},
    });
    for (const [position, zone] of this.zones.entries()) {
      this.addSubnet({
        vpcId: vpc.id,
        zone,
        network: cidr.network + position * 2 ** (32 - this.options.subnetPrefix),
        prefix: this.options.subnetPrefix,
        isDefaultForAz: true,
        mapPublicIpOnLaunch: true,
        tags: {},
      });
    }
    this.addDefaultGroup(vpc.id);
  }

  addSubnet(subnet: Omit<Subnet, 'id'>): Subnet {
    const made = this.subnets.put({ id: this.newId('subnet'), ...subnet });
    this.openPool(made);
    return made;
  }

  /** The group of what names none: it lets its own members in. */
  addDefaultGroup(vpcId: string): void {
    const groupId = this.newId('sg');
    const rule = {
      protocol: '-1',
      fromPort: -1,
      toPort: -1,
      cidrIpv6: null,
      prefixListId: null,
      description: null,
      tags: {},
    };
    this.securityGroups.put({
      id: groupId,
      name: 'default',
      description: 'default VPC security group',
      vpcId,
      rules: [
        { ...rule, id: this.newId('sgr'), isEgress: false, cidrIpv4: null, groupId },
        { ...rule, id: this.newId('sgr'), isEgress: true, cidrIpv4: '0.0.0.0/0', groupId: null },
      ],
      tags: {},
    });
  }

  /** The table of subnets without one of their own; the default VPC's leads to the internet. */
  addMainRouteTable(vpc: Vpc): void {
    const name = vpc.id.slice('vpc-'.length);
    const local: Route = { cidr: vpc.cidr, gatewayId: 'local', instanceId: null };
    if (vpc.isDefault) this.internetGateways.put({ id: `igw-${name}`, vpcId: vpc.id, tags: {} });
    this.routeTables.put({
      id: `rtb-${name}`,
      vpcId: vpc.id,
      isMain: true,
      routes: vpc.isDefault ? [local, { cidr: '0.0.0.0/0', gatewayId: `igw-${name}`, instanceId: null }] : [local],
      associations: [{ id: `rtbassoc-${name}`, subnetId: null }],
      tags: {},
    });
  }

  private openPool(subnet: Subnet): void {
    this.pools.set(subnet.id, new AddressPool(subnet.network, subnet.prefix));
  }
}
