// What nodes cost that, in hindsight, was not needed.
import type { Command } from 'commander';
import type { RegretView } from '../../../lib/api/schemas/figures/regret.ts';
import type { Context, Run } from '../../context.ts';
import { table, usd } from '../../text.ts';

export function registerRegret(program: Command, run: Run): void {
  run(
    program
      .command('regret')
      .description('what ended nodes cost that, in hindsight, was not needed, by day')
      .argument('[pool]', 'only this pool'),
    showRegret,
  );
}

async function showRegret(context: Context, [pool]: readonly string[]): Promise<void> {
  const view = await context.client.call('getRegret', { query: pool === undefined ? {} : { pool } });
  context.print(view, () => regretText(view, context.width));
}

type Sum = RegretView['pools'][number]['before'];

const columns = [
  ['PAID', 'paid'],
  ['NEEDED', 'needed'],
  ['BOOT', 'boot'],
  ['IDLE BEFORE', 'idleHead'],
  ['IDLE AFTER', 'idleTail'],
  ['UNUSED', 'unused'],
  ['SIZE', 'size'],
  ['LIFETIME', 'lifetime'],
  ['BILLING', 'billing'],
] as const satisfies readonly (readonly [string, keyof Sum['usd']])[];

function regretText({ pools }: RegretView, width: number | undefined): string {
  const row = (pool: string | null, day: string, one: Sum): string[] => [
    pool ?? '(gone)',
    day,
    one.notPriced === 0 ? String(one.nodes) : `${String(one.nodes)} (${String(one.notPriced)} not priced)`,
    ...columns.map(([, part]) => usd(one.usd[part])),
  ];
  const rows = pools.flatMap(({ pool, days, before }) => [
    ...(before.nodes === 0 ? [] : [row(pool, 'before', before)]),
    ...days.map((one) => row(pool, one.day, one)),
  ]);
  if (rows.length === 0) return 'no node has ended since this is counted';
  return [
    table(['POOL', 'DAY', 'NODES', ...columns.map(([title]) => title)], rows, width),
    '',
    'Size and lifetime are at least so much. What tasks used of what they asked for is not known: it is in NEEDED.',
  ].join('\n');
}
