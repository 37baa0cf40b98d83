// The API's function: configuration and clients once per environment, then the handler. It wakes pools and reads
// outputs; it has no EC2 client, and small clients of its own for the rest, because callers wait for its cold start.
import { Logger } from '@aws-lambda-powertools/logger';
import { StoredCatalog } from '../../lib/adapters/aws/catalog.ts';
import { DynamoDbStore } from '../../lib/adapters/aws/dynamodb-store.ts';
import { EventBridgeBus } from '../../lib/adapters/aws/eventbridge-bus.ts';
import { signedPutEvents } from '../../lib/adapters/aws/eventbridge-signed.ts';
import { identifyIamCaller } from '../../lib/adapters/aws/iam-identity.ts';
import { noCompute } from '../../lib/adapters/aws/not-here.ts';
import { PowertoolsLog } from '../../lib/adapters/aws/powertools-log.ts';
import { S3Outputs } from '../../lib/adapters/aws/s3-outputs.ts';
import { SystemClock } from '../../lib/adapters/system/clock.ts';
import { SystemRandom } from '../../lib/adapters/system/random.ts';
import { awsSettings, createApplication } from '../../lib/control/index.ts';
import { allocate } from '../../lib/core/allocation/index.ts';
import { awsDecisionSettings } from '../../lib/core/settings.ts';
import { apiConfig, endpointOf, environmentCredentials, readConfig } from '../config.ts';
import type { HttpHandler } from '../http/handler.ts';
import { createApiHandler } from './handler.ts';

const config = readConfig(apiConfig, process.env);
const logger = new Logger();
const log = new PowertoolsLog(logger);
const clock = new SystemClock();
const random = new SystemRandom();
const aws = { region: config.AWS_REGION, credentials: environmentCredentials(process.env), clock };

const store = new DynamoDbStore({ ...aws, endpoint: endpointOf(config, 'DYNAMODB'), tableName: config.BELLOWS_TABLE });
const bus = new EventBridgeBus(config.BELLOWS_EVENT_BUS, signedPutEvents({ ...aws, endpoint: endpointOf(config, 'EVENTBRIDGE') }), clock);
const zones = config.BELLOWS_SUBNETS?.map((subnet) => subnet.zone) ?? ['a', 'b', 'c'].map((letter) => `${config.AWS_REGION}${letter}`);
const useCases = createApplication(
  {
    store, bus, events: bus, clock, random, log, allocate, compute: noCompute,
    catalog: new StoredCatalog({ store, clock, random, log, zones }),
    outputs: new S3Outputs({ ...aws, bucket: config.BELLOWS_OUTPUTS_BUCKET, endpoint: endpointOf(config, 'S3') }),
  },
  // What launches need is the scheduler's alone.
  { ...awsSettings, decisions: awsDecisionSettings, installation: config.BELLOWS_INSTALLATION, templateVersion: '0' },
);
const serve = createApiHandler({ useCases, identity: identifyIamCaller(config.BELLOWS_TENANTS), log });

export const handler: HttpHandler = async (event, context) => {
  logger.addContext(context);
  return serve(event, context);
};
