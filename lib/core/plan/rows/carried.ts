// What the document of a node and the rows that it names say together. It is worked out once for these very objects,
// which a process that keeps a copy of a large pool has again and again: so a decision about a hundred thousand tasks
// that run touches those of which something has changed.
import type { Assignment, NodeRecord } from '../../records/node.ts';
import type { LearningStyle } from '../../records/pool.ts';
import type { RequestRecord } from '../../records/request.ts';
import { deadlineOf, isPlacedBy, withPlacement } from '../../tasks/request-lifecycle.ts';
import type { Resources } from '../../values/resources.ts';
import { addResources, sumResources } from '../../values/resources.ts';
import type { OpenRequest } from '../observation.ts';

export class SeenRow {
  readonly open: OpenRequest;
  /** Whose document places it; null: no node's. */
  readonly on: Carried | null;
  readonly #assignment: Assignment | null;
  #now: RequestRecord | null = null;

  /** `met`: an assignment of its request, which need not be about its attempt. */
  constructor(open: OpenRequest, met: { readonly on: Carried; readonly assignment: Assignment } | null = null) {
    const isPlaced = met !== null && open.record.quarantine === null && isPlacedBy(open.record, met.assignment);
    this.open = open;
    this.on = isPlaced ? met.on : null;
    this.#assignment = isPlaced ? met.assignment : null;
  }

  /** A single task that a node's document carries. */
  get isPlaced(): boolean {
    return this.on !== null;
  }

  /**
   * As it was observed, and placed where a node's document says so: worked out when somebody asks, so that a row of
   * which that fails stands in the way of nothing but itself.
   */
  get now(): RequestRecord {
    const { record } = this.open;
    if (this.on === null || this.#assignment === null) return record;
    return (this.#now ??= withPlacement(record, this.on.node, this.#assignment));
  }
}

/** What running tasks ask for, by the style that their requests name. */
export interface StyleDemand {
  readonly style: LearningStyle | null;
  readonly resources: Resources;
}

/** Everything here follows from the document and the rows alone. */
export class Carried {
  readonly node: NodeRecord;
  /** One for each assignment, in their order, but for those whose row was not observed. */
  readonly rows: readonly SeenRow[];
  /** One for each assignment, as they were observed; undefined: none was. */
  readonly opens: readonly (OpenRequest | undefined)[];
  /**
   * Single tasks, all of which run as the document says, and nothing is to be done about one of them before `untilMs`:
   * nobody wants to stop it, it mounts nothing and nothing of it is set aside.
   */
  readonly isSettled: boolean;
  readonly untilMs: number;
  #facts: Facts | null = null;

  constructor(node: NodeRecord, opens: readonly (OpenRequest | undefined)[]) {
    this.node = node;
    const rows: SeenRow[] = [];
    let isSettled = true;
    let untilMs = Infinity;
    node.assigned.forEach((one, n) => {
      const open = opens[n];
      if (open === undefined) {
        isSettled = false;
        return;
      }
      const { record } = open;
      const row = new SeenRow(open, { on: this, assignment: one });
      rows.push(row);
      isSettled &&= row.isPlaced && one.mounts === undefined && isQuiet(open);
      untilMs = Math.min(untilMs, deadlineOf(record) ?? Infinity, record.batch?.untilMs ?? Infinity);
    });
    this.rows = rows;
    this.opens = opens;
    this.isSettled = isSettled;
    this.untilMs = untilMs;
  }

  /** Sums and sets over its rows: worked out when one is asked for. */
  get facts(): Facts {
    return (this.#facts ??= factsOf(this.rows));
  }
}

/** Nobody wants to stop it, and it needs no volumes. */
function isQuiet({ record, isCollected }: OpenRequest): boolean {
  const [task] = record.tasks;
  return (
    !isCollected
    && record.endedAtMs === null
    && record.cancelRequestedAtMs === null
    && task !== undefined
    && task.cancelRequestedAtMs === undefined
    && record.spec.mounts === undefined
  );
}

interface Facts {
  readonly demand: readonly StyleDemand[];
  readonly tenants: readonly string[];
}

function factsOf(rows: readonly SeenRow[]): Facts {
  const byStyle = Map.groupBy(rows, (row) => row.open.record.spec.learningStyle);
  return {
    demand: [...byStyle].map(([style, some]) => ({
      style,
      resources: sumResources(some.map((row) => row.open.record.spec.resources)),
    })),
    tenants: [...new Set(rows.map((row) => row.open.record.tenant))],
  };
}

/** Sums over many nodes. */
export function joinedDemand(carried: readonly Carried[]): readonly StyleDemand[] {
  const byStyle = new Map<LearningStyle | null, Resources>();
  for (const one of carried)
    for (const { style, resources } of one.facts.demand) {
      const before = byStyle.get(style);
      byStyle.set(style, before === undefined ? resources : addResources(before, resources));
    }
  return [...byStyle].map(([style, resources]) => ({ style, resources }));
}

/** By the document: the rows that it was last met with, and what they say together. */
const lastCarried = new WeakMap<NodeRecord, Carried>();

/** What was worked out of this document last. */
export function lastOf(node: NodeRecord): Carried | undefined {
  return lastCarried.get(node);
}

export function newCarried(node: NodeRecord, opens: readonly (OpenRequest | undefined)[]): Carried {
  const carried = new Carried(node, opens);
  lastCarried.set(node, carried);
  return carried;
}

/** The same row of the same version, whether or not it was read anew. Of arrays chunks count, too: never. */
export function isSameOpen(a: OpenRequest | undefined, b: OpenRequest | undefined): boolean {
  return (
    a === b
    || (a !== undefined
      && b !== undefined
      && a.record === b.record
      && a.version === b.version
      && a.isCollected === b.isCollected
      && a.chunks.length + b.chunks.length === 0)
  );
}
