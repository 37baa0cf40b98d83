// Services in some worlds: declared, changed, scaled, rolled back and deleted while faults happen, with templates that
// run on and others that crash, some with policies: numbers are reported doubled, late and with gaps, CloudWatch has
// some or none, and alarms come doubled and in the wrong order. When the faults end, each is declared once more with a
// template that runs.
import type { Control } from '../../control/index.ts';
import type { ServiceWish } from '../../control/services/use-cases.ts';
import type { MachineSpec } from '../../core/records/claim.ts';
import type { PoolSpec } from '../../core/records/pool.ts';
import type { TaskSpec } from '../../core/records/request.ts';
import { atOnce } from '../../core/scaling/policies/rates.ts';
import type { ServicePolicy, ServiceScaling } from '../../core/services/policies.ts';
import type { ReplicaTemplate } from '../../core/services/record.ts';
import { BellowsError } from '../../core/values/errors.ts';
import { epochMs } from '../kernel.ts';
import type { Kernel } from '../kernel.ts';
import { backlog, silent, visitors } from '../processes/cloudwatch.ts';
import { groupArns } from '../processes/target-groups.ts';
import type { Controllers } from '../processes/controllers.ts';
import type { Stream } from '../random.ts';
import type { Trace } from '../trace.ts';
import { isGrantable, isPlaceable } from '../checkers/tasks/placeable.ts';
import type { Truth } from '../truth.ts';
import { unknownKeyName } from '../checkers/tasks/placeable.ts';

export interface ServicesOptions {
  readonly kernel: Kernel;
  readonly trace: Trace;
  readonly truth: Truth;
  readonly controllers: Controllers;
  readonly onDefect: (what: string, error: unknown) => void;
  /** What draws the target groups that services name; null: they name none. */
  readonly groups: Stream | null;
  /** What draws the policies by metrics of CloudWatch; null: there are none. */
  readonly metrics: Stream | null;
}

const minuteMs = 60_000;
const tenant = 'services';
/** Answers of a world in which pools go and come, and in which somebody else was faster. */
const expected: ReadonlySet<string> = new Set(['unknown_pool', 'unsatisfiable', 'not_possible', 'condition_failed']);
/** Answers of pools that are as they shall be. */
const refusals: ReadonlySet<string> = new Set(['unknown_pool', 'unsatisfiable']);

function template(colour: string, durationMs: number, failures: number): TaskSpec {
  return {
    type: 'task',
    resources: { cpuMilli: 100, memoryMib: 64, gpu: 0 },
    run: { kind: 'command', argv: ['simulated', String(durationMs), String(failures)] },
    env: { COLOUR: colour },
    count: 1,
    timeoutMs: null,
    retries: 0,
    priority: 0,
    requirements: {},
    expectedDurationMs: null,
    deadlineMs: null,
    learningStyle: null,
  };
}

/** Services of this name have machines as their replicas, and others tasks. */
const ofMachines = 'machines';

function machineTemplate(userData: string, more: Partial<MachineSpec> = {}): MachineSpec {
  return {
    type: 'virtual_machine',
    ...{ count: 1, leaseMs: null, deadlineMs: null, requirements: {} },
    needs: { vcpu: 1, memoryMib: 1_024, gpu: 0, arch: null },
    ...{ capacityType: 'on-demand', subnetId: null, imageId: null, userData, keyName: null, instanceProfile: null },
    ...{ volumes: [], network: null, volumeRequests: [], networkRequests: [] },
    ...more,
  };
}

interface Wish {
  /** Of the service. */
  readonly name: string;
  readonly what: string;
  /** Of its replicas; null: it shall go. */
  readonly template: ReplicaTemplate | null;
  readonly call: (control: Control) => Promise<unknown>;
}

/** Longer than any run. */
const forEver = 1_000 * 3_600_000;

export class Services {
  readonly #options: ServicesOptions;
  readonly #names: readonly string[];
  /** The last wish of each name that waits for its answer: what was wished before it is not asked for again. */
  readonly #open = new Map<string, Wish>();
  readonly #refused: Wish[] = [];

