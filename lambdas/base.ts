// What every function is made of: its parsed configuration, log, clock, table and bus. Made once per environment.
import { Logger } from '@aws-lambda-powertools/logger';
import type * as z from 'zod';
import { DynamoDbStore } from '../lib/adapters/aws/dynamodb/store.ts';
import { EventBridgeBus } from '../lib/adapters/aws/messaging/eventbridge-bus.ts';
import { PowertoolsLog } from '../lib/adapters/aws/powertools-log.ts';
import { putEventsOf } from '../lib/adapters/aws/messaging/put-events.ts';
import { SystemClock } from '../lib/adapters/system/clock.ts';
import { SystemRandom } from '../lib/adapters/system/random.ts';
import { loggedEvents } from '../lib/control/events/log.ts';
import { hintDeliveries } from '../lib/control/events/webhooks/hint.ts';
import { awsSettings } from '../lib/control/ports.ts';
import { awsDecisionSettings } from '../lib/core/values/settings.ts';
import { endpointOf, environmentCredentials, readConfig } from './config.ts';
import type { commonConfig } from './config.ts';

/** `config` is the function's own part of the environment's schema. @throws ConfigError that names each variable */
export function base<S extends z.ZodType<z.output<typeof commonConfig>>>(schema: S) {
  const config = readConfig(schema, process.env);
  const logger = new Logger();
  const clock = new SystemClock();
  const aws = { region: config.AWS_REGION, credentials: environmentCredentials(process.env), clock };
  const store = new DynamoDbStore({
    ...aws,
    endpoint: endpointOf(config, 'DYNAMODB'),
    tableName: config.BELLOWS_TABLE,
  });
  const bus = new EventBridgeBus(
    config.BELLOWS_EVENT_BUS,
    putEventsOf({ ...aws, endpoint: endpointOf(config, 'EVENTBRIDGE') }),
    clock,
  );
  const random = new SystemRandom();
  // What launches need is the scheduler's alone: it overwrites the template's version.
  const settings = {
    ...awsSettings,
    decisions: awsDecisionSettings,
    installation: config.BELLOWS_INSTALLATION,
    templateVersion: '0',
  };
  const log = new PowertoolsLog(logger);
  const own = { store, clock, random, log };
  const events = loggedEvents(own, settings, bus, () => hintDeliveries(own, () => bus.deliver()));
  return { config, logger, aws, ports: { ...own, bus, events }, settings };
}
