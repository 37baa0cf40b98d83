// What EC2 offers and what spot costs, read through the real SDK from the EC2 simulator, stored
// once and read by others.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { EC2Client } from '@aws-sdk/client-ec2';
import { StoredCatalog } from '../../lib/adapters/aws/ec2/catalog/stored-catalog.ts';
import type { CatalogSnapshot, PriceList } from '../../lib/adapters/aws/ec2/catalog/snapshot.ts';
import { packSnapshot, unpackSnapshot } from '../../lib/adapters/aws/ec2/catalog/snapshot.ts';
import { readEc2Catalog } from '../../lib/adapters/aws/ec2/catalog/read-catalog.ts';
import { createEc2Client } from '../../lib/adapters/aws/ec2/calls.ts';
import { MemoryStore } from '../../lib/adapters/memory/store.ts';
import { Ec2Simulator } from '../../lib/adapters/simulated/ec2/http/server.ts';
import { catalogInfo, instanceType } from '../../lib/core/catalog/index.ts';
import { TestClock } from '../contract/store.harness.ts';
import { hangMs } from '../hang.ts';

let simulator: Ec2Simulator;
let client: EC2Client;

beforeAll(async () => {
  simulator = await Ec2Simulator.start({ throttling: 'off' });
  client = createEc2Client({
    region: 'us-east-1',
    endpoint: simulator.endpoint,
    credentials: () => ({ accessKeyId: '300000000001', secretAccessKey: 's' }),
    timeoutMs: hangMs,
  });
});

afterAll(async () => {
  client.destroy();
  await simulator.close();
});

const zones = ['us-east-1b', 'us-east-1a'];

function bench(refresh: (() => Promise<CatalogSnapshot>) | undefined) {
  const clock = new TestClock();
  let ids = 0;
  const lines: string[] = [];
  const ports = {
    clock,
    random: { id: () => `w-${String((ids += 1))}` },
    log: { write: (_level: string, message: string) => void lines.push(message) },
  };
  let writes = 0;
  const store = new MemoryStore({
    clock,
    onChange: () => {
      writes += 1;
    },
  });
  const open = (asks = refresh, refreshPrices?: (unknown: readonly string[]) => Promise<PriceList>): StoredCatalog =>
    new StoredCatalog({ ...ports, store, zones, refresh: asks, refreshPrices });
  return { clock, lines, open, writes: () => writes };
}

test(
  'EC2 is asked for offerings and spot prices of the zones with ' + 'subnets, and everybody reads what it said',
  async () => {
    let asked = 0;
    const { open, clock, writes, lines } = bench(async () => {
      asked += 1;
      return readEc2Catalog(client, zones, clock.nowMs());
    });
    const scheduler = open();
    const offerings = await scheduler.offerings();
    expect(offerings.length).toBeGreaterThan(1_000);
    expect(new Set(offerings.map((offering) => offering.zone))).toEqual(new Set(['us-east-1a', 'us-east-1b']));
    expect(
      [...offerings]
        .sort((a, b) => (a.type.name < b.type.name ? -1 : a.type.name > b.type.name ? 1 : 0))
        .map((one) => one.id),
    ).toEqual(offerings.map((one) => one.id));
    const spot = offerings.find((offering) => offering.id === 'm7i.large/us-east-1a/spot');
    expect(spot?.priceUsdPerHour).toBeGreaterThan(0);
    expect(spot?.priceUsdPerHour).toBeLessThan(instanceType('m7i.large')?.onDemandUsdPerHour ?? 0);
    expect(await scheduler.offerings()).toBe(offerings);
    expect({ asked, writes: writes() }).toEqual({ asked: 1, writes: 1 });
    // A function that may not ask EC2.
    expect((await open(undefined).offerings()).map((one) => one.id)).toEqual(offerings.map((one) => one.id));
    expect(await open(undefined).info()).toEqual({
      offerings: { source: 'ec2', region: 'us-east-1', asOfMs: clock.nowMs() },
      onDemandPrices: { source: 'packaged', region: 'us-east-1', asOfMs: Date.parse(catalogInfo.pricesAsOf) },
    });
    expect(new Set(lines)).toEqual(
      new Set(['the price list has not been read yet; the packaged on-demand prices are used']),
    );
  },
);

