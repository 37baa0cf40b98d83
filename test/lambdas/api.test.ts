import { describe, expect, test } from '@jest/globals';
import { fc } from '../properties.ts';
import { createApiHandler } from '../../lambdas/api/handler.ts';
import type { HttpHandler } from '../../lambdas/http/handler.ts';
import { limits } from '../../lib/api/limits.ts';
import { problemView } from '../../lib/api/problems.ts';
import type { Route } from '../../lib/api/routes.ts';
import { routes } from '../../lib/api/routes.ts';
import { leftOutLine } from '../../lib/core/values/output.ts';
import { TargetGroupRefusedError, UnsatisfiableError } from '../../lib/control/errors.ts';
import { ThrottledError, UnknownOutcomeError } from '../../lib/ports/store.ts';
import type { Answer } from './calls.ts';
import { RecordingLog, call, problem, noFiles } from './calls.ts';
import { FakeUseCases, caller, localIdentity } from './fake-use-cases.ts';

const task = { type: 'task', resources: { vcpu: 0.5, memoryMib: 128 }, command: ['echo', 'hi'] };

function setUp(identity = localIdentity): { api: HttpHandler; fake: FakeUseCases; log: RecordingLog } {
  const fake = new FakeUseCases();
  const log = new RecordingLog();
  return { api: createApiHandler({ ...noFiles, useCases: fake, identity, log }), fake, log };
}

