// Tasks of an array: a cell for each, with the one that is chosen below. Drawn on a canvas: 10,000 elements would be
// slow. Arrow keys move, and the state of the chosen one is read out.
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import type { RequestView, TaskView } from '../../../lib/api/schemas/requests.ts';
import { cancelTask } from '../../app/actions.ts';
import { pathOf } from '../../app/api.ts';
import { confirmAction } from '../../app/dialog.tsx';
import { useFeed, useFeeds } from '../../app/live.ts';
import { place, setQuery } from '../../app/location.ts';
import { count, duration, knownUsd, memory, optional, plural, usd } from '../../logic/format.ts';
import { cellAt, gridOf, indicesOf, moved } from '../../logic/grid.ts';
import { ends, toneOf } from '../../logic/timeline.ts';
import { Empty, Facts, NodeLink, Panel, State, Time } from '../../parts/basics.tsx';

interface Page {
  readonly items: readonly TaskView[];
}

const pageSize = 1_000;

export interface Looked {
  readonly indices: readonly number[];
  /** In the order of `indices`; null: not known yet. Of one task nothing is known here. */
  readonly states: readonly (string | null)[];
  /** Which task is looked at: that of the address, or the first that failed, or the first. */
  readonly index: number;
}

export function useTasks(request: RequestView): Looked {
  const { id, count: all, subset } = request;
  const indices = useMemo(() => indicesOf(all, subset), [all, subset?.indices]);
  const starts = all === 1 ? [] : indices.filter((_, at) => at % pageSize === 0);
  // What has ended does not change any more, and large arrays cost more to read.
  const every = ends.has(request.state) ? 1_000 : Math.max(1, starts.length);
  const feeds = useFeeds<Page>(
    starts.map((from) => pathOf(`/v1/requests/${id}/tasks`, { from, limit: pageSize })),
    every,
  );
  const byIndex = new Map<number, string>();
  for (const { data } of feeds) for (const task of data?.items ?? []) byIndex.set(task.index, task.state);
  const states = indices.map((index) => byIndex.get(index) ?? null);
  const given = Number(place.value.query['task'] ?? Number.NaN);
  const index = indices.includes(given) ? given : (indices[Math.max(0, states.indexOf('failed'))] ?? 0);
  return { indices, states, index };
}

interface TasksProps {
  readonly request: RequestView;
  readonly looked: Looked;
}

export function Tasks({ request, looked }: TasksProps): JSX.Element {
  return (
    <Panel title={request.count === 1 ? 'Its task' : 'Tasks'}>
      {request.count > 1 && (
        <>
          <Grid {...looked} />
          <Failed {...looked} total={request.counts.failed} />
        </>
      )}
      <Chosen request={request} index={looked.index} />
    </Panel>
  );
}

/** So many are named: the cells show all. */
const namedMax = 24;

function Failed({ indices, states, index: chosen, total }: Looked & { readonly total: number }): JSX.Element | null {
  const failed = indices.filter((_, at) => states[at] === 'failed').slice(0, namedMax);
  if (failed.length === 0) return null;
  return (
    <div class="failed" role="group" aria-label="Tasks that failed">
      <span class="tag bad">{plural(total, 'task')} failed</span>
      {failed.map((index) => (
        <button
          key={index}
          type="button"
          class="small"
          aria-pressed={index === chosen}
          onClick={() => {
            setQuery({ task: String(index) });
          }}
        >
          {index}
        </button>
      ))}
      {total > failed.length && <span class="faint">and {count(total - failed.length)} more</span>}
    </div>
  );
}

