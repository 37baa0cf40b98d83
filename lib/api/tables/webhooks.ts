// The routes of webhooks: a part of the route table.
import * as z from 'zod';
import {
  declaredWebhookView,
  deliveriesQuery,
  deliveryListView,
  replayBody,
  replayedWebhookView,
  rotateBody,
  rotatedWebhookView,
  webhookBody,
  webhookListView,
  webhookName,
  webhookView,
} from '../schemas/events/webhooks.ts';

const byWebhook = z.strictObject({ name: webhookName });

export const webhookRoutes = {
  listWebhooks: {
    method: 'GET',
    path: '/v1/webhooks',
    permission: 'read',
    summary: 'List webhooks',
    answer: { status: 200, description: "The caller's, by name.", schema: webhookListView },
    problems: [],
  },
  putWebhook: {
    method: 'PUT',
    path: '/v1/webhooks/{name}',
    permission: 'request',
    summary: 'Declare a webhook',
    description:
      'Creates or replaces it. The address is sent the events that GET /v1/events shows the caller, each by a POST '
      + 'that is signed as Standard Webhooks says. A new one begins with what happens from now on; its secret is in '
      + 'this answer and nowhere else.',
    params: byWebhook,
    body: webhookBody,
    answer: { status: 200, description: 'The webhook, and the secret of a new one.', schema: declaredWebhookView },
    problems: ['invalid_webhook', 'too_many_webhooks'],
  },
  getWebhook: {
    method: 'GET',
    path: '/v1/webhooks/{name}',
    permission: 'read',
    summary: 'Show a webhook',
    params: byWebhook,
    answer: { status: 200, description: 'The webhook, and how its deliveries go.', schema: webhookView },
    problems: ['not_found'],
  },
  deleteWebhook: {
    method: 'DELETE',
    path: '/v1/webhooks/{name}',
    permission: 'request',
    summary: 'Delete a webhook',
    description: 'What waits for it is not delivered any more.',
    params: byWebhook,
    answer: { status: 200, description: 'The webhook, as it was.', schema: webhookView },
    problems: ['not_found'],
  },
  rotateWebhook: {
    method: 'POST',
    path: '/v1/webhooks/{name}/rotate',
    permission: 'request',
    summary: 'Give a webhook a new secret',
    description:
      'Both sign until the old one ends: a receiver that has either accepts. At most three sign at once '
      + '(`not_possible`).',
    params: byWebhook,
    body: rotateBody,
    answer: { status: 200, description: 'The webhook, and its new secret.', schema: rotatedWebhookView },
    problems: ['not_found', 'not_possible'],
  },
  listDeliveries: {
    method: 'GET',
    path: '/v1/webhooks/{name}/deliveries',
    permission: 'read',
    summary: 'What a webhook was not delivered',
    description:
      'On the first page what waits to be tried again, 100 at most; then dead letters: what was tried nine times in 28 '
      + 'hours. These are kept for 14 days.',
    params: byWebhook,
    query: deliveriesQuery,
    answer: { status: 200, description: 'Oldest first.', schema: deliveryListView },
    problems: ['not_found', 'invalid_cursor'],
  },
  replayWebhook: {
    method: 'POST',
    path: '/v1/webhooks/{name}/replay',
    permission: 'request',
    summary: 'Deliver again',
    description:
      'Dead letters, or everything since a time; events keep their ids. An endpoint that rests because it failed is '
      + 'called again at once. `not_possible`: as many wait already as may.',
    params: byWebhook,
    body: replayBody,
    answer: { status: 202, description: 'The webhook.', schema: replayedWebhookView },
    problems: ['not_found', 'not_possible'],
  },
} as const;
