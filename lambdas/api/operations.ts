// What each route of the API does: from parsed input to the use case, and from its answer to the view.
import { canonicalJson } from '../../lib/api/canonical.ts';
import { limits } from '../../lib/api/limits.ts';
import { presentQuote } from '../../lib/api/schemas/figures/quote.ts';
import { docsPage } from '../../lib/api/docs-page.ts';
import { openApiDocument } from '../../lib/api/openapi.ts';
import { demandOf, presentPlan, repeatedIds } from '../../lib/api/schemas/plan.ts';
import type { NodeView, PoolView } from '../../lib/api/schemas/pools.ts';
import {
  poolSpecOf,
  presentNode,
  presentNodeWhy,
  presentNodeWithTasks,
  presentPool,
} from '../../lib/api/schemas/pools.ts';
import { needsPool, presentRequest, presentTask, presentTimeline } from '../../lib/api/presenters.ts';
import { openMetrics } from '../../lib/api/schemas/figures/openmetrics.ts';
import { partialResourcesOf } from '../../lib/api/schemas/figures/what-if.ts';
import { requirementsOf } from '../../lib/api/schemas/requirements.ts';
import { presentCosts } from '../../lib/api/schemas/figures/costs.ts';
import { presentRegret } from '../../lib/api/schemas/figures/regret.ts';
import { presentPoolWhy } from '../../lib/api/schemas/figures/policies.ts';
import { presentForecast } from '../../lib/api/schemas/figures/forecast.ts';
import { presentPastTasks, presentShortages } from '../../lib/api/schemas/figures/past-tasks.ts';
import { presentHistory, spanOf } from '../../lib/api/schemas/figures/history.ts';
import { presentLifetimes } from '../../lib/api/schemas/figures/lifetimes.ts';
import { presentShadow } from '../../lib/api/schemas/figures/shadow.ts';
import { presentAsked } from '../../lib/api/schemas/asked.ts';
import { ProblemError, parseBody } from '../../lib/api/problems.ts';
import type { BatchView, RequestView } from '../../lib/api/schemas/requests.ts';
import { claimSpecOf, rulesOf } from '../../lib/api/schemas/claims.ts';
import { batchItemKey, requestBody, taskSpecOf } from '../../lib/api/schemas/requests.ts';
import type { InputOf, routes } from '../../lib/api/routes.ts';
import { refuseUnsupported, unavailableIn } from '../../lib/api/schemas/unsupported.ts';
import { compact, utf8Length } from '../../lib/api/schemas/values.ts';
import type {
  ApplicationUseCases,
  ListedPage,
  PoolRecord,
  PoolShown,
  Submission,
} from '../../lib/control/use-cases.ts';
import { eventOperations } from './events.ts';
import { serviceOperations } from './services.ts';
import { webhookOperations } from './webhooks.ts';
import type { TenantView } from '../../lib/api/schemas/tenants.ts';
import { presentTenant } from '../../lib/api/schemas/tenants.ts';
import type { TenantRecord } from '../../lib/core/records/tenant.ts';
import type { NodeOrder } from '../../lib/core/disruption/methods/operator.ts';
import type { NodeRecord } from '../../lib/core/records/node.ts';
import type { PoolSpec } from '../../lib/core/records/pool.ts';
import { poolRevision } from '../../lib/core/records/pool.ts';
import type { AnyRequest } from '../../lib/core/records/claim.ts';
import { isClaim } from '../../lib/core/records/claim.ts';
import { shownText } from '../../lib/core/values/output.ts';
import { etagOf } from '../../lib/core/claims/etag.ts';
import { inParallel } from '../../lib/control/store/store-retry.ts';
import type { Caller } from '../../lib/ports/access/identity.ts';
import type { Log } from '../../lib/ports/log.ts';
import { withEtag } from '../http/etags.ts';
import { problemErrorOf } from '../http/problem-of.ts';
import { withoutCloudWatch } from './cloudwatch.ts';
import type { Operations, Unavailable } from './contract.ts';
import type { UploadOptions } from './uploads.ts';
import { createUpload, lookingOnce, readArtifacts, readWholeOutput, withUploadsLookedFor } from './uploads.ts';
import { presentActivity, presentStats } from './presenters.ts';

