// One run: everything that the seed decides is drawn, the world is put together, faults rage, then stop; all must
// come to an end, nodes must go, and then the system must be quiet. Checkers look on all the time.
import { culpritMessage, setAsideMessage } from '../control/tick/set-aside.ts';
import { MemoryStore } from '../adapters/memory/store.ts';
import { SimulatedCloud } from '../adapters/simulated/cloud/cloud.ts';
import { SimulatedCompute } from '../adapters/simulated/compute.ts';
import { World as Ec2World } from '../adapters/simulated/ec2/world.ts';
import { createControl } from '../control/index.ts';
import type { ControlPorts, ControlSettings } from '../control/ports.ts';
import type { Control } from '../control/use-cases.ts';
import { allocate } from '../core/allocation/index.ts';
import { offeringsOf, instanceType } from '../core/catalog/index.ts';
import { BellowsError } from '../core/values/errors.ts';
import { isWarm } from '../core/claims/warm.ts';
import type { PoolSpec } from '../core/records/pool.ts';
import { isEnd } from '../core/records/request.ts';
import { checkers } from './checkers/index.ts';
import { Clients, newLedger } from './applications/clients.ts';
import { CloudDriver } from './processes/cloud-driver.ts';
import { Controllers } from './processes/controllers.ts';
import type { Layout } from './processes/controllers.ts';
import { FaultDraws } from './faults/fault-draws.ts';
import { drawFaults, wideFaults, withoutKinds } from './faults/faults.ts';
import type { FaultKind, FaultRates } from './faults/faults.ts';
import {
  areClaimsSettled,
  checkEmpty,
  checkClaimsReleased,
  checkListed,
  isEmpty,
  isReleased,
  isClaimReleased,
  nothingPlaceableIsOpen,
  someWaitInVain,
} from './end-of-run.ts';
import { drawCallFaults } from './faults/call-faults.ts';
import { ClaimClients } from './applications/claim-clients.ts';
import { ListingLag, resourcesOf } from './processes/claim-ports.ts';
import { drawClaimPools, drawClaims } from './applications/claim-workload.ts';
import type { PlannedClaim } from './applications/claim-workload.ts';
import { Kernel, epochMs } from './kernel.ts';
import { Machines } from './processes/machines.ts';
import { plainAllocate } from './plain-allocation.ts';
import { portsOf } from './processes/ports.ts';
import type { CallFaultOf } from './processes/process.ts';
import { Streams, asRandomPort } from './random.ts';
import { drawSettings } from './settings.ts';
import { Trace } from './trace.ts';
import type { TraceLine } from './trace.ts';
import { Truth } from './truth.ts';
import type { Violation } from './truth.ts';
import { Wakes } from './processes/wakes.ts';
import { CloudFaults } from './faults/cloud-faults.ts';
import { drawWide } from './applications/wide.ts';
import type { WideKind, WideScale, WorldName } from './applications/wide.ts';
import { drawSize, drawWorkload } from './applications/workload.ts';
import type { Size, Workload } from './applications/workload.ts';

export interface RunOptions {
  readonly seed: number;
  readonly size?: Size | undefined;
  /** An ordinary world or one of the API's maxima; one seed in ten draws a wide one. */
  readonly world?: WorldName | undefined;
  /** How wide a wide world is; `full` unless given. */
  readonly scale?: WideScale | undefined;
  /** Whether anything is held beside the tasks; half of the seeds hold. */
  readonly claims?: boolean | undefined;
  /** Positions of the requests that are left out; those that hold follow the tasks. */
  readonly leftOut?: ReadonlySet<number> | undefined;
  readonly without?: readonly FaultKind[] | undefined;
  /** Plants a bug: for tests that show that checkers bite. */
  readonly tampering?: Tampering | undefined;
  readonly onLine?: ((line: TraceLine) => void) | undefined;
  /** Instead of what the seed draws, for runs that are laid out by hand. */
  readonly given?: Given | undefined;
}

/** What a planted bug may change; every process has a copy of its own. */
export interface Tampering {
  readonly ports?: (ports: ControlPorts) => ControlPorts;
  readonly settings?: (settings: ControlSettings) => ControlSettings;
  readonly control?: (control: Control, ports: ControlPorts) => Control;
}

export interface Given {
  readonly workload: Workload;
  readonly rates: FaultRates;
  readonly layout: Layout;
  readonly fateOf: CallFaultOf;
  readonly claims?: readonly PlannedClaim[];
  readonly settleMs: number;
  readonly quietMs: number;
  /** Called when the world stands, to add what shall happen at fixed times. */
  readonly arrange?: (world: World) => void;
}

