// Reads what people write: requests and pools in YAML, JSON, JSON lines, and plan demands in CSV.
import { readFileSync } from 'node:fs';
import { parseAllDocuments } from 'yaml';
import type { Document, YAMLError } from 'yaml';
import type * as z from 'zod';
import { fieldErrors } from '../../lib/api/problems.ts';
import type { CliError } from '../errors.ts';
import { usageError } from '../errors.ts';

/** One item of a file, with the place to name when it is wrong. */
export interface Item {
  readonly where: string;
  readonly value: unknown;
}

type Format = 'yaml' | 'json' | 'jsonl' | 'csv';

export function readText(file: string): string {
  try {
    return readFileSync(file === '-' ? 0 : file, 'utf8');
  } catch (error) {
    throw usageError(`cannot read ${file}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function formatOf(file: string): Format {
  const ending = /\.([a-z]+)$/i.exec(file)?.[1]?.toLowerCase();
  if (ending === 'yml' || ending === 'yaml' || file === '-') return 'yaml';
  if (ending === 'json' || ending === 'jsonl' || ending === 'csv') return ending;
  if (ending === 'ndjson') return 'jsonl';
  throw usageError(
    `cannot tell the format of ${file} by its name`,
    'name it .yaml, .json, .jsonl or .csv (standard input, "-", is YAML or JSON)',
  );
}

/** The one thing in a file. */
export function readOne(file: string): unknown {
  const items = readItems(file);
  const [item] = items;
  if (item === undefined || items.length > 1)
    throw usageError(`${file} has ${String(items.length)} items; one is needed`);
  return item.value;
}

/** Everything in a file: a list, several documents, lines, or `{requests: [...]}`. */
export function readItems(file: string): Item[] {
  const format = formatOf(file);
  const text = readText(file);
  const items =
    format === 'csv' ? csvItems(file, text) : format === 'jsonl' ? lineItems(file, text) : documentItems(file, text);
  if (items.length === 0) throw usageError(`${file} is empty`);
  return items;
}

/** YAML takes JSON too. */
function documentItems(file: string, text: string): Item[] {
  const documents = [...parseAllDocuments(text, { merge: true })];
  return documents.flatMap((document, index) => {
    const [error] = document.errors;
    if (error) throw yamlError(file, error);
    const value = valueOf(document, file);
    const where = documents.length > 1 ? `${file} document ${String(index + 1)}` : file;
    const list = listOf(value);
    return list === null
      ? [{ where, value }]
      : list.map((one, position) => ({ where: `${where} item ${String(position + 1)}`, value: one }));
  });
}

/** Aliases can multiply: more than a thousand is no file that people write. */
const aliasesMax = 1_000;

function valueOf(document: Document.Parsed, file: string): unknown {
  try {
    const value: unknown = document.toJS({ maxAliasCount: aliasesMax });
    // One that is in itself has no end.
    JSON.stringify(value);
    return value;
  } catch (error) {
    throw usageError(
      `${file}: ${error instanceof Error ? error.message : String(error)}`,
      'look at its anchors and aliases',
    );
  }
}

/** The place, what is wrong there, and the line itself. */
function yamlError(file: string, error: YAMLError): CliError {
  const [what = '', ...source] = error.message.split('\n');
  const at = error.linePos?.[0];
  const place = at === undefined ? file : `${file} line ${String(at.line)}, column ${String(at.col)}`;
  const shown = source.filter((line) => line.trim() !== '').join('\n  ');
  return usageError(
    `${place}: ${what.replace(/ at line \d+, column \d+:?$/, '').replace(/:$/, '')}`,
    shown === '' ? null : shown,
  );
}

function listOf(value: unknown): readonly unknown[] | null {
  if (Array.isArray(value)) return value as readonly unknown[];
  if (typeof value !== 'object' || value === null) return null;
  const keys = Object.keys(value);
  const { requests } = value as { requests?: unknown };
  return keys.length === 1 && Array.isArray(requests) ? requests : null;
}

function lineItems(file: string, text: string): Item[] {
  return text.split('\n').flatMap((line, index) => {
    if (line.trim() === '') return [];
    const where = `${file} line ${String(index + 1)}`;
    try {
      return [{ where, value: JSON.parse(line) as unknown }];
    } catch (error) {
      throw usageError(`${where} is not JSON: ${error instanceof Error ? error.message : String(error)}`);
    }
  });
}

const csvColumns = [
  'id',
  'vcpu',
  'memory_mib',
  'gpu',
  'count',
  'arch',
  'zone',
  'capacity_type',
  'gpu_name',
  'gpu_memory_mib',
  'priority',
  'duration_s',
];
const csvRequired = ['id', 'vcpu', 'memory_mib', 'gpu'];

function csvItems(file: string, text: string): Item[] {
  const [head, ...rows] = csvRows(file, text);
  if (head === undefined) return [];
  const columns = head.cells.map((name) => name.trim().toLowerCase());
  const missing = csvRequired.filter((name) => !columns.includes(name));
  if (missing.length > 0)
    throw usageError(
      `${file} lacks the column${missing.length > 1 ? 's' : ''} ${missing.join(', ')}`,
      `the first line names the columns: ${csvColumns.join(',')} (from count on optional)`,
    );
  const unknown = columns.filter((name) => !csvColumns.includes(name));
  if (unknown.length > 0)
    throw usageError(`${file} has unknown columns: ${unknown.join(', ')}`, `known are ${csvColumns.join(',')}`);
  return rows.map(({ line, cells }) => {
    const where = `${file} line ${String(line)}`;
    if (cells.length !== columns.length)
      throw usageError(
        `${where} has ${String(cells.length)} cells; the first line names ${String(columns.length)} columns`,
      );
    return {
      where,
      value: demandOfRow(where, Object.fromEntries(columns.map((name, index) => [name, (cells[index] ?? '').trim()]))),
    };
  });
}

/** A row as the body of a plan's request: what is empty is left out, lists are separated by `|`. */
function demandOfRow(where: string, row: Readonly<Record<string, string>>): unknown {
  const number = (name: string): number | undefined => {
    const text = row[name] ?? '';
    if (text === '') return undefined;
    const value = Number(text);
    if (!Number.isFinite(value)) throw usageError(`${where}: ${name} ${JSON.stringify(text)} is not a number`);
    return value;
  };
  const list = (name: string): string[] | undefined =>
    row[name] ? row[name].split('|').map((one) => one.trim()) : undefined;
  const present = (fields: Record<string, unknown>): Record<string, unknown> =>
    Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
  return present({
    id: row['id'] === '' ? undefined : row['id'],
    resources: present({ vcpu: number('vcpu'), memoryMib: number('memory_mib'), gpu: number('gpu') }),
    requirements: present({
      arch: list('arch'),
      zone: list('zone'),
      capacityType: list('capacity_type'),
      gpuName: list('gpu_name'),
      minGpuMemoryMib: number('gpu_memory_mib'),
    }),
    count: number('count'),
    priority: number('priority'),
    expectedDurationSeconds: number('duration_s'),
  });
}

/** RFC 4180: cells may be quoted, quotes inside are doubled. */
function csvRows(file: string, text: string): { line: number; cells: string[] }[] {
  const rows: { line: number; cells: string[] }[] = [];
  let cells: string[] = [];
  let cell = '';
  let line = 1;
  let rowLine = 1;
  let isQuoted = false;
  const endRow = (): void => {
    cells.push(cell);
    if (cells.length > 1 || cell.trim() !== '') rows.push({ line: rowLine, cells });
    cells = [];
    cell = '';
    rowLine = line;
  };
  const source = text.replace(/^\uFEFF/, '').replace(/\r\n?/g, '\n');
  for (let at = 0; at < source.length; at++) {
    const character = source[at] ?? '';
    if (character === '\n') line += 1;
    if (isQuoted) {
      if (character !== '"') cell += character;
      else if (source[at + 1] === '"') cell += source[++at] ?? '';
      else isQuoted = false;
    } else if (character === '"' && cell === '') isQuoted = true;
    else if (character === ',') {
      cells.push(cell);
      cell = '';
    } else if (character === '\n') endRow();
    else cell += character;
  }
  if (isQuoted) throw usageError(`${file} line ${String(rowLine)}: a quote is not closed`);
  endRow();
  return rows;
}

/** Parses one thing of a file; what is wrong is a usage error that names the place. */
export function parseItem<T extends z.ZodType>(schema: T, item: Item): z.output<T> {
  const result = schema.safeParse(item.value);
  if (result.success) return result.data;
  const [first, ...others] = fieldErrors(result.error.issues, [], schema);
  const text = (error: typeof first): string =>
    error === undefined ? 'is not valid' : `${error.path} ${error.message}`.trim();
  throw usageError(
    `${item.where}: ${text(first)}`,
    others.length === 0 ? null : `also: ${others.slice(0, 5).map(text).join('; ')}`,
  );
}
