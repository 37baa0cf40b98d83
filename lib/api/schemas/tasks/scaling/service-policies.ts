// Policies of a service's replicas, as the API takes and shows them, and what each of them wants now.
import * as z from 'zod';
import type { Behaviour, Rates } from '../../../../core/scaling/policies/rates.ts';
import type { ServiceMetric, ServicePolicy, ServiceScaling } from '../../../../core/services/policies.ts';
import { policiesMax, reportedAheadMsMax, reportedStaleMs } from '../../../../core/services/policies.ts';
import { replicasMax } from '../../../../core/services/record.ts';
import { assert, unreachable } from '../../../../core/values/errors.ts';
import { limits } from '../../../limits.ts';
import type { CloudWatchBody } from './cloudwatch.ts';
import { cloudWatchMetric, cloudWatchOf, presentCloudWatch } from './cloudwatch.ts';
import { cron, entriesMax, policyName, timeZone, tolerance, wishView } from '../../figures/policies.ts';
import { compact, seconds, time, timeOf, wholeNumber } from '../../values.ts';

const replicas = wholeNumber(0, replicasMax);
const valueMax = 1e12;
const value = z.number('must be a number').min(0, 'must not be negative').max(valueMax);

export const metricName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9_-]{0,62}$/, 'must be 1 to 63 lower-case letters, digits, "_" and "-"');

const metricFields = {
  metric: z
    .enum(
      ['waiting', 'cpu', 'memory', 'reported', 'cloudwatch'],
      'must be "waiting", "cpu", "memory", "reported" or "cloudwatch"',
    )
    .meta({
      description:
        "`waiting`: the tenant's tasks that wait in the pool. `cpu`, `memory`: what replicas use, in percent of what "
        + 'the template asks for. `reported`: what PUT /v1/services/{name}/metrics/{metric} was told. `cloudwatch`: '
        + 'what CloudWatch has.',
    }),
  reported: metricName.exactOptional().meta({ description: 'The name of a metric that is reported.' }),
  cloudwatch: cloudWatchMetric.exactOptional().meta({ description: 'Which metric of CloudWatch.' }),
  of: z
    .enum(['total', 'average'], 'must be "total" or "average"')
    .exactOptional()
    .meta({
      description: 'Of a reported one or one of CloudWatch: of all replicas together (the default), or of each.',
    }),
};

/** As HPA bounds them. */
const [windowSecondsMax, periodSecondsMax, ratesMax] = [3_600, 1_800, 8];

const rates = z.strictObject({
  stabilizationSeconds: wholeNumber(0, windowSecondsMax)
    .default(0)
    .meta({ description: 'The most careful of what was wanted in that time counts.' }),
  select: z
    .enum(['max', 'min', 'disabled'], 'must be "max", "min" or "disabled"')
    .default('max')
    .meta({ description: 'Which of the rates binds: the one that allows the most, or the least. Or: it never moves.' }),
  rates: z
    .array(
      z
        .strictObject({
          replicas: wholeNumber(1, replicasMax).exactOptional(),
          percent: wholeNumber(1, 1_000_000).exactOptional(),
          periodSeconds: wholeNumber(1, periodSecondsMax),
        })
        .refine(
          (one) => (one.replicas === undefined) !== (one.percent === undefined),
          'must have either replicas or percent',
        ),
    )
    .max(ratesMax)
    .default([])
    .meta({ description: 'By so much in so many seconds. None: nothing bounds it.' }),
});

const behaviour = z.strictObject({ out: rates.prefault({}), in: rates.prefault({}) });

const policy = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('manual'), name: policyName, replicas }),
  z.strictObject({
    kind: z.literal('schedule'),
    name: policyName,
    timeZone: timeZone.default('UTC'),
    entries: z
      .array(z.strictObject({ cron, replicas }))
      .min(1, 'must have an entry')
      .max(entriesMax)
      .meta({ description: 'Each sets the replicas when its time comes, until the next of them.' }),
  }),
  z
    .strictObject({
      kind: z.literal('step'),
      name: policyName,
      ...metricFields,
      steps: z
        .array(z.strictObject({ from: value, replicas }))
        .min(1, 'must have a step')
        .max(entriesMax)
        .meta({ description: 'What the last one says that the metric has reached.' }),
    })
    .superRefine(checkMetric),
  z
    .strictObject({
      kind: z.literal('target'),
      name: policyName,
      ...metricFields,
      target: z.number('must be a number').positive('must be above 0').max(valueMax),
      tolerance,
    })
    .superRefine(checkMetric),
  z
    .strictObject({
      kind: z.literal('alarm'),
      name: policyName,
      alarmName: z.string().min(1).max(255),
      addReplicas: wholeNumber(1, replicasMax).exactOptional(),
      removeReplicas: wholeNumber(1, replicasMax).exactOptional(),
      steps: z
        .array(z.strictObject({ from: value, replicas: wholeNumber(1, replicasMax) }))
        .min(1, 'must have a step')
        .max(entriesMax)
        .exactOptional()
        .meta({
          description:
            'So many instead where the metric is so far beyond the threshold, by the most of the datapoints that '
            + 'CloudWatch names.',
        }),
      cooldownSeconds: seconds(0).max(limits.durationSecondsMax).default(300),
    })
    .refine(
      (one) => (one.addReplicas === undefined) !== (one.removeReplicas === undefined),
      'must have either addReplicas or removeReplicas',
    ),
]);
type PolicyBody = z.output<typeof policy>;

