// Records on which a decision failed (core/plan/parts/isolate.ts): each is set aside with its error in a write of its
// own, so that the next decision need not find it again, and is listed with the records that cannot be read for
// as long as it is set aside.
import type { AnyRequest } from '../../core/records/claim.ts';
import type { NodeRecord } from '../../core/records/node.ts';
import type { Culprit } from '../../core/plan/parts/isolate.ts';
import { rowsOf } from '../../core/plan/rows/seen-rows.ts';
import type { Observation, Versioned } from '../../core/plan/observation.ts';
import { ConditionFailedError } from '../../ports/store.ts';
import type { ItemKey, PutItem } from '../../ports/store.ts';
import { claimItem, claimKey } from '../claims/store.ts';
import { keys } from '../store/keys.ts';
import type { ControlPorts, ControlSettings } from '../ports.ts';
import type { BadRecord } from '../records/checked-store.ts';
import type { BadRecords } from './set-aside.ts';
import { culpritMessage } from './set-aside.ts';
import { requestItem } from '../requests/submit.ts';
import { put } from '../store/store-retry.ts';

interface SetAsideWrite {
  readonly item: PutItem;
  readonly version: number;
  readonly error: string;
}

/**
 * Answers how many were set aside; a record that somebody changed meanwhile is left to the next decision. Whoever waits
 * for a launch of machines that is set aside is set aside with it: nothing is bought twice.
 */
export async function setAsideCulprits(
  ports: ControlPorts,
  settings: ControlSettings,
  bad: BadRecords,
  observation: Observation,
  culprits: readonly Culprit[],
): Promise<number> {
  if (culprits.length === 0) return 0;
  const errors = new Map(culprits.map((one) => [one.key, one.error]));
  for (const { record } of observation.machineLaunches) {
    const error = errors.get(`launch ${record.id}`);
    if (error === undefined) continue;
    for (const { request } of record.members)
      errors.set(`claim ${request}`, `it waits for launch ${record.id}: ${error}`);
  }
  const nowMs = ports.clock.nowMs();
  const writes = [...taskWrites(observation, errors, nowMs, settings), ...claimWrites(observation, errors)];
  return write(ports, bad, writes);
}

/** Of each record at fault what `itemOf` makes of it with its error. */
function writesOf<T extends { readonly id: string }>(
  errors: ReadonlyMap<string, string>,
  [kind, what]: readonly [kind: string, what: string],
  records: readonly Versioned<T>[],
  keyOf: (record: T) => ItemKey,
  itemOf: (record: T, quarantine: string) => PutItem,
): readonly SetAsideWrite[] {
  return records.flatMap(({ record, version }): readonly SetAsideWrite[] => {
    const error = errors.get(`${kind} ${record.id}`);
    if (error === undefined) return [];
    const { pk, sk } = keyOf(record);
    const text = `a decision about this ${what} failed: ${error} (${pk} / ${sk})`;
    return [{ item: itemOf(record, text), version, error: text }];
  });
}

type Errors = ReadonlyMap<string, string>;

function taskWrites(
  { requests, nodes, launches, services = [] }: Observation,
  errors: Errors,
  nowMs: number,
  { keepEndedMs }: ControlSettings,
): readonly SetAsideWrite[] {
  const collected = new Set(requests.filter((one) => one.isCollected).map(({ record }) => record.id));
  const nodeKey = ({ pool, id }: NodeRecord): ItemKey => keys.node(pool, id);
  return [
    ...writesOf(
      errors,
      ['request', 'request'],
      requests,
      ({ id }) => keys.request(id),
      (record, quarantine) => {
        const kept = collected.has(record.id) ? { expiresAtMs: nowMs + keepEndedMs } : null;
        return requestItem({ ...record, quarantine }, kept);
      },
    ),
    ...writesOf(errors, ['node', 'node'], nodes, nodeKey, (record, quarantine) => {
      const data: NodeRecord = {
        ...record,
        quarantine,
        state: record.state === 'terminating' ? record.state : 'draining',
        drain: { by: 'set-aside', reason: quarantine, atMs: nowMs, deadlineMs: null },
      };
      return { ...nodeKey(record), data };
    }),
    ...writesOf(
      errors,
      ['launch', 'launch'],
      launches,
      ({ pool, id }) => keys.launch(pool, id),
      (record, quarantine) => ({ ...keys.launch(record.pool, record.id), data: { ...record, quarantine } }),
    ),
    ...writesOf(errors, ['service', 'service'], services, keys.service, (record, quarantine) => ({
      ...keys.service(record),
      data: { ...record, quarantine },
    })),
  ];
}

function claimWrites({ claims, warmFailed, groups, kept, pool: { name } }: Observation, errors: Errors) {
  return [
    ...writesOf(
      errors,
      ['claim', 'request'],
      [...claims, ...warmFailed],
      ({ pool, id }) => claimKey(pool, id),
      (record, quarantine) =>
        claimItem({ ...record, quarantine }, record.endedAtMs === null ? null : { expiresAtMs: record.endedAtMs }),
    ),
    // Like those that cannot be read: left out, and the sweep takes nothing of this pool for nobody's.
    ...writesOf(
      errors,
      ['group', 'security group'],
      groups,
      ({ id }) => keys.group(name, id),
      (record, error) => ({ ...keys.group(name, record.id), data: { ...record, error } }),
    ),
    ...writesOf(
      errors,
      ['kept', 'kept volume'],
      kept,
      ({ id }) => keys.kept(name, id),
      (record, error) => ({ ...keys.kept(name, record.id), data: { ...record, error } }),
    ),
  ];
}

async function write(ports: ControlPorts, bad: BadRecords, writes: readonly SetAsideWrite[]): Promise<number> {
  for (const { item, version, error } of writes) {
    const key = { pk: item.pk, sk: item.sk };
    try {
      await put(ports, item, version);
      bad.note({ key, version, error, isLeftOut: false }, culpritMessage);
    } catch (error) {
      if (!(error instanceof ConditionFailedError)) throw error;
      ports.log.write(
        'info',
        'a record on which a decision failed has changed meanwhile; the next decision looks at it again',
        { ...key },
      );
    }
  }
  return writes.length;
}

const isAside = ({ record }: { readonly record: AnyRequest }): boolean =>
  record.quarantine !== null && record.isUnreadable !== true;

/** What is set aside already, and can be read. */
export function asideNow(seen: Observation): readonly BadRecord[] {
  const { claims, nodes, launches, services = [] } = seen;
  const found = (key: ItemKey, version: number, error: string): BadRecord => ({
    key: { pk: key.pk, sk: key.sk },
    version,
    error,
    isLeftOut: false,
  });
  return [
    ...[rowsOf(seen).unsettled.filter(isAside), claims.filter(isAside)]
      .flat()
      .map(({ record, version }) => found(claimKey(record.pool, record.id), version, record.quarantine ?? '')),
    ...nodes.flatMap(({ record, version }) =>
      record.quarantine === undefined ? [] : found(keys.node(record.pool, record.id), version, record.quarantine),
    ),
    ...launches.flatMap(({ record, version }) =>
      record.quarantine === undefined ? [] : found(keys.launch(record.pool, record.id), version, record.quarantine),
    ),
    ...services.flatMap(({ record, version }) =>
      record.quarantine === undefined || record.isUnreadable === true
        ? []
        : found(keys.service(record), version, record.quarantine),
    ),
  ];
}
