// Everything that is counted while a back-test runs: nodes and what their seconds were paid for, waits of tasks, and
// levels over time.
import { instanceType } from '../../core/catalog/index.ts';
import { addRegret, noRegret } from '../../core/costs/regret/regret.ts';
import type { RanTask, Regret } from '../../core/costs/regret/regret.ts';
import type { CapacityType } from '../../core/values/offering.ts';
import type { Resources } from '../../core/values/resources.ts';
import type { Trace, TraceTask } from '../traces/trace.ts';
import { NodeMeter, noCosts } from './node-costs.ts';
import type { CostParts } from './node-costs.ts';
import type { PoolMoney } from './pool-money.ts';
import { Counts, Series } from './series.ts';
import { rootVolumeUsdPerHour } from '../../core/catalog/root-volume.ts';
import { WaitingReasons } from './waiting-reasons.ts';
import { Waits } from './waits.ts';

/** Intervals of a series: as many as a plot can show. */
const bins = 480;

export interface LaunchedNode {
  readonly id: string;
  readonly instanceType: string;
  readonly zone: string;
  readonly capacityType: CapacityType;
  readonly priceUsdPerHour: number;
}

/** What a node was, until it has ended and is priced again. */
interface History {
  readonly node: LaunchedNode;
  readonly money: PoolMoney;
  readyAtMs: number | null;
  billedFromMs: number;
  readonly running: Map<string, Omit<RanTask, 'endMs'>>;
  readonly tasks: RanTask[];
}

export class Measures {
  readonly costs: CostParts = noCosts();
  readonly waits = new Waits();
  /** From the submission to the end, of tasks that ran to their end; of a line that is an array, its last one's. */
  readonly completions = new Waits();
  readonly reasons = new WaitingReasons();
  /** Nodes launched, by instance type and capacity type. */
  readonly launchedByType = new Map<string, number>();
  readonly usdPerHour: Series;
  readonly nodes: Series;
  readonly vcpu: Series;
  readonly busyVcpu: Series;
  readonly waiting: Series;
  /** Nodes that began to run; attempts that EC2 stopped, and those that a decision did. */
  readonly launches: Counts;
  readonly interruptions: Counts;
  readonly moves: Counts;
  readonly counts = {
    ...{ launched: 0, stopped: 0, started: 0, attempts: 0, interrupted: 0, moved: 0 },
    ...{ deadlines: 0, deadlinesMissed: 0, ran: 0 },
  };
  /** Milliseconds times thousandths of a vCPU, of the tasks that ran to their end. */
  ranCpuMs = 0;
  /** Of all nodes that have ended. */
  regret: Regret = noRegret;
  /** When the run was over. */
  endedAtMs = 0;
  readonly #moneys = new Set<PoolMoney>();
  readonly #histories = new Map<string, History>();
  readonly #meters = new Map<string, NodeMeter>();
  readonly #startedTasks = new Set<string>();
  readonly #running = new Map<string, number>();
  readonly #stopped = new Map<string, { readonly sinceMs: number; readonly usdPerHour: number }>();
  /** Nodes that were stopped at some time. */
  readonly #hasStopped = new Set<string>();
  /** Nodes that EC2 takes. */
  readonly #taken = new Set<string>();
  /** What the series cover. */
  readonly spanMs: number;
  readonly bins = bins;

  readonly #rootVolumeGib: number;

  /** `rootVolumeGib`: of each node; 0: it has none that is paid for. */
  constructor(trace: Trace, rootVolumeGib: number) {
    this.#rootVolumeGib = rootVolumeGib;
    // Time after the last submission is where queues drain; what comes after that is in the sums alone.
    const lastMs = trace.tasks.reduce((last, task) => Math.max(last, task.submitMs + task.durationMs), 0);
    this.spanMs = Math.max(60_000, lastMs);
    const series = (): Series => new Series(this.spanMs, bins);
    [this.usdPerHour, this.nodes, this.vcpu, this.busyVcpu, this.waiting] = [
      series(),
      series(),
      series(),
      series(),
      series(),
    ];
    const happened = (): Counts => new Counts(this.spanMs, bins);
    [this.launches, this.interruptions, this.moves] = [happened(), happened(), happened()];
  }

