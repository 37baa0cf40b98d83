// Silence is not death: who is lost, who is only silent, and when a silence looks like an outage of ours.
import { describe, expect, test } from '@jest/globals';
import { judgeSilence } from '../../../lib/core/disruption/silence.ts';
import { evidenceOfTermination, missingSince } from '../../../lib/core/disruption/termination.ts';
import type { NodeRecord } from '../../../lib/core/records/node.ts';
import type { Listing } from '../../../lib/core/plan/observation.ts';
import { emptyMemory } from '../../../lib/core/plan/observation.ts';
import { awsDecisionSettings as settings, silentAfterMs } from '../../../lib/core/values/settings.ts';

const nowMs = 10_000_000;
const node = (id: string, silentMs: number, changes: Partial<NodeRecord> = {}): NodeRecord => ({
  id,
  pool: 'p',
  launchId: 'l',
  instanceType: 'm5.large',
  zone: 'us-east-1a',
  capacityType: 'spot',
  priceUsdPerHour: 0.03,
  allocatable: { cpuMilli: 1900, memoryMib: 7000, gpu: 0 },
  tasksMax: 10,
  reserved: { instances: 1, vcpu: 2, memoryMib: 8192, usdPerHour: 0.03 },
  state: 'ready',
  createdAtMs: 0,
  readyAtMs: 1,
  bootId: 'b',
  seq: 1,
  lastSeenAtMs: nowMs - silentMs,
  assigned: [],
  emptySinceMs: null,
  drain: null,
  isLost: false,
  terminateAcceptedAtMs: null,
  missingSinceMs: null,
  ...changes,
});
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
    const claimed = judgeSilence(observed(nodes, nowMs - settings.massSilenceHoldMs), settings);
    expect(claimed.lost.size).toBe(6);
  });

  test('when nobody at all was heard it is ours to doubt, even for one node', () => {
    expect(judgeSilence(observed([node('only', silentMs)]), settings).lost.size).toBe(0);
    expect(
      judgeSilence(observed([node('only', silentMs)], nowMs - settings.massSilenceHoldMs), settings).lost.size,
    ).toBe(1);
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
    expect(
      evidenceOfTermination(node('a', 0, { missingSinceMs: nowMs - 59_000 }), listing(nowMs, {}), settings),
    ).toBeNull();
    expect(
      evidenceOfTermination(node('a', 0, { missingSinceMs: nowMs - 60_000 }), listing(nowMs, {}), settings),
    ).toContain('absent');
  });
});
