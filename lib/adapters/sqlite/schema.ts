// The database file: opening it, its one table, and the refusal of files that this version does not know.
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { StoreFileError, toStoreError } from './errors.ts';

export const schemaVersion = 1;
const busyTimeoutMs = 5_000;

export interface OpenOptions {
  /** A file, or `:memory:`. Folders on the way are made. */
  readonly path: string;
  /** For readers next to a writer, such as the audit: the file must exist, and writes fail. */
  readonly isReadOnly?: boolean | undefined;
}

// Sort keys end each index, so that entries with the same index key have a total order and pages can go on
// exactly behind one of them. The indexes are partial: most items are in none.
const createTables = `
  CREATE TABLE items (
    pk TEXT NOT NULL,
    sk TEXT NOT NULL,
    version INTEGER NOT NULL,
    write_id TEXT NOT NULL,
    data TEXT NOT NULL,
    expires_at_ms INTEGER,
    open_pk TEXT,
    open_sk TEXT,
    by_time_pk TEXT,
    by_time_sk TEXT,
    UNIQUE (pk, sk)
  ) STRICT;
  CREATE INDEX items_open ON items (open_pk, open_sk, pk, sk) WHERE open_pk IS NOT NULL;
  CREATE INDEX items_by_time ON items (by_time_pk, by_time_sk, pk, sk) WHERE by_time_pk IS NOT NULL;
  CREATE INDEX items_expiry ON items (expires_at_ms) WHERE expires_at_ms IS NOT NULL;
  PRAGMA user_version = ${String(schemaVersion)};
`;

/** @throws StoreFileError */
export function openDatabase(options: OpenOptions): DatabaseSync {
  const { path, isReadOnly = false } = options;
  if (path !== ':memory:' && !isReadOnly) makeFolder(path);
  try {
    const database = new DatabaseSync(path, { timeout: busyTimeoutMs, readOnly: isReadOnly });
    try {
      prepare(database, path, isReadOnly);
    } catch (error) {
      database.close();
      throw error;
    }
    return database;
  } catch (error) {
    throw toStoreError(error, path);
  }
}

function makeFolder(path: string): void {
  try {
    mkdirSync(dirname(path), { recursive: true });
  } catch (error) {
    throw new StoreFileError(`the folder of ${path} cannot be made (${String(error)}); choose another BELLOWS_HOME`, {
      cause: error,
    });
  }
}

function prepare(database: DatabaseSync, path: string, isReadOnly: boolean): void {
  if (isReadOnly) {
    demandKnownVersion(database, path);
    return;
  }
  // FULL: an acknowledged commit survives a power cut too, not only the death of the process.
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;');
  // Two processes may open a new file at once: who comes second finds the table made.
  database.exec('BEGIN IMMEDIATE');
  try {
    if (versionOf(database) === 0 && isEmpty(database)) database.exec(createTables);
    demandKnownVersion(database, path);
    database.exec('COMMIT');
  } catch (error) {
    if (database.isTransaction) database.exec('ROLLBACK');
    throw error;
  }
}

function demandKnownVersion(database: DatabaseSync, path: string): void {
  const version = versionOf(database);
  if (version === schemaVersion) return;
  if (version > schemaVersion) {
    throw new StoreFileError(
      `${path} was written by a newer Bellows (schema ${String(version)}, this one knows `
        + `${String(schemaVersion)}); update Bellows, or choose another BELLOWS_HOME`,
    );
  }
  throw new StoreFileError(
    `${path} is a SQLite file, but no store of Bellows (schema ${String(version)}); choose another file`,
  );
}

function versionOf(database: DatabaseSync): number {
  return Number(database.prepare('PRAGMA user_version').get()?.['user_version']);
}

function isEmpty(database: DatabaseSync): boolean {
  return Number(database.prepare('SELECT count(*) AS count FROM sqlite_schema').get()?.['count']) === 0;
}