describe('submitting', () => {
  test('answers 202 with the request as the contract shows it', async () => {
    const { api, fake } = setUp();
    const answer = await call(api, 'POST', '/v1/requests', task);
    expect(answer.status).toBe(202);
    expect(answer.body).toEqual({
      id: 'r1',
      type: 'task',
      pool: 'default',
      tenant: 'tenant-a',
      state: 'pending',
      reason: null,
      createdAt: '2026-11-22T16:00:00.000Z',
      startedAt: null,
      endedAt: null,
      count: 1,
      counts: { pending: 1, running: 0, succeeded: 0, failed: 0, cancelled: 0 },
      exitCode: null,
      attempts: 0,
      lastAttemptUsd: null,
      usd: 0,
      allocation: null,
      waitsFor: { code: 'accepted', message: 'recorded; waits for the next tick' },
      asked: {
        command: ['echo', 'hi'],
        env: [],
        resources: { vcpu: 0.5, memoryMib: 128, gpu: 0 },
        requirements: {},
        priority: 0,
        retries: 0,
      },
    });
    expect(fake.submissions[0]).toMatchObject({
      tenant: 'tenant-a',
      idempotencyKey: null,
      pool: null,
      spec: { resources: { cpuMilli: 500, memoryMib: 128, gpu: 0 }, count: 1, retries: 0, timeoutMs: null },
    });
  });

  test('the order of keys does not make another body, and another body is a conflict', async () => {
    const { api } = setUp();
    const headers = { 'idempotency-key': 'k1' };
    const first = await call(api, 'POST', '/v1/requests', task, { headers });
    const again = await call(
      api,
      'POST',
      '/v1/requests',
      { command: ['echo', 'hi'], resources: { memoryMib: 128, vcpu: 0.5 }, type: 'task' },
      { headers },
    );
    expect([again.status, again.body]).toEqual([202, first.body]);
    const other = await call(api, 'POST', '/v1/requests', { ...task, count: 2 }, { headers });
    expect([other.status, problem(other).code]).toEqual([409, 'idempotency_conflict']);
  });

  test.each(['', 'é', 'x'.repeat(256), 'a\nb'])('refuses the idempotency key %j', async (key) => {
    const { api, fake } = setUp();
    const answer = await call(api, 'POST', '/v1/requests', task, { headers: { 'idempotency-key': key } });
    expect([answer.status, problem(answer).errors[0]?.path]).toEqual([400, 'idempotency-key']);
    expect(fake.submissions).toEqual([]);
  });

  test('answers 422 for what this installation cannot serve, singly and in a batch', async () => {
    const api = createApiHandler({
      ...noFiles,
      useCases: new FakeUseCases(),
      identity: localIdentity,
      log: new RecordingLog(),
      unavailable: async () => ({ image: 'there is no engine' }),
    });
    const answer = await call(api, 'POST', '/v1/requests', { ...task, image: 'alpine' });
    expect([answer.status, problem(answer).code, problem(answer).errors]).toEqual([
      422,
      'unsupported',
      [{ path: 'image', message: 'there is no engine' }],
    ]);
    const batch = await call(api, 'POST', '/v1/requests/batch', { requests: [task, { ...task, image: 'alpine' }] });
    expect((batch.body as { results: { status: number }[] }).results.map((one) => one.status)).toEqual([202, 422]);
    expect((await call(setUp().api, 'POST', '/v1/requests', { ...task, image: 'alpine' })).status).toBe(202);
  });

  test('answers 422 for a service with target groups where none is reached', async () => {
    const arn = 'arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/web/0123456789abcdef';
    const { type: _type, ...template } = task;
    const body = { template: { ...template, ports: [{ name: 'http' }] }, targetGroups: [{ arn, port: 'http' }] };
    const useCases = new FakeUseCases();
    const unavailable = async () => ({ targetGroups: 'no load balancer reaches it' });
    const options = { ...noFiles, useCases, identity: localIdentity, log: new RecordingLog() };
    const answer = await call(createApiHandler({ ...options, unavailable }), 'PUT', '/v1/services/web', body);
    expect([answer.status, problem(answer).code, problem(answer).errors]).toEqual([
      422,
      'unsupported',
      [{ path: 'targetGroups', message: 'no load balancer reaches it' }],
    ]);
    expect((await call(createApiHandler(options), 'PUT', '/v1/services/web', body)).status).toBe(200);
    const shown = (await call(createApiHandler(options), 'GET', '/v1/services/web')).body;
    expect(shown).toMatchObject({
      targetGroups: [{ arn, port: 'http', registered: 1, healthy: 1, troubles: [{ call: 'register' }] }],
    });
  });

  test('answers 403 for a target group that the pool does not grant', async () => {
    const { api, fake } = setUp();
    fake.nextError = new TargetGroupRefusedError('pool default does not let services of shop');
    const answer = await call(api, 'POST', '/v1/requests', task);
    expect([answer.status, problem(answer).code]).toEqual([403, 'target_group_refused']);
  });

  test('an unsatisfiable request says which constraint excludes what', async () => {
    const { api, fake } = setUp();
    fake.nextError = new UnsatisfiableError('no offering has 900 vCPU', [{ constraint: 'vcpu', offerings: 12 }]);
    const answer = await call(api, 'POST', '/v1/requests', task);
    expect([answer.status, problem(answer).code, problem(answer).errors]).toEqual([
      422,
      'unsatisfiable',
      [{ path: 'vcpu', message: 'excludes 12 offerings' }],
    ]);
  });

  test('an unknown pool is 404', async () => {
    const answer = await call(setUp().api, 'POST', '/v1/requests', { ...task, pool: 'nope' });
    expect([answer.status, problem(answer).code]).toEqual([404, 'unknown_pool']);
  });

  test('a task that does not fit a store item is 413', async () => {
    const env = Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`V${String(index)}`, 'x'.repeat(20_000)]));
    const answer = await call(setUp().api, 'POST', '/v1/requests', { ...task, env });
    expect([answer.status, problem(answer).code]).toEqual([413, 'too_large']);
  });
});

