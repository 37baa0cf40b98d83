// The bells of a run's machines: rings get lost, come late and twice, and agents go on without them.
import type { Bells } from '../../ports/bells.ts';
import type { FaultDraws } from '../faults/fault-draws.ts';
import type { Kernel } from '../kernel.ts';
import type { Stream } from '../random.ts';
import type { Trace } from '../trace.ts';
import type { Truth } from '../truth.ts';

export interface BellsOptions {
  readonly kernel: Kernel;
  readonly trace: Trace;
  readonly draws: FaultDraws;
  readonly stream: Stream;
  readonly truth: Truth;
}

export class MachineBells implements Bells {
  readonly #options: BellsOptions;
  readonly #open = new Set<string>();
  readonly counts = { rings: 0, heard: 0 };

  constructor(options: BellsOptions) {
    this.#options = options;
  }

  async open(nodeId: string): Promise<string> {
    this.#open.add(nodeId);
    return `bell of ${nodeId}`;
  }

  async ring(nodeId: string): Promise<void> {
    const { kernel, trace, draws, stream } = this.#options;
    this.counts.rings += 1;
    if (draws.hits('bellLost')) {
      trace.write(kernel.nowMs, 'bells', `loses the ring for ${nodeId}`);
      return;
    }
    const copies = draws.hits('bellDoubled') ? 2 : 1;
    for (let i = 0; i < copies; i += 1) {
      const delayMs = draws.hits('bellLate') ? draws.of('bellLate').logBetween(500, 60_000) : stream.between(2, 60);
      kernel.after(delayMs, () => this.#deliver(nodeId));
    }
  }

  async list(): Promise<readonly string[]> {
    return [...this.#open];
  }

  async close(nodeId: string): Promise<void> {
    this.#open.delete(nodeId);
  }

  #deliver(nodeId: string): void {
    const { kernel, trace, truth, draws } = this.#options;
    const machine = truth.machines.get(nodeId);
    if (machine === undefined || !this.#open.has(nodeId)) return;
    if (machine.partitionedUntilMs > kernel.nowMs && !draws.isCalm) return;
    this.counts.heard += 1;
    trace.write(kernel.nowMs, nodeId, 'hears its bell');
    machine.ring();
  }
}
