// Policies of a pool's headroom, as the API takes and shows them, and what each of them wants now.
import * as z from 'zod';
import type { CloudWatchMetric, HeadroomPolicy } from '../../../core/records/pool.ts';
import { isTimeZone, parseCron } from '../../../core/scaling/policies/cron.ts';
import type { Wish } from '../../../core/scaling/policies/policy.ts';
import { limits } from '../../limits.ts';
import { compact, wholeNumber } from '../values.ts';
import type { CloudWatchBody } from '../tasks/scaling/cloudwatch.ts';
import { cloudWatchMetric, cloudWatchOf, presentCloudWatch } from '../tasks/scaling/cloudwatch.ts';

export const policyName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,31}$/, 'must be 1 to 32 lower-case letters, digits and hyphens');
const name = policyName;
const nodes = wholeNumber(0, limits.alarmNodesMax);
const vcpu = z.number('must be a number of vCPU').min(0, 'must not be negative').max(10_000_000);
const value = z.number('must be a number').min(0, 'must not be negative').max(1e12);
export const entriesMax = 20;

export const cron = z
  .string()
  .max(200)
  .superRefine((text, context) => {
    const parsed = parseCron(text);
    if (typeof parsed === 'string') context.addIssue({ code: 'custom', message: parsed });
  })
  .meta({ description: 'Minute, hour, day of month, month, day of week, e.g. "0 8 * * 1-5".' });

export const timeZone = z
  .string()
  .max(64)
  .refine(isTimeZone, 'must be a time zone of the IANA database, e.g. "Europe/Berlin"');

export const tolerance = z.number().min(0, 'must not be negative').max(1, 'must be at most 1').exactOptional();

const metricFields = {
  metric: z
    .literal('cloudwatch', 'must be "cloudwatch"')
    .exactOptional()
    .meta({ description: 'By what CloudWatch has; unless given by the demand of the pool.' }),
  cloudwatch: cloudWatchMetric.exactOptional().meta({ description: 'Which metric of CloudWatch.' }),
};

interface MetricBody {
  readonly metric?: 'cloudwatch';
  readonly cloudwatch?: CloudWatchBody;
}

/** Whether it goes by CloudWatch, and says so whole. */
function checkMetric({ metric, cloudwatch }: MetricBody, context: z.RefinementCtx): boolean {
  if (metric !== undefined && cloudwatch === undefined)
    context.addIssue({ code: 'custom', path: ['cloudwatch'], message: 'must name the metric that the policy goes by' });
  if (metric === undefined && cloudwatch !== undefined)
    context.addIssue({ code: 'custom', path: ['metric'], message: 'must be "cloudwatch" where one is named' });
  return metric !== undefined || cloudwatch !== undefined;
}

function checkStep(
  body: MetricBody & { readonly steps: readonly { readonly fromVcpu?: number; readonly from?: number }[] },
  context: z.RefinementCtx,
): void {
  const isByMetric = checkMetric(body, context);
  const message = isByMetric ? 'must have from, in units of the metric' : 'must have fromVcpu';
  for (const [n, one] of body.steps.entries())
    if ((one.from === undefined) === isByMetric || (one.fromVcpu === undefined) !== isByMetric)
      context.addIssue({ code: 'custom', path: ['steps', n], message: `${message}, and nothing else with nodes` });
}

function checkTarget(
  body: MetricBody & { readonly vcpuPerNode?: number; readonly target?: number },
  context: z.RefinementCtx,
): void {
  const isByMetric = checkMetric(body, context);
  const [own, other] = isByMetric ? (['target', 'vcpuPerNode'] as const) : (['vcpuPerNode', 'target'] as const);
  if (body[own] === undefined)
    context.addIssue({ code: 'custom', path: [own], message: 'must be given: so much for each node' });
  if (body[other] !== undefined)
    context.addIssue({
      code: 'custom',
      path: [other],
      message: isByMetric ? 'goes with demand in vCPU; a metric has target' : 'goes with the metric "cloudwatch" only',
    });
}

