// The EC2 simulator's figures: start-up, describes of 100 instances, memory and latency at 100,000 instances, and what
// launches of 1,000, pages of 1,000 and filters without an index cost there in CPU.
// node scripts/bench/ec2-simulator.ts [--instances 100000]
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const { values } = parseArgs({ options: { instances: { type: 'string', default: '100000' } } });
const instances = Number(values.instances);
const program = fileURLToPath(new URL('../../lib/local/ec2-simulator/main.ts', import.meta.url));

interface Started {
  readonly child: ChildProcess;
  readonly port: number;
  readonly startMs: number;
}

async function start(...args: readonly string[]): Promise<Started> {
  const startedAt = performance.now();
  const child = spawn(
    process.execPath,
    [program, '--port', '0', '--throttling', 'off', '--describe-lag', '0', '--subnet-prefix', '14', ...args],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const line = await new Promise<string>((resolve, reject) => {
    child.stdout?.once('data', (chunk: Buffer) => resolve(chunk.toString()));
    child.once('exit', () => reject(new Error('the simulator ended before it listened')));
  });
  const startMs = performance.now() - startedAt;
  return { child, port: Number(/:(\d+) /.exec(line)?.[1]), startMs };
}

const authorization =
  'AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260101/us-east-1/ec2/aws4_request, SignedHeaders=host, Signature=0';

async function call(port: number, query: string): Promise<string> {
  const response = await fetch(`http://127.0.0.1:${port}/`, {
    method: 'POST',
    headers: { authorization, 'content-type': 'application/x-www-form-urlencoded' },
    body: `Version=2016-11-15&${query}`,
  });
  const text = await response.text();
  if (!response.ok) throw new Error(text);
  return text;
}

const idsIn = (xml: string): string[] =>
  [...xml.matchAll(/<instanceId>(i-[0-9a-f]+)</g)].map((match) => match[1] ?? '');

/** Sends the same call over and over on a few raw connections, so that the client costs next to nothing. */
async function hammer(
  port: number,
  query: string,
  forMs: number,
): Promise<{ readonly perSecond: number; readonly cpuShare: number; readonly bytes: number }> {
  const body = `Version=2016-11-15&${query}`;
  const request =
    `POST / HTTP/1.1\r\nHost: localhost\r\nAuthorization: ${authorization}\r\nContent-Type: `
    + `application/x-www-form-urlencoded\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
  let answered = 0;
  let bytes = 0;
  const startedAt = performance.now();
  await Promise.all(
    Array.from(
      { length: 4 },
      () =>
        new Promise<void>((resolve, reject) => {
          const socket = connect(port, '127.0.0.1', () => socket.write(request));
          let missing = -1;
          socket.on('data', (chunk) => {
            if (missing < 0) {
              const headEnd = chunk.indexOf('\r\n\r\n');
              const length = Number(/content-length: (\d+)/i.exec(chunk.subarray(0, headEnd).toString('latin1'))?.[1]);
              bytes = length;
              missing = length - (chunk.length - headEnd - 4);
            } else missing -= chunk.length;
            if (missing > 0) return;
            missing = -1;
            answered += 1;
            if (performance.now() - startedAt < forMs) socket.write(request);
            else {
              socket.destroy();
              resolve();
            }
          });
          socket.on('error', reject);
        }),
    ),
  );
  return { perSecond: (answered / (performance.now() - startedAt)) * 1000, cpuShare: 0, bytes };
}

/** CPU seconds of a process so far (user and system), from the kernel. */
function cpuSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

function residentMb(pid: number): number {
  return Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1]) / 1024;
}

function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

async function latency(port: number, name: string, queries: readonly string[]): Promise<void> {
  const taken: number[] = [];
  for (const query of queries) {
    const startedAt = performance.now();
    await call(port, query);
    taken.push(performance.now() - startedAt);
  }
  taken.sort((a, b) => a - b);
  console.log(
    `${name.padEnd(44)} p50 ${percentile(taken, 0.5).toFixed(2)} ms, p95 ${percentile(taken, 0.95).toFixed(2)} `
      + 'ms (client included)',
  );
}

async function serverTime(port: number, action: string): Promise<void> {
  const { entries } = (await (
    await fetch(`http://127.0.0.1:${port}/_sim/journal?action=${action}&limit=300`)
  ).json()) as { entries: { durationMs: number }[] };
  const taken = entries.map((entry) => entry.durationMs).sort((a, b) => a - b);
  console.log(
    `${`${action}, within the simulator`.padEnd(44)} p50 ${percentile(taken, 0.5).toFixed(2)} ms, p95 `
      + `${percentile(taken, 0.95).toFixed(2)} ms`,
  );
}

