// Between the simulated cloud and the rest of a run: passes on what EC2 does by itself, when it does it, to the
// truth, to the machines, and (late, doubled or never, as EventBridge may) to the controllers.
import type { SimulatedCloud } from '../../adapters/simulated/cloud/cloud.ts';
import type { CloudEvent } from '../../adapters/simulated/cloud/events.ts';
import { tagRequest } from '../../core/records/claim.ts';
import { tagLaunch, tagPool } from '../../core/records/launch.ts';
import type { InstanceEvent } from '../../control/use-cases.ts';
import type { Controllers } from './controllers.ts';
import { epochMs } from '../kernel.ts';
import type { Kernel, Scheduled } from '../kernel.ts';
import type { Machines } from './machines.ts';
import type { Stream } from '../random.ts';
import type { Trace } from '../trace.ts';
import type { Truth } from '../truth.ts';

export interface CloudDriverOptions {
  readonly kernel: Kernel;
  readonly trace: Trace;
  readonly stream: Stream;
  readonly truth: Truth;
  readonly cloud: SimulatedCloud;
  readonly machines: Machines;
  readonly controllers: Controllers;
  readonly onError: (what: string, error: unknown) => void;
}

export class CloudDriver {
  readonly #options: CloudDriverOptions;
  #next: Scheduled | null = null;
  #nextAtMs = Infinity;

  constructor(options: CloudDriverOptions) {
    this.#options = options;
  }

  /** Takes what has happened and sees to it that what is due next happens then. */
  poll(): void {
    const { cloud, kernel } = this.#options;
    for (const event of cloud.takeEvents(Math.floor(epochMs + kernel.nowMs))) this.#handle(event);
    const nextAtMs = cloud.nextChangeAtMs() ?? Infinity;
    if (nextAtMs === this.#nextAtMs) return;
    this.#nextAtMs = nextAtMs;
    if (this.#next) this.#next.cancelled = true;
    if (nextAtMs === Infinity) return;
    this.#next = kernel.at(nextAtMs - epochMs, () => {
      this.#nextAtMs = Infinity;
      this.poll();
    });
  }

  #handle(event: CloudEvent): void {
    const { kernel, trace, truth, cloud, machines } = this.#options;
    const log = (text: string): void => trace.write(kernel.nowMs, 'EC2', text);
    const { instanceId } = event;
    if (event.kind === 'state-change') {
      log(`${instanceId} is ${event.state}`);
      const known = truth.instances.get(instanceId);
      if (known === undefined) this.#add(event);
      else {
        known.state = event.state;
        known.isEnding = event.state === 'shutting-down' || event.state === 'terminated';
        if (event.state === 'running' && !known.isClaimed)
          machines.instanceRuns(known, cloud.instance(instanceId)?.boots ?? false);
        if (event.state === 'stopping' || event.state === 'stopped')
          machines.instanceStops(instanceId, event.state === 'stopped');
        if (known.isEnding) machines.instanceEnds(instanceId, event.state === 'terminated');
        truth.tell((watcher) => watcher.instance?.(known));
      }
    } else if (event.kind === 'interruption-warning') {
      log(`gives notice to ${instanceId}`);
      const known = truth.instances.get(instanceId);
      if (known) known.reclaimAtMs = event.reclaimAtMs - epochMs;
      machines.notice(instanceId, event.reclaimAtMs - epochMs);
    }
    this.#tellControllers(event);
  }

  #add(event: CloudEvent): void {
    const { truth, cloud } = this.#options;
    const facts = cloud.instance(event.instanceId);
    if (facts === null) throw new RangeError(`the cloud reports ${event.instanceId} and does not know it`);
    const instance = {
      id: facts.id,
      isClaimed: facts.tags[tagRequest] !== undefined,
      launchId: facts.tags[tagLaunch] ?? '',
      pool: facts.tags[tagPool] ?? '',
      instanceType: facts.instanceType,
      zone: facts.zone,
      capacityType: facts.capacityType,
      createdAtMs: event.atMs - epochMs,
      state: facts.state,
      isEnding: false,
      reclaimAtMs: null,
    };
    truth.instances.set(facts.id, instance);
    truth.tell((watcher) => watcher.instance?.(instance));
  }

  #tellControllers(event: CloudEvent): void {
    const { kernel, stream, controllers } = this.#options;
    const pool = event.tags[tagPool];
    // "Delivery from some AWS services is best effort"; and state changes are hints that nothing may rely on.
    if (pool === undefined || stream.chance(0.1)) return;
    const hint: InstanceEvent = {
      kind: event.kind,
      instanceId: event.instanceId,
      pool,
      atMs: event.kind === 'interruption-warning' ? event.reclaimAtMs : event.atMs,
    };
    const copies = stream.chance(0.05) ? 2 : 1;
    for (let i = 0; i < copies; i += 1) {
      kernel.after(stream.chance(0.05) ? stream.logBetween(1_000, 300_000) : stream.between(100, 3_000), () => {
        controllers.invoke({
          role: 'events',
          label: `event ${event.kind} ${event.instanceId}`,
          run: (control) => control.handleInstanceEvent(hint),
          onDone: () => undefined,
          onError: (error) => this.#options.onError(`event ${event.kind}`, error),
          onLost: () => undefined,
        });
      });
    }
  }
}
