// A metric of CloudWatch that a policy goes by, as the API takes and shows it: AWS's names, one statistic, one period.
import * as z from 'zod';
import type { CloudWatchMetric } from '../../../../core/records/pool.ts';
import { assert } from '../../../../core/values/errors.ts';
import type { FieldError } from '../../../problems.ts';
import { inSchema } from '../../../problems.ts';

const periods = [60, 300, 900, 3_600] as const;
const dimensionsMax = 30;
/** As JSON. */
const metricBytesMax = 4_096;

const printable = '[\\x20-\\x7e]';
const text = (most: number): z.ZodString =>
  z.string().regex(new RegExp(`^${printable}{1,${String(most)}}$`), `must be 1 to ${String(most)} characters of ASCII`);
const [nameMax, valueMax] = [255, 1_024];

/** Every schema of maps skips `__proto__` without a word, so it is looked for before. */
const dimensions = z
  .unknown()
  .refine((all) => typeof all !== 'object' || all === null || !Object.hasOwn(all, '__proto__'), {
    error: 'must not have the key __proto__',
    params: inSchema,
  })
  .pipe(
    z
      .record(text(nameMax), text(valueMax), 'must be an object of names and values, e.g. {"QueueName": "orders"}')
      .refine((all) => Object.keys(all).length <= dimensionsMax, {
        error: `must have at most ${String(dimensionsMax)} entries`,
        params: inSchema,
      }),
  )
  .meta({
    description: 'All that the metric has: CloudWatch finds it by exactly these.',
    override: {
      type: 'object',
      propertyNames: { pattern: `^(?!__proto__$)${printable}{1,${String(nameMax)}}$` },
      additionalProperties: { type: 'string', pattern: `^${printable}{1,${String(valueMax)}}$` },
      maxProperties: dimensionsMax,
    },
  });

export const cloudWatchMetric = z
  .strictObject({
    namespace: text(nameMax).meta({ description: 'E.g. "AWS/SQS".' }),
    metricName: text(nameMax).meta({ description: 'E.g. "ApproximateNumberOfMessagesVisible".' }),
    dimensions: dimensions.optional(),
    statistic: z
      .string()
      .regex(
        /^(Average|Sum|Minimum|Maximum|SampleCount|p(\d{1,2}(\.\d{1,10})?|100))$/,
        'must be "Average", "Sum", "Minimum", "Maximum", "SampleCount" or a percentile, e.g. "p99"',
      )
      .default('Average'),
    periodSeconds: z
      .literal([...periods], `must be one of ${periods.join(', ')}`)
      .default(60)
      .meta({ description: 'It is read once for each period, when that has been over for a minute.' }),
  })
  .refine((metric) => JSON.stringify(metric).length <= metricBytesMax, {
    error: `must take at most ${String(metricBytesMax)} bytes of JSON`,
  })
  .meta({ id: 'CloudWatchMetric' });
export type CloudWatchBody = z.output<typeof cloudWatchMetric>;

export function cloudWatchOf({ periodSeconds, dimensions: by = {}, ...metric }: CloudWatchBody): CloudWatchMetric {
  return { ...metric, dimensions: by, periodMs: periodSeconds * 1000 };
}

export function presentCloudWatch({ periodMs, dimensions: by, ...metric }: CloudWatchMetric): CloudWatchBody {
  const periodSeconds = periods.find((seconds) => seconds * 1000 === periodMs);
  assert(periodSeconds !== undefined, `a metric has a period of ${String(periodMs)} ms`);
  return { ...metric, dimensions: { ...by }, periodSeconds };
}

/** Policies that go by CloudWatch where there is none. `reason`: what this server says of it; absent: it has one. */
export function cloudWatchErrors(
  policies: readonly object[] | undefined,
  reason: string | undefined,
): readonly FieldError[] {
  if (reason === undefined) return [];
  return (policies ?? []).flatMap((one, n) =>
    'metric' in one && one.metric === 'cloudwatch' ? [{ path: `policies[${String(n)}].metric`, message: reason }] : [],
  );
}
