// The simulated cloud: a synchronous model of EC2 for one account and region. It has no timers: whoever
// owns time asks it with a later clock, and everything that was due by then happens first, in order.
import { assert } from '../../../core/values/errors.ts';
import type { CapacityType } from '../../../core/values/offering.ts';
import type { InstanceState, LaunchFault } from '../../../ports/cloud.ts';
import { Capacity } from './market/capacity.ts';
import { Ec2Error, instancesNotFound, requestLimitExceeded } from './errors.ts';
import type { CloudEvent } from './events.ts';
import { Faults } from './faults.ts';
import type { Wanted } from './collections/instance-index.ts';
import { isAlive, presentOf, shownOf } from './instances.ts';
import type { InstanceRecord, StateReason, Transition } from './instances.ts';
import { decideLaunch } from './market/launching.ts';
import type { LaunchCall, Supply } from './market/launching.ts';
import { VcpuUsage } from './market/limits.ts';
import { Lives, spentUsdOf } from './lives.ts';
import type { CloudObserver } from './lives.ts';
import { cloudOptionsSchema } from './options.ts';
import type { CloudOptions, CloudOptionsInput } from './options.ts';
import { Prices } from './market/prices.ts';
import { SeededRandom } from './random.ts';
import { catalogTypes } from './market/types.ts';
import type { InstanceTypes } from './market/types.ts';
import type { CloudScalars, CloudState, CloudStorage, TokenRecord } from './storage.ts';
import { Throttles } from './throttle.ts';

export interface CloudSetup {
  readonly clock: { nowMs(): number };
  readonly options?: CloudOptionsInput;
  readonly storage?: CloudStorage;
  /** Of the region, for what EC2 says of those that have nothing left; absent: it says nothing of them. */
  readonly zones?: readonly string[];
  /** Absent: those of the packaged catalog. */
  readonly types?: InstanceTypes;
  /** Notified of every change of state at its own time, before anybody can ask: for what hangs on instances. */
  readonly observer?: CloudObserver;
}

export interface LaunchOutcome {
  readonly instances: readonly InstanceRecord[];
  /** Of this answer; on a replay also those that are forgotten by now. */
  readonly instanceIds: readonly string[];
  readonly faults: readonly LaunchFault[];
  readonly isReplay: boolean;
  /** The fleet's or the reservation's number, the same on a replay. */
  readonly answerId: string;
}

/** An instance, and the state of it that describe shows. */
export interface ShownRecord {
  readonly instance: InstanceRecord;
  readonly shown: Transition;
}

/** The truth about one instance, which describe shows late or not at all. For checkers. */
export interface InstanceTruth {
  readonly id: string;
  readonly token: string | null;
  readonly instanceType: string;
  readonly zone: string;
  readonly capacityType: CapacityType;
  readonly state: InstanceState;
  readonly launchedAtMs: number;
  readonly tags: Readonly<Record<string, string>>;
  readonly isVisible: boolean;
  readonly boots: boolean;
  /** When EC2 will take it (the notice was given); null without a notice. */
  readonly reclaimAtMs: number | null;
  readonly spentUsd: number;
}

const userInitiated: StateReason = {
  code: 'Client.UserInitiatedShutdown',
  message: 'Client.UserInitiatedShutdown: User initiated shutdown',
};

export class SimulatedCloud {
  readonly options: CloudOptions;
  readonly faults = new Faults();
  readonly prices: Prices;
  readonly types: InstanceTypes;
  readonly throttles: Throttles;
  readonly capacity: Capacity;
  readonly random: SeededRandom;
  private readonly vcpuLimits: Readonly<Record<CapacityType, Map<string, number>>>;
  private readonly clock: { nowMs(): number };
  private readonly storage: CloudStorage | null;
  private readonly lives: Lives;
  private readonly zones: readonly string[];
  private readonly tokens = new Map<string, TokenRecord>();
  private readonly vcpuUsage = new VcpuUsage();
  private changedTokens: TokenRecord[] = [];
  private asOfMs: number;

