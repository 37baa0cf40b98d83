// The rows of a long list that comes page by page, each row once. It is kept as it grows: to go through 100,000 rows
// whenever a page comes, or is asked again, would take longer than a frame.

export interface Part<T> {
  /** undefined: the first page's. */
  readonly cursor: string | undefined;
  readonly items: readonly T[];
  readonly next: string | null;
  /** So many were looked at for it, those among them that the filter leaves out. */
  readonly examined: number;
}

interface Kept<T> extends Part<T> {
  /** Where its rows begin. */
  readonly start: number;
  /** Keys of those of its items that no page before it has. */
  readonly keys: readonly string[];
}

/** A part that is not read as one page has so many rows at most: to ask for it again is to read a page or two. */
const joinedRowsMax = 150;

export class RowList<T> {
  readonly #keyOf: (row: T) => string;
  #parts: readonly Kept<T>[] = [];
  #rows: readonly T[] = [];
  #keys = new Set<string>();

  constructor(keyOf: (row: T) => string) {
    this.#keyOf = keyOf;
  }

  get rows(): readonly T[] {
    return this.#rows;
  }

  get parts(): readonly Part<T>[] {
    return this.#parts;
  }

  get next(): string | null {
    return this.#parts.at(-1)?.next ?? null;
  }

  get examined(): number {
    return this.#parts.reduce((sum, part) => sum + part.examined, 0);
  }

  /**
   * A further page, or one that is there already as it is now. One that was asked for by a cursor which is no part's
   * any more is left out: its rows are in a part of another cursor.
   */
  put(part: Part<T>): void {
    const at = this.#parts.findIndex((one) => one.cursor === part.cursor);
    if (at >= 0) {
      if (!this.#replaceRows(at, part)) this.#build(this.#replaced(at, part));
    } else if (this.#parts.length === 0 || part.cursor === this.next) this.#append(part);
  }

  /** Those of which rows from `from` to `to` are. */
  inView(from: number, to: number): readonly Part<T>[] {
    return this.#parts.filter(({ start, keys }) => keys.length > 0 && start < to && start + keys.length > from);
  }

  #append(part: Part<T>): void {
    const { kept, fresh } = this.#fresh(part, this.#rows.length);
    this.#parts = [...this.#parts, kept];
    this.#rows = this.#rows.concat(fresh);
  }

  /** New rows at the front push others into the next page, which has them still: each is shown once. */
  #fresh(part: Part<T>, start: number): { readonly kept: Kept<T>; readonly fresh: readonly T[] } {
    const fresh = part.items.filter((row) => !this.#keys.has(this.#keyOf(row)));
    const keys = fresh.map(this.#keyOf);
    for (const key of keys) this.#keys.add(key);
    return { kept: { ...part, start, keys }, fresh };
  }

  /** Where the page has the same rows, as they are now. false: it has others. */
  #replaceRows(at: number, part: Part<T>): boolean {
    const old = this.#parts[at];
    if (old === undefined || old.keys.length !== part.items.length) return false;
    if (part.items.some((row, n) => this.#keyOf(row) !== old.keys[n])) return false;
    const rows = this.#rows.slice();
    part.items.forEach((row, n) => {
      rows[old.start + n] = row;
    });
    this.#rows = rows;
    this.#parts = this.#parts.map((one, n) => (n === at ? { ...one, ...part } : one));
    return true;
  }

  /**
   * The parts with this one anew. Where it ends elsewhere now, the next cursor is behind rows that it has no more: what
   * was pushed out of it, and what the next part has besides, is kept in a part that is asked for from its end on.
   */
  #replaced(at: number, part: Part<T>): readonly Part<T>[] {
    const [old, following] = [this.#parts[at], this.#parts[at + 1]];
    const [before, behind] = [this.#parts.slice(0, at), this.#parts.slice(at + 2)];
    if (old === undefined || following === undefined || part.next === following.cursor)
      return this.#parts.map((one, n) => (n === at ? part : one));
    // The list ends here now.
    if (part.next === null) return [...before, part];
    const taken = new Set([...before, part].flatMap((one) => one.items.map(this.#keyOf)));
    const left = (items: readonly T[]): readonly T[] => items.filter((row) => !taken.has(this.#keyOf(row)));
    const lastKnown = old.items.findLastIndex((row) => taken.has(this.#keyOf(row)));
    const pushed = left(old.items.slice(lastKnown + 1));
    const rest = left(following.items);
    const { next, examined } = following;
    if (pushed.length + rest.length <= joinedRowsMax)
      return [...before, part, { cursor: part.next, items: [...pushed, ...rest], next, examined }, ...behind];
    if (pushed.length === 0) return [...before, part, { ...following, cursor: part.next, items: rest }, ...behind];
    const between = { cursor: part.next, items: pushed, next: following.cursor ?? null, examined: 0 };
    return [...before, part, between, following, ...behind];
  }

  #build(parts: readonly Part<T>[]): void {
    this.#keys = new Set();
    const rows: T[] = [];
    this.#parts = parts.map((part) => {
      const { kept, fresh } = this.#fresh(part, rows.length);
      for (const row of fresh) rows.push(row);
      return kept;
    });
    this.#rows = rows;
  }
}