/** Nothing has to be asked for what runs without an image. */
async function reasonsFor(bodies: readonly unknown[], ask: () => Promise<Unavailable>): Promise<Unavailable> {
  const hasImage = (body: unknown): boolean => typeof body === 'object' && body !== null && 'image' in body;
  return bodies.some(hasImage) ? ask() : {};
}

export interface OperationsOptions extends UploadOptions {
  readonly useCases: ApplicationUseCases;
  readonly log: Log;
  readonly unavailable: () => Promise<Unavailable>;
}

export function createOperations({ useCases, log, unavailable, ...uploads }: OperationsOptions): Operations {
  const show = async (record: AnyRequest): Promise<RequestView> => {
    const pool = needsPool(record) ? ((await useCases.getPool(record.pool))?.spec ?? null) : null;
    const view = { ...presentRequest(record, pool), asked: presentAsked(record) };
    return isClaim(record) ? withEtag(view, etagOf(record)) : view;
  };
  return {
    ...operatingOperations(useCases, unavailable),
    ...informingOperations(useCases),
    ...serviceOperations(useCases.services, unavailable),
    ...claimOperations(useCases, show),
    ...taskOperations(useCases, uploads.files, show),
    ...figureOperations(useCases),
    getArtifacts: (input, { tenant }) => readArtifacts({ useCases, files: uploads.files }, tenant, input),
    createUpload: async ({ body }, { tenant }) => createUpload(uploads, tenant, body),
    submitRequest: async (input, caller) => {
      const reasons = await reasonsFor([input.body], unavailable);
      const submission = submissionOf(
        input.body,
        input.rawBody,
        input.headers['idempotency-key'] ?? null,
        caller.tenant,
        reasons,
      );
      const { request, advice } = await useCases.submit(await withUploadsLookedFor(uploads.files, submission));
      return { ...(await show(request)), ...(advice === undefined ? {} : { advice }) };
    },
    quote: async ({ body, rawBody }, caller) => {
      const reasons = await reasonsFor([body], unavailable);
      return presentQuote(await useCases.quote(submissionOf(body, rawBody, null, caller.tenant, reasons)));
    },
    submitBatch: async (input, caller) =>
      submitBatch(
        { useCases, log, files: uploads.files },
        input,
        caller,
        await reasonsFor(input.body.requests, unavailable),
      ),
    listRequests: async ({ query }, caller) => {
      const { limit = limits.pageItemsDefault, label: labels, since, ...filter } = query;
      const page = await useCases.listRequests({
        ...filter,
        labels,
        sinceMs: since === undefined ? undefined : Date.parse(since),
        limit,
        tenant: caller.tenant,
      });
      return { items: await showAll(useCases, page), nextCursor: page.nextCursor, examined: page.examined };
    },
    getRequest: async ({ params }, caller) =>
      show(found(await useCases.getRequest(caller.tenant, params.id), params.id)),
    cancelRequest: async ({ params }, caller) =>
      show(found(await useCases.cancel(caller.tenant, params.id), params.id)),
    getTimeline: async ({ params }, caller) =>
      presentTimeline(found(await useCases.getRequest(caller.tenant, params.id), params.id)),
    ...aboutOperations,
  };
}

/** Of operators. */
const operatingOperations = (
  useCases: ApplicationUseCases,
  unavailable: () => Promise<Unavailable>,
): Pick<Operations, PoolOperation | TenantOperation | BrakeOperation> => ({
  ...poolOperations(useCases, unavailable),
  ...tenantOperations(useCases),
  ...brakeOperations(useCases),
});

