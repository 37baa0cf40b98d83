// Long lists of cases rotate: each commit takes a slice of them, and `npm run test:long` takes all. Random tests begin
// at a seed that every commit has anew. scripts/test.ts says which one a run has; BELLOWS_TEST_SEED=N repeats it.

/** The first seed of random tests. */
export const firstSeed = Number(process.env['BELLOWS_TEST_SEED'] ?? 1);

export const isLong = process.env['BELLOWS_TEST_LONG'] === 'true';
/** `npm run test:quick`: smaller slices, which still show the behaviour; scripts/test.ts says what it leaves out. */
export const isQuick = process.env['BELLOWS_TEST_QUICK'] === 'true';
const quickParts = 8;

/** Every `parts`th of all (fewer in a quick run), beginning where this run's slice says; one at least. */
export function sliceOf<T>(all: readonly T[], parts: number): readonly T[] {
  if (isLong || all.length === 0) return all;
  const count = Math.min(isQuick ? parts * quickParts : parts, all.length);
  return all.filter((_, at) => at % count === firstSeed % count);
}

/** 1 to `last`, sliced: the steps at which something is made to fail. */
export function stepsOf(last: number, parts: number): readonly number[] {
  return sliceOf(
    Array.from({ length: last }, (_, at) => at + 1),
    parts,
  );
}

/** How many random cases a run has. */
export function countOf({ short, long, quick = short }: Counts): number {
  return isLong ? long : isQuick ? quick : short;
}

interface Counts {
  readonly short: number;
  readonly long: number;
  /** Absent: as many as in a short run. */
  readonly quick?: number;
}
