// Which variants may be compared by their cost: those that ran the same work, and no other ran more.
import type { VariantResult } from '../results.ts';

export interface Comparison {
  /** Tasks of the trace, and how many of them the variants that ran most ran to their end. */
  readonly tasks: number;
  readonly ran: number;
  /** Names of the variants that ran this most, and the same; of nobody where nothing ran. */
  readonly comparable: readonly string[];
  /** Of these, without what was recorded: that is known in part. null: of nobody. */
  readonly cheapest: string | null;
  /** What a reader has to know before looking at costs. */
  readonly sentences: readonly string[];
}

/** Sums of doubles in another order differ by less. */
const sameShare = 1e-9;

/** @throws RangeError without variants */
export function comparisonOf(results: readonly VariantResult[]): Comparison {
  const [first] = results;
  if (first === undefined) throw new RangeError('there are no variants to compare');
  const most = results.reduce((best, one) => (isMore(one, best) ? one : best), first);
  const { ran, submitted: tasks } = most.tasks;
  const same = ran === 0 ? [] : results.filter((one) => isSame(one, most));
  const priced = same.filter((one) => !isRecorded(one));
  const cheapest = priced.reduce<VariantResult | null>(
    (best, one) => (best === null || one.cost.total < best.cost.total ? one : best),
    null,
  );
  return {
    tasks,
    ran,
    comparable: same.map((one) => one.name),
    cheapest: cheapest?.name ?? null,
    sentences:
      ran === 0
        ? [`Nothing ran: no variant ran any of the ${String(tasks)} tasks to its end, so there is no cost of work.`]
        : [
            ...results
              .filter((one) => !same.includes(one))
              .map((one) =>
                one.tasks.ran === 0
                  ? `${one.name} ${ranText(one)}: its cost is not compared.`
                  : `${one.name} ${ranText(one)}: its cost and its waits are of these alone, and not compared.`,
              ),
            ...(priced.length > 1 && cheapest !== null
              ? [`The cheapest of those that ran ${ran === tasks ? 'all' : 'the most'} is ${cheapest.name}.`]
              : []),
          ],
  };
}

function isMore(a: VariantResult, b: VariantResult): boolean {
  const difference = a.tasks.ranVcpuHours - b.tasks.ranVcpuHours;
  if (Math.abs(difference) > sameShare * b.tasks.ranVcpuHours) return difference > 0;
  return a.tasks.ran > b.tasks.ran;
}

function isSame(a: VariantResult, b: VariantResult): boolean {
  return a.tasks.ran === b.tasks.ran && !isMore(a, b) && !isMore(b, a);
}

/** Pools never have the name of a baseline. */
export function isRecorded({ kind, name }: VariantResult): boolean {
  return kind === 'baseline' && name === 'recorded';
}

function ranText({ tasks: { ran, submitted } }: VariantResult): string {
  return `ran ${ran === 0 ? 'none' : String(ran)} of ${String(submitted)} tasks`;
}

/** The cost with what is to be known of it; `usd`: its figure. */
export function costText(one: VariantResult, usd: string): string {
  const known = isRecorded(one) ? `at least ${usd}` : usd;
  return one.tasks.ran === one.tasks.submitted ? known : `${known} (${ranText(one)})`;
}

/** What the figures are not. */
export function caveatsOf(results: readonly VariantResult[]): readonly string[] {
  const isAny = (of: (one: VariantResult) => boolean): boolean => results.some(of);
  return [
    'Volumes of tasks and claims, and data transfer, are not counted.',
    ...(isAny((one) => one.kind === 'baseline' && !isRecorded(one))
      ? [
          'Baselines are models, in a few lines, of what others do; none of them is that product. They are spared what '
            + 'costs a real system: EC2 refuses them nothing, and tasks start at once where there is room.',
        ]
      : []),
    ...(isAny(isRecorded)
      ? [
          'recorded cost at least so much: what its nodes cost before their first task and after their last one is not '
            + 'in a trace. So it is never called the cheapest.',
        ]
      : []),
  ];
}
