// What a round sees of a copy besides its records: which requests no node's document names, and what the round before
// has made of the rows of nodes of which nothing has changed. It saves work only: who has no copy reads all of it.
import type { OpenRequest } from '../../../core/plan/observation.ts';
import type { SeenRows } from '../../../core/plan/rows/seen-rows.ts';
import type { KeyPage, QueryOptions } from '../../../ports/store.ts';
import type { PoolCopy } from './pool-copy.ts';

export class RoundSight {
  readonly #copy: PoolCopy;
  /** Of the round before, with what it has worked out; null: there was none. */
  rows: SeenRows | null = null;

  constructor(copy: PoolCopy) {
    this.#copy = copy;
  }

  /** Of one partition of open requests, those that no document names: the others are read with their nodes. */
  unnamedKeys(options: QueryOptions): KeyPage {
    return this.#copy.openPage(options);
  }

  isNamed(requestId: string): boolean {
    return this.#copy.named.isNamed(requestId);
  }

  /** Also what a document names that is not sound, and that is not in what stands in for it. */
  namedBy(nodeId: string): readonly string[] {
    return this.#copy.named.of(nodeId);
  }

  /** The rows of this node as they were made last; undefined: one of them has changed since, or its document. */
  rowsOn(nodeId: string): readonly OpenRequest[] | undefined {
    return this.#copy.named.made(nodeId);
  }

  /** All rows that the node's document names, as they were read now. */
  keep(nodeId: string, rows: readonly OpenRequest[]): void {
    const isNow = ({ record, version }: OpenRequest): boolean => this.#copy.request(record.id).version === version;
    if (rows.every(isNow)) this.#copy.named.make(nodeId, rows);
  }
}
