// Effective prices of an adaptive pool: what an hour of useful work on an offering is expected to cost, from what was
// learned of it. Waiting counts like a node that is paid for: an hour of it as an hour of the node that is awaited.
//
//   r = (0.2 + refused) / (10 + refused + booted)          launches that EC2 refuses: Beta(0.2, 9.8)
//   q = (0.1 + failed) / (10 + failed + booted)            nodes that never call: Beta(0.1, 9.9)
//   i = (24 h x catalog's rate + interrupted) / (24 h + hours)   interruptions per hour: Gamma
//   b = (2 x the pool's mean + sum of boots) / (2 + booted)      hours of a boot
//   l = (4 x 1 h + hours) / (4 + nodes)                          hours that a node of the pool lives
//   loss = (r / (1 - r) x refusal + q / (1 - q) x 2 x boot time-out + 2 b) / l + i x (0.5 h + 2 b)
//   factor = (1 + loss) / (1 + loss of an offering that nothing is known of)
//
// Posterior means of conjugate priors (Gelman et al., Bayesian Data Analysis, 3rd ed., 2.4 and 2.6); tries before one
// that works are geometric, r / (1 - r) of them fail in the mean. The price already counts i of the catalog x 0.5 h
// (see catalog/interruptions.ts), and so does what the factor is divided by. A boot is paid for and waited for: twice.
import { catalogInterruptionsPerHour, hoursLostPerInterruption } from '../catalog/interruptions.ts';
import type { NodeRecord } from '../records/node.ts';
import type { LearnedPrice, Offering } from '../values/offering.ts';
import type { DecisionSettings } from '../values/settings.ts';
import type { LearnedOfferings, OfferingSums } from './offerings.ts';
import { learnedNow, nothingLearned } from './offerings.ts';

const refusedPrior = { bad: 0.2, all: 10 };
const failedPrior = { bad: 0.1, all: 10 };
const priorHours = 24;
const priorBoots = 2;
const priorNodes = 4;
const priorLifeHours = 1;
const secondsPerHour = 3_600;
const msPerHour = 3_600_000;
/** From a refused launch to the next one that EC2 takes. */
const refusalHours = 30 / secondsPerHour;
/** The standard deviation of one boot, as a part of it. */
const bootSpread = 0.5;
/** Offerings differ from others in steps of a hundredth: what is nearly the same stays interchangeable. */
const steps = 100;
const leastFactor = 0.5;
const mostFactor = 4;
/** From here on an offering is worse than what nothing is known of. */
export const badFactor = 1.02;

type Timing = Pick<DecisionSettings, 'bootTimeoutMs'>;

/** What a whole pool says of each of its offerings. */
interface PoolMeans {
  /** null: no node of it has booted. */
  readonly bootHours: number | null;
  readonly lifeHours: number;
  readonly timeoutHours: number;
}

/** An offering as it was learned, for choosing and for people. */
export interface EffectivePrice {
  readonly id: string;
  readonly sums: OfferingSums;
  /** Lognormal: half of its boots took longer; null: none of its nodes has booted. */
  readonly bootP50Seconds: number | null;
  readonly learned: LearnedPrice;
}

function meansOf(all: ReadonlyMap<string, OfferingSums>, { bootTimeoutMs }: Timing): PoolMeans {
  let [booted, seconds, hours, nodes] = [0, 0, 0, 0];
  for (const one of all.values()) {
    booted += one.booted;
    seconds += one.bootSeconds;
    hours += one.hours;
    nodes += one.booted + one.failed;
  }
  return {
    bootHours: booted < 0.5 ? null : seconds / booted / secondsPerHour,
    lifeHours: (priorNodes * priorLifeHours + hours) / (priorNodes + nodes),
    timeoutHours: bootTimeoutMs / msPerHour,
  };
}

/** Mean of a Beta distribution, less so many of its standard deviations. */
function share(bad: number, good: number, prior: typeof refusedPrior, deviations: number): number {
  const [a, all] = [prior.bad + bad, prior.all + bad + good];
  const mean = a / all;
  return Math.max(0, mean - deviations * Math.sqrt((mean * (1 - mean)) / (all + 1)));
}