  /** What commitments have paid of the price of nodes, in USD. */
  get coveredUsd(): number {
    return [...this.#moneys].reduce((sum, one) => sum + one.coveredUsd, 0);
  }

  get nodesAlive(): number {
    return this.#meters.size;
  }

  submitted(task: TraceTask, nowMs: number): void {
    this.waiting.change(nowMs, task.count);
    if (task.deadlineMs !== null) this.counts.deadlines += task.count;
  }

  /** `given`: at the price of elsewhere; `money`: of the node's pool. */
  launched(given: LaunchedNode, money: PoolMoney): void {
    this.counts.launched += 1;
    const kind = `${given.instanceType} ${given.capacityType}`;
    this.launchedByType.set(kind, (this.launchedByType.get(kind) ?? 0) + 1);
    this.#open(given, money);
  }

  #open(given: LaunchedNode, money: PoolMoney): void {
    const type = instanceType(given.instanceType);
    if (type === undefined) throw new RangeError(`${given.instanceType} is not in the catalog`);
    const { id, zone, capacityType, instanceType: name } = given;
    const record = { id, zone, capacityType, instanceType: name, priceUsdPerHour: money.priceOf(given) };
    this.#moneys.add(money);
    this.#meters.set(
      record.id,
      new NodeMeter(type, record.priceUsdPerHour, rootVolumeUsdPerHour(type, this.#rootVolumeGib)),
    );
    this.#histories.set(record.id, {
      node: record,
      money,
      readyAtMs: null,
      billedFromMs: 0,
      running: new Map(),
      tasks: [],
    });
  }

  /** What it costs as it runs ends here; from now on it is its root volume. */
  stopping(id: string, { instanceType: name }: LaunchedNode, nowMs: number): void {
    this.ended(id, nowMs);
    const type = instanceType(name);
    if (type === undefined) throw new RangeError(`${name} is not in the catalog`);
    this.counts.stopped += 1;
    const usdPerHour = rootVolumeUsdPerHour(type, this.#rootVolumeGib);
    this.#stopped.set(id, { sinceMs: nowMs, usdPerHour });
    this.#hasStopped.add(id);
    this.usdPerHour.change(nowMs, usdPerHour);
  }

  /** false: it was not stopped. */
  startsAgain(id: string, given: LaunchedNode, money: PoolMoney, nowMs: number): boolean {
    if (!this.#stopped.has(id)) return false;
    this.#endStop(id, nowMs);
    this.#open(given, money);
    this.counts.started += 1;
    return true;
  }

  /** It runs again after a stop. */
  hasStarted(id: string): boolean {
    return this.#hasStopped.has(id);
  }

  #endStop(id: string, nowMs: number): void {
    const stop = this.#stopped.get(id);
    if (stop === undefined) return;
    this.#stopped.delete(id);
    this.costs.volumes += ((nowMs - stop.sinceMs) / 3_600_000) * stop.usdPerHour;
    this.usdPerHour.change(nowMs, -stop.usdPerHour);
  }

  runs(id: string, nowMs: number): void {
    const meter = this.#meterOf(id);
    meter.runs(nowMs);
    const history = this.#historyOf(id);
    history.billedFromMs = nowMs;
    history.money.runs(history.node, nowMs);
    this.launches.add(nowMs);
    this.nodes.change(nowMs, 1);
    this.vcpu.change(nowMs, meter.type.vcpu);
    this.usdPerHour.change(nowMs, meter.priceUsdPerHour);
  }

  ready(id: string, nowMs: number): void {
    this.#meterOf(id).ready(nowMs);
    this.#historyOf(id).readyAtMs = nowMs;
  }

  /** EC2 takes it: attempts that stop there are not moved by a decision. */
  taken(id: string): void {
    this.#taken.add(id);
  }

  /** `taskName`: the same for all attempts of one task. */
  started(
    id: string,
    attempt: { readonly attemptId: string; readonly resources: Resources },
    task: TraceTask,
    nowMs: number,
    taskName: string,
  ): void {
    this.counts.attempts += 1;
    const { attemptId, resources } = attempt;
    this.#meterOf(id).starts(attemptId, resources, nowMs);
    const { requirements, used } = task;
    this.#historyOf(id).running.set(attemptId, { startMs: nowMs, resources, requirements, used });
    this.#running.set(attempt.attemptId, attempt.resources.cpuMilli / 1000);
    this.busyVcpu.change(nowMs, attempt.resources.cpuMilli / 1000);
    if (this.#startedTasks.has(taskName)) return;
    this.#startedTasks.add(taskName);
    this.waiting.change(nowMs, -1);
    this.waits.add(task, nowMs - task.submitMs);
  }

  stopped(id: string, attemptId: string, isComplete: boolean, nowMs: number): void {
    if (!isComplete) this.#cutShort(id, nowMs);
    this.#meterOf(id).ends(attemptId, isComplete, nowMs);
    const { running, tasks } = this.#historyOf(id);
    const ran = running.get(attemptId);
    if (ran !== undefined) tasks.push({ ...ran, endMs: nowMs });
    running.delete(attemptId);
    this.busyVcpu.change(nowMs, -(this.#running.get(attemptId) ?? 0));
    this.#running.delete(attemptId);
  }

  #cutShort(id: string, nowMs: number): void {
    this.counts.interrupted += 1;
    if (this.#taken.has(id)) {
      this.interruptions.add(nowMs);
      return;
    }
    this.counts.moved += 1;
    this.moves.add(nowMs);
  }

  /** So many tasks of the line have ended, as far as anybody was notified of it; `ran`: of these to their end. */
  finished(task: TraceTask | undefined, nowMs: number, count: number, ran = count): void {
    if (task === undefined) return;
    this.counts.ran += ran;
    if (ran > 0) this.completions.add(task, nowMs - task.submitMs);
    this.ranCpuMs += ran * task.durationMs * task.resources.cpuMilli;
    if (task.deadlineMs === null) return;
    if (nowMs > task.submitMs + task.deadlineMs) this.counts.deadlinesMissed += count;
  }

  /** The instance is being shut down: it is billed no more. */
  ended(id: string, nowMs: number): void {
    this.#endStop(id, nowMs);
    const meter = this.#meters.get(id);
    if (meter === undefined) return;
    this.#meters.delete(id);
    if (meter.isBilled) {
      this.nodes.change(nowMs, -1);
      this.vcpu.change(nowMs, -meter.type.vcpu);
      this.usdPerHour.change(nowMs, -meter.priceUsdPerHour);
    }
    this.#historyOf(id).money.ends(id, nowMs);
    if (meter.isBilled) this.#regret(id, meter, nowMs);
    meter.stops(nowMs);
    this.#histories.delete(id);
    this.#taken.delete(id);
    this.#addCosts(meter);
  }

  /** The run is over; nodes that are still there are counted up to now. */
  end(nowMs: number): void {
    for (const id of [...this.#meters.keys(), ...this.#stopped.keys()]) this.ended(id, nowMs);
    this.reasons.end(nowMs);
    this.endedAtMs = nowMs;
  }

  #addCosts({ parts }: NodeMeter): void {
    for (const name of Object.keys(parts) as (keyof CostParts)[]) this.costs[name] += parts[name];
  }

  #regret(id: string, { type, priceUsdPerHour }: NodeMeter, endedAtMs: number): void {
    const { node, money, readyAtMs, billedFromMs, running, tasks } = this.#historyOf(id);
    const all = [...tasks, ...[...running.values()].map((task) => ({ ...task, endMs: endedAtMs }))];
    const { zone, capacityType } = node;
    const ended = { type, zone, capacityType, priceUsdPerHour, billedFromMs, readyAtMs, endedAtMs, tasks: all };
    this.regret = addRegret(this.regret, money.hindsight.of(ended));
  }

  #historyOf(id: string): History {
    const history = this.#histories.get(id);
    if (history === undefined) throw new RangeError(`no history of instance ${id}`);
    return history;
  }

  #meterOf(id: string): NodeMeter {
    const meter = this.#meters.get(id);
    if (meter === undefined) throw new RangeError(`no meter of instance ${id}`);
    return meter;
  }
}
