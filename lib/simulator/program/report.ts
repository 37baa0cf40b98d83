// What people read of a run: how to run it again, which invariant fell, and the story of the things concerned.
import type { RunOptions, RunResult } from '../run/types.ts';
import { formatLine } from '../trace.ts';

/** The command that repeats the run exactly. */
export function replayCommand(options: RunOptions): string {
  const parts = [`npm run simulate:faults -- --seed ${String(options.seed)}`];
  if (options.size) parts.push(`--size ${options.size}`);
  if (options.world) parts.push(`--world ${options.world}`);
  if (options.scale) parts.push(`--scale ${options.scale}`);
  if (options.claims !== undefined) parts.push(`--claims ${options.claims ? 'yes' : 'no'}`);
  if (options.services !== undefined) parts.push(`--services ${options.services ? 'yes' : 'no'}`);
  if (options.allocation) parts.push(`--allocation ${options.allocation}`);
  if (options.without && options.without.length > 0) parts.push(`--without ${options.without.join(',')}`);
  if (options.leftOut && options.leftOut.size > 0) parts.push(`--leave-out ${[...options.leftOut].join(',')}`);
  return parts.join(' ');
}

export function failureReport(options: RunOptions, result: RunResult): string {
  const { violation, trace, rates } = result;
  if (violation === null) return '';
  const kinds = Object.entries(rates)
    .filter(([, rate]) => rate > 0)
    .map(([kind]) => kind);
  const subjects = violation.subjects;
  const story = trace.story(subjects, 60).map(formatLine);
  const context = trace.story([], 15).map(formatLine);
  return [
    `seed ${String(result.seed)} violates invariant ${violation.invariant}`,
    `  ${violation.message}`,
    `replay: ${replayCommand(options)}`,
    `kinds of fault in this run: ${kinds.length > 0 ? kinds.join(', ') : 'none'}`,
    '',
    ...(subjects.length > 0 ? [`The story of ${subjects.join(', ')}:`, ...story, ''] : []),
    'The last events of all:',
    ...context,
  ].join('\n');
}