  constructor(setup: CloudSetup) {
    this.clock = setup.clock;
    this.options = cloudOptionsSchema.parse(setup.options ?? {});
    this.storage = setup.storage ?? null;
    this.zones = setup.zones ?? [];
    const { options } = this;
    const stored = this.storage?.load();
    this.asOfMs = stored?.scalars?.asOfMs ?? setup.clock.nowMs();
    this.random = new SeededRandom(stored?.scalars?.random ?? options.seed);
    this.vcpuLimits = {
      'on-demand': new Map(Object.entries(options.vcpuLimits['on-demand'])),
      spot: new Map(Object.entries(options.vcpuLimits.spot)),
    };
    this.types = setup.types ?? catalogTypes;
    this.prices = new Prices(options.seed, options.spotPriceVariation, this.types);
    this.throttles = new Throttles(options.throttles);
    this.capacity = new Capacity(
      options.seed,
      { full: options.capacityPerOffering, refillPerMinute: options.capacityRefillPerMinute },
      this.asOfMs,
    );
    this.lives = new Lives({
      options,
      random: this.random,
      capacity: this.capacity,
      vcpuUsage: this.vcpuUsage,
      types: this.types,
      observer: setup.observer ?? null,
      keepsForgotten: this.storage !== null,
    });
    if (stored) this.restore(stored);
    this.advance();
    this.commit();
  }

  // ---- what EC2's callers may do -------------------------------------------------------------------

  /**
   * Launches, or repeats the answer of the call that used the token before.
   * @throws Ec2Error as EC2 does: the token errors, and the first fault of a call that fails below its minimum
   */
  launch(call: LaunchCall): LaunchOutcome {
    const nowMs = this.advance();
    const replay = this.replayOf(call);
    if (replay) return replay;
    const key = call.token === null ? null : `${call.tokenScope}/${call.token}`;
    const decision = decideLaunch(call, this.supply(nowMs));
    const answerId = this.random.hex(17);
    const instances = this.lives.create(call, decision.grants, answerId, nowMs);
    const [fault] = decision.faults;
    const error =
      call.failsBelowMinimum === true && instances.length < call.minCount && fault
        ? {
            code: fault.code,
            message: fault.message,
            httpStatus: fault.code === 'InsufficientInstanceCapacity' ? 500 : 400,
          }
        : null;
    const instanceIds = instances.map((instance) => instance.id);
    if (key !== null && call.token !== null) {
      const record: TokenRecord = {
        key,
        token: call.token,
        parameters: call.parameters,
        usedAtMs: nowMs,
        instanceIds,
        faults: decision.faults,
        error,
        answerId,
      };
      this.tokens.set(key, record);
      this.changedTokens.push(record);
    }
    // Durable before it is answered: a caller that heard an answer may rely on it whatever is killed next.
    this.commit();
    if (error) throw new Ec2Error(error.code, error.message, error.httpStatus);
    return { instances, instanceIds, faults: decision.faults, isReplay: false, answerId };
  }

  /** What describe shows now: instances with all these tags, each with the state that has become visible. */
  describe(tags: Readonly<Record<string, string>>): ShownRecord[] {
    const nowMs = this.advance();
    this.commit();
    const found: ShownRecord[] = [];
    for (const instance of this.lives.index.allWithTags(tags)) {
      const shown = shownOf(instance, nowMs);
      if (shown) found.push({ instance, shown });
    }
    return found;
  }

  /** The same, behind that serial number, as far as the caller reads; states and types only narrow the search. */
  *shownAfter(serial: number, wanted: Wanted): Generator<ShownRecord> {
    const nowMs = this.advance();
    this.commit();
    for (const instance of this.lives.index.walk(wanted, serial, nowMs)) {
      const shown = shownOf(instance, nowMs);
      if (shown) yield { instance, shown };
    }
  }

  /**
   * Ends instances as TerminateInstances does: one unknown id and none is ended; a protected instance
   * keeps those of its zone alive, and those of other zones end. @throws Ec2Error
   */
  terminate(ids: readonly string[]): readonly { readonly instance: InstanceRecord; readonly before: InstanceState }[] {
    const nowMs = this.advance();
    const unknown: string[] = [];
    const instances: InstanceRecord[] = [];
    for (const id of new Set(ids)) {
      const instance = this.lives.index.get(id);
      // What describe does not show yet, TerminateInstances does not know yet either.
      if (instance && shownOf(instance, nowMs)) instances.push(instance);
      else unknown.push(id);
    }
    if (unknown.length > 0) throw instancesNotFound(unknown);
    const guarded = instances.find((instance) => instance.isTerminationProtected && isAlive(instance));
    const blockedZones = new Set(
      instances
        .filter((instance) => instance.isTerminationProtected && isAlive(instance))
        .map((instance) => instance.zone),
    );
    const ended = instances
      .filter((instance) => !blockedZones.has(instance.zone))
      .map((instance) => {
        const before = presentOf(instance).state;
        this.lives.end(instance, nowMs, userInitiated);
        return { instance, before };
      });
    this.commit();
    if (guarded) {
      throw new Ec2Error(
        'OperationNotPermitted',
        `The instance '${guarded.id}' may not be terminated. Modify its 'disableApiTermination' instance `
          + 'attribute and try again.',
      );
    }
    return ended;
  }

