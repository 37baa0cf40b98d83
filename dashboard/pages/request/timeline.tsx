// The timeline as a picture, and its entries below.
import type { JSX } from 'preact';
import type { RequestView, TimelineView } from '../../../lib/api/schemas/requests.ts';
import { nowMs } from '../../app/live.ts';
import { codeText, duration } from '../../logic/format.ts';
import { spansOf, toneOf } from '../../logic/timeline.ts';
import { Time, Words } from '../../parts/basics.tsx';

interface TimelineProps {
  readonly request: RequestView;
  readonly timeline: TimelineView;
}

export function Timeline({ request, timeline }: TimelineProps): JSX.Element {
  const endMs = request.endedAt === null ? nowMs.value : Date.parse(request.endedAt);
  const spans = spansOf(timeline.items, endMs);
  const startMs = spans[0]?.fromMs ?? endMs;
  const wholeMs = Math.max(1, endMs - startMs);
  const text = spans.map((one) => `${one.stage} for ${duration(one.toMs - one.fromMs)}`).join(', ');
  return (
    <>
      <div class="spans" role="img" aria-label={text}>
        {spans.map((one) => (
          <i
            key={one.fromMs}
            class={toneOf(one.stage)}
            title={`${one.stage}: ${duration(one.toMs - one.fromMs)}`}
            style={{ flexGrow: String(Math.max(0.5, (100 * (one.toMs - one.fromMs)) / wholeMs)) }}
          >
            <span>{one.stage}</span>
          </i>
        ))}
      </div>
      <p class="axis faint">
        <Time at={new Date(startMs).toISOString()} />
        <span>{duration(wholeMs)} in all</span>
      </p>
      <ol class="entries">
        {timeline.items.map((entry, at) => (
          <li key={`${entry.at}${String(at)}`} class={toneOf(entry.stage)}>
            <Time at={entry.at} />
            <span class="tag">{codeText(entry.code)}</span>
            <span>
              <Words text={entry.message} />
            </span>
          </li>
        ))}
      </ol>
    </>
  );
}
