// The cloud outlives its server: what was answered is there after kill -9, what passed meanwhile is caught up.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { SimulatedCloud } from '../../../lib/adapters/simulated/cloud/cloud.ts';
import type { LaunchCall } from '../../../lib/adapters/simulated/cloud/market/launching.ts';
import { SqliteCloudStorage, auditCloud } from '../../../lib/adapters/simulated/cloud/persistence.ts';

const startMs = Date.UTC(2026, 0, 1);
let folder: string;
let time: { nowMs: number };
let open: SqliteCloudStorage[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bellows-cloud-'));
  time = { nowMs: startMs };
  open = [];
});
afterEach(() => {
  for (const storage of open) storage.close();
  rmSync(folder, { recursive: true });
});

function cloudHere(): SimulatedCloud {
  const storage = new SqliteCloudStorage(folder);
  open.push(storage);
  return new SimulatedCloud({
    clock: { nowMs: () => time.nowMs },
    storage,
    options: { launchMs: 2000, shutdownMs: 1000, describeLagMs: 0 },
  });
}

const call = (token: string): LaunchCall => ({
  token,
  tokenScope: 'fleet',
  parameters: token,
  capacityType: 'spot',
  strategy: 'lowest-price',
  overrides: [{ instanceType: 'c7g.large', zone: 'us-east-1a' }],
  count: 2,
  minCount: 0,
  tags: { launch: token },
});

test('instances, tokens, capacity and randomness are there again, and time that passed is caught up', () => {
  const first = cloudHere();
  first.setCapacity('c7g.large/*', 5);
  const launched = first.launch(call('a'));
  const twin = cloudHere();
  expect(twin.random.state).toEqual(first.random.state);

  time.nowMs += 60_000;
  const again = cloudHere();
  expect(again.instances()).toMatchObject(
    launched.instanceIds.map((id) => ({ id, state: 'running', launchedAtMs: startMs })),
  );
  expect(again.takeEvents(time.nowMs)).toMatchObject([
    { state: 'running', atMs: startMs + 2000 },
    { state: 'running', atMs: startMs + 2000 },
  ]);
  expect(again.launch(call('a'))).toMatchObject({ isReplay: true, instanceIds: launched.instanceIds });
  expect(() => again.launch({ ...call('a'), parameters: 'other' })).toThrow(
    'inconsistent with arguments used in previous',
  );
  expect(again.capacity.available('c7g.large/us-east-1a/spot', time.nowMs)).toBe(3);
  again.terminate(launched.instanceIds);

  time.nowMs += 2 * 3_600_000;
  const late = cloudHere();
  expect(late.instances()).toEqual([]);
  expect(late.billing()).toMatchObject({ launched: 2, usdPerHour: 0 });
  expect(late.billing().spentUsd).toBeGreaterThan(0);
  expect(() => late.launch(call('a'))).toThrow('associated with a terminated instance');
  expect(auditCloud(folder)).toMatchObject(
    launched.instanceIds.map((id) => ({
      id,
      token: 'a',
      state: 'terminated',
      isForgotten: true,
      tags: { launch: 'a' },
    })),
  );
  const billedUsd = auditCloud(folder).reduce((sum, one) => sum + one.billedUsd, 0);
  expect(billedUsd).toBeCloseTo(late.billing().spentUsd, 12);
});

test('kill -9 at any moment loses no answered launch and doubles none', async () => {
  const answered: string[] = [];
  for (let round = 0; round < 4; round++) {
    const child = spawn(
      process.execPath,
      [fileURLToPath(new URL('launch-forever.ts', import.meta.url)), folder, `r${String(round)}`],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    let text = '';
    child.stdout.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      if (text.length > 40 + 150 * round) child.kill('SIGKILL');
    });
    await new Promise((resolve) => child.on('close', resolve));
    // The last line may be cut in the middle: it was not answered.
    answered.push(...text.split('\n').slice(0, -1));
  }
  expect(answered.length).toBeGreaterThan(20);
  time.nowMs = Date.now();
  const cloud = cloudHere();
  const effects = cloud.launchEffects();
  for (const token of answered) expect(effects.get(token)).toHaveLength(2);
  const rows = auditCloud(folder);
  for (const [token, ids] of effects)
    expect(rows.filter((row) => row.token === token).map((row) => row.id)).toEqual(ids);
  expect(rows).toHaveLength([...effects.values()].flat().length);
});
