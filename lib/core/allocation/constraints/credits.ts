// Burstable types in a plan: they count what full load costs, surplus credits included, and their list price
// for tasks that are bursty. The engine knows one price per offering; so it is shown each burstable one with
// the price of full load and, where bursty tasks wait, once more with the list price, for those tasks alone.
// What comes out has list prices again.
import { surplusUsdPerHour } from '../../catalog/burstable.ts';
import type { Offering } from '../../values/offering.ts';
import type { Allocate, AllocationInput, AllocationPlan, PlannedLaunch } from '../types.ts';

const forBursts = '/bursty';

/** The engine, with the prices that count. A plan without burstable types is the engine's own. */
export function countingCredits(allocate: Allocate): Allocate {
  return (input) => {
    if (![...input.offerings, ...input.unavailable].some((one) => one.type.isBurstable)) return allocate(input);
    const original = new Map([...input.offerings, ...input.unavailable].map((one) => [one.id, one]));
    const isAnyBursty = input.demand.some((one) => one.requirements.bursty === true);
    const shown = (offerings: readonly Offering[]): Offering[] =>
      offerings.flatMap((one) => (one.type.isBurstable ? variantsOf(one, isAnyBursty) : [one]));
    const plan = allocate({
      ...input,
      offerings: shown(input.offerings),
      unavailable: shown(input.unavailable),
      // What bursty tasks alone may have is the pool's, too.
      pool: { ...input.pool, requirements: { ...input.pool.requirements, bursty: true } },
    } satisfies AllocationInput);
    return asBilled(plan, (one) => original.get(idOf(one)) ?? one);
  };
}

function variantsOf(offering: Offering, isAnyBursty: boolean): Offering[] {
  const full = { ...offering, priceUsdPerHour: offering.priceUsdPerHour + surplusUsdPerHour(offering.type) };
  return isAnyBursty ? [full, { ...offering, id: `${offering.id}${forBursts}`, isForBursts: true }] : [full];
}

const idOf = ({ id }: Offering): string => (id.endsWith(forBursts) ? id.slice(0, -forBursts.length) : id);

function asBilled(plan: AllocationPlan, originalOf: (offering: Offering) => Offering): AllocationPlan {
  const creditsOf = ({ offerings: [first], count }: PlannedLaunch): number =>
    first ? count * (first.priceUsdPerHour - originalOf(first).priceUsdPerHour) : 0;
  const credits = plan.launches.reduce((sum, one) => sum + creditsOf(one), 0);
  const launches = plan.launches.map((launch): PlannedLaunch => {
    const perNode = creditsOf(launch) / launch.count;
    const offerings = [...new Map(launch.offerings.map((one) => [idOf(one), originalOf(one)])).values()];
    const [first] = offerings;
    const note =
      first?.type.isBurstable !== true
        ? ''
        : perNode > 1e-9
          ? ` It bills ${first.priceUsdPerHour.toFixed(4)} USD/h and, at full load, up to ${perNode.toFixed(4)} `
            + 'more for surplus CPU credits; both are counted.'
          : ' Its list price is counted, as its tasks are bursty; CPU above its baseline bills '
            + 'surplus credits beside it.';
    return { ...launch, offerings, reason: `${launch.reason}${note}` };
  });
  return credits > 1e-9 ? { ...plan, launches, creditsUsdPerHour: credits } : { ...plan, launches };
}
