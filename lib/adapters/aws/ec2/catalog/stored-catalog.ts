// The catalog on AWS: what EC2 and the price list last said, read from the store; before they said
// anything, the packaged figures stand in, visibly: in the log and in what `info` answers. Only who may
// call EC2 is given ways to ask.
import { allOfferings, catalogInfo, instanceType as packagedType } from '../../../../core/catalog/index.ts';
import type { InstanceType, Offering } from '../../../../core/values/offering.ts';
import type { Catalog, CatalogInfo } from '../../../../ports/catalog.ts';
import type { Clock } from '../../../../ports/clock.ts';
import type { Log } from '../../../../ports/log.ts';
import type { Random } from '../../../../ports/random.ts';
import type { Item, ItemKey, Store } from '../../../../ports/store.ts';
import { ConditionFailedError, ThrottledError, UnknownOutcomeError } from '../../../../ports/store.ts';
import {
  factsVersion,
  offeringsOfSnapshot,
  packPriceList,
  packSnapshot,
  typesOf,
  unpackPriceList,
  unpackSnapshot,
} from './snapshot.ts';
import type { CatalogSnapshot, PriceList, StoredPriceList, StoredSnapshot } from './snapshot.ts';

export interface StoredCatalogOptions {
  readonly store: Store;
  readonly clock: Pick<Clock, 'nowMs'>;
  readonly random: Pick<Random, 'id'>;
  readonly log: Log;
  /** Where the packaged figures are offered as long as EC2 has not been asked. */
  readonly zones: readonly string[];
  /** Asks EC2. Absent: what others stored has to do. */
  readonly refresh?: (() => Promise<CatalogSnapshot>) | undefined;
  /** Asks the price list, and EC2 for the types named, which the packaged catalog lacks. */
  readonly refreshPrices?: ((unknownTypes: readonly string[]) => Promise<PriceList>) | undefined;
}

const snapshotKey: ItemKey = { pk: 'CATALOG', sk: 'SNAPSHOT' };
const pricesKey: ItemKey = { pk: 'CATALOG', sk: 'PRICES' };
/**
 * A tick that finds figures older than this asks EC2 itself, which takes seconds;
 * {@link StoredCatalog.keepFresh} prevents it.
 */
const tooOldMs = 12 * 3_600_000;
/** What another process stored is looked for this often. */
const rereadAfterMs = 5 * 60_000;
const retryAfterMs = 60_000;
/** List prices change a few times a year, and types come a few times a month. */
const pricesTooOldMs = 24 * 3_600_000;
const pricesRetryMs = 3_600_000;

interface Loaded {
  readonly offerings: readonly Offering[];
  /** null: only the packaged figures are there. */
  readonly snapshot: CatalogSnapshot | null;
  readonly prices: PriceList | null;
  readonly types: ReadonlyMap<string, InstanceType>;
}

export class StoredCatalog implements Catalog {
  readonly #options: StoredCatalogOptions;
  #loaded: Loaded | null = null;
  #nextLookMs = -Infinity;
  #looking: Promise<Loaded> | null = null;
  #nextPricesMs = -Infinity;

  constructor(options: StoredCatalogOptions) {
    this.#options = options;
  }

  async offerings(): Promise<readonly Offering[]> {
    const nowMs = this.#options.clock.nowMs();
    if (this.#loaded && nowMs < this.#nextLookMs) return this.#loaded.offerings;
    // Callers side by side share one look.
    this.#looking ??= this.#look(nowMs).finally(() => {
      this.#looking = null;
    });
    return (await this.#looking).offerings;
  }

