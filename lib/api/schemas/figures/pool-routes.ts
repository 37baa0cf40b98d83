// The part of the route table that shows what a pool has seen and learned.
import * as z from 'zod';
import { forecastView } from './forecast.ts';
import { historyQuery, historyView } from './history.ts';
import { pastTasksQuery, pastTasksView, shortagesQuery, shortagesView } from './past-tasks.ts';
import { lifetimesView } from './lifetimes.ts';
import { poolWhyView } from './policies.ts';
import { shadowView } from './shadow.ts';
import { poolName } from '../values.ts';

const byName = z.strictObject({ name: poolName });

/** Joined to the others, and checked with them, in routes.ts. */
export const poolFigureRoutes = {
  getLifetimes: {
    method: 'GET',
    path: '/v1/pools/{name}/lifetimes',
    permission: 'read',
    summary: 'How long the tasks of a pool last',
    params: byName,
    answer: { status: 200, description: 'As learned from ends, by class.', schema: lifetimesView },
    problems: ['unknown_pool'],
  },
  getHistory: {
    method: 'GET',
    path: '/v1/pools/{name}/history',
    permission: 'read',
    summary: 'What the tasks of a pool wanted over time',
    description:
      'Waiting and running tasks together. By the minute for three days, by five minutes for 28, by the hour for '
      + '`historyDays` of the pool.',
    params: byName,
    query: historyQuery,
    answer: { status: 200, description: 'Demand by steps.', schema: historyView },
    problems: ['unknown_pool', 'unprocessable'],
  },
  listPastTasks: {
    method: 'GET',
    path: '/v1/pools/{name}/past-tasks',
    permission: 'read',
    summary: 'Tasks of a pool that ran, from its archive',
    description:
      "The tenant's own, for `historyDays` of the pool, from some hour after their end on: what they asked for, when "
      + 'they ran and where; not what was run. Also of a pool that is gone.',
    params: byName,
    query: pastTasksQuery,
    answer: { status: 200, description: 'nextCursor is null on the last page.', schema: pastTasksView },
    problems: ['unknown_pool', 'invalid_cursor'],
  },
  listShortages: {
    method: 'GET',
    path: '/v1/pools/{name}/shortages',
    permission: 'read',
    summary: 'What EC2 had no capacity for',
    description: 'Of what the pool asked for, for its `historyDays`. Also of a pool that is gone.',
    params: byName,
    query: shortagesQuery,
    answer: { status: 200, description: 'Oldest first. nextCursor is null on the last page.', schema: shortagesView },
    problems: ['unknown_pool', 'invalid_cursor'],
  },
  getForecast: {
    method: 'GET',
    path: '/v1/pools/{name}/forecast',
    permission: 'read',
    summary: 'What a pool forecasts of its demand',
    description:
      'For the time in which a node boots, by the method that was best in a rolling back-test over its own history; '
      + 'shown for pools that do not act on it, too.',
    params: byName,
    answer: { status: 200, description: 'Band, method and past accuracy.', schema: forecastView },
    problems: ['unknown_pool'],
  },
  getShadow: {
    method: 'GET',
    path: '/v1/pools/{name}/shadow',
    permission: 'read',
    summary: 'What a second policy would have made of a pool',
    description: 'Cost, waits and moves of its `shadow` beside its own, since when, and what they do not know.',
    params: byName,
    answer: { status: 200, description: 'Both sides.', schema: shadowView },
    problems: ['unknown_pool'],
  },
  whyPool: {
    method: 'GET',
    path: '/v1/pools/{name}/why',
    permission: 'read',
    summary: 'Why a pool keeps the headroom that it keeps',
    description: 'What each of its policies wants now, with what it was told.',
    params: byName,
    answer: { status: 200, description: 'The wishes, and what comes of them.', schema: poolWhyView },
    problems: ['unknown_pool'],
  },
} as const;
