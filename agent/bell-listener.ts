// Waits at the node's bell, so that the agent syncs when the controller has something for it. While it cannot wait
// there the agent calls more often instead; it tries again, ever less often.
import { setTimeout as delay } from 'node:timers/promises';
import { ringWaitMs } from '../lib/core/records/sync.ts';
import { messageOf } from './errors.ts';
import type { Transport } from './transport.ts';

export interface BellListenerOptions {
  readonly transport: Pick<Transport, 'listen'>;
  readonly log: (message: string) => void;
  readonly onRung: () => void;
  readonly onListening: (isListening: boolean) => void;
  readonly againMs?: { readonly first: number; readonly most: number };
}

const defaultAgainMs = { first: 1_000, most: 60_000 };

export class BellListener {
  readonly #options: BellListenerOptions;
  #address: string | null = null;
  #stopping = new AbortController();
  #isListening = false;

  constructor(options: BellListenerOptions) {
    this.#options = options;
  }

  /** From now on at this bell; nothing where it waits there already. */
  listenAt(address: string): void {
    if (this.#address === address) return;
    this.stop();
    this.#address = address;
    this.#stopping = new AbortController();
    void this.#listen(address, this.#stopping.signal);
  }

  stop(): void {
    this.#address = null;
    this.#stopping.abort();
  }

  async #listen(address: string, stopping: AbortSignal): Promise<void> {
    const { first, most } = this.#options.againMs ?? defaultAgainMs;
    let againMs = first;
    // The first call does not wait: it finds out whether there is a bell to wait at.
    let waitMs = 0;
    while (!stopping.aborted) {
      const askedMs = performance.now();
      try {
        const isRung = await this.#options.transport.listen(address, waitMs, stopping);
        if (isStopped(stopping)) return;
        this.#note(true);
        if (isRung) this.#options.onRung();
        // Answered without a ring long before its time: another agent waits at the same bell, or it is being closed.
        else if (performance.now() - askedMs < waitMs / 2) await pause(first);
        [waitMs, againMs] = [ringWaitMs, first];
      } catch (error) {
        if (isStopped(stopping)) return;
        if (this.#isListening)
          this.#options.log(`the bell cannot be heard; the agent asks more often: ${messageOf(error)}`);
        this.#note(false);
        waitMs = 0;
        await pause(againMs * (0.5 + Math.random() / 2));
        againMs = Math.min(most, 2 * againMs);
      }
    }
  }

  #note(isListening: boolean): void {
    if (this.#isListening === isListening) return;
    this.#isListening = isListening;
    this.#options.onListening(isListening);
  }
}

async function pause(ms: number): Promise<void> {
  await delay(ms, undefined, { ref: false });
}

/** Asked again: it may have been stopped while a call was under way. */
function isStopped(stopping: AbortSignal): boolean {
  return stopping.aborted;
}
