// `k8s:` secrets on an API server of Kubernetes: as a service account that RBAC lets get the secrets of one namespace,
// in this process under the suite of all places, and by the environment of the embedded server.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { parseAllDocuments } from 'yaml';
import { kubernetesSecrets } from '../../../lib/adapters/secrets/kubernetes.ts';
import { secretsFrom } from '../../../lib/ports/access/secrets.ts';
import { describeSecrets } from '../../contract/secrets.contract.ts';
import { untilAsync } from '../../hang.ts';
import { startLocal } from '../local-server.ts';
import type { LocalServerProcess } from '../local-server.ts';
import { goBuildMsMax } from '../tools.ts';
import { startCluster, version } from './cluster.ts';
import type { Cluster } from './cluster.ts';

const folder = mkdtempSync(join(tmpdir(), 'bellows-kubernetes-'));
const trusted = getCACertificates('default');
/** What docs/secrets.md says to apply. */
const [account, role, binding] = parseAllDocuments(
  /```yaml\n(apiVersion: v1\nkind: ServiceAccount\n[^]*?)```/.exec(readFileSync('docs/secrets.md', 'utf8'))?.[1] ?? '',
).map((one) => one.toJS() as object);
const accounts = '/api/v1/namespaces/bellows/serviceaccounts';
const rbac = '/apis/rbac.authorization.k8s.io/v1/namespaces/shop';
const unknownAuthority = 'UNABLE_TO_VERIFY_LEAF_SIGNATURE';
let cluster: Cluster;
let token: string;

/** Keeps a secret with these fields, as they are now. */
async function keep(namespace: string, name: string, fields: Readonly<Record<string, string | Buffer>>): Promise<void> {
  const data = Object.fromEntries(
    Object.entries(fields).map(([key, value]) => [key, Buffer.from(value as string).toString('base64')]),
  );
  const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name }, data };
  await cluster.must('PATCH', `${secretPath(namespace, name)}?fieldManager=peers&force=true`, secret);
}

const secretPath = (namespace: string, name: string): string => `/api/v1/namespaces/${namespace}/secrets/${name}`;

/** An account anew, and a token of it that the server signs (TokenRequest); known to it when this resolves. */
async function newAccount(): Promise<string> {
  await cluster.must('POST', accounts, account);
  const asked = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: { expirationSeconds: 3_600 } };
  const { status } = await cluster.must('POST', `${accounts}/reader/token`, asked);
  return (status as { token: string }).token;
}

/** RBAC and accounts are watched by the server: a change holds a moment later. */
async function untilItAnswers(status: number): Promise<void> {
  await untilAsync(
    async () => (await cluster.call('GET', secretPath('shop', 'none'), undefined, token)).status === status,
    `an answer ${String(status)} of the cluster to the account`,
  );
}

beforeAll(async () => {
  cluster = await startCluster();
  setDefaultCACertificates([...trusted, readFileSync(cluster.caFile, 'utf8')]);
  for (const name of ['bellows', 'shop', 'foreign'])
    await cluster.must('POST', '/api/v1/namespaces', { metadata: { name } });
  await cluster.must('POST', `${rbac}/roles`, role);
  await cluster.must('POST', `${rbac}/rolebindings`, binding);
  token = await newAccount();
  await keep('foreign', 'there', { value: 'not yours' });
  await untilItAnswers(404);
}, goBuildMsMax + 900_000);

afterAll(async () => {
  setDefaultCACertificates(trusted);
  rmSync(folder, { recursive: true, force: true });
  await cluster.stop();
});

// A machine that is busy takes its time; what is slow is no matter here. `ca`: as an installation on AWS is told it.
const open = (ca?: string) =>
  secretsFrom({ k8s: kubernetesSecrets({ address: cluster.url, token: async () => token, ca, timeoutMs: 60_000 }) });

test('it is the API server of that version', async () => {
  expect(await cluster.must('GET', '/version')).toMatchObject({ gitVersion: `v${version}` });
});

describe.each([
  ['this process trusts', () => undefined],
  ['the place is told of', () => readFileSync(cluster.caFile, 'utf8')],
])(`Secrets of Kubernetes ${version}, whose authority %s`, (_, caOf) => {
  describeSecrets(() => ({
    secrets: open(caOf()),
    keep: async (name, value) => {
      await keep('shop', name, { value });
      return `k8s:shop/${name}#value`;
    },
    keepFields: async (name, fields) => {
      await keep('shop', name, fields);
      return `k8s:shop/${name}`;
    },
    missing: 'k8s:shop/none',
    denied: ['k8s:foreign/there', 'k8s:foreign/none', 'k8s:nowhere/none'],
  }));
});