function Grid({ indices, states, index }: Looked): JSX.Element {
  const canvas = useRef<HTMLCanvasElement>(null);
  const width = useSignal(0);
  const cell = Math.max(0, indices.indexOf(index));
  const grid = gridOf(indices.length, width.value || 600);
  useEffect(() => {
    const watch = new ResizeObserver(() => {
      width.value = canvas.current?.parentElement?.clientWidth ?? 0;
    });
    if (canvas.current?.parentElement) watch.observe(canvas.current.parentElement);
    return () => {
      watch.disconnect();
    };
  }, []);
  useEffect(() => {
    if (canvas.current !== null) draw(canvas.current, grid, states, cell);
  });
  const choose = (next: number | null): void => {
    const chosen = next === null ? undefined : indices[next];
    if (chosen !== undefined) setQuery({ task: String(chosen) });
  };
  return (
    <div class="grid-of-tasks">
      <canvas
        ref={canvas}
        role="slider"
        tabIndex={0}
        aria-label="Task by index"
        aria-valuemin={0}
        aria-valuemax={indices.length - 1}
        aria-valuenow={cell}
        aria-valuetext={`task ${String(index)}, ${states[cell] ?? 'not known yet'}`}
        onKeyDown={(event) => {
          const next = moved(indices.length, grid.columns, cell, event.key);
          if (next === cell) return;
          event.preventDefault();
          choose(next);
        }}
        onClick={(event) => {
          choose(cellAt(indices.length, grid, event.offsetX, event.offsetY));
        }}
      />
    </div>
  );
}

function draw(
  canvas: HTMLCanvasElement,
  { columns, rows, size }: ReturnType<typeof gridOf>,
  states: readonly (string | null)[],
  chosen: number,
): void {
  const scale = devicePixelRatio;
  canvas.width = columns * size * scale;
  canvas.height = rows * size * scale;
  canvas.style.width = `${String(columns * size)}px`;
  canvas.style.height = `${String(rows * size)}px`;
  const context = canvas.getContext('2d');
  if (context === null) return;
  context.scale(scale, scale);
  const colours = new Map<string, string>();
  states.forEach((state, at) => {
    const name = state === null ? '--line' : `--${toneOf(state)}-fill`;
    if (!colours.has(name)) colours.set(name, colourOf(canvas, name));
    context.fillStyle = colours.get(name) ?? '';
    context.fillRect((at % columns) * size, Math.floor(at / columns) * size, size - 2, size - 2);
  });
  context.strokeStyle = colourOf(canvas, '--text');
  context.lineWidth = 2;
  context.strokeRect((chosen % columns) * size, Math.floor(chosen / columns) * size, size - 2, size - 2);
}

/** As it is now, light or dark: a canvas does not know `light-dark()`, which the variables are made of. */
function colourOf(canvas: HTMLCanvasElement, name: string): string {
  canvas.style.color = `var(${name})`;
  return getComputedStyle(canvas).color;
}

function Chosen({ request, index }: { readonly request: RequestView; readonly index: number }): JSX.Element {
  const feed = useFeed<Page>(pathOf(`/v1/requests/${request.id}/tasks`, { from: index, limit: 1 }));
  const task = feed.data?.items[0];
  if (task === undefined) return <Empty>{feed.data === null ? 'It is being read.' : 'It has not begun.'}</Empty>;
  const { node, usage } = task;
  const ranMs =
    task.startedAt === null || task.endedAt === null ? null : Date.parse(task.endedAt) - Date.parse(task.startedAt);
  return (
    <div class="chosen" aria-live="off">
      <p class="headline">
        <strong>Task {String(task.index)}</strong>
        <State state={task.state} />
        {!ends.has(task.state) && (
          <button
            type="button"
            class="small danger"
            onClick={() => {
              confirmAction(cancelTask(request, task));
            }}
          >
            Cancel task {String(task.index)}
          </button>
        )}
      </p>
      <Facts
        items={[
          ['Why', task.reason],
          ['Exit code', task.exitCode === null ? null : String(task.exitCode)],
          ['Attempts', String(task.attempts)],
          ['Node', node === null ? null : <NodeLink id={node.id} />],
          ['Type', node === null ? null : `${node.instanceType}, ${node.capacityType}, ${node.zone}`],
          ['Placed', <Time at={task.placedAt} />],
          ['Started', <Time at={task.startedAt} />],
          ['Ran', ranMs === null ? null : duration(ranMs)],
          ['Memory, peak', optional(usage?.memoryPeakMib, memory)],
          [task.endedAt === null ? 'Cost so far' : 'Cost', optional(knownUsd(task), usd)],
          ['Next try', task.nextTryAt === undefined ? null : <Time at={task.nextTryAt} />],
        ]}
      />
    </div>
  );
}
