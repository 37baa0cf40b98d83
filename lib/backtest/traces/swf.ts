// The Standard Workload Format of the Parallel Workloads Archive: 18 numbers a line, -1 where nothing is known, and
// comments behind a semicolon. A job of N processors is N tasks of one vCPU each: nothing says how they were laid
// over nodes.
import { LineError } from './trace.ts';
import type { Trace } from './trace.ts';
import { traceOfJobs } from './jobs.ts';
import type { Job } from './jobs.ts';

const fields = 18;
/** Where neither used nor requested memory is known, per processor. */
const memoryMibUnknown = 1_024;

/** @throws TraceError */
export function readSwf(text: string): Trace {
  return traceOfJobs(linesOf(text), jobOf);
}

export function linesOf(text: string): readonly string[] {
  const lines = text.split(/\r?\n/);
  if (lines.at(-1) === '') lines.pop();
  return lines;
}

function jobOf(line: string): Job | null {
  const trimmed = line.trim();
  if (trimmed === '' || trimmed.startsWith(';')) return null;
  const cells = trimmed.split(/\s+/);
  if (cells.length !== fields)
    throw new LineError(`has ${String(cells.length)} fields; the format has ${String(fields)}`);
  const number = (field: number): number => {
    const value = Number(cells[field - 1]);
    if (!Number.isFinite(value))
      throw new LineError(`field ${String(field)} is ${String(cells[field - 1])}, no number`);
    return value;
  };
  const known = (...of: readonly number[]): number => of.map(number).find((one) => one > 0) ?? -1;
  const runS = number(4);
  if (runS < 0 || (runS === 0 && number(11) === 5)) throw new LineError('it never ran');
  const processors = known(8, 5);
  if (processors < 0) throw new LineError('neither requested nor allocated processors are known');
  const memoryKib = known(10, 7);
  return {
    submitMs: number(2) * 1000,
    durationMs: runS * 1000,
    vcpu: 1,
    memoryMib: memoryKib < 0 ? memoryMibUnknown : memoryKib / 1024,
    gpu: 0,
    count: processors,
    pool: null,
    tenant: number(12) < 0 ? 'default' : `user-${String(number(12))}`,
    labels: number(15) < 0 ? [] : [`queue=${String(number(15))}`],
    name: null,
  };
}
