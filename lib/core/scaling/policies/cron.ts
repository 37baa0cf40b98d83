// Times of a cron expression in a time zone: minute, hour, day of month, month, day of week. Its own, small: a library
// for it brings a clock and timers, and the core has neither.
// Where clocks go forward, a time that is left out is the first one after the gap; where they go back, a time that
// comes twice is the first of the two. So each day has each time once.

export interface Cron {
  readonly minutes: readonly number[];
  readonly hours: readonly number[];
  readonly days: ReadonlySet<number>;
  readonly months: ReadonlySet<number>;
  readonly weekdays: ReadonlySet<number>;
  /** Both days of month and of week are given: either is enough (as cron has it). */
  readonly isEitherDay: boolean;
}

const monthNames = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const dayNames = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];

/** Of five fields; a text says what is wrong with it. */
export function parseCron(text: string): Cron | string {
  const fields = text.trim().split(/\s+/);
  if (fields.length !== 5) return 'must have five fields: minute, hour, day of month, month, day of week';
  const [minute = '', hour = '', day = '', month = '', weekday = ''] = fields;
  const parsed = [
    parseField(minute, 'minute', 0, 59),
    parseField(hour, 'hour', 0, 23),
    parseField(day, 'day of month', 1, 31),
    parseField(month, 'month', 1, 12, monthNames, 1),
    parseField(weekday, 'day of week', 0, 7, dayNames),
  ];
  const wrong = parsed.find((one) => typeof one === 'string');
  if (typeof wrong === 'string') return wrong;
  const [minutes = [], hours = [], days = [], months = [], weekdays = []] = parsed as number[][];
  const cron = {
    minutes,
    hours,
    days: new Set(days),
    months: new Set(months),
    weekdays: new Set(weekdays.map((one) => one % 7)),
    isEitherDay: !day.startsWith('*') && !weekday.startsWith('*'),
  };
  return lastDayIn(cron) ? cron : 'never comes: no month of it has such a day';
}

/** Some month has some of its days. */
function lastDayIn({ days, months, isEitherDay }: Cron): boolean {
  const longest = (month: number): number => (month === 2 ? 29 : [4, 6, 9, 11].includes(month) ? 30 : 31);
  return isEitherDay || [...months].some((month) => [...days].some((day) => day <= longest(month)));
}

function parseField(
  text: string,
  name: string,
  min: number,
  max: number,
  names: readonly string[] = [],
  firstName = 0,
): number[] | string {
  const values = new Set<number>();
  const wrong = `${name} is ${text}: must be *, numbers from ${String(min)} to ${String(max)}, ranges and steps`;
  const numberOf = (one: string): number => {
    const named = names.indexOf(one.toLowerCase());
    return named >= 0 ? named + firstName : /^\d{1,2}$/.test(one) ? Number(one) : NaN;
  };
  for (const part of text.split(',')) {
    const [range = '', stepText, ...more] = part.split('/');
    const step = stepText === undefined ? 1 : Number(/^\d{1,2}$/.exec(stepText)?.[0] ?? NaN);
    const [fromText = '', toText, ...rest] = range.split('-');
    const from = range === '*' ? min : numberOf(fromText);
    const to = range === '*' || (toText === undefined && stepText !== undefined) ? max : numberOf(toText ?? fromText);
    const isSound = from >= min && to <= max && from <= to && step >= 1 && more.length + rest.length === 0;
    if (!isSound) return wrong;
    for (let value = from; value <= to; value += step) values.add(value);
  }
  return [...values].sort((a, b) => a - b);
}

const minuteMs = 60_000;
const dayMs = 86_400_000;
/** A leap year's day comes within eight years. */
const daysLooked = 8 * 366 + 2;

/** The last time at or before `atMs`; null: none in eight years. */
export function lastBefore(cron: Cron, timeZone: string, atMs: number): number | null {
  const zone = zoneOf(timeZone);
  // A day of the calendar, as the time of its midnight in UTC; one more, for a gap at midnight.
  let day = dayOf(zone.localOf(atMs)) + dayMs;
  for (let looked = 0; looked < daysLooked; looked += 1, day -= dayMs) {
    if (!isDay(cron, day)) continue;
    const times = localTimes(cron, day);
    const last = times[firstLater(times, zone, atMs) - 1];
    if (last !== undefined) return zone.timeOf(last);
  }
  return null;
}

/** The first time after `atMs`; null: none in eight years. */
export function firstAfter(cron: Cron, timeZone: string, atMs: number): number | null {
  const zone = zoneOf(timeZone);
  let day = dayOf(zone.localOf(atMs)) - dayMs;
  for (let looked = 0; looked < daysLooked; looked += 1, day += dayMs) {
    if (!isDay(cron, day)) continue;
    const times = localTimes(cron, day);
    const next = times[firstLater(times, zone, atMs)];
    if (next !== undefined) return zone.timeOf(next);
  }
  return null;
}

/** The place of the first that comes after `atMs`: later on clocks is never earlier in truth. */
function firstLater(times: readonly number[], zone: Zone, atMs: number): number {
  let [low, high] = [0, times.length];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (zone.timeOf(times[middle] ?? 0) > atMs) high = middle;
    else low = middle + 1;
  }
  return low;
}

function dayOf(localMs: number): number {
  return Math.floor(localMs / dayMs) * dayMs;
}

function isDay({ days, months, weekdays, isEitherDay }: Cron, day: number): boolean {
  const date = new Date(day);
  if (!months.has(date.getUTCMonth() + 1)) return false;
  const [isDate, isWeekday] = [days.has(date.getUTCDate()), weekdays.has(date.getUTCDay())];
  return isEitherDay ? isDate || isWeekday : isDate && isWeekday;
}

function localTimes({ hours, minutes }: Cron, day: number): readonly number[] {
  return hours.flatMap((hour) => minutes.map((minute) => day + (hour * 60 + minute) * minuteMs));
}

export function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en-US', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

/** What clocks show, as if it were UTC. */
class Zone {
  readonly #format: Intl.DateTimeFormat;

  constructor(timeZone: string) {
    this.#format = new Intl.DateTimeFormat('en-US', {
      timeZone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
  }

  localOf(atMs: number): number {
    const parts = new Map(this.#format.formatToParts(atMs).map(({ type, value }) => [type, Number(value)]));
    const of = (type: Intl.DateTimeFormatPartTypes): number => parts.get(type) ?? 0;
    return Date.UTC(of('year'), of('month') - 1, of('day'), of('hour'), of('minute'), of('second'));
  }

  /** When clocks show it first; where they never do, when they first show more. */
  timeOf(localMs: number): number {
    const offsets = [localMs - dayMs, localMs + dayMs].map((one) => this.localOf(one) - one);
    const [before = 0, after = 0] = offsets;
    const candidates = [localMs - before, localMs - after].filter((one) => this.localOf(one) === localMs);
    if (candidates.length > 0) return Math.min(...candidates);
    // In a gap: the change lies between the two readings, and is looked for by halves.
    let [low, high] = [localMs - Math.max(before, after), localMs - Math.min(before, after)];
    while (high - low > 1_000) {
      const middle = Math.floor((low + high) / 2_000) * 1_000;
      if (this.localOf(middle) > localMs) high = middle;
      else low = middle;
    }
    return high;
  }
}

/** Few are in use, and making one takes long. */
const zones = new Map<string, Zone>();
const zonesMax = 64;

function zoneOf(timeZone: string): Zone {
  const known = zones.get(timeZone);
  if (known) return known;
  if (zones.size >= zonesMax) zones.clear();
  const zone = new Zone(timeZone);
  zones.set(timeZone, zone);
  return zone;
}
