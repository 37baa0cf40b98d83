// The route table: the one place that says which paths there are. The handlers' validation, /openapi.json,
// the CLI's client and docs/api.md are made from it.
import * as z from 'zod';
import { activityView } from './schemas/figures/activity.ts';
import { poolFigureRoutes } from './schemas/figures/pool-routes.ts';
import { planBody, planView } from './schemas/plan.ts';
import { drainBody, nodeListView, nodeView, nodeWhyView, poolBody, poolListView, poolView } from './schemas/pools.ts';
import { attachBody, resizeBody, rulesBody } from './schemas/claims.ts';
import { defaultWeight, tenantsMax } from '../core/records/tenant.ts';
import type { ProblemCode } from './problems.ts';
import {
  batchBody,
  batchView,
  requestBody,
  requestFilter,
  requestListView,
  requestView,
  retriedState,
  taskListView,
  taskState,
  taskView,
  timelineView,
} from './schemas/requests.ts';
import { tenantBody, tenantListView, tenantName, tenantView } from './schemas/tenants.ts';
import { eventRoutes } from './tables/events.ts';
import { fileRoutes } from './tables/files.ts';
import { quoteAccuracyView, quoteView } from './schemas/figures/quote.ts';
import { whatIfBody, whatIfView } from './schemas/figures/what-if.ts';
import { figureRoutes } from './tables/figures.ts';
import { serviceRoutes } from './tables/services.ts';
import { webhookRoutes } from './tables/webhooks.ts';
import { healthView } from './schemas/figures/stats.ts';
import {
  idempotencyKey,
  ifMatch,
  nodeId,
  nodePageQuery,
  pageQuery,
  poolName,
  requestId,
  taskIndex,
  taskPageQuery,
} from './schemas/values.ts';

export interface Route {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly path: string;
  readonly summary: string;
  readonly description?: string;
  /** What the caller must be allowed; `agent`: a node's agent; `none`: everybody. */
  readonly permission: 'read' | 'request' | 'pool-admin' | 'agent' | 'none';
  readonly params?: z.ZodObject;
  readonly query?: z.ZodObject;
  readonly headers?: z.ZodObject;
  readonly body?: z.ZodType;
  /** The one success: its status and body (null: none). */
  readonly answer: {
    readonly status: number;
    readonly description: string;
    readonly schema: z.ZodType | null;
    /** Of an answer that is text as it is; JSON unless given. */
    readonly contentType?: string;
  };
  /** Problems that this route can answer beyond those that all can. */
  readonly problems: readonly ProblemCode[];
}

const byId = z.strictObject({ id: requestId });
const byTenant = z.strictObject({ name: tenantName });
const byName = z.strictObject({ name: poolName });
const byNodeId = z.strictObject({ id: nodeId });
const idempotent = z.object({ 'idempotency-key': idempotencyKey.optional() });
/** Changes that a read may guard: 412 where what was read is not so any more. */
const guarded = z.object({ 'if-match': ifMatch.optional() });
const refusals = ['unsupported', 'unsatisfiable', 'unknown_upload'] as const;
const submitProblems = ['unknown_pool', 'idempotency_conflict', ...refusals] as const;

