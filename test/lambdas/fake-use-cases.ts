// Use cases in memory for tests of the handlers, the server and the CLI: as control answers, without a store.
import type {
  ApplicationUseCases,
  CostQuestion,
  Costs,
  ListedPage,
  ListOptions,
  PoolRecord,
  RetryWish,
  ShownOutput,
  Submission,
  SubmitResult,
  TaskFilter,
  Quote,
  WhatIf,
  WhatIfAnswer,
} from '../../lib/control/use-cases.ts';
import { IdempotencyConflictError, NoPoolError, NotPossibleError } from '../../lib/control/errors.ts';
import { allocate } from '../../lib/core/allocation/index.ts';
import { offeringsOf } from '../../lib/core/catalog/index.ts';
import { localDecisionSettings } from '../../lib/core/values/settings.ts';
import { whyNode } from '../../lib/core/disruption/why.ts';
import { ordered } from '../../lib/core/disruption/methods/operator.ts';
import type { NodeOrder } from '../../lib/core/disruption/methods/operator.ts';
import type { NodeRecord } from '../../lib/core/records/node.ts';
import type { ClaimRecord } from '../../lib/core/records/claim.ts';
import type { PoolSpec } from '../../lib/core/records/pool.ts';
import { noUsage } from '../../lib/core/records/pool.ts';
import { isEnd } from '../../lib/core/records/request.ts';
import type { RequestRecord, TaskRecord } from '../../lib/core/records/request.ts';
import type { TenantRecord } from '../../lib/core/records/tenant.ts';
import { fakeLearned, noOutput, noPoolMetrics, noTaskCounts, noPercentiles, FakePast } from './fake-values.ts';
import { FakeEvents, FakeServices, fakeWebhooks } from './fake-services.ts';
import type { Caller, IdentifyCaller } from '../../lib/ports/access/identity.ts';
import { lastSeen, outputSince } from '../../lib/ports/outputs.ts';
import type { OutputPosition } from '../../lib/ports/outputs.ts';
import { InvalidCursorError } from '../../lib/ports/store.ts';

export const nowMs = Date.UTC(2026, 10, 22, 16, 0, 0);

export const defaultPool: PoolSpec = {
  name: 'default',
  requirements: { instanceFamily: ['c7g', 'm7g'] },
  limits: { instances: 12 },
  tasksPerNode: 32,
  ordering: 'priority',
  placement: 'least-cost',
  learningStyle: 'reactive',
  idleAfterMs: 10_000,
  priority: 0,
  accepts: ['task'],
};

export const localIdentity: IdentifyCaller = async () => caller('tenant-a', ['read', 'request', 'pool-admin']);

export function caller(tenant: string, permissions: readonly ('read' | 'request' | 'pool-admin')[]): Caller {
  return { tenant, principal: `${tenant}/alice`, permissions: new Set(permissions) };
}

export class FakeUseCases extends FakePast implements ApplicationUseCases {
  readonly requests = new Map<string, RequestRecord>();
  readonly tenants = new Map<string, TenantRecord>();
  readonly services = new FakeServices();
  readonly events = new FakeEvents();
  readonly listEvents = this.events.list;
  readonly webhooks = fakeWebhooks();
  readonly tailBytes: number[] = [];
  readonly differences: WhatIf[] = [];
  /** Every second page is empty, the others have few: as when there is much that a filter leaves out. */
  isPageShort = false;
  #isEmptyPage = false;
  readonly outputs = new Map<string, Omit<ShownOutput, 'next' | 'hasEnded' | 'bytes' | 'keptApart'>>();
  readonly arrayTasks = new Map<string, readonly TaskRecord[]>();
  readonly filters: object[] = [];
  readonly submissions: Submission[] = [];
  /** Thrown by the next call of any use case. */
  nextError: Error | null = null;
  private readonly keys = new Map<string, { id: string; canonicalBody: string }>();

  constructor() {
    super();
    this.pools.set('default', poolRecord(defaultPool));
  }

  private mayFail(): void {
    const error = this.nextError;
    this.nextError = null;
    if (error !== null) throw error;
  }

