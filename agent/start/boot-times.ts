// How the machine came to this start of the agent: the kernel's clock, what the user data wrote down, and this process.
import { readFileSync } from 'node:fs';
import { uptime } from 'node:os';
import * as z from 'zod';
import type { NodeBoot } from '../../lib/core/records/node.ts';
import { isCode } from '../tasks/process-table.ts';

const timeMs = z.coerce.number().int().min(0);
/** Lines `name=ms`; others are of another version. */
const written = z.object({ userDataAtMs: timeMs.exactOptional(), unpackedAtMs: timeMs.exactOptional() });

/** @param file absent, or not there: only the kernel's and the agent's times are known, as after a reboot */
export function bootOf(file: string | undefined): Omit<NodeBoot, 'taskAtMs'> {
  return {
    kernelAtMs: Math.round(Date.now() - uptime() * 1_000),
    ...stepsIn(file),
    agentAtMs: Math.round(performance.timeOrigin),
  };
}

function stepsIn(file: string | undefined): z.output<typeof written> {
  if (file === undefined) return {};
  try {
    const lines = readFileSync(file, 'utf8').trim().split('\n');
    return written.parse(Object.fromEntries(lines.map((line) => line.split('=', 2))));
  } catch (error) {
    if (isCode(error, 'ENOENT')) return {};
    throw error;
  }
}
