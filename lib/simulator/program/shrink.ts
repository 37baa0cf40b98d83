// Looks for a smaller run that still violates the same invariant: first fewer kinds of fault, then fewer requests.
import { faultKinds } from '../faults/faults.ts';
import type { FaultKind } from '../faults/faults.ts';
import { run } from '../run/run.ts';
import type { RunOptions, RunResult } from '../run/types.ts';

export interface Shrunk {
  readonly options: RunOptions;
  readonly result: RunResult;
  readonly runs: number;
}

export async function shrink(
  from: RunOptions,
  failed: RunResult,
  onProgress: (text: string) => void = () => undefined,
  runsMax = 300,
): Promise<Shrunk> {
  const invariant = failed.violation?.invariant;
  if (invariant === undefined)
    throw new RangeError(`seed ${String(from.seed)} does not fail; there is nothing to shrink`);
  let best: Shrunk = { options: from, result: failed, runs: 0 };
  let runs = 0;
  const tryWith = async (options: RunOptions, text: string): Promise<boolean> => {
    if (runs >= runsMax) return false;
    runs += 1;
    const result = await run(options);
    if (result.violation?.invariant !== invariant) return false;
    best = { options, result, runs };
    onProgress(text);
    return true;
  };
  const present = faultKinds.filter((kind) => failed.rates[kind] > 0);
  for (const group of [...halves(present), ...present.map((kind) => [kind])]) {
    const without = [...new Set<FaultKind>([...(best.options.without ?? []), ...group])];
    if (without.length > (best.options.without?.length ?? 0))
      await tryWith({ ...best.options, without }, `without ${group.join(', ')}`);
  }
  const all = Array.from({ length: failed.requests }, (_, at) => at);
  for (const group of [...halves(all), ...all.map((at) => [at])]) {
    const leftOut = new Set([...(best.options.leftOut ?? []), ...group]);
    if (leftOut.size > (best.options.leftOut?.size ?? 0) && leftOut.size < all.length)
      await tryWith({ ...best.options, leftOut }, `without ${String(leftOut.size)} of ${String(all.length)} requests`);
  }
  return { ...best, runs };
}

/** Halves, quarters and eighths: most of a run is not needed, and this finds it out quickly. */
function halves<T>(all: readonly T[]): readonly (readonly T[])[] {
  return [2, 4, 8].flatMap((parts) => {
    const size = Math.ceil(all.length / parts);
    return size < 2
      ? []
      : Array.from({ length: parts }, (_, at) => all.slice(at * size, (at + 1) * size)).filter(
          (part) => part.length > 0,
        );
  });
}