export interface World {
  readonly kernel: Kernel;
  readonly truth: Truth;
  readonly cloud: SimulatedCloud;
  readonly poll: () => void;
}

export interface RunCounts {
  readonly events: number;
  readonly portCalls: number;
  readonly ticks: number;
  readonly faultedTicks: number;
  readonly ranTicks: number;
  readonly sweeps: number;
  readonly requests: number;
  readonly tasks: number;
  readonly claimed: number;
  /** How requests that hold ended. */
  readonly claimEnds: Readonly<Record<string, number>>;
  readonly instances: number;
  readonly instancesAtOnce: number;
  /** Most tasks that one node's document carried, and most kept volumes, at any time. */
  readonly nodeTasksMax: number;
  readonly keptMax: number;
  readonly syncs: number;
  readonly processes: number;
  readonly writes: number;
  readonly faults: Readonly<Partial<Record<FaultKind, number>>>;
  readonly simulatedMs: number;
}

export interface RunResult {
  readonly seed: number;
  readonly world: 'plain' | WideKind;
  readonly violation: Violation | null;
  readonly hash: string;
  readonly counts: RunCounts;
  readonly trace: Trace;
  readonly rates: FaultRates;
  readonly requests: number;
}

interface Plan {
  readonly hasClaims: boolean;
  readonly workload: Workload;
  readonly claims: readonly PlannedClaim[];
}

const minuteMs = 60_000;
/** All that is placeable has ended by then after the faults, or it never will. */
const endsWithinMs = 8 * 60 * minuteMs;
const emptyWithinMs = 60 * minuteMs;
/** What is remembered for a while (capacity, silence, listings) is forgotten by then. */
const settleMs = 20 * minuteMs;
const quietMs = 30 * minuteMs;
/** Launches without a word from EC2, boots and grants have their time limits, one after the other. */
const claimSettlesWithinMs = 4 * 60 * minuteMs;
/** Kept volumes are kept for up to a quarter of an hour. */
const claimGoneWithinMs = 2 * 60 * minuteMs;

