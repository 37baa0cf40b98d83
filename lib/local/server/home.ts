// The folder that holds everything of one local installation, and the lock that keeps a second server out.
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { BellowsError } from '../../core/values/errors.ts';

export interface HomePaths {
  readonly store: string;
  /** Folder of the simulated cloud's `cloud.db`. */
  readonly cloud: string;
  readonly agents: string;
  readonly outputs: string;
  /** Compact copies of large pools, for the next server. */
  readonly copies: string;
  /** Uploads, and artifacts of attempts. */
  readonly files: string;
  /** What tasks keep on volumes, one folder each. */
  readonly volumes: string;
  readonly log: string;
  /** Compiled code of agents; may be deleted at any time. */
  readonly cache: string;
  /**
   * To which tasks of the scenarios append what ran, and to which their driver appends what was
   * accepted: for the audit.
   */
  readonly ledger: string;
  readonly accepted: string;
  /** Secrets that requests name as `file:…`, put there by whoever runs the server. */
  readonly secrets: string;
  /** Which day of the shop is being played, and how far. */
  readonly shop: string;
}

export function homePaths(home: string): HomePaths {
  return {
    store: join(home, 'store.db'),
    cloud: home,
    agents: join(home, 'agents'),
    outputs: join(home, 'outputs'),
    copies: join(home, 'copies'),
    files: join(home, 'files'),
    volumes: join(home, 'volumes'),
    log: join(home, 'server.log'),
    cache: join(home, 'cache'),
    ledger: join(home, 'ran.txt'),
    accepted: join(home, 'accepted.txt'),
    secrets: join(home, 'secrets'),
    shop: join(home, 'shop.json'),
  };
}

/** In memory, for secrets of running tasks: of this user and this home alone. undefined: the machine has none. */
export function memoryFolder(home: string): string | undefined {
  if (!existsSync('/dev/shm')) return undefined;
  const name = createHash('sha256').update(home).digest('hex').slice(0, 16);
  return join('/dev/shm', `bellows-${String(process.getuid?.() ?? 0)}-${name}`);
}

/** Exit code 3. */
export class HomeBusyError extends BellowsError {
  constructor(home: string, holder: string) {
    super('home_busy', `another server${holder} works in ${home}; stop it, or set BELLOWS_HOME to another folder`);
  }
}

/**
 * It belongs to the process that has it open, so a killed server leaves no lock behind: it is SQLite's lock on a file
 * of its own, which the kernel releases with the process.
 */
export class HomeLock {
  readonly #database: DatabaseSync;

  private constructor(database: DatabaseSync) {
    this.#database = database;
  }

  /** @throws HomeBusyError */
  static take(home: string): HomeLock {
    mkdirSync(home, { recursive: true });
    const whoFile = join(home, 'server.pid');
    const database = new DatabaseSync(join(home, 'server.lock'));
    try {
      database.exec('PRAGMA busy_timeout = 300; BEGIN EXCLUSIVE');
    } catch (error) {
      database.close();
      if (!isBusy(error)) throw error;
      throw new HomeBusyError(home, existsSync(whoFile) ? ` (process ${readFileSync(whoFile, 'utf8').trim()})` : '');
    }
    writeFileSync(whoFile, `${String(process.pid)}\n`);
    return new HomeLock(database);
  }

  release(): void {
    this.#database.close();
  }
}

function isBusy(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'errcode' in error && error.errcode === 5;
}

/** The secret by which agents of this installation show who they are; made at the first start. */
export function agentSecret(home: string): string {
  const file = join(home, 'agent-secret');
  if (!existsSync(file)) {
    writeFileSync(`${file}.new`, randomBytes(32).toString('hex'), { mode: 0o600 });
    renameSync(`${file}.new`, file);
  }
  return readFileSync(file, 'utf8').trim();
}
