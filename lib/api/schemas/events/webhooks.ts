// Webhooks: addresses that are sent events, as the API takes and shows them.
import * as z from 'zod';
import { limits } from '../../limits.ts';
import { labelsOf, pageQuery, poolName, time, wholeNumber } from '../values.ts';
import { eventType, eventTypes } from './events.ts';

export const webhookName = z
  .string()
  .regex(
    /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/,
    'must be 1 to 63 lower-case letters, digits and inner hyphens, e.g. "nightly-ci"',
  );

const url = z
  .string('must be an address, e.g. "https://example.com/bellows"')
  .min(1, 'must be an address, e.g. "https://example.com/bellows"')
  .max(2_000, 'must be at most 2,000 characters')
  .meta({
    description:
      'https, and no link-local, private or reserved address; on a laptop also http to this machine. It is answered '
      + 'with 422 `invalid_webhook` otherwise.',
    example: 'https://example.com/bellows',
  });

export const webhookBody = z
  .strictObject({
    url,
    types: z
      .array(eventType)
      .min(1, 'must name a type, or be left out')
      .max(eventTypes.length, `must be at most ${String(eventTypes.length)} types`)
      .optional()
      .meta({ description: 'Only these events; all unless given.' }),
    pool: poolName.optional().meta({ description: 'Only those of this pool.' }),
    labels: labelsOf
      .optional()
      .meta({ description: 'Only those of requests with all of these labels, e.g. {"team": "search"}.' }),
  })
  .meta({ id: 'WebhookBody' });

export const webhookView = z
  .object({
    name: z.string(),
    url: z.string(),
    types: z.array(eventType).exactOptional(),
    pool: z.string().exactOptional(),
    labels: z.record(z.string(), z.string()).exactOptional(),
    createdAt: time,
    updatedAt: time,
    delivered: z.int().min(0).meta({ description: 'Since it was declared.' }),
    lastDeliveredAt: time.nullable(),
    failingSince: time.nullable().meta({ description: 'null: the last delivery succeeded.' }),
    nextTryAt: time.nullable().meta({ description: 'Until then an endpoint that fails is not called.' }),
    error: z.string().nullable().meta({ description: 'Of the last delivery.' }),
    missed: z
      .object({ from: time, until: time })
      .nullable()
      .meta({
        description:
          'What was written between these may be lost: it was older than events are kept for when its turn came. Said '
          + 'until a replay, which sends again what is kept.',
      }),
    setAside: z
      .string()
      .nullable()
      .meta({
        description:
          'Why it is sent nothing: how far it is cannot be read. A replay says from when on it is sent what happened.',
      }),
    secretsEnd: z
      .array(time.nullable())
      .meta({ description: 'Of each secret that signs, the present one first: until when; null: for good.' }),
  })
  .meta({ id: 'Webhook' });
export type WebhookView = z.output<typeof webhookView>;

const secret = z
  .string()
  .meta({
    description: 'Only here and only now. Deliveries are signed with it as Standard Webhooks says: docs/events.md.',
    example: 'whsec_…',
  });
export const declaredWebhookView = webhookView
  .extend({ secret: secret.exactOptional().meta({ description: 'Of a new one.' }) })
  .meta({ id: 'DeclaredWebhook' });
export const rotatedWebhookView = webhookView.extend({ secret }).meta({ id: 'RotatedWebhook' });
export const replayedWebhookView = webhookView
  .extend({
    replayed: z.int().min(0).meta({ description: 'Dead letters that are delivered again.' }),
    since: time
      .nullable()
      .meta({ description: 'From when on all is sent again: not what is kept no longer. null: dead letters are.' }),
  })
  .meta({ id: 'ReplayedWebhook' });

export const webhookListView = z.object({ items: z.array(webhookView) }).meta({ id: 'WebhookList' });

export const rotateBody = z
  .strictObject({
    keepHours: wholeNumber(0, limits.webhookKeepHoursMax)
      .default(24)
      .meta({ description: 'So long the secrets before it sign as well.' }),
  })
  .meta({ id: 'RotateBody' });

export const replayBody = z
  .union(
    [
      z
        .strictObject({ since: time.meta({ description: 'Everything that was written from then on.' }) })
        .meta({ id: 'ReplaySince' }),
      z
        .strictObject({ deadLetters: z.literal(true, 'must be true').meta({ description: 'As many as may wait.' }) })
        .meta({ id: 'ReplayDeadLetters' }),
    ],
    'must have either since or deadLetters',
  )
  .meta({ id: 'ReplayBody' });

export const deliveriesQuery = z.strictObject(pageQuery);

export const deliveryListView = z
  .object({
    items: z.array(
      z.object({
        eventId: z.string(),
        type: eventType,
        requestId: z.string().exactOptional(),
        nodeId: z.string().exactOptional(),
        state: z.enum(['waiting', 'dead']),
        tries: z.int().min(0),
        since: time.meta({ description: 'When it was tried first.' }),
        nextTryAt: time.nullable(),
        error: z.string().nullable(),
      }),
    ),
    nextCursor: z.string().nullable(),
  })
  .meta({ id: 'DeliveryList' });
export type DeliveryListView = z.output<typeof deliveryListView>;
