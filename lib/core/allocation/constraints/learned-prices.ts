// What was learned of offerings, in a plan: each counts its effective price. One that is worse than what nothing is
// known of is tried again as long as that may cost little: the engine is shown the best that what was learned allows
// for, and where it buys by that, the nodes of such offerings may count at most a part of what the pool spends above
// that. Otherwise the plan is made by what is expected.
import type { Offering } from '../../values/offering.ts';
import type { Allocate, AllocationInput, AllocationPlan } from '../types.ts';

/** All trials together may be so much dearer than they would have to be to be the best, as a part of all spending. */
export const trialShare = 0.05;

/** The engine, with trials. Nothing is drawn: the same question has the same answer. */
export function countingLearned(allocate: Allocate): Allocate {
  return (input) => {
    const shown = hopefulList(input.offerings);
    if (shown === input.offerings) return allocate(input);
    const plan = allocate({ ...input, offerings: shown });
    if (!plan.launches.some(({ offerings: [first] }) => first?.learned?.isTrial === true)) return plan;
    return isCheap(input, plan) ? withTrials(plan) : allocate(input);
  };
}

const hopefulLists = new WeakMap<readonly Offering[], readonly Offering[]>();

/** The same list where there is nothing to try again. */
function hopefulList(offerings: readonly Offering[]): readonly Offering[] {
  const known = hopefulLists.get(offerings);
  if (known) return known;
  const shown = offerings.map((one): Offering => {
    const { learned } = one;
    if (learned === undefined || learned.hopeful >= learned.factor) return one;
    return { ...one, learned: { ...learned, factor: learned.hopeful, isTrial: true } };
  });
  const made = shown.some((one) => one.learned?.isTrial === true) ? shown : offerings;
  hopefulLists.set(offerings, made);
  return made;
}

/** Nodes of such offerings that are there count, too: the next decision does not begin anew. */
function isCheap(
  { offerings: sold, bins, usage }: AllocationInput,
  { launches, costUsdPerHour }: AllocationPlan,
): boolean {
  const doubts = new Map(
    sold.flatMap(({ id, learned, priceUsdPerHour }) =>
      learned === undefined ? [] : [[id, priceUsdPerHour * (learned.factor - learned.hopeful)] as const],
    ),
  );
  const ofBins = bins.reduce((sum, { offering }) => sum + (doubts.get(offering.id) ?? 0), 0);
  const ofLaunches = launches.reduce(
    (sum, { offerings, count }) => sum + count * Math.max(0, ...offerings.map(({ id }) => doubts.get(id) ?? 0)),
    0,
  );
  return ofBins + ofLaunches <= trialShare * (usage.usdPerHour + costUsdPerHour);
}

function withTrials(plan: AllocationPlan): AllocationPlan {
  return {
    ...plan,
    launches: plan.launches.map((one) => {
      const [first] = one.offerings;
      if (first?.learned?.isTrial !== true) return one;
      return {
        ...one,
        reason: `${one.reason} Tried again: what was learned of it is old or little; it ${first.learned.because}.`,
      };
    }),
  };
}
