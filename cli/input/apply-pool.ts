// `pool apply`: what is checked of a pool's file before the API sees it.
import * as z from 'zod';
import { poolName } from '../../lib/api/schemas/values.ts';
import type { Context } from '../context.ts';
import { usageError } from '../errors.ts';
import { readOne } from './files.ts';

const named = z.looseObject({ name: z.unknown().optional() });

/** Creates or replaces the pool of a file, by the name that the file or the command line gives. */
export async function applyPool(
  context: Context,
  [name]: readonly string[],
  options: Readonly<Record<string, unknown>>,
): Promise<void> {
  const file = String(options['file']);
  const body = named.safeParse(readOne(file));
  if (!body.success)
    throw usageError(`${file} is not a pool`, 'it must be a mapping like the body of PUT /v1/pools/{name}');
  const { name: ofFile } = body.data;
  for (const [one, where] of [
    [name, 'the command line'],
    [ofFile, file],
  ] as const) {
    const problem = one === undefined ? null : (poolName.safeParse(one).error?.issues[0]?.message ?? null);
    if (problem !== null)
      throw usageError(`the name ${JSON.stringify(one)} in ${where} is no name of a pool: it ${problem}`);
  }
  const target = name ?? ofFile;
  if (typeof target !== 'string')
    throw usageError(
      `${file} does not name its pool`,
      'add `name: NAME` to it, or say ./bellows pool apply NAME -f FILE',
    );
  const pool = await context.client.call('putPool', { params: { name: target }, body: body.data });
  context.print(pool, () => `pool ${pool.name} is applied`);
}
