// Bells: a tick rings those of nodes for which it has written something, after it is written; whatever a bell does,
// ticks and syncs go on.
import { expect, test } from '@jest/globals';
import { createControl } from '../../../lib/control/index.ts';
import type { Control } from '../../../lib/control/index.ts';
import { ringsMax } from '../../../lib/control/agents/ring.ts';
import { ringBells } from '../../../lib/control/agents/ring.ts';
import { keys } from '../../../lib/control/store/keys.ts';
import type { NodeRecord } from '../../../lib/core/records/node.ts';
import type { SyncRequest } from '../../../lib/core/records/sync.ts';
import { poolSpec, settings, submission, World } from '../world.ts';

class BellWorld {
  readonly world = new World();
  readonly control: Control;
  readonly opened: string[] = [];
  readonly closed: string[] = [];
  /** What the node's document assigned when its bell rang. */
  readonly rung: (readonly string[])[] = [];
  readonly logged: string[] = [];
  failing: 'open' | 'ring' | 'list' | null = null;
  #seq = 0;

  constructor() {
    const { ports } = this.world;
    const fail = (what: string): void => {
      if (this.failing === what) throw new Error(`the service of bells does not ${what}`);
    };
    const bells = {
      open: async (nodeId: string) => {
        this.opened.push(nodeId);
        fail('open');
        return `/bell/${nodeId}`;
      },
      ring: async (nodeId: string) => {
        fail('ring');
        this.rung.push(((await this.document(nodeId))?.assigned ?? []).map((one) => one.attemptId));
      },
      list: async () => {
        fail('list');
        return [...new Set(this.opened)].filter((one) => !this.closed.includes(one));
      },
      close: async (nodeId: string) => void this.closed.push(nodeId),
    };
    const log = { write: (_level: string, message: string) => void this.logged.push(message) };
    this.control = createControl({ ...ports, bells, log }, settings);
  }

  get nodeId(): string {
    return this.world.cloud.instances()[0]?.id ?? '';
  }

  async document(nodeId = this.nodeId): Promise<NodeRecord | undefined> {
    return (await this.world.ports.store.get<NodeRecord>(keys.node('default', nodeId)))?.data;
  }

  async tick(): Promise<void> {
    for (const pool of await this.control.duePools()) await this.control.runTick(pool);
  }

  async submit(): Promise<string> {
    return (await this.control.submit(submission())).request.id;
  }

  async sync(change: Partial<SyncRequest> = {}) {
    this.#seq += 1;
    return this.control.sync({
      nodeId: this.nodeId,
      pool: 'default',
      bootId: 'boot 1',
      seq: this.#seq,
      ends: [],
      onNode: [],
      ...change,
    });
  }
}

/** A node that has synced once, and whose first task has ended. */
async function idleNode(): Promise<BellWorld> {
  const bells = new BellWorld();
  await bells.control.putPool(poolSpec);
  await bells.submit();
  await bells.tick();
  bells.world.nowMs += 60_000;
  await bells.tick();
  await bells.sync();
  await bells.tick();
  const { start } = await bells.sync();
  const [{ attemptId } = { attemptId: '' }] = start;
  const at = bells.world.nowMs;
  await bells.sync({
    ends: [{ attemptId, outcome: 'exited', exitCode: 0, message: null, startedAtMs: at, endedAtMs: at }],
  });
  await bells.tick();
  bells.rung.length = 0;
  return bells;
}

test('a node gets its bell with its second sync; who listens is asked no more and calls less often', async () => {
  const bells = await idleNode();
  expect(bells.opened).toEqual([bells.nodeId]);
  expect((await bells.document())?.bell).toMatchObject({ isThere: true });
  const listening = await bells.sync({ listens: true });
  expect(listening).not.toHaveProperty('bell');
  expect(listening.nextSyncMs).toBe(settings.syncListeningIdleMs);
});

test('a tick rings the bell when it has written a task to start, and when it has written one to stop', async () => {
  const bells = await idleNode();
  const id = await bells.submit();
  await bells.tick();
  expect(bells.rung).toEqual([[`${id}.0.1`]]);
  const reply = await bells.sync({ listens: true });
  expect(reply.start).toMatchObject([{ requestId: id }]);
  await bells.tick();
  expect(bells.rung).toHaveLength(1);
  await bells.control.cancel('default', id);
  await bells.tick();
  expect(bells.rung).toHaveLength(2);
});

test('a bell that cannot be rung stops no tick, and is said once', async () => {
  const bells = await idleNode();
  bells.failing = 'ring';
  const id = await bells.submit();
  await bells.tick();
  expect((await bells.document())?.assigned).toMatchObject([{ requestId: id }]);
  expect(bells.logged.filter((line) => line.includes('could not be rung'))).toHaveLength(1);
  expect((await bells.sync()).start).toMatchObject([{ requestId: id }]);
});

test('a bell that cannot be made is tried again after a minute, and each try is noted', async () => {
  const bells = await idleNode();
  bells.failing = 'open';
  await bells.sync({ bootId: 'boot 2' });
  expect((await bells.document())?.bell).toEqual({ triedAtMs: bells.world.nowMs, isThere: false });
  const tries = bells.opened.length;
  for (let n = 0; n < 5; n += 1) {
    bells.world.nowMs += 1_000;
    await bells.sync({ bootId: 'boot 2' });
  }
  expect(bells.opened).toHaveLength(tries);
  bells.failing = null;
  bells.world.nowMs += 60_000;
  expect(await bells.sync({ bootId: 'boot 2' })).toMatchObject({ bell: `/bell/${bells.nodeId}` });
  expect(bells.opened).toHaveLength(tries + 1);
  expect((await bells.document())?.bell).toMatchObject({ isThere: true });
});

test('an agent that was restarted is given its bell at once', async () => {
  const bells = await idleNode();
  expect(await bells.sync({ bootId: 'boot 2' })).toMatchObject({ bell: `/bell/${bells.nodeId}` });
});

test('the sweep removes bells of nodes that are gone, and no others', async () => {
  const bells = await idleNode();
  bells.opened.push('i-0000000000000dead');
  await bells.control.sweep();
  expect(bells.closed).toEqual(['i-0000000000000dead']);
  bells.failing = 'list';
  await expect(bells.control.sweep()).resolves.toMatchObject({ reaped: 0 });
});

test('rings are bounded, and a service that does not answer takes the time of a few calls', async () => {
  const { ports } = new World();
  let rings = 0;
  const ring = async (): Promise<void> => void (rings += 1);
  const ids = Array.from({ length: 10_000 }, (_, n) => `i-${String(n)}`);
  await ringBells({ ...ports, bells: { ...ports.bells, ring } }, ids);
  expect(rings).toBe(ringsMax);
  rings = 0;
  const failing = async (): Promise<void> => {
    rings += 1;
    await Promise.reject(new Error('no answer'));
  };
  await ringBells({ ...ports, bells: { ...ports.bells, ring: failing } }, ids);
  expect(rings).toBeLessThanOrEqual(32);
});
