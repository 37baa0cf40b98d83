// Kills the server and agents at random with `kill -9` while work runs, lets it settle, and audits. It takes
// the supervisor's place, too: it starts the server again at once.
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { livingAgents, signalProcess } from '../../adapters/local/agents-processes.ts';
import { assertPortFree } from '../../adapters/local/ports.ts';
import { SeededRandom } from '../../adapters/simulated/cloud/random.ts';
import { BellowsError } from '../../core/values/errors.ts';
import { ApiClient, patienceMs } from './api-client.ts';
import { auditLine, settledAudit } from './audit.ts';
import type { LocalConfig } from './config.ts';
import { homePaths } from './home.ts';
import { Player } from '../shop/player.ts';
import type { Played } from '../shop/player.ts';
import type { Arrival } from '../shop/shop-day.ts';
import { ledgerVariable, noted } from '../shop/shop-day.ts';
import { objectionsTo, summaryOf, verdictOf } from '../shop/summary.ts';
import type { Verdict } from '../shop/summary.ts';
import type { LiveView } from './view.ts';

export interface ChaosTiming {
  readonly durationMs: number;
  readonly serverEveryMs: number;
  readonly agentEveryMs: number;
  /** For everything to end, and all nodes to go, once the killing has stopped. */
  readonly settleMs: number;
}

export const chaosMinute: ChaosTiming = {
  durationMs: 60_000,
  serverEveryMs: 10_000,
  agentEveryMs: 5_000,
  settleMs: 150_000,
};

export class ServerDiedError extends BellowsError {
  /** The port or the folder belongs to another server. */
  readonly isTaken: boolean;
  constructor(code: number | null, logFile: string) {
    const last =
      readFileSync(logFile, 'utf8')
        .trimEnd()
        .split('\n')
        .at(-1)
        ?.replace(/^bellows: /, '') ?? '';
    super(
      'server_died',
      `the server ended by itself (exit ${String(code)}) before it answered: ${last} (see ${logFile})`,
    );
    this.isTaken = code === 3;
  }
}

/** A server that was started does not answer: there is too much else to do here. */
export class ServerSilentError extends BellowsError {
  constructor(waitedMs: number) {
    super('server_silent', `the server did not come up within ${String(waitedMs / 1000)} s`);
  }
}

/** `good` when nothing was lost, launched twice or leaked, and everything has ended. */
export async function runChaos(config: LocalConfig, timing: ChaosTiming, view: LiveView): Promise<Verdict> {
  const paths = homePaths(config.home);
  const random = new SeededRandom(`chaos ${config.seed}`);
  await assertPortFree(config.port);
  const server = new ServerProcess(config);
  const url = `http://127.0.0.1:${String(config.port)}`;
  await server.start(url);
  view.say(
    `chaos with seed ${JSON.stringify(config.seed)} on ${url}: kill -9 for the server every `
      + `${String(timing.serverEveryMs / 1000)} s and for an agent every ${String(timing.agentEveryMs / 1000)} s`,
  );
  const player = new Player({
    client: new ApiClient(url),
    arrivals: workload(random, timing.durationMs, paths.ledger, Date.now()),
    fromMs: 0,
    acceptedFile: paths.accepted,
    pool: 'default',
    onLook: ({ elapsedMs, ...look }) => {
      const title = elapsedMs < timing.durationMs ? `chaos ${(elapsedMs / 1000).toFixed(0)} s` : 'settling';
      view.show({ ...look, title }, performance.now());
    },
  });
  const stage = { isOver: false, kills: { server: 0, agent: 0 }, silent: null as string | null };
  const killing = killAsPlanned(stage, killPlan(random, timing), { player, server, url, agentsDir: paths.agents });
  try {
    const [played] = await Promise.all([
      player.play(timing.settleMs).finally(() => {
        stage.isOver = true;
      }),
      killing,
    ]);
    view.clear();
    await server.stop();
    const { verdict, lines } = await judge(config, stage, played);
    for (const line of lines) view.say(line);
    return verdict;
  } finally {
    stage.isOver = true;
    player.stop();
    await server.stop();
  }
}

/** What the killing and the playing know of each other. */
interface Stage {
  isOver: boolean;
  readonly kills: { server: number; agent: number };
  /** Why the server does not answer any more; null: it does. */
  silent: string | null;
}

interface Targets {
  readonly player: Player;
  readonly server: ServerProcess;
  readonly url: string;
  readonly agentsDir: string;
}

async function killAsPlanned(stage: Stage, plan: readonly Kill[], targets: Targets): Promise<void> {
  const { player, server, url, agentsDir } = targets;
  try {
    for (const kill of plan) {
      if (stage.isOver) return;
      const waitMs = kill.atMs - player.elapsedMs;
      if (waitMs > 0) await new Promise((wake) => setTimeout(wake, waitMs));
      if (kill.what === 'server') {
        await server.killAndRestart(url);
        stage.kills.server += 1;
      } else if (killAgent(agentsDir, kill.draw)) {
        stage.kills.agent += 1;
      }
    }
  } catch (error) {
    // Then the player's calls go unanswered, too: it ends with what it knows.
    if (!(error instanceof ServerSilentError)) throw error;
    stage.silent = error.message;
  }
}

