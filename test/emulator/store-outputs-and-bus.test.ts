// Outputs in a bucket and entries on a bus, on MiniStack.
import { afterAll, describe, test } from '@jest/globals';
import { startMinistack } from './ministack.ts';
import { describeBus } from './suites/bus.ts';
import { describeOutputs } from './suites/outputs.ts';

const started = await startMinistack();

if ('reason' in started) {
  describe('outputs and bus on MiniStack', () => {
    test.skip(`skipped: ${started.reason}`, () => {});
  });
} else {
  const { ministack } = started;
  afterAll(async () => {
    await ministack.stop();
  });

  const open = () => ({ endpoint: ministack.endpoint, accountId: '100000000002' });
  describeOutputs(open);
  describeBus(open);
}
