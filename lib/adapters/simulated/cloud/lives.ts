// The lives of instances: every change of state, at its own time and in order, with what hangs on it: bills,
// capacity, events, and what will happen by itself later.
import { assert, unreachable } from '../../../core/values/errors.ts';
import { offeringId } from '../../../core/values/offering.ts';
import type { InstanceState } from '../../../ports/cloud.ts';
import type { Capacity } from './market/capacity.ts';
import { CloudEvents } from './events.ts';
import { InstanceIndex } from './collections/instance-index.ts';
import { isAlive, presentOf, shownOf } from './instances.ts';
import type { InstanceRecord, StateReason, TimerKind } from './instances.ts';
import type { Grant, LaunchCall } from './market/launching.ts';
import type { VcpuUsage } from './market/limits.ts';
import { catalogTypes } from './market/types.ts';
import type { InstanceTypes } from './market/types.ts';
import type { CloudOptions } from './options.ts';
import type { SeededRandom } from './random.ts';
import { DueHeap } from './collections/timers.ts';

export interface CloudObserver {
  changed(instance: InstanceRecord, state: InstanceState, atMs: number): void;
  /** It is not visible any more, and its record is dropped. */
  forgotten(instance: InstanceRecord): void;
}

export interface LivesSetup {
  readonly options: CloudOptions;
  readonly random: SeededRandom;
  readonly capacity: Capacity;
  readonly vcpuUsage: VcpuUsage;
  readonly types: InstanceTypes;
  readonly observer: CloudObserver | null;
  /** Whether forgotten instances are kept until somebody stores them. */
  readonly keepsForgotten: boolean;
}

/** Shared by all instances to which nothing happens by itself, which is nearly all. */
const noTimers: readonly never[] = [];
const spotBandPerMonth = [0.025, 0.075, 0.125, 0.175, 0.25];
const hoursPerMonth = 730;

/** Of one spot instance of that type; `catalog`: by the spot advisor's band. */
export function interruptionsPerHour(
  wanted: number | 'catalog',
  typeName: string,
  types: InstanceTypes = catalogTypes,
): number {
  if (wanted !== 'catalog') return wanted;
  const perMonth = spotBandPerMonth[types.get(typeName)?.spotInterruptionBand ?? 2] ?? 0.125;
  return -Math.log(1 - perMonth) / hoursPerMonth;
}

export class Lives {
  readonly index = new InstanceIndex();
  readonly events = new CloudEvents();
  /** Changed since they were last stored. */
  readonly changed = new Set<InstanceRecord>();
  forgotten: { readonly instance: InstanceRecord; readonly spentUsd: number }[] = [];
  forgottenUsd = 0;
  forgottenCount = 0;
  private readonly due = new DueHeap();
  private readonly options: CloudOptions;
  private readonly random: SeededRandom;
  private readonly capacity: Capacity;
  private readonly vcpuUsage: VcpuUsage;
  private readonly types: InstanceTypes;
  private readonly observer: CloudObserver | null;
  private readonly keepsForgotten: boolean;

  constructor(setup: LivesSetup) {
    this.options = setup.options;
    this.random = setup.random;
    this.capacity = setup.capacity;
    this.vcpuUsage = setup.vcpuUsage;
    this.types = setup.types;
    this.observer = setup.observer;
    this.keepsForgotten = setup.keepsForgotten;
  }

  /** Lets everything happen that is due by then, each at its own time. */
  advanceTo(nowMs: number): void {
    for (;;) {
      const next = this.due.peek();
      if (!next || next.atMs > nowMs) return;
      this.due.pop();
      const instance = this.index.get(next.instanceId);
      const timer = instance?.timers.find((candidate) => candidate.atMs === next.atMs);
      if (!instance || !timer) continue;
      instance.timers = instance.timers.length === 1 ? noTimers : instance.timers.filter((other) => other !== timer);
      this.changed.add(instance);
      this.fire(instance, timer.kind, timer.atMs);
    }
  }

  /** When something next happens by itself; null: never. */
  nextChangeAtMs(): number | null {
    for (;;) {
      const next = this.due.peek();
      if (!next) return null;
      if (this.index.get(next.instanceId)?.timers.some((timer) => timer.atMs === next.atMs)) return next.atMs;
      this.due.pop(); // its instance ended before, and took the timer along
    }
  }

  /** Takes an instance over that was stored. */
  adopt(stored: InstanceRecord): void {
    // Files of earlier versions have instances in order, without serial numbers.
    const { serial } = stored as Partial<InstanceRecord>;
    const instance = serial === undefined ? { ...stored, serial: this.index.nextSerial() } : stored;
    this.index.add(instance);
    for (const timer of instance.timers) this.due.push(timer.atMs, instance.id);
    if (usesCapacity(instance)) this.vcpuUsage.add(instance.capacityType, familyOf(instance), instance.vcpu);
  }

