// Images of containers: fetched before the process exists, where the node does not have them, with the login that the
// attempt's registry asks for. That is in memory only, and opens an image for the request that it is for, no other.
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { ecrOf, registryOf } from '../../../lib/core/access/images.ts';
import type { GivenLogin } from '../../../lib/core/access/images.ts';
import type { AssignedAttempt } from '../../../lib/core/records/sync.ts';
import { LaunchError, messageOf } from '../../errors.ts';
import { execute, wordsOf } from '../execute.ts';
import type { Executed } from '../execute.ts';
import { readLast } from '../task-files.ts';
import { askedAgain } from './asked-again.ts';
import { memoryFolder } from './secrets.ts';

/** docker or podman, and what its client may need of an environment (where its engine listens). */
export interface ContainerClient {
  readonly program: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

export interface ImageOptions {
  readonly stateDir: string;
  /** A folder of a memory file system, for logins; null: there is none here. */
  readonly root: string | null;
  /** @throws one whose `isFinal` says that asking again would not help */
  readonly ask: (attemptId: string) => Promise<GivenLogin>;
  /**
   * What one tenant fetched with a login is no other's because it is there: it is asked for again. false: all that the
   * machine has is everybody's.
   */
  readonly isGuarded: boolean;
  readonly nowMs: () => number;
  readonly retryMs?: number;
}

/** An image as the engine has it. */
interface Found {
  readonly id: string;
  /** By which its registry knows it; null: no registry does. */
  readonly digest: string | null;
}

const quickMs = 30_000;
const pullMs = 1_800_000;
const sayEveryMs = 15_000;
const triesMax = 5;
/** A request that has just shown its login need not show it for each of its tasks. */
const shownMs = 5 * 60_000;
const rememberedMax = 1_000;
const fetchedFile = 'fetched';
/** Go's templates, which both clients have. */
const format = '{{.Id}}{{range .RepoDigests}} {{.}}{{end}}';
const isDenial = /denied|unauthorized|authentication required|no basic auth|forbidden|\b40[13]\b/i;

export class ImageKeeper {
  readonly #options: ImageOptions;
  /** Which images requests have shown a login for, and until when that is taken for shown. */
  readonly #shown = new Map<string, { readonly id: string; readonly untilMs: number }>();
  /** Ids of those that were fetched without a login: everybody's. */
  readonly #open = new Set<string>();
  readonly #loginsMark: string;

  constructor(options: ImageOptions) {
    this.#options = options;
    this.#loginsMark = join(options.stateDir, 'image-logins');
  }

  /** Notes in `dir` which image is there. @throws LaunchError that says what to do; also when aborted */
  async give(
    attempt: AssignedAttempt,
    image: string,
    client: ContainerClient,
    dir: string,
    say: (note: string) => void,
    signal: AbortSignal,
  ): Promise<void> {
    const before = await this.#find(client, image, signal);
    const isThere = before !== null && !isMoving(image) && this.#isFor(attempt, before.id);
    const found = isThere ? before : await this.#fetch(attempt, image, client, say, signal);
    writeFileSync(join(dir, fetchedFile), JSON.stringify(found));
  }

  /** The controller's document of the attempt says whether it has a login; the engine knows nothing of tenants. */
  #isFor({ requestId, hasImageLogin }: AssignedAttempt, id: string): boolean {
    if (hasImageLogin === undefined)
      return !this.#options.isGuarded || !existsSync(this.#loginsMark) || this.#open.has(id);
    const shown = this.#shown.get(requestId);
    return shown?.id === id && this.#options.nowMs() < shown.untilMs;
  }