describe('batches', () => {
  test('each item has its own result, in order', async () => {
    const { api, fake } = setUp();
    const answer = await call(api, 'POST', '/v1/requests/batch', {
      requests: [
        task,
        { ...task, resources: { vcpu: -1, memoryMib: 1 } },
        7,
        { ...task, gang: true, learningStyle: 'predictive', pool: 'nope' },
        { ...task, pool: 'nope' },
        { ...task, idempotencyKey: 'k' },
      ],
    });
    const { results } = answer.body as {
      results: { status: number; id?: string; problem?: { code: string; errors: { path: string }[] } }[];
    };
    expect(results.map((one) => one.status)).toEqual([202, 400, 400, 404, 404, 202]);
    expect(results[1]?.problem?.errors[0]?.path).toBe('resources.vcpu');
    expect(results[5]?.id).toBe('r2');
    expect(fake.submissions.map((one) => one.idempotencyKey)).toEqual([null, null, null, 'k']);
  });

  test('the key of an item is no part of its body: singly or in a batch it is the same request', async () => {
    const { api } = setUp();
    const single = await call(api, 'POST', '/v1/requests', task, { headers: { 'idempotency-key': 'k' } });
    const batch = await call(api, 'POST', '/v1/requests/batch', { requests: [{ idempotencyKey: 'k', ...task }] });
    expect(batch.body).toEqual({ results: [{ status: 202, id: (single.body as { id: string }).id }] });
  });

  test('items without a key derive it from the header and their position', async () => {
    const { api, fake } = setUp();
    const send = (): Promise<Answer> =>
      call(api, 'POST', '/v1/requests/batch', { requests: [task, task] }, { headers: { 'idempotency-key': 'b' } });
    const first = await send();
    expect((await send()).body).toEqual(first.body);
    expect(fake.requests.size).toBe(2);
  });

  test.each([
    [{ requests: [] }],
    [{ requests: Array(1001).fill(1) }],
    [{ requests: {} }],
    [{}],
    [{ requests: [task], more: 1 }],
  ])('refuses a batch that is none', async (body) => {
    expect((await call(setUp().api, 'POST', '/v1/requests/batch', body)).status).toBe(400);
  });

  test('the error of one item is logged and does not reach the caller', async () => {
    const { api, fake, log } = setUp();
    fake.nextError = new TypeError('secret detail');
    const answer = await call(api, 'POST', '/v1/requests/batch', { requests: [task, task] });
    expect((answer.body as { results: { status: number }[] }).results.map((one) => one.status)).toEqual([500, 202]);
    expect(answer.text).not.toContain('secret');
    expect(log.lines.map((line) => line.fields['error'])).toEqual([
      expect.objectContaining({ message: 'secret detail' }),
    ]);
  });
});

