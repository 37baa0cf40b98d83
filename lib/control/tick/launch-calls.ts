// One protocol for every launch, of nodes and of machines: the decision is durable (frozen request, fence, the pool's
// spec version, reservation) before EC2 is called with its id as the token; EC2's answer to that token
// (resolve-launch.ts) settles it, in the write that hands out what it made (launch-kind.ts).
import { batchBounds, inBatches, recordBytes } from '../../core/plan/bounds.ts';
import type { LaunchFault, LaunchNews } from '../../core/plan/capacity-memory.ts';
import { rememberNews } from '../../core/plan/capacity-memory.ts';
import { rememberRefused } from '../../core/tasks/capacity/learning/learn-offerings.ts';
import type { LaunchAction } from '../../core/plan/launches.ts';
import type { LaunchRecord, MachineLaunch, NodeLaunch } from '../../core/records/launch.ts';
import { isNodeLaunch } from '../../core/records/launch.ts';
import type { PoolMemory } from '../../core/plan/observation.ts';
import { emptyMemory, isSameMemory } from '../../core/plan/observation.ts';
import type { Item, Write } from '../../ports/store.ts';
import { ConditionFailedError } from '../../ports/store.ts';
import { machineLaunchKind } from '../claims/launching.ts';
import { inOrder } from '../claims/in-order.ts';
import { withFence } from '../coordination/lock.ts';
import type { ControlPorts, ControlSettings } from '../ports.ts';
import { activityWrite } from '../store/activity.ts';
import { entriesOf } from '../store/entries.ts';
import { poolCheck } from '../requests/pools.ts';
import type { PoolItem } from '../requests/pools.ts';
import { noteShortages } from '../store/shortages.ts';
import { keys } from '../store/keys.ts';
import { readLaunch } from '../store/launches.ts';
import { transact, update } from '../store/store-retry.ts';
import { countLaunch, transactCounting } from '../store/totals.ts';
import type { LaunchContext, LaunchKind, MadeInstance } from './launch-kind.ts';
import { resolveLaunchToken } from './resolve-launch.ts';
import { nodeLaunchKind } from './launched-nodes.ts';
import { outboxWrites } from './outbox.ts';
import type { SetAside } from './write-troubles.ts';
import { isDefect } from './write-troubles.ts';

const keepPastMs = 7 * 24 * 3_600_000;
const launchesAtOnce = 8;
const settleTriesMax = 10;
/** Instances named in a line of the pool's activity. */
const namedMax = 50;

/**
 * Records what is to be bought, calls EC2 for it and for the open launches that are due, and settles what EC2 has
 * answered. Answers how many had an effect, or may have had one: after any, another look is due. @throws FencedError
 */
export async function applyLaunches(
  context: LaunchContext,
  setAside: SetAside,
  actions: readonly LaunchAction[],
): Promise<number> {
  const wanted = actions.flatMap((one) => (one.kind === 'launch' ? [one.launch] : []));
  const due = actions.flatMap((one) => (one.kind === 'settle' ? [one.launchId] : []));
  const recorded = await recordLaunches(context, setAside, wanted);
  const isNew = new Set(recorded);
  const ids = [...due, ...recorded];
  const outcomeOf = new Map<string, LaunchOutcome>();
  await inOrder(
    ids,
    launchesAtOnce,
    (id) => [id],
    async (id) => {
      const outcome = await setAside.unlessDefect('the launch', [id], () => callAndSettle(context, id, isNew.has(id)));
      if (outcome) outcomeOf.set(id, outcome);
      return true;
    },
  );
  const outcomes = ids.flatMap((id) => outcomeOf.get(id) ?? []);
  await setAside.unlessDefect('the memory', [keys.memory(context.lock.pool).sk], () =>
    rememberFaults(
      context.ports,
      context.settings,
      context.pool,
      outcomes.map((one) => one.news),
    ),
  );
  // A new launch without an answer counts too: the next look knows when it is to be repeated.
  return wanted.length + outcomes.filter((one) => one.isClosed).length;
}

