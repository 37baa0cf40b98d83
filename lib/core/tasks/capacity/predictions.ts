// What lifetimes say of a question: how long waiting tasks will last, how long each node's tasks go on, and how nodes
// are weighed by what they cost until they are empty.
import type { AllocationInput, Demand, OverTime } from '../../allocation/types.ts';
import { classesOf, runningOf, survivalOf, weightOfRunning, withEnds } from '../../lifetimes/learned.ts';
import type { Ended, Going, Lifetimes, Running } from '../../lifetimes/learned.ts';
import type { Survival } from '../../lifetimes/survival.ts';
import { bucketOf, longestOfMs } from '../../lifetimes/survival.ts';
import type { Carried } from '../../plan/rows/carried.ts';
import type { WorkingCopy } from '../../plan/working-copy.ts';
import { endsInOpenChunks, endsPerTickMax } from './learning/learn-lifetimes.ts';
import type { Assignment, NodeRecord } from '../../records/node.ts';
import type { RequestRecord, TaskSpec } from '../../records/request.ts';

/** Survival curves of the tasks of one decision. */
export class Lives {
  readonly #copy: WorkingCopy;
  readonly #known = new Map<string, Survival>();
  #seen: Seen | null = null;

  constructor(copy: WorkingCopy) {
    this.#copy = copy;
  }

  of(requestId: string): Survival {
    this.#seen ??= seenNow(this.#copy);
    const record = this.#copy.request(requestId);
    return record === undefined ? survivalOf(this.#seen.lifetimes, []) : this.#ofLike(likenessOf(record), record);
  }

  #ofLike(key: string, record: RequestRecord): Survival {
    this.#seen ??= seenNow(this.#copy);
    const { lifetimes, running } = this.#seen;
    let survival = this.#known.get(key);
    if (survival === undefined) {
      survival = survivalOf(lifetimes, classesOf(record), running);
      this.#known.set(key, survival);
    }
    return survival;
  }

