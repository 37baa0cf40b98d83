// Runs calls that change the same resource one after the other, and all others in parallel.

/**
 * Runs `work` over all items, at most `width` at once. `namesOf`: what an item touches; items with a name in
 * common are run in the order of the list. `work` answers whether those that follow on the same thing may go
 * on. After an error nothing more is started; it is thrown once all that runs has ended.
 */
export async function inOrder<T>(
  items: readonly T[],
  width: number,
  namesOf: (item: T) => readonly string[],
  work: (item: T) => Promise<boolean>,
): Promise<void> {
  const last = new Map<string, Promise<boolean>>();
  const failures: unknown[] = [];
  const waiting: (() => void)[] = [];
  let free = width;
  const slot = async (): Promise<void> => {
    if (free > 0) free -= 1;
    else
      await new Promise<void>((resolve) => {
        waiting.push(resolve);
      });
  };
  const leave = (): void => {
    const next = waiting.shift();
    if (next) next();
    else free += 1;
  };
  const run = async (item: T, before: readonly Promise<boolean>[]): Promise<boolean> => {
    const isWell = (await Promise.all(before)).every(Boolean);
    if (!isWell) return false;
    await slot();
    try {
      return failures.length === 0 && (await work(item));
    } catch (error) {
      failures.push(error);
      return false;
    } finally {
      leave();
    }
  };
  const all = items.map((item) => {
    const names = [...new Set(namesOf(item))];
    const running = run(
      item,
      names.flatMap((name) => last.get(name) ?? []),
    );
    for (const name of names) last.set(name, running);
    return running;
  });
  await Promise.all(all);
  if (failures.length > 0) throw failures[0];
}
