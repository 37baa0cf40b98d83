// Checks the health of attempts that serve, each at its own interval, and says when a verdict changes. What a probe
// finds is judged by the core's rule (core/services/serving.ts).
import { connect } from 'node:net';
import { get } from 'node:http';
import { judged, noVerdict } from '../../../lib/core/services/serving.ts';
import type { Health, HealthCheck, HealthCount, OpenPort } from '../../../lib/core/services/serving.ts';
import { execute } from '../execute.ts';
import type { Command } from '../launcher.ts';

export interface Served {
  readonly attemptId: string;
  readonly check: HealthCheck;
  readonly ports: readonly OpenPort[];
  /** How its command is run; null: not here. */
  readonly command: (argv: readonly string[]) => Command | null;
}

interface Watched {
  readonly served: Served;
  readonly startedAtMs: number;
  count: HealthCount;
  timer: NodeJS.Timeout | null;
}

/** Of itself. */
const loopback = '127.0.0.1';

export class HealthChecker {
  readonly #onChange: (attemptId: string, health: Health) => void;
  readonly #watched = new Map<string, Watched>();

  constructor(onChange: (attemptId: string, health: Health) => void) {
    this.#onChange = onChange;
  }

  watch(served: Served): void {
    this.forget(served.attemptId);
    const one: Watched = { served, startedAtMs: performance.now(), count: noVerdict, timer: null };
    this.#watched.set(served.attemptId, one);
    this.#later(one, Math.min(served.check.intervalMs, firstAfterMs));
  }

  forget(attemptId: string): void {
    const one = this.#watched.get(attemptId);
    if (one !== undefined && one.timer !== null) clearTimeout(one.timer);
    this.#watched.delete(attemptId);
  }

  stop(): void {
    for (const attemptId of [...this.#watched.keys()]) this.forget(attemptId);
  }

  #later(one: Watched, ms: number): void {
    one.timer = setTimeout(() => {
      void this.#probe(one);
    }, ms);
  }

  async #probe(one: Watched): Promise<void> {
    const { attemptId, check } = one.served;
    const failure = await failureOf(one.served);
    if (this.#watched.get(attemptId) !== one) return; // it ended meanwhile
    const before = one.count.health;
    one.count = judged(one.count, failure, performance.now() - one.startedAtMs, check);
    const { health } = one.count;
    if (health !== null && health.isHealthy !== before?.isHealthy) this.#onChange(attemptId, health);
    // Who has just started is asked more often: others wait for it.
    this.#later(one, health === null ? Math.min(check.intervalMs, youngEveryMs) : check.intervalMs);
  }
}

const firstAfterMs = 100;
const youngEveryMs = 500;

/** null: it went well. Never rejects. */
export async function failureOf({ check, ports, command }: Omit<Served, 'attemptId'>): Promise<string | null> {
  const { probe, timeoutMs } = check;
  if (probe.kind === 'command') {
    const run = command(probe.argv);
    if (run === null) return 'this node runs no commands as checks: use http or tcp';
    const { code, stderr, stdout } = await execute(run, run.args, { timeoutMs });
    if (code === 0) return null;
    return `${probe.argv[0] ?? ''} ended with ${String(code)}: ${(stderr.trim() || stdout.trim()).slice(-200)}`;
  }
  const port = ports.find((one) => one.name === probe.port)?.port;
  if (port === undefined) return `it has no port ${probe.port}`;
  return probe.kind === 'tcp' ? tcpFailure(port, timeoutMs) : httpFailure(port, probe.path, timeoutMs);
}

function tcpFailure(port: number, timeoutMs: number): Promise<string | null> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: loopback });
    const end = (failure: string | null): void => {
      socket.destroy();
      resolve(failure);
    };
    socket.setTimeout(timeoutMs, () => {
      end(`port ${String(port)} does not answer within ${String(timeoutMs)} ms`);
    });
    socket.once('connect', () => {
      end(null);
    });
    socket.once('error', (error) => {
      end(error.message);
    });
  });
}

function httpFailure(port: number, path: string, timeoutMs: number): Promise<string | null> {
  return new Promise((resolve) => {
    const request = get({ port, host: loopback, path, agent: false, signal: AbortSignal.timeout(timeoutMs) });
    request.once('response', (response) => {
      const status = response.statusCode ?? 0;
      response.destroy();
      resolve(status >= 200 && status < 400 ? null : `GET ${path} answers ${String(status)}`);
    });
    request.once('error', (error) => {
      resolve(
        error.name === 'AbortError' || error.name === 'TimeoutError'
          ? `GET ${path} has no answer within ${String(timeoutMs)} ms`
          : `GET ${path}: ${error.message}`,
      );
    });
  });
}
