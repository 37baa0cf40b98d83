// Which rows of a long list are drawn: those in view and some around, so that 100,000 cost as much as 50.

export interface Range {
  readonly from: number;
  /** Not included. */
  readonly to: number;
}

/** `top`: of the list's first row relative to the view, negative once it is scrolled out. */
export function rowsInView(total: number, rowHeight: number, top: number, viewHeight: number, around = 12): Range {
  const first = Math.floor(-top / rowHeight);
  const last = Math.ceil((viewHeight - top) / rowHeight);
  const from = Math.min(total, Math.max(0, first - around));
  return { from, to: Math.max(from, Math.min(total, last + around)) };
}
