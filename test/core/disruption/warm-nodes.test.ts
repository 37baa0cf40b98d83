// Stopped in place of terminated, and what EC2 shows of it, followed up.
import { describe, expect, test } from '@jest/globals';
import { decideDepartures } from '../../../lib/core/disruption/departures.ts';
import { decideLosses } from '../../../lib/core/disruption/losses.ts';
import { ordered } from '../../../lib/core/disruption/methods/operator.ts';
import { whyNode } from '../../../lib/core/disruption/why.ts';
import type { ListedInstance } from '../../../lib/core/plan/listing.ts';
import type { Observation } from '../../../lib/core/plan/observation.ts';
import { emptyMemory } from '../../../lib/core/plan/observation.ts';
import { WorkingCopy } from '../../../lib/core/plan/working-copy.ts';
import { newWarm } from '../../../lib/core/records/node.ts';
import type { NodeRecord, NodeWarm } from '../../../lib/core/records/node.ts';
import { awsDecisionSettings as settings } from '../../../lib/core/values/settings.ts';
import { assignment, changes, node, nowMs, observation, offerings, pool } from '../builders.ts';

const minute = 60_000;
const idle = nowMs - minute;
const warmPool = pool({ warmNodes: { stopped: 1, expireAfterMs: 24 * 60 * minute } });
const listing = (state: ListedInstance['state'], atMs = nowMs): Observation['listing'] => ({
  atMs,
  instances: new Map([['i-1', { id: 'i-1', state, stateReason: null }]]),
});
const warm = (more: Partial<NodeWarm> = {}): NodeWarm => ({ ...newWarm(0, 0.1), askedAtMs: nowMs - 20_000, ...more });
const off = (state: 'stopping' | 'stopped' | 'starting', more: Partial<NodeWarm> = {}, id = 'i-1'): NodeRecord =>
  node({ id, state, lastSeenAtMs: null, emptySinceMs: null, warm: warm({ sinceMs: nowMs - 20_000, ...more }) });

function departed(nodes: readonly NodeRecord[], more: Parameters<typeof observation>[0] = {}): WorkingCopy {
  const seen = observation({ nodes, pool: warmPool, ...more });
  const copy = new WorkingCopy(seen);
  decideLosses(seen, copy, settings);
  decideDepartures(seen, copy, new Set(), settings, { templateVersion: '1' });
  return copy;
}

const stateAfter = (...of: Parameters<typeof departed>): string | undefined => departed(...of).node('i-1')?.state;
const callsOf = (copy: WorkingCopy) =>
  copy.actions.flatMap((one) => (one.kind === 'power' ? one.nodes.map(({ id }) => `${one.to} ${id}`) : []));

describe('a node without work', () => {
  test('is stopped in place of terminated, and says so', () => {
    const copy = departed([node({ emptySinceMs: idle })]);
    expect(changes(copy)).toMatchObject([{ what: 'power', activity: { code: 'node_stopping', node: { id: 'i-1' } } }]);
    expect(copy.node('i-1')).toMatchObject({ state: 'stopping', drain: null, warm: { stops: 0, askedAtMs: nowMs } });
    // It stops by the next round: only what is written is called for.
    expect(callsOf(copy)).toEqual([]);
  });

  test('goes where as many are kept already, those that work included', () => {
    const works = node({ id: 'i-2', warm: warm(), assigned: [assignment('r')], emptySinceMs: null });
    expect(stateAfter([node({ emptySinceMs: idle }), works])).toBe('terminating');
    expect(stateAfter([node({ emptySinceMs: idle }), off('stopped', {}, 'i-2')])).toBe('terminating');
    const two = departed([node({ emptySinceMs: idle }), node({ id: 'i-2', emptySinceMs: idle })]);
    expect(['i-1', 'i-2'].map((id) => two.node(id)?.state)).toEqual(['stopping', 'terminating']);
  });

  test.each<[string, Partial<NodeRecord>]>([
    ['spot', { capacityType: 'spot' }],
    ['of a reservation', { reservation: 'cr-1' }],
    ['of another template', { templateVersion: '0' }],
    ['too old', { createdAtMs: nowMs - 25 * 60 * minute }],
    ['in trouble', { trouble: { reason: 'its disk is full', sinceMs: nowMs } }],
    ['about to be taken', { announced: { reason: 'maintenance', atMs: nowMs + 60 * minute } }],
  ])('goes where it is %s', (_, more) => {
    expect(stateAfter([node({ emptySinceMs: idle, ...more })])).toBe('terminating');
  });

  test('is left to finish its first boot', () => {
    expect(
      stateAfter([node({ emptySinceMs: idle, readyAtMs: nowMs - 50_000 })], { pool: { ...warmPool, idleAfterMs: 0 } }),
    ).toBe('ready');
  });

  test('goes in a pool that keeps none, or is being deleted', () => {
    expect(stateAfter([node({ emptySinceMs: idle })], { pool: pool() })).toBe('terminating');
    expect(stateAfter([node({ emptySinceMs: idle })], { isPoolDeleting: true })).toBe('terminating');
    expect(stateAfter([off('stopped')], { isPoolDeleting: true })).toBe('terminating');
  });
});

