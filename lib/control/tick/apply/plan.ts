// The edge obeys: every action of a plan, of tasks or of claims, becomes conditional writes and calls. A write that
// lost to somebody else is left to the next round, which looks again; a raised fence ends the tick.
import type { LaunchAction } from '../../../core/plan/launches.ts';
import type { Action, Change, Plan } from '../../../core/plan/plan.ts';
import { isNodeLaunch } from '../../../core/records/launch.ts';
import { keys } from '../../store/keys.ts';
import { isTimeToLaunch } from '../../coordination/lock.ts';
import { applyLaunches } from '../launch-calls.ts';
import type { WriteTroubles } from '../write-troubles.ts';
import { SetAside } from '../write-troubles.ts';
import type { CallContext } from './calls.ts';
import { applyCalls, terminate } from './calls.ts';
import { applyChanges } from './changes.ts';
import { explain, remember } from './memory.ts';
import { applyPower } from './power.ts';
import type { Versions } from './records.ts';

export interface ApplyContext extends CallContext {
  readonly troubles: WriteTroubles;
}

/** How many actions had an effect or lost to somebody else: after either, another look is due. */
export interface Applied {
  readonly changes: number;
  /** Of nodes and of machines. */
  readonly launches: number;
  /** Of nodes. */
  readonly terminations: number;
  /** For claims. */
  readonly calls: number;
}

/**
 * `versions`: of the records that the decision read. Tasks are placed first; once that takes long, nodes are bought
 * before the rest is written, so that EC2 is called while the lock is ours for sure. @throws FencedError
 */
export async function applyPlan(context: ApplyContext, versions: Versions, plan: Plan): Promise<Applied> {
  const of = <K extends Action['kind']>(kind: K): Extract<Action, { kind: K }>[] =>
    plan.actions.filter((one): one is Extract<Action, { kind: K }> => one.kind === kind);
  const isForgetting = (change: Change): boolean => change.what === 'forget';
  const changes = of('change');
  const setAside = new SetAside(context);
  const remembering = once(async () => {
    for (const { memory } of of('remember'))
      await setAside.unlessDefect('the memory', [keys.memory(context.lock.pool).sk], () =>
        remember(context, versions, memory),
      );
  });
  const [ofNodes, ofMachines] = divided([...of('settle'), ...of('launch')], isOfNodes);
  const launching = once(async () => {
    // What EC2 answers is remembered on top of what was decided.
    await remembering();
    return applyLaunches(context, setAside, ofNodes);
  });
  const written = await applyChanges(
    context,
    versions,
    changes.filter((one) => !isForgetting(one)),
    async () => {
      if (isTimeToLaunch(context.ports, context.settings, context.lock)) await launching();
    },
  );
  // Before what it was learnt from goes.
  await remembering();
  const forgotten = await applyChanges(context, versions, changes.filter(isForgetting));
  for (const { why } of of('explain'))
    await setAside.unlessDefect('the explanation', [keys.why(context.lock.pool).sk], () => explain(context, why));
  const launched = await launching();
  const rested = ofMachines.filter((one) => restsOnWritten(one, written.unwritten));
  const machines = await applyLaunches(context, setAside, rested);
  const nodes = of('terminate').flatMap((one) => one.nodes);
  const terminations = await terminate(context, nodes);
  const power = await applyPower(context, of('power'));
  const calls = await applyCalls(context, of('call'), written.unwritten);
  // Only now: what a bell takes long for keeps nothing waiting but the end of this round.
  await written.rung();
  return { changes: written.count + forgotten.count + power, launches: launched + machines, terminations, calls };
}

/** However often it is called, `work` is done once. */
function once<T>(work: () => Promise<T>): () => Promise<T> {
  let begun: Promise<T> | null = null;
  return () => (begun ??= work());
}

function divided<T>(all: readonly T[], isFirst: (one: T) => boolean): readonly [T[], T[]] {
  return [all.filter(isFirst), all.filter((one) => !isFirst(one))];
}

/** New launches of nodes, and all open ones: they rest on nothing that this plan writes. */
function isOfNodes(action: LaunchAction): boolean {
  return action.kind === 'settle' || isNodeLaunch(action.launch);
}

/** Nothing is bought for a request whose record could not be written: it may be cancelled. */
function restsOnWritten(action: LaunchAction, failed: ReadonlySet<string>): boolean {
  if (action.kind === 'settle' || isNodeLaunch(action.launch)) return true;
  return action.launch.members.every((one) => !failed.has(`claim ${one.request}`));
}
