// `./bellows backtest` and `./bellows trace`: a trace of the past, on the real control code, in virtual time.
import { writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { basename } from 'node:path';
import { assertRecorded, isRecorded } from './baselines/recorded.ts';
import { expanded, parseBacktest } from './program/options.ts';
import { traceOf } from './program/run-variant.ts';
import { VariantError, runSideBySide } from './program/side-by-side.ts';
import { textOf, wrongLinesText } from './program/text.ts';
import { runTraceCommand } from './program/trace-command.ts';
import { PoolFileError, variantsOf } from './program/variants.ts';
import { reportPage } from './report/page.ts';
import { summaryOf } from './traces/summary.ts';
import { TraceError } from './traces/trace.ts';

const exits = { ok: 0, failed: 1, usage: 2 } as const;

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

async function main([command, ...args]: readonly string[]): Promise<number> {
  try {
    return command === 'trace' ? traceCommand(args) : await backtest(args);
  } catch (error) {
    if (error instanceof TraceError || error instanceof PoolFileError) {
      say(`bellows: ${error.message}`);
      return exits.usage;
    }
    if (!(error instanceof VariantError)) throw error;
    say(`bellows: ${error.message}`);
    return exits.failed;
  }
}

function traceCommand(args: readonly string[]): number {
  const { out, err, exitCode } = runTraceCommand(args);
  process.stderr.write(err);
  process.stdout.write(out);
  return exitCode;
}

async function backtest(args: readonly string[]): Promise<number> {
  const options = parseBacktest(args);
  if ('print' in options) {
    (options.exitCode === exits.ok ? process.stdout : process.stderr).write(options.print);
    return options.exitCode;
  }
  const trace = traceOf(options);
  for (const line of wrongLinesText(trace)) say(line);
  if (options.baseline.includes('recorded')) assertRecorded(trace);
  const variants = variantsOf(options.pool, expanded(options.baseline, isRecorded(trace)), options.vary);
  const { trace: file, seed, from, to, scaleDemand, speedOfBoot, as, weather } = options;
  const results = await runSideBySide({
    variants,
    options: {
      trace: file,
      seed,
      as,
      ...(weather === undefined ? {} : { weather }),
      ...(from === undefined ? {} : { from }),
      ...(to === undefined ? {} : { to }),
      ...(scaleDemand === undefined ? {} : { scaleDemand }),
      ...(speedOfBoot === undefined ? {} : { speedOfBoot }),
    },
    hasOracle: options.oracle,
    workers: options.workers ?? availableParallelism(),
    note: say,
  });
  if (options.report !== undefined)
    writeFileSync(
      options.report,
      reportPage({ title: `Back-test of ${basename(file)}`, trace: summaryOf(trace), results }),
    );
  const { unit, lines, wrongCount, wrong } = trace;
  process.stdout.write(
    options.json
      ? `${JSON.stringify({ trace: { unit, lines, wrongCount, wrong }, variants: results }, null, 2)}\n`
      : `${textOf(trace, results)}\n`,
  );
  return exits.ok;
}

// The reader has gone (`| head`): nobody reads any more.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(exits.ok);
});
process.exitCode = await main(process.argv.slice(2));