  /** Ends those of them that are not over, shown or not: what EC2 does by itself for fleets and requests. */
  end(ids: readonly string[]): void {
    const nowMs = this.advance();
    for (const id of ids) {
      const instance = this.lives.index.get(id);
      if (instance) this.lives.end(instance, nowMs, userInitiated);
    }
    this.commit();
  }

  /** Lets everything happen that is due by now. */
  catchUp(): void {
    this.advance();
    this.commit();
  }

  /** The record of an instance that describe shows now; null where it shows none. */
  shown(id: string): ShownRecord | null {
    const nowMs = this.advance();
    const instance = this.lives.index.get(id);
    const shown = instance ? shownOf(instance, nowMs) : null;
    return instance && shown ? { instance, shown } : null;
  }

  /** The record itself, shown or not. */
  record(id: string): InstanceRecord | undefined {
    this.advance();
    return this.lives.index.get(id);
  }

  /** Every record that is not forgotten. */
  records(): readonly InstanceRecord[] {
    this.advance();
    return [...this.lives.index.all()];
  }

  setTags(instance: InstanceRecord, tags: Readonly<Record<string, string>>): void {
    this.lives.index.setTags(instance, tags);
    this.lives.changed.add(instance);
    this.commit();
  }

  /**
   * running -> stopping -> stopped. Of any other state nothing changes; whether that is allowed is
   * the caller's to say.
   */
  stop(instance: InstanceRecord, reason: StateReason): InstanceState {
    const nowMs = this.advance();
    const before = presentOf(instance).state;
    if (before === 'running') this.lives.beginStop(instance, nowMs, reason);
    this.commit();
    return before;
  }

  /** stopped -> pending -> running, where there is capacity and room within the account's limit. @throws Ec2Error */
  start(instance: InstanceRecord): InstanceState {
    const nowMs = this.advance();
    const before = presentOf(instance).state;
    if (before !== 'stopped') return before;
    const decision = decideLaunch(
      {
        token: null,
        tokenScope: 'start',
        parameters: '',
        capacityType: instance.capacityType,
        strategy: 'prioritized',
        overrides: [{ instanceType: instance.instanceType, zone: instance.zone }],
        count: 1,
        minCount: 1,
        tags: instance.tags,
      },
      this.supply(nowMs),
    );
    const [fault] = decision.faults;
    if (decision.grants.length === 0 && fault)
      throw new Ec2Error(fault.code, fault.message, fault.code === 'InsufficientInstanceCapacity' ? 500 : 400);
    instance.launchedAtMs = nowMs;
    this.lives.transition(instance, 'pending', nowMs, null);
    this.lives.setTimer(instance, 'run', nowMs + this.random.drawMs(this.options.launchMs));
    this.commit();
    return before;
  }

  /** Another type for a stopped instance. */
  setInstanceType(instance: InstanceRecord, typeName: string): void {
    const type = this.types.get(typeName);
    const price = this.prices.at(typeName, instance.zone, instance.capacityType, this.advance());
    if (!type || price === null)
      throw new Ec2Error('InvalidParameterValue', `Invalid value '${typeName}' for InstanceType.`);
    this.lives.index.setType(instance, typeName);
    instance.priceUsdPerHour = price;
    instance.vcpu = type.vcpu;
    this.lives.changed.add(instance);
    this.commit();
  }

  /** Pays for one call of an action. @throws Ec2Error RequestLimitExceeded */
  admit(action: string, resources = 0): void {
    if (!this.throttles.admit(action, resources, this.advance())) throw requestLimitExceeded();
  }

  // ---- what only tests, simulators and operators of the simulation may do ---------------------------

