// Changes of a plan on a bare world: what is written together, what is left when another was faster or a write fails
// for good, and what goes with a change into the totals, the activity and the outbox.
import { describe, expect, test } from '@jest/globals';
import { FencedError, takeLock } from '../../../../lib/control/coordination/lock.ts';
import type { ControlPorts } from '../../../../lib/control/ports.ts';
import { rowItem, documentKey, pastKey } from '../../../../lib/control/claims/store.ts';
import { requestItem } from '../../../../lib/control/requests/submit.ts';
import { keys } from '../../../../lib/control/store/keys.ts';
import { put } from '../../../../lib/control/store/store-retry.ts';
import { applyChanges } from '../../../../lib/control/tick/apply/changes.ts';
import type { AppliedChanges } from '../../../../lib/control/tick/apply/changes.ts';
import { Versions } from '../../../../lib/control/tick/apply/records.ts';
import { WriteTroubles } from '../../../../lib/control/tick/write-troubles.ts';
import { warmTenant } from '../../../../lib/core/claims/machines/warm.ts';
import { newChange } from '../../../../lib/core/plan/change.ts';
import type { Change } from '../../../../lib/core/plan/plan.ts';
import type { ClaimRecord } from '../../../../lib/core/records/claim.ts';
import { isClaim } from '../../../../lib/core/records/claim.ts';
import type { NodeRecord } from '../../../../lib/core/records/node.ts';
import type { RequestRecord } from '../../../../lib/core/records/request.ts';
import type { ClaimedVolume } from '../../../../lib/core/records/volume.ts';
import type { PutItem } from '../../../../lib/ports/store.ts';
import {
  assignment,
  chunk,
  keptVolume,
  machines,
  node,
  observation,
  pool as poolSpec,
  request,
  storage,
} from '../../../core/builders.ts';
import { BareWorld, settings } from '../../bare-world.ts';
import { watchedStore } from '../../watched-store.ts';

interface World {
  readonly nodes?: readonly NodeRecord[];
  readonly requests?: readonly RequestRecord[];
  readonly claims?: readonly ClaimRecord[];
  readonly more?: readonly PutItem[];
}

/** What is stored is what the decision read, each at version 1. */
async function open({ nodes = [], requests = [], claims = [], more = [] }: World = {}) {
  const world = new BareWorld();
  const watched = watchedStore(world.ports.store);
  const rung: string[] = [];
  const ring = { now: async (): Promise<void> => {} };
  const bells = {
    ...world.ports.bells,
    ring: (id: string) => {
      rung.push(id);
      return ring.now();
    },
  };
  const ports: ControlPorts = { ...world.ports, store: watched.store, bells };
  const lock = await takeLock(ports, settings, 'p');
  if (!lock) throw new Error('the lock is free');
  const data = { spec: poolSpec(), specVersion: 1, createdAtMs: 0, updatedAtMs: 0, deletingSinceMs: null };
  const pool = await put(ports, { ...keys.pool('p'), data }, 'absent');
  for (const item of [
    ...nodes.map((one) => ({ ...keys.node('p', one.id), data: one })),
    ...requests.map((one) => requestItem(one, null)),
    ...claims.map((one) => rowItem(one, null)),
    ...more,
  ])
    await put(ports, item, 'absent');
  const read = {
    observation: observation({ nodes, requests, claims }),
    memoryVersion: null,
    documentVersions: new Map(),
  };
  const versions = Versions.of(read);
  watched.transactions.length = 0;
  const context = { ports, settings, lock, pool, troubles: new WriteTroubles() };
  let parts = 0;
  const apply = (...changes: readonly Change[]): Promise<AppliedChanges> =>
    applyChanges(context, versions, changes, async () => void (parts += 1));
  const all = async (pk: string) => (await ports.store.query<object>({ pk, limit: 100 })).items.map((one) => one.data);
  return {
    ...{ world, ports, watched, versions, pool, rung, ring, apply, all },
    parts: () => parts,
    stored: async (key: { readonly pk: string; readonly sk: string }) => ports.store.get<object>(key),
    activity: () => all(keys.activity('p', 0, '').pk),
    totals: async () => (await ports.store.get<object>(keys.totals('p')))?.data,
    events: async () =>
      (await all(keys.outboxes('p'))).flatMap((one) => (one as { readonly events: readonly object[] }).events),
  };
}

