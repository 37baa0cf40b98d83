// `npm run restore` as a whole, on tables in memory: nothing is changed where it refuses, and one that was cut off says
// so and is whole when it has run again.
import { describe, expect, test } from '@jest/globals';
import { MemoryStore } from '../../../lib/adapters/memory/store.ts';
import type { LockRecord } from '../../../lib/control/coordination/lock.ts';
import { keys } from '../../../lib/control/store/keys.ts';
import { LostClaimsError } from '../../../lib/control/sweep/restored/reconcile.ts';
import type { Copied } from '../../../lib/local/restore/copy-table.ts';
import type { RestorePlace } from '../../../lib/local/restore/place.ts';
import { restore, UnfinishedRestoreError } from '../../../lib/local/restore/restore.ts';
import type { Item } from '../../../lib/ports/store.ts';
import { ClaimWorld, machineSpec, poolSpec } from '../claims/world.ts';

const table = 'the-table';
const backup = 'the-table-then';

class Broken extends Error {}

/** A machine of the restored time, and one of the lost time. */
class RestoreWorld {
  readonly world = new ClaimWorld();
  readonly logged: string[] = [];
  readonly #then: MemoryStore;
  /** Of the items of the backup, so many are written before the copy dies. */
  copiesMost = Infinity;
  /** After its first listing. */
  isEc2Lost = false;
  /** The first listing does not tell of them. */
  hides: readonly string[] = [];

  constructor() {
    this.#then = new MemoryStore({ clock: this.world.ports.clock });
  }

  static async make(): Promise<{ readonly at: RestoreWorld; readonly kept: string; readonly lost: string }> {
    const at = new RestoreWorld();
    const { world } = at;
    await world.control.putPool(poolSpec);
    const kept = (await world.submit(machineSpec)).id;
    await world.run(120);
    at.#then.restore([...world.store.allItems()]);
    const lost = (await world.submit(machineSpec)).id;
    await world.run(120);
    return { at, kept, lost };
  }

  get then(): readonly Item[] {
    return [...this.#then.allItems()];
  }

  get now(): readonly Item[] {
    return [...this.world.store.allItems()];
  }

  get epoch(): number {
    return (this.world.store.peek(keys.lock('default')) as Item<LockRecord>).data.epoch;
  }

  async #copy(from: string, into: string): Promise<Copied> {
    expect([from, into]).toEqual([backup, table]);
    const whole = this.then;
    const some = whole.slice(0, Math.min(this.copiesMost, whole.length));
    const names = new Set(some.map((one) => `${one.pk} ${one.sk}`));
    const left = this.now.filter((one) => !names.has(`${one.pk} ${one.sk}`));
    this.world.store.restore(some.length < whole.length ? [...some, ...left] : whole);
    if (some.length < whole.length) throw new Broken('the connection is gone');
    return { put: whole.length, deleted: left.length };
  }

  #place(): RestorePlace {
    const { world } = this;
    const { clock, cloud } = world.ports;
    const sleep = async (ms: number): Promise<void> => {
      world.nowMs += ms;
    };
    let lists = 0;
    const list: typeof cloud.list = async (scope) => {
      lists += 1;
      if (this.isEc2Lost && lists > 1) throw new Broken('EC2 is gone');
      const listing = await cloud.list(scope);
      if (lists > 1) return listing;
      const hidden = new Set(this.hides);
      return {
        ...listing,
        instances: listing.instances.filter((one) => !hidden.has(one.id)),
        volumes: listing.volumes.filter((one) => !one.attachments.some((at) => hidden.has(at.instanceId))),
        groups: hidden.size > 0 ? [] : listing.groups,
      };
    };
    const view = new Proxy(cloud, {
      get: (target, name) => {
        const one: unknown = name === 'list' ? list : Reflect.get(target, name, target);
        return typeof one === 'function' ? (one.bind(target) as unknown) : one;
      },
    });
    return {
      clock: { ...clock, sleep },
      cloud: view,
      readStack: async () => ({ installation: 'test', table, running: [] }),
      openStore: (name) => (name === table ? world.store : this.#then),
      copy: (from, into) => this.#copy(from, into),
      close: () => undefined,
    };
  }

