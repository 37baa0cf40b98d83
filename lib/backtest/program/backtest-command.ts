// A back-test from its command line to what is printed and written.
import { availableParallelism } from 'node:os';
import { basename } from 'node:path';
import { assertRecorded, isRecorded } from '../baselines/recorded.ts';
import { comparisonOf } from '../report/comparison.ts';
import { reportPage } from '../report/page.ts';
import type { VariantResult } from '../results.ts';
import { summaryOf } from '../traces/summary.ts';
import type { Trace } from '../traces/trace.ts';
import { expanded, parseBacktest } from './options.ts';
import type { BacktestOptions } from './options.ts';
import { ReportFileError, assertWritable, writeReport } from './report-file.ts';
import { traceOf } from './run-variant.ts';
import type { SideBySide } from './side-by-side.ts';
import { textOf, wrongLinesText } from './text.ts';
import { variantsOf } from './variants.ts';

export const exits = { ok: 0, failed: 1, usage: 2 } as const;

/** What a command reads nothing from, and writes to. */
export interface Terminal {
  readonly out: (text: string) => void;
  readonly say: (line: string) => void;
  /** Runs the variants: in processes of their own. */
  readonly run: (all: SideBySide) => Promise<readonly VariantResult[]>;
}

/** @throws TraceError, PoolFileError, VariantError, and ReportFileError where the figures are printed already */
export async function runBacktest(args: readonly string[], terminal: Terminal): Promise<number> {
  const options = parseBacktest(args);
  if ('print' in options) {
    if (options.exitCode === exits.ok) terminal.out(options.print);
    else terminal.say(options.print.trimEnd());
    return options.exitCode;
  }
  if (options.report !== undefined && !isWritable(options.report, terminal)) return exits.usage;
  const trace = traceOf(options);
  for (const line of wrongLinesText(trace)) terminal.say(line);
  if (options.baseline.includes('recorded')) assertRecorded(trace);
  const results = await terminal.run(sideBySide(options, trace, terminal));
  const comparison = comparisonOf(results);
  const { unit, lines, wrongCount, wrong } = trace;
  terminal.out(
    options.json
      ? `${JSON.stringify({ trace: { unit, lines, wrongCount, wrong }, comparison, variants: results }, null, 2)}\n`
      : `${textOf(trace, results)}\n`,
  );
  // After the figures: they are there, whatever becomes of the file.
  if (options.report !== undefined) {
    const title = `Back-test of ${basename(options.trace)}`;
    writeReport(options.report, () => reportPage({ title, trace: summaryOf(trace), results }));
  }
  if (comparison.ran > 0) return exits.ok;
  for (const sentence of comparison.sentences) terminal.say(`bellows: ${sentence}`);
  return exits.failed;
}

function isWritable(file: string, { say }: Terminal): boolean {
  try {
    assertWritable(file);
    return true;
  } catch (error) {
    if (!(error instanceof ReportFileError)) throw error;
    say(`bellows: ${error.message}`);
    return false;
  }
}

function sideBySide(options: BacktestOptions, trace: Trace, { say }: Terminal): SideBySide {
  const { trace: file, seed, from, to, scaleDemand, speedOfBoot, speedOfStart, as, weather } = options;
  return {
    variants: variantsOf(options.pool, expanded(options.baseline, isRecorded(trace)), options.vary),
    options: {
      trace: file,
      seed,
      as,
      ...(weather === undefined ? {} : { weather }),
      ...(from === undefined ? {} : { from }),
      ...(to === undefined ? {} : { to }),
      ...(scaleDemand === undefined ? {} : { scaleDemand }),
      ...(speedOfBoot === undefined ? {} : { speedOfBoot }),
      ...(speedOfStart === undefined ? {} : { speedOfStart }),
    },
    hasOracle: options.oracle,
    workers: options.workers ?? availableParallelism(),
    note: say,
  };
}
