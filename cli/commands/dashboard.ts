// The dashboard in a browser, for the installation that the CLI talks to: its calls are signed as the CLI's are.
import type { Command } from 'commander';
import type { Context, Run } from '../context.ts';
import { number } from '../text.ts';

const portDefault = 4781;
/** Each look is a handful of calls that are paid for: seldom where nobody looks (docs/dashboard.md has the sum). */
const refresh = { refreshMs: 5_000, idleRefreshMs: 60_000, restRefreshMs: 600_000 };

export function registerDashboard(program: Command, run: Run): void {
  run(
    program
      .command('dashboard')
      .description('serve the dashboard on this machine, until Ctrl-C')
      .option(
        '--port <number>',
        `where it listens on 127.0.0.1; ${String(portDefault)} unless given`,
        number('--port'),
      ),
    dashboard,
  );
}

async function dashboard(
  context: Context,
  _args: readonly string[],
  options: Readonly<Record<string, unknown>>,
): Promise<void> {
  const { port = portDefault } = options as { readonly port?: number };
  const { client } = context;
  const where = new URL(client.server).host;
  // A wrong address or missing credentials are said here, and not by the page.
  await client.call('getStats');
  const served = await context.environment.serveDashboard({
    port,
    settings: { ...refresh, where },
    pass: (call) => client.pass(call),
  });
  context.print({ url: served.url }, () => served.url);
  context.say(`the dashboard of ${where}: open the address above in a browser; Ctrl-C stops it`);
  await served.done;
}
