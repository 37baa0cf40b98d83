// The command line of a back-test.
import { baselineNames } from '../baselines/index.ts';
import type { BaselineName } from '../baselines/index.ts';
import type { BootTime } from '../world/behaviour.ts';
import { VaryError, parseVary, varyMax } from './vary.ts';
import type { Vary } from './vary.ts';
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';

export interface BacktestOptions {
  readonly trace: string;
  readonly pool: readonly string[];
  /** `all`: each of them, `recorded` where the trace knows it. */
  readonly baseline: readonly (BaselineName | 'all')[];
  readonly seed: number;
  readonly json: boolean;
  readonly from?: number;
  readonly to?: number;
  readonly scaleDemand?: number;
  readonly speedOfBoot?: BootTime;
  readonly speedOfStart?: BootTime;
  readonly as: 'aws' | 'local';
  readonly workers?: number;
  readonly vary: readonly Vary[];
  readonly report?: string;
  readonly oracle: boolean;
  readonly weather?: string;
  readonly rootVolumeGib?: number;
}

export const variantsMax = 32;

/** Text to print instead of a run: help, or what is wrong. */
export interface Printed {
  readonly print: string;
  readonly exitCode: number;
}

export function parseBacktest(args: readonly string[]): BacktestOptions | Printed {
  let printed = '';
  const command = backtestCommand()
    .exitOverride()
    .configureOutput({ writeOut: (text) => (printed += text), writeErr: (text) => (printed += text) });
  try {
    command.parse([...args], { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return { print: printed, exitCode: error.exitCode === 0 ? 0 : 2 };
  }
  const options = command.opts<BacktestOptions>();
  if (options.pool.length === 0) return { print: 'name at least one pool: --pool pool.yaml\n', exitCode: 2 };
  const each = options.vary.reduce((product, { values }) => product * values.length, 1);
  if (options.pool.length * each + expanded(options.baseline, true).length > variantsMax)
    return { print: `at most ${String(variantsMax)} variants are run at once\n`, exitCode: 2 };
  return options;
}

function backtestCommand(): Command {
  return new Command('bellows backtest')
    .description(
      'what a pool would have cost, and who would have waited: a trace of the past runs on the real control code in '
        + 'virtual time (docs/backtest.md)',
    )
    .requiredOption('--trace <file>', 'what was asked for, and when: a .csv file')
    .option('--pool <file>', 'a pool, or several, in YAML or JSON; may be given again: each is a variant', collect, [])
    .addOption(
      new Option('--baseline <name>', 'what others would do, tuned on the trace; may be given again; all: each of them')
        .argParser(baselines)
        .default([]),
    )
    .option(
      '--vary <setting>',
      'e.g. pool.idleAfterSeconds=15,60,300: each value is a variant; twice at most',
      sweep,
      [],
    )
    .option('--seed <number>', 'of all that is drawn', whole(0), 1)
    .option('--json', 'figures as JSON', false)
    .option('--report <file>', 'and as one HTML page that needs nothing else')
    .option('--no-oracle', 'leave out the time-aware oracle, which takes up to a minute of CPU')
    .option('--from <time>', 'begin so far into the trace: seconds, or 90m, 2h, 1d', time)
    .option('--to <time>', 'leave out what is submitted from then on', time)
    .option('--scale-demand <factor>', 'as much demand, e.g. 1.5', positive(100))
    .option(
      '--speed-of-boot <seconds>',
      'from the launch call to a node that takes tasks; also 30-90, or 60~0.5',
      bootTime,
    )
    .option('--speed-of-start <seconds>', 'the same of a stopped node that is started', bootTime)
    .option('--weather <file>', 'spot prices, capacity and interruptions; catalog: generated from its figures')
    .option(
      '--root-volume-gib <number>',
      'of each node, gp3; 20 unless given, with GPUs 120 at least; 0 for none',
      whole(0, 16_384),
    )
    .addOption(new Option('--as <where>', 'calls take as long as there').choices(['aws', 'local']).default('aws'))
    .option('--workers <number>', 'processes side by side; as many as there are cores unless given', whole(1));
}

/** `isRecorded`: the trace says where tasks ran. */
export function expanded(given: BacktestOptions['baseline'], isRecorded: boolean): readonly BaselineName[] {
  return baselineNames.filter(
    (name) => given.includes(name) || (given.includes('all') && (name !== 'recorded' || isRecorded)),
  );
}

function baselines(value: string, before: BacktestOptions['baseline']): BacktestOptions['baseline'] {
  const name = value === 'all' ? value : baselineNames.find((one) => one === value);
  if (name === undefined) throw new InvalidArgumentError(`It must be one of ${baselineNames.join(', ')}, all.`);
  return before.includes(name) ? before : [...before, name];
}

function sweep(value: string, before: readonly Vary[]): readonly Vary[] {
  try {
    if (before.length >= varyMax) throw new VaryError(`At most ${String(varyMax)} settings are varied at once.`);
    return [...before, parseVary(value)];
  } catch (error) {
    if (!(error instanceof VaryError)) throw error;
    throw new InvalidArgumentError(error.message);
  }
}

function collect(value: string, before: readonly string[]): readonly string[] {
  return [...before, value];
}

function whole(min: number, max = 2 ** 31): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() === '' || !Number.isInteger(value) || value < min || value > max)
      throw new InvalidArgumentError(`It must be a whole number from ${String(min)} to ${String(max)}.`);
    return value;
  };
}

function positive(max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!(value > 0) || value > max) throw new InvalidArgumentError(`It must be over 0 and at most ${String(max)}.`);
    return value;
  };
}

/** `60`, `30-90` (evenly between), `60~0.5` (lognormal: median, and standard deviation of the logarithm). */
function bootTime(text: string): BootTime {
  const seconds = positive(3_600);
  const [, first = '', sign, second = ''] = /^([\d.]+)(?:([-~])([\d.]+))?$/.exec(text) ?? [];
  if (sign === undefined) return seconds(text);
  if (sign === '~') return { medianS: seconds(first), sigma: positive(3)(second) };
  const range = { minS: seconds(first), maxS: seconds(second) };
  if (range.minS > range.maxS) throw new InvalidArgumentError('The first must not be over the second.');
  return range;
}

const units = { s: 1, m: 60, h: 3_600, d: 86_400 } as const;

/** Seconds. */
function time(text: string): number {
  const match = /^(\d+(?:\.\d+)?)([smhd]?)$/.exec(text);
  if (match === null) throw new InvalidArgumentError('It must be a number of seconds, or like 90m, 2h, 1d.');
  return Number(match[1]) * units[(match[2] === '' ? 's' : match[2]) as keyof typeof units];
}
