// The deterministic heart of a run: virtual time and one queue of events. Between two events every promise
// that can go on goes on until all wait for the kernel again; so an event is the only place where order is decided.

export interface Scheduled {
  cancelled: boolean;
}

interface Entry extends Scheduled {
  readonly atMs: number;
  readonly order: number;
  readonly run: () => void;
}

/** 2026-01-05, a Monday: wall clocks in a run start here. */
export const epochMs = Date.UTC(2026, 0, 5);

const eventsAtOnceMax = 20_000;

export class Kernel {
  #nowMs = 0;
  #order = 0;
  readonly #heap: Entry[] = [];
  #defect: unknown = null;
  #eventsNow = 0;
  events = 0;

  /** Milliseconds since the start of the run; true time, which no process can see. */
  get nowMs(): number {
    return this.#nowMs;
  }

  at(atMs: number, run: () => void): Scheduled {
    const entry: Entry = { atMs: Math.max(atMs, this.#nowMs), order: (this.#order += 1), run, cancelled: false };
    this.#push(entry);
    return entry;
  }

  after(delayMs: number, run: () => void): Scheduled {
    return this.at(this.#nowMs + delayMs, run);
  }

  /** Ends the run with this error once the present event is over: for errors in places that nobody awaits. */
  fail(defect: unknown): void {
    this.#defect ??= defect;
  }

  /** Runs until `untilMs`, or until `isOver` says so. `afterEach` sees the world after every event has settled. */
  async run(untilMs: number, afterEach: () => void, isOver: () => boolean = () => false): Promise<void> {
    for (;;) {
      if (isOver()) return;
      const next = this.#heap[0];
      if (next === undefined || next.atMs > untilMs) break;
      this.#pop();
      if (next.cancelled) continue;
      if (next.atMs > this.#nowMs) this.#eventsNow = 0;
      this.#eventsNow += 1;
      // Somebody asks again and again to be called at once: real time would pass, virtual time never does.
      if (this.#eventsNow > eventsAtOnceMax)
        throw new RangeError(`time stands still at ${String(next.atMs)} ms: ${next.run.toString().slice(0, 120)}`);
      this.#nowMs = next.atMs;
      this.events += 1;
      next.run();
      await settled();
      if (this.#defect !== null)
        throw this.#defect instanceof Error
          ? this.#defect
          : new TypeError(`thrown in a run: ${JSON.stringify(this.#defect)}`);
      afterEach();
    }
    this.#nowMs = Math.max(this.#nowMs, untilMs);
  }

  #push(entry: Entry): void {
    const heap = this.#heap;
    let at = heap.length;
    heap.push(entry);
    while (at > 0) {
      const parentAt = (at - 1) >> 1;
      const parent = heap[parentAt];
      if (parent === undefined || isBefore(parent, entry)) break;
      heap[at] = parent;
      at = parentAt;
    }
    heap[at] = entry;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let at = 0;
    for (;;) {
      let childAt = 2 * at + 1;
      let child = heap[childAt];
      if (child === undefined) break;
      const right = heap[childAt + 1];
      if (right !== undefined && isBefore(right, child)) [child, childAt] = [right, childAt + 1];
      if (isBefore(last, child)) break;
      heap[at] = child;
      at = childAt;
    }
    heap[at] = last;
  }
}

/** Equal times run in the order of scheduling: delays are random fractions, so ties are rare and never matter twice. */
function isBefore(a: Entry, b: Entry): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
}

/**
 * All microtasks run before a macrotask does. Nothing in a run waits for real I/O, so after one turn
 * of the event loop every promise is either settled or parked in the kernel.
 */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
