// Writes what a decision changed, each record on condition that it still is what was read, all with the fence checked.
// What lost to somebody else is looked at again in the next round, and nothing that rests on it is called.
import { batchBounds, inBatches } from '../../core/plan/bounds.ts';
import { isRowChanged, isWarm, partDocuments, rowOf } from '../../core/claims/documents.ts';
import type { Document, DocumentChange } from '../../core/claims/documents.ts';
import type { ClaimWorkingCopy } from '../../core/claims/working-copy.ts';
import type { ClaimRecord } from '../../core/records/claim.ts';
import { wishKey } from '../../core/claims/network-rules.ts';
import type { Versioned } from '../../core/plan/observation.ts';
import { ConditionFailedError } from '../../ports/store.ts';
import type { Condition, ItemKey, Write } from '../../ports/store.ts';
import { activityWrite } from '../store/activity.ts';
import { keys } from '../store/keys.ts';
import { countEndedClaims, countGoneKept, transactCounting } from '../store/totals.ts';
import type { Count } from '../store/totals.ts';
import { FencedError } from '../coordination/lock.ts';
import { outboxEntries, outboxWrites } from '../tick/outbox.ts';
import { isDefect, SetAside } from '../tick/write-troubles.ts';
import type { WriteTroubles } from '../tick/write-troubles.ts';
import { reading, transact } from '../store/store-retry.ts';
import { entriesOf } from '../store/entries.ts';
import { claimItem, claimKey, documentKey, pastKey, rowItem } from './store.ts';
import type { Claims } from './store.ts';
import type { ClaimContext } from './tick.ts';

/** Why a warm machine is not there, as the pool's activity tells it: nobody sees its timeline. */
const warmWaits: ReadonlySet<string> = new Set([
  'no_capacity',
  'limit_reached',
  'constraints',
  'account_limit',
  'launch_refused',
]);

interface Unit {
  /** `claim …`, `group …`: what launches and calls rest on. */
  readonly keys: readonly string[];
  readonly writes: readonly Write[];
  /** It is not written where something else of the same name could not be. */
  readonly isLast?: true;
}

export interface Written {
  readonly count: number;
  readonly failed: ReadonlySet<string>;
}

export async function writeDecision(
  context: ClaimContext,
  seen: Claims,
  copy: ClaimWorkingCopy,
  troubles: WriteTroubles,
): Promise<Written> {
  const failed = new Set<string>();
  const setAside = new SetAside({ ...context, troubles });
  // Groups first: a reference that a request counts on is written before anything that rests on it. Then the documents
  // of machines and volumes, and last the rows: a claim is never further than what it has.
  const basis = [...groupUnits(context, seen, copy), ...leftOverUnits(seen, copy)];
  const documents = [...documentUnits(seen, copy), ...(await pastUnits(context, copy))];
  const rows = rowUnits(context, seen, copy);
  let count = await writeUnits(context, [...basis, ...documents, ...rows], failed, setAside);
  count += await writeDropped(context, seen, copy, failed, setAside);
  count += await writeEnded(context, seen.claims, copy, failed, setAside);
  // Lost writes are a reason to look again as well; what was set aside is none.
  return { count: count + failed.size - setAside.count, failed };
}

/**
 * As many units to a transaction as its bounds allow; where one of them does not hold, each by itself. Answers
 * how many were written.
 */
async function writeUnits(
  context: ClaimContext,
  units: readonly Unit[],
  failed: Set<string>,
  setAside: SetAside,
): Promise<number> {
  let count = 0;
  for (const batch of inBatches(units, unitEntries, batchBounds)) {
    const isReady = (unit: Unit): boolean => unit.isLast !== true || !unit.keys.some((key) => failed.has(key));
    const ready = batch.filter(isReady);
    if (ready.length > 1 && (await together(() => tryUnits(context, ready)))) {
      count += ready.length;
      continue;
    }
    for (const unit of ready) {
      if (!isReady(unit)) continue;
      if (await setAside.unlessDefect('what became', unit.keys, () => tryUnits(context, [unit]))) count += 1;
      else for (const key of unit.keys) failed.add(key);
    }
  }
  return count;
}

