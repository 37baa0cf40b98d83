// A controller for tests of real agents: assigns what the test says, remembers what agents report, and can
// fall silent. It speaks HTTP like the real one.
import { createServer } from 'node:http';
import type { Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { outputUpload, syncRequest } from '../../lib/api/schemas/agent-protocol.ts';
import type { OutputUpload } from '../../lib/api/schemas/agent-protocol.ts';
import { agentProtocol } from '../../lib/core/records/sync.ts';
import type { AssignedAttempt, AttemptEnd, GivenSecret, SyncRequest } from '../../lib/core/records/sync.ts';
import { GpuKeeper } from '../../agent/tasks/given/gpus.ts';
import { until } from '../hang.ts';

export { until };

/** A machine without any. */
export const noGpus = new GpuKeeper({ attemptsDir: '/nowhere', program: () => null, isExclusive: false });

export class Controller {
  readonly syncs: SyncRequest[] = [];
  readonly ends = new Map<string, AttemptEnd>();
  readonly outputs = new Map<string, OutputUpload>();
  readonly uploads: string[] = [];
  /** By attempt; of others the agent is refused. */
  readonly secrets = new Map<string, readonly GivenSecret[]>();
  secretCalls = 0;
  assigned: AssignedAttempt[] = [];
  directive: 'ok' | 'leave' = 'ok';
  isSilent = false;
  refusesOutput = false;
  fenceMs = 60_000;
  nextSyncMs = 100;
  hasBell = false;
  bellCalls = 0;
  #isRung = false;
  #answerBell: (() => void) | null = null;
  killGraceMs = 300;
  readonly #server: Server;

  constructor() {
    this.#server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        if (this.isSilent) {
          request.socket.destroy();
          return;
        }
        if (request.url?.startsWith('/agent/v1/bell') === true) {
          this.#wait(response, Number(new URL(request.url, 'http://agent').searchParams.get('waitMs')));
          return;
        }
        if (request.url?.startsWith('/agent/v1/secrets/') === true) return this.#giveSecrets(request.url, response);
        const body: unknown = JSON.parse(Buffer.concat(chunks).toString());
        if (request.url === '/agent/v1/sync') {
          response.setHeader('content-type', 'application/json');
          response.end(JSON.stringify(this.#reply(syncRequest.parse(body))));
          return;
        }
        if (this.refusesOutput) {
          response.statusCode = 400;
          response.end('no');
          return;
        }
        const id = decodeURIComponent((request.url ?? '').split('/').at(-1) ?? '');
        this.outputs.set(id, outputUpload.parse(body));
        this.uploads.push(id);
        response.statusCode = 204;
        response.end();
      });
    });
  }

  /** Answers the call that waits, or the next one. */
  ring(): void {
    this.#isRung = true;
    this.#answerBell?.();
  }

  #giveSecrets(url: string, response: ServerResponse): void {
    this.secretCalls += 1;
    const secrets = this.secrets.get(decodeURIComponent(url.split('/').at(-1) ?? ''));
    response.statusCode = secrets === undefined ? 422 : 200;
    response.setHeader('content-type', 'application/json');
    response.end(
      JSON.stringify(
        secrets === undefined ? { detail: 'the secret env:X cannot be read: it is not there' } : { secrets },
      ),
    );
  }

  #wait(response: ServerResponse, waitMs: number): void {
    const answer = (): void => {
      clearTimeout(timer);
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ isRung: this.#isRung }));
      [this.#isRung, this.#answerBell] = [false, null];
    };
    this.bellCalls += 1;
    const timer = setTimeout(answer, this.#isRung ? 0 : waitMs);
    this.#answerBell = answer;
  }

  #reply(request: SyncRequest): object {
    this.syncs.push(request);
    for (const end of request.ends) this.ends.set(end.attemptId, end);
    this.assigned = this.assigned.filter((one) => !this.ends.has(one.attemptId));
    const known = new Set([...request.onNode, ...request.ends].map((one) => one.attemptId));
    return {
      directive: this.directive,
      assigned: this.assigned.map((one) => one.attemptId),
      start: this.assigned.filter((one) => !known.has(one.attemptId)),
      acknowledged: request.ends.map((end) => end.attemptId),
      nextSyncMs: this.nextSyncMs,
      protocol: agentProtocol,
      ...(this.hasBell ? { bell: '/agent/v1/bell' } : {}),
      fenceMs: this.fenceMs,
      killGraceMs: this.killGraceMs,
    };
  }

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${String((this.#server.address() as AddressInfo).port)}`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async endOf(attemptId: string): Promise<AttemptEnd> {
    return until(() => this.ends.get(attemptId), `the end of ${attemptId}`);
  }
}

export function attempt(requestId: string, script: string, over: Partial<AssignedAttempt> = {}): AssignedAttempt {
  const attemptId = `${requestId}.0.1`;
  return {
    attemptId,
    requestId,
    index: 0,
    attempt: 1,
    resources: { cpuMilli: 100, memoryMib: 10, gpu: 0 },
    run: { kind: 'shell', script },
    env: {},
    timeoutMs: null,
    outputUrl: `/agent/v1/output/${attemptId}`,
    ...over,
  };
}

/** Living processes whose command line contains the text; without this very process. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    if (typeof error === 'object' && error !== null && 'code' in error && error.code === 'ESRCH') return false;
    throw error;
  }
}
