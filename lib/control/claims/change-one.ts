// Read, change and write one claim until no concurrent write interferes. The row is checked even if only documents
// change, so that changes of one claim never interleave.
import { isRowChanged, isWarm, partChanges, rowOf } from '../../core/claims/documents.ts';
import type { ClaimRecord } from '../../core/records/claim.ts';
import { ConditionFailedError } from '../../ports/store.ts';
import type { Write } from '../../ports/store.ts';
import type { ControlPorts } from '../ports.ts';
import { transact } from '../store/store-retry.ts';
import { claimItem, claimKey, documentKey, readClaim, rowItem } from './store.ts';
import type { ReadClaim } from './store.ts';

const triesMax = 20;

/** `change` returns null to leave the claim as it is. A claim that has ended never changes. true: it was changed. */
export async function changeOne(
  ports: ControlPorts,
  pool: string,
  id: string,
  change: (claim: ClaimRecord) => ClaimRecord | null,
): Promise<boolean> {
  for (let tries = 1; ; tries += 1) {
    const read = await readClaim(ports, pool, id);
    const next = read && read.record.endedAtMs === null ? change(read.record) : null;
    if (!read || !next) return false;
    try {
      await transact(ports, writesOf(read, next));
      return true;
    } catch (error) {
      if (!(error instanceof ConditionFailedError) || tries >= triesMax) throw error;
      await ports.clock.sleep(ports.random.next() * 50 * tries);
    }
  }
}

function writesOf(read: ReadClaim, next: ClaimRecord): readonly Write[] {
  if (isWarm(next)) return [{ op: 'put', item: claimItem(next, null), condition: read.version }];
  const row: Write = isRowChanged(read.record, next)
    ? { op: 'put', item: rowItem(rowOf(next), null), condition: read.version }
    : { op: 'check', key: claimKey(next.pool, next.id), condition: read.version };
  return [...documentWrites(read, next), row];
}

/** Of what changed of its machines and volumes. */
export function documentWrites({ record, versions }: ReadClaim, next: ClaimRecord): readonly Write[] {
  return partChanges(record, next).flatMap(({ before, after }): Write[] => {
    if (after !== null) {
      const key = documentKey(after);
      return [{ op: 'put', item: { ...key, data: after }, condition: versions.get(key.sk) ?? 'absent' }];
    }
    const key = before && documentKey(before);
    const version = key ? versions.get(key.sk) : undefined;
    return key && version !== undefined ? [{ op: 'delete', key, condition: version }] : [];
  });
}
