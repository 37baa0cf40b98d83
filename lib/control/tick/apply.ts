// The edge obeys: every action of a plan becomes conditional writes and calls. A write that lost to somebody
// else is left to the next round, which looks again; a raised fence ends the tick.
import type { NodeRecord } from '../../core/records/node.ts';
import type { Observation } from '../../core/plan/observation.ts';
import { batchBounds, inBatches, recordBytes } from '../../core/plan/bounds.ts';
import { jsonBytes } from '../../core/values/json-bytes.ts';
import type { Action, Plan, RecordWrite, Why, WhyEntry } from '../../core/plan/plan.ts';
import { writeKey } from '../../core/plan/plan.ts';
import type { RequestRecord } from '../../core/records/request.ts';
import { isPassing } from '../../ports/cloud.ts';
import type { Condition, ItemKey, Write } from '../../ports/store.ts';
import { ConditionFailedError, itemBytesMax } from '../../ports/store.ts';
import { activityWrite, nodeFields } from '../store/activity.ts';
import { keys } from '../store/keys.ts';
import type { Count } from '../store/totals.ts';
import { countEndedTasks, countGoneNodes, transactCounting } from '../store/totals.ts';
import { applyLaunches } from './launch-calls.ts';
import type { LaunchContext } from './launch-kind.ts';
import { FencedError } from '../coordination/lock.ts';
import type { Observed } from './observe.ts';
import { outboxEntries, outboxWrites } from './outbox.ts';
import { sizeOf } from '../requests/record-size.ts';
import { requestItem } from '../requests/submit.ts';
import { isDefect, SetAside } from './write-troubles.ts';
import type { WriteTroubles } from './write-troubles.ts';
import { put, transact, update } from '../store/store-retry.ts';

type Change = Extract<Action, { kind: 'change' }>;

export interface ApplyContext extends LaunchContext {
  readonly troubles: WriteTroubles;
}

/**
 * Answers how many actions had an effect or lost to somebody else: after either, another look is
 * due. @throws FencedError
 */
export async function applyPlan(context: ApplyContext, observed: Observed, plan: Plan): Promise<number> {
  const of = <K extends Action['kind']>(kind: K): Extract<Action, { kind: K }>[] =>
    plan.actions.filter((one): one is Extract<Action, { kind: K }> => one.kind === kind);
  let done = await applyChanges(context, observed.observation, of('change'));
  const setAside = new SetAside(context);
  // Before what it was learnt from goes.
  for (const { memory } of of('remember'))
    await setAside.unlessDefect('the memory', [keys.memory(context.lock.pool).sk], () =>
      remember(context, observed, memory),
    );
  done += (await setAside.unlessDefect('"forget"', [], () => forget(context, of('forget'), observed.observation))) ?? 0;
  for (const { why } of of('explain'))
    await setAside.unlessDefect('the explanation', [keys.why(context.lock.pool).sk], () => explain(context, why));
  done += await applyLaunches(context, setAside, [...of('settle'), ...of('launch')]);
  done += await terminate(
    context,
    of('terminate').flatMap((one) => one.nodes),
  );
  return done;
}

function recordItem(write: RecordWrite, { ports, settings }: ApplyContext) {
  switch (write.type) {
    case 'request':
      return requestItem(
        write.record,
        write.isCollected ? { expiresAtMs: ports.clock.nowMs() + settings.keepEndedMs } : null,
      );
    case 'chunk':
      return { ...keys.chunk(write.record.requestId, write.record.chunk), data: write.record };
    case 'node':
      return { ...keys.node(write.record.pool, write.record.id), data: write.record };
  }
}

function observedVersions(observation: Observation): Map<string, Condition> {
  const versions = new Map<string, Condition>();
  for (const { record, version, chunks } of observation.requests) {
    versions.set(writeKey({ type: 'request', record }), version);
    for (const chunk of chunks) versions.set(writeKey({ type: 'chunk', record: chunk.record }), chunk.version);
  }
  for (const { record, version } of observation.nodes) versions.set(writeKey({ type: 'node', record }), version);
  return versions;
}

/**
 * Changes in their order, as many to a transaction as fit; each all or nothing. Ends come last: nothing waits
 * for the counting of them.
 */
