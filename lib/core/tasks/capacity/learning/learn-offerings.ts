// What an adaptive pool learns of what it buys: from nodes that are gone in this decision, each met once, and from what
// EC2 said of launches (control remembers that at once). By it the offerings of a decision have their effective prices.
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

/** It weighs offerings by what it learned of them. */
export function learnsOfferings({ learningStyle }: Pick<PoolSpec, 'learningStyle'>): boolean {
  return learningStyle === 'adaptive';
}

/** What a decision may buy, with the prices that count; the pool's own list where nothing was learned. */
export function learnedOfferings(
  { pool, memory, nodes, nowMs, offerings }: Observation,
  settings: DecisionSettings,
): readonly Offering[] {
  if (!learnsOfferings(pool)) return offerings;
  const records = nodes.map(({ record }) => record);
  return withLearnedPrices(offerings, effectivePrices(offerings, memory.offerings, records, nowMs, settings));
}

/** After all that goes in this decision is gone. Another pool learns nothing, and what it knows fades. */
export function offeringsAfter({ seen: { pool, memory, nowMs }, actions }: WorkingCopy): LearnedOfferings | undefined {
  if (!learnsOfferings(pool)) return memory.offerings;
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
  if (!learnsOfferings(pool)) return {};
  const after = withRefused(offerings, news.flatMap(refusedIn), nowMs);
  return after === undefined ? {} : { offerings: after };
}

/** Those that EC2 named, or all that were asked for where it named none. Quotas and faults are no offering's own. */
function refusedIn({ asked, capacityType, faults }: LaunchNews): readonly string[] {
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
