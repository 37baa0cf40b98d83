// An independent judge of plans: it knows the interface and the words of the requirements, and shares no code with
// the engine. Every line it returns is something that is wrong.
import type { AllocationInput, AllocationPlan, Demand, TaskShare } from '../../../lib/core/allocation/types.ts';
import type { Offering } from '../../../lib/core/values/offering.ts';
import type { Requirements } from '../../../lib/core/values/requirements.ts';

interface Node {
  readonly name: string;
  readonly zone: string;
  readonly zones: ReadonlySet<string>;
  readonly copies: number;
  readonly tasks: readonly TaskShare[];
  readonly running: Readonly<Record<string, number>>;
  readonly refusedGroups: readonly string[];
}

function allows(requirements: Requirements, { type, zone, capacityType }: Offering): boolean {
  const isIn = (list: readonly string[] | undefined, value: string): boolean =>
    list === undefined || list.includes(value);
  return (
    isIn(requirements.arch, type.arch)
    && isIn(requirements.zone, zone)
    && isIn(requirements.capacityType, capacityType)
    && isIn(requirements.instanceCategory, type.category)
    && isIn(requirements.instanceFamily, type.family)
    && isIn(requirements.instanceType, type.name)
    && type.generation >= (requirements.minInstanceGeneration ?? 0)
    && type.localDiskGib >= (requirements.minLocalDiskGib ?? 0)
    && (type.networkMbps ?? 0) / 1000 >= (requirements.minNetworkGbps ?? 0)
  );
}

