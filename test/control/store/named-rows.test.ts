// What rounds keep of the rows that documents name: good for as long as none of it has changed, and never another
// observation than the one of a round that reads all of it.
import { describe, expect, test } from '@jest/globals';
import { KeptCopy } from '../../../lib/control/store/copy/catch-up.ts';
import { NamedRows } from '../../../lib/control/store/copy/named-rows.ts';
import { PoolCopy } from '../../../lib/control/store/copy/pool-copy.ts';
import { RoundSight } from '../../../lib/control/store/copy/round-sight.ts';
import { keys } from '../../../lib/control/store/keys.ts';
import { observe, rememberingNothing } from '../../../lib/control/tick/observe.ts';
import { withCheckedRecords } from '../../../lib/control/tick/set-aside.ts';
import type { Observation, OpenRequest } from '../../../lib/core/plan/observation.ts';
import { settings, submission } from '../world.ts';
import { copied, nodesOf, observed, running, tick, wake } from './observed-pool.ts';
import type { Given } from './observed-pool.ts';

const document = (...ids: readonly string[]): unknown => ({ assigned: ids.map((requestId) => ({ requestId })) });
const open = (id: string, version = 1): OpenRequest =>
  ({ record: { id }, version, chunks: [], isCollected: false }) as unknown as OpenRequest;

function named(): { readonly rows: NamedRows; readonly said: string[] } {
  const said: string[] = [];
  const rows = new NamedRows((id, isNamed) => void said.push(`${isNamed ? '+' : '-'}${id}`));
  return { rows, said };
}

describe('what was made of the rows of a node', () => {
  test('stays until one of them, or the document, is another', () => {
    const { rows } = named();
    const made = [open('a'), open('b')];
    const again = (): unknown => (rows.make('n', made), rows.made('n'));
    rows.noteNode('n', document('a', 'b'));
    expect(rows.made('n')).toBeUndefined();
    expect(again()).toBe(made);
    rows.noteRow('c');
    expect(rows.made('n')).toBe(made);
    rows.noteRow('b');
    expect(rows.made('n')).toBeUndefined();
    expect(again()).toBe(made);
    rows.noteNode('n', document('a', 'b'));
    expect(rows.made('n')).toBeUndefined();
    expect(again()).toBe(made);
    rows.noteNode('n', null);
    expect(rows.made('n')).toBeUndefined();
  });

  test('is kept of all of them only, and where no other node names one', () => {
    const { rows } = named();
    rows.noteNode('n', document('a', 'b'));
    rows.make('n', [open('a')]);
    rows.make('n', [open('a'), open('c')]);
    expect(rows.made('n')).toBeUndefined();
    rows.make('n', [open('a'), open('b')]);
    rows.noteNode('m', document('b'));
    expect(rows.made('n')).toBeUndefined();
    rows.make('n', [open('a'), open('b')]);
    rows.make('m', [open('b')]);
    expect([rows.made('n'), rows.made('m')]).toEqual([undefined, undefined]);
    rows.noteNode('m', document());
    rows.make('n', [open('a'), open('b')]);
    expect(rows.made('n')).toHaveLength(2);
  });
});

test('a request is named from the first document that names it to the last', () => {
  const { rows, said } = named();
  rows.noteNode('n', document('a', 'b', 'a'));
  rows.noteNode('m', { ended: ['b'] });
  rows.noteNode('n', document('a'));
  expect(said.splice(0)).toEqual(['+a', '+b']);
  expect([rows.isNamed('a'), rows.isNamed('b'), rows.isNamed('c')]).toEqual([true, true, false]);
  rows.noteNode('m', null);
  rows.noteNode('n', document('a', 'a'));
  rows.noteNode('n', null);
  expect(said).toEqual(['-b', '-a']);
});

test.each([null, 'text', { assigned: null }, { assigned: [null, 7, { requestId: 7 }], ended: [7] }])(
  'a document that cannot be read (%j) names nothing',
  (data) => {
    const { rows, said } = named();
    rows.noteNode('n', data);
    expect(said).toEqual([]);
  },
);

