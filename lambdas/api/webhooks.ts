// What the routes of webhooks do.
import { limits } from '../../lib/api/limits.ts';
import { ProblemError } from '../../lib/api/problems.ts';
import type { DeliveryListView, WebhookView } from '../../lib/api/schemas/events/webhooks.ts';
import { compact, timeOf, timeOrNull } from '../../lib/api/schemas/values.ts';
import type { LoggedEvent, ShownWebhook, WebhookUseCases } from '../../lib/control/events/use-cases.ts';
import type { UndeliveredRecord } from '../../lib/control/events/webhooks/records.ts';
import type { Operations } from './contract.ts';
import { presentEvent } from './events.ts';

type WebhookOperation =
  'listWebhooks' | 'putWebhook' | 'getWebhook' | 'deleteWebhook' | 'rotateWebhook' | 'listDeliveries' | 'replayWebhook';

export function webhookOperations(webhooks: WebhookUseCases): Pick<Operations, WebhookOperation> {
  return {
    listWebhooks: async (_input, { tenant }) => ({ items: (await webhooks.list(tenant)).map(presentWebhook) }),
    putWebhook: async ({ params: { name }, body: { url, types, pool, labels } }, { tenant }) => {
      const wanted = labels === undefined ? undefined : Object.entries(labels);
      const filter = compact({ types, pool, labels: wanted });
      const { secret, ...shown } = await webhooks.put({ tenant, name, url, filter });
      return { ...presentWebhook(shown), ...(secret === null ? {} : { secret }) };
    },
    getWebhook: async ({ params: { name } }, { tenant }) =>
      presentWebhook(found(await webhooks.get(tenant, name), name)),
    deleteWebhook: async ({ params: { name } }, { tenant }) =>
      presentWebhook(found(await webhooks.delete(tenant, name), name)),
    rotateWebhook: async ({ params: { name }, body: { keepHours } }, { tenant }) => {
      const { secret, ...shown } = found(await webhooks.rotate(tenant, name, keepHours * 3_600_000), name);
      return { ...presentWebhook(shown), secret };
    },
    listDeliveries: async ({ params: { name }, query: { limit = limits.pageItemsDefault, cursor } }, { tenant }) => {
      const { items, nextCursor } = found(await webhooks.undelivered(tenant, name, { limit, cursor }), name);
      return { items: items.map(presentDelivery), nextCursor };
    },
    replayWebhook: async ({ params: { name }, body }, { tenant }) => {
      const what =
        'since' in body
          ? ({ kind: 'since', sinceMs: Date.parse(body.since) } as const)
          : ({ kind: 'dead-letters' } as const);
      const { replayed, sinceMs, ...shown } = found(await webhooks.replay(tenant, name, what), name);
      return { ...presentWebhook(shown), replayed, since: timeOrNull(sinceMs) };
    },
  };
}

/** What a webhook is sent: the envelope of Standard Webhooks, with the event as lists have it. */
export function webhookBodyOf(logged: Pick<LoggedEvent, 'id' | 'event'>): string {
  const data = presentEvent(logged);
  return JSON.stringify({ type: data.type, timestamp: data.at, data });
}

function found<T>(value: T | null, name: string): T {
  if (value === null)
    throw new ProblemError('not_found', `there is no webhook ${name} of yours; GET /v1/webhooks lists them`);
  return value;
}

function presentWebhook({ record, state }: ShownWebhook): WebhookView {
  const { name, url, filter, secrets, createdAtMs, updatedAtMs } = record;
  return {
    name,
    url,
    ...(filter.types === undefined ? {} : { types: [...filter.types] }),
    ...(filter.pool === undefined ? {} : { pool: filter.pool }),
    ...(filter.labels === undefined ? {} : { labels: Object.fromEntries(filter.labels) }),
    createdAt: timeOf(createdAtMs),
    updatedAt: timeOf(updatedAtMs),
    delivered: state.delivered,
    lastDeliveredAt: timeOrNull(state.lastDeliveredAtMs),
    failingSince: timeOrNull(state.failingSinceMs),
    nextTryAt: state.nextTryAtMs === 0 ? null : timeOf(state.nextTryAtMs),
    error: state.error,
    missed: state.missed ? { from: timeOf(state.missed.fromMs), until: timeOf(state.missed.untilMs) } : null,
    setAside: state.quarantine ?? null,
    secretsEnd: secrets.map(({ endsAtMs }) => timeOrNull(endsAtMs)),
  };
}

function presentDelivery(one: UndeliveredRecord): DeliveryListView['items'][number] {
  const { event } = one;
  return {
    eventId: one.eventId,
    type: event.type,
    ...('requestId' in event ? { requestId: event.requestId } : { nodeId: event.nodeId }),
    state: one.nextTryAtMs === null ? 'dead' : 'waiting',
    tries: one.tries,
    since: timeOf(one.sinceMs),
    nextTryAt: timeOrNull(one.nextTryAtMs),
    error: one.error,
  };
}
