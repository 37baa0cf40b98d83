// Puts a run together: the kernel, the one true store and cloud, controllers on ports of their own, machines,
// applications, the operator, and the checkers that watch all of it.
import { MemoryMetrics } from '../../adapters/memory/metrics.ts';
import { MemoryStore } from '../../adapters/memory/store.ts';
import type { SimulatedTargetGroups } from '../../adapters/simulated/target-groups.ts';
import type { SimulatedCloud } from '../../adapters/simulated/cloud/cloud.ts';
import type { CloudOptionsInput } from '../../adapters/simulated/cloud/options.ts';
import { World as Ec2World } from '../../adapters/simulated/ec2/world.ts';
import { offeringsOf } from '../../core/catalog/index.ts';
import type { Offering } from '../../core/values/offering.ts';
import { BellowsError } from '../../core/values/errors.ts';
import { reserveInCloud } from '../applications/commitments.ts';
import { ClaimClients } from '../applications/claim-clients.ts';
import { Clients, newLedger } from '../applications/clients.ts';
import { Services } from '../applications/services.ts';
import { checkers } from '../checkers/index.ts';
import { drawCallFaults } from '../faults/call-faults.ts';
import { CloudFaults } from '../faults/cloud-faults.ts';
import { startLimitFaults } from '../faults/limit-faults.ts';
import { OperatorFaults } from '../faults/operator-faults.ts';
import { PriceFaults } from '../faults/price-faults.ts';
import { QuotaFaults } from '../faults/quota-faults.ts';
import { ServiceOutages } from '../faults/service-outages.ts';
import { FaultDraws } from '../faults/fault-draws.ts';
import { Kernel, epochMs } from '../kernel.ts';
import { ListingLag } from '../processes/cloud-port.ts';
import { CloudDriver } from '../processes/cloud-driver.ts';
import { feedCloudWatch } from '../processes/cloudwatch.ts';
import { CopiesKept } from '../processes/compact-copies.ts';
import { Controllers } from '../processes/controllers.ts';
import { MachineBells } from '../processes/bells.ts';
import { drawTargetGroups } from '../processes/target-groups.ts';
import { Machines } from '../processes/machines.ts';
import { Wakes } from '../processes/wakes.ts';
import { Trace } from '../trace.ts';
import { Truth } from '../truth.ts';
import { ControlStarter } from './start-control.ts';
import type { DrawnRun } from './draw-run.ts';
import { Operator } from './operator.ts';
import type { RunOptions } from './types.ts';

const minuteMs = 60_000;

/** The world without those who act in it. */
export interface Foundation {
  readonly kernel: Kernel;
  readonly trace: Trace;
  readonly draws: FaultDraws;
  readonly truth: Truth;
  readonly clock: ReturnType<typeof clockOf>;
  readonly store: MemoryStore;
  readonly compactCopies: CopiesKept;
  readonly cloud: SimulatedCloud;
  readonly ec2: Ec2World;
  readonly lag: ListingLag;
  readonly usedTokens: Set<string>;
  readonly outages: ServiceOutages;
  readonly prices: PriceFaults;
  readonly targetGroups: SimulatedTargetGroups;
  readonly cloudWatch: MemoryMetrics;
  /** What throws is a bug of the code, unless it is an error that callers get as an answer. */
  readonly onDefect: (what: string, error: unknown) => void;
}

interface Processes {
  readonly starter: ControlStarter;
  readonly controllers: Controllers;
  readonly wakes: Wakes;
  readonly machines: Machines;
  readonly driver: CloudDriver;
  readonly counts: { portCalls: number; instancesAtOnce: number; nodeTasksMax: number; keptMax: number };
}

export interface Wiring extends Foundation, Processes {
  readonly clients: Clients;
  readonly claimClients: ClaimClients;
  readonly services: Services;
  readonly operator: Operator;
  readonly operatorFaults: OperatorFaults;
  readonly cloudFaults: CloudFaults;
  readonly quotas: QuotaFaults;
}

