// A first day, step by step: what was seen of each, however far it came. The removal comes in any case.
import { setTimeout as sleep } from 'node:timers/promises';
import type { RequestView } from '../../../lib/api/schemas/requests.ts';
import type { ApiClient } from '../../../lib/local/server/api-client.ts';
import { Player } from '../../../lib/local/shop/player.ts';
import { shopDay } from '../../../lib/local/shop/shop-day.ts';
import { objectionsTo, summaryOf, verdictOf } from '../../../lib/local/shop/summary.ts';
import { steps } from './plan.ts';
import type { StepId } from './plan.ts';
import { NotHereError } from './place.ts';
import type { Place } from './place.ts';

export interface Seen {
  readonly step: StepId;
  readonly verdict: 'seen' | 'different' | 'not seen';
  readonly evidence: string;
  readonly seconds: number;
}

export interface FirstDay {
  readonly seen: readonly Seen[];
  /** What Bellows says that it bought; null: it was not asked. */
  readonly boughtUsd: number | null;
  readonly left: readonly string[];
}

export interface DayOptions {
  readonly pool: string;
  /** Beyond it nothing new begins but the removal. */
  readonly untilMs: number;
  /** How long tasks run that shall be interrupted: longer than EC2's notice of two minutes. */
  readonly interruptedSeconds: number;
  /** A file for what was accepted, of the player's. */
  readonly acceptedFile: string;
  /** Throws once it was asked to stop. */
  readonly goOn: () => void;
  readonly say: (line: string) => void;
  readonly pollMs: number;
}

/** Of the nodes' disks. */
const ledger = '/tmp/bellows-first-day-ran.txt';
const settleMs = 600_000;

export async function playDay(place: Place, options: DayOptions): Promise<FirstDay> {
  const day = new Day(place, options);
  return day.play();
}

class Day {
  readonly #place: Place;
  readonly #options: DayOptions;
  readonly #seen: Seen[] = [];
  #deployed: ApiClient | null = null;
  #boughtUsd: number | null = null;

  constructor(place: Place, options: DayOptions) {
    this.#place = place;
    this.#options = options;
  }

