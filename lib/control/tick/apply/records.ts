// Where the records of a plan's writes are stored, and on which condition they are written: each on that it still is
// what the decision read, or what an earlier change of the same plan made of it.
import type { DocumentName } from '../../../core/records/document-name.ts';
import type { RecordWrite } from '../../../core/plan/plan.ts';
import { rowsOf } from '../../../core/plan/rows/seen-rows.ts';
import type { SeenRows } from '../../../core/plan/rows/seen-rows.ts';
import type { Condition, Item, ItemKey, PutItem, Write } from '../../../ports/store.ts';
import { documentKey, pastKey, rowItem } from '../../claims/store.ts';
import type { ControlPorts, ControlSettings } from '../../ports.ts';
import { requestItem } from '../../requests/submit.ts';
import { keys } from '../../store/keys.ts';
import { reading } from '../../store/store-retry.ts';
import type { Observed } from '../observe.ts';

type VersionsRead = Pick<Observed, 'observation' | 'memoryVersion' | 'documentVersions'>;

interface RecordContext {
  readonly ports: ControlPorts;
  readonly settings: ControlSettings;
  readonly lock: { readonly pool: string };
}

/** Of a large pool's hundred thousand rows a tick writes a few: no text is made of the keys of the others. */
const rowSk = keys.request('').sk;

function keyText({ pk, sk }: ItemKey): string {
  return `${pk}\u0000${sk}`;
}

/** Versions of records, as the decision read them and as this plan's writes leave them. */
export class Versions {
  /** null: it has been deleted. Rows of requests are in it once they are written. */
  readonly #versions = new Map<string, number | null>();
  readonly #rows: SeenRows;
  /** What was read, until somebody asks: a tick without changes does not. */
  #read: VersionsRead | null;

  private constructor(read: VersionsRead) {
    this.#read = read;
    this.#rows = rowsOf(read.observation);
  }

  static of(read: VersionsRead): Versions {
    return new Versions(read);
  }

  #known(): Map<string, number | null> {
    const read = this.#read;
    this.#read = null;
    if (read) this.#fill(read);
    return this.#versions;
  }

  #fill({ observation, memoryVersion, documentVersions }: VersionsRead): void {
    if (memoryVersion !== null) this.#set(keys.memory(observation.pool.name), memoryVersion);
    for (const { record, chunks } of this.#rows.arrays)
      for (const chunk of chunks) this.#set(keys.chunk(record.id, chunk.record.chunk), chunk.version);
    for (const { record, version } of observation.nodes) this.#set(keys.node(record.pool, record.id), version);
    for (const { record, version } of observation.services ?? []) this.#set(keys.service(record), version);
    for (const { record, version } of observation.claims) this.#set(keys.request(record.id), version);
    const pk = keys.resources(observation.pool.name);
    for (const [sk, version] of documentVersions) this.#set({ pk, sk }, version);
  }

  of(key: ItemKey): Condition {
    const known = this.#known().get(keyText(key));
    const row = known === undefined && key.sk === rowSk ? this.#rows.open(keys.requestIdOf(key)) : undefined;
    return known ?? row?.version ?? 'absent';
  }

  /** What lies beside the rows of ended claims is in no observation: an earlier plan may have come so far. */
  async readPast(ports: ControlPorts, writes: readonly RecordWrite[]): Promise<void> {
    const past = writes.flatMap((write) => (write.type === 'past' ? [pastKey(write.record)] : []));
    if (past.length === 0) return;
    for (const item of await reading(ports, () => ports.store.getMany(past))) if (item) this.#noteItem(item);
  }

  written(writes: readonly Write[]): void {
    for (const write of writes) {
      if (write.op === 'put') this.#set(write.item, write.condition === 'absent' ? 1 : Number(write.condition) + 1);
      if (write.op === 'delete') this.#known().set(keyText(write.key), null);
    }
  }

  #noteItem(item: Item): void {
    this.#set(item, item.version);
  }

  #set(key: ItemKey, version: number): void {
    this.#known().set(keyText(key), version);
  }
}

/** null: it is not there, so that nothing is left to drop. */
export function storeWrite(write: RecordWrite, context: RecordContext, versions: Versions): Write | null {
  if (write.type !== 'drop') {
    const item = recordItem(write, context);
    return { op: 'put', item, condition: versions.of(item) };
  }
  const key = nameKey(context.lock.pool, write.name);
  const version = versions.of(key);
  return version === 'absent' ? null : { op: 'delete', key, condition: version };
}

function recordItem(write: Exclude<RecordWrite, { type: 'drop' }>, { ports, settings, lock }: RecordContext): PutItem {
  const keptUntil = { expiresAtMs: ports.clock.nowMs() + settings.keepEndedMs };
  switch (write.type) {
    case 'request':
      return requestItem(write.record, write.isCollected ? keptUntil : null);
    case 'chunk':
      return { ...keys.chunk(write.record.requestId, write.record.chunk), data: write.record };
    case 'node':
      return { ...keys.node(write.record.pool, write.record.id), data: write.record };
    case 'claim':
      return rowItem(write.record, write.isEnded ? keptUntil : null);
    case 'group':
      return { ...keys.group(lock.pool, write.record.id), data: write.record };
    case 'machine':
    case 'volume':
    case 'kept':
      return { ...documentKey(write.record), data: write.record };
    case 'service':
      return { ...keys.service(write.record), data: write.record };
    case 'past':
      return { ...pastKey(write.record), data: write.record, ...keptUntil };
  }
}

function nameKey(pool: string, name: DocumentName): ItemKey {
  switch (name.kind) {
    case 'node':
      return keys.node(pool, name.id);
    case 'group':
      return keys.group(pool, name.id);
    case 'kept':
      return keys.kept(pool, name.id);
    case 'service':
      return keys.service({ pool, tenant: name.tenant, name: name.name });
    case 'machine':
      return keys.machine(pool, name.owner, name.index);
    case 'volume':
      return keys.volume(pool, name.owner, name.place);
  }
}
