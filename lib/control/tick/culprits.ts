// Records on which a decision failed (core/plan/isolate.ts): each is set aside with its error in a write of its
// own, so that the next decision need not find it again, and is listed with the records that cannot be read for
// as long as it is set aside.
import type { NodeRecord } from '../../core/records/node.ts';
import type { Culprit } from '../../core/plan/isolate.ts';
import type { Observation } from '../../core/plan/observation.ts';
import { ConditionFailedError } from '../../ports/store.ts';
import type { ItemKey, PutItem } from '../../ports/store.ts';
import { claimItem, claimKey } from '../claims/store.ts';
import type { Claims } from '../claims/store.ts';
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

function errorOf(what: string, { pk, sk }: ItemKey, error: string): string {
  return `a decision about this ${what} failed: ${error} (${pk} / ${sk})`;
}

/** Answers how many were set aside; a record that somebody changed meanwhile is left to the next decision. */
export async function setAsideCulprits(
  ports: ControlPorts,
  settings: ControlSettings,
  bad: BadRecords,
  observation: Observation,
  culprits: readonly Culprit[],
): Promise<number> {
  const errors = new Map(culprits.map((one) => [one.key, one.error]));
  const writes: SetAsideWrite[] = [];
  for (const { record, version, isCollected } of observation.requests) {
    const error = errors.get(`request ${record.id}`);
    if (error === undefined) continue;
    const quarantine = errorOf('request', keys.request(record.id), error);
    const kept = isCollected ? { expiresAtMs: ports.clock.nowMs() + settings.keepEndedMs } : null;
    writes.push({ item: requestItem({ ...record, quarantine }, kept), version, error: quarantine });
  }
  for (const { record, version } of observation.nodes) {
    const error = errors.get(`node ${record.id}`);
    if (error === undefined) continue;
    const key = keys.node(record.pool, record.id);
    const quarantine = errorOf('node', key, error);
    const data: NodeRecord = {
      ...record,
      quarantine,
      state: record.state === 'terminating' ? record.state : 'draining',
      drain: { by: 'set-aside', reason: quarantine, atMs: ports.clock.nowMs(), deadlineMs: null },
    };
    writes.push({ item: { ...key, data }, version, error: quarantine });
  }
  for (const { record, version } of observation.launches) {
    const error = errors.get(`launch ${record.id}`);
    if (error === undefined) continue;
    const key = keys.launch(record.pool, record.id);
    const quarantine = errorOf('launch', key, error);
    writes.push({ item: { ...key, data: { ...record, quarantine } }, version, error: quarantine });
  }
  return write(ports, bad, writes);
}

/**
 * The same of what is held. Whoever waits for a launch that is set aside is set aside with it:
 * nothing is bought twice.
 */
export async function setAsideClaims(
  ports: ControlPorts,
  pool: string,
  bad: BadRecords,
  claimed: Claims,
  culprits: readonly Culprit[],
): Promise<number> {
  const errors = new Map(culprits.map((one) => [one.key, one.error]));
  const writes: SetAsideWrite[] = [];
  for (const { record } of claimed.launches) {
    const error = errors.get(`launch ${record.id}`);
    if (error === undefined) continue;
    for (const { request } of record.members)
      errors.set(`claim ${request}`, `it waits for launch ${record.id}: ${error}`);
  }
  for (const { record, version } of [...claimed.claims, ...claimed.warmFailed]) {
    const error = errors.get(`claim ${record.id}`);
    if (error === undefined) continue;
    const before = claimItem(record, record.endedAtMs === null ? null : { expiresAtMs: record.endedAtMs });
    const quarantine = errorOf('request', before, error);
    writes.push({ item: { ...before, data: { ...record, quarantine } }, version, error: quarantine });
  }
  const documents = [
    ...claimed.groups.map(({ record, version }) => ({
      name: `group ${record.id}`,
      what: 'security group',
      key: keys.group(pool, record.id),
      record,
      version,
    })),
    ...claimed.kept.map(({ record, version }) => ({
      name: `kept ${record.id}`,
      what: 'kept volume',
      key: keys.kept(pool, record.id),
      record,
      version,
    })),
  ];
  for (const { name, what, key, record, version } of documents) {
    const error = errors.get(name);
    if (error === undefined) continue;
    const text = errorOf(what, key, error);
    // Like one that cannot be read: left out, and the sweep takes nothing of this pool for nobody's.
    writes.push({ item: { ...key, data: { ...record, error: text } }, version, error: text });
  }
  return write(ports, bad, writes);
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

/** What is set aside already, and can be read. */
export function asideNow(observation: Observation, claimed: Claims): readonly BadRecord[] {
  const found = (key: ItemKey, version: number, error: string): BadRecord => ({
    key: { pk: key.pk, sk: key.sk },
    version,
    error,
    isLeftOut: false,
  });
  return [
    ...[...observation.requests, ...claimed.claims].flatMap(({ record, version }) =>
      record.quarantine === null || record.isUnreadable === true
        ? []
        : found(claimKey(record.pool, record.id), version, record.quarantine),
    ),
    ...observation.nodes.flatMap(({ record, version }) =>
      record.quarantine === undefined ? [] : found(keys.node(record.pool, record.id), version, record.quarantine),
    ),
    ...observation.launches.flatMap(({ record, version }) =>
      record.quarantine === undefined ? [] : found(keys.launch(record.pool, record.id), version, record.quarantine),
    ),
  ];
}
