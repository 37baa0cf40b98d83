// The simulated cloud: a synchronous model of EC2 for one account and region. It has no timers: whoever
// owns time asks it with a later clock, and everything that was due by then happens first, in order.
import { instanceType } from '../../core/catalog/index.ts';
import { assert, unreachable } from '../../core/errors.ts';
import { offeringId } from '../../core/offering.ts';
import type { CapacityType } from '../../core/offering.ts';
import type { InstanceState, LaunchFault } from '../../ports/compute.ts';
import { Capacity } from './capacity.ts';
import { Ec2Error, instancesNotFound, requestLimitExceeded } from './errors.ts';
import { CloudEvents } from './events.ts';
import type { CloudEvent } from './events.ts';
import { Faults } from './faults.ts';
import { InstanceIndex, isAlive, presentOf, shownOf } from './instances.ts';
import type { InstanceRecord, StateReason, TimerKind, Transition } from './instances.ts';
import { decideLaunch } from './launching.ts';
import type { Grant, LaunchCall, Supply } from './launching.ts';
import { VcpuUsage } from './limits.ts';
import { cloudOptionsSchema } from './options.ts';
import type { CloudOptions, CloudOptionsInput } from './options.ts';
import { Prices } from './prices.ts';
import { SeededRandom } from './random.ts';
import type { CloudScalars, CloudState, CloudStorage, TokenRecord } from './storage.ts';
import { Throttles } from './throttle.ts';
import { DueHeap } from './timers.ts';

export interface CloudSetup {
  readonly clock: { nowMs(): number };
  readonly options?: CloudOptionsInput;
  readonly storage?: CloudStorage;
  /** Told of every change of state at its own time, before anybody can ask: for what hangs on instances. */
  readonly observer?: CloudObserver;
}

export interface CloudObserver {
  changed(instance: InstanceRecord, state: InstanceState, atMs: number): void;
  /** It is not visible any more, and its record is dropped. */
  forgotten(instance: InstanceRecord): void;
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

/** Shared by all instances to which nothing happens by itself, which is nearly all. */
const noTimers: readonly never[] = [];
const spotBandPerMonth = [0.025, 0.075, 0.125, 0.175, 0.25];
const hoursPerMonth = 730;

export class SimulatedCloud {
  readonly options: CloudOptions;
  readonly faults = new Faults();
  readonly prices: Prices;
  readonly throttles: Throttles;
  readonly capacity: Capacity;
  readonly random: SeededRandom;
  private readonly vcpuLimits: Readonly<Record<CapacityType, Map<string, number>>>;
  private readonly clock: { nowMs(): number };
  private readonly storage: CloudStorage | null;
  private readonly observer: CloudObserver | null;
  private readonly index = new InstanceIndex();
  private readonly tokens = new Map<string, TokenRecord>();
  private readonly vcpuUsage = new VcpuUsage();
  private readonly events = new CloudEvents();
  private readonly due = new DueHeap();
  private readonly changedInstances = new Set<InstanceRecord>();
  private forgotten: { readonly instance: InstanceRecord; readonly spentUsd: number }[] = [];
  private changedTokens: TokenRecord[] = [];
  private asOfMs: number;
  private forgottenUsd = 0;
  private forgottenCount = 0;

