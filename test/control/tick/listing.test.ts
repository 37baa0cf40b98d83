// When EC2 is listed anew, and when the last listing of this process will do.
import { expect, test } from '@jest/globals';
import type { ControlPorts } from '../../../lib/control/ports.ts';
import { listPool } from '../../../lib/control/tick/listing.ts';
import type { ListingCache } from '../../../lib/control/tick/listing.ts';
import { BareWorld, settings } from '../bare-world.ts';

const { listingCalmMs } = settings.decisions;

function given() {
  const world = new BareWorld();
  let calls = 0;
  const list = async () => {
    calls += 1;
    return { instances: [], volumes: [], snapshots: [], groups: [] };
  };
  const ports = { ...world.ports, cloud: { list } as unknown as ControlPorts['cloud'] };
  const cache: ListingCache = new Map();
  /** Whether EC2 was asked. `afterMs`: before or after now. */
  const asks = async (afterMs: number): Promise<boolean> => {
    const before = calls;
    await listPool(ports, settings, 'p', cache, { nodes: 'calm', claims: 'none', afterMs: world.nowMs + afterMs });
    return calls > before;
  };
  return { world, asks };
}

test('a listing will do while it is young, and from after what EC2 told', async () => {
  const { world, asks } = given();
  expect(await asks(-1)).toBe(true);
  world.nowMs += listingCalmMs - 1;
  expect([await asks(1 - listingCalmMs), await asks(2 - listingCalmMs)]).toEqual([false, true]);
  world.nowMs += listingCalmMs;
  expect(await asks(-listingCalmMs)).toBe(true);
  world.nowMs -= 1;
  expect(await asks(-listingCalmMs)).toBe(true);
});

test('what a clock far ahead says that EC2 told does not make each listing old until then', async () => {
  const { asks } = given();
  expect(await asks(3_600_000)).toBe(true);
  expect([await asks(10_001), await asks(10_000)]).toEqual([false, true]);
});
