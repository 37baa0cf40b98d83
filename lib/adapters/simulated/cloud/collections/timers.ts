// A min-heap of what will happen by itself. Entries are never removed early: the code that pops one checks that it
// still holds (the instance still has that timer).

export interface Due {
  readonly atMs: number;
  /** Order of entry: breaks ties, so that a run can be replayed. */
  readonly order: number;
  readonly instanceId: string;
}

export class DueHeap {
  private readonly heap: Due[] = [];
  private order = 0;

  push(atMs: number, instanceId: string): void {
    const { heap } = this;
    let at = heap.push({ atMs, order: this.order++, instanceId }) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!this.swapIfBefore(at, parent)) break;
      at = parent;
    }
  }

  peek(): Due | undefined {
    return this.heap[0];
  }

  pop(): Due | undefined {
    const { heap } = this;
    const first = heap[0];
    const last = heap.pop();
    if (!first || !last || heap.length === 0) return first;
    heap[0] = last;
    let at = 0;
    for (;;) {
      const left = 2 * at + 1;
      const right = left + 1;
      const child = right < heap.length && this.isBefore(right, left) ? right : left;
      if (child >= heap.length || !this.swapIfBefore(child, at)) return first;
      at = child;
    }
  }

  private isBefore(a: number, b: number): boolean {
    const one = this.heap[a];
    const other = this.heap[b];
    if (!one || !other) return false;
    return one.atMs < other.atMs || (one.atMs === other.atMs && one.order < other.order);
  }

  private swapIfBefore(a: number, b: number): boolean {
    const one = this.heap[a];
    const other = this.heap[b];
    if (!one || !other || !this.isBefore(a, b)) return false;
    this.heap[a] = other;
    this.heap[b] = one;
    return true;
  }
}
