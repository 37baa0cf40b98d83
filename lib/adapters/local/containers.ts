// The container engine of this machine, if it has one, for tasks that name an image.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const removeTimeoutMs = 30_000;

/** As it is passed to agents (`containers` of their config). */
export interface LocalContainers {
  readonly program: string;
  readonly env: Readonly<Record<string, string>>;
  /** Who runs in containers; absent: whom the image says. */
  readonly user?: string;
}

/** What a client needs to find its engine. */
const variables = /^(PATH|HOME|XDG_RUNTIME_DIR|(DOCKER|CONTAINER)_.+)$/;

/** `user`: of this process. */
export function localContainers(
  program: string,
  environment: Readonly<Record<string, string | undefined>>,
  user: { readonly uid: number; readonly gid: number },
): LocalContainers {
  const env = Object.fromEntries(
    Object.entries(environment).filter(
      (entry): entry is [string, string] => entry[1] !== undefined && variables.test(entry[0]),
    ),
  );
  // Docker's root is the machine's: what it writes into a task's folder we could not delete. Podman's is ourselves.
  return {
    program,
    env,
    ...(program.endsWith('/docker') && user.uid !== 0 ? { user: `${String(user.uid)}:${String(user.gid)}` } : {}),
  };
}

const workingMs = 10_000;
const brokenMs = 2_000;
const askTimeoutMs = 10_000;

/** Whether the engine works, asked of itself: a client on the PATH may have none behind it. */
export class ContainerEngine {
  readonly #containers: LocalContainers;
  readonly #nowMs: () => number;
  #answer: { readonly untilMs: number; readonly reason: Promise<string | null> } | null = null;

  constructor(containers: LocalContainers, nowMs: () => number) {
    this.#containers = containers;
    this.#nowMs = nowMs;
  }

  /** null: it works. Otherwise what its client says. One call at a time; what it said holds for some seconds. */
  async brokenBy(): Promise<string | null> {
    if (this.#answer !== null && this.#nowMs() < this.#answer.untilMs) return this.#answer.reason;
    // A question that is under way is everybody's.
    const answer = { untilMs: Infinity, reason: this.#ask() };
    this.#answer = answer;
    const reason = await answer.reason;
    this.#answer = { ...answer, untilMs: this.#nowMs() + (reason === null ? workingMs : brokenMs) };
    return reason;
  }

  async #ask(): Promise<string | null> {
    const { program, env } = this.#containers;
    // Docker's client reports the version of its engine. Podman has no engine: ask whether it can run anything.
    const question = program.endsWith('/podman') ? 'info' : 'version';
    try {
      await promisify(execFile)(program, [question], { env, timeout: askTimeoutMs });
      return null;
    } catch (error) {
      const { stderr, message } = Object(error) as { readonly stderr?: unknown; readonly message?: unknown };
      const said = typeof stderr === 'string' && stderr.trim() !== '' ? stderr : String(message);
      return said.trim().split('\n').at(-1)?.slice(0, 300) ?? 'no answer';
    }
  }
}

/** Ends the containers of an instance that is gone. @throws Error of the client */
export async function removeContainersOf(instanceId: string, { program, env }: LocalContainers): Promise<void> {
  const run = async (...args: readonly string[]): Promise<string> =>
    (await promisify(execFile)(program, args, { env, timeout: removeTimeoutMs })).stdout;
  const ids = (await run('ps', '--all', '--quiet', '--filter', `label=bellows.node=${instanceId}`))
    .split('\n')
    .filter((id) => id !== '');
  if (ids.length > 0) await run('rm', '--force', '--volumes', ...ids);
}