  /** `tasks` null: a world without services; `machines` null: without those whose replicas are machines. */
  constructor(options: ServicesOptions, tasks: Stream | null, machines: Stream | null, busyMs: number) {
    this.#options = options;
    const names = tasks === null ? [] : ['web', 'api'].slice(0, tasks.integer(1, 2));
    this.#names = [...names, ...(machines === null ? [] : [ofMachines])];
    if (tasks !== null) for (const name of names) this.#plan(tasks, name, busyMs);
    if (machines === null) return;
    this.#plan(machines, ofMachines, busyMs);
    for (let n = machines.integer(0, 4); n > 0; n -= 1)
      options.kernel.at(machines.between(busyMs / 8, busyMs), () => this.#releaseOne(machines));
  }

  #plan(stream: Stream, name: string, busyMs: number): void {
    const { kernel } = this.#options;
    kernel.at(stream.between(0, busyMs / 4), () => this.#put(drawWish(stream, name)));
    for (let n = stream.integer(2, 8); n > 0; n -= 1)
      kernel.at(stream.between(busyMs / 4, busyMs), () => this.#change(stream, name));
    for (let n = stream.integer(0, 20); n > 0; n -= 1)
      kernel.at(stream.between(busyMs / 8, busyMs), () => this.#tell(stream, name));
  }

  /** Its owner releases a machine that is a replica. */
  #releaseOne(stream: Stream): void {
    const service = [...this.#options.truth.services.values()].find((one) => one.name === ofMachines);
    const ids = service?.running.map((one) => one.request) ?? [];
    if (ids.length === 0) return;
    const id = stream.pick(ids);
    this.#say(`releases ${id}`, (control) => control.cancel(tenant, id));
  }

  get hasMachines(): boolean {
    return this.#names.includes(ofMachines);
  }

  get isDone(): boolean {
    return this.#open.size === 0;
  }

  /**
   * From now on each is wanted in a form that can be served. It does not go back: what was before may crash for ever,
   * done as it was while none was wanted, or before it ended; and this one may wait for room for hours.
   */
  calm(): void {
    for (const name of this.#names)
      this.#put({
        ...{ tenant, name, pool: null, replicas: 2, drainMs: 1_000 },
        template: name === ofMachines ? machineTemplate('Y2FsbQ==') : template('calm', forEver, 0),
        update: {
          ...{ maxUnavailable: 0, maxSurge: 1, order: 'start-first' },
          ...{ minHealthyMs: 0, progressMs: 6 * 3_600_000, isRolledBack: false },
        },
      });
  }

  /** What no pool could have before its limits were lifted. */
  repeatRefused(): void {
    for (const wish of this.#refused.splice(0)) this.#wish(wish);
  }

  deleteAll(): void {
    for (const name of this.#names)
      this.#wish({
        ...{ name, what: `deletes service ${name}`, template: null },
        call: (control) => control.services.delete(tenant, name),
      });
  }

  /** With target groups, in runs that have some: mostly one, none or both at times. Machines have no named ports. */
  #withGroups(wish: ServiceWish): ServiceWish {
    const { groups } = this.#options;
    const { template } = wish;
    if (groups === null || template.type !== 'task') return wish;
    const targetGroups = groupArns.filter(() => groups.chance(0.6)).map((arn) => ({ arn, port: 'http' }));
    return { ...wish, targetGroups, template: { ...template, ports: [{ name: 'http' }] } };
  }

  /** Where policies move the count, in runs with such metrics: some of them more. */
  #withMetrics(wish: ServiceWish): ServiceWish {
    const { metrics } = this.#options;
    const { scaling } = wish;
    if (metrics === null || scaling === undefined) return wish;
    const more = metricPolicies.filter(() => metrics.chance(0.4));
    return { ...wish, scaling: { ...scaling, policies: [...scaling.policies, ...more] } };
  }

