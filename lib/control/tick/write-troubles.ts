// Writes that fail for good: not because somebody was faster or the store was busy, but because the
// store refuses them, or they cannot be made. Such a write is set aside with its error, and the decision
// goes on with the others.
import { BellowsError } from '../../core/values/errors.ts';
import { ConditionFailedError } from '../../ports/store.ts';
import { activityItem } from '../store/activity.ts';
import type { TickLock } from '../coordination/lock.ts';
import { FencedError } from '../coordination/lock.ts';
import type { ControlPorts } from '../ports.ts';
import { isPassing, put } from '../store/store-retry.ts';

/** After this a record that was set aside is tried together with others again. */
const suspectMs = 600_000;
const suspectsMax = 1_000;
/** More than these in one plan: it is not the writes that are at fault, and the tick ends with the error. */
const failuresMax = 20;
const defects: ReadonlySet<string> = new Set(['TypeError', 'RangeError']);

/**
 * Whether repeating what failed with this is of no use. A process that dies, an outage and another's
 * write are no defects.
 */
export function isDefect(error: unknown): error is Error {
  if (isPassing(error) || error instanceof ConditionFailedError || error instanceof FencedError) return false;
  return error instanceof BellowsError || (error instanceof Error && defects.has(error.name));
}

/** What one process remembers between ticks. Losing it costs a failed write, never correctness. */
export class WriteTroubles {
  readonly #untilMs = new Map<string, Map<string, number>>();

  /**
   * Keys of the pool's records with which a write failed for good: each of them is written by itself for a
   * while, and last; in this order.
   */
  suspects(pool: string, nowMs: number): ReadonlySet<string> {
    const known = this.#untilMs.get(pool) ?? new Map<string, number>();
    for (const [key, untilMs] of known) if (untilMs <= nowMs) known.delete(key);
    return new Set(known.keys());
  }

  /** Answers whether one of them is new. */
  note(pool: string, keys: readonly string[], nowMs: number): boolean {
    const before = this.suspects(pool, nowMs);
    const known = this.#untilMs.get(pool) ?? new Map<string, number>();
    this.#untilMs.set(pool, known);
    for (const key of keys) {
      if (known.size >= suspectsMax && !known.has(key)) continue;
      // The last one to fail comes last.
      known.delete(key);
      known.set(key, nowMs + suspectMs);
    }
    return keys.some((key) => !before.has(key));
  }
}

/** The failures of one plan's writes. */
export class SetAside {
  count = 0;
  /** One of them was not known before. */
  isNews = false;
  readonly #context: { readonly ports: ControlPorts; readonly lock: TickLock; readonly troubles: WriteTroubles };

  constructor(context: { readonly ports: ControlPorts; readonly lock: TickLock; readonly troubles: WriteTroubles }) {
    this.#context = context;
  }

  /**
   * What `work` answers; null when it failed for good, which is logged and, the first time, noted in
   * the pool's activity. `keys`: of the records that it writes. @throws what is no defect, and the
   * last of too many defects
   */
  async unlessDefect<T>(what: string, keys: readonly string[], work: () => Promise<T>): Promise<T | null> {
    try {
      return await work();
    } catch (error) {
      if (!isDefect(error) || this.count >= failuresMax) throw error;
      this.count += 1;
      const { ports, lock, troubles } = this.#context;
      const about = keys.slice(0, 5).join(', ');
      ports.log.write('error', 'a write failed for good and is set aside; the others go on', {
        pool: lock.pool,
        what,
        about,
        error,
      });
      if (troubles.note(lock.pool, keys, ports.clock.nowMs())) {
        this.isNews = true;
        const message =
          `${what} of ${about || 'the pool'} could not be written and is set aside: `
          + `${error.message.slice(0, 1_000)}`;
        await put(ports, activityItem(ports, lock.pool, { code: 'write_failed', message }), 'absent');
      }
      return null;
    }
  }
}
