// Runs what a file of tests has described, in the order of Jest: what is before all, before each from the outside in,
// the test, after each from the inside out, after all. What goes wrong in any of these fails a test.
import { isRoom, textOf } from './examples.ts';
import type { Body, Example, Room } from './examples.ts';

export interface Choice {
  /** A test that takes longer hangs. */
  readonly hangMs: number;
  /** Of the names of the tests that are run. */
  readonly namePattern: string | null;
}

export interface Outcome {
  readonly names: readonly string[];
  readonly state: 'failed' | 'passed' | 'pending';
  readonly ms: number;
  readonly failure: string | null;
}

export class Run {
  readonly outcomes: Outcome[] = [];
  /** What was thrown where nobody waited for it. */
  readonly strays: unknown[] = [];
  readonly #choice: Choice;

  constructor(choice: Choice) {
    this.#choice = choice;
  }

  /** `outer`: the rooms around it, the outermost first. */
  async room(room: Room, outer: readonly Room[], names: readonly string[] = []): Promise<void> {
    const around = [...outer, room];
    // Work for tests that are all skipped is not done.
    const isAnyRun = this.#isAnyRun(room, names);
    const failure = isAnyRun ? await this.#failureOf([room.beforeAll]) : null;
    for (const entry of room.entries) {
      const inner = [...names, entry.name];
      if (!isRoom(entry)) await this.#example(entry, around, inner, failure);
      else if (failure === null) await this.room(entry, around, inner);
      else this.#failAll(entry, inner, failure);
    }
    const last = isAnyRun ? await this.#failureOf([room.afterAll]) : null;
    if (last !== null) this.outcomes.push({ names: [...names, 'afterAll'], state: 'failed', ms: 0, failure: last });
  }

  async #example(
    { body }: Example,
    around: readonly Room[],
    names: readonly string[],
    failed: string | null,
  ): Promise<void> {
    if (body === null || !this.#isChosen(names)) {
      this.outcomes.push({ names, state: 'pending', ms: 0, failure: null });
      return;
    }
    const startedMs = performance.now();
    const failure =
      failed
      ?? (await this.#failureOf(
        [...around.map(({ beforeEach }) => beforeEach), [body]],
        around.map(({ afterEach }) => afterEach).toReversed(),
      ));
    const ms = performance.now() - startedMs;
    this.outcomes.push({ names, state: failure === null ? 'passed' : 'failed', ms, failure });
  }

  #failAll(room: Room, names: readonly string[], failure: string): void {
    for (const entry of room.entries) {
      const inner = [...names, entry.name];
      if (isRoom(entry)) this.#failAll(entry, inner, failure);
      else this.outcomes.push({ names: inner, state: 'failed', ms: 0, failure });
    }
  }

  #isAnyRun(room: Room, names: readonly string[]): boolean {
    return room.entries.some((entry) => {
      const inner = [...names, entry.name];
      return isRoom(entry) ? this.#isAnyRun(entry, inner) : entry.body !== null && this.#isChosen(inner);
    });
  }

  #isChosen(names: readonly string[]): boolean {
    const { namePattern } = this.#choice;
    return namePattern === null || new RegExp(namePattern, 'i').test(names.join(' '));
  }

  /** What they fail with; null: all is well. The `after` are run in any case. */
  async #failureOf(
    bodies: readonly (readonly Body[])[],
    after: readonly (readonly Body[])[] = [],
  ): Promise<string | null> {
    const failures: string[] = [];
    this.strays.length = 0;
    try {
      for (const body of bodies.flat()) await this.#inTime(body);
    } catch (error) {
      failures.push(textOf(error));
    }
    for (const body of after.flat()) {
      try {
        await this.#inTime(body);
      } catch (error) {
        failures.push(textOf(error));
      }
    }
    // What nobody waits for is thrown once the microtasks are through.
    await new Promise(setImmediate);
    failures.push(...this.strays.map(textOf));
    return failures.length === 0 ? null : failures.join('\n\n');
  }

  async #inTime(body: Body): Promise<void> {
    const { hangMs } = this.#choice;
    let timer: NodeJS.Timeout | undefined;
    const hang = new Promise((_, reject) => {
      timer = setTimeout(() => {
        reject(new Error(`it hangs: nothing after ${String(hangMs / 1_000)} s`));
      }, hangMs);
    });
    try {
      await Promise.race([body(), hang]);
    } finally {
      clearTimeout(timer);
    }
  }
}