const [one, two, three] = ['i-1', 'i-2', 'i-3'].map((id) => node({ id })) as [NodeRecord, NodeRecord, NodeRecord];
const drained = (of: NodeRecord): NodeRecord => ({ ...of, state: 'draining' });
const drain = (of: NodeRecord, more: Parameters<typeof newChange>[3] = {}): Change =>
  newChange('drain', 'idle', [{ type: 'node', record: drained(of) }], more);

describe('changes', () => {
  test('of one plan are written together, under the fence, each on its version', async () => {
    const { apply, watched, stored, parts } = await open({ nodes: [one, two] });
    const { count, unwritten } = await apply(drain(one), drain(two));
    expect([count, unwritten.size, parts(), watched.transactions.length]).toEqual([2, 0, 1, 1]);
    const [writes = []] = watched.transactions;
    expect(writes.some((write) => keys.isFence(write.op === 'put' ? write.item : write.key))).toBe(true);
    expect(await stored(keys.node('p', 'i-1'))).toMatchObject({ version: 2, data: { state: 'draining' } });
    // What this plan has written is known for what it writes next.
    const again = await apply(newChange('retire', 'x', [{ type: 'node', record: { ...one, state: 'terminating' } }]));
    expect([again.count, again.unwritten.size]).toEqual([1, 0]);
    expect(await stored(keys.node('p', 'i-1'))).toMatchObject({ version: 3, data: { state: 'terminating' } });
  });

  test('of the same record are one write: the last', async () => {
    const { apply, stored, watched } = await open({ nodes: [one] });
    const later = newChange('retire', 'x', [{ type: 'node', record: { ...one, state: 'terminating' } }]);
    expect((await apply(drain(one), later)).count).toBe(2);
    expect(watched.transactions).toHaveLength(1);
    expect(await stored(keys.node('p', 'i-1'))).toMatchObject({ version: 2, data: { state: 'terminating' } });
  });

  test('that write nothing cost no write; what is dropped and is not there neither', async () => {
    const { apply, watched } = await open();
    const nothing = newChange('list', 'x', [], { restsOn: ['node i-9'] });
    const gone = newChange('drop', 'x', [{ type: 'drop', name: { kind: 'node', id: 'i-9' } }]);
    expect((await apply(nothing, gone)).count).toBe(2);
    expect(watched.transactions).toEqual([]);
  });

  test('that drop what is there delete it as it was read', async () => {
    const { apply, stored, versions } = await open({ nodes: [one] });
    await apply(newChange('drop', 'x', [{ type: 'drop', name: { kind: 'node', id: 'i-1' } }]));
    expect(await stored(keys.node('p', 'i-1'))).toBeNull();
    expect(versions.of(keys.node('p', 'i-1'))).toBe('absent');
  });

  test('that end something come last, in a part of their own', async () => {
    const ended = request('r', {}, { state: 'succeeded', endedAtMs: 50 });
    const { apply, watched, parts } = await open({ nodes: [one], requests: [request('r')] });
    const end = newChange('end', 'x', [{ type: 'request', record: ended, isCollected: true }], { ended: [ended] });
    expect((await apply(end, drain(one))).count).toBe(2);
    expect([parts(), watched.transactions.length]).toEqual([2, 2]);
    expect(watched.transactions[0]?.some((write) => write.op === 'put' && write.item.sk === 'i-1')).toBe(true);
  });
});

