// Where the scheduler of a large pool leaves a compact copy of it (control/store/copy/compact) for the process that
// ticks next without having one. Nothing rests on it: what is lost, torn or of another time is noticed by its hash, and
// then everything is read from the store.
import { assert, BellowsError } from '../../core/values/errors.ts';

export interface CompactCopies {
  /** Replaces what has this name. @throws CopiesUnavailableError, and then either may be there */
  write(name: string, bytes: Uint8Array): Promise<void>;
  /** null: nothing has this name. @throws CopiesUnavailableError */
  read(name: string): Promise<Uint8Array | null>;
}

/** That of a pool, which of its copies, and which part of that. */
export function assertCopyName(name: string): void {
  assert(/^[a-z0-9][a-z0-9-]{0,99}(?:\/[a-z0-9]{1,20}){2}$/.test(name), `no name of a copy: ${JSON.stringify(name)}`);
}

export class CopiesUnavailableError extends BellowsError {
  constructor(message: string, options?: ErrorOptions) {
    super('copies_unavailable', message, options);
  }
}
