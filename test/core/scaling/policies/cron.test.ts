// Times of cron expressions: fields, days, and what clocks do twice a year.
import { describe, expect, test } from '@jest/globals';
import { firstAfter, isTimeZone, lastBefore, parseCron } from '../../../../lib/core/scaling/policies/cron.ts';
import type { Cron } from '../../../../lib/core/scaling/policies/cron.ts';

function cron(text: string): Cron {
  const parsed = parseCron(text);
  if (typeof parsed === 'string') throw new Error(parsed);
  return parsed;
}
const after = (text: string, zone: string, at: string): string =>
  new Date(firstAfter(cron(text), zone, Date.parse(at)) ?? NaN).toISOString();
const before = (text: string, zone: string, at: string): string =>
  new Date(lastBefore(cron(text), zone, Date.parse(at)) ?? NaN).toISOString();

describe('the next time', () => {
  test.each([
    ['* * * * *', 'UTC', '2026-11-27T10:00:30Z', '2026-11-27T10:01:00.000Z'],
    ['*/15 * * * *', 'UTC', '2026-11-27T10:45:00Z', '2026-11-27T11:00:00.000Z'],
    ['0 8 * * 1-5', 'UTC', '2026-11-27T09:00:00Z', '2026-11-30T08:00:00.000Z'],
    ['0 8 * * mon-fri', 'Europe/Berlin', '2026-11-27T00:00:00Z', '2026-11-27T07:00:00.000Z'],
    ['30 23 31 12 *', 'UTC', '2026-11-27T00:00:00Z', '2026-12-31T23:30:00.000Z'],
    ['0 0 29 feb *', 'UTC', '2026-11-27T00:00:00Z', '2028-02-29T00:00:00.000Z'],
    ['0 12 1 * sun', 'UTC', '2026-11-24T00:00:00Z', '2026-11-29T12:00:00.000Z'],
    ['0 12 1 * 7', 'UTC', '2026-11-30T00:00:00Z', '2026-12-01T12:00:00.000Z'],
    ['5,10 4-6/2 * * *', 'UTC', '2026-11-27T04:10:00Z', '2026-11-27T06:05:00.000Z'],
    ['0 9 * * *', 'Asia/Kathmandu', '2026-11-27T04:00:00Z', '2026-11-28T03:15:00.000Z'],
    ['0 0 * * *', 'Pacific/Auckland', '2026-11-27T11:00:00Z', '2026-11-28T11:00:00.000Z'],
  ])('%s in %s after %s', (text, zone, at, expected) => {
    expect(after(text, zone, at)).toBe(expected);
  });
});

describe('when clocks change', () => {
  test('a time that is left out comes when the clocks have gone forward', () => {
    // Berlin, 29 March 2026: from 2:00 to 3:00 at 01:00 UTC.
    expect(after('30 2 * * *', 'Europe/Berlin', '2026-03-28T12:00:00Z')).toBe('2026-03-29T01:00:00.000Z');
    expect(after('30 2 * * *', 'Europe/Berlin', '2026-03-29T01:00:00Z')).toBe('2026-03-30T00:30:00.000Z');
    expect(after('0 3 * * *', 'Europe/Berlin', '2026-03-28T12:00:00Z')).toBe('2026-03-29T01:00:00.000Z');
  });
  test('a time that comes twice counts once, the first time', () => {
    // New York, 1 November 2026: from 2:00 to 1:00 at 06:00 UTC.
    expect(after('30 1 * * *', 'America/New_York', '2026-11-01T00:00:00Z')).toBe('2026-11-01T05:30:00.000Z');
    expect(after('30 1 * * *', 'America/New_York', '2026-11-01T05:30:00Z')).toBe('2026-11-02T06:30:00.000Z');
  });
  test('a gap at midnight, and one of half an hour', () => {
    // Beirut, 29 March 2026: from 0:00 to 1:00 at 22:00 UTC of the day before.
    expect(after('0 0 * * *', 'Asia/Beirut', '2026-03-28T12:00:00Z')).toBe('2026-03-28T22:00:00.000Z');
    // Lord Howe, 4 October 2026: from 2:00 to 2:30 at 15:30 UTC of the day before.
    expect(after('15 2 * * *', 'Australia/Lord_Howe', '2026-10-03T12:00:00Z')).toBe('2026-10-03T15:30:00.000Z');
  });
  test('morning and evening stay where people have them', () => {
    expect(after('0 8 * * *', 'Europe/Berlin', '2026-03-28T12:00:00Z')).toBe('2026-03-29T06:00:00.000Z');
    expect(after('0 8 * * *', 'Europe/Berlin', '2026-10-24T12:00:00Z')).toBe('2026-10-25T07:00:00.000Z');
  });
});

describe('the time before', () => {
  test.each([
    ['0 8 * * 1-5', 'UTC', '2026-11-29T12:00:00Z', '2026-11-27T08:00:00.000Z'],
    ['0 8 * * *', 'UTC', '2026-11-27T08:00:00Z', '2026-11-27T08:00:00.000Z'],
    ['0 0 29 2 *', 'UTC', '2026-11-27T00:00:00Z', '2024-02-29T00:00:00.000Z'],
    ['30 2 * * *', 'Europe/Berlin', '2026-03-29T12:00:00Z', '2026-03-29T01:00:00.000Z'],
  ])('%s in %s before %s', (text, zone, at, expected) => {
    expect(before(text, zone, at)).toBe(expected);
  });
});

test.each([
  ['0 8 * *', 'five fields'],
  ['60 * * * *', 'minute is 60'],
  ['* 24 * * *', 'hour is 24'],
  ['* * 0 * *', 'day of month is 0'],
  ['* * * 13 *', 'month is 13'],
  ['* * * * 8', 'day of week is 8'],
  ['*/0 * * * *', 'minute is */0'],
  ['5-1 * * * *', 'minute is 5-1'],
  ['a * * * *', 'minute is a'],
  ['1,,2 * * * *', 'minute is 1,,2'],
  ['0 0 31 2,4 *', 'never comes'],
])('%s is refused: %s', (text, why) => {
  expect(parseCron(text)).toContain(why);
});

test('time zones are those that the runtime knows', () => {
  expect([isTimeZone('Europe/Berlin'), isTimeZone('UTC'), isTimeZone('Europe/Nowhere')]).toEqual([true, true, false]);
});
