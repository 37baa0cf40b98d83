// Waiting tasks of a baseline, by what they ask for: within a kind in order, and over all kinds the oldest first.
import type { TraceTask } from '../traces/trace.ts';

export interface QueuedTask {
  readonly task: TraceTask;
  /** Tasks that ask for the same are of one kind. */
  readonly kind: number;
  readonly name: string;
  /** Of its submission. */
  readonly order: number;
}

class Line {
  #tasks: QueuedTask[] = [];
  #first = 0;

  get length(): number {
    return this.#tasks.length - this.#first;
  }

  get head(): QueuedTask | undefined {
    return this.#tasks[this.#first];
  }

  add(task: QueuedTask): void {
    const last = this.#tasks.at(-1);
    if (this.length === 0 || last === undefined || last.order <= task.order) {
      this.#tasks.push(task);
      return;
    }
    // One that begins again: in front of all that came later.
    const at = this.#tasks.findIndex((one, index) => index >= this.#first && one.order > task.order);
    this.#tasks.splice(at, 0, task);
  }

  take(): void {
    this.#first += 1;
    if (this.#first < 1_000 || this.#first * 2 < this.#tasks.length) return;
    this.#tasks = this.#tasks.slice(this.#first);
    this.#first = 0;
  }

  *all(): Generator<QueuedTask> {
    for (let at = this.#first; at < this.#tasks.length; at += 1) {
      const task = this.#tasks[at];
      if (task !== undefined) yield task;
    }
  }
}

export class WaitingTasks {
  readonly #lines = new Map<number, Line>();
  length = 0;

  add(task: QueuedTask): void {
    const line = this.#lines.get(task.kind) ?? new Line();
    this.#lines.set(task.kind, line);
    line.add(task);
    this.length += 1;
  }

  /** Offers the oldest of each kind, over and over; a kind that is turned down once is not offered again. */
  takeWhile(isTaken: (task: QueuedTask) => boolean): void {
    const open = new Set([...this.#lines].filter(([, line]) => line.length > 0).map(([kind]) => kind));
    while (open.size > 0) {
      let oldest: QueuedTask | undefined;
      for (const kind of open) {
        const head = this.#lines.get(kind)?.head;
        if (head !== undefined && (oldest === undefined || head.order < oldest.order)) oldest = head;
      }
      if (oldest === undefined) return;
      const line = this.#lines.get(oldest.kind);
      if (line === undefined || !isTaken(oldest)) {
        open.delete(oldest.kind);
        continue;
      }
      line.take();
      this.length -= 1;
      if (line.length === 0) open.delete(oldest.kind);
    }
  }

  /** How many of each kind wait. */
  counts(): ReadonlyMap<number, number> {
    return new Map([...this.#lines].filter(([, line]) => line.length > 0).map(([kind, line]) => [kind, line.length]));
  }

  *all(): Generator<QueuedTask> {
    for (const line of this.#lines.values()) yield* line.all();
  }
}
