// The requests of one observation by id, with what the documents of nodes say of them: worked out once for each
// observation, however many ask. A large pool has a hundred thousand tasks that run, and a decision must not touch
// each of them: what it looks at one by one is `rest`, and of all others what their nodes' documents add up to.
import type { NodeRecord } from '../../records/node.ts';
import type { RequestRecord } from '../../records/request.ts';
import type { Observation, OpenRequest } from '../observation.ts';
import type { Carried, StyleDemand } from './carried.ts';
import { isSameOpen, joinedDemand, lastOf, newCarried, SeenRow } from './carried.ts';

export type Seen = Pick<Observation, 'requests' | 'nodes' | 'aside'>;

export class SeenRows {
  readonly requests: readonly OpenRequest[];
  /** Those that are set aside, and those that cannot be read: no task of them is changed. */
  readonly aside: ReadonlySet<string>;
  readonly arrays: readonly OpenRequest[];
  readonly collected: ReadonlySet<string>;
  /** In the order of their nodes. */
  readonly settled: readonly Carried[];
  /** All that are of no settled node, in the order of the observation. */
  readonly unsettled: readonly OpenRequest[];
  /** Nothing is to be done before then about rows of settled nodes. */
  readonly untilMs: number;
  /** Where the rows of each settled node begin among the requests. */
  readonly #starts: readonly number[];
  readonly #settledOn = new Map<NodeRecord, Carried>();
  readonly #unsettledById = new Map<string, SeenRow>();
  /** null: not worked out yet, or a later observation has taken it over. */
  #settledById: Map<string, SeenRow> | null = null;
  #demand: readonly StyleDemand[] | null = null;
  #tenants: ReadonlySet<string> | null = null;
  #loose: readonly RequestRecord[] | null = null;

  /** `before`: of an earlier observation, whose index it takes over. */
  constructor(seen: Seen, before: SeenRows | null = null) {
    this.requests = seen.requests;
    const found = carriedOf(seen);
    const named = seen.aside?.requests;
    const isIn = ({ carried }: Found): boolean =>
      carried.isSettled && (named === undefined || !carried.rows.some(({ open }) => named.has(open.record.id)));
    const settled = found.filter((one) => one.start !== null && isIn(one));
    this.settled = settled.map((one) => one.carried);
    this.#starts = settled.map((one) => one.start ?? 0);
    for (const one of this.settled) this.#settledOn.set(one.node, one);
    this.untilMs = this.settled.reduce((first, one) => Math.min(first, one.untilMs), Infinity);
    this.unsettled = this.#outside(() => true);
    const aside = new Set(named);
    const arrays: OpenRequest[] = [];
    const collected = new Set<string>();
    for (const open of this.unsettled) {
      const { record } = open;
      this.#unsettledById.set(record.id, new SeenRow(open));
      if (record.spec.count > 1) arrays.push(open);
      if (open.isCollected) collected.add(record.id);
      if (record.quarantine !== null) aside.add(record.id);
    }
    [this.aside, this.arrays, this.collected] = [aside, arrays, collected];
    for (const { carried } of found) if (this.#settledOn.get(carried.node) !== carried) this.#place(carried);
    this.#takeOver(before);
  }

  /** Of a document that is not settled: the first that carries an attempt says where it is. */
  #place({ rows }: Carried): void {
    for (const row of rows) {
      const { id } = row.open.record;
      const known = this.#unsettledById.get(id);
      if (row.isPlaced && known?.isPlaced === false && !this.aside.has(id)) this.#unsettledById.set(id, row);
    }
  }

