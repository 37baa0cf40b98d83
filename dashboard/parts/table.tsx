// A table of which only the rows in view are drawn. It scrolls with the page.
import { useSignal } from '@preact/signals';
import type { ComponentChildren, JSX, RefObject } from 'preact';
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import { rowsInView } from '../logic/window.ts';
import type { Range } from '../logic/window.ts';

export interface Column<T> {
  readonly title: string;
  readonly cell: (row: T) => ComponentChildren;
  readonly align?: 'right';
  /** Left out where the screen is narrow. */
  readonly isWide?: boolean;
  readonly class?: string;
}

interface TableProps<T> {
  readonly label: string;
  readonly columns: readonly Column<T>[];
  readonly rows: readonly T[];
  readonly keyOf: (row: T) => string;
  readonly rowHeight?: number;
  /** The rows that are in view changed. */
  readonly onView?: (from: number, to: number) => void;
  /** More rows may follow than are here. */
  readonly hasMore?: boolean;
}

export function Table<T>({
  label,
  columns,
  rows,
  keyOf,
  rowHeight = 36,
  onView,
  hasMore = false,
}: TableProps<T>): JSX.Element {
  const body = useRef<HTMLTableSectionElement>(null);
  const view = useRowsInView(body, rows.length, rowHeight);
  const from = Math.min(view.from, rows.length);
  const to = Math.min(Math.max(view.to, from), rows.length);
  useLayoutEffect(() => {
    onView?.(from, to);
  }, [from, to, rows.length]);
  return (
    <table class="list" aria-label={label} aria-rowcount={hasMore ? -1 : rows.length + 1}>
      <thead>
        <tr aria-rowindex={1}>
          {columns.map((column) => (
            <th key={column.title} scope="col" class={classOf(column)}>
              {column.title}
            </th>
          ))}
        </tr>
      </thead>
      <tbody ref={body}>
        <Spacer height={from * rowHeight} />
        {rows.slice(from, to).map((row, at) => (
          <tr key={keyOf(row)} aria-rowindex={from + at + 2} style={{ height: `${String(rowHeight)}px` }}>
            {columns.map((column) => (
              <td key={column.title} class={classOf(column)}>
                {column.cell(row)}
              </td>
            ))}
          </tr>
        ))}
        <Spacer height={(rows.length - to) * rowHeight} />
      </tbody>
    </table>
  );
}

function useRowsInView(body: RefObject<HTMLElement | null>, total: number, rowHeight: number): Range {
  const view = useSignal({ from: 0, to: 60 });
  useEffect(() => {
    let frame = 0;
    const look = (): void => {
      frame = 0;
      if (body.current === null) return;
      const { top } = body.current.getBoundingClientRect();
      const next = rowsInView(total, rowHeight, top, innerHeight);
      if (next.from !== view.peek().from || next.to !== view.peek().to) view.value = next;
    };
    const soon = (): void => {
      frame ||= requestAnimationFrame(look);
    };
    look();
    addEventListener('scroll', soon, { passive: true });
    addEventListener('resize', soon, { passive: true });
    return () => {
      cancelAnimationFrame(frame);
      removeEventListener('scroll', soon);
      removeEventListener('resize', soon);
    };
  }, [total, rowHeight]);
  return view.value;
}

/** One cell only: narrow screens leave columns out, and those that it spanned would be there all the same. */
function Spacer({ height }: { readonly height: number }): JSX.Element | null {
  if (height <= 0) return null;
  return (
    <tr class="spacer" aria-hidden="true">
      <td style={{ height: `${String(height)}px` }} />
    </tr>
  );
}

function classOf<T>({ align, isWide, class: name }: Column<T>): string {
  return [align === 'right' ? 'right' : '', isWide === true ? 'wide' : '', name ?? '']
    .filter((one) => one !== '')
    .join(' ');
}
