// `events`: what happened, once or for ever.
import { expect, test } from '@jest/globals';
import type { LoggedEvent } from '../../../lib/control/events/use-cases.ts';
import { nowMs } from '../../lambdas/fake-use-cases.ts';
import { CliBench } from '../bench.ts';

const bench = CliBench.forTests();

const at = { place: '', position: '' };
const task: LoggedEvent = {
  id: 'evt_1',
  ...at,
  event: {
    type: 'TaskEnded',
    requestId: 'r1',
    pool: 'default',
    tenant: 'tenant-a',
    name: 'nightly',
    state: 'failed',
    reason: '3 of 2000 failed',
    atMs: nowMs,
  },
};
const node: LoggedEvent = {
  id: 'evt_2',
  ...at,
  event: { type: 'NodeTerminated', nodeId: 'i-1', pool: 'default', reason: 'idle', atMs: nowMs },
};
const lease: LoggedEvent = {
  id: 'evt_3',
  ...at,
  event: {
    type: 'LeaseEnding',
    requestId: 'r2',
    pool: 'default',
    tenant: 'tenant-a',
    leaseEndsAtMs: nowMs + 1,
    atMs: nowMs,
  },
};

test('says what happened in a line each, from all pages', async () => {
  bench.fake.events.pages.push({ items: [task], position: 'p1', hasMore: true, hasUnsettled: false });
  bench.fake.events.pages.push({ items: [node, lease], position: 'p2', hasMore: false, hasUnsettled: false });
  const { out, exit } = await bench.run(['events', '--label', 'team=a', '--since', '2h', '--type', 'TaskEnded']);
  expect(exit).toBe(0);
  expect(out.split('\n')).toEqual([
    '2026-11-22T16:00:00.000Z  TaskEnded        default  r1 (nightly)  failed: 3 of 2000 failed',
    '2026-11-22T16:00:00.000Z  NodeTerminated   default  i-1  idle',
    '2026-11-22T16:00:00.000Z  LeaseEnding      default  r2  its lease ends at 2026-11-22T16:00:00.001Z',
    '',
  ]);
  expect(bench.fake.events.wishes).toEqual([
    expect.objectContaining({
      tenant: 'tenant-a',
      types: ['TaskEnded'],
      labels: [['team', 'a']],
      sinceMs: nowMs + 10_000 - 2 * 3_600_000,
    }),
    expect.objectContaining({ types: ['TaskEnded'], cursor: 'p1', sinceMs: undefined }),
  ]);
});

test('follows: what comes later is printed when it comes, as one JSON text a line for programs', async () => {
  bench.fake.events.pages.push({ items: [task], position: 'p1', hasMore: false, hasUnsettled: false });
  const onSleep = (turn: number): void => {
    if (turn === 1)
      bench.fake.events.pages.push({ items: [node], position: 'p2', hasMore: false, hasUnsettled: false });
    if (turn === 2) throw new Error('Ctrl-C');
  };
  const { out } = await bench.run(['events', '-f', '--json'], { onSleep });
  expect(
    out
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { id: string }).id),
  ).toEqual(['evt_1', 'evt_2']);
  expect(bench.fake.events.wishes.map((wish) => wish.cursor)).toEqual([undefined, 'p1', 'end']);
});

test('says where there is nothing, and refuses a type that there is not', async () => {
  expect((await bench.run(['events'])).out).toBe('no events since 1h\n');
  const refused = await bench.run(['events', '--type', 'TaskEnd']);
  expect(refused.exit).toBe(4);
  expect(refused.err).toContain('must be one of RequestAccepted');
});
