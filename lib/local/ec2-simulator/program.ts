// The EC2 simulator as a program: options, one server, a clean end. ec2-simulator.ts beside it is its door.
import { parseArgs } from 'node:util';
import { PortBusyError, assertPortFree } from '../../adapters/local/ports.ts';
import { throttlingNames } from '../../adapters/simulated/ec2/http/throttling.ts';
import { SeedError } from '../../adapters/simulated/ec2/seeding.ts';
import { startEc2Simulator } from './library.ts';

const usage = `usage: ec2-simulator [options]     (in a checkout of Bellows: npm run ec2-simulator -- [options])

  --port N               where EC2 is served (4567; 0: any free port)
  --imds-port N          where instance metadata is served under /i-…/latest/ (off)
  --state FOLDER         keep state on disk, across restarts and kill -9 (in memory)
  --events URL           send EC2's events there by EventBridge PutEvents (kept for /_sim/events)
  --throttling NAME      ${throttlingNames.join(' | ')} (gentle: ten times EC2's numbers, reading unlimited)
  --seed TEXT            of what is random: ids, delays, prices and interruptions (bellows)
  --seed-file FILE       images, types, zones, regions, quotas, prices, capacity as JSON (as packaged)
  --interruptions RATE   random spot interruptions per instance and hour, or "catalog" (0)
  --describe-lag MS      longest time that describe lags behind (1000)
  --instant              without any delay: launches, stops, volumes, snapshots, describe
  --until-input-ends     end with the standard input: with the test that started it, however that ends
  --subnet-prefix N      size of the default subnets (20: 4,091 addresses each)
`;

const exitUsage = 2;
const exitPortBusy = 3;

function wholeNumber(name: string, text: string, max: number): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value > max)
    refuse(`--${name} ${JSON.stringify(text)} must be a whole number from 0 to ${max}`);
  return value;
}

function refuse(why: string): never {
  process.stderr.write(`${why}\n${usage}`);
  process.exit(exitUsage);
}

function options() {
  try {
    return parseArgs({
      options: {
        port: { type: 'string', default: '4567' },
        'imds-port': { type: 'string' },
        state: { type: 'string' },
        events: { type: 'string' },
        throttling: { type: 'string', default: 'gentle' },
        seed: { type: 'string', default: 'bellows' },
        interruptions: { type: 'string', default: '0' },
        'describe-lag': { type: 'string' },
        'seed-file': { type: 'string' },
        'until-input-ends': { type: 'boolean', default: false },
        instant: { type: 'boolean', default: false },
        'subnet-prefix': { type: 'string', default: '20' },
        help: { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    return refuse(error instanceof Error ? error.message : String(error));
  }
}

const given = options();
if (given.help) {
  process.stdout.write(usage);
  process.exit(0);
}
const throttling =
  throttlingNames.find((name) => name === given.throttling)
  ?? refuse(`--throttling ${JSON.stringify(given.throttling)} is none of ${throttlingNames.join(', ')}`);
const spotInterruptionsPerHour = given.interruptions === 'catalog' ? ('catalog' as const) : Number(given.interruptions);
if (spotInterruptionsPerHour !== 'catalog' && !(spotInterruptionsPerHour >= 0))
  refuse(`--interruptions ${JSON.stringify(given.interruptions)} must be a rate per hour or "catalog"`);
const subnetPrefix = wholeNumber('subnet-prefix', given['subnet-prefix'], 28);
if (subnetPrefix < 10) refuse('--subnet-prefix must be from 10 to 28');
const describeLagMs =
  given['describe-lag'] === undefined ? null : wholeNumber('describe-lag', given['describe-lag'], 3_600_000);
const port = wholeNumber('port', given.port, 65_535);
if (given.events !== undefined && !URL.canParse(given.events))
  refuse(`--events ${JSON.stringify(given.events)} is no URL`);

const metadataPort = given['imds-port'] === undefined ? null : wholeNumber('imds-port', given['imds-port'], 65_535);
const [portCure, metadataCure] = ['choose another with --port N', 'choose another with --imds-port N'];

try {
  await assertPortFree(port, portCure);
  if (metadataPort !== null) await assertPortFree(metadataPort, metadataCure);
  const simulator = await startEc2Simulator({
    port,
    throttling,
    ...(given.state === undefined ? {} : { state: given.state }),
    ...(given.events === undefined ? {} : { eventsUrl: given.events }),
    ...(given['seed-file'] === undefined ? {} : { seedFile: given['seed-file'] }),
    ...(describeLagMs === null ? {} : { describeLagMs }),
    instant: given.instant,
    subnetPrefix,
    seed: given.seed,
    interruptions: spotInterruptionsPerHour,
  });
  const metadata = metadataPort === null ? null : await simulator.serveMetadata(metadataPort);
  process.stdout.write(
    `EC2 on ${simulator.endpoint} (AWS_ENDPOINT_URL_EC2), control on `
      + `${simulator.endpoint}/_sim/health${metadata === null ? '' : `, metadata on ${metadata}`}\n`,
  );
  const end = (): void => void simulator.close().then(() => process.exit(0));
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, end);
  if (given['until-input-ends']) process.stdin.once('end', end).resume();
} catch (error) {
  if (error instanceof SeedError) refuse(error.message);
  if (!(error instanceof PortBusyError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exit(exitPortBusy);
}
