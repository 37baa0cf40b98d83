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

/** How long these take nobody knows; what ran and was put back (REQUEUED) has its time. */
const notEnded: ReadonlySet<string> = new Set([
  'COMPLETING',
  'CONFIGURING',
  'PENDING',
  'REQUEUE_FED',
  'REQUEUE_HOLD',
  'RESIZING',
  'RESV_DEL_HOLD',
  'RUNNING',
  'SIGNALING',
  'STAGE_OUT',
  'STOPPED',
  'SUSPENDED',
]);

function jobOf(cell: Cell): Job | null {
  // Steps are parts of the job in the line before.
  if (cell('jobid').includes('.')) return null;
  const [state = ''] = cell('state').split(' ');
  if (notEnded.has(state)) throw new LineError(`it had not ended (${state})`);
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
    memoryMib: memoryOf(cell, cpus, nodes),
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

const units: Readonly<Record<string, number>> = { K: 1 / 1024, M: 1, G: 1024, T: 1024 * 1024, P: 1024 * 1024 * 1024 };

/**
 * MiB of one node. What was allocated, else what was asked for, of the whole job; without both ReqMem: of the whole job
 * (Slurm 21.08 and later, `16G`), per node (before, `4Gn`) or per CPU (`2000Mc`). Nothing known: 1 GiB per CPU.
 */
function memoryOf(cell: Cell, cpus: number, nodes: number): number {
  for (const tres of [cell('alloctres'), cell('reqtres')]) {
    const mem = /(?:^|,)mem=([^,]*)/.exec(tres)?.[1] ?? '';
    const mib = amountOf(mem, `mem ${JSON.stringify(mem)} of TRES`)?.mib ?? 0;
    if (mib > 0) return mib / nodes;
  }
  const text = cell('reqmem');
  const asked = amountOf(text, `ReqMem ${JSON.stringify(text)}`);
  if (asked === null || asked.mib === 0) return (1024 * cpus) / nodes;
  if (asked.per === 'n') return asked.mib;
  return (asked.per === 'c' ? asked.mib * cpus : asked.mib) / nodes;
}

/** null: nothing is said. */
function amountOf(text: string, what: string): { readonly mib: number; readonly per: string } | null {
  if (text === '') return null;
  const match = /^(\d+(?:\.\d+)?)([KMGTP]?)([cn]?)$/.exec(text);
  if (match === null) throw new LineError(`${what} is no amount of memory`);
  const [, amount, unit = '', per = ''] = match;
  return { mib: Number(amount) * (units[unit === '' ? 'M' : unit] ?? NaN), per };
}

function gpusOf(tres: string): number {
  return Number(/(?:^|,)gres\/gpu(?::[^=,]+)?=(\d+)/.exec(tres)?.[1] ?? 0);
}
