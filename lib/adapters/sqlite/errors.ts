// What SQLite reports, in the words of the store port.
import { BellowsError } from '../../core/values/errors.ts';
import { ThrottledError } from '../../ports/store.ts';

/** The file cannot be used: disk full, no permission, damaged, or not a store of this version. Nothing was written. */
export class StoreFileError extends BellowsError {
  constructor(message: string, options?: ErrorOptions) {
    super('store_file', message, options);
  }
}

// SQLITE_BUSY, SQLITE_LOCKED; extended codes keep them in the low byte
const busyCodes: ReadonlySet<number> = new Set([5, 6]);

/** Turns an error that SQLite threw before a commit into the port's; others are defects and stay as they are. */
export function toStoreError(error: unknown, path: string): unknown {
  if (!isSqliteError(error)) return error;
  const code = error.errcode ?? 0;
  if (busyCodes.has(code & 0xff))
    return new ThrottledError(`another process holds ${path} for too long; nothing was written`);
  return new StoreFileError(
    `${path} cannot be used: ${error.message} (SQLite error ${String(code)}); nothing was written`,
    { cause: error },
  );
}

interface SqliteError {
  readonly message: string;
  readonly errcode?: number;
}

// By its code, not by `instanceof Error`: Node's own errors are of another realm under a test runner.
function isSqliteError(error: unknown): error is SqliteError {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === 'ERR_SQLITE_ERROR';
}
