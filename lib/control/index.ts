// Control: the use cases over the ports. Handlers, the simulator and the local server get it from here.
import type {
  AgentUseCases,
  ApplicationUseCases,
  Control,
  EventUseCases,
  ListedPage,
  MetricsUseCases,
  SchedulerUseCases,
} from './use-cases.ts';
import type { ActivityRecord } from './use-cases.ts';
import type { NodeRecord } from '../core/records/node.ts';
import { listEvents } from './events/log.ts';
import { Webhooks } from './events/webhooks/declare.ts';
import { handleAlarmEvent, handleInstanceEvent } from './events/handle-event.ts';
import { keys } from './store/keys.ts';
import { explainPool } from './requests/figures/pool-why.ts';
import { forecastOfPool } from './requests/figures/forecast.ts';
import { historyOfPool } from './requests/figures/history.ts';
import { pastShortages, pastTasks } from './requests/figures/past-tasks.ts';
import { shadowOfPool } from './requests/figures/shadow.ts';
import { lifetimesOfPool } from './requests/figures/lifetimes.ts';
import { planDryRun } from './requests/dry-run.ts';
import { explainNode, orderNode, pausePool, resumePool } from './coordination/operator-orders.ts';
import { deletePool, listPools, pageOfPools, putPool, readPool, readPools, showPool } from './requests/pools.ts';
import type { ControlPorts, ControlSettings, MetricsPorts } from './ports.ts';
import { changeClaim } from './claims/change.ts';
import { pageOf } from './requests/listing.ts';
import {
  cancel,
  cancelTaskOf,
  getRequest,
  getTask,
  listRequests,
  latestAttempts,
  readOutput,
  retryTasks,
  tasksOfRequest,
} from './requests/requests.ts';
import { duePools } from './coordination/due.ts';
import { withFencedWrites } from './coordination/fenced-writes.ts';
import { runTick, TickMemory } from './tick/run-tick.ts';
import { NodesSeen } from './store/seen.ts';
import { BadRecords, withCheckedRecords } from './tick/set-aside.ts';
import { costsBy } from './requests/figures/costs.ts';
import { quote } from './requests/figures/quote.ts';
import { quoteAccuracy, submitQuoted } from './requests/figures/quote-accuracy.ts';
import { whatIf } from './requests/figures/what-if.ts';
import { regretOf } from './requests/figures/regret.ts';
import { poolMetrics } from './requests/figures/metrics.ts';
import { createServices } from './services/shown.ts';
import { stats, withoutOthers } from './requests/stats.ts';
import { deleteTenant, getTenant, listTenants, putTenant } from './requests/tenants.ts';
import { submitBatch } from './requests/submit.ts';
import { publishMetrics } from './sweep/metrics.ts';
import { sweep } from './sweep/sweep.ts';
import { imageOfAttempt, inputsOfAttempt, noteGrant, roleOfAttempt, secretsOfAttempt } from './agents/given.ts';
import { hasAttempt, syncAgent } from './agents/sync-agent.ts';
import { withAnnouncedChanges } from './store/copy/announcing-store.ts';
import { RoundPorts } from './store/copy/round-ports.ts';
import { queryAll } from './store/store-retry.ts';

export type { Control } from './use-cases.ts';
export type { ControlPorts, ControlSettings } from './ports.ts';
export { awsSettings, localSettings } from './ports.ts';

/** What the API's function needs, without ticks and their parts: its bundle holds no more than this. */
export function createApplication(given: ControlPorts, settings: ControlSettings): ApplicationUseCases {
  const ports = withCheckedRecords(withAnnouncedChanges(given));
  const nodes = new NodesSeen(ports);
  return {
    submit: (submission) => submitQuoted(ports, settings, nodes, submission),
    submitBatch: (submissions) => submitBatch(ports, settings, nodes, submissions),
    getRequest: (tenant, id) => getRequest(ports, nodes, tenant, id),
    getTask: async (tenant, id, index) => {
      const found = await getTask(ports, nodes, tenant, id, index);
      return found ? { request: found.request, attempt: found.task.attempt, state: found.task.state } : null;
    },
    listTasks: (tenant, id, filter) => tasksOfRequest(ports, nodes, tenant, id, filter),
    listRequests: (filter) => listRequests(ports, settings, nodes, filter),
    retryTasks: (tenant, id, wish) => retryTasks(ports, settings, nodes, tenant, id, wish),
    cancelTask: (tenant, id, index) => cancelTaskOf(ports, nodes, tenant, id, index),
    cancel: (tenant, id) => cancel(ports, nodes, tenant, id),
    changeClaim: (tenant, id, change, ifMatch) => changeClaim(ports, tenant, id, change, ifMatch),
    attemptsOf: async (tenant, id, index) => {
      const found = await getTask(ports, nodes, tenant, id, index);
      return found && latestAttempts(found.request.id, found.task);
    },
    readOutput: (tenant, id, index, tailBytes, since = null) =>
      readOutput(ports, nodes, { tenant, id, index, tailBytes, since }),
    putPool: (spec, ifMatch) => putPool(ports, spec, ifMatch),
    getPool: (name) => showPool(ports, name),
    listPools: () => listPools(ports),
    pageOfPools: (options) => pageOfPools(ports, options),
    deletePool: (name) => deletePool(ports, name),
    pausePool: (name, by) => pausePool(ports, name, by),
    resumePool: (name, by) => resumePool(ports, name, by),
    explainNode: (id) => explainNode(ports, settings, id),
    orderNode: (id, order, by) => orderNode(ports, id, order, by),
    listNodes: async (pool) =>
      (await readPool(ports, pool))
        ? (await queryAll<NodeRecord>(ports, keys.nodes(pool))).map((item) => item.data)
        : null,
    pageOfNodes: async (pool, options) =>
      (await readPool(ports, pool)) ? pageOf<NodeRecord>(ports, keys.nodes(pool), options) : null,
    listActivity: async (pool, options, reader): Promise<ListedPage<ActivityRecord> | null> => {
      if (!(await readPool(ports, pool))) return null;
      const page = await pageOf<ActivityRecord>(ports, keys.activities(pool), options, true);
      return reader === undefined ? page : { ...page, items: await withoutOthers(ports, page.items, reader) };
    },
    putTenant: (spec) => putTenant(ports, spec),
    getTenant: (name) => getTenant(ports, name),
    listTenants: () => listTenants(ports),
    deleteTenant: (name) => deleteTenant(ports, name),
    services: createServices(ports, settings, nodes),
    listEvents: (wish) => listEvents(ports, settings, wish),
    webhooks: new Webhooks(ports, settings),
    ...createFigures(ports, settings),
  };
}

