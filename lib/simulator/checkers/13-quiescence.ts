// Invariant 13: quiescence. When nothing changes, nothing is written and EC2 is not changed. The run sets
// {@link Truth.isQuiet} once everything has ended and settled; from then on every write is one too many.
import type { Truth, Watcher } from '../truth.ts';

const name = '13: a quiet system writes nothing';

export function quiescence(truth: Truth): Watcher {
  return {
    wrote(keys) {
      if (truth.isQuiet) truth.violate(name, `nothing is wanted and nothing runs, and yet ${keys.join(', ')} is written`, keys);
    },
    launchAnswered(token) {
      if (truth.isQuiet) truth.violate(name, `nothing is wanted, and launch ${token} is sent`, [token]);
    },
    terminateCall(ids) {
      if (truth.isQuiet) truth.violate(name, `nothing is there, and ${ids.join(', ')} is terminated`, ids);
    },
  };
}
