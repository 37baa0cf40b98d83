// Invariant 29: a shadow has no effect. What it decides is in its own record, and in no other that is written with it
// but the fence; nothing that it names is launched, called for or written.
import type { Truth, Watcher } from '../../truth.ts';

const name = '29: a shadow has no effect';

/** As launches of shadows, and what these make, are called. */
const ofShadow = /^l-shadow\d/;

export function shadowHasNoEffect(truth: Truth): Watcher {
  const blame = (what: string): void => truth.violate(name, what, [what]);
  return {
    launch(_before, after) {
      if (after !== null && ofShadow.test(after.id)) blame(`launch ${after.id} is written`);
    },
    node(_before, after) {
      if (after !== null && (ofShadow.test(after.id) || ofShadow.test(after.launchId)))
        blame(`node ${after.id} of launch ${after.launchId} is written`);
    },
    ec2Call(action, parameters) {
      const value = Object.values(parameters).find((one) => ofShadow.test(one));
      if (value !== undefined) blame(`${action} is called with ${value}`);
    },
    wrote(keys) {
      if (!keys.some((key) => key.endsWith(' SHADOW'))) return;
      const other = keys.find((key) => !key.endsWith(' SHADOW') && !key.startsWith('FENCE#'));
      if (other !== undefined) blame(`${other} is written with it`);
    },
  };
}
