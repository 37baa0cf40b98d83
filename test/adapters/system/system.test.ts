// The machine's clock, randomness and log keep what their ports say.
import { describe, expect, test } from '@jest/globals';
import { SystemClock } from '../../../lib/adapters/system/clock.ts';
import { JsonLog } from '../../../lib/adapters/system/log.ts';
import { SystemRandom } from '../../../lib/adapters/system/random.ts';

test('the clock sleeps about as long as asked, on both its hands', async () => {
  const clock = new SystemClock();
  const [wallMs, monotonicMs] = [clock.nowMs(), clock.monotonicMs()];
  await clock.sleep(30);
  expect(clock.monotonicMs() - monotonicMs).toBeGreaterThanOrEqual(28);
  const [before, now, after] = [Date.now(), clock.nowMs(), Date.now()];
  expect(before <= now && now <= after).toBe(true);
  expect(clock.nowMs() - wallMs).toBeGreaterThanOrEqual(20);
});

describe('randomness', () => {
  const random = new SystemRandom();

  test('ids are lower-case letters and digits, 100 bits, and differ', () => {
    const ids = Array.from({ length: 1000 }, () => random.id());
    for (const id of ids) expect(id).toMatch(/^[0-9a-v]{20}$/);
    expect(new Set(ids).size).toBe(1000);
    for (const character of '0123456789abcdefghijklmnopqrstuv') expect(ids.join('')).toContain(character);
  });

  test('numbers spread evenly over [0, 1)', () => {
    const tenths = new Array<number>(10).fill(0);
    for (let at = 0; at < 10_000; at += 1) {
      const value = random.next();
      expect(value >= 0 && value < 1).toBe(true);
      const tenth = Math.floor(value * 10);
      tenths[tenth] = (tenths[tenth] ?? 0) + 1;
    }
    for (const count of tenths) expect(Math.abs(count - 1000)).toBeLessThan(250); // more than 8 standard deviations
  });
});

describe('a log line', () => {
  function lines(level?: 'debug' | 'warn'): { readonly log: JsonLog; readonly written: Record<string, unknown>[] } {
    const written: Record<string, unknown>[] = [];
    const log = new JsonLog({
      level,
      fields: { process: 'test' },
      write: (line) => {
        expect(line.endsWith('\n') && !line.slice(0, -1).includes('\n')).toBe(true);
        written.push(JSON.parse(line) as Record<string, unknown>);
      },
    });
    return { log, written };
  }

  test('is one JSON object with time, level, message and fields, which cannot replace them', () => {
    const { log, written } = lines();
    log.write('info', 'two\nlines', { pool: 'p', level: 'mine', count: 5n });
    expect(written).toEqual([
      {
        at: expect.stringMatching(/^\d{4}-.*Z$/) as unknown,
        level: 'info',
        message: 'two\nlines',
        process: 'test',
        pool: 'p',
        count: '5',
      },
    ]);
  });

  test('tells errors with their stack, own fields and cause', () => {
    const { log, written } = lines();
    log.write('error', 'failed', {
      error: Object.assign(new TypeError('outer', { cause: new Error('inner') }), { code: 'x' }),
    });
    expect(written[0]?.['error']).toMatchObject({
      name: 'TypeError',
      message: 'outer',
      code: 'x',
      stack: expect.stringContaining('outer') as unknown,
      cause: { message: 'inner' },
    });
  });

  test('is left out below the level', () => {
    const { log, written } = lines('warn');
    for (const level of ['debug', 'info', 'warn', 'error'] as const) log.write(level, level);
    expect(written.map((line) => line['level'])).toEqual(['warn', 'error']);
  });
});