describe('reading', () => {
  test('an ended request shows its allocation with the policies of its pool', async () => {
    const { api, fake } = setUp();
    await call(api, 'POST', '/v1/requests', task);
    fake.end('r1', 3, { stdout: 'out', stderr: 'err' });
    const answer = await call(api, 'GET', '/v1/requests/r1');
    expect(answer.body).toMatchObject({
      state: 'failed',
      exitCode: 3,
      attempts: 1,
      allocation: {
        resourceType: 'ec2-instance',
        instanceType: 'c7g.large',
        zone: 'us-east-1a',
        capacityType: 'spot',
        priceUsdPerHour: 0.03,
        placement: 'least-cost',
        learningStyle: 'reactive',
      },
    });
    expect((await call(api, 'GET', '/v1/requests/r1/output')).body).toEqual({
      stdout: 'out',
      stderr: 'err',
      truncated: false,
      leftOutBytes: { stdout: 0, stderr: 0 },
      next: '1,3,3',
      ended: true,
    });
    const ofBytes = { stdout: `a\udcff${leftOutLine(7)}\udce2\udc82`, stderr: '\0' };
    fake.outputs.set('r1.0', { ...ofBytes, truncated: true, leftOutBytes: { stdout: 7, stderr: 0 } });
    const shown = { stdout: `a\ufffd${leftOutLine(7)}\ufffd\ufffd`, stderr: '\0', leftOutBytes: { stdout: 7 } };
    expect((await call(api, 'GET', '/v1/requests/r1/output')).body).toMatchObject(shown);
    const raw = [Buffer.from([0x61, 0xff, 0xe2, 0x82]), Buffer.from([0])].map((bytes) => bytes.toString('base64'));
    const query = 'encoding=base64&sinceBytes=0,0,0';
    for (const asked of ['encoding=base64', query])
      expect((await call(api, 'GET', `/v1/requests/r1/output?${asked}`)).body).toMatchObject({
        stdout: raw[0],
        stderr: raw[1],
        leftOutBytes: { stdout: 7, stderr: 0 },
      });
    expect((await call(api, 'GET', '/v1/requests/r1/output?encoding=hex')).status).toBe(400);
    expect((await call(api, 'GET', '/v1/requests?state=failed')).body).toMatchObject({
      items: [{ id: 'r1', allocation: { placement: 'least-cost' } }],
      nextCursor: null,
    });
  });

  test('pages go on where the cursor says, and a foreign cursor is refused', async () => {
    const { api } = setUp();
    for (let index = 0; index < 3; index++) await call(api, 'POST', '/v1/requests', task);
    const first = (await call(api, 'GET', '/v1/requests?limit=2')).body as {
      items: { id: string }[];
      nextCursor: string;
    };
    const second = (await call(api, 'GET', `/v1/requests?limit=2&cursor=${first.nextCursor}`)).body as {
      items: { id: string }[];
      nextCursor: null;
    };
    expect([...first.items, ...second.items].map((one) => one.id)).toEqual(['r1', 'r2', 'r3']);
    expect(second.nextCursor).toBeNull();
    const foreign = await call(api, 'GET', '/v1/requests?cursor=zzz');
    expect([foreign.status, problem(foreign).code]).toEqual([400, 'invalid_cursor']);
  });

  test.each(['limit=0', 'limit=1001', 'limit=1.5', 'limit=', 'state=done', 'colour=red', 'cursor='])(
    'refuses the query %s',
    async (query) => {
      const answer = await call(setUp().api, 'GET', `/v1/requests?${query}`);
      expect([answer.status, problem(answer).code]).toEqual([400, 'invalid_request']);
    },
  );

  test('a route without query parameters takes none', async () => {
    expect(problem(await call(setUp().api, 'GET', '/v1/stats?x=1')).errors).toEqual([
      { path: 'x', message: expect.stringContaining('takes none') },
    ]);
  });

  test.each([
    ['GET', '/v1/requests/nope'],
    ['DELETE', '/v1/requests/nope'],
    ['GET', '/v1/requests/nope/timeline'],
    ['GET', '/v1/requests/nope/output'],
    ['GET', '/v1/requests/%zz'],
    ['GET', '/v1/requests/a%2Fb'],
    ['GET', '/v1/requests/%00'],
    ['GET', '/v1/pools/nope'],
    ['GET', '/v1/pools/No!'],
    ['GET', '/v1/pools/nope/nodes'],
    ['GET', '/v1/pools/nope/activity'],
    ['DELETE', '/v1/pools/nope'],
  ])('%s %s is 404', async (method, path) => {
    const answer = await call(setUp().api, method, path);
    expect(answer.status).toBe(404);
    expect(['not_found', 'unknown_pool']).toContain(problem(answer).code);
  });

  test('output of an index that the request does not have is 404', async () => {
    const { api } = setUp();
    await call(api, 'POST', '/v1/requests', { ...task, count: 2 });
    expect((await call(api, 'GET', '/v1/requests/r1/output?index=1')).status).toBe(200);
    expect((await call(api, 'GET', '/v1/requests/r1/output?index=2')).status).toBe(404);
  });
});

