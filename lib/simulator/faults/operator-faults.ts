// An operator who pulls the brake while things run: pools are paused and resumed, nodes cordoned, drained and
// terminated by hand. When the faults end, everything is let go again.
import type { NodeOrder } from '../../core/disruption/methods/operator.ts';
import type { Kernel } from '../kernel.ts';
import type { Stream } from '../random.ts';
import type { Truth } from '../truth.ts';
import { everyMinute } from './every-minute.ts';
import type { FaultDraws } from './fault-draws.ts';

export interface OperatorFaultsOptions {
  readonly kernel: Kernel;
  readonly draws: FaultDraws;
  readonly truth: Truth;
  readonly setPaused: (pool: string, isPaused: boolean) => void;
  readonly orderNode: (id: string, order: NodeOrder) => void;
}

const minuteMs = 60_000;

export class OperatorFaults {
  readonly #options: OperatorFaultsOptions;

  constructor(options: OperatorFaultsOptions) {
    this.#options = options;
    everyMinute(options, () => {
      if (options.draws.hits('operatorOrder')) this.#order(options.draws.of('operatorOrder'));
    });
  }

  /** Nothing stays paused or cordoned. A call that stood still may pull the brake once more: it is looked at again. */
  calm(): void {
    const { kernel, truth, setPaused, orderNode, draws } = this.#options;
    if (draws.rates.operatorOrder === 0 || truth.isQuiet) return;
    for (const { spec, paused } of truth.pools.values()) if (paused) setPaused(spec.name, false);
    for (const { id, cordon, state } of truth.nodes.values())
      if (cordon && (state === 'launching' || state === 'ready')) orderNode(id, { kind: 'uncordon' });
    kernel.after(minuteMs, () => this.calm());
  }

  #order(stream: Stream): void {
    const { truth, setPaused, orderNode } = this.#options;
    const [pools, nodes] = [[...truth.pools.values()], [...truth.nodes.values()]];
    if (pools.length > 0 && stream.chance(0.3)) {
      const { spec, paused } = stream.pick(pools);
      setPaused(spec.name, !paused);
      return;
    }
    if (nodes.length === 0) return;
    const { id, cordon } = stream.pick(nodes);
    orderNode(id, cordon && stream.chance(0.5) ? { kind: 'uncordon' } : drawOrder(stream));
  }
}

function drawOrder(stream: Stream): NodeOrder {
  const kind = stream.pick(['cordon', 'drain', 'drain', 'terminate'] as const);
  if (kind !== 'drain') return { kind };
  return { kind, stopAfterMs: stream.chance(0.4) ? null : Math.round(stream.between(0, 10 * minuteMs)) };
}
