// `npm run localcloud`: the stack as on AWS, on a local AWS of this machine, with real agents; and with --once the
// shop's day through API Gateway, Lambda, DynamoDB and EventBridge.
import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { PortBusyError } from '../../adapters/local/ports.ts';
import { JsonLog } from '../../adapters/system/log.ts';
import { BellowsError } from '../../core/values/errors.ts';
import { tagInstallation } from '../../core/records/launch.ts';
import { ApiClient } from '../server/api-client.ts';
import { LocalCloud } from './localcloud.ts';
import { Player } from '../shop/player.ts';
import { clockOf, dayMs, shopDay } from '../shop/shop-day.ts';
import { objectionsTo, summaryOf, verdictExits, verdictOf } from '../shop/summary.ts';
import type { Verdict } from '../shop/summary.ts';
import { LiveView } from '../server/view.ts';

const usage = `npm run localcloud [-- OPTIONS]   the stack as on AWS, on a local AWS

  --once           play the shop's day, then end (exit 0 only if every request ended as it should, 5 if the machine
                   is too busy)
  --port N         where the API is served on 127.0.0.1 (default BELLOWS_PORT, or 4790; 0: any)
  --endpoint URL   a local AWS that runs already (see compose.yaml); default: MiniStack, installed on the first run
  --host NAME      what its functions call this machine, if they run in containers: host.docker.internal
  --help
`;

/** The laptop's pool: small, and released soon. */
const pool = {
  name: 'default',
  accepts: ['task', 'virtual_machine', 'storage', 'network'],
  limits: { instances: 12 },
  maxNodeVcpu: 8,
  tasksPerNode: 32,
  idleAfterSeconds: 5,
};
const accountId = '100000000001';
/** Idle nodes are found by the schedule, which has a minute. */
const settleMs = 240_000;

const folder = mkdtempSync(join(tmpdir(), 'bellows-localcloud-run-'));
const logFile = join(folder, 'log');
const log = new JsonLog({
  write: (line) => {
    appendFileSync(logFile, line);
  },
});

