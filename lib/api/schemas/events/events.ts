// Published events, as the API lists them and webhooks deliver them.
import * as z from 'zod';
import { limits } from '../../limits.ts';
import { requestState, requestType } from '../requests.ts';
import { labelFilter, pageQuery, poolName, requestId, time } from '../values.ts';

export const eventTypes = [
  'RequestAccepted',
  'RequestEnded',
  'LeaseEnding',
  'TaskEnded',
  'NodeLaunched',
  'NodeTerminated',
] as const;

export const eventType = z
  .enum(eventTypes, `must be one of ${eventTypes.join(', ')}`)
  .meta({
    description:
      '`TaskEnded`: a request of tasks, of an array once all have ended. `RequestEnded`: a claim. `LeaseEnding`: once '
      + 'per lease, before it ends.',
  });

export const eventView = z
  .object({
    id: z
      .string()
      .meta({
        description: 'Of what happened: an event may come twice, and has the same id then.',
        example: 'evt_0f3b1c9a7d5e2f4a6b8c0d1e2f',
      }),
    type: eventType,
    at: time.meta({ description: 'When it happened; the list is in the order in which events became known.' }),
    pool: z.string(),
    requestId: z.string().exactOptional().meta({ description: 'Of events of requests, as are the next two.' }),
    name: z.string().exactOptional(),
    labels: z.record(z.string(), z.string()).exactOptional(),
    requestType: requestType.exactOptional(),
    count: z.int().exactOptional().meta({ description: 'RequestAccepted: how many tasks.' }),
    state: requestState.exactOptional().meta({ description: 'TaskEnded, RequestEnded.' }),
    reason: z.string().nullable().exactOptional(),
    leaseEndsAt: time.exactOptional(),
    nodeId: z.string().exactOptional().meta({ description: 'Of events of nodes.' }),
    instanceType: z.string().exactOptional(),
    zone: z.string().exactOptional(),
    capacityType: z.string().exactOptional(),
    priceUsdPerHour: z.number().exactOptional(),
  })
  .meta({ id: 'Event' });
export type EventView = z.output<typeof eventView>;

export const eventListView = z
  .object({
    items: z.array(eventView),
    nextCursor: z.string().nullable().meta({ description: 'null: there is no more at present.' }),
    position: z.string().meta({ description: 'As `cursor` it goes on from here: what happens later, too.' }),
  })
  .meta({ id: 'EventList' });

export const eventsQuery = z.strictObject({
  since: time
    .optional()
    .meta({
      description: `Written at this time or later: RFC 3339, UTC; ${String(limits.eventDays)} days ago unless given.`,
    }),
  type: eventType.optional(),
  pool: poolName.optional(),
  request: requestId.optional(),
  label: labelFilter.optional(),
  limit: pageQuery.limit,
  cursor: z
    .string()
    .min(1)
    .max(limits.cursorLength)
    .optional()
    .meta({ description: 'The nextCursor or position of an earlier answer.' }),
});
