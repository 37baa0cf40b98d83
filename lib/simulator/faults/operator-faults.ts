// An operator who pulls the brake while things run: pools are paused and resumed, nodes cordoned, drained and
// terminated by hand; pools let nodes drift and expire, within budgets. When the faults end, all of it is taken back.
import type { NodeOrder } from '../../core/disruption/methods/operator.ts';
import { voluntaryMethods } from '../../core/records/pool.ts';
import type { BudgetWindow, DisruptionBudget, PoolDisruption, PoolSpec } from '../../core/records/pool.ts';
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
  readonly putPool: (spec: PoolSpec) => void;
  /** No declaration is under way: one more cannot undo it. */
  readonly isDone: () => boolean;
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

  /**
   * Nothing stays paused or cordoned, and no node goes by a choice that tasks would notice. A call that stood still may
   * pull the brake once more: it is looked at again.
   */
  calm(): void {
    const { kernel, truth, setPaused, orderNode, draws, putPool, isDone } = this.#options;
    if (draws.rates.operatorOrder === 0 || truth.isQuiet) return;
    for (const { spec, paused } of truth.pools.values()) if (paused) setPaused(spec.name, false);
    for (const { id, cordon, state } of truth.nodes.values())
      if (cordon && state !== 'draining' && state !== 'terminating') orderNode(id, { kind: 'uncordon' });
    const [choosing] = [...truth.pools.values()].filter(({ spec }) => spec.disruption);
    if (choosing && isDone()) {
      const { disruption: _choices, ...spec } = choosing.spec;
      putPool(spec);
    }
    kernel.after(minuteMs, () => this.calm());
  }

  #order(stream: Stream): void {
    const { truth, setPaused, orderNode, putPool } = this.#options;
    const [pools, nodes] = [[...truth.pools.values()], [...truth.nodes.values()]];
    if (pools.length > 0 && stream.chance(0.3)) {
      const { spec, paused } = stream.pick(pools);
      setPaused(spec.name, !paused);
      return;
    }
    if (pools.length > 0 && stream.chance(0.3)) {
      const { spec } = stream.pick(pools);
      putPool({ ...spec, disruption: drawDisruption(stream) });
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

const timeZones = ['UTC', 'America/New_York', 'Asia/Kolkata', 'Asia/Kathmandu'] as const;

function drawBudget(stream: Stream): DisruptionBudget {
  const budget = stream.chance(0.6) ? { nodes: stream.integer(0, 3) } : { percent: stream.integer(5, 60) };
  return stream.chance(0.4) ? { ...budget, window: drawWindow(stream) } : budget;
}

/** Once or several times an hour: what comes less often is seldom met within a run. */
function drawWindow(stream: Stream): BudgetWindow {
  const minute = String(stream.integer(0, 59));
  return {
    schedule: `${stream.pick([minute, minute, '*/15', '10-50/20'])} * * * *`,
    timeZone: stream.pick(timeZones),
    durationMs: Math.round(stream.between(minuteMs, 50 * minuteMs)),
  };
}

function drawDisruption(stream: Stream): PoolDisruption {
  const budget = drawBudget(stream);
  return {
    ...(stream.chance(0.5) ? { drift: true } : {}),
    ...(stream.chance(0.7) ? { expireAfterMs: Math.round(stream.logBetween(minuteMs, 30 * minuteMs)) } : {}),
    ...(stream.chance(0.5) ? { maxDrainMs: Math.round(stream.between(0, 10 * minuteMs)) } : {}),
    ...(stream.chance(0.7)
      ? { budgets: [stream.chance(0.3) ? { ...budget, methods: [stream.pick(voluntaryMethods)] } : budget] }
      : {}),
    ...(stream.chance(0.5)
      ? {
          consolidation: {
            calmMs: Math.round(stream.between(0, minuteMs / 2)),
            apartMs: Math.round(stream.between(0, minuteMs / 2)),
          },
        }
      : {}),
  };
}
