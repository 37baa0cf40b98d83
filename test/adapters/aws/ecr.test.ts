// GetAuthorizationToken as it is sent, to a stand-in written from the documented protocol: as the role, not ourselves.
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { createServer } from 'node:http';
import type { IncomingHttpHeaders, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { EcrRegistries } from '../../../lib/adapters/aws/access/ecr.ts';
import { RoleUnavailableError } from '../../../lib/ports/access/roles.ts';

let server: Server;
let registries: EcrRegistries;
let answer: readonly [number, unknown];
let asked: IncomingHttpHeaders;
beforeEach(async () => {
  server = createServer((request, response) => {
    asked = request.headers;
    request.resume().on('end', () => {
      response.writeHead(answer[0], { 'content-type': 'application/x-amz-json-1.1' }).end(JSON.stringify(answer[1]));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  registries = new EcrRegistries({
    clock: { nowMs: () => Date.parse('2026-11-28T15:00:00Z') },
    endpoint: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`,
  });
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const role = 'arn:aws:iam::123456789012:role/pulls';
const credentials = { accessKeyId: 'ASIAROLE', secretAccessKey: 'key', sessionToken: 'of-role', expiresAtMs: 1 };
const login = () => registries.login('eu-central-1', credentials, role);

test('it is asked as the role, in the region of the registry, and its login is read', async () => {
  const authorizationToken = Buffer.from('AWS:planted:token').toString('base64');
  answer = [200, { authorizationData: [{ authorizationToken, expiresAt: 1_795_921_200.5, proxyEndpoint: 'x' }] }];
  expect(await login()).toEqual({ username: 'AWS', password: 'planted:token', expiresAtMs: 1_795_921_200_500 });
  expect(asked['x-amz-target']).toBe('AmazonEC2ContainerRegistry_V20150921.GetAuthorizationToken');
  expect(asked['x-amz-security-token']).toBe('of-role');
  expect(asked.authorization).toContain('Credential=ASIAROLE/20261128/eu-central-1/ecr/aws4_request');
});

test.each<[string, number, unknown, string, boolean]>([
  ['a role without the permission', 400, { __type: 'AccessDeniedException' }, 'ecr:GetAuthorizationToken on *', false],
  ['throttling', 400, { __type: 'com.amazonaws#ThrottlingException' }, 'ecr answers ThrottlingException', true],
  ['a fault of its own', 500, {}, 'ecr answers HTTP 500', true],
  ['an answer that is none', 200, { authorizationData: [] }, 'the answer of ecr is not one', true],
])('%s is told with the role', async (_, status, body, text, isTransient) => {
  answer = [status, body];
  const failed: unknown = await login().catch((error: unknown) => error);
  expect(failed).toBeInstanceOf(RoleUnavailableError);
  expect(failed).toMatchObject({ isTransient, message: expect.stringContaining(text) });
  expect(String(failed)).toContain(role);
});
