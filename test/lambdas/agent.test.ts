import { describe, expect, test } from '@jest/globals';
import { createAgentHandler } from '../../lambdas/agent/handler.ts';
import type { HttpHandler } from '../../lambdas/http/handler.ts';
import {
  credentialsPath,
  credentialsReply,
  inputsPath,
  loginPath,
  outputPath,
  secretsPath,
  syncReply,
} from '../../lib/api/schemas/agent-protocol.ts';
import { agentLimits } from '../../lib/api/limits.ts';
import type { SyncReply, SyncRequest } from '../../lib/core/records/sync.ts';
import { LocalRegistries } from '../../lib/adapters/local/kept/registries.ts';
import { LocalRoles } from '../../lib/adapters/local/kept/roles.ts';
import { environmentSecrets } from '../../lib/adapters/local/secrets.ts';
import { secretsFrom } from '../../lib/ports/access/secrets.ts';
import type { TaskInput } from '../../lib/core/access/files.ts';
import { uploadKey } from '../../lib/control/store/file-keys.ts';
import type { AttemptOutput } from '../../lib/ports/outputs.ts';
import { RecordingLog, call, problem, noFiles } from './calls.ts';

const request: SyncRequest = {
  nodeId: 'i-1',
  pool: 'default',
  bootId: '2026-11-22T16:00:00.000Z-a',
  seq: 3,
  onNode: [{ attemptId: 'r1.0.1', state: 'running', startedAtMs: 1 }],
  ends: [{ attemptId: 'r2.0.1', outcome: 'exited', exitCode: 0, message: null, startedAtMs: 1, endedAtMs: 2 }],
};

const reply: SyncReply = {
  directive: 'ok',
  assigned: ['r1.0.1', 'r3.7.2'],
  acknowledged: ['r2.0.1'],
  nextSyncMs: 500,
  fenceMs: 60_000,
  killGraceMs: 5_000,
  start: [
    {
      attemptId: 'r3.7.2',
      requestId: 'r3',
      index: 7,
      attempt: 2,
      resources: { cpuMilli: 500, memoryMib: 64, gpu: 0 },
      run: { kind: 'command', argv: ['true'] },
      env: { A: 'b' },
      timeoutMs: null,
      outputUrl: outputPath('r3.7.2'),
    },
  ],
};

function setUp(from = 'env:KEY'): {
  agent: HttpHandler;
  syncs: SyncRequest[];
  written: Map<string, AttemptOutput>;
  log: RecordingLog;
  granted: object[];
} {
  const log = new RecordingLog();
  const syncs: SyncRequest[] = [];
  const written = new Map<string, AttemptOutput>();
  const granted: object[] = [];
  const agent = createAgentHandler({
    useCases: {
      sync: async (sync) => {
        syncs.push(sync);
        return reply;
      },
      hasAttempt: async (nodeId, attemptId) => nodeId === 'i-1' && attemptId !== 'foreign.0.1',
      inputsOfAttempt: async (nodeId, attemptId) =>
        nodeId !== 'i-1' || attemptId === 'foreign.0.1'
          ? null
          : attemptId.startsWith('r2')
            ? {
                tenant: 'shop',
                inputs: [{ url: 's3://data/a b', path: 'a', unpack: true }],
                role: { role, tenant: 'shop', requestId: 'r2', attemptId, pool: 'default' },
              }
            : { tenant: 'shop', inputs, role: null },
      roleOfAttempt: async (nodeId, attemptId) =>
        nodeId === 'i-1' && attemptId !== 'foreign.0.1'
          ? { role, tenant: 'shop', requestId: 'r1', attemptId, pool: 'default' }
          : null,
      imageOfAttempt: async (nodeId, attemptId) => {
        if (nodeId !== 'i-1' || attemptId === 'foreign.0.1') return null;
        if (attemptId.startsWith('r2')) return { kind: 'secret', image: 'registry.test/shop:1', from };
        const session = { role, tenant: 'shop', requestId: 'r1', attemptId, pool: 'default' };
        return { kind: 'role', image: ecrImage, role: session };
      },
      noteGrant: async (nodeId, one, expiresAtMs, what) => {
        granted.push({ nodeId, ...one, expiresAtMs, ...(what === undefined ? {} : { what }) });
      },
      secretsOfAttempt: async (nodeId, attemptId) =>
        nodeId === 'i-1' && attemptId !== 'foreign.0.1' ? [{ name: 'KEY', as: 'env', from }] : null,
    },
    files: noFiles.files,
    roles: new LocalRoles({ secret: planted, nowMs: () => 1_000 }),
    registries: new LocalRegistries(),
    objects: {
      downloadFrom: async ({ bucket, key }, { sessionToken }, by) =>
        `https://${bucket}.test/${key}?of=${by}&key=${sessionToken}`,
    },
    secrets: secretsFrom({ env: environmentSecrets(() => ({ KEY: planted, LOGIN: login })) }),
    outputs: {
      uploadUrl: async (attemptId) => outputPath(attemptId),
      write: async (attemptId, output) => {
        written.set(attemptId, output);
      },
      read: async (attemptId) => written.get(attemptId) ?? null,
    },
    identity: async (event) => {
      const nodeId = event.headers['x-node'];
      return nodeId === undefined ? null : { nodeId };
    },
    log,
  });
  return { agent, syncs, written, log, granted };
}