/** Answers the ids of those that are in the store; none of the others may be called for. @throws FencedError */
async function recordLaunches(
  context: LaunchContext,
  setAside: SetAside,
  launches: readonly LaunchRecord[],
): Promise<readonly string[]> {
  const recorded: string[] = [];
  const batches = inBatches(launches, (one) => [[one.id, recordBytes(one)]], batchBounds);
  for (let batch = batches.shift(); batch; batch = batches.shift()) {
    const part = batch;
    const ids = part.map((one) => one.id);
    let isRecorded: boolean | null = null;
    try {
      isRecorded =
        part.length > 1
          ? await recordTogether(context, part)
          : await setAside.unlessDefect('the launch', ids, () => recordTogether(context, part));
    } catch (error) {
      if (part.length === 1 || !isDefect(error)) throw error;
      // One of them fails for good: each is tried by itself.
      batches.unshift(...part.map((one) => [one]));
    }
    if (isRecorded === false) break;
    if (isRecorded === true) recorded.push(...ids);
  }
  return recorded;
}

/**
 * false: the pool's spec has changed, and the next round decides by the new one. @throws FencedError when another tick
 * holds the lock
 */
async function recordTogether(
  { ports, lock, pool }: LaunchContext,
  launches: readonly LaunchRecord[],
): Promise<boolean> {
  const writes: Write[] = launches.map((launch) => ({
    op: 'put',
    item: { ...keys.launch(lock.pool, launch.id), data: launch },
    condition: 'absent',
  }));
  return withFence(lock, (fence) => transact(ports, [fence, poolCheck(pool), ...writes]));
}

/** What EC2 said of one launch. */
interface LaunchOutcome {
  readonly isClosed: boolean;
  readonly news: LaunchNews;
}

/**
 * Calls EC2 for an open launch (the first time, or again with the same token) and settles it if the answer is known.
 * `isMaker`: this very tick wrote it. null: there was nothing to do, or another tick was faster. @throws FencedError
 */
async function callAndSettle(context: LaunchContext, id: string, isMaker: boolean): Promise<LaunchOutcome | null> {
  const item = await readLaunch(context.ports, context.lock.pool, id);
  if (!item) return null;
  try {
    return isNodeLaunch(item.data)
      ? await settleAs(context, nodeLaunchKind(context), item as Item<NodeLaunch>, isMaker)
      : await settleAs(context, machineLaunchKind(context), item as Item<MachineLaunch>, isMaker);
  } catch (error) {
    if (!(error instanceof ConditionFailedError)) throw error;
    return null;
  }
}

async function settleAs<L extends LaunchRecord, M extends MadeInstance>(
  context: LaunchContext,
  kind: LaunchKind<L, M>,
  found: Item<L>,
  isMaker: boolean,
): Promise<LaunchOutcome | null> {
  const resolved = await resolveLaunchToken(context, kind, found, isMaker);
  if (resolved.kind === 'nothing') return null;
  const { item } = resolved;
  const outcome = (isClosed: boolean, made: readonly M[], faults: readonly LaunchFault[]): LaunchOutcome => ({
    isClosed,
    news: newsOf(kind, item.data, isClosed, made, faults),
  });
  switch (resolved.kind) {
    case 'open': {
      if (resolved.refusal === null) return outcome(false, [], resolved.answer?.faults ?? []);
      const fault = kind.faultOf(item.data, resolved.refusal);
      await kind.noteRefusal(item.data, fault);
      const asked = outcome(false, [], [fault]);
      return { ...asked, news: { ...asked.news, isAskedAgain: true } };
    }
    case 'answered': {
      const { made, faults } = resolved.answer;
      await settle(context, kind, item, made, { text: faultsText(faults), code: faults[0]?.code, refused: null });
      return outcome(true, made, faults);
    }
    case 'listed':
      await settle(context, kind, item, resolved.made, {
        text: `settled from the tag after ${resolved.code}`,
        code: resolved.code,
        refused: null,
      });
      return outcome(true, resolved.made, []);
    case 'refused': {
      const refused = kind.faultOf(item.data, resolved.refusal);
      await settle(context, kind, item, [], { text: resolved.refusal.message, code: refused.code, refused });
      return outcome(true, [], [refused]);
    }
  }
}

/** Offerings that are named for a code. */
const faultsNamedMax = 3;

/** Code by code: a launch has hundreds of overrides, and most are refused for one reason. */
export function faultsText(faults: readonly LaunchFault[]): string {
  const texts = [...Map.groupBy(faults, ({ code }) => code)].map(([code, all]) => {
    const named = [
      ...new Set(all.flatMap(({ about }) => (about ? `${about.instanceType ?? '*'} in ${about.zone ?? '*'}` : []))),
    ];
    if (named.length === 0) return code;
    const more = named.length - faultsNamedMax;
    return `${code} (${named.slice(0, faultsNamedMax).join(', ')}${more > 0 ? `, and ${String(more)} more` : ''})`;
  });
  return texts.join(', ');
}

