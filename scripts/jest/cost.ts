// Measures what each file of tests costs: CPU seconds of its worker and of the children that it waited for. The
// reporter prints them, so that whoever makes the tests slow sees where.
import { appendFileSync, existsSync, readFileSync } from 'node:fs';

const ticksPerSecond = 100; // USER_HZ, the same on every Linux

/** Begins to measure; what is returned notes the costs of the file. */
export function costsOf(): (path: string) => void {
  const before = cpuSeconds();
  // What the worker's earlier files left: a server, a connection or a child keeps a worker from ending.
  const left = process
    .getActiveResourcesInfo()
    .filter((one) => /Server|Socket|Process|FSEvent/.test(one) && one !== 'PipeWrap');
  const file = process.env['BELLOWS_CPU_FILE'];
  return (path) => {
    const line = { path, seconds: cpuSeconds() - before, left, worker: process.pid };
    if (file !== undefined) appendFileSync(file, `${JSON.stringify(line)}\n`);
  };
}

function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6 + childSeconds();
}

/** Of children that have ended and were waited for; nothing where there is no /proc. */
function childSeconds(): number {
  if (!existsSync('/proc/self/stat')) return 0;
  // The name of the program, which comes second, may have spaces in it: fields are counted from behind it.
  const fields = readFileSync('/proc/self/stat', 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ');
  return (Number(fields[13]) + Number(fields[14])) / ticksPerSecond;
}
