// Services as people see them: what runs of them is in the documents of nodes and in claims, and why a replica waits is
// in its row.
import type { AnyRow, ClaimRow } from '../../core/records/claim.ts';
import { isClaim } from '../../core/records/claim.ts';
import type { Assignment, NodeRecord } from '../../core/records/node.ts';
import { addressOf, machinePhase } from '../../core/services/machines/machine-replica.ts';
import type { Replica, ServiceRecord } from '../../core/services/record.ts';
import { revisionOf } from '../../core/services/record.ts';
import { phaseOf } from '../../core/services/replica-state.ts';
import type { GroupTargets } from '../../core/services/targets/record.ts';
import { groupsOf, groupsVerdict, usesOf } from '../../core/services/targets/serving.ts';
import type { ControlPorts, ControlSettings } from '../ports.ts';
import { listPools, readServices } from '../requests/pools.ts';
import { getRequest } from '../requests/requests.ts';
import { keys } from '../store/keys.ts';
import type { NodesSeen } from '../store/seen.ts';
import { inParallel, reading } from '../store/store-retry.ts';
import type { ListedPage, ListOptions } from '../use-cases.ts';
import { forecastOfService } from './forecast.ts';
import { reportMetric } from './metrics.ts';
import { targetsOfService } from './targets/store.ts';
import { explainService } from './why.ts';
import { deleteService, findService, putService, rollBack, scaleService, servicesOf } from './services.ts';
import type { ServiceEndpoints } from './use-cases.ts';
import type { GroupShown, ReplicaShown, ServiceShown, ServiceUseCases } from './use-cases.ts';

const readsAtOnce = 20;

export function createServices(
  ports: ControlPorts,
  settings: Pick<ControlSettings, 'subnets'>,
  nodes: NodesSeen,
): ServiceUseCases {
  const shown = async (record: ServiceRecord | null): Promise<ServiceShown | null> =>
    record && shownOf(ports, nodes, record);
  return {
    endpoints: () => endpointsOf(ports, nodes),
    put: async (wish) => shownOf(ports, nodes, await putService(ports, settings, wish)),
    get: async (tenant, name) => shown((await findService(ports, tenant, name))?.data ?? null),
    page: (tenant, options) => pageOfServices(ports, nodes, tenant, options),
    scale: async (tenant, name, replicas) => shown(await scaleService(ports, tenant, name, replicas)),
    rollBack: async (tenant, name, to) => shown(await rollBack(ports, tenant, name, to)),
    delete: async (tenant, name) => shown(await deleteService(ports, tenant, name)),
    why: (tenant, name) => explainService(ports, nodes, tenant, name),
    forecast: (tenant, name) => forecastOfService(ports, nodes, tenant, name),
    report: (service, given) => reportMetric(ports, service, given),
    replicas: (tenant, name, options) => pageOfReplicas(ports, nodes, { tenant, name }, options),
  };
}

/** Where the present attempt of each request runs. */
type Carried = ReadonlyMap<string, { readonly node: NodeRecord; readonly assignment: Assignment }>;

async function carriedIn(nodes: NodesSeen, pool: string): Promise<Carried> {
  const carried = new Map<string, { readonly node: NodeRecord; readonly assignment: Assignment }>();
  for (const node of await nodes.of(pool))
    for (const assignment of node.assigned) if (!node.isLost) carried.set(assignment.requestId, { node, assignment });
  return carried;
}

/** What is registered of one service, claims of its replicas that are machines, and when that was read. */
interface LookedUp {
  readonly targets: readonly GroupTargets[];
  readonly machines: ReadonlyMap<string, ClaimRow>;
  readonly nowMs: number;
}

async function lookUp(ports: ControlPorts, record: ServiceRecord, carried: Carried): Promise<LookedUp> {
  const machines = await machinesOf(ports, record, carried);
  return { targets: await targetsOfService(ports, record), machines, nowMs: ports.clock.nowMs() };
}

async function machinesOf(
  ports: ControlPorts,
  service: ServiceRecord,
  carried: Carried,
): Promise<LookedUp['machines']> {
  const ids = service.running.flatMap(({ request, revision }) =>
    !carried.has(request) && revisionOf(service, revision)?.template.type !== 'task' ? [request] : [],
  );
  if (ids.length === 0) return new Map();
  const items = await reading(ports, () => ports.store.getMany<AnyRow>(ids.map((id) => keys.request(id))));
  const claims = items.flatMap((item) => (item !== null && isClaim(item.data) ? [item.data] : []));
  return new Map(claims.map((one) => [one.id, one]));
}

async function shownOf(ports: ControlPorts, nodes: NodesSeen, record: ServiceRecord): Promise<ServiceShown> {
  const carried = await carriedIn(nodes, record.pool);
  return show(record, carried, await lookUp(ports, record, carried));
}

interface Standing {
  readonly state: ReplicaShown['state'];
  readonly refusedBecause: string | null;
}