test('it is asked again on schedule, before a tick would have to, and not while the figures are young', async () => {
  let asked = 0;
  const { open, clock, writes } = bench(async () => {
    asked += 1;
    return { atMs: clock.nowMs(), zones: ['us-east-1a'], types: { 'm7i.large': [0.05 + asked / 1000] } };
  });
  const spotOf = async (catalog: StoredCatalog): Promise<number | undefined> =>
    (await catalog.offerings()).find((one) => one.capacityType === 'spot')?.priceUsdPerHour;
  const [scheduler, tick] = [open(), open()];
  await scheduler.keepFresh(15 * 60_000);
  expect(await spotOf(tick)).toBeCloseTo(0.051);
  clock.advance(14 * 60_000);
  await scheduler.keepFresh(15 * 60_000);
  expect(asked).toBe(1);
  clock.advance(61_000);
  await scheduler.keepFresh(15 * 60_000);
  // Another process that is asked to keep it fresh finds it fresh.
  await open().keepFresh(15 * 60_000);
  expect({ asked, writes: writes() }).toEqual({ asked: 2, writes: 2 });
  expect(await spotOf(tick)).toBeCloseTo(0.052);
  clock.advance(11 * 3_600_000);
  await tick.offerings();
  expect(asked).toBe(2);
  clock.advance(3_600_000);
  expect(await spotOf(tick)).toBeCloseTo(0.053);
});

test(
  'before EC2 was asked the packaged figures are used, visibly; where ' + 'it cannot be asked older figures stay',
  async () => {
    const { open, clock, lines } = bench(undefined);
    const api = open();
    const packaged = await api.offerings();
    expect(new Set(packaged.map((offering) => offering.zone))).toEqual(new Set(zones));
    expect(await api.info()).toMatchObject({
      offerings: { source: 'packaged' },
      onDemandPrices: { source: 'packaged', region: 'us-east-1' },
    });
    expect(lines).toEqual([expect.stringContaining('the packaged figures are used')]);
    clock.advance(61_000);
    expect(await api.offerings()).toBe(packaged);
    let isBroken = false;
    const scheduler = open(async () => {
      if (isBroken) throw new Error('no permission');
      return { atMs: clock.nowMs(), zones: ['us-east-1a'], types: { 'm7i.large': [0.05] } };
    });
    expect(await scheduler.offerings()).toHaveLength(2);
    isBroken = true;
    clock.advance(13 * 3_600_000);
    expect(await scheduler.offerings()).toHaveLength(2);
    expect((await scheduler.info()).offerings).toMatchObject({ source: 'ec2', asOfMs: clock.nowMs() - 13 * 3_600_000 });
    expect(lines.at(-1)).toContain('older figures stay in use');
  },
);