describe(`Secrets of Kubernetes ${version}`, () => {
  test('who is told of another authority trusts that alone', async () => {
    await expect(open(readFileSync(cluster.otherCaFile, 'utf8')).read('k8s:shop/none')).rejects.toMatchObject({
      problem: 'unavailable',
      message: `the secret k8s:shop/none cannot be read: the cluster: no answer (${unknownAuthority})`,
    });
  });

  test('to get secrets of that namespace is all that the account may do, and enough', async () => {
    await keep('shop', 'all', { a: '1', b: '2' });
    expect(await open().read('k8s:shop/all')).toBe('{"a":"1","b":"2"}');
    const asAccount = async (method: string, path: string): Promise<number> =>
      (await cluster.call(method, path, undefined, token)).status;
    expect(await asAccount('GET', secretPath('shop', 'all'))).toBe(200);
    for (const path of [secretPath('shop', ''), '/api/v1/secrets', '/api/v1/namespaces/shop/configmaps/a'])
      expect([path, await asAccount('GET', path)]).toEqual([path, 403]);
    expect(await asAccount('DELETE', secretPath('shop', 'all'))).toBe(403);
  });

  test('bytes that are no text are refused, the text beside them is read, and nothing is an empty object', async () => {
    await keep('shop', 'mixed', { bytes: Buffer.from([0xff, 0xfe, 0x00]), text: 'grüße' });
    expect(await open().read('k8s:shop/mixed#text')).toBe('grüße');
    for (const from of ['k8s:shop/mixed#bytes', 'k8s:shop/mixed'])
      await expect(open().read(from)).rejects.toMatchObject({
        problem: 'malformed',
        message: `the secret ${from} cannot be read: it is no UTF-8 text`,
      });
    await keep('shop', 'empty', {});
    expect(await open().read('k8s:shop/empty')).toBe('{}');
    await expect(open().read('k8s:shop/empty#a')).rejects.toMatchObject({ problem: 'missing' });
  });

  test('a grant that is taken back, and a token whose account is gone, are denied; another token is used', async () => {
    await keep('shop', 'a', { b: 'c' });
    const secrets = open();
    expect(await secrets.read('k8s:shop/a#b')).toBe('c');
    await cluster.must('DELETE', `${rbac}/rolebindings/bellows`);
    await untilItAnswers(403);
    const denied = (status: number): object => ({
      problem: 'denied',
      message: `the secret k8s:shop/a#b cannot be read: the cluster answers HTTP ${String(status)}`,
    });
    await expect(secrets.read('k8s:shop/a#b')).rejects.toMatchObject(denied(403));
    await cluster.must('POST', `${rbac}/rolebindings`, binding);
    await untilItAnswers(404);
    await cluster.must('DELETE', `${accounts}/reader`);
    await untilItAnswers(401);
    await expect(secrets.read('k8s:shop/a#b')).rejects.toMatchObject(denied(401));
    token = await newAccount();
    await untilItAnswers(404);
    expect(await secrets.read('k8s:shop/a#b')).toBe('c');
  }, 900_000);
});

describe('the embedded server', () => {
  const tokenFile = join(folder, 'token');
  let local: LocalServerProcess | undefined;
  afterEach(async () => {
    await local?.stop();
    local = undefined;
  });

  async function start(env: Readonly<Record<string, string>>): Promise<LocalServerProcess['client']> {
    writeFileSync(tokenFile, `${token}\n`);
    const configured = { BELLOWS_KUBERNETES_URL: cluster.url, BELLOWS_KUBERNETES_TOKEN_FILE: tokenFile };
    local = await startLocal(['--empty'], { ...configured, ...env });
    const body = { limits: { instances: 2 }, maxNodeVcpu: 2, secrets: [{ from: 'k8s:shop/*' }] };
    await local.client.call('putPool', { params: { name: 'default' }, body });
    return local.client;
  }

  /** What a task printed that was given the secret, or why it failed. */
  async function given(client: LocalServerProcess['client'], from: string): Promise<string> {
    const body = { type: 'task', resources: { vcpu: 0.5, memoryMib: 64 }, pool: 'default' };
    const secrets = [{ name: 'PASSWORD', from }];
    const { id } = await client.call('submitRequest', { body: { ...body, shell: 'printf %s "$PASSWORD"', secrets } });
    const ended = await untilAsync(async () => {
      const request = await client.call('getRequest', { params: { id } });
      return request.endedAt === null ? null : request;
    }, `the end of ${id}`);
    if (ended.state === 'failed') return String(ended.reason);
    return (await client.call('getOutput', { params: { id }, query: { index: '0', tailBytes: '10000' } })).stdout;
  }

  test('a task has its secret, the next one what it was changed to; the token is read from its file anew', async () => {
    const client = await start({ NODE_EXTRA_CA_CERTS: cluster.caFile });
    await keep('shop', 'db', { password: 'first' });
    expect(await given(client, 'k8s:shop/db#password')).toBe('first');
    await keep('shop', 'db', { password: 'second' });
    expect(await given(client, 'k8s:shop/db#password')).toBe('second');
    writeFileSync(tokenFile, 'of nobody');
    expect(await given(client, 'k8s:shop/db#password')).toContain(
      'the secret k8s:shop/db#password cannot be read: the cluster answers HTTP 401',
    );
    writeFileSync(tokenFile, token);
    expect(await given(client, 'k8s:shop/db#password')).toBe('second');
    expect(await given(client, 'k8s:shop/none#password')).toContain('the cluster answers HTTP 404');
  }, 900_000);

  test.each([
    ['an authority that it was not told of', () => ({}), unknownAuthority],
    ["another's authority", () => ({ NODE_EXTRA_CA_CERTS: cluster.otherCaFile }), unknownAuthority],
    [
      'a name that is not in its certificate',
      () => ({
        NODE_EXTRA_CA_CERTS: cluster.caFile,
        BELLOWS_KUBERNETES_URL: cluster.url.replace('127.0.0.1', 'localhost'),
      }),
      'ERR_TLS_CERT_ALTNAME_INVALID',
    ],
  ])(
    'a cluster with %s is not asked',
    async (_, env, code) => {
      await keep('shop', 'db', { password: 'first' });
      expect(await given(await start(env()), 'k8s:shop/db#password')).toContain(
        `the secret k8s:shop/db#password cannot be read: the cluster: no answer (${code})`,
      );
    },
    900_000,
  );
});
