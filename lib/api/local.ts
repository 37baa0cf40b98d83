// Routes that servers on a laptop have besides the API's, and AWS has not: what EventBridge would deliver, by POST.
import * as z from 'zod';
import type { Route } from './routes.ts';

export const localRoutes = {
  sendEvent: {
    method: 'POST',
    path: '/_events',
    permission: 'none',
    summary: 'An event of AWS, as EventBridge delivers it',
    body: z.record(z.string(), z.unknown()),
    answer: {
      status: 200,
      description: 'The pools that the alarm belongs to; absent where the event is handed to a bus.',
      schema: z.object({ alarmed: z.array(z.string()).optional() }),
    },
    problems: [],
  },
} as const satisfies Record<string, Route>;