/** Of those who want to know what happens. */
const informingOperations = (
  useCases: ApplicationUseCases,
): ReturnType<typeof eventOperations> & ReturnType<typeof webhookOperations> => ({
  ...eventOperations(useCases),
  ...webhookOperations(useCases.webhooks),
});

/** Of the API itself. */
const aboutOperations: Pick<Operations, 'getHealth' | 'getOpenApi' | 'getDocs'> = {
  getHealth: async () => ({ status: 'ok' }),
  getOpenApi: async () => openApiDocument(),
  getDocs: async () => docsPage(),
};

function figureOperations(
  useCases: ApplicationUseCases,
): Pick<Operations, 'quoteAccuracy' | 'getRegret' | 'getMetrics' | 'getCosts' | 'getStats' | 'whatIf'> {
  return {
    quoteAccuracy: async ({ query: { pool } }, { tenant }) =>
      foundPool(await useCases.quoteAccuracy(tenant, pool), pool),
    getRegret: async ({ query }) => {
      const { pool = null } = query;
      return presentRegret(foundPool(await useCases.regret(pool), pool ?? ''));
    },
    getMetrics: async () => openMetrics(await useCases.poolMetrics()),
    getCosts: async ({ query: { by, since, pool = null } }, caller) => {
      const costs = await useCases.costs({
        by,
        sinceMs: since === undefined ? null : Date.parse(since),
        pool,
        reader: caller.isOperator ? null : caller.tenant,
      });
      if (costs === null)
        throw new ProblemError(
          'unknown_label',
          `the installation does not declare ${by}; labels by which costs are told apart are declared with it `
            + '(`labelKeys`, on a laptop BELLOWS_LABEL_KEYS)',
          [{ path: 'by', message: 'must be pool, tenant, or a declared label' }],
        );
      return presentCosts(by, costs.fromDay, costs);
    },
    whatIf: async ({ params: { id }, body }, caller) => {
      const { limits: bounds, requirements, resources, paused } = body;
      const difference = {
        ...(bounds === undefined ? {} : { limits: compact(bounds) }),
        ...(requirements === undefined ? {} : { requirements: requirementsOf(requirements) }),
        ...(resources === undefined ? {} : { resources: partialResourcesOf(resources) }),
        ...(paused === undefined ? {} : { isPaused: paused }),
      };
      return found(await useCases.whatIf(caller.tenant, id, difference), id);
    },
    getStats: async (_input, caller) => presentStats(await useCases.stats(caller.tenant, caller.isOperator)),
  };
}

/** Of the tasks of a request, one by one. */
function taskOperations(
  useCases: ApplicationUseCases,
  files: UploadOptions['files'],
  show: (record: AnyRequest) => Promise<RequestView>,
): Pick<Operations, 'listTasks' | 'cancelTask' | 'retryTasks' | 'getOutput'> {
  const foundTasks = <T>(value: T | null, id: string): T => {
    if (value === null)
      throw new ProblemError('not_found', `there is no request ${id} that runs tasks; a claim has \`parts\``);
    return value;
  };
  return {
    cancelTask: async ({ params: { id, index } }, caller) => {
      const isThere = (await useCases.cancelTask(caller.tenant, id, index)) !== null;
      const page = isThere ? await useCases.listTasks(caller.tenant, id, { from: index, limit: 1 }) : null;
      const [task] = page?.tasks ?? [];
      if (!page || !task) throw new ProblemError('not_found', `there is no task ${String(index)} of a request ${id}`);
      return presentTask(task, page.request.spec);
    },
    retryTasks: async ({ params: { id }, query: { state = 'failed' }, headers }, caller) => {
      const wish = { state, idempotencyKey: headers['idempotency-key'] ?? null };
      return show(foundTasks(await useCases.retryTasks(caller.tenant, id, wish), id).request);
    },
    listTasks: async ({ params, query }, caller) => {
      const { from = 0, limit = limits.pageItemsDefault, state } = query;
      const page = foundTasks(await useCases.listTasks(caller.tenant, params.id, { state, from, limit }), params.id);
      return { items: page.tasks.map((task) => presentTask(task, page.request.spec)), nextFrom: page.nextFrom };
    },
    getOutput: async ({ params, query }, caller) => {
      const { index = null, tailBytes = limits.outputTailBytesDefault, sinceBytes, encoding = 'text' } = query;
      const [attempt = 0, stdout = 0, stderr = 0] = (sinceBytes ?? '').split(',').map(Number);
      const since = sinceBytes === undefined ? null : { attempt, stdout, stderr };
      const output = await useCases.readOutput(caller.tenant, params.id, index, tailBytes, since);
      if (output === null)
        throw new ProblemError('not_found', `there is no task ${String(index ?? 0)} of a request ${params.id}`);
      const { next, hasEnded, bytes, keptApart, ...text } = output;
      const whole = keptApart === null ? undefined : await readWholeOutput(files, keptApart);
      const shown = (stream: 'stdout' | 'stderr'): string =>
        encoding === 'base64' ? Buffer.from(bytes[stream]).toString('base64') : shownText(text[stream]);
      return {
        ...text,
        stdout: shown('stdout'),
        stderr: shown('stderr'),
        next: next && [next.attempt, next.stdout, next.stderr].join(','),
        ended: hasEnded,
        ...(whole === undefined ? {} : { whole }),
      };
    },
  };
}

