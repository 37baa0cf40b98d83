// What is kept of tasks that ran, long after their requests are forgotten: as much as a trace for back-tests needs.
// What was run, its environment and its output are not in it.
import type { CapacityType } from '../values/offering.ts';
import type { Requirements } from '../values/requirements.ts';
import type { Resources } from '../values/resources.ts';
import type { Allocation, RequestRecord, RequestState, TaskDisruption, TaskRecord } from '../records/request.ts';
import { jsonBytes } from '../values/json-bytes.ts';
import { assert } from '../values/errors.ts';

/** What was asked for; absent fields were not. */
export interface PastRequest {
  readonly id: string;
  readonly tenant: string;
  readonly createdAtMs: number;
  readonly state: RequestState;
  readonly resources: Resources;
  readonly name?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly group?: string;
  readonly priority: number;
  readonly deadlineMs?: number;
  readonly disruption?: TaskDisruption['mode'];
  /** What it allowed of each; absent: all. */
  readonly zone?: readonly string[];
  readonly arch?: readonly string[];
  readonly capacityType?: readonly string[];
  /** In order of index; see {@link TaskNumbers}. */
  readonly tasks: readonly TaskNumbers[];
}

/** Index, start after `createdAtMs`, end after the start (ms), node in the part's list, peak in MiB, CPU time in ms. */
type TaskNumbers = readonly [number, number, number, number | null, number | null, number | null];

/** Id, type, zone, capacity type, USD an hour. */
type NodeFacts = readonly [string, string, string, CapacityType, number];

/** One item of the archive. An array may go on in the next. */
export interface ArchivePart {
  readonly nodes: readonly NodeFacts[];
  readonly requests: readonly PastRequest[];
  /** The last note of the page that it was made of; of parts of an older version it is not known. */
  readonly upTo?: string;
}

/** A task's last attempt, which ran and has ended. */
export interface PastTask {
  readonly index: number;
  readonly startedAtMs: number;
  readonly endedAtMs: number;
  /** null: not known. */
  readonly node: Allocation | null;
  readonly memoryPeakMib: number | null;
  readonly cpuMs: number | null;
}

/** Of a part as JSON: an item of a store takes 400 KB, however little of it can be packed. */
export const partBytesMax = 256 * 1024;
/** Of an answer that names the node with each task. */
export const partTasksMax = 1_000;
/** Brackets, commas and the name of the field `requests`. */
const spareBytes = 64;

/** Fills parts one after the other, each up to its bounds. */
export class ArchiveBuilder {
  readonly #nodes = new Map<string, number>();
  #facts: NodeFacts[] = [];
  #requests: PastRequest[] = [];
  #tasks = 0;
  #bytes = spareBytes;

  /** `tasks`: those that have ended. Answers the parts that are full by it. */
  add(request: RequestRecord, tasks: readonly TaskRecord[]): readonly ArchivePart[] {
    const full: ArchivePart[] = [];
    const ran = tasks.flatMap((task) => pastTask(task) ?? []);
    const head = headOf(request);
    const headBytes = jsonBytes(head) + 1;
    let numbers: TaskNumbers[] = [];
    for (const task of ran) {
      // Counted with its node, also where the part has that already.
      const bytes = taskBytes + (task.node === null ? 0 : jsonBytes(factsOf(task.node)));
      const opening = numbers.length === 0 ? headBytes : 0;
      if (this.#tasks >= partTasksMax || (this.#tasks > 0 && this.#bytes + opening + bytes > partBytesMax)) {
        if (numbers.length > 0) this.#requests.push({ ...head, tasks: numbers });
        numbers = [];
        full.push(this.#close());
      }
      this.#bytes += bytes + (numbers.length === 0 ? headBytes : 0);
      this.#tasks += 1;
      numbers.push(this.#numbersOf(request, task));
    }
    if (numbers.length > 0) this.#requests.push({ ...head, tasks: numbers });
    return full;
  }

  /** What is left; none where there is nothing. */
  rest(): readonly ArchivePart[] {
    return this.#tasks === 0 ? [] : [this.#close()];
  }

  #numbersOf({ createdAtMs }: RequestRecord, task: PastTask): TaskNumbers {
    const { index, startedAtMs, endedAtMs, node, memoryPeakMib, cpuMs } = task;
    const at = node === null ? null : this.#placeOf(node);
    return [index, startedAtMs - createdAtMs, endedAtMs - startedAtMs, at, memoryPeakMib, cpuMs];
  }

  #placeOf(node: Allocation): number {
    const known = this.#nodes.get(node.nodeId);
    if (known !== undefined) return known;
    this.#nodes.set(node.nodeId, this.#facts.length);
    this.#facts.push(factsOf(node));
    return this.#facts.length - 1;
  }

