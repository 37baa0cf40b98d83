// Records of one family (volumes, templates, …) by id, and which of them changed since they were last stored.
import type { ResourceChange } from '../cloud/storage.ts';

export class Table<T extends { readonly id: string }> {
  readonly family: string;
  private readonly byId = new Map<string, T>();
  private readonly changed = new Set<string>();

  constructor(family: string) {
    this.family = family;
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

  /** Adds, or replaces the record of the same id. Records are never changed in place. */
  put(record: T): T {
    this.byId.set(record.id, record);
    this.changed.add(record.id);
    return record;
  }

  delete(id: string): void {
    if (this.byId.delete(id)) this.changed.add(id);
  }

  takeChanges(): ResourceChange[] {
    if (this.changed.size === 0) return [];
    const changes = [...this.changed].map((id) => ({ family: this.family, id, record: this.byId.get(id) ?? null }));
    this.changed.clear();
    return changes;
  }

  dump(): ResourceChange[] {
    return [...this.byId.values()].map((record) => ({ family: this.family, id: record.id, record }));
  }

  /** Takes back what was stored; the file is this simulator's own, its shape is not checked again. */
  restore(record: unknown): void {
    const known = record as T;
    this.byId.set(known.id, known);
  }
}
