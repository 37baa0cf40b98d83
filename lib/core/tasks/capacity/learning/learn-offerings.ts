// What is learned of what a pool buys, for itself or for its adaptive requests: from nodes that are gone in this
// decision, each met once, and from what EC2 said of launches (control remembers that at once). By it the offerings of
// a decision have their effective prices.
import { effectivePrices, withLearnedPrices } from '../../../lifetimes/effective-prices.ts';
import type { LearnedOfferings } from '../../../lifetimes/offerings.ts';
import { withGoneNodes, withRefused } from '../../../lifetimes/offerings.ts';
import type { LaunchNews } from '../../../plan/capacity-memory.ts';
import { isShortage } from '../../../plan/capacity-memory.ts';
import type { Observation, PoolMemory } from '../../../plan/observation.ts';
import type { WorkingCopy } from '../../../plan/working-copy.ts';
import type { NodeRecord } from '../../../records/node.ts';
import type { PoolSpec } from '../../../records/pool.ts';
import type { Offering } from '../../../values/offering.ts';
import { offeringId } from '../../../values/offering.ts';
import type { DecisionSettings } from '../../../values/settings.ts';
import { choosesByLearned } from './styles.ts';

/** Once it has learned something it goes on, whether it acts on it or not: the next request may. */
function learns(isChosenBy: boolean, known: LearnedOfferings | undefined): boolean {
  return isChosenBy || known !== undefined;
}

/** What a decision may buy, with the prices that count; the pool's own list where nothing was learned. */
export function learnedOfferings(seen: Observation, settings: DecisionSettings): readonly Offering[] {
  const { memory, nodes, nowMs, offerings } = seen;
  if (!choosesByLearned(seen)) return offerings;
  const records = nodes.map(({ record }) => record);
  return withLearnedPrices(offerings, effectivePrices(offerings, memory.offerings, records, nowMs, settings));
}

/** After all that goes in this decision is gone. */
export function offeringsAfter({ seen, actions }: WorkingCopy): LearnedOfferings | undefined {
  const { memory, nowMs } = seen;
  if (!learns(choosesByLearned(seen), memory.offerings)) return undefined;
  const gone = actions.flatMap((one) => (one.kind === 'change' ? one.gone : []));
  return withGoneNodes(
    memory.offerings,
    gone.filter((one): one is NodeRecord => 'instanceType' in one),
    nowMs,
  );
}

/** After EC2's answers to launches of one look. */
export function rememberRefused(
  { offerings }: Pick<PoolMemory, 'offerings'>,
  pool: Pick<PoolSpec, 'learningStyle'>,
  news: readonly LaunchNews[],
  nowMs: number,
): Pick<PoolMemory, 'offerings'> {
  if (!learns(pool.learningStyle === 'adaptive', offerings)) return {};
  const after = withRefused(offerings, news.flatMap(refusedIn), nowMs);
  return after === undefined ? {} : { offerings: after };
}

/**
 * Those that EC2 named, or all that were asked for where it named none. Quotas and faults are no offering's own; that a
 * reservation is full says nothing of what is bought without it.
 */
function refusedIn({ asked, capacityType, faults, reservation, isAskedAgain }: LaunchNews): readonly string[] {
  if (reservation !== undefined || isAskedAgain === true) return [];
  const ids = faults
    .filter(isShortage)
    .flatMap(({ about }) =>
      asked
        .filter(
          ({ instanceType, zone }) =>
            (about?.instanceType ?? instanceType) === instanceType && (about?.zone ?? zone) === zone,
        )
        .map(({ instanceType, zone }) => offeringId(instanceType, zone, capacityType)),
    );
  return [...new Set(ids)];
}