  /** Gives a spot instance its notice now; EC2 takes it `noticeMs` later. */
  interrupt(instanceId: string, noticeMs: number): void {
    const nowMs = this.advance();
    const instance = this.known(instanceId);
    assert(
      instance.capacityType === 'spot',
      `interrupt: ${instanceId} is ${instance.capacityType}; only spot instances are interrupted`,
    );
    if (isAlive(instance) && instance.reclaimAtMs === null) this.lives.giveNotice(instance, nowMs, noticeMs);
    this.commit();
  }

  /** The instance dies without notice, as by a host failure or by the death of its agent. Idempotent. */
  crashInstance(instanceId: string, reason: string): void {
    const nowMs = this.advance();
    this.lives.end(this.known(instanceId), nowMs, {
      code: 'Server.InternalError',
      message: `Server.InternalError: ${reason}`,
    });
    this.commit();
  }

  /** Protects against TerminateInstances (DisableApiTermination), or takes the protection away. */
  setTerminationProtection(instanceId: string, isProtected: boolean): void {
    const instance = this.known(instanceId);
    instance.isTerminationProtected = isProtected;
    this.lives.changed.add(instance);
    this.commit();
  }

  /** Offerings that match (`*` stands for anything: `c7g.large/us-east-1a/*`) have `full` instances; null: no limit. */
  setCapacity(
    offeringPattern: string,
    full: number | null,
    refillPerMinute = this.options.capacityRefillPerMinute,
  ): void {
    this.capacity.set({ pattern: offeringPattern, full, refillPerMinute, setAtMs: this.advance() });
    this.commit();
  }

  /** Limits the vCPU that a quota class may have at once; null: no limit. */
  setVcpuLimit(capacityType: CapacityType, quotaClassName: string, vcpu: number | null): void {
    if (vcpu === null) this.vcpuLimits[capacityType].delete(quotaClassName);
    else this.vcpuLimits[capacityType].set(quotaClassName, vcpu);
  }

  /** Up to when everything has happened; of a stored cloud it may be later than the clock. */
  get advancedToMs(): number {
    return this.asOfMs;
  }

  /** When something next happens by itself; null: never, unless somebody calls. */
  nextChangeAtMs(): number | null {
    return this.lives.nextChangeAtMs();
  }

  /** All events of EC2 since the last call. */
  takeEvents(nowMs: number): readonly CloudEvent[] {
    this.advance(nowMs);
    this.commit();
    return this.lives.events.take();
  }

  /** Every instance that is not forgotten (an hour after its end), also those that describe does not show yet. */
  instances(): readonly InstanceTruth[] {
    const nowMs = this.advance();
    return [...this.lives.index.all()].map((instance) => this.truthOf(instance, nowMs));
  }

  /** The truth about one instance; null: never there, or forgotten. */
  instance(id: string): InstanceTruth | null {
    const nowMs = this.advance();
    const instance = this.lives.index.get(id);
    return instance ? this.truthOf(instance, nowMs) : null;
  }

  /** By token: every instance it ever launched, forgotten ones included. */
  launchEffects(): ReadonlyMap<string, readonly string[]> {
    const effects = new Map<string, string[]>();
    for (const record of this.tokens.values())
      effects.set(record.token, [...(effects.get(record.token) ?? []), ...record.instanceIds]);
    return effects;
  }

  /** USD spent on all instances so far, and on how many. */
  billing(): { readonly spentUsd: number; readonly launched: number; readonly usdPerHour: number } {
    const nowMs = this.advance();
    let spentUsd = this.lives.forgottenUsd;
    let usdPerHour = 0;
    for (const instance of this.lives.index.all()) {
      spentUsd += spentUsdOf(instance, nowMs);
      if (instance.billedSinceMs !== null) usdPerHour += instance.priceUsdPerHour;
    }
    return { spentUsd, launched: this.lives.forgottenCount + this.lives.index.size, usdPerHour };
  }

  private supply(nowMs: number): Supply {
    return {
      vcpuLimits: this.vcpuLimits,
      capacity: this.capacity,
      vcpuUsage: this.vcpuUsage,
      prices: this.prices,
      types: this.types,
      zones: this.zones,
      instancesFree: this.instancesFree(),
      nowMs,
    };
  }

  /** Room below the account's limit of running instances. */
  private instancesFree(): number {
    const { instanceLimit } = this.options;
    if (instanceLimit === null) return Infinity;
    let running = 0;
    for (const instance of this.lives.index.all())
      if (presentOf(instance).state === 'running' || presentOf(instance).state === 'pending') running += 1;
    return Math.max(0, instanceLimit - running);
  }

