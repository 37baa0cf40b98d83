// The scheduler's function: the only one that decides, and the only one (but for the removal's) that speaks to EC2.
import type { TemplateName } from '../../lib/adapters/aws/ec2/fleet.ts';
import { Metrics } from '@aws-lambda-powertools/metrics';
import type { Context } from 'aws-lambda';
import { StoredCallBudget } from '../../lib/adapters/aws/call-budget.ts';
import { StoredCatalog } from '../../lib/adapters/aws/ec2/catalog/stored-catalog.ts';
import { readEc2Catalog } from '../../lib/adapters/aws/ec2/catalog/read-catalog.ts';
import { describeTypes } from '../../lib/adapters/aws/ec2/catalog/types.ts';
import { readPriceList } from '../../lib/adapters/aws/price-list.ts';
import { createEc2Client } from '../../lib/adapters/aws/ec2/calls.ts';
import { createEc2Cloud } from '../../lib/adapters/aws/ec2/cloud.ts';
import { AwsTargetGroups } from '../../lib/adapters/aws/ec2/target-groups.ts';
import { noOutputs } from '../../lib/adapters/aws/not-here.ts';
import { CloudWatchMetrics } from '../../lib/adapters/aws/metrics/cloudwatch.ts';
import { PowertoolsMetrics } from '../../lib/adapters/aws/metrics/powertools-metrics.ts';
import { S3CompactCopies } from '../../lib/adapters/aws/s3/compact-copies.ts';
import { SqsBells } from '../../lib/adapters/aws/messaging/sqs-bells.ts';
import { hintDeliveries } from '../../lib/control/events/webhooks/hint.ts';
import { createMetrics, createScheduler } from '../../lib/control/index.ts';
import { allocate } from '../../lib/core/allocation/index.ts';
import { base } from '../base.ts';
import { endpointOf, schedulerConfig } from '../config.ts';
import { createSchedulerHandler } from './handler.ts';
import type { SchedulerResult } from './handler.ts';

const { config, logger, aws, ports, settings } = base(schedulerConfig);
const { bus, clock, log } = ports;
const metrics = createMetrics({ ...ports, metrics: new PowertoolsMetrics(new Metrics(), config.BELLOWS_INSTALLATION) });

/** Of Amazon Linux, which the installation's own images are. */
const rootDevice = '/dev/xvda';

const ec2 = createEc2Client({ ...aws, endpoint: endpointOf(config, 'EC2') });
const zones = config.BELLOWS_SUBNETS.map((subnet) => subnet.zone);
const catalog = new StoredCatalog({
  ...ports,
  zones,
  refresh: async () => readEc2Catalog(ec2, zones, clock.nowMs()),
  refreshPrices: async (unknownTypes) => ({
    atMs: clock.nowMs(),
    region: config.AWS_REGION,
    onDemand: await readPriceList({ ...aws, endpoint: endpointOf(config, 'PRICING') }),
    others: await describeTypes(ec2, unknownTypes),
  }),
});
const templates = config.BELLOWS_LAUNCH_TEMPLATES;
const templateOf: Readonly<Record<TemplateName, { readonly id: string; readonly version: string }>> = {
  amd64: templates.x86_64,
  arm64: templates.arm64,
  'amd64-burstable': templates.burstable.x86_64,
  'arm64-burstable': templates.burstable.arm64,
  'amd64-gpu': templates.gpu.x86_64,
  'arm64-gpu': templates.gpu.arm64,
};
const templateIds = Object.fromEntries(Object.entries(templateOf).map(([name, { id }]) => [name, id])) as Record<
  TemplateName,
  string
>;
const templateVersion = Object.entries(templateOf)
  .map(([name, { version }]) => `${name}:${version}`)
  .join(',');
const budget = new StoredCallBudget(ports);
const subnetByZone = Object.fromEntries(config.BELLOWS_SUBNETS.map((subnet) => [subnet.zone, subnet.subnetId]));
const { images, nodeGroupId, ...machines } = config.BELLOWS_MACHINES;
const nodeInterface = { groupId: nodeGroupId, addresses: machines.addresses };
const cloud = createEc2Cloud({
  client: ec2,
  budget,
  fleets: { catalog, places: { templateIds, subnetByZone, nodeInterface } },
  places: { ...machines, subnetByZone, rootDevices: { [images.amd64]: rootDevice, [images.arm64]: rootDevice } },
});
const bells = new SqsBells({
  ...aws,
  endpoint: endpointOf(config, 'SQS'),
  installation: config.BELLOWS_INSTALLATION,
  nodes: null,
});
const targetGroups = new AwsTargetGroups({ ...aws, endpoint: endpointOf(config, 'ELASTIC_LOAD_BALANCING_V2') });
const cloudWatch = new CloudWatchMetrics({ ...aws, endpoint: endpointOf(config, 'CLOUDWATCH') });
const compactCopies = new S3CompactCopies({
  ...aws,
  endpoint: endpointOf(config, 'S3'),
  bucket: config.BELLOWS_OUTPUTS_BUCKET,
});
const control = createScheduler(
  { ...ports, allocate, bells, cloud, cloudWatch, catalog, compactCopies, outputs: noOutputs, targetGroups },
  { ...settings, machineImages: images, templateVersion, rootVolumeGib: config.BELLOWS_ROOT_VOLUME_GIB },
);

/** By the clock instead of by a record: a sweep too many does no harm, and nothing is written while nothing happens. */
const sweepEveryMinutes = 3;

/** Spot prices move a few times a day. */
const pricesWhileBusyMs = 15 * 60_000;
const pricesWhileIdleMs = 6 * 3_600_000;

const serve = createSchedulerHandler({
  useCases: control,
  wake: (pool) => bus.wake(pool),
  isSweepDue: async () => Math.floor(clock.nowMs() / 60_000) % sweepEveryMinutes === 0,
  housekeeping: [
    { what: 'publishing metrics', work: ({ reaped }) => metrics.publishMetrics(reaped) },
    {
      what: 'refreshing the catalog',
      work: async ({ due }) => catalog.keepFresh(due.length > 0 ? pricesWhileBusyMs : pricesWhileIdleMs),
    },
    { what: 'the hint for webhooks', work: async () => hintDeliveries(ports, () => bus.deliver()) },
    { what: 'refreshing the list prices', work: async () => catalog.keepPricesFresh() },
  ],
  clock,
  log,
});

export const handler = async (event: unknown, context: Context): Promise<SchedulerResult> => {
  logger.addContext(context);
  return serve(event, context as never);
};
