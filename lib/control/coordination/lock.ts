// LOCK and FENCE: one tick per pool. A tick that is paused beyond its lease could still buy and place, so every
// transaction of a tick checks the fence's version, and who takes a lock over raises the fence: always, but for a lock
// that says it was released with everything settled, of whose holder nothing can be written any more.
import { BellowsError } from '../../core/values/errors.ts';
import type { Item } from '../../ports/store.ts';
import { ConditionFailedError } from '../../ports/store.ts';
import type { ReadUntil } from '../../core/scaling/policies/cloudwatch.ts';
import type { KeptPresent } from '../requests/figures/present.ts';
import { keys } from '../store/keys.ts';
import type { ControlPorts, ControlSettings, ReadingPorts } from '../ports.ts';
import type { FenceCheck } from './fenced-writes.ts';
import { put, reading } from '../store/store-retry.ts';

export interface LockRecord {
  /** null: free. */
  readonly holder: string | null;
  readonly epoch: number;
  readonly expiresAtMs: number;
  /** When the pool is due without a wake; null: never. */
  readonly nextDueAtMs: number | null;
  /** Open requests that the last tick knew: the sweep compares it with the index. */
  readonly openRequests: number;
  /** The same of claims; absent: none. */
  readonly openClaims?: number;
  /** Set while events cannot be published. */
  readonly publishing?: PublishingState | null;
  /** Records of the pool that the last tick could not read; absent: none. */
  readonly setAside?: number;
  /** Since when changes of the pool's records are listed, because ticks keep a copy of them; absent: they are not. */
  readonly listedSinceMs?: number;
  /** Of a pool whose changes are listed: its figures, as the last tick left it. */
  readonly present?: KeptPresent;
  /** Of such a pool: ticks that have listed, too, which rows they wrote; absent: the last one has not. */
  readonly noted?: NotedTicks;
  /** Where the latest compact copy of such a pool is; absent: there is none. */
  readonly compact?: CompactAt;
  /** Until when metrics of CloudWatch were read, by length of their period (tick/scaling); absent: none was. */
  readonly metricsUntil?: ReadUntil;
  /** Its stored record could not be read: its epoch is not known. */
  readonly isMended?: true;
  /**
   * Its holder released it, and knows the outcome of all that it wrote under the fence. Absent: that is in doubt, so
   * whoever takes the lock raises the fence.
   */
  readonly isSettled?: true;
}

/** All from the one epoch to the other, without a gap. */
export interface NotedTicks {
  readonly from: number;
  readonly through: number;
}

export interface CompactAt {
  /** Of two places that are written by turns. */
  readonly slot: number;
  /** Of its manifest. */
  readonly hash: string;
  /** At whose end it was begun. */
  readonly epoch: number;
  /** When all of it was last read from the store. */
  readonly readAnewAtMs: number;
}

export interface PublishingState {
  /** In a row. */
  readonly failures: number;
  readonly nextTryAtMs: number;
}

/** What a tick leaves for the next one. */
export type TickState = Pick<
  LockRecord,
  'nextDueAtMs' | 'openRequests' | 'openClaims' | 'publishing' | 'setAside' | 'metricsUntil'
>;

/** What a tick of a large pool leaves besides. */
export type LeftOfLarge = Pick<LockRecord, 'listedSinceMs' | 'present' | 'noted' | 'compact'>;

interface FenceRecord {
  readonly epoch: number;
}

/** Another tick has raised the fence: this one must stop, and the other one does the rest of its work. */
export class FencedError extends BellowsError {
  constructor(pool: string) {
    super('fenced', `another tick has the lock of pool ${pool} now`);
  }
}

export interface TickLock {
  readonly pool: string;
  readonly epoch: number;
  readonly item: Item<LockRecord>;
  readonly fence: FenceCheck;
  /** On the monotonic clock. */
  readonly takenAtMs: number;
}

/** From then on EC2 is called no more under this lock: the next holder may be calling. */
export function isTooLateToCall(
  { clock }: Pick<ControlPorts, 'clock'>,
  { lockLeaseMs }: ControlSettings,
  lock: TickLock,
): boolean {
  return sinceTakenMs(clock, lockLeaseMs, lock) > lockLeaseMs / 2;
}

/** From then on nothing else is done before the launches of a tick, so that they go out in time. */
export function isTimeToLaunch(
  { clock }: Pick<ControlPorts, 'clock'>,
  { lockLeaseMs }: ControlSettings,
  lock: TickLock,
): boolean {
  return sinceTakenMs(clock, lockLeaseMs, lock) > lockLeaseMs / 4;
}

/** By either clock: the monotonic one may stand still with its process, while the lease of the record goes on. */
function sinceTakenMs(clock: ControlPorts['clock'], lockLeaseMs: number, lock: TickLock): number {
  return Math.max(clock.monotonicMs() - lock.takenAtMs, clock.nowMs() - (lock.item.data.expiresAtMs - lockLeaseMs));
}

export async function readLock(ports: ReadingPorts, pool: string): Promise<Item<LockRecord> | null> {
  return reading(ports, () => ports.store.get<LockRecord>(keys.lock(pool)));
}

/** Longer than any lease, by more than clocks differ. */
const leaseMsMax = 180_000;