/** false too where one of them fails for good: each is tried by itself then. */
async function together(write: () => Promise<boolean>): Promise<boolean> {
  try {
    return await write();
  } catch (error) {
    if (!isDefect(error)) throw error;
    return false;
  }
}

function unitEntries({ writes }: Unit): [key: string, bytes: number][] {
  return writes.flatMap(entriesOf);
}

function groupUnits({ lock, ports }: ClaimContext, seen: Claims, copy: ClaimWorkingCopy): readonly Unit[] {
  const wishes = new Map(seen.groups.map(({ record }) => [record.id, wishKey(record.wish)]));
  const changed = copy.changedGroups().map((group): Unit => {
    const key = keys.group(lock.pool, group.id);
    const writes: Write[] = [{ op: 'put', item: { ...key, data: group }, condition: conditionOf(seen, key) }];
    if (copy.isPublicGroup(group) && wishes.get(group.id) !== wishKey(group.wish)) {
      writes.push(
        activityWrite(ports, lock.pool, {
          code: 'open_to_world',
          message:
            `${group.name} lets the whole internet in, as ${group.references.slice(0, 20).join(', ')} `
            + 'asked with allowPublic',
        }),
      );
    }
    return { keys: [`group ${group.id}`], writes };
  });
  const dropped = copy.droppedGroups.map((id): Unit => {
    const key = keys.group(lock.pool, id);
    return { keys: [`group ${id}`], writes: [{ op: 'delete', key, condition: seen.versions.get(key.sk) ?? 0 }] };
  });
  return [...changed, ...dropped];
}

function conditionOf(seen: Pick<Claims, 'versions'>, { sk }: ItemKey): Condition {
  return seen.versions.get(sk) ?? 'absent';
}

/** Whose document it is, as calls name what they rest on. */
function ownerOf(document: Document): string {
  if (document.claim !== null) return `claim ${document.claim}`;
  return 'instanceId' in document ? `claim ${document.id}` : `kept ${document.id}`;
}

/** Documents that pass from one to another are one unit: the thing of EC2 has an owner at any time. */
function documentUnits(seen: Claims, copy: ClaimWorkingCopy): readonly Unit[] {
  return copy
    .documentChanges()
    .filter((changes) => !isGoneKept(changes))
    .map((changes) => ({
      keys: [
        ...new Set(changes.flatMap(({ before, after }) => [before, after].flatMap((one) => (one ? ownerOf(one) : [])))),
      ],
      writes: changes.flatMap(({ before, after }): Write[] => {
        if (after !== null) {
          const key = documentKey(after);
          return [{ op: 'put', item: { ...key, data: after }, condition: conditionOf(seen, key) }];
        }
        const key = before && documentKey(before);
        const version = key ? seen.versions.get(key.sk) : undefined;
        return key && version !== undefined ? [{ op: 'delete', key, condition: version }] : [];
      }),
    }))
    .filter((unit) => unit.writes.length > 0);
}

/** A kept volume that nobody took over: what it cost is counted when its document goes. */
function isGoneKept(changes: readonly DocumentChange[]): boolean {
  return changes.every(
    ({ before, after }) => before !== null && after === null && !('instanceId' in before) && before.claim === null,
  );
}

/** Documents of claims that have ended, which lie beside their rows by now, and notes that nobody needs any more. */
function leftOverUnits({ leftOver, versions }: Claims, copy: ClaimWorkingCopy): readonly Unit[] {
  return [...leftOver, ...copy.droppedWarm.map((id) => claimKey(copy.seen.pool.name, id))].map((key) => ({
    keys: [`document ${key.sk}`],
    writes: [{ op: 'delete', key, condition: versions.get(key.sk) ?? 0 }],
  }));
}