  constructor(setup: CloudSetup) {
    this.clock = setup.clock;
    this.options = cloudOptionsSchema.parse(setup.options ?? {});
    this.storage = setup.storage ?? null;
    this.observer = setup.observer ?? null;
    const { options } = this;
    const stored = this.storage?.load();
    this.asOfMs = stored?.scalars?.asOfMs ?? setup.clock.nowMs();
    this.random = new SeededRandom(stored?.scalars?.random ?? options.seed);
    this.vcpuLimits = {
      'on-demand': new Map(Object.entries(options.vcpuLimits['on-demand'])),
      spot: new Map(Object.entries(options.vcpuLimits.spot)),
    };
    this.prices = new Prices(options.seed, options.spotPriceVariation);
    this.throttles = new Throttles(options.throttles);
    this.capacity = new Capacity(options.seed, { full: options.capacityPerOffering, refillPerMinute: options.capacityRefillPerMinute }, this.asOfMs);
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
    const instances = this.create(call, decision.grants, answerId, nowMs);
    const [fault] = decision.faults;
    const error = call.failsBelowMinimum === true && instances.length < call.minCount && fault ? { code: fault.code, message: fault.message, httpStatus: fault.code === 'InsufficientInstanceCapacity' ? 500 : 400 } : null;
    const instanceIds = instances.map((instance) => instance.id);
    if (key !== null && call.token !== null) {
      const record: TokenRecord = { key, token: call.token, parameters: call.parameters, usedAtMs: nowMs, instanceIds, faults: decision.faults, error, answerId };
      this.tokens.set(key, record);
      this.changedTokens.push(record);
    }
    // Durable before it is answered: a caller that heard an answer may rely on it whatever is killed next.
    this.commit();
    if (error) throw new Ec2Error(error.code, error.message, error.httpStatus);
    return { instances, instanceIds, faults: decision.faults, isReplay: false, answerId };
  }

  /** What describe shows now: instances with all these tags, each with the state that has become visible. */
  describe(tags: Readonly<Record<string, string>>): { readonly instance: InstanceRecord; readonly shown: Transition }[] {
    const nowMs = this.advance();
    this.commit();
    const visible: { readonly instance: InstanceRecord; readonly shown: Transition }[] = [];
    for (const instance of this.index.withTags(tags)) {
      const shown = shownOf(instance, nowMs);
      if (shown) visible.push({ instance, shown });
    }
    return visible;
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
      const instance = this.index.get(id);
      // What describe does not show yet, TerminateInstances does not know yet either.
      if (instance && shownOf(instance, nowMs)) instances.push(instance);
      else unknown.push(id);
    }
    if (unknown.length > 0) throw instancesNotFound(unknown);
    const guarded = instances.find((instance) => instance.isTerminationProtected && isAlive(instance));
    const blockedZones = new Set(instances.filter((instance) => instance.isTerminationProtected && isAlive(instance)).map((instance) => instance.zone));
    const ended = instances
      .filter((instance) => !blockedZones.has(instance.zone))
      .map((instance) => {
        const before = presentOf(instance).state;
        this.end(instance, nowMs, { code: 'Client.UserInitiatedShutdown', message: 'Client.UserInitiatedShutdown: User initiated shutdown' });
        return { instance, before };
      });
    this.commit();
    if (guarded) {
      throw new Ec2Error('OperationNotPermitted', `The instance '${guarded.id}' may not be terminated. Modify its 'disableApiTermination' instance attribute and try again.`);
    }
    return ended;
  }

  /** The record of an instance that describe shows now; null where it shows none. */
  shown(id: string): { readonly instance: InstanceRecord; readonly shown: Transition } | null {
    const nowMs = this.advance();
    const instance = this.index.get(id);
    const shown = instance ? shownOf(instance, nowMs) : null;
    return instance && shown ? { instance, shown } : null;
  }

  /** The record itself, shown or not. */
  record(id: string): InstanceRecord | undefined {
    this.advance();
    return this.index.get(id);
  }

  /** Every record that is not forgotten. */
  records(): readonly InstanceRecord[] {
    this.advance();
    return [...this.index.all()];
  }

  setTags(instance: InstanceRecord, tags: Readonly<Record<string, string>>): void {
    this.index.setTags(instance, tags);
    this.changedInstances.add(instance);
    this.commit();
  }

  /** running -> stopping -> stopped. Of any other state nothing changes; whether that is allowed is the caller's to say. */
  stop(instance: InstanceRecord, reason: StateReason): InstanceState {
    const nowMs = this.advance();
    const before = presentOf(instance).state;
    if (before === 'running') this.beginStop(instance, nowMs, reason);
    this.commit();
    return before;
  }

