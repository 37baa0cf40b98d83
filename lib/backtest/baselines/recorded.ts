// What was really used, where the trace says on which node each of its tasks ran: each node at its price, from its
// first task's start to its last one's end. What it idled before and after is not in the trace, so it cost at least
// so much.
import { instanceType } from '../../core/catalog/index.ts';
import type { PoolSpec } from '../../core/records/pool.ts';
import { PoolMoney } from '../measure/pool-money.ts';
import { Measures } from '../measure/measures.ts';
import type { LaunchedNode } from '../measure/measures.ts';
import type { RunFigures } from '../results.ts';
import { TraceError } from '../traces/trace.ts';
import type { RecordedNode, Trace, TraceTask } from '../traces/trace.ts';
import type { Behaviour } from '../world/behaviour.ts';
import type { Weather } from '../world/weather.ts';

interface Stay {
  readonly node: LaunchedNode;
  fromMs: number;
  toMs: number;
  readonly tasks: RecordedTask[];
}

interface RecordedTask {
  readonly task: TraceTask;
  readonly on: RecordedNode;
  readonly name: string;
  readonly startMs: number;
}

/** What happens at one time, in this order: what ends makes room for what starts. */
const order = { end: 0, close: 1, submit: 2, open: 3, start: 4 } as const;
interface Happening {
  readonly atMs: number;
  readonly kind: keyof typeof order;
  readonly act: () => void;
}

export function isRecorded({ tasks }: Trace): boolean {
  return tasks.some((task) => task.ran !== null);
}

/** @throws TraceError */
export function assertRecorded(trace: Trace): void {
  if (!isRecorded(trace))
    throw new TraceError('the trace does not say where tasks ran: recorded needs the columns node and node_type');
}

export class RecordedRun implements RunFigures {
  readonly measures: Measures;
  readonly counts = { tasks: 0, refused: 0, ended: 0, failed: 0, syncs: 0, interruptions: 0, warnings: 0, ticks: 0 };
  readonly refusals: { line: number; reason: string }[] = [];
  readonly calls = new Map<string, number>();
  readonly weather: Weather;
  readonly #happenings: Happening[] = [];

  constructor(trace: Trace, pool: PoolSpec, { weather, rootVolumeGib }: Pick<Behaviour, 'weather' | 'rootVolumeGib'>) {
    this.weather = weather;
    this.measures = new Measures(trace, rootVolumeGib);
    this.counts.tasks = trace.tasks.reduce((sum, task) => sum + task.count, 0);
    const stays = this.#staysIn(trace);
    assertRecorded(trace);
    const money = new PoolMoney(pool);
    for (const stay of stays) {
      const { id } = stay.node;
      this.#at(stay.fromMs, 'open', () => {
        this.measures.launched(stay.node, money);
        this.measures.runs(id, stay.fromMs);
        this.measures.ready(id, stay.fromMs);
      });
      for (const one of stay.tasks) this.#ran(id, one);
      this.#at(stay.toMs, 'close', () => this.measures.ended(id, stay.toMs));
    }
    this.#happenings.sort((a, b) => a.atMs - b.atMs || order[a.kind] - order[b.kind]);
    for (const { act } of this.#happenings) act();
    this.measures.end(this.#happenings.at(-1)?.atMs ?? 0);
  }

  get unfinished(): number {
    return this.counts.tasks - this.counts.ended - this.counts.refused;
  }

  #staysIn({ tasks }: Trace): readonly Stay[] {
    const stays = new Map<string, Stay>();
    for (const [at, task] of tasks.entries()) {
      const { ran } = task;
      if (ran === null) this.#refuse(task, 'the trace does not say where it ran');
      else if (instanceType(ran.instanceType) === undefined)
        this.#refuse(task, `${ran.instanceType} is not in the catalog`);
      else this.#stay(stays, task, ran, at);
    }
    return [...stays.values()];
  }

  #stay(stays: Map<string, Stay>, task: TraceTask, on: RecordedNode, at: number): void {
    const startMs = Math.max(task.submitMs, on.startMs ?? task.submitMs);
    const { node: id, instanceType: type, zone, capacityType } = on;
    const usdPerHour = on.usdPerHour ?? instanceType(type)?.onDemandUsdPerHour ?? null;
    if (usdPerHour === null) return this.#refuse(task, `${type} has no price: give node_usd_per_hour`);
    const known = stays.get(id);
    const stay = known ?? {
      node: { id, instanceType: type, zone, capacityType, priceUsdPerHour: usdPerHour },
      fromMs: startMs,
      toMs: startMs,
      tasks: [],
    };
    stays.set(id, stay);
    stay.fromMs = Math.min(stay.fromMs, startMs);
    stay.toMs = Math.max(stay.toMs, startMs + task.durationMs);
    for (let index = 0; index < task.count; index += 1)
      stay.tasks.push({ task, on, name: `${String(at)}.${String(index)}`, startMs });
  }

  #ran(id: string, { task, name, startMs }: RecordedTask): void {
    const endMs = startMs + task.durationMs;
    const attempt = { attemptId: name, resources: task.resources };
    this.#at(task.submitMs, 'submit', () => this.measures.submitted({ ...task, count: 1 }, task.submitMs));
    this.#at(startMs, 'start', () => this.measures.started(id, attempt, task, startMs, name));
    this.#at(endMs, 'end', () => {
      this.measures.stopped(id, name, true, endMs);
      this.measures.finished(task, endMs, 1);
      this.counts.ended += 1;
    });
  }

  #at(atMs: number, kind: Happening['kind'], act: () => void): void {
    this.#happenings.push({ atMs, kind, act });
  }

  #refuse({ line, count }: TraceTask, reason: string): void {
    this.counts.refused += count;
    if (this.refusals.length < 20) this.refusals.push({ line, reason });
  }
}
