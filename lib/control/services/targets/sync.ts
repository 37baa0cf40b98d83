// Target groups follow their services: at the end of a tick, when its decisions are stored, what serves is registered,
// what shall go is deregistered, and now and then the groups are asked for the health that they see. What a call may
// change is written before it (lib/core/services/targets/record.ts).
import type { Observation } from '../../../core/plan/observation.ts';
import type { ServiceEvent, ServiceRecord } from '../../../core/services/record.ts';
import { withEvents } from '../../../core/services/record.ts';
import {
  accessDenied,
  afterCall,
  afterDescription,
  afterFailure,
  afterLook,
  deniedKeptMs,
  inState,
} from '../../../core/services/targets/moves.ts';
import type { GroupPlan } from '../../../core/services/targets/plan.ts';
import { planTargets } from '../../../core/services/targets/plan.ts';
import type { GroupTargets, TargetCall } from '../../../core/services/targets/record.ts';
import { targetKey, targetOf } from '../../../core/services/targets/record.ts';
import { groupName } from '../../../core/services/targets/serving.ts';
import { assert } from '../../../core/values/errors.ts';
import type { Write } from '../../../ports/store.ts';
import type { TargetAddress, TargetGroups } from '../../../ports/ec2/target-groups.ts';
import { TargetGroupError, targetsPerCallMax } from '../../../ports/ec2/target-groups.ts';
import type { TickLock } from '../../coordination/lock.ts';
import { isTooLateToCall, withFence } from '../../coordination/lock.ts';
import type { ControlPorts, ControlSettings } from '../../ports.ts';
import { activityWrite } from '../../store/activity.ts';
import { keys } from '../../store/keys.ts';
import { reading, transact } from '../../store/store-retry.ts';

/** Of one tick; what is left is due in the next one. */
export const targetCallsMax = 50;
/** One target that cannot be registered keeps the others waiting for no longer. */
const invalidWaitMsMax = 30_000;

export interface TargetsContext {
  readonly ports: ControlPorts;
  readonly settings: ControlSettings;
  readonly lock: TickLock;
}

export interface TargetsSynced {
  /** Records that changed: what is decided may change with them. */
  readonly changes: number;
  /** null: nothing is due before something happens. */
  readonly nextDueAtMs: number | null;
}

/** @throws FencedError, and what is no passing trouble of the store; what a group refuses is shown of its service */
export async function syncTargets(context: TargetsContext, seen: Observation): Promise<TargetsSynced> {
  const { targetGroups } = context.ports;
  if (targetGroups === undefined) return { changes: 0, nextDueAtMs: null };
  const plans = planTargets(seen);
  const calls = new Calls(context, targetGroups);
  let changes = 0;
  let nextDueAtMs = Infinity;
  for (const plan of plans) {
    if (await new GroupSync(context, calls, plan).run()) changes += 1;
    nextDueAtMs = Math.min(nextDueAtMs, plan.nextDueAtMs);
  }
  return { changes, nextDueAtMs: nextDueAtMs === Infinity ? null : Math.max(nextDueAtMs, seen.nowMs + 1_000) };
}

/** Calls of one tick, within its bounds. */
class Calls {
  readonly #context: TargetsContext;
  readonly groups: TargetGroups;
  #left = targetCallsMax;

  constructor(context: TargetsContext, groups: TargetGroups) {
    this.#context = context;
    this.groups = groups;
  }

  /** false: nothing may be called any more. */
  take(): boolean {
    const { ports, settings, lock } = this.#context;
    if (this.#left <= 0 || isTooLateToCall(ports, settings, lock)) return false;
    this.#left -= 1;
    return true;
  }

  /** Where one call got no answer, or was one too many, the next one does not fare better. */
  end(): void {
    this.#left = 0;
  }
}

class GroupSync {
  readonly #context: TargetsContext;
  readonly #calls: Calls;
  readonly #plan: GroupPlan;
  #stored: GroupTargets | null;
  #version: number | null;
  #now: GroupTargets;

  constructor(context: TargetsContext, calls: Calls, plan: GroupPlan) {
    const now = plan.record ?? plan.before;
    assert(now !== null, 'a target group is planned for nobody');
    this.#context = context;
    this.#calls = calls;
    this.#plan = plan;
    this.#stored = plan.before;
    this.#version = plan.version;
    this.#now = now;
  }