  /** stopped -> pending -> running, where there is capacity and room within the account's limit. @throws Ec2Error */
  start(instance: InstanceRecord): InstanceState {
    const nowMs = this.advance();
    const before = presentOf(instance).state;
    if (before !== 'stopped') return before;
    const decision = decideLaunch({
      token: null, tokenScope: 'start', parameters: '', capacityType: instance.capacityType, strategy: 'prioritized',
      overrides: [{ instanceType: instance.instanceType, zone: instance.zone }], count: 1, minCount: 1, tags: instance.tags,
    }, this.supply(nowMs));
    const [fault] = decision.faults;
    if (decision.grants.length === 0 && fault) throw new Ec2Error(fault.code, fault.message, fault.code === 'InsufficientInstanceCapacity' ? 500 : 400);
    instance.launchedAtMs = nowMs;
    this.transition(instance, 'pending', nowMs, null);
    this.setTimer(instance, 'run', nowMs + this.random.drawMs(this.options.launchMs));
    this.commit();
    return before;
  }

  /** Another type for a stopped instance. */
  setInstanceType(instance: InstanceRecord, typeName: string): void {
    const type = instanceType(typeName);
    const price = this.prices.at(typeName, instance.zone, instance.capacityType, this.advance());
    if (!type || price === null) throw new Ec2Error('InvalidParameterValue', `Invalid value '${typeName}' for InstanceType.`);
    instance.instanceType = typeName;
    instance.priceUsdPerHour = price;
    instance.vcpu = type.vcpu;
    this.changedInstances.add(instance);
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
    assert(instance.capacityType === 'spot', `interrupt: ${instanceId} is ${instance.capacityType}; only spot instances are interrupted`);
    if (isAlive(instance) && instance.reclaimAtMs === null) this.giveNotice(instance, nowMs, noticeMs);
    this.commit();
  }

  /** The instance dies without notice, as by a host failure or by the death of its agent. Idempotent. */
  crashInstance(instanceId: string, reason: string): void {
    const nowMs = this.advance();
    this.end(this.known(instanceId), nowMs, { code: 'Server.InternalError', message: `Server.InternalError: ${reason}` });
    this.commit();
  }

  /** Protects against TerminateInstances (DisableApiTermination), or takes the protection away. */
  setTerminationProtection(instanceId: string, isProtected: boolean): void {
    const instance = this.known(instanceId);
    instance.isTerminationProtected = isProtected;
    this.changedInstances.add(instance);
    this.commit();
  }

  /** Offerings that match (`*` stands for anything: `c7g.large/us-east-1a/*`) have `full` instances; null: no limit. */
  setCapacity(offeringPattern: string, full: number | null, refillPerMinute = this.options.capacityRefillPerMinute): void {
    this.capacity.set({ pattern: offeringPattern, full, refillPerMinute, setAtMs: this.advance() });
    this.commit();
  }

  /** Limits the vCPU that a quota class (limits.ts) may have at once; null: no limit. */
  setVcpuLimit(capacityType: CapacityType, quotaClassName: string, vcpu: number | null): void {
    if (vcpu === null) this.vcpuLimits[capacityType].delete(quotaClassName);
    else this.vcpuLimits[capacityType].set(quotaClassName, vcpu);
  }

  /** When something next happens by itself; null: never, unless somebody calls. */
  nextChangeAtMs(): number | null {
    for (;;) {
      const next = this.due.peek();
      if (!next) return null;
      if (this.index.get(next.instanceId)?.timers.some((timer) => timer.atMs === next.atMs)) return next.atMs;
      this.due.pop(); // its instance ended before, and took the timer along
    }
  }

  /** Everything that EC2 has told since this was last asked. */
  takeEvents(nowMs: number): readonly CloudEvent[] {
    this.advance(nowMs);
    this.commit();
    return this.events.take();
  }

  /** Every instance that is not forgotten (an hour after its end), also those that describe does not show yet. */
  instances(): readonly InstanceTruth[] {
    const nowMs = this.advance();
    return [...this.index.all()].map((instance) => this.truthOf(instance, nowMs));
  }

  /** The truth about one instance; null: never there, or forgotten. */
  instance(id: string): InstanceTruth | null {
    const nowMs = this.advance();
    const instance = this.index.get(id);
    return instance ? this.truthOf(instance, nowMs) : null;
  }

  /** By token: every instance it ever launched, forgotten ones included. */
  launchEffects(): ReadonlyMap<string, readonly string[]> {
    const effects = new Map<string, string[]>();
    for (const record of this.tokens.values()) effects.set(record.token, [...(effects.get(record.token) ?? []), ...record.instanceIds]);
    return effects;
  }

