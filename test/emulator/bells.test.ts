// Bells as queues, on MiniStack.
import { afterAll, describe, test } from '@jest/globals';
import { startMinistack } from './ministack.ts';
import { describeBells } from './suites/bells.ts';

const started = await startMinistack();

if ('reason' in started) {
  describe('bells on MiniStack', () => {
    test.skip(`skipped: ${started.reason}`, () => {});
  });
} else {
  const { ministack } = started;
  afterAll(async () => {
    await ministack.stop();
  });

  describeBells(() => ({ endpoint: ministack.endpoint, accountId: '100000000012' }));
}