function newsOf<L extends LaunchRecord, M extends MadeInstance>(
  kind: LaunchKind<L, M>,
  launch: L,
  isClosed: boolean,
  launched: readonly M[],
  faults: readonly LaunchFault[],
): LaunchNews {
  const { capacityType, count, reservation } = launch.request;
  return {
    launched,
    capacityType,
    count,
    asked: kind.asked(launch),
    ...(reservation ? { reservation: reservation.id } : {}),
    // What is wrong with the request of a claim is its own fault, not the pool's.
    faults: isNodeLaunch(launch) ? faults : faults.filter((one) => one.scope !== 'request'),
    // A part of a gang is a part when the launch is closed, not while more may come of it.
    gangs: isClosed && isNodeLaunch(launch) ? (launch.gangs ?? []) : [],
    shapes: isClosed && isNodeLaunch(launch) ? (launch.shapes ?? []) : [],
  };
}

interface LaunchEnd {
  readonly text: string;
  /** EC2's, of what went wrong. */
  readonly code?: string | undefined;
  readonly refused: LaunchFault | null;
}

/**
 * Hands out what the launch made and closes it, last. It needs no fence: what EC2 has answered is so,
 * whoever holds the lock. @throws ConditionFailedError when another tick settled it, or noted a repeat, first
 */
async function settle<L extends LaunchRecord, M extends MadeInstance>(
  { ports, lock }: LaunchContext,
  kind: LaunchKind<L, M>,
  { data: launch, version, pk, sk }: Item<L>,
  made: readonly M[],
  { text, code = 'nothing_launched', refused }: LaunchEnd,
): Promise<void> {
  const outcome =
    `${String(made.length)} of ${String(launch.request.count)} launched` + (text === '' ? '' : `; ${text}`);
  const settled: LaunchRecord = { ...launch, state: 'settled', outcome, calls: launch.calls + 1 };
  const past = { ...keys.pastLaunch(lock.pool, launch.id), data: settled };
  for (let tries = 1; ; tries += 1) {
    const { documents, writes, events, nodes, activity } = await kind.handOut(launch, made, refused);
    const all: Write[] = [
      { op: 'delete', key: { pk, sk }, condition: version },
      { op: 'put', item: { ...past, expiresAtMs: ports.clock.nowMs() + keepPastMs }, condition: 'absent' },
      ...writes,
      activityWrite(ports, lock.pool, {
        ...activity,
        launchId: launch.id,
        ...(made.length === 0 ? { code: 'launch_failed' } : {}),
        message: `${outcome.replace(/\.$/, '')}${named(made)}. ${launch.reason}`,
      }),
      ...outboxWrites(ports, lock.pool, events),
    ];
    try {
      for (const batch of inBatches(documents, entriesOf, batchBounds))
        await transact(ports, [...batch, { op: 'check', key: { pk, sk }, condition: version }]);
      await transactCounting(ports, lock.pool, all, countLaunch(made.length > 0 ? 'launched' : code, nodes));
      return;
    } catch (error) {
      // Whom it is for was changed meanwhile (cancelled, say): read again. If another tick settled it, this ends.
      const isLaunch = error instanceof ConditionFailedError && error.key.pk === pk && error.key.sk === sk;
      if (!(error instanceof ConditionFailedError) || isLaunch || tries >= settleTriesMax) throw error;
    }
  }
}

function named(made: readonly MadeInstance[]): string {
  if (made.length === 0) return '';
  const shown = made
    .slice(0, namedMax)
    .map((one) => `${one.id} (${one.instanceType} ${one.capacityType} in ${one.zone})`)
    .join(', ');
  return `: ${shown}${made.length > namedMax ? ` and ${String(made.length - namedMax)} more` : ''}`;
}

/** What answers say about capacity and the account, kept for the next decisions. */
export async function rememberFaults(
  ports: ControlPorts,
  settings: ControlSettings,
  pool: PoolItem,
  news: readonly LaunchNews[],
): Promise<void> {
  if (news.length === 0) return;
  const nowMs = ports.clock.nowMs();
  const key = keys.memory(pool.data.spec.name);
  let [before, after] = [emptyMemory, emptyMemory];
  await update<PoolMemory>(ports, key, (current) => {
    before = { ...emptyMemory, ...current?.data };
    after = {
      ...before,
      ...rememberNews(before, news, nowMs, settings.decisions),
      ...rememberRefused(before, pool.data.spec, news, nowMs),
    };
    return isSameMemory(after, before) ? null : { ...key, data: after };
  });
  await noteShortages(ports, pool, before, after);
}
