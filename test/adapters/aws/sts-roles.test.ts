// AssumeRole as it is sent, to a stand-in written from the documented protocol: tags say whose the session is.
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { StsRoles } from '../../../lib/adapters/aws/access/sts-roles.ts';
import { RoleUnavailableError } from '../../../lib/ports/access/roles.ts';

let server: Server;
let roles: StsRoles;
let answer: readonly [number, string];
const calls: { readonly authorization: string; readonly body: URLSearchParams }[] = [];
beforeEach(async () => {
  server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      calls.push({ authorization: request.headers.authorization ?? '', body: new URLSearchParams(body) });
      response.writeHead(answer[0], { 'content-type': 'text/xml' }).end(answer[1]);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  roles = new StsRoles({
    region: 'eu-central-1',
    credentials: () => ({ accessKeyId: 'AKIAOWN', secretAccessKey: 'own', sessionToken: 'own-token' }),
    clock: { nowMs: () => Date.parse('2026-11-27T22:00:00Z') },
    endpoint: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`,
  });
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const session = {
  role: 'arn:aws:iam::123456789012:role/builds',
  tenant: 'arn:aws:iam::123456789012:role/shop',
  requestId: 'r-3f9c',
  attemptId: 'r-3f9c.7.2',
};

test('a session is tagged with tenant, request and attempt, and its credentials are read', async () => {
  answer = [
    200,
    '<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials>'
      + '<AccessKeyId>ASIA1</AccessKeyId><SecretAccessKey>planted</SecretAccessKey><SessionToken>t/+=</SessionToken>'
      + '<Expiration>2026-11-27T23:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>',
  ];
  expect(await roles.assume(session)).toEqual({
    accessKeyId: 'ASIA1',
    secretAccessKey: 'planted',
    sessionToken: 't/+=',
    expiresAtMs: Date.parse('2026-11-27T23:00:00Z'),
  });
  const call = calls.at(-1);
  expect(call?.authorization).toMatch(
    /^AWS4-HMAC-SHA256 Credential=AKIAOWN\/20261127\/eu-central-1\/sts\/aws4_request/,
  );
  expect(Object.fromEntries(call?.body ?? [])).toEqual({
    Action: 'AssumeRole',
    Version: '2011-06-15',
    RoleArn: session.role,
    RoleSessionName: 'r-3f9c.7.2',
    DurationSeconds: '3600',
    'Tags.member.1.Key': 'bellows:tenant',
    'Tags.member.1.Value': session.tenant,
    'Tags.member.2.Key': 'bellows:request',
    'Tags.member.2.Value': 'r-3f9c',
    'Tags.member.3.Key': 'bellows:attempt',
    'Tags.member.3.Value': 'r-3f9c.7.2',
  });
});

test.each<[string, number, string, boolean]>([
  ['sts answers AccessDenied', 403, '<Error><Code>AccessDenied</Code><Message>planted</Message></Error>', false],
  ['sts answers Throttling', 400, '<Error><Code>Throttling</Code></Error>', true],
  ['sts answers HTTP 503', 503, 'planted page', true],
  ['the answer of sts is not one', 200, '<AccessKeyId>planted</AccessKeyId>', true],
])('%s', async (message, status, xml, isTransient) => {
  answer = [status, xml];
  const failure: unknown = await roles.assume(session).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(RoleUnavailableError);
  expect(failure).toMatchObject({ isTransient, message: expect.stringContaining(message) as unknown });
  expect(String(failure)).not.toContain('planted');
});
