// How long an accepted request waits for the launch call on the local cloud: API Gateway, Lambda, DynamoDB and
// EventBridge in between, functions warm. One command: `npm run bench:localcloud`. MiniStack's own time is part
// of it; compare ratios.
import { setTimeout as delay } from 'node:timers/promises';
import { tagPool } from '../../lib/core/records/launch.ts';
import { ApiClient } from '../../lib/local/server/api-client.ts';
import { LocalCloud } from '../../lib/local/localcloud/localcloud.ts';

const launches = 40;
const patienceMs = 30_000;

console.log('bench: deploying the stack on a local cloud of its own');
const cloud = await LocalCloud.start({
  props: { installation: 'bench', drainQuietSeconds: 2 },
  port: 0,
  accountId: '100000000009',
  log: { write: () => undefined },
});
try {
  const client = new ApiClient(cloud.url, 15_000);
  const accepted: number[] = [];
  const called: number[] = [];
  // The first start each function; they are not counted.
  for (let at = -3; at < launches; at += 1) {
    const pool = `bench-${String(at + 3)}`;
    await client.call('putPool', {
      params: { name: pool },
      body: { limits: { instances: 1 }, maxNodeVcpu: 4, idleAfterSeconds: 1 },
    });
    const sentMs = performance.now();
    await client.call('submitRequest', {
      body: { type: 'task', pool, resources: { vcpu: 1, memoryMib: 256 }, command: ['true'] },
    });
    const acceptedMs = performance.now();
    while (!cloud.world.cloud.instances().some((one) => one.tags[tagPool] === pool)) {
      if (performance.now() - acceptedMs > patienceMs)
        throw new Error(`nothing was launched for ${pool}\n${cloud.log()}`);
      await delay(5);
    }
    if (at < 0) continue;
    accepted.push(acceptedMs - sentMs);
    called.push(performance.now() - acceptedMs);
    await delay(100);
  }
  report('submit to accepted', accepted, '');
  report('accepted to the launch call', called, 'p95 < 1,500 ms');
} finally {
  await cloud.stop();
}

function report(name: string, values: readonly number[], wanted: string): void {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (q: number): string =>
    (sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? Number.NaN).toFixed(0);
  console.log(
    `${name.padEnd(32)} p50 ${at(0.5)} ms, p95 ${at(0.95)} ms, worst ${at(1)} ms of `
      + `${String(values.length)}${wanted === '' ? '' : `; wanted: ${wanted}`}`,
  );
}