async function applyChanges(
  context: ApplyContext,
  observation: Observation,
  changes: readonly Change[],
): Promise<number> {
  const versions = observedVersions(observation);
  // Later changes were built on the records of earlier ones: what a failed change touched holds what was never written.
  const unwritten = new Set<string>();
  const isSound = (change: Change): boolean =>
    [...change.writes.map(writeKey), ...change.restsOn].every((key) => !unwritten.has(key));
  const setAside = new SetAside(context);
  for (const batch of [
    ...batches(changes.filter((one) => one.ended.length === 0)),
    ...batches(changes.filter((one) => one.ended.length > 0)),
  ]) {
    if (batch.length > 1 && batch.every(isSound) && (await tryTogether(context, batch, versions))) continue;
    // Somebody wrote one of the records: that change, and what builds on it, waits for the next
    // round; the others do not.
    for (const change of batch) {
      const about = change.writes.filter((write) => write.type !== 'node' || change.writes.length === 1).map(writeKey);
      const isWritten =
        isSound(change)
        && (await setAside.unlessDefect(`"${change.what}"`, about, () => tryChanges(context, [change], versions)));
      if (isWritten !== true)
        for (const key of [...change.writes.flatMap(touchedKeys), ...change.restsOn]) unwritten.add(key);
    }
  }
  return changes.length - setAside.count;
}

/** false too where one of them fails for good: each is tried by itself then. */
async function tryTogether(
  context: ApplyContext,
  changes: readonly Change[],
  versions: Map<string, Condition>,
): Promise<boolean> {
  try {
    return await tryChanges(context, changes, versions);
  } catch (error) {
    if (!isDefect(error)) throw error;
    return false;
  }
}

/** What other changes of the decision saw of this write: an array's row is also made of its chunks. */
function touchedKeys(write: RecordWrite): readonly string[] {
  return write.type === 'chunk' ? [writeKey(write), `request ${write.record.requestId}`] : [writeKey(write)];
}

const activityBytesMax = 5_000;

/**
 * What a change writes: its records, its line of the pool's activity, and its events. Of the totals there
 * is one write a batch.
 */
function entriesOf(change: Change): [key: string, bytes: number][] {
  const { nodeActivity, what } = change;
  return [
    ...change.writes.map((write): [string, number] => [writeKey(write), recordBytes(write.record)]),
    ...(nodeActivity ? [[`activity ${nodeActivity.node.id} ${what}`, activityBytesMax] as [string, number]] : []),
    ...outboxEntries(change.writes.map(writeKey).join(' '), change.ended.length),
  ];
}

function batches(changes: readonly Change[]): Change[][] {
  return inBatches(changes, entriesOf, batchBounds);
}

async function tryChanges(
  context: ApplyContext,
  changes: readonly Change[],
  versions: Map<string, Condition>,
): Promise<boolean> {
  const { ports, lock } = context;
  const latest = new Map<string, RecordWrite>();
  for (const change of changes) for (const write of change.writes) latest.set(writeKey(write), write);
  const writes: Write[] = [...latest].map(([key, write]) => ({
    op: 'put',
    item: recordItem(write, context),
    condition: versions.get(key) ?? 'absent',
  }));
  const ended = changes.flatMap((change) => change.ended);
  writes.push(...endEvents(context, ended));
  for (const { nodeActivity, reason } of changes) {
    if (nodeActivity)
      writes.push(
        activityWrite(ports, lock.pool, {
          code: nodeActivity.code,
          message: `${nodeActivity.node.id}: ${reason}`,
          ...nodeFields(nodeActivity.node),
        }),
      );
  }
  if (!(await fenced(context, writes, ended.length === 0 ? null : countEndedTasks(ended)))) return false;
  for (const key of latest.keys()) {
    const before = versions.get(key) ?? 'absent';
    versions.set(key, before === 'absent' ? 1 : before + 1);
  }
  return true;
}

/** false: a condition did not hold. @throws FencedError when it was the fence */
async function fenced(context: ApplyContext, writes: readonly Write[], count: Count | null): Promise<boolean> {
  const { ports, lock } = context;
  try {
    if (count === null) await transact(ports, [lock.fence, ...writes]);
    else await transactCounting(ports, lock.pool, [lock.fence, ...writes], count);
    return true;
  } catch (error) {
    if (!(error instanceof ConditionFailedError)) throw error;
    if (error.key.pk === lock.fence.key.pk) throw new FencedError(lock.pool);
    return false;
  }
}

function versionOf(observation: Observation, nodeId: string): number {
  return observation.nodes.find(({ record }) => record.id === nodeId)?.version ?? 0;
}

/** Ends are put into the outbox in the write that notes them, and counted in it: exactly once. */
function endEvents({ ports, lock }: ApplyContext, ended: readonly RequestRecord[]): readonly Write[] {
  return outboxWrites(
    ports,
    lock.pool,
    ended.map((one) => ({
      type: 'TaskEnded',
      requestId: one.id,
      pool: lock.pool,
      tenant: one.tenant,
      state: one.state,
      reason: one.reason,
      atMs: one.endedAtMs ?? ports.clock.nowMs(),
    })),
  );
}