  #put(plain: ServiceWish): void {
    const wish = this.#withMetrics(this.#withGroups(plain));
    const { name, replicas, template } = wish;
    const kind = template.type === 'task' ? (template.env['COLOUR'] ?? '') : 'machines';
    const what = `declares service ${name} of ${String(replicas)} (${kind})`;
    this.#wish({ name, what, template, call: (control) => control.services.put(wish) });
  }

  #change(stream: Stream, name: string): void {
    const drawn = stream.next();
    if (drawn < 0.5) return this.#put(drawWish(stream, name));
    const replicas = stream.integer(0, 5);
    if (drawn < 0.8)
      return this.#say(`scales ${name} to ${String(replicas)}`, (control) =>
        control.services.scale(tenant, name, replicas),
      );
    if (drawn < 0.95)
      return this.#say(`rolls ${name} back`, (control) => control.services.rollBack(tenant, name, null));
    this.#say(`deletes service ${name}`, (control) => control.services.delete(tenant, name));
  }

  /** A number or an alarm, at times twice, and at times one of a while ago. */
  #tell(stream: Stream, name: string): void {
    const { kernel } = this.#options;
    const agoMs = stream.chance(0.3) ? stream.between(0, 5 * minuteMs) : 0;
    const atMs = Math.floor(epochMs + kernel.nowMs - agoMs);
    const say = stream.chance(0.7) ? this.#reporter(stream, name, atMs) : this.#alarm(stream, atMs);
    say();
    if (stream.chance(0.3)) kernel.after(stream.between(0, 30_000), say);
  }

  #reporter(stream: Stream, name: string, atMs: number): () => void {
    const value = stream.integer(0, 700);
    return () =>
      this.#say(`reports ${String(value)} of ${name}, as of ${String(atMs - epochMs)}`, (control) =>
        control.services.report({ tenant, name, metric: 'visitors' }, { value, atMs }),
      );
  }

  #alarm(stream: Stream, atMs: number): () => void {
    const state = stream.pick(['ALARM', 'OK'] as const);
    const previousState = stream.pick(['ALARM', 'OK', null] as const);
    const alarmName = stream.pick(['busy', 'busy', 'quiet']);
    const event = { alarmName, state, previousState, reason: 'as drawn', atMs };
    return () =>
      this.#say(
        `alarm ${alarmName} is ${state} since ${String(atMs - epochMs)}`,
        (control) => control.handleAlarmEvent(event),
        ignore,
        'events',
      );
  }

  /** Until it has an answer. */
  #wish(wish: Wish): void {
    this.#open.set(wish.name, wish);
    this.#say(wish.what, wish.call, (error) => {
      if (this.#open.get(wish.name) !== wish) return;
      const isRefused = this.#isRefusedForGood(wish, error);
      if (isRefused) this.#refused.push(wish);
      if (isRefused || error === null) this.#open.delete(wish.name);
      // Deleted meanwhile for good, or the pool is declared again soon.
      else this.#options.kernel.after(2_000, () => this.#open.get(wish.name) === wish && this.#wish(wish));
    });
  }

  /** No pool that it may be in can have such a replica, and nobody changes that any more. */
  #isRefusedForGood({ name, template }: Wish, error: unknown): boolean {
    if (!(error instanceof BellowsError) || !refusals.has(error.code) || template === null) return false;
    const { truth } = this.#options;
    const home = [...truth.services.values()].find((one) => one.name === name)?.pool;
    const pools = [...truth.pools.values()]
      .map(({ spec }) => spec)
      .filter((one) => (home ?? one.name) === one.name && one.accepts.includes(template.type));
    const { now } = truth.prices;
    const canBeHad = (spec: PoolSpec): boolean =>
      template.type === 'task' ? isPlaceable(template, spec, now) : isGrantable(template, spec, now);
    return truth.isCalm && !pools.some(canBeHad);
  }

  /** `onAnswer`: null, or the error or what else kept the answer away. */
  #say(
    what: string,
    call: (control: Control) => Promise<unknown>,
    onAnswer: (error: unknown) => void = ignore,
    role: 'api' | 'events' = 'api',
  ): void {
    const { kernel, trace, controllers, onDefect } = this.#options;
    trace.write(kernel.nowMs, 'service owner', what);
    controllers.invoke({
      role,
      label: what,
      run: (control) => call(control as Control),
      onDone: () => onAnswer(null),
      onLost: () => onAnswer('no answer'),
      onError: (error) => {
        if (!(error instanceof BellowsError) || !expected.has(error.code)) onDefect(what, error);
        onAnswer(error);
      },
    });
  }
}

