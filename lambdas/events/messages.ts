// The events of AWS that EventBridge delivers, as far as they are used: EC2's state changes and warnings, AWS Health's
// planned changes of EC2, CloudWatch's alarms. The shapes are those of AWS's documentation.
import * as z from 'zod';
import type { InstanceEvent } from '../../lib/control/use-cases.ts';

const time = z.iso.datetime({ offset: true }).transform((text) => Date.parse(text));
const ec2 = { source: z.literal('aws.ec2'), time, detail: z.object({ 'instance-id': z.string().min(1) }) };

/** `2026-11-22T16:00:00.985+0000`: ISO 8601 without the colon that everybody else writes. */
const alarmTime = z.string().transform((text, context) => {
  const ms = Date.parse(text.replace(/([+-]\d\d)(\d\d)$/, '$1:$2'));
  if (!Number.isNaN(ms)) return ms;
  context.addIssue('must be a time, e.g. 2026-11-22T16:00:00.985+0000');
  return z.NEVER;
});
const measured = z
  .string()
  .transform((text, context): unknown => {
    try {
      return JSON.parse(text);
    } catch (error) {
      context.addIssue(String(error));
      return z.NEVER;
    }
  })
  .pipe(z.object({ threshold: z.number(), recentDatapoints: z.array(z.number()).min(1).max(1_000) }));

const alarmState = z.enum(['OK', 'ALARM', 'INSUFFICIENT_DATA']);

/**
 * How far the metric is beyond the threshold. `data`: what CloudWatch says of it, as JSON in a text; a composite alarm
 * has no threshold. Of M datapoints out of N some may be on its good side: which side that is, only the reason says
 * ("... was greater than the threshold (80.0)"). undefined: nobody knows.
 */
function beyondOf(data: string, reason: string): number | undefined {
  const read = measured.safeParse(data);
  if (!read.success) return undefined;
  const { threshold, recentDatapoints } = read.data;
  const above = Math.max(...recentDatapoints) - threshold;
  const below = threshold - Math.min(...recentDatapoints);
  if (above < 0 || below < 0) return Math.max(above, below);
  const side = /\b(greater|less|lower) than\b/.exec(reason)?.[1];
  if (side === undefined) return above > 0 && below > 0 ? undefined : Math.max(above, below);
  return side === 'greater' ? above : below;
}

/**
 * RFC 1123 (`Sat, 05 Dec 2026 15:10:09 GMT`), as Health writes times; null where it cannot be read:
 * the date is for people.
 */
const healthTime = z.string().transform((text) => {
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? null : ms;
});

export const awsMessage = z.discriminatedUnion('detail-type', [
  z.object({ ...ec2, 'detail-type': z.literal('EC2 Instance State-change Notification') }),
  z.object({ ...ec2, 'detail-type': z.literal('EC2 Spot Instance Interruption Warning') }),
  z.object({ ...ec2, 'detail-type': z.literal('EC2 Instance Rebalance Recommendation') }),
  z.object({
    'detail-type': z.literal('AWS Health Event'),
    source: z.literal('aws.health'),
    time,
    detail: z.object({
      service: z.literal('EC2'),
      eventTypeCategory: z.literal('scheduledChange'),
      eventTypeCode: z.string().min(1),
      statusCode: z.string().optional(),
      startTime: healthTime.optional(),
      affectedEntities: z.array(z.object({ entityValue: z.string() })).default([]),
    }),
  }),
  z.object({
    'detail-type': z.literal('CloudWatch Alarm State Change'),
    source: z.literal('aws.cloudwatch'),
    detail: z.object({
      alarmName: z.string().min(1),
      state: z
        .object({
          value: alarmState,
          reason: z.string().default('without a reason'),
          reasonData: z.string().default(''),
          timestamp: alarmTime,
        })
        .transform(({ reasonData, ...state }) => ({ ...state, beyond: beyondOf(reasonData, state.reason) })),
      previousState: z.object({ value: alarmState }).optional(),
    }),
  }),
]);
export type AwsMessage = z.output<typeof awsMessage>;
export type AlarmMessage = Extract<AwsMessage, { source: 'aws.cloudwatch' }>;
type InstanceMessage = Exclude<AwsMessage, AlarmMessage>;

/** EC2 warns of a spot interruption this long before it takes the instance. */
const interruptionNoticeMs = 120_000;

const kinds = {
  'EC2 Instance State-change Notification': 'state-change',
  'EC2 Spot Instance Interruption Warning': 'interruption-warning',
  'EC2 Instance Rebalance Recommendation': 'rebalance-recommendation',
} as const;

/** What the message says of each instance that it names. */
export function instanceEventsOf(message: InstanceMessage): readonly Omit<InstanceEvent, 'pool'>[] {
  if (message['detail-type'] !== 'AWS Health Event') {
    const kind = kinds[message['detail-type']];
    return [
      {
        kind,
        instanceId: message.detail['instance-id'],
        atMs: kind === 'interruption-warning' ? message.time + interruptionNoticeMs : message.time,
      },
    ];
  }
  const { eventTypeCode, statusCode, startTime, affectedEntities } = message.detail;
  // Over, or called off.
  if (statusCode === 'closed') return [];
  const reason =
    'AWS Health announces '
    + `${eventTypeCode}${typeof startTime === 'number' ? ` for ${new Date(startTime).toISOString()}` : ''}`;
  return affectedEntities.map((entity) => ({
    kind: 'scheduled-change',
    instanceId: entity.entityValue,
    atMs: startTime ?? message.time,
    reason,
  }));
}
