// What must be true of placing over time, whatever is drawn. Each law looks at what really happened, and shares no code
// with the decision that it judges.
import type { NodeRecord } from '../../core/records/node.ts';
import type { RequestRecord, TaskSpec } from '../../core/records/request.ts';
import type { Offering } from '../../core/values/offering.ts';
import { placingSettings } from './world.ts';
import type { PlacingWorld, Tick, Witness } from './world.ts';

export interface Broken {
  readonly law: string;
  readonly atMs: number;
  readonly text: string;
}

const brokenMax = 20;

export class Laws implements Witness {
  readonly broken: Broken[] = [];
  /** The longest that anybody was first in the order and could run but did not, as a share of what is allowed. */
  worstWait = 0;
  launchCalls = 0;
  wastedCalls = 0;
  nodesBought = 0;
  starts = 0;
  #first: { readonly id: string; readonly sinceMs: number } | null = null;

  tick(tick: Tick): void {
    this.starts += tick.placed.length;
    this.launchCalls += tick.launches.length;
    this.wastedCalls += tick.launches.filter(({ came }) => came === 0).length;
    this.nodesBought += tick.launches.reduce((sum, { came }) => sum + came, 0);
    for (const node of new Set(tick.placed.map((one) => one.node.id))) this.#capacity(tick, node);
    for (const node of new Set(tick.placed.map((one) => one.node.id))) this.#tenants(tick, node);
    for (const one of tick.placed) this.#relations(tick, one);
    this.#spreads(tick);
    this.#replicas(tick);
    this.#gangs(tick);
    this.#limits(tick);
    this.#firstInOrder(tick);
    this.#reasons(tick);
    this.#quotas(tick);
  }

  say(law: string, atMs: number, text: string): void {
    if (this.broken.length < brokenMax) this.broken.push({ law, atMs, text });
  }

