// How far forecasts are off, against the naive ones: `node scripts/enter.mjs FILE FOLDER [LEAD]` with this file.
// FOLDER: CSV files of `timestamp,value`, as the Numenta Anomaly Benchmark has them; LEAD: seconds that a node boots
// (60). Ratios of the weighted absolute percentage error (the sum of absolute errors by the sum of values): below 1 is
// better than the naive method. Rolling: each step is forecast from what came before it, after the first two days.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Rolling } from '../../../lib/core/forecast/rolling.ts';

const dayMs = 86_400_000;
const [folder = '', leadText = '60'] = process.argv.slice(2);
const leadMs = Number(leadText) * 1_000;
if (folder === '' || !(leadMs > 0)) {
  process.stderr.write('usage: forecast.ts FOLDER_OF_CSV [LEAD_SECONDS]\n');
  process.exit(2);
}

interface Series {
  readonly stepMs: number;
  readonly values: readonly number[];
}

/** A missing sample repeats the last. */
function readSeries(file: string): Series {
  const points = readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => line.split(','))
    .map(([time = '', value]) => ({ atMs: Date.parse(`${time.replace(' ', 'T')}Z`), value: Number(value) }));
  const [first, ...others] = points;
  if (first === undefined) return { stepMs: dayMs, values: [] };
  const gaps = others.map(({ atMs }, at) => atMs - (points[at]?.atMs ?? 0)).sort((a, b) => a - b);
  const stepMs = gaps[Math.floor(gaps.length / 2)] ?? dayMs;
  const values: number[] = [];
  for (const { atMs, value } of points) {
    const at = Math.round((atMs - first.atMs) / stepMs);
    while (values.length < at) values.push(values.at(-1) ?? 0);
    values[at] = value;
  }
  return { stepMs, values };
}

function lineOf(name: string, { stepMs, values }: Series): string {
  const dayLength = Math.round(dayMs / stepMs);
  const ahead = Math.max(1, Math.ceil(leadMs / stepMs));
  const rolling = new Rolling(values, dayLength, ahead);
  const errors = { chosen: 0, last: 0, day: 0 };
  const chosen = new Map<string, number>();
  let sum = 0;
  for (let at = 0; at < values.length - ahead; at += 1) {
    rolling.learn(at);
    if (at < 2 * dayLength) continue;
    const said = rolling.predictions(at);
    const method = rolling.best()?.chosen.base.name ?? 'last-value';
    const value = values[at + ahead] ?? 0;
    const off = (of: string): number => Math.abs((said.get(of) ?? 0) - value);
    errors.chosen += off(method);
    errors.last += off('last-value');
    errors.day += off('seasonal-naive-day');
    sum += Math.abs(value);
    chosen.set(method, (chosen.get(method) ?? 0) + 1);
  }
  const [most = ['none', 0]] = [...chosen].sort(([, a], [, b]) => b - a);
  const cells = [
    (errors.chosen / sum).toFixed(4),
    (errors.chosen / errors.last).toFixed(3),
    (errors.chosen / errors.day).toFixed(3),
  ];
  return `${name.padEnd(44)} ${cells.map((one) => one.padStart(12)).join(' ')}  ${most[0]}`;
}

process.stdout.write(`${'series'.padEnd(44)}         WAPE    last-value seasonal-day  most chosen\n`);
for (const name of readdirSync(folder).filter((one) => one.endsWith('.csv')))
  process.stdout.write(`${lineOf(name, readSeries(join(folder, name)))}\n`);
