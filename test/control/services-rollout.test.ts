// How another template takes the place of the one before, and comes back where it fails.
import { describe, expect, test } from '@jest/globals';
import type { ServiceShown, ServiceWish } from '../../lib/control/services/use-cases.ts';
import type { UpdatePolicy } from '../../lib/core/services/record.ts';
import { poolSpec, taskSpec, World } from './world.ts';

const policy: UpdatePolicy = {
  ...{ maxUnavailable: 0, maxSurge: 1, order: 'start-first' },
  ...{ minHealthyMs: 0, progressMs: 60_000, isRolledBack: true },
};
const probe = { kind: 'tcp', port: 'http' } as const;
const health = { probe, startPeriodMs: 0, intervalMs: 1_000, timeoutMs: 500, healthyAfter: 1, unhealthyAfter: 2 };

class Town extends World {
  /** Revisions whose replicas end at once, never become healthy, or are unhealthy. */
  readonly bad = { ends: new Set<number>(), silent: new Set<number>(), ill: new Set<number>() };
  readonly #update: UpdatePolicy;
  least = Infinity;
  most = 0;

  constructor(update: Partial<UpdatePolicy>) {
    super();
    this.#update = { ...policy, ...update };
    this.ending = (id) => (this.bad.ends.has(this.#revisionOf(id)) ? { outcome: 'exited', exitCode: 1 } : null);
    this.health = (id) => {
      const revision = this.#revisionOf(id);
      if (this.bad.silent.has(revision)) return null;
      return this.bad.ill.has(revision) ? { isHealthy: false, message: 'refused' } : { isHealthy: true };
    };
  }

  readonly #revisions = new Map<string, number>();

  #revisionOf(attemptId: string): number {
    return this.#revisions.get(attemptId.split('.')[0] ?? '') ?? 0;
  }

  async put(colour: string): Promise<void> {
    const template = { ...taskSpec, env: { COLOUR: colour }, ports: [{ name: 'http' }], health };
    const wish: ServiceWish = {
      ...{ tenant: 'default', name: 'web', pool: null, replicas: 3, template, update: this.#update, drainMs: 1_000 },
    };
    await this.control.services.put(wish);
  }

  async shown(): Promise<ServiceShown> {
    const shown = await this.control.services.get('default', 'web');
    if (!shown) throw new Error('there is no service');
    return shown;
  }

  override async run(seconds: number): Promise<void> {
    for (let n = 0; n < seconds; n += 1) {
      this.nowMs += 1_000;
      await this.tickDue();
      for (const { request, revision } of (await this.shown()).record.running) this.#revisions.set(request, revision);
      await this.syncAll();
      const { counts } = await this.shown();
      this.least = Math.min(this.least, counts.ready);
      this.most = Math.max(this.most, counts.ready + counts.pending);
    }
  }

  /** Three replicas of the first revision are ready. */
  static async ready(update: Partial<UpdatePolicy> = {}, pool: Partial<typeof poolSpec> = {}): Promise<Town> {
    const town = new Town(update);
    await town.control.putPool({ ...poolSpec, ...pool });
    await town.put('blue');
    await town.run(70);
    expect((await town.shown()).record.rollout.state).toBe('done');
    [town.least, town.most] = [Infinity, 0];
    return town;
  }
}

test.each<[string, keyof Town['bad'], string]>([
  ['ends by itself', 'ends', 'ended by themselves or were unhealthy'],
  ['is unhealthy', 'ill', 'ended by themselves or were unhealthy'],
  ['never becomes healthy', 'silent', 'no further replica became available in 60 s: 0 of 3 are'],
])('a revision that %s is rolled back by itself, and none is missing meanwhile', async (_what, how, reason) => {
  const town = await Town.ready();
  town.bad[how].add(2);
  await town.put('green');
  await town.run(100);
  const { record, counts } = await town.shown();
  expect(record.revision).toBe(1);
  expect(record.rollout).toMatchObject({ state: 'rolled-back', reason: expect.stringContaining(reason) });
  expect(record.rollout.reason).toContain('revision 2 failed');
  expect(counts).toEqual({ pending: 0, ready: 3, stopping: 0, current: 3 });
  expect(town.least).toBe(3);
  expect(town.most).toBeLessThanOrEqual(4);
});

test('one bad revision after another: each is rolled back', async () => {
  const town = await Town.ready();
  for (const revision of [2, 3, 4]) {
    town.bad.ill.add(revision);
    await town.put(`bad ${String(revision)}`);
    await town.run(100);
    const { record, counts } = await town.shown();
    expect(record).toMatchObject({ revision: 1, rollout: { state: 'rolled-back' } });
    expect(record.rollout.reason).toContain(`revision ${String(revision)} failed`);
    expect(counts).toMatchObject({ ready: 3, current: 3 });
  }
  expect(town.least).toBe(3);
});

describe('in a pool that is full', () => {
  const full = { tasksPerNode: 3, limits: { instances: 1 } };
  test('an update that may miss none waits, and goes on as soon as there is room', async () => {
    const town = await Town.ready({ isRolledBack: false }, full);
    await town.put('green');
    await town.run(90);
    expect((await town.shown()).record.rollout).toMatchObject({ state: 'running', available: 0, reason: null });
    expect(town.least).toBe(3);
    await town.control.putPool({ ...poolSpec, ...full, limits: { instances: 2 } });
    await town.run(90);
    expect((await town.shown()).record).toMatchObject({ revision: 2, rollout: { state: 'done' } });
    expect(town.least).toBe(3);
  });

  test('one that may miss one makes its own room', async () => {
    const town = await Town.ready({ maxUnavailable: 1 }, full);
    await town.put('green');
    await town.run(60);
    expect((await town.shown()).record).toMatchObject({ revision: 2, rollout: { state: 'done' } });
    expect(town.least).toBe(2);
  });
});

test('what shall not be rolled back is tried further, and is done when it is mended', async () => {
  const town = await Town.ready({ isRolledBack: false });
  town.bad.silent.add(2);
  await town.put('green');
  await town.run(90);
  expect((await town.shown()).record.rollout).toMatchObject({ state: 'failed', revision: 2 });
  expect(town.least).toBe(3);
  town.bad.silent.clear();
  await town.run(60);
  expect((await town.shown()).record).toMatchObject({ revision: 2, rollout: { state: 'done' } });
});

test('stop-first: never one above, never more than one missing', async () => {
  const town = await Town.ready({ order: 'stop-first' });
  await town.put('green');
  await town.run(60);
  expect((await town.shown()).record.rollout.state).toBe('done');
  expect([town.least, town.most]).toEqual([2, 3]);
});

test('a new one counts only when it has been ready for long enough', async () => {
  const town = await Town.ready({ minHealthyMs: 10_000 });
  await town.put('green');
  const startedAtMs = town.nowMs;
  while ((await town.shown()).record.rollout.state === 'running') await town.run(1);
  // Three times ten seconds, one after the other.
  expect(town.nowMs - startedAtMs).toBeGreaterThanOrEqual(30_000);
  expect(town.least).toBe(3);
});

test('with more room it is faster: all at once', async () => {
  const town = await Town.ready({ maxSurge: 3 });
  await town.put('green');
  await town.run(12);
  expect((await town.shown()).record.rollout.state).toBe('done');
  expect(town.least).toBe(3);
});

test('back to the revision before, by hand; and of one that is not kept it says what is', async () => {
  const town = await Town.ready();
  await town.put('green');
  await town.run(40);
  expect(await town.control.services.rollBack('default', 'web', null)).toMatchObject({ record: { revision: 1 } });
  await town.run(40);
  expect((await town.shown()).record).toMatchObject({ revision: 1, rollout: { state: 'done' } });
  const away = town.control.services.rollBack('default', 'web', 9);
  await expect(away).rejects.toMatchObject({ code: 'not_possible', message: expect.stringContaining('kept are 1, 2') });
});

test('six templates in a row: what it may go back to is still kept', async () => {
  const town = await Town.ready();
  for (let n = 2; n <= 7; n += 1) town.bad.silent.add(n);
  for (const colour of ['a', 'b', 'c', 'd', 'e', 'f']) await town.put(colour);
  expect((await town.shown()).record.revisions.map((one) => one.number)).toEqual([1, 3, 4, 5, 6, 7]);
  await town.run(100);
  expect((await town.shown()).record).toMatchObject({ revision: 1, rollout: { state: 'rolled-back' } });
});

test('after it is done, a calm tick writes nothing', async () => {
  const town = await Town.ready({ minHealthyMs: 5_000 });
  await town.put('green');
  await town.run(90);
  const before = town.changes.length;
  for (let n = 0; n < 10; n += 1) await town.tickDue();
  expect(town.changes.length).toBe(before);
});
