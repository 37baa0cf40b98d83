// A pool's second policy, whose decisions are only recorded, beside the pool.
import type { Command } from 'commander';
import type { PoolView } from '../../../lib/api/schemas/pools.ts';
import type { ShadowView } from '../../../lib/api/schemas/figures/shadow.ts';
import type { Context, Run } from '../../context.ts';
import { duration, table, usd } from '../../text.ts';

export function registerShadow(pool: Command, run: Run): void {
  run(
    pool
      .command('shadow')
      .description('what its second policy would have cost, and how long tasks would have waited')
      .argument('<name>'),
    showShadow,
  );
}

/** For `pool show`; null: it has none. */
export function shadowText({ name, shadow }: PoolView): string | null {
  if (shadow === undefined) return null;
  const fields = Object.keys(shadow).join(', ');
  return `${fields === '' ? 'its own policy once more' : fields}; ./bellows pool shadow ${name}`;
}

async function showShadow(context: Context, [name = '']: readonly string[]): Promise<void> {
  const view = await context.client.call('getShadow', { params: { name } });
  context.print(view, () => textOf(name, view, context.width));
}

function textOf(name: string, { policy, figures, notes, promote }: ShadowView, width: number | undefined): string {
  if (policy === null)
    return `pool ${name} has no shadow: add "shadow: {idleAfterSeconds: 60}" or the like to its file`;
  const fields = JSON.stringify(policy);
  if (figures === null) return `pool ${name} has the shadow ${fields}; no tick has looked at it yet`;
  const { stopped, cutShort } = figures;
  return [
    `shadow of pool ${name}: ${fields}`,
    `since ${figures.since}, until ${figures.until}`,
    ...(stopped === null ? [] : [`it does not go on: ${stopped.reason}; it begins anew after ${stopped.again}`]),
    ...(cutShort === 0
      ? []
      : [`${String(cutShort)} ticks had no time for all that it had to decide; it was late then`]),
    '',
    table(['', 'POOL', 'SHADOW', 'DIFFERENCE'], rowsOf(figures), width),
    '',
    ...notes.map((one) => `- ${one}`),
    ...(promote === null ? [] : ['', `To promote it: ${promote}`]),
  ].join('\n');
}

type Figures = NonNullable<ShadowView['figures']>;

function rowsOf({ pool, shadow, difference }: Figures): readonly (readonly string[])[] {
  const signed = (text: string, value: number): string => (value > 0 ? `+${text}` : value < 0 ? `-${text}` : text);
  const seconds = (value: number | undefined): string => (value === undefined ? '-' : duration(value * 1000));
  const { percent, meanWaitSeconds: wait } = difference;
  const part = percent === null ? '' : ` (${signed(`${String(Math.abs(percent))} %`, percent)})`;
  const count = (what: string, key: 'nodes' | 'launches' | 'ends' | 'tasksStarted' | 'tasksWaiting'): string[] => {
    const more = shadow[key] - pool[key];
    return [what, String(pool[key]), String(shadow[key]), signed(String(Math.abs(more)), more)];
  };
  return [
    ['cost', usd(pool.usd), usd(shadow.usd), `${signed(usd(Math.abs(difference.usd)), difference.usd)}${part}`],
    ['of it spot', usd(pool.spotUsd), usd(shadow.spotUsd), ''],
    ['per hour now', usd(pool.usdPerHour), usd(shadow.usdPerHour), ''],
    [
      'mean wait',
      seconds(pool.waitSeconds?.mean),
      seconds(shadow.waitSeconds?.mean),
      wait === null ? '' : signed(seconds(Math.abs(wait)), wait),
    ],
    ['wait p95, up to', seconds(pool.waitSeconds?.p95), seconds(shadow.waitSeconds?.p95), ''],
    ['moves', String(pool.moves), String(shadow.moves), signed(String(Math.abs(difference.moves)), difference.moves)],
    count('launches', 'launches'),
    count('nodes that went', 'ends'),
    count('nodes now', 'nodes'),
    count('tasks started', 'tasksStarted'),
    count('tasks that wait', 'tasksWaiting'),
  ];
}
