// The output of a task on the terminal: the streams apart, as they are kept, and what is missing.
import { limits } from '../lib/api/limits.ts';
import type { OutputView } from '../lib/api/schemas/requests.ts';
import type { Context } from './context.ts';
import { plural } from './text.ts';

/** `task`: named where the output of several is shown. `tailBytes`: what was asked for. */
export function printOutput(context: Context, output: OutputView, tailBytes: number, task: number | null = null): void {
  const missing = missingOf(output, tailBytes);
  if (missing !== null) context.say(task === null ? missing : `task ${String(task)}: ${missing}`);
  context.raw(output.stdout);
  if (output.stderr !== '') context.environment.stderr(output.stderr);
}

function missingOf({ truncated, leftOutBytes }: OutputView, tailBytes: number): string | null {
  if (!truncated) return null;
  const parts = (['stdout', 'stderr'] as const)
    .filter((stream) => leftOutBytes[stream] > 0)
    .map((stream) => `${plural(leftOutBytes[stream], 'byte')} of ${stream}`);
  if (parts.length === 0) return 'a stream is not whole: the task deleted or replaced the file that it is kept in';
  const more = tailBytes < limits.outputTailBytesMax ? '; --tail BYTES shows more of what is kept' : '';
  return `${parts.join(' and ')} left out: the first and the last 128 KiB of a stream are kept${more}`;
}