  async play(): Promise<FirstDay> {
    let left: readonly string[] = [];
    try {
      await this.#step('preflight', () => this.#place.preflight());
      if (await this.#step('deploy', () => this.#deploy())) {
        await this.#step('shop', () => this.#shop());
        await this.#step('interruption', () => this.#interruption());
        await this.#step('scale-in', () => this.#scaleIn());
        await this.#step('doctor', () => this.#place.doctor());
      }
    } finally {
      await this.#step('removal', async () => {
        await this.#place.remove();
        left = await this.#place.left();
        if (left.length > 0) throw new Error(`there is still ${left.join(', ')}`);
        return 'nothing is left';
      });
    }
    return { seen: [...this.#seen, ...this.#unseen()], boughtUsd: this.#boughtUsd, left };
  }

  #unseen(): readonly Seen[] {
    const done = new Set<string>(this.#seen.map((one) => one.step));
    return steps
      .filter((one) => !done.has(one.id))
      .map(({ id }) => ({ step: id, verdict: 'not seen', evidence: 'it did not come so far', seconds: 0 }));
  }

  /** Whether it went as it should. The removal is done also when the day was stopped. */
  async #step(step: StepId, work: () => Promise<string>): Promise<boolean> {
    const startedMs = performance.now();
    const note = (verdict: Seen['verdict'], evidence: string): void => {
      const seconds = Math.round((performance.now() - startedMs) / 1000);
      this.#seen.push({ step, verdict, evidence, seconds });
      this.#options.say(`${verdict}  ${step}: ${evidence}`);
    };
    try {
      if (step !== 'removal') this.#goOn();
      this.#options.say(`${step} …`);
      note('seen', await work());
      return true;
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      note(error instanceof NotHereError || error instanceof StoppedError ? 'not seen' : 'different', text);
      return false;
    }
  }

  #goOn(): void {
    this.#options.goOn();
    if (performance.now() > this.#options.untilMs) throw new StoppedError('the time that it was given is over');
  }

  get #client(): ApiClient {
    if (this.#deployed === null) throw new StoppedError('nothing is deployed');
    return this.#deployed;
  }

  async #deploy(): Promise<string> {
    this.#deployed = await this.#place.deploy();
    const pools = await this.#client.call('listPools');
    return `deployed; the API answers with ${String(pools.items.length)} pool`;
  }

  async #shop(): Promise<string> {
    const { pool, acceptedFile, say } = this.#options;
    const arrivals = shopDay(1, ledger)
      .filter((one) => one.kind !== 'page' && !/-image-[1-9]/.test(one.key))
      .map((one, at) => ({ ...one, atMs: at * 100 }));
    let spokenAtMs = 0;
    const player: Player = new Player({
      client: this.#client,
      arrivals,
      fromMs: 0,
      acceptedFile,
      pool,
      onLook: ({ submitted, ended, nodes }) => {
        if (this.#isOver()) player.stop();
        if (performance.now() - spokenAtMs < 15_000) return;
        spokenAtMs = performance.now();
        say(`  ${String(ended)} of ${String(submitted)} ended, ${String(nodes.length)} nodes`);
      },
    });
    const played = await player.play(settleMs);
    this.#goOn();
    const { verdict, lines } = verdictOf(played, [], objectionsTo(played));
    if (verdict !== 'good') throw new Error(lines.join('; '));
    // How long nodes boot is known of the laptop's only.
    return summaryOf(played)
      .join('; ')
      .replace(/ \(new nodes take [^)]*\)/, '')
      .replaceAll(/ +/g, ' ');
  }

  async #interruption(): Promise<string> {
    const { pool, interruptedSeconds } = this.#options;
    const { id } = await this.#client.call('submitRequest', {
      body: {
        type: 'task',
        name: 'interrupted',
        pool,
        count: 4,
        resources: { vcpu: 0.5, memoryMib: 256 },
        requirements: { capacityType: ['spot'] },
        shell: `sleep ${String(interruptedSeconds)}`,
      },
    });
    try {
      const started = await this.#until(id, (view) => view.counts.running > 0 || view.endedAt !== null, 300_000);
      if (started === null) throw new NotHereError('no spot node came within five minutes; ./bellows why says why');
      const { items } = await this.#client.call('listNodes', { params: { name: pool } });
      const node = items.find((one) => one.capacityType === 'spot' && one.state === 'ready');
      if (node === undefined) throw new Error('its tasks run, and no node of the pool is spot');
      const how = await this.#place.interrupt(node.id);
      const ended = await this.#until(id, (view) => view.endedAt !== null, 600_000);
      if (ended?.state !== 'succeeded') throw new Error(`after ${how} it is ${ended?.state ?? 'open'}`);
      const { items: tasks } = await this.#client.call('listTasks', { params: { id } });
      const again = tasks.filter((one) => one.attempts > 1).length;
      if (again === 0) throw new Error(`after ${how} no task ran again: the notice did not come in time`);
      return `${how}; ${String(again)} of 4 tasks ran again elsewhere, and all succeeded`;
    } finally {
      await this.#client.call('cancelRequest', { params: { id } });
    }
  }

  async #scaleIn(): Promise<string> {
    const { pool } = this.#options;
    for (const untilMs = performance.now() + settleMs; performance.now() < untilMs; await sleep(this.#options.pollMs)) {
      this.#goOn();
      const { items } = await this.#client.call('listNodes', { params: { name: pool } });
      const stats = await this.#client.call('getStats');
      this.#boughtUsd = stats.spentUsd;
      if (items.length === 0)
        return `no node is left; bought for ${stats.spentUsd.toFixed(4)} USD by Bellows' own count`;
    }
    throw new Error('nodes are left ten minutes after the last task');
  }

  async #until(id: string, isSo: (view: RequestView) => boolean, msMax: number): Promise<RequestView | null> {
    for (const untilMs = performance.now() + msMax; performance.now() < untilMs; await sleep(this.#options.pollMs)) {
      this.#goOn();
      const view = await this.#client.call('getRequest', { params: { id } });
      if (isSo(view)) return view;
    }
    return null;
  }

  #isOver(): boolean {
    try {
      this.#goOn();
      return false;
    } catch (error) {
      if (error instanceof StoppedError) return true;
      throw error;
    }
  }
}

/** The day was interrupted, or its time is over. */
export class StoppedError extends Error {}
