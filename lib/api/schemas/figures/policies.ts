// Policies of a pool's headroom, as the API takes and shows them, and what each of them wants now.
import * as z from 'zod';
import type { HeadroomPolicy } from '../../../core/records/pool.ts';
import { isTimeZone, parseCron } from '../../../core/scaling/policies/cron.ts';
import type { Wish } from '../../../core/scaling/policies/policy.ts';
import { limits } from '../../limits.ts';
import { compact, wholeNumber } from '../values.ts';

export const policyName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,31}$/, 'must be 1 to 32 lower-case letters, digits and hyphens');
const name = policyName;
const nodes = wholeNumber(0, limits.alarmNodesMax);
const vcpu = z.number('must be a number of vCPU').min(0, 'must not be negative').max(10_000_000);
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
  z.strictObject({
    kind: z.literal('step'),
    name,
    steps: z
      .array(z.strictObject({ fromVcpu: vcpu, nodes }))
      .min(1, 'must have a step')
      .max(entriesMax)
      .meta({ description: 'By demand in vCPU, waiting and running.' }),
  }),
  z.strictObject({
    kind: z.literal('target'),
    name,
    vcpuPerNode: z
      .number('must be a number of vCPU')
      .positive('must be above 0')
      .max(10_000_000)
      .meta({ description: 'One node of headroom for so much demand, waiting and running.' }),
    tolerance,
  }),
]);
type PolicyBody = z.output<typeof headroomPolicy>;

export function headroomPolicyOf(body: PolicyBody): HeadroomPolicy {
  switch (body.kind) {
    case 'schedule':
      return { ...body, entries: body.entries.map((one) => ({ cron: one.cron, wanted: one.nodes })) };
    case 'step':
      return { ...body, steps: body.steps.map((one) => ({ from: one.fromVcpu, wanted: one.nodes })) };
    default:
      return compact(body);
  }
}

export function presentPolicy(policy: HeadroomPolicy): PolicyBody {
  switch (policy.kind) {
    case 'schedule':
      return { ...policy, entries: policy.entries.map((one) => ({ cron: one.cron, nodes: one.wanted })) };
    case 'step':
      return { ...policy, steps: policy.steps.map((one) => ({ fromVcpu: one.from, nodes: one.wanted })) };
    default:
      return policy;
  }
}

/** What one policy wants now. */
export const wishView = z.object({
  policy: z.string(),
  wanted: z.int().nullable().meta({ description: 'null: it has no data, and does not agree to go in.' }),
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
