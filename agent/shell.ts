// The shell around the pure core: clocks, timer, journal, processes and HTTP. It performs the core's
// effects in their order and tells the core what came of them; it decides nothing.
import { join } from 'node:path';
import { boot, journalOf, unfinishedIn } from './core/boot.ts';
import { knownTo } from './core/protocol.ts';
import { step } from './core/step.ts';
import { agentDefaults } from './core/types.ts';
import type { AgentConfig, AgentEffect, AgentEvent, AgentState, Now, Survivor } from './core/types.ts';
import { unreachable } from '../lib/core/values/errors.ts';
import type { SmallOutput } from '../lib/core/values/output.ts';
import type { Resources } from '../lib/core/values/resources.ts';
import type { AttemptOnNode, SyncReply, SyncRequest } from '../lib/core/records/sync.ts';
import { nextBootId } from './start/boot-id.ts';
import { diskTrouble } from './tasks/disk.ts';
import { messageOf } from './errors.ts';
import { Journal, journalFile } from './journal.ts';
import { outputMark, readOutput } from './tasks/kept/output.ts';
import { BellListener } from './bell-listener.ts';
import { ArtifactKeeper } from './tasks/kept/artifacts.ts';
import type { GpuKeeper } from './tasks/given/gpus.ts';
import { InputKeeper } from './tasks/given/inputs.ts';
import { RoleServer } from './tasks/given/roles.ts';
import type { ContainerAccess } from './tasks/given/roles.ts';
import { SecretKeeper } from './tasks/given/secrets.ts';
import { SaveWatcher, saveFile } from './tasks/kept/saves.ts';
import type { Launcher } from './tasks/launcher.ts';
import type { Mounter } from './tasks/given/mounts.ts';
import { HealthChecker } from './tasks/given/health.ts';
import { endOfCommand } from './tasks/given/pre-stop.ts';
import { portVariables } from '../lib/core/services/serving.ts';
import { Runner } from './tasks/runner.ts';
import type { RunnerEvents } from './tasks/runner.ts';
import { TransportError } from './transport.ts';
import type { Transport } from './transport.ts';
import { Uploader, liveEveryMs } from './tasks/kept/uploader.ts';

export interface ShellOptions {
  readonly nodeId: string;
  readonly pool: string;
  readonly allocatable: Resources;
  readonly tasksMax: number;
  readonly stateDir: string;
  readonly launcher: Launcher;
  readonly gpus: GpuKeeper;
  /** null: tasks that mount volumes do not start here. */
  readonly mounter: Mounter | null;
  /** Where others reach what its tasks serve; absent: nobody knows. */
  readonly address?: string;
  /** How the node has started; absent: nobody tells. */
  readonly boot?: AgentConfig['boot'];
  /** A folder of a memory file system, for secrets; null: there is none. */
  readonly secretsDir: string | null;
  /** Of loopback, where tasks find credentials of their roles; 0: any. */
  readonly rolePort: number;
  /** Where containers find them; null: they have no roles. */
  readonly roleContainers: ContainerAccess | null;
  readonly transport: Transport;
  /** Deletes a folder whatever tasks left in it; rejects while something of it is there. */
  readonly removeTree: (path: string) => Promise<void>;
  readonly log: (message: string) => void;
  /** How often what running tasks wrote is stored; absent: every two seconds. */
  readonly liveEveryMs?: number;
  readonly timing?: Partial<
    Pick<AgentConfig, 'syncTimeoutMs' | 'coalesceMs' | 'backoffBaseMs' | 'backoffMaxMs' | 'uploadWaitMs'>
  >;
}

type PreStopEffect = Extract<AgentEffect, { kind: 'pre-stop' }>;
type UploadEffect = Extract<AgentEffect, { kind: 'upload' }>;

const diskEveryMs = 10_000;
export const askTimeoutMs = 10_000;
const deleteAgainMsMin = 30_000;
const deleteAgainMsMax = 3_600_000;

export function attemptsDirOf(stateDir: string): string {
  return join(stateDir, 'attempts');
}

/** System-wide on Linux and macOS: it goes on counting over a restart of the agent. */
export function monotonicMs(): number {
  return Number(process.hrtime.bigint() / 1_000n) / 1_000;
}

