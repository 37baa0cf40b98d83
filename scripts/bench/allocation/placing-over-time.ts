// `npm run bench:placing`: hours of placing alone, with random demand, and the laws of placing over time.
// `-- --seeds 20 --hours 50 --from 1`: so many runs of so many simulated hours.
import { parseArgs } from 'node:util';
import { runPlacing } from '../../../lib/simulator/placing/run.ts';

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '20' },
    hours: { type: 'string', default: '50' },
    from: { type: 'string', default: '1' },
  },
});
const [seeds, hours, from] = [Number(values.seeds), Number(values.hours), Number(values.from)];
const before = process.cpuUsage();
let [simulated, starts, calls, wasted, nodes, broken, worst] = [0, 0, 0, 0, 0, 0, 0];
for (let seed = from; seed < from + seeds; seed += 1) {
  const run = runPlacing(seed, hours);
  simulated += run.simulatedHours;
  starts += run.starts;
  calls += run.launchCalls;
  wasted += run.wastedCalls;
  nodes += run.nodesBought;
  worst = Math.max(worst, run.worstWait);
  broken += run.broken.length;
  for (const { law, atMs, text } of run.broken.slice(0, 3))
    console.log(`seed ${String(seed)}: ${law} at ${(atMs / 3_600_000).toFixed(3)} h: ${text}`);
}
const { user, system } = process.cpuUsage(before);
const seconds = (user + system) / 1e6;
console.log(
  [
    `${simulated.toFixed(0)} simulated hours in ${seconds.toFixed(1)} s of CPU`,
    `${((60 * simulated) / seconds).toFixed(0)} hours a minute`,
    `${String(starts)} tasks started`,
    `${String(nodes)} nodes by ${String(calls)} launch calls, ${String(wasted)} without a node`,
    `longest wait of the first in the order ${worst.toFixed(2)} of what is allowed`,
    `${String(broken)} laws broken`,
  ].join('; '),
);
if (broken > 0) process.exitCode = 1;
