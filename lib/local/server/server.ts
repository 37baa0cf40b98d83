// The embedded server: every adapter of the laptop wired to the same handlers that run as Lambdas on AWS.
import { createHmac, timingSafeEqual } from 'node:crypto';
import { appendFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createAgentHandler } from '../../../lambdas/agent/handler.ts';
import { createApiHandler } from '../../../lambdas/api/handler.ts';
import { createEventsHandler } from '../../../lambdas/events/handler.ts';
import { createSchedulerHandler } from '../../../lambdas/scheduler/handler.ts';
import { LocalAgents } from '../../adapters/local/agents.ts';
import { ContainerEngine } from '../../adapters/local/containers.ts';
import type { LocalContainers } from '../../adapters/local/containers.ts';
import { LocalBells } from '../../adapters/local/bells.ts';
import { LocalBus } from '../../adapters/local/bus.ts';
import { startHttpServer } from '../../adapters/local/http-server.ts';
import type { HttpServer } from '../../adapters/local/http-server.ts';
import { assertPortFree } from '../../adapters/local/ports.ts';
import { environmentSecrets, fileSecrets } from '../../adapters/local/secrets.ts';
import { LocalObjects } from '../../adapters/local/kept/objects.ts';
import { LocalRegistries } from '../../adapters/local/kept/registries.ts';
import { LocalRoles } from '../../adapters/local/kept/roles.ts';
import { LocalFiles } from '../../adapters/local/kept/files.ts';
import { LocalCompactCopies } from '../../adapters/local/kept/compact-copies.ts';
import { LocalOutputs } from '../../adapters/local/kept/outputs.ts';
import { FolderRemover } from '../../adapters/local/folder-remover.ts';
import { VolumeFolders } from '../../adapters/local/volumes.ts';
import { SimulatedCatalog } from '../../adapters/simulated/catalog.ts';
import type { SimulatedCloud } from '../../adapters/simulated/cloud/cloud.ts';
import { Journal } from '../../adapters/simulated/ec2/http/journal.ts';
import { World } from '../../adapters/simulated/ec2/world.ts';
import { SqliteCloudStorage } from '../../adapters/simulated/cloud/persistence.ts';
import { kubernetesSecrets } from '../../adapters/secrets/kubernetes.ts';
import { appRole, vaultSecrets } from '../../adapters/secrets/vault.ts';
import { SqliteStore } from '../../adapters/sqlite/store.ts';
import { SystemClock } from '../../adapters/system/clock.ts';
import { JsonLog } from '../../adapters/system/log.ts';
import { SystemRandom } from '../../adapters/system/random.ts';
import { removeTree } from '../../adapters/system/remove-tree.ts';
import { loggedEvents } from '../../control/events/log.ts';
import { publishingAccepted } from '../../control/requests/accepted.ts';
import { createControl, localSettings } from '../../control/index.ts';
import type { Control, ControlPorts, ControlSettings } from '../../control/index.ts';
import { allocate } from '../../core/allocation/index.ts';
import { tagRequest } from '../../core/records/claim.ts';
import { tagPool } from '../../core/records/launch.ts';
import type { PoolSpec } from '../../core/records/pool.ts';
import { localDecisionSettings } from '../../core/values/settings.ts';
import { secretsFrom } from '../../ports/access/secrets.ts';
import type { Secrets } from '../../ports/access/secrets.ts';
import type { IdentifyNode, Permission } from '../../ports/access/identity.ts';
import { ServiceProxy } from '../proxy/proxy.ts';
import { CloudPump } from './cloud-pump.ts';
import { localEc2 } from './ec2.ts';
import { createBellEndpoint } from './endpoints/bell.ts';
import { createDashboardEndpoint } from './endpoints/dashboard.ts';
import { ec2ControlCure, startEc2Control } from './endpoints/ec2-control.ts';
import type { Ec2ControlOptions } from './endpoints/ec2-control.ts';
import { createEventsEndpoint } from './endpoints/events.ts';
import { HomeLock, agentSecret, homePaths, memoryFolder } from './home.ts';
import { ProcessLimit } from './process-limit.ts';
import { SchedulerLoop } from './scheduler-loop.ts';
import { WebhookLoop } from './webhook-loop.ts';

