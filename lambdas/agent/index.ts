// The agents' function: syncs of nodes, known by their role session, and output that comes without a presigned URL.
import { Logger } from '@aws-lambda-powertools/logger';
import { DynamoDbStore } from '../../lib/adapters/aws/dynamodb-store.ts';
import { EventBridgeBus } from '../../lib/adapters/aws/eventbridge-bus.ts';
import { signedPutEvents } from '../../lib/adapters/aws/eventbridge-signed.ts';
import { identifyIamNode } from '../../lib/adapters/aws/iam-identity.ts';
import { noAllocation, noCatalog, noCompute } from '../../lib/adapters/aws/not-here.ts';
import { PowertoolsLog } from '../../lib/adapters/aws/powertools-log.ts';
import { S3Outputs } from '../../lib/adapters/aws/s3-outputs.ts';
import { SystemClock } from '../../lib/adapters/system/clock.ts';
import { SystemRandom } from '../../lib/adapters/system/random.ts';
import { awsSettings, createAgents } from '../../lib/control/index.ts';
import { awsDecisionSettings } from '../../lib/core/settings.ts';
import { agentConfig, endpointOf, environmentCredentials, readConfig } from '../config.ts';
import type { HttpHandler } from '../http/handler.ts';
import { createAgentHandler } from './handler.ts';

const config = readConfig(agentConfig, process.env);
const logger = new Logger();
const log = new PowertoolsLog(logger);
const clock = new SystemClock();
const random = new SystemRandom();
const aws = { region: config.AWS_REGION, credentials: environmentCredentials(process.env), clock };

const store = new DynamoDbStore({ ...aws, endpoint: endpointOf(config, 'DYNAMODB'), tableName: config.BELLOWS_TABLE });
const bus = new EventBridgeBus(config.BELLOWS_EVENT_BUS, signedPutEvents({ ...aws, endpoint: endpointOf(config, 'EVENTBRIDGE') }), clock);
const outputs = new S3Outputs({ ...aws, bucket: config.BELLOWS_OUTPUTS_BUCKET, endpoint: endpointOf(config, 'S3') });
const useCases = createAgents(
  { store, bus, events: bus, clock, random, log, outputs, compute: noCompute, catalog: noCatalog, allocate: noAllocation },
  { ...awsSettings, decisions: awsDecisionSettings, installation: config.BELLOWS_INSTALLATION, templateVersion: '0' },
);
const serve = createAgentHandler({ useCases, outputs, identity: identifyIamNode(config.BELLOWS_NODE_ROLE_ID), log });

export const handler: HttpHandler = async (event, context) => {
  logger.addContext(context);
  return serve(event, context);
};
