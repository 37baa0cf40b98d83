// How many replicas policies want: HPA's documented examples through the policies of a service, alarms in every wrong
// order, metrics that are missing, late or doubled, and how fast the count moves.
import { describe, expect, test } from '@jest/globals';
import type { AlarmState } from '../../../lib/core/scaling/alarms.ts';
import type { Behaviour } from '../../../lib/core/scaling/policies/rates.ts';
import type { Reported, ServiceMetric, ServicePolicy, ServiceScaling } from '../../../lib/core/services/policies.ts';
import { reportedStaleMs } from '../../../lib/core/services/policies.ts';
import type { ServiceRecord } from '../../../lib/core/services/record.ts';
import type { ServiceSignals } from '../../../lib/core/services/scaling.ts';
import {
  cloudWatchMetricsOf,
  metricOf,
  reportedMetricsOf,
  scaledService,
  scalingDueAtMs,
  valueOf,
  withAlarmEvent,
  withReported,
} from '../../../lib/core/services/scaling.ts';
import { metricId } from '../../../lib/core/scaling/policies/cloudwatch.ts';
import { service } from './builders.ts';

const t = 1_000_000;
const nobody: ServiceSignals = { nowMs: t, waiting: 0, usage: { cpu: [], memory: [], notReady: 0 }, reported: {} };

function scaling(...policies: readonly ServicePolicy[]): ServiceScaling {
  return { min: 1, max: 10, policies };
}

const target = (metric: ServiceMetric, value: number): ServicePolicy => ({
  ...{ kind: 'target', name: 'load', metric, target: value },
});
const visitors: ServiceMetric = { kind: 'reported', metric: 'visitors', of: 'total' };
const reported = (value: number, atMs = t): Readonly<Record<string, Reported>> => ({ visitors: { value, atMs } });
const manual = (replicas: number): ServicePolicy => ({ kind: 'manual', name: 'floor', replicas });
/** Nothing holds it back. */
const atOnce: Behaviour = {
  out: { stabilisationMs: 0, select: 'max', policies: [] },
  in: { stabilisationMs: 0, select: 'max', policies: [] },
};

/** The count after one look. */
function after(replicas: number, declared: ServiceScaling, signals: Partial<ServiceSignals>): number | undefined {
  const record = service({ replicas, scaling: { behaviour: atOnce, ...declared } });
  return scaledService(record, { ...nobody, ...signals })?.record.replicas;
}

test('without policies nothing moves', () => {
  expect(scaledService(service(), nobody)).toBeNull();
});

describe('one look, as the Horizontal Pod Autoscaler documents it', () => {
  const cpu = target({ kind: 'cpu' }, 50);
  const usage = (...values: readonly (number | null)[]) => ({ cpu: values, memory: [], notReady: 0 });
  test.each<[string, number, ServicePolicy, Partial<ServiceSignals>, number]>([
    ['200 where 100 is wanted doubles it', 3, cpu, { usage: usage(100, 100, 100) }, 6],
    ['50 where 100 is wanted halves it', 4, cpu, { usage: usage(25, 25, 25, 25) }, 2],
    ['within a tenth it stays', 4, cpu, { usage: usage(54, 54, 54, 54) }, 4],
    ['who is silent is idle when it goes out', 2, cpu, { usage: usage(150, null) }, 3],
    ['and as busy as wanted when it goes in', 4, cpu, { usage: usage(5, 5, null, null) }, 3],
    ['nobody has told', 4, cpu, { usage: usage(null, null) }, 4],
    ['memory', 2, target({ kind: 'memory' }, 60), { usage: { cpu: [], memory: [90, 90], notReady: 0 } }, 3],
    ['waiting tasks for each replica', 2, target({ kind: 'waiting' }, 10), { waiting: 45 }, 5],
    ['none waits', 2, target({ kind: 'waiting' }, 10), { waiting: 0 }, 1],
    ['a reported total', 2, target(visitors, 100), { reported: reported(730) }, 8],
    ['an average', 2, target({ ...visitors, of: 'average' }, 100), { reported: reported(300) }, 6],
    ['never above max', 8, target(visitors, 100), { reported: reported(99_999) }, 10],
    ['never under min', 8, target(visitors, 100), { reported: reported(0) }, 1],
    ['nothing was reported', 8, target(visitors, 100), {}, 8],
    ['not for long enough', 8, target(visitors, 100), { reported: reported(0, t - reportedStaleMs - 1) }, 8],
    ['at the last moment', 8, target(visitors, 100), { reported: reported(0, t - reportedStaleMs) }, 1],
  ])('%s', (_name, replicas, policy, signals, wanted) => {
    expect(after(replicas, scaling(policy), signals)).toBe(wanted);
  });
});

