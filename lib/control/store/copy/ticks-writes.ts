// Which rows and chunks of tasks the ticks of this process write. They check the fence, and are in the holder's own
// copy, so they are not listed before the write; what a tick wrote is listed at its end, all of it together, so that
// a process which ticks next and was not the holder knows it, too. A tick that ends in any other way leaves no note,
// and the lock says so (LockRecord.noted). Documents of nodes are not among them: they are read anew then.
import { assert } from '../../../core/values/errors.ts';
import type { TickLock } from '../../coordination/lock.ts';
import type { Write } from '../../../ports/store.ts';
import { keyName, keyOf } from '../../../ports/store/rules.ts';
import type { ListedChange } from './change-list.ts';
import { copiedKind, poolOfRow } from './copied-keys.ts';

/** Reading so many one by one costs more than reading everything: a tick that wrote more leaves no note. */
export const writtenMax = 20_000;

type FenceCheck = TickLock['fence'];

export class TicksWrites {
  /** By pool and version of the fence: a tick that stood still may end beside the one that has overtaken it. */
  readonly #written = new Map<string, Map<string, ListedChange>>();

  begin(fence: FenceCheck): void {
    this.#written.set(nameOf(fence), new Map());
  }

  /** Of a transaction that checks this fence: it may be written from now on. */
  note(fence: FenceCheck, writes: readonly Write[]): void {
    const written = this.#written.get(nameOf(fence));
    if (!written) return;
    for (const write of writes) {
      if (write.op === 'check' || !isOfTasks(write)) continue;
      const { pk, sk } = keyOf(write);
      const version = write.condition === 'absent' ? 0 : write.condition;
      const before = written.get(keyName({ pk, sk }))?.version ?? 0;
      written.set(keyName({ pk, sk }), { key: { pk, sk }, version: Math.max(version, before) });
    }
  }

  /** Everything that was noted since it began; null: too much. */
  take(fence: FenceCheck): readonly ListedChange[] | null {
    const written = this.#written.get(nameOf(fence));
    assert(written !== undefined, 'a tick leaves its note once');
    this.#written.delete(nameOf(fence));
    return written.size > writtenMax ? null : [...written.values()];
  }

  /** A tick that did not end well leaves none. */
  forget(fence: FenceCheck): void {
    this.#written.delete(nameOf(fence));
  }
}

function nameOf({ key, condition }: FenceCheck): string {
  return `${key.pk} ${String(condition)}`;
}

/** Rows of claims are not copied. */
function isOfTasks(write: Exclude<Write, { op: 'check' }>): boolean {
  const kind = copiedKind(keyOf(write));
  if (kind === 'row') return write.op === 'delete' || poolOfRow(write.item.data) !== null;
  return kind === 'chunk';
}
