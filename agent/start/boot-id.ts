// The name of one start of the agent. Later ones must sort after earlier ones even if the clock was set back
// in between: the controller ignores what an older start says, and would never hear this node again.
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { isCode } from '../tasks/process-table.ts';

const timeDigits = 15;

/** The time in fixed width, then randomness: two agents of one node by mistake still differ. */
export function nextBootId(stateDir: string, wallMs: number): string {
  const file = join(stateDir, 'boot');
  const timeMs = Math.max(wallMs, lastTimeMs(file) + 1);
  const fd = openSync(`${file}.new`, 'w');
  writeSync(fd, String(timeMs));
  fsyncSync(fd);
  closeSync(fd);
  renameSync(`${file}.new`, file);
  return `${String(timeMs).padStart(timeDigits, '0')}-${Math.random().toString(36).slice(2, 10).padEnd(8, '0')}`;
}

function lastTimeMs(file: string): number {
  try {
    const last = Number(readFileSync(file, 'utf8'));
    return Number.isSafeInteger(last) ? last : 0;
  } catch (error) {
    if (isCode(error, 'ENOENT')) return 0;
    throw error;
  }
}