type ClaimOperation =
  'renewRequest' | 'stopRequest' | 'startRequest' | 'resizeRequest' | 'attachRequest' | 'detachRequest' | 'editRules';

/** Changes of a claim that is granted, each on what its caller has read if `If-Match` says so. */
function claimOperations(
  useCases: ApplicationUseCases,
  show: (record: AnyRequest) => Promise<RequestView>,
): Pick<Operations, ClaimOperation> {
  type Change = Parameters<ApplicationUseCases['changeClaim']>[2];
  const change = async ({ params, headers }: GuardedInput, caller: Caller, change: Change): Promise<RequestView> =>
    show(found(await useCases.changeClaim(caller.tenant, params.id, change, headers['if-match']), params.id));
  return {
    renewRequest: (input, caller) => change(input, caller, { kind: 'renew' }),
    stopRequest: (input, caller) => change(input, caller, { kind: 'power', power: 'stopped' }),
    startRequest: (input, caller) => change(input, caller, { kind: 'power', power: 'running' }),
    resizeRequest: (input, caller) => change(input, caller, { kind: 'resize', needs: compact(input.body) }),
    attachRequest: (input, caller) => change(input, caller, { kind: 'attach', machine: input.body.request }),
    detachRequest: (input, caller) => change(input, caller, { kind: 'detach' }),
    editRules: async (input, caller) => change(input, caller, { kind: 'rules', rules: rulesOf(input.body) }),
  };
}

type GuardedInput = Pick<InputOf<(typeof routes)['renewRequest']>, 'params' | 'headers'>;

/** What is kept of the past. */
function historyOperations(useCases: ApplicationUseCases): Pick<Operations, 'getHistory' | PastOperation> {
  return {
    getHistory: async ({ params, query }) => {
      const shown = await useCases.historyOfPool(params.name, (nowMs) => spanOf(query, nowMs));
      const { span, knownFromMs, values } = foundPool(shown, params.name);
      return presentHistory(span, knownFromMs, values);
    },
    listPastTasks: async ({ params, query: { since, cursor } }, { tenant }) => {
      const page = await useCases.pastTasks(params.name, { tenant, sinceMs: msOf(since), cursor });
      const { items, nextCursor } = foundPool(page, params.name);
      return presentPastTasks(items, nextCursor);
    },
    listShortages: async ({ params, query: { since, cursor } }) => {
      const page = await useCases.pastShortages(params.name, { sinceMs: msOf(since), cursor });
      const { items, nextCursor } = foundPool(page, params.name);
      return presentShortages(items, nextCursor);
    },
  };
}

