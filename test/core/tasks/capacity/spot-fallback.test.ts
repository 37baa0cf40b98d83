// When tasks that may have either would rather have an on-demand node.
import { describe, expect, test } from '@jest/globals';
import { allocate } from '../../../../lib/core/allocation/index.ts';
import { WorkingCopy } from '../../../../lib/core/plan/working-copy.ts';
import type { RequestRecord, TaskRecord, TaskSpec } from '../../../../lib/core/records/request.ts';
import { capacityQuestion } from '../../../../lib/core/tasks/capacity/capacity-question.ts';
import { withOnDemandReasons } from '../../../../lib/core/tasks/capacity/spot-fallback.ts';
import type { CapacityType } from '../../../../lib/core/values/offering.ts';
import type { Requirements } from '../../../../lib/core/values/requirements.ts';
import { localDecisionSettings as settings } from '../../../../lib/core/values/settings.ts';
import { array, chunk, node, nowMs, observation, offer, pool, request, smallType, task } from '../../builders.ts';

const minute = 60_000;
const everything = { admit: (one: { readonly id: string }) => [one] as never, why: {} };
const offerings = (['spot', 'on-demand'] as const).map((one) => offer(smallType, 'za', one));

type World = NonNullable<Parameters<typeof observation>[0]>;

/** What is bought for it: of which type, and why it says that is. */
function bought(asked: RequestRecord, more: World = {}, mayHave: Requirements = {}) {
  const seen = observation({ offerings, pool: pool({ requirements: mayHave }), requests: [asked], ...more });
  const { input, onDemand } = capacityQuestion(seen, new WorkingCopy(seen), settings, () => false, everything);
  const [launch] = withOnDemandReasons(allocate(input).launches, onDemand);
  return [launch?.offerings[0]?.capacityType, /On demand for r: .*/.exec(launch?.reason ?? '')?.[0] ?? null];
}

const lost = (losses: number, on: CapacityType = 'spot'): TaskRecord => {
  const allocation = { nodeId: 'i-9', instanceType: 'c7.large', zone: 'za', capacityType: on, priceUsdPerHour: 1 };
  return task({ attempt: losses + 1, losses, spotLosses: losses, allocation });
};
const single = (own: TaskRecord, spec: Partial<TaskSpec> = {}): RequestRecord => request('r', spec, { tasks: [own] });

describe('a task whose nodes were lost', () => {
  test('has spot after the first time, and on demand after the second', () => {
    expect(bought(single(lost(1)))).toEqual(['spot', null]);
    expect(bought(single(lost(2)))).toEqual([
      'on-demand',
      'On demand for r: its spot nodes were lost 2 times or more.',
    ]);
  });

  test('or was moved by ourselves, has spot', () => {
    expect(bought(single({ ...lost(5), spotLosses: 1 }))).toEqual(['spot', null]);
  });

  test('may have spot again once it has had another', () => {
    expect(bought(single(lost(3, 'on-demand')))).toEqual(['spot', null]);
  });

  test('leaves a spot node that has room to others', () => {
    const seen = observation({ offerings, nodes: [node({ capacityType: 'spot' })], requests: [single(lost(2))] });
    const { input } = capacityQuestion(seen, new WorkingCopy(seen), settings, () => false, everything);
    expect(allocate(input)).toMatchObject({ placements: [], launches: [{ count: 1 }] });
  });

  test('has what it asks for, or its pool', () => {
    expect(bought(single(lost(2), { requirements: { capacityType: ['spot'] } }))).toEqual(['spot', null]);
    expect(bought(single(lost(2)), {}, { capacityType: ['spot'] })).toEqual(['spot', null]);
    expect(bought(single(lost(2)), {}, { capacityType: ['spot', 'on-demand'] })[0]).toBe('on-demand');
  });

  test('has spot where there is nothing else', () => {
    expect(bought(single(lost(2)), { offerings: offerings.slice(0, 1) })).toEqual(['spot', null]);
  });

  test('of an array goes with the others that wait', () => {
    const record = request('r', { count: 2 });
    const ofTwo = (second: TaskRecord) => {
      const chunks = [chunk('r', 0, 2, [lost(2), { ...second, index: 1 }])];
      return bought(record, { requests: [array(record, chunks)] })[0];
    };
    expect(ofTwo(lost(2))).toBe('on-demand');
    expect(ofTwo(task())).toBe('spot');
    expect(ofTwo(task({ state: 'succeeded' }))).toBe('on-demand');
  });
});

describe('a task with a deadline', () => {
  const due = (inMs: number, spec: Partial<TaskSpec> = {}, more: World = {}) =>
    bought(single(task(), { deadlineMs: inMs, expectedDurationMs: 10 * minute, ...spec }), more);

  test('has spot while there is time for two boots and two runs of it', () => {
    const enough = nowMs - single(task()).createdAtMs + 2 * (10 * minute + minute);
    expect(due(enough)).toEqual(['spot', null]);
    expect(due(enough - 1)).toEqual(['on-demand', 'On demand for r: its deadline leaves no time to begin anew.']);
  });

  test('counts boots as the pool has seen them, and a time that nobody told as nine of ten tasks last', () => {
    const longBoot = node({ createdAtMs: nowMs - 60 * minute, readyAtMs: nowMs - 50 * minute, state: 'draining' });
    const enough = nowMs - single(task()).createdAtMs + 2 * 20 * minute;
    expect([due(enough, {}, { nodes: [longBoot] })[0], due(enough - 1, {}, { nodes: [longBoot] })[0]]).toEqual([
      'spot',
      'on-demand',
    ]);
    const unknown = { expectedDurationMs: null };
    expect(due(nowMs + 60 * minute, unknown)[0]).toBe('spot');
    expect(due(nowMs + 30 * minute, unknown)[0]).toBe('on-demand');
  });
});