const role = 'arn:aws:iam::123456789012:role/builds';
const planted = 'planted-7f3a91';
const login = JSON.stringify({ username: 'builder', password: planted });
const ecrImage = '123456789012.dkr.ecr.eu-central-1.amazonaws.com/shop:1';
const inputs: readonly TaskInput[] = [
  { upload: 'ab'.repeat(32), path: '.', unpack: true },
  { url: `https://example.org/x?key=${planted}`, path: 'x' },
];
const headers = { 'x-node': 'i-1' };

describe('a sync', () => {
  test('reaches control as it was sent, and its reply is one that agents parse', async () => {
    const { agent, syncs } = setUp();
    const answer = await call(agent, 'POST', '/agent/v1/sync', request, { headers });
    expect([answer.status, syncs]).toEqual([200, [request]]);
    expect(syncReply.parse(answer.body)).toEqual(reply);
  });

  test('of a later version reaches control without what this one does not know', async () => {
    const { agent, syncs } = setUp();
    expect((await call(agent, 'POST', '/agent/v1/sync', { ...request, mood: 'fine' }, { headers })).status).toBe(200);
    expect(syncs).toEqual([request]);
  });

  test('of one node cannot speak for another, nor anybody for a node', async () => {
    const { agent, syncs } = setUp();
    expect((await call(agent, 'POST', '/agent/v1/sync', request, { headers: { 'x-node': 'i-2' } })).status).toBe(403);
    expect((await call(agent, 'POST', '/agent/v1/sync', request)).status).toBe(401);
    expect(syncs).toEqual([]);
  });

  test.each<[string, unknown]>([
    ['seq', { ...request, seq: -1 }],
    ['nodeId', { ...request, nodeId: '../x' }],
    ['onNode[0].attemptId', { ...request, onNode: [{ attemptId: 'r1', state: 'running', startedAtMs: null }] }],
    ['ends[0].outcome', { ...request, ends: [{ ...request.ends[0], outcome: 'vanished' }] }],
    ['onNode', { ...request, onNode: Array.from({ length: agentLimits.attempts + 1 }, () => request.onNode[0]) }],
  ])('with a wrong %s is refused', async (path, body) => {
    const answer = await call(setUp().agent, 'POST', '/agent/v1/sync', body, { headers });
    expect([answer.status, problem(answer).errors[0]?.path]).toEqual([400, path]);
  });
});