  #capacity({ world, nowMs }: Tick, id: string): void {
    const node = world.nodes.get(id);
    if (!node) return;
    const sum = (key: 'cpuMilli' | 'memoryMib'): number =>
      node.assigned.reduce((all, one) => all + one.resources[key], 0);
    if (
      sum('cpuMilli') > node.allocatable.cpuMilli
      || sum('memoryMib') > node.allocatable.memoryMib
      || node.assigned.length > node.tasksMax
    )
      this.say('capacity', nowMs, `${id} carries more than it has`);
  }

  /** One tenant at a time, where the pool does not say that any may share a node. */
  #tenants({ world, nowMs }: Tick, id: string): void {
    if (world.scene.pool.nodesServe === 'any-tenant') return;
    const tenants = tenantsOn(world.nodes.get(id), world);
    if (tenants.size > 1) this.say('tenants', nowMs, `${id} carries tasks of ${[...tenants].join(' and ')}`);
  }

  #relations({ world, nowMs }: Tick, { node, requestId, index }: Tick['placed'][number]): void {
    const arrival = world.arrivals.get(requestId);
    if (!arrival) return;
    const { spec, tenant } = arrival;
    if (spec.requirements.capacityType?.includes(node.capacityType) === false)
      this.say('requirements', nowMs, `${requestId} runs on ${node.capacityType}`);
    const isSame = (other: { requestId: string; index: number }): boolean =>
      other.requestId === requestId && other.index === index;
    for (const other of world.nodes.values()) {
      const isNear = { node: other.id === node.id, zone: other.zone === node.zone };
      for (const one of other.assigned) {
        const other = world.arrivals.get(one.requestId);
        // A group is of one tenant.
        if (other?.tenant !== tenant || isSame(one)) continue;
        const its = other.spec;
        for (const { topology, group } of spec.antiAffinity ?? [])
          if (isNear[topology] && its.group === group)
            this.say('apart', nowMs, `${requestId} beside ${one.requestId} in one ${topology}`);
        for (const { topology, group } of its.antiAffinity ?? [])
          if (isNear[topology] && spec.group === group)
            this.say('apart', nowMs, `${requestId} beside ${one.requestId}, which refuses it, in one ${topology}`);
      }
    }
    for (const { topology, group } of spec.affinity ?? []) {
      const homes = membersOf(ownGroup(requestId, group, world), world).filter(({ assigned }) =>
        assigned.some((one) => !isSame(one)),
      );
      if (topology === 'zone' && homes.length > 0 && !homes.some((home) => home.zone === node.zone))
        this.say('together', nowMs, `${requestId} is in another zone than ${group}`);
    }
  }

  #spreads({ world, nowMs, placed }: Tick): void {
    const skews = new Map<string, number>();
    for (const { requestId } of placed)
      for (const { topology, group, maxSkew } of world.arrivals.get(requestId)?.spec.spread ?? []) {
        const name = ownGroup(requestId, group, world);
        if (topology === 'zone') skews.set(name, Math.min(maxSkew, skews.get(name) ?? Infinity));
      }
    for (const [name, maxSkew] of skews) {
      const counts = new Map(world.scene.offerings.map((one) => [one.zone, 0]));
      for (const { zone, assigned } of world.nodes.values()) {
        const own = assigned.filter((one) => groupOf(one.requestId, world) === name);
        counts.set(zone, (counts.get(zone) ?? 0) + own.length);
      }
      const least = Math.min(...counts.values());
      // Only zones that got one now: what ended elsewhere since is no fault of placing.
      for (const { requestId, node } of placed) {
        const isSpread = world.arrivals.get(requestId)?.spec.spread !== undefined;
        if (!isSpread || groupOf(requestId, world) !== name || (counts.get(node.zone) ?? 0) - least <= maxSkew)
          continue;
        this.say(
          'spread',
          nowMs,
          `${name}: ${JSON.stringify([...counts])} with ${requestId}, maxSkew ${String(maxSkew)}`,
        );
      }
    }
  }

  /**
   * A replica goes where the fewest of its service are, of the nodes that have room: it would not be more level
   * elsewhere. While somebody waits, nodes may be kept for him.
   */
  #replicas({ world, nowMs, placed }: Tick): void {
    if (placed.length === 0 || world.waiting().length > 0) return;
    for (const { requestId, node } of placed) {
      const spec = world.arrivals.get(requestId)?.spec;
      if (spec?.service === undefined) continue;
      const name = serviceIn(requestId, world);
      const [onNode, inZone] = [replicasIn(world, name, ({ id }) => id), replicasIn(world, name, ({ zone }) => zone)];
      const own = world.nodes.get(node.id) ?? node;
      for (const other of world.nodes.values()) {
        const isNear = other.zone === own.zone;
        const more = isNear
          ? (onNode.get(own.id) ?? 0) - (onNode.get(other.id) ?? 0)
          : (inZone.get(own.zone) ?? 0) - (inZone.get(other.zone) ?? 0);
        if (other.id === own.id || more <= 1 || !hasRoom(other, requestId, spec, world)) continue;
        this.say('replicas', nowMs, `${requestId} of ${name ?? ''} is on ${own.id}, and fewer are near ${other.id}`);
      }
    }
  }

  #gangs({ world, nowMs, placed }: Tick): void {
    const gangs = new Set(placed.filter(({ requestId }) => isGang(requestId, world)).map((one) => one.requestId));
    for (const id of gangs) {
      const count = placed.filter((one) => one.requestId === id).length;
      if (count < (world.arrivals.get(id)?.spec.count ?? 0)) this.say('gang', nowMs, `${String(count)} of ${id} start`);
    }
  }

  #limits({ world, nowMs, launches }: Tick): void {
    if (launches.length === 0) return;
    const { instances = Infinity, vcpu = Infinity } = world.scene.pool.limits;
    const nodes = [...world.nodes.values()];
    const inUse = nodes.reduce((sum, one) => sum + one.reserved.vcpu, 0);
    if (nodes.length > instances || inUse > vcpu)
      this.say('limits', nowMs, `${String(nodes.length)} nodes with ${String(inUse)} vCPU`);
  }

  #quotas({ world, nowMs, launches }: Tick): void {
    for (const capacityType of launches.length === 0 ? [] : (['spot', 'on-demand'] as const))
      if (world.vcpuOf(capacityType) > world.scene.quotas[capacityType])
        this.say('quota', nowMs, `${String(world.vcpuOf(capacityType))} vCPU of ${capacityType}`);
  }

  /**
   * Who is first in the order starts within the delay of reservations, the longest task, a boot for the node in whose
   * place another one is bought, and a few looks of the pool. With fair shares who is first changes with the shares.
   */
  #firstInOrder({ world, nowMs }: Tick): void {
    const { scene } = world;
    const [first] = scene.pool.ordering === 'fair-share' ? [] : [...world.waiting()].sort(byOrder(world));
    const isOverQuota = nowMs - world.quotaRefusedAtMs < 2 * placingSettings.accountPauseMaxMs;
    if (!first || isOverQuota || !isFree(first) || isShort(first, world)) {
      this.#first = null;
      return;
    }
    const key = `${first.id} ${String(world.pendingOf(first))}`;
    if (this.#first?.id !== key) this.#first = { id: key, sinceMs: nowMs };
    const { reserveAfterMs, unplacedAgainMs } = placingSettings;
    const allowedMs = reserveAfterMs + scene.longestMs + 2 * scene.bootMs + 3 * unplacedAgainMs;
    const share = (nowMs - this.#first.sinceMs) / allowedMs;
    this.worstWait = Math.max(this.worstWait, share);
    if (share > 1) {
      this.say('first', nowMs, `${first.id} is first in the order since ${String(this.#first.sinceMs)} and waits`);
      this.#first = null;
    }
  }

  /** A reason is true of whoever has no relations: nothing that has room for it is kept from it without a word. */
  #reasons({ world, nowMs, why }: Tick): void {
    const byShape = Object.entries(why.byShape);
    if (byShape.length === 0) return;
    for (const record of world.waiting()) {
      if (!isPlain(record.spec)) continue;
      const { cpuMilli, memoryMib } = record.spec.resources;
      const shape = `${String(cpuMilli)}m ${String(memoryMib)}Mi 0gpu `;
      const reason = byShape.find(([key]) => key.startsWith(shape) && isOfShape(key, record.spec))?.[1];
      if (!reason) continue;
      if (reason.code === 'limit_reached' && !reason.message.includes('kept for')) {
        const free = [...world.nodes.values()].find((node) => hasRoom(node, record.id, record.spec, world));
        if (free) this.say('reason', nowMs, `${record.id}: "${reason.message}", but ${free.id} has room`);
      }
      if (
        reason.code === 'no_capacity'
        && !world.scene.offerings.some((one) => carries(one, record.spec) && wasOut(one, world))
      )
        this.say('reason', nowMs, `${record.id}: "${reason.message}", but nothing was out`);
    }
  }
}

