// Gives each simulated instance that runs a real agent process. Agents outlive a killed server, so this
// is level-triggered: `reconcile` compares the cloud's instances with the folders and processes that are
// there, and what it cannot find again it never starts a second time.
import { spawn } from 'node:child_process';
import {
  chmodSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { Resources } from '../../core/values/resources.ts';
import type { Log } from '../../ports/log.ts';
import { removeContainersOf } from './containers.ts';
import type { LocalContainers } from './containers.ts';
import { agentConfig, killAllOf, livingAgent, processesOf, signalProcess } from './agents-processes.ts';
import { FolderRemover } from './folder-remover.ts';
import { codeOf, readPlainFile } from './plain-file.ts';

export interface AgentInstance {
  readonly id: string;
  readonly pool: string;
  readonly allocatable: Resources;
  /**
   * `runs`: it shall have an agent. `stops`: the system goes down (TERM, then KILL). `gone`:
   * nothing may run any more.
   */
  readonly state: 'runs' | 'stops' | 'gone';
}

export interface LocalAgentsOptions {
  /** One folder per instance below this one. */
  readonly dir: string;
  readonly serverUrl: string;
  /** Path of agent/main.ts. */
  readonly program: string;
  /** Most tasks of one agent; the last line of defence behind control's own limit. */
  readonly tasksMax: number;
  readonly taskPath: string;
  /**
   * Where volumes are, one folder each; below no instance, since they outlive it. Absent: tasks that mount
   * volumes do not start.
   */
  readonly volumesDir?: string;
  /** In memory, for secrets of tasks; one folder per instance below it. Absent: there is no such place. */
  readonly secretsDir?: string | undefined;
  /** Where agents keep their compiled code: a second start then takes a third of the processor time. */
  readonly cacheDir?: string;
  /** For tasks with an image; absent: there is no container engine. */
  readonly containers?: LocalContainers | undefined;
  headersOf(instanceId: string): Readonly<Record<string, string>>;
  /** For calls to the node's bell where that is a queue; absent: it is the controller's own. */
  queueHeadersOf?(instanceId: string): Readonly<Record<string, string>>;
  /** From TERM to KILL of an agent whose instance shuts down. */
  readonly killGraceMs: number;
  readonly nowMs: () => number;
  readonly log: Log;
  /** Deletes a folder whatever tasks left in it; rejects while something of it is there. */
  readonly removeTree: (path: string) => Promise<void>;
  /** The agent's process is dead, and so is its instance; nothing of it runs any more. */
  onDeath(instanceId: string): void;
  /** An agent's process ended: a good moment to reconcile. */
  onChange?(): void;
}

export class LocalAgents {
  readonly #options: LocalAgentsOptions;
  /** When TERM was sent to an agent. */
  readonly #stopping = new Map<string, number>();
  readonly #remover: FolderRemover;

  constructor(options: LocalAgentsOptions) {
    this.#options = options;
    this.#remover = new FolderRemover(options);
    mkdirSync(options.dir, { recursive: true });
  }

  /** `instances`: all that the cloud knows. A folder of any other instance is that of a dead one. */
  async reconcile(instances: readonly AgentInstance[]): Promise<void> {
    const folders = this.#folders();
    const known = new Map(instances.map((instance) => [instance.id, instance]));
    for (const instance of instances) {
      if (instance.state === 'runs') this.#keep(instance);
    }
    for (const id of folders) {
      const state = known.get(id)?.state ?? 'gone';
      if (state === 'stops') this.#stop(id);
      if (state === 'gone') await this.#remove(id);
    }
  }

  /** Tasks run as the same user: one may have deleted everything, or closed it. */
  #folders(): readonly string[] {
    const { dir } = this.#options;
    mkdirSync(dir, { recursive: true });
    try {
      return readdirSync(dir);
    } catch (error) {
      if (codeOf(error) !== 'EACCES') throw error;
    }
    chmodSync(dir, 0o755);
    return readdirSync(dir);
  }

  #keep(instance: AgentInstance): void {
    try {
      if (this.#hasStarted(instance.id)) this.#checkAlive(instance);
      else this.#start(instance);
    } catch (error) {
      // A full disk, or a folder that a task has closed to us: one machine that does not work, not the end of all.
      this.#options.log.write('error', 'an instance has no working folder; it counts as crashed', {
        instance: instance.id,
        error,
      });
      this.#killAll(instance.id);
      this.#options.onDeath(instance.id);
    }
  }

  /** Ends all agents and their tasks: TERM, KILL after the grace. Resolves when nothing runs. */
  async stopAll(): Promise<void> {
    const ids = this.#folders();
    for (const id of ids) this.#stop(id);
    const deadlineMs = this.#options.nowMs() + this.#options.killGraceMs;
    while (ids.some((id) => this.#livingAgent(id) !== null) && this.#options.nowMs() < deadlineMs) {
      await new Promise((wake) => setTimeout(wake, 25));
    }
    for (const id of ids) this.#killAll(id);
  }

  /** Containers are no processes of ours: they go by their label, where the agent says that it made some. */
  #killAll(id: string): void {
    killAllOf(this.#folder(id));
    const secrets = this.#secretsOf(id);
    if (secrets !== null) rmSync(secrets, { recursive: true, force: true });
    const { containers, log } = this.#options;
    if (containers === undefined || !existsSync(join(this.#folder(id), 'state', 'containers'))) return;
    removeContainersOf(id, containers).catch((error: unknown) => {
      log.write('error', 'containers of a dead instance are not removed', { instance: id, error });
    });
  }

  #folder(id: string): string {
    return join(this.#options.dir, id);
  }

  #secretsOf(id: string): string | null {
    const { secretsDir } = this.#options;
    return secretsDir === undefined ? null : join(secretsDir, id);
  }

  #livingAgent(id: string): number | null {
    return livingAgent(this.#folder(id));
  }

  /**
   * Also when a task has deleted the folder; false also when a server was killed between making it
   * and starting the agent.
   */
  #hasStarted(id: string): boolean {
    const folder = this.#folder(id);
    if (readPlainFile(join(folder, 'agent.pid')) !== null) return true;
    const [pid] = processesOf(folder);
    if (pid === undefined) return false;
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'agent.pid'), `${String(pid)}\n`);
    return true;
  }

  #checkAlive(instance: AgentInstance): void {
    if (this.#livingAgent(instance.id) !== null) {
      this.#writeConfig(instance);
      return;
    }
    // The machine is dead, and with it all that ran on it: first that, then the news.
    this.#killAll(instance.id);
    this.#options.log.write('warn', 'an agent died; its instance counts as crashed', { instance: instance.id });
    this.#options.onDeath(instance.id);
  }

  #start(instance: AgentInstance): void {
    const folder = this.#folder(instance.id);
    mkdirSync(folder, { recursive: true });
    this.#writeConfig(instance);
    const { cacheDir } = this.#options;
    const logFile = openSync(join(folder, 'agent.log'), 'a');
    // Detached: a signal to the server's group, such as Ctrl-C, is not one to the agents.
    const child = spawn(
      process.execPath,
      ['--disable-warning=ExperimentalWarning', this.#options.program, agentConfig(folder)],
      {
        cwd: folder,
        detached: true,
        stdio: ['ignore', logFile, logFile],
        env: {
          PATH: this.#options.taskPath,
          LANG: 'C.UTF-8',
          ...(cacheDir === undefined ? {} : { NODE_COMPILE_CACHE: cacheDir }),
        },
      },
    );
    closeSync(logFile);
    child.on('error', (error) => {
      this.#options.log.write('error', 'an agent could not be started', { instance: instance.id, error });
    });
    child.on('exit', () => this.#options.onChange?.());
    child.unref();
    if (child.pid !== undefined) writeFileSync(join(folder, 'agent.pid'), `${String(child.pid)}\n`);
  }

  /** Also on adoption: a server that comes back may listen on another port. */
  #writeConfig(instance: AgentInstance): void {
    const file = agentConfig(this.#folder(instance.id));
    const { serverUrl, tasksMax, taskPath, containers, volumesDir } = this.#options;
    const text = `${JSON.stringify(
      {
        serverUrl,
        nodeId: instance.id,
        pool: instance.pool,
        allocatable: instance.allocatable,
        tasksMax,
        stateDir: join(this.#folder(instance.id), 'state'),
        taskPath,
        volumesDir,
        secretsDir: this.#secretsOf(instance.id) ?? undefined,
        containers,
        headers: this.#options.headersOf(instance.id),
        queueHeaders: this.#options.queueHeadersOf?.(instance.id),
      },
      null,
      2,
    )}\n`;
    if (readPlainFile(file) === text) return;
    writeFileSync(`${file}.new`, text, { mode: 0o600 });
    renameSync(`${file}.new`, file);
  }

  #stop(id: string): void {
    const pid = this.#livingAgent(id);
    if (pid === null) {
      if (existsSync(this.#folder(id))) this.#killAll(id);
      return;
    }
    const sinceMs = this.#stopping.get(id);
    if (sinceMs === undefined) {
      this.#stopping.set(id, this.#options.nowMs());
      signalProcess(pid, 'SIGTERM');
    } else if (this.#options.nowMs() >= sinceMs + this.#options.killGraceMs) {
      this.#killAll(id);
    }
  }

  async #remove(id: string): Promise<void> {
    const folder = this.#folder(id);
    if (!this.#remover.isDue(folder)) return;
    this.#killAll(id);
    if (await this.#remover.remove(folder)) this.#stopping.delete(id);
  }
}
