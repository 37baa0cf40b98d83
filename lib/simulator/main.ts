// `npm run simulate:faults`: runs seeds, one after the other or in child processes, and tells the story of what fails.
import { appendFileSync } from 'node:fs';
import { runExhaustive } from './program/exhaustive.ts';
import { runManySeeds } from './program/many-seeds.ts';
import { parseOptions, runOptionsOf } from './program/options.ts';
import type { ProgramOptions } from './program/options.ts';
import { failureReport, replayCommand } from './program/report.ts';
import { runSeed } from './program/seed-run.ts';
import { shrink } from './program/shrink.ts';
import { addTo, newTotals, summaryLine, totalsText } from './program/totals.ts';
import type { Totals } from './program/totals.ts';
import type { RunOptions, RunResult } from './run/types.ts';
import { formatLine } from './trace.ts';

type Note = (line: string) => void;

interface Seeds {
  readonly from: number;
  readonly seeds: number;
  readonly forMs: number;
  readonly isStopped: () => boolean;
}

async function main(): Promise<number> {
  const options = parseOptions();
  if ('print' in options) {
    console.log(options.print);
    return options.exitCode;
  }
  const note: Note = (line) => {
    console.log(line);
    if (options.progress !== undefined) appendFileSync(options.progress, `${line}\n`);
  };
  if (options.exhaustive) return (await runExhaustive(note)).failures.length === 0 ? 0 : 1;
  let isStopped = false;
  // Whoever stops a long run early still wants to know what it has seen.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => (isStopped = true));
  const seeds: Seeds = {
    from: options.seed ?? options.from ?? Date.now() % 1_000_000_000,
    seeds: options.seed === undefined ? options.seeds : 1,
    forMs: options.minutes === undefined ? Infinity : options.minutes * 60_000,
    isStopped: () => isStopped,
  };
  const { from, seeds: count } = seeds;
  if (count > 1) note(`seeds ${String(from)} to ${String(from + count - 1)}`);
  const startedAtMs = Date.now();
  const { totals, failures } =
    options.workers === undefined
      ? await oneAfterTheOther(seeds, options, note)
      : await runManySeeds({ ...seeds, workers: options.workers, run: runOptionsOf(options), note });
  note(`\n${totalsText(totals)}`);
  note(`${summaryLine(totals, failures)} in ${((Date.now() - startedAtMs) / 1000).toFixed(1)} s`);
  return failures === 0 ? 0 : 1;
}

async function oneAfterTheOther(
  { from, seeds, forMs, isStopped }: Seeds,
  options: ProgramOptions,
  note: Note,
): Promise<{ totals: Totals; failures: number }> {
  const totals = newTotals();
  const startedAtMs = Date.now();
  let failures = 0;
  for (let seed = from; seed < from + seeds && !isStopped(); seed += 1) {
    if (Date.now() - startedAtMs >= forMs) break;
    const onLine: RunOptions['onLine'] = options.trace ? (line) => console.log(formatLine(line)) : undefined;
    const runOptions: RunOptions = { ...runOptionsOf(options), seed, onLine };
    const { summary, result } = await runSeed(runOptions);
    addTo(totals, summary);
    if (seeds === 1)
      note(
        `seed ${String(seed)}: trace ${result.hash}, ${String(result.trace.lines)} lines, `
          + `${String(result.counts.events)} events in ${summary.cpuMs.toFixed(0)} ms of CPU`,
      );
    if (summary.failure !== null) {
      failures += 1;
      note(summary.failure);
      if (options.shrink) await shrinkAndTell(runOptions, result, note);
      if (!options['keep-going']) break;
    }
    if (totals.seeds % 100 === 0)
      note(
        `${String(totals.seeds)} seeds, ${String(failures)} violations, ${String(totals.faultedTicks)} ticks among `
          + `faults, ${((Date.now() - startedAtMs) / 1000).toFixed(0)} s`,
      );
  }
  return { totals, failures };
}

async function shrinkAndTell(options: RunOptions, result: RunResult, note: Note): Promise<void> {
  const shrunk = await shrink({ ...options, onLine: undefined }, result, (what) => note(`  still fails ${what}`));
  note(
    `\nThe smallest run found in ${String(shrunk.runs)} runs: `
      + `${replayCommand(shrunk.options)}\n\n${failureReport(shrunk.options, shrunk.result)}`,
  );
}

process.exitCode = await main();
