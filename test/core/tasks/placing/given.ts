// What examples of placing begin with: a question of what waits, and what EC2 has refused.
import type { Refusal } from '../../../../lib/core/plan/capacity-memory.ts';
import type { PoolMemory } from '../../../../lib/core/plan/observation.ts';
import { emptyMemory } from '../../../../lib/core/plan/observation.ts';
import { WorkingCopy } from '../../../../lib/core/plan/working-copy.ts';
import { capacityQuestion } from '../../../../lib/core/tasks/capacity/capacity-question.ts';
import { awsDecisionSettings as settings } from '../../../../lib/core/values/settings.ts';
import { nowMs, observation } from '../../builders.ts';

/** Volumes, groups and starts keep nothing back. */
export const everything = { admit: (one: { readonly id: string }) => [one] as never, why: {} };

export const refusal = (more: Partial<Refusal> = {}): Refusal => ({
  untilMs: nowMs + 60_000,
  waitMs: 60_000,
  code: 'InsufficientInstanceCapacity',
  ...more,
});

export const refusing = (...keys: string[]): PoolMemory => ({
  ...emptyMemory,
  refusals: Object.fromEntries(keys.map((key) => [key, refusal()])),
});

export function question(more: Parameters<typeof observation>[0], gate = everything) {
  const seen = observation(more);
  const copy = new WorkingCopy(seen);
  return { seen, copy, asked: capacityQuestion(seen, copy, settings, () => false, gate) };
}
