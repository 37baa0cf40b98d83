// Stops and starts warm nodes: EC2 is called for documents that are `stopping` or `starting` already, one instance to a
// call, since EC2 refuses a whole call for one of them. Either may be repeated; what came of it is in the document.
import type { Action } from '../../../core/plan/plan.ts';
import type { CostEntry } from '../../../core/costs/days.ts';
import { defaultRootVolumeGib, rootVolumeUsdPerHour } from '../../../core/catalog/root-volume.ts';
import type { NodeRecord } from '../../../core/records/node.ts';
import { stoppedAgain } from '../../../core/tasks/warm/power.ts';
import { passesByItself, shortages } from '../../../core/values/ec2-error-codes.ts';
import { CloudRefusedError, CloudUnknownError, isPassing } from '../../../ports/cloud.ts';
import { inOrder } from '../../claims/in-order.ts';
import { isTooLateToCall } from '../../coordination/lock.ts';
import { activityWrite, nodeFields } from '../../store/activity.ts';
import { costWrites } from '../../store/costs.ts';
import { keys } from '../../store/keys.ts';
import { update, updateWith } from '../../store/store-retry.ts';
import { rememberFaults } from '../launch-calls.ts';
import { forgetOldCalls } from './calls.ts';
import type { CallContext } from './calls.ts';

type PowerAction = Extract<Action, { readonly kind: 'power' }>;

const callsAtOnce = 8;
/** No call is put off for longer: a clock that was ahead decided it. */
const putOffMsMax = 60_000;

/** How many were accepted or refused: after either, another look is due. */
export async function applyPower(context: CallContext, actions: readonly PowerAction[]): Promise<number> {
  let done = 0;
  forgetOldCalls(context);
  const all = actions.flatMap(({ to, nodes }) => nodes.map((node) => ({ to, node })));
  await inOrder(
    all,
    callsAtOnce,
    ({ node }) => [node.id],
    async ({ to, node }) => {
      if (isDue(context, to, node) && (await call(context, to, node))) done += 1;
      return true;
    },
  );
  return done;
}

/** Describes lag, and what was asked for a moment ago is no news. Too late under this lock: the next holder does it. */
function isDue({ ports, settings, lock, calls }: CallContext, to: PowerAction['to'], node: NodeRecord): boolean {
  if (isTooLateToCall(ports, settings, lock)) return false;
  const putOffMs = (node.warm?.askedAtMs ?? 0) - ports.clock.nowMs();
  if (putOffMs > 0 && putOffMs <= putOffMsMax) return false;
  const key = `${to} ${node.id} ${String(node.warm?.askedAtMs)}`;
  const lastMs = calls.calledAtMs.get(key);
  const nowMs = ports.clock.monotonicMs();
  if (lastMs !== undefined && nowMs - lastMs < 2 * settings.decisions.listingBusyMs) return false;
  calls.calledAtMs.set(key, nowMs);
  return true;
}

async function call(context: CallContext, to: PowerAction['to'], node: NodeRecord): Promise<boolean> {
  const { ports, lock } = context;
  // Of one that was accepted: who stands still before this call would stop a node that has been started since.
  if (to === 'stop' && node.warm?.acceptedAtMs !== undefined && !(await noteUnheard(context, node))) return false;
  try {
    await (to === 'stop' ? ports.cloud.stop([node.id]) : ports.cloud.start([node.id]));
  } catch (error) {
    if (error instanceof CloudRefusedError) return refused(context, to, node, error);
    if (!isPassing(error)) throw error;
    ports.log.write('warn', `a ${to} has no answer yet; it is asked for again`, {
      pool: lock.pool,
      node: node.id,
      error,
    });
    if (to === 'stop') await (error instanceof CloudUnknownError ? noteUnheard : noteThrottled)(context, node);
    return false;
  }
  await note(context, node, (warm) => ({ ...warm, acceptedAtMs: ports.clock.nowMs() }));
  return true;
}