interface MetricBody {
  readonly metric: ServiceMetric['kind'];
  readonly reported?: string;
  readonly cloudwatch?: CloudWatchBody;
  readonly of?: 'total' | 'average';
}

function checkMetric({ metric, reported, cloudwatch, of }: MetricBody, context: z.RefinementCtx): void {
  const fail = (path: string, message: string): void => {
    context.addIssue({ code: 'custom', path: [path], message });
  };
  if (metric === 'reported' && reported === undefined) fail('reported', 'must name the metric that is reported');
  if (metric === 'cloudwatch' && cloudwatch === undefined)
    fail('cloudwatch', 'must name the metric, e.g. {"namespace": "AWS/SQS", "metricName": "NumberOfMessagesSent"}');
  if (metric !== 'reported' && reported !== undefined) fail('reported', 'goes with the metric "reported" only');
  if (metric !== 'cloudwatch' && cloudwatch !== undefined) fail('cloudwatch', 'goes with the metric "cloudwatch" only');
  if (metric !== 'reported' && metric !== 'cloudwatch' && of !== undefined)
    fail('of', 'goes with the metrics "reported" and "cloudwatch" only');
}

/** Fields of a service; {@link checkScaling} looks at them together. */
export const scalingFields = {
  min: replicas
    .exactOptional()
    .meta({
      description:
        'The fewest replicas that policies may want; 1 unless given. 0 only with a policy that moves it from there.',
    }),
  max: replicas.exactOptional().meta({ description: 'The most that they may want; goes with policies.' }),
  policies: z
    .array(policy)
    .min(1, 'must have a policy')
    .max(policiesMax)
    .refine((all) => new Set(all.map((one) => one.name)).size === all.length, 'must name each policy once')
    .refine((all) => {
      const alarms = all.flatMap((one) => (one.kind === 'alarm' ? [one.alarmName] : []));
      return new Set(alarms).size === alarms.length;
    }, 'must name each alarm once')
    .exactOptional()
    .meta({
      description:
        'What moves the count: the largest of what they want, and it goes in only when all agree (docs/services.md).',
    }),
  learningStyle: z
    .enum(['reactive', 'scheduled', 'predictive'], 'must be "reactive", "scheduled" or "predictive"')
    .exactOptional()
    .meta({
      description:
        'reactive unless given. scheduled: one of the policies is a schedule. predictive: what they want is forecast, '
        + 'and replicas are started before (docs/services.md).',
    }),
  forecastQuantile: z
    .number('must be a number from 0.5 to 0.99')
    .min(0.5, 'must be at least 0.5')
    .max(0.99, 'must be at most 0.99')
    .exactOptional()
    .meta({
      description: 'Predictive: replicas for what is wanted at most in this share of the cases; 0.9 unless given.',
    }),
  behaviour: behaviour
    .exactOptional()
    .meta({
      description:
        'How fast the count moves. Unless given: at once, and where a policy goes by a metric as the Kubernetes '
        + 'Horizontal Pod Autoscaler does unless told otherwise.',
    }),
};

export interface ScalingBody {
  readonly min?: number;
  readonly max?: number;
  readonly policies?: readonly PolicyBody[];
  readonly learningStyle?: 'reactive' | 'scheduled' | 'predictive';
  readonly forecastQuantile?: number;
  readonly behaviour?: z.output<typeof behaviour>;
}

