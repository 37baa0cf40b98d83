// The CSV form of a trace (RFC 4180): `submit_s,duration_s,vcpu,memory_mib,gpu` and columns that may be absent.
import type { Requirements } from '../../core/values/requirements.ts';
import { requirements, requirementsOf } from '../../api/schemas/requirements.ts';
import { limits } from '../../api/limits.ts';
import { LineError, TraceBuilder, TraceError, traceBounds } from './trace.ts';
import type { RecordedNode, Trace, TraceTask } from './trace.ts';

const needed = ['submit_s', 'duration_s', 'vcpu', 'memory_mib', 'gpu'] as const;
const optional = [
  'count',
  'used_vcpu',
  'used_memory_mib',
  'pool',
  'tenant',
  'labels',
  'priority',
  'deadline_s',
  'zone',
  'arch',
  'capacity_type',
  'name',
  'group',
  'node',
  'node_type',
  'node_zone',
  'node_capacity',
  'node_usd_per_hour',
  'started_s',
  'disruption',
] as const;
type Column = (typeof needed)[number] | (typeof optional)[number];
const known: ReadonlySet<string> = new Set([...needed, ...optional]);

/** @throws TraceError when the header is not one of a trace, or no line can be read */
export function readCsv(text: string): Trace {
  const builder = new TraceBuilder();
  const rows = csvRows(text, builder);
  const head = rows.next();
  if (head.done === true) throw new TraceError('the trace is empty');
  const columns = columnsOf(head.value.cells);
  const asked = new Map<string, Requirements>();
  for (const { line, cells } of rows) {
    try {
      if (cells.length !== columns.length)
        throw new LineError(`has ${String(cells.length)} cells; the header names ${String(columns.length)} columns`);
      builder.add(taskOf(line, (name) => (cells[columns.indexOf(name)] ?? '').trim(), asked));
    } catch (error) {
      if (!(error instanceof LineError)) throw error;
      builder.wrong(line, error.message);
    }
  }
  return builder.build();
}

function columnsOf(cells: readonly string[]): readonly string[] {
  const columns = cells.map((name) => name.trim().toLowerCase());
  const missing = needed.filter((name) => !columns.includes(name));
  if (missing.length > 0)
    throw new TraceError(
      `the header lacks ${missing.join(', ')}; it names the columns: ${needed.join(',')}, and any of `
        + optional.join(','),
    );
  const strange = columns.filter((name) => !known.has(name));
  if (strange.length > 0)
    throw new TraceError(`the header has unknown columns: ${strange.join(', ')}; known are ${[...known].join(', ')}`);
  if (new Set(columns).size < columns.length) throw new TraceError('the header names a column twice');
  return columns;
}

type Cell = (name: Column) => string;

function taskOf(line: number, cell: Cell, asked: Map<string, Requirements>): TraceTask {
  const number = (name: Column, min: number, max: number): number => numberOf(name, cell(name), min, max);
  const orElse = (name: Column, otherwise: number, min: number, max: number): number =>
    cell(name) === '' ? otherwise : number(name, min, max);
  const text = (name: Column): string | null => (cell(name) === '' ? null : cell(name));
  const deadlineS = orElse('deadline_s', -1, 0.001, limits.durationSecondsMax);
  const resources = {
    cpuMilli: Math.round(number('vcpu', limits.vcpuMin, limits.vcpuMax) * 1000),
    memoryMib: Math.ceil(number('memory_mib', 0, limits.memoryMibMax)),
    gpu: whole('gpu', orElse('gpu', 0, 0, limits.gpuMax)),
  };
  const isUseKnown = cell('used_vcpu') !== '' || cell('used_memory_mib') !== '';
  return {
    line,
    submitMs: Math.round(number('submit_s', 0, traceBounds.submitMs / 1000) * 1000),
    durationMs: Math.max(1, Math.round(number('duration_s', 0, limits.durationSecondsMax) * 1000)),
    resources,
    used: isUseKnown
      ? {
          cpuMilli: Math.round(orElse('used_vcpu', resources.cpuMilli / 1000, 0, limits.vcpuMax) * 1000),
          memoryMib: Math.ceil(orElse('used_memory_mib', resources.memoryMib, 0, limits.memoryMibMax)),
          gpu: resources.gpu,
        }
      : null,
    count: whole('count', orElse('count', 1, 1, limits.countMax)),
    pool: text('pool'),
    tenant: text('tenant') ?? 'default',
    labels: labelsIn(cell('labels')),
    priority: whole('priority', orElse('priority', 0, -limits.priorityMax, limits.priorityMax)),
    deadlineMs: deadlineS < 0 ? null : Math.round(deadlineS * 1000),
    requirements: requirementsIn(cell, asked),
    name: text('name'),
    group: text('group'),
    ran: ranIn(cell),
    ...disruptionIn(cell('disruption')),
  };
}

