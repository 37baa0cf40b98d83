// A trace at a glance: how much, how long, how many at once.
import { figuresOf } from '../measure/waits.ts';
import type { Trace, TraceUnit } from './trace.ts';

export interface TraceSummary {
  readonly unit: TraceUnit;
  readonly lines: number;
  readonly wrongCount: number;
  readonly passedOver: number;
  readonly tasks: number;
  readonly hours: number;
  readonly tenants: number;
  readonly shapes: number;
  readonly duration: { readonly meanS: number; readonly p50S: number; readonly p95S: number; readonly maxS: number };
  /** Asked for, times how long. */
  readonly vcpuHours: number;
  readonly memoryGibHours: number;
  readonly gpuHours: number;
  /** If every task ran from its submission on. */
  readonly most: { readonly tasks: number; readonly vcpu: number };
}

export function summaryOf(trace: Trace): TraceSummary {
  const { tasks } = trace;
  const sum = (of: (task: Trace['tasks'][number]) => number): number =>
    tasks.reduce((total, task) => total + of(task) * task.count, 0);
  const hours = ({ durationMs }: Trace['tasks'][number]): number => durationMs / 3_600_000;
  const { meanS, p50S, p95S, maxS } = figuresOf(
    tasks.flatMap((task) => Array.from({ length: task.count }, () => task.durationMs)),
  );
  const endMs = tasks.reduce((last, task) => Math.max(last, task.submitMs + task.durationMs), 0);
  return {
    unit: trace.unit,
    lines: trace.lines,
    wrongCount: trace.wrongCount,
    passedOver: trace.passedOver,
    tasks: sum(() => 1),
    hours: (endMs - (tasks[0]?.submitMs ?? 0)) / 3_600_000,
    tenants: new Set(tasks.map((task) => task.tenant)).size,
    shapes: new Set(tasks.map((task) => Object.values(task.resources).join())).size,
    duration: { meanS, p50S, p95S, maxS },
    vcpuHours: sum((task) => (task.resources.cpuMilli / 1000) * hours(task)),
    memoryGibHours: sum((task) => (task.resources.memoryMib / 1024) * hours(task)),
    gpuHours: sum((task) => task.resources.gpu * hours(task)),
    most: mostAtOnce(trace),
  };
}

function mostAtOnce({ tasks }: Trace): TraceSummary['most'] {
  const changes = tasks
    .flatMap(({ submitMs, durationMs, count, resources }) => [
      { atMs: submitMs, count, cpuMilli: count * resources.cpuMilli },
      { atMs: submitMs + durationMs, count: -count, cpuMilli: -count * resources.cpuMilli },
    ])
    .sort((a, b) => a.atMs - b.atMs || a.count - b.count);
  const most = { tasks: 0, vcpu: 0 };
  let [running, cpuMilli] = [0, 0];
  for (const change of changes) {
    running += change.count;
    cpuMilli += change.cpuMilli;
    most.tasks = Math.max(most.tasks, running);
    most.vcpu = Math.max(most.vcpu, cpuMilli / 1000);
  }
  return most;
}