describe('a transaction takes so much', () => {
  const many = Array.from({ length: 60 }, (_, at) => node({ id: `i-${String(at)}` }));
  const sizes = async (more: Parameters<typeof newChange>[3]): Promise<readonly number[]> => {
    const { apply, watched, stored } = await open({ nodes: many });
    const applied = await apply(...many.map((of) => drain(of, more)));
    expect([applied.count, applied.unwritten.size]).toEqual([60, 0]);
    expect(await stored(keys.node('p', 'i-59'))).toMatchObject({ version: 2 });
    return watched.transactions.map((writes) => writes.length);
  };

  test('records alone, or with their lines of the activity, or with their events', async () => {
    // The fence is in each of them.
    expect(await sizes({})).toEqual([61]);
    expect(await sizes({ activity: { code: 'drained', message: 'x', node: null } })).toEqual([91, 31]);
    const events = [{ type: 'NodeTerminated', nodeId: 'i-1', reason: 'x' }] as const;
    expect((await sizes({ events })).length).toBeGreaterThan(1);
  });
});

describe('where another was faster', () => {
  async function raced(...changes: readonly Change[]) {
    const made = await open({ nodes: [one, two, three] });
    await put(made.ports, { ...keys.node('p', 'i-2'), data: two }, 1);
    const applied = await made.apply(...changes);
    const states = await Promise.all(
      ['i-1', 'i-2', 'i-3'].map(async (id) => ((await made.stored(keys.node('p', id)))?.data as NodeRecord).state),
    );
    return { count: applied.count, unwritten: [...applied.unwritten], states };
  }

  test('that change is left, and the others are written', async () => {
    expect(await raced(drain(one), drain(two), drain(three))).toEqual({
      ...{ count: 3, unwritten: ['node i-2'], states: ['draining', 'ready', 'draining'] },
    });
  });

  test.each<[string, Parameters<typeof newChange>[3]]>([
    ['rests on it', { restsOn: ['node i-2', 'request r'] }],
    ['needs it', { restsOn: ['request r'], needs: ['node i-2'] }],
  ])('what %s is left as well, with all that rests on that', async (_what, more) => {
    const built = drain(three, more);
    const last = drain(one, { restsOn: ['request r'] });
    expect(await raced(drain(two), built, last)).toEqual({
      count: 1,
      unwritten: ['node i-2', 'node i-3', ...(more?.restsOn ?? []).filter((key) => key !== 'node i-2'), 'node i-1'],
      states: ['ready', 'ready', 'ready'],
    });
  });

  test('an end that rests on it is left, too, though it is written in a part of its own', async () => {
    const ended = request('r', {}, { state: 'succeeded', endedAtMs: 50 });
    const { ports, apply, stored, watched } = await open({ nodes: [two], requests: [request('r')] });
    await put(ports, { ...keys.node('p', 'i-2'), data: two }, 1);
    watched.transactions.length = 0;
    const end = newChange('end', 'x', [{ type: 'request', record: ended, isCollected: true }], {
      ...{ ended: [ended], restsOn: ['node i-2'] },
    });
    const { count, unwritten } = await apply(drain(two), end);
    expect([count, [...unwritten]]).toEqual([1, ['node i-2', 'request r']]);
    expect([(await stored(keys.request('r')))?.version, watched.transactions.length]).toEqual([1, 1]);
  });

  test('of a chunk, its request is not as it was decided either', async () => {
    const { apply } = await open({ requests: [request('r', { count: 30 })] });
    const lost = newChange('stop', 'x', [{ type: 'chunk', record: chunk('r', 0, 25) }]);
    const made = await apply(lost);
    expect([made.count, made.unwritten.size]).toEqual([1, 0]);
    const { ports, apply: again } = await open({ requests: [request('r', { count: 30 })] });
    await put(ports, { ...keys.chunk('r', 0), data: {} }, 'absent');
    expect([...(await again(lost)).unwritten]).toEqual(['chunk r 0', 'request r']);
  });

  test('at the lock, nothing more is written', async () => {
    const { ports, apply, stored } = await open({ nodes: [one] });
    const fence = await ports.store.get<object>(keys.fence('p'));
    await put(ports, { ...keys.fence('p'), data: { epoch: 99 } }, fence?.version ?? 'absent');
    await expect(apply(drain(one))).rejects.toThrow(FencedError);
    expect(await stored(keys.node('p', 'i-1'))).toMatchObject({ version: 1 });
  });
});