/** Node and type belong together; what else is known of it may be absent. */
function ranIn(cell: Cell): RecordedNode | null {
  const [node, instanceType, capacity] = [cell('node'), cell('node_type'), cell('node_capacity')];
  if (node === '' && instanceType === '') return null;
  if (node === '' || instanceType === '') throw new LineError('node and node_type belong together');
  if (capacity !== '' && capacity !== 'spot' && capacity !== 'on-demand')
    throw new LineError(`node_capacity is ${JSON.stringify(capacity)}; it must be spot or on-demand`);
  const orNull = (name: Column, max: number): number | null =>
    cell(name) === '' ? null : numberOf(name, cell(name), 0, max);
  const startS = orNull('started_s', traceBounds.submitMs / 1000);
  return {
    node,
    instanceType,
    zone: cell('node_zone'),
    capacityType: capacity === '' ? 'on-demand' : capacity,
    usdPerHour: orNull('node_usd_per_hour', 1_000_000),
    startMs: startS === null ? null : Math.round(startS * 1000),
  };
}

function labelsIn(text: string): readonly string[] {
  const labels = text.split('|').filter((label) => label !== '');
  const wrong = labels.find((label) => label.indexOf('=') < 1);
  if (wrong !== undefined) throw new LineError(`labels has ${JSON.stringify(wrong)}; each must be like team=a`);
  return labels;
}

function disruptionIn(mode: string): Pick<TraceTask, 'disruption'> {
  if (mode === 'restart' || mode === 'checkpoint') return { disruption: mode };
  if (mode === '' || mode === 'never') return {};
  throw new LineError(`disruption is ${JSON.stringify(mode)}; it must be never, restart or checkpoint`);
}

function requirementsIn(cell: Cell, asked: Map<string, Requirements>): Requirements {
  const [zone, arch, capacityType] = [cell('zone'), cell('arch'), cell('capacity_type')];
  const key = JSON.stringify([zone, arch, capacityType]);
  const known = asked.get(key);
  if (known) return known;
  const list = (value: string): string[] | undefined => (value === '' ? undefined : value.split('|'));
  const body = { zone: list(zone), arch: list(arch), capacityType: list(capacityType) };
  const parsed = requirements.safeParse(
    Object.fromEntries(Object.entries(body).filter(([, value]) => value !== undefined)),
  );
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new LineError(`${issue?.path.join('.') ?? ''} ${issue?.message ?? 'is not valid'}`);
  }
  const found = requirementsOf(parsed.data);
  asked.set(key, found);
  return found;
}

/** As people and spreadsheets write it; what JavaScript takes for a number beside that (0x2, 0b1) is a typing error. */
const decimal = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;

function numberOf(name: Column, text: string, min: number, max: number): number {
  const value = decimal.test(text) ? Number(text) : NaN;
  if (!Number.isFinite(value)) throw new LineError(`${name} ${JSON.stringify(text)} is not a decimal number`);
  if (value < min) throw new LineError(`${name} is ${text}; it must be at least ${String(min)}`);
  if (value > max) throw new LineError(`${name} is ${text}; it must be at most ${String(max)}`);
  return value;
}

function whole(name: Column, value: number): number {
  if (!Number.isInteger(value)) throw new LineError(`${name} is ${String(value)}; it must be a whole number`);
  return value;
}

interface Row {
  readonly line: number;
  readonly cells: string[];
}

/** Cells may be quoted, quotes inside are doubled; empty lines are passed over. */
function* csvRows(text: string, builder: TraceBuilder): Generator<Row> {
  let at = text.startsWith('\uFEFF') ? 1 : 0;
  while (at < text.length) {
    const line = builder.line();
    let end = text.indexOf('\n', at);
    if (end < 0) end = text.length;
    const plain = text.slice(at, end).replace(/\r$/, '');
    at = end + 1;
    if (plain.trim() === '') continue;
    if (!plain.includes('"')) {
      yield { line, cells: plain.split(',') };
      continue;
    }
    let quoted = plain;
    // A line break inside quotes: the row goes on in the next line.
    while (quoted.split('"').length % 2 === 0 && at < text.length && quoted.length < traceBounds.cellLength) {
      builder.line();
      end = text.indexOf('\n', at);
      if (end < 0) end = text.length;
      quoted += `\n${text.slice(at, end).replace(/\r$/, '')}`;
      at = end + 1;
    }
    yield { line, cells: quotedCells(quoted) };
  }
}

function quotedCells(row: string): string[] {
  const cells: string[] = [];
  let cell = '';
  let isQuoted = false;
  for (let at = 0; at < row.length; at += 1) {
    const character = row[at] ?? '';
    if (isQuoted && character === '"' && row[at + 1] === '"') cell += row[++at] ?? '';
    else if (character === '"') isQuoted = !isQuoted;
    else if (character === ',' && !isQuoted) {
      cells.push(cell);
      cell = '';
    } else cell += character;
  }
  return [...cells, cell];
}