  async instanceType(name: string): Promise<InstanceType | null> {
    const packaged = packagedType(name);
    if (packaged && this.#loaded === null) return packaged;
    if (this.#loaded === null) await this.offerings();
    return this.#loaded?.types.get(name) ?? packaged ?? null;
  }

  /** Asks EC2 where the figures are older than this; for the minute's schedule, where nobody waits for it. */
  async keepFresh(olderThanMs: number): Promise<void> {
    const { store, clock, refresh } = this.#options;
    const isYoung = (atMs: number): boolean => clock.nowMs() - atMs < olderThanMs;
    if (!refresh || (this.#loaded?.snapshot && isYoung(this.#loaded.snapshot.atMs))) return;
    const [stored = null, prices = null] = (await store.getMany<unknown>([snapshotKey, pricesKey])) as [
      Item<StoredSnapshot> | null,
      Item<StoredPriceList> | null,
    ];
    this.#loaded = this.#toLoaded(
      stored && isYoung(stored.data.atMs) ? unpackSnapshot(stored.data) : await this.#refreshed(stored, refresh),
      prices,
    );
  }

  /** The same for list prices and young types, once a day; what fails is tried again an hour later. */
  async keepPricesFresh(): Promise<void> {
    const { store, clock, random, log, refreshPrices } = this.#options;
    const nowMs = clock.nowMs();
    if (!refreshPrices || nowMs < this.#nextPricesMs) return;
    await this.offerings();
    const snapshot = this.#loaded?.snapshot;
    if (!snapshot) return;
    const stored = await store.get<StoredPriceList>(pricesKey);
    if (stored?.data.factsVersion === factsVersion && nowMs - stored.data.atMs < pricesTooOldMs) {
      this.#nextPricesMs = stored.data.atMs + pricesTooOldMs;
      return;
    }
    this.#nextPricesMs = nowMs + pricesRetryMs;
    try {
      const prices = await refreshPrices(
        Object.keys(snapshot.types)
          .filter((name) => packagedType(name) === undefined)
          .sort(),
      );
      const item = await store.put({
        item: { ...pricesKey, data: packPriceList(prices) },
        condition: stored?.version ?? 'absent',
        writeId: random.id(),
      });
      this.#nextPricesMs = prices.atMs + pricesTooOldMs;
      this.#loaded = this.#toLoaded(snapshot, item);
    } catch (error) {
      // Another function was faster: the next look finds its figures.
      if (error instanceof ConditionFailedError) return;
      log.write('warn', 'the price list could not be read; older on-demand prices stay in use', {
        source: stored ? 'price-list' : 'packaged',
        region: stored?.data.region ?? catalogInfo.region,
        ageMs: nowMs - (stored?.data.atMs ?? packagedAtMs),
        error,
      });
    }
  }

  async info(): Promise<CatalogInfo> {
    await this.offerings();
    const { snapshot = null, prices = null } = this.#loaded ?? {};
    const packaged = { source: 'packaged', region: catalogInfo.region, asOfMs: packagedAtMs } as const;
    return {
      offerings:
        snapshot === null
          ? packaged
          : { source: 'ec2', region: snapshot.zones[0]?.replace(/[a-z]$/, '') ?? '', asOfMs: snapshot.atMs },
      onDemandPrices:
        snapshot === null || prices === null
          ? packaged
          : { source: 'price-list', region: prices.region, asOfMs: prices.atMs },
    };
  }

  async #look(nowMs: number): Promise<Loaded> {
    let stored: Item<StoredSnapshot> | null;
    let prices: Item<StoredPriceList> | null;
    try {
      [stored = null, prices = null] = (await this.#options.store.getMany<unknown>([snapshotKey, pricesKey])) as [
        Item<StoredSnapshot> | null,
        Item<StoredPriceList> | null,
      ];
    } catch (error) {
      // Figures of some minutes ago are better than none while the store is busy.
      if (!this.#loaded || !(error instanceof ThrottledError || error instanceof UnknownOutcomeError)) throw error;
      this.#options.log.write('warn', 'the stored offerings and prices could not be read; older figures stay in use', {
        error,
      });
      this.#nextLookMs = nowMs + retryAfterMs;
      return this.#loaded;
    }
    const isOld = !stored || nowMs - stored.data.atMs >= tooOldMs;
    const fresh =
      isOld && this.#options.refresh
        ? await this.#refreshed(stored, this.#options.refresh)
        : stored
          ? unpackSnapshot(stored.data)
          : null;
    this.#loaded = this.#toLoaded(fresh, prices);
    return this.#loaded;
  }

  #toLoaded(snapshot: CatalogSnapshot | null, stored: Item<StoredPriceList> | null): Loaded {
    const { clock, log, zones } = this.#options;
    const last = this.#loaded;
    this.#nextLookMs = clock.nowMs() + (snapshot === null ? retryAfterMs : rereadAfterMs);
    // The same array for the same figures: callers keep what they derive from it.
    if (last && last.snapshot?.atMs === snapshot?.atMs && last.prices?.atMs === stored?.data.atMs) return last;
    if (snapshot === null) {
      if (last?.snapshot === null) return last;
      log.write('warn', 'EC2 has not been asked for offerings and prices yet; the packaged figures are used', {
        region: catalogInfo.region,
        pricesAsOf: catalogInfo.pricesAsOf,
        zones,
      });
      return { offerings: allOfferings({ zones }), snapshot, prices: null, types: new Map() };
    }
    if (stored === null)
      log.write('warn', 'the price list has not been read yet; the packaged on-demand prices are used', {
        region: catalogInfo.region,
        pricesAsOf: catalogInfo.pricesAsOf,
      });
    const prices =
      stored === null ? null : last?.prices?.atMs === stored.data.atMs ? last.prices : unpackPriceList(stored.data);
    const types = typesOf(prices);
    return {
      offerings: offeringsOfSnapshot(snapshot, types),
      snapshot,
      prices,
      types: new Map(types.map((type) => [type.name, type])),
    };
  }

  /** What EC2 says now, stored for the others; what was stored before where EC2 cannot be asked. */
  async #refreshed(
    before: Item<StoredSnapshot> | null,
    refresh: () => Promise<CatalogSnapshot>,
  ): Promise<CatalogSnapshot | null> {
    const { store, random, log, clock } = this.#options;
    try {
      const snapshot = await refresh();
      await store.put({
        item: { ...snapshotKey, data: packSnapshot(snapshot) },
        condition: before?.version ?? 'absent',
        writeId: random.id(),
      });
      return snapshot;
    } catch (error) {
      // Another function was faster: its figures are as good.
      if (error instanceof ConditionFailedError && error.current)
        return unpackSnapshot(error.current.data as StoredSnapshot);
      log.write('warn', 'EC2 could not be asked for offerings and prices; older figures stay in use', {
        ageMs: before ? clock.nowMs() - before.data.atMs : null,
        error,
      });
      return before ? unpackSnapshot(before.data) : null;
    }
  }
}

const packagedAtMs = Date.parse(catalogInfo.pricesAsOf);