/** What is refused is not asked for again for a while, spot and on-demand in turns: a shortage is news for so long. */
function wasOut(offering: Offering, world: PlacingWorld): boolean {
  const backMs = world.nowMs - 2 * placingSettings.outOfCapacityMaxMs - 60_000;
  return world.scene.shortages.some((one) => one.fromMs <= world.nowMs && one.untilMs >= backMs && one.isOut(offering));
}

function membersOf(name: string, world: PlacingWorld): readonly NodeRecord[] {
  return [...world.nodes.values()].filter(({ assigned }) =>
    assigned.some((one) => groupOf(one.requestId, world) === name),
  );
}

/** A group is of one tenant. null: it is of none. */
function groupOf(id: string, world: PlacingWorld): string | null {
  const group = world.arrivals.get(id)?.spec.group;
  return group === undefined ? null : ownGroup(id, group, world);
}

/** A service is of one tenant. null: it is a replica of none. */
function serviceIn(id: string, { arrivals }: PlacingWorld): string | null {
  const { tenant, spec } = arrivals.get(id) ?? {};
  return spec?.service === undefined ? null : `${spec.service.name} of ${tenant ?? ''}`;
}

function replicasIn(
  world: PlacingWorld,
  name: string | null,
  placeOf: (node: NodeRecord) => string,
): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const node of world.nodes.values())
    for (const one of node.assigned)
      if (serviceIn(one.requestId, world) === name) counts.set(placeOf(node), (counts.get(placeOf(node)) ?? 0) + 1);
  return counts;
}

/** What the request calls so. */
export function ownGroup(id: string, group: string, { arrivals }: Pick<PlacingWorld, 'arrivals'>): string {
  return `${group} of ${arrivals.get(id)?.tenant ?? 'nobody'}`;
}

function isGang(id: string, world: PlacingWorld): boolean {
  return world.arrivals.get(id)?.spec.gang === true;
}

/** Of no group: nobody is in its way but for room. */
function isFree({ spec }: RequestRecord): boolean {
  return spec.group === undefined && spec.affinity === undefined && spec.antiAffinity === undefined;
}

function isPlain(spec: TaskSpec): boolean {
  return spec.group === undefined && spec.gang === undefined && spec.preferences === undefined;
}

function isOfShape(key: string, { requirements }: TaskSpec): boolean {
  return key.includes('on-demand') === (requirements.capacityType !== undefined) && !key.includes('[');
}

function byOrder({ scene }: PlacingWorld): (a: RequestRecord, b: RequestRecord) => number {
  const level = (one: RequestRecord): number => (scene.pool.ordering === 'priority' ? one.spec.priority : 0);
  return (a, b) => level(b) - level(a) || a.createdAtMs - b.createdAtMs || (a.id < b.id ? -1 : 1);
}

function carries({ type, capacityType }: Offering, { resources, requirements }: TaskSpec): boolean {
  return (
    resources.cpuMilli <= type.allocatable.cpuMilli
    && resources.memoryMib <= type.allocatable.memoryMib
    && requirements.capacityType?.includes(capacityType) !== false
  );
}

/** Something that could carry it is out of capacity, or was a while ago. */
function isShort({ spec }: RequestRecord, world: PlacingWorld): boolean {
  return world.scene.offerings.some((one) => carries(one, spec) && wasOut(one, world));
}

function tenantsOn(node: NodeRecord | undefined, { arrivals }: PlacingWorld): ReadonlySet<string | undefined> {
  return new Set((node?.assigned ?? []).map((one) => arrivals.get(one.requestId)?.tenant));
}

function hasRoom(node: NodeRecord, id: string, spec: TaskSpec, world: PlacingWorld): boolean {
  if (node.state !== 'ready' || node.assigned.length >= node.tasksMax) return false;
  const tenant = world.arrivals.get(id)?.tenant;
  const isShared = world.scene.pool.nodesServe === 'any-tenant';
  if (!isShared && [...tenantsOn(node, world)].some((other) => other !== tenant)) return false;
  if (!carries(world.offeringOf(node), spec)) return false;
  const used = (key: 'cpuMilli' | 'memoryMib'): number =>
    node.assigned.reduce((sum, one) => sum + one.resources[key], 0);
  return (
    used('cpuMilli') + spec.resources.cpuMilli <= node.allocatable.cpuMilli
    && used('memoryMib') + spec.resources.memoryMib <= node.allocatable.memoryMib
  );
}
