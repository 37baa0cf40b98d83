// Compact copies of pools as processes of a run reach them: all of them the same objects, which get lost, come back cut
// short, or as they were before.
import { MemoryCompactCopies } from '../../adapters/memory/compact-copies.ts';
import { CopiesUnavailableError } from '../../ports/store/compact-copies.ts';
import type { CompactCopies } from '../../ports/store/compact-copies.ts';
import type { FaultDraws } from '../faults/fault-draws.ts';
import type { Kernel } from '../kernel.ts';
import type { Trace } from '../trace.ts';
import type { Process } from './process.ts';

/** With what each object was before it was written last. */
export class CopiesKept {
  readonly now = new MemoryCompactCopies();
  readonly before = new MemoryCompactCopies();

  async write(name: string, bytes: Uint8Array): Promise<void> {
    const replaced = await this.now.read(name);
    if (replaced) await this.before.write(name, replaced);
    await this.now.write(name, bytes);
  }
}

export interface CopiesWorld {
  readonly kernel: Kernel;
  readonly trace: Trace;
  readonly draws: FaultDraws;
  readonly compactCopies: CopiesKept;
}

export function compactCopiesOf(process: Process, world: CopiesWorld): CompactCopies {
  const { kernel, trace, draws, compactCopies } = world;
  const log = (text: string): void => trace.write(kernel.nowMs, process.name, text);
  return {
    write: (name, bytes) =>
      process.call(`copy ${name}`, async () => {
        const isRefused = draws.hits('copyRefused');
        if (!isRefused || draws.of('copyRefused').chance(0.5)) await compactCopies.write(name, bytes);
        log(`copies ${name}, ${String(bytes.length)} bytes${isRefused ? ' FAILS' : ''}`);
        if (isRefused) throw new CopiesUnavailableError('no answer to the write of a copy');
      }),
    read: (name) =>
      process.call(`read copy ${name}`, async () => {
        if (draws.hits('copyRefused')) throw new CopiesUnavailableError('copies are not answered');
        if (draws.hits('copyLost')) return null;
        const bytes = await (draws.hits('copyStale') ? compactCopies.before : compactCopies.now).read(name);
        if (bytes === null || !draws.hits('copyTorn')) return bytes;
        return bytes.subarray(0, draws.of('copyTorn').integer(0, Math.max(0, bytes.length - 1)));
      }),
  };
}
