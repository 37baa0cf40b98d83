// What `npm start` takes, and how it refuses the rest; the lock on the home; the shop's day as a list.
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { taskBody } from '../../lib/api/schemas/requests.ts';
import { UsageError, readConfig } from '../../lib/local/server/config.ts';
import { HomeBusyError, HomeLock, agentSecret } from '../../lib/local/server/home.ts';
import { clockOf, dayMs, shopDay } from '../../lib/local/shop/shop-day.ts';

describe('config', () => {
  test('has defaults that are right for most', () => {
    expect(readConfig({}, [])).toEqual({
      home: join(process.cwd(), '.bellows'),
      port: 4_780,
      proxyPort: 4_880,
      processesMax: 4 * availableParallelism(),
      labelKeys: [],
      ec2ControlPort: null,
      mode: 'shop',
      isOnce: false,
      seed: '1',
    });
    expect(
      readConfig(
        { BELLOWS_HOME: '/x', BELLOWS_PORT: '0', BELLOWS_LOCAL_PROCESSES: '3', BELLOWS_LABEL_KEYS: 'team,env' },
        ['--once'],
      ),
    ).toMatchObject({ home: '/x', port: 0, processesMax: 3, labelKeys: ['team', 'env'], isOnce: true });
    expect(readConfig({}, ['--chaos', '--seed', 'z'])).toMatchObject({ mode: 'chaos', seed: 'z' });
    expect(readConfig({}, ['--help'])).toBeNull();
    expect(readConfig({ BELLOWS_EC2_CONTROL: '4567' }, [])).toMatchObject({ ec2ControlPort: 4_567 });
    expect(readConfig({ BELLOWS_EC2_CONTROL: '4567' }, ['--ec2-control', '0'])).toMatchObject({ ec2ControlPort: 0 });
  });

  test.each([
    [{ BELLOWS_PORT: '70000' }, [], 'BELLOWS_PORT must be a whole number from 0 to 65535 (it is "70000")'],
    [{ BELLOWS_PORT: 'http' }, [], 'BELLOWS_PORT'],
    [{ BELLOWS_LOCAL_PROCESSES: '0' }, [], 'BELLOWS_LOCAL_PROCESSES'],
    [{ BELLOWS_LABEL_KEYS: 'a,b,c,d,e,f' }, [], 'BELLOWS_LABEL_KEYS must be at most 5 keys'],
    [{ BELLOWS_LABEL_KEYS: 'team, env' }, [], 'BELLOWS_LABEL_KEYS must be keys of labels, separated by commas'],
    [{ BELLOWS_HOME: '' }, [], 'BELLOWS_HOME'],
    [{}, ['--chaos', '--empty'], 'exclude each other'],
    [{}, ['--empty', '--once'], '--once'],
    [{ BELLOWS_PORT: '0' }, ['--chaos'], 'BELLOWS_PORT'],
    [{}, ['--ec2-control', '70000'], '--ec2-control must be a whole number from 0 to 65535 (it is "70000")'],
    [{ BELLOWS_EC2_CONTROL: 'on' }, [], 'BELLOWS_EC2_CONTROL must be a whole number'],
    [{ BELLOWS_EC2_CONTROL: '0' }, ['--chaos'], '--ec2-control'],
    [{}, ['--onze'], '--onze'],
    [{}, ['extra'], 'extra'],
  ])('refuses %j %j', (env, args, message) => {
    expect(() => readConfig(env, args)).toThrow(UsageError);
    expect(() => readConfig(env, args)).toThrow(message);
  });
});

describe('the home', () => {
  let dir: string;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'bellows-home-'));
  });
  afterEach(() => {
    rmSync(dir, { recursive: true });
  });

  test('is used by one server at a time', () => {
    const first = HomeLock.take(dir);
    expect(() => HomeLock.take(dir)).toThrow(HomeBusyError);
    expect(() => HomeLock.take(dir)).toThrow(
      new RegExp(`another server \\(process ${String(process.pid)}\\) works in .*BELLOWS_HOME`),
    );
    first.release();
    HomeLock.take(dir).release();
  });

  test('keeps its secret', () => {
    const secret = agentSecret(dir);
    expect(secret).toMatch(/^[0-9a-f]{64}$/);
    expect(agentSecret(dir)).toBe(secret);
  });
});

describe("the shop's day", () => {
  const day = shopDay(3, '/tmp/ledger');

  test('is made of requests that the API takes, in order, each with a key of its own', () => {
    for (const { body } of day) expect(taskBody.safeParse(body).error).toBeUndefined();
    expect(new Set(day.map((one) => one.key)).size).toBe(day.length);
    expect(day.map((one) => one.atMs)).toEqual(day.map((one) => one.atMs).sort((a, b) => a - b));
    expect(day.every((one) => one.atMs >= 0 && one.atMs < dayMs)).toBe(true);
  });

  test('has pages that rise and fall, bursts of images, one array and one report', () => {
    const kinds = (kind: string, from: number, to: number): number =>
      day.filter((one) => one.kind === kind && one.atMs >= from && one.atMs < to).length;
    expect(kinds('page', dayMs / 2, (dayMs * 3) / 4)).toBeGreaterThan(3 * kinds('page', 0, dayMs / 4));
    expect(kinds('image', 0, dayMs)).toBe(40);
    expect(day.filter((one) => one.kind === 'orders').map((one) => one.body['count'])).toEqual([40]);
    expect(kinds('report', 0, dayMs)).toBe(1);
    expect(clockOf(dayMs / 2)).toBe('12:00');
  });

  test('is the same list for the same day, and asks under other keys on the next', () => {
    expect(shopDay(3, '/tmp/ledger')).toEqual(day);
    const keys = new Set(day.map((one) => one.key));
    expect(shopDay(4, '/tmp/ledger').some((one) => keys.has(one.key))).toBe(false);
  });
});
