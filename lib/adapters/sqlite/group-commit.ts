// Many small writes, one fsync: what is queued in one turn of the event loop is committed together, and each
// caller hears of its own write only after the commit. A write that fails takes no other with it.
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { BellowsError } from '../../core/values/errors.ts';
import { UnknownOutcomeError } from '../../ports/store.ts';
import { StoreFileError, toStoreError } from './errors.ts';

/** Bounds how long one commit keeps the event loop: about 30 ms. */
const writesPerCommitMax = 1_000;

interface Queued {
  /** Runs inside the open transaction; what it throws undoes its own changes only. */
  readonly run: () => unknown;
  readonly resolve: (value: never) => void;
  readonly reject: (error: unknown) => void;
}

type Outcome = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly error: unknown };

export class GroupCommit {
  readonly #database: DatabaseSync;
  readonly #path: string;
  readonly #begin: StatementSync;
  readonly #commit: StatementSync;
  readonly #savepoint: StatementSync;
  readonly #release: StatementSync;
  readonly #rollbackTo: StatementSync;
  /** Runs in every group after its writes. */
  readonly #afterWrites: () => void;
  #queue: Queued[] = [];
  #isScheduled = false;
  #isClosed = false;

  constructor(database: DatabaseSync, path: string, afterWrites: () => void) {
    this.#database = database;
    this.#path = path;
    this.#afterWrites = afterWrites;
    // IMMEDIATE: the write lock is taken at once, so that nothing read inside is stale when it is written.
    this.#begin = database.prepare('BEGIN IMMEDIATE');
    this.#commit = database.prepare('COMMIT');
    this.#savepoint = database.prepare('SAVEPOINT one_write');
    this.#release = database.prepare('RELEASE one_write');
    this.#rollbackTo = database.prepare('ROLLBACK TO one_write');
  }

  enqueue<R>(run: () => R): Promise<R> {
    if (this.#isClosed) return Promise.reject(new StoreFileError(`${this.#path} is closed; nothing was written`));
    return new Promise<R>((resolve, reject) => {
      this.#queue.push({ run, resolve: resolve, reject });
      this.#schedule();
    });
  }

  /** Commits what is queued and takes nothing more. */
  close(): void {
    this.#isClosed = true;
    while (this.#queue.length > 0) this.#commitGroup();
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      if (this.#queue.length > 0) this.#commitGroup();
      if (this.#queue.length > 0) this.#schedule();
    });
  }

  #commitGroup(): void {
    const group = this.#queue.splice(0, writesPerCommitMax);
    let outcomes: readonly Outcome[];
    try {
      this.#begin.run();
      outcomes = group.map((queued) => this.#runOne(queued));
      this.#afterWrites();
    } catch (error) {
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
      for (const { reject } of group) reject(toStoreError(error, this.#path));
      return;
    }
    try {
      this.#commit.run();
    } catch (error) {
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
      // After a failed fsync it is unknown what reached the disk.
      const reason = `${this.#path}: the commit failed (${String(error)}); the write may or may not have happened`;
      for (const { reject } of group) reject(new UnknownOutcomeError(reason));
      return;
    }
    // Refusals wait for the commit as well: they may name what another write of this group made.
    group.forEach(({ resolve, reject }, at) => {
      const outcome = outcomes[at];
      if (outcome?.ok) resolve(outcome.value as never);
      else reject(outcome?.error);
    });
  }

  #runOne(queued: Queued): Outcome {
    this.#savepoint.run();
    try {
      const value = queued.run();
      this.#release.run();
      return { ok: true, value };
    } catch (error) {
      // Disk full and I/O errors end the whole transaction in SQLite itself: then nobody's write happened.
      if (!this.#database.isTransaction) throw error;
      this.#rollbackTo.run();
      this.#release.run();
      return { ok: false, error: error instanceof BellowsError ? error : toStoreError(error, this.#path) };
    }
  }
}
