// The CLI in this process, against a server over fake use cases.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach } from '@jest/globals';
import type { Beside } from '../../cli/context.ts';
import { runCli } from '../../cli/program.ts';
import { createApiHandler } from '../../lambdas/api/handler.ts';
import { startHttpServer } from '../../lib/adapters/local/http-server.ts';
import type { HttpServer } from '../../lib/adapters/local/http-server.ts';
import { RecordingLog, noFiles } from '../lambdas/calls.ts';
import { FakeUseCases, caller, nowMs } from '../lambdas/fake-use-cases.ts';

export interface Ran {
  readonly exit: number;
  readonly out: string;
  readonly err: string;
}

export interface RunOptions {
  readonly url?: string;
  /** Of the terminal; absent: there is none. */
  readonly columns?: number | undefined;
  readonly hasColours?: boolean;
  /** What happens while the CLI sleeps for the n-th time, counted from 0. */
  readonly onSleep?: (turn: number) => void | Promise<void>;
}

/** Of the test that runs: each begins with a new one. */
export class CliBench {
  /** Bytes, where the CLI wrote them as such. */
  readonly written: Record<'stdout' | 'stderr', number[]> = { stdout: [], stderr: [] };
  readonly folder = mkdtempSync(join(tmpdir(), 'bellows-cli-'));
  fake = new FakeUseCases();
  readonly beside: Beside[] = [];
  #server: HttpServer | null = null;

  /** Registers what begins and ends it with each test of the file. */
  static forTests(): CliBench {
    const bench = new CliBench();
    beforeEach(async () => {
      bench.fake = new FakeUseCases();
      await bench.start(0);
    });
    afterEach(async () => bench.stop());
    afterAll(() => {
      rmSync(bench.folder, { recursive: true });
    });
    return bench;
  }

  get server(): HttpServer {
    if (this.#server === null) throw new Error('the server is stopped');
    return this.#server;
  }

  async start(port: number): Promise<void> {
    const log = new RecordingLog();
    const api = createApiHandler({
      ...noFiles,
      useCases: this.fake,
      identity: async () => ({ ...caller('tenant-a', ['read', 'request', 'pool-admin']), isOperator: true }),
      log,
    });
    this.#server = await startHttpServer({
      port,
      api,
      agent: async () => ({ statusCode: 404 }),
      log,
      nowMs: () => nowMs,
    });
  }

  async stop(): Promise<void> {
    await this.#server?.close(0);
    this.#server = null;
  }

  file(name: string, text: string): string {
    const path = join(this.folder, name);
    writeFileSync(path, text);
    return path;
  }

  async run(args: readonly string[], options: RunOptions = {}): Promise<Ran> {
    let [out, err, clockMs, turn] = ['', '', nowMs + 10_000, 0];
    const exit = await runCli(args, {
      server: options.url ?? this.server.url,
      stdout: (text) => {
        out += text;
      },
      bytes: (to, bytes) => {
        this.written[to].push(...bytes);
      },
      stderr: (text) => {
        err += text;
      },
      columns: options.columns,
      hasColours: options.hasColours ?? false,
      nowMs: () => clockMs,
      monotonicMs: () => performance.now() + clockMs - nowMs,
      sleep: async (ms) => {
        clockMs += ms;
        if (turn > 200) throw new Error('the CLI waits for ever');
        await options.onSleep?.(turn++);
      },
      newKey: () => `key-${String(this.fake.submissions.length)}`,
      signs: false,
      openSigner: async () => {
        throw new Error('nothing here is signed');
      },
      openAws: async () => {
        throw new Error('nothing here asks AWS');
      },
      home: this.folder,
      variables: { TAG: '3.12' },
      runBeside: async (beside) => {
        this.beside.push(beside);
        return 7;
      },
      runAudit: async (args) => {
        out += args.join(' ');
        return 1;
      },
      serveDashboard: async () => ({ url: 'http://127.0.0.1:4781/?token=t', done: Promise.resolve() }),
      runBacktest: async (args) => {
        out += args.join(' ');
        return 1;
      },
    });
    return { exit, out, err };
  }
}
