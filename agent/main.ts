// The node agent: `node agent/main.ts CONFIG.json`. SIGTERM: the node goes down, tasks are stopped.
// SIGHUP: the agent alone stops; its tasks run on and the next start finds them again.
import { mkdirSync } from 'node:fs';
import { AgentConfigError, readAgentFile } from './config.ts';
import { findProgram } from '../lib/adapters/system/find-program.ts';
import { GpuKeeper } from './tasks/given/gpus.ts';
import { ImageKeeper } from './tasks/given/images.ts';
import { ContainerLauncher } from './tasks/containers.ts';
import { BellowsError } from '../lib/core/values/errors.ts';
import { removeTree } from '../lib/adapters/system/remove-tree.ts';
import { PlainLauncher } from './tasks/launcher.ts';
import { FolderMounter } from './tasks/given/mounts.ts';
import { AgentShell, askTimeoutMs, attemptsDirOf } from './shell.ts';
import { HttpTransport } from './transport.ts';

/** All nodes of a laptop are one machine. */
const loopback = '127.0.0.1';

function log(message: string): void {
  process.stderr.write(`${new Date().toISOString()} ${message}\n`);
}

// Whatever ends the agent, its log says why: a defect with its trace, a full disk in a sentence.
process.on('uncaughtException', (error) => {
  log(`the agent ends: ${error instanceof BellowsError ? error.message : (error.stack ?? String(error))}`);
  process.exit(1);
});

const configFile = process.argv[2];
if (configFile === undefined || process.argv.length > 3) {
  process.stderr.write('usage: node agent/main.ts CONFIG.json\n');
  process.exit(2);
}

try {
  await run(configFile);
} catch (error) {
  if (!(error instanceof AgentConfigError)) throw error;
  log(error.message);
  process.exit(2);
}

async function run(file: string): Promise<void> {
  const config = readAgentFile(file);
  mkdirSync(config.stateDir, { recursive: true });
  const { queueHeaders } = config;
  const queues =
    queueHeaders === undefined
      ? null
      : { sign: async ({ headers }: { readonly headers: object }) => ({ ...headers, ...queueHeaders }) };
  const transport = new HttpTransport(serverUrlIn(file, config.serverUrl), config.headers, null, queues);
  const { containers, nodeId, stateDir, taskPath } = config;
  const images = new ImageKeeper({
    stateDir,
    root: config.secretsDir ?? null,
    ask: (attemptId) => transport.imageLogin(attemptId, askTimeoutMs),
    isGuarded: false,
    nowMs: Date.now,
  });
  const launcher = new ContainerLauncher({
    images,
    nodeId,
    stateDir,
    log,
    processes: new PlainLauncher(taskPath),
    client: () => containers ?? null,
    publishOn: loopback,
    ...(containers?.user === undefined ? {} : { user: containers.user }),
  });
  const shell = new AgentShell({
    ...config,
    secretsDir: config.secretsDir ?? null,
    address: loopback,
    boot: { agentAtMs: Math.round(performance.timeOrigin) },
    rolePort: 0,
    roleContainers: null,
    launcher,
    gpus: new GpuKeeper({
      attemptsDir: attemptsDirOf(stateDir),
      program: () => findProgram(['nvidia-smi'], taskPath),
      isExclusive: false,
    }),
    transport,
    log,
    removeTree,
    // Storing costs nothing here, and people look at what they have just started.
    liveEveryMs: 750,
    mounter: config.volumesDir === undefined ? null : new FolderMounter(config.volumesDir),
  });
  process.on('SIGTERM', () => {
    shell.shutDown('the node is being shut down');
  });
  process.on('SIGINT', () => {
    shell.shutDown('the node is being shut down');
  });
  process.on('SIGHUP', () => process.exit(0));
  log(`agent of ${config.nodeId} runs (pid ${String(process.pid)})`);
  log(`agent ends: ${await shell.exited}`);
  process.exit(0);
}

/**
 * Read again for every call: the file is small, and a controller that moved is found without a restart. A task may have
 * deleted or replaced it: until it is written again the controller is where it was.
 */
function serverUrlIn(file: string, known: string): () => string {
  let serverUrl = known;
  return () => {
    try {
      ({ serverUrl } = readAgentFile(file));
    } catch (error) {
      if (!(error instanceof AgentConfigError)) throw error;
    }
    return serverUrl;
  };
}
