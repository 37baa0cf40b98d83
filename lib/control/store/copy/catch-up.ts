// Brings a process's copy of a pool up to date: reads the change list from a little before it last did, and then the
// records that are named there and have not changed yet. A change that is listed and does not come is looked for as
// long as a call may take that stands still before it (callLifeMs); after that it never comes.
import type { Item, ItemKey } from '../../../ports/store.ts';
import { keyName } from '../../../ports/store/rules.ts';
import { silentAfterMs } from '../../../core/values/settings.ts';
import type { ControlPorts, ControlSettings } from '../../ports.ts';
import type { Moment } from '../../coordination/elapsed.ts';
import { elapsedMs, momentOf } from '../../coordination/elapsed.ts';
import { keys } from '../keys.ts';
import { queryAll, reading } from '../store-retry.ts';
import type { ListedChange } from './change-list.ts';
import { entryLateMs, readChanges } from './change-list.ts';
import type { Doubts } from './copied-store.ts';
import { CopiedStore } from './copied-store.ts';
import { copiedKind } from './copied-keys.ts';
import type { CompactCopy } from './compact/reader.ts';
import { CompactWriter } from './compact/writer.ts';
import { isHeartbeat } from './heartbeat.ts';
import { PoolCopy } from './pool-copy.ts';
import { RoundSight } from './round-sight.ts';
import type { NodeRecord } from '../../../core/records/node.ts';
import { chunkOf } from '../../../core/tasks/array-chunks.ts';

export type CopyPorts = Pick<ControlPorts, 'store' | 'clock' | 'random' | 'log'>;

/** Rows that no round asked for in so many rounds are forgotten. */
const roundsKept = 8;
/** More changes than these are neither read nor waited for one by one: everything is read anew. */
const pendingMax = 20_000;
/** Heartbeats are looked up so long before they would matter. */
const heartbeatMarginMs = 30_000;
/** Heartbeats that are not older than this are good enough. */
const freshMs = 1_000;
/** More of all documents than this share are read by one query of all, which costs less than as many single reads. */
const allNodesShare = 0.1;

/** Somebody passes by the change list, or a copy is not what it was taken for: neither may ever be. */
export const unlistedMessage = 'a record has changed that the change list does not name; all are read anew';

interface Pending extends ListedChange {
  readonly sinceMs: number;
}

interface ChangedNode extends ListedChange {
  readonly was: NodeRecord | null;
  readonly is: NodeRecord;
}

/** A copy with what is known of how complete it is. */
export class KeptCopy implements Doubts {
  readonly copy: PoolCopy;
  /** What ticks read from. */
  readonly store: CopiedStore;
  readonly sight: RoundSight;
  readonly unsure = new Map<string, ItemKey>();
  readonly overtaken = new Map<string, { readonly key: ItemKey; readonly version: number }>();
  readonly #ports: CopyPorts;
  readonly #settings: ControlSettings;
  /** When all of it was last read from the store: on the wall clock, and on this process's monotonic one. */
  readonly readAnewAtMs: number;
  readonly #loadedAtMs: number;
  /** When all documents were; null: never. */
  #documentsAt: Moment | null = null;
  /** On the wall clock, as the change list is. */
  #readAtMs: number;
  /** Entries that were read, by the time on the wall clock. */
  readonly #seen = new Map<string, number>();
  #pending: Pending[] = [];
  /** So many changes of its records were heard of since it was read. */
  #changes = 0;
  readonly compact = new CompactWriter();
  /** Which version the newest listed change of a record rests on, and when that was read. */
  readonly #named = new Map<string, { readonly version: number; readonly atMs: number }>();

  private constructor(ports: CopyPorts, settings: ControlSettings, pool: string, readAnewAtMs: number) {
    this.#ports = ports;
    this.#settings = settings;
    this.copy = new PoolCopy(pool);
    this.store = new CopiedStore(ports.store, ports.clock, this.copy, this);
    this.sight = new RoundSight(this.copy);
    this.readAnewAtMs = readAnewAtMs;
    this.#loadedAtMs = ports.clock.monotonicMs() - (ports.clock.nowMs() - readAnewAtMs);
    // What the index does not show yet was listed when it was written.
    this.#readAtMs = ports.clock.nowMs() - settings.decisions.indexSettleMs;
  }

  /** Everything that a round needs, but for rows and chunks, which are read when they are asked for. */
  static async load(ports: CopyPorts, settings: ControlSettings, pool: string): Promise<KeptCopy> {
    const kept = new KeptCopy(ports, settings, pool, ports.clock.nowMs());
    await kept.#readNodes();
    for (const pk of [...keys.openShards(pool), ...keys.asideShards(pool)]) await kept.#readIndex(pk);
    return kept;
  }

  /** As another process has left it, however long ago; documents are read anew, before the list. */
  static async fromCompact(
    ports: CopyPorts,
    settings: ControlSettings,
    { pool, readAnewAtMs, listFromMs, pending, filled }: CompactCopy,
  ): Promise<KeptCopy> {
    const { clock } = ports;
    const kept = new KeptCopy(ports, settings, pool, readAnewAtMs);
    kept.#readAtMs = listFromMs;
    // First, so that it is known of each row whether a document names it.
    await kept.#readNodes();
    for (const part of filled) kept.copy.fill(part);
    kept.#note(pending, clock.monotonicMs());
    return kept;
  }

