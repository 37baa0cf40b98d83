// The audit finds what is wrong: each kind of damage is done to a sound installation and must be named.
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { spawn } from 'node:child_process';
import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SimulatedCloud } from '../../lib/adapters/simulated/cloud/cloud.ts';
import { SqliteCloudStorage } from '../../lib/adapters/simulated/cloud/persistence.ts';
import { SqliteStore } from '../../lib/adapters/sqlite/store.ts';
import { SystemClock } from '../../lib/adapters/system/clock.ts';
import { NothingToAuditError, audit, auditLine } from '../../lib/local/server/audit.ts';
import type { Audit } from '../../lib/local/server/audit.ts';
import { homePaths } from '../../lib/local/server/home.ts';

let home: string;
let store: SqliteStore;
let writes = 0;
const clock = new SystemClock();
const nowMs = Date.now();

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'bellows-audit-'));
  store = new SqliteStore({ path: homePaths(home).store, clock });
});
afterEach(() => {
  store.close();
  rmSync(home, { recursive: true });
});

async function put(pk: string, sk: string, data: object): Promise<void> {
  writes += 1;
  await store.put({ item: { pk, sk, data }, condition: 'absent', writeId: `w${String(writes)}` });
}

function taskRow(index: number, over: object = {}): object {
  return { index, state: 'succeeded', attempt: 1, failures: 0, losses: 0, ...over };
}

async function request(id: string, tasks: object[], over: object = {}, count = 1): Promise<void> {
  await put(`REQUEST#${id}`, 'ROW', {
    id,
    state: 'succeeded',
    spec: { count, env: { SHOP_LEDGER: 'x' } },
    tasks: count === 1 ? tasks : [],
    ...over,
  });
  if (count > 1) await put(`REQUEST#${id}`, 'CHUNK#000000', { requestId: id, tasks });
  accept(id);
}

function accept(id: string): void {
  appendFileSync(homePaths(home).accepted, `${String(nowMs)} ${id}\n`);
}

function ran(...attempts: string[]): void {
  for (const attempt of attempts) appendFileSync(homePaths(home).ledger, `start ${attempt}\nend ${attempt}\n`);
}

function withCloud(work: (cloud: SimulatedCloud) => void): void {
  const storage = new SqliteCloudStorage(home);
  work(new SimulatedCloud({ clock, storage }));
  storage.close();
}

function launch(cloud: SimulatedCloud, launchId: string, token = launchId, count = 1): readonly string[] {
  return cloud.launch({
    token,
    tokenScope: 'fleet',
    parameters: token,
    capacityType: 'on-demand',
    strategy: 'lowest-price',
    count,
    minCount: 0,
    overrides: [{ instanceType: 'c6i.large', zone: 'us-east-1a' }],
    tags: { 'bellows:launch': launchId },
  }).instanceIds;
}

const settled = (id: string, count: number): Promise<void> =>
  put('PAST-LAUNCHES#default', id, { id, state: 'settled', request: { count } });
const found = (): Audit => audit(home, nowMs);

test('a sound installation has nothing wrong', async () => {
  await request('r1', [taskRow(0)]);
  await request('r2', [taskRow(0, { attempt: 2, failures: 1 }), taskRow(1)], {}, 2);
  await request('r3', [taskRow(0, { state: 'pending' })], { state: 'pending' });
  ran('r1.0.1', 'r2.0.1', 'r2.0.2', 'r2.1.1');
  let ids: readonly string[] = [];
  withCloud((cloud) => {
    ids = launch(cloud, 'l1', 'l1', 2);
    cloud.crashInstance(ids[0] ?? '', 'gone');
  });
  await settled('l1', 2);
  await put('NODES#default', ids[1] ?? '', {});
  expect(found()).toEqual({
    accepted: 3,
    ended: 2,
    lost: 0,
    ranMoreThanOnce: 0,
    launched: 2,
    gone: 1,
    leaked: 0,
    problems: [],
  });
  expect(auditLine(found())).toBe(
    'audit     accepted 3, ended 2, lost 0, ran more than once 0, launched 2, gone 1, leaked 0',
  );
});

