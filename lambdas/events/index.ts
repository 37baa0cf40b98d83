// The function that hears what AWS says: about instances (which pool one belongs to it asks the table, not
// EC2), alarms, and by the table's stream about requests that were accepted.
import type { Context } from 'aws-lambda';
import { fromAttributes } from '../../lib/adapters/aws/dynamodb/items.ts';
import { noAllocation, noBells, noCatalog, noCloud, noOutputs } from '../../lib/adapters/aws/not-here.ts';
import { createEvents } from '../../lib/control/index.ts';
import { base } from '../base.ts';
import { eventsConfig } from '../config.ts';
import { createAcceptedHandler, isStreamEvent } from './accepted.ts';
import { createEventsHandler } from './handler.ts';
import type { EventsResult } from './handler.ts';
import { InstancePools } from './pool-of-instance.ts';

const { logger, ports } = base(eventsConfig);
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
const publishAccepted = createAcceptedHandler({ events: ports.events, log: ports.log, itemOf: fromAttributes });

export const handler = async (
  event: unknown,
  context: Context,
): Promise<EventsResult | Awaited<ReturnType<typeof publishAccepted>>> => {
  logger.addContext(context);
  return isStreamEvent(event) ? publishAccepted(event) : serve(event, context as never);
};
