// The embedded server as a process of its own, for peers that want something real to look at.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ApiClient } from '../../lib/local/server/api-client.ts';
import { until } from '../hang.ts';

export interface LocalServerProcess {
  readonly url: string;
  readonly client: ApiClient;
  /** All that it has printed. */
  readonly printed: () => string;
  readonly stop: () => Promise<void>;
}

/** `env`: variables of the server, besides those of its home. */
export async function startLocal(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<LocalServerProcess> {
  const home = mkdtempSync(join(tmpdir(), 'bellows-peer-home-'));
  const program = ['--disable-warning=ExperimentalWarning', 'lib/local/main.ts', ...args];
  const child = spawn(process.execPath, program, {
    env: { PATH: process.env['PATH'], BELLOWS_HOME: home, BELLOWS_PORT: '0', BELLOWS_LOCAL_PROCESSES: '8', ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
  const exited = new Promise((resolve) => child.once('exit', resolve));
  const url = await until(() => /listens on (\S+)/.exec(text)?.[1], 'the server to listen');
  return {
    url,
    client: new ApiClient(url),
    printed: () => text,
    stop: async () => {
      child.kill('SIGTERM');
      await exited;
      rmSync(home, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
    },
  };
}
