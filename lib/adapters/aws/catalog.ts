// The catalog on AWS: what EC2 last said, read from the store; before it said anything, the packaged figures, which is
// told to the log with their date. Only who may call EC2 is given `refresh`.
import { catalogInfo, instanceType as packagedType, offeringsOf } from '../../core/catalog/index.ts';
import type { InstanceType, Offering } from '../../core/offering.ts';
import type { Catalog } from '../../ports/catalog.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Log } from '../../ports/log.ts';
import type { Random } from '../../ports/random.ts';
import type { Item, ItemKey, Store } from '../../ports/store.ts';
import { ConditionFailedError, ThrottledError, UnknownOutcomeError } from '../../ports/store.ts';
import { offeringsOfSnapshot, packSnapshot, unpackSnapshot } from './catalog-snapshot.ts';
import type { CatalogSnapshot, StoredSnapshot } from './catalog-snapshot.ts';

export interface StoredCatalogOptions {
  readonly store: Store;
  readonly clock: Pick<Clock, 'nowMs'>;
  readonly random: Pick<Random, 'id'>;
  readonly log: Log;
  /** Where the packaged figures are offered as long as EC2 has not been asked. */
  readonly zones: readonly string[];
  /** Asks EC2. Absent: what others stored has to do. */
  readonly refresh?: (() => Promise<CatalogSnapshot>) | undefined;
}

export interface CatalogAge {
  readonly source: 'ec2' | 'packaged';
  readonly asOf: string;
  readonly ageMs: number;
}

const snapshotKey: ItemKey = { pk: 'CATALOG', sk: 'SNAPSHOT' };
/** A tick that finds figures older than this asks EC2 itself, which takes seconds; {@link StoredCatalog.keepFresh} prevents it. */
const tooOldMs = 12 * 3_600_000;
/** What another process stored is looked for this often. */
const rereadAfterMs = 5 * 60_000;
const retryAfterMs = 60_000;

interface Loaded {
  readonly offerings: readonly Offering[];
  readonly age: Pick<CatalogAge, 'source'> & { readonly atMs: number };
}

export class StoredCatalog implements Catalog {
  readonly #options: StoredCatalogOptions;
  #loaded: Loaded | null = null;
  #nextLookMs = -Infinity;
  #looking: Promise<Loaded> | null = null;

  constructor(options: StoredCatalogOptions) {
    this.#options = options;
  }

  async offerings(): Promise<readonly Offering[]> {
    const nowMs = this.#options.clock.nowMs();
    if (this.#loaded && nowMs < this.#nextLookMs) return this.#loaded.offerings;
    // Callers side by side share one look.
    this.#looking ??= this.#look(nowMs).finally(() => { this.#looking = null; });
    return (await this.#looking).offerings;
  }

  async instanceType(name: string): Promise<InstanceType | null> {
    return packagedType(name) ?? null;
  }

  /** Asks EC2 where the figures are older than this; for the minute's schedule, where nobody waits for it. */
  async keepFresh(olderThanMs: number): Promise<void> {
    const { store, clock, refresh } = this.#options;
    const isYoung = (atMs: number): boolean => clock.nowMs() - atMs < olderThanMs;
    if (!refresh || (this.#loaded?.age.source === 'ec2' && isYoung(this.#loaded.age.atMs))) return;
    const stored = await store.get<StoredSnapshot>(snapshotKey);
    this.#loaded = this.#toLoaded(stored && isYoung(stored.data.atMs) ? unpackSnapshot(stored.data) : await this.#refreshed(stored, refresh));
  }

  /** Where the figures come from and how old they are; loads them if need be. */
  async age(): Promise<CatalogAge> {
    await this.offerings();
    const { source, atMs } = this.#loaded?.age ?? { source: 'packaged' as const, atMs: packagedAtMs };
    return { source, asOf: new Date(atMs).toISOString(), ageMs: this.#options.clock.nowMs() - atMs };
  }

  async #look(nowMs: number): Promise<Loaded> {
    let stored: Item<StoredSnapshot> | null;
    try {
      stored = await this.#options.store.get<StoredSnapshot>(snapshotKey);
    } catch (error) {
      // Figures of some minutes ago are better than none while the store is busy.
      if (!this.#loaded || !(error instanceof ThrottledError || error instanceof UnknownOutcomeError)) throw error;
      this.#options.log.write('warn', 'the stored offerings and prices could not be read; older figures stay in use', { error });
      this.#nextLookMs = nowMs + retryAfterMs;
      return this.#loaded;
    }
    const isOld = !stored || nowMs - stored.data.atMs >= tooOldMs;
    const fresh = isOld && this.#options.refresh ? await this.#refreshed(stored, this.#options.refresh) : stored ? unpackSnapshot(stored.data) : null;
    this.#loaded = this.#toLoaded(fresh);
    return this.#loaded;
  }

  #toLoaded(snapshot: CatalogSnapshot | null): Loaded {
    const nowMs = this.#options.clock.nowMs();
    this.#nextLookMs = nowMs + (snapshot === null ? retryAfterMs : rereadAfterMs);
    // The same array for the same figures: callers keep what they derive from it.
    if (snapshot !== null && this.#loaded?.age.atMs === snapshot.atMs) return this.#loaded;
    if (snapshot !== null) return { offerings: offeringsOfSnapshot(snapshot), age: { source: 'ec2', atMs: snapshot.atMs } };
    if (this.#loaded?.age.source === 'packaged') return this.#loaded;
    this.#options.log.write('warn', 'EC2 has not been asked for offerings and prices yet; the packaged figures are used', { region: catalogInfo.region, pricesAsOf: catalogInfo.pricesAsOf, zones: this.#options.zones });
    return { offerings: offeringsOf({}, { zones: this.#options.zones }), age: { source: 'packaged', atMs: packagedAtMs } };
  }

  /** What EC2 says now, stored for the others; what was stored before where EC2 cannot be asked. */
  async #refreshed(before: Item<StoredSnapshot> | null, refresh: () => Promise<CatalogSnapshot>): Promise<CatalogSnapshot | null> {
    const { store, random, log, clock } = this.#options;
    try {
      const snapshot = await refresh();
      await store.put({ item: { ...snapshotKey, data: packSnapshot(snapshot) }, condition: before?.version ?? 'absent', writeId: random.id() });
      return snapshot;
    } catch (error) {
      // Another function was faster: its figures are as good.
      if (error instanceof ConditionFailedError && error.current) return unpackSnapshot(error.current.data as StoredSnapshot);
      log.write('warn', 'EC2 could not be asked for offerings and prices; older figures stay in use', { ageMs: before ? clock.nowMs() - before.data.atMs : null, error });
      return before ? unpackSnapshot(before.data) : null;
    }
  }
}

const packagedAtMs = Date.parse(catalogInfo.pricesAsOf);
