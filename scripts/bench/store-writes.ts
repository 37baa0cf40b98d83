// What requests cost in DynamoDB write units: the real control code on the store in memory, the simulated cloud and a
// fake agent, in virtual time at the pace of AWS. `node scripts/bench/store-writes.ts [requests] [array tasks]`
import type { Submit } from './counted/writes.ts';
import { asArray, countWrites, inBatches, linesOf, oneASecond } from './counted/writes.ts';

async function play(title: string, tasks: number, most: number, submit: Submit): Promise<boolean> {
  const counts = await countWrites(title, tasks, submit);
  process.stdout.write(
    `${title}: ${counts.perTask.toFixed(2)} write units per task (at most ${String(most)}`
      + `${counts.perTask <= most ? '' : ': OVER'}); ${counts.minutes.toFixed(1)} minutes of its time\n`,
  );
  for (const line of linesOf(counts, tasks)) process.stdout.write(`${line}\n`);
  return counts.perTask <= most;
}

const [requests = 300, arrayTasks = 5_000] = process.argv.slice(2).map(Number);
const verdicts = [
  await play(`${String(requests)} distinct requests in batches of 100`, requests, 6, inBatches(requests)),
  await play(`${String(requests)} distinct requests one by one, one a second`, requests, 34, oneASecond(requests)),
  await play(`an array of ${String(arrayTasks)} tasks`, arrayTasks, 2, asArray(arrayTasks)),
];
if (verdicts.includes(false)) process.exitCode = 1;
