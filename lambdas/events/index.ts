// The function that hears what EC2 says about instances. Which pool an instance belongs to it asks the table, not EC2.
import { Logger } from '@aws-lambda-powertools/logger';
import type { Context } from 'aws-lambda';
import { DynamoDbStore } from '../../lib/adapters/aws/dynamodb-store.ts';
import { EventBridgeBus } from '../../lib/adapters/aws/eventbridge-bus.ts';
import { signedPutEvents } from '../../lib/adapters/aws/eventbridge-signed.ts';
import { noAllocation, noCatalog, noCompute, noOutputs } from '../../lib/adapters/aws/not-here.ts';
import { PowertoolsLog } from '../../lib/adapters/aws/powertools-log.ts';
import { SystemClock } from '../../lib/adapters/system/clock.ts';
import { SystemRandom } from '../../lib/adapters/system/random.ts';
import { createEvents } from '../../lib/control/index.ts';
import { endpointOf, environmentCredentials, eventsConfig, readConfig } from '../config.ts';
import { createEventsHandler } from './handler.ts';
import type { EventsResult } from './handler.ts';
import { poolOfInstance } from './pool-of-instance.ts';

const config = readConfig(eventsConfig, process.env);
const logger = new Logger();
const log = new PowertoolsLog(logger);
const clock = new SystemClock();
const random = new SystemRandom();
const aws = { region: config.AWS_REGION, credentials: environmentCredentials(process.env), clock };

const store = new DynamoDbStore({ ...aws, endpoint: endpointOf(config, 'DYNAMODB'), tableName: config.BELLOWS_TABLE });
const bus = new EventBridgeBus(config.BELLOWS_EVENT_BUS, signedPutEvents({ ...aws, endpoint: endpointOf(config, 'EVENTBRIDGE') }), clock);
const useCases = createEvents({ store, bus, events: bus, clock, random, log, compute: noCompute, catalog: noCatalog, outputs: noOutputs, allocate: noAllocation });
const serve = createEventsHandler({ useCases, log, poolOf: (instanceId) => poolOfInstance(store, instanceId) });

export const handler = async (event: unknown, context: Context): Promise<EventsResult> => {
  logger.addContext(context);
  return serve(event, context as never);
};
