// Metrics of CloudWatch: which span is read and when the next one can be, and when a value counts.
import { describe, expect, test } from '@jest/globals';
import type { CloudWatchMetric, HeadroomPolicy } from '../../../../lib/core/records/pool.ts';
import type { CloudWatchSeen, Reading } from '../../../../lib/core/scaling/policies/cloudwatch.ts';
import {
  againAfterFailureMs,
  knownOf,
  metricId,
  nextSpanAtMs,
  saysTheSame,
  spanOf,
} from '../../../../lib/core/scaling/policies/cloudwatch.ts';
import { headroomWishes, policiesDueAtMs } from '../../../../lib/core/scaling/policies/headroom.ts';

const noon = Date.UTC(2026, 10, 27, 12);
const metric: CloudWatchMetric = {
  namespace: 'AWS/SQS',
  metricName: 'ApproximateNumberOfMessagesVisible',
  dimensions: { QueueName: 'orders' },
  statistic: 'Average',
  periodMs: 60_000,
};
const seen = (reading: Reading | null, more: Partial<CloudWatchSeen> = {}): CloudWatchSeen => ({
  readings: reading === null ? {} : { [metricId(metric)]: reading },
  problem: null,
  until: { 60000: noon },
  nextMs: null,
  ...more,
});

describe('spans', () => {
  test.each([
    ['a period that has just ended has not settled', 60_000, noon, noon - 60_000],
    ['one that ended a minute ago has', 60_000, noon + 60_000, noon],
    ['between', 60_000, noon + 119_999, noon],
    ['of five minutes', 300_000, noon + 359_999, noon],
    ['of an hour', 3_600_000, noon + 59_999, noon - 3_600_000],
  ])('%s', (_what, periodMs, nowMs, toMs) => {
    expect(spanOf(periodMs, nowMs)).toEqual({ fromMs: toMs - 3 * periodMs, toMs });
    const next = nextSpanAtMs(periodMs, nowMs);
    expect(spanOf(periodMs, next).toMs).toBe(toMs + periodMs);
    expect(spanOf(periodMs, next - 1).toMs).toBe(toMs);
  });

  test('after a failure with the next minute', () => {
    expect(againAfterFailureMs(noon)).toBe(noon + 60_000);
    expect(againAfterFailureMs(noon + 59_999)).toBe(noon + 60_000);
  });
});

describe('names', () => {
  test('dimensions have no order; all else counts', () => {
    const twice = { ...metric, dimensions: { B: '1', A: '2' } };
    expect(metricId(twice)).toBe(metricId({ ...metric, dimensions: { A: '2', B: '1' } }));
    const others: CloudWatchMetric[] = [
      { ...metric, namespace: 'AWS/SNS' },
      { ...metric, metricName: 'x' },
      { ...metric, dimensions: { QueueName: 'others' } },
      { ...metric, statistic: 'Sum' },
      { ...metric, periodMs: 300_000 },
      twice,
    ];
    expect(new Set([metric, ...others].map(metricId)).size).toBe(7);
  });
});

describe('what is known', () => {
  const reading = { value: 7, atMs: noon };

  test('a value counts for three periods and two minutes after CloudWatch was read', () => {
    const last = noon + 3 * 60_000 + 120_000;
    expect(knownOf(metric, seen(reading), last)).toEqual({ kind: 'value', value: 7, atMs: noon });
    expect(knownOf(metric, seen(reading), last + 1)).toMatchObject({
      kind: 'missing',
      reason: expect.stringContaining('CloudWatch was last read for 2026-11-27T12:00'),
    });
    // The same value was read again: when it was written does not matter.
    expect(knownOf(metric, seen(reading, { until: { 60000: noon + 60_000 } }), last + 1).kind).toBe('value');
  });

  test.each<[string, CloudWatchSeen | null, string]>([
    ['never read', null, 'CloudWatch has not been read yet'],
    ['another one was', seen(null), 'CloudWatch has not been read yet'],
    ['refused from the start', seen(null, { problem: 'refused; do this' }), 'refused; do this'],
    ['none came', seen({ value: null, atMs: null }), 'none came in the last 3 periods of 60 s'],
    ['CloudWatch says why', seen({ value: null, atMs: null, problem: 'Forbidden' }), 'Forbidden'],
  ])('%s', (_what, given, reason) => {
    expect(knownOf(metric, given, noon)).toEqual({
      kind: 'missing',
      reason: `AWS/SQS ApproximateNumberOfMessagesVisible has no data: ${reason}`,
    });
  });

  test('a value counts though the next one was refused, as long as it is not too old', () => {
    const refused = seen(reading, { problem: 'refused; do this' });
    expect(knownOf(metric, refused, noon + 300_000).kind).toBe('value');
    expect(knownOf(metric, refused, noon + 300_001)).toMatchObject({ reason: expect.stringContaining('do this') });
  });

  test('what is stored is another one when a value or a problem is', () => {
    expect(saysTheSame(seen(reading), seen({ ...reading, atMs: noon + 60_000 }))).toBe(true);
    expect(saysTheSame(seen(reading), seen({ ...reading, value: 8 }))).toBe(false);
    expect(saysTheSame(seen(reading), seen({ value: null, atMs: null }))).toBe(false);
    expect(saysTheSame(seen(reading), seen(null))).toBe(false);
    expect(saysTheSame(seen(reading), seen(reading, { problem: 'x' }))).toBe(false);
    expect(saysTheSame(seen(reading), seen({ ...reading, problem: 'x' }))).toBe(false);
  });
});

describe('headroom by them', () => {
  const target: HeadroomPolicy = { kind: 'target', name: 'queue', cloudWatch: metric, target: 10 };
  const steps = [
    { from: 20, wanted: 1 },
    { from: 40, wanted: 3 },
  ];
  const step: HeadroomPolicy = { kind: 'step', name: 'queue', cloudWatch: metric, steps };

  test.each<[string, HeadroomPolicy, number | null, number | null]>([
    ['a node for each ten', target, 41, 5],
    ['none of nothing', target, 0, 0],
    ['no data wants nothing', target, null, null],
    ['below all steps', step, 19, 0],
    ['the last step', step, 40, 3],
    ['steps without data', step, null, null],
  ])('%s', (_what, policy, value, wanted) => {
    const cloudWatch = seen({ value, atMs: value === null ? null : noon });
    const [wish] = headroomWishes([policy], { nowMs: noon + 60_000, demand: null, cloudWatch }, 0);
    expect(wish?.wanted).toBe(wanted);
    expect(wish?.reason).toContain(value === null ? 'none came' : 'CloudWatch until 2026-11-27T12:00:00Z');
  });

  test('looks again when CloudWatch can be read again', () => {
    const calm = { record: { nodes: 0, moved: { wishes: [], changes: [] }, reason: '' } };
    const combined = { wanted: 0, by: null, reason: '' };
    expect(policiesDueAtMs([target], { ...calm, combined }, noon, noon + 60_000)).toBe(noon + 60_000);
    const manual: HeadroomPolicy = { kind: 'manual', name: 'floor', nodes: 0 };
    expect(policiesDueAtMs([manual], { ...calm, combined }, noon, noon + 60_000)).toBeNull();
  });
});
