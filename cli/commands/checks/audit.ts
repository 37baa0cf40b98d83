// The audit of the local state, from the outside: the CLI only starts it.
import type { Command } from 'commander';
import type { Context, Run } from '../../context.ts';

export function registerAudit(program: Command, run: Run): void {
  run(
    program
      .command('audit')
      .description('was anything lost, doubled or leaked? reads the state in BELLOWS_HOME; exit 1 if so'),
    audit,
  );
}

async function audit(context: Context): Promise<void> {
  context.exit = await context.environment.runAudit(context.isJson ? ['--json'] : []);
}
