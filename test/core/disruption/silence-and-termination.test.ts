// Silence is not death: who is lost, who is only silent, and when a silence looks like an outage of ours.
import { describe, expect, test } from '@jest/globals';
import { isSilent, judgeSilence } from '../../../lib/core/disruption/methods/silence.ts';
import { evidenceOfTermination, missingSince } from '../../../lib/core/disruption/methods/termination.ts';
import type { NodeRecord } from '../../../lib/core/records/node.ts';
import type { Listing } from '../../../lib/core/plan/listing.ts';
import { emptyMemory } from '../../../lib/core/plan/observation.ts';
import { node as nodeOf, nowMs } from '../builders.ts';
import { awsDecisionSettings as settings, silentAfterMs } from '../../../lib/core/values/settings.ts';

const node = (id: string, silentMs: number, changes: Partial<NodeRecord> = {}): NodeRecord =>
  nodeOf({ id, lastSeenAtMs: nowMs - silentMs, ...changes });
const observed = (nodes: NodeRecord[], massSilenceSinceMs: number | null = null) => ({
  nowMs,
  nodes: nodes.map((record) => ({ record, version: 1 })),
  memory: { ...emptyMemory, massSilenceSinceMs },
});
const silentMs = silentAfterMs(settings) + 1;

describe('silence', () => {
  test('one silent node among talking ones is lost after fence, grace and margin, not before', () => {
    const others = [node('a', 0), node('b', 0)];
    expect([...judgeSilence(observed([...others, node('c', silentMs)]), settings).lost]).toEqual(['c']);
    expect(judgeSilence(observed([...others, node('c', silentMs - 2)]), settings).lost.size).toBe(0);
  });

  test('many silent together are not lost until the hold has passed', () => {
    const nodes = [
      ...Array.from({ length: 6 }, (_, i) => node(`s${String(i)}`, silentMs)),
      ...Array.from({ length: 10 }, (_, i) => node(`t${String(i)}`, 0)),
    ];
    expect(judgeSilence(observed(nodes), settings)).toEqual({ lost: new Set(), massSilenceSinceMs: nowMs });
    const claimed = judgeSilence(observed(nodes, nowMs - settings.massSilenceWaitMs), settings);
    expect(claimed.lost.size).toBe(6);
  });

  test('when nobody at all was heard it is ours to doubt, even for one node', () => {
    expect(judgeSilence(observed([node('only', silentMs)]), settings).lost.size).toBe(0);
    expect(
      judgeSilence(observed([node('only', silentMs)], nowMs - settings.massSilenceWaitMs), settings).lost.size,
    ).toBe(1);
  });
});

describe('a node is silent', () => {
  test.each<[string, NodeRecord, boolean]>([
    ['beyond fence, grace and margin', node('a', silentMs), true],
    ['not within them', node('a', silentMs - 1), false],
    ['not before its first call', node('a', 0, { lastSeenAtMs: null }), false],
    ['not once it is lost', node('a', silentMs, { isLost: true }), false],
  ])('%s', (_what, one, expected) => {
    expect(isSilent(one, nowMs, settings)).toBe(expected);
  });
});