export function wire(options: RunOptions, drawn: DrawnRun): Wiring {
  const foundation = foundationOf(options, drawn);
  const { kernel, truth } = foundation;
  const { streams, workload, claims, wide } = drawn;
  const processes = processesOf(options, drawn, foundation);
  const { controllers, driver } = processes;
  truth.isStandingStill = () => controllers.isStandingStill(kernel.nowMs);
  const clients = new Clients({ ...foundation, streams, controllers, ledger: truth.ledger });
  const claimClients = new ClaimClients({ ...foundation, streams, controllers, ledger: truth.ledger });
  const operator = new Operator({ ...foundation, controllers });
  const services = servicesOf(foundation, drawn, controllers);
  feedCloudWatch(foundation, hasMetrics(drawn) ? streams.named('cloudwatch') : null, workload.busyMs);
  const putPools = (): void => workload.pools.forEach((spec) => operator.putPool(spec));
  // What begins before the first event goes on only at its time; the seeds that are pinned were found like that.
  if (wide) kernel.at(0, putPools);
  else putPools();
  for (const [name, weight] of Object.entries(workload.weights ?? {})) operator.putTenant(name, weight);
  clients.plan(workload.requests, (at) => !(options.leftOut?.has(at) ?? false));
  claimClients.plan(claims, (at) => !(options.leftOut?.has(workload.requests.length + at) ?? false));
  const cloudFaults = new CloudFaults({
    ...foundation,
    controllers,
    busyMs: workload.busyMs,
    onCloudChange: () => driver.poll(),
    putPool: (spec) => operator.putPool(spec),
    deletePool: (name) => operator.deletePool(name),
    newTemplate: () => processes.starter.newTemplate(),
  });
  const stream = streams.named('reservations in the cloud');
  reserveInCloud({ ...foundation, stream, poll: () => driver.poll() }, workload.pools);
  const quotas = new QuotaFaults(foundation);
  startLimitFaults({ ...foundation, putPool: (spec) => operator.putPool(spec) });
  const operatorFaults = new OperatorFaults({
    ...foundation,
    setPaused: (pool, isPaused) => operator.setPaused(pool, isPaused),
    orderNode: (id, order) => operator.orderNode(id, order),
    putPool: (spec) => operator.putPool(spec),
    isDone: () => operator.isDone,
  });
  for (const atMs of wide?.lossesAtMs ?? []) kernel.at(atMs, () => cloudFaults.loseFullestNode());
  options.given?.arrange?.({ ...foundation, poll: () => driver.poll() });
  watchCounts(truth, processes.counts);
  return {
    ...foundation,
    ...processes,
    clients,
    claimClients,
    services,
    operator,
    operatorFaults,
    cloudFaults,
    quotas,
  };
}

function servicesOf(foundation: Foundation, drawn: DrawnRun, controllers: Controllers): Services {
  const { streams, hasServices, hasClaims, workload } = drawn;
  return new Services(
    {
      ...{ ...foundation, controllers },
      groups: hasGroups(drawn) ? streams.named('service groups') : null,
      metrics: hasMetrics(drawn) ? streams.named('service metrics') : null,
    },
    hasServices ? streams.named('service owner') : null,
    hasServices && hasClaims ? streams.named('machines owner') : null,
    workload.busyMs,
  );
}

/** Those who act by themselves: controllers, what wakes them, machines, and EC2. */
function processesOf(options: RunOptions, drawn: DrawnRun, foundation: Foundation): Processes {
  const { kernel, trace, draws, onDefect } = foundation;
  const { streams } = drawn;
  const counts = { portCalls: 0, instancesAtOnce: 0, nodeTasksMax: 0, keptMax: 0 };
  const callFaultOf = options.given?.callFaultOf ?? drawCallFaults(draws, streams);
  const starter: ControlStarter = new ControlStarter(options, drawn, foundation, {
    bus: { wake: (pool) => wakes.wake(pool) },
    bells: new MachineBells({ ...foundation, stream: streams.named('rings') }),
    onCloudCall: () => driver.poll(),
  });
  const controllers: Controllers = new Controllers({
    kernel,
    trace,
    draws,
    stream: streams.named('controllers'),
    layout: drawn.layout,
    callFaultOf: (process, call) => {
      counts.portCalls += 1;
      return callFaultOf(process, call);
    },
    start: (process) => starter.start(process),
  });
  const wakes: Wakes = new Wakes({
    kernel,
    trace,
    draws,
    stream: streams.named('wakes'),
    controllers,
    sweepEveryMs: minuteMs,
    scheduleEveryMs: drawn.scheduleEveryMs,
    onError: onDefect,
  });
  const machines = new Machines({ ...foundation, streams, controllers, bootMs: [3_000, 40_000] });
  const stream = streams.named('cloud events');
  const driver: CloudDriver = new CloudDriver({ ...foundation, stream, machines, controllers, onError: onDefect });
  return { starter, controllers, wakes, machines, driver, counts };
}

