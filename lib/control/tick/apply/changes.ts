// Writes the changes of a plan, of tasks and of claims: each all or nothing, as many to a transaction as fit, all with
// the fence checked. What lost to somebody else, and what rests on it, is left to the next round, which looks again.
import { batchBounds, inBatches } from '../../../core/plan/bounds.ts';
import { writeEntry } from '../../../core/plan/change.ts';
import type { Change, RecordWrite } from '../../../core/plan/plan.ts';
import { touchedKeys, writeKey } from '../../../core/plan/plan.ts';
import { unbilledOfClaim, unbilledOfKept } from '../../../core/claims/spent.ts';
import { isWarm } from '../../../core/claims/documents.ts';
import type { ClaimRecord } from '../../../core/records/claim.ts';
import { isClaim } from '../../../core/records/claim.ts';
import type { NodeRecord } from '../../../core/records/node.ts';
import { isRingDue } from '../../../core/records/node.ts';
import { namedOf } from '../../../core/records/request.ts';
import type { CostEntry } from '../../../core/costs/days.ts';
import type { KeptVolume } from '../../../core/records/volume.ts';
import type { BellowsEvent } from '../../../ports/events.ts';
import type { Write } from '../../../ports/store.ts';
import type { TickLock } from '../../coordination/lock.ts';
import { withFence } from '../../coordination/lock.ts';
import type { ControlPorts, ControlSettings } from '../../ports.ts';
import type { PoolItem } from '../../requests/pools.ts';
import { poolCheck } from '../../requests/pools.ts';
import { listAlone, listEnded, listsOf } from '../../requests/lists/listed.ts';
import { ringBells } from '../../agents/ring.ts';
import { activityWrite, nodeFields } from '../../store/activity.ts';
import { keys } from '../../store/keys.ts';
import { inParallel } from '../../store/store-retry.ts';
import type { Count } from '../../store/totals.ts';
import {
  countEndedClaims,
  countEndedTasks,
  countGoneKept,
  countGoneNodes,
  countRegret,
  transactCounting,
} from '../../store/totals.ts';
import { outboxEntries, outboxWrites } from '../outbox.ts';
import type { WriteTroubles } from '../write-troubles.ts';
import { isDefect, SetAside } from '../write-troubles.ts';
import { documentKey } from '../../claims/store.ts';
import type { Versions } from './records.ts';
import { storeWrite } from './records.ts';

export interface ChangeContext {
  readonly ports: ControlPorts;
  readonly settings: ControlSettings;
  readonly lock: TickLock;
  readonly pool: PoolItem;
  readonly troubles: WriteTroubles;
}

export interface AppliedChanges {
  /** Those that had an effect or lost to somebody else: after either, another look is due. */
  readonly count: number;
  /** Keys (see writeKey) of what is not as this decision made it: nothing that rests on one of them is done. */
  readonly unwritten: ReadonlySet<string>;
  /** Resolves when the agents that shall hear of it are called, or cannot be; never rejects. */
  readonly rung: () => Promise<void>;
}

/**
 * Changes in their order; ends come last, for nothing waits for the counting of them. `between`: called before each
 * part of them that is written at once. @throws FencedError
 */
export async function applyChanges(
  context: ChangeContext,
  versions: Versions,
  changes: readonly Change[],
  between: () => Promise<void> = async () => {},
): Promise<AppliedChanges> {
  await versions.readPast(
    context.ports,
    changes.flatMap((change) => change.writes),
  );
  const nowMs = context.ports.clock.nowMs();
  const writing = new Writing(context, versions);
  for (const batch of [
    ...batches(
      changes.filter((one) => one.ended.length === 0),
      context.settings,
      nowMs,
    ),
    ...batches(
      changes.filter((one) => one.ended.length > 0),
      context.settings,
      nowMs,
    ),
  ]) {
    await between();
    await writing.apply(batch);
  }
  return writing;
}

class Writing implements AppliedChanges {
  count = 0;
  readonly unwritten = new Set<string>();
  readonly #context: ChangeContext;
  readonly #versions: Versions;
  readonly #setAside: SetAside;
  readonly #ringing: Promise<void>[] = [];

  constructor(context: ChangeContext, versions: Versions) {
    this.#context = context;
    this.#versions = versions;
    this.#setAside = new SetAside(context);
  }

