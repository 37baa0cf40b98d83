// Back-tests run in a program of their own, which has the control plane in it: the CLI only starts it.
import type { Command } from 'commander';
import type { Action, Run } from '../context.ts';

export function registerBacktest(program: Command, run: Run): void {
  run(
    program
      .command('backtest')
      .description('what a pool would have cost on a trace of your own, and who would have waited; --help for how')
      .argument('[options...]')
      .allowUnknownOption()
      .helpOption(false),
    started('backtest'),
  );
  run(
    program
      .command('trace')
      .description('make a trace for back-tests, or show what is in one; --help for how')
      .argument('[options...]')
      .allowUnknownOption()
      .helpOption(false),
    started('trace'),
  );
}

function started(name: string): Action {
  return async (context, args) => {
    context.exit = await context.environment.runBacktest([name, ...args, ...(context.isJson ? ['--json'] : [])]);
  };
}
