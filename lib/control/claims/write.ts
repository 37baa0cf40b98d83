// Writes what a decision changed, each record on condition that it still is what was read, all with the fence checked.
// What lost to somebody else is looked at again in the next round, and nothing that rests on it is called.
import { batchBounds, inBatches, recordBytes } from '../../core/plan/bounds.ts';
import type { ClaimWorkingCopy } from '../../core/claims/working-copy.ts';
import type { ClaimRecord } from '../../core/records/claim.ts';
import { wishKey } from '../../core/claims/network-rules.ts';
import { isWarm } from '../../core/claims/warm.ts';
import type { Versioned } from '../../core/plan/observation.ts';
import { ConditionFailedError } from '../../ports/store.ts';
import type { Write } from '../../ports/store.ts';
import { activityWrite } from '../store/activity.ts';
import { keys } from '../store/keys.ts';
import type { Count } from '../store/totals.ts';
import { countEndedClaims, countGoneKept, transactCounting } from '../store/totals.ts';
import { FencedError } from '../coordination/lock.ts';
import { outboxEntries, outboxWrites } from '../tick/outbox.ts';
import { isDefect, SetAside } from '../tick/write-troubles.ts';
import type { WriteTroubles } from '../tick/write-troubles.ts';
import { transact } from '../store/store-retry.ts';
import type { ClaimDocuments } from './store.ts';
import { claimItem } from './store.ts';
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
}

export interface Written {
  readonly count: number;
  readonly failed: ReadonlySet<string>;
}

