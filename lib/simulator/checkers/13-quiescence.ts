// Invariant 13: quiescence. When nothing changes, nothing is written and EC2 is not changed. The run sets
// {@link Truth.isQuiet} once only what can never be served is open, and again once everything has ended. While
// something waits its pool looks now and then, as a wake may have been lost; looking takes the lock, and
// changes nothing else.
import { isEnd } from '../../core/records/request.ts';
import type { Truth, Watcher } from '../truth.ts';

const ofLooking = /^(LOCK|FENCE|WAKE)#/;
const name = '13: a quiet system writes nothing';

export function quiescence(truth: Truth): Watcher {
  return {
    wrote(keys) {
      if (!truth.isQuiet) return;
      const changed = someWaitInVain(truth) ? keys.filter((key) => !ofLooking.test(key)) : keys;
      if (changed.length > 0) truth.violate(name, `nothing changes, and yet ${changed.join(', ')} is written`, changed);
    },
    launchAnswered(token) {
      if (truth.isQuiet) truth.violate(name, `nothing changes, and yet launch ${token} is sent`, [token]);
    },
    ec2Call(action) {
      if (truth.isQuiet) truth.violate(name, `nothing changes, and yet EC2 is asked for ${action}`, [action]);
    },
  };
}

function someWaitInVain(truth: Truth): boolean {
  for (const request of truth.requests.values()) if (!isEnd(request.state)) return true;
  return false;
}