export function problemsOf(input: AllocationInput, plan: AllocationPlan): string[] {
  const problems: string[] = [];
  const wrong = (text: string): void => void problems.push(text);
  const demandOf = new Map(input.demand.map((one) => [one.id, one]));
  const binOf = new Map(input.bins.map((one) => [one.id, one]));
  const find = (id: string): Demand => {
    const demand = demandOf.get(id);
    if (demand === undefined) throw new Error(`the plan names an unknown demand ${id}`);
    return demand;
  };

  // Every task is somewhere, once.
  const seen = new Map<string, number>();
  const placedOf = new Map<string, number>();
  const note = (into: Map<string, number>, tasks: readonly TaskShare[], copies: number): void => {
    for (const { demandId, count } of tasks) {
      if (!(count > 0) || !Number.isInteger(count)) wrong(`${demandId}: a share of ${String(count)} tasks`);
      into.set(demandId, (into.get(demandId) ?? 0) + count * copies);
    }
  };
  for (const { tasks } of plan.placements) for (const into of [seen, placedOf]) note(into, tasks, 1);
  for (const { tasks, count } of plan.launches) for (const into of [seen, placedOf]) note(into, tasks, count);
  for (const { demandId, count } of plan.unplaced) note(seen, [{ demandId, count }], 1);
  for (const { id, count } of input.demand)
    if ((seen.get(id) ?? 0) !== count)
      wrong(`${id}: ${String(seen.get(id) ?? 0)} of ${String(count)} tasks accounted for`);

  // Nothing is over-committed, and every requirement holds on every offering of a launch.
  const fit = (
    where: string,
    tasks: readonly TaskShare[],
    offering: Offering,
    free: { cpuMilli: number; memoryMib: number; gpu: number },
    slots: number,
  ): void => {
    let [cpu, memory, gpu, count] = [0, 0, 0, 0];
    for (const share of tasks) {
      const { resources, requirements } = find(share.demandId);
      cpu += resources.cpuMilli * share.count;
      memory += resources.memoryMib * share.count;
      gpu += resources.gpu * share.count;
      count += share.count;
      if (!allows(requirements, offering)) wrong(`${where}: ${share.demandId} may not run on ${offering.id}`);
    }
    if (cpu > free.cpuMilli || memory > free.memoryMib || gpu > free.gpu || count > slots)
      wrong(
        `${where}: over-committed (${String(cpu)}m, ${String(memory)} MiB, ${String(gpu)} GPU, ${String(count)} tasks)`,
      );
  };
  for (const { binId, tasks } of plan.placements) {
    const bin = binOf.get(binId);
    if (bin === undefined) wrong(`unknown bin ${binId}`);
    else fit(`bin ${binId}`, tasks, bin.offering, bin.free, bin.freeTasks);
  }
  const sold = new Set(input.offerings);
  const total = { ...input.usage };
  let cost = 0;
  for (const [at, launch] of plan.launches.entries()) {
    const where = `launch ${String(at)}`;
    const { offerings, count, tasks } = launch;
    if (offerings.length === 0 || offerings.length > Math.max(1, input.offeringsPerLaunch))
      wrong(`${where}: ${String(offerings.length)} offerings`);
    if (new Set(offerings).size !== offerings.length) wrong(`${where}: an offering twice`);
    if (new Set(offerings.map((one) => one.capacityType)).size !== 1) wrong(`${where}: mixed capacity types`);
    if (tasks.length === 0 || count < 1) wrong(`${where}: empty`);
    for (const offering of offerings) {
      if (!sold.has(offering)) wrong(`${where}: ${offering.id} is not for sale`);
      if (!allows(input.pool.requirements, offering)) wrong(`${where}: the pool may not buy ${offering.id}`);
      if (offering.type.vcpu > (input.pool.maxNodeVcpu ?? Infinity)) wrong(`${where}: ${offering.id} is too large`);
      fit(where, tasks, offering, offering.type.allocatable, input.pool.tasksPerNode);
    }
    total.instances += count;
    total.vcpu += count * Math.max(...offerings.map((one) => one.type.vcpu));
    total.memoryMib += count * Math.max(...offerings.map((one) => one.type.memoryMib));
    total.usdPerHour += count * Math.max(...offerings.map((one) => one.priceUsdPerHour));
    cost += count * (offerings[0]?.priceUsdPerHour ?? 0);
  }
  if (plan.launches.length > 0) {
    for (const key of ['instances', 'vcpu', 'memoryMib', 'usdPerHour'] as const) {
      if (total[key] > (input.pool.limits[key] ?? Infinity) * (1 + 1e-9))
        wrong(`limit ${key}: ${String(total[key])} of ${String(input.pool.limits[key])}`);
    }
  }
  if (Math.abs(cost - plan.costUsdPerHour) > 1e-6)
    wrong(`cost ${String(plan.costUsdPerHour)} is really ${String(cost)}`);
  if (plan.lowerBoundUsdPerHour !== null && plan.lowerBoundUsdPerHour > cost + 1e-9)
    wrong('the bound is above the cost');

  if (input.pool.isTenantPerNode === true) {
    const judge = (where: string, tasks: readonly TaskShare[], running: readonly string[]): void => {
      const tenants = new Set([...running, ...tasks.map((one) => find(one.demandId).tenant)]);
      if (tenants.size > 1) wrong(`${where}: tasks of ${[...tenants].join(' and ')} on one node`);
    };
    for (const { binId, tasks } of plan.placements) {
      const tenant = binOf.get(binId)?.tenant;
      judge(`bin ${binId}`, tasks, tenant === undefined ? [] : [tenant]);
    }
    for (const [at, { tasks }] of plan.launches.entries()) judge(`launch ${String(at)}`, tasks, []);
  }
  for (const { id, gang, count } of input.demand) {
    const placed = placedOf.get(id) ?? 0;
    if (gang === true && placed !== 0 && placed !== count) wrong(`gang ${id}: ${String(placed)} of ${String(count)}`);
  }

  // Relations to other tasks.
  const nodes: Node[] = input.bins.map((bin) => ({
    name: `bin ${bin.id}`,
    zone: bin.offering.zone,
    zones: new Set([bin.offering.zone]),
    copies: 1,
    running: bin.groups,
    refusedGroups: bin.antiAffinityGroups,
    tasks: plan.placements.find((one) => one.binId === bin.id)?.tasks ?? [],
  }));
  for (const [at, { offerings, count, tasks }] of plan.launches.entries()) {
    nodes.push({
      name: `launch ${String(at)}`,
      zone: offerings[0]?.zone ?? '',
      zones: new Set(offerings.map((one) => one.zone)),
      copies: count,
      tasks,
      running: {},
      refusedGroups: [],
    });
  }
  const inZone = new Map<string, Map<string, number>>();
  for (const node of nodes) {
    const add = (group: string, count: number): void => {
      const zones = inZone.get(group) ?? new Map<string, number>();
      zones.set(node.zone, (zones.get(node.zone) ?? 0) + count * node.copies);
      inZone.set(group, zones);
    };
    for (const [group, count] of Object.entries(node.running)) add(group, count);
    for (const { demandId, count } of node.tasks) {
      const { group } = find(demandId);
      if (group !== undefined) add(group, count);
    }
  }
  for (const node of nodes) {
    const here = new Map(Object.entries(node.running));
    for (const { demandId, count } of node.tasks) {
      const { group } = find(demandId);
      if (group !== undefined) here.set(group, (here.get(group) ?? 0) + count);
    }
    for (const { demandId } of node.tasks) {
      const demand = find(demandId);
      const own = (group: string): number => (demand.group === group ? 1 : 0);
      const zoneCount = (group: string, zone = node.zone): number => inZone.get(group)?.get(zone) ?? 0;
      const say = (text: string): void => wrong(`${node.name}: ${demandId} ${text}`);
      if (demand.group !== undefined && node.refusedGroups.includes(demand.group)) say('is refused by who runs there');
      const zoned = [...(demand.spread ?? []), ...(demand.affinity ?? []), ...(demand.antiAffinity ?? [])].some(
        (one) => one.topology === 'zone',
      );
      if (zoned && node.zones.size > 1) say('has a relation over zones, but the launch may land in several');
      for (const { topology, group } of demand.antiAffinity ?? []) {
        const others = (topology === 'node' ? (here.get(group) ?? 0) : zoneCount(group)) - own(group);
        if (others > 0) say(`shares its ${topology} with ${group}`);
      }
      for (const { topology, group } of demand.affinity ?? []) {
        const others = topology === 'node' ? (here.get(group) ?? 0) : zoneCount(group);
        if (others === 0) say(`is without ${group} on its ${topology}`);
        if (
          topology === 'node'
          && demand.group === group
          && (here.get(group) ?? 0) < (placedOf.get(demandId) ?? 0)
          && !Object.keys(node.running).includes(group)
        )
          say('is not with all of its own');
      }
      for (const { topology, group, maxSkew } of demand.spread ?? []) {
        if (topology === 'node') {
          if ((here.get(group) ?? 0) > maxSkew) say(`is one of ${String(here.get(group))} of ${group} on one node`);
        } else if (demand.group === group) {
          const zones = new Set(
            [...input.offerings, ...input.unavailable]
              .filter(
                (one) =>
                  allows(input.pool.requirements, one)
                  && allows(demand.requirements, one)
                  && one.type.vcpu <= (input.pool.maxNodeVcpu ?? Infinity)
                  && demand.resources.cpuMilli <= one.type.allocatable.cpuMilli
                  && demand.resources.memoryMib <= one.type.allocatable.memoryMib
                  && demand.resources.gpu <= one.type.allocatable.gpu,
              )
              .map((one) => one.zone),
          );
          const least = Math.min(...[...zones].map((zone) => zoneCount(group, zone)));
          if (zoneCount(group) - least > maxSkew)
            say(`is one of ${String(zoneCount(group))} of ${group} in ${node.zone}, the least is ${String(least)}`);
        }
      }
    }
  }
  return problems;
}
