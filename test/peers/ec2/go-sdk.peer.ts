// AWS's SDK for Go on the EC2 simulator, with EC2's token buckets: it repeats by itself what is throttled.
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { goRun, root, startProgram } from './simulator.ts';

test('pages, waiters, errors and tokens', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'bellows-go-'));
  const simulator = await startProgram('--throttling', 'aws');
  try {
    cpSync(join(root, 'test/peers/ec2/go/main.go'), join(folder, 'main.go'));
    await simulator.control('POST', 'faults', { action: 'DescribeInstances', effect: { kind: 'throttle' }, times: 2 });
    await simulator.control('POST', 'faults', { action: 'RunInstances', effect: { kind: 'drop-response' }, times: 1 });
    const ran = goRun(folder, simulator.env);
    expect([ran.stdout, ran.stderr, ran.status]).toEqual(['12 12 3 InvalidInstanceID.NotFound\n', '', 0]);
  } finally {
    await simulator.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}, 660_000);
