// The process that ticks, with nothing in it but the scheduler: the store and the compact copies are in the process
// that started it. So what it measures of CPU and memory is the scheduler's own, with what it takes to unpack items.
import { readFileSync } from 'node:fs';
import { GCProfiler } from 'node:v8';
import { SimulatedCatalog } from '../../../lib/adapters/simulated/catalog.ts';
import { createControl } from '../../../lib/control/index.ts';
import { Remote, RemoteCopies, RemoteStore } from './remote-store.ts';
import { instancesOf, pool, portsOf, settingsOf } from './pool.ts';
import type { Answer, Ended, EndOrder, Ticked, TickOrder, TickSettings } from './wire.ts';

const { nodeCount, isWhole } = JSON.parse(process.argv[2] ?? '') as TickSettings;
const mib = 2 ** 20;

let nowMs = 0;
const clock = { nowMs: () => nowMs, monotonicMs: () => nowMs, sleep: async () => {} };
const remote = new Remote((message) => process.send?.(message));
const ports = portsOf({
  clock,
  store: new RemoteStore(remote),
  compactCopies: new RemoteCopies(remote),
  catalog: new SimulatedCatalog(clock),
  idPrefix: `t${String(process.pid)}`,
  instances: () => instancesOf(nodeCount, nowMs),
});
const control = createControl(ports, settingsOf(isWhole ? { copiedFromRecords: Infinity } : {}));

/** The most that this program had; what `resourceUsage` says has that of the process that started it in it. */
function residentMib(): number {
  const [, kib] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
  return Number(kib) / 1_024;
}

async function tick(): Promise<Ticked> {
  const profiler = new GCProfiler();
  profiler.start();
  const before = process.cpuUsage();
  const { rounds } = await control.runTick(pool);
  const { user, system } = process.cpuUsage(before);
  const { statistics } = profiler.stop();
  const now = process.memoryUsage();
  const used = statistics.map((one) => one.beforeGC.heapStatistics.usedHeapSize);
  const pausesMs = statistics.reduce((sum, one) => sum + one.cost, 0) / 1_000;
  return {
    ...{ kind: 'ticked', rounds, cpuMs: (user + system) / 1_000, pausesMs },
    peakMib: used.reduce((most, one) => Math.max(most, one), now.heapUsed) / mib,
    rssMib: residentMib(),
  };
}

process.on('message', (message: TickOrder | EndOrder | Answer) => {
  if (message.kind === 'answer') {
    remote.take(message);
    return;
  }
  if (message.kind === 'end') {
    globalThis.gc?.();
    process.send?.({ kind: 'ended', keptMib: process.memoryUsage().heapUsed / mib } satisfies Ended);
    return;
  }
  nowMs = message.nowMs;
  tick().then(
    (ticked) => process.send?.(ticked),
    (error: unknown) => {
      console.error(error);
      process.exit(1);
    },
  );
});
process.on('disconnect', () => process.exit(0));
