// Whether the disk of the node has room for what the agent and its tasks write.
import { statfsSync } from 'node:fs';
import { messageOf } from '../errors.ts';

const leastBytes = 64 * 1024 * 1024;
const leastPart = 0.01;

/** Why the node cannot work; null: it can. `of`: what statfs says of the folder's file system. */
export function diskTrouble(
  folder: string,
  of: (path: string) => { readonly bavail: number; readonly blocks: number; readonly bsize: number } = statfsSync,
): string | null {
  let free: number;
  let whole: number;
  try {
    const { bavail, blocks, bsize } = of(folder);
    [free, whole] = [bavail * bsize, blocks * bsize];
  } catch (error) {
    return `its disk cannot be looked at: ${messageOf(error)}`;
  }
  return free >= Math.min(leastBytes, leastPart * whole) ? null : `its disk of ${mib(whole)} MiB is full`;
}

function mib(bytes: number): string {
  return String(Math.floor(bytes / 1_048_576));
}
