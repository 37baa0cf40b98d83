// The agents' function behind a private REST API: events as that gateway sends them, identity included.
import { describe, expect, test } from '@jest/globals';
import type { Context } from 'aws-lambda';
import { createAgentHandler } from '../../lambdas/agent/handler.ts';
import { LocalObjects } from '../../lib/adapters/local/kept/objects.ts';
import { LocalRegistries } from '../../lib/adapters/local/kept/registries.ts';
import { LocalRoles } from '../../lib/adapters/local/kept/roles.ts';
import { secretsFrom } from '../../lib/ports/access/secrets.ts';
import { asHttpEvent } from '../../lambdas/agent/rest-event.ts';
import { identifyIamNode } from '../../lib/adapters/aws/iam-identity.ts';
import type { SyncReply } from '../../lib/core/records/sync.ts';
import type { AttemptOutput } from '../../lib/ports/outputs.ts';
import { RecordingLog, eventOf, noFiles } from './calls.ts';

const instance = 'i-0123456789abcdef0';
const sync = { nodeId: instance, pool: 'default', bootId: 'b', seq: 1, onNode: [], ends: [] };
const reply: SyncReply = {
  directive: 'ok',
  assigned: [],
  acknowledged: [],
  nextSyncMs: 500,
  fenceMs: 60_000,
  killGraceMs: 5_000,
  start: [],
};

/** "Input format of a Lambda function for proxy integration", with the fields of IAM auth. */
function restEvent(
  method: string,
  path: string,
  body: unknown,
  over: { identity?: object; context?: object; parameters?: Record<string, string> } = {},
): object {
  const identity = {
    userArn: `arn:aws:sts::123456789012:assumed-role/Nodes/${instance}`,
    user: `AROANODES:${instance}`,
    caller: `AROANODES:${instance}`,
    accountId: '123456789012',
    sourceIp: '10.0.0.7',
    userAgent: null,
    ...over.identity,
  };
  return {
    resource: path,
    path,
    httpMethod: method,
    headers: { 'Content-Type': 'application/json', Host: 'abc-vpce-1.execute-api.us-east-1.amazonaws.com' },
    multiValueHeaders: {},
    queryStringParameters: null,
    multiValueQueryStringParameters: null,
    pathParameters: over.parameters ?? null,
    stageVariables: null,
    requestContext: {
      resourceId: 'x',
      stage: 'agents',
      path: `/agents${path}`,
      httpMethod: method,
      requestId: 'r',
      apiId: 'abc',
      identity,
      ...over.context,
    },
    body: JSON.stringify(body),
    isBase64Encoded: false,
  };
}

const written = new Map<string, AttemptOutput>();
const serve = createAgentHandler({
  useCases: {
    sync: async () => reply,
    hasAttempt: async (nodeId) => nodeId === instance,
    roleOfAttempt: async () => null,
    imageOfAttempt: async () => null,
    noteGrant: async () => {},
    inputsOfAttempt: async () => null,
    secretsOfAttempt: async () => null,
  },
  files: noFiles.files,
  roles: new LocalRoles({ secret: '', nowMs: () => 0 }),
  registries: new LocalRegistries(),
  objects: new LocalObjects(),
  secrets: secretsFrom({}),
  outputs: {
    uploadUrl: async (id) => id,
    write: async (id, output) => {
      written.set(id, output);
    },
    read: async () => null,
  },
  identity: identifyIamNode('AROANODES'),
  log: new RecordingLog(),
});
const statusOf = async (event: object): Promise<number | undefined> =>
  (await serve(asHttpEvent(event), {} as Context)).statusCode;

describe('a call through a REST API', () => {
  test('is served like one through an HTTP API, known by the session of the role', async () => {
    const answer = await serve(asHttpEvent(restEvent('POST', '/agent/v1/sync', sync)), {} as Context);
    expect([answer.statusCode, JSON.parse(answer.body ?? '')]).toEqual([200, reply]);
    expect(
      await statusOf(
        restEvent(
          'PUT',
          '/agent/v1/output/r.0.1',
          { stdout: 'hi', stderr: '', truncated: false },
          { parameters: { attemptId: 'r.0.1' } },
        ),
      ),
    ).toBe(204);
    expect(written.get('r.0.1')).toEqual({
      stdout: 'hi',
      stderr: '',
      isTruncated: false,
      leftOutBytes: { stdout: 0, stderr: 0 },
    });
  });

  test("speaks for its own instance only, and not without a signature of the nodes' role", async () => {
    expect(await statusOf(restEvent('POST', '/agent/v1/sync', { ...sync, nodeId: 'i-0fedcba9876543210' }))).toBe(403);
    expect(
      await statusOf(restEvent('POST', '/agent/v1/sync', sync, { identity: { user: `AROAOTHER:${instance}` } })),
    ).toBe(401);
    expect(await statusOf(restEvent('POST', '/agent/v1/sync', sync, { identity: { user: null, userArn: null } }))).toBe(
      401,
    );
    // Nothing else of the context counts as an identity.
    const forged = {
      authorizer: { iam: { userArn: 'arn:aws:sts::1:assumed-role/Nodes/x', userId: `AROANODES:${instance}` } },
    };
    expect(
      await statusOf(
        restEvent('POST', '/agent/v1/sync', sync, { identity: { user: null, userArn: null }, context: forged }),
      ),
    ).toBe(401);
  });

  test('that is none of its routes is a problem, not a failure', async () => {
    expect(await statusOf(restEvent('GET', '/agent/v1/sync', null))).toBe(405);
    expect(await statusOf(restEvent('GET', '/v1/requests', null))).toBe(404);
  });
});

test('a call through an HTTP API is left as it is', () => {
  const event = eventOf('POST', '/agent/v1/sync', sync);
  expect(asHttpEvent(event)).toBe(event);
});