  /** Answers whether its record has changed. */
  async run(): Promise<boolean> {
    const { record, due } = this.#plan;
    if (record === null) return this.#forget();
    // Before the calls: whatever becomes of them, the next tick knows what may be registered.
    if (!(await this.#write())) return false;
    if (due.includes('describe')) await this.#try('describe', () => this.#describe());
    if (due.includes('deregister')) await this.#deregister();
    if (due.includes('register')) await this.#register(inState(this.#now, 'adding'));
    if (due.includes('health')) await this.#try('health', () => this.#look());
    await this.#write();
    return this.#stored !== this.#plan.before;
  }

  async #describe(): Promise<void> {
    const { arn } = this.#now;
    const { kind, type, delayMs } = await this.#calls.groups.describe(arn);
    if (kind === null)
      throw new TargetGroupError(
        'refused',
        `target group ${groupName(arn)} has the target type ${type}; make one of the type ip or instance, and name `
          + 'that',
      );
    this.#now = afterDescription(this.#now, { kind, delayMs, atMs: this.#nowMs() });
  }

  async #deregister(): Promise<void> {
    const { shared } = this.#plan;
    const all = inState(this.#now, 'removing');
    if (shared.size > 0)
      this.#now = afterCall(
        this.#now,
        'deregister',
        all.filter((key) => shared.has(key)),
        this.#nowMs(),
      );
    const wanted = all.filter((key) => !shared.has(key));
    await this.#inBatches('deregister', wanted, async (targets) => {
      try {
        await this.#calls.groups.deregister(this.#now.arn, targets);
      } catch (error) {
        // What cannot be a target is none; a later look sees whether it is.
        if (!isInvalidTarget(error) || targets.length > 1) throw error;
      }
    });
  }

  async #register(wanted: readonly string[]): Promise<void> {
    await this.#inBatches('register', wanted, (targets) => this.#calls.groups.register(this.#now.arn, targets));
  }

  /** A batch that is refused for one of its targets, or for how many there are, is halved until it is known which. */
  async #inBatches(
    call: 'register' | 'deregister',
    wanted: readonly string[],
    make: (targets: readonly TargetAddress[]) => Promise<void>,
  ): Promise<void> {
    const batches = [...batchesOf(wanted)];
    for (let batch = batches.shift(); batch !== undefined; batch = batches.shift()) {
      const some = batch;
      const isDone = await this.#try(call, async () => {
        try {
          await make(some.map(targetOf));
        } catch (error) {
          if (!isOfSome(error) || some.length === 1) throw error;
          const half = Math.ceil(some.length / 2);
          batches.unshift(some.slice(0, half), some.slice(half));
          return;
        }
        this.#now = afterCall(this.#now, call, some, this.#nowMs());
      });
      if (!isDone && this.#now.troubles[call]?.code !== 'target_group_invalid_target') return;
    }
  }

  async #look(): Promise<void> {
    const listed = await this.#calls.groups.health(this.#now.arn);
    const seen = new Map(listed.map(({ id, port, health }) => [targetKey(id, port), health]));
    this.#now = afterLook(this.#now, seen, this.#nowMs());
  }

  /** false: it failed, which is noted, or there is no room for another call in this tick. */
  async #try(call: TargetCall, make: () => Promise<void>): Promise<boolean> {
    if (!this.#calls.take()) return false;
    try {
      await make();
      return true;
    } catch (error) {
      if (!(error instanceof TargetGroupError)) throw error;
      const { fault, code, message } = error;
      if (fault === 'no_answer' || fault === 'throttled') this.#calls.end();
      // With a group that is no more nothing is registered.
      if (fault === 'missing' && call === 'deregister')
        this.#now = afterCall(this.#now, call, inState(this.#now, 'removing'), this.#nowMs());
      if (fault === 'missing' && call === 'health') this.#now = afterLook(this.#now, new Map(), this.#nowMs());
      const waitMsMost = fault === 'invalid_target' ? invalidWaitMsMax : undefined;
      this.#now = afterFailure(this.#now, call, { code, message }, this.#nowMs(), waitMsMost);
      return false;
    }
  }

  /** false: somebody else's write stood in the way, and the next round sees it. @throws FencedError */
  async #write(): Promise<boolean> {
    const { ports, lock } = this.#context;
    if (this.#now === this.#stored) return true;
    const events = troublesOf(this.#stored, this.#now, this.#nowMs());
    const noted = [...(events.length === 0 ? [] : await this.#noted(events)), ...this.#forOperators()];
    const item = { ...keys.targets(this.#now), data: this.#now };
    const isWritten = await withFence(lock, (fence) =>
      transact(ports, [fence, { op: 'put', item, condition: this.#version ?? 'absent' }, ...noted]),
    );
    if (!isWritten) return false;
    const stored = await reading(ports, () => ports.store.get<GroupTargets>(item));
    assert(stored !== null, `the record of target group ${this.#now.arn} is gone`);
    this.#version = stored.version;
    this.#stored = this.#now;
    return true;
  }

  /** Read anew: other groups of the service may have written there. */
  async #noted(events: readonly ServiceEvent[]): Promise<readonly Write[]> {
    const { ports, lock } = this.#context;
    const { service } = this.#plan;
    for (const { code, message } of events) ports.log.write('warn', message, { pool: lock.pool, code });
    if (service === null) return [];
    const key = keys.service(service);
    const item = await reading(ports, () => ports.store.get<ServiceRecord>(key));
    if (item === null || item.data.id !== service.id || item.data.quarantine !== undefined) return [];
    return [{ op: 'put', item: { ...key, data: withEvents(item.data, events) }, condition: item.version }];
  }

  async #forget(): Promise<boolean> {
    const { before } = this.#plan;
    const version = this.#version;
    if (before === null || version === null) return false;
    const { ports, lock } = this.#context;
    return withFence(lock, (fence) =>
      transact(ports, [
        fence,
        { op: 'delete', key: keys.targets(before), condition: version },
        ...this.#forOperators(),
      ]),
    );
  }

  /** In the pool's activity, once: what is not deregistered since nobody may, and what is given up for that. */
  #forOperators(): readonly Write[] {
    const { ports, lock } = this.#context;
    const { givenUp, before } = this.#plan;
    const { deregister } = this.#now.troubles;
    const wasDenied = this.#stored?.troubles.deregister?.code === accessDenied;
    const messages = [
      ...(deregister?.code === accessDenied && !wasDenied ? [deniedText(this.#now, deregister.message)] : []),
      // Written with the first write of this tick that has them no more.
      ...(givenUp.length > 0 && this.#stored === before ? [givenUpText(this.#now, givenUp)] : []),
    ];
    return messages.map((message) => activityWrite(ports, lock.pool, { code: accessDenied, message }));
  }

  #nowMs(): number {
    return this.#context.ports.clock.nowMs();
  }
}

function isInvalidTarget(error: unknown): boolean {
  return error instanceof TargetGroupError && error.fault === 'invalid_target';
}

/** Fewer of the same targets may be taken. */
function isOfSome(error: unknown): boolean {
  return isInvalidTarget(error) || (error instanceof TargetGroupError && error.fault === 'too_many_targets');
}

function* batchesOf(all: readonly string[]): Iterable<readonly string[]> {
  for (let at = 0; at < all.length; at += targetsPerCallMax) yield all.slice(at, at + targetsPerCallMax);
}

/** Targets that are named in a line of the pool's activity. */
const namedMax = 10;

function deniedText(record: GroupTargets, message: string): string {
  const { tenant, name } = record;
  return (
    `targets of service ${name} of ${tenant} that are to go stay registered: ${message}. A service that is deleted `
    + `waits for that for ${String(deniedKeptMs / 3_600_000)} hours, and then goes without.`
  );
}

function givenUpText({ tenant, name, arn }: GroupTargets, keys: readonly string[]): string {
  const shown = keys.slice(0, namedMax).map(targetOf);
  const rest = keys.length > namedMax ? `, and ${String(keys.length - namedMax)} more` : '';
  const ids = shown.map(({ id, port }) => `Id=${id},Port=${String(port)}`).join(' ');
  return (
    `service ${name} of ${tenant} went, and ${String(keys.length)} of its targets stay registered, as nobody may `
    + `deregister them: aws elbv2 deregister-targets --target-group-arn ${arn} --targets ${ids}${rest}`
  );
}

/** What went wrong, and what goes well again, each once. */
function troublesOf(before: GroupTargets | null, after: GroupTargets, nowMs: number): readonly ServiceEvent[] {
  const kinds: readonly TargetCall[] = ['describe', 'register', 'deregister', 'health'];
  const events: ServiceEvent[] = [];
  for (const kind of kinds) {
    const [was, is] = [before?.troubles[kind], after.troubles[kind]];
    if (is !== undefined && was?.code !== is.code) events.push({ atMs: nowMs, code: is.code, message: is.message });
    if (is === undefined && was !== undefined)
      events.push({
        atMs: nowMs,
        code: 'target_group_works',
        message: `calls of target group ${groupName(after.arn)} work again`,
      });
  }
  return events;
}
