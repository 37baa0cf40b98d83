// Each method by which a node goes, edge by edge: who is taken, who is not, and for which reason when several apply.
import { describe, expect, test } from '@jest/globals';
import { announced, announcedLeadMs, announcedTo } from '../../../lib/core/disruption/methods/announced.ts';
import { bootFailure } from '../../../lib/core/lifetimes/node-ends.ts';
import { commandsOf, disruptionDueAtMs, draining, losing } from '../../../lib/core/disruption/index.ts';
import { drainedBy } from '../../../lib/core/disruption/methods/interruption.ts';
import { makingRoom } from '../../../lib/core/disruption/methods/making-room.ts';
import { judgeSilence } from '../../../lib/core/disruption/methods/silence.ts';
import type { LossContext } from '../../../lib/core/disruption/method.ts';
import type { ListedInstance } from '../../../lib/core/plan/listing.ts';
import type { NodeDrain, NodeRecord } from '../../../lib/core/records/node.ts';
import { awsDecisionSettings as settings, silentAfterMs } from '../../../lib/core/values/settings.ts';
import { assignment, node as anyNode, nowMs, observation, pool } from '../builders.ts';

const { idleAfterMs } = pool();
const assigned = [assignment('r')];

/** Without work for as long as its pool lets it be. */
const node = (changes: Partial<NodeRecord> = {}): NodeRecord =>
  anyNode({ emptySinceMs: nowMs - idleAfterMs, ...changes });

interface Case {
  readonly node?: Partial<NodeRecord>;
  readonly instance?: Partial<ListedInstance>;
  readonly isPoolDeleting?: boolean;
  readonly wanted?: readonly string[];
}

function contextOf(one: Case, record: NodeRecord): LossContext {
  const instance: ListedInstance = { id: record.id, state: 'running', stateReason: null, ...one.instance };
  const seen = observation({
    isPoolDeleting: one.isPoolDeleting ?? false,
    // A second node that was heard just now: a silence is not everybody's.
    nodes: [record, node({ id: 'i-2', emptySinceMs: nowMs })],
    listing: { atMs: nowMs, instances: new Map([[record.id, instance]]) },
  });
  const { lost: lostBySilence } = judgeSilence(seen, settings);
  return { observation: seen, settings, wanted: new Set(one.wanted), lostBySilence };
}

function drained(one: Case): string | null {
  const record = node(one.node);
  const command = commandsOf(draining, [record], contextOf(one, record)).get(record.id);
  return command ? `${command.by}: ${command.reason}` : null;
}

function lost(one: Case): string | null {
  const record = node(one.node);
  return commandsOf(losing, [record], contextOf(one, record)).get(record.id)?.by ?? null;
}

describe('who drains, and why', () => {
  test.each<[string, Case, string | null]>([
    ['an empty node after the idle time', {}, 'emptiness: idle'],
    ['not a millisecond earlier', { node: { emptySinceMs: nowMs - idleAfterMs + 1 } }, null],
    ['one that a clock far ahead has seen empty', { node: { emptySinceMs: nowMs + 3_600_000 } }, 'emptiness: idle'],
    ['not one that works', { node: { assigned, emptySinceMs: null } }, null],
    ['not one that the plan counts on', { wanted: ['i-1'] }, null],
    [
      'not one that is silent: whether it is empty is not known',
      { node: { lastSeenAtMs: nowMs - silentAfterMs(settings) - 1 } },
      null,
    ],
    [
      'idle since it became ready where it never had a task',
      { node: { emptySinceMs: null, readyAtMs: nowMs - idleAfterMs } },
      'emptiness: idle',
    ],
    [
      'one whose agent did not call in time',
      { node: { state: 'launching', readyAtMs: null, createdAtMs: nowMs - settings.bootTimeoutMs - 1 } },
      'boot-timeout: its agent did not call within the boot time',
    ],
    [
      'not one that still may call',
      { node: { state: 'launching', readyAtMs: null, createdAtMs: nowMs - settings.bootTimeoutMs } },
      null,
    ],
    [
      'an empty one of a pool that is deleted',
      { isPoolDeleting: true, wanted: ['i-1'] },
      'pool-deletion: the pool is being deleted',
    ],
    ['not one that works there', { isPoolDeleting: true, node: { assigned, emptySinceMs: null } }, null],
    [
      'one that EC2 shuts down, also while it works',
      { node: { assigned }, instance: { state: 'shutting-down', stateReason: 'Server.Maintenance' } },
      'ending: EC2 says shutting-down (Server.Maintenance)',
    ],
    ['one that somebody stops', { node: { assigned }, instance: { state: 'stopping' } }, 'ending: EC2 says stopping'],
    [
      'by the first reason that applies',
      { isPoolDeleting: true, instance: { state: 'stopping' } },
      'ending: EC2 says stopping',
    ],
  ])('%s', (_what, one, expected) => {
    expect(drained(one)).toBe(expected);
  });
});

describe('on which node nothing runs any more', () => {
  test.each<[string, Case, string | null]>([
    ['one that EC2 shows terminated', { instance: { state: 'terminated' } }, 'termination'],
    ['one that EC2 shows stopped', { instance: { state: 'stopped' } }, 'termination'],
    ['not one that is only shutting down', { instance: { state: 'shutting-down' } }, null],
    [
      'one that was silent for longer than fence, grace and margin',
      { node: { lastSeenAtMs: nowMs - silentAfterMs(settings) - 1 } },
      'silence',
    ],
    ['not one that is silent for just that long', { node: { lastSeenAtMs: nowMs - silentAfterMs(settings) } }, null],
    ['not one that has not called yet', { node: { state: 'launching', lastSeenAtMs: null } }, null],
  ])('%s', (_what, one, expected) => {
    expect(lost(one)).toBe(expected);
  });
});

