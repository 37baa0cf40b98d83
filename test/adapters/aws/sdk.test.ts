// What all clients of the SDK have in common.
import { expect, test } from '@jest/globals';
import { loadedOnce } from '../../../lib/adapters/aws/sdk.ts';

test('what is loaded at its first use is kept; a load that failed is made anew by the next use', async () => {
  let loads = 0;
  const get = loadedOnce(async () => {
    loads += 1;
    if (loads === 1) throw new Error('EMFILE');
    return loads;
  });
  // Both wait for the same load.
  const [first, second] = await Promise.allSettled([get(), get()]);
  expect([first.status, second.status, loads]).toEqual(['rejected', 'rejected', 1]);
  expect([await get(), await get(), loads]).toEqual([2, 2, 2]);
});
