// The EC2 simulator for peers: the program on a free port, and the package as a user has it.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { until } from '../../hang.ts';

export const root = fileURLToPath(new URL('../../../', import.meta.url));

export interface SimulatorProgram {
  readonly endpoint: string;
  /** Leads AWS's SDKs and tools to it, and nowhere else. */
  readonly env: Readonly<Record<string, string>>;
  control(method: string, route: string, body?: object): Promise<void>;
  stop(): Promise<void>;
}

export async function startProgram(...options: readonly string[]): Promise<SimulatorProgram> {
  const main = join(root, 'lib/local/ec2-simulator/main.ts');
  const child = spawn(process.execPath, [main, '--port', '0', ...options], { stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const endpoint = await until(() => /EC2 on (http:\S+:\d+)/.exec(said)?.[1], 'the simulator to listen');
  return {
    endpoint,
    env: awsEnvironment(endpoint),
    async control(method, route, body) {
      const options = body === undefined ? { method } : { method, body: JSON.stringify(body) };
      const answer = await fetch(`${endpoint}/_sim/${route}`, options);
      if (!answer.ok) throw new Error(`${method} ${route}: ${await answer.text()}`);
    },
    async stop() {
      const gone = new Promise((resolve) => child.once('close', resolve));
      child.kill('SIGTERM');
      await gone;
    },
  };
}

function awsEnvironment(endpoint: string): Readonly<Record<string, string>> {
  return {
    PATH: process.env['PATH'] ?? '',
    HOME: process.env['HOME'] ?? '',
    AWS_ENDPOINT_URL: endpoint,
    AWS_REGION: 'us-east-1',
    AWS_DEFAULT_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: '123456789012',
    AWS_SECRET_ACCESS_KEY: 'any',
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_CONFIG_FILE: '/dev/null',
    AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
    AWS_PAGER: '',
    // Nothing is left beside the scripts of this folder.
    PYTHONDONTWRITEBYTECODE: '1',
  };
}

/** A folder of a user who has installed the package from what `npm pack` made of it. */
export function installedPackage(folder: string): string {
  const stdio = 'pipe';
  execFileSync(process.execPath, [join(root, 'scripts/cli/pack-ec2-simulator.ts'), folder], { cwd: root, stdio });
  const user = join(folder, 'user');
  mkdirSync(user);
  writeFileSync(join(user, 'package.json'), '{"name": "user", "private": true}');
  const options = ['--offline', '--no-audit', '--no-fund', '--install-links', '--loglevel=error'];
  execFileSync('npm', ['install', ...options, join(folder, 'package')], { cwd: user, stdio });
  return user;
}

export interface Ran {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs something to its end. */
export function run(
  program: string,
  args: readonly string[],
  { cwd, env }: { readonly cwd: string; readonly env: Readonly<Record<string, string>> },
): Ran {
  const done = spawnSync(program, args, { cwd, env, encoding: 'utf8', timeout: 600_000, maxBuffer: 1 << 28 });
  if (done.error) throw done.error;
  return { status: done.status, stdout: done.stdout, stderr: done.stderr };
}

/** Runs the module of one file that is in the folder, with AWS's SDK of these versions. */
export function goRun(folder: string, env: Readonly<Record<string, string>>): Ran {
  const versions = ['config@v1.33.18', 'service/ec2@v1.346.0'].map((one) => `github.com/aws/aws-sdk-go-v2/${one}`);
  const goEnv = { ...env, GOFLAGS: '-mod=mod', GOTOOLCHAIN: 'local' };
  for (const args of [
    ['mod', 'init', 'peer'],
    ['get', ...versions],
  ]) {
    const done = run('go', args, { cwd: folder, env: goEnv });
    if (done.status !== 0) throw new Error(`go ${args.join(' ')}: ${done.stderr}`);
  }
  return run('go', ['run', '.'], { cwd: folder, env: goEnv });
}
