// The routes of services: a part of the route table.
import * as z from 'zod';
import { serviceForecastView } from '../schemas/tasks/scaling/service-forecast.ts';
import { metricBody, metricName, metricView, serviceWhyView } from '../schemas/tasks/scaling/service-policies.ts';
import {
  replicaListView,
  rollbackBody,
  scaleBody,
  serviceBody,
  serviceEventsView,
  serviceListView,
  serviceName,
  serviceView,
} from '../schemas/tasks/services.ts';
import { pageQuery } from '../schemas/values.ts';

const byService = z.strictObject({ name: serviceName });

export const serviceRoutes = {
  listServices: {
    method: 'GET',
    path: '/v1/services',
    permission: 'read',
    summary: 'List services',
    query: z.strictObject(pageQuery),
    answer: { status: 200, description: 'By name. nextCursor is null on the last page.', schema: serviceListView },
    problems: [],
  },
  putService: {
    method: 'PUT',
    path: '/v1/services/{name}',
    permission: 'request',
    summary: 'Declare a service',
    description:
      'Creates or replaces it. Another template is a new revision, which takes the place of the one before little by '
      + 'little (docs/services.md).',
    params: byService,
    body: serviceBody,
    answer: { status: 200, description: 'The service; ticks of its pool do the rest.', schema: serviceView },
    problems: ['unknown_pool', 'unsupported', 'unsatisfiable', 'not_possible', 'too_many_services'],
  },
  getService: {
    method: 'GET',
    path: '/v1/services/{name}',
    permission: 'read',
    summary: 'Show a service',
    params: byService,
    answer: { status: 200, description: 'The service, and how many of its replicas serve.', schema: serviceView },
    problems: ['not_found'],
  },
  deleteService: {
    method: 'DELETE',
    path: '/v1/services/{name}',
    permission: 'request',
    summary: 'Delete a service',
    description: 'Its replicas are drained and stopped; then it is gone.',
    params: byService,
    answer: { status: 202, description: 'The service, being deleted.', schema: serviceView },
    problems: ['not_found', 'not_possible'],
  },
  scaleService: {
    method: 'POST',
    path: '/v1/services/{name}/scale',
    permission: 'request',
    summary: 'Change how many replicas are wanted',
    params: byService,
    body: scaleBody,
    answer: { status: 202, description: 'The service.', schema: serviceView },
    problems: ['not_found', 'not_possible', 'too_many_services'],
  },
  rollBackService: {
    method: 'POST',
    path: '/v1/services/{name}/rollback',
    permission: 'request',
    summary: 'Go back to an earlier revision',
    description: 'Its template takes the place of the present one, as in any update.',
    params: byService,
    body: rollbackBody,
    answer: { status: 202, description: 'The service.', schema: serviceView },
    problems: ['not_found', 'not_possible'],
  },
  whyService: {
    method: 'GET',
    path: '/v1/services/{name}/why',
    permission: 'read',
    summary: 'Why so many replicas of a service are wanted',
    description: 'What each of its policies wants now, with what it was told.',
    params: byService,
    answer: { status: 200, description: 'The wishes, and what comes of them.', schema: serviceWhyView },
    problems: ['not_found'],
  },
  getServiceForecast: {
    method: 'GET',
    path: '/v1/services/{name}/forecast',
    permission: 'read',
    summary: 'What a service forecasts of what its policies want',
    description:
      'For the time in which a replica comes, by the method that was best in a rolling back-test over its own history, '
      + 'which only predictive services keep.',
    params: byService,
    answer: { status: 200, description: 'Band, method and past accuracy.', schema: serviceForecastView },
    problems: ['not_found'],
  },
  reportMetric: {
    method: 'PUT',
    path: '/v1/services/{name}/metrics/{metric}',
    permission: 'request',
    summary: 'Report a number that policies of a service go by',
    description: 'Of a metric that a policy names. Doubled, late and reordered reports change nothing.',
    params: z.strictObject({ name: serviceName, metric: metricName }),
    body: metricBody,
    answer: { status: 200, description: 'What is known of the metric then.', schema: metricView },
    problems: ['not_found', 'not_possible'],
  },
  listReplicas: {
    method: 'GET',
    path: '/v1/services/{name}/replicas',
    permission: 'read',
    summary: 'Replicas of a service',
    params: byService,
    query: z.strictObject(pageQuery),
    answer: {
      status: 200,
      description: 'By request, those that stop among them. nextCursor is null on the last page.',
      schema: replicaListView,
    },
    problems: ['not_found'],
  },
  listServiceEvents: {
    method: 'GET',
    path: '/v1/services/{name}/events',
    permission: 'read',
    summary: 'What a service did and why',
    params: byService,
    answer: { status: 200, description: 'Newest first.', schema: serviceEventsView },
    problems: ['not_found'],
  },
} as const;