  /** The index of settled rows is as good as the same but for the nodes of which something has changed. */
  #takeOver(before: SeenRows | null): void {
    if (before === null || before.#settledById === null) return;
    const index = before.#settledById;
    before.#settledById = null;
    for (const one of before.settled)
      if (this.#settledOn.get(one.node) !== one) for (const { open } of one.rows) index.delete(open.record.id);
    for (const one of this.settled) if (before.#settledOn.get(one.node) !== one) addTo(index, one);
    this.#settledById = index;
  }

  #index(): Map<string, SeenRow> {
    if (this.#settledById === null) {
      this.#settledById = new Map();
      for (const one of this.settled) addTo(this.#settledById, one);
    }
    return this.#settledById;
  }

  /** undefined: it was not observed. */
  row(id: string): SeenRow | undefined {
    return this.#unsettledById.get(id) ?? this.#index().get(id);
  }

  /** As it was observed, and placed where a node's document says so. */
  get(id: string): RequestRecord | undefined {
    return this.row(id)?.now;
  }

  /** undefined: it was not observed. */
  open(id: string): OpenRequest | undefined {
    return this.row(id)?.open;
  }

  /** undefined: the node is not settled. */
  settledOn(node: NodeRecord): Carried | undefined {
    return this.#settledOn.get(node);
  }

  /** In the order of the observation, all that may need something now; `isOut`: of these settled nodes, too. */
  rest(nowMs: number, isOut: (carried: Carried) => boolean): readonly OpenRequest[] {
    return this.#outside((one) => one.untilMs > nowMs && !isOut(one));
  }

  /** All but the rows of settled nodes that are `left`. */
  #outside(isLeft: (carried: Carried) => boolean): readonly OpenRequest[] {
    const rest: OpenRequest[] = [];
    let at = 0;
    const upTo = (end: number): void => {
      for (; at < end; at += 1) {
        const open = this.requests[at];
        if (open !== undefined) rest.push(open);
      }
    };
    this.settled.forEach((one, n) => {
      if (!isLeft(one)) return;
      const start = this.#starts[n] ?? 0;
      upTo(start);
      at = start + one.rows.length;
    });
    upTo(this.requests.length);
    return rest;
  }

  /** All, in the order of the observation, with these in the place of what was observed. */
  with(changed: ReadonlyMap<string, RequestRecord>): readonly RequestRecord[] {
    return this.requests.map(({ record }) => changed.get(record.id) ?? this.get(record.id) ?? record);
  }

  /** A single task that a node's document carries. */
  isPlaced(id: string): boolean {
    return this.row(id)?.isPlaced === true;
  }

  /** All but single tasks that a node's document carries, in the order of the observation. */
  get loose(): readonly RequestRecord[] {
    return (this.#loose ??= this.unsettled.map((one) => one.record).filter(({ id }) => !this.isPlaced(id)));
  }

  /** What the tasks of settled nodes ask for. */
  get settledDemand(): readonly StyleDemand[] {
    return (this.#demand ??= joinedDemand(this.settled));
  }

  /** Whose tasks settled nodes run. */
  get settledTenants(): ReadonlySet<string> {
    return (this.#tenants ??= new Set(this.settled.flatMap((one) => one.facts.tenants)));
  }
}

function addTo(index: Map<string, SeenRow>, { rows }: Carried): void {
  for (const row of rows) index.set(row.open.record.id, row);
}

interface Found {
  readonly carried: Carried;
  /** Where its rows are, one beside the other, among the requests; null: they are not. */
  readonly start: number | null;
}

/** So far ahead the rows of a node are looked for before places of all rows are noted. */
const aheadMax = 256;

/** Of each node that carries something. Rows mostly come in the order in which documents name them. */
function carriedOf({ requests, nodes }: Seen): readonly Found[] {
  const found: Found[] = [];
  const placeOf = placesById(requests);
  const lookUp = (id: string): OpenRequest | undefined => requests[placeOf(id) ?? -1];
  let at = 0;
  for (const { record: node } of nodes) {
    const [first] = node.assigned;
    if (first === undefined) continue;
    const known = lastOf(node);
    const start = isNext(requests, at, known, first.requestId) ? at : seek(requests, at, first.requestId, placeOf);
    if (start !== null && known !== undefined && isAt(requests, start, known)) {
      found.push({ carried: known, start });
      at = start + known.opens.length;
      continue;
    }
    at = start ?? at;
    let isTogether = start !== null;
    const opens = node.assigned.map(({ requestId }) => {
      const next = requests[at];
      const isNextRow = next?.record.id === requestId;
      isTogether &&= isNextRow;
      if (!isNextRow) return lookUp(requestId);
      at += 1;
      return next;
    });
    const isSame = known?.opens.every((one, n) => isSameOpen(one, opens[n])) === true;
    found.push({ carried: isSame ? known : newCarried(node, opens), start: isTogether ? start : null });
  }
  return found;
}

function isNext(requests: Seen['requests'], at: number, known: Carried | undefined, id: string): boolean {
  const next = requests[at];
  return next !== undefined && (next === known?.opens[0] || next.record.id === id);
}

function seek(requests: Seen['requests'], from: number, id: string, placeOf: PlaceOf): number | null {
  const end = Math.min(requests.length, from + aheadMax);
  for (let at = from; at < end; at += 1) if (requests[at]?.record.id === id) return at;
  const place = placeOf(id);
  return place !== undefined && place >= from ? place : null;
}

function isAt(requests: Seen['requests'], start: number, { opens }: Carried): boolean {
  for (let n = 0; n < opens.length; n += 1) {
    const [one, other] = [requests[start + n], opens[n]];
    if (other === undefined || !isSameOpen(one, other)) return false;
  }
  return true;
}

type PlaceOf = (id: string) => number | undefined;

/** Made when it is first asked. */
function placesById(requests: Seen['requests']): PlaceOf {
  let byId: ReadonlyMap<string, number> | null = null;
  return (id) => (byId ??= new Map(requests.map((one, at) => [one.record.id, at]))).get(id);
}

interface Known {
  readonly nodes: Seen['nodes'];
  readonly aside: Seen['aside'];
  readonly rows: SeenRows;
}

const rowsIn = new WeakMap<Seen['requests'], Known>();

/** The same however often it is asked. `before`: of an earlier observation of the same pool. */
export function rowsOf(seen: Seen, before: SeenRows | null = null): SeenRows {
  const known = rowsIn.get(seen.requests);
  if (known?.nodes === seen.nodes && known.aside === seen.aside) return known.rows;
  const rows = new SeenRows(seen, before);
  rowsIn.set(seen.requests, { nodes: seen.nodes, aside: seen.aside, rows });
  return rows;
}