  /** How long the last of the node's tasks goes on; 0: it has none. */
  staysMs(node: NodeRecord): number {
    const carried = this.#copy.settledOn(node);
    if (carried === undefined) return node.assigned.reduce((most, one) => Math.max(most, this.remainingMs(one)), 0);
    const { nowMs } = this.#copy;
    const likenesses = likenessesOn(carried);
    return node.assigned.reduce((most, one, n) => {
      const [key, row] = [likenesses[n], carried.rows[n]];
      if (key === undefined || row === undefined || (one.expectedEndAtMs !== null && one.expectedEndAtMs > nowMs))
        return Math.max(most, this.remainingMs(one));
      return Math.max(most, this.#ofLike(key, row.open.record).remainingMs(this.ageMs(one)));
    }, 0);
  }

  /** How long it goes on: as long as it said, and from then on as its age tells. */
  remainingMs(one: Assignment): number {
    const { nowMs } = this.#copy;
    if (one.expectedEndAtMs !== null && one.expectedEndAtMs > nowMs) return one.expectedEndAtMs - nowMs;
    return this.of(one.requestId).remainingMs(this.ageMs(one));
  }

  /** How likely it ends within this time. */
  endsWithin(one: Assignment, ms: number): number {
    const { nowMs } = this.#copy;
    if (one.expectedEndAtMs !== null && one.expectedEndAtMs > nowMs) return one.expectedEndAtMs <= nowMs + ms ? 1 : 0;
    return this.of(one.requestId).endsWithin(this.ageMs(one), ms);
  }

  /** What it would do again. */
  unsavedMs(one: Assignment): number {
    const savedAtMs = Math.max(one.savedAtMs ?? -Infinity, one.startedAtMs ?? one.placedAtMs);
    return Math.max(0, this.#copy.nowMs - savedAtMs);
  }

  ageMs({ startedAtMs, placedAtMs }: Assignment): number {
    return Math.max(0, this.#copy.nowMs - (startedAtMs ?? placedAtMs));
  }
}

const likenesses = new WeakMap<TaskSpec, { readonly tenant: string; readonly key: string }>();

/** Tasks with the same one are expected to live as long. */
function likenessOf({ spec, tenant }: RequestRecord): string {
  const known = likenesses.get(spec);
  if (known?.tenant === tenant) return known.key;
  const { cpuMilli, memoryMib, gpu } = spec.resources;
  const key = `${String(cpuMilli)} ${String(memoryMib)} ${String(gpu)} ${tenant} ${spec.name ?? ''}`;
  likenesses.set(spec, { tenant, key });
  return key;
}

interface Seen {
  readonly lifetimes: Lifetimes | undefined;
  /** Undefined: it does not count. */
  readonly running: Running | undefined;
}

/**
 * What a pool knows of lives. Of few ends alone a young pool would learn that all tasks are short, since the long ones
 * still run: there, those count as having reached their age, beside the ends of arrays whose chunk is open.
 */
function seenNow(copy: WorkingCopy): Seen {
  const { memory, pool, nowMs } = copy.seen;
  if (pool.lifetimes === 'off') return { lifetimes: undefined, running: undefined };
  if (weightOfRunning(memory.lifetimes) === 0) return { lifetimes: memory.lifetimes, running: undefined };
  const settled: Carried[] = [];
  const ages = new Map<string, number[]>();
  for (const node of copy.nodes()) {
    const carried = copy.settledOn(node);
    if (carried !== undefined) settled.push(carried);
    else
      for (const { requestId, startedAtMs } of node.assigned) {
        if (startedAtMs === null) continue;
        const list = ages.get(requestId) ?? [];
        if (list.push(nowMs - startedAtMs) === 1) ages.set(requestId, list);
      }
  }
  const going = goingOn(settled, nowMs);
  const ended: Ended[] = [];
  for (const [id, list] of ages) {
    const record = copy.request(id);
    if (record === undefined) continue;
    const classes = classesOf(record);
    for (const ageMs of list) going.push({ classes, ageMs });
    for (const one of endsInOpenChunks(copy, record)) ended.push(one);
  }
  const lifetimes = withEnds(memory.lifetimes, ended.slice(0, endsPerTickMax), nowMs);
  return { lifetimes, running: runningOf(going, weightOfRunning(lifetimes)) };
}

interface Alike {
  /** Of one of them. */
  readonly ageMs: number;
  tasks: number;
}

/** Single tasks, put together where they are alike. */
function goingOn(settled: readonly Carried[], nowMs: number): Going[] {
  const kinds = new Map<string, { readonly classes: readonly string[]; readonly byBucket: Map<number, Alike> }>();
  for (const carried of settled) {
    const likenesses = likenessesOn(carried);
    carried.node.assigned.forEach(({ startedAtMs }, n) => {
      const [key, row] = [likenesses[n], carried.rows[n]];
      if (startedAtMs === null || key === undefined || row === undefined) return;
      let kind = kinds.get(key);
      if (kind === undefined) kinds.set(key, (kind = { classes: classesOf(row.open.record), byBucket: new Map() }));
      const ageMs = nowMs - startedAtMs;
      const bucket = bucketOf(ageMs);
      const same = kind.byBucket.get(bucket);
      if (same === undefined) kind.byBucket.set(bucket, { ageMs, tasks: 1 });
      else same.tasks += 1;
    });
  }
  return [...kinds.values()].flatMap(({ classes, byBucket }) =>
    [...byBucket.values()].map(({ ageMs, tasks }) => ({ classes, ageMs, tasks })),
  );
}

const likenessesOf = new WeakMap<Carried, readonly string[]>();

/** Of each of its tasks. */
function likenessesOn(carried: Carried): readonly string[] {
  const known = likenessesOf.get(carried);
  if (known !== undefined) return known;
  // The same text for the same likeness: it is looked up for each task in each decision.
  const texts = new Map<string, string>();
  const all = carried.rows.map(({ open }) => {
    const key = likenessOf(open.record);
    const same = texts.get(key);
    if (same === undefined) texts.set(key, key);
    return same ?? key;
  });
  likenessesOf.set(carried, all);
  return all;
}

/** In a pool that counts what nodes cost over time; the question as it is in others, and where nothing waits. */
export function withPredictions(copy: WorkingCopy, input: AllocationInput): AllocationInput {
  if (copy.seen.pool.objective === 'cost-now' || input.demand.length === 0) return input;
  const lives = new Lives(copy);
  return {
    ...input,
    demand: input.demand.map((one) => ({ ...one, lastsMs: one.expectedDurationMs ?? lives.of(one.id).remainingMs(0) })),
    bins: input.bins.map((bin) => {
      const node = bin.state === 'ready' ? copy.node(bin.id) : undefined;
      return { ...bin, staysMs: node === undefined ? 0 : lives.staysMs(node) };
    }),
    overTime: { ...overTimeOf(input.demand, lives), ...usualOf(copy) },
  };
}

/** The longest of so many tasks, over one of them, tells how much lives differ. */
const tasksCompared = 16;
/**
 * Of what a node would cost that gets no more tasks once it was filled. Most get more while demand goes on: measured on
 * generated days, docs/elastic-fleet.md.
 */
const notRefilledPart = 0.15;
/** Coarse, so that what is worked out for the offerings can be kept from tick to tick. */
const exponentStep = 0.05;
/** About so many nodes at least are wanted for much demand before size counts against them. */
const nodesForMuch = 512;

/** Below so many tasks that run, nothing says that a node will be filled again. */
const runningLeast = 8;
/** A node for as many tasks of the pool's middle size is likely to be filled again. */
const usualTasks = 3;
/** In half octaves, as {@link exponentStep}. */
const stepsPerOctave = 2;

/** Of what runs, the middle of each resource. */
function usualOf(copy: WorkingCopy): Pick<OverTime, 'usual'> {
  // By size: of a hundred thousand tasks most are as large as many others.
  const [cpu, memory] = [new Map<number, number>(), new Map<number, number>()];
  let tasks = 0;
  for (const { assigned } of copy.nodes()) {
    tasks += assigned.length;
    for (const { resources } of assigned) {
      cpu.set(resources.cpuMilli, (cpu.get(resources.cpuMilli) ?? 0) + 1);
      memory.set(resources.memoryMib, (memory.get(resources.memoryMib) ?? 0) + 1);
    }
  }
  if (tasks < runningLeast) return {};
  return { usual: { cpuMilli: coarse(usualTasks * middleOf(cpu)), memoryMib: coarse(usualTasks * middleOf(memory)) } };
}

/** Of values by how often each is there; of an even number of them the larger one of the two in the middle. */
function middleOf(counts: ReadonlyMap<number, number>): number {
  const all = [...counts].sort(([a], [b]) => a - b);
  const middle = Math.floor(all.reduce((sum, [, count]) => sum + count, 0) / 2);
  let before = 0;
  for (const [value, count] of all) {
    before += count;
    if (before > middle) return value;
  }
  return 0;
}

function coarse(value: number): number {
  return value <= 0 ? 0 : Math.round(2 ** (Math.round(Math.log2(value) * stepsPerOctave) / stepsPerOctave));
}

function overTimeOf(demand: readonly Demand[], lives: Lives): OverTime {
  const counts = new Map<Survival | number, number>();
  let tasks = 0;
  let cpuMilli = 0;
  for (const one of demand) {
    const life = one.expectedDurationMs ?? lives.of(one.id);
    counts.set(life, (counts.get(life) ?? 0) + one.count);
    tasks += one.count;
    cpuMilli += one.count * one.resources.cpuMilli;
  }
  const aliveAt = (ms: number): number => {
    let alive = 0;
    for (const [life, count] of counts)
      alive += count * (typeof life === 'number' ? Number(life > ms) : life.aliveAt(ms));
    return alive / tasks;
  };
  const longer = longestOfMs(aliveAt, tasksCompared) / longestOfMs(aliveAt, 1);
  const exponent = notRefilledPart * (Math.log(longer) / Math.log(tasksCompared));
  return {
    sizeExponent: Math.round(exponent / exponentStep) * exponentStep,
    sizeFloorVcpu: 2 ** Math.max(0, Math.floor(Math.log2(cpuMilli / 1000 / nodesForMuch))),
  };
}