export async function run(options: RunOptions): Promise<RunResult> {
  const { seed, given } = options;
  const streams = new Streams(seed);
  const shape = streams.named('shape');
  const size = options.size ?? drawSize(shape);
  const layout = given?.layout ?? shape.pick(['server', 'servers', 'lambdas'] as const);
  const wide = given === undefined ? drawWide(streams, options.world, options.scale ?? 'full') : null;
  const { hasClaims, workload, claims } =
    wide === null ? planOf(options, streams, size) : { ...wide, hasClaims: wide.claims.length > 0 };
  const drawn = given?.rates ?? drawFaults(streams);
  const rates = withoutKinds(wide === null ? drawn : wideFaults(drawn), options.without ?? []);
  /** The allocation engine takes most of a run's time, so only some runs have it. */
  const isEngine = wide === null && size === 'tiny' && shape.chance(0.1);
  const scheduleEveryMs = given === undefined && size === 'tiny' && shape.chance(0.3) ? 5_000 : minuteMs;
  const settings = { ...drawSettings(streams.named('settings'), size), ...wide?.settings };

  const kernel = new Kernel();
  const trace = new Trace(options.onLine);
  const draws = new FaultDraws(rates, streams);
  const truth = new Truth(newLedger(), () => kernel.nowMs);
  for (const checker of checkers) truth.watch(checker(truth));
  const clock = {
    nowMs: () => Math.floor(epochMs + kernel.nowMs),
    monotonicMs: () => Math.floor(kernel.nowMs),
    sleep: (ms: number) => new Promise<void>((resolve) => kernel.after(ms, resolve)),
  };
  const store = new MemoryStore({
    clock,
    indexLagMs: () =>
      rates.staleIndex > 0 && !draws.isCalm ? draws.of('staleIndex').between(0, rates.staleIndex * 1000) : 0,
    pageItemsMax: () => (draws.hits('shortPage') ? draws.of('shortPage').integer(0, 5) : Infinity),
    onChange: (changes) => truth.applied(changes),
  });
  const cloudOptions = {
    seed: String(seed),
    launchMs: { minMs: 1_000, maxMs: 20_000 },
    // What ends at one time in a wide world is gone at one look.
    shutdownMs: { minMs: 1_000, maxMs: wide ? 2_000 : 60_000 },
    describeLagMs:
      rates.describeLag > 0 ? { minMs: 0, maxMs: Math.round(rates.describeLag * 1000) } : { minMs: 0, maxMs: 1_000 },
    neverBootsProbability: rates.neverBoots,
    failedLaunchProbability: rates.neverBoots / 2,
    replayListsInstances: shape.chance(0.7),
    throttles: {},
  };
  const ec2 = hasClaims
    ? new Ec2World({
        accountId: '000000000001',
        region: 'us-east-1',
        clock,
        options: { cloud: cloudOptions, modifyAgainAfterMs: 10 * minuteMs },
      })
    : null;
  const cloud = ec2?.cloud ?? new SimulatedCloud({ clock, options: cloudOptions });
  truth.ec2 = ec2;
  const lag = new ListingLag(draws, () => kernel.nowMs);
  const defect = (what: string, error: unknown): void => {
    if (error instanceof BellowsError && error.code !== 'assertion_failed')
      trace.write(kernel.nowMs, 'trouble', `${what}: ${error.code}: ${error.message}`);
    else
      truth.violate(
        '0: no defects',
        `${what} threw ${error instanceof Error ? (error.stack ?? error.message) : JSON.stringify(error)}`,
        [],
      );
  };
  const offerings = offeringsOf(
    { instanceFamily: [...new Set(workload.pools.flatMap((pool) => pool.requirements.instanceFamily ?? []))] },
    { maxNodeVcpu: 16 },
  );
  const usedTokens = new Set<string>();
  let templateVersion = 1;
  let portCalls = 0;
  const fateOf = given?.fateOf ?? drawCallFaults(draws, streams);
  const controllers: Controllers = new Controllers({
    kernel,
    trace,
    draws,
    stream: streams.named('controllers'),
    layout,
    fateOf: (process, call) => {
      portCalls += 1;
      return fateOf(process, call);
    },
    start: (process) =>
      startControl(
        {
          ...portsOf(process, {
            kernel,
            trace,
            draws,
            truth,
            store,
            compute,
            bus: wakes,
            events: {
              publish: async (events) => {
                for (const event of events) truth.tell((watcher) => watcher.published?.(event));
              },
            },
            usedTokens,
            onCloudCall: () => driver.poll(),
          }),
          ...(ec2
            ? {
                resources: resourcesOf(process, {
                  kernel,
                  trace,
                  draws,
                  truth,
                  ec2,
                  usedTokens,
                  lag,
                  onCloudCall: () => driver.poll(),
                }),
              }
            : {}),
          catalog: {
            offerings: async () => offerings,
            instanceType: async (name) => instanceType(name) ?? null,
            info: () => Promise.reject(new Error('nobody asks for prices here')),
          },
          outputs: {
            uploadUrl: async (attemptId) => `output:${attemptId}`,
            write: async () => undefined,
            read: async () => null,
          },
          clock: process.clock,
          random: asRandomPort(streams.named(`random of ${process.name}`)),
          log: {
            write: (level, message, fields) => {
              // Nobody edits a record here: one that its reader does not take, or that a decision fails on, was
              // written by control itself.
              if (message === setAsideMessage || message === culpritMessage)
                truth.violate('0: no defects', `${message}: ${describe(fields)}`, []);
              if (level === 'warn' || level === 'error')
                trace.write(kernel.nowMs, process.name, `${level}: ${message} ${describe(fields)}`);
            },
          },
          allocate: isEngine ? allocate : plainAllocate,
        },
        { ...settings, templateVersion: `v${String(templateVersion)}` },
        options.tampering,
      ),
  });
  const compute = new SimulatedCompute(cloud, clock);
  const wakes: Wakes = new Wakes({
    kernel,
    trace,
    draws,
    stream: streams.named('wakes'),
    controllers,
    sweepEveryMs: minuteMs,
    scheduleEveryMs,
    onError: defect,
  });
  const machines = new Machines({
    kernel,
    trace,
    draws,
    streams,
    truth,
    controllers,
    bootMs: [3_000, 40_000],
    onDefect: defect,
  });
  const driver: CloudDriver = new CloudDriver({
    kernel,
    trace,
    stream: streams.named('cloud events'),
    truth,
    cloud,
    machines,
    controllers,
    onError: defect,
  });
  const clients = new Clients({ kernel, trace, streams, controllers, ledger: truth.ledger, onDefect: defect });

  const claimClients = new ClaimClients({
    kernel,
    trace,
    streams,
    controllers,
    ledger: truth.ledger,
    onDefect: defect,
  });

  /**
   * What the operator has said of pools, or is about to say, without an answer so far: it may still undo
   * what is said meanwhile.
   */
  let wordsOpen = 0;
  const declare = (spec: PoolSpec): void => {
    const again = (): void => void kernel.after(2_000, () => declare(spec));
    const done = (): void => void (wordsOpen -= 1);
    controllers.invoke({
      role: 'api',
      label: `pool ${spec.name}`,
      run: (control) => control.putPool(spec),
      onDone: done,
      onLost: again,
      onError: (error) =>
        error instanceof BellowsError && error.code === 'invalid_pool'
          ? done()
          : (defect(`pool ${spec.name}`, error), again()),
    });
  };
  const putPool = (spec: PoolSpec): void => {
    wordsOpen += 1;
    declare(spec);
  };
  const putPools = (): void => workload.pools.forEach(putPool);
  // What begins before the first event goes on only at its time; the seeds that are pinned were found like that.
  if (wide) kernel.at(0, putPools);
  else putPools();
  clients.plan(workload.requests, (at) => !(options.leftOut?.has(at) ?? false));
  claimClients.plan(claims, (at) => !(options.leftOut?.has(workload.requests.length + at) ?? false));
  const deletePool = (name: string): void => {
    const { spec } = truth.pools.get(name) ?? {};
    if (!spec) return;
    trace.write(kernel.nowMs, 'operator', `deletes pool ${name}`);
    truth.deletedPools.add(name);
    wordsOpen += 1;
    const declareAgain = (): void =>
      void kernel.after(draws.of('poolDeletion').between(1_000, 3 * minuteMs), () =>
        declare(truth.pools.get(name)?.spec ?? spec),
      );
    controllers.invoke({
      role: 'api',
      label: `delete pool ${name}`,
      run: (control) => control.deletePool(name),
      onDone: declareAgain,
      onLost: declareAgain,
      onError: (error) =>
        error instanceof BellowsError && error.code === 'pool_in_use'
          ? void (wordsOpen -= 1)
          : (defect(`delete pool ${name}`, error), declareAgain()),
    });
  };
  const cloudFaults = new CloudFaults({
    kernel,
    trace,
    draws,
    truth,
    cloud,
    controllers,
    busyMs: workload.busyMs,
    onCloudChange: () => driver.poll(),
    putPool,
    deletePool,
    newTemplate: () => (templateVersion += 1),
  });
  for (const atMs of wide?.lossesAtMs ?? []) kernel.at(atMs, () => cloudFaults.loseFullestNode());
  given?.arrange?.({ kernel, truth, cloud, poll: () => driver.poll() });

  let [instancesAtOnce, nodeTasksMax, keptMax] = [0, 0, 0];
  const afterEach = (): void => {
    truth.tell((watcher) => watcher.step?.());
  };
  truth.watch({
    instance: () =>
      (instancesAtOnce = Math.max(
        instancesAtOnce,
        [...truth.instances.values()].filter((one) => !one.isEnding).length,
      )),
  });
  truth.watch({
    node: (_before, after) => void (nodeTasksMax = Math.max(nodeTasksMax, after?.assigned.length ?? 0)),
    kept: () => void (keptMax = Math.max(keptMax, truth.kept.size)),
  });
  const isBroken = (): boolean => truth.violation !== null;
  const phase = async (name: string, forMs: number, isOver: () => boolean): Promise<void> => {
    if (isBroken()) return;
    trace.write(kernel.nowMs, 'run', name);
    await kernel.run(kernel.nowMs + forMs, afterEach, () => isBroken() || isOver());
  };
  try {
    await phase('faults begin', workload.busyMs, () => false);
    draws.calm();
    controllers.endOutage();
    cloudFaults.calm();
    truth.becomeCalm(Math.max(kernel.nowMs, ...controllers.processes.map((process) => process.pausedUntilMs)));
    let nextCheckMs = 0;
    const everyMinute = (is: () => boolean) => (): boolean => {
      if (kernel.nowMs < nextCheckMs) return false;
      nextCheckMs = kernel.nowMs + minuteMs;
      return is();
    };
    if (hasClaims) {
      await phase(
        'what is held settles',
        claimSettlesWithinMs,
        everyMinute(() => wordsOpen === 0 && clients.areDone && claimClients.areDone && areClaimsSettled(truth)),
      );
      for (const {
        spec: { warm, ...rest },
      } of truth.pools.values())
        if (warm) putPool(rest);
      for (const claim of truth.claims.values())
        if (!isBroken() && claim.endedAtMs === null && !isWarm(claim)) claimClients.release(claim);
      await phase(
        'what is held is given back',
        claimGoneWithinMs,
        everyMinute(() => wordsOpen === 0 && isClaimReleased(truth)),
      );
      if (!isBroken()) checkClaimsReleased(truth);
    }
    await phase(
      'faults stop',
      endsWithinMs,
      everyMinute(() => clients.areDone && nothingPlaceableIsOpen(truth)),
    );
    if (someWaitInVain(truth)) {
      // Nodes from before a limit was lowered may go on serving them for hours; quiet comes only without nodes.
      await phase(
        'what never fits waits',
        endsWithinMs,
        everyMinute(() => isReleased(truth)),
      );
      if (isReleased(truth)) {
        await phase('all else is over', settleMs, () => false);
        truth.isQuiet = true;
        await phase('waiting must be quiet', quietMs, () => false);
        truth.isQuiet = false;
      }
    }
    // Also those whose acceptance never reached anybody.
    for (const record of truth.requests.values()) if (!isBroken() && !isEnd(record.state)) clients.cancel(record);
    await phase(
      'what never fits is cancelled',
      emptyWithinMs,
      everyMinute(() => isEmpty(truth)),
    );
    if (!isBroken()) checkEmpty(truth);
    await phase('all is over', given?.settleMs ?? settleMs, () => false);
    truth.isQuiet = true;
    await phase('it must be quiet', given?.quietMs ?? quietMs, () => false);
    const listing = streams.named('the list in the end');
    if (!isBroken()) await checkListed(truth, { store, clock, random: asRandomPort(listing) }, listing.integer(1, 20));
    if (!isBroken()) truth.tell((watcher) => watcher.end?.());
  } catch (error) {
    defect('the run', error instanceof BellowsError ? new Error(error.stack) : error);
  }
  const { violation } = truth;
  if (violation) trace.write(violation.atMs, 'VIOLATION', `${violation.invariant}: ${violation.message}`);
  return {
    seed,
    world: wide?.kind ?? 'plain',
    violation,
    hash: trace.hash,
    trace,
    rates,
    requests: workload.requests.length + claims.length,
    counts: {
      events: kernel.events,
      portCalls,
      ticks: wakes.counts.ticks,
      faultedTicks: wakes.counts.faulted,
      ranTicks: wakes.counts.ran,
      sweeps: wakes.counts.sweeps,
      requests: truth.ledger.counts.accepted,
      tasks: [...truth.ledger.accepted.values()].reduce((sum, one) => sum + one.spec.count, 0),
      claimed: truth.claims.size,
      claimEnds: countBy([...truth.claims.values()].map((one) => one.state)),
      instances: truth.instances.size,
      instancesAtOnce,
      nodeTasksMax,
      keptMax,
      syncs: machines.counts.syncs,
      processes: machines.counts.runs,
      writes: truth.counts.writes,
      faults: Object.fromEntries(draws.counts),
      simulatedMs: kernel.nowMs,
    },
  };
}

/** What an ordinary run asks for. */
function planOf({ given, claims: isAsked }: RunOptions, streams: Streams, size: Size): Plan {
  const hasClaims = isAsked ?? (given === undefined && streams.named('holding').chance(0.5));
  const tasks = given?.workload ?? drawWorkload(streams, size);
  const workload = hasClaims && given === undefined ? { ...tasks, pools: drawClaimPools(streams, tasks) } : tasks;
  const claims = hasClaims ? (given?.claims ?? drawClaims(streams, size, workload.pools, workload.busyMs)) : [];
  return { hasClaims, workload, claims };
}

function startControl(ports: ControlPorts, settings: ControlSettings, tampering: Tampering | undefined): Control {
  const used = tampering?.ports?.(ports) ?? ports;
  const control = createControl(used, tampering?.settings?.(settings) ?? settings);
  return tampering?.control?.(control, used) ?? control;
}

function countBy(all: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const one of all) counts[one] = (counts[one] ?? 0) + 1;
  return counts;
}

function describe(fields: Readonly<Record<string, unknown>> | undefined): string {
  return JSON.stringify(fields ?? {}, (_key, value: unknown) => (value instanceof Error ? value.message : value));
}
