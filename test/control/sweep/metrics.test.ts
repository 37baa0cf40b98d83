// Which metrics operators get, and that none is sent where all are zero.
import { beforeEach, describe, expect, test } from '@jest/globals';
import { MemoryStore } from '../../../lib/adapters/memory/store.ts';
import { createMetrics } from '../../../lib/control/index.ts';
import type { MetricsPorts } from '../../../lib/control/ports.ts';
import { keys } from '../../../lib/control/store/keys.ts';
import { measure, publishMetrics } from '../../../lib/control/sweep/metrics.ts';
import type { Measured } from '../../../lib/ports/metrics/published.ts';
import type { PutItem } from '../../../lib/ports/store.ts';
import { create, TestClock } from '../../contract/store.harness.ts';

const clock = new TestClock();
const nowMs = clock.nowMs();

async function storeOf(...items: PutItem[]): Promise<MemoryStore> {
  const store = new MemoryStore({ clock });
  for (const item of items) await create(store, item);
  return store;
}

const pool = (name: string): PutItem => ({ ...keys.pool(name), data: {} });
const lock = (name: string, openRequests: number): PutItem => ({ ...keys.lock(name), data: { openRequests } });
const request = (id: string, state: string, ageSeconds: number): PutItem => {
  const createdAtMs = nowMs - ageSeconds * 1000;
  return {
    ...keys.request(id),
    data: {
      id,
      state,
      createdAtMs,
      spec: { count: 1 },
      tasks: [{ index: 0, state: 'pending', attempt: 1 }],
      timeline: [],
    },
    index: { open: keys.open('p', { id, tenant: 't', priority: 0, createdAtMs, isEnding: false }) },
  };
};

test('an idle installation publishes nothing', async () => {
  expect(await measure(await storeOf(), nowMs)).toEqual({});
  expect(await measure(await storeOf(pool('p'), lock('p', 0)), nowMs)).toEqual({});
});

test('the oldest request that waits, whatever runs longer, over all shards', async () => {
  const store = await storeOf(
    pool('p'),
    pool('q'),
    lock('p', 4),
    request('r-1', 'running', 9_000),
    request('r-2', 'pending', 700),
    request('r-3', 'pending', 1_900),
    request('r-4', 'pending', 20),
  );
  expect(await measure(store, nowMs)).toEqual({ OldestPendingSeconds: 1_900 });
});

test('a request that a node carries does not wait, though its row says nothing of it', async () => {
  const store = await storeOf(
    pool('p'),
    lock('p', 2),
    request('r-1', 'pending', 1_900),
    request('r-2', 'pending', 700),
    {
      ...keys.node('p', 'i-1'),
      data: {
        id: 'i-1',
        assigned: [{ attemptId: 'r-1.0.1', requestId: 'r-1', index: 0, attempt: 1, placedAtMs: nowMs }],
      },
    },
  );
  expect(await measure(store, nowMs)).toEqual({ OldestPendingSeconds: 700 });
});

test('one that waits behind hundreds that run is found', async () => {
  const many = Array.from({ length: 300 }, (_, i) => request(`r-${String(i)}`, 'running', 9_000 - i));
  expect(
    await measure(await storeOf(pool('p'), lock('p', 301), ...many, request('r-late', 'pending', 2_000)), nowMs),
  ).toEqual({ OldestPendingSeconds: 2_000 });
});

test('claims wait and meet limits, too', async () => {
  const claim = (
    id: string,
    state: string,
    reason: string | null,
    ageSeconds: number,
    quarantine: string | null = null,
  ): PutItem => {
    const createdAtMs = nowMs - ageSeconds * 1000;
    return {
      ...keys.request(id),
      data: { id, state, reason, createdAtMs, quarantine },
      index: { open: keys.claimed('p', id, createdAtMs) },
    };
  };
  const claiming: PutItem = { ...keys.lock('p'), data: { openRequests: 0, openClaims: 2 } };
  expect(
    await measure(
      await storeOf(
        pool('p'),
        claiming,
        claim('h-1', 'active', null, 9_000),
        claim('h-2', 'pending', 'no_capacity', 2_500),
        claim('h-3', 'pending', 'limit_reached', 10),
        // It waits for a person, who is told elsewhere.
        claim('h-4', 'pending', 'limit_reached', 5_000, 'cannot be read'),
      ),
      nowMs,
    ),
  ).toEqual({ OldestPendingSeconds: 2_500, LimitsReached: 1 });
});

test('pools at their limits and pools whose agents fell silent are counted', async () => {
  const why = (name: string, code: string): PutItem => ({ ...keys.why(name), data: { byShape: { s: { code } } } });
  const memory = (name: string, massSilenceSinceMs: number | null): PutItem => ({
    ...keys.memory(name),
    data: { massSilenceSinceMs },
  });
  const store = await storeOf(
    ...['p', 'q', 'r'].flatMap((name) => [pool(name), lock(name, name === 'r' ? 0 : 1)]),
    why('p', 'limit_reached'),
    why('q', 'no_capacity'),
    why('r', 'limit_reached'),
    memory('p', null),
    memory('r', 5),
  );
  expect(await measure(store, nowMs)).toEqual({ LimitsReached: 1, MassSilence: 1 });
});

describe('publishing', () => {
  const published: Measured[] = [];
  const metrics = { publish: async (measured: Measured) => void published.push(measured) };
  const portsOf = (store: MemoryStore, more: Partial<MetricsPorts> = {}): MetricsPorts => ({
    store,
    clock,
    log: { write: () => {} },
    metrics,
    ...more,
  });
  beforeEach(() => void (published.length = 0));

  test('hands over what is measured and what the sweep has reaped, at once', async () => {
    const store = await storeOf(pool('p'), lock('p', 1), request('r-1', 'pending', 700));
    await publishMetrics(portsOf(store), 3);
    expect(published).toEqual([{ OldestPendingSeconds: 700, OrphansReaped: 3 }]);
  });

  test('does not happen where all is zero', async () => {
    await publishMetrics(portsOf(await storeOf(pool('p'), lock('p', 0))), 0);
    expect(published).toEqual([]);
  });

  test('leaves out what cannot be read', async () => {
    const store = await storeOf(pool('p'), lock('p', 1), { ...keys.memory('p'), data: { massSilenceSinceMs: 'now' } });
    await createMetrics(portsOf(store)).publishMetrics(0);
    expect(published).toEqual([]);
  });

  test('lets whoever calls it know of a failure', async () => {
    const failing = { publish: () => Promise.reject(new Error('no metrics')) };
    await expect(createMetrics(portsOf(await storeOf(), { metrics: failing })).publishMetrics(1)).rejects.toThrow(
      'no metrics',
    );
  });
});
