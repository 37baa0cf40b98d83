// Tasks of an array as a grid: one cell per task, from states by index.

export interface Cell {
  readonly index: number;
  readonly state: string;
}

/** As many columns as fit, with cells as large as 10,000 of them still fit on a screen or two. */
export function gridOf(
  total: number,
  width: number,
): { readonly columns: number; readonly rows: number; readonly size: number } {
  const size = total <= 200 ? 18 : total <= 2_000 ? 12 : 8;
  const columns = Math.max(1, Math.floor(width / size));
  return { columns, rows: Math.ceil(total / columns), size };
}

/** The index under a point; null: beside the cells. */
export function indexAt(
  total: number,
  grid: { readonly columns: number; readonly size: number },
  x: number,
  y: number,
): number | null {
  const column = Math.floor(x / grid.size);
  const row = Math.floor(y / grid.size);
  if (column < 0 || column >= grid.columns || row < 0) return null;
  const index = row * grid.columns + column;
  return index < total ? index : null;
}

/** Where an arrow key leads from a cell; it stays at the edges. */
export function moved(total: number, columns: number, from: number, key: string): number {
  const steps: Readonly<Record<string, number>> = {
    ArrowLeft: -1,
    ArrowRight: 1,
    ArrowUp: -columns,
    ArrowDown: columns,
    Home: -total,
    End: total,
  };
  const step = Object.hasOwn(steps, key) ? (steps[key] ?? 0) : 0;
  if (key === 'Home') return 0;
  if (key === 'End') return total - 1;
  const next = from + step;
  return next < 0 || next >= total ? from : next;
}