async function judge(
  config: LocalConfig,
  { kills, silent }: Stage,
  played: Played,
): Promise<{ readonly verdict: Verdict; readonly lines: readonly string[] }> {
  // What was killed may take a moment to die.
  const found = await settledAudit(config.home);
  const unanswered = silent ?? played.unanswered;
  const { verdict, lines } = verdictOf({ ...played, unanswered }, found.problems, objectionsTo(played));
  const killed = `killed    the server ${String(kills.server)} times, agents ${String(kills.agent)} times`;
  return { verdict, lines: [killed, ...summaryOf(played), auditLine(found), ...lines] };
}

interface Kill {
  readonly atMs: number;
  readonly what: 'server' | 'agent';
  /** Which agent, in [0, 1). */
  readonly draw: number;
}

/** Regular, with jitter, so that kills meet every moment of a tick and of each other. */
function killPlan(random: SeededRandom, timing: ChaosTiming): readonly Kill[] {
  const every = (periodMs: number, what: Kill['what']): Kill[] =>
    Array.from({ length: Math.floor(timing.durationMs / periodMs) }, (_, n) => ({
      atMs: (n + 0.5 + 0.5 * random.next()) * periodMs,
      what,
      draw: random.next(),
    }));
  return [...every(timing.serverEveryMs, 'server'), ...every(timing.agentEveryMs, 'agent')].sort(
    (a, b) => a.atMs - b.atMs,
  );
}

function killAgent(dir: string, draw: number): boolean {
  const pids = [...livingAgents(dir).values()];
  const pid = pids[Math.floor(draw * pids.length)];
  return pid !== undefined && signalProcess(pid, 'SIGKILL');
}

/** Single tasks all the time and an array now and then; all end well if they are run to their end. */
function workload(random: SeededRandom, durationMs: number, ledger: string, run: number): readonly Arrival[] {
  const env = { [ledgerVariable]: ledger };
  const arrivals: Arrival[] = [];
  for (let atMs = 0, n = 0; atMs < durationMs; atMs += 200 + 400 * random.next(), n += 1) {
    const isArray = n % 20 === 10;
    const seconds = (0.1 + 3 * random.next() ** 2).toFixed(2);
    arrivals.push({
      atMs,
      key: `chaos-${String(run)}-${String(n)}`,
      kind: 'page',
      body: {
        type: 'task',
        shell: noted(`sleep ${seconds}`),
        env,
        timeoutSeconds: 60,
        resources: { vcpu: 0.25 + Math.floor(4 * random.next()) / 2, memoryMib: 256 },
        ...(isArray ? { count: 15 } : {}),
      },
    });
  }
  return arrivals;
}

class ServerProcess {
  readonly #config: LocalConfig;
  readonly #logFile: string;
  #child: ChildProcess | null = null;

  constructor(config: LocalConfig) {
    this.#config = config;
    mkdirSync(config.home, { recursive: true });
    this.#logFile = join(config.home, 'chaos-server.log');
  }

  /** @throws ServerDiedError, ServerSilentError */
  async start(url: string): Promise<void> {
    const { home, port, processesMax } = this.#config;
    const out = openSync(this.#logFile, 'a');
    const child = spawn(
      process.execPath,
      ['--disable-warning=ExperimentalWarning', fileURLToPath(new URL('../main.ts', import.meta.url)), '--empty'],
      {
        stdio: ['ignore', out, out],
        env: {
          PATH: process.env['PATH'],
          BELLOWS_HOME: home,
          BELLOWS_PORT: String(port),
          BELLOWS_LOCAL_PROCESSES: String(processesMax),
          NODE_COMPILE_CACHE: homePaths(home).cache,
        },
      },
    );
    closeSync(out);
    this.#child = child;
    const untilMs = performance.now() + patienceMs;
    while (!(await isHealthy(url, child))) {
      if (performance.now() > untilMs) throw new ServerSilentError(patienceMs);
      if (child.exitCode !== null) throw new ServerDiedError(child.exitCode, this.#logFile);
      await new Promise((wake) => setTimeout(wake, 50));
    }
  }

  async killAndRestart(url: string): Promise<void> {
    await this.#end('SIGKILL');
    await this.start(url);
  }

  async stop(): Promise<void> {
    await this.#end('SIGTERM');
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    this.#child = null;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const exited = new Promise((resolve) => child.once('exit', resolve));
    child.kill(signal);
    await exited;
  }
}

/** Of this child, not of a stranger on the same port. */
async function isHealthy(url: string, child: ChildProcess): Promise<boolean> {
  try {
    const response = await fetch(`${url}/healthz`, { signal: AbortSignal.timeout(1_000) });
    await response.body?.cancel();
    return response.ok && child.exitCode === null;
  } catch {
    return false; // it does not listen yet; the caller looks again, and at the child
  }
}
