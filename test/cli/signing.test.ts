// Calls to a deployed API: signed with the standard credential sources so that the SDK's own signer agrees, and every
// way of being refused said in one sentence with its cure.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { IncomingMessage, RequestListener, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, expect, test } from '@jest/globals';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { gatewayRegion } from '../../cli/signing.ts';

const keys = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' };
const stats = { pools: 0 };
const folder = mkdtempSync(join(tmpdir(), 'bellows-signing-'));
const servers: Server[] = [];

afterEach(async () => {
  for (const server of servers.splice(0))
    await new Promise((resolve) => {
      server.close(resolve);
      server.closeAllConnections();
    });
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

async function serve(listener: (...args: Parameters<RequestListener>) => void | Promise<void>): Promise<string> {
  const server = createServer((request, response) => void listener(request, response));
  servers.push(server);
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
}

/** The program itself, with nothing of this machine's own credentials. */
async function bellows(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<{ readonly exit: number | null; readonly out: string; readonly err: string }> {
  const child = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', fileURLToPath(new URL('../../cli/main.ts', import.meta.url)), ...args],
    {
      env: { PATH: process.env['PATH'] ?? '', HOME: folder, AWS_EC2_METADATA_DISABLED: 'true', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  let [out, err] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => {
    out += chunk.toString();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    err += chunk.toString();
  });
  const exit = await new Promise<number | null>((resolve) => {
    child.once('close', resolve);
  });
  return { exit, out, err };
}

const ownKeys = { AWS_ACCESS_KEY_ID: keys.accessKeyId, AWS_SECRET_ACCESS_KEY: keys.secretAccessKey };

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

/** What the SDK's own signer makes of a call that came in, from the headers that the caller says it signed. */
async function sdkAuthorization(
  request: IncomingMessage,
  body: string,
  region: string,
  credentials: typeof keys & { readonly sessionToken?: string },
): Promise<string> {
  const { config } = new EventBridgeClient({ region, credentials });
  const signer = await config.signer({
    schemeId: 'aws.auth#sigv4',
    name: 'sigv4',
    signingName: 'execute-api',
    signingRegion: region,
    properties: {},
  } as never);
  const names = /SignedHeaders=([^,]+)/.exec(request.headers.authorization ?? '')?.[1]?.split(';') ?? [];
  const date = String(request.headers['x-amz-date']).replace(
    /(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z/,
    '$1-$2-$3T$4:$5:$6Z',
  );
  const url = new URL(request.url ?? '', 'http://any');
  const signed = await signer.sign(
    {
      method: request.method ?? '',
      protocol: 'http:',
      hostname: '',
      path: url.pathname,
      query: Object.fromEntries(url.searchParams),
      body,
      headers: Object.fromEntries(
        names
          .filter((name) => !['x-amz-date', 'x-amz-security-token'].includes(name))
          .map((name) => [name, String(request.headers[name])]),
      ),
    },
    { signingDate: new Date(date), unsignableHeaders: new Set(['x-amz-content-sha256']) },
  );
  return signed.headers['authorization'] ?? '';
}

interface Seen {
  readonly ours: string;
  readonly theirs: string;
  readonly call: string;
  readonly token: unknown;
}

async function gateway(
  credentials: typeof keys & { readonly sessionToken?: string },
): Promise<{ readonly url: string; readonly seen: Seen[] }> {
  const seen: Seen[] = [];
  const url = await serve(async (request, response) => {
    const body = await bodyOf(request);
    seen.push({
      ours: request.headers.authorization ?? '',
      theirs: await sdkAuthorization(request, body, 'eu-central-1', credentials),
      call: `${request.method ?? ''} ${request.url ?? ''} ${body}`,
      token: request.headers['x-amz-security-token'],
    });
    response.writeHead(404, { 'content-type': 'application/problem+json' });
    response.end(JSON.stringify({ type: 't', title: 't', status: 404, code: 'not_found', detail: 'seen', errors: [] }));
  });
  return { url, seen };
}

test(
  'keys of the environment: what is sent is what the SDK would sign, with a body, a query and odd '
    + 'characters in the path',
  async () => {
    const { url, seen } = await gateway(keys);
    const env = { ...ownKeys, AWS_REGION: 'eu-central-1', BELLOWS_URL: url, BELLOWS_SIGN: '1' };
    expect(await bellows(['run', '--key', 'my key', '--', 'echo', 'é'], env)).toMatchObject({
      exit: 4,
      err: expect.stringContaining('not_found (404): seen'),
    });
    await bellows(['requests', '--pool', 'a b+c*d', '--limit', '3'], env);
    await bellows(['show', "r:1 (a)*'é"], env);
    expect(seen.map((one) => one.call.split(' ').slice(0, 2).join(' '))).toEqual([
      'POST /v1/requests',
      'GET /v1/requests?pool=a%20b%2Bc*d&limit=3',
      "GET /v1/requests/r%3A1%20(a)*'%C3%A9",
    ]);
    expect(seen[0]?.ours).toMatch(
      new RegExp(
        '^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/\\d{8}/eu-central-1/execute-api/aws4_request, '
          + 'SignedHeaders=accept;content-type;host;idempotency-key;x-amz-date, Signature=[0-9a-f]{64}$',
      ),
    );
    for (const { ours, theirs } of seen) expect(ours).toBe(theirs);
  },
);

test('a profile whose keys a process gives, with a session token; the region is the profile’s', async () => {
  const session = { ...keys, sessionToken: 'a/token+of=a=role' };
  const { url, seen } = await gateway(session);
  const process_ = join(folder, 'credentials.json');
  writeFileSync(
    process_,
    JSON.stringify({
      Version: 1,
      AccessKeyId: keys.accessKeyId,
      SecretAccessKey: keys.secretAccessKey,
      SessionToken: session.sessionToken,
    }),
  );
  writeFileSync(
    join(folder, 'config'),
    `[profile team]\nregion = eu-central-1\ncredential_process = cat ${process_}\n`,
  );
  const ran = await bellows(['--sign', '--server', url, 'stats'], {
    AWS_PROFILE: 'team',
    AWS_CONFIG_FILE: join(folder, 'config'),
    AWS_SHARED_CREDENTIALS_FILE: join(folder, 'none'),
  });
  expect([ran.exit, ran.err]).toEqual([4, expect.stringContaining('seen')]);
  expect(seen.map(({ ours, token }) => [ours, token])).toEqual(
    seen.map(({ theirs }) => [theirs, session.sessionToken]),
  );
  expect(seen).toHaveLength(1);
});

test(
  'without credentials, an SSO session that has ended, or a region, nothing is sent ' + 'and the cure is said',
  async () => {
    const { url, seen } = await gateway(keys);
    const none = await bellows(['--sign', '--region', 'eu-central-1', '--server', url, 'stats'], {});
    expect([none.exit, none.err]).toEqual([
      4,
      expect.stringMatching(/^bellows: there are no usable AWS credentials: .+\n {2}renew them \(`aws sso login`/),
    ]);
    writeFileSync(
      join(folder, 'sso'),
      '[profile sso]\nregion = eu-central-1\nsso_session = corp\nsso_account_id = 123456789012\nsso_role_name = '
        + 'Dev\n[sso-session corp]\nsso_region = eu-central-1\nsso_start_url = https://example.awsapps.com/start\n',
    );
    const sso = await bellows(['--sign', '--server', url, 'stats'], {
      AWS_PROFILE: 'sso',
      AWS_CONFIG_FILE: join(folder, 'sso'),
    });
    expect([sso.exit, sso.err]).toEqual([4, expect.stringContaining('aws sso login')]);
    const nowhere = await bellows(['--sign', '--server', url, 'stats'], ownKeys);
    expect([nowhere.exit, nowhere.err]).toEqual([2, expect.stringContaining('no region is known')]);
    expect(seen).toEqual([]);
  },
);

const forbidden: RequestListener = (_request, response) => {
  response.writeHead(403, { 'content-type': 'application/json' }).end('{"message":"Forbidden"}');
};
const signed = (url: string, sts: string): Record<string, string> => ({
  ...ownKeys,
  AWS_REGION: 'eu-central-1',
  BELLOWS_URL: url,
  BELLOWS_SIGN: '1',
  AWS_ENDPOINT_URL_STS: sts,
});

test('403 names the caller, the permission that the call needs, and the policy that gives it', async () => {
  const url = await serve(forbidden);
  const sts = await serve((_request, response) => {
    response.end(
      '<GetCallerIdentityResponse '
        + 'xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>'
        + '<Arn>arn:aws:sts::123456789012:assumed-role/dev/ada</Arn></GetCallerIdentityResult>'
        + '</GetCallerIdentityResponse>',
    );
  });
  for (const [args, permission, output] of [
    [['stats'], 'read', 'ReadPolicy'],
    [['cancel', `r-${'0'.repeat(26)}`], 'request', 'RequestPolicy'],
    [['pool', 'delete', 'p'], 'pool-admin', 'PoolAdminPolicy'],
  ] as const) {
    const ran = await bellows(args, signed(url, sts));
    expect(ran.exit).toBe(4);
    expect(ran.err).toContain(`arn:aws:sts::123456789012:assumed-role/dev/ada may not call`);
    expect(ran.err).toContain(`needs the permission "${permission}"`);
    expect(ran.err).toContain(output);
  }
});

test('403 because of credentials that have ended, and because of the clock', async () => {
  const sts = await serve((_request, response) => {
    response
      .writeHead(403)
      .end(
        '<ErrorResponse><Error><Type>Sender</Type><Code>ExpiredToken</Code><Message>The security token included '
          + 'in the request is expired</Message></Error></ErrorResponse>',
      );
  });
  const ended = await bellows(['stats'], signed(await serve(forbidden), sts));
  expect(ended.err).toContain(
    'AWS does not take these credentials: The security token included in the request is expired (ExpiredToken)',
  );
  const late = await serve((request, response) => {
    response.setHeader('date', new Date(Date.now() + 20 * 60_000).toUTCString());
    forbidden(request, response);
  });
  expect((await bellows(['stats'], signed(late, sts))).err).toContain("this machine's clock is 20 minutes behind AWS");
});

test('a gateway in trouble, and a server that wants a signature without being asked for one', async () => {
  const url = await serve((_request, response) => {
    response.writeHead(503, { 'content-type': 'application/json' }).end('{"message":"Service Unavailable"}');
  });
  const trouble = await bellows(['stats'], signed(url, url));
  expect([trouble.exit, trouble.err]).toEqual([3, expect.stringContaining('its gateway answers 503')]);
  const unsigned = await bellows(['stats', '--server', await serve(forbidden)], {});
  expect([unsigned.exit, unsigned.err]).toEqual([3, expect.stringContaining('add --sign')]);
});

test.each([
  ['https://a1b2c3.execute-api.eu-central-1.amazonaws.com', 'eu-central-1'],
  ['https://a1b2c3.execute-api.us-gov-west-1.amazonaws.com/stage', 'us-gov-west-1'],
  ['https://a1b2c3.execute-api.cn-north-1.amazonaws.com.cn', 'cn-north-1'],
  ['http://127.0.0.1:4780', null],
  ['https://a1b2c3.execute-api.eu-central-1.amazonaws.com.example.org', null],
])('the region of %s is %s', (server, region) => {
  expect(gatewayRegion(server)).toBe(region);
});

test('what is no execute-api address is not signed', async () => {
  let headers: IncomingMessage['headers'] = {};
  const url = await serve((request, response) => {
    ({ headers } = request);
    response.end(JSON.stringify(stats));
  });
  await bellows(['stats', '--server', url], ownKeys);
  expect(headers.authorization).toBeUndefined();
  expect(headers.accept).toBe('application/json');
});
