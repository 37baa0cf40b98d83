// A decision about many tasks of one node becomes several changes: each writes some of the tasks together with the node's
// document, so that each is right by itself, whatever becomes of the next one.
import { changeBounds, recordBytes, recordBytesMax, WriteSum } from './bounds.ts';
import type { WriteBounds } from './bounds.ts';
import type { RecordWrite } from './plan.ts';
import { writeKey } from './plan.ts';

/** The node's document is written with every slice. */
const sliceBounds: WriteBounds = { writes: changeBounds.writes - 1, bytes: changeBounds.bytes - recordBytesMax };

export class Slices<T> {
  readonly #close: (parts: readonly T[], writes: readonly RecordWrite[]) => void;
  #parts: T[] = [];
  #writes: RecordWrite[] = [];
  #sum = new WriteSum();

  /** `close` makes the change of a slice: of these parts with these writes. */
  constructor(close: (parts: readonly T[], writes: readonly RecordWrite[]) => void) {
    this.#close = close;
  }

  add(part: T, writes: readonly RecordWrite[]): void {
    const entries = writes.map((write): [string, number] => [writeKey(write), recordBytes(write.record)]);
    if (!this.#sum.hasRoomFor(entries, sliceBounds)) this.end();
    this.#parts.push(part);
    this.#writes.push(...writes);
    this.#sum.add(entries);
  }

  /** Makes the change of what was added since the last one; nothing where nothing was. */
  end(): void {
    if (this.#parts.length === 0) return;
    const [parts, writes] = [this.#parts, this.#writes];
    this.#parts = [];
    this.#writes = [];
    this.#sum = new WriteSum();
    this.#close(parts, writes);
  }
}
