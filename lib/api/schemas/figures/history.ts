// What a pool's tasks wanted over time, as the API shows it.
import * as z from 'zod';
import type { Resources } from '../../../core/values/resources.ts';
import { resourcesView, resourcesViewSchema } from '../requests.ts';
import { ProblemError } from '../../problems.ts';
import { numberInQuery, time, timeOf, timeOrNull } from '../values.ts';

/** In one answer. */
const itemsMax = 1_500;
const stepsMs = [1, 5, 15, 60, 6 * 60, 24 * 60].map((minutes) => minutes * 60_000);
const dayMs = 86_400_000;
const yearsMs = 400 * dayMs;

export const historyQuery = z.strictObject({
  since: time.optional().meta({ description: 'A day before `until` unless given.' }),
  until: time.optional().meta({ description: 'Now unless given.' }),
  stepSeconds: numberInQuery(60, 86_400)
    .optional()
    .meta({
      override: { type: 'integer', minimum: 60, maximum: 86_400, multipleOf: 60 },
      description: `Whole minutes; the finest that makes at most ${String(itemsMax)} items unless given.`,
    }),
});

export const historyView = z
  .object({
    knownSince: time.nullable().meta({ description: 'null: nothing is known yet, or `historyDays` is 0.' }),
    stepSeconds: z.int(),
    items: z
      .array(z.object({ at: time, ...resourcesViewSchema.shape }))
      .meta({ description: 'The mean of each step, which begins at `at`; oldest first.' }),
  })
  .meta({ id: 'DemandHistory' });
export type HistoryView = z.output<typeof historyView>;

export interface HistorySpan {
  readonly fromMs: number;
  readonly count: number;
  readonly stepMs: number;
}

/** @throws ProblemError for a span that is none, or more than one answer holds */
export function spanOf({ since, until, stepSeconds }: z.output<typeof historyQuery>, nowMs: number): HistorySpan {
  const refuse = (path: string, message: string): never => {
    throw new ProblemError('unprocessable', `${path} ${message}`, [{ path, message }]);
  };
  const untilMs = until === undefined ? nowMs : Date.parse(until);
  const sinceMs = since === undefined ? untilMs - dayMs : Date.parse(since);
  if (sinceMs >= untilMs) return refuse('since', 'must be before until');
  if (untilMs - sinceMs > yearsMs) return refuse('since', 'must be at most 400 days before until');
  const lengthOf = (stepMs: number): number => Math.ceil(untilMs / stepMs) - Math.floor(sinceMs / stepMs);
  const stepMs =
    stepSeconds === undefined
      ? (stepsMs.find((one) => lengthOf(one) <= itemsMax) ?? dayMs)
      : Math.round(stepSeconds / 60) * 60_000;
  if (stepSeconds !== undefined && stepSeconds % 60 !== 0) return refuse('stepSeconds', 'must be whole minutes');
  const count = lengthOf(stepMs);
  if (count > itemsMax)
    return refuse('stepSeconds', `makes ${String(count)} items; at most ${String(itemsMax)} are answered at once`);
  return { fromMs: Math.floor(sinceMs / stepMs) * stepMs, count, stepMs };
}

export function presentHistory(
  { fromMs, stepMs }: HistorySpan,
  knownFromMs: number | null,
  values: readonly Resources[],
): HistoryView {
  return {
    knownSince: timeOrNull(knownFromMs),
    stepSeconds: stepMs / 1000,
    items: values.map((one, at) => ({ at: timeOf(fromMs + at * stepMs), ...resourcesView(one) })),
  };
}
