// Reads a compact copy that another process has left of a pool. Everything that it says was so when it was written;
// what happened since is in the change list.
import { CopiesUnavailableError } from '../../../../ports/store/compact-copies.ts';
import type { CompactCopies } from '../../../../ports/store/compact-copies.ts';
import type { CompactAt } from '../../../coordination/lock.ts';
import { inParallel } from '../../store-retry.ts';
import type { PoolPart } from '../pool-copy.ts';
import { manifestName, partName, TornCopyError, unpackManifest, unpackPart } from './format.ts';
import type { Manifest } from './format.ts';

/** Parts that are fetched at once. */
const width = 8;

export interface CompactCopy extends Manifest {
  readonly filled: readonly PoolPart[];
}

export interface Unusable {
  readonly reason: string;
}

/** As it was written, or why it is not used. */
export async function readCompact(
  copies: CompactCopies,
  pool: string,
  { slot, hash }: CompactAt,
): Promise<CompactCopy | Unusable> {
  const read = async (name: string): Promise<Uint8Array> => {
    const bytes = await copies.read(name);
    if (bytes === null) throw new TornCopyError(`nothing is at ${name}`);
    return bytes;
  };
  try {
    const manifest = unpackManifest(await read(manifestName(pool, slot)), hash);
    const filled = await inParallel([...manifest.parts.entries()], width, async ([part, own]) =>
      unpackPart(await read(partName(pool, slot, part)), own, part),
    );
    return { ...manifest, filled };
  } catch (error) {
    if (error instanceof TornCopyError || error instanceof CopiesUnavailableError) return { reason: error.message };
    throw error;
  }
}