  run(endsClaims: boolean, from: string | null = backup) {
    const options = {
      stack: 'Bellows',
      from,
      isYes: true,
      endsClaims,
      optionsOf: () => {
        throw new Error('there is no AWS here');
      },
      log: { write: (_level: string, message: string) => void this.logged.push(message) },
    };
    return restore(options, this.#place());
  }
}

const failureOf = (run: Promise<unknown>): Promise<unknown> =>
  run.then(
    () => null,
    (error: unknown) => error,
  );

describe('claims of the lost time without the word of the operator', () => {
  test('are refused before an item goes back: the table, the backup and EC2 are as they were', async () => {
    const { at, lost } = await RestoreWorld.make();
    const [then, now, calls] = [at.then, at.now, at.world.mutatingCalls()];
    const error = await failureOf(at.run(false));
    expect(error).toBeInstanceOf(LostClaimsError);
    expect((error as LostClaimsError).lost.every((one) => one.request === lost)).toBe(true);
    expect([at.then, at.now, at.world.mutatingCalls()]).toEqual([then, now, calls]);
    expect(at.logged).toEqual([]);
    expect((await at.world.claim(lost)).state).toBe('active');
  });

  test('of which EC2 tells only after the copy: it says that the table has the items, and is run again', async () => {
    const { at, lost } = await RestoreWorld.make();
    at.hides = (await at.world.claim(lost)).machines.map((one) => one.instanceId ?? '');
    const error = await failureOf(at.run(false));
    if (!(error instanceof UnfinishedRestoreError)) throw error;
    expect(error.cause).toBeInstanceOf(LostClaimsError);
    expect(error.message).toContain(`${table} has the restored items, but they are not yet brought together`);
    expect((await at.run(true)).done).toMatchObject({ refused: [], after: { nodes: [], lost: [] } });
  });
});

describe('a restore that dies', () => {
  const deaths: readonly [string, (at: RestoreWorld) => void, RegExp][] = [
    ['in the copy', (at) => void (at.copiesMost = 3), /some of the restored items and some of its own.*connection is/],
    ['after the copy', (at) => void (at.isEc2Lost = true), /has the restored items, but.*EC2 is gone/],
  ];
  test.each(deaths)('%s says how the table is, and is whole when it has run again', async (_, breaks, says) => {
    const { at, kept, lost } = await RestoreWorld.make();
    const before = at.epoch;
    breaks(at);
    const error = await failureOf(at.run(true));
    if (!(error instanceof UnfinishedRestoreError)) throw error;
    expect(error.message).toMatch(says);
    expect(error.message).toMatch(/Keep the functions stopped, and run the same command again/);
    expect(at.logged).toContain(
      'items are put back: functions stay stopped until this, or the same run again, has ended well',
    );

    [at.copiesMost, at.isEc2Lost] = [Infinity, false];
    const { copied, done } = await at.run(true);
    expect(copied?.put).toBe(at.then.length);
    expect(done).toMatchObject({ refused: [], after: { nodes: [], lost: [] } });
    expect(at.epoch).toBeGreaterThan(before + 1_000_000);
    await at.world.run(400, 5);
    expect((await at.world.claim(kept)).state).toBe('active');
    expect(await at.world.control.getRequest('default', lost)).toBeNull();
    expect(at.world.left().instances).toBe(1);
  });

  test('on items that somebody else put back says so, too', async () => {
    const { at } = await RestoreWorld.make();
    at.world.store.restore(at.then);
    at.isEc2Lost = true;
    await expect(at.run(true, null)).rejects.toThrow(/has the restored items, but/);
    at.isEc2Lost = false;
    expect((await at.run(true, null)).done).toMatchObject({ after: { lost: [] } });
  });
});
