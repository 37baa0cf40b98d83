// Ids in the order of their serial numbers, which only grow: what comes behind a number is found without a look at what
// comes before it, also when its own id is long gone.

/** Fewer are not worth being swept. */
const sweptFrom = 64;

export class SerialOrder {
  private serials: number[] = [];
  private ids: string[] = [];
  /** Taken away, and still in the lists. */
  private readonly gone = new Set<string>();

  get last(): number {
    return this.serials.at(-1) ?? 0;
  }

  add(serial: number, id: string): void {
    if (this.gone.has(id)) this.sweep();
    if (serial > this.last) {
      this.serials.push(serial);
      this.ids.push(id);
      return;
    }
    // Only of a state that another program put together: in order, wherever that is.
    const at = this.indexAfter(serial);
    this.serials.splice(at, 0, serial);
    this.ids.splice(at, 0, id);
  }

  remove(id: string): void {
    this.gone.add(id);
    if (this.gone.size > sweptFrom && this.gone.size * 2 > this.ids.length) this.sweep();
  }

  /** Those with larger numbers. What is added meanwhile is shown, too. */
  *after(serial: number): Generator<readonly [serial: number, id: string]> {
    const { serials, ids } = this;
    for (let at = this.indexAfter(serial); at < ids.length; at++) {
      const id = ids[at] ?? '';
      if (!this.gone.has(id)) yield [serials[at] ?? 0, id];
    }
  }

  /** The first position whose number is larger. */
  private indexAfter(serial: number): number {
    let [low, high] = [0, this.serials.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.serials[middle] ?? 0) <= serial) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Into new lists: whoever walks the old ones is not disturbed. */
  private sweep(): void {
    const kept = this.ids.map((id, at) => [this.serials[at] ?? 0, id] as const).filter(([, id]) => !this.gone.has(id));
    this.serials = kept.map(([serial]) => serial);
    this.ids = kept.map(([, id]) => id);
    this.gone.clear();
  }
}
