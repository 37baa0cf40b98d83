// `pool apply`: what is checked of a pool's file before the API sees it, and what would change.
import * as z from 'zod';
import { declaredOf, differences } from '../../lib/api/pool-file.ts';
import { poolBody, poolSpecOf, presentPool } from '../../lib/api/schemas/pools.ts';
import { poolName } from '../../lib/api/schemas/values.ts';
import { RefusedError } from '../client.ts';
import type { Context } from '../context.ts';
import { usageError } from '../errors.ts';
import { parseItem, readItems } from './files.ts';
import type { Item } from './files.ts';

const named = z.looseObject({ name: z.unknown().optional() });

interface Declared {
  readonly name: string;
  readonly item: Item;
}

/**
 * Creates or replaces the pools of a file, one after the other, by the name that the file or the command line gives.
 * What `pool show` prints is taken back. With `--diff` nothing is applied: it says what would change.
 */
export async function applyPools(
  context: Context,
  [name]: readonly string[],
  options: Readonly<Record<string, unknown>>,
): Promise<void> {
  const file = String(options['file']);
  const items = readItems(file);
  if (items.length === 0) throw usageError(`${file} has no pool in it`);
  if (name !== undefined && items.length > 1)
    throw usageError(`${file} has ${String(items.length)} pools, and the command line names one`);
  const pools = items.map((item) => declaredIn(item, name));
  const twice = pools.find((pool, at) => pools.findIndex((other) => other.name === pool.name) !== at);
  if (twice !== undefined) throw usageError(`${file} declares the pool ${twice.name} twice`);
  if (options['diff'] === true) await printDifferences(context, pools);
  else await apply(context, pools);
}

function declaredIn(item: Item, nameOnLine: string | undefined): Declared {
  const body = named.safeParse(item.value);
  if (!body.success)
    throw usageError(`${item.where} is not a pool`, 'it must be a mapping like the body of PUT /v1/pools/{name}');
  const { name: ofFile } = body.data;
  for (const [one, where] of [
    [nameOnLine, 'the command line'],
    [ofFile, item.where],
  ] as const) {
    const problem = one === undefined ? null : (poolName.safeParse(one).error?.issues[0]?.message ?? null);
    if (problem !== null)
      throw usageError(`the name ${JSON.stringify(one)} in ${where} is no name of a pool: it ${problem}`);
  }
  const target = nameOnLine ?? ofFile;
  if (typeof target !== 'string')
    throw usageError(
      `${item.where} does not name its pool`,
      'add `name: NAME` to it, or say ./bellows pool apply NAME -f FILE',
    );
  return { name: target, item: { ...item, value: declaredOf(item.value) } };
}

async function apply(context: Context, pools: readonly Declared[]): Promise<void> {
  const applied = [];
  for (const { name, item } of pools) {
    const pool = await context.client
      .call('putPool', { params: { name }, body: item.value })
      .catch((error: unknown) => {
        throw error instanceof RefusedError && pools.length > 1 ? error.at(`${item.where}, pool ${name}`) : error;
      });
    applied.push(pool);
    if (!context.isJson) context.out(`pool ${pool.name} is applied`);
  }
  if (context.isJson) context.print(applied.length === 1 ? applied[0] : { items: applied }, () => '');
}

async function printDifferences(context: Context, pools: readonly Declared[]): Promise<void> {
  const changes: { pool: string; isNew: boolean; lines: readonly string[] }[] = [];
  for (const { name, item } of pools) {
    const times = { createdAtMs: 0, updatedAtMs: 0, deletingSinceMs: null };
    const wanted = presentPool({ ...times, spec: poolSpecOf(name, parseItem(poolBody, item)) });
    const present = await presentOf(context, name);
    const lines = differences(
      present === null ? {} : declaredOf(present),
      declaredOf(JSON.parse(JSON.stringify(wanted))),
    );
    changes.push({ pool: name, isNew: present === null, lines });
  }
  context.print({ items: changes }, () =>
    changes
      .flatMap(({ pool, isNew, lines }) => [
        `pool ${pool} ${isNew ? 'is new' : lines.length === 0 ? 'stays as it is' : 'changes'}`,
        ...lines.map((line) => `  ${line}`),
      ])
      .join('\n'),
  );
}

async function presentOf(context: Context, name: string): Promise<unknown> {
  try {
    return await context.client.call('getPool', { params: { name } });
  } catch (error) {
    if (error instanceof RefusedError && error.problem.code === 'unknown_pool') return null;
    throw error;
  }
}
