// Which tasks of an array failed first, in a few words each: for its reason. The API lists all of them.
import type { FailedTask, TaskRecord, TaskSpec } from '../../records/request.ts';
import { shownIndex } from './subset.ts';

/** So many are named. */
const namedMax = 5;
const wordLength = 40;

/** `known`, and behind them the failed ones of `tasks`, which come after those; not more than are named. */
export function withFailed(
  known: readonly FailedTask[],
  tasks: readonly TaskRecord[],
  spec: Pick<TaskSpec, 'count' | 'subset'>,
): readonly FailedTask[] {
  const failed = [...known];
  for (const task of tasks) {
    if (failed.length >= namedMax) break;
    if (task.state === 'failed') failed.push({ index: shownIndex(spec, task.index), what: wordOf(task) });
  }
  return failed;
}

/** `exit 1`, or the code that its reason begins with: `timeout`, `error`, … */
function wordOf({ exitCode, reason }: TaskRecord): string {
  if (exitCode !== null) return `exit ${String(exitCode)}`;
  const [code = ''] = (reason ?? 'failed').split(':');
  return code.slice(0, wordLength);
}

/** `77 (exit 1), 92 (timeout), …`; empty where none is known. */
export function failedText(named: readonly FailedTask[], failed: number): string {
  const parts = named.map(({ index, what }) => `${String(index)} (${what})`);
  return parts.length === 0 ? '' : [...parts, ...(failed > parts.length ? ['…'] : [])].join(', ');
}
