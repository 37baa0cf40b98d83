// Whether a process that an earlier start of the agent knew by its pid is still that process: pids are
// reused, so the command line must name the attempt's folder, which no other process does.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';

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
    // ENOENT: no such process; ESRCH: it ended between the two reads.
    if (isCode(error, 'ENOENT') || isCode(error, 'ESRCH')) return null;
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

/** Signals a whole process group; false when nobody is in it any more. */
export function signalGroup(pgid: number, signal: NodeJS.Signals): boolean {
  try {
    process.kill(-pgid, signal);
    return true;
  } catch (error) {
    if (isCode(error, 'ESRCH')) return false;
    // macOS answers EPERM for a group of which only a zombie is left.
    if (isCode(error, 'EPERM') && !hasProc) return false;
    throw error;
  }
}

export function isCode(error: unknown, code: string): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === code;
}
