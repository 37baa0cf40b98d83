// All places of secrets under one suite. Secrets Manager and SSM are stand-ins, written from their documented JSON
// protocols: what they check of a call is its target, its body and that it is signed for the service.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createHash, createHmac } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { IncomingHttpHeaders, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rootCertificates } from 'node:tls';
import { awsLogin } from '../../lib/adapters/aws/access/vault-login.ts';
import { keptToken, secretsManager, ssmParameters } from '../../lib/adapters/aws/access/aws-secrets.ts';
import { environmentSecrets, fileSecrets } from '../../lib/adapters/local/secrets.ts';
import { kubernetesSecrets } from '../../lib/adapters/secrets/kubernetes.ts';
import { appRole, vaultSecrets } from '../../lib/adapters/secrets/vault.ts';
import type { VaultOptions } from '../../lib/adapters/secrets/vault.ts';
import { secretsFrom, whyNoAnswer } from '../../lib/ports/access/secrets.ts';
import { describeSecrets } from './secrets.contract.ts';

describe("the server's environment", () => {
  const environment: Record<string, string> = {};
  describeSecrets(() => ({
    secrets: secretsFrom({ env: environmentSecrets(() => environment) }),
    keep: async (name, value) => {
      environment[name] = value;
      return `env:${name}`;
    },
    missing: 'env:constructor',
    denied: [],
  }));
});

describe("files of the server's", () => {
  const dir = mkdtempSync(join(tmpdir(), 'bellows-secrets-'));
  const folder = join(dir, 'secrets');
  mkdirSync(folder);
  writeFileSync(join(dir, 'outside'), 'not yours');
  symlinkSync('../outside', join(folder, 'link'));
  afterAll(() => {
    rmSync(dir, { recursive: true });
  });
  const secrets = secretsFrom({ file: fileSecrets(folder) });
  describeSecrets(() => ({
    secrets,
    keep: async (name, value) => {
      writeFileSync(join(folder, name), value);
      return `file:${name}`;
    },
    missing: 'file:none/at/all',
    denied: ['file:link', 'file:../outside'],
  }));

  test('bytes that are no text, and folders, are no secrets', async () => {
    writeFileSync(join(folder, 'binary'), Buffer.from([0xff, 0xfe, 0x00]));
    mkdirSync(join(folder, 'folder'));
    await expect(secrets.read('file:binary')).rejects.toThrow('it is no UTF-8 text');
    await expect(secrets.read('file:folder')).rejects.toThrow('it is no plain file');
  });
});

interface Service {
  readonly name: 'secretsmanager' | 'ssm';
  readonly answer: (target: string, body: Readonly<Record<string, unknown>>) => readonly [number, object];
}

/** A stand-in for a service of AWS. */
class AwsStandIn {
  readonly #server: Server;

