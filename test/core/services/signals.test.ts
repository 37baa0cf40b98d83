// What policies of a service go by.
import { describe, expect, test } from '@jest/globals';
import { WorkingCopy } from '../../../lib/core/plan/working-copy.ts';
import type { ServiceMetric } from '../../../lib/core/services/policies.ts';
import { isByWaiting, signalsOf, waitingByTenant } from '../../../lib/core/services/signals.ts';
import { assignment, node, nowMs, observation, request } from '../builders.ts';
import { service, state } from './builders.ts';

const target = (metric: ServiceMetric) =>
  service({ scaling: { min: 1, max: 9, policies: [{ kind: 'target', name: 'a', metric, target: 2 }] } });
const byWaiting = target({ kind: 'waiting' });

describe('waiting tasks', () => {
  const waits = request('a', { count: 4 });

  test('are counted by tenant: not of replicas, of what has ended or is being cancelled', () => {
    const member = { name: 'web', slot: 0, revision: 1 };
    const all = [
      waits,
      request('b'),
      request('c', {}, { tenant: 'u' }),
      request('d', { service: member }),
      request('e', {}, { endedAtMs: 1 }),
      request('f', {}, { cancelRequestedAtMs: 1 }),
    ];
    expect([...waitingByTenant(all)]).toEqual([
      ['t', 5],
      ['u', 1],
    ]);
  });

  test('are those of its own tenant, and looked at only where a policy goes by them', () => {
    const copy = new WorkingCopy(observation({ requests: [waits, request('c', {}, { tenant: 'u' })] }));
    expect(signalsOf(byWaiting, [], copy).waiting).toBe(4);
    expect(signalsOf({ ...byWaiting, tenant: 'u' }, [], copy).waiting).toBe(1);
    expect(signalsOf({ ...byWaiting, tenant: 'v' }, [], copy).waiting).toBe(0);
    expect(signalsOf(service(), [], copy).waiting).toBe(0);
  });

  test('only a metric of waiting tasks is one', () => {
    expect(isByWaiting(byWaiting)).toBe(true);
    expect(isByWaiting(target({ kind: 'cpu' }))).toBe(false);
    expect(isByWaiting(service())).toBe(false);
    const manual = { kind: 'manual', name: 'a', replicas: 1 } as const;
    expect(isByWaiting(service({ scaling: { min: 1, max: 2, policies: [manual] } }))).toBe(false);
  });
});

test('usage is that of replicas that serve, and reports are the service’s own', () => {
  const usage = { cpuMilli: 250, memoryMib: 64 };
  const assigned = assignment('r', { resources: { cpuMilli: 500, memoryMib: 128, gpu: 0 }, usage });
  const serving = state(0, { assignment: assigned, node: node({ lastSeenAtMs: nowMs }) });
  const { id } = service();
  const reported = new Map([
    [id, { visitors: { value: 7, atMs: nowMs } }],
    ['other', { visitors: { value: 1, atMs: nowMs } }],
  ]);
  const copy = new WorkingCopy(observation({ reported }));
  expect(signalsOf(service(), [serving, state(1, { phase: 'starting' })], copy)).toEqual({
    nowMs,
    waiting: 0,
    usage: { cpu: [50], memory: [50], notReady: 1 },
    reported: { visitors: { value: 7, atMs: nowMs } },
  });
  expect(signalsOf({ ...service(), id: 'none' }, [], copy).reported).toEqual({});
});