/** Nobody waits for the answer. */
function ignore(): void {}

function drawTemplate(stream: Stream): TaskSpec {
  const isBad = stream.chance(0.3);
  const colour = stream.pick(['red', 'green', 'blue']);
  const plain = isBad ? template(`${colour}, bad`, 2_000, 1_000) : template(colour, forEver, 0);
  if (!stream.chance(0.3)) return plain;
  const graceMs = stream.integer(0, 60_000);
  return { ...plain, preStop: { argv: ['leave'] }, disruption: { mode: 'never', graceMs } };
}

function drawMachine(stream: Stream): MachineSpec {
  const volume = { sizeGib: 8, iops: 3_000, throughputMibps: null, volumeType: null, snapshotId: null } as const;
  const rule = { protocol: 'tcp', fromPort: 22, toPort: 22, cidr: '10.0.0.0/8', request: null } as const;
  return machineTemplate(stream.pick(['cmVk', 'Z3JlZW4=', 'Ymx1ZQ==']), {
    // EC2 knows no such key pair: its machines never come.
    keyName: stream.chance(0.25) ? unknownKeyName : null,
    capacityType: stream.chance(0.7) ? 'on-demand' : 'spot',
    volumes: stream.chance(0.4) ? [{ ...volume, strategy: 'cheapest', onRelease: 'delete', keepMs: 0 }] : [],
    network: stream.chance(0.4) ? { ingress: [rule], egress: null, sharing: 'share', allowPublic: false } : null,
  });
}

const policies: readonly ServicePolicy[] = [
  { ...{ kind: 'target', name: 'load', target: 100 }, metric: { kind: 'reported', metric: 'visitors', of: 'total' } },
  { ...{ kind: 'alarm', name: 'busy', alarmName: 'busy' }, change: 2, cooldownMs: minuteMs },
  { ...{ kind: 'alarm', name: 'quiet', alarmName: 'quiet' }, change: -1, cooldownMs: 0 },
  { kind: 'manual', name: 'floor', replicas: 2 },
  {
    ...{ kind: 'step', name: 'queue', metric: { kind: 'waiting' } },
    steps: [
      { from: 3, wanted: 2 },
      { from: 10, wanted: 4 },
    ],
  },
];

/** By metrics of CloudWatch. */
const metricPolicies: readonly ServicePolicy[] = [
  {
    ...{ kind: 'target', name: 'backlog', target: 150 },
    metric: { kind: 'cloudwatch', cloudWatch: backlog, of: 'total' },
  },
  {
    ...{ kind: 'step', name: 'visitors', metric: { kind: 'cloudwatch', cloudWatch: visitors, of: 'average' } },
    steps: [
      { from: 100, wanted: 1 },
      { from: 400, wanted: 3 },
    ],
  },
  {
    ...{ kind: 'target', name: 'silent', target: 10 },
    metric: { kind: 'cloudwatch', cloudWatch: silent, of: 'average' },
  },
];

function drawScaling(stream: Stream): ServiceScaling {
  const min = stream.integer(0, 2);
  const chosen = policies.filter(() => stream.chance(0.4));
  return {
    min,
    max: min + stream.integer(0, 4),
    policies: chosen.length === 0 ? policies.slice(0, 1) : chosen,
    // Else HPA's defaults, with which hardly any count goes in within a run.
    ...(stream.chance(0.7) ? { behaviour: atOnce } : {}),
  };
}

function drawWish(stream: Stream, name: string): ServiceWish {
  return {
    ...(stream.chance(0.5) ? { scaling: drawScaling(stream) } : {}),
    tenant,
    name,
    pool: null,
    replicas: stream.integer(0, 5),
    template: name === ofMachines ? drawMachine(stream) : drawTemplate(stream),
    update: {
      maxUnavailable: stream.integer(0, 2),
      maxSurge: stream.integer(0, 2),
      order: stream.chance(0.7) ? 'start-first' : 'stop-first',
      minHealthyMs: stream.chance(0.5) ? 0 : stream.integer(1_000, 20_000),
      progressMs: stream.integer(1, 15) * minuteMs,
      isRolledBack: stream.chance(0.8),
    },
    drainMs: stream.integer(0, 10_000),
  };
}
