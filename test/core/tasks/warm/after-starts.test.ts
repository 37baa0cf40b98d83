// What is asked for others once nodes are started: they count against the limits, and have room for what comes next.
import { describe, expect, test } from '@jest/globals';
import { WorkingCopy } from '../../../../lib/core/plan/working-copy.ts';
import { usageOf } from '../../../../lib/core/records/limits.ts';
import { newWarm } from '../../../../lib/core/records/node.ts';
import type { NodeRecord } from '../../../../lib/core/records/node.ts';
import { capacityQuestion } from '../../../../lib/core/tasks/capacity/capacity-question.ts';
import { afterStarts } from '../../../../lib/core/tasks/warm/after-starts.ts';
import { starting } from '../../../../lib/core/tasks/warm/power.ts';
import { awsDecisionSettings as settings } from '../../../../lib/core/values/settings.ts';
import { assignment, node, nowMs, observation, offer, pool, request, smallType } from '../../builders.ts';

const sold = offer(smallType, 'za', 'on-demand');
const full = usageOf(sold);
const reserved = { instances: 0, vcpu: 0, memoryMib: 0, usdPerHour: 0.25 };
const stopped = (id: string): NodeRecord =>
  node({ id, state: 'stopped', lastSeenAtMs: null, emptySinceMs: null, reserved, warm: newWarm(0, 0.1) });
const nodes = [stopped('i-1'), stopped('i-2'), node({ id: 'i-3', assigned: [assignment('r-0')] })];

/** The question before a decision has changed anything, and the one after it. */
function asked(change: (copy: WorkingCopy) => void, seenNodes: readonly NodeRecord[] = nodes) {
  const seen = observation({
    pool: pool({ warmNodes: { stopped: 5, expireAfterMs: 1e9 } }),
    requests: [request('r-1')],
    offerings: [sold],
    nodes: seenNodes,
  });
  const copy = new WorkingCopy(seen);
  const everything = { admit: (one: { readonly id: string }) => [one] as never, why: {} };
  const { input } = capacityQuestion(seen, copy, settings, () => false, everything);
  change(copy);
  return { before: input, after: afterStarts(input, copy) };
}

const start = (copy: WorkingCopy, ...ids: readonly string[]): void => {
  for (const id of ids) copy.setNode(starting(stopped(id), full, nowMs).node);
};

describe('the question after starts', () => {
  test('has a started node as one that boots, behind those that were there, with all its room', () => {
    const { before, after } = asked((copy) => {
      start(copy, 'i-1');
    });
    expect(before.bins.map(({ id }) => id)).toEqual(['i-3']);
    expect(after.bins.map(({ id, state }) => [id, state])).toEqual([
      ['i-3', before.bins[0]?.state],
      ['i-1', 'in-flight'],
    ]);
    expect(after.bins[1]?.free).toEqual(smallType.allocatable);
    expect({ ...after, bins: [], usage: null }).toEqual({ ...before, bins: [], usage: null });
  });

  test('has less room where tasks count on the node already', () => {
    const { after } = asked((copy) => {
      copy.setNode({ ...starting(stopped('i-1'), full, nowMs).node, assigned: [assignment('r-1')] });
    });
    expect(after.bins[1]?.free.cpuMilli).toBe(smallType.allocatable.cpuMilli - 1_000);
  });

  test('counts what each takes of the limits from now on, without the volume that it took before', () => {
    const { before, after } = asked((copy) => {
      start(copy, 'i-1', 'i-2');
    });
    expect(after.usage.instances - before.usage.instances).toBe(2);
    expect(after.usage.vcpu - before.usage.vcpu).toBe(2 * full.vcpu);
    expect(after.usage.memoryMib - before.usage.memoryMib).toBe(2 * full.memoryMib);
    expect(after.usage.usdPerHour - before.usage.usdPerHour).toBeCloseTo(2 * (full.usdPerHour - 0.25), 9);
  });

  test('is the same where none was started by this decision', () => {
    const unchanged = asked(() => undefined);
    expect(unchanged.after).toBe(unchanged.before);
    // It boots since an earlier decision, and is in the question already.
    const boots = { ...stopped('i-1'), state: 'starting', reserved: full } as const;
    const earlier = asked(
      (copy) => {
        copy.setNode({ ...boots, isLost: true });
      },
      [boots],
    );
    expect(earlier.after).toBe(earlier.before);
    const other = asked((copy) => {
      copy.setNode({ ...stopped('i-1'), state: 'terminating' });
    });
    expect(other.after).toBe(other.before);
  });
});