describe('several', () => {
  const load = target(visitors, 100);
  test('the largest wants out', () => {
    expect(after(2, scaling(manual(4), load), { reported: reported(700) })).toBe(7);
    expect(after(2, scaling(manual(9), load), { reported: reported(700) })).toBe(9);
  });

  test('all must agree to go in, and one without data does not', () => {
    expect(after(6, scaling(manual(4), load), { reported: reported(100) })).toBe(4);
    expect(after(6, scaling(manual(4), load), {})).toBe(6);
  });

  test('steps and schedules', () => {
    const steps: ServicePolicy = {
      ...{ kind: 'step', name: 'steps', metric: visitors },
      steps: [
        { from: 100, wanted: 3 },
        { from: 500, wanted: 7 },
      ],
    };
    expect(after(2, scaling(steps), { reported: reported(499) })).toBe(3);
    expect(after(2, scaling(steps), { reported: reported(500) })).toBe(7);
    expect(after(2, scaling(steps), {})).toBe(2);
    const schedule: ServicePolicy = {
      ...{ kind: 'schedule', name: 'day', timeZone: 'UTC' },
      entries: [
        { cron: '0 8 * * *', wanted: 6 },
        { cron: '0 20 * * *', wanted: 2 },
      ],
    };
    expect(after(2, scaling(schedule), { nowMs: Date.UTC(2026, 10, 27, 9) })).toBe(6);
    expect(after(6, scaling(schedule), { nowMs: Date.UTC(2026, 10, 27, 21) })).toBe(2);
  });

  test('a decision is an event with what each was told', () => {
    const record = service({ replicas: 2, scaling: { ...scaling(manual(1), load), behaviour: atOnce } });
    const done = scaledService(record, { ...nobody, reported: reported(700) });
    expect(done?.event).toEqual({
      atMs: t,
      code: 'scaled',
      message:
        '7 replicas wanted, 2 before, by target load: total 700, target 100 each, 2 now. manual floor wants 1 (as '
        + 'declared); target load wants 7 (total 700, target 100 each, 2 now)',
    });
    expect(done?.record.updatedAtMs).toBe(t);
  });
});

/** The count after each look, a second time given: what was reported. */
function run(record: ServiceRecord, looks: readonly (readonly [atMs: number, visitors: number | null])[]) {
  const counts: number[] = [];
  for (const [atMs, value] of looks) {
    const signals = { ...nobody, nowMs: t + atMs, reported: value === null ? {} : reported(value, t + atMs) };
    record = scaledService(record, signals)?.record ?? record;
    counts.push(record.replicas);
  }
  return counts;
}

describe('how fast', () => {
  const load = target(visitors, 100);
  const minute = 60_000;
  test("by a metric as HPA's defaults: out at 100 % or 4 in 15 s, in after five minutes", () => {
    const record = service({ replicas: 1, scaling: { min: 1, max: 100, policies: [load] } });
    expect(
      run(record, [
        [0, 5_000],
        [15_000, 5_000],
        [30_000, 5_000],
        [45_000, 5_000],
        [60_000, 5_000],
        [minute + 1, 100],
        [5 * minute, 100],
        [6 * minute + 1, 100],
      ]),
    ).toEqual([5, 10, 20, 40, 50, 50, 50, 1]);
  });

  test('a peak holds it for five minutes more', () => {
    const record = service({ replicas: 2, scaling: { min: 1, max: 100, policies: [load] } });
    expect(
      run(record, [
        [0, 100],
        [4 * minute, 200],
        [5 * minute + 1, 100],
        [9 * minute, 100],
        [10 * minute + 2, 100],
      ]),
    ).toEqual([2, 2, 2, 2, 1]);
  });

  test('as it is told: never in', () => {
    const behaviour: Behaviour = { ...atOnce, in: { stabilisationMs: 0, select: 'disabled', policies: [] } };
    const record = service({ replicas: 4, scaling: { ...scaling(load), behaviour } });
    expect(
      run(record, [
        [0, 100],
        [minute, 900],
        [2 * minute, 100],
      ]),
    ).toEqual([4, 9, 9]);
  });

  test('data that is missing for a while never lets it in', () => {
    const record = service({ replicas: 8, scaling: { ...scaling(load), behaviour: atOnce } });
    expect(
      run(record, [
        [0, 800],
        [minute, null],
        [20 * minute, null],
        [21 * minute, 300],
      ]),
    ).toEqual([8, 8, 8, 3]);
  });

  test('nothing is written while nothing is new', () => {
    const before = service({ replicas: 3, scaling: scaling(load) });
    const first = scaledService(before, { ...nobody, reported: reported(300) })?.record ?? before;
    expect(first.replicas).toBe(3);
    expect(scaledService(first, { ...nobody, nowMs: t + 5_000, reported: reported(301, t + 5_000) })?.record).toBe(
      first,
    );
  });
});

