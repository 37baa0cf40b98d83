// How full something is.
import type { JSX } from 'preact';
import { segmentsOf, share } from '../logic/nodes.ts';
import type { Segment } from '../logic/nodes.ts';
import { memory, percent, vcpu } from '../logic/format.ts';
import type { NodeView } from '../../lib/api/schemas/pools.ts';

interface MeterProps {
  readonly label: string;
  readonly part: number;
  readonly whole: number;
  readonly text: string;
}

export function Meter({ label, part, whole, text }: MeterProps): JSX.Element {
  const filled = share(part, whole);
  return (
    <div class="meter" role="img" aria-label={`${label}: ${text}`} title={`${label}: ${text}`}>
      <i class={filled > 0.95 ? 'full' : ''} style={{ width: `${String(filled * 100)}%` }} />
    </div>
  );
}

const resources = [
  ['vcpu', 'vCPU', vcpu],
  ['memoryMib', 'memory', memory],
  ['gpu', 'GPU', vcpu],
] as const;

/** Bars of what a node has, packed with a segment for each of its tasks. */
export function NodeBars({
  node,
  isLarge = false,
}: {
  readonly node: NodeView;
  readonly isLarge?: boolean;
}): JSX.Element {
  const shown = resources.filter(([key]) => node.allocatable[key] > 0 || key !== 'gpu');
  return (
    <div class={isLarge ? 'bars large' : 'bars'}>
      {shown.map(([key, label, format]) => {
        const [used, have] = [node.used[key], node.allocatable[key]];
        const text = `${label} ${format(used)} of ${format(have)} (${percent(share(used, have))})`;
        return (
          <div key={key} class="bar-row" title={text}>
            {isLarge && <span class="label">{label}</span>}
            <div
              class={`packed ${key}`}
              role="img"
              aria-label={text}
              style={isLarge ? {} : { backgroundImage: stripes(segmentsOf(node, key)) }}
            >
              {(isLarge ? segmentsOf(node, key) : []).map((segment, at) => (
                <i
                  key={at}
                  class={at % 2 === 0 ? 'even' : 'odd'}
                  title={`${segment.label} · ${text}`}
                  style={{ left: `${String(segment.from * 100)}%`, width: `${String(segment.size * 100)}%` }}
                />
              ))}
            </div>
            {isLarge && (
              <span class="figure">
                {format(node.used[key])} of {format(node.allocatable[key])}
              </span>
            )}
          </div>
        );
      })}
    </div>
  );
}

/** Segments as one picture: in a long list an element for each would take longer than a frame while one scrolls. */
function stripes(segments: readonly Segment[]): string {
  const at = (share: number): string => `${(share * 100).toFixed(2)}%`;
  const stops = segments.map(
    ({ from, size }, n) => `var(--segment-${n % 2 === 0 ? 'even' : 'odd'}) ${at(from)} ${at(from + size)}`,
  );
  const { from = 0, size = 0 } = segments.at(-1) ?? {};
  return `linear-gradient(90deg, ${[...stops, `transparent ${at(from + size)}`].join(', ')}, transparent)`;
}

const taskTones = [
  ['succeeded', 'good'],
  ['running', 'run'],
  ['failed', 'bad'],
  ['cancelled', 'calm'],
  ['pending', 'wait'],
] as const;

/** How the tasks of a request stand. */
export function TaskBar({
  counts,
  total,
}: {
  readonly counts: Readonly<Record<string, number>>;
  readonly total: number;
}): JSX.Element {
  const text = taskTones
    .filter(([state]) => (counts[state] ?? 0) > 0)
    .map(([state]) => `${String(counts[state] ?? 0)} ${state}`)
    .join(', ');
  return (
    <div class="tasks" role="img" aria-label={text} title={text}>
      {taskTones.map(([state, tone]) => (
        <i key={state} class={tone} style={{ width: `${String(share(counts[state] ?? 0, total) * 100)}%` }} />
      ))}
    </div>
  );
}
