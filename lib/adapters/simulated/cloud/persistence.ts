// The cloud's state in one SQLite file, so that instances and used tokens outlive the server that made
// them: EC2 does not forget a launch because its caller was killed.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { StatementSync } from 'node:sqlite';
import { BellowsError } from '../../../core/values/errors.ts';
import type { InstanceRecord } from './instances.ts';
import type { CloudChange, CloudScalars, CloudState, CloudStorage, TokenRecord } from './storage.ts';

const schemaVersion = 2;

/** The file was written by another version of the simulated cloud. */
export class CloudFileVersionError extends BellowsError {
  constructor(path: string, found: number) {
    super(
      'cloud_file_version',
      `${path} has schema version ${found}, this program reads ${schemaVersion}; remove the file to `
        + 'start with an empty cloud',
    );
  }
}

/**
 * `cloud.db` in a folder, in WAL mode: a committed change survives `kill -9` at any moment (not a power
 * cut). Instances that EC2 has forgotten stay as rows with `forgotten = 1`, for audits.
 */
export class SqliteCloudStorage implements CloudStorage {
  private readonly db: DatabaseSync;
  private readonly putInstance: StatementSync;
  private readonly putToken: StatementSync;
  private readonly putScalars: StatementSync;
  private readonly putResource: StatementSync;
  private readonly deleteResource: StatementSync;

  constructor(folder: string) {
    mkdirSync(folder, { recursive: true });
    const path = join(folder, 'cloud.db');
    this.db = new DatabaseSync(path);
    this.db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA busy_timeout = 5000;');
    const found = Number(this.db.prepare('PRAGMA user_version').get()?.['user_version']);
    if (found !== 0 && found !== schemaVersion) throw new CloudFileVersionError(path, found);
    this.db.exec(`
      CREATE TABLE IF NOT EXISTS instances (
        id TEXT PRIMARY KEY, token TEXT, state TEXT NOT NULL, launched_at_ms INTEGER NOT NULL,
        forgotten INTEGER NOT NULL DEFAULT 0, spent_usd REAL NOT NULL DEFAULT 0, record TEXT NOT NULL
      ) STRICT;
      CREATE TABLE IF NOT EXISTS tokens (key TEXT PRIMARY KEY, token TEXT NOT NULL, record TEXT NOT NULL) STRICT;
      CREATE TABLE IF NOT EXISTS resources (
        family TEXT NOT NULL, id TEXT NOT NULL, record TEXT NOT NULL, PRIMARY KEY (family, id)
      ) STRICT;
      CREATE TABLE IF NOT EXISTS scalars (id INTEGER PRIMARY KEY CHECK (id = 1), record TEXT NOT NULL) STRICT;
      PRAGMA user_version = ${schemaVersion};
    `);
    this.putInstance = this.db.prepare(`
      INSERT INTO instances (id, token, state, launched_at_ms, forgotten, spent_usd, record)
      VALUES (?, ?, ?, ?, ?, ?, ?)
      ON CONFLICT DO UPDATE SET state = excluded.state, forgotten = excluded.forgotten,
        spent_usd = excluded.spent_usd, record = excluded.record`);
    this.putToken = this.db.prepare('INSERT OR REPLACE INTO tokens (key, token, record) VALUES (?, ?, ?)');
    this.putScalars = this.db.prepare('INSERT OR REPLACE INTO scalars (id, record) VALUES (1, ?)');
    // A record's serial number is its row's. Not REPLACE, which would give the row a new number.
    this.putResource = this.db.prepare(
      'INSERT INTO resources (rowid, family, id, record) VALUES (?, ?, ?, ?) '
        + 'ON CONFLICT (family, id) DO UPDATE SET record = excluded.record',
    );
    this.deleteResource = this.db.prepare('DELETE FROM resources WHERE family = ? AND id = ?');
  }

  load(): CloudState {
    const resources = this.db.prepare('SELECT rowid AS serial, family, id, record FROM resources ORDER BY rowid').all();
    const scalars = this.db.prepare('SELECT record FROM scalars').get();
    // In the order in which they came to be, as replays and indexes met them before.
    const instances = this.db.prepare('SELECT record FROM instances WHERE forgotten = 0 ORDER BY rowid').all();
    return {
      instances: instances.map((row) => parsed<InstanceRecord>(row)),
      tokens: this.db
        .prepare('SELECT record FROM tokens ORDER BY rowid')
        .all()
        .map((row) => parsed<TokenRecord>(row)),
      resources: resources.map((row) => ({
        family: String(row['family']),
        id: String(row['id']),
        serial: Number(row['serial']),
        record: parsed<unknown>(row),
      })),
      scalars: scalars ? parsed<CloudScalars>(scalars) : null,
    };
  }

  save(change: CloudChange): void {
    this.db.exec('BEGIN IMMEDIATE');
    try {
      for (const instance of change.instances) this.writeInstance(instance, 0, instance.billedUsd);
      for (const { instance, spentUsd } of change.forgotten) this.writeInstance(instance, 1, spentUsd);
      for (const token of change.tokens) this.putToken.run(token.key, token.token, JSON.stringify(token));
      for (const { family, id, serial, record } of change.resources ?? []) {
        if (record === null) this.deleteResource.run(family, id);
        else this.putResource.run(serial ?? null, family, id, JSON.stringify(record));
      }
      if (change.scalars) this.putScalars.run(JSON.stringify(change.scalars));
      this.db.exec('COMMIT');
    } catch (error) {
      this.db.exec('ROLLBACK');
      throw error;
    }
  }

  close(): void {
    this.db.close();
  }

  private writeInstance(instance: InstanceRecord, forgotten: 0 | 1, spentUsd: number): void {
    const state = instance.history.at(-1)?.state ?? 'pending';
    this.putInstance.run(
      instance.id,
      instance.token,
      state,
      instance.launchedAtMs,
      forgotten,
      spentUsd,
      JSON.stringify(instance),
    );
  }
}

/** One row of {@link auditCloud}. */
export interface AuditedInstance {
  readonly id: string;
  readonly token: string | null;
  readonly state: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly isForgotten: boolean;
  /** Of what has ended; what still runs is billed when it ends. */
  readonly billedUsd: number;
}

/**
 * Every instance that the cloud in this folder ever launched, as of its last change, without touching the
 * file: for audits, also while a server has it open.
 */
export function auditCloud(folder: string): readonly AuditedInstance[] {
  const db = new DatabaseSync(join(folder, 'cloud.db'), { readOnly: true });
  try {
    return db
      .prepare('SELECT id, token, state, forgotten, record FROM instances ORDER BY rowid')
      .all()
      .map((row) => ({
        id: String(row['id']),
        token: row['token'] === null ? null : String(row['token']),
        state: String(row['state']),
        tags: parsed<InstanceRecord>(row).tags,
        isForgotten: row['forgotten'] === 1,
        billedUsd: parsed<InstanceRecord>(row).billedUsd,
      }));
  } finally {
    db.close();
  }
}

/** The file is written by this module only, and its version was checked: the shape is not checked again. */
function parsed<T>(row: Record<string, unknown>): T {
  return JSON.parse(String(row['record'])) as T;
}
