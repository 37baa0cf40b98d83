// Whether a process that an earlier start of the agent knew by its pid is still that process: pids are
// reused, so the command line must name the attempt's folder, which no other process does.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync } from 'node:fs';

const hasProc = existsSync('/proc/self/stat');

/** The command line of a living process; null when there is none (a zombie is none). */
export function commandLineOf(pid: number): string | null {
  return hasProc ? fromProc(pid) : fromPs(pid);
}

function fromProc(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${String(pid)}/stat`, 'utf8');
    const state = stat.slice(stat.lastIndexOf(')') + 2, stat.lastIndexOf(')') + 3);
    if (state === 'Z' || state === 'X') return null;
    return readFileSync(`/proc/${String(pid)}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch (error) {
    // ENOENT: no such process; ESRCH: it ended between the two reads; the others: /proc hides what is not ours.
    if (['ENOENT', 'ESRCH', 'EACCES', 'EPERM'].some((code) => isCode(error, code))) return null;
    throw error;
  }
}

function fromPs(pid: number): string | null {
  try {
    const line = execFileSync('ps', ['-ww', '-o', 'stat=,args=', '-p', String(pid)], { encoding: 'utf8' }).trim();
    return line === '' || line.startsWith('Z') ? null : line.slice(line.indexOf(' ') + 1);
  } catch (error) {
    // ps exits with 1 when there is no such process.
    if (typeof error === 'object' && error !== null && 'status' in error && error.status === 1) return null;
    throw error;
  }
}

/** The process whose command line has this text; null: none. For what is not to be found by a pid that was noted. */
export function processWith(text: string): number | null {
  const pids = hasProc
    ? readdirSync('/proc')
        .filter((name) => /^\d+$/.test(name))
        .map(Number)
    : execFileSync('ps', ['-axo', 'pid='], { encoding: 'utf8' })
        .split('\n')
        .map(Number)
        .filter((pid) => pid > 0);
  return pids.find((pid) => pid !== process.pid && commandLineOf(pid)?.includes(text)) ?? null;
}

/** Signals a whole process group; false when nobody is in it any more. */
export function signalGroup(pgid: number, signal: NodeJS.Signals): boolean {
  try {
    process.kill(-pgid, signal);
    return true;
  } catch (error) {
    if (isCode(error, 'ESRCH')) return false;
    // Only programs that run as somebody else (setuid) are left in it; on macOS: only a zombie is.
    if (isCode(error, 'EPERM')) return false;
    throw error;
  }
}

export function isCode(error: unknown, code: string): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === code;
}