  // ---- time ----------------------------------------------------------------------------------------

  /** Lets everything happen that is due by now, each at its own time. */
  private advance(nowMs = this.clock.nowMs()): number {
    this.lives.advanceTo(nowMs);
    this.asOfMs = Math.max(this.asOfMs, nowMs);
    return this.asOfMs;
  }

  /** The answer of the call that used this token before; null where it is unused. @throws Ec2Error the token errors */
  replayOf(call: Pick<LaunchCall, 'token' | 'tokenScope' | 'parameters'>): LaunchOutcome | null {
    this.advance();
    const used = call.token === null ? undefined : this.tokens.get(`${call.tokenScope}/${call.token}`);
    return used ? this.replay(used, call.parameters) : null;
  }

  // ---- tokens --------------------------------------------------------------------------------------

  private replay(used: TokenRecord, parameters: string): LaunchOutcome {
    if (used.parameters !== parameters) {
      throw new Ec2Error(
        'IdempotentParameterMismatch',
        'Arguments on this idempotent request are inconsistent with arguments used in previous request(s).',
      );
    }
    if (used.error) throw new Ec2Error(used.error.code, used.error.message, used.error.httpStatus);
    const instances = used.instanceIds.flatMap((id) => this.lives.index.get(id) ?? []);
    if (used.instanceIds.length > 0 && !instances.some((instance) => presentOf(instance).state !== 'terminated')) {
      throw new Ec2Error(
        'IdempotentInstanceTerminated',
        'The client token you have provided is associated with a terminated instance. Please use a '
          + 'different client token.',
      );
    }
    const isListed = this.options.replayListsInstances;
    return {
      instances: isListed ? instances : [],
      instanceIds: isListed ? used.instanceIds : [],
      faults: used.faults,
      isReplay: true,
      answerId: used.answerId,
    };
  }

  // ---- state ---------------------------------------------------------------------------------------

  private truthOf(instance: InstanceRecord, nowMs: number): InstanceTruth {
    return {
      id: instance.id,
      token: instance.token,
      instanceType: instance.instanceType,
      zone: instance.zone,
      capacityType: instance.capacityType,
      state: presentOf(instance).state,
      launchedAtMs: instance.launchedAtMs,
      tags: instance.tags,
      isVisible: shownOf(instance, nowMs) !== null,
      boots: instance.boots,
      reclaimAtMs: instance.reclaimAtMs,
      spentUsd: spentUsdOf(instance, nowMs),
    };
  }

  private known(id: string): InstanceRecord {
    const instance = this.lives.index.get(id);
    if (!instance) throw instancesNotFound([id]);
    return instance;
  }

  private restore(stored: CloudState): void {
    if (stored.scalars) {
      this.capacity.restore(stored.scalars.capacity);
      this.lives.forgottenUsd = stored.scalars.forgottenUsd;
      this.lives.forgottenCount = stored.scalars.forgottenCount;
    }
    for (const token of stored.tokens) this.tokens.set(token.key, token);
    for (const instance of stored.instances) this.lives.adopt(instance);
  }

  /** The whole state, as a storage would hold it. */
  dump(): CloudState {
    this.advance();
    return { instances: [...this.lives.index.all()], tokens: [...this.tokens.values()], scalars: this.scalars() };
  }

  private scalars(): CloudScalars {
    return {
      asOfMs: this.asOfMs,
      random: this.random.state,
      capacity: this.capacity.state,
      forgottenUsd: this.lives.forgottenUsd,
      forgottenCount: this.lives.forgottenCount,
    };
  }

  private commit(): void {
    const isChanged =
      this.lives.changed.size + this.changedTokens.length + this.lives.forgotten.length > 0 || this.capacity.isDirty;
    if (!isChanged) return;
    if (!this.storage) {
      this.settleChanges();
      return;
    }
    this.storage.save({
      instances: [...this.lives.changed],
      forgotten: this.lives.forgotten,
      tokens: this.changedTokens,
      scalars: this.scalars(),
    });
    this.settleChanges();
  }

  private settleChanges(): void {
    this.lives.changed.clear();
    this.changedTokens = [];
    this.lives.forgotten = [];
    this.capacity.isDirty = false;
  }
}
