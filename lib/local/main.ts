// `npm start`: the local control plane, and a shop's day on it.
import { userInfo } from 'node:os';
import { localContainers } from '../adapters/local/containers.ts';
import { PortBusyError } from '../adapters/local/ports.ts';
import { findProgram } from '../adapters/system/find-program.ts';
import { BellowsError } from '../core/values/errors.ts';
import { ServerDiedError, chaosMinute, runChaos } from './server/chaos.ts';
import { UsageError, readConfig, usage } from './server/config.ts';
import type { LocalConfig } from './server/config.ts';
import { HomeBusyError } from './server/home.ts';
import { startLocalServer } from './server/server.ts';
import { runShop } from './shop/shop.ts';
import { verdictExits } from './shop/summary.ts';
import { LiveView } from './server/view.ts';

/** One Ctrl-C may arrive twice: from the terminal, and passed on by npm or timeout. */
const sameInterruptMs = 1_000;

try {
  const config = readConfig(process.env, process.argv.slice(2));
  if (config === null) process.stdout.write(`${usage}\n`);
  else process.exitCode = await run(config);
} catch (error) {
  if (!(error instanceof BellowsError)) throw error;
  process.stderr.write(`bellows: ${error.message}\n`);
  const isTaken =
    error instanceof PortBusyError
    || error instanceof HomeBusyError
    || (error instanceof ServerDiedError && error.isTaken);
  process.exit(error instanceof UsageError ? 2 : isTaken ? 3 : 1);
}

async function run(config: LocalConfig): Promise<number> {
  const view = new LiveView({
    isTerminal: process.stdout.isTTY,
    columns: () => process.stdout.columns,
    write: (text) => process.stdout.write(text),
  });
  if (config.mode === 'chaos') return verdictExits[await runChaos(config, chaosMinute, view)];
  const engine = findProgram(['docker', 'podman'], process.env['PATH'] ?? '');
  const server = await startLocalServer({
    ...config,
    containers: engine === null ? null : localContainers(engine, process.env, userInfo()),
  });
  view.say(`bellows listens on ${server.url} (state in ${config.home}); Ctrl-C stops it`);
  view.say(`see it in a browser: ${server.url}/`);
  view.say(`services are reached by name: http://NAME.localhost:${String(server.proxyPort)}/`);
  if (server.ec2ControlUrl !== null)
    view.say(`the simulated EC2 is controlled on ${server.ec2ControlUrl}/_sim/health (docs/local.md)`);
  const interruption = interrupted();
  const shop = config.mode === 'shop' ? runShop(config.home, server.url, view) : null;
  const result = await Promise.race([interruption, ...(shop === null ? [] : [shop.done])]);
  if (result !== 'interrupted' && !config.isOnce) {
    view.say(`\nbellows goes on serving on ${server.url}; try: ./bellows run --wait -- echo hello   (Ctrl-C stops it)`);
    await interruption;
  }
  shop?.stop();
  view.clear();
  view.say('stopping: agents end, their tasks are queued again …');
  await server.close();
  if (result === 'interrupted' || result === null) return config.isOnce ? 1 : 0;
  return verdictExits[result];
}

/** Ctrl-C, or a polite kill. A later second one does not wait. */
function interrupted(): Promise<'interrupted'> {
  return new Promise((resolve) => {
    let firstAtMs: number | null = null;
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.on(signal, () => {
        firstAtMs ??= performance.now();
        if (performance.now() - firstAtMs > sameInterruptMs) process.exit(130);
        resolve('interrupted');
      });
    }
  });
}
