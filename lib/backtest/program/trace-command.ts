// `./bellows trace`: makes a trace, or says what is in one.
import { Command, CommanderError, InvalidArgumentError } from 'commander';
import { generate, generatedDefaults } from '../traces/generate.ts';
import type { Generated } from '../traces/generate.ts';
import { readTrace } from '../traces/read.ts';
import { summaryOf } from '../traces/summary.ts';
import type { TraceSummary } from '../traces/summary.ts';
import { traceBounds } from '../traces/trace.ts';
import { wrongLinesText } from './text.ts';

export interface TraceOutput {
  readonly out: string;
  readonly err: string;
  readonly exitCode: number;
}

/** @throws TraceError */
export function runTraceCommand(args: readonly string[]): TraceOutput {
  let [out, err] = ['', ''];
  const program = new Command('bellows trace').description('traces for back-tests (docs/backtest.md)').exitOverride();
  const write = { writeOut: (text: string) => (out += text), writeErr: (text: string) => (err += text) };
  const d = generatedDefaults;
  const generated = program
    .command('generate')
    .description('demand from a seed, as CSV: daily and weekly cycles, bursts, heavy-tailed durations, arrays')
    .option('--tasks <number>', 'so many', number(1, traceBounds.tasks), d.tasks)
    .option('--days <number>', 'over so many days', number(0.01, 366), d.days)
    .option('--seed <number>', 'another seed, another trace', number(0, 2 ** 31), d.seed)
    .option('--tenants <number>', 'of so many tenants', number(1, 1_000), d.tenants)
    .option('--bursts <share>', 'share of them right after the full hour', number(0, 1), d.bursts)
    .option('--arrays <share>', 'share of the lines that are arrays', number(0, 1), d.arrays)
    .option('--median-s <seconds>', 'median duration', number(0.1, 21_600), d.medianS)
    .action((options: Generated) => {
      for (const line of generate(options)) out += `${line}\n`;
    });
  const shown = program
    .command('show')
    .description('what is in a trace')
    .argument('<file>')
    .option('--json', 'as JSON', false)
    .action((file: string, { json }: { readonly json: boolean }) => {
      const trace = readTrace(file);
      const summary = summaryOf(trace);
      err += wrongLinesText(trace)
        .map((line) => `${line}\n`)
        .join('');
      out += json ? `${JSON.stringify(summary, null, 2)}\n` : summaryText(summary);
    });
  for (const command of [program, generated, shown]) command.exitOverride().configureOutput(write);
  try {
    program.parse([...args], { from: 'user' });
    return { out, err, exitCode: 0 };
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return { out, err, exitCode: error.exitCode === 0 ? 0 : 2 };
  }
}

function number(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() === '' || !(value >= min) || value > max)
      throw new InvalidArgumentError(`It must be a number from ${String(min)} to ${String(max)}.`);
    return value;
  };
}

function summaryText(one: TraceSummary): string {
  const { duration } = one;
  return [
    `${String(one.tasks)} tasks of ${String(one.tenants)} tenants in ${one.hours.toFixed(1)} hours, `
      + `${String(one.shapes)} shapes`,
    `durations: p50 ${duration.p50S.toFixed(1)} s, p95 ${duration.p95S.toFixed(1)} s, `
      + `max ${duration.maxS.toFixed(0)} s`,
    `asked for: ${one.vcpuHours.toFixed(1)} vCPU hours, ${one.memoryGibHours.toFixed(1)} GiB hours, `
      + `${one.gpuHours.toFixed(1)} GPU hours`,
    `at once, if nothing waited: ${String(one.most.tasks)} tasks, ${one.most.vcpu.toFixed(1)} vCPU at most`,
    `${String(one.lines)} ${one.unit}s, ${String(one.wrongCount)} wrong, ${String(one.passedOver)} that are no tasks`,
    '',
  ].join('\n');
}