describe('pools', () => {
  test('put and get keep seconds outside and fill in defaults', async () => {
    const { api, fake } = setUp();
    const put = await call(api, 'PUT', '/v1/pools/batch', {
      requirements: { arch: ['arm64'] },
      limits: { usdPerHour: 2 },
      idleAfterSeconds: 1.5,
    });
    expect(put.status).toBe(200);
    expect(fake.pools.get('batch')?.spec).toEqual({
      name: 'batch',
      requirements: { arch: ['arm64'] },
      limits: { usdPerHour: 2 },
      tasksPerNode: 32,
      ordering: 'priority',
      placement: 'least-cost',
      learningStyle: 'reactive',
      idleAfterMs: 1500,
      priority: 0,
      accepts: ['task'],
    });
    expect((await call(api, 'GET', '/v1/pools/batch')).body).toMatchObject({
      name: 'batch',
      idleAfterSeconds: 1.5,
      deletingSince: null,
    });
  });

  test('a body that names another pool than the path is refused', async () => {
    expect(problem(await call(setUp().api, 'PUT', '/v1/pools/a', { name: 'b' })).errors[0]?.path).toBe('name');
  });
});

describe('the dry run', () => {
  const demand = { resources: { vcpu: 1, memoryMib: 512 }, count: 3 };

  test('answers one entry per node, and records nothing', async () => {
    const { api, fake } = setUp();
    const answer = await call(api, 'POST', '/v1/plan', { pool: 'default', requests: [{ id: 'a', ...demand }] });
    const plan = answer.body as {
      launches: { priceUsdPerHour: number; requestIds: string[]; tasks: { count: number }[] }[];
      costUsdPerHour: number;
    };
    expect(answer.status).toBe(200);
    expect(plan.launches.flatMap((one) => one.tasks).reduce((sum, one) => sum + one.count, 0)).toBe(3);
    expect(plan.launches.reduce((sum, one) => sum + one.priceUsdPerHour, 0)).toBeCloseTo(plan.costUsdPerHour);
    expect(fake.submissions).toEqual([]);
  });

  test('takes a pool as it would be put, and says where it is wrong', async () => {
    expect(
      (await call(setUp().api, 'POST', '/v1/plan', { pool: { requirements: { arch: ['arm64'] } }, requests: [demand] }))
        .status,
    ).toBe(200);
    expect(
      problem(await call(setUp().api, 'POST', '/v1/plan', { pool: { limits: { cpus: 1 } }, requests: [demand] }))
        .errors[0]?.path,
    ).toBe('pool.limits.cpus');
  });

  test('ids must be unique', async () => {
    expect(
      (
        await call(setUp().api, 'POST', '/v1/plan', {
          pool: 'default',
          requests: [
            { id: 'a', ...demand },
            { id: 'a', ...demand },
          ],
        })
      ).status,
    ).toBe(422);
  });
});

