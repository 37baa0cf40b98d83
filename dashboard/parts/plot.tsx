// Levels over time, as steps, with the figures at the pointer or the arrow keys.
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { duration, localTime } from '../logic/format.ts';
import { frameOf, pointOf, sampleAt, stepPath } from '../logic/series.ts';
import type { Frame, Sample } from '../logic/series.ts';

export interface PlotLine {
  readonly name: string;
  readonly label: string;
  /** 1 to 4: the colours of the style sheet. */
  readonly colour: number;
  readonly isArea?: boolean;
}

interface PlotProps {
  readonly title: string;
  readonly samples: readonly Sample[];
  readonly lines: readonly PlotLine[];
  readonly format: (value: number) => string;
}

const [width, height] = [600, 130];

export function Plot({ title, samples, lines, format }: PlotProps): JSX.Element {
  const share = useSignal<number | null>(null);
  const names = lines.map((line) => line.name);
  const frame = frameOf(samples, names, width, height);
  const at = share.value === null ? samples.at(-1) : sampleAt(samples, frame, share.value);
  const onKey = (event: KeyboardEvent): void => {
    const step = event.key === 'ArrowLeft' ? -0.02 : event.key === 'ArrowRight' ? 0.02 : 0;
    if (step === 0) return;
    event.preventDefault();
    share.value = Math.min(1, Math.max(0, (share.value ?? 1) + step));
  };
  const readings = lines.map((line) => `${line.label} ${format(at?.values[line.name] ?? 0)}`);
  return (
    <figure class="plot">
      <figcaption>
        <span>{title}</span>
        <span class="reading">
          {lines.map((line, index) => (
            <span key={line.name}>
              <i class={`key c${String(line.colour)}`} />
              {readings[index]}
            </span>
          ))}
          <span class="faint">{at && share.value !== null ? localTime(at.atMs, false) : 'now'}</span>
        </span>
      </figcaption>
      <div
        class="canvas"
        role="slider"
        tabIndex={0}
        aria-label={`${title}: figures at a time`}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={Math.round((share.value ?? 1) * 100)}
        aria-valuetext={readings.join(', ')}
        onKeyDown={onKey}
        onPointerMove={(event) => {
          const box = event.currentTarget.getBoundingClientRect();
          share.value = Math.min(1, Math.max(0, (event.clientX - box.left) / box.width));
        }}
        onPointerLeave={() => {
          share.value = null;
        }}
      >
        <Lines frame={frame} samples={samples} lines={lines} share={share.value} />
        <span class="most">{format(frame.most)}</span>
      </div>
      <p class="axis faint">
        {samples.length < 2 ? 'collecting since this page was opened' : `${duration(frame.toMs - frame.fromMs)} ago`}
        <span>now</span>
      </p>
    </figure>
  );
}

interface LinesProps extends Pick<PlotProps, 'samples' | 'lines'> {
  readonly frame: Frame;
  readonly share: number | null;
}

function Lines({ frame, samples, lines, share }: LinesProps): JSX.Element {
  return (
    <svg viewBox={`0 0 ${String(width)} ${String(height)}`} preserveAspectRatio="none" aria-hidden="true">
      {[0.25, 0.5, 0.75].map((part) => (
        <line key={part} class="grid" x1="0" x2={width} y1={height * part} y2={height * part} />
      ))}
      {lines.map((line) => {
        const path = stepPath(frame, samples, line.name);
        if (path === '') return null;
        const [first] = pointOf(frame, frame.fromMs, 0);
        return (
          <g key={line.name} class={`c${String(line.colour)}`}>
            {line.isArea === true && <path class="area" d={`${path}V${String(height)}H${String(first)}Z`} />}
            <path class="line" d={path} />
          </g>
        );
      })}
      {share !== null && <line class="cursor" x1={width * share} x2={width * share} y1="0" y2={height} />}
    </svg>
  );
}
