// The edge obeys: every action of a plan becomes conditional writes and calls. A write that lost to somebody
// else is left to the next round, which looks again; a raised fence ends the tick.
import type { NodeRecord } from '../../../core/records/node.ts';
import type { Observation } from '../../../core/plan/observation.ts';
import { batchBounds, inBatches } from '../../../core/plan/bounds.ts';
import { jsonBytes } from '../../../core/values/json-bytes.ts';
import type { Action, Plan, Why, WhyEntry } from '../../../core/plan/plan.ts';
import { isPassing } from '../../../ports/cloud.ts';
import type { ItemKey, Write } from '../../../ports/store.ts';
import { ConditionFailedError, itemBytesMax } from '../../../ports/store.ts';
import { activityWrite, nodeFields } from '../../store/activity.ts';
import { keys } from '../../store/keys.ts';
import { countGoneNodes } from '../../store/totals.ts';
import { applyLaunches } from '../launch-calls.ts';
import type { LaunchContext } from '../launch-kind.ts';
import type { Observed } from '../observe.ts';
import { outboxEntries, outboxWrites } from '../outbox.ts';
import { sizeOf } from '../../requests/record-size.ts';
import { SetAside } from '../write-troubles.ts';
import type { WriteTroubles } from '../write-troubles.ts';
import { activityBytesMax, applyChanges, fenced } from './changes.ts';
import { Versions } from './records.ts';
import { put, update } from '../../store/store-retry.ts';

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
  let done = (await applyChanges(context, Versions.ofTasks(observed.observation), of('change'))).count;
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

function versionOf(observation: Observation, nodeId: string): number {
  return observation.nodes.find(({ record }) => record.id === nodeId)?.version ?? 0;
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
