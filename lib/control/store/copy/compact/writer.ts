// Writes a compact copy of what this process has of a pool, some parts at the end of each tick, so that none takes
// long. The parts are of different ticks, and each record in them has the version that it had then: what changed since
// the first one was begun is in the change list, from where the manifest says. The manifest comes last, and the lock
// leads to it by its hash, when it is released.
import { CopiesUnavailableError } from '../../../../ports/store/compact-copies.ts';
import type { CompactCopies } from '../../../../ports/store/compact-copies.ts';
import { assert } from '../../../../core/values/errors.ts';
import type { CompactAt } from '../../../coordination/lock.ts';
import type { ControlPorts, ControlSettings } from '../../../ports.ts';
import type { ListedChange } from '../change-list.ts';
import type { PoolCopy } from '../pool-copy.ts';
import { CopyTooLargeError, hashOf, manifestName, packManifest, packPart, partName } from './format.ts';
import { partsMax, pendingInManifestMax } from './format.ts';
import type { Manifest } from './format.ts';

/** Of one tick: some 60 ms of CPU each. */
const partsPerTick = 4;
/** Ticks that follow one another sooner write one part for each such time, and at least one. */
const partEveryMs = 5_000;
/** A copy of which less than this share has changed is read rather than written again. */
const changedShare = 0.05;

/** The tick at whose end is written, and to where. */
export interface WritingTick {
  readonly ports: Pick<ControlPorts, 'clock' | 'log'>;
  readonly copies: CompactCopies;
  readonly settings: ControlSettings;
  readonly epoch: number;
  readonly listedSinceMs: number;
}

/** What is written, as its process keeps it. */
export interface WrittenCopy {
  readonly copy: PoolCopy;
  readonly readAnewAtMs: number;
  /** So many changes of its records were heard of since it was read. */
  readonly changes: number;
  readonly hasDoubtfulRequests: boolean;
  /** From where in the change list on it would have to be caught up, and what it waits for besides. */
  readonly position: { readonly listFromMs: number; readonly pending: readonly ListedChange[] };
}

interface Begun extends Omit<Manifest, 'parts'> {
  readonly slot: number;
  /** Of each part, the requests that were known then. What is known of others since is listed, or was read again. */
  readonly ids: readonly (readonly string[])[];
  readonly hashes: string[];
  /** Of the copy, then. */
  readonly changes: number;
}

/** Of one copy that a process keeps; it ends with it. */
export class CompactWriter {
  #begun: Begun | null = null;
  #beganAtMs: number | null = null;
  #lastStepMs: number | null = null;
  /** How much had changed when the copy to which the lock leads was begun. */
  #writtenChanges = 0;

  /** What is begun counts no more: others have written since. */
  abandon(): void {
    this.#begun = null;
  }

  /** Where the lock leads to from now on. `before`: where it does until then; undefined: nowhere. */
  async step(tick: WritingTick, kept: WrittenCopy, before: CompactAt | undefined): Promise<CompactAt | undefined> {
    // Not all of it may be as the store has it: the next round says.
    if (kept.hasDoubtfulRequests) return before;
    if (this.#begun === null && this.#isDue(tick, kept, before)) this.#begun = this.#begin(tick, kept, before);
    const begun = this.#begun;
    if (begun === null) return before;
    try {
      await writeParts(tick.copies, kept, begun, this.#mostNow(tick));
      if (begun.hashes.length < begun.ids.length) return before;
      this.#begun = null;
      const { slot, ids: _ids, hashes, changes, ...rest } = begun;
      const manifest = packManifest({ ...rest, parts: hashes });
      await tick.copies.write(manifestName(rest.pool, slot), manifest);
      this.#writtenChanges = changes;
      return { slot, hash: hashOf(manifest), epoch: rest.epoch, readAnewAtMs: rest.readAnewAtMs };
    } catch (error) {
      if (!(error instanceof CopiesUnavailableError || error instanceof CopyTooLargeError)) throw error;
      this.#begun = null;
      tick.ports.log.write('warn', 'the compact copy of a pool could not be written; the one before stays', {
        pool: begun.pool,
        error: error.message,
      });
      return before;
    }
  }

  /** So many parts now. */
  #mostNow({ ports }: WritingTick): number {
    const nowMs = ports.clock.monotonicMs();
    const sinceMs = nowMs - (this.#lastStepMs ?? nowMs);
    this.#lastStepMs = nowMs;
    return Math.min(partsPerTick, Math.max(1, Math.floor(sinceMs / partEveryMs)));
  }

  #isDue({ ports, settings }: WritingTick, kept: WrittenCopy, before: CompactAt | undefined): boolean {
    const sinceMs = this.#beganAtMs === null ? Infinity : ports.clock.monotonicMs() - this.#beganAtMs;
    if (sinceMs < settings.compactEveryMs) return false;
    // Of a copy that was read anew since, however little has changed: the one before is not used for as long.
    if (before === undefined || kept.readAnewAtMs > before.readAnewAtMs) return true;
    return kept.changes - this.#writtenChanges >= changedShare * kept.copy.size;
  }

  /** null: too much is waited for. */
  #begin(
    { ports, settings, epoch, listedSinceMs }: WritingTick,
    kept: WrittenCopy,
    before: CompactAt | undefined,
  ): Begun | null {
    const { pool, size } = kept.copy;
    const { listFromMs, pending } = kept.position;
    if (pending.length > pendingInManifestMax) return null;
    this.#beganAtMs = ports.clock.monotonicMs();
    const count = Math.min(partsMax, Math.max(1, Math.ceil(size / settings.compactPartRecords)));
    return {
      ...{ pool, epoch, listedSinceMs, listFromMs, pending },
      readAnewAtMs: kept.readAnewAtMs,
      slot: before?.slot === 0 ? 1 : 0,
      ids: kept.copy.spread(count),
      hashes: [],
      changes: kept.changes,
    };
  }
}

async function writeParts(
  copies: CompactCopies,
  { copy }: WrittenCopy,
  { pool, slot, ids, hashes }: Begun,
  most: number,
): Promise<void> {
  const first = hashes.length;
  const parts = ids.slice(first, first + most);
  assert(parts.length > 0, 'a compact copy that is begun has parts left');
  const all = parts.map((some) => packPart(copy.part(some)));
  await Promise.all(all.map((bytes, at) => copies.write(partName(pool, slot, first + at), bytes)));
  hashes.push(...all.map(hashOf));
}
