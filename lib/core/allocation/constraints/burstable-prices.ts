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
    const [offerings, unavailable] = [shownOf(input.offerings), shownOf(input.unavailable)];
    if (!offerings.isAnyBurstable && !unavailable.isAnyBurstable) return allocate(input);
    const isAnyBursty = input.demand.some((one) => one.requirements.bursty === true);
    const plan = allocate({
      ...input,
      offerings: isAnyBursty ? offerings.forBursts() : offerings.atFullLoad(),
      unavailable: isAnyBursty ? unavailable.forBursts() : unavailable.atFullLoad(),
      // What bursty tasks alone may have is the pool's, too.
      pool: { ...input.pool, requirements: { ...input.pool.requirements, bursty: true } },
    } satisfies AllocationInput);
    const originalOf = (one: Offering): Offering =>
      one.type.isBurstable ? (offerings.original(idOf(one)) ?? unavailable.original(idOf(one)) ?? one) : one;
    return asBilled(plan, originalOf);
  };
}

/** Offerings as the engine is shown them. */
interface Shown {
  readonly isAnyBurstable: boolean;
  readonly atFullLoad: () => readonly Offering[];
  readonly forBursts: () => readonly Offering[];
  readonly original: (id: string) => Offering | undefined;
}

/** Tick after tick asks with the same list while nothing is refused, and gets the same answer. */
const shownLists = new WeakMap<readonly Offering[], Shown>();

function shownOf(offerings: readonly Offering[]): Shown {
  const known = shownLists.get(offerings);
  if (known) return known;
  const once = <T>(make: () => T): (() => T) => {
    let made: { readonly value: T } | null = null;
    return () => (made ??= { value: make() }).value;
  };
  const shown = (isAnyBursty: boolean): readonly Offering[] =>
    offerings.flatMap((one) => (one.type.isBurstable ? variantsOf(one, isAnyBursty) : [one]));
  const burstable = offerings.filter((one) => one.type.isBurstable);
  const original = new Map(burstable.map((one) => [one.id, one]));
  const made: Shown = {
    isAnyBurstable: burstable.length > 0,
    atFullLoad: once(() => shown(false)),
    forBursts: once(() => shown(true)),
    original: (id) => original.get(id),
  };
  shownLists.set(offerings, made);
  return made;
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
