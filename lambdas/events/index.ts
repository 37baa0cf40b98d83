// The function that hears what AWS says: about instances (which pool one belongs to it asks the table, not
// EC2), alarms, and by the table's stream about requests that were accepted. It also delivers events to webhooks.
import type { Context } from 'aws-lambda';
import { fromAttributes } from '../../lib/adapters/aws/dynamodb/items.ts';
import { noAllocation, noBells, noCatalog, noCloud, noOutputs } from '../../lib/adapters/aws/not-here.ts';
import { createWebhookSender } from '../../lib/adapters/system/webhook-sender.ts';
import { mayConnect } from '../../lib/control/events/webhooks/addresses.ts';
import { deliverWebhooks } from '../../lib/control/events/webhooks/deliver.ts';
import { createEvents } from '../../lib/control/index.ts';
import { webhookBodyOf } from '../api/webhooks.ts';
import { base } from '../base.ts';
import { eventsConfig } from '../config.ts';
import { createAcceptedHandler, isStreamEvent } from './accepted.ts';
import { createDeliveriesHandler, isDeliveryHint } from './deliveries.ts';
import type { DeliveriesResult } from './deliveries.ts';
import { createEventsHandler } from './handler.ts';
import type { EventsResult } from './handler.ts';
import { InstancePools } from './pool-of-instance.ts';

const { logger, ports, settings } = base(eventsConfig);
const useCases = createEvents({
  ...ports,
  cloud: noCloud,
  bells: noBells,
  catalog: noCatalog,
  outputs: noOutputs,
  allocate: noAllocation,
});
const instances = new InstancePools(ports);
const serve = createEventsHandler({ useCases, log: ports.log, poolOf: (instanceId) => instances.poolOf(instanceId) });
const sender = createWebhookSender({ mayConnect: (address) => mayConnect(settings.webhookReach, address) });
const deliver = createDeliveriesHandler({
  ...ports,
  deliver: (untilMs) => deliverWebhooks({ ...ports, sender, bodyOf: webhookBodyOf }, settings, untilMs),
  again: () => ports.bus.deliver(),
});
const publishAccepted = createAcceptedHandler({ events: ports.events, log: ports.log, itemOf: fromAttributes });

export const handler = async (
  event: unknown,
  context: Context,
): Promise<EventsResult | DeliveriesResult | Awaited<ReturnType<typeof publishAccepted>>> => {
  logger.addContext(context);
  if (isDeliveryHint(event)) return deliver();
  return isStreamEvent(event) ? publishAccepted(event) : serve(event, context as never);
};
