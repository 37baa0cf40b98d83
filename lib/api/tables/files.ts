// The routes of files and outputs of tasks: a part of the route table.
import * as z from 'zod';
import { outputView } from '../schemas/requests.ts';
import { artifactsView, uploadBody, uploadView } from '../schemas/tasks/files.ts';
import { outputQuery, requestId } from '../schemas/values.ts';

export const fileRoutes = {
  createUpload: {
    method: 'POST',
    path: '/v1/uploads',
    permission: 'request',
    summary: 'Ask where a file can be uploaded',
    description:
      'For `inputs` of tasks. Files are known by their SHA-256 and kept for your tenant alone; one that is there since '
      + 'less than a day is not sent again. They are deleted some days later, like outputs.',
    body: uploadBody,
    answer: { status: 200, description: 'The address, or that nothing has to be sent.', schema: uploadView },
    problems: [],
  },
  getArtifacts: {
    method: 'GET',
    path: '/v1/requests/{id}/artifacts',
    permission: 'read',
    summary: 'Files that a task has kept',
    params: z.strictObject({ id: requestId }),
    query: z.strictObject({ index: outputQuery.index }),
    answer: {
      status: 200,
      description: 'Of the latest attempt that has kept any, each with an address where it can be fetched.',
      schema: artifactsView,
    },
    problems: ['not_found'],
  },
  getOutput: {
    method: 'GET',
    path: '/v1/requests/{id}/output',
    permission: 'read',
    summary: 'Output of a task',
    params: z.strictObject({ id: requestId }),
    query: z.strictObject(outputQuery),
    answer: {
      status: 200,
      description:
        'The last tailBytes of what is kept of both streams, of the latest attempt with output. To follow a task, ask '
        + 'again with the `next` of each answer as `sinceBytes`, until `ended`; positions count bytes.',
      schema: outputView,
    },
    problems: ['not_found'],
  },
} as const;
