// The routes of events: a part of the route table.
import { eventListView, eventsQuery } from '../schemas/events/events.ts';

export const eventRoutes = {
  listEvents: {
    method: 'GET',
    path: '/v1/events',
    permission: 'read',
    summary: 'What happened',
    description:
      "Events of the caller's requests, and of nodes. The `position` of an answer, given as `cursor`, goes on where it "
      + 'ended. An event appears within seconds, at least once, and may appear twice with the same id.',
    query: eventsQuery,
    answer: {
      status: 200,
      description: 'Oldest first. Where the filter lets few through, a page may be short, even empty, and go on.',
      schema: eventListView,
    },
    problems: ['invalid_cursor'],
  },
} as const;
