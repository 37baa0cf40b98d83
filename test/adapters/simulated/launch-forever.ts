// A process for persistence.test.ts to kill: launches with new tokens and says each one that was answered.
import { writeSync } from 'node:fs';
import { SimulatedCloud } from '../../../lib/adapters/simulated/cloud/cloud.ts';
import { SqliteCloudStorage } from '../../../lib/adapters/simulated/cloud/persistence.ts';

const [folder = '', name = ''] = process.argv.slice(2);
const cloud = new SimulatedCloud({ clock: { nowMs: () => Date.now() }, storage: new SqliteCloudStorage(folder) });
for (let launch = 0; launch < 100_000; launch++) {
  const token = `${name}-${String(launch)}`;
  cloud.launch({
    token,
    tokenScope: 'fleet',
    parameters: '{}',
    capacityType: 'spot',
    strategy: 'lowest-price',
    overrides: [{ instanceType: 'c7g.large', zone: 'us-east-1a' }],
    count: 2,
    minCount: 0,
    tags: { launch: token },
  });
  writeSync(1, `${token}\n`);
}
