// `npm run bench:simulator`: what runs of the fault simulator and calls of the simulated EC2 cost in
// CPU on this machine.
import { ec2Carrier } from '../../lib/adapters/simulated/carrier.ts';
import { DirectCloud } from '../../lib/adapters/simulated/direct-cloud.ts';
import { World } from '../../lib/adapters/simulated/ec2/world.ts';
import { run } from '../../lib/simulator/run/run.ts';
import { wideKinds } from '../../lib/simulator/applications/wide.ts';

async function measured(what: string, work: () => Promise<string>): Promise<void> {
  const before = process.cpuUsage();
  const said = await work();
  const { user, system } = process.cpuUsage(before);
  console.log(`${what.padEnd(28)} ${((user + system) / 1e6).toFixed(2).padStart(7)} s of CPU  ${said}`);
}

async function cloudCalls(): Promise<string> {
  let nowMs = 0;
  const clock = { nowMs: () => nowMs, monotonicMs: () => nowMs, sleep: async () => undefined };
  const ec2 = new World({ accountId: '000000000001', region: 'us-east-1', clock });
  const cloud = new DirectCloud(ec2Carrier(ec2, clock));
  const tags = { 'bellows:installation': 'i', 'bellows:pool': 'p' };
  const overrides = [{ instanceType: 'c7g.large', zone: 'us-east-1a', priceUsdPerHour: 1 }];
  for (let round = 0; round < 2_500; round += 1) {
    const launchId = `t-${String(round)}`;
    const scope = { installation: 'i', pool: 'p', launchId, things: 'instances' } as const;
    const { instances } = await cloud.launchFleet(launchId, {
      call: 'fleet',
      capacityType: 'spot',
      templateVersion: '1',
      count: 2,
      tags: { ...tags, 'bellows:launch': launchId },
      overrides,
    });
    nowMs += 10_000;
    await cloud.list(scope);
    await cloud.terminate(instances.map((instance) => instance.id));
    await cloud.list(scope);
  }
  return '10,000 calls of the simulated EC2';
}

await measured('warm-up', async () => `seed ${String((await run({ seed: 8, size: 'small', world: 'plain' })).seed)}`);
await measured('calls', cloudCalls);
await measured('large run', async () => {
  const { counts } = await run({ seed: 8, size: 'large', world: 'plain' });
  return (
    `${String(counts.tasks)} tasks, ${String(counts.portCalls)} port calls, `
    + `${(counts.simulatedMs / 3_600_000).toFixed(1)} hours`
  );
});
for (const world of wideKinds) {
  await measured(`wide world ${world}`, async () => {
    const { counts, violation } = await run({ seed: 8, world });
    return (
      `${String(counts.writes)} writes, ${String(counts.portCalls)} port `
      + `calls${violation ? `, VIOLATES ${violation.invariant}` : ''}`
    );
  });
}