type Gone = Extract<Action, { kind: 'forget' }>;

/** Documents of nodes that are gone: with the document the reservation ends. */
async function forget(context: ApplyContext, gone: readonly Gone[], observation: Observation): Promise<number> {
  for (const part of inBatches(
    gone,
    ({ node: { id } }) => [[`node ${id}`, 0], [`activity ${id}`, activityBytesMax], ...outboxEntries(id, 1)],
    batchBounds,
  )) {
    if ((await forgetTogether(context, part, observation)) || part.length === 1) continue;
    for (const one of part) await forgetTogether(context, [one], observation);
  }
  return gone.length;
}

async function forgetTogether(
  context: ApplyContext,
  gone: readonly Gone[],
  observation: Observation,
): Promise<boolean> {
  const { ports, lock } = context;
  const nowMs = ports.clock.nowMs();
  const writes = [
    ...gone.flatMap(({ node, reason }): Write[] => [
      { op: 'delete', key: keys.node(lock.pool, node.id), condition: versionOf(observation, node.id) },
      activityWrite(ports, lock.pool, {
        code: 'node_terminated',
        message: `${node.id} is gone: ${reason}`,
        ...nodeFields(node),
      }),
    ]),
    ...outboxWrites(
      ports,
      lock.pool,
      gone.map(({ node, reason }) => ({
        type: 'NodeTerminated',
        nodeId: node.id,
        pool: lock.pool,
        reason,
        atMs: nowMs,
      })),
    ),
  ];
  const nodes = gone.map((one) => one.node);
  return fenced(context, writes, countGoneNodes(nodes, nowMs));
}

async function remember(context: ApplyContext, observed: Observed, memory: Observation['memory']): Promise<void> {
  try {
    await put(context.ports, { ...keys.memory(context.lock.pool), data: memory }, observed.memoryVersion ?? 'absent');
  } catch (error) {
    if (!(error instanceof ConditionFailedError)) throw error;
    context.ports.log.write('info', 'the pool memory changed meanwhile; the next round decides again', {
      pool: context.lock.pool,
    });
  }
}

/** As much of the explanations as one item of the store takes; the shapes that are left out share one. */
function fitting(why: Why, key: ItemKey): Why {
  if (jsonBytes(why) + 2_000 <= itemBytesMax) return why;
  const all = Object.entries(why.byShape);
  for (let count = all.length; ; count = Math.floor(count / 2)) {
    const left = all.length - count;
    const message =
      `${String(left)} more kinds of tasks wait in this pool than can be explained one by one; its `
      + 'activity and its limits tell what the pool lacks';
    const others: WhyEntry = { code: 'not_explained', message, nextTryAtMs: null, excluded: [] };
    const byShape = Object.assign(
      Object.create(null) as Record<string, WhyEntry>,
      Object.fromEntries(all.slice(0, count)),
    );
    const part: Why = left === 0 ? why : { ...why, byShape, others };
    if (count === 0 || sizeOf({ ...key, data: part }) <= itemBytesMax) return part;
  }
}

async function explain(context: ApplyContext, whole: Why): Promise<void> {
  const key = keys.why(context.lock.pool);
  const why = fitting(whole, key);
  await update<Why>(context.ports, key, (current) => {
    const isSame = current
      ? JSON.stringify(current.data) === JSON.stringify(why)
      : Object.keys(why.byShape).length === 0 && why.headroom === undefined && why.unseen === undefined;
    return isSame ? null : { ...key, data: why };
  });
}

async function terminate(context: ApplyContext, nodes: readonly NodeRecord[]): Promise<number> {
  const { ports, lock } = context;
  if (nodes.length === 0) return 0;
  try {
    const answer = await ports.cloud.terminate(nodes.map((node) => node.id));
    for (const id of answer.accepted) {
      await update<NodeRecord>(ports, keys.node(lock.pool, id), (current) =>
        current
          ? { ...keys.node(lock.pool, id), data: { ...current.data, terminateAcceptedAtMs: ports.clock.nowMs() } }
          : null,
      );
    }
    for (const { id, code, message } of answer.refused) {
      ports.log.write('warn', 'EC2 did not accept a termination; it is asked again', {
        pool: lock.pool,
        node: id,
        code,
        reason: message,
      });
    }
    return answer.accepted.length;
  } catch (error) {
    if (!isPassing(error)) throw error;
    ports.log.write('warn', 'terminations have no answer yet; they are asked for again', {
      pool: lock.pool,
      nodes: nodes.length,
      error,
    });
    return 0;
  }
}
