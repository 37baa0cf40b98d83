// Which requests the documents of a copy's nodes name, and what rounds have made of the rows of each node: that is good
// for as long as its document and each of these rows is the same. A large pool has a hundred thousand tasks that run,
// and between two rounds a few hundred of them change: a round looks at these, and has all others as it had them.
import type { OpenRequest } from '../../../core/plan/observation.ts';

const nothing: readonly string[] = [];

export class NamedRows {
  readonly #onNamed: (requestId: string, isNamed: boolean) => void;
  /** By node. */
  readonly #names = new Map<string, readonly string[]>();
  /** By request: nearly always one node. */
  readonly #namers = new Map<string, string | readonly string[]>();
  readonly #made = new Map<string, readonly OpenRequest[]>();

  /** `onNamed`: a request is named now, or is no more. */
  constructor(onNamed: (requestId: string, isNamed: boolean) => void) {
    this.#onNamed = onNamed;
  }

  /** What a node's document says now; null: there is none. It need not be sound: what can be read of it counts. */
  noteNode(nodeId: string, data: unknown): void {
    this.#made.delete(nodeId);
    const before = this.of(nodeId);
    const now = namesIn(data);
    if (now.length === 0) this.#names.delete(nodeId);
    else this.#names.set(nodeId, now);
    if (before.length === now.length && before.every((id, at) => id === now[at])) return;
    const [was, is] = [new Set(before), new Set(now)];
    for (const id of was) if (!is.has(id)) this.#unname(id, nodeId);
    for (const id of is) if (!was.has(id)) this.#name(id, nodeId);
  }

  /** The row of this request is another one now, or is not known any more. */
  noteRow(requestId: string): void {
    for (const nodeId of this.#namersOf(requestId)) this.#made.delete(nodeId);
  }

  /** Those that a node's document names. */
  of(nodeId: string): readonly string[] {
    return this.#names.get(nodeId) ?? nothing;
  }

  isNamed(requestId: string): boolean {
    return this.#namers.has(requestId);
  }

  /** What was made of the rows of this node; undefined: nothing, or one of them has changed since. */
  made(nodeId: string): readonly OpenRequest[] | undefined {
    return this.#made.get(nodeId);
  }

  /**
   * Keeps what was made of the rows that the node's document names, where it is all of them. Not where another node
   * names one of them, too: who puts all together takes each once.
   */
  make(nodeId: string, rows: readonly OpenRequest[]): void {
    const names = new Set(this.of(nodeId));
    if (names.size !== rows.length || !rows.every(({ record }) => names.has(record.id))) return;
    if (rows.every(({ record }) => this.#namersOf(record.id).length === 1)) this.#made.set(nodeId, rows);
  }

  #namersOf(requestId: string): readonly string[] {
    const namers = this.#namers.get(requestId) ?? nothing;
    return typeof namers === 'string' ? [namers] : namers;
  }

  #name(requestId: string, nodeId: string): void {
    const others = this.#namersOf(requestId);
    for (const other of others) this.#made.delete(other);
    this.#namers.set(requestId, others.length === 0 ? nodeId : [...others, nodeId]);
    if (others.length === 0) this.#onNamed(requestId, true);
  }

  #unname(requestId: string, nodeId: string): void {
    const others = this.#namersOf(requestId).filter((one) => one !== nodeId);
    const [only] = others;
    if (only === undefined) {
      this.#namers.delete(requestId);
      this.#onNamed(requestId, false);
    } else this.#namers.set(requestId, others.length === 1 ? only : others);
  }
}

/** Of a document of which nobody has checked yet whether it is sound. */
function namesIn(data: unknown): readonly string[] {
  if (typeof data !== 'object' || data === null) return nothing;
  const { assigned, ended } = data as { readonly assigned?: unknown; readonly ended?: unknown };
  const names: string[] = [];
  for (const one of listOf(assigned)) {
    const id = typeof one === 'object' && one !== null ? (one as { readonly requestId?: unknown }).requestId : null;
    if (typeof id === 'string') names.push(id);
  }
  for (const id of listOf(ended)) if (typeof id === 'string') names.push(id);
  return names;
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