/**
 * It was taken by a clock that was far ahead, or is: nothing that it says of times to come counts. Whoever takes it
 * over is safe by the fence.
 */
export function isOfWrongClock({ expiresAtMs }: Pick<LockRecord, 'expiresAtMs'>, nowMs: number): boolean {
  return expiresAtMs - nowMs > leaseMsMax;
}

/** Of a lock whose epoch is not known: the fence may be behind it by as many ticks as there ever were. */
const mendedEpochJump = 1_000_000_000_000;

/** null: another tick has it, or took it this moment. */
export async function takeLock(ports: ControlPorts, settings: ControlSettings, pool: string): Promise<TickLock | null> {
  const takenAtMs = ports.clock.monotonicMs();
  const before = await readLock(ports, pool);
  const nowMs = ports.clock.nowMs();
  if (before?.data.holder && before.data.expiresAtMs > nowMs && !isOfWrongClock(before.data, nowMs)) return null;
  const epochBefore = before?.data.epoch ?? 0;
  const epoch = before?.data.isMended === true ? await epochOfMended(ports, pool, epochBefore) : epochBefore + 1;
  const data: LockRecord = {
    holder: ports.random.id(),
    epoch,
    expiresAtMs: nowMs + settings.lockLeaseMs,
    nextDueAtMs: before?.data.nextDueAtMs ?? null,
    openRequests: before?.data.openRequests ?? 0,
    openClaims: before?.data.openClaims ?? 0,
    publishing: before?.data.publishing ?? null,
    setAside: before?.data.setAside ?? 0,
    ...(before?.data.listedSinceMs === undefined ? {} : { listedSinceMs: before.data.listedSinceMs }),
    ...(before?.data.present === undefined ? {} : { present: before.data.present }),
    ...(before?.data.noted === undefined ? {} : { noted: before.data.noted }),
    ...(before?.data.compact === undefined ? {} : { compact: before.data.compact }),
    ...(before?.data.metricsUntil === undefined ? {} : { metricsUntil: before.data.metricsUntil }),
  };
  try {
    const item = await put(ports, { ...keys.lock(pool), data }, before?.version ?? 'absent');
    const fence = await fenceOf(ports, pool, epoch, before?.data.isSettled === true);
    ports.fencedWrites?.begin(fence);
    return { pool, epoch, item, fence, takenAtMs };
  } catch (error) {
    if (error instanceof ConditionFailedError || error instanceof FencedError) return null;
    throw error;
  }
}

async function epochOfMended(ports: ControlPorts, pool: string, epoch: number): Promise<number> {
  const fence = await reading(ports, () => ports.store.get<FenceRecord>(keys.fence(pool)));
  return Math.max(epoch, fence?.data.epoch ?? 0) + mendedEpochJump;
}

/**
 * `isSettled`: what the last holder wrote is over, so the fence stays as it is. It is of an earlier epoch then; one
 * that is not was raised by somebody who took the lock meanwhile.
 */
async function fenceOf(
  ports: ControlPorts,
  pool: string,
  epoch: number,
  isSettled: boolean,
): Promise<TickLock['fence']> {
  const key = keys.fence(pool);
  for (;;) {
    const current = await reading(ports, () => ports.store.get<FenceRecord>(key));
    if (current && current.data.epoch >= epoch) throw new FencedError(pool);
    if (current && isSettled) return { op: 'check', key, condition: current.version };
    try {
      const item = await put(ports, { ...key, data: { epoch } }, current?.version ?? 'absent');
      return { op: 'check', key, condition: item.version };
    } catch (error) {
      if (!(error instanceof ConditionFailedError)) throw error;
    }
  }
}

/**
 * Writes under the fence: `write` puts its check into the transaction. false: another condition did not hold.
 * @throws FencedError when another tick has the lock: this one must make no more calls
 */
export async function withFence(
  { fence, pool }: TickLock,
  write: (fence: TickLock['fence']) => Promise<unknown>,
): Promise<boolean> {
  try {
    await write(fence);
    return true;
  } catch (error) {
    if (!(error instanceof ConditionFailedError)) throw error;
    if (error.key.pk === fence.key.pk) throw new FencedError(pool);
    return false;
  }
}

/** Frees the lock. false: another tick has taken it meanwhile, and there is nothing to free. */
export async function releaseLock(
  ports: ControlPorts,
  lock: TickLock,
  state: TickState,
  large: LeftOfLarge = {},
): Promise<boolean> {
  const { listedSinceMs: _since, present: _present, metricsUntil: _until, ...others } = lock.item.data;
  const { noted: _noted, compact: _compact, ...rest } = others;
  const isSettled = ports.fencedWrites?.end(lock.fence) ?? false;
  const data: LockRecord = { ...rest, ...state, ...large, holder: null, ...(isSettled ? { isSettled } : {}) };
  try {
    await put(ports, { ...keys.lock(lock.pool), data }, lock.item.version);
    return true;
  } catch (error) {
    if (!(error instanceof ConditionFailedError)) throw error;
    ports.log.write('warn', 'the tick lock had been taken over before it was released', {
      pool: lock.pool,
      epoch: lock.epoch,
    });
    return false;
  }
}