/** It may still reach EC2: until then the node is not started again. false: it is on another way by now. */
async function noteUnheard(context: CallContext, node: NodeRecord): Promise<boolean> {
  const untilMs = context.ports.clock.nowMs() + context.settings.decisions.callLifeMs;
  return note(context, node, (warm) => ({ ...warm, unheardUntilMs: Math.max(untilMs, warm.unheardUntilMs ?? 0) }));
}

/**
 * Nothing came of it. Where it was the first call, the next is as the first, and nothing is called before: so it is
 * known then that no other stop is under way, and the node may be started once it is stopped.
 */
async function noteThrottled(context: CallContext, node: NodeRecord): Promise<void> {
  const { ports, settings } = context;
  const { listingBusyMs } = settings.decisions;
  const nowMs = ports.clock.nowMs();
  await note(context, node, (warm) =>
    warm.unheardUntilMs !== undefined || Math.abs(nowMs - warm.askedAtMs) > listingBusyMs
      ? undefined
      : { ...warm, askedAtMs: nowMs + 2 * listingBusyMs },
  );
}

/** Without the fence: facts about EC2 are true no matter which tick has the lock. */
async function note(
  { ports, lock }: CallContext,
  { id, state, warm: asked }: NodeRecord,
  change: (warm: NonNullable<NodeRecord['warm']>) => NodeRecord['warm'],
): Promise<boolean> {
  const key = keys.node(lock.pool, id);
  const { isChanged } = await update<NodeRecord>(ports, key, (current) => {
    const { state: now, warm } = current?.data ?? {};
    if (!current || warm === undefined || now !== state || warm.askedAtMs !== asked?.askedAtMs) return null;
    const next = change(warm);
    return next === undefined ? null : { ...key, data: { ...current.data, warm: next } };
  });
  return isChanged;
}

/** true: the node goes another way now. */
async function refused(
  context: CallContext,
  to: PowerAction['to'],
  node: NodeRecord,
  { fault, message }: CloudRefusedError,
): Promise<boolean> {
  const { ports, settings, lock, pool } = context;
  const isShort = to === 'start' && (shortages.has(fault.code) || fault.scope === 'quota');
  if (!isShort && passesByItself(fault.code)) return false;
  ports.log.write('warn', `EC2 refused to ${to} a node`, { pool: lock.pool, node: node.id, code: fault.code, message });
  if (isShort) {
    const { instanceType, zone, capacityType } = node;
    const about = { instanceType, zone };
    await rememberFaults(ports, settings, pool, [
      { capacityType, asked: [about], launched: [], count: 1, gangs: [], faults: [{ ...fault, message, about }] },
    ]);
  }
  const key = keys.node(lock.pool, node.id);
  const nowMs = ports.clock.nowMs();
  const { isChanged } = await updateWith<NodeRecord>(ports, key, async (current) => {
    if (current?.data.state !== node.state || current.data.warm?.askedAtMs !== node.warm?.askedAtMs) return null;
    const reason = `EC2 refused to ${to} it (${fault.code}: ${message})`;
    const { node: data, costs } = isShort
      ? stoppedBy(context, current.data, nowMs)
      : going(current.data, reason, nowMs);
    const text = isShort ? `${reason}; it stays stopped, and other capacity is looked for` : `${reason}; it goes`;
    const note = { code: 'node_power_refused', message: `${data.id}: ${text}`, ...nodeFields(data) };
    return {
      item: { ...key, data },
      others: [activityWrite(ports, lock.pool, note), ...(await costWrites(ports, lock.pool, costs))],
    };
  });
  return isChanged;
}

interface Changed {
  readonly node: NodeRecord;
  readonly costs: readonly CostEntry[];
}

function stoppedBy({ settings }: CallContext, node: NodeRecord, nowMs: number): Changed {
  const usd = rootVolumeUsdPerHour(node, settings.rootVolumeGib ?? defaultRootVolumeGib);
  return stoppedAgain(node, usd, nowMs);
}

/** What cannot be stopped, or not be started, is of no use. */
function going(node: NodeRecord, reason: string, nowMs: number): Changed {
  const drain = { by: 'refused-power', reason, atMs: nowMs, deadlineMs: null } as const;
  return { node: { ...node, state: 'terminating', drain }, costs: [] };
}
