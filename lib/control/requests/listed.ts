// Lists of requests by name, and by label where the installation declares its key: an entry for each request, or one
// for all of a batch. Written before the requests, so that what is accepted is listed.
import type { Named } from '../../core/records/request.ts';
import { ownValue } from '../../core/values/dictionary.ts';
import { ConditionFailedError } from '../../ports/store.ts';
import type { ItemKey } from '../../ports/store.ts';
import type { ControlPorts } from '../ports.ts';
import { keys } from '../store/keys.ts';
import { put } from '../store/store-retry.ts';
import type { BatchRecord } from './listing.ts';

/** So many label keys at most are indexed: each costs a write unit per request. */
export const labelKeysMax = 5;

/** Entries go by themselves so long after acceptance. Whoever is open for longer is found without them. */
const taskEntryMs = 90 * 24 * 3_600_000;
const claimEntryMs = 2 * 365 * 24 * 3_600_000;

const ofName = (name: string): string => `name=${name}`;
const ofLabel = (key: string, value: string): string => `label:${key}=${value}`;

/** Of which lists a request is. */
export function listsOf({ name, labels = {} }: Named, labelKeys: readonly string[]): readonly string[] {
  return [
    ...(name === undefined ? [] : [ofName(name)]),
    ...labelKeys.slice(0, labelKeysMax).flatMap((key) => {
      const value = ownValue(labels, key);
      return value === undefined ? [] : [ofLabel(key, value)];
    }),
  ];
}

/** The list that has all that are wanted; null: none but that of all. */
export function listFor(
  { name, labels = [] }: { readonly name?: string | undefined; readonly labels?: readonly LabelWish[] | undefined },
  labelKeys: readonly string[],
): string | null {
  if (name !== undefined) return ofName(name);
  const indexed = labels.find(([key]) => labelKeys.slice(0, labelKeysMax).includes(key));
  return indexed === undefined ? null : ofLabel(...indexed);
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
