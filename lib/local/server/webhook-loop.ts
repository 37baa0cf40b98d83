// Delivers events to webhooks, once a second: what a function does on AWS when something was published.
import { createWebhookSender } from '../../adapters/system/webhook-sender.ts';
import { mayConnect } from '../../control/events/webhooks/addresses.ts';
import { deliverWebhooks } from '../../control/events/webhooks/deliver.ts';
import type { DeliveryPorts } from '../../control/events/webhooks/deliver.ts';
import type { ControlSettings } from '../../control/ports.ts';
import { webhookBodyOf } from '../../../lambdas/api/webhooks.ts';

const everyMs = 1_000;
const runMs = 20_000;

export class WebhookLoop {
  readonly #deliver: () => Promise<void>;
  #isStopped = false;
  #timer: NodeJS.Timeout | null = null;
  #underWay: Promise<void> = Promise.resolve();

  constructor(given: Omit<DeliveryPorts, 'sender' | 'bodyOf'>, settings: ControlSettings) {
    const sender = createWebhookSender({ mayConnect: (address) => mayConnect(settings.webhookReach, address) });
    const ports: DeliveryPorts = { ...given, sender, bodyOf: webhookBodyOf };
    this.#deliver = async () => {
      try {
        await deliverWebhooks(ports, settings, ports.clock.monotonicMs() + runMs);
      } catch (error) {
        // The store was busy: what is to be delivered is in it, and the next second tries again.
        ports.log.write('warn', 'webhooks could not be looked at; the next second tries again', { error });
      }
    };
  }

  start(): void {
    const again = async (): Promise<void> => {
      await this.#deliver();
      if (!this.#isStopped)
        this.#timer = setTimeout(() => {
          this.#underWay = again();
        }, everyMs);
    };
    this.#underWay = again();
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    await this.#underWay;
  }
}
