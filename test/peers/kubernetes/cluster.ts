// A cluster of Kubernetes as far as its API goes: kube-apiserver, compiled from its Go module, on etcd, which is
// Debian's. Both listen on loopback alone. Its certificate is of an authority of its own, as a cluster's is.
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { untilAsync } from '../../hang.ts';
import { debianPackage, freePort, goProgram, mustRun, startServer } from '../tools.ts';
import type { Peer } from '../tools.ts';

export const version = '1.34.4';

export interface Answer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

export interface Cluster {
  readonly url: string;
  /** The file of its authority's certificate. */
  readonly caFile: string;
  /** That of an authority which has signed nothing here. */
  readonly otherCaFile: string;
  /** A call of its API; as a member of system:masters, unless a token is given. */
  call(method: string, path: string, body?: object, token?: string): Promise<Answer>;
  /** As {@link call}. @throws when it is refused */
  must(method: string, path: string, body?: object): Promise<Answer['body']>;
  stop(): Promise<void>;
}

const adminToken = 'peers-admin';

export async function startCluster(): Promise<Cluster> {
  const apiServer = goProgram({
    ...{ module: 'k8s.io/kubernetes', version, command: 'cmd/kube-apiserver', publishedAs: `0${version.slice(1)}` },
    linkerFlags: `-s -w -X k8s.io/component-base/version.gitVersion=v${version}`,
  });
  const etcd = join(debianPackage('etcd-server'), 'usr', 'bin', 'etcd');
  const folder = mkdtempSync(join(tmpdir(), 'bellows-cluster-'));
  const started: Peer[] = [];
  const stop = async (): Promise<void> => {
    for (const peer of started.splice(0).reverse()) await peer.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const files = certificates(folder);
    const store = await startEtcd(etcd);
    started.push(store);
    const port = await freePort();
    const url = `https://127.0.0.1:${String(port)}`;
    started.push(await startServer({ program: apiServer, args: apiServerArgs(folder, store.endpoint, port), port }));
    const ca = readFileSync(files.caFile);
    const call: Cluster['call'] = (method, path, body, token = adminToken) =>
      ask(new URL(path, url), { method, ca, token, body });
    await untilAsync(async () => (await call('GET', '/readyz')).status === 200, 'the cluster to be ready');
    const must: Cluster['must'] = async (method, path, body) => {
      const { status, body: answer } = await call(method, path, body);
      if (status >= 300) throw new Error(`${method} ${path}: ${String(status)} ${JSON.stringify(answer)}`);
      return answer;
    };
    return { url, ...files, call, must, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function startEtcd(program: string): Promise<Peer> {
  const [port, peerPort] = [await freePort(), await freePort()];
  const [clients, members] = [port, peerPort].map((one) => `http://127.0.0.1:${String(one)}`);
  const args = [
    ...['--data-dir=data', '--name=only', `--initial-cluster=only=${String(members)}`],
    ...[`--listen-client-urls=${String(clients)}`, `--advertise-client-urls=${String(clients)}`],
    ...[`--listen-peer-urls=${String(members)}`, `--initial-advertise-peer-urls=${String(members)}`],
  ];
  return startServer({ program, args, port });
}

function apiServerArgs(folder: string, etcd: string, port: number): readonly string[] {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 });
  const key = join(folder, 'accounts.key');
  writeFileSync(key, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
  const tokens = join(folder, 'tokens.csv');
  writeFileSync(tokens, `${adminToken},admin,admin,system:masters\n`, { mode: 0o600 });
  return [
    ...[`--etcd-servers=${etcd}`, '--bind-address=127.0.0.1', `--secure-port=${String(port)}`],
    // No service leads to it, so its own address does not matter.
    ...['--advertise-address=127.0.0.1', '--endpoint-reconciler-type=none', '--service-cluster-ip-range=10.0.0.0/24'],
    ...[`--tls-cert-file=${join(folder, 'server.crt')}`, `--tls-private-key-file=${join(folder, 'server.key')}`],
    ...['--cert-dir=.', '--authorization-mode=RBAC', `--token-auth-file=${tokens}`],
    ...['--service-account-issuer=https://cluster.example.org', `--service-account-key-file=${key}`],
    `--service-account-signing-key-file=${key}`,
  ];
}

/** Two authorities, and a certificate of the first for 127.0.0.1 and no name. */
function certificates(folder: string): Pick<Cluster, 'caFile' | 'otherCaFile'> {
  const make = (name: string, ...more: readonly string[]): string => {
    const [key, certificate] = [join(folder, `${name}.key`), join(folder, `${name}.crt`)];
    const kind = ['-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
    mustRun('openssl', ['req', ...kind, '-subj', `/CN=${name}`, '-keyout', key, '-out', certificate, ...more], folder);
    return certificate;
  };
  const [caFile, otherCaFile] = [make('authority'), make('other')];
  const signed = ['-CA', caFile, '-CAkey', join(folder, 'authority.key')];
  make('server', ...signed, '-addext', 'subjectAltName=IP:127.0.0.1', '-addext', 'basicConstraints=critical,CA:FALSE');
  return { caFile, otherCaFile };
}

interface Question {
  readonly method: string;
  readonly ca: Buffer;
  readonly token: string;
  readonly body?: object | undefined;
}

function ask(url: URL, { method, ca, token, body }: Question): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  // A patch is one of server-side apply: what is not there is made.
  const type = method === 'PATCH' ? 'application/apply-patch+yaml' : 'application/json';
  const headers = { accept: 'application/json', 'content-type': type, authorization: `Bearer ${token}` };
  const call = request(url, { method, ca, headers, signal: AbortSignal.timeout(60_000) }, (response) => {
    let text = '';
    response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
    response.on('error', reject);
    response.on('end', () => {
      // Its health is told as text.
      const isJson = response.headers['content-type']?.startsWith('application/json') === true;
      resolve({ status: response.statusCode ?? 0, body: (isJson ? JSON.parse(text) : { text }) as Answer['body'] });
    });
  });
  call.on('error', reject);
  call.end(body === undefined ? undefined : JSON.stringify(body));
  return promise;
}
