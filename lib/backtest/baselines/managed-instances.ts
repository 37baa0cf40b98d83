// AWS Batch on ECS Managed Instances: nobody declares a cluster, instances come for the tasks that wait, and go when
// they have been idle for `scaleInAfter` ("InfrastructureOptimization", AWS Batch API Reference: 0 to 3600 seconds).
// Tasks are spread over zones first and packed within one ("Example Amazon ECS task placement strategies"). How
// instances are sized is not documented: here as Batch's BEST_FIT_PROGRESSIVE does it, for the tasks of each zone.
import type { Fleet, Policy } from './fleet.ts';
import { buyFor, giveBackIdle, roomOf } from './policies.ts';
import type { WantedTask } from './policies.ts';

/** Tasks that come within this time are looked at together; idle instances are looked for as often. */
const everyMs = 1_000;

export class ManagedInstances implements Policy {
  readonly #idleMs: number;
  readonly #vcpuMax: number;
  #isDue = false;

  constructor(scaleInAfterS: number, vcpuMax: number) {
    this.#idleMs = scaleInAfterS * 1_000;
    this.#vcpuMax = vcpuMax;
  }

  begin(fleet: Fleet): void {
    fleet.every(10 * everyMs, () => giveBackIdle(fleet, this.#idleMs));
  }

  changed(fleet: Fleet): void {
    if (this.#isDue || fleet.waiting.length === 0) return;
    this.#isDue = true;
    fleet.after(everyMs, () => {
      this.#isDue = false;
      this.#scaleOut(fleet);
    });
  }

  #scaleOut(fleet: Fleet): void {
    const coming = fleet.nodes.filter((node) => node.state === 'booting').map(roomOf);
    const tasks = tasksByZone(fleet);
    const left = new Map<string, WantedTask[]>();
    for (const [kind, count] of fleet.waiting.counts()) {
      const { cpuMilli = 0 } = fleet.kinds[kind]?.resources ?? {};
      const zones = [...tasks.keys()].filter((zone) =>
        fleet.offerings.some((one) => one.zone === zone && fleet.canRun(kind, one)),
      );
      for (let at = 0; at < count; at += 1) {
        if (coming.some((room) => room.take(fleet, kind))) continue;
        const zone = zones.reduce(
          (best, one) => ((tasks.get(one) ?? 0) < (tasks.get(best) ?? 0) ? one : best),
          zones[0] ?? '',
        );
        tasks.set(zone, (tasks.get(zone) ?? 0) + 1);
        const wanted = left.get(zone) ?? [];
        left.set(zone, wanted);
        wanted.push({ kind, cpuMilli });
      }
    }
    for (const [zone, wanted] of left)
      buyFor(
        fleet,
        wanted,
        fleet.offerings.filter((one) => one.zone === zone && one.type.vcpu <= this.#vcpuMax && !one.type.isBurstable),
      );
  }
}

function tasksByZone(fleet: Fleet): Map<string, number> {
  const tasks = new Map<string, number>(fleet.offerings.map((one) => [one.zone, 0]));
  for (const { offering, running } of fleet.nodes)
    tasks.set(offering.zone, (tasks.get(offering.zone) ?? 0) + running.size);
  return tasks;
}