describe('what EC2 shows', () => {
  test('a node that stops is asked for until EC2 has stopped it, which is no loss', () => {
    expect(callsOf(departed([off('stopping')]))).toEqual(['stop i-1']);
    expect(callsOf(departed([off('stopping', { acceptedAtMs: nowMs - 1_000 })]))).toEqual([]);
    expect(callsOf(departed([off('stopping')], { listing: listing('stopping') }))).toEqual([]);
    const late = off('stopping', { acceptedAtMs: nowMs - 61_000 });
    expect(callsOf(departed([late], { listing: listing('running') }))).toEqual(['stop i-1']);
    const copy = departed([off('stopping')], { listing: listing('stopped') });
    expect(changes(copy)).toMatchObject([{ what: 'power', activity: { code: 'node_stopped' } }]);
    expect(copy.node('i-1')).toMatchObject({ state: 'stopped', isLost: false });
  });

  test('one that EC2 does not stop within the boot time is terminated: it counts against the limits until then', () => {
    const asked = (agoMs: number) => off('stopping', { askedAtMs: nowMs - agoMs, acceptedAtMs: nowMs - agoMs });
    const late = departed([asked(settings.bootTimeoutMs + 1)], { listing: listing('stopping') });
    expect(late.node('i-1')).toMatchObject({ state: 'terminating', drain: { by: 'refused-power' } });
    expect(changes(late)).toMatchObject([{ what: 'drain', activity: { code: 'node_draining' } }]);
    expect(callsOf(late)).toEqual([]);
    expect(stateAfter([asked(settings.bootTimeoutMs)], { listing: listing('stopping') })).toBe('stopping');
    const old = { listing: listing('stopping', nowMs - minute) };
    expect(stateAfter([asked(settings.bootTimeoutMs + 1)], old)).toBe('stopping');
    expect(stateAfter([asked(settings.bootTimeoutMs + 1)])).toBe('stopping');
    expect(stateAfter([asked(settings.bootTimeoutMs + 1)], { listing: listing('stopped') })).toBe('stopped');
  });

  test('a listing from before the decision says nothing', () => {
    expect(stateAfter([off('stopping')], { listing: listing('stopped', nowMs - 30_000) })).toBe('stopping');
    // It may show the stop before its last start.
    const started = { readyAtMs: nowMs - 30_000, tookMs: 10_000 };
    expect(stateAfter([off('stopping', { lastStart: started })], { listing: listing('stopped') })).toBe('stopping');
  });

  test('a stopped node that runs though nobody here started it stops again', () => {
    const old = off('stopped', { sinceMs: nowMs - 61_000 });
    expect(stateAfter([old], { listing: listing('running') })).toBe('stopping');
    expect(stateAfter([off('stopped')], { listing: listing('running') })).toBe('stopped');
    expect(stateAfter([old], { listing: listing('stopped') })).toBe('stopped');
  });

  test('a node that starts is asked for once, and again where EC2 shows a minute later that it did not', () => {
    expect(callsOf(departed([off('starting')]))).toEqual(['start i-1']);
    const asked = off('starting', { acceptedAtMs: nowMs - 61_000 });
    expect(callsOf(departed([asked], { listing: listing('stopped') }))).toEqual(['start i-1']);
    expect(callsOf(departed([asked], { listing: listing('running') }))).toEqual([]);
    expect(stateAfter([asked], { listing: listing('stopped') })).toBe('starting');
  });

  test('one whose agent does not call after its start goes', () => {
    const late = off('starting', { askedAtMs: nowMs - settings.bootTimeoutMs - 1 });
    expect(departed([late]).node('i-1')).toMatchObject({ state: 'terminating', drain: { by: 'boot-timeout' } });
  });

  test('one that has just started is not lost by a listing that lags, and is a minute later', () => {
    const started = (agoMs: number): NodeRecord =>
      node({ warm: warm({ lastStart: { readyAtMs: nowMs - agoMs, tookMs: 20_000 } }), assigned: [assignment('r')] });
    expect(departed([started(30_000)], { listing: listing('stopped') }).node('i-1')?.isLost).toBe(false);
    expect(departed([started(30_000)], { listing: listing('stopping') }).node('i-1')?.state).toBe('ready');
    expect(departed([started(90_000)], { listing: listing('stopped') }).node('i-1')?.isLost).toBe(true);
  });

  test('one that EC2 stops by itself is lost, as ever', () => {
    const copy = departed([node({ assigned: [assignment('r')] })], { listing: listing('stopped') });
    expect(copy.node('i-1')).toMatchObject({ isLost: true, state: 'draining' });
  });

  test('one that was stopped and goes is terminated in EC2 before it is forgotten', () => {
    const going = { ...off('stopped'), state: 'terminating' as const };
    const copy = departed([going], { listing: listing('stopped') });
    expect(copy.forgotten.size).toBe(0);
    expect(copy.actions).toMatchObject([{ kind: 'terminate', nodes: [{ id: 'i-1' }] }]);
    expect(departed([going], { listing: listing('terminated') }).forgotten.has('i-1')).toBe(true);
  });
});

