// Quotes that are kept, as the API takes and shows them.
import { expect, test } from '@jest/globals';
import { createApiHandler } from '../../../lambdas/api/handler.ts';
import { presentRequest } from '../../../lib/api/presenters.ts';
import { newRequest } from '../../../lib/core/tasks/request-lifecycle.ts';
import { RecordingLog, call, problem, noFiles } from '../calls.ts';
import { FakeUseCases, localIdentity } from '../fake-use-cases.ts';

const task = { type: 'task', resources: { vcpu: 0.5, memoryMib: 128 }, command: ['echo', 'hi'], quote: true };

const fake = new FakeUseCases();
const api = createApiHandler({ ...noFiles, useCases: fake, identity: localIdentity, log: new RecordingLog() });

test('a request asks for its quote to be kept; an item of a batch may not', async () => {
  expect((await call(api, 'POST', '/v1/requests', task)).status).toBe(202);
  expect(fake.submissions.at(-1)).toMatchObject({ isQuoted: true });
  const { body } = await call(api, 'POST', '/v1/requests/batch', { requests: [task, { ...task, quote: false }] });
  expect(body).toMatchObject({
    results: [{ status: 422, problem: { code: 'unprocessable', errors: [{ path: 'quote' }] } }, { status: 202 }],
  });
});

test('a request shows what its quote said; a pool how such quotes came true', async () => {
  const spec = fake.submissions[0]?.spec;
  if (spec?.type !== 'task') throw new Error('nothing was sent');
  const record = newRequest({ id: 'r-1', tenant: 't', pool: 'default', bodyHash: '', spec }, 0);
  expect(presentRequest(record, null)).not.toHaveProperty('quoted');
  const quoted = { endsMs: { p50: 1_000, p90: 60_000 }, usd: null };
  expect(presentRequest({ ...record, quoted }, null)).toMatchObject({
    quoted: { endsAt: { p50: '1970-01-01T00:00:01.000Z', p90: '1970-01-01T00:01:00.000Z' }, usd: null },
  });
  const path = '/v1/quotes/accuracy';
  const accuracy = await call(api, 'GET', `${path}?pool=default`);
  expect(accuracy.body).toMatchObject({ quoted: 130, finish: { known: 120, withinP90: 109 } });
  expect(problem(await call(api, 'GET', `${path}?pool=gone`)).code).toBe('unknown_pool');
  expect(problem(await call(api, 'GET', path)).code).toBe('invalid_request');
});