export interface LocalServerOptions {
  readonly home: string;
  readonly port: number;
  /** Of the proxy to services; absent: any that is free. */
  readonly proxyPort?: number;
  /** Of the simulated EC2's control door; 0: any that is free; null or absent: it is shut. */
  readonly ec2ControlPort?: number | null;
  readonly processesMax: number;
  /** Labels by which requests are found without reading all; absent: none. */
  readonly labelKeys?: readonly string[];
  /** For tasks with an image; absent: they are answered with 422. */
  readonly containers?: LocalContainers | null;
  /** Absent: this version's. Of an upgrade, agents of the version before go on. */
  readonly agentProgram?: string;
}

export interface LocalServer {
  readonly url: string;
  /** Where services are reached, each by the first label of the host. */
  readonly proxyPort: number;
  /** Where the simulated EC2 is controlled; null: nowhere. */
  readonly ec2ControlUrl: string | null;
  /** Stops agents and their tasks, which are queued again; what is pending stays pending. */
  close(): Promise<void>;
}

type Closing = () => void | Promise<void>;

const sweepEveryMs = 60_000;
const keepOutputsMs = 7 * 24 * 3_600_000;
const installation = 'local';
const noContainers = {
  image:
    'tasks with an image need docker or podman, and this machine has neither; install one and start the server '
    + 'again, or leave image out',
};

/** The laptop is safe: at most 12 instances of at most 8 vCPU. */
export const defaultPool: PoolSpec = {
  name: 'default',
  requirements: {},
  limits: { instances: 12 },
  tasksPerNode: 32,
  maxNodeVcpu: 8,
  ordering: 'priority',
  placement: 'least-cost',
  learningStyle: 'reactive',
  idleAfterMs: 5_000,
  priority: 0,
  accepts: ['task', 'virtual_machine', 'storage', 'network'],
};

export const controlSettings: ControlSettings = {
  ...localSettings,
  // Listing the simulated EC2 costs nothing, and agents die more often here than instances on AWS.
  decisions: { ...localDecisionSettings, listingCalmMs: 1_500 },
  installation,
  templateVersion: '1',
  // One process at a time can tick here (the home is locked), so the lock of a killed one is soon taken over.
  lockLeaseMs: 4_000,
  tickBudgetMs: 3_000,
};

/** @throws HomeBusyError, PortBusyError */
export async function startLocalServer(options: LocalServerOptions): Promise<LocalServer> {
  await assertPortFree(options.port);
  await assertPortFree(options.proxyPort ?? 0, 'set BELLOWS_PROXY_PORT to another port');
  await assertPortFree(options.ec2ControlPort ?? 0, ec2ControlCure);
  const lock = HomeLock.take(options.home);
  const parts: Closing[] = [
    () => {
      lock.release();
    },
  ];
  try {
    return await wire(options, parts);
  } catch (error) {
    for (const close of parts.reverse()) await close();
    throw error;
  }
}

