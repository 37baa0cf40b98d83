// The resources contract on the simulated cloud behind the Query protocol, within this process and in virtual time.
import { Ec2QueryResources } from '../../lib/adapters/ec2query/resources.ts';
import { simulatedEc2Call } from '../../lib/adapters/simulated/ec2-call.ts';
import { World } from '../../lib/adapters/simulated/ec2/world.ts';
import { benchOf } from './resources.bench.ts';
import { resourcesContract } from './resources.contract.ts';

resourcesContract('simulated cloud', async () => {
  let nowMs = Date.UTC(2026, 0, 1);
  const clock = { nowMs: () => nowMs, sleep: async (ms: number) => void (nowMs += ms) };
  const world = new World({ accountId: '000000000001', region: 'us-east-1', clock, options: { cloud: { seed: 'contract', throttles: {} } } });
  return benchOf(world, world.cloud.faults, new Ec2QueryResources(simulatedEc2Call(world, clock)), (ms) => { nowMs += ms; });
});