describe('lost', () => {
  test('a request that was accepted and is not there', () => {
    accept('r1');
    expect(found()).toMatchObject({ accepted: 1, lost: 1, problems: [expect.stringContaining('r1 was accepted')] });
  });

  test('but not one that was accepted so long ago that it is rightly forgotten', () => {
    appendFileSync(homePaths(home).accepted, `${String(nowMs - 8 * 24 * 3_600_000)} r1\n`);
    expect(found()).toMatchObject({ accepted: 0, lost: 0, problems: [] });
  });

  test('a success of which the task itself knows nothing', async () => {
    await request('r1', [taskRow(0)]);
    expect(found()).toMatchObject({ lost: 1, problems: [expect.stringContaining('never said that it ended')] });
  });

  test('an array that ended without all of its tasks, or with one that did not end', async () => {
    await request('r1', [taskRow(0)], {}, 2);
    await request('r2', [taskRow(0), taskRow(1, { state: 'placed' })], {}, 2);
    ran('r1.0.1', 'r2.0.1');
    expect(found()).toMatchObject({
      lost: 2,
      problems: [expect.stringContaining('only 1 of its 2 tasks'), expect.stringContaining('its task 1 is placed')],
    });
  });
});

describe('ran more than once', () => {
  test('is counted after a loss, and no problem', async () => {
    await request('r1', [taskRow(0, { attempt: 2, losses: 1 })]);
    ran('r1.0.1', 'r1.0.2');
    expect(found()).toMatchObject({ ranMoreThanOnce: 1, problems: [] });
  });

  test('one attempt started twice is a problem', async () => {
    await request('r1', [taskRow(0)]);
    ran('r1.0.1', 'r1.0.1');
    expect(found()).toMatchObject({ problems: [expect.stringContaining('attempt r1.0.1 was started 2 times')] });
  });
});

describe('launched twice', () => {
  test('more instances than the launch wanted', async () => {
    let ids: readonly string[] = [];
    withCloud((cloud) => {
      ids = launch(cloud, 'l1', 'l1', 2);
    });
    await settled('l1', 1);
    for (const id of ids) await put('NODES#default', id, {});
    expect(found()).toMatchObject({
      launched: 2,
      problems: ['launched twice: launch l1 wanted 1 instances and made 2'],
    });
  });

  test('a launch under two tokens', async () => {
    let ids: readonly string[] = [];
    withCloud((cloud) => {
      ids = [...launch(cloud, 'l1', 'a'), ...launch(cloud, 'l1', 'b')];
    });
    await settled('l1', 2);
    for (const id of ids) await put('NODES#default', id, {});
    expect(found()).toMatchObject({ problems: ['launched twice: launch l1 was sent with 2 different tokens'] });
  });
});

describe('leaked', () => {
  test('an instance that nobody knows', async () => {
    withCloud((cloud) => {
      launch(cloud, 'l1');
    });
    await settled('l1', 1);
    expect(found()).toMatchObject({
      leaked: 1,
      gone: 0,
      problems: [expect.stringContaining('knows neither it nor an open launch')],
    });
  });

  test('but not one of a launch that is still open', async () => {
    withCloud((cloud) => {
      launch(cloud, 'l1');
    });
    await put('LAUNCHES#default', 'l1', { id: 'l1', state: 'sent', request: { count: 1 } });
    expect(found()).toMatchObject({ leaked: 0, problems: [] });
  });

  test('a process of an instance that is gone', async () => {
    const work = join(homePaths(home).agents, 'i-dead', 'work');
    mkdirSync(work, { recursive: true });
    const child = spawn('sleep', ['30'], { env: { PATH: '/usr/bin:/bin', HOME: work }, stdio: 'ignore' });
    await new Promise((resolve) => child.once('spawn', resolve));
    expect(found()).toMatchObject({
      leaked: 1,
      problems: [`leaked: process ${String(child.pid)} of instance i-dead still runs, though the instance does not`],
    });
    child.kill('SIGKILL');
    await new Promise((resolve) => child.once('exit', resolve));
    expect(found().leaked).toBe(0);
  });
});

test('a folder without an installation is said to be one', () => {
  const empty = join(home, 'empty');
  mkdirSync(empty);
  writeFileSync(join(empty, 'x'), '');
  expect(() => audit(empty, nowMs)).toThrow(NothingToAuditError);
});
