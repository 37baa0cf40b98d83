// The installation's own function: declares its pools, and at the removal releases what it has. Besides the
// scheduler's it is the only one that speaks to EC2, and it launches nothing.
import { DeleteObjectsCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import type { Context } from 'aws-lambda';
import { unlimitedBudget } from '../../lib/adapters/aws/call-budget.ts';
import { StoredCatalog } from '../../lib/adapters/aws/ec2/catalog/stored-catalog.ts';
import { createEc2Client } from '../../lib/adapters/aws/ec2/calls.ts';
import { createEc2Cloud } from '../../lib/adapters/aws/ec2/cloud.ts';
import { AwsTargetGroups } from '../../lib/adapters/aws/ec2/target-groups.ts';
import { noBells, noCloud, noOutputs } from '../../lib/adapters/aws/not-here.ts';
import { SqsBells } from '../../lib/adapters/aws/messaging/sqs-bells.ts';
import { readVolumeOwners } from '../../lib/control/claims/removal.ts';
import { createApplication } from '../../lib/control/index.ts';
import { deregisterAll } from '../../lib/control/services/targets/removal.ts';
import { allocate } from '../../lib/core/allocation/index.ts';
import { base } from '../base.ts';
import { endpointOf, installationConfig } from '../config.ts';
import { createInstallationHandler } from './handler.ts';
import type { CustomResourceAnswer } from './handler.ts';

const { config, logger, aws, ports, settings } = base(installationConfig);
const catalog = new StoredCatalog({ ...ports, zones: config.BELLOWS_SUBNETS.map((subnet) => subnet.zone) });
const control = createApplication(
  { ...ports, allocate, cloud: noCloud, bells: noBells, catalog, outputs: noOutputs },
  settings,
);
const s3Endpoint = endpointOf(config, 'S3');
const s3 = new S3Client({
  region: config.AWS_REGION,
  ...(s3Endpoint === undefined ? {} : { endpoint: s3Endpoint, forcePathStyle: true }),
});

/** CloudFormation waits for 15 minutes, the function lives for 14. */
const drainMs = 13 * 60_000;

const targetGroups = new AwsTargetGroups({ ...aws, endpoint: endpointOf(config, 'ELASTIC_LOAD_BALANCING_V2') });
const ec2 = createEc2Client({ ...aws, endpoint: endpointOf(config, 'EC2') });

const serve = createInstallationHandler({
  installation: config.BELLOWS_INSTALLATION,
  clock: ports.clock,
  log: ports.log,
  drainMs,
  declarePool: (spec) => control.putPool(spec),
  // It launches nothing, so it needs no places to launch into.
  cloud: createEc2Cloud({ client: ec2, budget: unlimitedBudget, fleets: null, places: null }),
  volumeOwners: () => readVolumeOwners(ports),
  deregisterAll: () => deregisterAll(ports, targetGroups),
  emptyOutputs,
  bells: new SqsBells({
    ...aws,
    endpoint: endpointOf(config, 'SQS'),
    installation: config.BELLOWS_INSTALLATION,
    nodes: null,
  }),
  answer,
});

async function emptyOutputs(): Promise<void> {
  const Bucket = config.BELLOWS_OUTPUTS_BUCKET;
  for (;;) {
    const { Contents: found = [] } = await s3.send(new ListObjectsV2Command({ Bucket, MaxKeys: 1_000 }));
    if (found.length === 0) return;
    const { Errors: errors = [] } = await s3.send(
      new DeleteObjectsCommand({ Bucket, Delete: { Objects: found.map(({ Key }) => ({ Key })), Quiet: true } }),
    );
    if (errors.length > 0)
      throw new Error(`${String(errors.length)} outputs could not be deleted: ${errors[0]?.Message ?? ''}`);
  }
}

async function answer(url: string, body: CustomResourceAnswer): Promise<void> {
  // Presigned by CloudFormation without a content type: one would not match the signature.
  const response = await fetch(url, {
    method: 'PUT',
    headers: { 'content-type': '' },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(10_000),
  });
  if (!response.ok)
    throw new Error(
      `CloudFormation did not take the answer: ${String(response.status)} ${(await response.text()).slice(0, 300)}`,
    );
}

export const handler = async (event: unknown, context: Context): Promise<CustomResourceAnswer> => {
  logger.addContext(context);
  return serve(event, context as never);
};
