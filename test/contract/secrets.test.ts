// All places of secrets under one suite. Secrets Manager and SSM are stand-ins, written from their documented JSON
// protocols: what they check of a call is its target, its body and that it is signed for the service.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { IncomingHttpHeaders, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { secretsManager, ssmParameters } from '../../lib/adapters/aws/access/aws-secrets.ts';
import { environmentSecrets, fileSecrets } from '../../lib/adapters/local/secrets.ts';
import { kubernetesSecrets } from '../../lib/adapters/secrets/kubernetes.ts';
import { vaultSecrets } from '../../lib/adapters/secrets/vault.ts';
import { secretsFrom } from '../../lib/ports/access/secrets.ts';
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

describe('Secrets Manager (a stand-in)', () => {
  const kept = new Map<string, object>();
  const service = new AwsStandIn({
    name: 'secretsmanager',
    answer: (target, { SecretId }) => {
      if (target !== 'secretsmanager.GetSecretValue') return [400, { __type: 'UnknownOperationException' }];
      if (SecretId === 'foreign')
        return [400, { __type: 'AccessDeniedException', Message: 'planted-9c41e8 is in no message of ours' }];
      const value = kept.get(String(SecretId));
      return value === undefined ? [400, { __type: 'ResourceNotFoundException' }] : [200, { Name: SecretId, ...value }];
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

describe('HashiCorp Vault (a stand-in)', () => {
  const kept = new Map<string, object>();
  let logins = 0;
  let nowMs = 1_000_000;
  const vault = placeOf(({ line, headers, body }) => {
    if (line === 'POST /v1/auth/approle/login') {
      logins += 1;
      const isKnown = body === JSON.stringify({ role_id: 'role', secret_id: 'planted-9c41e8-id' });
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
  const open = (secretId = 'planted-9c41e8-id') =>
    secretsFrom({ vault: vaultSecrets({ address: vault.address(), roleId: 'role', secretId, nowMs: () => nowMs }) });
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
    await expect(open('wrong').read('vault:kv/a#b')).rejects.toMatchObject({
      problem: 'denied',
      message: 'the secret vault:kv/a#b cannot be read: the login at vault answers HTTP 400',
    });
    await expect(open().read('vault:kv')).rejects.toMatchObject({ problem: 'malformed' });
  });
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