export const routes = {
  submitRequest: {
    method: 'POST',
    path: '/v1/requests',
    permission: 'request',
    summary: 'Ask for something to run or to claim',
    description:
      'Recorded durably before the answer. A task may run more than once after a loss of its node; its end is '
      + 'recorded once.',
    headers: idempotent,
    body: requestBody,
    answer: {
      status: 202,
      description: 'Accepted; a repeat of the same key and body answers with the present state.',
      schema: requestView,
    },
    problems: submitProblems,
  },
  submitBatch: {
    method: 'POST',
    path: '/v1/requests/batch',
    permission: 'request',
    summary: 'Ask for up to 1,000 things at once',
    description:
      'Each item has its own result, in order. Items take idempotencyKey beside their fields; an item without one '
      + 'derives it from the Idempotency-Key header and its position, if the header is there.',
    headers: idempotent,
    body: batchBody,
    answer: { status: 200, description: 'One result per item: 202 with its id, or the problem.', schema: batchView },
    problems: [],
  },
  ...fileRoutes,
  listRequests: {
    method: 'GET',
    path: '/v1/requests',
    permission: 'read',
    summary: 'List requests',
    query: z.strictObject({ ...requestFilter, ...pageQuery }),
    answer: {
      status: 200,
      schema: requestListView,
      description:
        'One page, of at most `limit` requests. Where the filter lets few through, a page may be '
        + 'shorter, even empty: only a nextCursor of null says that nothing follows. A page looks at no more than '
        + '1,100 requests, and says at how many it did (`examined`).',
    },
    problems: ['invalid_cursor'],
  },
  getRequest: {
    method: 'GET',
    path: '/v1/requests/{id}',
    permission: 'read',
    summary: 'Show a request',
    params: byId,
    answer: { status: 200, description: 'The request.', schema: requestView },
    problems: ['not_found'],
  },
  cancelRequest: {
    method: 'DELETE',
    path: '/v1/requests/{id}',
    permission: 'request',
    summary: 'Cancel a request',
    description:
      'Running tasks are stopped; a claim is released. What has ended stays as it ended. `not_possible`: its stored '
      + 'record cannot be read, so nobody knows what to stop.',
    params: byId,
    answer: { status: 202, description: 'The request; its tasks end soon.', schema: requestView },
    problems: ['not_found', 'not_possible'],
  },
  renewRequest: {
    method: 'POST',
    path: '/v1/requests/{id}/renew',
    permission: 'request',
    summary: 'Renew a lease',
    description: 'It runs anew, in its full length, from now.',
    params: byId,
    headers: guarded,
    answer: { status: 202, description: 'The request with its new end of lease.', schema: requestView },
    problems: ['not_found', 'not_possible', 'precondition_failed'],
  },
  stopRequest: {
    method: 'POST',
    path: '/v1/requests/{id}/stop',
    permission: 'request',
    summary: 'Stop a virtual machine',
    description: 'On-demand only. Its volumes and network stay; it counts against limits still.',
    params: byId,
    headers: guarded,
    answer: { status: 202, description: 'The request; it stops soon.', schema: requestView },
    problems: ['not_found', 'not_possible', 'precondition_failed'],
  },
  startRequest: {
    method: 'POST',
    path: '/v1/requests/{id}/start',
    permission: 'request',
    summary: 'Start a stopped virtual machine',
    description: 'Waits in `pending` while EC2 has no capacity.',
    params: byId,
    headers: guarded,
    answer: { status: 202, description: 'The request; it runs soon.', schema: requestView },
    problems: ['not_found', 'not_possible', 'precondition_failed'],
  },
  resizeRequest: {
    method: 'POST',
    path: '/v1/requests/{id}/resize',
    permission: 'request',
    summary: 'Grow or retype storage',
    description:
      'Online. What is not named stays: the type, and at least its IOPS and throughput; a second resize adds to the '
      + 'first. A volume never shrinks. After a change EC2 may refuse the next one for six hours: the reason is '
      + '`waits_for_ec2` then, with `nextTryAt`.',
    params: byId,
    headers: guarded,
    body: resizeBody,
    answer: { status: 202, description: 'The request; its timeline says when it is done.', schema: requestView },
    problems: ['not_found', 'not_possible', 'precondition_failed', 'unsatisfiable'],
  },
  attachRequest: {
    method: 'POST',
    path: '/v1/requests/{id}/attach',
    permission: 'request',
    summary: 'Attach storage to a virtual machine',
    description: 'Of the same zone; to its first machine. The storage is pending until it is attached.',
    params: byId,
    headers: guarded,
    body: attachBody,
    answer: { status: 202, description: 'The request; its timeline says when it is done.', schema: requestView },
    problems: ['not_found', 'not_possible', 'precondition_failed'],
  },
  detachRequest: {
    method: 'POST',
    path: '/v1/requests/{id}/detach',
    permission: 'request',
    summary: 'Detach storage without releasing it',
    description:
      'It stays active and free, and can be attached again. Never by force: while it is mounted its reason is `busy`.',
    params: byId,
    headers: guarded,
    answer: { status: 202, description: 'The request; it is free once its reason is null.', schema: requestView },
    problems: ['not_found', 'not_possible', 'precondition_failed'],
  },
  editRules: {
    method: 'POST',
    path: '/v1/requests/{id}/rules',
    permission: 'request',
    summary: 'Edit the rules of a network',
    description:
      "Of a network, or of a virtual machine with rules of its own. Nobody else's rules change: a shared security "
      + 'group is replaced by another one, which is attached to the machines that use the network. Its reason is '
      + '`changing_rules` until the new rules are in force, and `network.wanted` has them; where EC2 refuses them, '
      + 'the old ones stay. With If-Match the edit is made on what was read, or not at all (412). Without it, an '
      + 'edit that would undo what an earlier edit changed is refused (409 `edit_conflict`).',
    params: byId,
    headers: guarded,
    body: rulesBody,
    answer: {
      status: 202,
      description: 'The request; its timeline says when the rules are in force.',
      schema: requestView,
    },
    problems: ['not_found', 'not_possible', 'precondition_failed', 'edit_conflict', 'unsatisfiable'],
  },
  getTimeline: {
    method: 'GET',
    path: '/v1/requests/{id}/timeline',
    permission: 'read',
    summary: 'What happened to a request and why',
    description: 'Says what a waiting request waits for.',
    params: byId,
    answer: { status: 200, description: 'Oldest first.', schema: timelineView },
    problems: ['not_found'],
  },
  whatIf: {
    method: 'POST',
    path: '/v1/requests/{id}/what-if',
    permission: 'read',
    summary: 'What would become of a waiting request if something were different',
    description:
      "The pool's own decision on what is there now, once as it is and once with the difference. Nothing is changed.",
    params: byId,
    body: whatIfBody,
    answer: { status: 200, description: 'Both outcomes.', schema: whatIfView },
    problems: ['not_found', 'not_possible'],
  },
  quote: {
    method: 'POST',
    path: '/v1/quotes',
    permission: 'read',
    summary: 'What a request would cost, and when it would be done',
    description:
      "The body of a request of tasks. The pool's own decision on what is there now, as if it had just been accepted; "
      + 'how long tasks last is learned from those that ended. Nothing is kept of it: a request that is sent with '
      + '`quote` keeps its own. `not_possible`: a claim costs '
      + 'its price for as long as it is kept.',
    body: requestBody,
    answer: { status: 200, description: 'As it was asked, and by capacity type.', schema: quoteView },
    problems: ['not_possible', ...submitProblems.filter((one) => one !== 'idempotency_conflict')],
  },
  quoteAccuracy: {
    method: 'GET',
    path: '/v1/quotes/accuracy',
    permission: 'read',
    summary: 'How well past quotes came true',
    description:
      "Of the caller's newest requests of a pool that were sent with `quote`: how many were done, and cost no more, "
      + 'than their quote said when they were accepted. Requests are kept for a week after their end.',
    query: z.strictObject({ pool: poolName }),
    answer: { status: 200, description: 'Counts; none where nothing was quoted.', schema: quoteAccuracyView },
    problems: ['unknown_pool'],
  },
  listTasks: {
    method: 'GET',
    path: '/v1/requests/{id}/tasks',
    permission: 'read',
    summary: 'Tasks of a request',
    description:
      'How each task of an array stands or ended, by index: `?state=failed` names those that failed. A request of one '
      + 'task has one, of index 0; a claim has none (`not_found`).',
    params: byId,
    query: z.strictObject({ state: taskState.optional(), ...taskPageQuery }),
    answer: { status: 200, description: 'At most `limit` tasks, by index, from `from` on.', schema: taskListView },
    problems: ['not_found'],
  },
  cancelTask: {
    method: 'DELETE',
    path: '/v1/requests/{id}/tasks/{index}',
    permission: 'request',
    summary: 'Cancel one task of an array',
    description:
      'The others go on. Of a request of one task, index 0 is the request. What has ended stays as it ended.',
    params: z.strictObject({ id: requestId, index: taskIndex }),
    answer: { status: 202, description: 'The task; one that runs ends soon.', schema: taskView },
    problems: ['not_found', 'not_possible'],
  },
  retryTasks: {
    method: 'POST',
    path: '/v1/requests/{id}/retry',
    permission: 'request',
    summary: 'Run again what failed',
    description:
      'A new request of the tasks of this one that failed (or are in `state`), in the same pool; it asks for the same, '
      + 'and each task has the index and BELLOWS_TASK_COUNT that it had. The first request stays as it is. Asked '
      + 'again for the same tasks without a key, it answers the new request that there is already; while the array '
      + 'runs more tasks may fail, and all that have failed by then are other tasks. '
      + '`not_possible`: no task is in that state.',
    params: byId,
    query: z.strictObject({ state: retriedState.optional() }),
    headers: idempotent,
    answer: { status: 202, description: 'The new request.', schema: requestView },
    problems: ['not_found', 'not_possible', ...submitProblems],
  },
  listPools: {
    method: 'GET',
    path: '/v1/pools',
    permission: 'read',
    summary: 'List pools',
    query: z.strictObject(nodePageQuery),
    answer: {
      status: 200,
      description: 'The pools, by name. nextCursor is null on the last page.',
      schema: poolListView,
    },
    problems: ['invalid_cursor'],
  },
  putPool: {
    method: 'PUT',
    path: '/v1/pools/{name}',
    permission: 'pool-admin',
    summary: 'Declare a pool',
    description: 'Creates or replaces it.',
    params: byName,
    headers: guarded,
    body: poolBody,
    answer: { status: 200, description: 'The pool.', schema: poolView },
    problems: ['unsupported', 'invalid_pool', 'precondition_failed'],
  },
  getPool: {
    method: 'GET',
    path: '/v1/pools/{name}',
    permission: 'read',
    summary: 'Show a pool',
    params: byName,
    answer: { status: 200, description: 'The pool.', schema: poolView },
    problems: ['unknown_pool'],
  },
  deletePool: {
    method: 'DELETE',
    path: '/v1/pools/{name}',
    permission: 'pool-admin',
    summary: 'Delete a pool',
    description: 'It buys nothing more, drains its nodes, and is deleted when it has none left.',
    params: byName,
    answer: { status: 202, description: 'The pool, being deleted.', schema: poolView },
    problems: ['unknown_pool', 'pool_in_use'],
  },
  pausePool: {
    method: 'POST',
    path: '/v1/pools/{name}/pause',
    permission: 'pool-admin',
    summary: 'Pause a pool',
    description:
      'It buys no nodes and no machines until it is resumed, also when it is declared anew meanwhile. What runs goes '
      + 'on, nodes that are there take tasks and go when they are idle, and a launch that EC2 may have taken already '
      + 'is asked for again. Volumes are made as ever. Requests that would need more wait with the reason '
      + '`pool_paused`.',
    params: byName,
    answer: { status: 200, description: 'The pool; `paused` says since when and by whom.', schema: poolView },
    problems: ['unknown_pool', 'not_possible'],
  },
  resumePool: {
    method: 'POST',
    path: '/v1/pools/{name}/resume',
    permission: 'pool-admin',
    summary: 'Resume a pool',
    description: 'It buys again.',
    params: byName,
    answer: { status: 200, description: 'The pool.', schema: poolView },
    problems: ['unknown_pool', 'not_possible'],
  },
  whyNode: {
    method: 'GET',
    path: '/v1/nodes/{id}/why',
    permission: 'read',
    summary: 'Why a node is kept or goes',
    description:
      'What each method by which a node may go thinks of it now, in the order in which they are asked, and when one of '
      + 'them may take it. As the store has it: EC2 is asked by the next tick, and only that knows its plan.',
    params: byNodeId,
    answer: { status: 200, description: 'The node, and the verdict of each method.', schema: nodeWhyView },
    problems: ['not_found'],
  },
  cordonNode: {
    method: 'POST',
    path: '/v1/nodes/{id}/cordon',
    permission: 'pool-admin',
    summary: 'Cordon a node',
    description:
      'It takes no new tasks and stays, also without work: no voluntary method takes it. EC2, the deletion of its pool '
      + 'and a drain still do.',
    params: byNodeId,
    answer: { status: 200, description: 'The node.', schema: nodeView },
    problems: ['not_found', 'not_possible'],
  },
  uncordonNode: {
    method: 'POST',
    path: '/v1/nodes/{id}/uncordon',
    permission: 'pool-admin',
    summary: 'Uncordon a node',
    description: 'It takes tasks again. A node that drains does not come back.',
    params: byNodeId,
    answer: { status: 200, description: 'The node.', schema: nodeView },
    problems: ['not_found', 'not_possible'],
  },
  drainNode: {
    method: 'POST',
    path: '/v1/nodes/{id}/drain',
    permission: 'pool-admin',
    summary: 'Drain a node',
    description:
      'It takes no new tasks, and is terminated when its tasks have ended. With a deadline, tasks that still run then '
      + 'are stopped and queued again, which costs them no retry. A node that drains can be given another deadline.',
    params: byNodeId,
    body: drainBody,
    answer: { status: 202, description: 'The node, draining.', schema: nodeView },
    problems: ['not_found', 'not_possible'],
  },
  terminateNode: {
    method: 'POST',
    path: '/v1/nodes/{id}/terminate',
    permission: 'pool-admin',
    summary: 'Terminate a node',
    description:
      'Its tasks are stopped (TERM, and KILL ten seconds later) and queued again, which costs them no retry; then it '
      + 'is terminated. One whose agent is silent is terminated once its agent must have stopped them.',
    params: byNodeId,
    answer: { status: 202, description: 'The node, draining until its tasks have stopped.', schema: nodeView },
    problems: ['not_found', 'not_possible'],
  },
  listNodes: {
    method: 'GET',
    path: '/v1/pools/{name}/nodes',
    permission: 'read',
    summary: 'Nodes of a pool',
    params: byName,
    query: z.strictObject(nodePageQuery),
    answer: {
      status: 200,
      description: 'The nodes of the pool, by id. nextCursor is null on the last page.',
      schema: nodeListView,
    },
    problems: ['unknown_pool', 'invalid_cursor'],
  },
  listActivity: {
    method: 'GET',
    path: '/v1/pools/{name}/activity',
    permission: 'read',
    summary: 'What a pool did and why',
    description:
      'Each launch and termination with its reason and price. To a tenant, requests of others are not named.',
    params: byName,
    query: z.strictObject(pageQuery),
    answer: { status: 200, description: 'Newest first. nextCursor is null on the last page.', schema: activityView },
    problems: ['unknown_pool', 'invalid_cursor'],
  },
  ...eventRoutes,
  ...webhookRoutes,
  ...serviceRoutes,
  listTenants: {
    method: 'GET',
    path: '/v1/tenants',
    permission: 'pool-admin',
    summary: 'List tenants',
    answer: { status: 200, description: 'All that are declared, by name.', schema: tenantListView },
    problems: [],
  },
  putTenant: {
    method: 'PUT',
    path: '/v1/tenants/{name}',
    permission: 'pool-admin',
    summary: 'Declare a tenant',
    description:
      'Creates or replaces it. Its weight counts in pools with the ordering fair-share, from their next tick on. Who '
      + `is not declared has ${String(defaultWeight)}. A tenant is a caller by its role, or user:NAME (for the tenant `
      + `user/NAME); at most ${tenantsMax.toLocaleString('en')} are declared.`,
    params: byTenant,
    body: tenantBody,
    answer: { status: 200, description: 'The tenant.', schema: tenantView },
    problems: ['too_many_tenants'],
  },
  getTenant: {
    method: 'GET',
    path: '/v1/tenants/{name}',
    permission: 'pool-admin',
    summary: 'Show a tenant',
    params: byTenant,
    answer: { status: 200, description: 'The tenant, as it was declared.', schema: tenantView },
    problems: ['not_found'],
  },
  deleteTenant: {
    method: 'DELETE',
    path: '/v1/tenants/{name}',
    permission: 'pool-admin',
    summary: 'Delete what was declared of a tenant',
    description: 'Its weight is the default again. Its requests stay, and it may ask for more.',
    params: byTenant,
    answer: { status: 200, description: 'The tenant, as it was.', schema: tenantView },
    problems: ['not_found'],
  },
  ...poolFigureRoutes,
  plan: {
    method: 'POST',
    path: '/v1/plan',
    permission: 'read',
    summary: 'A dry run',
    description: 'What would be placed and bought for these requests. Nothing is recorded or bought.',
    body: planBody,
    answer: {
      status: 200,
      description: 'The plan. Bound, gap and coefficients are null where none was computed.',
      schema: planView,
    },
    problems: ['unknown_pool', 'unsupported', 'invalid_pool'],
  },
  ...figureRoutes,
  getHealth: {
    method: 'GET',
    path: '/healthz',
    permission: 'none',
    summary: 'Whether the API answers',
    answer: { status: 200, description: 'It does.', schema: healthView },
    problems: [],
  },
  getOpenApi: {
    method: 'GET',
    path: '/openapi.json',
    permission: 'none',
    summary: 'This contract as OpenAPI 3.1',
    answer: {
      status: 200,
      description: 'The document.',
      schema: z.looseObject({ openapi: z.string() }).meta({ id: 'OpenApiDocument' }),
    },
    problems: [],
  },
  getDocs: {
    method: 'GET',
    path: '/docs',
    permission: 'none',
    summary: 'This contract as a page for people',
    answer: {
      status: 200,
      description: 'The page.',
      contentType: 'text/html; charset=utf-8',
      schema: z.string().meta({ id: 'DocsPage' }),
    },
    problems: [],
  },
} as const satisfies Record<string, Route>;

export type Routes = typeof routes;
export type RouteId = keyof Routes;

type Parsed<R, K extends string> = R extends Readonly<Record<K, infer S extends z.ZodType>> ? z.output<S> : undefined;

/** What the handler of a route gets, parsed. */
export interface InputOf<R extends Route> {
  readonly params: Parsed<R, 'params'>;
  readonly query: Parsed<R, 'query'>;
  readonly headers: Parsed<R, 'headers'>;
  readonly body: Parsed<R, 'body'>;
  /** The body as received, parsed as JSON only. */
  readonly rawBody: unknown;
}

/** The body of a route's success. */
export type AnswerOf<R extends Route> = R['answer']['schema'] extends z.ZodType
  ? z.output<R['answer']['schema']>
  : null;
