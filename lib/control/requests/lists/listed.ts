// Lists of requests by pool, by name, by label where the installation declares its key, and of claims by type, as they
// are few among many tasks: an entry for each request, or one for all of a batch. Written before the requests, so that
// what is accepted is listed. Those that did not succeed have lists by state, written before they leave the open ones.
import type { AnyRow, ClaimSpec } from '../../../core/records/claim.ts';
import type { Named, RequestState, ServiceMember } from '../../../core/records/request.ts';
import { ownValue } from '../../../core/values/dictionary.ts';
import { ConditionFailedError } from '../../../ports/store.ts';
import type { ItemKey } from '../../../ports/store.ts';
import type { ControlPorts } from '../../ports.ts';
import { keys } from '../../store/keys.ts';
import { put } from '../../store/store-retry.ts';
import type { BatchRecord } from '../listing.ts';

/** So many label keys at most are indexed: each costs a write unit per request. */
export const labelKeysMax = 5;

/** Entries go by themselves so long after acceptance. Whoever is open for longer is found without them. */
const taskEntryMs = 90 * 24 * 3_600_000;
const claimEntryMs = 2 * 365 * 24 * 3_600_000;

const ofName = (name: string): string => `name=${name}`;
const ofLabel = (key: string, value: string): string => `label:${key}=${value}`;

const ofType = (type: string): string => `type=${type}`;
const claimTypes = ['virtual_machine', 'storage', 'network'] as const satisfies readonly ClaimSpec['type'][];

const ofPool = (pool: string): string => `pool=${pool}`;

/** Few among those that have ended, or so one hopes. */
const listedEnds: readonly RequestState[] = ['failed', 'cancelled', 'expired'];
const ofState = (state: RequestState): string => `state=${state}`;

/** Those that keep what their quote said. */
export const quotedIn = (pool: string): string => `quoted=${pool}`;

/** Of which lists a request of this pool is. */
export function listsOf(
  pool: string,
  { type, name, labels = {} }: Named & { readonly type: string },
  labelKeys: readonly string[],
): readonly string[] {
  return [
    ofPool(pool),
    ...(name === undefined ? [] : [ofName(name)]),
    ...labelKeys.slice(0, labelKeysMax).flatMap((key) => {
      const value = ownValue(labels, key);
      return value === undefined ? [] : [ofLabel(key, value)];
    }),
    ...(type === 'task' ? [] : [ofType(type)]),
  ];
}

/** The list that has all of this name, or of one of these labels; null: there is none. */
export function listFor(
  { name, labels = [] }: { readonly name?: string | undefined; readonly labels?: readonly LabelWish[] | undefined },
  labelKeys: readonly string[],
): string | null {
  if (name !== undefined) return ofName(name);
  const indexed = labels.find(([key]) => labelKeys.slice(0, labelKeysMax).includes(key));
  return indexed === undefined ? null : ofLabel(...indexed);
}

/** The lists that together have all claims that are wanted; null: tasks may be wanted, too. */
export function claimLists({
  type,
  state,
}: {
  readonly type?: string | undefined;
  readonly state?: RequestState | undefined;
}): readonly string[] | null {
  if (type !== undefined) return type === 'task' ? null : [ofType(type)];
  return state === 'released' ? claimTypes.map(ofType) : null;
}

/** The list of a pool's requests; null: all pools are wanted. */
export function poolLists(pool: string | undefined): readonly string[] | null {
  return pool === undefined ? null : [ofPool(pool)];
}

/** The list of what ended like this; null: there is none. */
export function endList(state: RequestState | undefined): string | null {
  return state !== undefined && listedEnds.includes(state) ? ofState(state) : null;
}

/** Key and value. */
export type LabelWish = readonly [string, string];

interface Listed extends BatchRecord {
  readonly tenant: string;
  readonly createdAtMs: number;
}

interface Alone extends Pick<AnyRow, 'tenant' | 'id' | 'createdAtMs'> {
  readonly spec: { readonly type: string; readonly service?: ServiceMember };
}

/** Services' replicas run for as long as claims hold. */
export async function listAlone(ports: ControlPorts, lists: readonly string[], record: Alone): Promise<void> {
  const { type, service } = record.spec;
  const keptMs = type === 'task' && service === undefined ? taskEntryMs : claimEntryMs;
  for (const list of lists) await putAlone(ports, list, record, record.createdAtMs + keptMs);
}

/** Before it leaves the open ones; nothing where its state has no list. `keptMs`: as its row is kept from now on. */
export async function listEnded(ports: ControlPorts, record: AnyRow, keptMs: number): Promise<void> {
  const list = endList(record.state);
  if (list !== null) await putAlone(ports, list, record, ports.clock.nowMs() + keptMs + endMarginMs);
}

/** The tick that collects a row may be later than the sync that ends it. */
const endMarginMs = 24 * 3_600_000;

export async function listBatch(
  ports: ControlPorts,
  list: string,
  { tenant, createdAtMs, ...batch }: Listed,
): Promise<void> {
  await putEntry(ports, keys.listedBatch(tenant, list, batch.id, createdAtMs), batch, createdAtMs + taskEntryMs);
}

async function putAlone(
  ports: ControlPorts,
  list: string,
  { tenant, id, createdAtMs }: Omit<Alone, 'spec'>,
  expiresAtMs: number,
): Promise<void> {
  await putEntry(ports, keys.listed(tenant, list, id, createdAtMs), { id, requestIds: [id] }, expiresAtMs);
}

async function putEntry(ports: ControlPorts, key: ItemKey, data: BatchRecord, expiresAtMs: number): Promise<void> {
  try {
    await put(ports, { ...key, data, expiresAtMs }, 'absent');
  } catch (error) {
    // The same submission twice in one millisecond, or an end that is written again: what is there says the same.
    if (!(error instanceof ConditionFailedError)) throw error;
  }
}
