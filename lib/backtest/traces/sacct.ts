// Slurm's accounting: `sacct --parsable2 --allocations --format=JobID,User,Partition,Submit,ElapsedRaw,State,ReqCPUS,`
// `ReqMem,NNodes,AllocTRES`. A job over several nodes is as many tasks, each with its part of the CPUs.
import { LineError, TraceError } from './trace.ts';
import type { Trace } from './trace.ts';
import { traceOfJobs } from './jobs.ts';
import type { Job } from './jobs.ts';
import { linesOf } from './swf.ts';

type Cell = (...names: readonly string[]) => string;

/** @throws TraceError */
export function readSacct(text: string): Trace {
  const lines = linesOf(text);
  const columns = (lines[0] ?? '').split('|').map((name) => name.trim().toLowerCase());
  const has = (name: string): boolean => columns.includes(name);
  if (!has('jobid') || !has('submit') || !(has('elapsedraw') || has('elapsed')) || !(has('reqcpus') || has('ncpus')))
    throw new TraceError(
      'the header lacks JobID, Submit, ElapsedRaw (or Elapsed) or ReqCPUS (or NCPUS); ask sacct with --parsable2 '
        + '--allocations --format=JobID,User,Partition,Submit,ElapsedRaw,State,ReqCPUS,ReqMem,NNodes,AllocTRES',
    );
  let isHead = true;
  return traceOfJobs(lines, (line) => {
    if (isHead) {
      isHead = false;
      return null;
    }
    const cells = line.split('|');
    if (line.trim() === '') return null;
    if (cells.length !== columns.length)
      throw new LineError(`has ${String(cells.length)} cells; the header names ${String(columns.length)} columns`);
    return jobOf((...names) => {
      for (const name of names) {
        const cell = (cells[columns.indexOf(name)] ?? '').trim();
        if (cell !== '') return cell;
      }
      return '';
    });
  });
}

function jobOf(cell: Cell): Job | null {
  // Steps are parts of the job in the line before.
  if (cell('jobid').includes('.')) return null;
  const submitMs = Date.parse(`${cell('submit')}Z`);
  if (Number.isNaN(submitMs)) throw new LineError(`Submit ${JSON.stringify(cell('submit'))} is no time`);
  const raw = cell('elapsedraw');
  const seconds = raw === '' ? elapsedOf(cell('elapsed')) : Number(raw);
  if (!(seconds > 0)) throw new LineError(`it never ran (${cell('state') === '' ? 'no time' : cell('state')})`);
  const cpus = Number(cell('reqcpus', 'ncpus'));
  if (!(cpus > 0)) throw new LineError(`ReqCPUS ${JSON.stringify(cell('reqcpus', 'ncpus'))} is no number of CPUs`);
  const nodes = Math.max(1, Number(cell('nnodes', 'reqnodes')) || 1);
  return {
    submitMs,
    durationMs: seconds * 1000,
    vcpu: cpus / nodes,
    memoryMib: memoryOf(cell('reqmem'), cpus / nodes),
    gpu: Math.ceil(gpusOf(cell('alloctres', 'reqtres')) / nodes),
    count: nodes,
    pool: null,
    tenant: cell('user', 'account') || 'default',
    labels: cell('partition') === '' ? [] : [`partition=${cell('partition')}`],
    name: cell('jobname') || null,
  };
}

/** `[DD-]HH:MM:SS` or `MM:SS`. */
function elapsedOf(text: string): number {
  const match = /^(?:(\d+)-)?(?:(\d+):)?(\d+):(\d+)(?:\.\d+)?$/.exec(text);
  if (match === null) throw new LineError(`Elapsed ${JSON.stringify(text)} is no time`);
  const [, days = '0', hours = '0', minutes = '0', seconds = '0'] = match;
  return ((Number(days) * 24 + Number(hours)) * 60 + Number(minutes)) * 60 + Number(seconds);
}

const units: Readonly<Record<string, number>> = { K: 1 / 1024, M: 1, G: 1024, T: 1024 * 1024 };

/** Per node: `4G`, `4Gn`; per CPU: `2000Mc`. Nothing known: 1 GiB per CPU. */
function memoryOf(text: string, cpusPerNode: number): number {
  if (text === '' || text === '0') return 1024 * cpusPerNode;
  const match = /^(\d+(?:\.\d+)?)([KMGT]?)([cn]?)$/.exec(text);
  if (match === null) throw new LineError(`ReqMem ${JSON.stringify(text)} is no amount of memory`);
  const mib = Number(match[1]) * (units[match[2] === '' ? 'M' : (match[2] ?? 'M')] ?? 1);
  return match[3] === 'c' ? mib * cpusPerNode : mib;
}

function gpusOf(tres: string): number {
  return Number(/(?:^|,)gres\/gpu(?::[^=,]+)?=(\d+)/.exec(tres)?.[1] ?? 0);
}
