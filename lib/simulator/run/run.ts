// One run: everything that the seed decides is drawn, the world is put together, faults happen, then stop; all must
// come to an end, nodes must go, and then the system must be quiet. Checkers watch all the time.
import { BellowsError } from '../../core/values/errors.ts';
import { writePast } from '../applications/styles.ts';
import { asRandomPort } from '../random.ts';
import { drawRun } from './draw-run.ts';
import { checkListed } from './end-of-run.ts';
import { Phases } from './phases.ts';
import { resultOf } from './result.ts';
import type { RunOptions, RunResult } from './types.ts';
import { wire } from './wiring.ts';

export async function run(options: RunOptions): Promise<RunResult> {
  const drawn = drawRun(options);
  const wiring = wire(options, drawn);
  const { truth, store, clock, onDefect } = wiring;
  try {
    await writePast(store, drawn.past);
    await new Phases(wiring, drawn, options.given).all();
    const listing = drawn.streams.named('the list in the end');
    if (truth.violation === null)
      await checkListed(truth, { store, clock, random: asRandomPort(listing) }, listing.integer(1, 20));
    if (truth.violation === null) truth.tell((watcher) => watcher.end?.());
  } catch (error) {
    onDefect('the run', error instanceof BellowsError ? new Error(error.stack) : error);
  }
  return resultOf(options, drawn, wiring);
}