describe('a silence is everybody’s', () => {
  const many = (silent: number, talking: number, silentForMs = silentMs) => [
    ...Array.from({ length: silent }, (_, i) => node(`s${String(i)}`, silentForMs)),
    ...Array.from({ length: talking }, (_, i) => node(`t${String(i)}`, 0)),
  ];
  const isMass = (nodes: NodeRecord[]): boolean => judgeSilence(observed(nodes), settings).massSilenceSinceMs !== null;

  test('of more than five nodes and more than a fifth', () => {
    expect([isMass(many(5, 1)), isMass(many(6, 1))]).toEqual([false, true]);
    expect([isMass(many(6, 24)), isMass(many(6, 23))]).toEqual([false, true]);
  });

  test('when nobody was heard of for a minute beside the heartbeats that are not written', () => {
    const aMinute = 60_000 + settings.lastSeenWriteMs;
    expect(isMass([node('s', silentMs), node('t', aMinute)])).toBe(false);
    expect(isMass([node('s', silentMs), node('t', aMinute + 1)])).toBe(true);
  });

  test('whatever nodes do that have not called yet, or are lost', () => {
    const others = many(0, 30).map((one, at) => ({ ...one, ...(at < 15 ? { lastSeenAtMs: null } : { isLost: true }) }));
    expect(isMass([...many(6, 23), ...others])).toBe(true);
    expect(isMass([node('s', silentMs), ...others])).toBe(true);
    expect(isMass(others)).toBe(false);
  });

  test('not of nodes that are terminated and take long for it: one beside them is given up at once', () => {
    const going = many(9, 0).map((one): NodeRecord => ({ ...one, state: 'terminating' }));
    expect(isMass(going)).toBe(false);
    const beside = observed([...going, node('lost', silentMs), node('t', 0)]);
    expect(judgeSilence(beside, settings)).toEqual({ lost: new Set(['lost']), massSilenceSinceMs: null });
    // One that still speaks shows that agents are heard.
    const leaving = node('leaving', 0, { state: 'terminating' });
    expect(isMass([leaving, node('lost', silentMs)])).toBe(false);
    const attempt = { attemptId: 'r.0.1' } as NodeRecord['assigned'][number];
    expect(isMass(going.map((one) => ({ ...one, assigned: [attempt] })))).toBe(true);
  });

  test('until the wait has passed, counted from when it began', () => {
    const since = (waitedMs: number) => judgeSilence(observed(many(6, 1), nowMs - waitedMs), settings);
    expect(since(settings.massSilenceWaitMs - 1)).toEqual({
      lost: new Set(),
      massSilenceSinceMs: nowMs - settings.massSilenceWaitMs + 1,
    });
    expect([...since(settings.massSilenceWaitMs).lost]).toHaveLength(6);
  });

  test('not any more when nobody is silent', () => {
    expect(judgeSilence(observed(many(0, 3), nowMs - 5), settings)).toEqual({
      lost: new Set(),
      massSilenceSinceMs: null,
    });
  });
});

describe('EC2s word', () => {
  const listing = (atMs: number, states: Record<string, 'running' | 'terminated'>): Listing => ({
    atMs,
    instances: new Map(Object.entries(states).map(([id, state]) => [id, { id, state, stateReason: null }])),
  });
  test('terminated is death; running and no listing at all are not', () => {
    expect(evidenceOfTermination(node('a', 0), listing(nowMs, { a: 'terminated' }), settings)).toContain('terminated');
    expect(evidenceOfTermination(node('a', 0), listing(nowMs, { a: 'running' }), settings)).toBeNull();
    expect(evidenceOfTermination(node('a', 0), null, settings)).toBeNull();
  });
  test('absence counts only from two listings a minute apart, of a node that is old enough', () => {
    expect(missingSince(node('a', 0, { createdAtMs: nowMs - 1_000 }), listing(nowMs, {}), settings)).toBeNull();
    expect(missingSince(node('a', 0), listing(nowMs, {}), settings)).toBe(nowMs);
    const young = { createdAtMs: nowMs - settings.missingMinAgeMs };
    expect(missingSince(node('a', 0, young), listing(nowMs, {}), settings)).toBe(nowMs);
    expect(missingSince(node('a', 0, young), listing(nowMs - 1, {}), settings)).toBeNull();
    expect(missingSince(node('a', 0, { missingSinceMs: 7 }), listing(nowMs, {}), settings)).toBe(7);
    const ahead = { missingSinceMs: nowMs + 3_600_000 };
    expect(missingSince(node('a', 0, ahead), listing(nowMs, {}), settings)).toBe(nowMs);
    expect(missingSince(node('a', 0, { missingSinceMs: 7 }), listing(nowMs, { a: 'running' }), settings)).toBeNull();
    expect(evidenceOfTermination(node('a', 0), listing(nowMs, {}), settings)).toBeNull();
    expect(
      evidenceOfTermination(node('a', 0, { missingSinceMs: nowMs - 59_000 }), listing(nowMs, {}), settings),
    ).toBeNull();
    expect(
      evidenceOfTermination(node('a', 0, { missingSinceMs: nowMs - 60_000 }), listing(nowMs, {}), settings),
    ).toContain('absent');
  });
});
