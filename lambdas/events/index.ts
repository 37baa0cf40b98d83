// The function that hears what EC2 says about instances. Which pool an instance belongs to it asks the table, not EC2.
import type { Context } from 'aws-lambda';
import { noAllocation, noCatalog, noCompute, noOutputs } from '../../lib/adapters/aws/not-here.ts';
import { createEvents } from '../../lib/control/index.ts';
import { base } from '../base.ts';
import { eventsConfig } from '../config.ts';
import { createEventsHandler } from './handler.ts';
import type { EventsResult } from './handler.ts';
import { InstancePools } from './pool-of-instance.ts';

const { logger, ports } = base(eventsConfig);
const useCases = createEvents({ ...ports, compute: noCompute, catalog: noCatalog, outputs: noOutputs, allocate: noAllocation });
const instances = new InstancePools(ports);
const serve = createEventsHandler({ useCases, log: ports.log, poolOf: (instanceId) => instances.poolOf(instanceId) });

export const handler = async (event: unknown, context: Context): Promise<EventsResult> => {
  logger.addContext(context);
  return serve(event, context as never);
};