type PastOperation = 'listPastTasks' | 'listShortages';

function msOf(time: string | undefined): number | undefined {
  return time === undefined ? undefined : Date.parse(time);
}

type PoolOperation =
  | PastOperation
  | 'listPools'
  | 'putPool'
  | 'getPool'
  | 'deletePool'
  | 'listNodes'
  | 'listActivity'
  | 'getLifetimes'
  | 'getShadow'
  | 'getHistory'
  | 'getForecast'
  | 'whyPool'
  | 'plan';

function poolOperations(
  useCases: ApplicationUseCases,
  unavailable: () => Promise<Unavailable>,
): Pick<Operations, PoolOperation> {
  return {
    listPools: async ({ query: { limit = limits.pageItemsMax, cursor } }, caller) => {
      const { items, nextCursor } = await useCases.pageOfPools({ limit, cursor });
      return { items: items.map((one) => seenBy(presentPool(one), caller)), nextCursor };
    },
    putPool: async ({ params, headers, body }, caller) => {
      if (body.name !== undefined && body.name !== params.name) {
        throw new ProblemError(
          'unprocessable',
          `the body names the pool ${body.name}, the path ${params.name}; make them the same`,
          [{ path: 'name', message: `must be ${params.name}, the name in the path` }],
        );
      }
      refuseUnsupported(await withoutCloudWatch(body.policies, unavailable));
      return shownPool(await useCases.putPool(poolSpecOf(params.name, body), headers['if-match']), caller);
    },
    getPool: async ({ params }, caller) =>
      shownPool(foundPool(await useCases.getPool(params.name), params.name), caller),
    deletePool: async ({ params }) => presentPool(foundPool(await useCases.deletePool(params.name), params.name)),
    listNodes: async ({ params, query }, caller) => {
      const options = { limit: query.limit ?? limits.pageItemsMax, cursor: query.cursor };
      const { items, nextCursor } = foundPool(await useCases.pageOfNodes(params.name, options), params.name);
      const present = (node: NodeRecord): NodeView =>
        query.tasks === 'true' ? presentNodeWithTasks(node, caller.isOperator === true) : presentNode(node);
      return { items: items.map(present), nextCursor };
    },
    listActivity: async ({ params, query }, caller) => {
      const options = { limit: query.limit ?? limits.pageItemsDefault, cursor: query.cursor };
      const reader = caller.isOperator === true ? undefined : caller.tenant;
      return presentActivity(foundPool(await useCases.listActivity(params.name, options, reader), params.name));
    },
    getLifetimes: async ({ params }, caller) => {
      const reader = caller.isOperator === true ? undefined : caller.tenant;
      const { isOff, prior, classes } = foundPool(await useCases.lifetimesOfPool(params.name, reader), params.name);
      return presentLifetimes(isOff, prior, classes);
    },
    getShadow: async ({ params }, caller) =>
      presentShadow(foundPool(await useCases.shadowOfPool(params.name), params.name), caller.isOperator === true),
    ...historyOperations(useCases),
    whyPool: async ({ params }) => presentPoolWhy(foundPool(await useCases.explainPool(params.name), params.name)),
    getForecast: async ({ params }) =>
      presentForecast(foundPool(await useCases.forecastOfPool(params.name), params.name)),
    plan: planOperation(useCases),
  };
}

function planOperation(useCases: ApplicationUseCases): Operations['plan'] {
  return async ({ body }, caller) => {
    const pool = await planPool(useCases, body.pool);
    const demand = body.requests.map((one, index) => demandOf(one, index, caller.tenant));
    const repeated = repeatedIds(demand);
    if (repeated.length > 0) {
      throw new ProblemError('unprocessable', `ids must be unique; repeated: ${repeated.slice(0, 5).join(', ')}`, [
        { path: 'requests', message: 'must have unique ids' },
      ]);
    }
    return presentPlan(await useCases.plan({ pool, demand, nodes: body.nodes, iterations: body.iterations }));
  };
}