async function wire(options: LocalServerOptions, parts: Closing[]): Promise<LocalServer> {
  const { ports, world, journal } = await openPorts(options, parts);
  const { clock, log, bus } = ports;
  const limit = new ProcessLimit(options.processesMax);
  // Two views of one control: ticks obey the machine's limit, dry runs answer for a cloud without it.
  const subnets = [...world.subnets.values()].map(({ id, zone }) => ({ subnetId: id, zone }));
  const settings = { ...controlSettings, labelKeys: options.labelKeys ?? [], subnets };
  const control = createControl(ports, settings);
  const ticking = createControl({ ...ports, limitAllocation: (all) => limit.wrap(all) }, settings);
  if ((await control.listPools()).length === 0) await control.putPool(defaultPool);
  const poolOf = async (id: string): Promise<string | null> => world.cloud.instance(id)?.tags[tagPool] ?? null;
  const events = createEventsHandler({ useCases: control, log, poolOf });
  const secret = agentSecret(options.home);
  const files = new LocalFiles({ dir: homePaths(options.home).files, secret, nowMs: () => clock.nowMs() });
  await prune(ports, files);
  const http = await startHttp({ options, ports, control, events, secret, files });
  parts.push(() => http.close());
  const proxy = await startProxy(options.proxyPort ?? 0, control, log, parts);
  const folders = new FolderRemover({ removeTree, log, nowMs: () => clock.monotonicMs() });
  const volumes = new VolumeFolders(homePaths(options.home).volumes, folders);
  parts.push(() => volumes.settled());
  const agents = createAgents(options, ports, {
    serverUrl: http.url,
    secret,
    onDeath: (id) => {
      world.cloud.crashInstance(id, 'the agent process died');
    },
    onChange: () => void pump.pump(),
  });
  const pump = new CloudPump({ cloud: world.cloud, agents, log, nowMs: () => clock.nowMs(), handler: events });
  const loop = new SchedulerLoop({
    log,
    handler: createSchedulerHandler({
      useCases: ticking,
      clock,
      log,
      wake: (pool) => bus.wake(pool),
      isSweepDue: sweepTimer(() => clock.monotonicMs()),
    }),
    beforeTick: async () => {
      volumes.prune((id) => world.volumes.has(id));
      limit.beginTick(await assignedTasks(control));
    },
  });
  const stopListening = bus.onWake((pool) => {
    loop.wake(pool);
  });
  const ec2ControlUrl = await openEc2Control(options, { world, journal, clock, pump: () => pump.pump() }, parts);
  pump.start();
  loop.start();
  startWebhooks(ports, settings, parts);
  return {
    url: http.url,
    proxyPort: proxy.port,
    ec2ControlUrl,
    close: async () => {
      await closeAll({ limit, http, agents, pump, loop, cloud: world.cloud, control, stopListening });
      for (const close of parts.reverse()) await close();
    },
  };
}

function startWebhooks(ports: LocalPorts, settings: ControlSettings, parts: Closing[]): void {
  const webhooks = new WebhookLoop(ports, settings);
  webhooks.start();
  parts.push(() => webhooks.stop());
}

/** Of what is kept for a while. */
async function prune({ outputs, clock, log }: LocalPorts, files: LocalFiles): Promise<void> {
  for (const kept of [outputs, files])
    await kept.prune(clock.nowMs() - keepOutputsMs).catch((error: unknown) => {
      log.write('warn', 'old outputs and files are not deleted; the next start tries again', { error });
    });
}

type LocalPorts = ControlPorts & { readonly outputs: LocalOutputs; readonly bus: LocalBus; readonly bells: LocalBells };

/** The adapters of the laptop on the files of the home; what has to be closed again joins `parts`. */
async function openPorts(
  { home, ec2ControlPort = null }: LocalServerOptions,
  parts: Closing[],
): Promise<{ readonly ports: LocalPorts; readonly world: World; readonly journal: Journal | null }> {
  const paths = homePaths(home);
  const clock = new SystemClock();
  const log = new JsonLog({ write: appendTo(paths.log) });
  const random = new SystemRandom();
  const store = new SqliteStore({ path: paths.store, clock });
  parts.push(() => {
    store.close();
  });
  const storage = new SqliteCloudStorage(paths.cloud);
  parts.push(() => {
    storage.close();
  });
  const world = new World({ accountId: '000000000000', region: 'us-east-1', clock, storage, isDurableAtOnce: true });
  const catalog = new SimulatedCatalog(clock, world.cloud.prices);
  // Only its control door shows it.
  const journal = ec2ControlPort === null ? null : new Journal();
  const ports: LocalPorts = {
    store,
    outputs: new LocalOutputs(paths.outputs),
    compactCopies: new LocalCompactCopies(paths.copies),
    bus: new LocalBus(),
    bells: new LocalBells(),
    clock,
    random,
    log,
    allocate,
    cloud: await localEc2(world, clock, catalog, journal),
    catalog,
    events: loggedEvents({ store, clock, random, log }, controlSettings, {
      publish: async (events) => {
        for (const event of events) log.write('info', event.type, { event });
      },
    }),
  };
  return { ports, world, journal };
}

interface HttpParts {
  readonly options: LocalServerOptions;
  readonly ports: LocalPorts;
  readonly control: Control;
  readonly events: ReturnType<typeof createEventsHandler>;
  readonly secret: string;
  readonly files: LocalFiles;
}

