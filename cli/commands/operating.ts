// The operator's brake: pools are paused and resumed, nodes cordoned, drained and terminated by hand.
import type { Command } from 'commander';
import type { PoolWhyView } from '../../lib/api/schemas/figures/policies.ts';
import type { NodeView } from '../../lib/api/schemas/pools.ts';
import type { Action, Context, Run } from '../context.ts';
import { number, plural, table } from '../text.ts';

export function registerPausing(pool: Command, run: Run): void {
  run(
    pool
      .command('pause')
      .description('buy no nodes and machines until it is resumed; what runs goes on')
      .argument('<name>'),
    pausePool,
  );
  run(pool.command('resume').description('buy again').argument('<name>'), resumePool);
}

async function pausePool(context: Context, [name = '']: readonly string[]): Promise<void> {
  const pool = await context.client.call('pausePool', { params: { name } });
  context.print(
    pool,
    () => `pool ${pool.name} buys nothing until ./bellows pool resume ${pool.name}; what runs goes on`,
  );
}

async function resumePool(context: Context, [name = '']: readonly string[]): Promise<void> {
  const pool = await context.client.call('resumePool', { params: { name } });
  context.print(pool, () => `pool ${pool.name} buys again`);
}

export function registerNodes(program: Command, run: Run): void {
  const node = program.command('node').description('take a node out of use, or back into it');
  run(
    node.command('cordon').description('no new tasks; the node stays, also without work').argument('<id>'),
    order('cordonNode', ({ id }) => `node ${id} takes no new tasks, and stays`),
  );
  run(
    node.command('uncordon').description('it takes tasks again').argument('<id>'),
    order('uncordonNode', ({ id }) => `node ${id} takes tasks again`),
  );
  run(
    node
      .command('drain')
      .description('no new tasks; the node is terminated when its tasks have ended')
      .argument('<id>')
      .option(
        '--deadline <seconds>',
        'tasks that run then are stopped and queued again, without losing a retry',
        number('--deadline'),
      ),
    drain,
  );
  run(
    node
      .command('terminate')
      .description('stop its tasks now and queue them again, without losing a retry; then end the node')
      .argument('<id>'),
    order('terminateNode', ({ id, tasks }) => `node ${id} is terminated; ${plural(tasks, 'task')} stopped there first`),
  );
}

type Order = 'cordonNode' | 'uncordonNode' | 'terminateNode';

function order(route: Order, text: (node: NodeView) => string): Action {
  return async (context, [id = '']) => {
    const node = await context.client.call(route, { params: { id } });
    context.print(node, () => text(node));
  };
}

const drain: Action = async (context, [id = ''], options) => {
  const { deadline } = options as { readonly deadline?: number };
  const body = deadline === undefined ? {} : { deadlineSeconds: deadline };
  const node = await context.client.call('drainNode', { params: { id }, body });
  const until = node.stopsTasksAt === null ? '' : `; those that run at ${node.stopsTasksAt} are stopped then`;
  context.print(node, () => `node ${node.id} goes when its ${plural(node.tasks, 'task')} ended${until}`);
};

export async function whyNode(context: Context, id: string): Promise<void> {
  const why = await context.client.call('whyNode', { params: { id } });
  context.print(why, () =>
    [
      `${id} of pool ${why.node.pool} is ${why.node.state}: ${why.summary}`,
      ...(why.mayGoAt === null ? [] : [`it may go at ${why.mayGoAt}, if nothing else happens`]),
      ...startText(why.node.start ?? []),
      '',
      table(
        ['METHOD', 'TAKES IT', 'BECAUSE'],
        why.methods.map((one) => [one.method, one.takes ? 'yes' : 'no', one.reason]),
      ),
    ].join('\n'),
  );
}

/** What a start took, each step after the one before; nothing of a node whose agent tells nothing. */
function startText(start: NonNullable<NodeView['start']>): readonly string[] {
  const seconds = (n: number): string => `${n.toFixed(1)} s`;
  const rows = start.map((one, i) => [
    one.step,
    seconds(one.seconds),
    seconds(one.seconds - (start[i - 1]?.seconds ?? 0)),
  ]);
  return rows.length < 2 ? [] : ['', table(['START', 'AT', 'TOOK'], rows)];
}

export async function whyPool(context: Context, name: string): Promise<void> {
  const why = await context.client.call('whyPool', { params: { name } });
  const pool = context.isJson ? null : await context.client.call('getPool', { params: { name } });
  const refused = (pool?.commitmentUse ?? []).flatMap((one) =>
    one.refused === undefined ? [] : [`commitment ${one.name}: ${one.refused}`],
  );
  context.print(why, () =>
    [
      `pool ${name} keeps ${plural(why.headroomNodes, 'node')} without work; its policies want ${String(why.wanted)}: `
        + why.reason,
      ...wishesText(why.policies),
      ...refused,
    ].join('\n'),
  );
}

export async function whyService(context: Context, name: string): Promise<void> {
  const why = await context.client.call('whyService', { params: { name } });
  context.print(why, () =>
    [
      `service ${name} has ${plural(why.replicas, 'replica')} wanted; its policies want ${String(why.wanted)}: `
        + why.reason,
      ...wishesText(why.policies),
      ...why.troubles,
    ].join('\n'),
  );
}

function wishesText(policies: PoolWhyView['policies']): readonly string[] {
  if (policies.length === 0) return [];
  const rows = policies.map((one) => [one.policy, wantedText(one), one.reason]);
  return ['', table(['POLICY', 'WANTS', 'BECAUSE'], rows)];
}

/** `agrees`: it has nothing to say, which is no lack of data. */
function wantedText({ wanted, agrees }: PoolWhyView['policies'][number]): string {
  if (wanted !== null) return String(wanted);
  return agrees === true ? 'nothing' : 'no data';
}