type TenantOperation = 'listTenants' | 'putTenant' | 'getTenant' | 'deleteTenant';

function tenantOperations(useCases: ApplicationUseCases): Pick<Operations, TenantOperation> {
  const shown = (tenant: TenantRecord | null, name: string): TenantView => {
    if (tenant !== null) return presentTenant(tenant);
    throw new ProblemError('not_found', `nobody declared the tenant ${name}; GET /v1/tenants lists those that are`);
  };
  return {
    listTenants: async () => ({ items: (await useCases.listTenants()).map(presentTenant) }),
    putTenant: async ({ params: { name }, body: { weight, budget } }) =>
      presentTenant(
        await useCases.putTenant({ name, weight, ...(budget === undefined ? {} : { budget: compact(budget) }) }),
      ),
    getTenant: async ({ params: { name } }) => shown(await useCases.getTenant(name), name),
    deleteTenant: async ({ params: { name } }) => shown(await useCases.deleteTenant(name), name),
  };
}

type BrakeOperation =
  'whyNode' | 'pausePool' | 'resumePool' | 'cordonNode' | 'uncordonNode' | 'drainNode' | 'terminateNode';

/** The operator's brake. */
function brakeOperations(useCases: ApplicationUseCases): Pick<Operations, BrakeOperation> {
  const order = async (id: string, given: NodeOrder, { principal }: Caller): Promise<NodeView> => {
    const node = await useCases.orderNode(id, given, principal);
    return presentNode(foundNode(node, id));
  };
  return {
    whyNode: async ({ params: { id } }, caller) => {
      const { node, why } = foundNode(await useCases.explainNode(id), id);
      return presentNodeWhy(node, why, caller.isOperator === true);
    },
    pausePool: async ({ params }, caller) =>
      shownPool(foundPool(await useCases.pausePool(params.name, caller.principal), params.name), caller),
    resumePool: async ({ params }, caller) =>
      shownPool(foundPool(await useCases.resumePool(params.name, caller.principal), params.name), caller),
    cordonNode: ({ params }, caller) => order(params.id, { kind: 'cordon' }, caller),
    uncordonNode: ({ params }, caller) => order(params.id, { kind: 'uncordon' }, caller),
    drainNode: ({ params, body: { deadlineSeconds } }, caller) => {
      const stopAfterMs = deadlineSeconds === undefined ? null : Math.round(deadlineSeconds * 1000);
      return order(params.id, { kind: 'drain', stopAfterMs }, caller);
    },
    terminateNode: ({ params }, caller) => order(params.id, { kind: 'terminate' }, caller),
  };
}

function foundNode<T>(value: T | null, id: string): T {
  if (value === null)
    throw new ProblemError('not_found', `there is no node ${id}; GET /v1/pools/{name}/nodes lists those of a pool`);
  return value;
}

/** What the account has committed itself to, and how far that is used, is for operators. */
function seenBy<T extends PoolView>(pool: T, { isOperator }: { readonly isOperator?: boolean | undefined }): T {
  if (isOperator === true) return pool;
  const { commitments: _commitments, commitmentUse: _use, ...others } = pool;
  return others as T;
}

const shownPool = (pool: PoolShown, caller: Parameters<typeof seenBy>[1]): PoolView =>
  withEtag(seenBy(presentPool(pool), caller), poolRevision(pool));

function found<T>(value: T | null, id: string): T {
  if (value === null)
    throw new ProblemError('not_found', `there is no request ${id}; ids are those that POST /v1/requests answered`);
  return value;
}

function foundPool<T>(value: T | null, name: string): T {
  if (value === null)
    throw new ProblemError(
      'unknown_pool',
      `there is no pool ${name}; GET /v1/pools lists them, PUT /v1/pools/${name} creates it`,
    );
  return value;
}

