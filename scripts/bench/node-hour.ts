// What a node costs the controller in an hour: syncs, rings, polls, reads and writes, of the real control code with
// fake agents in virtual time, idle and busy, with bells and without. `npm run bench:node-hour [minutes]`
import { spec, pool, World } from './counted/world.ts';

/** USD, list prices of us-east-1; docs/cost.md has the same. */
const usd = {
  apiCall: 1.0e-6,
  functionCall: 0.2e-6 + 0.015 * 0.5 * 0.0000133,
  logLine: (0.7 * 0.5) / 1e6,
  readUnit: 0.125e-6,
  writeUnit: 0.625e-6,
  queueCall: 0.4e-6,
};
const pollMs = 20_000;
const nodes = 10;
const tasksPerNode = 8;

interface Figures {
  readonly syncs: number;
  readonly rings: number;
  readonly polls: number;
  readonly readUnits: number;
  readonly nodeWrites: number;
}

/** Figures per node-hour, of the time in which all nodes are there. */
async function play(isBusy: boolean, hasBells: boolean, minutes: number): Promise<Figures> {
  const world = new World({ hasBells, output: 'done\n' });
  await world.control.putPool({
    name: pool,
    requirements: { arch: ['amd64'], instanceCategory: ['c', 'm'] },
    limits: { instances: nodes },
    tasksPerNode,
    maxNodeVcpu: 4,
    ordering: 'fifo',
    placement: 'least-cost',
    learningStyle: 'reactive',
    idleAfterMs: 24 * 3_600_000,
    priority: 0,
    accepts: ['task'],
  });
  // As many as run at once until all nodes are there, and for a busy hour as many as that hour runs.
  const first = nodes * tasksPerNode;
  const count = isBusy ? first * Math.ceil((minutes + 10) * 2) : first;
  const submission = { tenant: 'AppRole', pool: null, idempotencyKey: 'array', canonicalBody: 'array' };
  await world.control.submit({ ...submission, spec: spec(count) });
  for (let at = 0; at < 6 * 60_000; at += 250) await world.step(250);
  const before = figuresOf(world);
  const startedSeconds = world.nodeSeconds;
  for (let at = 0; at < minutes * 60_000; at += 250) await world.step(250);
  const nodeHours = (world.nodeSeconds - startedSeconds) / 3_600;
  if (nodeHours === 0) throw new Error('no node was there');
  const after = figuresOf(world);
  const per = (of: (one: ReturnType<typeof figuresOf>) => number): number => (of(after) - of(before)) / nodeHours;
  const rings = per((one) => one.rings);
  return {
    syncs: per((one) => one.syncs),
    rings,
    polls: hasBells ? 3_600_000 / pollMs + rings : 0,
    readUnits: per((one) => one.readUnits),
    nodeWrites: per((one) => one.nodeWrites),
  };
}

function figuresOf(world: World) {
  return {
    syncs: world.syncs,
    rings: world.rings,
    readUnits: world.syncReads.units,
    nodeWrites: world.units['NODES']?.table ?? 0,
  };
}

function costOf({ syncs, rings, polls, readUnits, nodeWrites }: Figures): number {
  return (
    syncs * (usd.apiCall + usd.functionCall + usd.logLine)
    + readUnits * usd.readUnit
    + nodeWrites * usd.writeUnit
    + (rings + polls) * usd.queueCall
  );
}

const [minutes = 30] = process.argv.slice(2).map(Number);
process.stdout.write(
  `per node-hour, ${String(nodes)} nodes for ${String(minutes)} minutes; busy: ${String(tasksPerNode)} tasks of half a `
    + 'minute at once\n',
);
for (const isBusy of [false, true]) {
  for (const hasBells of [false, true]) {
    const figures = await play(isBusy, hasBells, minutes);
    const rounded = Object.entries(figures).map(([name, value]) => `${name} ${(value as number).toFixed(0)}`);
    process.stdout.write(
      `${isBusy ? 'busy' : 'idle'}, ${hasBells ? 'with bells   ' : 'without bells'}: ${rounded.join(', ')}; `
        + `${costOf(figures).toFixed(6)} USD\n`,
    );
  }
}
