// Tasks of an array as a grid: one cell per task, from states by index.

/** The indices of its tasks, in their order: all of an array, or those of the tasks that are run again. */
export function indicesOf(count: number, subset: { readonly indices: string } | undefined): readonly number[] {
  if (subset === undefined) return Array.from({ length: count }, (_, at) => at);
  return subset.indices.split(',').flatMap((part) => {
    const [from = 0, to = from] = part.split('-').map(Number);
    return Array.from({ length: Math.max(0, to - from + 1) }, (_, at) => from + at);
  });
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

/** The cell under a point; null: beside the cells. */
export function cellAt(
  total: number,
  grid: { readonly columns: number; readonly size: number },
  x: number,
  y: number,
): number | null {
  const column = Math.floor(x / grid.size);
  const row = Math.floor(y / grid.size);
  if (column < 0 || column >= grid.columns || row < 0) return null;
  const cell = row * grid.columns + column;
  return cell < total ? cell : null;
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