/** Pools are few and requests many: each pool of a page is read once. */
async function showAll(useCases: ApplicationUseCases, page: ListedPage<AnyRequest>): Promise<RequestView[]> {
  const names = new Set(page.items.filter(needsPool).map((record) => record.pool));
  const pools = new Map<string, PoolRecord | null>();
  for (const name of names) pools.set(name, await useCases.getPool(name));
  return page.items.map((record) => presentRequest(record, pools.get(record.pool)?.spec ?? null));
}

function submissionOf(
  body: InputOf<(typeof routes)['submitRequest']>['body'],
  rawBody: unknown,
  idempotencyKey: string | null,
  tenant: string,
  unavailable: Unavailable,
): Submission {
  refuseUnsupported(unavailableIn(body, unavailable));
  const canonicalBody = canonicalJson(rawBody);
  if (utf8Length(canonicalBody) > limits.taskBytes) {
    throw new ProblemError(
      'too_large',
      `one request takes at most ${String(limits.taskBytes)} bytes; put large inputs where the task can fetch them`,
    );
  }
  return {
    tenant,
    idempotencyKey,
    pool: body.pool ?? null,
    spec: body.type === 'task' ? taskSpecOf(body) : claimSpecOf(body),
    ...(body.type === 'task' && body.quote ? { isQuoted: true } : {}),
    canonicalBody,
  };
}

/** One after the other, the uploads of a thousand requests would take longer than the function has. */
const uploadsAtOnce = 50;

async function submitBatch(
  { useCases, log, files }: Pick<OperationsOptions, 'useCases' | 'log' | 'files'>,
  input: InputOf<(typeof routes)['submitBatch']>,
  caller: Caller,
  unavailable: Unavailable,
): Promise<BatchView> {
  const headerKey = input.headers['idempotency-key'];
  const lookAt = lookingOnce(files);
  const given = [...input.body.requests.entries()];
  const items = await inParallel(given, uploadsAtOnce, async ([index, item]): Promise<Submission | Error> => {
    try {
      const key = headerKey === undefined ? null : `${headerKey}#${String(index)}`;
      return await withUploadsLookedFor(lookAt, batchSubmission(item, key, caller.tenant, unavailable));
    } catch (error) {
      return error instanceof Error ? error : new Error(String(error));
    }
  });
  const results = (await useCases.submitBatch(items.filter((one): one is Submission => !(one instanceof Error))))[
    Symbol.iterator
  ]();
  return {
    results: items.map((item) => {
      const result = item instanceof Error ? item : results.next().value;
      if (result === undefined) throw new TypeError('submitBatch answered fewer results than it got submissions');
      if (!(result instanceof Error)) return { status: 202, id: result.request.id };
      const { problem } = problemErrorOf(result);
      if (problem.status >= 500) log.write('error', 'an item of a batch failed', { error: result });
      return { status: problem.status, problem };
    }),
  };
}

function batchSubmission(
  item: unknown,
  derivedKey: string | null,
  tenant: string,
  unavailable: Unavailable,
): Submission {
  const { idempotencyKey = derivedKey } = parseBody(batchItemKey, item, 'the item');
  // The same key and body are the same request whether they came singly or in a batch, so the key is
  // no part of the body.
  const { idempotencyKey: _key, ...rawBody } = item as Record<string, unknown>;
  const body = parseBody(requestBody, rawBody, 'the item');
  if (body.type === 'task' && body.quote) {
    const message = 'is for a request that is sent alone: the quotes of a batch would not know of each other';
    throw new ProblemError('unprocessable', `quote ${message}`, [{ path: 'quote', message }]);
  }
  return submissionOf(body, rawBody, idempotencyKey, tenant, unavailable);
}

async function planPool(
  useCases: ApplicationUseCases,
  pool: InputOf<(typeof routes)['plan']>['body']['pool'],
): Promise<PoolSpec> {
  if (typeof pool === 'string') return foundPool(await useCases.getPool(pool), pool).spec;
  return poolSpecOf(pool.name ?? 'plan', pool);
}
