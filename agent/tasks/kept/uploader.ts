// Stores output: while a task runs (so that it can be followed) and once more at its end. One upload per
// attempt at a time, so that an early one never overwrites the last.
import { outputPath } from '../../../lib/api/schemas/agent-protocol.ts';
import type { OutputUpload } from '../../../lib/api/schemas/agent-protocol.ts';
import { jsonBytes } from '../../../lib/core/values/json-bytes.ts';
import type { SmallOutput } from '../../../lib/core/values/output.ts';
import { messageOf } from '../../errors.ts';
import { TransportError } from '../../transport.ts';
import type { Transport } from '../../transport.ts';

export const liveEveryMs = 2_000;
const uploadTimeoutMs = 3_000;
const retryMs = 250;

export interface UploadSource {
  /** Changes with the output. */
  mark(attemptId: string): string;
  read(attemptId: string): OutputUpload;
}

export class Uploader {
  readonly #transport: Transport;
  readonly #source: UploadSource;
  readonly #monotonicMs: () => number;
  readonly #log: (message: string) => void;
  readonly #stored = new Map<string, string>();
  readonly #underWay = new Map<string, Promise<void>>();
  /** Attempts whose presigned URL is not taken any more. */
  readonly #expired = new Set<string>();
  #isStopped = false;

  constructor(transport: Transport, source: UploadSource, monotonicMs: () => number, log: (message: string) => void) {
    this.#transport = transport;
    this.#source = source;
    this.#monotonicMs = monotonicMs;
    this.#log = log;
  }

  /** Called every {@link liveEveryMs} for each running attempt; does nothing while the last one is under way. */
  live(attemptId: string, url: string): void {
    if (this.#underWay.has(attemptId)) return;
    const upload = this.#uploadNew(attemptId, url)
      // The next round or the end tries again.
      .catch((error: unknown) => {
        this.#log(`output of ${attemptId} is not stored yet: ${messageOf(error)}`);
      })
      .finally(() => this.#underWay.delete(attemptId));
    this.#underWay.set(attemptId, upload);
  }

  async #uploadNew(attemptId: string, url: string): Promise<void> {
    const mark = this.#source.mark(attemptId);
    if (this.#stored.get(attemptId) === mark || mark === '0/0 0/0') return;
    await this.#upload(attemptId, url, this.#source.read(attemptId));
    this.#stored.set(attemptId, mark);
  }

  /**
   * The whole output at the end. Resolves with null when it is stored, or with what shall go with the end instead, of
   * at most `inEndBytesMax` bytes of JSON. @throws TransportError when it cannot be stored by then
   */
  async final(
    attemptId: string,
    url: string,
    { giveUpAtMs, inEndBytesMax }: { readonly giveUpAtMs: number; readonly inEndBytesMax: number },
  ): Promise<SmallOutput | null> {
    await this.#underWay.get(attemptId);
    const mark = this.#source.mark(attemptId);
    if (this.#stored.get(attemptId) === mark) return null;
    const output = this.#source.read(attemptId);
    const small = smallOf(output, inEndBytesMax);
    if (small !== null) return small;
    for (;;) {
      try {
        await this.#upload(attemptId, url, output);
        return null;
      } catch (error) {
        const isLast = this.#isStopped || this.#monotonicMs() + retryMs >= giveUpAtMs;
        if (!(error instanceof TransportError) || error.isFinal || isLast) throw error;
        this.#log(`storing the output of ${attemptId} again: ${error.message}`);
      }
      await new Promise((wake) => setTimeout(wake, retryMs));
    }
  }

  /**
   * A presigned URL ends, at the latest with the credentials that signed it; the controller itself
   * takes output always.
   */
  async #upload(attemptId: string, url: string, output: OutputUpload): Promise<void> {
    const own = outputPath(attemptId);
    if (this.#expired.has(attemptId)) return this.#transport.upload(own, output, uploadTimeoutMs);
    try {
      return await this.#transport.upload(url, output, uploadTimeoutMs);
    } catch (error) {
      if (!(error instanceof TransportError) || error.status !== 403 || url === own) throw error;
      this.#log(
        `the URL for the output of ${attemptId} is not taken any more (403); the controller stores it from now on`,
      );
      this.#expired.add(attemptId);
      return this.#transport.upload(own, output, uploadTimeoutMs);
    }
  }

  /** Nothing is tried again from now on. */
  stop(): void {
    this.#isStopped = true;
  }

  forget(attemptId: string): void {
    this.#expired.delete(attemptId);
    this.#stored.delete(attemptId);
  }
}

/** null: it is too much, or something of it is left out already. */
function smallOf({ stdout, stderr, truncated, leftOutBytes }: OutputUpload, bytesMax: number): SmallOutput | null {
  const small: SmallOutput = { stdout, stderr, truncated };
  return leftOutBytes === undefined && jsonBytes(small) <= bytesMax ? small : null;
}
