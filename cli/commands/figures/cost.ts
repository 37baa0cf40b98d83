// What the installation cost, by day and by who pays.
import type { Command } from 'commander';
import type { CostsView } from '../../../lib/api/schemas/figures/costs.ts';
import type { Context, Run } from '../../context.ts';
import { allPages } from '../../pages.ts';
import { commitmentTexts } from './paid.ts';
import { sinceOf, table, usd } from '../../text.ts';

export function registerCost(program: Command, run: Run): void {
  run(
    program
      .command('cost')
      .description('what the installation cost, by day and by who pays')
      .option('--by <what>', 'pool, tenant, or label.KEY of a label that the installation declares', 'pool')
      .option('--since <time>', 'from that day (UTC) on: 2026-11-20, or how long ago: 12h, 7d', '7d')
      .option('--pool <name>', 'only of this pool'),
    showCosts,
  );
}

async function showCosts(
  context: Context,
  _args: readonly string[],
  { by, since, pool }: Readonly<Record<string, unknown>>,
): Promise<void> {
  const view = await context.client.call('getCosts', {
    query: { by: String(by), since: sinceOf(String(since), Date.now()), ...(typeof pool === 'string' ? { pool } : {}) },
  });
  const { items: pools } = await allPages((page) => context.client.call('listPools', { query: page }));
  const paid = pools
    .filter((one) => typeof pool !== 'string' || one.name === pool)
    .flatMap((one) => commitmentTexts(one).map((text) => `pool ${one.name}: ${text}`));
  const uses = paid.length === 0 ? [] : ['', 'Commitments, which are paid for whether they are used or not:', ...paid];
  context.print(
    view,
    () => [costText(view, context.width), ...uses].join('\n'),
    () => costRows(view),
  );
}

/** A row for each group of each day: a spreadsheet makes the sums. */
function costRows({ days }: CostsView): readonly object[] {
  return days.flatMap(({ day, groups }) => groups.map(({ name, usd: amount }) => ({ day, group: name, usd: amount })));
}

const groupsShown = 6;

function costText({ by, days, groups, usd: all, idleUsd, since }: CostsView, width: number | undefined): string {
  if (days.length === 0) return `nothing cost anything since ${since}`;
  const shown = groups.slice(0, groupsShown).map((one) => one.name);
  const row = (name: string, sums: CostsView['groups'], sum: number): string[] => {
    const own = shown.map((one) => sums.find((group) => group.name === one)?.usd ?? 0);
    const rest = sum - own.reduce((a, b) => a + b, 0);
    return [name, usd(sum), ...own.map(usd), ...(groups.length > shown.length ? [usd(Math.max(0, rest))] : [])];
  };
  const head = ['DAY', 'USD', ...shown, ...(groups.length > shown.length ? ['(more)'] : [])];
  const rows = [...days.map((one) => row(one.day, one.groups, one.usd)), row('all', groups, all)];
  const idle = all === 0 ? 0 : Math.round((100 * idleUsd) / all);
  return [
    table(head, rows, width),
    '',
    `${usd(idleUsd)} (${String(idle)} %) of it no task asked for: nodes that boot, headroom, room that is left over.`,
    ...(groups.length > shown.length
      ? [`${String(groups.length)} groups in all: ./bellows cost --by ${by} -o json`]
      : []),
  ].join('\n');
}
