// Random histories of single calls, compared with a model of a few lines: the part of the contract that nobody
// thought of writing down as a case.
import { expect, test } from '@jest/globals';
import { fc } from '../properties.ts';
import { ConditionFailedError } from '../../lib/ports/store.ts';
import type { Condition, Item, ItemKey, PutItem, Store, Write } from '../../lib/ports/store.ts';
import { newWriteId, readAll } from './store.harness.ts';
import type { StoreUnderTest } from './store.harness.ts';

const pks = ['p', 'q'];
const sks = ['a', 'a#', 'a#1', 'b'];
const keyArbitrary: fc.Arbitrary<ItemKey> = fc.record({ pk: fc.constantFrom(...pks), sk: fc.constantFrom(...sks) });
const putArbitrary = fc.record({
  key: keyArbitrary,
  data: fc.jsonValue({ maxDepth: 2 }),
  index: fc.option(fc.record({ pk: fc.constantFrom('i', 'j'), sk: fc.constantFrom('1', '2', '21') }), {
    nil: undefined,
  }),
  lifeMs: fc.option(fc.integer({ min: 1, max: 50 }), { nil: null }),
});
// Relative to what is there, so that most conditions hold and some just miss.
const aimArbitrary = fc.constantFrom('right', 'right', 'right', 'absent', 'behind', 'ahead');
const writeArbitrary = fc.record({
  kind: fc.constantFrom('put', 'put', 'delete', 'check'),
  put: putArbitrary,
  aim: aimArbitrary,
});
const stepArbitrary = fc.oneof(
  { weight: 5, arbitrary: fc.record({ do: fc.constant('put' as const), put: putArbitrary, aim: aimArbitrary }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('delete' as const), key: keyArbitrary, aim: aimArbitrary }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('transact' as const),
      writes: fc.uniqueArray(writeArbitrary, {
        minLength: 1,
        maxLength: 4,
        selector: ({ put: { key } }) => `${key.pk} ${key.sk}`,
      }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 30 }) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('list' as const),
      index: fc.boolean(),
      limit: fc.integer({ min: 1, max: 4 }),
      isDescending: fc.boolean(),
      skPrefix: fc.constantFrom('', 'a', 'a#', '2'),
      skFrom: fc.constantFrom(undefined, 'a', 'a#0', 'b', '2'),
    }),
  },
);
type Step = typeof stepArbitrary extends fc.Arbitrary<infer S> ? S : never;
type Aim = 'right' | 'absent' | 'behind' | 'ahead';

export function modelCase(open: () => Promise<StoreUnderTest>, runs: number, isRetrying: boolean): void {
  test('random histories end as the model says', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(stepArbitrary, { minLength: 1, maxLength: 40 }), async (steps) => {
        const opened = await open();
        try {
          const model = new Model(opened, isRetrying);
          for (const step of steps) await model.play(step);
          await model.compareEverything();
        } finally {
          await opened.close?.();
        }
      }),
      { numRuns: runs },
    );
  });
}

class Model {
  readonly #opened: StoreUnderTest;
  readonly #store: Store;
  readonly #items = new Map<string, Item>();

  readonly #isRetrying: boolean;

  constructor(opened: StoreUnderTest, isRetrying: boolean) {
    this.#opened = opened;
    this.#isRetrying = isRetrying;
    this.#store = opened.store;
  }

