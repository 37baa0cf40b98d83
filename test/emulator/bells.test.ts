// Bells as queues, and target groups of services, on MiniStack.
import { afterAll, describe, test } from '@jest/globals';
import { startMinistack } from './ministack.ts';
import { describeBells } from './suites/bells.ts';
import { describeTargetGroups } from './suites/target-groups.ts';

const started = await startMinistack();

if ('reason' in started) {
  describe('bells and target groups on MiniStack', () => {
    test.skip(`skipped: ${started.reason}`, () => {});
  });
} else {
  const { ministack } = started;
  afterAll(async () => {
    await ministack.stop();
  });

  describeBells(() => ({ endpoint: ministack.endpoint, accountId: '100000000012' }));
  describeTargetGroups(() => ({ endpoint: ministack.endpoint, accountId: '100000000013' }));
}