export function checkScaling(body: ScalingBody, context: z.RefinementCtx): void {
  const { min, max, policies, behaviour: moves } = body;
  const fail = (path: string, message: string): void => {
    context.addIssue({ code: 'custom', path: [path], message });
  };
  if (policies !== undefined) {
    if (max === undefined) fail('max', 'must be given with policies');
    else if ((min ?? 1) > max) fail('min', `must be at most max, ${String(max)}`);
    if (min === 0 && policies.every(needsReplicas))
      fail('min', 'must be 1 or more, or there must be a policy that moves it from 0: these go by what replicas tell');
    checkLearning(body, policies, fail);
    return;
  }
  const { learningStyle, forecastQuantile } = body;
  for (const [path, one] of Object.entries({ min, max, behaviour: moves, learningStyle, forecastQuantile }))
    if (one !== undefined) fail(path, 'goes with policies only; replicas says how many without');
}

/** What no replica tells where they are virtual machines, and no machine takes. */
const notOfMachines: Readonly<Record<string, string>> = {
  cpu: 'no agent measures a virtual machine',
  memory: 'no agent measures a virtual machine',
  waiting: 'tasks that wait in the pool run on its nodes, never on these machines',
};

export function checkMachineMetrics({ policies = [] }: ScalingBody, context: z.RefinementCtx): void {
  for (const [n, one] of policies.entries()) {
    const why = 'metric' in one ? notOfMachines[one.metric] : undefined;
    if (why === undefined) continue;
    const message =
      `does not go with a template of a machine: ${why}; go by a metric that is reported, or by a metric or an alarm `
      + 'of CloudWatch';
    context.addIssue({ code: 'custom', path: ['policies', n, 'metric'], message });
  }
}

function checkLearning(
  { learningStyle, forecastQuantile }: ScalingBody,
  policies: readonly PolicyBody[],
  fail: (path: string, message: string) => void,
): void {
  if (learningStyle === 'scheduled' && policies.every((one) => one.kind !== 'schedule'))
    fail('policies', 'must have one of kind "schedule" where learningStyle is "scheduled"');
  if (learningStyle === 'predictive' && policies.every((one) => !('metric' in one)))
    fail('policies', 'must have one that goes by a metric where learningStyle is "predictive": that is forecast');
  if (forecastQuantile !== undefined && learningStyle !== 'predictive')
    fail('forecastQuantile', 'goes with the learningStyle "predictive" only');
}

/** Where there is no replica it wants nothing, and the count would stay at 0 for ever. */
function needsReplicas(one: PolicyBody): boolean {
  if (!('metric' in one)) return false;
  const isAverage = one.kind === 'target' && one.of === 'average';
  return one.metric === 'cpu' || one.metric === 'memory' || isAverage;
}

/** undefined: no policy moves the count. */
export function scalingOf(body: ScalingBody): ServiceScaling | undefined {
  const { min = 1, max = min, policies, behaviour: moves, learningStyle, forecastQuantile } = body;
  if (policies === undefined) return undefined;
  return {
    ...{ min, max, policies: policies.map(policyOf) },
    ...(learningStyle === undefined || learningStyle === 'reactive' ? {} : { learningStyle }),
    ...compact({ forecastQuantile, behaviour: moves && behaviourOf(moves) }),
  };
}

function policyOf(body: PolicyBody): ServicePolicy {
  switch (body.kind) {
    case 'manual':
      return body;
    case 'schedule':
      return { ...body, entries: body.entries.map((one) => ({ cron: one.cron, wanted: one.replicas })) };
    case 'step': {
      const { metric, reported, cloudwatch, of, steps, ...rest } = body;
      const wanted = steps.map((one) => ({ from: one.from, wanted: one.replicas }));
      return { ...rest, metric: metricOf({ metric, ...compact({ reported, cloudwatch, of }) }), steps: wanted };
    }
    case 'target': {
      const { metric, reported, cloudwatch, of, ...rest } = body;
      return { ...rest, metric: metricOf({ metric, ...compact({ reported, cloudwatch, of }) }) };
    }
    case 'alarm': {
      const { addReplicas = 0, removeReplicas = 0, steps, cooldownSeconds, ...rest } = body;
      const sign = addReplicas > 0 ? 1 : -1;
      return {
        ...rest,
        change: addReplicas - removeReplicas,
        ...(steps && { steps: steps.map((one) => ({ from: one.from, change: sign * one.replicas })) }),
        cooldownMs: Math.round(cooldownSeconds * 1000),
      };
    }
    default:
      return unreachable(body);
  }
}

