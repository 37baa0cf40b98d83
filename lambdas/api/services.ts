// What the routes of services do.
import { limits } from '../../lib/api/limits.ts';
import { ProblemError } from '../../lib/api/problems.ts';
import { presentMachine, presentTemplate } from '../../lib/api/schemas/asked.ts';
import { presentServiceForecast } from '../../lib/api/schemas/tasks/scaling/service-forecast.ts';
import { presentMetricReport, presentScaling } from '../../lib/api/schemas/tasks/scaling/service-policies.ts';
import { serviceWantedOf } from '../../lib/api/schemas/tasks/services.ts';
import type { ReplicaView, ServiceView } from '../../lib/api/schemas/tasks/services.ts';
import { refuseUnsupported, unavailableIn } from '../../lib/api/schemas/unsupported.ts';
import { timeOf, timeOrNull } from '../../lib/api/schemas/values.ts';
import type { ReplicaShown, ServiceShown, ServiceUseCases } from '../../lib/control/services/use-cases.ts';
import { revisionOf } from '../../lib/core/services/record.ts';
import type { ReplicaTemplate } from '../../lib/core/services/record.ts';
import { withoutCloudWatch } from './cloudwatch.ts';
import type { Operations, Unavailable } from './contract.ts';

type ServiceOperation =
  | 'listServices'
  | 'putService'
  | 'getService'
  | 'deleteService'
  | 'scaleService'
  | 'rollBackService'
  | 'whyService'
  | 'getServiceForecast'
  | 'reportMetric'
  | 'listReplicas'
  | 'listServiceEvents';

export function serviceOperations(
  services: ServiceUseCases,
  unavailable: () => Promise<Unavailable>,
): Pick<Operations, ServiceOperation> {
  return {
    listServices: async ({ query: { limit = limits.pageItemsDefault, cursor } }, { tenant }) => {
      const { items, nextCursor } = await services.page(tenant, { limit, cursor });
      return { items: items.map(presentService), nextCursor };
    },
    putService: async ({ params: { name }, body }, { tenant }) => {
      if (body.name !== undefined && body.name !== name)
        throw new ProblemError(
          'unprocessable',
          `the body names the service ${body.name}, the path ${name}; make them the same`,
          [{ path: 'name', message: `must be ${name}, the name in the path` }],
        );
      if (body.template.image !== undefined) {
        const errors = unavailableIn({ ...body.template, type: 'task' }, await unavailable());
        refuseUnsupported(errors.map((one) => ({ ...one, path: `template.${one.path}` })));
      }
      if ((body.targetGroups?.length ?? 0) > 0) {
        const { targetGroups: reason } = await unavailable();
        refuseUnsupported(reason === undefined ? [] : [{ path: 'targetGroups', message: reason }]);
      }
      refuseUnsupported(await withoutCloudWatch(body.policies, unavailable));
      return presentService(await services.put({ tenant, name, ...serviceWantedOf(body) }));
    },
    getService: async ({ params: { name } }, { tenant }) =>
      presentService(found(await services.get(tenant, name), name)),
    deleteService: async ({ params: { name } }, { tenant }) =>
      presentService(found(await services.delete(tenant, name), name)),
    scaleService: async ({ params: { name }, body }, { tenant }) =>
      presentService(found(await services.scale(tenant, name, body.replicas), name)),
    rollBackService: async ({ params: { name }, body: { revision = null } }, { tenant }) =>
      presentService(found(await services.rollBack(tenant, name, revision), name)),
    whyService: async ({ params: { name } }, { tenant }) => {
      const { wishes, troubles, ...why } = found(await services.why(tenant, name), name);
      return { ...why, troubles: [...troubles], policies: wishes.map((one) => ({ ...one })) };
    },
    getServiceForecast: async ({ params: { name } }, { tenant }) =>
      presentServiceForecast(found(await services.forecast(tenant, name), name)),
    reportMetric: async ({ params: { name, metric }, body: { value, at } }, { tenant }) => {
      const given = { value, atMs: at === undefined ? null : Date.parse(at) };
      return presentMetricReport(metric, found(await services.report({ tenant, name, metric }, given), name));
    },
    listReplicas: async ({ params: { name }, query: { limit = limits.pageItemsDefault, cursor } }, { tenant }) => {
      const page = found(await services.replicas(tenant, name, { limit, cursor }), name);
      return { items: page.items.map(presentReplica), nextCursor: page.nextCursor };
    },
    listServiceEvents: async ({ params: { name } }, { tenant }) => {
      const { events } = found(await services.get(tenant, name), name).record;
      return { items: events.map(({ atMs, ...rest }) => ({ at: timeOf(atMs), ...rest })).reverse() };
    },
  };
}

function found<T>(value: T | null, name: string): T {
  if (value === null)
    throw new ProblemError('not_found', `there is no service ${name} of yours; GET /v1/services lists them`);
  return value;
}

function presentTargetGroups({ groups }: ServiceShown): Pick<ServiceView, 'targetGroups'> {
  if (groups === undefined) return {};
  return {
    targetGroups: groups.map(({ lookedAtMs, troubles, ...group }) => ({
      ...group,
      lookedAt: timeOrNull(lookedAtMs),
      troubles: troubles.map(({ sinceMs, ...one }) => ({ ...one, since: timeOf(sinceMs) })),
    })),
  };
}

function presentService(shown: ServiceShown): ServiceView {
  const { record, counts } = shown;
  const { name, pool, tenant, replicas, revision, revisions, drainMs, rollout } = record;
  const { minHealthyMs, progressMs, isRolledBack, ...update } = record.update;
  const template = revisionOf(record, revision)?.template;
  return {
    ...{ name, pool, tenant, replicas, ...presentScaling(record.scaling), ...counts, revision },
    update: {
      ...update,
      minHealthySeconds: minHealthyMs / 1000,
      progressSeconds: progressMs / 1000,
      rollback: isRolledBack,
    },
    rollout: {
      state: rollout.state,
      revision: rollout.revision,
      from: rollout.from === rollout.revision ? null : rollout.from,
      startedAt: timeOf(rollout.startedAtMs),
      failures: rollout.failures,
      reason: rollout.reason,
    },
    revisions: revisions.map((one) => ({ number: one.number, createdAt: timeOf(one.createdAtMs) })),
    template: template === undefined ? {} : presentReplicaTemplate(template),
    drainSeconds: drainMs / 1000,
    ...presentTargetGroups(shown),
    createdAt: timeOf(record.createdAtMs),
    updatedAt: timeOf(record.updatedAtMs),
    deletingSince: timeOrNull(record.deletingSinceMs),
    reason: record.quarantine ?? null,
  };
}

function presentReplicaTemplate(template: ReplicaTemplate): ServiceView['template'] {
  return template.type === 'task' ? presentTemplate(template) : { machine: presentMachine(template) };
}

function presentReplica({ replica, request, node, machine, state, ports, refusedBecause }: ReplicaShown): ReplicaView {
  const { slot, revision, crashes, stop } = replica;
  return {
    ...{ request: replica.request, slot, revision, crashes, state },
    reason: stop?.reason ?? (state === 'ready' ? null : (refusedBecause ?? request?.timeline.at(-1)?.message ?? null)),
    startedAt: timeOrNull(request?.startedAtMs ?? null),
    address: node?.address ?? machine?.privateAddress ?? null,
    machine: machine && {
      id: machine.instanceId,
      ...{ instanceType: machine.instanceType, zone: machine.zone, publicAddress: machine.publicAddress },
    },
    ports: [...ports],
    node: node && { id: node.id, instanceType: node.instanceType, zone: node.zone },
  };
}