  async submit(submission: Submission): Promise<SubmitResult> {
    this.mayFail();
    const { idempotencyKey: key, missing } = submission;
    if (missing !== undefined && !this.keys.has(key ?? '')) throw missing;
    this.submissions.push(submission);
    if (submission.pool !== null && !this.pools.has(submission.pool))
      throw new NoPoolError(`there is no pool ${submission.pool}`);
    const known = this.keys.get(key ?? '');
    if (known !== undefined) {
      if (known.canonicalBody !== submission.canonicalBody) throw new IdempotencyConflictError(known.id);
      return { request: this.known(known.id), isRepeat: true };
    }
    const id = `r${String(this.requests.size + 1)}`;
    const request = requestRecord(id, submission);
    this.requests.set(id, request);
    if (key !== null) this.keys.set(key, { id, canonicalBody: submission.canonicalBody });
    return { request, isRepeat: false };
  }

  async submitBatch(submissions: readonly Submission[]): Promise<readonly (SubmitResult | Error)[]> {
    const results: (SubmitResult | Error)[] = [];
    for (const submission of submissions) {
      results.push(await this.submit(submission).catch((error: unknown) => error as Error));
    }
    return results;
  }

  async getRequest(_tenant: string, id: string): Promise<RequestRecord | null> {
    this.mayFail();
    return this.requests.get(id) ?? null;
  }

  async attemptsOf(_tenant: string, id: string): Promise<readonly string[] | null> {
    return this.requests.has(id) ? [`${id}.0.2`, `${id}.0.1`] : null;
  }

  async getTask(
    _tenant: string,
    id: string,
  ): Promise<{ request: RequestRecord; attempt: number; state: string } | null> {
    const request = this.requests.get(id);
    return request === undefined ? null : { request, attempt: 1, state: request.state };
  }

  async listTasks(
    _tenant: string,
    id: string,
    { state, from, limit }: TaskFilter,
  ): ReturnType<ApplicationUseCases['listTasks']> {
    const request = this.requests.get(id);
    if (request === undefined) return null;
    const all = (this.arrayTasks.get(id) ?? request.tasks).filter(
      (task) => task.index >= from && (state === undefined || task.state === state),
    );
    return { request, tasks: all.slice(0, limit), nextFrom: all[limit]?.index ?? null };
  }

  async cancelTask(_tenant: string, id: string, index: number): Promise<TaskRecord | null> {
    const tasks = this.arrayTasks.get(id) ?? [];
    const task = tasks.find((one) => one.index === index);
    if (task?.state !== 'pending') return task ?? null;
    const cancelled = { ...task, state: 'cancelled' as const };
    this.arrayTasks.set(
      id,
      tasks.map((one) => (one === task ? cancelled : one)),
    );
    return cancelled;
  }

  async retryTasks(tenant: string, id: string, wish: RetryWish): Promise<SubmitResult | null> {
    const request = this.requests.get(id);
    if (request === undefined) return null;
    if (request.state !== wish.state) throw new NotPossibleError(`no task of request ${id} is ${wish.state}`);
    const spec = { ...request.spec, retryOf: id };
    return this.submit({ tenant, idempotencyKey: wish.idempotencyKey, pool: null, spec, canonicalBody: id });
  }

