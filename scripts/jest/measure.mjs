// Measures what each test file costs: CPU seconds of its worker and of the children that it waited for. The reporter
// prints them, so that whoever makes the tests slow sees where. Plain JavaScript: Jest loads it untransformed.
import { afterAll, expect } from '@jest/globals';
import { appendFileSync, existsSync, readFileSync } from 'node:fs';

const file = process.env.BELLOWS_CPU_FILE;
const ticksPerSecond = 100; // USER_HZ, the same on every Linux
const before = cpuSeconds();
// What the worker's earlier files left: a server, a connection or a child keeps a worker from ending.
const left = process
  .getActiveResourcesInfo()
  .filter((one) => /Server|Socket|Process|FSEvent/.test(one) && one !== 'PipeWrap');

if (file !== undefined) {
  afterAll(() => {
    const line = { path: expect.getState().testPath, seconds: cpuSeconds() - before, left, worker: process.pid };
    appendFileSync(file, `${JSON.stringify(line)}\n`);
  });
}

function cpuSeconds() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6 + childSeconds();
}

/** Of children that have ended and were waited for; nothing where there is no /proc. */
function childSeconds() {
  if (!existsSync('/proc/self/stat')) return 0;
  // The name of the program, which comes second, may have spaces in it: fields are counted from behind it.
  const fields = readFileSync('/proc/self/stat', 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ');
  return (Number(fields[13]) + Number(fields[14])) / ticksPerSecond;
}