export async function writeDecision(
  context: ClaimContext,
  seen: ClaimDocuments & { readonly claims: readonly Versioned<ClaimRecord>[] },
  copy: ClaimWorkingCopy,
  troubles: WriteTroubles,
): Promise<Written> {
  const failed = new Set<string>();
  const setAside = new SetAside({ ...context, troubles });
  const written = await writeUnits(context, unitsOf(context, seen, copy), failed, setAside);
  const dropped = await writeDropped(context, seen.kept, copy, failed, setAside);
  const count = written + dropped + (await writeEnded(context, seen.claims, copy, failed, setAside));
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
  for (const batch of inBatches(units, entriesOf, batchBounds)) {
    if (batch.length > 1 && (await together(() => tryUnits(context, batch)))) {
      count += batch.length;
      continue;
    }
    for (const unit of batch) {
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

function entriesOf({ writes }: Unit): [key: string, bytes: number][] {
  return writes.map((write) => {
    const { pk, sk } = write.op === 'put' ? write.item : write.key;
    return [`${pk}\u0000${sk}`, write.op === 'put' ? recordBytes(write.item.data as object) : pk.length + sk.length];
  });
}

function unitsOf(
  context: ClaimContext,
  seen: ClaimDocuments & { readonly claims: readonly Versioned<ClaimRecord>[] },
  copy: ClaimWorkingCopy,
): readonly Unit[] {
  const { lock, ports } = context;
  const claimVersions = new Map(seen.claims.map(({ record, version }) => [record.id, version]));
  const groupVersions = new Map(seen.groups.map(({ record, version }) => [record.id, version]));
  const wishes = new Map(seen.groups.map(({ record }) => [record.id, wishKey(record.wish)]));
  const keptVersions = new Map(seen.kept.map(({ record, version }) => [record.id, version]));
  const units: Unit[] = [];
  // Groups first: a reference that a request counts on is written before anything that rests on it.
  for (const group of copy.changedGroups()) {
    const version = groupVersions.get(group.id);
    const writes: Write[] = [
      { op: 'put', item: { ...keys.group(lock.pool, group.id), data: group }, condition: version ?? 'absent' },
    ];
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
    units.push({ keys: [`group ${group.id}`], writes });
  }
  for (const id of copy.droppedGroups)
    units.push({
      keys: [`group ${id}`],
      writes: [{ op: 'delete', key: keys.group(lock.pool, id), condition: groupVersions.get(id) ?? 0 }],
    });
  for (const claim of copy.changedClaims()) {
    if (copy.ended.has(claim.id)) continue;
    const kept: Write[] = copy.newKept
      .filter((one) => one.withClaim === claim.id)
      .map((one) => ({
        op: 'put',
        item: { ...keys.kept(lock.pool, one.kept.id), data: one.kept },
        condition: 'absent',
      }));
    const taken: Write[] = copy.droppedKept
      .filter((one) => one.withClaim === claim.id)
      .map((one) => ({ op: 'delete', key: keys.kept(lock.pool, one.id), condition: keptVersions.get(one.id) ?? 0 }));
    units.push({
      keys: [`claim ${claim.id}`],
      writes: [
        { op: 'put', item: claimItem(claim, null), condition: claimVersions.get(claim.id) ?? 'absent' },
        ...kept,
        ...taken,
        ...warmWrites(context, copy, claim, claimVersions),
        ...leaseEndingWrites(context, copy, claim),
      ],
    });
  }
  for (const id of copy.droppedWarm) {
    const version = seen.warmFailed.find(({ record }) => record.id === id)?.version ?? 0;
    units.push({
      keys: [`claim ${id}`],
      writes: [{ op: 'delete', key: keys.warm(lock.pool, id), condition: version }],
    });
  }
  for (const kept of copy.goingKept)
    units.push({
      keys: [`kept ${kept.id}`],
      writes: [
        {
          op: 'put',
          item: { ...keys.kept(lock.pool, kept.id), data: kept },
          condition: keptVersions.get(kept.id) ?? 'absent',
        },
      ],
    });
  return units;
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

/** Warm machines that pass to the request, or come back from it, in its own write: nobody else can have taken them. */
function warmWrites(
  { ports, lock }: ClaimContext,
  copy: ClaimWorkingCopy,
  claim: ClaimRecord,
  versions: ReadonlyMap<string, number>,
): readonly Write[] {
  const mine = <T extends { readonly withClaim: string }>(all: readonly T[]): readonly T[] =>
    all.filter((one) => one.withClaim === claim.id);
  const taken = mine(copy.takenWarm);
  const told = claim.timeline.at(-1)?.message ?? '';
  return [
    ...mine(copy.returnedWarm).map(({ record }): Write => ({
      op: 'put',
      item: claimItem(record, null),
      condition: 'absent',
    })),
    ...taken.map(({ id }): Write => ({
      op: 'delete',
      key: keys.warm(lock.pool, id),
      condition: versions.get(id) ?? 0,
    })),
    ...(taken.length > 0
      ? [activityWrite(ports, lock.pool, { code: 'warm_taken', message: `${claim.id} ${told}` })]
      : []),
    ...(isWarm(claim)
    && claim.state === 'pending'
    && warmWaits.has(claim.reason ?? '')
    && claim.timeline.at(-1)?.atMs === copy.nowMs
      ? [
          activityWrite(ports, lock.pool, {
            code: 'warm_waits',
            message: `${claim.id}, which is to be kept ready: ${told}`,
          }),
        ]
      : []),
  ];
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
  kept: ClaimDocuments['kept'],
  copy: ClaimWorkingCopy,
  failed: Set<string>,
  setAside: SetAside,
): Promise<number> {
  const { ports, lock } = context;
  const gone = new Set(copy.droppedKept.filter((one) => one.withClaim === null).map((one) => one.id));
  const all = kept
    .filter(({ record }) => gone.has(record.id))
    .map(({ record, version }) => ({
      record,
      keys: [`kept ${record.id}`],
      writes: [{ op: 'delete', key: keys.kept(lock.pool, record.id), condition: version }] satisfies Write[],
    }));
  const drop = (batch: typeof all): Promise<boolean> => {
    const dropped = batch.map((one) => one.record);
    return tryUnits(context, batch, countGoneKept(dropped, ports.clock.nowMs()));
  };
  let count = 0;
  for (const batch of inBatches(all, entriesOf, batchBounds)) {
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
    .flatMap((id) => copy.claim(id) ?? [])
    .map((claim) => ({ claim, ...endedUnit(context, claim, versions, copy) }));
  let count = 0;
  for (const batch of inBatches(all, (one) => [...entriesOf(one), ...outboxEntries(one.claim.id, 1)], batchBounds)) {
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
  copy: ClaimWorkingCopy,
): Unit {
  const isOver = isWarm(claim) && (claim.state !== 'failed' || claim.startedAtMs !== null);
  return {
    keys: [`claim ${claim.id}`],
    writes: [
      isOver
        ? { op: 'delete', key: keys.warm(lock.pool, claim.id), condition: versions.get(claim.id) ?? 0 }
        : // One that could not be had leaves a note, so that it is not asked for again at once.
          {
            op: 'put',
            item: claimItem(claim, { expiresAtMs: ports.clock.nowMs() + settings.keepEndedMs }),
            condition: versions.get(claim.id) ?? 'absent',
          },
      // A kept volume passes to its document in the write that ends its request.
      ...copy.newKept
        .filter((one) => one.withClaim === claim.id)
        .map((one): Write => ({
          op: 'put',
          item: { ...keys.kept(lock.pool, one.kept.id), data: one.kept },
          condition: 'absent',
        })),
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