function standingOf(
  { request, stop, revision }: Replica,
  carried: Carried,
  service: ServiceRecord,
  { targets, machines, nowMs }: LookedUp,
): Standing {
  if (stop !== null) return { state: 'stopping', refusedBecause: null };
  const claim = machines.get(request);
  if (claim !== undefined) return { state: machinePhase(claim, false), refusedBecause: null };
  const found = carried.get(request);
  const own = found ? phaseOf(found.assignment) : 'pending';
  if (own !== 'ready' || found === undefined || usesOf(service, revision).length === 0)
    return { state: own, refusedBecause: null };
  const { phase, message } = groupsVerdict(service, revision, found, targets, nowMs);
  return { state: phase, refusedBecause: message };
}

/** Also those that only replicas of earlier revisions are registered with. */
function groupsShown(service: ServiceRecord, { targets }: LookedUp): Pick<ServiceShown, 'groups'> {
  const groups = groupsOf(service);
  return groups.length === 0 ? {} : { groups: groups.map((use) => groupShown(use, targets)) };
}

function groupShown({ arn, port }: Pick<GroupShown, 'arn' | 'port'>, all: readonly GroupTargets[]): GroupShown {
  const record = all.find((one) => one.arn === arn);
  const added = Object.values(record?.targets ?? {}).filter((one) => one.state === 'added');
  const troubles = Object.entries(record?.troubles ?? {}).map(([call, { code, message, sinceMs }]) => ({
    ...{ call, code, message, sinceMs },
  }));
  const healthy = added.filter((one) => one.health?.state === 'healthy').length;
  return { arn, port, registered: added.length, healthy, lookedAtMs: record?.lookedAtMs ?? null, troubles };
}

function show(record: ServiceRecord, carried: Carried, seen: LookedUp): ServiceShown {
  const counts = { pending: 0, ready: 0, stopping: 0, current: 0 };
  for (const replica of record.running) {
    const { state } = standingOf(replica, carried, record, seen);
    counts[state === 'ready' || state === 'stopping' ? state : 'pending'] += 1;
    if (state === 'ready' && replica.revision === record.revision) counts.current += 1;
  }
  return { record, counts, ...groupsShown(record, seen) };
}

/** Of those that open ports. */
async function endpointsOf(ports: ControlPorts, nodes: NodesSeen): Promise<readonly ServiceEndpoints[]> {
  const all: ServiceEndpoints[] = [];
  for (const pool of await listPools(ports)) {
    const services = await readServices(ports, pool);
    const carried = services.length === 0 ? new Map() : await carriedIn(nodes, pool.spec.name);
    for (const service of services.map((item) => item.data)) {
      const { tenant, name, running, revisions } = service;
      if (revisions.every(({ template }) => template.type !== 'task' || template.ports === undefined)) continue;
      const seen = await lookUp(ports, service, carried);
      const ready = running.filter((one) => standingOf(one, carried, service, seen).state === 'ready');
      const replicas = ready.flatMap(({ request }) => {
        const { node, assignment } = (carried as Carried).get(request) ?? {};
        return node?.address === undefined ? [] : [{ address: node.address, ports: assignment?.ports ?? [] }];
      });
      all.push({ tenant, name, replicas });
    }
  }
  return all;
}

/** The cursor is the last name of the page before. */
async function pageOfServices(
  ports: ControlPorts,
  nodes: NodesSeen,
  tenant: string,
  { limit, cursor = '' }: ListOptions,
): Promise<ListedPage<ServiceShown>> {
  const all = (await servicesOf(ports, tenant)).filter((one) => one.name > cursor);
  const items = all.slice(0, limit);
  const carried = new Map<string, Carried>();
  for (const pool of new Set(items.map((one) => one.pool))) carried.set(pool, await carriedIn(nodes, pool));
  return {
    items: await inParallel(items, readsAtOnce, async (one) => {
      const ofPool = carried.get(one.pool) ?? new Map();
      return show(one, ofPool, await lookUp(ports, one, ofPool));
    }),
    nextCursor: all.length > limit ? (items.at(-1)?.name ?? null) : null,
  };
}

/** The cursor is the last request of the page before; null: unknown service. */
async function pageOfReplicas(
  ports: ControlPorts,
  nodes: NodesSeen,
  { tenant, name }: { readonly tenant: string; readonly name: string },
  { limit, cursor = '' }: ListOptions,
): Promise<ListedPage<ReplicaShown> | null> {
  const service = await findService(ports, tenant, name);
  if (!service) return null;
  const { pool, running } = service.data;
  const all = [...running].sort((a, b) => (a.request < b.request ? -1 : 1)).filter((one) => one.request > cursor);
  const items = all.slice(0, limit);
  const carried = await carriedIn(nodes, pool);
  const seen = await lookUp(ports, service.data, carried);
  const shown = await inParallel(items, readsAtOnce, async (replica): Promise<ReplicaShown> => {
    const request = await getRequest(ports, nodes, tenant, replica.request);
    const found = carried.get(replica.request);
    const isGone = request === null || request.endedAtMs !== null;
    const claim = request !== null && isClaim(request) ? request : null;
    const standing = standingOf(replica, carried, service.data, seen);
    return {
      ...{ replica, request, node: found?.node ?? null, machine: claim && addressOf(claim) },
      ports: found?.assignment.ports ?? [],
      state: isGone ? 'gone' : standing.state,
      refusedBecause: isGone ? null : standing.refusedBecause,
    };
  });
  return { items: shown, nextCursor: all.length > limit ? (items.at(-1)?.request ?? null) : null };
}