  async apply(batch: readonly Change[]): Promise<void> {
    const sound = batch.filter((change) => this.#isSound(change) || this.#skip(change));
    if (sound.length > 1 && (await this.#tryTogether(sound))) {
      this.count += sound.length;
      this.#ring(sound);
      return;
    }
    // Somebody wrote one of the records: that change, and what builds on it, waits for the next round; the others
    // do not.
    for (const change of sound) {
      if (!this.#isSound(change)) {
        this.#skip(change);
        continue;
      }
      const isWritten = await this.#setAside.unlessDefect(`"${change.what}"`, aboutOf(change), () =>
        tryChanges(this.#context, [change], this.#versions),
      );
      // What was set aside is no reason to look again.
      if (isWritten !== null) this.count += 1;
      if (isWritten !== true) this.#leave(change);
      else this.#ring([change]);
    }
  }

  async rung(): Promise<void> {
    await Promise.all(this.#ringing);
  }

  /** As soon as it is written: a large plan is written in many parts. */
  #ring(changes: readonly Change[]): void {
    const nodes = changes.flatMap(({ writes }) => writes.flatMap((one) => (one.type === 'node' ? one.record : [])));
    const due = new Set(nodes.filter(isRingDue).map((node) => node.id));
    if (due.size > 0) this.#ringing.push(ringBells(this.#context.ports, [...due]));
  }

  /** Later changes were built on the records of earlier ones: what a failed change touched was never written so. */
  #isSound({ writes, restsOn, needs }: Change): boolean {
    return [...writes.map(writeKey), ...restsOn, ...needs].every((key) => !this.unwritten.has(key));
  }

  #leave({ writes, restsOn }: Change): void {
    for (const key of [...writes.flatMap(touchedKeys), ...restsOn]) this.unwritten.add(key);
  }

  /** The next decision knows of a record that has just failed for good, and may do without it. */
  #skip(change: Change): false {
    if (this.#setAside.isNews) this.count += 1;
    this.#leave(change);
    return false;
  }

  /** false too where one of them fails for good: each is tried by itself then. */
  async #tryTogether(changes: readonly Change[]): Promise<boolean> {
    try {
      return await tryChanges(this.#context, changes, this.#versions);
    } catch (error) {
      if (!isDefect(error)) throw error;
      return false;
    }
  }
}

/** Keys of the records that may be at fault where it fails for good: a node's document is written with many tasks. */
function aboutOf({ writes, restsOn }: Change): readonly string[] {
  if (writes.length === 0) return restsOn;
  return writes.filter((write) => write.type !== 'node' || writes.length === 1).map(writeKey);
}

const activityBytesMax = 5_000;
const costDayBytesMax = 60_000;

/**
 * What a change writes: its records, its line of the pool's activity, and its events. Of the totals there is one
 * write a batch, and of the ends of claims one line of the activity.
 */
function entriesOf(change: Change, settings: ControlSettings, nowMs: number): [key: string, bytes: number][] {
  const { activity, what, ended, events } = change;
  const name = [...change.writes.map(writeKey), ...change.restsOn].join(' ');
  return [
    ...change.writes.map(writeEntry),
    ...(activity ? [[`activity ${name} ${what}`, activityBytesMax] as [string, number]] : []),
    ...outboxEntries(name, ended.length + events.length),
    ...costsOf(change, settings, nowMs).map(({ day }): [string, number] => [`costs ${String(day)}`, costDayBytesMax]),
  ];
}

function batches(changes: readonly Change[], settings: ControlSettings, nowMs: number): Change[][] {
  return inBatches(changes, (change) => entriesOf(change, settings, nowMs), batchBounds);
}

async function tryChanges(context: ChangeContext, changes: readonly Change[], versions: Versions): Promise<boolean> {
  const { ports, lock } = context;
  const latest = new Map(changes.flatMap((change) => change.writes.map((write) => [writeKey(write), write])));
  const records = [...latest.values()].flatMap((write) => storeWrite(write, context, versions) ?? []);
  const writes = [
    ...records,
    ...limitChecks(context, latest.values(), versions),
    ...outboxWrites(
      ports,
      lock.pool,
      changes.flatMap((change) => eventsOf(context, change)),
    ),
    ...activityWrites(context, changes),
  ];
  if (writes.length === 0) return true;
  await listNews(context, [...latest.values()], versions);
  const nowMs = ports.clock.nowMs();
  const costs = changes.flatMap((change) => costsOf(change, context.settings, nowMs));
  if (!(await fenced(context, writes, { count: countOf(changes, nowMs), costs }))) return false;
  versions.written(records);
  return true;
}

const entriesAtOnce = 32;

/** Entries of lists, before what they tell of: of replicas that the tick starts, and of what does not succeed. */
async function listNews(
  { ports, settings: { labelKeys, keepEndedMs } }: ChangeContext,
  latest: readonly RecordWrite[],
  versions: Versions,
): Promise<void> {
  await inParallel(latest, entriesAtOnce, async (write) => {
    const isReplica = write.type === 'request' || write.type === 'claim';
    if (isReplica && versions.of(keys.request(write.record.id)) === 'absent')
      await listAlone(ports, listsOf(write.record.pool, write.record.spec, labelKeys), write.record);
    const isLeaving = (write.type === 'request' && write.isCollected) || (write.type === 'claim' && write.isEnded);
    if (isLeaving) await listEnded(ports, write.record, keepEndedMs);
  });
}

