// A number that a person has set.
import type { Wish } from './policy.ts';

export function manualWish(policy: string, wanted: number): Wish {
  return { policy, wanted, reason: 'as declared' };
}