describe('a copy', () => {
  const [pk = ''] = keys.openShards('default');
  const item = (key: { readonly pk: string; readonly sk: string }, data: unknown, sk: string | null) => ({
    ...key,
    ...{ version: 1, writeId: 'w', data, index: sk === null ? {} : { open: { pk, sk } }, expiresAtMs: null },
  });
  const row = (id: string) => item(keys.request(id), { pool: 'default', spec: { type: 'task' } }, `p#${id}`);
  const pageOf = (copy: PoolCopy): readonly string[] => new RoundSight(copy).unnamedKeys({ pk, limit: 10 }).indexSks;

  test('shows open requests that no document names, in whichever order both came', () => {
    const copy = new PoolCopy('default');
    const node = keys.node('default', 'n');
    copy.note(keys.request('a'), row('a'), 0, false);
    copy.note(node, item(node, document('a', 'b'), null), 0, false);
    for (const id of ['b', 'c']) copy.note(keys.request(id), row(id), 0, false);
    expect(pageOf(copy)).toEqual(['p#c']);
    copy.note(node, null, 0, false);
    expect(pageOf(copy)).toEqual(['p#a', 'p#b', 'p#c']);
  });

  test('forgets rows that nobody asks for, but for those that documents name', () => {
    const copy = new PoolCopy('default');
    const node = keys.node('default', 'n');
    copy.note(node, item(node, document('a'), null), 0, false);
    for (const id of ['a', 'b']) copy.note(keys.request(id), row(id), 0, false);
    for (let n = 0; n < 20; n += 1) copy.beginRound(8);
    expect([copy.request('a').version, copy.request('b').version]).toEqual([1, undefined]);
    copy.note(node, null, 0, false);
    for (let n = 0; n < 20; n += 1) copy.beginRound(8);
    expect(copy.request('a').version).toBeUndefined();
  });

  test('keeps what was made of a node that is read again and is the same', () => {
    const copy = new PoolCopy('default');
    const sight = new RoundSight(copy);
    const node = keys.node('default', 'n');
    const read = (more: object = {}): void => {
      copy.note(node, { ...structuredClone(item(node, document('a'), null)), ...more }, 5, false);
    };
    const readRow = (more: object = {}): void => {
      copy.note(keys.request('a'), { ...structuredClone(row('a')), ...more }, 5, false);
    };
    const isKept = (): boolean => {
      const known = sight.rowsOn('n') !== undefined;
      sight.keep('n', [open('a', copy.request('a').version)]);
      return known;
    };
    for (const one of [read, readRow]) one();
    isKept();
    const { data } = copy.node('n')?.item ?? {};
    for (const one of [read, readRow]) one();
    expect([isKept(), copy.node('n')?.item.data === data, copy.node('n')?.readAtMs]).toEqual([true, true, 5]);
    // Another one of the same number: the record went, and came anew.
    read({ writeId: 'another' });
    expect(isKept()).toBe(false);
    readRow({ writeId: 'another' });
    expect(isKept()).toBe(false);
    for (const one of [read, readRow]) one({ version: 2 });
    expect(isKept()).toBe(false);
  });

  test('keeps of a round what is of the versions that it has', () => {
    const copy = new PoolCopy('default');
    const sight = new RoundSight(copy);
    const node = keys.node('default', 'n');
    copy.note(node, item(node, document('a'), null), 0, false);
    copy.note(keys.request('a'), row('a'), 0, false);
    sight.keep('n', [open('a', 2)]);
    expect(sight.rowsOn('n')).toBeUndefined();
    sight.keep('n', [open('a', 1)]);
    expect(sight.rowsOn('n')).toHaveLength(1);
  });
});

/** One thing that happens in a pool. */
function steps({ world, store }: Given): readonly ((n: number) => Promise<unknown>)[] {
  const nth = (n: number) => nodesOf({ world, store } as Given).flatMap((node) => node.assigned)[7 * n];
  return [
    (n) => world.control.submit(submission({}, `more-${String(n)}`)),
    (n) => world.control.submit(submission({ count: 30 }, `array-${String(n)}`)),
    async (n) => {
      const id = nth(n)?.requestId;
      if (id !== undefined) await world.control.cancel('default', id);
    },
    async (n) => {
      const ending = nth(n)?.attemptId;
      world.ending = (id) => (id === ending ? { outcome: 'exited', exitCode: n % 2 } : null);
      await world.syncAll();
    },
    () => world.syncAll(),
    () => tick(world),
    () => tick(world),
  ];
}

/** A copy may be behind by heartbeats. */
const inOrder = ({ requests, nodes }: Observation): unknown => ({
  named: requests.map((one) => one.record.id).slice(0, nodes.flatMap((one) => one.record.assigned).length),
  requests: [...requests].sort((a, b) => (a.record.id < b.record.id ? -1 : 1)),
  nodes: nodes.map(({ record: { seq: _seq, lastSeenAtMs: _seen, ...rest } }) => rest),
});

test('a round with a copy observes what one observes that reads everything, whatever has happened', async () => {
  const given = observed();
  const { world } = given;
  await running(given, 30);
  const own = { ...settings, ...copied };
  const whole = withCheckedRecords(world.ports);
  const kept = await KeptCopy.load(world.ports, own, 'default');
  const ports = withCheckedRecords({ ...world.ports, store: kept.store });
  const all = steps(given);
  let wasKept = 0;
  for (let n = 0; n < 60; n += 1) {
    const step = (n * 5 + Math.floor(n / 9)) % all.length;
    await all[step]?.(n);
    await wake(world);
    world.nowMs += 3_000;
    // Ticks list documents nowhere: who has not ticked itself reads them.
    if (step >= all.length - 2) await kept.crossTicks();
    expect(await kept.catchUp()).toBe(true);
    const expected = await observe(whole, own, 'default', rememberingNothing(), null);
    wasKept += nodesOf(given).filter((node) => kept.sight.rowsOn(node.id) !== undefined).length;
    for (let round = 0; round < 2; round += 1) {
      const seen = await observe(ports, own, 'default', rememberingNothing(), null, kept.sight);
      expect(inOrder(seen?.observation as Observation)).toEqual(inOrder(expected?.observation as Observation));
    }
  }
  expect(wasKept).toBeGreaterThan(0);
});
