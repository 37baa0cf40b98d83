// The resources contract on the simulated cloud, within this process and in virtual time: as control's tests and the
// fault simulator reach it, and as the laptop does, through the SDK.
import { unlimitedBudget } from '../../lib/adapters/aws/call-budget.ts';
import { Ec2Resources } from '../../lib/adapters/aws/ec2/resources.ts';
import { simulatedEc2Call } from '../../lib/adapters/simulated/ec2-call.ts';
import type { Ec2Call } from '../../lib/adapters/simulated/ec2-call.ts';
import { inProcessEc2Client } from '../../lib/adapters/simulated/ec2-client.ts';
import { World } from '../../lib/adapters/simulated/ec2/world.ts';
import { SimulatedResources } from '../../lib/adapters/simulated/resources.ts';
import type { Resources } from '../../lib/ports/resources.ts';
import { benchOf } from './resources.bench.ts';
import { resourcesContract } from './resources.contract.ts';

const kinds: readonly (readonly [name: string, open: (call: Ec2Call) => Resources])[] = [
  ['simulated cloud', (call) => new SimulatedResources(call)],
  [
    'simulated cloud through the SDK',
    (call) => new Ec2Resources({ client: inProcessEc2Client(call), budget: unlimitedBudget, places: null }),
  ],
];

for (const [name, open] of kinds) {
  resourcesContract(name, async () => {
    let nowMs = Date.UTC(2026, 0, 1);
    const clock = { nowMs: () => nowMs, sleep: async (ms: number) => void (nowMs += ms) };
    const options = { cloud: { seed: 'contract', throttles: {} } };
    const world = new World({ accountId: '000000000001', region: 'us-east-1', clock, options });
    return benchOf(world, world.cloud.faults, open(simulatedEc2Call(world, clock)), (ms) => {
      nowMs += ms;
    });
  });
}
