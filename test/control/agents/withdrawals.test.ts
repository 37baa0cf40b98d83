// When an attempt that was taken back counts as stopped: with the first sync that comes after the withdrawal and does
// not list it, and not before. An earlier one would let a second attempt begin beside the first.
import { expect, test } from '@jest/globals';
import { StaleSyncError } from '../../../lib/control/errors.ts';
import { keys } from '../../../lib/control/store/keys.ts';
import type { NodeRecord } from '../../../lib/core/records/node.ts';
import type { SyncRequest } from '../../../lib/core/records/sync.ts';
import { poolSpec, submission, World } from '../world.ts';

interface Withdrawn {
  readonly state: () => Promise<string | undefined>;
  /** Attempts that the node's document names. */
  readonly assigned: () => Promise<readonly string[]>;
  readonly attemptId: string;
  /** A sync as the agent sends it: the next one, which lists nothing, unless `change` says otherwise. */
  readonly sync: (change?: Partial<SyncRequest>) => Promise<unknown>;
}

const running = (attemptId: string): SyncRequest['onNode'] => [{ attemptId, state: 'running', startedAtMs: 1 }];

/**
 * A world whose one attempt was handed out in the replies to syncs 2 and 3 (the first of them was lost), and is
 * withdrawn: before the agent's next word, or after it said in sync 4 that the attempt runs.
 */
async function withdrawn(isListed: boolean): Promise<Withdrawn> {
  const world = new World();
  await world.control.putPool(poolSpec);
  const { request } = await world.control.submit(submission());
  await world.tickDue();
  world.nowMs += 60_000;
  await world.tickDue();
  const nodeId = world.cloud.instances()[0]?.id ?? '';
  const document = async () => (await world.ports.store.get<NodeRecord>(keys.node('default', nodeId)))?.data;
  const sync: Withdrawn['sync'] = async (change) =>
    world.control.sync({ nodeId, pool: 'default', bootId: 'boot 1', seq: 5, ends: [], onNode: [], ...change });
  await sync({ seq: 1 });
  await world.tickDue();
  const [{ attemptId } = { attemptId: '' }] = (await document())?.assigned ?? [];
  const handedOut = { start: [{ attemptId }] };
  expect(await sync({ seq: 2 })).toMatchObject(handedOut);
  expect(await sync({ seq: 3 })).toMatchObject(handedOut);
  if (isListed) await sync({ seq: 4, onNode: running(attemptId) });
  await world.control.cancel('default', request.id);
  await world.control.runTick('default');
  expect((await document())?.assigned).toMatchObject([{ attemptId, withdrawn: { reason: 'cancelled' } }]);
  return {
    attemptId,
    sync,
    state: async () => (await world.control.getRequest('default', request.id))?.state,
    assigned: async () => ((await document())?.assigned ?? []).map((one) => one.attemptId),
  };
}

test.each([
  ['the next sync', 5, 'boot 1'],
  ['a sync of the next boot', 1, 'boot 2'],
])('it counts with %s that does not list it', async (_, seq, bootId) => {
  const { sync, state, assigned } = await withdrawn(true);
  await sync({ seq, bootId });
  expect([await state(), await assigned()]).toEqual(['cancelled', []]);
});

test('it does not count while syncs list it, however many', async () => {
  const { attemptId, sync, state, assigned } = await withdrawn(true);
  for (const seq of [5, 6, 7]) await sync({ seq, onNode: running(attemptId) });
  expect([await state(), await assigned()]).toEqual(['running', [attemptId]]);
  await sync({ seq: 8 });
  expect([await state(), await assigned()]).toEqual(['cancelled', []]);
});

test.each([1, 2, 3])(
  'it does not count with sync %d that comes again, late: its reply may be what started the attempt',
  async (seq) => {
    const { attemptId, sync, state, assigned } = await withdrawn(false);
    await expect(sync({ seq })).rejects.toThrow(StaleSyncError);
    expect([await state(), await assigned()]).toEqual(['pending', [attemptId]]);
  },
);

test('it does not count with a sync of the boot before', async () => {
  const { attemptId, sync, state, assigned } = await withdrawn(true);
  await expect(sync({ seq: 9, bootId: 'boot 0' })).rejects.toThrow(StaleSyncError);
  expect([await state(), await assigned()]).toEqual(['running', [attemptId]]);
});