describe('what fails for good', () => {
  test('is set aside, named in the activity, and no reason to look again; the others are written', async () => {
    const { apply, watched, activity, stored } = await open({ nodes: [one, two, three] });
    watched.before = (writes) => {
      if (writes.some((write) => write.op === 'put' && write.item.sk === 'i-2')) throw new TypeError('no such field');
    };
    const { count, unwritten } = await apply(drain(one), drain(two), drain(three));
    expect([count, [...unwritten]]).toEqual([2, ['node i-2']]);
    expect(await activity()).toMatchObject([
      { code: 'write_failed', message: '"drain" of node i-2 could not be written and is set aside: no such field' },
    ]);
    expect(await stored(keys.node('p', 'i-3'))).toMatchObject({ version: 2 });
  });

  test('is named by its tasks where a node’s document is written with them', async () => {
    const { apply, watched, activity } = await open({ nodes: [one], requests: [request('r')] });
    watched.before = (writes) => {
      if (writes.some((write) => write.op === 'put' && write.item.sk === 'i-1')) throw new RangeError('too large');
    };
    const both = newChange('requeue', 'x', [
      { type: 'node', record: drained(one) },
      { type: 'request', record: request('r') },
    ]);
    await apply(both);
    expect(await activity()).toMatchObject([{ message: expect.stringMatching(/^"requeue" of request r could not/) }]);
  });

  test('makes what rests on it a reason to look again: the next decision may do without it', async () => {
    const { apply, watched } = await open({ nodes: [one, two] });
    watched.before = (writes) => {
      if (writes.some((write) => write.op === 'put' && write.item.sk === 'i-2')) throw new TypeError('no');
    };
    expect((await apply(drain(two), drain(one, { restsOn: ['node i-2'] }))).count).toBe(1);
    // It is known by now.
    expect((await apply(drain(two), drain(one, { restsOn: ['node i-2'] }))).count).toBe(0);
  });

  test('is not what stops the process, or the store', async () => {
    const { apply, watched } = await open({ nodes: [one, two] });
    let tries = 0;
    watched.before = () => {
      tries += 1;
      throw new Error('the process dies');
    };
    await expect(apply(drain(one), drain(two))).rejects.toThrow('the process dies');
    expect(tries).toBe(1);
  });
});