  #close(): ArchivePart {
    const part: ArchivePart = { nodes: this.#facts, requests: this.#requests };
    assert(jsonBytes(part) <= partBytesMax, 'a part of the archive is larger than it may be');
    this.#nodes.clear();
    [this.#facts, this.#requests, this.#tasks, this.#bytes] = [[], [], 0, spareBytes];
    return part;
  }
}

/** Six numbers of at most 16 digits, and what is between them. */
const taskBytes = 6 * 17 + 2;
/** Of each list: more zones or architectures than that do not exist. With 20 labels a request is 20 KB at most. */
const allowedMax = 50;

function factsOf({ nodeId, instanceType, zone, capacityType, priceUsdPerHour }: Allocation): NodeFacts {
  return [nodeId, instanceType, zone, capacityType, priceUsdPerHour];
}

/** null: it never ran. */
function pastTask({ index, startedAtMs, endedAtMs, allocation, usage }: TaskRecord): PastTask | null {
  if (startedAtMs === null || endedAtMs === null) return null;
  const { memoryPeakMib = null, cpuMs = null } = usage ?? {};
  return { index, startedAtMs, endedAtMs, node: allocation, memoryPeakMib, cpuMs };
}

function headOf({ id, tenant, createdAtMs, state, spec }: RequestRecord): PastRequest {
  const { resources, name, labels, group, priority, deadlineMs, disruption, requirements } = spec;
  const [zone, arch, capacityType] = allowedKeys.map((key) => allowedBy(requirements, key));
  return {
    ...{ id, tenant, createdAtMs, state, resources, priority, tasks: [] },
    ...(name === undefined ? {} : { name }),
    ...(labels === undefined ? {} : { labels }),
    ...(group === undefined ? {} : { group }),
    ...(deadlineMs === null ? {} : { deadlineMs }),
    ...(disruption === undefined ? {} : { disruption: disruption.mode }),
    ...(zone === undefined ? {} : { zone }),
    ...(arch === undefined ? {} : { arch }),
    ...(capacityType === undefined ? {} : { capacityType }),
  };
}

const allowedKeys = ['zone', 'arch', 'capacityType'] as const;

/** The values that a list or an expression allows; undefined: all. */
function allowedBy(
  { matchExpressions = [], ...lists }: Requirements,
  key: (typeof allowedKeys)[number],
): readonly string[] | undefined {
  const expression = matchExpressions.find((one) => one.key === key && one.operator === 'In');
  return (lists[key] ?? expression?.values)?.slice(0, allowedMax);
}

/** The tasks of a request of this part. */
export function tasksInPart({ nodes }: ArchivePart, { createdAtMs, tasks }: PastRequest): readonly PastTask[] {
  return tasks.map(([index, startedMs, ranMs, at, memoryPeakMib, cpuMs]) => {
    const startedAtMs = createdAtMs + startedMs;
    const facts = at === null ? undefined : nodes[at];
    return { index, startedAtMs, endedAtMs: startedAtMs + ranMs, node: allocationOf(facts), memoryPeakMib, cpuMs };
  });
}

function allocationOf(facts: NodeFacts | undefined): Allocation | null {
  if (facts === undefined) return null;
  const [nodeId, instanceType, zone, capacityType, priceUsdPerHour] = facts;
  return { nodeId, instanceType, zone, capacityType, priceUsdPerHour };
}
