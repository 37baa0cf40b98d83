// Where money is lost, as sentences with figures: what a reader can act upon, the dearest first.
import type { VariantResult } from '../results.ts';

interface Loss {
  readonly usd: number;
  readonly text: string;
}

/** Less than this share of the cost is not worth a sentence. */
const leastShare = 0.01;

/** Nodes in hindsight, the dearest mistake first. */
export function regretsOf({ regret }: VariantResult): readonly string[] {
  const texts: readonly (readonly [usd: number, text: string])[] = [
    [regret.size, 'less had each node been of the cheapest type that carries what ran on it'],
    [regret.lifetime, 'less with two nodes in place of one, each only from its first task to the end of its last'],
    [regret.request, 'less had tasks asked for what they used'],
    [regret.idleTail, 'less had each node ended with its last task'],
    [regret.idleHead, 'less had its first task begun when it was ready'],
    [regret.unused, 'less without nodes on which nothing ran'],
    [regret.boot, 'less had nodes booted in no time'],
  ];
  return texts
    .filter(([usd]) => usd > 0 && usd >= leastShare * regret.paid)
    .sort(([a], [b]) => b - a)
    .map(([usd, text]) => `${usdText(usd)} USD (${((100 * usd) / regret.paid).toFixed(1)} %) ${text}.`);
}

/** Less than this is a moment that passed by itself. */
const boundSecondsMin = 1;

/** What tasks waited for beside a node that boots, the longest first: limits of the pool, capacity of EC2, others. */
export function boundOf({ waitedFor }: VariantResult): readonly string[] {
  return Object.entries(waitedFor)
    .filter(([, { seconds }]) => seconds >= boundSecondsMin)
    .sort(([, a], [, b]) => b.seconds - a.seconds)
    .map(([code, { seconds, example }]) => `For ${timeText(seconds)} tasks waited for "${code}", e.g.: ${example}`);
}

function timeText(seconds: number): string {
  if (seconds < 120) return `${seconds.toFixed(0)} s`;
  return seconds < 7_200 ? `${(seconds / 60).toFixed(0)} minutes` : `${(seconds / 3_600).toFixed(1)} hours`;
}

function usdText(usd: number): string {
  return usd.toFixed(usd < 10 ? 4 : 2);
}

/** Baselines whose nodes end for other reasons than having been idle for some time. */
const withoutIdleTime: ReadonlySet<string> = new Set(['fixed', 'target-tracking', 'recorded']);

export function lossesOf({ name, kind, cost, nodes, tasks, utilisation }: VariantResult): readonly string[] {
  const advice = kind === 'baseline' && withoutIdleTime.has(name) ? '' : '; a shorter idle time gives less';
  const { launched } = nodes;
  const each = launched > 0 ? ` (${String(launched)} ${launched === 1 ? 'node' : 'nodes'})` : '';
  const losses: readonly Loss[] = [
    { usd: cost.idle, text: `were paid for nodes that were ready and ran nothing${each}${advice}` },
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
    { usd: cost.volumes, text: 'are root volumes of nodes; fewer, larger nodes have fewer' },
  ];
  return losses
    .filter(({ usd }) => usd >= leastShare * cost.total && usd > 0)
    .sort((a, b) => b.usd - a.usd)
    .map(({ usd, text }) => `${usdText(usd)} USD (${((100 * usd) / cost.total).toFixed(1)} %) ${text}.`);
}
