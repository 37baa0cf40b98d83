// Finds and ends the processes of one simulated instance: its agent, its tasks' wrappers, and whatever the
// tasks started. When an instance is dead nothing of it may run on, whoever its parent was.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { readPlainFile } from './plain-file.ts';

const hasProc = existsSync('/proc/self/stat');

/** The command line of a living process; null when there is none (a zombie is none). */
export function commandLineOf(pid: number): string | null {
  if (!hasProc) return listWithPs().find((one) => one.pid === pid)?.command ?? null;
  const found = fromProc(pid);
  return found === null ? null : found.command;
}

/** Sends the signal; false: there is no such process. */
export function signalProcess(pid: number, signal: NodeJS.Signals): boolean {
  try {
    process.kill(pid, signal);
    return true;
  } catch (error) {
    // EPERM: a program of the task that runs as somebody else (setuid). It is not ours to end.
    if (isCode(error, 'ESRCH') || isCode(error, 'EPERM')) return false;
    throw error;
  }
}

/** Pids of everything that belongs to the instance whose folder this is. */
export function processesOf(folder: string): readonly number[] {
  const groups = wrapperGroups(folder);
  const all = hasProc ? listProc() : listWithPs();
  return all.filter((one) => belongs(one, folder, groups)).map((one) => one.pid);
}

/** Kills until a look finds nobody: a process may have started another one between look and kill. */
export function killAllOf(folder: string): void {
  for (let round = 0; round < 20; round += 1) {
    const pids = processesOf(folder);
    if (pids.length === 0) return;
    if (!pids.map((pid) => signalProcess(pid, 'SIGKILL')).includes(true)) return;
  }
}

interface Process {
  readonly pid: number;
  readonly pgid: number;
  readonly command: string;
  /** As it was at its start; empty where the system does not show it. */
  readonly environment: readonly string[];
}

/**
 * By the agent's and the wrapper's command line, by the HOME or TMPDIR that tasks inherit, and by the
 * process group of a wrapper for tasks that were given another HOME. A shell that merely stands in the
 * folder, or an editor of its log, does not belong to it.
 */
function belongs(one: Process, folder: string, groups: ReadonlySet<number>): boolean {
  const args = one.command.split(' ');
  if (args.some((arg) => arg === agentConfig(folder)) && one.command.includes('agent/main.ts')) return true;
  if (one.command.includes(`agent/tasks/wrapper.sh ${folder}/`)) return true;
  if (one.environment.some((entry) => entry.startsWith(`HOME=${folder}/`) || entry.startsWith(`TMPDIR=${folder}/`)))
    return true;
  return groups.has(one.pgid) && (one.environment.some((entry) => entry.startsWith('BELLOWS_ATTEMPT=')) || !hasProc);
}

/** Pid of the living agent of the instance whose folder this is; null: none, or not started yet. */
export function livingAgent(folder: string): number | null {
  const pid = Number.parseInt(readPlainFile(join(folder, 'agent.pid')) ?? '', 10);
  if (!(pid > 1)) return null;
  // A pid alone may be a stranger's by now: the command line names the instance's own config.
  return commandLineOf(pid)?.includes(agentConfig(folder)) === true ? pid : null;
}

/** Pids of all living agents below `dir`, by instance. */
export function livingAgents(dir: string): ReadonlyMap<string, number> {
  const ids = [...namesIn(dir)].sort();
  return new Map(
    ids.flatMap((id): [string, number][] => {
      const pid = livingAgent(join(dir, id));
      return pid === null ? [] : [[id, pid]];
    }),
  );
}

export function agentConfig(folder: string): string {
  return join(folder, 'config.json');
}

/** Wrappers lead their groups and leave their pid in the attempt's folder. */
function wrapperGroups(folder: string): ReadonlySet<number> {
  const attempts = join(folder, 'state', 'attempts');
  const pids = namesIn(attempts).map((attempt) =>
    Number.parseInt(readPlainFile(join(attempts, attempt, 'pid')) ?? '', 10),
  );
  return new Set(pids.filter((pid) => pid > 1));
}

/** Of a folder that tasks may have deleted, closed or replaced: then its processes are found by what they inherited. */
function namesIn(dir: string): readonly string[] {
  try {
    return readdirSync(dir);
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'EACCES', 'EPERM', 'ELOOP'].some((code) => isCode(error, code))) return [];
    throw error;
  }
}

function listProc(): readonly Process[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => fromProc(Number(name)) ?? []);
}

function fromProc(pid: number): Process | null {
  try {
    const stat = readFileSync(`/proc/${String(pid)}/stat`, 'utf8');
    const [state, , pgid] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (state === 'Z' || state === 'X') return null;
    const command = readFileSync(`/proc/${String(pid)}/cmdline`, 'utf8')
      .replaceAll('\0', ' ')
      .trimEnd();
    return { pid, pgid: Number(pgid), command, environment: environmentOf(pid) };
  } catch (error) {
    // It ended while we looked; or /proc shows no processes of others (hidepid), and it is none of ours.
    if (['ENOENT', 'ESRCH', 'EACCES', 'EPERM'].some((code) => isCode(error, code))) return null;
    throw error;
  }
}

function environmentOf(pid: number): readonly string[] {
  try {
    return readFileSync(`/proc/${String(pid)}/environ`, 'utf8').split('\0');
  } catch (error) {
    // Another user's process: not one of ours.
    if (isCode(error, 'EACCES') || isCode(error, 'EPERM') || isCode(error, 'ENOENT') || isCode(error, 'ESRCH'))
      return [];
    throw error;
  }
}

function listWithPs(): readonly Process[] {
  const lines = execFileSync('ps', ['-axww', '-o', 'pid=,pgid=,stat=,args='], {
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
  }).split('\n');
  return lines.flatMap((line) => {
    const match = /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(.*)$/.exec(line);
    if (match === null || match[3]?.startsWith('Z') === true) return [];
    return [{ pid: Number(match[1]), pgid: Number(match[2]), command: match[4] ?? '', environment: [] }];
  });
}

function isCode(error: unknown, code: string): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === code;
}

/** Processes that belong to instances below `dir` which are not alive: the folder may be gone, they must be too. */
export function strayProcesses(
  dir: string,
  isAlive: (instanceId: string) => boolean,
): readonly { readonly instanceId: string; readonly pid: number }[] {
  const prefix = `${dir}/`;
  const all = hasProc ? listProc() : listWithPs();
  return all.flatMap((one) => {
    const id = instanceNamedBy(one, prefix);
    return id === null || isAlive(id) || !belongs(one, join(dir, id), new Set())
      ? []
      : [{ instanceId: id, pid: one.pid }];
  });
}

function instanceNamedBy(one: Process, prefix: string): string | null {
  const mention = [...one.environment.filter((entry) => /^(HOME|TMPDIR)=/.test(entry)), one.command].find((text) =>
    text.includes(prefix),
  );
  return mention?.slice(mention.indexOf(prefix) + prefix.length).split(/[/ ]/, 1)[0] ?? null;
}
