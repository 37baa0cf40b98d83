// Invariant 13: quiescence. When nothing changes, nothing is written and EC2 is not changed. The run sets
// {@link Truth.isQuiet} once only what can never be served is open, and again once everything has ended.
import type { Truth, Watcher } from '../truth.ts';

const name = '13: a quiet system writes nothing';

export function quiescence(truth: Truth): Watcher {
  return {
    wrote(keys) {
      if (truth.isQuiet) truth.violate(name, `nothing changes, and yet ${keys.join(', ')} is written`, keys);
    },
    launchAnswered(token) {
      if (truth.isQuiet) truth.violate(name, `nothing changes, and yet launch ${token} is sent`, [token]);
    },
    ec2Call(action) {
      if (truth.isQuiet) truth.violate(name, `nothing changes, and yet EC2 is asked for ${action}`, [action]);
    },
    terminateCall(ids) {
      if (truth.isQuiet) truth.violate(name, `nothing changes, and yet ${ids.join(', ')} is terminated`, ids);
    },
  };
}
