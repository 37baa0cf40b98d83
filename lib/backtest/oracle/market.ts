// What the oracle schedules, and on what: every task of the trace with the time at which it starts, and the machines
// that are worth looking at. A machine that another one beats in everything is left out.
import { withDefaults } from '../../core/allocation/requirement-defaults.ts';
import { baselineOf, surplusUsdPerVcpuHour } from '../../core/catalog/burstable.ts';
import { offeringsFor } from '../../core/catalog/index.ts';
import type { PoolSpec } from '../../core/records/pool.ts';
import type { Offering } from '../../core/values/offering.ts';
import { requirementsKey, unmetRequirement } from '../../core/values/requirements.ts';
import type { Requirements } from '../../core/values/requirements.ts';
import { fits } from '../../core/values/resources.ts';
import type { Resources } from '../../core/values/resources.ts';
import type { TraceTask } from '../traces/trace.ts';

const hourMs = 3_600_000;

export interface Machine {
  readonly offering: Offering;
  readonly capacity: Resources;
  readonly usdPerMs: number;
  /** CPU that the price pays for; what is used above it costs credits. */
  readonly paidMilli: number;
  readonly usdPerMilliMs: number;
}

/** Tasks that ask for the same. */
export interface Kind {
  readonly resources: Resources;
  /** Positions of the machines that may carry it, the cheapest first. */
  readonly machines: readonly number[];
  readonly isAllowed: Uint8Array;
}

/** One task: an array has as many as its count. */
export interface Item {
  /** Position in the list of the trace's tasks. */
  readonly task: number;
  readonly kind: number;
  readonly startMs: number;
  readonly endMs: number;
}

export interface Market {
  readonly machines: readonly Machine[];
  readonly kinds: readonly Kind[];
  /** By start, then by position in the trace. */
  readonly items: readonly Item[];
  readonly tasksPerNode: number;
}

/** Each task starts so long after its submission. Tasks that no machine can carry are left out. */
export function marketOf(tasks: readonly TraceTask[], pool: PoolSpec, delayMs: number): Market {
  const { tasksPerNode } = pool;
  const offerings = offeringsFor(pool);
  const asked: { readonly resources: Resources; readonly requirements: Requirements }[] = [];
  const byKey = new Map<string, number>();
  const kindOf = tasks.map((task) => {
    const { cpuMilli, memoryMib, gpu } = task.resources;
    const key = `${String(cpuMilli)} ${String(memoryMib)} ${String(gpu)} ${requirementsKey(task.requirements)}`;
    const known = byKey.get(key);
    if (known !== undefined) return known;
    const complete = withDefaults({ requirements: task.requirements, gpu, image: null }, offerings);
    const kind = asked.push({ resources: task.resources, requirements: complete }) - 1;
    byKey.set(key, kind);
    return kind;
  });
  const { machines, masks } = machinesFor(
    offerings,
    asked.map((one) => one.requirements),
  );
  const kinds = asked.map((one): Kind => {
    const mask = masks.get(requirementsKey(one.requirements)) ?? new Uint8Array(machines.length);
    const isAllowed = Uint8Array.from(machines, ({ capacity }, at) =>
      mask[at] === 1 && fits(one.resources, capacity) ? 1 : 0,
    );
    const positions = machines.map((_, at) => at).filter((at) => isAllowed[at] === 1);
    const priceOf = (at: number): number => priceAlone(machines[at], one.resources);
    return {
      resources: one.resources,
      isAllowed,
      machines: positions.sort((a, b) => priceOf(a) - priceOf(b) || a - b),
    };
  });
  return { machines, kinds, items: itemsOf(tasks, kinds, kindOf, delayMs), tasksPerNode };
}

function priceAlone(machine: Machine | undefined, { cpuMilli }: Resources): number {
  if (machine === undefined) return Infinity;
  return machine.usdPerMs + Math.max(0, cpuMilli - machine.paidMilli) * machine.usdPerMilliMs;
}

function itemsOf(
  tasks: readonly TraceTask[],
  kinds: readonly Kind[],
  kindOf: readonly number[],
  delayMs: number,
): readonly Item[] {
  const items: Item[] = [];
  for (const [task, { submitMs, durationMs, count }] of tasks.entries()) {
    const kind = kindOf[task] ?? -1;
    if ((kinds[kind]?.machines.length ?? 0) === 0) continue;
    const startMs = submitMs + delayMs;
    for (let index = 0; index < count; index += 1) items.push({ task, kind, startMs, endMs: startMs + durationMs });
  }
  return items.sort((a, b) => a.startMs - b.startMs || a.task - b.task);
}

/** The machines that no other one beats, and by requirements which of them they allow. */
function machinesFor(
  offerings: readonly Offering[],
  asked: readonly Requirements[],
): { readonly machines: readonly Machine[]; readonly masks: ReadonlyMap<string, Uint8Array> } {
  const byKey = new Map(asked.map((requirements) => [requirementsKey(requirements), requirements]));
  const wishes = [...byKey.values()];
  const all = offerings
    .map((offering) => ({
      machine: machineOf(offering),
      mask: wishes.map((requirements) => unmetRequirement(requirements, offering) === null),
    }))
    .filter(({ mask }) => mask.includes(true))
    .sort(
      (a, b) => a.machine.usdPerMs - b.machine.usdPerMs || (a.machine.offering.id < b.machine.offering.id ? -1 : 1),
    );
  const kept: typeof all = [];
  for (const one of all)
    if (
      !kept.some((other) => isBeaten(one.machine, other.machine) && one.mask.every((can, at) => !can || other.mask[at]))
    )
      kept.push(one);
  return {
    machines: kept.map(({ machine }) => machine),
    masks: new Map(
      [...byKey.keys()].map((key, at) => [key, Uint8Array.from(kept, ({ mask }) => (mask[at] === true ? 1 : 0))]),
    ),
  };
}

function isBeaten(one: Machine, by: Machine): boolean {
  return (
    by.usdPerMs <= one.usdPerMs
    && fits(one.capacity, by.capacity)
    && by.paidMilli >= Math.min(one.paidMilli, one.capacity.cpuMilli)
    && (by.usdPerMilliMs <= one.usdPerMilliMs || by.paidMilli >= by.capacity.cpuMilli)
  );
}

function machineOf(offering: Offering): Machine {
  const { type, priceUsdPerHour } = offering;
  const { isBurstable, vcpu, arch, allocatable } = type;
  return {
    offering,
    capacity: allocatable,
    usdPerMs: priceUsdPerHour / hourMs,
    paidMilli: isBurstable ? vcpu * baselineOf(type) * 1000 : allocatable.cpuMilli,
    usdPerMilliMs: isBurstable ? surplusUsdPerVcpuHour[arch] / 1000 / hourMs : 0,
  };
}
