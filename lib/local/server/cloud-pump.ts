// Carries the events of the simulated EC2 to the events handler, in the form that EventBridge has, and keeps
// the agents' processes in step with the instances.
import { tagRequest } from '../../core/records/claim.ts';
import type { EventsHandler } from '../../../lambdas/events/handler.ts';
import type { AgentInstance, LocalAgents } from '../../adapters/local/agents.ts';
import type { SimulatedCloud } from '../../adapters/simulated/cloud/cloud.ts';
import type { CloudEvent } from '../../adapters/simulated/cloud/events.ts';
import { instanceType } from '../../core/catalog/index.ts';
import { tagPool } from '../../core/records/launch.ts';
import { noResources } from '../../core/values/resources.ts';
import type { Log } from '../../ports/log.ts';

const pumpEveryMs = 100;

const detailTypes = {
  'state-change': 'EC2 Instance State-change Notification',
  'interruption-warning': 'EC2 Spot Instance Interruption Warning',
  'rebalance-recommendation': 'EC2 Instance Rebalance Recommendation',
} as const;

export interface CloudPumpOptions {
  readonly cloud: SimulatedCloud;
  readonly agents: LocalAgents;
  readonly handler: EventsHandler;
  readonly nowMs: () => number;
  readonly log: Log;
}

export class CloudPump {
  readonly #options: CloudPumpOptions;
  #timer: NodeJS.Timeout | null = null;
  #isStopped = false;
  #underWay: Promise<void> | null = null;
  #failure: string | null = null;

  constructor(options: CloudPumpOptions) {
    this.#options = options;
  }

  start(): void {
    const again = async (): Promise<void> => {
      await this.pump();
      if (!this.#isStopped)
        this.#timer = setTimeout(() => {
          void again();
        }, pumpEveryMs);
    };
    void again();
  }

  /** Also called out of turn when something is known to have happened. */
  async pump(): Promise<void> {
    if (this.#isStopped) return;
    this.#underWay ??= this.#once().finally(() => {
      this.#underWay = null;
    });
    await this.#underWay;
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    await this.#underWay;
  }

  /** Never rejects: the next turn, a moment later, does what this one could not. */
  async #once(): Promise<void> {
    const { cloud, agents, nowMs, log } = this.#options;
    try {
      // Agents first: when control hears that an instance has ended, nothing of it shall run any more.
      await agents.reconcile(agentInstances(cloud));
      this.#failure = null;
    } catch (error) {
      const failure = error instanceof Error ? error.message : String(error);
      // Ten times a second the same would be no news.
      if (failure !== this.#failure)
        log.write('error', 'agents and instances are not in step; it is tried again', { error });
      this.#failure = failure;
      return;
    }
    for (const event of cloud.takeEvents(nowMs())) await this.#deliver(event);
  }

  async #deliver(event: CloudEvent): Promise<void> {
    const message = {
      source: 'aws.ec2',
      time: new Date(event.atMs).toISOString(),
      'detail-type': detailTypes[event.kind],
      detail: { 'instance-id': event.instanceId, ...(event.kind === 'state-change' ? { state: event.state } : {}) },
    };
    try {
      await this.#options.handler(message, undefined as never);
    } catch (error) {
      // A hint only: the pool's own schedule and the next listing find what it was about.
      this.#options.log.write('warn', 'an EC2 event was not handled', { message, error });
    }
  }
}

export function agentInstances(cloud: SimulatedCloud): readonly AgentInstance[] {
  // A machine of a claim is its caller's: no agent runs on it.
  return cloud
    .instances()
    .filter((instance) => instance.tags[tagRequest] === undefined)
    .map((instance): AgentInstance => {
      const goesDown = instance.state === 'shutting-down' || instance.state === 'stopping';
      // A stopped one has no process and no folder: what is on its disk is not played.
      const state = instance.state === 'running' && instance.boots ? 'runs' : goesDown ? 'stops' : 'gone';
      const allocatable = instanceType(instance.instanceType)?.allocatable ?? noResources;
      return { id: instance.id, pool: instance.tags[tagPool] ?? '', allocatable, state };
    });
}
