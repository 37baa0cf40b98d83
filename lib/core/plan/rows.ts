// The requests of one observation by id, with what the documents of nodes say of them: worked out once for each
// observation, however many ask. A large pool has a hundred thousand tasks that run, and a decision must not touch
// each of them more often than it has to.
import type { Observation, OpenRequest } from './observation.ts';
import type { NodeRecord } from '../records/node.ts';
import type { RequestRecord } from '../records/request.ts';
import { withPlacement } from '../tasks/request-lifecycle.ts';

type Seen = Pick<Observation, 'requests' | 'nodes' | 'aside'>;

export class SeenRows {
  readonly requests: readonly OpenRequest[];
  /** Those that are set aside, and those that cannot be read: no task of them is changed. */
  readonly aside: ReadonlySet<string>;
  readonly arrays: readonly OpenRequest[];
  readonly collected: ReadonlySet<string>;
  readonly #at = new Map<string, number>();
  readonly #now: RequestRecord[] = [];
  #loose: readonly RequestRecord[] | null = null;

  constructor({ requests, nodes, aside: setAside }: Seen) {
    const aside = new Set(setAside?.requests);
    const arrays: OpenRequest[] = [];
    const collected = new Set<string>();
    for (const one of requests) {
      const { record } = one;
      this.#at.set(record.id, this.#now.length);
      this.#now.push(record);
      if (record.spec.count > 1) arrays.push(one);
      if (one.isCollected) collected.add(record.id);
      if (record.quarantine !== null) aside.add(record.id);
    }
    for (const { record } of nodes) if (record.assigned.length > 0) this.#place(record, aside);
    [this.requests, this.aside, this.arrays, this.collected] = [requests, aside, arrays, collected];
  }

  #place(node: NodeRecord, aside: ReadonlySet<string>): void {
    const before = placedOn.get(node);
    const rows: RequestRecord[] = [];
    const placed: RequestRecord[] = [];
    let isKnown = before !== undefined;
    for (const one of node.assigned) {
      const at = this.#at.get(one.requestId);
      const record = at === undefined ? undefined : this.#now[at];
      if (at === undefined || record === undefined || (aside.size > 0 && aside.has(record.id))) continue;
      const known = before?.rows[rows.length] === record ? before.placed[rows.length] : undefined;
      const now = known ?? withPlacement(record, node, one);
      isKnown &&= known !== undefined;
      rows.push(record);
      placed.push(now);
      this.#now[at] = now;
    }
    if (!isKnown) placedOn.set(node, { rows, placed });
  }

  /** As it was observed, and placed where a node's document says so. */
  get(id: string): RequestRecord | undefined {
    const at = this.#at.get(id);
    return at === undefined ? undefined : this.#now[at];
  }

  /** undefined: it was not observed. */
  open(id: string): OpenRequest | undefined {
    const at = this.#at.get(id);
    return at === undefined ? undefined : this.requests[at];
  }

  /** All, in the order of the observation, with these in the place of what was observed. */
  with(changed: ReadonlyMap<string, RequestRecord>): readonly RequestRecord[] {
    if (changed.size === 0) return this.#now;
    const all = [...this.#now];
    for (const [id, record] of changed) {
      const at = this.#at.get(id);
      if (at !== undefined) all[at] = record;
    }
    return all;
  }

  /** A single task that a node's document carries. */
  isPlaced(id: string): boolean {
    const at = this.#at.get(id);
    return at !== undefined && this.#isPlacedAt(at);
  }

  #isPlacedAt(at: number): boolean {
    return this.#now[at] !== this.requests[at]?.record;
  }

  /** All but single tasks that a node's document carries, in the order of the observation, with these as above. */
  loose(changed: ReadonlyMap<string, RequestRecord>): readonly RequestRecord[] {
    this.#loose ??= this.#now.filter((_, at) => !this.#isPlacedAt(at));
    return changed.size === 0 ? this.#loose : this.#loose.map((record) => changed.get(record.id) ?? record);
  }
}

interface PlacedOn {
  readonly rows: readonly RequestRecord[];
  readonly placed: readonly RequestRecord[];
}

/** Of a document, the rows that it was last met with, and what it made of them. */
const placedOn = new WeakMap<NodeRecord, PlacedOn>();

interface Known {
  readonly nodes: Seen['nodes'];
  readonly aside: Seen['aside'];
  readonly rows: SeenRows;
}

const rowsIn = new WeakMap<Seen['requests'], Known>();

export function rowsOf(seen: Seen): SeenRows {
  const known = rowsIn.get(seen.requests);
  if (known?.nodes === seen.nodes && known.aside === seen.aside) return known.rows;
  const rows = new SeenRows(seen);
  rowsIn.set(seen.requests, { nodes: seen.nodes, aside: seen.aside, rows });
  return rows;
}