describe('alarms', () => {
  const high: ServicePolicy = { ...{ kind: 'alarm', name: 'high', alarmName: 'busy' }, change: 3, cooldownMs: 60_000 };
  const low: ServicePolicy = { ...{ kind: 'alarm', name: 'low', alarmName: 'quiet' }, change: -2, cooldownMs: 0 };

  class Alarmed {
    record: ServiceRecord;
    constructor(declared: ServiceScaling, replicas = 2) {
      this.record = service({ replicas, scaling: declared });
    }

    hear(alarmName: string, state: AlarmState, atMs: number): this {
      const previousState = state === 'ALARM' ? 'OK' : 'ALARM';
      this.record = withAlarmEvent(this.record, { alarmName, state, previousState, reason: 'r', atMs });
      return this;
    }

    at(nowMs: number, signals: Partial<ServiceSignals> = {}): number {
      const done = scaledService(this.record, { ...nobody, ...signals, nowMs });
      this.record = done?.record ?? this.record;
      return this.record.replicas;
    }
  }

  test('each change to ALARM moves the count once, within its bounds', () => {
    const web = new Alarmed(scaling(high, low));
    expect(web.at(t)).toBe(2);
    expect(web.hear('busy', 'ALARM', t).at(t + 1)).toBe(5);
    expect(web.at(t + 90_000)).toBe(5);
    expect(
      web
        .hear('busy', 'OK', t + 100_000)
        .hear('busy', 'ALARM', t + 110_000)
        .at(t + 110_001),
    ).toBe(8);
    expect(web.hear('quiet', 'ALARM', t + 120_000).at(t + 120_001)).toBe(6);
    for (const n of [1, 2, 3, 4])
      web
        .hear('quiet', 'OK', t + n * 200_000)
        .hear('quiet', 'ALARM', t + n * 200_000 + 1)
        .at(t + n * 200_000 + 2);
    expect(web.record.replicas).toBe(1);
  });

  test('doubled, late and reordered events change nothing', () => {
    const web = new Alarmed(scaling(high));
    expect(web.hear('busy', 'ALARM', t).at(t)).toBe(5);
    const before = web.record;
    expect(web.hear('busy', 'ALARM', t).record).toBe(before);
    expect(web.hear('busy', 'OK', t - 10).record).toBe(before);
    expect(web.hear('another', 'ALARM', t + 10).record).toBe(before);
    expect(web.at(t + 70_000)).toBe(5);
  });

  test('step adjustments: by how far the metric is beyond the threshold, where that is known', () => {
    const steps = [
      { from: 10, change: 4 },
      { from: 50, change: 7 },
    ];
    const moved = (beyond?: number): number => {
      const web = new Alarmed(scaling({ ...high, steps }));
      const event = { alarmName: 'busy', state: 'ALARM', previousState: 'OK', reason: 'r', atMs: t } as const;
      web.record = withAlarmEvent(web.record, { ...event, ...(beyond === undefined ? {} : { beyond }) });
      return web.at(t);
    };
    expect([moved(), moved(9), moved(10), moved(49), moved(50)]).toEqual([5, 5, 6, 6, 9]);
  });

  test('within its cooldown it is put off, and is due then', () => {
    const web = new Alarmed(scaling(high));
    web.hear('busy', 'ALARM', t).at(t);
    expect(
      web
        .hear('busy', 'OK', t + 1_000)
        .hear('busy', 'ALARM', t + 2_000)
        .at(t + 2_000),
    ).toBe(5);
    const last = scaledService(web.record, { ...nobody, nowMs: t + 2_000 });
    expect(last && scalingDueAtMs(web.record, last, t + 2_000)).toBe(t + 60_000);
    expect(web.at(t + 60_000)).toBe(8);
  });

  test('beside other policies they begin at the least, so that these may go in', () => {
    const declared = scaling(high, target(visitors, 100));
    const web = new Alarmed({ ...declared, behaviour: atOnce }, 6);
    expect(web.at(t, { reported: reported(200) })).toBe(2);
    expect(web.hear('busy', 'ALARM', t + 1).at(t + 2, { reported: reported(200) })).toBe(4);
    const wishes = scaledService(web.record, { ...nobody, nowMs: t + 3, reported: reported(200) })?.wishes;
    expect(wishes?.[0]).toEqual({ policy: 'alarm high', wanted: 4, reason: 'busy is ALARM; set by busy (r)' });
  });
});

