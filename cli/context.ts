// What every command needs: where the server is, where output goes, and time.
import { Option } from 'commander';
import type { Command } from 'commander';
import { Client, isPassing } from './client.ts';
import type { PassedAnswer, PassedCall } from './client.ts';
import { coloured } from './printing/colours.ts';
import { csv } from './printing/csv.ts';
import type { AwsReader } from './checks/preflight/reading.ts';
import type { OpenSigner, SigningOptions } from './signing.ts';

export interface Streams {
  readonly stdout: (text: string) => void;
  readonly stderr: (text: string) => void;
  /** Of a task: as they are. */
  readonly bytes: (to: 'stdout' | 'stderr', bytes: Uint8Array) => void;
}

export interface ServedDashboard {
  readonly port: number;
  readonly settings: {
    readonly refreshMs: number;
    readonly idleRefreshMs: number;
    readonly restRefreshMs: number;
    readonly where: string;
  };
  readonly pass: (call: PassedCall) => Promise<PassedAnswer>;
}

/** A program that is started on this machine, with this terminal. */
export interface Beside {
  readonly argv: readonly string[];
  /** Absent: as it is. */
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
}

export interface CliEnvironment extends Streams {
  /** Of the terminal; absent: the output goes elsewhere. */
  readonly columns?: number | undefined;
  /** States have colours; absent: no. */
  readonly hasColours?: boolean;
  /** BELLOWS_URL, or the address that BELLOWS_PORT gives. */
  readonly server: string;
  /** BELLOWS_SIGN: calls are signed whatever the address is. */
  readonly signs: boolean;
  readonly nowMs: () => number;
  /** Never jumps; for time budgets. */
  readonly monotonicMs: () => number;
  readonly sleep: (ms: number) => Promise<void>;
  /** A new idempotency key. */
  readonly newKey: () => string;
  readonly openSigner: OpenSigner;
  /** AWS itself, as the caller; null: in the caller's own region. */
  readonly openAws: (region: string | null) => Promise<AwsReader>;
  /**
   * Runs the audit of the local state as a program of its own: it shares no code with this one.
   * Answers its exit code.
   */
  readonly runAudit: (args: readonly string[]) => Promise<number>;
  /** Serves the dashboard on 127.0.0.1 and passes its calls on; `done` when it is interrupted. */
  readonly serveDashboard: (
    options: ServedDashboard,
  ) => Promise<{ readonly url: string; readonly done: Promise<void> }>;
  /** Of the process's environment; Compose files may name them. */
  readonly variables: Readonly<Record<string, string | undefined>>;
  /** BELLOWS_HOME: where a server on this machine has its state. */
  readonly home: string;
  /** Runs a program on this terminal. Answers its exit code. */
  readonly runBeside: (beside: Beside) => Promise<number>;
  /** The same of back-tests, which have the whole control plane in them. */
  readonly runBacktest: (args: readonly string[]) => Promise<number>;
}

const formats = ['table', 'wide', 'json', 'yaml', 'csv'] as const;
export type Format = (typeof formats)[number];

export interface CommonOptions extends SigningOptions {
  readonly server?: string;
  readonly json?: boolean;
  readonly output?: Format;
}

export class Context {
  readonly environment: CliEnvironment;
  readonly client: Client;
  /** What is printed is for programs: the API's object alone, and nothing for people beside it. */
  readonly isJson: boolean;
  private readonly format: Format;
  private readonly options: CommonOptions;
  /** Printed when the command has ended: the writer of YAML is loaded for it alone. */
  private readonly yaml: unknown[] = [];
  /** Set by commands whose work failed without an error of their own. */
  exit = 0;

  constructor(environment: CliEnvironment, options: CommonOptions) {
    this.environment = environment;
    this.options = options;
    this.client = this.clientOf(options.server ?? environment.server);
    this.format = options.json === true ? 'json' : (options.output ?? 'table');
    this.isJson = this.format !== 'table' && this.format !== 'wide';
  }

  /** Tables have the columns that are not always wanted, too. */
  get isWide(): boolean {
    return this.format === 'wide';
  }

  /** So wide may a table be; undefined: as wide as it is. */
  get width(): number | undefined {
    return this.format === 'table' ? this.environment.columns : undefined;
  }

  clientOf(server: string): Client {
    const { environment, options } = this;
    return new Client(server, {
      sign: environment.signs || options.sign === true,
      ...(options.region === undefined ? {} : { region: options.region }),
      openSigner: environment.openSigner,
      nowMs: environment.nowMs,
    });
  }

  /** The API's object alone as JSON, YAML or CSV; text for people without. `rows`: those of CSV, if not its items. */
  print(object: unknown, text: () => string, rows?: () => readonly object[]): void {
    if (this.format === 'json') this.out(JSON.stringify(object, null, 2));
    else if (this.format === 'yaml') this.yaml.push(object);
    else if (this.format === 'csv') this.out(csv(rows === undefined ? object : { items: rows() }));
    else this.out(this.environment.hasColours === true ? coloured(text()) : text());
  }

  /** At the end of a command. */
  async flush(): Promise<void> {
    if (this.yaml.length === 0) return;
    const { yamlOf } = await import('./printing/yaml.ts');
    for (const object of this.yaml.splice(0)) this.out(yamlOf(object));
  }

  out(text: string): void {
    this.environment.stdout(text.endsWith('\n') ? text : `${text}\n`);
  }

  /** Bytes of a task: nothing is added. */
  raw(text: string): void {
    if (text !== '') this.environment.stdout(text);
  }

  say(text: string): void {
    this.environment.stderr(`${text}\n`);
  }
}

export type Action = (
  context: Context,
  args: readonly string[],
  options: Readonly<Record<string, unknown>>,
) => Promise<void>;

/** Registers how a command runs: its context is made of its options and those before its name. */
export type Run = (command: Command, action: Action) => void;

/** Commands can take these before or after their name. */
export function withCommonOptions(command: Command): Command {
  return command
    .addOption(new Option('--server <url>', 'address of the API (BELLOWS_URL)'))
    .addOption(
      new Option('--sign', 'sign calls with AWS credentials though the address is not execute-api (BELLOWS_SIGN=1)'),
    )
    .addOption(new Option('--region <region>', 'of AWS, where the address does not name it (AWS_REGION)'))
    .addOption(new Option('--json', "print the API's object alone on stdout; errors are JSON too"))
    .addOption(new Option('-o, --output <format>', 'how it is printed').choices(formats));
}

/** Commands that show how things are can show it again and again. */
export function watchable(command: Command): Command {
  return command.option('--watch', 'again every two seconds, until Ctrl-C');
}

const awayMsMax = 60_000;
const againMs = 2_000;

/** `work`, again while nobody answers it, or a server that is not ready: for a minute, for what goes on without us. */
export async function patiently<T>(context: Context, work: () => Promise<T>): Promise<T> {
  const { environment } = context;
  let awaySinceMs: number | null = null;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!isPassing(error)) throw error;
      const nowMs = environment.monotonicMs();
      if (awaySinceMs === null) context.say(`${error.message}; trying again`);
      awaySinceMs ??= nowMs;
      if (nowMs - awaySinceMs > awayMsMax) throw error;
      await environment.sleep(againMs);
    }
  }
}

const watchEveryMs = 2_000;
const clearScreen = '\u001b[H\u001b[2J';

export async function watched(context: Context, isWatching: boolean, show: () => Promise<void>): Promise<void> {
  for (;;) {
    await show();
    if (!isWatching) return;
    await context.environment.sleep(watchEveryMs);
    if (context.environment.columns !== undefined) context.raw(clearScreen);
  }
}
