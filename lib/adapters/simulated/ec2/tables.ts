// Records of one family (volumes, templates) by id, in the order in which they were made, and which of them changed
// since they were last stored.
import type { ResourceChange } from '../cloud/storage.ts';
import { SerialOrder } from '../cloud/collections/serial-order.ts';
import type { ListFrom } from './protocol/paging.ts';

/** Serial numbers of all tables of a world: each record has its own, later ones have larger ones. */
export class Serials {
  private last = 0;

  next(): number {
    this.last += 1;
    return this.last;
  }

  /** A stored record has this one: later ones are larger. */
  taken(serial: number): number {
    this.last = Math.max(this.last, serial);
    return serial;
  }
}

export class Table<T extends { readonly id: string }> {
  readonly family: string;
  private readonly serials: Serials;
  private readonly byId = new Map<string, T>();
  private readonly order = new SerialOrder();
  /** By id, with the serial number of those that are new. */
  private readonly changed = new Map<string, number | undefined>();

  constructor(family: string, serials: Serials) {
    this.family = family;
    this.serials = serials;
  }

  get size(): number {
    return this.byId.size;
  }

  get(id: string): T | undefined {
    return this.byId.get(id);
  }

  has(id: string): boolean {
    return this.byId.has(id);
  }

  /** In the order in which they were made. */
  all(): readonly T[] {
    return [...this.byId.values()];
  }

  values(): IterableIterator<T> {
    return this.byId.values();
  }

  /** In the order in which they were made; a record's place is its serial number. */
  readonly list: ListFrom<T> = (after) => this.listFrom(after === null ? 0 : Number(after[0]));

  private *listFrom(after: number): Generator<{ readonly place: readonly [number]; readonly item: T }> {
    for (const [serial, id] of this.order.after(after)) {
      const item = this.byId.get(id);
      if (item) yield { place: [serial], item };
    }
  }

  /** Adds, or replaces the record of the same id. Records are never changed in place. */
  put(record: T): T {
    if (this.byId.has(record.id)) {
      if (!this.changed.has(record.id)) this.changed.set(record.id, undefined);
    } else {
      const serial = this.serials.next();
      this.order.add(serial, record.id);
      this.changed.set(record.id, serial);
    }
    this.byId.set(record.id, record);
    return record;
  }

  delete(id: string): void {
    if (!this.byId.delete(id)) return;
    this.order.remove(id);
    this.changed.set(id, undefined);
  }

  takeChanges(): ResourceChange[] {
    if (this.changed.size === 0) return [];
    const changes = [...this.changed].map(([id, serial]) => ({
      family: this.family,
      id,
      serial,
      record: this.byId.get(id) ?? null,
    }));
    this.changed.clear();
    return changes;
  }

  dump(): ResourceChange[] {
    return [...this.listFrom(0)].map(({ place: [serial], item }) => ({
      family: this.family,
      id: item.id,
      serial,
      record: item,
    }));
  }

  /** Takes back what was stored; the file is this simulator's own, its shape is not checked again. */
  restore(record: unknown, serial: number | undefined): void {
    const known = record as T;
    this.byId.set(known.id, known);
    this.order.add(serial === undefined ? this.serials.next() : this.serials.taken(serial), known.id);
  }
}
