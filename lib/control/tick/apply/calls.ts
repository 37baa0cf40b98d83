// Makes the calls of a plan, for claims and for nodes: after the writes that they rest on, and again after a pause.
import type { ClaimListing } from '../../../core/plan/listing.ts';
import type { ClaimCall } from '../../../core/plan/claim-call.ts';
import { callKey, callResources } from '../../../core/plan/claim-call.ts';
import type { CallAction } from '../../../core/plan/plan.ts';
import type { NodeRecord } from '../../../core/records/node.ts';
import { isPassing } from '../../../ports/cloud.ts';
import { ConditionFailedError } from '../../../ports/store.ts';
import { makeCall } from '../../claims/calls.ts';
import { inOrder } from '../../claims/in-order.ts';
import { ReleasePauses } from '../../claims/release-pauses.ts';
import { isTooLateToCall } from '../../coordination/lock.ts';
import { keys } from '../../store/keys.ts';
import { update } from '../../store/store-retry.ts';
import type { LaunchContext } from '../launch-kind.ts';

/** Which calls one process made when. Losing it costs calls, never correctness. */
export class CallMemory {
  readonly calledAtMs = new Map<string, number>();
  readonly pauses = new ReleasePauses();
}

export interface CallContext extends LaunchContext {
  readonly calls: CallMemory;
  /** Of this round; null: EC2 could not be listed. */
  readonly listing: ClaimListing | null;
}

const callsAtOnce = 8;
const forgetCallsAfterMs = 600_000;

/** Those whose time has come, and whose records are written. Answers how many were made. */
export async function applyCalls(
  context: CallContext,
  actions: readonly CallAction[],
  unwritten: ReadonlySet<string>,
): Promise<number> {
  const { ports, calls, listing } = context;
  const due = actions
    .filter((one) => !one.restsOn.some((key) => unwritten.has(key)))
    .map((one) => withoutFailed(one.call, unwritten))
    .filter(
      (call) => isCallDue(context, call) && calls.pauses.untilMs(call, listing, ports.clock.monotonicMs()) === null,
    );
  return makeCalls(context, due);
}

/** Only what the store has as releasing is ended. */
function withoutFailed(call: ClaimCall, failed: ReadonlySet<string>): ClaimCall {
  return call.kind === 'terminate'
    ? { ...call, machines: call.machines.filter((one) => !failed.has(`claim ${one.request}`)) }
    : call;
}

/** Calls are repeated with a pause: describes lag, and what was asked for a moment ago is no news. */
function isCallDue({ ports, settings, calls }: CallContext, call: ClaimCall): boolean {
  if (call.kind === 'terminate' && call.machines.length === 0) return false;
  const lastMs = calls.calledAtMs.get(callKey(call));
  return lastMs === undefined || ports.clock.monotonicMs() - lastMs >= 2 * settings.decisions.listingBusyMs;
}

function isOfRules({ kind }: ClaimCall): boolean {
  return kind === 'authorize' || kind === 'revoke' || kind === 'create-group';
}

export function forgetOldCalls({ ports, calls: { calledAtMs } }: Pick<CallContext, 'ports' | 'calls'>): void {
  const nowMs = ports.clock.monotonicMs();
  for (const [key, atMs] of calledAtMs) if (nowMs - atMs > forgetCallsAfterMs) calledAtMs.delete(key);
}

async function makeCalls(context: CallContext, calls: readonly ClaimCall[]): Promise<number> {
  const { ports, settings, lock, calls: memory } = context;
  if (calls.length === 0) return 0;
  forgetOldCalls(context);
  let made = 0;
  await inOrder(calls, callsAtOnce, callResources, async (call) => {
    // Too late under this lock: the next holder finds it to be done still.
    if (isTooLateToCall(ports, settings, lock)) return false;
    memory.calledAtMs.set(callKey(call), ports.clock.monotonicMs());
    try {
      const isMade = await makeCall(context, call, memory.pauses);
      if (isMade) made += 1;
      // Rules make room for each other: without the first the second would be refused. Other calls stand alone.
      return isMade || !isOfRules(call);
    } catch (error) {
      if (error instanceof ConditionFailedError) return true; // another tick noted something about it first
      if (!isPassing(error)) throw error;
      ports.log.write('warn', 'a call has no answer yet; what it was for is looked up', {
        pool: lock.pool,
        call: callKey(call),
        error,
      });
      return !isOfRules(call);
    }
  });
  return made;
}

export async function terminate(context: CallContext, nodes: readonly NodeRecord[]): Promise<number> {
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
