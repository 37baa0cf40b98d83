// A sorted array with binary search: moving a few thousand references on an insert costs less than the nodes of a tree,
// and ranges are slices.

export class SortedArray<T> {
  readonly #compare: (left: T, right: T) => number;
  #values: T[] = [];

  constructor(compare: (left: T, right: T) => number) {
    this.#compare = compare;
  }

  get length(): number {
    return this.#values.length;
  }

  at(position: number): T | undefined {
    return this.#values[position];
  }

  /** How many values are for which `isBefore` holds; it must hold for a prefix of the order. */
  countWhile(isBefore: (value: T) => boolean): number {
    let low = 0;
    let high = this.#values.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const value = this.#values[middle];
      if (value !== undefined && isBefore(value)) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  insert(value: T): void {
    const last = this.#values.at(-1);
    // Keys mostly grow (times, counters): appending needs no search.
    if (last === undefined || this.#compare(last, value) < 0) this.#values.push(value);
    else
      this.#values.splice(
        this.countWhile((other) => this.#compare(other, value) < 0),
        0,
        value,
      );
  }

  /** As each of them by {@link insert}, in time that grows with all there are, whatever order they come in. */
  insertAll(values: readonly T[]): void {
    const added = [...values].reverse().sort(this.#compare);
    const merged: T[] = [];
    let from = 0;
    for (const value of added) {
      let until = from;
      while (until < this.#values.length && this.#compare(this.#values[until] as T, value) < 0) until += 1;
      for (; from < until; from += 1) merged.push(this.#values[from] as T);
      merged.push(value);
    }
    for (; from < this.#values.length; from += 1) merged.push(this.#values[from] as T);
    this.#values = merged;
  }

  /** Puts `value` in the place of the one that compares equal to it, or inserts it. */
  set(value: T): void {
    const at = this.countWhile((other) => this.#compare(other, value) < 0);
    const found = this.#values[at];
    if (found !== undefined && this.#compare(found, value) === 0) this.#values[at] = value;
    else this.#values.splice(at, 0, value);
  }

  remove(value: T): void {
    const at = this.countWhile((other) => this.#compare(other, value) < 0);
    const found = this.#values[at];
    if (found !== undefined && this.#compare(found, value) === 0) this.#values.splice(at, 1);
  }

  takeFirst(count: number): readonly T[] {
    return count === 0 ? [] : this.#values.splice(0, count);
  }
}