/** CPU of the process for each of these calls, the socket included; and the longest within the simulator. */
async function cpuOf(of: ChildProcess, port: number, name: string, queries: readonly string[]): Promise<void> {
  await fetch(`http://127.0.0.1:${port}/_sim/journal`, { method: 'DELETE' });
  const before = cpuSeconds(of.pid ?? 0);
  for (const query of queries) await call(port, query);
  const each = ((cpuSeconds(of.pid ?? 0) - before) * 1000) / queries.length;
  const { entries } = (await (await fetch(`http://127.0.0.1:${port}/_sim/journal?limit=1000`)).json()) as {
    entries: { durationMs: number }[];
  };
  const within = entries.map((entry) => entry.durationMs).sort((a, b) => a - b);
  console.log(
    `${name.padEnd(44)} ${each.toFixed(1)} ms of CPU, within the simulator p10 ${percentile(within, 0.1).toFixed(1)}, `
      + `p50 ${percentile(within, 0.5).toFixed(1)} ms`,
  );
}

/** The pages of all that run, each of which nobody has asked for before. */
async function coldPages(of: ChildProcess, port: number): Promise<void> {
  const running = 'Action=DescribeInstances&MaxResults=1000&Filter.1.Name=instance-state-name&Filter.1.Value.1=running';
  const queries: string[] = [];
  for (let token: string | undefined = ''; token !== undefined;) {
    queries.push(token === '' ? running : `${running}&NextToken=${encodeURIComponent(token)}`);
    token = /<nextToken>(.*?)</.exec(await call(port, queries.at(-1) ?? ''))?.[1];
  }
  // So many instances are not kept: asked for again they are written again.
  await cpuOf(of, port, 'a page of 1,000 that run', queries);
}

const starts: number[] = [];
for (let round = 0; round < 3; round++) {
  const started = await start();
  starts.push(started.startMs);
  started.child.kill();
}
console.log(
  `${'start until it listens'.padEnd(44)} ${starts.map((ms) => ms.toFixed(0)).join(', ')} ms (wanted: under 300)`,
);

const { child, port } = await start();
const pid = child.pid ?? 0;
try {
  const hundred = idsIn(
    await call(
      port,
      'Action=RunInstances&ImageId=ami-0abcdef1234567890&InstanceType=t3.micro&MinCount=100&MaxCount=100',
    ),
  );
  await new Promise((resolve) => setTimeout(resolve, 4500));
  const byIds = `Action=DescribeInstances&${hundred.map((id, at) => `InstanceId.${at + 1}=${id}`).join('&')}`;
  await hammer(port, byIds, 1000);
  const before = cpuSeconds(pid);
  const startedAt = performance.now();
  const { perSecond, bytes } = await hammer(port, byIds, 4000);
  const cores = (cpuSeconds(pid) - before) / ((performance.now() - startedAt) / 1000);
  console.log(
    `${'describes of 100 instances'.padEnd(44)} ${perSecond.toFixed(0)}/s, ${(perSecond / cores).toFixed(0)}/s `
      + `per core, ${(bytes / 1024).toFixed(0)} KB each (wanted: 2,000/s per core)`,
  );

  const launches: string[] = [];
  for (let made = 100; made < instances; made += 1000)
    launches.push(
      'Action=RunInstances&ImageId=ami-0abcdef1234567890&InstanceType=t3.micro&MinCount=1&'
        + `MaxCount=${Math.min(1000, instances - made)}`,
    );
  await cpuOf(child, port, 'RunInstances of 1,000', launches);
  await new Promise((resolve) => setTimeout(resolve, 4500));
  console.log(
    `${`${instances} instances held`.padEnd(44)} ${residentMb(pid).toFixed(0)} MB resident (wanted: under 500)`,
  );
  await coldPages(child, port);
  const filtered = (name: string, value: string): string[] =>
    Array.from(
      { length: 20 },
      () => `Action=DescribeInstances&MaxResults=1000&Filter.1.Name=${name}&Filter.1.Value.1=${value}`,
    );
  await cpuOf(child, port, 'a state that none is in', filtered('instance-state-name', 'stopped'));
  await cpuOf(child, port, 'a type that none has', filtered('instance-type', 'c7g.large'));
  await cpuOf(child, port, 'an image that none has (no index)', filtered('image-id', 'ami-00000000000000000'));
  await cpuOf(child, port, 'a tag by a wildcard that none has', filtered('tag:a', 'z*'));
  const some = hundred.concat(hundred).slice(0, 200);
  await latency(
    port,
    'DescribeInstances of one',
    some.map((id) => `Action=DescribeInstances&InstanceId.1=${id}`),
  );
  await serverTime(port, 'DescribeInstances');
  await latency(
    port,
    'RunInstances of one',
    some.map(() => 'Action=RunInstances&ImageId=ami-0abcdef1234567890&InstanceType=t3.micro&MinCount=1&MaxCount=1'),
  );
  await serverTime(port, 'RunInstances');
  await latency(
    port,
    'TerminateInstances of one',
    hundred.map((id) => `Action=TerminateInstances&InstanceId.1=${id}`),
  );
  await serverTime(port, 'TerminateInstances');
  console.log(`${'after that'.padEnd(44)} ${residentMb(pid).toFixed(0)} MB resident`);
} finally {
  child.kill();
}
