// `doctor`: what stands still or is lost in a running installation, and what to do: first what its API tells, then,
// where its stack is named, what only AWS knows.
import type { Client } from '../../client.ts';
import type { Context } from '../../context.ts';
import { exits } from '../../errors.ts';
import { badIn, findingsText, ok } from '../findings.ts';
import type { Finding } from '../findings.ts';
import { allPages } from '../../pages.ts';
import { plural } from '../../text.ts';
import { checkAlarms, checkDeadLetters, checkInstances } from './aws.ts';
import { checkNodes, readNodes } from './nodes.ts';
import { onAws } from './on-aws.ts';
import { checkPool } from './pools.ts';
import { checkStats } from './stats.ts';
import { checkWaiting } from './waiting.ts';

export interface DoctorOptions {
  /** The deployed stack; absent: AWS is not asked. */
  readonly stack?: string;
  readonly region?: string;
}

/** Prints what it finds, and changes nothing. @throws CliError where no server answers, or there is no such stack */
export async function doctor(context: Context, options: DoctorOptions): Promise<void> {
  const on = options.stack === undefined ? null : await onAws(context, options.stack, options.region ?? null);
  const client = on ? context.clientOf(on.stack.url) : context.client;
  const nowMs = context.environment.nowMs();
  const findings: Finding[] = [];
  const stats = await client.call('getStats');
  findings.push(ok('server', `${client.server} answers`), ...checkStats(stats));
  for (const name of await poolNames(client)) {
    const pool = await client.call('getPool', { params: { name } });
    const { items: activity } = await client.call('listActivity', { params: { name }, query: { limit: 100 } });
    findings.push(...checkPool(pool, activity, nowMs));
  }
  const nodes = await readNodes(client);
  findings.push(...checkNodes(nodes, nowMs), ...(await checkWaiting(client, nowMs)));
  if (on) {
    const { aws, stack } = on;
    findings.push(...(await checkAlarms(aws, stack)), ...(await checkDeadLetters(aws, stack)));
    findings.push(...(await checkInstances(aws, stack, nodes, client, nowMs)));
  }
  context.print({ findings }, () =>
    findingsText(findings, {
      none: 'nothing that was seen is wrong',
      some: (count) => `${plural(count, 'thing')} wrong`,
    }),
  );
  if (badIn(findings) > 0) context.exit = exits.failed;
}

async function poolNames(client: Client): Promise<readonly string[]> {
  const { items } = await allPages((query) => client.call('listPools', { query }));
  return items.map((pool) => pool.name);
}