describe('when it looks again', () => {
  const due = (declared: ServiceScaling, replicas: number, signals: Partial<ServiceSignals> = {}) => {
    const record = service({ replicas, scaling: declared });
    const last = scaledService(record, { ...nobody, ...signals });
    return last && scalingDueAtMs(last.record, last, t);
  };

  test('never by itself while all is as wanted', () => {
    expect(due(scaling(target(visitors, 100)), 3, { reported: reported(300) })).toBeNull();
    expect(due(scaling(manual(3)), 3)).toBeNull();
  });

  test('soon while the count moves, and for what agents tell without a wake', () => {
    expect(due(scaling(target(visitors, 100)), 3, { reported: reported(100) })).toBe(t + 15_000);
    expect(due(scaling(target({ kind: 'cpu' }, 50)), 3)).toBe(t + 15_000);
  });

  test('not for the sake of a way that it never moves', () => {
    const never = { ...atOnce.in, select: 'disabled' } as const;
    const signals = { reported: reported(100) };
    const declared = scaling(target(visitors, 100));
    expect(due({ ...declared, behaviour: { ...atOnce, in: never } }, 3, signals)).toBeNull();
    expect(due({ ...declared, behaviour: { ...atOnce, out: never } }, 1, { reported: reported(300) })).toBeNull();
  });
});

describe('reported metrics', () => {
  const first = { service: 's', metrics: { a: { value: 1, atMs: 10 } } };
  const given = { service: 's', metric: 'a', value: 2, atMs: 20 };
  test('a newer number counts', () => {
    const known = { service: 's', metrics: { a: { value: 2, atMs: 20 } } };
    expect(withReported(first, given, ['a', 'b'], 100)).toEqual(known);
    expect(withReported(null, given, ['a'], 100)).toEqual(known);
  });

  test('one that is doubled, late or out of order does not', () => {
    expect(withReported(first, { ...given, atMs: 10 }, ['a'], 100)).toBe(first);
    expect(withReported(first, { ...given, atMs: 9 }, ['a'], 100)).toBe(first);
  });

  test('one that a clock far ahead has noted gives way to the next', () => {
    const ahead = { service: 's', metrics: { a: { value: 1, atMs: 3_600_000 } } };
    expect(withReported(ahead, given, ['a'], 100).metrics).toEqual({ a: { value: 2, atMs: 20 } });
    const near = { service: 's', metrics: { a: { value: 1, atMs: 60_000 } } };
    expect(withReported(near, given, ['a'], 100)).toBe(near);
  });

  test('what no policy goes by any more, and what was of another service, is forgotten', () => {
    expect(withReported(first, { ...given, metric: 'b' }, ['b'], 100).metrics).toEqual({ b: { value: 2, atMs: 20 } });
    expect(withReported(first, { ...given, service: 'new', atMs: 5 }, ['a'], 100).metrics).toEqual({
      a: { value: 2, atMs: 5 },
    });
  });
});

