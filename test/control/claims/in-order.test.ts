// Calls on one thing follow each other, calls on different things do not wait for each other.
import { expect, test } from '@jest/globals';
import { inOrder } from '../../../lib/control/claims/in-order.ts';

interface Item {
  readonly id: string;
  readonly names: readonly string[];
}

const item = (id: string, ...names: string[]): Item => ({ id, names });

test('items with a name in common run in their order, and others meanwhile', async () => {
  const log: string[] = [];
  const gates = new Map<string, () => void>();
  const running = inOrder(
    [item('a1', 'a'), item('b1', 'b'), item('a2', 'a'), item('ab', 'a', 'b'), item('c1', 'c')],
    8,
    (one) => one.names,
    async ({ id }) => {
      log.push(`+${id}`);
      await new Promise<void>((resolve) => {
        gates.set(id, resolve);
      });
      log.push(`-${id}`);
      return true;
    },
  );
  const open = async (id: string): Promise<void> => {
    for (let n = 0; n < 20 && !gates.has(id); n += 1) await Promise.resolve();
    gates.get(id)?.();
    for (let n = 0; n < 20; n += 1) await Promise.resolve();
  };
  await open('b1');
  expect(log).toEqual(['+a1', '+b1', '+c1', '-b1']);
  for (const id of ['a1', 'a2', 'ab', 'c1']) await open(id);
  await running;
  expect(log).toEqual(['+a1', '+b1', '+c1', '-b1', '-a1', '+a2', '-a2', '+ab', '-ab', '-c1']);
});

test('no more than so many run at once, and all of them run', async () => {
  let now = 0;
  let most = 0;
  let done = 0;
  await inOrder(
    Array.from({ length: 50 }, (_, n) => item(String(n), String(n % 20))),
    8,
    (one) => one.names,
    async () => {
      most = Math.max(most, (now += 1));
      await new Promise((resolve) => {
        setImmediate(resolve);
      });
      now -= 1;
      done += 1;
      return true;
    },
  );
  expect([most, done]).toEqual([8, 50]);
});

test('what follows a failed item on the same thing is left out; an error stops the rest and is thrown', async () => {
  const log: string[] = [];
  const note =
    (isWell: boolean) =>
    async ({ id }: Item): Promise<boolean> => {
      log.push(id);
      return Promise.resolve(isWell || id !== 'a1');
    };
  await inOrder([item('a1', 'a'), item('a2', 'a'), item('b1', 'b')], 8, (one) => one.names, note(false));
  expect(log).toEqual(['a1', 'b1']);
  await expect(
    inOrder(
      [item('a1', 'a'), item('a2', 'a')],
      1,
      (one) => one.names,
      () => Promise.reject(new RangeError('no')),
    ),
  ).rejects.toThrow('no');
});