describe('paths and methods', () => {
  test('an unknown path names near ones', async () => {
    const answer = await call(setUp().api, 'GET', '/v1/request');
    expect([answer.status, problem(answer).detail]).toEqual([404, expect.stringContaining('/v1/requests,')]);
  });

  test('a known path with another method is 405 with Allow', async () => {
    for (const method of ['PATCH', 'DELETE', 'TRACE']) {
      const answer = await call(setUp().api, method, '/v1/requests');
      expect([answer.status, answer.headers['allow']]).toEqual([405, 'POST, GET, HEAD, OPTIONS']);
    }
  });

  test('OPTIONS says what a path takes, HEAD answers as GET without a body', async () => {
    const options = await call(setUp().api, 'OPTIONS', '/v1/pools/default');
    expect([options.status, options.headers['allow']]).toEqual([204, 'PUT, GET, DELETE, HEAD, OPTIONS']);
    const head = await call(setUp().api, 'HEAD', '/v1/pools/default');
    expect([head.status, head.text]).toEqual([200, '']);
    const missing = await call(setUp().api, 'HEAD', '/v1/pools/nope');
    expect([missing.status, missing.text]).toEqual([404, '']);
  });

  test('a trailing slash is the same path, and a percent-encoded name the same name', async () => {
    expect((await call(setUp().api, 'GET', '/v1/pools/')).status).toBe(200);
    expect((await call(setUp().api, 'GET', '/v1/pools/d%65fault')).status).toBe(200);
  });

  test('tenants: whoever may not declare pools sees none of them, and what cannot be is refused', async () => {
    const { api, fake } = setUp();
    const put = (name: string, body: unknown): Promise<Answer> => call(api, 'PUT', `/v1/tenants/${name}`, body);
    expect((await put('user:jane', { weight: 2 })).body).toMatchObject({ name: 'user/jane', weight: 2 });
    expect((await put('shop', {})).body).toMatchObject({ weight: 1 });
    for (const weight of [0, -1, 1e9, '2', null]) expect(problem(await put('shop', { weight })).status).toBe(400);
    expect(problem(await put('a%2Fb', { weight: 2 })).status).toBe(400);
    expect(fake.tenants.size).toBe(2);
    const { api: tenants } = setUp(async () => caller('shop', ['read', 'request']));
    for (const path of ['/v1/tenants', '/v1/tenants/shop'])
      expect(problem(await call(tenants, 'GET', path)).code).toBe('forbidden');
  });

  test('every route of the table is served, and none answers 5xx to an empty call', async () => {
    for (const route of Object.values<Route>(routes)) {
      const { api, fake } = setUp();
      await fake.putTenant({ name: 'default', weight: 1 });
      const hook = { name: 'default', url: 'https://example.com/', filter: {} };
      await fake.webhooks.put({ ...hook, tenant: 'tenant-a' });
      const path = route.path.replace('{id}', 'r1').replace('{name}', 'default');
      const answer = await call(api, route.method, path, route.body === undefined ? undefined : {});
      expect([
        route.path,
        answer.status < 500,
        [404, 405].includes(answer.status) && !/r1|services/.test(path),
      ]).toEqual([route.path, true, false]);
    }
  });
});

describe('bodies', () => {
  test.each([
    [400, 'malformed_json', '{"type":', 'application/json'],
    [400, 'malformed_json', '', 'application/json'],
    [400, 'invalid_request', 'null', 'application/json'],
    [400, 'invalid_request', '"text"', 'application/json'],
    [415, 'unsupported_media_type', JSON.stringify(task), 'text/plain'],
    [415, 'unsupported_media_type', JSON.stringify(task), ''],
    [202, null, JSON.stringify(task), 'Application/JSON; charset=utf-8'],
    [413, 'too_large', `"${'x'.repeat(limits.bodyBytes)}"`, 'application/json'],
  ])('answers %d %s', async (status, code, text, type) => {
    const answer = await call(setUp().api, 'POST', '/v1/requests', undefined, {
      text,
      headers: { 'content-type': type },
    });
    expect(answer.status).toBe(status);
    if (code !== null) expect(problem(answer).code).toBe(code);
  });

  test('base64 bodies are read as UTF-8 and refused when they are not', async () => {
    const encoded = Buffer.from(JSON.stringify({ ...task, command: ['echo', 'ä'] })).toString('base64');
    expect((await call(setUp().api, 'POST', '/v1/requests', undefined, { text: encoded, isBase64: true })).status).toBe(
      202,
    );
    const broken = Buffer.from([0x22, 0xff, 0x22]).toString('base64');
    expect(
      problem(await call(setUp().api, 'POST', '/v1/requests', undefined, { text: broken, isBase64: true })).code,
    ).toBe('malformed_json');
  });

  test('deeply nested JSON is refused, not crashed on', async () => {
    const text = `{"type":"task","env":${'['.repeat(100_000)}${']'.repeat(100_000)}}`;
    expect((await call(setUp().api, 'POST', '/v1/requests', undefined, { text })).status).toBe(400);
  });
});

