// `exec`: a program beside a task that runs. On one machine it is started where the task's agent has the task; a node
// on AWS is reached by Session Manager only, and what to type there is said.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { attemptId } from '../../../lib/core/records/request.ts';
import type { Beside, Context, Run } from '../../context.ts';
import { CliError, exits, usageError } from '../../errors.ts';
import { number } from '../../text.ts';

export function registerExec(program: Command, run: Run): void {
  const command = program
    .command('exec')
    .description('run a program beside a task that runs, in its folder and with its environment')
    .argument('<id>', 'of the request')
    .argument('[command...]', 'program and arguments, after --; sh unless given')
    .passThroughOptions()
    .option('--index <number>', 'which task of an array; its first unless given', number('--index'));
  run(command, async (context, [id = '', first = 'sh', ...rest], options) => {
    // What stands behind the id is passed on as it is, the dashes, too.
    const argv = first === '--' ? rest : [first, ...rest];
    if (argv.length === 0) throw usageError('what shall run beside it? Give a program after --');
    context.exit = await execBeside(context, id, typeof options['index'] === 'number' ? options['index'] : null, argv);
  });
}

/** `asked`: null: the first task. */
async function execBeside(
  context: Context,
  id: string,
  asked: number | null,
  argv: readonly string[],
): Promise<number> {
  const { client, environment } = context;
  const { items } = await client.call('listTasks', { params: { id }, query: { from: asked ?? 0, limit: 1 } });
  const request = await client.call('getRequest', { params: { id } });
  const [task] = items;
  if (task === undefined || task.index !== (asked ?? task.index))
    throw usageError(`${request.id} has no task ${String(asked ?? 0)}`);
  const { index } = task;
  if (task.state !== 'running' || task.node === null || task.startedAt === null)
    throw new CliError(exits.failed, `task ${String(index)} of ${request.id} does not run: it is ${task.state}`);
  // Tasks that are run again have another place than they had (retry).
  const attempt = attemptId(
    request.id,
    request.subset === undefined ? index : placeIn(request.subset.indices, index),
    task.attempts,
  );
  const folder = join(environment.home, 'agents', task.node.id, 'state', 'attempts', attempt);
  if (isLoopback(client.server) && existsSync(folder))
    return environment.runBeside(await besideIn(folder, attempt, argv, environment.columns !== undefined));
  if (isLoopback(client.server))
    throw usageError(
      `${environment.home} has nothing of the task: it is not the folder of the server at ${client.server}`,
      "set BELLOWS_HOME to the server's, on the machine where it runs",
    );
  throw new CliError(
    exits.failed,
    `task ${String(index)} of ${request.id} runs on the node ${task.node.id}, which is not of this machine`,
    `with Session Manager: aws ssm start-session --target ${task.node.id}\n  and there: ${onNode(attempt, argv)}`,
  );
}

/** `indices` like "77,92-95". */
function placeIn(indices: string, index: number): number {
  let before = 0;
  for (const part of indices.split(',')) {
    const [first = NaN, last = first] = part.split('-').map(Number);
    if (index >= first && index <= last) return before + index - first;
    before += last - first + 1;
  }
  throw usageError(`task ${String(index)} is none of ${indices}`);
}

function isLoopback(server: string): boolean {
  return ['127.0.0.1', 'localhost', '[::1]'].includes(new URL(server).hostname);
}

async function besideIn(
  folder: string,
  attempt: string,
  argv: readonly string[],
  hasTerminal: boolean,
): Promise<Beside> {
  if (existsSync(join(folder, 'container'))) {
    const engine = readFileSync(join(folder, '..', '..', 'containers'), 'utf8').trim();
    return { argv: [engine, 'exec', hasTerminal ? '-it' : '-i', `bellows-${attempt}`, ...argv] };
  }
  const work = join(folder, 'work');
  const wrapper = readFileSync(join(folder, 'pid'), 'utf8').trim();
  // Where the system does not tell the task's environment, it has the caller's.
  const env = environmentOf(wrapper);
  return { argv, cwd: work, ...(env === null ? {} : { env }) };
}

/** Of the process behind the wrapper; null: this system does not say it (no /proc). */
function environmentOf(wrapper: string): Readonly<Record<string, string>> | null {
  const children = `/proc/${wrapper}/task/${wrapper}/children`;
  const child = existsSync(children) ? readFileSync(children, 'utf8').trim().split(' ')[0] : '';
  if (child === undefined || child === '') return null;
  const lines = readFileSync(`/proc/${child}/environ`, 'utf8').split('\0');
  return Object.fromEntries(
    lines
      .filter((line) => line.includes('='))
      .map((line): readonly [string, string] => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  );
}

/** As the task's user, in its folder and its view of the file systems. */
export function onNode(attempt: string, argv: readonly string[]): string {
  const script =
    `p=$(pgrep -P "$(cat /var/lib/bellows-agent/attempts/${attempt}/pid)" | head -n 1); `
    + 'exec nsenter -t "$p" -m -w -S "$(stat -c %u "/proc/$p")" -G "$(stat -c %g "/proc/$p")" "$@"';
  return `sudo sh -c ${quoted(script)} beside ${argv.map(quoted).join(' ')}`;
}

function quoted(text: string): string {
  return /^[A-Za-z0-9_./=-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