describe('metrics that policies go by', () => {
  const cloudWatch = {
    ...{ namespace: 'AWS/SQS', metricName: 'Depth', dimensions: { Queue: 'q' }, statistic: 'Average' },
    periodMs: 60_000,
  };
  const queue: ServiceMetric = { kind: 'cloudwatch', cloudWatch, of: 'total' };
  const policies = [manual(1), target(visitors, 1), target(queue, 1), target({ kind: 'cpu' }, 1)];

  test('that were reported by a clock far ahead are not known until then', () => {
    const seen = (atMs: number) => ({ ...nobody, reported: { visitors: { value: 3, atMs } } });
    expect(metricOf(visitors, seen(t)).metric).toEqual({ kind: 'total', value: 3 });
    expect(metricOf(visitors, seen(t + 3_600_000)).metric).toBeNull();
  });

  test('are named by kind', () => {
    expect([reportedMetricsOf({ policies }), cloudWatchMetricsOf({ policies })]).toEqual([['visitors'], [cloudWatch]]);
  });

  test('of CloudWatch have its newest value, and say of when it is', () => {
    const readings = { [metricId(cloudWatch)]: { value: 12, atMs: t - 60_000 } };
    const seen = { readings, problem: null, until: { 60000: t }, nextMs: null };
    const found = metricOf(queue, { ...nobody, cloudWatch: seen });
    expect(found).toEqual({ metric: { kind: 'total', value: 12 }, reason: expect.stringMatching(/./) as unknown });
    const wishes = scaledService(service({ replicas: 2, scaling: scaling(target(queue, 4)) }), {
      ...{ ...nobody, cloudWatch: seen },
    })?.wishes;
    expect(wishes?.[0]).toMatchObject({ wanted: 3 });
    expect(wishes?.[0]?.reason.endsWith(`, ${found.reason ?? '?'}`)).toBe(true);
  });

  test('of CloudWatch that are not known are missing, and it is said why', () => {
    const found = metricOf(queue, nobody);
    expect(found.metric).toBeNull();
    const wishes = scaledService(service({ replicas: 2, scaling: scaling(target(queue, 4)) }), nobody)?.wishes;
    expect(wishes?.[0]).toMatchObject({ wanted: null, reason: found.reason });
  });

  test('of each replica are taken by their mean, and a total by its value', () => {
    expect([valueOf({ kind: 'each', values: [10, 30], notReady: 0 }), valueOf({ kind: 'total', value: 7 })]).toEqual([
      ...[20, 7],
    ]);
  });

  test('of CloudWatch are looked at when the next period can be read', () => {
    const due = (policy: ServicePolicy, readAtMs: number | null) => {
      const record = service({ replicas: 1, scaling: scaling(policy) });
      const last = scaledService(record, nobody);
      return last && scalingDueAtMs(record, { ...last, combined: { ...last.combined, wanted: 1 } }, t, readAtMs);
    };
    expect([due(target(queue, 4), t + 9), due(target(queue, 4), null), due(manual(1), t + 9)]).toEqual([
      ...[t + 9, null, null],
    ]);
  });
});

describe('a predictive service', () => {
  const predictive = (): ServiceRecord =>
    service({ replicas: 1, scaling: { ...scaling(manual(1)), learningStyle: 'predictive', behaviour: atOnce } });

  test('has what is forecast as one more wish, and looks again though nothing happens', () => {
    const forecast = {
      ...{ method: 'm', errorMilli: 1, naive: { method: 'm', errorMilli: 1 }, lowMilli: 0, quantile: 0.9 },
      ...{ expectedMilli: 3_000, wantedMilli: 4_000, leadMs: 60_000 },
    };
    const found = scaledService(predictive(), { ...nobody, forecast: { kind: 'forecast', forecast } });
    expect(found?.record.replicas).toBe(4);
    expect(found?.wishes.map(({ policy }) => policy)).toEqual(['manual floor', 'forecast']);
    const calm = scaledService(predictive(), nobody);
    expect(calm?.record.replicas).toBe(1);
    expect(calm?.wishes[1]).toMatchObject({ wanted: null, agrees: true, reason: 'no forecast was worked out' });
    expect(calm && scalingDueAtMs(predictive(), calm, t)).toBeGreaterThan(t);
  });

  test('is one by its declaration alone', () => {
    const found = scaledService(service({ replicas: 1, scaling: scaling(manual(1)) }), nobody);
    expect(found?.wishes.map(({ policy }) => policy)).toEqual(['manual floor']);
  });
});

test('of reported numbers those stay that a policy still goes by, in order of their names', () => {
  const at = (metric: string, value: number, before: Parameters<typeof withReported>[0], atMs = t) =>
    withReported(before, { service: 'aa', metric, value, atMs }, ['a', 'b', 'c'], t);
  const both = at('a', 2, at('b', 1, null));
  expect(JSON.stringify(both.metrics)).toBe(JSON.stringify({ a: { value: 2, atMs: t }, b: { value: 1, atMs: t } }));
  expect(withReported(both, { service: 'aa', metric: 'b', value: 9, atMs: t + 1 }, ['b'], t)).toEqual({
    ...{ service: 'aa', metrics: { b: { value: 9, atMs: t + 1 } } },
  });
  expect(at('b', 9, both)).toBe(both);
  expect(withReported(both, { service: 'bb', metric: 'a', value: 5, atMs: 1 }, ['a', 'b'], t).metrics).toEqual({
    a: { value: 5, atMs: 1 },
  });
});
