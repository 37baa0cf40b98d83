// Target groups in memory, as Elastic Load Balancing shows them: what is registered is checked for a while before it is
// healthy, and what is deregistered drains before it is gone. For tests and for the fault simulator.
import type { TargetHealth } from '../../core/services/targets/record.ts';
import { targetKey, targetOf } from '../../core/services/targets/record.ts';
import { assert } from '../../core/values/errors.ts';
import type { TargetAddress, TargetGroupDescription, TargetGroups } from '../../ports/ec2/target-groups.ts';
import { TargetGroupError, targetsPerCallMax } from '../../ports/ec2/target-groups.ts';

export interface SimulatedGroupOptions {
  readonly type: TargetGroupDescription['type'];
  readonly delayMs: number;
  /** From its registration until a target is healthy. */
  readonly initialMs: number;
}

interface Registration {
  readonly atMs: number;
  /** null: it is registered. */
  readonly drainingSinceMs: number | null;
}

interface Group extends SimulatedGroupOptions {
  readonly registrations: Map<string, Registration>;
}

export class SimulatedTargetGroups implements TargetGroups {
  readonly #clock: { nowMs(): number };
  readonly #groups = new Map<string, Group>();
  /** Calls that were made, in order. */
  readonly calls: string[] = [];
  /** What the group finds of a target that was registered for long enough. */
  healthOf: (arn: string, target: TargetAddress) => TargetHealth = () => ({ state: 'healthy', reason: null });
  /** A target that cannot be registered: throws a TargetGroupError. */
  refuse: (arn: string, target: TargetAddress) => void = () => {};

  constructor(clock: { nowMs(): number }) {
    this.#clock = clock;
  }

  create(arn: string, options: Partial<SimulatedGroupOptions> = {}): void {
    this.#groups.set(arn, { type: 'ip', delayMs: 0, initialMs: 0, ...options, registrations: new Map() });
  }

  remove(arn: string): void {
    this.#groups.delete(arn);
  }

  /** What is registered and does not drain, in order. */
  registered(arn: string): readonly string[] {
    return [...this.#group(arn).registrations]
      .filter(([, one]) => one.drainingSinceMs === null)
      .map(([key]) => key)
      .sort();
  }

  async describe(arn: string): Promise<TargetGroupDescription> {
    this.calls.push('describe');
    const { type, delayMs } = this.#group(arn);
    return { kind: type === 'ip' || type === 'instance' ? type : null, type, delayMs };
  }

  async register(arn: string, targets: readonly TargetAddress[]): Promise<void> {
    this.#note('register', targets);
    const { registrations } = this.#group(arn);
    for (const target of targets) this.refuse(arn, target);
    for (const { id, port } of targets) {
      const key = targetKey(id, port);
      const before = registrations.get(key);
      if (before === undefined || before.drainingSinceMs !== null)
        registrations.set(key, { atMs: this.#clock.nowMs(), drainingSinceMs: null });
    }
  }

  async deregister(arn: string, targets: readonly TargetAddress[]): Promise<void> {
    this.#note('deregister', targets);
    const { registrations } = this.#group(arn);
    for (const { id, port } of targets) {
      const before = registrations.get(targetKey(id, port));
      if (before?.drainingSinceMs === null)
        registrations.set(targetKey(id, port), { ...before, drainingSinceMs: this.#clock.nowMs() });
    }
  }

  async health(arn: string): Promise<readonly (TargetAddress & { readonly health: TargetHealth })[]> {
    this.calls.push('health');
    const group = this.#group(arn);
    const nowMs = this.#clock.nowMs();
    for (const [key, { drainingSinceMs }] of group.registrations)
      if (drainingSinceMs !== null && nowMs - drainingSinceMs >= group.delayMs) group.registrations.delete(key);
    return [...group.registrations].map(([key, one]) => {
      const target = targetOf(key);
      return { ...target, health: this.#healthNow(arn, target, one, nowMs - one.atMs < group.initialMs) };
    });
  }

  #healthNow(arn: string, target: TargetAddress, one: Registration, isNew: boolean): TargetHealth {
    if (one.drainingSinceMs !== null) return { state: 'draining', reason: 'Target.DeregistrationInProgress' };
    return isNew ? { state: 'initial', reason: 'Elb.InitialHealthChecking' } : this.healthOf(arn, target);
  }

  #note(call: string, targets: readonly TargetAddress[]): void {
    assert(targets.length > 0 && targets.length <= targetsPerCallMax, 'a call has some targets, and not too many');
    this.calls.push(`${call} ${String(targets.length)}`);
  }

  #group(arn: string): Group {
    const group = this.#groups.get(arn);
    if (group === undefined) throw new TargetGroupError('missing', `there is no target group ${arn}`);
    return group;
  }
}