try {
  process.exitCode = await run();
} catch (error) {
  if (!(error instanceof BellowsError)) throw error;
  process.stderr.write(`bellows: ${error.message}\n`);
  process.exitCode = error instanceof PortBusyError ? 3 : 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.exit();

async function run(): Promise<number> {
  const options = readOptions();
  if (options === null) return 2;
  if (options.help) {
    process.stdout.write(usage);
    return 0;
  }
  const view = new LiveView({
    isTerminal: process.stdout.isTTY,
    columns: () => process.stdout.columns,
    write: (text) => process.stdout.write(text),
  });
  const interruption = interrupted();
  const starting = LocalCloud.start({
    props: { installation: 'local', pools: [pool], drainQuietSeconds: 5 },
    port: options.port,
    accountId,
    log,
    say: (line) => {
      view.say(line);
    },
    ...(options.endpoint === undefined ? {} : { endpoint: options.endpoint }),
    ...(options.host === undefined ? {} : { host: options.host }),
  });
  const cloud = await starting;
  let isRemoved = false;
  const remove = async (): Promise<void> => {
    isRemoved = true;
    view.say('removing the stack …');
    await cloud.remove();
  };
  try {
    view.say(
      `deployed: the API is on ${cloud.url} (BELLOWS_URL=${cloud.url} ./bellows …), the local AWS on `
        + `${cloud.endpoint}, EC2 on ${cloud.simulator.endpoint}`,
    );
    if (!options.once) {
      view.say('Ctrl-C removes it');
      await interruption;
      return 0;
    }
    const result = await Promise.race([playDay(cloud, view), interruption]);
    if (result === 'interrupted') return 1;
    await remove();
    const left = leftIn(cloud);
    view.say(left === '' ? 'removed; nothing is left' : `removed, but there are still ${left}`);
    return verdictExits[left === '' ? result : 'wrong'];
  } finally {
    view.clear();
    // A local AWS of our own ends with everything in it; another one would keep the stack.
    if (options.endpoint !== undefined && !isRemoved) await remove();
    await cloud.stop();
  }
}

/** Empty: nothing of the installation is left in EC2. */
function leftIn({ world }: LocalCloud): string {
  const isOurs = ({ tags }: { readonly tags: Readonly<Record<string, string>> }): boolean =>
    tags[tagInstallation] !== undefined;
  const counts = {
    instances: world.cloud
      .instances()
      .filter((one) => isOurs(one) && one.state !== 'terminated' && one.state !== 'shutting-down').length,
    volumes: world.volumes.all().filter(isOurs).length,
    groups: world.securityGroups.all().filter(isOurs).length,
  };
  return Object.entries(counts)
    .filter(([, count]) => count > 0)
    .map(([kind, count]) => `${String(count)} ${kind}`)
    .join(', ');
}

async function playDay(cloud: LocalCloud, view: LiveView): Promise<Verdict> {
  view.say(
    "a shop's day in a minute: pages that visitors ask for, bursts of images, a batch of orders, a nightly "
      + 'report; a database, a cache, a network and a store of photos are claimed all day',
  );
  const player = new Player({
    client: new ApiClient(cloud.url),
    arrivals: shopDay(1, join(folder, 'ran.txt'), true),
    fromMs: 0,
    acceptedFile: join(folder, 'accepted.txt'),
    pool: pool.name,
    onLook: ({ elapsedMs, ...look }) => {
      view.show({ ...look, title: elapsedMs < dayMs ? `shop ${clockOf(elapsedMs)}` : 'closed' }, performance.now());
    },
  });
  const played = await player.play(settleMs);
  view.clear();
  const { verdict, lines } = verdictOf(played, [], objectionsTo(played));
  for (const line of ['', ...summaryOf(played), ...lines]) view.say(line);
  return verdict;
}

function readOptions(): {
  readonly once: boolean;
  readonly port: number;
  readonly endpoint?: string;
  readonly host?: string;
  readonly help: boolean;
} | null {
  try {
    const { values } = parseArgs({
      options: {
        once: { type: 'boolean', default: false },
        port: { type: 'string' },
        endpoint: { type: 'string' },
        host: { type: 'string' },
        help: { type: 'boolean', default: false },
      },
    });
    const port = portOf(values.port);
    if (values.endpoint !== undefined && !URL.canParse(values.endpoint))
      throw new RangeError(`--endpoint ${JSON.stringify(values.endpoint)} is no URL`);
    if (values.host !== undefined && values.endpoint === undefined)
      throw new RangeError('--host needs --endpoint: the functions of our own local AWS run here');
    return {
      once: values.once,
      port,
      help: values.help,
      ...(values.endpoint === undefined ? {} : { endpoint: values.endpoint }),
      ...(values.host === undefined ? {} : { host: values.host }),
    };
  } catch (error) {
    process.stderr.write(`bellows: ${error instanceof Error ? error.message : String(error)}\n${usage}`);
    return null;
  }
}

/** As `npm start` takes it: what is said here, else BELLOWS_PORT. @throws RangeError */
function portOf(said: string | undefined): number {
  const fromEnvironment = process.env['BELLOWS_PORT'] ?? '';
  const [name, text] =
    said !== undefined
      ? ['--port', said]
      : fromEnvironment === ''
        ? ['the default', '4790']
        : ['BELLOWS_PORT', fromEnvironment];
  if (!/^\d{1,5}$/.test(text) || Number(text) > 65_535)
    throw new RangeError(`${name} ${JSON.stringify(text)} must be a whole number from 0 to 65535`);
  return Number(text);
}

function interrupted(): Promise<'interrupted'> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
      process.on(signal, () => {
        resolve('interrupted');
      });
  });
}