describe('credentials of a role', () => {
  test('are answered to the node that runs the attempt; each grant is noted, and none is in a log', async () => {
    const { agent, log, granted } = setUp();
    const answer = await call(agent, 'POST', credentialsPath('r1.0.1'), undefined, { headers });
    const { sessionToken, expiresAtMs } = credentialsReply.parse(answer.body);
    const session = { role, tenant: 'shop', requestId: 'r1', attemptId: 'r1.0.1' };
    expect(JSON.parse(Buffer.from(sessionToken, 'base64').toString())).toEqual({ ...session, expiresAtMs });
    expect(granted).toEqual([{ nodeId: 'i-1', ...session, pool: 'default', expiresAtMs: 3_601_000 }]);
    expect(JSON.stringify(log)).not.toContain(sessionToken);
    expect((await call(agent, 'POST', credentialsPath('foreign.0.1'), undefined, { headers })).status).toBe(403);
    expect((await call(agent, 'POST', credentialsPath('r1.0.1'))).status).toBe(401);
    expect(granted).toHaveLength(1);
  });
});

describe('logins of registries', () => {
  test('are answered to the node of the attempt: of a secret, of a role for ECR; no log has them', async () => {
    const { agent, log, granted } = setUp('env:LOGIN');
    const ofSecret = await call(agent, 'POST', loginPath('r2.0.1'), undefined, { headers });
    expect(ofSecret.body).toEqual({ username: 'builder', password: planted, from: 'the secret env:LOGIN' });
    const ofRole = await call(agent, 'POST', loginPath('r1.0.1'), undefined, { headers });
    expect(ofRole.body).toMatchObject({ username: 'AWS', from: `the role ${role}` });
    expect(granted).toMatchObject([{ role, what: ecrImage, expiresAtMs: 3_601_000 }]);
    expect(JSON.stringify(log)).not.toContain(planted);
    expect((await call(agent, 'POST', loginPath('foreign.0.1'), undefined, { headers })).status).toBe(403);
    expect((await call(agent, 'POST', loginPath('r1.0.1'))).status).toBe(401);
  });

  test('that a secret does not have are told without the secret', async () => {
    const { agent, log } = setUp('env:KEY');
    const answer = await call(agent, 'POST', loginPath('r2.0.1'), undefined, { headers });
    expect([answer.status, problem(answer).code]).toEqual([422, 'secret_unreadable']);
    expect(problem(answer).detail).toContain('the secret env:KEY cannot be read: for registry.test it is neither');
    expect(JSON.stringify([answer.body, log])).not.toContain(planted);
  });
});

describe('inputs', () => {
  test('are told to the node that runs the attempt; URLs are named without their keys', async () => {
    const { agent, log } = setUp();
    const answer = await call(agent, 'POST', inputsPath('r1.0.1'), undefined, { headers });
    const upload = 'ab'.repeat(32);
    const url = `https://files.test/${uploadKey('shop', upload)}`;
    expect(answer.body).toEqual({
      inputs: [
        { url, name: `the upload ${upload}`, path: '.', sha256: upload, unpack: true },
        { url: `https://example.org/x?key=${planted}`, name: 'https://example.org/x', path: 'x' },
      ],
    });
    expect((await call(agent, 'POST', inputsPath('foreign.0.1'), undefined, { headers })).status).toBe(403);
    expect((await call(agent, 'POST', inputsPath('r1.0.1'))).status).toBe(401);
    expect(JSON.stringify(log)).not.toContain(planted);
  });
});

test("inputs of S3 have addresses that the task's role has signed, which is noted and in no log", async () => {
  const { agent, log, granted } = setUp();
  const answer = await call(agent, 'POST', inputsPath('r2.0.1'), undefined, { headers });
  const url: unknown = expect.stringMatching(new RegExp(`^https://data.test/a b\\?of=${role}&key=.+`));
  expect(answer.body).toEqual({ inputs: [{ url, name: 's3://data/a b', path: 'a', unpack: true }] });
  expect(granted).toMatchObject([{ role, what: 's3://data/a b', attemptId: 'r2.0.1' }]);
  expect(JSON.stringify(log)).not.toContain('key=');
});