describe('when a method may take a node by time alone', () => {
  const due = (changes: Partial<NodeRecord>, wanted: readonly string[] = []): number | null => {
    const record = node(changes);
    return disruptionDueAtMs(record, contextOf({ wanted }, record));
  };
  test('the end of its idle time, of the boot time, or of the silence that is borne', () => {
    expect(due({ emptySinceMs: nowMs - 10_000 })).toBe(nowMs - 10_000 + idleAfterMs);
    expect(due({ emptySinceMs: nowMs - 10_000 }, ['i-1'])).toBe(nowMs + silentAfterMs(settings) + 1);
    expect(due({ assigned, lastSeenAtMs: nowMs - 5 })).toBe(nowMs - 5 + silentAfterMs(settings) + 1);
    expect(due({ state: 'launching', createdAtMs: nowMs, readyAtMs: null, lastSeenAtMs: null })).toBe(
      nowMs + settings.bootTimeoutMs + 1,
    );
    expect(due({ state: 'draining', assigned, isLost: true })).toBeNull();
  });
});

describe('an interruption that EC2 announces', () => {
  const notice = { reason: 'spot interruption', deadlineMs: nowMs + 120_000 };
  test('drains a node that takes tasks, or will', () => {
    const drain = { by: 'interruption', reason: 'spot interruption', atMs: nowMs, deadlineMs: nowMs + 120_000 };
    expect(drainedBy(node(), notice, nowMs)).toMatchObject({ state: 'draining', drain });
    expect(drainedBy(node({ state: 'launching' }), notice, nowMs)).toMatchObject({ state: 'draining', drain });
  });
  test('leaves the first reason of one that is on its way out', () => {
    expect(drainedBy(node({ state: 'draining' }), notice, nowMs)).toBeNull();
    expect(drainedBy(node({ state: 'terminating' }), notice, nowMs)).toBeNull();
  });
});

describe('a boot that failed', () => {
  const drain = (by: NodeDrain['by']): NodeDrain => ({ by, reason: 'why', atMs: 7, deadlineMs: null });
  test.each<[NodeDrain['by'], boolean]>([
    ['boot-timeout', true],
    ['termination', true],
    ['ending', true],
    ['pool-deletion', false],
    ['interruption', false],
    ['set-aside', false],
  ])('%s of a node that never called counts: %s', (by, counts) => {
    const failure = bootFailure(node({ readyAtMs: null, drain: drain(by) }));
    expect(failure).toEqual(counts ? { atMs: 7, message: 'i-1 (c7.large in za): why' } : null);
  });
  test('a node that was ready once did not fail to boot', () => {
    expect(bootFailure(node({ drain: drain('termination') }))).toBeNull();
  });
});

describe('what EC2 announced for a later day', () => {
  const notice = { reason: 'retirement', atMs: nowMs + announcedLeadMs + 60_000 };
  const context = (atMs: number, wanted: readonly string[] = []) => ({
    observation: observation({ nowMs: atMs }),
    settings,
    wanted: new Set(wanted),
  });
  const busy = node({ announced: notice, assigned: [assignment('r')] });
  const drains = (one: NodeRecord, atMs = nowMs, wanted: readonly string[] = []) =>
    announced.commands([one], context(atMs, wanted)).map(({ reason }) => reason);

  test('drains a node that works shortly before, and is due then', () => {
    expect(drains(busy)).toEqual([]);
    expect(announced.dueAtMs?.(busy, context(nowMs))).toBe(nowMs + 60_000);
    expect(drains({ ...busy, lastSeenAtMs: nowMs + 60_000 }, nowMs + 60_000)).toEqual(['retirement']);
    expect(announced.dueAtMs?.(node(), context(nowMs))).toBeNull();
  });

  test('drains one without work at once, unless the plan counts on it', () => {
    expect(drains(node({ announced: notice }))).toEqual(['retirement']);
    expect(drains(node({ announced: notice }), nowMs, ['i-1'])).toEqual([]);
    expect(drains(node())).toEqual([]);
  });

  test('is noted once, on a node that is not on its way out', () => {
    expect(announcedTo(node(), notice)).toMatchObject({ state: 'ready', announced: notice });
    expect(announcedTo(busy, notice)).toBeNull();
    expect(announcedTo(busy, { ...notice, atMs: 1 })).toMatchObject({ announced: { atMs: 1 } });
    expect(announcedTo(node({ state: 'draining' }), notice)).toBeNull();
  });
});

describe('making room for a larger node', () => {
  const taken = (one: NodeRecord, vacated?: readonly string[]) =>
    makingRoom.commands([one], {
      observation: observation(),
      settings,
      wanted: new Set(),
      ...(vacated ? { vacated: new Set(vacated) } : {}),
    }).length;

  test('takes nodes that were emptied for it, and no others', () => {
    expect([taken(node(), ['i-1']), taken(node(), ['i-2']), taken(node())]).toEqual([1, 0, 0]);
    expect(taken(node({ assigned: [assignment('r')] }), ['i-1'])).toBe(0);
    expect(taken(node({ state: 'launching' }), ['i-1'])).toBe(0);
  });
});
