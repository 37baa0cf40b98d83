// Control's own records (activity, stats) as the API shows them; the core's are presented in lib/api.
import type { ActivityView } from '../../lib/api/schemas/figures/activity.ts';
import { resourcesView } from '../../lib/api/schemas/requests.ts';
import type { StatsView } from '../../lib/api/schemas/figures/stats.ts';
import { timeOf, timeOrNull } from '../../lib/api/schemas/values.ts';
import type { ActivityRecord, ListedPage, Stats } from '../../lib/control/use-cases.ts';
import type { CatalogFigures } from '../../lib/ports/catalog.ts';

export function presentActivity(page: ListedPage<ActivityRecord>): ActivityView {
  return { items: page.items.map(({ atMs, ...rest }) => ({ at: timeOf(atMs), ...rest })), nextCursor: page.nextCursor };
}

const figures = ({ source, region, asOfMs }: CatalogFigures, nowMs: number): StatsView['catalog']['offerings'] => ({
  source,
  region,
  asOf: timeOf(asOfMs),
  ageSeconds: Math.max(0, Math.round((nowMs - asOfMs) / 1000)),
});

export function presentStats(stats: Stats): StatsView {
  return {
    figuresOf: timeOf(stats.figuresOfMs),
    requests: { ...stats.requestsByState },
    tasks: stats.openTasks,
    oldestPendingAt: timeOrNull(stats.oldestPendingAtMs),
    quarantined: stats.quarantined,
    nodes: { ...stats.nodesByState },
    nodesByType: { ...stats.nodesByType },
    launchedNodes: stats.launchedNodes,
    goneNodes: stats.goneNodes,
    allocatable: resourcesView(stats.allocatable),
    assigned: resourcesView(stats.assigned),
    utilisation: stats.utilisation,
    usage: stats.usage,
    headroomNodes: stats.headroomNodes,
    usdPerHour: stats.usdPerHour,
    spentUsd: stats.spentUsd,
    ...(stats.claimed === undefined ? {} : { claimed: stats.claimed.map((one) => ({ ...one })) }),
    catalog: {
      offerings: figures(stats.catalog.offerings, stats.atMs),
      onDemandPrices: figures(stats.catalog.onDemandPrices, stats.atMs),
    },
    pools: stats.pools.map(({ openTasks: tasks, ...one }) => ({ ...one, tasks })),
    latencyMs: stats.latencyMs,
  };
}