describe('the price list', () => {
  const facts = {
    ...(instanceType('m7i.large') ?? { family: '' }),
    name: 'm9z.large',
    family: 'm9z',
  } as PriceList['others'][number];
  const setUp = () => {
    const unknown: (readonly string[])[] = [];
    const state = { fails: false };
    const { open, ...rest } = bench(async () => ({
      atMs: rest.clock.nowMs(),
      zones: ['eu-west-1a'],
      types: { 'm7i.large': [0.05], 'c5.large': [0], 'm9z.large': [0.04], 'p99.large': [0] },
    }));
    const prices = async (names: readonly string[]): Promise<PriceList> => {
      unknown.push(names);
      if (state.fails) throw new Error('AccessDeniedException');
      return {
        atMs: rest.clock.nowMs(),
        region: 'eu-west-1',
        onDemand: { 'm7i.large': 0.1197, 'm9z.large': 0.2 },
        others: [facts],
      };
    };
    return { ...rest, unknown, state, open, scheduler: open(undefined, prices) };
  };
  const byId = async (catalog: StoredCatalog): Promise<Record<string, number>> =>
    Object.fromEntries((await catalog.offerings()).map((one) => [one.id, one.priceUsdPerHour]));

  test("has the region's prices once it was read, for every function, and young types with them", async () => {
    const { scheduler, open, unknown, clock, writes } = setUp();
    const api = open();
    // First the packaged figures stand in: visibly, and also for a type that the region does not sell on demand.
    expect(await byId(scheduler)).toEqual({
      'c5.large/eu-west-1a/on-demand': 0.085,
      'm7i.large/eu-west-1a/on-demand': instanceType('m7i.large')?.onDemandUsdPerHour,
      'm7i.large/eu-west-1a/spot': 0.05,
    });
    expect((await scheduler.info()).onDemandPrices).toMatchObject({ source: 'packaged', region: 'us-east-1' });
    await byId(api);
    await scheduler.keepPricesFresh();
    expect(unknown).toEqual([['m9z.large', 'p99.large']]);
    const listed = {
      'm7i.large/eu-west-1a/on-demand': 0.1197,
      'm7i.large/eu-west-1a/spot': 0.05,
      'm9z.large/eu-west-1a/on-demand': 0.2,
      'm9z.large/eu-west-1a/spot': 0.04,
    };
    expect(await byId(scheduler)).toEqual(listed);
    expect((await scheduler.info()).onDemandPrices).toEqual({
      source: 'price-list',
      region: 'eu-west-1',
      asOfMs: clock.nowMs(),
    });
    expect(await scheduler.instanceType('m9z.large')).toMatchObject({
      family: 'm9z',
      onDemandUsdPerHour: 0.2,
      spotUsdPerHour: null,
    });
    clock.advance(5 * 60_000);
    expect(await byId(api)).toEqual(listed);
    expect(await api.instanceType('m9z.large')).toMatchObject({ family: 'm9z' });
    expect(writes()).toBe(2);
    // Somebody else's list is as good, and a day later it is read again.
    await open(undefined, async () => {
      throw new Error('not to be asked');
    }).keepPricesFresh();
    await scheduler.keepPricesFresh();
    expect(unknown).toHaveLength(1);
    clock.advance(24 * 3_600_000);
    await scheduler.keepPricesFresh();
    expect(unknown).toHaveLength(2);
  });

  test('that cannot be read leaves what was there, says so, and is tried again an hour later', async () => {
    const { scheduler, state, unknown, clock, lines } = setUp();
    await scheduler.keepPricesFresh();
    state.fails = true;
    clock.advance(25 * 3_600_000);
    await scheduler.keepPricesFresh();
    expect(lines.at(-1)).toBe('the price list could not be read; older on-demand prices stay in use');
    expect((await scheduler.info()).onDemandPrices).toMatchObject({
      source: 'price-list',
      asOfMs: clock.nowMs() - 25 * 3_600_000,
    });
    await scheduler.keepPricesFresh();
    expect(unknown).toHaveLength(2);
    clock.advance(3_600_000);
    await scheduler.keepPricesFresh();
    expect(unknown).toHaveLength(3);
  });
});

test('a whole region is one small item', async () => {
  const snapshot = await readEc2Catalog(client, ['us-east-1a', 'us-east-1b', 'us-east-1c'], 5);
  const packed = packSnapshot(snapshot);
  expect(unpackSnapshot(packed)).toEqual(snapshot);
  expect(JSON.stringify(packed).length).toBeLessThan(40_000);
});

test('zones that EC2 does not know are refused instead of emptying the catalog', async () => {
  await expect(readEc2Catalog(client, ['eu-north-1a'], 5)).rejects.toThrow(/us-east-1|eu-north-1a/);
});