  constructor({ name, answer }: Service) {
    this.#server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const isSigned = request.headers.authorization?.includes(`/eu-west-1/${name}/aws4_request`) === true;
        const body = JSON.parse(Buffer.concat(chunks).toString()) as Record<string, unknown>;
        const [status, reply] = isSigned
          ? answer(String(request.headers['x-amz-target']), body)
          : ([403, { __type: 'MissingAuthenticationTokenException' }] as const);
        response.statusCode = status;
        response.end(JSON.stringify(reply));
      });
    });
  }

  async listen(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
  }

  get options() {
    return {
      region: 'eu-west-1',
      credentials: () => ({ accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'x' }),
      clock: { nowMs: () => 1_800_000_000_000 },
      endpoint: `http://127.0.0.1:${String((this.#server.address() as AddressInfo).port)}`,
    };
  }

  async close(): Promise<void> {
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

const arnOf = (name: string): string => `arn:aws:secretsmanager:eu-west-1:123456789012:secret:${name}-AbCdEf`;

describe('Secrets Manager (a stand-in)', () => {
  const kept = new Map<string, object>();
  const service = new AwsStandIn({
    name: 'secretsmanager',
    answer: (target, { SecretId }) => {
      if (target !== 'secretsmanager.GetSecretValue') return [400, { __type: 'UnknownOperationException' }];
      if (SecretId === 'foreign')
        return [400, { __type: 'AccessDeniedException', Message: 'planted-9c41e8 is in no message of ours' }];
      const value = kept.get(String(SecretId));
      if (value === undefined) return [400, { __type: 'ResourceNotFoundException' }];
      return [200, { ARN: arnOf(String(SecretId).replace(/^.*:secret:|-AbCdEf$/g, '')), Name: SecretId, ...value }];
    },
  });
  beforeAll(() => service.listen());
  afterAll(() => service.close());
  describeSecrets(() => ({
    secrets: secretsFrom({ 'aws-secret': secretsManager(service.options) }),
    keep: async (name, value) => {
      kept.set(name, { SecretString: value });
      return `aws-secret:${name}`;
    },
    missing: 'aws-secret:none',
    denied: ['aws-secret:foreign'],
  }));

  test("the installation's own is read for itself at each use, and for no task, whatever it is called", async () => {
    const arn = arnOf('cluster');
    const token = keptToken(service.options, arn, 'the token of the cluster');
    for (const name of ['cluster', arn]) kept.set(name, { SecretString: 'planted-9c41e8\n' });
    expect(await token('k8s:shop/a')).toBe('planted-9c41e8');
    kept.set(arn, { SecretString: 'rotated' });
    expect(await token('k8s:shop/a')).toBe('rotated');
    kept.set('other', { SecretString: 'x' });
    const secrets = secretsFrom({ 'aws-secret': secretsManager(service.options, [arn]) });
    expect(await secrets.read('aws-secret:other')).toBe('x');
    for (const name of ['cluster', arn, 'cluster#key'])
      await expect(secrets.read(`aws-secret:${name}`)).rejects.toMatchObject({
        problem: 'denied',
        message: `the secret aws-secret:${name} cannot be read: it is the installation's own, and no task's`,
      });
    kept.delete(arn);
    await expect(token('k8s:shop/a')).rejects.toMatchObject({
      message:
        'the secret k8s:shop/a cannot be read: the token of the cluster cannot be read: secretsmanager answers '
        + 'ResourceNotFoundException',
    });
  });

  test('a binary one is read where it is text', async () => {
    kept.set('binary', { SecretBinary: Buffer.from('grüße').toString('base64') });
    const secrets = secretsFrom({ 'aws-secret': secretsManager(service.options) });
    expect(await secrets.read('aws-secret:binary')).toBe('grüße');
  });
});

/** A stand-in for a place that speaks JSON over HTTP. */
function placeOf(answer: (call: Call) => readonly [number, object]): {
  listen(): Promise<void>;
  close(): Promise<void>;
  address(): string;
} {
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      const { method = '', url = '', headers } = request;
      const [status, reply] = answer({ line: `${method} ${url}`, headers, body });
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(reply));
    });
  });
  return {
    listen: () => new Promise((resolve) => server.listen(0, '127.0.0.1', resolve)),
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
    address: () => `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`,
  };
}