  async play(step: Step): Promise<void> {
    switch (step.do) {
      case 'put': {
        const item = this.#item(step.put);
        const condition = this.#aimed(item, step.aim);
        const writeId = newWriteId();
        await this.#compareOutcome([{ op: 'put', item, condition }], writeId, () =>
          this.#store.put({ item, condition, writeId }),
        );
        return;
      }
      case 'delete': {
        const condition = this.#aimed(step.key, step.aim);
        if (condition === 'absent') return;
        const writes: Write[] = this.#current(step.key) === null ? [] : [{ op: 'delete', key: step.key, condition }];
        await this.#compareOutcome(writes, '', () => this.#store.delete(step.key, condition));
        return;
      }
      case 'transact': {
        const writes = step.writes.map(({ kind, put, aim }): Write => {
          const condition = this.#aimed(put.key, aim);
          if (kind === 'put') return { op: 'put', item: this.#item(put), condition };
          if (kind === 'delete' && condition !== 'absent') return { op: 'delete', key: put.key, condition };
          return { op: 'check', key: put.key, condition };
        });
        const writeId = newWriteId();
        // Whoever may lose the answer finds out by a put that it put first: deletes and checks leave no write id.
        if (this.#isRetrying)
          writes.unshift({ op: 'put', item: { pk: 'log', sk: writeId, data: 0 }, condition: 'absent' });
        await this.#compareOutcome(writes, writeId, () => this.#store.transact(writes, writeId));
        return;
      }
      case 'wait':
        this.#opened.clock.advance(step.ms);
        return;
      case 'list':
        await this.#compareList(step);
    }
  }

  async compareEverything(): Promise<void> {
    const keys = pks.flatMap((pk) => sks.map((sk) => ({ pk, sk })));
    expect(await this.#store.getMany(keys)).toEqual(keys.map((key) => this.#current(key)));
  }

  /** What the writes should do is done to the model, and what they did is compared with it. */
  async #compareOutcome(writes: readonly Write[], writeId: string, act: () => Promise<unknown>): Promise<void> {
    const failing = writes
      .map((write) => ({ key: keyOf(write), condition: write.condition }))
      .find(({ key, condition }) => {
        const current = this.#current(key);
        return condition === 'absent' ? current !== null : current?.version !== condition;
      });
    const error: unknown = await act().then(
      () => null,
      (reason: unknown) => reason,
    );
    if (failing) {
      expect(error).toBeInstanceOf(ConditionFailedError);
      expect((error as ConditionFailedError).current).toEqual(this.#current(failing.key));
      return;
    }
    expect(error).toBeNull();
    for (const write of writes) {
      const { pk, sk } = keyOf(write);
      if (write.op === 'delete') this.#items.delete(`${pk} ${sk}`);
      if (write.op === 'put') {
        const { data, index = {}, expiresAtMs = null } = write.item;
        const version = write.condition === 'absent' ? 1 : write.condition + 1;
        this.#items.set(`${pk} ${sk}`, {
          pk,
          sk,
          data: JSON.parse(JSON.stringify(data)) as unknown,
          index,
          expiresAtMs,
          version,
          writeId,
        });
      }
    }
  }

  async #compareList(step: Extract<Step, { do: 'list' }>): Promise<void> {
    const { limit, isDescending, skPrefix, skFrom } = step;
    const pk = step.index ? 'i' : 'p';
    if (step.index) await this.#opened.settleIndexes?.();
    const options = { pk, limit, isDescending, skPrefix, ...(skFrom === undefined ? {} : { skFrom }) };
    const { items } = await readAll(this.#store, options, step.index ? 'open' : undefined);
    const placeOf = (item: Item): ItemKey | undefined => (step.index ? item.index.open : item);
    const expected = [...this.#items.values()].filter((item) => {
      const place = placeOf(item);
      if (place?.pk !== pk || this.#current(item) === null || !place.sk.startsWith(skPrefix)) return false;
      return skFrom === undefined || (isDescending ? place.sk <= skFrom : place.sk >= skFrom);
    });
    const order = (item: Item): string => [placeOf(item)?.sk, item.pk, item.sk].join('\u0000');
    expected.sort((left, right) => (order(left) < order(right) ? -1 : 1) * (isDescending ? -1 : 1));
    expect(items).toEqual(expected);
  }

  #current(key: ItemKey): Item | null {
    const item = this.#items.get(`${key.pk} ${key.sk}`);
    return item && (item.expiresAtMs === null || item.expiresAtMs > this.#opened.clock.nowMs()) ? item : null;
  }

  #aimed(key: ItemKey, aim: Aim): Condition {
    const version = this.#current(key)?.version;
    if (aim === 'absent') return 'absent';
    if (aim === 'right') return version ?? 'absent';
    return (version ?? 1) + (aim === 'ahead' ? 1 : -1);
  }

  #item({
    key,
    data,
    index,
    lifeMs,
  }: {
    key: ItemKey;
    data: unknown;
    index: ItemKey | undefined;
    lifeMs: number | null;
  }): PutItem {
    return {
      ...key,
      data,
      ...(index ? { index: { open: index } } : {}),
      expiresAtMs: lifeMs === null ? null : this.#opened.clock.nowMs() + lifeMs,
    };
  }
}

function keyOf(write: Write): ItemKey {
  return write.op === 'put' ? write.item : write.key;
}
