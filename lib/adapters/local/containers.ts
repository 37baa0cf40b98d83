// The container engine of this machine, if it has one, for tasks that name an image.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const removeTimeoutMs = 30_000;

/** As agents are told of it (`containers` of their config). */
export interface LocalContainers {
  readonly program: string;
  readonly env: Readonly<Record<string, string>>;
  /** Who runs in containers; absent: whom the image says. */
  readonly user?: string;
}

/** What a client needs to find its engine. */
const variables = /^(PATH|HOME|XDG_RUNTIME_DIR|(DOCKER|CONTAINER)_.+)$/;

/** `user`: of this process. */
export function localContainers(program: string, environment: Readonly<Record<string, string | undefined>>, user: { readonly uid: number; readonly gid: number }): LocalContainers {
  const env = Object.fromEntries(Object.entries(environment).filter((entry): entry is [string, string] => entry[1] !== undefined && variables.test(entry[0])));
  // Docker's root is the machine's: what it writes into a task's folder we could not delete. Podman's is ourselves.
  return { program, env, ...(program.endsWith('/docker') && user.uid !== 0 ? { user: `${String(user.uid)}:${String(user.gid)}` } : {}) };
}

/** Ends the containers of an instance that is gone. @throws Error of the client */
export async function removeContainersOf(instanceId: string, { program, env }: LocalContainers): Promise<void> {
  const run = async (...args: readonly string[]): Promise<string> => (await promisify(execFile)(program, args, { env, timeout: removeTimeoutMs })).stdout;
  const ids = (await run('ps', '--all', '--quiet', '--filter', `label=bellows.node=${instanceId}`)).split('\n').filter((id) => id !== '');
  if (ids.length > 0) await run('rm', '--force', '--volumes', ...ids);
}