async function startHttp({ options, ports, control, events, secret, files }: HttpParts): Promise<HttpServer> {
  const { clock, log, outputs, bells } = ports;
  const identity = identifyNode(secret);
  const roles = new LocalRoles({ secret, nowMs: () => clock.nowMs() });
  const http = await startHttpServer({
    port: options.port,
    log,
    nowMs: () => clock.nowMs(),
    api: createApiHandler({
      useCases: publishingAccepted(control, ports),
      log,
      files,
      clock,
      identity: async () => localCaller,
      unavailable: unavailableHere(options.containers ?? undefined, () => clock.monotonicMs()),
    }),
    agent: createAgentHandler({
      useCases: control,
      outputs,
      files,
      secrets: secretsHere(options.home),
      roles,
      registries: new LocalRegistries(),
      objects: new LocalObjects(),
      log,
      identity,
    }),
    bell: createBellEndpoint(bells, identity),
    pages: createDashboardEndpoint(log),
    events: createEventsEndpoint(events),
    files,
  });
  return {
    ...http,
    close: async (graceMs) => {
      // Agents that wait for a ring are no running calls.
      bells.closeAll();
      await http.close(graceMs);
    },
  };
}

/** Answers its address; null: nobody asked for it. */
async function openEc2Control(
  { ec2ControlPort = null }: LocalServerOptions,
  { journal, ...of }: Omit<Ec2ControlOptions, 'journal' | 'port'> & { readonly journal: Journal | null },
  parts: Closing[],
): Promise<string | null> {
  if (ec2ControlPort === null || journal === null) return null;
  const { url, close } = await startEc2Control({ port: ec2ControlPort, journal, ...of });
  parts.push(close);
  return url;
}

/** Each service by its first port. */
async function startProxy(
  port: number,
  control: Control,
  log: LocalPorts['log'],
  parts: Closing[],
): Promise<ServiceProxy> {
  const proxy = await ServiceProxy.start({
    port,
    endpoints: async () =>
      new Map(
        (await control.services.endpoints()).map(({ name, replicas }) => [
          name,
          replicas.flatMap(({ address, ports: [first] }) => (first ? [{ address, port: first.port }] : [])),
        ]),
      ),
    log: (message, error) => {
      log.write('error', message, { error });
    },
  });
  parts.push(() => proxy.close());
  return proxy;
}

/** What this process's own environment and one folder have, and a Vault and a cluster where it names them. */
function secretsHere(home: string): Secrets {
  const {
    VAULT_ADDR: vault,
    BELLOWS_VAULT_ROLE_ID: roleId,
    BELLOWS_VAULT_SECRET_ID: secretId,
    BELLOWS_KUBERNETES_URL: cluster,
    BELLOWS_KUBERNETES_TOKEN_FILE: tokenFile,
  } = process.env;
  return secretsFrom({
    env: environmentSecrets(() => process.env),
    file: fileSecrets(homePaths(home).secrets),
    ...(vault && roleId && secretId
      ? { vault: vaultSecrets({ address: vault, login: appRole(roleId, secretId), nowMs: Date.now }) }
      : {}),
    ...(cluster && tokenFile
      ? { k8s: kubernetesSecrets({ address: cluster, token: async () => (await readFile(tokenFile, 'utf8')).trim() }) }
      : {}),
  });
}

interface AgentHooks {
  readonly serverUrl: string;
  readonly secret: string;
  readonly onDeath: (id: string) => void;
  readonly onChange: () => void;
}

function createAgents(
  options: LocalServerOptions,
  { clock, log }: LocalPorts,
  { secret, ...hooks }: AgentHooks,
): LocalAgents {
  const paths = homePaths(options.home);
  return new LocalAgents({
    ...hooks,
    removeTree,
    containers: options.containers ?? undefined,
    dir: paths.agents,
    log,
    nowMs: () => clock.monotonicMs(),
    program: options.agentProgram ?? fileURLToPath(new URL('../../../agent/main.ts', import.meta.url)),
    tasksMax: options.processesMax,
    // Tasks find the Node that runs Bellows, and what every POSIX system has.
    taskPath: `${dirname(process.execPath)}:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin`,
    cacheDir: paths.cache,
    volumesDir: paths.volumes,
    secretsDir: memoryFolder(options.home),
    headersOf: (id) => ({ [nodeHeader]: id, [tokenHeader]: tokenOf(secret, id) }),
    killGraceMs: controlSettings.decisions.killGraceMs + 1_000,
  });
}

