// Where money is lost, as sentences with figures: what a reader can act upon, the dearest first.
import type { VariantResult } from '../results.ts';

interface Loss {
  readonly usd: number;
  readonly text: string;
}

/** Less than this share of the cost is not worth a sentence. */
const leastShare = 0.01;

export function lossesOf({ cost, nodes, tasks, utilisation }: VariantResult): readonly string[] {
  const each = nodes.launched > 0 ? ` (${String(nodes.launched)} nodes)` : '';
  const losses: readonly Loss[] = [
    {
      usd: cost.idle,
      text: `were paid for nodes that were ready and ran nothing${each}; a shorter idle time gives less`,
    },
    {
      usd: cost.stranded,
      text:
        'were paid for room beside running tasks that no task used'
        + (utilisation === null
          ? ''
          : `; of the vCPU that was paid for, ${(100 * utilisation).toFixed(0)} % was asked for`),
    },
    { usd: cost.boot, text: `were paid while nodes booted${each}; fewer launches or a faster boot give less` },
    { usd: cost.restarted, text: `were paid for work that began again (${String(tasks.interrupted)} attempts)` },
    { usd: cost.billing, text: 'were billed beyond the seconds that nodes ran: 60 seconds at least' },
    { usd: cost.credits, text: 'are surplus CPU credits of burstable types' },
  ];
  return losses
    .filter(({ usd }) => usd >= leastShare * cost.total && usd > 0)
    .sort((a, b) => b.usd - a.usd)
    .map(
      ({ usd, text }) => `${usd.toFixed(usd < 10 ? 4 : 2)} USD (${((100 * usd) / cost.total).toFixed(1)} %) ${text}.`,
    );
}