interface Call {
  readonly line: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/**
 * What Vault and STS look at in a login by AWS, from their documentation (Vault: "AWS auth method", "Login"; AWS:
 * "Create a signed AWS API request"): null, or why it is refused.
 */
function flawOfAwsLogin(
  body: string,
  { serverId, secretKey, atMs }: { serverId: string | null; secretKey: string; atMs: number },
): string | null {
  const login = JSON.parse(body) as Readonly<Record<string, string>>;
  const text = (name: string): string => Buffer.from(login[name] ?? '', 'base64').toString();
  if (login['role'] !== 'bellows' || login['iam_http_request_method'] !== 'POST') return 'role or method';
  const url = new URL(text('iam_request_url'));
  if (url.pathname !== '/' || url.search !== '') return 'a URL that is not of STS alone';
  const asked = text('iam_request_body');
  if (asked !== 'Action=GetCallerIdentity&Version=2011-06-15') return 'another call';
  const given = JSON.parse(text('iam_request_headers')) as Readonly<Record<string, string>>;
  const headers = new Map(Object.entries(given).map(([name, value]) => [name.toLowerCase(), value.trim()]));
  if (!headers.has('host')) headers.set('host', url.host);
  const parts = /^AWS4-HMAC-SHA256 Credential=[A-Z0-9]+\/(\S+), SignedHeaders=([a-z0-9;-]+), Signature=([0-9a-f]{64})$/;
  const [, scope = '', names = '', signature] = parts.exec(headers.get('authorization') ?? '') ?? [];
  const [, region = ''] = /^\d{8}\/([a-z0-9-]+)\/sts\/aws4_request$/.exec(scope) ?? [];
  if (url.host !== (region === 'us-east-1' ? 'sts.amazonaws.com' : `sts.${region}.amazonaws.com`)) return 'its host';
  const signed = names.split(';');
  if (!signed.includes('host') || !signed.includes('x-amz-date')) return 'host and time have to be signed';
  if (serverId !== null && (headers.get(serverHeader) !== serverId || !signed.includes(serverHeader))) return 'server';
  const date = headers.get('x-amz-date') ?? '';
  const signedAtMs = Date.parse(date.replace(/^(....)(..)(..)T(..)(..)(..)Z$/, '$1-$2-$3T$4:$5:$6Z'));
  if (!(Math.abs(atMs - signedAtMs) < 15 * 60_000)) return 'its time';
  const lines = signed.map((name) => `${name}:${headers.get(name) ?? ''}\n`).join('');
  const canonical = ['POST', '/', '', lines, names, sha256(asked)].join('\n');
  const key = [...scope.split('/')].reduce<string | Buffer>((before, part) => hmac(before, part), `AWS4${secretKey}`);
  const toSign = ['AWS4-HMAC-SHA256', date, scope, sha256(canonical)].join('\n');
  return hmac(key, toSign).toString('hex') === signature ? null : 'its signature';
}
const serverHeader = 'x-vault-aws-iam-server-id';

describe.each(['an AppRole', 'a principal of AWS'])('HashiCorp Vault (a stand-in), to %s', (kind) => {
  const kept = new Map<string, object>();
  let logins = 0;
  let nowMs = 1_800_000_000_000;
  const secretKey = 'planted-9c41e8-key';
  const flaws: (string | null)[] = [];
  const vault = placeOf(({ line, headers, body }) => {
    if (line === 'POST /v1/auth/approle/login' || line === 'POST /v1/auth/aws-eu/login') {
      logins += 1;
      if (line.includes('/aws-eu/'))
        flaws.push(flawOfAwsLogin(body, { serverId: 'vault.example.org', secretKey, atMs: nowMs }));
      const isKnown = line.includes('/aws-eu/')
        ? flaws.at(-1) === null
        : body === JSON.stringify({ role_id: 'role', secret_id: 'planted-9c41e8-id' });
      return isKnown
        ? [200, { auth: { client_token: `token-${String(logins)}`, lease_duration: 600 } }]
        : [400, { errors: ['invalid role or secret ID'] }];
    }
    if (headers['x-vault-token'] !== `token-${String(logins)}` || line.endsWith('/data/foreign'))
      return [403, { errors: ['permission denied: planted-9c41e8'] }];
    const value = kept.get(line.replace('GET /v1/kv/data/', ''));
    return value === undefined ? [404, { errors: [] }] : [200, { data: { data: value, metadata: { version: 3 } } }];
  });
  beforeAll(() => vault.listen());
  afterAll(() => vault.close());
  const byAws = (fields: Partial<Parameters<typeof awsLogin>[0]> = {}): VaultOptions['login'] =>
    awsLogin({
      credentials: () => ({ accessKeyId: 'ASIAFUNCTION', secretAccessKey: secretKey, sessionToken: 'a/session+=' }),
      clock: { nowMs: () => nowMs },
      ...{ role: 'bellows', mount: 'aws-eu', serverId: 'vault.example.org', region: 'eu-west-1' },
      ...fields,
    });
  const right = kind === 'an AppRole' ? appRole('role', 'planted-9c41e8-id') : byAws();
  const open = (login = right) =>
    secretsFrom({ vault: vaultSecrets({ address: vault.address(), login, nowMs: () => nowMs }) });
  describeSecrets(() => ({
    secrets: open(),
    keep: async (name, value) => {
      kept.set(`shop/${name}`, { value });
      return `vault:kv/shop/${name}#value`;
    },
    keepFields: async (name, fields) => {
      kept.set(`shop/${name}`, fields);
      return `vault:kv/shop/${name}`;
    },
    missing: 'vault:kv/none',
    denied: ['vault:kv/foreign'],
  }));

  test('a token is used while it lasts, and anew where it was revoked; a login that is refused is said', async () => {
    kept.set('a', { b: 'c' });
    const [secrets, before] = [open(), logins];
    await secrets.read('vault:kv/a#b');
    expect([await secrets.read('vault:kv/a'), logins]).toEqual(['{"b":"c"}', before + 1]);
    nowMs += 600_000;
    await secrets.read('vault:kv/a#b');
    expect(logins).toBe(before + 2);
    logins += 5;
    expect(await secrets.read('vault:kv/a#b')).toBe('c');
    await expect(open(appRole('role', 'wrong')).read('vault:kv/a#b')).rejects.toMatchObject({
      problem: 'denied',
      message: 'the secret vault:kv/a#b cannot be read: the login at vault answers HTTP 400',
    });
    await expect(open().read('vault:kv')).rejects.toMatchObject({ problem: 'malformed' });
  });

  if (kind === 'an AppRole') return;
  test.each<[string, Parameters<typeof byAws>[0], string | null]>([
    ["Vault's own choice of STS", { region: undefined }, null],
    ['another role', { role: 'shop' }, 'role or method'],
    ['no server', { serverId: undefined }, 'server'],
    ['another server', { serverId: 'dev.example.org' }, 'server'],
    ['a clock that is wrong', { clock: { nowMs: () => 1_700_000_000_000 } }, 'its time'],
    ['keys of somebody else', { credentials: () => ({ accessKeyId: 'ASIA1', secretAccessKey: 'x' }) }, 'its signature'],
  ])('a login by AWS with %s', async (_, fields, flaw) => {
    kept.set('a', { b: 'c' });
    const read = open(byAws(fields)).read('vault:kv/a#b');
    if (flaw === null) expect(await read).toBe('c');
    else await expect(read).rejects.toMatchObject({ problem: 'denied' });
    expect(flaws.at(-1)).toBe(flaw);
  });
});

/** Of a server on this machine, until 2126; signed by itself, and for these tests alone. */
const pem = (what: string, text: string): string => `-----BEGIN ${what}-----\n${text}\n-----END ${what}-----\n`;
const certificate = pem(
  'CERTIFICATE',
  'MIIBjzCCATSgAwIBAgIUOkxX80kjCQyfjyGY/ZwfLGcwIJQwCgYIKoZIzj0EAwIwEzERMA8GA1UEAwwIc3RhbmQtaW4wIBcNMjYx'
    + 'MTI4MTY0MDMwWhgPMjEyNjExMDQxNjQwMzBaMBMxETAPBgNVBAMMCHN0YW5kLWluMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE'
    + 'SFfE/n+enGKYQskjxe+qeRpaw8hBFGQP4Osqfy9FzV1skRrbgPsTqxzPP0+nG1O8lZXVtuiJy8rjltb4mXw4maNkMGIwHQYDVR0O'
    + 'BBYEFOTYKPCgO5SE+LpEPnM0ERD35qFrMB8GA1UdIwQYMBaAFOTYKPCgO5SE+LpEPnM0ERD35qFrMA8GA1UdEwEB/wQFMAMBAf8w'
    + 'DwYDVR0RBAgwBocEfwAAATAKBggqhkjOPQQDAgNJADBGAiEA2d8DAY4qry1k9hch3XmywiioACSLe+wMLN+4GHEB27sCIQDT+3BI'
    + 'G8bBEoA5mdy9RDGhlq798UwfytePNmEn9HBwfQ==',
);
const certificateKey = pem(
  'PRIVATE KEY',
  'MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg2/9RvDzJpR0Jwa8Q8XEUedUIKwdsBy+plCRIOlWua86hRANCAARI'
    + 'V8T+f56cYphCySPF76p5GlrDyEEUZA/g6yp/L0XNXWyRGtuA+xOrHM8/T6cbU7yVldW26InLyuOW1viZfDiZ',
);

test('a place whose certificate is of its own authority is trusted by that, and by nothing else', async () => {
  const data = { key: Buffer.from('planted-9c41e8').toString('base64') };
  const server = createTlsServer({ cert: certificate, key: certificateKey }, (request, response) => {
    const isKnown =
      request.headers.authorization === 'Bearer account' && request.url?.endsWith('/secrets/web') === true;
    response.writeHead(isKnown ? 200 : 403).end(JSON.stringify({ data }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    const address = `https://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
    const open = (ca?: string, account = 'account') =>
      secretsFrom({ k8s: kubernetesSecrets({ address, token: async () => account, ca }) });
    expect(await open(certificate).read('k8s:shop/web#key')).toBe('planted-9c41e8');
    await expect(open(certificate, 'other').read('k8s:shop/web#key')).rejects.toMatchObject({ problem: 'denied' });
    await expect(open().read('k8s:shop/web#key')).rejects.toMatchObject({
      problem: 'unavailable',
      message: 'the secret k8s:shop/web#key cannot be read: the cluster: no answer (DEPTH_ZERO_SELF_SIGNED_CERT)',
    });
    await expect(open(rootCertificates[0]).read('k8s:shop/web#key')).rejects.toMatchObject({ problem: 'unavailable' });
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

const planted = 'planted-9c41e8';
const timedOut = new DOMException(planted, 'TimeoutError');
test.each<[string, unknown, string]>([
  ['what a parser says', new SyntaxError(planted), 'its answer is no JSON'],
  [
    'what fetch says of a network',
    new TypeError('fetch failed', { cause: Object.assign(new Error(planted), { code: 'ECONNREFUSED' }) }),
    'no answer (ECONNREFUSED)',
  ],
  [
    'what a connection says',
    Object.assign(new Error(planted), { code: 'CERT_HAS_EXPIRED' }),
    'no answer (CERT_HAS_EXPIRED)',
  ],
  ['a time-out of fetch', timedOut, 'no answer (TimeoutError)'],
  [
    'a time-out of a connection',
    Object.assign(new Error(planted, { cause: timedOut }), { name: 'AbortError', code: 'ABORT_ERR' }),
    'no answer (TimeoutError)',
  ],
  ['a header that cannot be sent', new TypeError(planted), 'no answer (TypeError)'],
  ['what is no error', planted, 'no answer (unknown)'],
  ['nothing', undefined, 'no answer (unknown)'],
])('why a place did not answer is a code: %s', (_, error, why) => {
  expect(whyNoAnswer(error)).toBe(why);
});

describe('Secrets of Kubernetes (a stand-in)', () => {
  const kept = new Map<string, Readonly<Record<string, string>>>();
  const cluster = placeOf(({ line, headers }) => {
    if (headers.authorization !== 'Bearer planted-9c41e8-account') return [401, { kind: 'Status' }];
    if (line.includes('/namespaces/foreign/')) return [403, { kind: 'Status', message: 'planted-9c41e8' }];
    const fields = kept.get(line.replace('GET /api/v1/namespaces/shop/secrets/', ''));
    if (fields === undefined) return [404, { kind: 'Status' }];
    const data = Object.entries(fields).map(([key, value]) => [key, Buffer.from(value).toString('base64')]);
    return [200, { kind: 'Secret', type: 'Opaque', data: Object.fromEntries(data) as object }];
  });
  beforeAll(() => cluster.listen());
  afterAll(() => cluster.close());
  const open = (account = 'planted-9c41e8-account') =>
    secretsFrom({ k8s: kubernetesSecrets({ address: cluster.address(), token: async () => account }) });
  describeSecrets(() => ({
    secrets: open(),
    keep: async (name, value) => {
      kept.set(name, { value });
      return `k8s:shop/${name}#value`;
    },
    keepFields: async (name, fields) => {
      kept.set(name, fields);
      return `k8s:shop/${name}`;
    },
    missing: 'k8s:shop/none',
    denied: ['k8s:foreign/x'],
  }));

  test('all fields are JSON, another account is refused, and a path has two parts', async () => {
    kept.set('all', { a: '1', b: '2' });
    expect(await open().read('k8s:shop/all')).toBe('{"a":"1","b":"2"}');
    await expect(open('other').read('k8s:shop/all')).rejects.toMatchObject({ problem: 'denied' });
    await expect(open().read('k8s:shop')).rejects.toMatchObject({ problem: 'malformed' });
  });
});

describe('SSM parameters (a stand-in)', () => {
  const kept = new Map<string, string>();
  const service = new AwsStandIn({
    name: 'ssm',
    answer: (target, { Name, WithDecryption }) => {
      if (target !== 'AmazonSSM.GetParameter') return [400, { __type: 'UnknownOperationException' }];
      if (Name === '/foreign') return [400, { __type: 'com.amazonaws.ssm#AccessDeniedException' }];
      if (Name === '/busy') return [400, { __type: 'ThrottlingException' }];
      const value = kept.get(String(Name));
      if (value === undefined) return [400, { __type: 'ParameterNotFound' }];
      return [200, { Parameter: { Name, Value: WithDecryption === true ? value : 'encrypted' } }];
    },
  });
  beforeAll(() => service.listen());
  afterAll(() => service.close());
  describeSecrets(() => ({
    secrets: secretsFrom({ ssm: ssmParameters(service.options) }),
    keep: async (name, value) => {
      kept.set(`/${name}`, value);
      return `ssm:/${name}`;
    },
    missing: 'ssm:/none',
    denied: ['ssm:/foreign'],
  }));

  test('there is no way through SSM to a secret of the installation', async () => {
    kept.set('/aws/reference/secretsmanager/cluster', 'planted-9c41e8');
    const open = (own: readonly string[]) => secretsFrom({ ssm: ssmParameters(service.options, own) });
    const from = 'ssm:/aws/reference/secretsmanager/cluster';
    expect(await open([]).read(from)).toBe('planted-9c41e8');
    await expect(open([arnOf('cluster')]).read(from)).rejects.toMatchObject({ problem: 'denied' });
  });

  test('who asks too often, and a service that is not there, are worth another try', async () => {
    const busy = secretsFrom({ ssm: ssmParameters(service.options) });
    await expect(busy.read('ssm:/busy')).rejects.toMatchObject({ problem: 'unavailable' });
    const nobody = secretsFrom({ ssm: ssmParameters({ ...service.options, endpoint: 'http://127.0.0.1:1' }) });
    await expect(nobody.read('ssm:/a')).rejects.toMatchObject({
      problem: 'unavailable',
      message: expect.stringMatching(/^the secret ssm:\/a cannot be read: ssm: no answer \(/),
    });
  });
});
