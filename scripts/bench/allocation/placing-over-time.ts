// `npm run bench:placing`: hours of placing alone, with random demand, and the laws of placing over time.
// `-- --seeds 20 --hours 50 --from 1`: so many runs of so many simulated hours.
import { parseArgs } from 'node:util';
import { runContention, runPlacing } from '../../../lib/simulator/placing/run.ts';

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '20' },
    hours: { type: 'string', default: '50' },
    from: { type: 'string', default: '1' },
  },
});
const [seeds, hours, from] = [Number(values.seeds), Number(values.hours), Number(values.from)];
const before = process.cpuUsage();
let [simulated, starts, calls, wasted, nodes, broken, worst, bill, inVain] = [0, 0, 0, 0, 0, 0, 0, 0, 0];
for (let seed = from; seed < from + seeds; seed += 1) {
  const run = runPlacing(seed, hours);
  simulated += run.simulatedHours;
  starts += run.starts;
  calls += run.launchCalls;
  wasted += run.wastedCalls;
  nodes += run.nodesBought;
  worst = Math.max(worst, run.worstWait);
  bill = Math.max(bill, run.billRatio);
  inVain = Math.max(inVain, run.mostInVain);
  broken += run.broken.length;
  for (const { law, atMs, text } of run.broken.slice(0, 3))
    console.log(`seed ${String(seed)}: ${law} at ${(atMs / 3_600_000).toFixed(3)} h: ${text}`);
}
const contentions = Math.ceil(seeds / 5);
const fairness = (['any-tenant', 'one-tenant'] as const).map((nodesServe) => {
  let [windows, unfair] = [0, 0];
  for (let seed = from; seed < from + contentions; seed += 1) {
    const run = runContention(seed, 2, undefined, nodesServe);
    windows += run.windows;
    unfair = Math.max(unfair, run.worst);
    broken += run.broken.length;
    for (const { law, text } of run.broken.slice(0, 3))
      console.log(`contention of seed ${String(seed)}, ${nodesServe}: ${law}: ${text}`);
  }
  return (
    `nodes that serve ${nodesServe}: over ${String(windows)} spans of 10 minutes in which all tenants waited, a share `
    + `was at most ${(100 * unfair).toFixed(1)} % off`
  );
});
const { user, system } = process.cpuUsage(before);
const seconds = (user + system) / 1e6;
console.log(
  [
    `${simulated.toFixed(0)} simulated hours in ${seconds.toFixed(1)} s of CPU`,
    `${((60 * simulated) / seconds).toFixed(0)} hours a minute`,
    `${String(starts)} tasks started`,
    `${String(nodes)} nodes by ${String(calls)} launch calls, ${String(wasted)} without a node`,
    `longest wait of the first in the order ${worst.toFixed(2)} of what is allowed`,
    `dearest bill ${bill.toFixed(2)} of a fleet that always stands`,
    `at most ${String(inVain)} calls in vain for a shape in 90 minutes`,
    ...fairness,
    `${String(broken)} laws broken`,
  ].join('; '),
);
if (broken > 0) process.exitCode = 1;
