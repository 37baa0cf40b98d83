// No record takes more than an item of the store: the worst that the API admits is measured, and what
// cannot be kept is refused.
import { withTimeline } from '../../lib/core/records/timeline.ts';
import { expect, test } from '@jest/globals';
import { keys } from '../../lib/control/store/keys.ts';
import { sizeOf } from '../../lib/control/requests/record-size.ts';
import type { Assignment, NodeRecord } from '../../lib/core/records/node.ts';
import { newRequest } from '../../lib/core/tasks/request-lifecycle.ts';
import { attemptId } from '../../lib/core/records/request.ts';
import { itemBytesMax } from '../../lib/ports/store.ts';
import { ClaimWorld, machineSpec, poolSpec as claimPool } from './claims/world.ts';
import { noise } from './wide.ts';
import { poolSpec, submission, taskSpec, World } from './world.ts';

/** No two alike, of characters that take three bytes each. */
function words(characters: number, seed: number): string {
  let state = seed + 1;
  return Array.from({ length: characters }, () => {
    state = (state * 48_271) % 2_147_483_647;
    return String.fromCharCode(0x4e00 + (state % 20_000));
  }).join('');
}

test('the document of a node with 1,000 tasks, each withdrawn and with a note of its agent', () => {
  const assigned = Array.from({ length: 1_000 }, (_, n): Assignment => {
    const requestId = `r-${noise(26, n + 1)}`;
    return {
      attemptId: attemptId(requestId, 0, 7),
      requestId,
      index: 0,
      attempt: 7,
      resources: { cpuMilli: 100 + n, memoryMib: 64 + n, gpu: 0 },
      isOffered: true,
      placedAtMs: 1_800_000_000_000 + n * 977,
      startedAtMs: 1_800_000_001_000 + n * 7_919,
      expectedEndAtMs: 1_800_000_900_000 + n * 104_729,
      note: words(66, n),
      withdrawn: { reason: 'deadline_missed', atSeq: n, atBootId: '01800000000000-abcdef' },
    };
  });
  const node: NodeRecord = {
    id: 'i-0123456789abcdef0',
    pool: 'default',
    launchId: 'l-1',
    specVersion: 1,
    templateVersion: '1',
    instanceType: 'c6a.48xlarge',
    zone: 'us-east-1a',
    capacityType: 'spot',
    priceUsdPerHour: 1.234,
    allocatable: { cpuMilli: 190_000, memoryMib: 380_000, gpu: 0 },
    tasksMax: 1_000,
    reserved: { instances: 1, vcpu: 192, memoryMib: 393_216, usdPerHour: 1.234 },
    state: 'draining',
    createdAtMs: 1,
    readyAtMs: 2,
    bootId: 'b',
    seq: 1,
    lastSeenAtMs: 3,
    assigned,
    ended: Array.from({ length: 1_200 }, (_, n) => `r-${noise(26, 5_000 + n)}`),
    emptySinceMs: null,
    drain: null,
    isLost: false,
    terminateAcceptedAtMs: null,
    missingSinceMs: null,
  };
  expect(sizeOf({ ...keys.node('default', node.id), data: node })).toBeLessThan(itemBytesMax);
});

test('a task of the largest body with the longest timeline', () => {
  const run = { kind: 'shell' as const, script: noise(256 * 1_024 - 500) };
  let record = newRequest(
    { id: `r-${noise(26)}`, tenant: 't', pool: 'default', bodyHash: noise(64), spec: { ...taskSpec, run } },
    1,
  );
  for (let n = 0; n < 50; n += 1)
    record = withTimeline(record, { atMs: n, stage: 'pending', code: 'queued_again', message: words(2_000, n) });
  expect(record.timeline).toHaveLength(40);
  expect(sizeOf({ ...keys.request(record.id), data: record })).toBeLessThan(itemBytesMax);
});

test('a request that could not be kept is refused at the door with its size and the cure', async () => {
  const world = new ClaimWorld();
  await world.control.putPool(claimPool);
  const large = world.submit({ ...machineSpec, count: 100, userData: noise(500_000) });
  await expect(large).rejects.toMatchObject({ code: 'unsatisfiable' });
  await expect(large).rejects.toThrow(
    /^this request would take \d+ bytes as it is kept.*at most 409600: ask for fewer volumes/,
  );
  const tasks = new World();
  await tasks.control.putPool(poolSpec);
  await expect(
    tasks.control.submit(submission({ run: { kind: 'shell', script: noise(600_000) } })),
  ).rejects.toMatchObject({ code: 'unsatisfiable' });
});

test(
  'of 400 kinds of waiting tasks with long and different names as many are explained as fit; '
    + 'the others are told so',
  async () => {
    const world = new World();
    await world.control.putPool(poolSpec);
    world.cloud.setCapacity('*', 0);
    const ids: string[] = [];
    for (let n = 0; n < 400; n += 1)
      ids.push((await world.control.submit(submission({ group: noise(2_000, n + 1) }))).request.id);
    await world.run(1);
    const why = await world.ports.store.get<{ byShape: object; others?: object }>(keys.why('default'));
    expect(Object.keys(why?.data.byShape ?? {}).length).toBeGreaterThan(150);
    expect(why?.data.others).toMatchObject({ code: 'not_explained' });
    const reasons = new Set<string | null | undefined>();
    for (const id of ids) reasons.add((await world.control.getRequest('default', id))?.reason);
    expect(reasons.size).toBeGreaterThan(1);
    expect(reasons).toContain('not_explained');
    expect(reasons).not.toContain('waiting_for_tick');
  },
);
