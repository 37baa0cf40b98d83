// The events that EC2 sends to EventBridge, collected until they are taken.
import type { InstanceState } from '../../../ports/cloud.ts';

interface EventBase {
  readonly instanceId: string;
  readonly atMs: number;
  /** The instance's tags at that time (EC2's events lack them; local wiring finds the pool by them). */
  readonly tags: Readonly<Record<string, string>>;
}

export type CloudEvent =
  | (EventBase & { readonly kind: 'state-change'; readonly state: InstanceState })
  | (EventBase & {
      readonly kind: 'interruption-warning';
      readonly action: 'terminate' | 'stop' | 'hibernate';
      readonly reclaimAtMs: number;
    })
  | (EventBase & { readonly kind: 'rebalance-recommendation' });

/** Nobody is made to listen: beyond this many the oldest are dropped, as EventBridge may drop them too. */
const eventsMax = 50_000;

export class CloudEvents {
  private waiting: CloudEvent[] = [];
  dropped = 0;

  emit(event: CloudEvent): void {
    this.waiting.push(event);
    if (this.waiting.length > eventsMax) {
      this.dropped += this.waiting.length - eventsMax / 2;
      this.waiting = this.waiting.slice(-eventsMax / 2);
    }
  }

  take(): readonly CloudEvent[] {
    const taken = this.waiting;
    this.waiting = [];
    return taken;
  }
}
