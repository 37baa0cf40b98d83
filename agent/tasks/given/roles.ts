// Credentials of tasks' roles, as AWS's SDKs ask for them: an address that answers whoever has the token of an attempt
// that runs here, on loopback, and for containers, whose loopback is their own, on one that they reach through their
// bridge. The node's own credentials are never handed out, and nothing is kept but in memory.
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { RoleCredentials } from '../../../lib/core/access/roles.ts';
import type { AssignedAttempt } from '../../../lib/core/records/sync.ts';
import { LaunchError, messageOf } from '../../errors.ts';

export interface RoleServerOptions {
  readonly stateDir: string;
  /** One that tasks cannot open themselves; 0: any, and the same after a restart. */
  readonly port: number;
  /** Where containers ask; null: here they have no roles. */
  readonly containers: ContainerAccess | null;
  readonly ask: (attemptId: string) => Promise<RoleCredentials>;
  readonly isRunning: (attemptId: string) => boolean;
  readonly nowMs: () => number;
  readonly log: (message: string) => void;
}

/**
 * An address that SDKs ask without TLS beside loopback, e.g. that of EKS Pod Identity, whose contract containers are
 * given: the address, and a file with the token.
 */
export interface ContainerAccess {
  readonly address: string;
  readonly port: number;
  /** Makes the address the machine's own. Repeated. @throws with what is wrong */
  readonly open: () => Promise<void>;
}

/** How an attempt's SDK finds its credentials. */
export interface RoleAccess {
  /** Variables that are as secret as the credentials. */
  readonly secret: Readonly<Record<string, string>>;
  /** Variables that everybody may know. */
  readonly env: Readonly<Record<string, string>>;
  /** Secret files, by name, of the folder of its secrets. */
  readonly files: Readonly<Record<string, string>>;
}

export const noRole: RoleAccess = { secret: {}, env: {}, files: {} };

/** No secret of a task is called so. */
const tokenFile = 'aws-token';

/** SDKs ask again some minutes before the end: they are given others by then. */
const renewBeforeMs = 15 * 60_000;
/** A task that asks without a pause is not a reason to ask the controller so often. */
const failureMs = 2_000;

interface Cached {
  readonly until: number;
  readonly credentials: Promise<RoleCredentials>;
}

export class RoleServer {
  readonly #options: RoleServerOptions;
  readonly #cached = new Map<string, Cached>();
  readonly #key: string;
  readonly #portFile: string;
  readonly #containersFile: string;
  readonly #servers: Server[] = [];
  #listening: Promise<number> | null = null;
  #listeningToContainers: Promise<void> | null = null;