/** What attempts are given, and what is kept of them. */
function keepersOf({ secretsDir, transport }: Pick<ShellOptions, 'secretsDir' | 'transport'>) {
  return {
    secrets: new SecretKeeper({ root: secretsDir, ask: (attemptId) => transport.secrets(attemptId, askTimeoutMs) }),
    inputs: new InputKeeper({
      ask: (attemptId) => transport.inputs(attemptId, askTimeoutMs),
      open: (url, signal) => transport.download(url, signal),
    }),
    artifacts: new ArtifactKeeper({ transport }),
  };
}

export class AgentShell {
  readonly #options: ShellOptions;
  readonly #journal: Journal;
  readonly #runner: Runner;
  readonly #roles: RoleServer;
  readonly #uploader: Uploader;
  readonly #liveTimer: NodeJS.Timeout;
  readonly #diskTimer = setInterval(() => {
    this.#dispatch({ kind: 'trouble', trouble: diskTrouble(this.#options.stateDir) });
  }, diskEveryMs);
  readonly #exited = Promise.withResolvers<string>();
  readonly #urls = new Map<string, string>();
  readonly #listener: BellListener;
  readonly #checker = new HealthChecker((attemptId, health) => {
    this.#dispatch({ kind: 'health', attemptId, health });
  });
  readonly #saves = new SaveWatcher((attemptId, save) => {
    this.#dispatch({ kind: 'saved', attemptId, ...save });
  });
  #state: AgentState;
  #timer: NodeJS.Timeout | null = null;
  #isSyncFailing = false;

  constructor(options: ShellOptions) {
    this.#options = options;
    const { journal, records } = Journal.open(journalFile(options.stateDir));
    this.#journal = journal;
    const { launcher, mounter, removeTree, log } = options;
    const { secrets, inputs, artifacts } = keepersOf(options);
    this.#roles = this.#createRoleServer();
    this.#runner = new Runner(
      {
        attemptsDir: attemptsDirOf(options.stateDir),
        launcher,
        mounter,
        secrets,
        inputs,
        artifacts,
        gpus: options.gpus,
        roles: this.#roles,
        removeTree,
        log,
      },
      this.#runnerEvents(),
    );
    this.#uploader = new Uploader(
      options.transport,
      {
        mark: (attemptId) => outputMark(this.#runner.folderOf(attemptId)),
        read: (attemptId) => readOutput(this.#runner.folderOf(attemptId)),
      },
      monotonicMs,
      options.log,
    );
    this.#listener = new BellListener({
      transport: options.transport,
      log: options.log,
      onRung: () => {
        this.#dispatch({ kind: 'bell' });
      },
      onListening: (isListening) => {
        this.#dispatch({ kind: 'listening', isListening });
      },
    });
    const survivors = new Map<string, Survivor>(unfinishedIn(records).map((id) => [id, this.#runner.find(id)]));
    if (survivors.size > 0) options.log(`restarted with ${String(survivors.size)} unfinished attempts`);
    const first = boot(this.#config(), records, survivors, this.#runner.folders(), this.#now());
    this.#state = first.state;
    for (const attempt of first.state.attempts) this.#urls.set(attempt.facts.attemptId, attempt.facts.outputUrl);
    secrets.keepOnly(new Set(this.#runner.runningIds()));
    this.#liveTimer = setInterval(() => {
      this.#uploadLive();
    }, options.liveEveryMs ?? liveEveryMs);
    for (const id of this.#runner.runningIds()) this.#watch(id);
    this.#perform(first.effects);
  }

  #createRoleServer(): RoleServer {
    const { stateDir, rolePort, roleContainers, transport, log } = this.#options;
    return new RoleServer({
      stateDir,
      port: rolePort,
      containers: roleContainers,
      ask: (attemptId) => transport.credentials(attemptId, askTimeoutMs),
      isRunning: (attemptId) => this.#runner.runningIds().includes(attemptId),
      nowMs: Date.now,
      log,
    });
  }

  #runnerEvents(): RunnerEvents {
    return {
      started: (attemptId, ports) => {
        this.#dispatch({ kind: 'process-started', attemptId, ...(ports === undefined ? {} : { ports }) });
        this.#watch(attemptId);
      },
      startFailed: (attemptId, message) => {
        this.#dispatch({ kind: 'start-failed', attemptId, message });
      },
      progress: (attemptId, note) => {
        this.#dispatch({ kind: 'progress', attemptId, note });
      },
      keeping: (attemptId) => {
        this.#dispatch({ kind: 'keeping', attemptId });
      },
      ended: (attemptId, exitCode, known) => {
        this.#checker.forget(attemptId);
        this.#saves.forget(attemptId);
        this.#dispatch({ kind: 'process-ended', attemptId, exitCode, ...known });
      },
    };
  }

  /** Its health, and what it saves; from its start, or from the restart of the agent. */
  #watch(attemptId: string): void {
    const attempt = this.#state.attempts.find((one) => one.facts.attemptId === attemptId);
    if (attempt?.phase !== 'running') return;
    if (attempt.facts.checkpoint !== undefined)
      this.#saves.watch(attemptId, join(this.#runner.folderOf(attemptId), 'work', saveFile));
    if (attempt.facts.health === undefined) return;
    const { ports = [] } = attempt;
    this.#checker.watch({
      attemptId,
      check: attempt.facts.health,
      ports,
      command: (argv) => this.#runner.probe(attemptId, argv, portVariables(ports)),
    });
  }

  /** Resolves with the reason when nothing of the node is left to do. */
  get exited(): Promise<string> {
    return this.#exited.promise;
  }

  /** The node goes down: tasks get TERM, then KILL; then {@link exited} resolves. */
  shutDown(reason: string): void {
    this.#dispatch({ kind: 'shutdown', reason });
  }

  /** EC2's notice that it takes the node; reported to the controller with the next sync, which is sent at once. */
  interrupted(atMs: number): void {
    if (this.#state.interruptionAtMs !== atMs) this.#dispatch({ kind: 'interruption', atMs });
  }

  #config(): AgentConfig {
    const { nodeId, pool, allocatable, tasksMax, timing, address, boot: started } = this.#options;
    const reached = {
      ...(address === undefined ? {} : { address }),
      ...(started === undefined ? {} : { boot: started }),
    };
    const bootId = nextBootId(this.#options.stateDir, Date.now());
    return { ...agentDefaults, nodeId, pool, bootId, allocatable, tasksMax, ...reached, ...timing };
  }

  #now(): Now {
    return { monotonicMs: monotonicMs(), wallMs: Date.now(), random: Math.random() };
  }

  #dispatch(event: AgentEvent): void {
    if (this.#state.hasExited) return;
    const { state, effects } = step(this.#state, event, this.#now());
    this.#state = state;
    this.#perform(effects);
    if (!state.hasExited) this.#compact();
  }

  /** A journal that cannot be made shorter is only long. */
  #compact(): void {
    try {
      this.#journal.compactWhenGrown(() => journalOf(this.#state));
    } catch (error) {
      this.#options.log(`the journal is not made shorter; it goes on as it is: ${messageOf(error)}`);
    }
  }

  #perform(effects: readonly AgentEffect[]): void {
    for (const effect of effects) this.#performOne(effect);
  }

  #performOne(effect: AgentEffect): void {
    switch (effect.kind) {
      case 'journal':
        // If this throws (a full disk) the agent dies here, before the start that it would not remember.
        this.#journal.append(effect.record, effect.isDurable);
        return;
      case 'start':
        this.#urls.set(effect.attempt.attemptId, effect.attempt.outputUrl);
        this.#runner.start(effect.attempt);
        return;
      case 'signal':
        if (effect.signal !== 'KILL') this.#saves.ask(effect.attemptId);
        this.#runner.signal(effect.attemptId, effect.signal);
        return;
      case 'pre-stop':
        void this.#preStop(effect);
        return;
      case 'abandon':
        this.#runner.abandon(effect.attemptId);
        return;
      case 'upload':
        void this.#upload(effect);
        return;
      case 'forget':
        this.#forget(effect.attemptId);
        return;
      case 'sync':
        if (effect.request.ends.length > 0) this.#journal.flush();
        void this.#sync({ ...effect.request, onNode: effect.request.onNode.map((one) => this.#measured(one)) });
        return;
      case 'listen':
        this.#listener.listenAt(effect.address);
        return;
      case 'schedule':
        if (this.#timer !== null) clearTimeout(this.#timer);
        this.#timer = setTimeout(
          () => {
            this.#dispatch({ kind: 'timer' });
          },
          Math.min(2 ** 30, Math.max(0, Math.ceil(effect.atMs - monotonicMs()))),
        );
        return;
      case 'exit':
        this.#stop();
        this.#exited.resolve(effect.reason);
        return;
      default:
        unreachable(effect);
    }
  }

  #forget(attemptId: string): void {
    this.#urls.delete(attemptId);
    this.#uploader.forget(attemptId);
    void this.#delete(attemptId, deleteAgainMsMin);
  }

  /** What cannot be deleted now (an immutable file, a mount that is busy) is tried again: the disk is not its own. */
  async #delete(attemptId: string, againMs: number): Promise<void> {
    try {
      await this.#runner.forget(attemptId);
      this.#dispatch({ kind: 'forgotten', attemptId });
    } catch (error) {
      this.#options.log(
        `the folder of ${attemptId} is not deleted; again in ${String(againMs / 1000)} s: ${messageOf(error)}`,
      );
      setTimeout(() => {
        void this.#delete(attemptId, Math.min(deleteAgainMsMax, 2 * againMs));
      }, againMs).unref();
    }
  }

  /** Never rejects. */
  async #preStop({ facts: { attemptId, preStop }, timeoutMs }: PreStopEffect): Promise<void> {
    const attempt = this.#state.attempts.find((one) => one.facts.attemptId === attemptId);
    const ports = attempt?.phase === 'running' ? (attempt.ports ?? []) : [];
    const said = await endOfCommand(
      this.#runner.probe(attemptId, preStop?.argv ?? [], portVariables(ports)),
      timeoutMs,
    );
    this.#dispatch({ kind: 'pre-stopped', attemptId, said });
  }

  #measured(one: AttemptOnNode): AttemptOnNode {
    const usage = this.#runner.usageOf(one.attemptId);
    const imageDigest = this.#runner.imageDigestOf(one.attemptId);
    return { ...one, ...(usage === null ? {} : { usage }), ...(imageDigest === null ? {} : { imageDigest }) };
  }

  async #sync(request: SyncRequest): Promise<void> {
    const reply = await this.#replyTo(request);
    this.#dispatch(
      reply === null || reply === 'refused'
        ? { kind: 'sync-failed', seq: request.seq, ...(reply === null ? {} : { isRefused: true }) }
        : { kind: 'sync-reply', seq: request.seq, reply },
    );
  }

  async #replyTo(request: SyncRequest): Promise<SyncReply | 'refused' | null> {
    try {
      const { config, controllerProtocol } = this.#state;
      const reply = await this.#options.transport.sync(knownTo(controllerProtocol, request), config.syncTimeoutMs);
      if (this.#isSyncFailing) this.#options.log('in contact with the controller again');
      this.#isSyncFailing = false;
      return reply;
    } catch (error) {
      // The core retries; one line per outage is enough.
      if (!this.#isSyncFailing) this.#options.log(`no contact to the controller: ${messageOf(error)}`);
      this.#isSyncFailing = true;
      return error instanceof TransportError && error.status === 400 ? 'refused' : null;
    }
  }

  async #upload({ facts, giveUpAtMs, inEndBytesMax }: UploadEffect): Promise<void> {
    const { attemptId, outputUrl } = facts;
    let failure: string | null = null;
    let output: SmallOutput | null = null;
    try {
      output = await this.#uploader.final(attemptId, outputUrl, { giveUpAtMs, inEndBytesMax });
    } catch (error) {
      failure = messageOf(error);
      this.#options.log(`the output of ${attemptId} is not stored: ${failure}`);
    }
    if (failure === null) this.#dispatch({ kind: 'uploaded', attemptId, ...(output === null ? {} : { output }) });
    else
      this.#dispatch({
        kind: 'upload-failed',
        attemptId,
        giveUpAtMs,
        message: `its output could not be stored: ${failure}`.slice(0, 500),
      });
  }

  #uploadLive(): void {
    for (const attemptId of this.#runner.runningIds()) {
      const url = this.#urls.get(attemptId);
      if (url !== undefined) this.#uploader.live(attemptId, url);
    }
  }

  #stop(): void {
    this.#listener.stop();
    this.#checker.stop();
    this.#saves.stop();
    this.#uploader.stop();
    this.#roles.close();
    clearInterval(this.#liveTimer);
    clearInterval(this.#diskTimer);
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#journal.close();
  }
}
