// A decision about many tasks of one node becomes several changes: each writes some of the tasks together with
// the node's document, so that each is right by itself, whatever becomes of the next one.
import { changeBounds, recordBytesMax, WriteSum } from '../bounds.ts';
import type { WriteBounds } from '../bounds.ts';
import { writeEntry } from '../change.ts';
import type { RecordWrite } from '../plan.ts';
import { writeKey } from '../plan.ts';

/** The node's document is written with every slice. */
const sliceBounds: WriteBounds = { writes: changeBounds.writes - 1, bytes: changeBounds.bytes - recordBytesMax };

export class Slices<T> {
  readonly #close: (parts: readonly T[], writes: readonly RecordWrite[]) => void;
  readonly #suspects: readonly string[];
  readonly #last: { readonly part: T; readonly writes: readonly RecordWrite[]; readonly rank: number }[] = [];
  #parts: T[] = [];
  #writes: RecordWrite[] = [];
  #sum = new WriteSum();

  /**
   * `close` makes the change of a slice: of these parts with these writes. What writes one of `suspects` is a
   * slice of its own, after the others: a write that fails for good holds up nothing but itself.
   */
  constructor(suspects: ReadonlySet<string>, close: (parts: readonly T[], writes: readonly RecordWrite[]) => void) {
    this.#suspects = [...suspects];
    this.#close = close;
  }

  /** `restsOn`: keys of what it takes for granted and does not write. */
  add(part: T, writes: readonly RecordWrite[], restsOn: readonly string[] = []): void {
    const rank = this.#rankOf([...writes.map(writeKey), ...restsOn]);
    if (rank >= 0) {
      this.#last.push({ part, writes, rank });
      return;
    }
    const entries = writes.map(writeEntry);
    if (!this.#sum.hasRoomFor(entries, sliceBounds)) this.#endSlice();
    this.#parts.push(part);
    this.#writes.push(...writes);
    this.#sum.add(entries);
  }

  /** Makes the changes of what was added and is not in one yet. */
  end(): void {
    this.#endSlice();
    // Those of one rank write the same record: they keep their order.
    for (const { part, writes } of [...this.#last].sort((a, b) => a.rank - b.rank)) this.#close([part], writes);
    this.#last.length = 0;
  }

  /** The place of the latest of them among the suspects; -1: none is one. */
  #rankOf(keys: readonly string[]): number {
    if (this.#suspects.length === 0) return -1;
    return Math.max(-1, ...keys.map((key) => this.#suspects.indexOf(key)));
  }

  #endSlice(): void {
    if (this.#parts.length === 0) return;
    const [parts, writes] = [this.#parts, this.#writes];
    this.#parts = [];
    this.#writes = [];
    this.#sum = new WriteSum();
    this.#close(parts, writes);
  }
}