const notHere = {
  cloudwatch:
    'there is no CloudWatch here: let a service go by a number that is reported (metric "reported", '
    + './bellows service report), and a pool by its demand (vcpuPerNode, fromVcpu)',
  targetGroups:
    'no load balancer of AWS reaches a laptop; leave targetGroups out here, where http://NAME.localhost goes to '
    + 'replicas that are ready, at the port that the server said at its start (BELLOWS_PROXY_PORT)',
};

/** Asked for each task with an image, for services with target groups and policies by CloudWatch. */
function unavailableHere(
  containers: LocalContainers | undefined,
  nowMs: () => number,
): () => Promise<Readonly<Record<string, string>>> {
  if (containers === undefined) return async () => ({ ...noContainers, ...notHere });
  const engine = new ContainerEngine(containers, nowMs);
  return async () => {
    const reason = await engine.brokenBy();
    return reason === null
      ? notHere
      : {
          ...notHere,
          image:
            `tasks with an image need a container engine that works; ${containers.program} says: ${reason}; `
            + 'start it, or leave image out',
        };
  };
}

/** A log that cannot be written must not end the server: where the disk is full or the file closed, stderr gets it. */
function appendTo(file: string): (line: string) => void {
  return (line) => {
    try {
      appendFileSync(file, line);
    } catch (error) {
      process.stderr.write(
        `${file} cannot be written (${error instanceof Error ? error.message : String(error)}): ${line}`,
      );
    }
  };
}

interface Running {
  readonly limit: ProcessLimit;
  readonly http: HttpServer;
  readonly agents: LocalAgents;
  readonly pump: CloudPump;
  readonly loop: SchedulerLoop;
  readonly cloud: SimulatedCloud;
  readonly control: Control;
  readonly stopListening: () => void;
}

/** How long a stop waits for control to see its nodes end, so that tasks are queued again before the exit. */
const settleMs = 8_000;

async function closeAll({ limit, http, agents, pump, loop, cloud, control, stopListening }: Running): Promise<void> {
  limit.close();
  await http.close();
  const crashAll = (): void => {
    for (const { id, state, tags } of cloud.instances()) {
      // Machines of requests have no process here: they outlive the server, as they would on AWS.
      if (tags[tagRequest] !== undefined) continue;
      if (state === 'running' || state === 'pending') cloud.crashInstance(id, 'the local server was stopped');
    }
  };
  crashAll();
  await agents.stopAll();
  const deadlineMs = performance.now() + settleMs;
  while (performance.now() < deadlineMs && (await nodeCount(control)) > 0) {
    await new Promise((wake) => setTimeout(wake, 100));
    crashAll(); // a launch that was under way may still have made one
  }
  stopListening();
  await loop.stop();
  await pump.stop();
  await agents.stopAll();
}

async function nodeCount(control: Control): Promise<number> {
  let count = 0;
  for (const { spec } of await control.listPools()) count += ((await control.listNodes(spec.name)) ?? []).length;
  return count;
}

async function assignedTasks(control: Control): Promise<number> {
  let count = 0;
  for (const { spec } of await control.listPools())
    for (const node of (await control.listNodes(spec.name)) ?? []) count += node.assigned.length;
  return count;
}

function sweepTimer(monotonicMs: () => number): () => Promise<boolean> {
  let dueMs = 0;
  return async () => {
    if (monotonicMs() < dueMs) return false;
    dueMs = monotonicMs() + sweepEveryMs;
    return true;
  };
}

const permissions: ReadonlySet<Permission> = new Set(['read', 'request', 'pool-admin']);
/** Who can connect to the loopback port may do everything, as one tenant. */
const localCaller = { tenant: 'local', principal: 'local', permissions, isOperator: true };

const nodeHeader = 'x-bellows-node';
const tokenHeader = 'x-bellows-token';

function tokenOf(secret: string, nodeId: string): string {
  return createHmac('sha256', secret).update(nodeId).digest('hex');
}

function identifyNode(secret: string): IdentifyNode {
  return async ({ headers }) => {
    const nodeId = headers[nodeHeader];
    const token = Buffer.from(headers[tokenHeader] ?? '');
    if (nodeId === undefined) return null;
    const wanted = Buffer.from(tokenOf(secret, nodeId));
    return token.length === wanted.length && timingSafeEqual(token, wanted) ? { nodeId } : null;
  };
}
