// Objects of S3 by presigned URLs: as the role, in the region of their bucket, and no longer than its credentials.
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { S3Objects } from '../../../lib/adapters/aws/s3/objects.ts';
import { RoleUnavailableError } from '../../../lib/ports/access/roles.ts';

let server: Server;
let endpoint: string;
let region: string | null;
const asked: string[] = [];
beforeEach(async () => {
  region = 'eu-west-1';
  asked.length = 0;
  server = createServer((request, response) => {
    asked.push(`${request.method ?? ''} ${request.url ?? ''} ${request.headers.authorization ?? 'unsigned'}`);
    response.writeHead(403, region === null ? {} : { 'x-amz-bucket-region': region }).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  endpoint = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const nowMs = Date.now();
const credentials = {
  accessKeyId: 'ASIAROLE',
  secretAccessKey: 'planted',
  sessionToken: 'of-role',
  expiresAtMs: nowMs + 900_500,
};
const role = 'arn:aws:iam::123456789012:role/reads';

test('the bucket says where it is, once, and its URL is signed there by the role', async () => {
  const objects = new S3Objects({ region: 'eu-central-1', clock: { nowMs: () => nowMs }, endpoint });
  const url = new URL(await objects.downloadFrom({ bucket: 'data', key: 'in/a b+c?.csv' }, credentials, role));
  expect([url.origin, decodeURIComponent(url.pathname)]).toEqual([endpoint, '/data/in/a b+c?.csv']);
  expect(url.searchParams.get('X-Amz-Credential')).toMatch(/^ASIAROLE\/\d{8}\/eu-west-1\/s3\/aws4_request$/);
  expect(url.searchParams.get('X-Amz-Security-Token')).toBe('of-role');
  expect(url.searchParams.get('X-Amz-Expires')).toBe('900');
  await objects.downloadFrom({ bucket: 'data', key: 'b' }, credentials, role);
  expect(asked).toEqual(['HEAD /data unsigned']);
  expect(url.href).not.toContain('planted');
});

test('a bucket of which nothing is known is left to S3 to refuse; no answer is worth another try', async () => {
  region = null;
  const options = { region: 'eu-central-1', clock: { nowMs: () => nowMs } };
  const url = await new S3Objects({ ...options, endpoint }).downloadFrom(
    { bucket: 'none', key: 'a' },
    credentials,
    role,
  );
  expect(url).toContain('eu-central-1');
  const nowhere = new S3Objects({ ...options, endpoint: 'http://127.0.0.1:1' });
  const failed: unknown = await nowhere
    .downloadFrom({ bucket: 'data', key: 'a' }, credentials, role)
    .catch((error: unknown) => error);
  expect(failed).toBeInstanceOf(RoleUnavailableError);
  expect(failed).toMatchObject({ isTransient: true, message: expect.stringContaining('where the bucket data is') });
});
