// What a start of the CLI costs: `npm run bench:cli`. CPU time of the whole process, as a ratio to a Node that does
// nothing, the minimum of many in one run. Unix only: it reads what children used.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const rounds = 15;
/** Nobody listens there: what it costs to try. */
const nowhere = ['--server', 'http://127.0.0.1:1'];
const commands: Readonly<Record<string, readonly string[]>> = {
  'node that does nothing': [process.execPath, '-e', '0'],
  'bellows --help': [`${root}bellows`, '--help'],
  'bellows --version': [`${root}bellows`, '--version'],
  'a misspelt command': [`${root}bellows`, 'pool', 'aply'],
  'node -e fetch': [process.execPath, '-e', `fetch('${nowhere[1] ?? ''}').catch(() => 0)`],
  'bellows stats, no server': [`${root}bellows`, 'stats', ...nowhere],
  'from source, bellows --help': [
    process.execPath,
    '--disable-warning=ExperimentalWarning',
    `${root}cli/main.ts`,
    '-h',
  ],
};

/** In ms. Children of a Node that does nothing else, read by the shell's `times`: the sum of user and system time. */
function cpuMs([program = '', ...args]: readonly string[]): number {
  const script = '"$@" >/dev/null 2>&1; times';
  const { stdout } = spawnSync('bash', ['-c', script, 'bash', program, ...args], { encoding: 'utf8' });
  const children = stdout.trim().split('\n').at(-1) ?? '';
  const parts = [...children.matchAll(/(\d+)m([\d.]+)s/g)].map(([, m = '', s = '']) => Number(m) * 60 + Number(s));
  if (parts.length !== 2) throw new Error(`the shell's times are not as expected: ${children}`);
  return parts.reduce((sum, one) => sum + one * 1000, 0);
}

const least = new Map<string, number>();
for (const command of Object.values(commands)) cpuMs(command);
for (let round = 0; round < rounds; round += 1)
  for (const [name, command] of Object.entries(commands))
    least.set(name, Math.min(least.get(name) ?? Infinity, cpuMs(command)));
const bare = least.get('node that does nothing') ?? Number.NaN;
for (const [name, ms] of least)
  process.stdout.write(`${name.padEnd(30)} ${ms.toFixed(0).padStart(4)} ms of CPU  ${(ms / bare).toFixed(2)}\n`);