/** What is worked out when somebody asks, and kept nowhere. */
type Figures =
  | (
      | 'plan'
      | 'quote'
      | 'quoteAccuracy'
      | 'whatIf'
      | 'explainPool'
      | 'forecastOfPool'
      | 'historyOfPool'
      | 'lifetimesOfPool'
      | 'shadowOfPool'
    )
  | ('pastShortages' | 'pastTasks')
  | ('costs' | 'regret' | 'poolMetrics' | 'stats');

function createFigures(ports: ControlPorts, settings: ControlSettings): Pick<ApplicationUseCases, Figures> {
  return {
    plan: (question) => planDryRun(ports, settings, question),
    explainPool: (pool) => explainPool(ports, pool),
    forecastOfPool: (pool) => forecastOfPool(ports, settings, pool),
    historyOfPool: (pool, spanAt) => historyOfPool(ports, pool, spanAt),
    pastTasks: (pool, wish) => pastTasks(ports, pool, wish),
    pastShortages: (pool, wish) => pastShortages(ports, pool, wish),
    lifetimesOfPool: (pool, reader) => lifetimesOfPool(ports, pool, reader ?? null),
    shadowOfPool: (pool) => shadowOfPool(ports, pool),
    quote: (submission) => quote(ports, settings, submission),
    quoteAccuracy: (tenant, pool) => quoteAccuracy(ports, tenant, pool),
    whatIf: (tenant, id, difference) => whatIf(ports, settings, tenant, id, difference),
    costs: (question) => costsBy(ports, settings, question),
    regret: (pool) => regretOf(ports, pool),
    poolMetrics: () => poolMetrics(ports),
    stats: (tenant, isOperator = false) => stats(ports, isOperator ? null : tenant),
  };
}

export function createAgents(given: ControlPorts, settings: ControlSettings): AgentUseCases {
  const ports = withCheckedRecords(withAnnouncedChanges(given));
  return {
    sync: (request) => syncAgent(ports, settings, request),
    hasAttempt: (nodeId, attemptId) => hasAttempt(ports, nodeId, attemptId),
    secretsOfAttempt: (nodeId, attemptId) => secretsOfAttempt(ports, nodeId, attemptId),
    roleOfAttempt: (nodeId, attemptId) => roleOfAttempt(ports, nodeId, attemptId),
    imageOfAttempt: (nodeId, attemptId) => imageOfAttempt(ports, nodeId, attemptId),
    noteGrant: (nodeId, role, expiresAtMs, what) => noteGrant(ports, nodeId, role, expiresAtMs, what),
    inputsOfAttempt: (nodeId, attemptId) => inputsOfAttempt(ports, nodeId, attemptId),
  };
}

export function createScheduler(given: ControlPorts, settings: ControlSettings): SchedulerUseCases {
  const bad = new BadRecords(given);
  const announced = withAnnouncedChanges(withFencedWrites(given, keys.isFence));
  const ports = withCheckedRecords(announced, bad);
  const copies = new RoundPorts(announced, bad);
  // Survives from tick to tick in one process; another process lists for itself.
  const memory = new TickMemory();
  return {
    duePools: async () =>
      duePools(
        ports,
        (await readPools(ports)).map((item) => item.sk),
      ),
    runTick: (pool) => runTick(ports, settings, pool, memory, bad, copies),
    sweep: () => sweep(ports, settings),
  };
}

export function createMetrics(given: MetricsPorts): MetricsUseCases {
  const ports = withCheckedRecords(given);
  return { publishMetrics: (reaped) => publishMetrics(ports, reaped) };
}

export function createEvents(given: ControlPorts): EventUseCases {
  const ports = withCheckedRecords(withAnnouncedChanges(given));
  return {
    handleInstanceEvent: (event) => handleInstanceEvent(ports, event),
    handleAlarmEvent: (event) => handleAlarmEvent(ports, event),
  };
}

export function createControl(ports: ControlPorts, settings: ControlSettings): Control {
  return {
    ...createApplication(ports, settings),
    ...createAgents(ports, settings),
    ...createScheduler(ports, settings),
    ...createEvents(ports),
  };
}