function foundationOf(options: RunOptions, drawn: DrawnRun): Foundation {
  const { rates, streams } = drawn;
  const kernel = new Kernel();
  const trace = new Trace(options.onLine);
  const draws = new FaultDraws(rates, streams);
  const truth = new Truth(newLedger(), () => kernel.nowMs);
  for (const checker of checkers) truth.watch(checker(truth));
  const clock = clockOf(kernel);
  const store = new MemoryStore({
    clock,
    indexLagMs: () => {
      if (rates.staleIndex === 0 || draws.isCalm) return 0;
      // By no more than what is waited for: settings of a laptop, whose index never lags, count on two seconds.
      const lagMs = draws.of('staleIndex').between(0, rates.staleIndex * 1000);
      return Math.min(lagMs, drawn.settings.decisions.indexSettleMs);
    },
    pageItemsMax: () => (draws.hits('shortPage') ? draws.of('shortPage').integer(0, 5) : Infinity),
    onChange: (changes) => truth.applied(changes),
  });
  const cloudOptions = cloudOptionsOf(options.seed, drawn);
  const ec2 = new Ec2World({
    accountId: '000000000001',
    region: 'us-east-1',
    clock,
    options: { cloud: cloudOptions, modifyAgainAfterMs: 10 * minuteMs },
  });
  truth.ec2 = drawn.hasClaims ? ec2 : null;
  const outages = new ServiceOutages({ kernel, trace, draws, busyMs: drawn.workload.busyMs });
  const prices = new PriceFaults({ kernel, trace, draws, prices: ec2.cloud.prices, offerings: offeringsIn(drawn) });
  truth.prices = prices;
  return {
    kernel,
    trace,
    draws,
    truth,
    clock,
    store,
    compactCopies: new CopiesKept(),
    cloud: ec2.cloud,
    ec2,
    lag: new ListingLag(draws, () => kernel.nowMs),
    usedTokens: new Set(),
    outages,
    prices,
    targetGroups: drawTargetGroups(clock, draws, hasGroups(drawn) ? streams.named('targets') : null),
    cloudWatch: new MemoryMetrics(() => clock.nowMs()),
    onDefect: defectsOf(kernel, trace, truth),
  };
}

function hasGroups({ hasServices, hasTargetGroups }: DrawnRun): boolean {
  return hasServices && hasTargetGroups;
}

function hasMetrics(drawn: DrawnRun): boolean {
  return drawn.hasServices && drawn.hasMetrics;
}

function offeringsIn({ workload }: DrawnRun): readonly Offering[] {
  const families = workload.pools.flatMap((pool) => pool.requirements.instanceFamily ?? []);
  return offeringsOf({ instanceFamily: [...new Set(families)] }, { maxNodeVcpu: 16 });
}

function clockOf(kernel: Kernel) {
  return {
    nowMs: () => Math.floor(epochMs + kernel.nowMs),
    monotonicMs: () => Math.floor(kernel.nowMs),
    sleep: (ms: number) => new Promise<void>((resolve) => kernel.after(ms, resolve)),
  };
}

function cloudOptionsOf(seed: number, { rates, wide, replayListsInstances }: DrawnRun): CloudOptionsInput {
  const { describeLag, neverBoots } = rates;
  return {
    seed: String(seed),
    launchMs: { minMs: 1_000, maxMs: 20_000 },
    // What ends at one time in a wide world is gone at one look.
    shutdownMs: { minMs: 1_000, maxMs: wide ? 2_000 : 60_000 },
    describeLagMs: describeLag > 0 ? { minMs: 0, maxMs: Math.round(describeLag * 1000) } : { minMs: 0, maxMs: 1_000 },
    neverBootsProbability: neverBoots,
    failedLaunchProbability: neverBoots / 2,
    replayListsInstances,
    throttles: {},
  };
}

function defectsOf(kernel: Kernel, trace: Trace, truth: Truth): Foundation['onDefect'] {
  return (what, error) => {
    if (error instanceof BellowsError && error.code !== 'assertion_failed')
      trace.write(kernel.nowMs, 'trouble', `${what}: ${error.code}: ${error.message}`);
    else
      truth.violate(
        '0: no defects',
        `${what} threw ${error instanceof Error ? (error.stack ?? error.message) : JSON.stringify(error)}`,
        [],
      );
  };
}

function watchCounts(truth: Truth, counts: Wiring['counts']): void {
  truth.watch({
    instance: () =>
      (counts.instancesAtOnce = Math.max(
        counts.instancesAtOnce,
        [...truth.instances.values()].filter((one) => !one.isEnding).length,
      )),
    node: (_before, after) => void (counts.nodeTasksMax = Math.max(counts.nodeTasksMax, after?.assigned.length ?? 0)),
    kept: () => void (counts.keptMax = Math.max(counts.keptMax, truth.kept.size)),
  });
}