/** Hours lost for each hour that a node is there. `deviations`: by how many the doubt is taken for the better. */
function lossOf(sums: OfferingSums, catalogRate: number, means: PoolMeans, deviations: number): number {
  const { refused, failed, booted, interrupted, hours, bootSeconds } = sums;
  const r = share(refused, booted, refusedPrior, deviations);
  const q = share(failed, booted, failedPrior, deviations);
  const taken = priorHours * catalogRate + interrupted;
  const rate = Math.max(0, taken - deviations * Math.sqrt(taken)) / (priorHours + hours);
  const { bootHours, lifeHours, timeoutHours } = means;
  const boots = priorBoots + booted;
  const mean = bootHours === null ? 0 : (priorBoots * bootHours + bootSeconds / secondsPerHour) / boots;
  const boot = mean * Math.max(0, 1 - (deviations * bootSpread) / Math.sqrt(boots));
  const perNode = (r / (1 - r)) * refusalHours + (q / (1 - q)) * 2 * timeoutHours + 2 * boot;
  return perNode / lifeHours + rate * (hoursLostPerInterruption + 2 * boot);
}

function factorOf(sums: OfferingSums, catalogRate: number, means: PoolMeans, deviations: number): number {
  const plain = lossOf(nothingLearned, catalogRate, means, 0);
  const factor = (1 + lossOf(sums, catalogRate, means, deviations)) / (1 + plain);
  return Math.round(Math.min(mostFactor, Math.max(leastFactor, factor)) * steps) / steps;
}

/** Of one that is no worse than what nothing is known of, doubt says nothing: it is bought as it is. */
function learnedPrice(sums: OfferingSums, catalogRate: number, means: PoolMeans): LearnedPrice {
  const factor = factorOf(sums, catalogRate, means, 0);
  const hopeful = factor < badFactor ? factor : Math.min(factor, Math.max(1, factorOf(sums, catalogRate, means, 1)));
  return { factor, hopeful, because: becauseOf(sums, factor) };
}

function becauseOf(sums: OfferingSums, factor: number): string {
  const { refused, failed, interrupted, hours } = sums;
  const percent = Math.round((factor - 1) * 100);
  const boot = bootP50Of(sums);
  const times = (count: number): string => String(Math.round(count * 10) / 10);
  const parts = [
    ...(refused >= 0.05 ? [`launches refused ${times(refused)}`] : []),
    ...(failed >= 0.05 ? [`nodes that never called ${times(failed)}`] : []),
    ...(interrupted >= 0.05 ? [`interruptions ${times(interrupted)} in ${times(hours)} node-hours`] : []),
    ...(boot === null ? [] : [`boot p50 ${String(Math.round(boot))} s`]),
  ];
  return `counts ${String(Math.abs(percent))} % ${percent < 0 ? 'less' : 'more'} than its price (${parts.join(', ')})`;
}

function bootP50Of({ booted, bootLogs }: OfferingSums): number | null {
  return booted < 0.05 ? null : Math.exp(bootLogs / booted);
}

/** Of every offering that something is known of, in the order of `offerings`. */
export function effectivePrices(
  offerings: readonly Offering[],
  stored: LearnedOfferings | undefined,
  nodes: readonly NodeRecord[],
  nowMs: number,
  timing: Timing,
): readonly EffectivePrice[] {
  const all = learnedNow(stored, nodes, nowMs);
  const means = meansOf(all, timing);
  return offerings.flatMap((offering) => {
    const sums = all.get(offering.id);
    if (sums === undefined) return [];
    const learned = learnedPrice(sums, catalogInterruptionsPerHour(offering), means);
    return [{ id: offering.id, sums, bootP50Seconds: bootP50Of(sums), learned }];
  });
}

/** By the list that nothing is marked in: the last marked one, while its factors stay the same. */
const markedLists = new WeakMap<readonly Offering[], { readonly key: string; readonly marked: readonly Offering[] }>();

/** The offerings with what was learned of them; the same array while that says the same. */
export function withLearnedPrices(
  offerings: readonly Offering[],
  prices: readonly EffectivePrice[],
): readonly Offering[] {
  const changed = prices.filter(({ learned }) => learned.factor !== 1);
  if (changed.length === 0) return offerings;
  const key = changed.map(({ id, learned }) => `${id} ${String(learned.factor)} ${String(learned.hopeful)}`).join('\n');
  const known = markedLists.get(offerings);
  if (known?.key === key) return known.marked;
  const byId = new Map(changed.map(({ id, learned }) => [id, learned]));
  const marked = offerings.map((one) => {
    const learned = byId.get(one.id);
    return learned === undefined ? one : { ...one, learned };
  });
  markedLists.set(offerings, { key, marked });
  return marked;
}
