// The routes of services: a part of the route table.
import * as z from 'zod';
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
