// Lists as CSV (RFC 4180): a row for each item, a column for each value in it, named by its path.

type Row = ReadonlyMap<string, string>;

function rowOf(value: unknown, path = ''): [string, string][] {
  if (value === null || value === undefined) return [[path, '']];
  if (Array.isArray(value))
    return [[path, value.every((one) => typeof one !== 'object') ? value.join(' ') : JSON.stringify(value)]];
  if (typeof value !== 'object') return [[path, typeof value === 'string' ? value : JSON.stringify(value)]];
  return Object.entries(value).flatMap(([key, part]) => rowOf(part, path === '' ? key : `${path}.${key}`));
}

/** A spreadsheet takes what begins like this for a formula. */
const formula = /^(?:[=@\t\r]|[+-](?!\d))/;

function cell(text: string): string {
  const safe = formula.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** `object`: a list's answer (its `items` or `results`), or one thing, which is one row. */
export function csv(object: unknown): string {
  const { items, results } = Object(object) as { readonly items?: unknown; readonly results?: unknown };
  const list = [items, results].find((one) => Array.isArray(one)) as readonly unknown[] | undefined;
  const rows: readonly Row[] = (list ?? [object]).map((one) => new Map(rowOf(one)));
  const columns = [...new Set(rows.flatMap((row) => [...row.keys()]))];
  return [columns, ...rows.map((row) => columns.map((column) => row.get(column) ?? ''))]
    .map((cells) => cells.map(cell).join(','))
    .join('\n');
}
