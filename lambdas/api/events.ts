// What the routes of events do, and how an event is shown: in lists, and to webhooks.
import { limits } from '../../lib/api/limits.ts';
import type { EventView } from '../../lib/api/schemas/events/events.ts';
import { timeOf } from '../../lib/api/schemas/values.ts';
import type { LoggedEvent } from '../../lib/control/events/use-cases.ts';
import type { ApplicationUseCases } from '../../lib/control/use-cases.ts';
import type { Named } from '../../lib/core/records/request.ts';
import type { Operations } from './contract.ts';

export function eventOperations(useCases: ApplicationUseCases): Pick<Operations, 'listEvents'> {
  return {
    listEvents: async ({ query }, { tenant }) => {
      const { since, type, label: labels, limit = limits.pageItemsDefault, ...rest } = query;
      const { items, position, hasMore } = await useCases.listEvents({
        ...rest,
        tenant,
        types: type === undefined ? undefined : [type],
        labels,
        sinceMs: since === undefined ? undefined : Date.parse(since),
        limit,
      });
      return { items: items.map(presentEvent), nextCursor: hasMore ? position : null, position };
    },
  };
}

/** As lists show it, and webhooks are sent it. */
export function presentEvent({ id, event }: Pick<LoggedEvent, 'id' | 'event'>): EventView {
  const { atMs, ...rest } = event;
  if (!('requestId' in rest)) return { id, at: timeOf(atMs), ...rest };
  const { tenant: _own, ...own } = rest;
  if (own.type !== 'LeaseEnding') return { id, at: timeOf(atMs), ...own, ...labelsIn(own) };
  const { leaseEndsAtMs, ...lease } = own;
  return { id, at: timeOf(atMs), ...lease, ...labelsIn(own), leaseEndsAt: timeOf(leaseEndsAtMs) };
}

function labelsIn({ labels }: Named): Pick<EventView, 'labels'> {
  return labels === undefined ? {} : { labels: { ...labels } };
}
