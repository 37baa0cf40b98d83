// A trace cut to a part of its time, or with more or less demand.
import { drawAt } from '../world/draws.ts';
import { TraceError, traceBounds } from './trace.ts';
import type { RecordedNode, Trace, TraceTask } from './trace.ts';

export interface Adjustments {
  /** Tasks submitted before are left out; the trace begins then. */
  readonly fromMs?: number | undefined;
  readonly toMs?: number | undefined;
  /** 1.5: every task, and every second one once more. */
  readonly scaleDemand?: number | undefined;
}

/** Copies come up to this much later than their original: the same instant would be another trace. */
const copyWithinMs = 300_000;

/** @throws TraceError when nothing is left, or too much */
export function adjusted(trace: Trace, { fromMs = 0, toMs = Infinity, scaleDemand = 1 }: Adjustments): Trace {
  const cut =
    fromMs === 0 && toMs === Infinity
      ? trace.tasks
      : trace.tasks
          .filter((task) => task.submitMs >= fromMs && task.submitMs < toMs)
          .map(({ ran, ...task }) => ({
            ...task,
            submitMs: task.submitMs - fromMs,
            ran: ran && laterBy(ran, -fromMs),
          }));
  const wanted = Math.round(scaleDemand * cut.reduce((sum, task) => sum + task.count, 0));
  if (wanted > traceBounds.tasks)
    throw new TraceError(`${String(wanted)} tasks are more than ${String(traceBounds.tasks)}: lower --scale-demand`);
  const tasks = scaleDemand === 1 ? cut : scaled(cut, scaleDemand);
  if (tasks.length === 0) throw new TraceError('no task of the trace is left');
  return { ...trace, tasks };
}

function laterBy(ran: RecordedNode, ms: number): RecordedNode {
  return { ...ran, startMs: ran.startMs === null ? null : ran.startMs + ms };
}

/** Nobody ran the copies. */
function scaled(tasks: readonly TraceTask[], scale: number): readonly TraceTask[] {
  const copies = tasks.flatMap((task, at) => {
    const count = Math.floor(scale) + (drawAt(0, 'scale', at) < scale % 1 ? 1 : 0);
    return Array.from({ length: count }, (_, copy) =>
      copy === 0
        ? task
        : { ...task, submitMs: task.submitMs + Math.round(copyWithinMs * drawAt(copy, 'copy', at)), ran: null },
    );
  });
  return copies.sort((a, b) => a.submitMs - b.submitMs || a.line - b.line);
}
