// The runner of these tests (scripts/jest): were it wrong, none of them would fail.
import { expect, test } from '@jest/globals';
import { examples, openRoom } from '../../scripts/jest/examples.ts';
import { Run } from '../../scripts/jest/run.ts';

async function outcomesOf(describeAll: () => void, namePattern: string | null = null): Promise<readonly string[]> {
  const room = openRoom('');
  describeAll();
  const run = new Run({ hangMs: 50, namePattern });
  await run.room(room, []);
  return run.outcomes.map(({ names, state, failure }) =>
    [names.join(' › '), state, ...(failure === null ? [] : [failure.split('\n')[0]])].join(': '),
  );
}

test('what throws, rejects or hangs fails; what does not passes; what is skipped is pending', async () => {
  const outcomes = await outcomesOf(() => {
    examples.test('passes', () => {});
    examples.test('throws', () => {
      throw new Error('thrown');
    });
    examples.test('rejects', async () => Promise.reject(new Error('rejected')));
    examples.test('hangs', async () => new Promise(() => {}));
    examples.test('does not match', () => {
      expect(1).toBe(2);
    });
    examples.test.skip('skipped');
  });
  expect(outcomes).toEqual([
    'passes: passed',
    'throws: failed: Error: thrown',
    'rejects: failed: Error: rejected',
    'hangs: failed: Error: it hangs: nothing after 0.05 s',
    'does not match: failed: Error: expect(received).toBe(expected) // Object.is equality',
    'skipped: pending',
  ]);
});

test('before from the outside in, after from the inside out, also after a failure', async () => {
  const order: string[] = [];
  const note = (what: string) => () => order.push(what);
  await outcomesOf(() => {
    examples.beforeAll(note('all'));
    examples.beforeEach(note('outer'));
    examples.afterEach(note('after outer'));
    examples.afterAll(note('after all'));
    examples.describe('inside', () => {
      examples.beforeEach(note('inner'));
      examples.afterEach(note('after inner'));
      examples.test('one', () => {
        order.push('test');
        throw new Error('thrown');
      });
    });
  });
  expect(order).toEqual(['all', 'outer', 'inner', 'test', 'after inner', 'after outer', 'after all']);
});

test('where what is before all fails, every test fails; what is after all has a line of its own', async () => {
  const fail = (): never => {
    throw new Error('no world');
  };
  const before = await outcomesOf(() => {
    examples.beforeAll(fail);
    examples.test('one', () => {});
    examples.describe('inside', () => {
      examples.test('two', () => {});
    });
  });
  expect(before).toEqual(['one: failed: Error: no world', 'inside › two: failed: Error: no world']);
  const after = await outcomesOf(() => {
    examples.test('one', () => {});
    examples.afterAll(fail);
  });
  expect(after).toEqual(['one: passed', 'afterAll: failed: Error: no world']);
});

test('by a pattern of names, others are pending; and a test with a callback is refused', async () => {
  const ran = await outcomesOf(() => {
    examples.describe('of nodes', () => {
      examples.test.each([['one'], ['two']])('counts %s', () => {});
    });
  }, 'nodes counts TWO');
  expect(ran).toEqual(['of nodes › counts one: pending', 'of nodes › counts two: passed']);
  expect(() => {
    examples.test('with a callback', ((_done: unknown) => {}) as () => unknown);
  }).toThrow('an example takes no callback');
});
