// Back-tests run in a program of their own, which has the control plane in it: the CLI only starts it.
import type { Command } from 'commander';
import type { Context, Run } from '../context.ts';

export function registerBacktest(program: Command, run: Run): void {
  run(
    program
      .command('backtest')
      .description('what a pool would have cost on a trace of your own, and who would have waited; --help for how')
      .argument('[options...]')
      .allowUnknownOption()
      .helpOption(false),
    backtest,
  );
}

async function backtest(context: Context, args: readonly string[]): Promise<void> {
  context.exit = await context.environment.runBacktest([...args, ...(context.isJson ? ['--json'] : [])]);
}