function metricOf({ metric, reported = '', cloudwatch, of = 'total' }: MetricBody): ServiceMetric {
  if (metric === 'reported') return { kind: metric, metric: reported, of };
  if (metric !== 'cloudwatch') return { kind: metric };
  assert(cloudwatch !== undefined, 'a policy by CloudWatch names no metric');
  return { kind: metric, cloudWatch: cloudWatchOf(cloudwatch), of };
}

function behaviourOf(body: z.output<typeof behaviour>): Behaviour {
  const of = ({ stabilizationSeconds, select, rates: all }: z.output<typeof rates>): Rates => ({
    stabilisationMs: stabilizationSeconds * 1000,
    select,
    policies: all.map(({ replicas: count, percent, periodSeconds }) => ({
      ...(count === undefined ? { kind: 'percent', value: percent ?? 0 } : { kind: 'count', value: count }),
      periodMs: periodSeconds * 1000,
    })),
  });
  return { out: of(body.out), in: of(body.in) };
}

/** As it was declared. */
export function presentScaling(scaling: ServiceScaling | undefined): ScalingBody & { policies?: PolicyBody[] } {
  if (scaling === undefined) return {};
  const { policies, behaviour: moves, ...rest } = scaling;
  return { ...rest, policies: policies.map(presentPolicy), ...(moves && { behaviour: presentBehaviour(moves) }) };
}

function presentPolicy(one: ServicePolicy): PolicyBody {
  switch (one.kind) {
    case 'manual':
      return one;
    case 'schedule':
      return { ...one, entries: one.entries.map((entry) => ({ cron: entry.cron, replicas: entry.wanted })) };
    case 'step': {
      const { metric, steps, ...rest } = one;
      return {
        ...rest,
        ...presentMetric(metric),
        steps: steps.map(({ from, wanted }) => ({ from, replicas: wanted })),
      };
    }
    case 'target': {
      const { metric, ...rest } = one;
      return { ...rest, ...presentMetric(metric) };
    }
    case 'alarm': {
      const { change, steps, cooldownMs, ...rest } = one;
      const moves = change > 0 ? { addReplicas: change } : { removeReplicas: -change };
      const shown = steps && { steps: steps.map((step) => ({ from: step.from, replicas: Math.abs(step.change) })) };
      return { ...rest, ...moves, ...shown, cooldownSeconds: cooldownMs / 1000 };
    }
    default:
      return unreachable(one);
  }
}

function presentMetric(metric: ServiceMetric): MetricBody {
  switch (metric.kind) {
    case 'reported':
      return { metric: metric.kind, reported: metric.metric, of: metric.of };
    case 'cloudwatch':
      return { metric: metric.kind, cloudwatch: presentCloudWatch(metric.cloudWatch), of: metric.of };
    default:
      return { metric: metric.kind };
  }
}

function presentBehaviour(moves: Behaviour): z.output<typeof behaviour> {
  const of = ({ stabilisationMs, select, policies }: Rates): z.output<typeof rates> => ({
    stabilizationSeconds: stabilisationMs / 1000,
    select,
    rates: policies.map(({ kind, value: by, periodMs }) => ({
      ...(kind === 'count' ? { replicas: by } : { percent: by }),
      periodSeconds: periodMs / 1000,
    })),
  });
  return { out: of(moves.out), in: of(moves.in) };
}

export const serviceWhyView = z
  .object({
    replicas: z.int().min(0).meta({ description: 'How many are wanted.' }),
    wanted: z.int().min(0).meta({ description: 'What the policies together want now, within min and max.' }),
    reason: z.string(),
    policies: z.array(wishView),
    troubles: z.array(z.string()).meta({ description: 'Which calls of its target groups fail, and what to do.' }),
  })
  .meta({ id: 'ServiceWhy' });
export type ServiceWhyView = z.output<typeof serviceWhyView>;

export const metricBody = z
  .strictObject({
    value,
    at: time
      .optional()
      .meta({
        description:
          `When it was so; now unless given. At most ${String(reportedAheadMsMax / 1000)} s ahead. A number that is `
          + 'not newer than the last one changes nothing, and after '
          + `${String(reportedStaleMs / 1000)} s it counts as missing.`,
      }),
  })
  .meta({ id: 'MetricReport' });

export const metricView = z
  .object({ metric: z.string(), value: z.number(), at: time })
  .meta({ id: 'Metric', description: 'As it is known now.' });
export type MetricView = z.output<typeof metricView>;

export function presentMetricReport(
  metric: string,
  { value: known, atMs }: { readonly value: number; readonly atMs: number },
): MetricView {
  return { metric, value: known, at: timeOf(atMs) };
}