describe('with a change goes', () => {
  const note = { code: 'drained', message: 'i-1: idle' };

  test('its line of the activity, with what its node is', async () => {
    const { apply, activity } = await open({ nodes: [one] });
    await apply(
      drain(one, { activity: { ...note, node: one } }),
      newChange('list', 'x', [], { activity: { ...note, node: null } }),
    );
    const lines = (await activity()) as readonly { readonly nodeId: string | null }[];
    expect(lines).toMatchObject([note, note]);
    expect(lines.map(({ nodeId }) => nodeId).sort()).toEqual(['i-1', null]);
  });

  test('its events, of this pool and of now', async () => {
    const { world, apply, events } = await open({ nodes: [one] });
    await apply(drain(one, { events: [{ type: 'NodeTerminated', nodeId: 'i-1', reason: 'idle' }] }));
    expect(await events()).toEqual([
      { type: 'NodeTerminated', nodeId: 'i-1', reason: 'idle', pool: 'p', atMs: world.nowMs },
    ]);
  });

  test('the end of a task: counted, published as of its end, and kept for a while', async () => {
    const ended = request('r', { name: 'nightly' }, { state: 'failed', reason: 'exit code 1', endedAtMs: 50 });
    const { world, apply, events, totals, stored } = await open({ requests: [request('r')] });
    await apply(newChange('end', 'x', [{ type: 'request', record: ended, isCollected: true }], { ended: [ended] }));
    expect(await events()).toEqual([
      {
        ...{ type: 'TaskEnded', requestId: 'r', pool: 'p', tenant: 't', name: 'nightly', state: 'failed' },
        ...{ reason: 'exit code 1', atMs: 50 },
      },
    ]);
    expect(await totals()).toMatchObject({ ended: { failed: 1 }, goneNodes: 0 });
    expect((await stored(keys.request('r')))?.expiresAtMs).toBe(world.nowMs + settings.keepEndedMs);
  });

  test('the end of a claim: counted, published, and named in one line with others', async () => {
    const gone = (id: string): ClaimRecord => ({
      ...machines(id),
      ...{
        state: 'released',
        endedAtMs: 50,
        timeline: [{ atMs: 5, stage: 'ended', code: 'x', message: 'all is gone' }],
      },
    });
    const claims = [machines('m'), machines('w-1', {}, { tenant: warmTenant })];
    const { world, apply, events, totals, activity } = await open({ claims });
    const ends = ['m', 'w-1'].map((id) => {
      const record = gone(id);
      return newChange('end', 'x', [{ type: 'claim', record, isEnded: true }], { ended: [record] });
    });
    await apply(...ends);
    expect(await events()).toMatchObject([
      { type: 'RequestEnded', requestId: 'm', requestType: 'virtual_machine', state: 'released', atMs: world.nowMs },
    ]);
    expect(await totals()).toMatchObject({ ended: { released: 1 } });
    expect(await activity()).toMatchObject([
      {
        code: 'given_back',
        message: 'm (virtual_machine) released: all is gone. w-1 (virtual_machine) released: all is gone',
      },
    ]);
  });

  test('the end of a node and of a kept volume: what they cost is counted', async () => {
    const kept = keptVolume('vol-1', { keptSinceMs: 0 });
    const { apply, totals } = await open({ nodes: [one] });
    const gone = newChange('missing', 'x', [{ type: 'drop', name: { kind: 'node', id: 'i-1' } }], {
      gone: [one, kept],
    });
    await apply(gone);
    const counted = (await totals()) as { readonly spentUsd: number };
    expect(counted).toMatchObject({ goneNodes: 1, ended: {} });
    const { apply: again, totals: only } = await open({ nodes: [one] });
    await again({ ...gone, gone: [one] });
    expect(counted.spentUsd).toBeGreaterThan(((await only()) as { readonly spentUsd: number }).spentUsd);
  });

  test('nothing is counted where nothing ends', async () => {
    const { apply, totals } = await open({ nodes: [one] });
    await apply(drain(one));
    expect(await totals()).toBeUndefined();
  });

  test('a ring for nodes whose agents shall hear of it', async () => {
    const bell = { isThere: true } as unknown as NonNullable<NodeRecord['bell']>;
    const { apply, rung } = await open({ nodes: [one, two, three] });
    const placed = (of: NodeRecord): Change =>
      newChange('place', 'x', [
        { type: 'node', record: { ...of, bell, assigned: [assignment('r', { isOffered: false })] } },
      ]);
    const applied = await apply(placed(one), drain(two), placed(three));
    await applied.rung();
    expect(rung.toSorted()).toEqual(['i-1', 'i-3']);
  });
});

test('who waits for the rings waits for all of them', async () => {
  const bell = { isThere: true } as unknown as NonNullable<NodeRecord['bell']>;
  const { apply, rung, ring } = await open({ nodes: [one] });
  let answer = (): void => {};
  ring.now = () => new Promise((resolve) => (answer = resolve));
  const assigned = [assignment('r', { isOffered: false })];
  const applied = await apply(newChange('place', 'x', [{ type: 'node', record: { ...one, bell, assigned } }]));
  let isOver = false;
  const waiting = applied.rung().then(() => (isOver = true));
  await new Promise((resolve) => setImmediate(resolve));
  expect([rung, isOver]).toEqual([['i-1'], false]);
  answer();
  await waiting;
  expect(isOver).toBe(true);
});