  async #fetch(
    attempt: AssignedAttempt,
    image: string,
    client: ContainerClient,
    say: (note: string) => void,
    signal: AbortSignal,
  ): Promise<Found | null> {
    const { attemptId, requestId } = attempt;
    if (attempt.hasImageLogin === undefined) {
      await this.#pull(client, image, null, say, signal);
      const found = await this.#find(client, image, signal);
      if (found !== null) remember(this.#open, found.id);
      return found;
    }
    const login = await this.#ask(attemptId, image, signal);
    // Before it is there: an agent that dies in between must not take it for everybody's.
    writeFileSync(this.#loginsMark, '');
    await this.#withLogin(attemptId, image, client, login, (own) => this.#pull(own, image, login, say, signal));
    const found = await this.#find(client, image, signal);
    if (found === null) return null;
    this.#open.delete(found.id);
    this.#shown.delete(requestId);
    if (this.#shown.size >= rememberedMax) this.#shown.clear();
    this.#shown.set(requestId, { id: found.id, untilMs: this.#options.nowMs() + shownMs });
    return found;
  }

  /** Both clients read such a file; what their own `login` writes would be there for every task. */
  async #withLogin(
    attemptId: string,
    image: string,
    client: ContainerClient,
    { username, password }: GivenLogin,
    work: (own: ContainerClient) => Promise<void>,
  ): Promise<void> {
    const { root } = this.#options;
    const folder = join(memoryFolder(root, attemptId, 'its image needs a login'), 'registry');
    const file = join(folder, 'config.json');
    const auth = Buffer.from(`${username}:${password}`).toString('base64');
    const registry = registryOf(image);
    const keys = registry === 'docker.io' ? ['https://index.docker.io/v1/'] : [registry];
    try {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      writeFileSync(file, JSON.stringify({ auths: Object.fromEntries(keys.map((key) => [key, { auth }])) }), {
        mode: 0o600,
      });
      const host = await engineOf(client);
      const own = { DOCKER_CONFIG: folder, REGISTRY_AUTH_FILE: file };
      await work({ ...client, env: { ...client.env, ...own, ...(host === null ? {} : { DOCKER_HOST: host }) } });
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }

  async #pull(
    client: ContainerClient,
    image: string,
    login: GivenLogin | null,
    say: (note: string) => void,
    signal: AbortSignal,
  ): Promise<void> {
    say(`fetching the image ${image}`);
    let [layers, done, saidAtMs] = [0, 0, performance.now()];
    const pulled = await execute(client, ['pull', image], {
      signal,
      timeoutMs: pullMs,
      onLine: (line) => {
        if (/: (Pulling fs layer|Already exists)$/.test(line)) layers += 1;
        if (/: (Pull complete|Already exists)$/.test(line)) done += 1;
        if (layers === 0 || performance.now() - saidAtMs < sayEveryMs) return;
        saidAtMs = performance.now();
        say(`fetching the image ${image}: ${String(done)} of ${String(layers)} layers`);
      },
    });
    if (pulled.code !== 0) throw new LaunchError(failureText(image, pulled, login));
  }

  async #find(client: ContainerClient, image: string, signal: AbortSignal): Promise<Found | null> {
    const looked = await execute(client, ['image', 'inspect', `--format=${format}`, image], {
      signal,
      timeoutMs: quickMs,
    });
    if (looked.code !== 0) return null;
    const [id = '', ...digests] = looked.stdout.trim().split(/\s+/);
    return { id, digest: digestAmong(digests, image) };
  }

  #ask(attemptId: string, image: string, signal: AbortSignal): Promise<GivenLogin> {
    const { ask, retryMs = 1_000 } = this.#options;
    const sentence = (error: unknown): string =>
      `the image ${image} could not be fetched: no login for it: ${messageOf(error)}`;
    return askedAgain({ most: triesMax, pauseMs: (done) => retryMs * done, signal, sentence }, () => ask(attemptId));
  }
}

/** What the engine calls the image that was fetched for the attempt; null: it did not say. */
export function imageIdOf(dir: string): string | null {
  const { id } = fetchedIn(dir);
  return typeof id === 'string' && id !== '' ? id : null;
}

/** The digest of the image that the attempt runs; null: it runs none, or no registry knows it. */
export function imageDigestOf(dir: string): string | null {
  const { digest } = fetchedIn(dir);
  return typeof digest === 'string' && /^sha256:[0-9a-f]{64}$/.test(digest) ? digest : null;
}

/** Where tasks run as the agent's own user, one may have written or deleted it. */
function fetchedIn(dir: string): { readonly id?: unknown; readonly digest?: unknown } {
  const text = readLast(join(dir, fetchedFile), 4_096)?.toString('utf8') ?? '{}';
  try {
    return (JSON.parse(text) as object | null) ?? {};
  } catch (error) {
    if (error instanceof SyntaxError) return {};
    throw error;
  }
}

/**
 * Without a tag, or with `latest`, the same name may mean another image tomorrow; the others are fetched once per
 * node.
 */
function isMoving(image: string): boolean {
  if (image.includes('@')) return false;
  const tag = /:([^/]+)$/.exec(image)?.[1];
  return tag === undefined || tag === 'latest';
}

/** Of the names by which registries know it (`NAME@sha256:…`), the one that the task has used; else the first. */
function digestAmong(digests: readonly string[], image: string): string | null {
  const name = image.replace(/@.*$/, '').replace(/:[^/:]+$/, '');
  const isIts = (one: string): boolean => one.startsWith(`${name}@`) || one.includes(`/${name}@`);
  return (digests.find(isIts) ?? digests[0])?.split('@')[1] ?? null;
}

function failureText(image: string, failed: Executed, login: GivenLogin | null): string {
  const words = wordsOf(failed);
  const shown = login === null ? words : withoutLogin(words, login);
  return `the image ${image} could not be fetched: ${shown}${isDenial.test(words) ? cureOf(image, login) : ''}`;
}

function cureOf(image: string, login: GivenLogin | null): string {
  const registry = registryOf(image);
  const isEcr = ecrOf(image) !== null;
  if (login === null)
    return isEcr
      ? '; ECR asks who fetches it: give the task imageCredentials with a role'
      : `; if it is there and ${registry} asks who fetches it, give the task imageCredentials with a secret`;
  return isEcr
    ? `; see that ${login.from} has ecr:BatchGetImage and ecr:GetDownloadUrlForLayer for that repository`
    : `; see that ${login.from} has a user of ${registry} who may fetch it`;
}

/** No client is known to repeat it; none gets to. */
function withoutLogin(words: string, { username, password }: GivenLogin): string {
  const secrets = [password, Buffer.from(`${username}:${password}`).toString('base64')];
  return secrets.reduce((text, one) => text.replaceAll(one, '…'), words);
}

/** Where docker's client would find its engine by a context of the user's, which another config does not have. */
async function engineOf({ program, env }: ContainerClient): Promise<string | null> {
  if (basename(program) !== 'docker' || env['DOCKER_HOST'] !== undefined) return null;
  const asked = await execute({ program, env }, ['context', 'inspect', '--format={{.Endpoints.docker.Host}}'], {
    timeoutMs: quickMs,
  });
  const host = asked.stdout.trim();
  return asked.code === 0 && host !== '' ? host : null;
}

function remember(ids: Set<string>, id: string): void {
  if (ids.size >= rememberedMax) ids.clear();
  ids.add(id);
}