describe('secrets', () => {
  test('are answered to the node that runs the attempt, and are in no log', async () => {
    const { agent, log } = setUp();
    const answer = await call(agent, 'POST', secretsPath('r1.0.1'), undefined, { headers });
    expect([answer.status, answer.body]).toEqual([200, { secrets: [{ name: 'KEY', as: 'env', value: planted }] }]);
    expect(JSON.stringify(log)).toContain('env:KEY');
    expect(JSON.stringify(log)).not.toContain(planted);
    const foreign = await call(agent, 'POST', secretsPath('foreign.0.1'), undefined, { headers });
    expect([foreign.status, problem(foreign).code]).toEqual([403, 'forbidden']);
    expect((await call(agent, 'POST', secretsPath('r1.0.1'))).status).toBe(401);
  });

  test.each([
    ['env:OTHER', 422, 'secret_unreadable', 'the secret env:OTHER cannot be read: the server has no environment'],
    ['env:KEY#field', 422, 'secret_unreadable', 'the secret env:KEY#field cannot be read: it is no JSON'],
    ['ssm:/a', 422, 'secret_unreadable', 'the secret ssm:/a cannot be read: this installation reads env only'],
  ])('%s that cannot be read is named, without a value', async (from, status, code, detail) => {
    const { agent, log } = setUp(from);
    const answer = await call(agent, 'POST', secretsPath('r1.0.1'), undefined, { headers });
    expect([answer.status, problem(answer).code]).toEqual([status, code]);
    expect(problem(answer).detail).toContain(detail);
    expect(JSON.stringify([answer, log])).not.toContain(planted);
  });
});

describe('output', () => {
  test('of an attempt that the node does not run is refused', async () => {
    const { agent, written } = setUp();
    const body = { stdout: 'forged', stderr: '', truncated: false };
    const answer = await call(agent, 'PUT', outputPath('foreign.0.1'), body, { headers });
    expect([answer.status, problem(answer).code, problem(answer).detail]).toEqual([
      403,
      'forbidden',
      'i-1 does not run foreign.0.1 (any more), so its output is not its to store',
    ]);
    expect((await call(agent, 'PUT', outputPath('r1.0.1'), body, { headers: { 'x-node': 'i-2' } })).status).toBe(403);
    expect(written.size).toBe(0);
  });

  test('is kept for its attempt', async () => {
    const { agent, written } = setUp();
    const answer = await call(
      agent,
      'PUT',
      outputPath('r1.0.1'),
      { stdout: 'a', stderr: 'b', truncated: true },
      { headers },
    );
    expect([answer.status, answer.text, written.get('r1.0.1')]).toEqual([
      204,
      '',
      { stdout: 'a', stderr: 'b', isTruncated: true, leftOutBytes: { stdout: 0, stderr: 0 } },
    ]);
  });

  test('that is larger than agreed is refused, also when it fits the body', async () => {
    const stdout = 'ä'.repeat(agentLimits.outputBytesPerStream / 2 + 1);
    const answer = await call(
      setUp().agent,
      'PUT',
      outputPath('r1.0.1'),
      { stdout, stderr: '', truncated: false },
      { headers },
    );
    expect([answer.status, problem(answer).errors[0]?.path]).toEqual([422, 'stdout']);
  });

  test.each(['../../etc/passwd', 'r1', 'r1.0', 'r1.0.x'])('of %s names no attempt', async (attemptId) => {
    const { agent, written } = setUp();
    const answer = await call(
      agent,
      'PUT',
      outputPath(attemptId),
      { stdout: '', stderr: '', truncated: false },
      { headers },
    );
    expect([answer.status, written.size]).toEqual([400, 0]);
  });
});