export const headroomPolicy = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('manual'), name, nodes }),
  z.strictObject({
    kind: z.literal('schedule'),
    name,
    timeZone: timeZone.default('UTC'),
    entries: z
      .array(z.strictObject({ cron, nodes }))
      .min(1, 'must have an entry')
      .max(entriesMax)
      .meta({ description: 'Each sets the nodes when its time comes, until the next of them.' }),
  }),
  z
    .strictObject({
      kind: z.literal('step'),
      name,
      ...metricFields,
      steps: z
        .array(z.strictObject({ fromVcpu: vcpu.exactOptional(), from: value.exactOptional(), nodes }))
        .min(1, 'must have a step')
        .max(entriesMax)
        .meta({ description: 'By demand in vCPU, waiting and running (`fromVcpu`), or by the metric (`from`).' }),
    })
    .superRefine(checkStep),
  z
    .strictObject({
      kind: z.literal('target'),
      name,
      ...metricFields,
      vcpuPerNode: z
        .number('must be a number of vCPU')
        .positive('must be above 0')
        .max(10_000_000)
        .exactOptional()
        .meta({ description: 'One node of headroom for so much demand, waiting and running.' }),
      target: z
        .number('must be a number')
        .positive('must be above 0')
        .max(1e12)
        .exactOptional()
        .meta({ description: 'One node of headroom for so much of the metric.' }),
      tolerance,
    })
    .superRefine(checkTarget),
]);
type PolicyBody = z.output<typeof headroomPolicy>;

export function headroomPolicyOf(body: PolicyBody): HeadroomPolicy {
  switch (body.kind) {
    case 'schedule':
      return { ...body, entries: body.entries.map((one) => ({ cron: one.cron, wanted: one.nodes })) };
    case 'step':
      return {
        ...{ kind: body.kind, name: body.name },
        ...(body.cloudwatch && { cloudWatch: cloudWatchOf(body.cloudwatch) }),
        steps: body.steps.map((one) => ({ from: one.from ?? one.fromVcpu ?? 0, wanted: one.nodes })),
      };
    case 'target': {
      const { metric: _metric, cloudwatch, vcpuPerNode = 0, target = 0, ...rest } = compact(body);
      return cloudwatch === undefined
        ? { ...rest, vcpuPerNode }
        : { ...rest, cloudWatch: cloudWatchOf(cloudwatch), target };
    }
    default:
      return compact(body);
  }
}

export function presentPolicy(policy: HeadroomPolicy): PolicyBody {
  switch (policy.kind) {
    case 'schedule':
      return { ...policy, entries: policy.entries.map((one) => ({ cron: one.cron, nodes: one.wanted })) };
    case 'step': {
      const { cloudWatch, steps, ...rest } = policy;
      const by = cloudWatch === undefined ? 'fromVcpu' : 'from';
      return {
        ...{ ...rest, ...presentMetric(cloudWatch) },
        steps: steps.map((one) => ({ [by]: one.from, nodes: one.wanted })),
      };
    }
    case 'target': {
      if ('vcpuPerNode' in policy) return policy;
      const { cloudWatch, ...rest } = policy;
      return { ...rest, ...presentMetric(cloudWatch) };
    }
    default:
      return policy;
  }
}

function presentMetric(metric: CloudWatchMetric | undefined): MetricBody {
  return metric === undefined ? {} : { metric: 'cloudwatch', cloudwatch: presentCloudWatch(metric) };
}

/** What one policy wants now. */
export const wishView = z.object({
  policy: z.string(),
  wanted: z.int().nullable().meta({ description: 'null: it has no data, and does not agree to go in.' }),
  agrees: z
    .literal(true)
    .exactOptional()
    .meta({ description: 'It wants nothing, and agrees to whatever the others want. Absent: as `wanted` says.' }),
  reason: z.string(),
});

export const poolWhyView = z
  .object({
    headroomNodes: z.int().min(0).meta({ description: 'Kept without work now, for alarms, policies and as declared.' }),
    wanted: z.int().min(0).meta({ description: 'What the policies together want, within the limits.' }),
    reason: z.string(),
    policies: z.array(wishView),
  })
  .meta({ id: 'PoolWhy' });
export type PoolWhyView = z.output<typeof poolWhyView>;

export interface PoolWhyState {
  readonly headroomNodes: number;
  readonly wanted: number;
  readonly reason: string;
  readonly wishes: readonly Wish[];
}

export function presentPoolWhy({ wishes, ...why }: PoolWhyState): PoolWhyView {
  return { ...why, policies: wishes.map((one) => ({ ...one })) };
}
