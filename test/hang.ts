// The one limit of waits in tests: it catches what hangs. How long something takes on a busy machine says nothing about
// whether it is right; benchmarks measure that.
export const hangMs = 300_000;

/** Looks again and again until there is something. @throws when there never is. */
export async function until<T>(look: () => T | undefined | null | false, what: string): Promise<T> {
  return untilAsync(async () => look(), what);
}

export async function untilAsync<T>(look: () => Promise<T | undefined | null | false>, what: string): Promise<T> {
  const deadline = performance.now() + hangMs;
  for (;;) {
    const found = await look();
    if (found !== undefined && found !== null && found !== false) return found;
    if (performance.now() > deadline) throw new Error(`waited ${String(hangMs / 1_000)} s in vain for ${what}`);
    await new Promise((wake) => setTimeout(wake, 20));
  }
}