  /** USD spent on all instances so far, and on how many. */
  billing(): { readonly spentUsd: number; readonly launched: number; readonly usdPerHour: number } {
    const nowMs = this.advance();
    let spentUsd = this.forgottenUsd;
    let usdPerHour = 0;
    for (const instance of this.index.all()) {
      spentUsd += spentUsdOf(instance, nowMs);
      if (instance.billedSinceMs !== null) usdPerHour += instance.priceUsdPerHour;
    }
    return { spentUsd, launched: this.forgottenCount + this.index.size, usdPerHour };
  }

  private supply(nowMs: number): Supply {
    return { vcpuLimits: this.vcpuLimits, capacity: this.capacity, vcpuUsage: this.vcpuUsage, prices: this.prices, instancesFree: this.instancesFree(), nowMs };
  }

  /** Room below the account's limit of running instances. */
  private instancesFree(): number {
    const { instanceLimit } = this.options;
    if (instanceLimit === null) return Infinity;
    let held = 0;
    for (const instance of this.index.all()) if (presentOf(instance).state === 'running' || presentOf(instance).state === 'pending') held += 1;
    return Math.max(0, instanceLimit - held);
  }

  // ---- time ----------------------------------------------------------------------------------------

  /** Lets everything happen that is due by now, each at its own time. */
  private advance(nowMs = this.clock.nowMs()): number {
    for (;;) {
      const next = this.due.peek();
      if (!next || next.atMs > nowMs) break;
      this.due.pop();
      const instance = this.index.get(next.instanceId);
      const timer = instance?.timers.find((candidate) => candidate.atMs === next.atMs);
      if (!instance || !timer) continue;
      instance.timers = instance.timers.length === 1 ? noTimers : instance.timers.filter((other) => other !== timer);
      this.changedInstances.add(instance);
      this.fire(instance, timer.kind, timer.atMs);
    }
    this.asOfMs = Math.max(this.asOfMs, nowMs);
    return this.asOfMs;
  }

  private fire(instance: InstanceRecord, kind: TimerKind, atMs: number): void {
    switch (kind) {
      case 'run':
        this.startRunning(instance, atMs);
        return;
      case 'launch-fails':
        this.end(instance, atMs, { code: 'Server.InternalError', message: 'Server.InternalError: Internal error on launch' });
        return;
      case 'notice':
        this.giveNotice(instance, atMs, this.random.drawMs(this.options.spotNoticeMs));
        return;
      case 'reclaim':
        if (instance.onReclaim !== 'terminate') {
          this.beginStop(instance, atMs, { code: 'Server.SpotInstanceShutdown', message: 'Server.SpotInstanceShutdown: Spot instance shutdown' });
          return;
        }
        this.end(instance, atMs, { code: 'Server.SpotInstanceTermination', message: 'Server.SpotInstanceTermination: Spot instance termination' });
        return;
      case 'terminated':
        this.transition(instance, 'terminated', atMs, presentOf(instance).reason);
        this.setTimer(instance, 'forget', atMs + this.options.terminatedVisibleMs);
        return;
      case 'stopped':
        this.transition(instance, 'stopped', atMs, presentOf(instance).reason);
        return;
      case 'forget':
        this.forget(instance);
        return;
      default:
        unreachable(kind);
    }
  }

  private setTimer(instance: InstanceRecord, kind: TimerKind, atMs: number): void {
    instance.timers = [...instance.timers, { kind, atMs }];
    this.due.push(atMs, instance.id);
  }

  // ---- state transitions ---------------------------------------------------------------------------

