// Uploads and inputs of tasks through the API: what is there is not sent again, what is not there is refused.
import { describe, expect, test } from '@jest/globals';
import { createApiHandler } from '../../../lambdas/api/handler.ts';
import type { HttpHandler } from '../../../lambdas/http/handler.ts';
import { uploadKey } from '../../../lib/control/store/file-keys.ts';
import { RecordingLog, call, noFiles, problem } from '../calls.ts';
import { FakeUseCases, localIdentity } from '../fake-use-cases.ts';

const sha256 = 'ab'.repeat(32);
const dayMs = 24 * 3_600_000;

function setUp(there: Readonly<Record<string, number | undefined>> = {}): {
  api: HttpHandler;
  fake: FakeUseCases;
  looks: string[];
} {
  const fake = new FakeUseCases();
  const looks: string[] = [];
  const api = createApiHandler({
    useCases: fake,
    identity: localIdentity,
    log: new RecordingLog(),
    clock: { nowMs: () => 10 * dayMs },
    files: {
      ...noFiles.files,
      look: async (key) => {
        looks.push(key);
        const writtenAtMs = there[key];
        return writtenAtMs === undefined ? null : { bytes: 7, writtenAtMs };
      },
    },
  });
  return { api, fake, looks };
}

const own = uploadKey('tenant-a', sha256);
const task = { type: 'task', resources: { vcpu: 0.5, memoryMib: 64 }, command: ['true'] };
const input = { upload: sha256, path: '.', unpack: true };

describe('an upload', () => {
  test('is sent to an address of its tenant, unless it is there since less than a day', async () => {
    const body = { sha256, bytes: 7 };
    const ask = async (there: Readonly<Record<string, number>>): Promise<unknown> =>
      (await call(setUp(there).api, 'POST', '/v1/uploads', body)).body;
    const address = { sha256, place: { url: `https://files.test/${own}`, headers: {} } };
    expect(await ask({})).toEqual(address);
    expect(await ask({ [uploadKey('other', sha256)]: 10 * dayMs })).toEqual(address);
    expect(await ask({ [own]: 9 * dayMs - 1 })).toEqual(address);
    expect(await ask({ [own]: 9 * dayMs + 1 })).toEqual({ sha256, place: null });
    const longer = await call(setUp({ [own]: 10 * dayMs }).api, 'POST', '/v1/uploads', { sha256, bytes: 8 });
    expect(longer.body).toEqual(address);
  });

  test.each([
    ['sha256', { sha256: '../../../x', bytes: 1 }],
    ['bytes', { sha256, bytes: 2 ** 30 + 1 }],
    ['bytes', { sha256, bytes: -1 }],
  ])('with a wrong %s is refused', async (path, body) => {
    const answer = await call(setUp().api, 'POST', '/v1/uploads', body);
    expect([answer.status, problem(answer).errors[0]?.path]).toEqual([400, path]);
  });
});

describe('a request', () => {
  test('names uploads that are there, and control hears of them', async () => {
    const { api, fake } = setUp({ [own]: 1 });
    expect((await call(api, 'POST', '/v1/requests', { ...task, inputs: [input] })).status).toBe(202);
    expect(fake.submissions[0]?.spec).toMatchObject({ inputs: [input] });
    const foreign = setUp({ [uploadKey('other', sha256)]: 1 });
    const refused = await call(foreign.api, 'POST', '/v1/requests', { ...task, inputs: [input] });
    expect([refused.status, problem(refused).code]).toEqual([422, 'unknown_upload']);
    expect([problem(refused).errors[0]?.path, foreign.fake.submissions]).toEqual(['inputs[0].upload', []]);
  });

  test('is answered by its key though its upload is gone by now', async () => {
    const there: Record<string, number | undefined> = { [own]: 1 };
    const { api } = setUp(there);
    const headers = { 'idempotency-key': 'k' };
    const first = await call(api, 'POST', '/v1/requests', { ...task, inputs: [input] }, { headers });
    there[own] = undefined;
    const again = await call(api, 'POST', '/v1/requests', { ...task, inputs: [input] }, { headers });
    expect([again.status, again.body]).toEqual([202, first.body]);
  });

  test('of a batch is refused alone, and an upload that many name is looked for once', async () => {
    const { api, looks } = setUp({ [own]: 1 });
    const requests = [
      { ...task, inputs: [input] },
      { ...task, inputs: [{ ...input, upload: 'cd'.repeat(32) }] },
      { ...task, inputs: [input] },
    ];
    const { body } = await call(api, 'POST', '/v1/requests/batch', { requests });
    expect(body).toMatchObject({
      results: [{ status: 202 }, { problem: { code: 'unknown_upload' } }, { status: 202 }],
    });
    expect(looks.filter((key) => key === own)).toHaveLength(1);
  });

  test('of a batch does not wait until the uploads of all before it were looked for', async () => {
    const [underWay, most]: [Set<string>, number[]] = [new Set(), []];
    const { fake } = setUp();
    const look = async (key: string) => {
      underWay.add(key);
      await new Promise(setImmediate);
      most.push(underWay.size);
      underWay.delete(key);
      return { bytes: 7, writtenAtMs: 1 };
    };
    const files = { ...noFiles.files, look };
    const clock = { nowMs: () => 10 * dayMs };
    const api = createApiHandler({ useCases: fake, identity: localIdentity, log: new RecordingLog(), clock, files });
    const requests = Array.from({ length: 200 }, (_, n) => ({
      ...{ ...task, idempotencyKey: `k-${String(n)}` },
      inputs: [{ ...input, upload: String(n).padStart(64, '0') }],
    }));
    const { body } = await call(api, 'POST', '/v1/requests/batch', { requests });
    expect((body as { results: { status: number }[] }).results.map(({ status }) => status)).toEqual(
      Array(200).fill(202),
    );
    expect(fake.submissions.map((one) => one.idempotencyKey)).toEqual(requests.map((one) => one.idempotencyKey));
    expect(Math.max(...most)).toBe(50);
  });

  test.each<[string, object, status?: number]>([
    ['url', { path: 'a' }],
    ['url', { path: 'a', url: 'https://example.org/a', upload: sha256 }],
    ['url', { path: 'a', url: 'http://example.org/a' }],
    ['url', { path: 'a', url: 'file:///etc/passwd' }],
    ['path', { path: '../a', url: 'https://example.org/a' }, 400],
    ['path', { path: '/a', url: 'https://example.org/a' }, 400],
    ['path', { path: '.', url: 'https://example.org/a' }],
    ['sha256', { path: 'a', upload: sha256, sha256 }],
    ['sha256', { path: 'a', url: 'https://example.org/a', sha256: 'ab' }, 400],
  ])('with a wrong %s of an input is refused', async (path, one, status = 422) => {
    const answer = await call(setUp({ [own]: 1 }).api, 'POST', '/v1/requests', { ...task, inputs: [one] });
    expect([answer.status, problem(answer).errors[0]?.path]).toEqual([status, `inputs[0].${path}`]);
  });
});