describe('lists have, before the record is written', () => {
  /** By list: whose entries it has. */
  async function listed(record: RequestRecord | ClaimRecord, isNew: boolean) {
    const before = isClaim(record) ? { claims: [machines(record.id)] } : { requests: [request(record.id)] };
    const { world, apply } = await open(isNew ? {} : before);
    const write = isClaim(record)
      ? ({ type: 'claim', record, isEnded: record.endedAtMs !== null } as const)
      : ({ type: 'request', record, isCollected: record.endedAtMs !== null } as const);
    await apply(newChange('end', 'x', [write]));
    return world.changes
      .map(({ key }) => key.pk)
      .filter((pk) => /state=|pool=/.test(pk))
      .map((pk) => pk.replace(/^.*?(?=state=|pool=)/, ''));
  }
  const ended = { endedAtMs: 50, state: 'failed' } as const;

  test('a request that is new, as a service’s replica is', async () => {
    expect(await listed(request('r'), true)).toEqual([expect.stringMatching(/^pool=p/)]);
    expect(await listed(request('r'), false)).toEqual([]);
  });

  test('what leaves the open ones without success', async () => {
    expect(await listed(request('r', {}, ended), false)).toEqual([expect.stringMatching(/^state=failed/)]);
    expect(await listed(machines('m', {}, ended), false)).toEqual([expect.stringMatching(/^state=failed/)]);
    expect(await listed(request('r', {}, { ...ended, state: 'succeeded' }), false)).toEqual([]);
    expect(await listed({ ...machines('m'), state: 'failed' }, false)).toEqual([]);
  });
});

describe('the limits of the pool', () => {
  const claim = storage('s', 'za');
  const volume = (): ClaimedVolume => {
    if (!claim.volume) throw new Error('it has no volume');
    return { ...claim.volume, pool: 'p', claim: 's', place: 'v' };
  };
  const asked = newChange('document', 'x', [{ type: 'volume', record: volume() }]);

  test('are those that a new volume was decided with, or it is not written', async () => {
    const { ports, pool, apply, stored } = await open({ claims: [claim] });
    await put(ports, pool, pool.version);
    expect([...(await apply(asked)).unwritten]).toEqual(['volume s v', 'claim s']);
    expect(await stored(documentKey(volume()))).toBeNull();
    const calm = await open({ claims: [claim] });
    expect((await calm.apply(asked)).unwritten.size).toBe(0);
    expect((await calm.stored(documentKey(volume())))?.version).toBe(1);
  });

  test('are not asked for a volume that has its document', async () => {
    const { ports, pool, apply, versions, stored } = await open({ claims: [claim] });
    const item = { ...documentKey(volume()), data: volume() };
    await put(ports, item, 'absent');
    versions.written([{ op: 'put', item, condition: 'absent' }]);
    await put(ports, pool, pool.version);
    expect((await apply(asked)).unwritten.size).toBe(0);
    expect((await stored(item))?.version).toBe(2);
  });

  test('are asked for a claim that grows, and for nothing else', async () => {
    const written = async (record: ClaimRecord): Promise<number> => {
      const { ports, pool, apply } = await open({ claims: [claim] });
      await put(ports, pool, pool.version);
      return (await apply(newChange('claim', 'x', [{ type: 'claim', record }]))).unwritten.size;
    };
    expect([await written({ ...claim, isResizing: true }), await written(claim)]).toEqual([1, 0]);
  });

  test('what lies beside the row of an ended claim is written over where an earlier plan came so far', async () => {
    const past = newChange('past', 'x', [{ type: 'past', record: volume() }]);
    const key = pastKey(volume());
    const { apply, stored, world } = await open({ more: [{ ...key, data: {} }] });
    expect((await apply(past)).unwritten.size).toBe(0);
    expect(await stored(key)).toMatchObject({ version: 2, expiresAtMs: world.nowMs + settings.keepEndedMs });
    const fresh = await open();
    await fresh.apply(past);
    expect((await fresh.stored(key))?.version).toBe(1);
  });
});
