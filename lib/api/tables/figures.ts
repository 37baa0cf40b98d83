// The routes of figures about the installation: a part of the route table.
import * as z from 'zod';
import { costsQuery, costsView } from '../schemas/figures/costs.ts';
import { openMetricsType } from '../schemas/figures/openmetrics.ts';
import { regretQuery, regretView } from '../schemas/figures/regret.ts';
import { statsView } from '../schemas/figures/stats.ts';

export const figureRoutes = {
  getStats: {
    method: 'GET',
    path: '/v1/stats',
    permission: 'read',
    summary: 'Figures of the installation',
    answer: { status: 200, description: 'The figures now.', schema: statsView },
    problems: [],
  },
  getMetrics: {
    method: 'GET',
    path: '/metrics',
    permission: 'read',
    summary: 'Metrics for a scraper',
    description: 'Stored totals and the present, by pool, as OpenMetrics text: docs/metrics.md lists them.',
    answer: {
      status: 200,
      description: 'OpenMetrics 1.0.',
      schema: z.string().meta({ id: 'OpenMetrics' }),
      contentType: openMetricsType,
    },
    problems: [],
  },
  getRegret: {
    method: 'GET',
    path: '/v1/regret',
    permission: 'read',
    summary: 'What ended nodes cost that was not needed',
    description: 'Each node is priced again when it has ended, and summed by day: docs/cost.md says how.',
    query: regretQuery,
    answer: { status: 200, description: 'Sums by pool and day.', schema: regretView },
    problems: ['unknown_pool'],
  },
  getCosts: {
    method: 'GET',
    path: '/v1/costs',
    permission: 'read',
    summary: 'What the installation cost, by day and by who pays',
    description:
      'Each attempt pays for its share of its node, by the resource of which it asked for most; what nobody asked for '
      + 'is idle: docs/cost.md. Who is no operator sees his own costs by name.',
    query: costsQuery,
    answer: { status: 200, description: 'Sums by day.', schema: costsView },
    problems: ['unknown_label'],
  },
} as const;
