// What records of numbers over time must have: reported ones, CloudWatch's, demand; see shapes.ts.
import { count, fours, mapOf, number, object, optional, orNull, text } from './checks.ts';
import type { Check } from './checks.ts';
import type { Curve } from '../../core/forecast/history.ts';
import type { CloudWatchRecord } from '../../core/scaling/policies/cloudwatch.ts';
import type { ReportedRecord } from '../../core/services/policies.ts';

type Fields<T> = Readonly<Partial<Record<keyof T, Check>>>;

export const reported: Check = object({
  service: text,
  metrics: mapOf(object({ value: number, atMs: number })),
} satisfies Fields<ReportedRecord>);

export const cloudWatch: Check = object({
  readings: mapOf(object({ value: orNull(number), atMs: orNull(number), problem: optional(text) })),
  problem: orNull(text),
  leftOut: optional(text),
} satisfies Fields<CloudWatchRecord>);

export const history: Check = object({ from: count, to: count, points: fours(count) } satisfies Fields<Curve>);