/** What an ended claim had stays beside its row for as long as that does. */
async function pastUnits({ ports, settings }: ClaimContext, copy: ClaimWorkingCopy): Promise<readonly Unit[]> {
  const documents = [...copy.ended].flatMap((id) => {
    const claim = copy.claim(id);
    return claim && !isWarm(claim) ? partDocuments(claim) : [];
  });
  if (documents.length === 0) return [];
  // An earlier decision may have come so far, and no further.
  const before = await reading(ports, () => ports.store.getMany(documents.map(pastKey)));
  const expiresAtMs = ports.clock.nowMs() + settings.keepEndedMs;
  return documents.map((document, n) => ({
    keys: [ownerOf(document)],
    writes: [
      {
        op: 'put',
        item: { ...pastKey(document), data: document, expiresAtMs },
        condition: before[n]?.version ?? 'absent',
      },
    ],
  }));
}

/** The row of a request, where it changed itself; of a warm machine its document says it all. */
function rowUnits(context: ClaimContext, seen: Claims, copy: ClaimWorkingCopy): readonly Unit[] {
  const before = new Map(seen.claims.map(({ record, version }) => [record.id, { record, version }]));
  return copy.changedClaims().flatMap((claim): Unit[] => {
    const was = before.get(claim.id);
    if (copy.ended.has(claim.id)) return [];
    const notes = [...noteWrites(context, copy, claim), ...leaseEndingWrites(context, copy, claim)];
    if (isWarm(claim) || !was)
      return notes.length === 0 ? [] : [{ keys: [`claim ${claim.id}`], writes: notes, isLast: true }];
    if (!isRowChanged(was.record, claim)) return [];
    const row: Write = { op: 'put', item: rowItem(rowOf(claim), null), condition: was.version };
    return [{ keys: [`claim ${claim.id}`], writes: [row, ...notes], isLast: true }];
  });
}

function leaseEndingWrites(
  { ports, lock }: ClaimContext,
  copy: ClaimWorkingCopy,
  claim: ClaimRecord,
): readonly Write[] {
  if (!copy.leasesEnding.includes(claim.id)) return [];
  return outboxWrites(ports, lock.pool, [
    {
      type: 'LeaseEnding',
      requestId: claim.id,
      pool: lock.pool,
      tenant: claim.tenant,
      leaseEndsAtMs: claim.leaseEndsAtMs ?? 0,
      atMs: ports.clock.nowMs(),
    },
  ]);
}

/** What the pool's activity tells of the warm pool. */
function noteWrites({ ports, lock }: ClaimContext, copy: ClaimWorkingCopy, claim: ClaimRecord): readonly Write[] {
  const now = claim.timeline.filter((entry) => entry.atMs === copy.nowMs);
  const taken = now.findLast((entry) => entry.code === 'warm_taken');
  const last = now.at(-1);
  if (taken) return [activityWrite(ports, lock.pool, { code: 'warm_taken', message: `${claim.id} ${taken.message}` })];
  if (!last || !isWarm(claim) || claim.state !== 'pending' || !warmWaits.has(claim.reason ?? '')) return [];
  const message = `${claim.id}, which is to be kept ready: ${last.message}`;
  return [activityWrite(ports, lock.pool, { code: 'warm_waits', message })];
}

async function tryUnits(context: ClaimContext, units: readonly Unit[], count: Count | null = null): Promise<boolean> {
  const { ports, lock } = context;
  try {
    // A put goes first, so that after a lost answer the failing item shows our own write id.
    const all = units.flatMap((unit) => unit.writes);
    const writes = [...all.filter((one) => one.op === 'put'), lock.fence, ...all.filter((one) => one.op !== 'put')];
    if (count === null) await transact(ports, writes);
    else await transactCounting(ports, lock.pool, writes, count);
    return true;
  } catch (error) {
    if (!(error instanceof ConditionFailedError)) throw error;
    if (error.key.pk === lock.fence.key.pk) throw new FencedError(lock.pool);
    return false;
  }
}