  private create(call: LaunchCall, grants: readonly Grant[], answerId: string, nowMs: number): InstanceRecord[] {
    const created: InstanceRecord[] = [];
    for (const { override, count, priceUsdPerHour } of grants) {
      // One reservation per offering, as fleets make them; the only one of a RunInstances call is its answer's.
      const reservationId = created.length === 0 ? `r-${answerId}` : this.random.hex(17, 'r-');
      const type = instanceType(override.instanceType);
      assert(type, `instance type ${override.instanceType} was granted but is not in the catalog`);
      for (let one = 0; one < count; one++) {
        const instance: InstanceRecord = {
          id: this.random.hex(17, 'i-'),
          reservationId,
          launchIndex: one,
          token: call.token,
          instanceType: override.instanceType,
          zone: override.zone,
          capacityType: call.capacityType,
          priceUsdPerHour,
          vcpu: type.vcpu,
          launchedAtMs: nowMs,
          tags: call.tags,
          history: [],
          timers: noTimers,
          boots: this.random.next() >= this.options.neverBootsProbability,
          reclaimAtMs: null,
          rebalanceAtMs: null,
          onReclaim: 'terminate',
          billedUsd: 0,
          billedSinceMs: null,
          isTerminationProtected: false,
          details: null,
        };
        this.index.add(instance);
        this.transition(instance, 'pending', nowMs, null);
        const fails = this.random.next() < this.options.failedLaunchProbability;
        this.setTimer(instance, fails ? 'launch-fails' : 'run', nowMs + this.random.drawMs(this.options.launchMs));
        created.push(instance);
      }
    }
    return created;
  }

  private startRunning(instance: InstanceRecord, atMs: number): void {
    this.transition(instance, 'running', atMs, null);
    instance.billedSinceMs = atMs;
    if (instance.capacityType !== 'spot') return;
    const perHour = this.interruptionsPerHour(instance.instanceType);
    if (perHour > 0) this.setTimer(instance, 'notice', atMs + this.random.exponentialMs(perHour));
  }

  private interruptionsPerHour(typeName: string): number {
    const { spotInterruptionsPerHour: wanted } = this.options;
    if (wanted !== 'catalog') return wanted;
    const perMonth = spotBandPerMonth[instanceType(typeName)?.spotInterruptionBand ?? 2] ?? 0.125;
    return -Math.log(1 - perMonth) / hoursPerMonth;
  }

  private giveNotice(instance: InstanceRecord, atMs: number, noticeMs: number): void {
    if (!isAlive(instance)) return;
    const { id: instanceId, tags } = instance;
    if (this.random.next() < this.options.rebalanceProbability) {
      instance.rebalanceAtMs = atMs;
      this.events.emit({ kind: 'rebalance-recommendation', instanceId, atMs, tags });
    }
    instance.reclaimAtMs = atMs + noticeMs;
    this.events.emit({ kind: 'interruption-warning', instanceId, atMs, tags, action: instance.onReclaim, reclaimAtMs: instance.reclaimAtMs });
    this.setTimer(instance, 'reclaim', instance.reclaimAtMs);
    this.changedInstances.add(instance);
  }

  private beginStop(instance: InstanceRecord, atMs: number, reason: StateReason): void {
    instance.timers = noTimers;
    instance.reclaimAtMs = null;
    instance.rebalanceAtMs = null;
    this.settleBill(instance, atMs);
    this.release(instance, atMs);
    this.transition(instance, 'stopping', atMs, reason);
    this.setTimer(instance, 'stopped', atMs + this.random.drawMs(this.options.shutdownMs));
  }

  private end(instance: InstanceRecord, atMs: number, reason: StateReason): void {
    if (!isAlive(instance)) return;
    instance.timers = noTimers;
    const { state } = presentOf(instance);
    this.settleBill(instance, atMs);
    if (state === 'stopping' || state === 'stopped') {
      // It holds no capacity any more; EC2 ends a stopped instance at once.
      this.transition(instance, 'terminated', atMs, reason);
      this.setTimer(instance, 'forget', atMs + this.options.terminatedVisibleMs);
      return;
    }
    this.release(instance, atMs);
    this.transition(instance, 'shutting-down', atMs, reason);
    this.setTimer(instance, 'terminated', atMs + this.random.drawMs(this.options.shutdownMs));
  }

  private release(instance: InstanceRecord, atMs: number): void {
    this.capacity.giveBack(offeringId(instance.instanceType, instance.zone, instance.capacityType), atMs);
    this.vcpuUsage.add(instance.capacityType, familyOf(instance), -instance.vcpu);
  }

  private settleBill(instance: InstanceRecord, atMs: number): void {
    instance.billedUsd = spentUsdOf(instance, atMs);
    instance.billedSinceMs = null;
  }

