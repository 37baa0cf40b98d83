// Chromium of the machine, spoken to in the DevTools protocol over a pipe, so that a small test of the page needs no
// package. What needs more (axe, phones, clicks) is a peer: test/peers/dashboard.peer.ts.
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { untilAsync } from '../hang.ts';

const program = '/usr/bin/chromium';
export const isInstalled = existsSync(program);

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: Record<string, unknown>;
  readonly result?: Record<string, unknown>;
  readonly error?: { readonly message: string };
}

interface Waiting {
  readonly resolve: (result: Record<string, unknown>) => void;
  readonly reject: (error: Error) => void;
}

/** One browser with one page. */
export class Chromium {
  /** What the page threw or logged, and what the browser said against it. */
  readonly said: string[] = [];
  /** Hears each event of the protocol. */
  onEvent: (method: string, params: Record<string, unknown>) => void = () => {};
  readonly #child: ChildProcess;
  readonly #profile: string;
  readonly #waiting = new Map<number, Waiting>();
  readonly #exited: Promise<void>;
  #lastId = 0;
  #rest = '';
  #session: string | undefined;

  private constructor() {
    this.#profile = mkdtempSync(join(tmpdir(), 'bellows-chromium-'));
    const flags = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-extensions', '--no-first-run'];
    const own = ['--remote-debugging-pipe', `--user-data-dir=${this.#profile}`, 'about:blank'];
    this.#child = spawn(program, [...flags, ...own], { stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'] });
    this.#exited = new Promise((resolve) => {
      const end = (why: string): void => {
        this.#failAll(`chromium ended (${why})`);
        resolve();
      };
      this.#child.once('exit', (code, signal) => {
        end(String(code ?? signal));
      });
      this.#child.once('error', (error) => {
        end(error.message);
      });
    });
    // It ended while it was spoken to: whoever waits for an answer is told.
    this.#child.stdio[3]?.on('error', (error) => {
      this.#failAll(error.message);
    });
    const output = this.#child.stdio[4] as Readable;
    output.setEncoding('utf8');
    output.on('data', (text: string) => {
      const parts = (this.#rest + text).split('\0');
      this.#rest = parts.pop() ?? '';
      for (const part of parts) this.#hear(JSON.parse(part) as Message);
    });
  }

  static async open(): Promise<Chromium> {
    const one = new Chromium();
    const { targetId } = await one.send('Target.createTarget', { url: 'about:blank' });
    const { sessionId } = await one.send('Target.attachToTarget', { targetId, flatten: true });
    one.#session = sessionId as string;
    for (const domain of ['Runtime', 'Log', 'Page']) await one.send(`${domain}.enable`);
    return one;
  }

  async goTo(url: string): Promise<void> {
    await this.send('Page.navigate', { url });
  }

  /** The value of an expression in the page. @throws what it throws */
  async evaluate(expression: string): Promise<unknown> {
    const answer = await this.send('Runtime.evaluate', { expression, returnByValue: true, awaitPromise: true });
    const { result, exceptionDetails } = answer as { result: { value?: unknown }; exceptionDetails?: object };
    if (exceptionDetails !== undefined) throw new Error(`${expression}: ${JSON.stringify(exceptionDetails)}`);
    return result.value;
  }

  /** Waits until an expression of the page is true. */
  async until(expression: string): Promise<void> {
    await untilAsync(async () => (await this.evaluate(expression)) === true, `the page: ${expression}`);
  }

  async close(): Promise<void> {
    this.#session = undefined;
    const isClosing = this.send('Browser.close').then(
      () => true,
      // It may be gone before it answers, or before it was asked: then its end is all there is to wait for.
      () => false,
    );
    await Promise.all([isClosing, this.#exited]);
    rmSync(this.#profile, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  }

  /** A command of the protocol. @throws its error */
  send(method: string, params: object = {}): Promise<Record<string, unknown>> {
    const id = (this.#lastId += 1);
    const session = this.#session === undefined ? {} : { sessionId: this.#session };
    return new Promise((resolve, reject) => {
      const { exitCode, signalCode } = this.#child;
      if (exitCode !== null || signalCode !== null) {
        reject(new Error(`chromium has ended (${String(exitCode ?? signalCode)})`));
        return;
      }
      this.#waiting.set(id, { resolve, reject });
      (this.#child.stdio[3] as Writable).write(`${JSON.stringify({ id, method, params, ...session })}\0`);
    });
  }

  #hear({ id, method, params, result, error }: Message): void {
    if (id !== undefined) {
      const waiting = this.#waiting.get(id);
      this.#waiting.delete(id);
      if (error === undefined) waiting?.resolve(result ?? {});
      else waiting?.reject(new Error(error.message));
      return;
    }
    if (method !== undefined) this.onEvent(method, params ?? {});
    if (method === 'Runtime.consoleAPICalled' || method === 'Runtime.exceptionThrown' || method === 'Log.entryAdded')
      this.said.push(JSON.stringify(params));
  }

  #failAll(why: string): void {
    for (const { reject } of this.#waiting.values()) reject(new Error(why));
    this.#waiting.clear();
  }
}
