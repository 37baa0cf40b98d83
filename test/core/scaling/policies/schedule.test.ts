// A schedule: the entry that came last sets the number, and the next one is when to look again.
import { expect, test } from '@jest/globals';
import { scheduleDueAtMs, scheduleWish } from '../../../../lib/core/scaling/policies/schedule.ts';

const at = (text: string): number => Date.parse(`2026-03-04T${text}:00Z`);
const entries = [
  { cron: '0 8 * * *', wanted: 10 },
  { cron: '0 18 * * *', wanted: 2 },
];
const daily = { timeZone: 'UTC', entries };

test.each([
  ['07:59', 2, '0 18 * * * in UTC'],
  ['08:00', 10, '0 8 * * * in UTC'],
  ['17:59', 10, '0 8 * * * in UTC'],
  ['18:00', 2, '0 18 * * * in UTC'],
])('at %s it wants %d', (time, wanted, reason) => {
  expect(scheduleWish('day', daily, at(time))).toEqual({ policy: 'day', wanted, reason });
});

test('times are of its time zone', () => {
  expect(scheduleWish('day', { ...daily, timeZone: 'America/New_York' }, at('12:59')).wanted).toBe(2);
  expect(scheduleWish('day', { ...daily, timeZone: 'America/New_York' }, at('13:00')).wanted).toBe(10);
});

test('of two at one time the larger', () => {
  const both = [
    { cron: '0 8 * * *', wanted: 3 },
    { cron: '0 8 * * *', wanted: 7 },
    { cron: '0 8 * * *', wanted: 5 },
  ];
  expect(scheduleWish('day', { timeZone: 'UTC', entries: both }, at('09:00')).wanted).toBe(7);
});

test('what is no time has no wish, and says so; a schedule without entries wants nothing', () => {
  const wrong = { timeZone: 'UTC', entries: [...entries, { cron: '99 * * * *', wanted: 1 }] };
  expect(scheduleWish('day', wrong, at('09:00'))).toMatchObject({
    wanted: null,
    reason: expect.stringMatching(/^99 \* \* \* \* minute/),
  });
  expect(scheduleWish('day', { timeZone: 'UTC', entries: [] }, 0)).toEqual({
    ...{ policy: 'day', wanted: 0, reason: 'none of its times has come yet' },
  });
});

test('the next of its times is due; where there is none, never', () => {
  expect(scheduleDueAtMs(daily, at('07:00'))).toBe(at('08:00'));
  expect(scheduleDueAtMs(daily, at('08:00'))).toBe(at('18:00'));
  expect(scheduleDueAtMs({ timeZone: 'UTC', entries: [] }, at('08:00'))).toBeNull();
  expect(scheduleDueAtMs({ timeZone: 'UTC', entries: [{ cron: 'wrong', wanted: 1 }] }, at('08:00'))).toBeNull();
});