/** What newly counts against the pool's limits is written only while they are those that it was decided with. */
function limitChecks({ pool }: ChangeContext, latest: Iterable<RecordWrite>, versions: Versions): readonly Write[] {
  for (const write of latest) {
    // What was never asked for has no document.
    const isNew = write.type === 'volume' && versions.of(documentKey(write.record)) === 'absent';
    const isStarting = write.type === 'node' && write.record.state === 'starting';
    if (isNew || isStarting || (write.type === 'claim' && write.record.isResizing)) return [poolCheck(pool)];
  }
  return [];
}

/** false: a condition did not hold. @throws FencedError when it was the fence */
async function fenced(
  { ports, lock }: ChangeContext,
  writes: readonly Write[],
  { count, costs }: { readonly count: Count | null; readonly costs: readonly CostEntry[] },
): Promise<boolean> {
  return withFence(lock, (fence) => transactCounting(ports, lock.pool, [fence, ...writes], count, costs));
}

/** What the changes add to the pool's totals, in the write that makes the fact; null: nothing. */
function countOf(changes: readonly Change[], nowMs: number): Count | null {
  const gone = changes.flatMap((change) => change.gone);
  const ended = changes.flatMap((change) => change.ended);
  if (gone.length + ended.length === 0) return null;
  const tasks = countEndedTasks(ended.flatMap((one) => (isClaim(one) ? [] : [one])));
  const claims = countEndedClaims(endedClaims(changes), nowMs);
  const kept = countGoneKept(
    gone.flatMap((one) => (isNode(one) ? [] : [one])),
    nowMs,
  );
  const nodes = countGoneNodes(gone.filter(isNode), nowMs);
  const regret = countRegret(
    changes.flatMap((change) => change.regret ?? []),
    nowMs,
  );
  return (totals) => regret(nodes(kept(claims(tasks(totals)))));
}

/** What passes to the pool's days with it. */
function costsOf(
  { costs = [], ended, gone }: Change,
  { labelKeys }: ControlSettings,
  nowMs: number,
): readonly CostEntry[] {
  return [
    ...costs,
    ...ended.flatMap((one) => (isClaim(one) ? unbilledOfClaim(one, labelKeys, nowMs) : [])),
    ...gone.flatMap((one) => (isNode(one) ? [] : unbilledOfKept(one, nowMs))),
  ];
}

function isNode(gone: NodeRecord | KeptVolume): gone is NodeRecord {
  return 'assigned' in gone;
}

function endedClaims(changes: readonly Change[]): readonly ClaimRecord[] {
  return changes.flatMap((change) => change.ended.flatMap((one) => (isClaim(one) ? [one] : [])));
}

/** Events are put into the outbox in the write that makes the fact: exactly once. */
function eventsOf({ ports, lock: { pool } }: ChangeContext, { ended, events }: Change): readonly BellowsEvent[] {
  const nowMs = ports.clock.nowMs();
  return [
    ...events.map((event) => ({ ...event, pool, atMs: nowMs })),
    ...ended.flatMap((one): BellowsEvent[] => {
      const { id: requestId, tenant, state, reason } = one;
      const fields = { requestId, pool, tenant, ...namedOf(one.spec), state, reason };
      if (!isClaim(one)) return [{ type: 'TaskEnded', ...fields, atMs: one.endedAtMs ?? nowMs }];
      return isWarm(one) ? [] : [{ type: 'RequestEnded', ...fields, requestType: one.spec.type, atMs: nowMs }];
    }),
  ];
}

/** Ended claims named in a line of the pool's activity. */
const namedMax = 20;

function activityWrites({ ports, lock }: ChangeContext, changes: readonly Change[]): readonly Write[] {
  const ended = endedClaims(changes);
  const message = ended
    .slice(0, namedMax)
    .map(({ id, spec, state, timeline }) => `${id} (${spec.type}) ${state}: ${timeline.at(-1)?.message ?? ''}`)
    .join('. ');
  return [
    ...(ended.length === 0 ? [] : [activityWrite(ports, lock.pool, { code: 'given_back', message })]),
    ...changes.flatMap(({ activity }) => {
      if (activity === null) return [];
      const { node, ...note } = activity;
      return [activityWrite(ports, lock.pool, { ...note, ...(node ? nodeFields(node) : {}) })];
    }),
  ];
}