  private transition(instance: InstanceRecord, state: InstanceState, atMs: number, reason: StateReason | null): void {
    const before = instance.history.at(-1);
    const visibleAtMs = Math.max(before?.visibleAtMs ?? 0, atMs + this.random.drawMs(this.options.describeLagMs));
    const shown = shownOf(instance, atMs);
    const kept = shown ? instance.history.slice(instance.history.indexOf(shown)) : instance.history;
    instance.history = [...kept, { state, atMs, visibleAtMs, reason }];
    this.changedInstances.add(instance);
    this.events.emit({ kind: 'state-change', instanceId: instance.id, state, atMs, tags: instance.tags });
    this.observer?.changed(instance, state, atMs);
  }

  private forget(instance: InstanceRecord): void {
    this.index.remove(instance);
    this.changedInstances.delete(instance);
    this.forgottenUsd += instance.billedUsd;
    this.forgottenCount += 1;
    if (this.storage) this.forgotten.push({ instance, spentUsd: instance.billedUsd });
    this.observer?.forgotten(instance);
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
      throw new Ec2Error('IdempotentParameterMismatch', 'Arguments on this idempotent request are inconsistent with arguments used in previous request(s).');
    }
    if (used.error) throw new Ec2Error(used.error.code, used.error.message, used.error.httpStatus);
    const instances = used.instanceIds.flatMap((id) => this.index.get(id) ?? []);
    if (used.instanceIds.length > 0 && !instances.some((instance) => presentOf(instance).state !== 'terminated')) {
      throw new Ec2Error('IdempotentInstanceTerminated', 'The client token you have provided is associated with a terminated instance. Please use a different client token.');
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
    const instance = this.index.get(id);
    if (!instance) throw instancesNotFound([id]);
    return instance;
  }

  private restore(stored: CloudState): void {
    if (stored.scalars) {
      this.capacity.restore(stored.scalars.capacity);
      this.forgottenUsd = stored.scalars.forgottenUsd;
      this.forgottenCount = stored.scalars.forgottenCount;
    }
    for (const token of stored.tokens) this.tokens.set(token.key, token);
    for (const instance of stored.instances) {
      this.index.add(instance);
      for (const timer of instance.timers) this.due.push(timer.atMs, instance.id);
      if (holdsCapacity(instance)) this.vcpuUsage.add(instance.capacityType, familyOf(instance), instance.vcpu);
    }
  }

  /** The whole state, as a storage would hold it. */
  dump(): CloudState {
    this.advance();
    return { instances: [...this.index.all()], tokens: [...this.tokens.values()], scalars: this.scalars() };
  }

  private scalars(): CloudScalars {
    return { asOfMs: this.asOfMs, random: this.random.state, capacity: this.capacity.state, forgottenUsd: this.forgottenUsd, forgottenCount: this.forgottenCount };
  }

  private commit(): void {
    const isChanged = this.changedInstances.size + this.changedTokens.length + this.forgotten.length > 0 || this.capacity.isDirty;
    if (!isChanged) return;
    if (!this.storage) {
      this.settleChanges();
      return;
    }
    this.storage.save({ instances: [...this.changedInstances], forgotten: this.forgotten, tokens: this.changedTokens, scalars: this.scalars() });
    this.settleChanges();
  }

  private settleChanges(): void {
    this.changedInstances.clear();
    this.changedTokens = [];
    this.forgotten = [];
    this.capacity.isDirty = false;
  }
}

/** Billed by the second from `running`, 60 seconds at least, as EC2 does for Linux. */
function spentUsdOf(instance: InstanceRecord, nowMs: number): number {
  if (instance.billedSinceMs === null) return instance.billedUsd;
  const seconds = Math.max(60, Math.ceil((nowMs - instance.billedSinceMs) / 1000));
  return instance.billedUsd + (seconds / 3600) * instance.priceUsdPerHour;
}

function holdsCapacity(instance: InstanceRecord): boolean {
  const { state } = presentOf(instance);
  return state === 'pending' || state === 'running';
}

function familyOf(instance: InstanceRecord): string {
  return instance.instanceType.slice(0, instance.instanceType.indexOf('.'));
}