  async listRequests(filter: {
    limit: number;
    cursor?: string | undefined;
    state?: string | undefined;
    name?: string | undefined;
  }): Promise<{ items: readonly RequestRecord[]; nextCursor: string | null; examined: number }> {
    this.mayFail();
    this.filters.push(filter);
    const start = filter.cursor === undefined ? 0 : Number(filter.cursor);
    if (!Number.isInteger(start)) throw new InvalidCursorError(filter.cursor ?? '');
    const all = [...this.requests.values()].filter(
      (one) =>
        (filter.state === undefined || one.state === filter.state)
        && (filter.name === undefined || one.spec.name === filter.name),
    );
    this.#isEmptyPage = this.isPageShort && !this.#isEmptyPage;
    const end = start + (this.#isEmptyPage ? 0 : this.isPageShort ? Math.min(filter.limit, 300) : filter.limit);
    const items = all.slice(start, end);
    return { items, nextCursor: end < all.length ? String(end) : null, examined: items.length };
  }

  async cancel(_tenant: string, id: string): Promise<RequestRecord | null> {
    const request = this.requests.get(id);
    if (request === undefined) return null;
    if (request.endedAtMs !== null) return request;
    this.change(id, { state: 'cancelled', endedAtMs: nowMs + 5_000, cancelRequestedAtMs: nowMs });
    return this.known(id);
  }

  async readOutput(
    _tenant: string,
    id: string,
    index: number | null,
    tailBytes: number,
    since: OutputPosition | null = null,
  ): Promise<ShownOutput | null> {
    this.tailBytes.push(tailBytes);
    const request = this.requests.get(id);
    if (request === undefined || (index ?? 0) >= request.spec.count) return null;
    const kept = this.outputs.get(`${id}.${String(index ?? 0)}`) ?? noOutput;
    const attempt = request.tasks[0]?.attempt ?? 1;
    const from = since?.attempt === attempt ? since : { attempt, stdout: 0, stderr: 0 };
    const all = { ...kept, isTruncated: kept.truncated };
    const { output, next } = outputSince(all, from, request.endedAtMs === null);
    const { isTruncated: truncated, ...seen } = since ? output : lastSeen(all, 2 ** 20);
    return { ...seen, truncated, next, hasEnded: request.endedAtMs !== null, keptApart: `${id}.${String(index)}.1` };
  }

  async putPool(spec: PoolSpec): Promise<PoolRecord> {
    const record = poolRecord(spec);
    this.pools.set(spec.name, record);
    return record;
  }

  async getPool(name: string): Promise<PoolRecord | null> {
    return this.pools.get(name) ?? null;
  }

  async listPools(): Promise<readonly PoolRecord[]> {
    return [...this.pools.values()];
  }

  async pageOfPools(options: ListOptions): Promise<ListedPage<PoolRecord>> {
    const start = Number(options.cursor ?? 0);
    const all = [...this.pools.values()];
    const end = start + options.limit;
    return { items: all.slice(start, end), nextCursor: end < all.length ? String(end) : null };
  }

  async deletePool(name: string): Promise<PoolRecord | null> {
    const record = this.pools.get(name);
    if (record === undefined) return null;
    this.pools.delete(name);
    return { ...record, deletingSinceMs: nowMs };
  }

  async putTenant(spec: Pick<TenantRecord, 'name' | 'weight' | 'budget'>): Promise<TenantRecord> {
    this.mayFail();
    const record = { ...spec, createdAtMs: nowMs, updatedAtMs: nowMs };
    this.tenants.set(spec.name, record);
    return record;
  }

  async getTenant(name: string): Promise<TenantRecord | null> {
    return this.tenants.get(name) ?? null;
  }

  async listTenants(): Promise<readonly TenantRecord[]> {
    return [...this.tenants.values()];
  }

  async deleteTenant(name: string): Promise<TenantRecord | null> {
    const record = this.tenants.get(name) ?? null;
    this.tenants.delete(name);
    return record;
  }

  async pausePool(name: string, by: string): Promise<PoolRecord | null> {
    const record = this.pools.get(name);
    if (record === undefined) return null;
    this.pools.set(name, { ...record, paused: { by, sinceMs: nowMs } });
    return this.getPool(name);
  }

  async resumePool(name: string): Promise<PoolRecord | null> {
    const { paused: _paused, ...record } = this.pools.get(name) ?? {};
    if (!('spec' in record)) return null;
    this.pools.set(name, record);
    return this.getPool(name);
  }

  async explainNode(id: string): ReturnType<ApplicationUseCases['explainNode']> {
    const node = fakeNode('default');
    if (id !== node.id) return null;
    const input = { nowMs, pool: defaultPool, isPoolDeleting: false, listing: null, offerings: [], others: [node] };
    return { node, why: whyNode(node, { ...input, memory: { massSilenceSinceMs: null } }, localDecisionSettings) };
  }

  /** Of the one node that there is. */
  async orderNode(id: string, order: NodeOrder, by: string): Promise<NodeRecord | null> {
    const node = fakeNode('default');
    if (id !== node.id) return null;
    const next = ordered(node, order, by, nowMs);
    if (typeof next === 'string') throw new NotPossibleError(next);
    return next?.node ?? node;
  }

  async listNodes(pool: string): ReturnType<ApplicationUseCases['listNodes']> {
    return this.pools.has(pool) ? [fakeNode(pool)] : null;
  }

  async pageOfNodes(pool: string): ReturnType<ApplicationUseCases['pageOfNodes']> {
    return this.pools.has(pool) ? { items: [fakeNode(pool)], nextCursor: null } : null;
  }

  async lifetimesOfPool(pool: string): ReturnType<ApplicationUseCases['lifetimesOfPool']> {
    const prior = { p50Ms: 120_000, p90Ms: 1_080_000, meanMs: 1_200_000 };
    const all = { tenant: null, shape: null, name: null, ends: 30, p50Ms: 20_000, p90Ms: 60_000, meanMs: 30_000 };
    return this.pools.has(pool)
      ? { isOff: false, prior, classes: [all, { ...all, tenant: 'tenant-a', ends: 3 }] }
      : null;
  }

  async historyOfPool(
    pool: string,
    spanAt: Parameters<ApplicationUseCases['historyOfPool']>[1],
  ): ReturnType<ApplicationUseCases['historyOfPool']> {
    const span = spanAt(nowMs);
    const values = Array.from({ length: span.count }, (_, at) => ({ cpuMilli: 500 * at, memoryMib: 1_024, gpu: 0 }));
    return this.pools.has(pool) ? { span, knownFromMs: nowMs - 3_600_000, values } : null;
  }

  async explainPool(pool: string): ReturnType<ApplicationUseCases['explainPool']> {
    const wishes = [
      { policy: 'schedule office', wanted: 5, reason: '0 8 * * 1-5 in Europe/Berlin' },
      { policy: 'target load', wanted: null, reason: 'its metric has no data' },
    ];
    const reason = 'schedule office: 0 8 * * 1-5 in Europe/Berlin';
    return this.pools.has(pool) ? { headroomNodes: 5, wanted: 5, reason, wishes } : null;
  }

  async forecastOfPool(pool: string): ReturnType<ApplicationUseCases['forecastOfPool']> {
    const score = { name: 'last-value', isNaive: true, error: 900, steps: 300 };
    const forecast = {
      method: 'seasonal-median-day',
      errorMilli: 420,
      naive: { method: 'last-value', errorMilli: 900 },
      expectedMilli: 12_000,
      wantedMilli: 15_500,
      lowMilli: 10_000,
      quantile: 0.9,
      leadMs: 60_000,
    };
    return this.pools.has(pool)
      ? {
          learningStyle: 'predictive',
          quantile: 0.9,
          leadMs: 60_000,
          demandMilli: 11_000,
          forecast,
          ...{ missing: '', offerings: fakeLearned },
          scores: [score, { ...score, name: 'seasonal-median-day', isNaive: false, error: 420 }],
        }
      : null;
  }

  async listActivity(pool: string): ReturnType<ApplicationUseCases['listActivity']> {
    if (!this.pools.has(pool)) return null;
    const item = {
      atMs: nowMs,
      code: 'launch',
      message: 'bought for r1',
      nodeId: 'i-1',
      launchId: 'l1',
      specVersion: 1,
      templateVersion: '1',
      instanceType: 'c7g.large',
      zone: 'us-east-1a',
      capacityType: 'spot',
      priceUsdPerHour: 0.03,
    };
    return { items: [item], nextCursor: null };
  }

  async plan(question: Parameters<ApplicationUseCases['plan']>[0]): ReturnType<ApplicationUseCases['plan']> {
    return allocate({
      nowMs,
      demand: question.demand,
      bins: [],
      offerings: offeringsOf(question.pool.requirements),
      unavailable: [],
      pool: question.pool,
      usage: noUsage,
      offeringsPerLaunch: 1,
      shouldStop: () => false,
      iterations: 0,
    });
  }

  async quote({ pool }: Submission): Promise<Quote> {
    const node = { count: 1, instanceType: 'c7g.large', zone: 'us-east-1a', usdPerHour: 0.0725 };
    return {
      ...{ pool: pool ?? 'default', atMs: nowMs, isBootGuessed: false },
      lasting: { basis: 'learned', ends: 120, ms: { p50: 60_000, p90: 600_000 } },
      offers: [
        {
          ...{ capacityType: null, kind: 'bought', message: 'cheapest' },
          launches: [{ ...node, capacityType: 'on-demand', alternatives: 3 }],
          ...{ startsMs: { p50: 30_000, p90: 45_000 }, endsMs: { p50: 90_000, p90: 645_000 } },
          usd: { p50: 0.01, p90: 0.1 },
        },
      ],
    };
  }

  async whatIf(tenant: string, id: string, difference: WhatIf): Promise<WhatIfAnswer | null> {
    const record = await this.getRequest(tenant, id);
    if (record === null) return null;
    if (isEnd(record.state)) throw new NotPossibleError(`${id} has ended; nothing of it waits`);
    this.differences.push(difference);
    const node = { count: 1, instanceType: 'c7g.large', zone: 'us-east-1a', usdPerHour: 0.0725 };
    return {
      pool: record.pool,
      now: { kind: 'waits', code: 'limit_reached', message: 'The limits of the pool leave no room.', launches: [] },
      then: {
        kind: 'bought',
        code: 'launch',
        message: 'cheapest',
        launches: [{ ...node, capacityType: 'on-demand', alternatives: 3 }],
      },
    };
  }

  async costs({ by }: CostQuestion): Promise<Costs | null> {
    if (by.startsWith('label.') && by !== 'label.team') return null;
    const groups = new Map([
      ['search', 1_500_000_000],
      ['(idle)', 500_000_000],
    ]);
    const day = { day: 20_784, nanoUsd: 2_000_000_000, idle: 500_000_000, groups };
    return { atMs: nowMs, fromDay: 20_780, days: [day] };
  }

  async regret(pool: string | null): ReturnType<ApplicationUseCases['regret']> {
    if (pool !== null && !this.pools.has(pool)) return null;
    const sum = { nodes: 2, notPriced: 0, microUsd: { boot: 30_000, idleTail: 20_000, needed: 1_200_000 } };
    const regret = { byDay: { 20_000: sum, 20_001: { ...sum, notPriced: 1 } }, before: sum };
    return [{ pool: pool ?? 'default', regret }];
  }

  async poolMetrics(): ReturnType<ApplicationUseCases['poolMetrics']> {
    this.mayFail();
    return [{ ...noPoolMetrics, pool: 'default', ended: { succeeded: 3 }, spentUsd: 0.25 }, noPoolMetrics];
  }

  async stats(): ReturnType<ApplicationUseCases['stats']> {
    const requestsByState = {
      pending: 0,
      running: 0,
      active: 0,
      releasing: 0,
      succeeded: 0,
      failed: 0,
      cancelled: 0,
      expired: 0,
      released: 0,
    };
    for (const request of this.requests.values()) requestsByState[request.state] += 1;
    return {
      requestsByState,
      ...{ openTasks: { pending: 0, running: 0 }, oldestPendingAtMs: null, pools: [] },
      nodesByState: { ready: 1 },
      nodesByType: { 'c7g.large': 1 },
      ...{ atMs: nowMs, figuresOfMs: nowMs, headroomNodes: 0 },
      catalog: {
        offerings: { source: 'ec2' as const, region: 'us-east-1', asOfMs: nowMs - 60_000 },
        onDemandPrices: { source: 'packaged' as const, region: 'us-east-1', asOfMs: nowMs - 86_400_000 },
      },
      allocatable: { cpuMilli: 2_000, memoryMib: 4_096, gpu: 0 },
      assigned: { cpuMilli: 1_000, memoryMib: 1_024, gpu: 0 },
      utilisation: { cpu: 0.5, memory: 0.25, gpu: null },
      usage: { instances: 1, vcpu: 2, memoryMib: 4096, usdPerHour: 0.03 },
      usdPerHour: 0.03,
      spentUsd: 0.01,
      ...{ launchedNodes: 1, goneNodes: 0, quarantined: 0 },
      latencyMs: { acceptedToPlaced: noPercentiles, placedToRunning: noPercentiles, runningToEnded: noPercentiles },
    };
  }

  async changeClaim(_tenant: string, id: string): Promise<ClaimRecord | null> {
    this.mayFail();
    if (this.requests.has(id)) throw new NotPossibleError(`request ${id} is a task`);
    return null;
  }

  /** What the system would have done to a request since. */
  change(id: string, changes: Partial<RequestRecord>): void {
    this.requests.set(id, { ...this.known(id), ...changes });
  }

  /** The request of one task has run and ended with this exit code. */
  end(id: string, exitCode: number, output: { stdout: string; stderr: string } = { stdout: '', stderr: '' }): void {
    const state = exitCode === 0 ? 'succeeded' : 'failed';
    const [task] = this.known(id).tasks;
    const ended =
      task
      && ({
        ...task,
        state,
        exitCode,
        placedAtMs: nowMs + 1_000,
        startedAtMs: nowMs + 2_000,
        endedAtMs: nowMs + 3_000,
        allocation: {
          nodeId: 'i-1',
          instanceType: 'c7g.large',
          zone: 'us-east-1a',
          capacityType: 'spot',
          priceUsdPerHour: 0.03,
        },
      } as const);
    this.change(id, {
      state,
      startedAtMs: nowMs + 2_000,
      endedAtMs: nowMs + 3_000,
      tasks: ended ? [ended] : [],
      counts: { ...noTaskCounts, [state]: this.known(id).spec.count },
    });
    this.outputs.set(`${id}.0`, { ...output, truncated: false, leftOutBytes: { stdout: 0, stderr: 0 } });
  }

  private known(id: string): RequestRecord {
    const request = this.requests.get(id);
    if (request === undefined) throw new Error(`the fake has no request ${id}`);
    return request;
  }
}

function poolRecord(spec: PoolSpec): PoolRecord {
  return { spec, specVersion: 1, createdAtMs: nowMs, updatedAtMs: nowMs, deletingSinceMs: null };
}

export function requestRecord(id: string, submission: Pick<Submission, 'tenant' | 'pool' | 'spec'>): RequestRecord {
  const { spec } = submission;
  if (spec.type !== 'task') throw new Error('the fake keeps tasks only');
  const task = {
    index: 0,
    state: 'pending',
    attempt: 1,
    allocation: null,
    placedAtMs: null,
    startedAtMs: null,
    endedAtMs: null,
    exitCode: null,
    reason: null,
    failures: 0,
    losses: 0,
    notBeforeMs: 0,
  } as const;
  return {
    id,
    tenant: submission.tenant,
    pool: submission.pool ?? 'default',
    spec,
    bodyHash: '',
    createdAtMs: nowMs,
    state: 'pending',
    reason: null,
    startedAtMs: null,
    endedAtMs: null,
    counts: { ...noTaskCounts, pending: spec.count },
    tasks: spec.count === 1 ? [task] : [],
    closed: { chunks: 0, counts: noTaskCounts },
    cancelRequestedAtMs: null,
    quarantine: null,
    timeline: [{ atMs: nowMs, stage: 'accepted', code: 'accepted', message: 'recorded; waits for the next tick' }],
  };
}

export function fakeNode(
  pool: string,
): Awaited<ReturnType<ApplicationUseCases['listNodes']>> extends readonly (infer N)[] | null ? N : never {
  return {
    id: 'i-1',
    pool,
    launchId: 'l1',
    specVersion: 1,
    templateVersion: '1',
    instanceType: 'c7g.large',
    zone: 'us-east-1a',
    capacityType: 'spot',
    priceUsdPerHour: 0.03,
    allocatable: { cpuMilli: 2000, memoryMib: 3000, gpu: 0 },
    tasksMax: 32,
    reserved: noUsage,
    state: 'ready',
    createdAtMs: nowMs,
    readyAtMs: nowMs + 1_000,
    boot: { kernelAtMs: nowMs + 300, agentAtMs: nowMs + 900, taskAtMs: nowMs + 1_250 },
    bootId: 'b',
    seq: 1,
    lastSeenAtMs: null,
    assigned: [],
    emptySinceMs: nowMs,
    drain: null,
    isLost: false,
    terminateAcceptedAtMs: null,
    missingSinceMs: null,
  };
}
