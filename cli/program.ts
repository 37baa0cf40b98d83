// The command table, and how a command line becomes an exit code.
import { Command, CommanderError } from 'commander';
import manifest from '../package.json' with { type: 'json' };
import { registerWebhooks } from './commands/events/webhooks.ts';
import { registerEvents } from './commands/events/events.ts';
import { registerAlarm } from './commands/events/alarm.ts';
import { registerAudit } from './commands/checks/audit.ts';
import { registerApply } from './commands/requests/apply.ts';
import { registerArtifacts } from './commands/requests/artifacts.ts';
import { registerBacktest } from './commands/backtest.ts';
import { registerCancel } from './commands/requests/cancel.ts';
import { registerCompletion } from './commands/completion.ts';
import { registerNetworks } from './commands/claims/networks.ts';
import { registerVirtualMachines } from './commands/claims/virtual-machines.ts';
import { registerVolumes } from './commands/claims/volumes.ts';
import { registerDoctor, registerRedrive } from './commands/checks/doctor.ts';
import { registerDashboard } from './commands/dashboard.ts';
import { registerExec } from './commands/requests/exec.ts';
import { registerHistory } from './commands/history.ts';
import { registerNodes } from './commands/operating.ts';
import { registerPlan } from './commands/plan.ts';
import { registerPools } from './commands/pools.ts';
import { registerPreflight } from './commands/checks/preflight.ts';
import { registerRequests } from './commands/requests/requests.ts';
import { registerCost } from './commands/figures/cost.ts';
import { registerRegret } from './commands/figures/regret.ts';
import { registerQuote, registerRun } from './commands/run.ts';
import { registerServices } from './commands/requests/services.ts';
import { registerTasks } from './commands/requests/tasks.ts';
import { registerTenants } from './commands/tenants.ts';
import { RefusedError } from './client.ts';
import type { CliEnvironment, CommonOptions, Run } from './context.ts';
import { Context, watched, withCommonOptions } from './context.ts';
import { CliError, exits } from './errors.ts';

/** In the order of the help. */
const commands: readonly ((program: Command, run: Run) => void)[] = [
  registerRun,
  registerQuote,
  registerRequests,
  registerTasks,
  registerArtifacts,
  registerExec,
  registerCancel,
  registerPools,
  registerServices,
  registerApply,
  registerTenants,
  registerCost,
  registerRegret,
  registerNodes,
  registerVirtualMachines,
  registerVolumes,
  registerNetworks,
  registerPlan,
  registerAudit,
  registerBacktest,
  registerDashboard,
  registerHistory,
  registerEvents,
  registerWebhooks,
  registerAlarm,
  registerPreflight,
  registerDoctor,
  registerRedrive,
  registerCompletion,
];

/** Runs one command line (without node and script) and answers its exit code. */
export async function runCli(argv: readonly string[], environment: CliEnvironment): Promise<number> {
  let exit = 0;
  let isJson = false;
  const program = withCommonOptions(new Command('bellows'))
    .description('Elastic compute without a cluster.')
    .version(manifest.version)
    .enablePositionalOptions()
    .exitOverride()
    .configureOutput({ writeOut: environment.stdout, writeErr: environment.stderr })
    .showHelpAfterError('(add --help for what there is)')
    .addHelpText(
      'after',
      '\nExits: 0 ok, 1 work failed or unplaceable, 2 usage, 3 server unreachable, 4 refused, 5 it has '
        + 'ended: nothing to cancel.',
    );
  const run: Run = (command, action) => {
    withCommonOptions(command).action(async () => {
      const options = { ...program.opts<CommonOptions>(), ...command.opts<CommonOptions>() };
      const context = new Context(environment, options);
      isJson = context.isJson;
      await watched(context, command.opts<{ watch?: boolean }>().watch === true, async () => {
        await action(context, command.args, { ...options });
        await context.flush();
      });
      exit = context.exit;
    });
  };
  for (const register of commands) register(program, run);
  try {
    await program.parseAsync(argv, { from: 'user' });
    return exit;
  } catch (error) {
    return exitOf(error, environment, isJson);
  }
}

function exitOf(error: unknown, environment: CliEnvironment, isJson: boolean): number {
  // Commander has printed its message (or the help that was asked for) already.
  if (error instanceof CommanderError) return error.exitCode === 0 ? exits.ok : exits.usage;
  if (error instanceof CliError) {
    if (isJson) {
      const { exit, message, advice } = error;
      const problem = error instanceof RefusedError ? { problem: error.problem } : {};
      environment.stderr(`${JSON.stringify({ error: { exit, message, advice, ...problem } })}\n`);
      return exit;
    }
    environment.stderr(`bellows: ${error.message}\n${error.advice === null ? '' : `  ${error.advice}\n`}`);
    return error.exit;
  }
  environment.stderr(
    `bellows: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n  this is a defect of `
      + `Bellows; please report it with this text\n`,
  );
  return exits.failed;
}