  /** Attempts that run already go on being answered. */
  constructor(options: RoleServerOptions) {
    this.#options = options;
    this.#portFile = join(options.stateDir, 'role-port');
    this.#containersFile = join(options.stateDir, 'role-containers');
    this.#key = keyIn(options.stateDir);
    const failed = (error: unknown): void => {
      options.log(`tasks with a role that run already are not given credentials any more: ${messageOf(error)}`);
    };
    if (existsSync(this.#portFile)) this.#open().catch(failed);
    if (existsSync(this.#containersFile)) this.#openToContainers().catch(failed);
  }

  /** `secretsFolder`: where the attempt finds its secret files. @throws LaunchError */
  async accessOf({ attemptId, hasRole, run }: AssignedAttempt, secretsFolder: string): Promise<RoleAccess> {
    if (hasRole === undefined) return noRole;
    const { containers } = this.#options;
    if (run.kind === 'container' && containers === null)
      throw new LaunchError('a container has credentials of its role on nodes of AWS only; run it without an image');
    const path = `/v1/credentials/${attemptId}`;
    try {
      if (run.kind !== 'container' || containers === null) {
        const uri = `http://127.0.0.1:${String(await this.#open())}${path}`;
        const token = this.#tokenOf(attemptId);
        const secret = { AWS_CONTAINER_CREDENTIALS_FULL_URI: uri, AWS_CONTAINER_AUTHORIZATION_TOKEN: token };
        return { ...noRole, secret };
      }
      await this.#openToContainers();
      return {
        secret: {},
        env: {
          AWS_CONTAINER_CREDENTIALS_FULL_URI: `http://${containers.address}:${String(containers.port)}${path}`,
          AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: `${secretsFolder}/${tokenFile}`,
        },
        files: { [tokenFile]: this.#tokenOf(attemptId) },
      };
    } catch (error) {
      throw new LaunchError(`it could not be given its role: ${messageOf(error)}`);
    }
  }

  forget(attemptId: string): void {
    this.#cached.delete(attemptId);
  }

  close(): void {
    for (const server of this.#servers) {
      server.close();
      server.closeAllConnections();
    }
  }

  #tokenOf(attemptId: string): string {
    return createHmac('sha256', this.#key).update(attemptId).digest('hex');
  }

  #open(): Promise<number> {
    this.#listening ??= this.#listen().catch((error: unknown) => {
      this.#listening = null;
      throw error;
    });
    return this.#listening;
  }

  /** What runs in containers through a restart of the agent goes on being answered, too. */
  #openToContainers(): Promise<void> {
    this.#listeningToContainers ??= this.#listenToContainers().catch((error: unknown) => {
      this.#listeningToContainers = null;
      throw error;
    });
    return this.#listeningToContainers;
  }

  async #listenToContainers(): Promise<void> {
    const { containers } = this.#options;
    if (containers === null) return;
    await containers.open();
    const server = await this.#serve(containers.port, containers.address);
    this.#keep(server, this.#containersFile, '');
  }

  async #listen(): Promise<number> {
    const { port: wanted } = this.#options;
    const before = existsSync(this.#portFile) ? Number(readFileSync(this.#portFile, 'utf8')) : wanted;
    const server = await this.#serve(before, '127.0.0.1');
    const { port } = server.address() as AddressInfo;
    this.#keep(server, this.#portFile, String(port));
    return port;
  }

  /** With a file that tells of it to an agent that is started later. */
  #keep(server: Server, file: string, text: string): void {
    try {
      writeFileSync(file, text);
    } catch (error) {
      // A task may have deleted the folder: the next one finds the port free.
      server.close();
      throw error;
    }
    this.#servers.push(server);
  }

  async #serve(port: number, host: string): Promise<Server> {
    const server = createServer((request, response) => {
      void this.#answer(request.method ?? '', request.url ?? '', request.headers.authorization ?? '').then(
        ({ status, body }) => {
          response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
          response.end(JSON.stringify(body));
        },
      );
    });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen({ port, host }, resolve);
    });
    return server;
  }

  async #answer(method: string, path: string, token: string): Promise<{ status: number; body: object }> {
    const attemptId = /^\/v1\/credentials\/([A-Za-z0-9._-]+)$/.exec(path)?.[1];
    if (method !== 'GET' || attemptId === undefined) return { status: 404, body: { message: 'there is no such path' } };
    const [given, wanted] = [Buffer.from(token), Buffer.from(this.#tokenOf(attemptId))];
    const isIts = given.length === wanted.length && timingSafeEqual(given, wanted);
    if (!isIts || !this.#options.isRunning(attemptId))
      return { status: 403, body: { message: 'the token is that of no attempt that runs here' } };
    try {
      const { accessKeyId, secretAccessKey, sessionToken, expiresAtMs } = await this.#credentialsOf(attemptId);
      return {
        status: 200,
        body: {
          AccessKeyId: accessKeyId,
          SecretAccessKey: secretAccessKey,
          Token: sessionToken,
          Expiration: new Date(expiresAtMs).toISOString().replace(/\.\d+Z$/, 'Z'),
        },
      };
    } catch (error) {
      this.#options.log(`${attemptId} is given no credentials: ${messageOf(error)}`);
      return { status: 502, body: { message: messageOf(error) } };
    }
  }

  /** Whoever asks meanwhile waits for the same answer. */
  async #credentialsOf(attemptId: string): Promise<RoleCredentials> {
    const { nowMs, ask } = this.#options;
    const cached = this.#cached.get(attemptId);
    if (cached !== undefined && nowMs() < cached.until) return cached.credentials;
    const credentials = ask(attemptId);
    const keepUntil = (until: number): void => {
      this.#cached.set(attemptId, { until, credentials });
    };
    keepUntil(Infinity);
    credentials.then(
      ({ expiresAtMs }) => {
        keepUntil(expiresAtMs - renewBeforeMs);
      },
      () => {
        keepUntil(nowMs() + failureMs);
      },
    );
    return credentials;
  }
}

/** Made once: what runs through a restart of the agent keeps its token. */
function keyIn(stateDir: string): string {
  const file = join(stateDir, 'role-key');
  if (!existsSync(file)) writeFileSync(file, randomBytes(32).toString('hex'), { mode: 0o600 });
  return readFileSync(file, 'utf8');
}