  get changes(): number {
    return this.#changes;
  }

  /** From where in the change list on it would have to be caught up, and what it waits for besides. */
  get position(): { readonly listFromMs: number; readonly pending: readonly ListedChange[] } {
    return { listFromMs: this.#readAtMs, pending: this.#pending.map(({ key, version }) => ({ key, version })) };
  }

  /** Whether others have written requests that it does not have yet, or may have. */
  get hasDoubtfulRequests(): boolean {
    return [...this.overtaken.values()].some(({ key }) => copiedKind(key) !== 'node');
  }

  /** By either clock: the monotonic one may stand still with its process, and entries of the change list expire. */
  get isOld(): boolean {
    const { clock } = this.#ports;
    const ageMs = Math.max(clock.monotonicMs() - this.#loadedAtMs, clock.nowMs() - this.readAnewAtMs);
    return ageMs >= this.#settings.copyLifeMs;
  }

  /**
   * Documents of nodes before rows, like every reader: a document loses an attempt after the row has its end, and a row
   * that is read later has it. false: something was missed, and everything is to be read anew.
   */
  async catchUp(): Promise<boolean> {
    this.copy.beginRound(roundsKept);
    const news = await this.#readList();
    if (news === null) return false;
    const wanted = new Map([...this.#due(), ...this.overtaken.values()].map((one) => [keyName(one.key), one.key]));
    for (const [name, key] of this.unsure) wanted.set(name, key);
    this.unsure.clear();
    const isNode = (key: ItemKey): boolean => copiedKind(key) === 'node';
    this.copy.takeChangedNodes();
    const nodes = await this.#read([...wanted.values()].filter(isNode));
    await this.#readHeartbeats(news > 0);
    const changed = this.#changedNow();
    for (const key of changed.flatMap(({ was, is }) => this.#movedBetween(was, is))) wanted.set(keyName(key), key);
    const others = await this.#read([...wanted.values()].filter((key) => !isNode(key)));
    const items = new Map([...nodes, ...others]);
    if (!this.#isExplained()) return false;
    this.overtaken.clear();
    // What changed after the list was read is in it the next time.
    for (const { key, version } of changed)
      if (!this.#isNamed(keyName(key), version)) this.overtaken.set(keyName(key), { key, version });
    this.#forgetPending(items);
    return this.#pending.length <= pendingMax;
  }

  /**
   * Other ticks have held the lock since: what they wrote of rows and chunks is in their notes, and documents are read
   * anew, before the list, as always.
   */
  async crossTicks(): Promise<void> {
    this.compact.abandon();
    const isNode = ({ key }: { readonly key: ItemKey }): boolean => copiedKind(key) === 'node';
    for (const [name, key] of this.unsure) if (isNode({ key })) this.unsure.delete(name);
    for (const [name, one] of this.overtaken) if (isNode(one)) this.overtaken.delete(name);
    await this.#readNodes();
  }

  /** What the tick itself wrote is in the copy: the next one need not hear of it. */
  noteOwn(entries: readonly ItemKey[], changes: number): void {
    this.#changes += changes;
    for (const { sk } of entries) this.#seen.set(sk, this.#ports.clock.nowMs());
  }

  /** Changes that are listed, and that the copy does not have. */
  #due(): readonly Pending[] {
    return this.#pending.filter((one) => {
      const version = this.copy.versionOf(one.key);
      return version === undefined ? copiedKind(one.key) === 'row' : version <= one.version;
    });
  }

  /** Documents that say something else since this catching up began; of new ones `version` is 0. */
  #changedNow(): readonly ChangedNode[] {
    return this.copy.takeChangedNodes().flatMap(({ item, before: was }) => {
      if (was && isHeartbeat(was.data, item.data)) return [];
      const key = { pk: item.pk, sk: item.sk };
      return {
        key,
        version: was?.version ?? 0,
        was: (was?.data as NodeRecord | undefined) ?? null,
        is: item.data as NodeRecord,
      };
    });
  }

  /** Rows and chunks of the attempts that a document has lost, and of ends that it names. */
  #movedBetween(was: NodeRecord | null, is: NodeRecord): readonly ItemKey[] {
    const moved: ItemKey[] = [];
    const left = new Set(is.assigned.map((one) => one.attemptId));
    for (const { attemptId, requestId, index } of was?.assigned ?? []) {
      if (left.has(attemptId)) continue;
      moved.push(keys.request(requestId), keys.chunk(requestId, chunkOf(index)));
    }
    for (const id of is.ended ?? []) if (was?.ended?.includes(id) !== true) moved.push(keys.request(id));
    return moved.filter((key) => copiedKind(key) === 'row' || this.copy.versionOf(key) !== undefined);
  }

  /** How many changes were listed since; null: the list cannot be read. */
  async #readList(): Promise<number | null> {
    const { clock } = this.#ports;
    const nowMs = clock.nowMs();
    const lookbackMs = entryLateMs + this.#settings.clocksApartMs;
    const fromMs = Math.min(this.#readAtMs, nowMs) - lookbackMs;
    const entries = await readChanges(this.#ports, this.copy.pool, fromMs, pendingMax);
    if (entries === null) {
      this.#ports.log.write('info', 'more records of a pool have changed than are read one by one; all are read anew', {
        ...{ pool: this.copy.pool, pendingMax },
      });
      return null;
    }
    const fresh = entries.filter((one) => !this.#seen.has(one.sk));
    if (fresh.some((one) => one.changes === null)) {
      this.#ports.log.write('error', 'the change list of a pool cannot be read; its records are read one by one', {
        pool: this.copy.pool,
      });
      return null;
    }
    for (const { changes } of fresh) this.#note(changes ?? [], clock.monotonicMs());
    this.#readAtMs = nowMs;
    for (const [sk, atMs] of this.#seen) if (atMs < nowMs - 4 * lookbackMs) this.#seen.delete(sk);
    for (const one of entries) this.#seen.set(one.sk, nowMs);
    return fresh.length;
  }

  #note(changes: readonly ListedChange[], atMs: number): void {
    this.#changes += changes.length;
    for (const change of changes) {
      this.#pending.push({ ...change, sinceMs: atMs });
      const name = keyName(change.key);
      const known = this.#named.get(name);
      this.#named.set(name, { version: Math.max(known?.version ?? 0, change.version), atMs });
    }
  }

  async #read(all: readonly ItemKey[]): Promise<ReadonlyMap<string, Item | null>> {
    if (all.length === 0) return new Map();
    const items = await reading(this.#ports, () => this.#ports.store.getMany(all));
    const atMs = this.#ports.clock.monotonicMs();
    all.forEach((key, at) => this.copy.note(key, items[at] ?? null, atMs, false));
    return new Map(all.map((key, at) => [keyName(key), items[at] ?? null]));
  }

  /**
   * Whether whoever overtook this process said so in the list: a change that nobody listed means that there may be
   * others.
   */
  #isExplained(): boolean {
    for (const [name, { key, version }] of this.overtaken) {
      if (this.#isNamed(name, version)) continue;
      this.#ports.log.write('warn', unlistedMessage, { pool: this.copy.pool, ...key });
      return false;
    }
    return true;
  }

  #isNamed(name: string, version: number): boolean {
    return (this.#named.get(name)?.version ?? -1) >= version;
  }

  /** Changes that came, or can come no more. Chunks of which nothing is known here are waited for as well. */
  #forgetPending(items: ReadonlyMap<string, Item | null>): void {
    const oldestMs = this.#ports.clock.monotonicMs() - this.#settings.decisions.callLifeMs;
    this.#pending = this.#pending.filter(({ key, version, sinceMs }) => {
      if (sinceMs < oldestMs) return false;
      const item = items.get(keyName(key));
      return (item === undefined ? (this.copy.versionOf(key) ?? 0) : (item?.version ?? 0)) <= version;
    });
    for (const [name, { atMs }] of this.#named) if (atMs < oldestMs) this.#named.delete(name);
  }

  /** Of nodes that would look silent soon; where tasks may be placed, also of those that would get none. */
  async #readHeartbeats(hasNews: boolean): Promise<void> {
    const { decisions } = this.#settings;
    if (this.#documentsAt && elapsedMs(this.#ports.clock, this.#documentsAt) < freshMs) return;
    const silentMs = hasNews ? silentAfterMs(decisions) / 2 : silentAfterMs(decisions);
    const oldestMs = Math.max(decisions.lastSeenWriteMs, silentMs - heartbeatMarginMs);
    const due = this.copy.nodesSeenBefore(this.#ports.clock.nowMs() - oldestMs);
    if (due.length > allNodesShare * this.copy.nodeCount) await this.#readNodes();
    else await this.#read(due.map((id) => keys.node(this.copy.pool, id)));
  }

  async #readNodes(): Promise<void> {
    const known = new Set(this.copy.nodesAfter('', Infinity).map((item) => item.sk));
    this.#documentsAt = momentOf(this.#ports.clock);
    const items = await queryAll(this.#ports, keys.nodes(this.copy.pool));
    const atMs = this.#ports.clock.monotonicMs();
    for (const item of items) {
      this.copy.note(item, item, atMs, false);
      known.delete(item.sk);
    }
    for (const id of known) this.copy.note(keys.node(this.copy.pool, id), null, atMs, false);
  }

  async #readIndex(pk: string): Promise<void> {
    let cursor: string | undefined;
    do {
      const at = cursor;
      const page = await reading(this.#ports, () =>
        this.#ports.store.indexKeys('open', { pk, limit: 1_000, cursor: at }),
      );
      page.keys.forEach((key, n) => this.copy.noteIndexed(pk, page.indexSks[n] ?? '', keys.requestIdOf(key)));
      cursor = page.cursor;
    } while (cursor !== undefined);
  }
}
