// How many write units some requests cost, from submitting them until everything of them is over: by kind of record and
// by who writes.
import type { Control } from '../../../lib/control/index.ts';
import type { Units } from './world.ts';
import { pool, spec, World, writers } from './world.ts';

/** How requests come. */
export type Submit = (control: Control, world: World) => Promise<void>;

export interface WriteCounts {
  readonly perTask: number;
  readonly minutes: number;
  readonly world: World;
}

const body = { tenant: 'AppRole', pool: null };

/** Everything from submitting to the archive, until all requests have left the open ones and all nodes are gone. */
export async function countWrites(title: string, tasks: number, submit: Submit): Promise<WriteCounts> {
  const world = new World();
  await world.control.putPool({
    name: pool,
    requirements: { arch: ['amd64'], instanceCategory: ['c', 'm'] },
    limits: { instances: 20 },
    tasksPerNode: 64,
    maxNodeVcpu: 16,
    ordering: 'fifo',
    placement: 'least-cost',
    learningStyle: 'reactive',
    idleAfterMs: 60_000,
    priority: 0,
    accepts: ['task'],
  });
  const startedMs = world.nowMs;
  await submit(world.control, world);
  for (;;) {
    await world.step(250);
    const {
      requestsByState: { pending, running },
      nodesByState,
    } = await world.control.stats('bench');
    if (pending + running === 0 && Object.values(nodesByState).every((count) => count === 0)) break;
    if (world.nowMs - startedMs > 4 * 3_600_000) throw new Error(`${title}: not over after four hours of its time`);
  }
  const minutes = (world.nowMs - startedMs) / 60_000;
  const { succeeded } = (await world.control.stats('bench')).requestsByState;
  if (succeeded === 0) throw new Error(`${title}: nothing has succeeded`);
  // What ended goes to the archive an hour later.
  world.nowMs += 3_600_000;
  await world.sweep();
  return { perTask: sumOf(world.units) / tasks, minutes, world };
}

function sumOf(units: Units): number {
  return Object.values(units).reduce((sum, one) => sum + one.table + one.indexes, 0);
}

export function inBatches(requests: number): Submit {
  return async (control) => {
    for (let from = 0; from < requests; from += 100) {
      const answers = await control.submitBatch(
        Array.from({ length: Math.min(100, requests - from) }, (_, at) => ({
          ...body,
          idempotencyKey: `key-${String(from + at)}`,
          spec: spec(1),
          canonicalBody: String(at),
        })),
      );
      for (const one of answers) if (one instanceof Error) throw one;
    }
  };
}

export function oneASecond(requests: number): Submit {
  return async (control, world) => {
    for (let at = 0; at < requests; at += 1) {
      await control.submit({ ...body, idempotencyKey: `key-${String(at)}`, spec: spec(1), canonicalBody: String(at) });
      for (let quarter = 0; quarter < 4; quarter += 1) await world.step(250);
    }
  };
}

export function asArray(tasks: number): Submit {
  return async (control) => {
    await control.submit({ ...body, idempotencyKey: 'array', spec: spec(tasks), canonicalBody: 'array' });
  };
}

/** A line for each kind of record, the dearest first, and one for each writer. */
export function* linesOf({ world }: WriteCounts, tasks: number): Generator<string> {
  const per = (units: number): string => (units / tasks).toFixed(3).padStart(7);
  const kinds = Object.entries(world.units).sort(([, a], [, b]) => b.table + b.indexes - a.table - a.indexes);
  for (const [kind, { table, indexes, calls, by }] of kinds) {
    const who = writers.flatMap((one) => (by[one] === undefined ? [] : [`${one} ${per(by[one]).trim()}`]));
    yield (
      `  ${kind.padEnd(14)} ${per(table + indexes)} per task (${who.join(', ')}): table ${String(table)}, indexes `
      + `${String(indexes)}, ${String(calls)} writes and checks`
    );
  }
  for (const writer of writers) {
    const units = kinds.reduce((sum, [, { by }]) => sum + (by[writer] ?? 0), 0);
    yield `  by ${writer.padEnd(11)} ${per(units)} per task`;
  }
  const nodeHours = world.nodeSeconds / 3600;
  yield (
    `  ${String(world.ticks)} ticks, ${String(world.syncs)} syncs in ${nodeHours.toFixed(2)} node-hours; write units `
    + `of node documents per node-hour: ${((world.units['NODES']?.table ?? 0) / nodeHours).toFixed(0)}`
  );
}
