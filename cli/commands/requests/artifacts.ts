// `artifacts`: the files that a task has kept, listed or fetched.
import { createWriteStream } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Command } from 'commander';
import { staysBelow } from '../../../lib/core/access/files.ts';
import type { Context, Run } from '../../context.ts';
import { CliError, exits, usageError } from '../../errors.ts';
import { download } from '../../printing/download.ts';
import { number, plural, table } from '../../text.ts';

interface ArtifactsOptions {
  readonly index?: number;
  readonly to?: string;
}

interface Item {
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly url: string;
}

export function registerArtifacts(program: Command, run: Run): void {
  const command = program
    .command('artifacts')
    .description('the files that a task has kept (--artifact of run); with --to they are fetched')
    .argument('<id>', 'of the request')
    .argument('[path...]', 'only these')
    .option('--index <number>', 'which task of an array; its first unless given', number('--index'))
    .option('--to <folder>', 'put them there');
  run(command, async (context, [id = '', ...paths], options) => {
    await artifacts(context, id, paths, options);
  });
}

async function artifacts(
  context: Context,
  id: string,
  paths: readonly string[],
  { index, to }: ArtifactsOptions,
): Promise<void> {
  const found = await context.client.call('getArtifacts', { params: { id }, query: { index } });
  const missing = paths.filter((path) => !found.items.some((one) => one.path === path));
  if (missing.length > 0) throw usageError(`it has not kept ${missing.join(', ')}`, `see ./bellows artifacts ${id}`);
  const items = found.items.filter((one) => paths.length === 0 || paths.includes(one.path));
  if (to !== undefined) for (const item of items) await fetchInto(context, to, item);
  context.print({ ...found, items }, () => {
    if (items.length === 0) return 'none is kept (yet)';
    if (to !== undefined) return `${plural(items.length, 'file')} in ${to}`;
    return table(
      ['PATH', 'BYTES', 'SHA-256'],
      items.map((one) => [one.path, String(one.bytes), one.sha256]),
      context.width,
    );
  });
  if (context.isJson) return;
  for (const { path, why } of found.leftOut) context.say(`not kept: ${path}: ${why}`);
  if (found.leftOutCount > found.leftOut.length) context.say(`not kept in all: ${plural(found.leftOutCount, 'file')}`);
}

/** In place when it is whole, and what was announced. */
async function fetchInto(context: Context, folder: string, { path, ...item }: Item): Promise<void> {
  if (!staysBelow(path)) throw new CliError(exits.failed, `${JSON.stringify(path)} leads out of ${folder}`);
  const file = join(folder, path);
  const aside = `${file}.part`;
  await mkdir(dirname(file), { recursive: true });
  try {
    await pipeline(download(context, path, item), createWriteStream(aside));
    await rename(aside, file);
  } finally {
    await rm(aside, { force: true });
  }
}
