// What requests cost in DynamoDB write units: the real control code on the store in memory, the simulated cloud and a
// fake agent, in virtual time at the pace of AWS. `node scripts/bench/store-writes.ts [requests] [array tasks]`
import type { Control } from '../../lib/control/index.ts';
import { pool, spec, World } from './counted-world.ts';

/** Everything from submitting to the last trace, until all requests have left the open ones and all nodes are gone. */
async function play(
  title: string,
  tasks: number,
  most: number,
  submit: (control: Control, world: World) => Promise<void>,
): Promise<boolean> {
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
  // What ended goes to the archive an hour later.
  world.nowMs += 3_600_000;
  await world.control.sweep();
  const rows = Object.entries(world.units).sort(([, a], [, b]) => b.table + b.indexes - a.table - a.indexes);
  const total = rows.reduce((sum, [, one]) => sum + one.table + one.indexes, 0);
  const perTask = total / tasks;
  process.stdout.write(
    `${title}: ${perTask.toFixed(2)} write units per task `
      + `(${most === Infinity ? 'no limit is set' : `at most ${String(most)}`}${perTask <= most ? '' : ': OVER'}); `
      + `${minutes.toFixed(1)} minutes of its time\n`,
  );
  for (const [kind, { table, indexes, calls }] of rows) {
    process.stdout.write(
      `  ${kind.padEnd(14)} ${((table + indexes) / tasks).toFixed(3).padStart(7)} per task: table `
        + `${String(table)}, indexes ${String(indexes)}, ${String(calls)} writes and checks\n`,
    );
  }
  const nodeHours = world.nodeSeconds / 3600;
  process.stdout.write(
    `  ${String(world.syncs)} syncs in ${nodeHours.toFixed(2)} node-hours; write units of node documents per `
      + `node-hour: ${((world.units['NODES']?.table ?? 0) / nodeHours).toFixed(0)}\n`,
  );
  return perTask <= most;
}

const [requests = 300, arrayTasks = 5_000] = process.argv.slice(2).map(Number);
const body = { tenant: 'AppRole', pool: null };
const verdicts = [
  await play(`${String(requests)} distinct requests in batches of 100`, requests, 6, async (control) => {
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
  }),
  await play(
    `${String(requests)} distinct requests one by one, one a second`,
    requests,
    Infinity,
    async (control, world) => {
      for (let at = 0; at < requests; at += 1) {
        await control.submit({
          ...body,
          idempotencyKey: `key-${String(at)}`,
          spec: spec(1),
          canonicalBody: String(at),
        });
        for (let quarter = 0; quarter < 4; quarter += 1) await world.step(250);
      }
    },
  ),
  await play(`an array of ${String(arrayTasks)} tasks`, arrayTasks, 2, async (control) => {
    await control.submit({ ...body, idempotencyKey: 'array', spec: spec(arrayTasks), canonicalBody: 'array' });
  }),
];
if (verdicts.includes(false)) process.exitCode = 1;
