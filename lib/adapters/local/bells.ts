// Bells on a laptop: agents wait by a call to the server that is answered when their bell rings (a long poll).
import type { Bells } from '../../ports/bells.ts';
import { agentPaths } from '../../api/schemas/agent-protocol.ts';

interface Bell {
  /** Rung while nobody waited. */
  isRung: boolean;
  /** Answers the call that waits. */
  answer: ((isRung: boolean) => void) | null;
}

export class LocalBells implements Bells {
  readonly #bells = new Map<string, Bell>();
  #isClosed = false;

  async open(nodeId: string): Promise<string> {
    this.#bellOf(nodeId);
    return agentPaths.bell;
  }

  async ring(nodeId: string): Promise<void> {
    const bell = this.#bells.get(nodeId);
    if (bell === undefined) return;
    bell.isRung = true;
    bell.answer?.(true);
  }

  async list(): Promise<readonly string[]> {
    return [...this.#bells.keys()];
  }

  async close(nodeId: string): Promise<void> {
    this.#bells.get(nodeId)?.answer?.(false);
    this.#bells.delete(nodeId);
  }

  /**
   * Resolves with true when the bell rings, or has rung since the last answer; with false after `waitMs`. Of two that
   * wait at one bell the first is answered at once: its agent was restarted.
   */
  async wait(nodeId: string, waitMs: number): Promise<boolean> {
    // A server that was started again meets agents that know their address already.
    const bell = this.#bellOf(nodeId);
    bell.answer?.(false);
    if (!bell.isRung && waitMs > 0 && !this.#isClosed) await waitFor(bell, waitMs);
    const { isRung } = bell;
    bell.isRung = false;
    return isRung;
  }

  /** Answers all who wait, now and from now on, so that the server can end. */
  closeAll(): void {
    this.#isClosed = true;
    for (const bell of this.#bells.values()) bell.answer?.(false);
  }

  #bellOf(nodeId: string): Bell {
    const bell = this.#bells.get(nodeId) ?? { isRung: false, answer: null };
    this.#bells.set(nodeId, bell);
    return bell;
  }
}

async function waitFor(bell: Bell, waitMs: number): Promise<void> {
  await new Promise<void>((resolve) => {
    const answer = (): void => {
      clearTimeout(timer);
      if (bell.answer === answer) bell.answer = null;
      resolve();
    };
    const timer = setTimeout(answer, waitMs);
    bell.answer = answer;
  });
}
