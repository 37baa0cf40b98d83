// Lists of requests by name, by label where the installation declares its key, and of claims by type, as they are few
// among many tasks: an entry for each request, or one for all of a batch. Written before the requests, so that what is
// accepted is listed.
import type { ClaimSpec } from '../../../core/records/claim.ts';
import type { Named, RequestState } from '../../../core/records/request.ts';
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

/** Those that keep what their quote said. */
export const quotedIn = (pool: string): string => `quoted=${pool}`;

/** Of which lists a request is. */
export function listsOf(
  { type, name, labels = {} }: Named & { readonly type: string },
  labelKeys: readonly string[],
): readonly string[] {
  return [
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

/** Key and value. */
export type LabelWish = readonly [string, string];

interface Listed extends BatchRecord {
  readonly tenant: string;
  readonly createdAtMs: number;
}

export async function listAlone(
  ports: ControlPorts,
  lists: readonly string[],
  { tenant, id, createdAtMs }: Omit<Listed, 'requestIds'>,
  isClaim: boolean,
): Promise<void> {
  for (const list of lists)
    await putEntry(ports, keys.listed(tenant, list, id, createdAtMs), { id, requestIds: [id] }, [createdAtMs, isClaim]);
}

export async function listBatch(
  ports: ControlPorts,
  list: string,
  { tenant, createdAtMs, ...batch }: Listed,
): Promise<void> {
  await putEntry(ports, keys.listedBatch(tenant, list, batch.id, createdAtMs), batch, [createdAtMs, false]);
}

async function putEntry(
  ports: ControlPorts,
  key: ItemKey,
  data: BatchRecord,
  [createdAtMs, isClaim]: readonly [number, boolean],
): Promise<void> {
  try {
    await put(ports, { ...key, data, expiresAtMs: createdAtMs + (isClaim ? claimEntryMs : taskEntryMs) }, 'absent');
  } catch (error) {
    // The same submission twice in one millisecond: what is there says the same.
    if (!(error instanceof ConditionFailedError)) throw error;
  }
}