describe('who may', () => {
  test('an unknown caller is 401, a missing permission 403, and health is open', async () => {
    const nobody = setUp(async () => null).api;
    expect((await call(nobody, 'GET', '/v1/requests')).status).toBe(401);
    expect((await call(nobody, 'GET', '/healthz')).status).toBe(200);
    const reader = setUp(async () => caller('tenant-a', ['read'])).api;
    expect((await call(reader, 'GET', '/v1/requests')).status).toBe(200);
    expect((await call(reader, 'POST', '/v1/requests', task)).status).toBe(403);
    expect((await call(reader, 'PUT', '/v1/pools/a', {})).status).toBe(403);
  });

  test('the tenant comes from the identity, and a body that names one is refused', async () => {
    const { api, fake } = setUp(async () => caller('tenant-b', ['request']));
    await call(api, 'POST', '/v1/requests', task);
    expect(fake.submissions[0]?.tenant).toBe('tenant-b');
    expect((await call(api, 'POST', '/v1/requests', { ...task, tenant: 'tenant-a' })).status).toBe(400);
  });
});

describe('what goes wrong inside', () => {
  test('an unexpected error is logged with itself and answered without details', async () => {
    const { api, fake, log } = setUp();
    fake.nextError = new TypeError('secret detail');
    const answer = await call(api, 'GET', '/v1/requests/r1');
    expect([answer.status, problem(answer).code]).toEqual([500, 'internal']);
    expect(answer.text).not.toContain('secret');
    expect(log.lines).toEqual([
      { level: 'error', message: 'GET /v1/requests/r1 failed', fields: { error: expect.any(TypeError) } },
    ]);
  });

  test.each([new ThrottledError(), new UnknownOutcomeError()])(
    'a busy store is 503 with Retry-After: %s',
    async (error) => {
      const { api, fake } = setUp();
      fake.nextError = error;
      const answer = await call(api, 'POST', '/v1/requests', task);
      expect([answer.status, problem(answer).code, answer.headers['retry-after']]).toEqual([503, 'unavailable', '1']);
    },
  );
});

describe('whatever a caller sends', () => {
  const path = fc.oneof(
    fc.constantFrom(...Object.values(routes).map((route) => route.path)),
    fc.string().map((text) => `/v1/requests/${text.replaceAll('?', '')}`),
    fc.webPath().map((text) => `/${text.replace(/^\//, '')}`),
  );
  const garbage = fc.oneof(
    fc.json(),
    fc.string(),
    fc.jsonValue().map((value) => JSON.stringify({ ...task, ...(typeof value === 'object' ? value : { env: value }) })),
    fc
      .record(
        {
          type: fc.constant('task'),
          resources: fc.jsonValue(),
          command: fc.jsonValue(),
          env: fc.jsonValue(),
          requirements: fc.jsonValue(),
        },
        { requiredKeys: ['type'] },
      )
      .map((value) => JSON.stringify(value)),
    fc.array(fc.jsonValue(), { maxLength: 3 }).map((requests) => JSON.stringify({ requests, pool: 'default' })),
  );

  test('is never answered with a 5xx, and every refusal is a problem', async () => {
    const { api, log } = setUp();
    const methods = fc.constantFrom('GET', 'POST', 'PUT', 'DELETE', 'HEAD', 'PATCH');
    await fc.assert(
      fc.asyncProperty(
        methods,
        path,
        garbage,
        fc.dictionary(fc.string(), fc.string(), { maxKeys: 2 }),
        async (method, target, text, query) => {
          const search = new URLSearchParams(query).toString();
          const answer = await call(api, method, search === '' ? target : `${target}?${search}`, undefined, {
            text,
            headers: { 'idempotency-key': text.slice(0, 5) },
          });
          expect(answer.status).toBeLessThan(500);
          if (answer.status >= 400 && method !== 'HEAD') expect(problemView.safeParse(answer.body).success).toBe(true);
        },
      ),
      { numRuns: 1_500 },
    );
    expect(log.lines).toEqual([]);
  });
});
