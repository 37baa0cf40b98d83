// What ran on a node, kept in its document so that it can be priced again when it has ended. Bounded: where more ran,
// tasks are merged into what carries both, so that a node is never said to have needed less than it did.
import type { Assignment, NodeRecord, RanOnNode } from '../../records/node.ts';
import { requirementsKey } from '../../values/requirements.ts';
import type { Requirements } from '../../values/requirements.ts';
import type { InstanceType } from '../../values/offering.ts';
import type { EndedNode, RanTask } from './regret.ts';

/** Tasks, or merged ones, that a document keeps. */
export const ranMax = 12;

/** `ran` with the task that is no longer on the node; unchanged where it never started. */
export function withRan(node: NodeRecord, gone: Assignment, startedAtMs: number | null, nowMs: number): NodeRecord {
  if (startedAtMs === null) return node;
  const since = node.readyAtMs ?? node.createdAtMs;
  const startMs = Math.min(Math.max(startedAtMs, since), nowMs);
  const { cpuMilli, memoryMib, gpu } = gone.resources;
  const one = { fromMs: startMs - node.createdAtMs, ms: nowMs - startMs, cpuMilli, memoryMib, gpu };
  let ran: readonly RanOnNode[] = [...(node.ran ?? []), one];
  while (ran.length > ranMax) ran = merged(ran);
  return { ...node, ran };
}

/** The two that are merged at the least cost: equal ones, one after the other, with the shortest time between them. */
function merged(ran: readonly RanOnNode[]): readonly RanOnNode[] {
  let [best, at]: [number, readonly [number, number]] = [Infinity, [0, 1]];
  for (const [i, a] of ran.entries())
    for (let j = i + 1; j < ran.length; j += 1) {
      const b = ran[j];
      if (b === undefined) continue;
      const waste = wasteOf(a, b);
      if (waste < best) [best, at] = [waste, [i, j]];
    }
  const [a, b] = [ran[at[0]], ran[at[1]]];
  if (a === undefined || b === undefined) return ran;
  return [...ran.filter((one) => one !== a && one !== b), together(a, b)];
}

function together(a: RanOnNode, b: RanOnNode): RanOnNode {
  const fromMs = Math.min(a.fromMs, b.fromMs);
  const isBeside = a.fromMs < b.fromMs + b.ms && b.fromMs < a.fromMs + a.ms;
  const sizeOf = (x: number, y: number): number => (isBeside ? x + y : Math.max(x, y));
  return {
    fromMs,
    ms: Math.max(a.fromMs + a.ms, b.fromMs + b.ms) - fromMs,
    cpuMilli: sizeOf(a.cpuMilli, b.cpuMilli),
    memoryMib: sizeOf(a.memoryMib, b.memoryMib),
    gpu: sizeOf(a.gpu, b.gpu),
  };
}

/** What the merged one has beyond the two, of CPU and memory over time (a vCPU counts as 4 GiB, a GPU as 16 vCPU). */
function wasteOf(a: RanOnNode, b: RanOnNode): number {
  const areaOf = ({ ms, cpuMilli, memoryMib, gpu }: RanOnNode): number =>
    ms * (cpuMilli + memoryMib / 4 + gpu * 16_000);
  return areaOf(together(a, b)) - areaOf(a) - areaOf(b);
}

/** What tasks of a node asked for, with one more of them; null: more than one thing. */
export function withAsked(asked: NodeRecord['asked'], requirements: Requirements): NodeRecord['asked'] {
  if (asked === null || Object.keys(requirements).length === 0) return asked;
  return asked === undefined || requirementsKey(asked) === requirementsKey(requirements) ? requirements : null;
}

/** As its document knows it: paid for from when EC2 had answered until EC2 took the call that ends it. */
export function endedNodeOf(node: NodeRecord, type: InstanceType, nowMs: number): EndedNode {
  const { zone, capacityType, priceUsdPerHour, createdAtMs } = node;
  const within = (atMs: number, fromMs: number): number => Math.max(fromMs, Math.min(atMs, endedAtMs));
  const endedAtMs = Math.max(createdAtMs, Math.min(node.terminateAcceptedAtMs ?? nowMs, nowMs));
  const readyAtMs = node.readyAtMs === null ? null : within(node.readyAtMs, createdAtMs);
  // Of different wishes nobody knows which other type would have met all: none is looked for.
  const requirements = node.asked === null ? { instanceType: [type.name] } : (node.asked ?? {});
  const { ran = [] } = node.assigned.reduce((all, one) => withRan(all, one, one.startedAtMs, endedAtMs), node);
  const tasks = ran.map(({ fromMs, ms, ...resources }): RanTask => {
    const startMs = within(createdAtMs + fromMs, readyAtMs ?? createdAtMs);
    return { startMs, endMs: within(createdAtMs + fromMs + ms, startMs), resources, requirements, used: null };
  });
  return { type, zone, capacityType, priceUsdPerHour, billedFromMs: createdAtMs, readyAtMs, endedAtMs, tasks };
}
