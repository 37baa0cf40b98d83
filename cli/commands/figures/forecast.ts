// What is known of the demand to come, of a pool in vCPU and of a service in replicas: the same lines.
import { duration, facts, table } from '../../text.ts';

export interface ForecastFigures {
  readonly learningStyle: string;
  readonly acts: boolean;
  readonly reason: string;
  readonly leadSeconds: number;
  readonly quantile: number;
  readonly method: string | null;
  readonly now: number | null;
  readonly low: number | null;
  readonly expected: number | null;
  readonly wanted: number | null;
  readonly methods: readonly {
    readonly method: string;
    readonly naive: boolean;
    readonly steps: number;
    readonly meanError: number;
  }[];
}

/** `amount`: a figure with its unit. */
export function forecastLines(view: ForecastFigures, amount: (value: number) => string): readonly string[] {
  const cases = `in ${String(Math.round(view.quantile * 100))} of 100 cases`;
  const orNull = (value: number | null): string | null => (value === null ? null : amount(value));
  const bound = (value: number | null): string | null => (value === null ? null : `${amount(value)} ${cases}`);
  return [
    facts([
      ['learning style', view.learningStyle],
      ['acts on it', view.acts ? 'yes' : 'no'],
      ['why', view.reason],
      ['lead time', duration(view.leadSeconds * 1000)],
      ['wanted now', orNull(view.now)],
      ['method', view.method],
      ['expected', orNull(view.expected)],
      ['at least', bound(view.low)],
      ['at most', bound(view.wanted)],
    ]),
    '',
    table(
      ['METHOD', 'MEAN ERROR', 'FORECASTS', ''],
      view.methods.map((one) => [one.method, amount(one.meanError), String(one.steps), one.naive ? 'naive' : '']),
    ),
  ];
}
