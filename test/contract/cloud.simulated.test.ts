// The cloud port's contract on the simulated EC2, within this process and in virtual time: directly, as control's tests
// and the fault simulator reach it, and through the SDK.
import { unlimitedBudget } from '../../lib/adapters/aws/call-budget.ts';
import { createEc2Cloud } from '../../lib/adapters/aws/ec2/cloud.ts';
import { ec2Carrier } from '../../lib/adapters/simulated/carrier.ts';
import type { Ec2Carrier } from '../../lib/adapters/simulated/carrier.ts';
import { DirectCloud } from '../../lib/adapters/simulated/direct-cloud.ts';
import { inProcessEc2Client, xmlCallOf } from '../../lib/adapters/simulated/ec2-client.ts';
import { World } from '../../lib/adapters/simulated/ec2/world.ts';
import type { Cloud } from '../../lib/ports/cloud.ts';
import { benchOf } from './cloud.bench.ts';
import type { CloudBench } from './cloud.bench.ts';
import { claimsContract } from './cloud.claims.ts';
import { fleetsContract } from './cloud.fleets.ts';

const sdkCloud = (carry: Ec2Carrier): Cloud =>
  createEc2Cloud({ client: inProcessEc2Client(xmlCallOf(carry)), budget: unlimitedBudget, fleets: null, places: null });

async function openBench(open: (carry: Ec2Carrier) => Cloud): Promise<CloudBench> {
  let nowMs = Date.UTC(2026, 0, 1);
  const clock = { nowMs: () => nowMs, sleep: async (ms: number) => void (nowMs += ms) };
  const options = { cloud: { seed: 'contract', throttles: {} } };
  const world = new World({ accountId: '000000000001', region: 'us-east-1', clock, options });
  return benchOf(world, world.cloud.faults, open(ec2Carrier(world, clock)), (ms) => {
    nowMs += ms;
  });
}

fleetsContract('direct', async () => openBench((carry) => new DirectCloud(carry)));
claimsContract('direct', async () => openBench((carry) => new DirectCloud(carry)));
claimsContract('through the SDK', async () => openBench(sdkCloud));