/** Kept volumes that EC2 lists no more: what they cost is counted in the write that forgets them. */
async function writeDropped(
  context: ClaimContext,
  seen: Claims,
  copy: ClaimWorkingCopy,
  failed: Set<string>,
  setAside: SetAside,
): Promise<number> {
  const gone = copy.documentChanges().filter(isGoneKept);
  const ids = new Set(gone.flatMap((changes) => changes.map(({ before }) => before && documentKey(before).sk)));
  const all = seen.kept.flatMap(({ record, version }) => {
    const key = documentKey(record);
    const writes: Write[] = [{ op: 'delete', key, condition: version }];
    return ids.has(key.sk) ? [{ record, keys: [`kept ${record.id}`], writes }] : [];
  });
  const drop = (batch: typeof all): Promise<boolean> => {
    const dropped = batch.map((one) => one.record);
    return tryUnits(context, batch, countGoneKept(dropped, context.ports.clock.nowMs()));
  };
  let count = 0;
  for (const batch of inBatches(all, unitEntries, batchBounds)) {
    if (batch.length > 1 && (await together(() => drop(batch)))) {
      count += batch.length;
      continue;
    }
    for (const one of batch) {
      if (await setAside.unlessDefect('the end', one.keys, () => drop([one]))) count += 1;
      else for (const key of one.keys) failed.add(key);
    }
  }
  return count;
}

/** Ended requests leave the index of what is held; counted, and put into the outbox, in the same write. */
async function writeEnded(
  context: ClaimContext,
  claims: readonly Versioned<ClaimRecord>[],
  copy: ClaimWorkingCopy,
  failed: Set<string>,
  setAside: SetAside,
): Promise<number> {
  const versions = new Map(claims.map(({ record, version }) => [record.id, version]));
  const all = [...copy.ended]
    .flatMap((id) => (failed.has(`claim ${id}`) ? [] : (copy.claim(id) ?? [])))
    .map((claim) => ({ claim, ...endedUnit(context, claim, versions) }));
  let count = 0;
  for (const batch of inBatches(all, (one) => [...unitEntries(one), ...outboxEntries(one.claim.id, 1)], batchBounds)) {
    if (batch.length > 1 && (await together(() => tryEnded(context, batch)))) {
      count += batch.length;
      continue;
    }
    // Somebody changed one of them: the others are not held up.
    for (const one of batch) {
      if (await setAside.unlessDefect('the end', one.keys, () => tryEnded(context, [one]))) count += 1;
      else for (const key of one.keys) failed.add(key);
    }
  }
  return count;
}

interface EndedUnit extends Unit {
  readonly claim: ClaimRecord;
}

function endedUnit(
  { ports, lock, settings }: ClaimContext,
  claim: ClaimRecord,
  versions: ReadonlyMap<string, number>,
): Unit {
  const version = versions.get(claim.id);
  const keptUntil = { expiresAtMs: ports.clock.nowMs() + settings.keepEndedMs };
  const isOver = isWarm(claim) && (claim.state !== 'failed' || claim.startedAtMs !== null);
  return {
    keys: [`claim ${claim.id}`],
    writes: [
      isOver
        ? { op: 'delete', key: claimKey(lock.pool, claim.id), condition: version ?? 0 }
        : // One that could not be had leaves a note, so that it is not asked for again at once.
          { op: 'put', item: claimItem(claim, keptUntil), condition: version ?? 'absent' },
    ],
  };
}

/** With what they add to the pool's totals, and a line of its activity. */
async function tryEnded(context: ClaimContext, ended: readonly EndedUnit[]): Promise<boolean> {
  const { ports, lock } = context;
  const nowMs = ports.clock.nowMs();
  const told = ended
    .slice(0, 20)
    .map(({ claim }) => `${claim.id} (${claim.spec.type}) ${claim.state}: ${claim.timeline.at(-1)?.message ?? ''}`)
    .join('. ');
  const note: Unit = {
    keys: [],
    writes: [
      activityWrite(ports, lock.pool, { code: 'given_back', message: told }),
      ...outboxWrites(
        ports,
        lock.pool,
        ended.flatMap(({ claim }) =>
          isWarm(claim)
            ? []
            : [
                {
                  type: 'RequestEnded',
                  requestId: claim.id,
                  pool: lock.pool,
                  tenant: claim.tenant,
                  requestType: claim.spec.type,
                  state: claim.state,
                  reason: claim.reason,
                  atMs: nowMs,
                },
              ],
        ),
      ),
    ],
  };
  const claims = ended.map((one) => one.claim);
  return tryUnits(context, [note, ...ended], countEndedClaims(claims, nowMs));
}