describe('a stopped node goes', () => {
  const by = (one: NodeRecord, more: Parameters<typeof observation>[0] = {}): string | undefined =>
    departed([one], more).node('i-1')?.drain?.by;

  test('where the pool keeps fewer, for its age, and where it drifted', () => {
    expect(by(off('stopped'))).toBeUndefined();
    expect(by(off('stopped'), { pool: pool() })).toBe('emptiness');
    expect(by({ ...off('stopped'), createdAtMs: nowMs - 25 * 60 * minute })).toBe('expiry');
    expect(by({ ...off('stopped'), templateVersion: '0' })).toBe('drift');
    expect(by({ ...off('stopped'), templateVersion: '0' }, { paused: { by: 'a', sinceMs: 0 } })).toBeUndefined();
  });

  test('by an order, and stays while it is cordoned', () => {
    const drained = ordered(off('stopped'), { kind: 'drain', stopAfterMs: null }, 'anna', nowMs);
    if (drained === null || typeof drained === 'string') throw new Error('it is drained');
    const copy = departed([drained.node], { listing: listing('stopped') });
    expect(copy.node('i-1')).toMatchObject({ state: 'terminating', isLost: false, drain: { by: 'operator' } });
    expect(by({ ...off('stopped'), cordon: { by: 'anna', atMs: 0 } }, { pool: pool() })).toBeUndefined();
  });

  test('and why says what each method thinks of it', () => {
    const seen = { nowMs, pool: warmPool, isPoolDeleting: false, listing: null, offerings, memory: emptyMemory };
    const one = off('stopped');
    const why = whyNode(one, { ...seen, others: [one], templateVersion: '1' }, settings);
    expect(why.methods.find(({ method }) => method === 'emptiness')?.reason).toContain('keeps 1 nodes stopped');
    expect(why.methods.find(({ method }) => method === 'expiry')?.atMs).toBeGreaterThan(nowMs);
  });
});
