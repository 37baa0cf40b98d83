// What a page has seen since it is open, and how it becomes the lines of a plot.

export interface Sample {
  readonly atMs: number;
  readonly values: Readonly<Record<string, number>>;
}

export const samplesMax = 900;

/** The newest at the end. When there are too many, every second one of the older half goes: long views stay whole. */
export function withSample(samples: readonly Sample[], sample: Sample): readonly Sample[] {
  const last = samples.at(-1);
  if (last !== undefined && sample.atMs <= last.atMs) return samples;
  const all = [...samples, sample];
  if (all.length <= samplesMax) return all;
  const half = Math.floor(all.length / 2);
  return all.filter((_, at) => at >= half || at % 2 === 0);
}

export interface Frame {
  readonly width: number;
  readonly height: number;
  readonly fromMs: number;
  readonly toMs: number;
  readonly most: number;
}

export function frameOf(samples: readonly Sample[], names: readonly string[], width: number, height: number): Frame {
  const most = samples.reduce((level, { values }) => Math.max(level, ...names.map((name) => values[name] ?? 0)), 0);
  const fromMs = samples[0]?.atMs ?? 0;
  return { width, height, fromMs, toMs: Math.max(fromMs + 1, samples.at(-1)?.atMs ?? 0), most: niceMost(most) };
}

/** A short number, at least what is shown. */
export function niceMost(most: number): number {
  if (most <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(most));
  const step = [1, 1.5, 2, 3, 4, 5, 6, 8, 10].find((one) => one * power >= most) ?? 10;
  return Number((step * power).toPrecision(6));
}

export function pointOf(
  { width, height, fromMs, toMs, most }: Frame,
  atMs: number,
  value: number,
): readonly [number, number] {
  return [(width * (atMs - fromMs)) / (toMs - fromMs), height - (height * value) / most];
}

/** Levels hold until the next sample, so a line goes in steps. */
export function stepPath(frame: Frame, samples: readonly Sample[], name: string): string {
  return samples
    .map(({ atMs, values }, at) => {
      const [x, y] = pointOf(frame, atMs, values[name] ?? 0).map((one) => one.toFixed(1));
      return at === 0 ? `M${String(x)} ${String(y)}` : `H${String(x)}V${String(y)}`;
    })
    .join('');
}

/** The sample that holds at a share (0 to 1) of the width. */
export function sampleAt(samples: readonly Sample[], { fromMs, toMs }: Frame, share: number): Sample | null {
  const atMs = fromMs + share * (toMs - fromMs);
  return samples.findLast((one) => one.atMs <= atMs) ?? samples[0] ?? null;
}
