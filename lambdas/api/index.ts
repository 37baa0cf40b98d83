// The API's function: configuration and clients once per environment, then the handler. It wakes pools and reads
// outputs; it has no EC2 client, and small clients of its own for the rest, because callers wait for its cold start.
import { StoredCatalog } from '../../lib/adapters/aws/ec2/catalog/stored-catalog.ts';
import { identifyIamCaller } from '../../lib/adapters/aws/iam-identity.ts';
import { noBells, noCloud } from '../../lib/adapters/aws/not-here.ts';
import { S3Files } from '../../lib/adapters/aws/s3/files.ts';
import { S3Outputs } from '../../lib/adapters/aws/s3/outputs.ts';
import { createApplication } from '../../lib/control/index.ts';
import { allocate } from '../../lib/core/allocation/index.ts';
import { base } from '../base.ts';
import { apiConfig, endpointOf } from '../config.ts';
import type { HttpHandler } from '../http/handler.ts';
import { createApiHandler } from './handler.ts';

const { config, logger, aws, ports, settings } = base(apiConfig);
const zones =
  config.BELLOWS_SUBNETS?.map((subnet) => subnet.zone)
  ?? ['a', 'b', 'c'].map((letter) => `${config.AWS_REGION}${letter}`);
const bucket = { ...aws, bucket: config.BELLOWS_OUTPUTS_BUCKET, endpoint: endpointOf(config, 'S3') };
const useCases = createApplication(
  {
    ...ports,
    allocate,
    cloud: noCloud,
    bells: noBells,
    catalog: new StoredCatalog({ ...ports, zones }),
    outputs: new S3Outputs(bucket),
  },
  { ...settings, subnets: config.BELLOWS_SUBNETS ?? [], labelKeys: config.BELLOWS_LABEL_KEYS },
);
const serve = createApiHandler({
  useCases,
  files: new S3Files(bucket),
  clock: ports.clock,
  identity: identifyIamCaller(config.BELLOWS_TENANTS),
  log: ports.log,
});

export const handler: HttpHandler = async (event, context) => {
  logger.addContext(context);
  return serve(event, context);
};
