// Invariant 23: a spread over zones stays level. At the end of a tick that did all it wanted, no zone in which it has
// placed a task has more of the task's group than maxSkew above any zone where the task could run. What ended in
// another zone while the tick ran is no fault of it. What runs where is what the documents of nodes say.
import type { NodeRecord } from '../../../core/records/node.ts';
import type { RequestRecord, TaskSpec } from '../../../core/records/request.ts';
import { TicksSeen } from './ticks-seen.ts';
import type { Truth, Watcher } from '../../truth.ts';
import { isPlaceable, zones } from './placeable.ts';

const name = '23: spreads stay level';

type Counts = Map<string, number>;

interface Home {
  readonly group: string;
  readonly zone: string;
}

/** What one tick has done so far. */
interface Placing {
  /** By group, the most that each zone had at some time of it. */
  readonly most: Map<string, Counts>;
  readonly placed: { readonly request: RequestRecord; readonly zone: string }[];
}

export function spreadsStayLevel(truth: Truth): Watcher {
  const homes = new Map<string, Home>();
  const counts = new Map<string, Counts>();
  const add = ({ group, zone }: Home, change: number): void => {
    const own = counts.get(group) ?? new Map<string, number>();
    counts.set(group, own.set(zone, (own.get(zone) ?? 0) + change));
  };
  const judge = (pool: string, { most, placed }: Placing): void => {
    const spec = truth.pools.get(pool)?.spec;
    if (!spec) return;
    for (const { request, zone } of placed) {
      const group = groupOf(request);
      for (const { topology, group: of, maxSkew } of request.spec.spread ?? []) {
        if (topology !== 'zone' || of !== request.spec.group) continue;
        const domain = zones.filter((one) => isPlaceable(inZone(request.spec, one), spec, truth.prices.now));
        const least = Math.min(...domain.map((one) => most.get(group)?.get(one) ?? 0));
        const own = counts.get(group)?.get(zone) ?? 0;
        if (own - least > maxSkew)
          truth.violate(
            name,
            `${String(own)} of ${group} are in ${zone}, and in another zone at most ${String(least)}, `
              + `with maxSkew ${String(maxSkew)}`,
            [request.id],
          );
      }
    }
  };
  const ticks = new TicksSeen<Placing>(
    () => ({ most: new Map([...counts].map(([group, own]) => [group, new Map(own)])), placed: [] }),
    judge,
  );
  return {
    ...ticks.watcher,
    node(before, after) {
      const there = new Set((after === null || after.isLost ? [] : after.assigned).map((one) => one.attemptId));
      for (const { attemptId } of before?.assigned ?? []) {
        const home = homes.get(attemptId);
        if (!home || there.has(attemptId)) continue;
        homes.delete(attemptId);
        add(home, -1);
      }
      if (after === null || after.isLost) return;
      const tick = ticks.of(after.pool);
      for (const { attemptId, requestId } of after.assigned) {
        const request = truth.requests.get(requestId);
        if (request?.spec.group === undefined || homes.has(attemptId)) continue;
        const home = { group: groupOf(request), zone: after.zone };
        homes.set(attemptId, home);
        add(home, 1);
        tick?.placed.push({ request, zone: after.zone });
      }
      if (tick) noteMost(tick.most, counts, after);
    },
  };
}

function noteMost(most: Map<string, Counts>, counts: ReadonlyMap<string, Counts>, { zone }: NodeRecord): void {
  for (const [group, own] of counts) {
    const known = most.get(group) ?? new Map<string, number>();
    most.set(group, known.set(zone, Math.max(known.get(zone) ?? 0, own.get(zone) ?? 0)));
  }
}

/** A group is of one tenant, in one pool. */
function groupOf({ pool, tenant, spec: { group = '' } }: RequestRecord): string {
  return `${group} of ${tenant} in ${pool}`;
}

const inZones = new WeakMap<TaskSpec, Map<string, TaskSpec>>();

/** One task of it, in that zone: the same object each time, so that verdicts about it are remembered. */
function inZone(spec: TaskSpec, zone: string): TaskSpec {
  const known = inZones.get(spec) ?? new Map<string, TaskSpec>();
  inZones.set(spec, known);
  const allowed = spec.requirements.zone ?? zones;
  const { gang: _whole, ...single } = spec;
  const one = known.get(zone) ?? {
    ...single,
    count: 1,
    requirements: { ...spec.requirements, zone: allowed.includes(zone) ? [zone] : ['none'] },
  };
  known.set(zone, one);
  return one;
}