  private fire(instance: InstanceRecord, kind: TimerKind, atMs: number): void {
    switch (kind) {
      case 'run':
        this.startRunning(instance, atMs);
        return;
      case 'launch-fails':
        this.end(instance, atMs, {
          code: 'Server.InternalError',
          message: 'Server.InternalError: Internal error on launch',
        });
        return;
      case 'notice':
        this.giveNotice(instance, atMs, this.random.drawMs(this.options.spotNoticeMs));
        return;
      case 'reclaim':
        if (instance.onReclaim !== 'terminate') {
          this.beginStop(instance, atMs, {
            code: 'Server.SpotInstanceShutdown',
            message: 'Server.SpotInstanceShutdown: Spot instance shutdown',
          });
          return;
        }
        this.end(instance, atMs, {
          code: 'Server.SpotInstanceTermination',
          message: 'Server.SpotInstanceTermination: Spot instance termination',
        });
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

  setTimer(instance: InstanceRecord, kind: TimerKind, atMs: number): void {
    instance.timers = [...instance.timers, { kind, atMs }];
    this.due.push(atMs, instance.id);
  }

  create(call: LaunchCall, grants: readonly Grant[], answerId: string, nowMs: number): InstanceRecord[] {
    const created: InstanceRecord[] = [];
    for (const { override, count, priceUsdPerHour } of grants) {
      // One reservation per offering, as fleets make them; the only one of a RunInstances call is its answer's.
      const reservationId = created.length === 0 ? `r-${answerId}` : this.random.hex(17, 'r-');
      const type = this.types.get(override.instanceType);
      assert(type, `instance type ${override.instanceType} was granted but is not in the catalog`);
      for (let one = 0; one < count; one++) {
        const instance: InstanceRecord = {
          id: this.random.hex(17, 'i-'),
          reservationId,
          serial: this.index.nextSerial(),
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
    const perHour = interruptionsPerHour(this.options.spotInterruptionsPerHour, instance.instanceType, this.types);
    if (perHour > 0) this.setTimer(instance, 'notice', atMs + this.random.exponentialMs(perHour));
  }

  giveNotice(instance: InstanceRecord, atMs: number, noticeMs: number): void {
    if (!isAlive(instance)) return;
    const { id: instanceId, tags } = instance;
    if (this.random.next() < this.options.rebalanceProbability) {
      instance.rebalanceAtMs = atMs;
      this.events.emit({ kind: 'rebalance-recommendation', instanceId, atMs, tags });
    }
    instance.reclaimAtMs = atMs + noticeMs;
    this.events.emit({
      kind: 'interruption-warning',
      instanceId,
      atMs,
      tags,
      action: instance.onReclaim,
      reclaimAtMs: instance.reclaimAtMs,
    });
    this.setTimer(instance, 'reclaim', instance.reclaimAtMs);
    this.changed.add(instance);
  }

  beginStop(instance: InstanceRecord, atMs: number, reason: StateReason): void {
    instance.timers = noTimers;
    instance.reclaimAtMs = null;
    instance.rebalanceAtMs = null;
    this.settleBill(instance, atMs);
    this.release(instance, atMs);
    this.transition(instance, 'stopping', atMs, reason);
    this.setTimer(instance, 'stopped', atMs + this.random.drawMs(this.options.shutdownMs));
  }

  end(instance: InstanceRecord, atMs: number, reason: StateReason): void {
    if (!isAlive(instance)) return;
    instance.timers = noTimers;
    const { state } = presentOf(instance);
    this.settleBill(instance, atMs);
    if (state === 'stopping' || state === 'stopped') {
      // It uses no capacity any more; EC2 ends a stopped instance at once.
      this.transition(instance, 'terminated', atMs, reason);
      this.setTimer(instance, 'forget', atMs + this.options.terminatedVisibleMs);
      return;
    }
    this.release(instance, atMs);
    this.transition(instance, 'shutting-down', atMs, reason);
    this.setTimer(instance, 'terminated', atMs + this.random.drawMs(this.options.shutdownMs));
  }

  private release(instance: InstanceRecord, atMs: number): void {
    this.capacity.release(offeringId(instance.instanceType, instance.zone, instance.capacityType), atMs);
    this.vcpuUsage.add(instance.capacityType, familyOf(instance), -instance.vcpu);
  }

  private settleBill(instance: InstanceRecord, atMs: number): void {
    instance.billedUsd = spentUsdOf(instance, atMs);
    instance.billedSinceMs = null;
  }

  transition(instance: InstanceRecord, state: InstanceState, atMs: number, reason: StateReason | null): void {
    const before = instance.history.at(-1);
    const visibleAtMs = Math.max(before?.visibleAtMs ?? 0, atMs + this.random.drawMs(this.options.describeLagMs));
    const change = { state, atMs, visibleAtMs, reason };
    if (visibleAtMs <= atMs) instance.history = [change];
    else {
      const shown = shownOf(instance, atMs);
      const kept = shown ? instance.history.slice(instance.history.indexOf(shown)) : instance.history;
      instance.history = [...kept, change];
    }
    this.index.stateChanged(instance, before?.state ?? null, state);
    this.changed.add(instance);
    this.events.emit({ kind: 'state-change', instanceId: instance.id, state, atMs, tags: instance.tags });
    this.observer?.changed(instance, state, atMs);
  }

  private forget(instance: InstanceRecord): void {
    this.index.remove(instance);
    this.changed.delete(instance);
    this.forgottenUsd += instance.billedUsd;
    this.forgottenCount += 1;
    if (this.keepsForgotten) this.forgotten.push({ instance, spentUsd: instance.billedUsd });
    this.observer?.forgotten(instance);
  }
}

/** Billed by the second from `running`, 60 seconds at least, as EC2 does for Linux. */
export function spentUsdOf(instance: InstanceRecord, nowMs: number): number {
  if (instance.billedSinceMs === null) return instance.billedUsd;
  const seconds = Math.max(60, Math.ceil((nowMs - instance.billedSinceMs) / 1000));
  return instance.billedUsd + (seconds / 3600) * instance.priceUsdPerHour;
}

function usesCapacity(instance: InstanceRecord): boolean {
  const { state } = presentOf(instance);
  return state === 'pending' || state === 'running';
}

function familyOf(instance: InstanceRecord): string {
  return instance.instanceType.slice(0, instance.instanceType.indexOf('.'));
}
