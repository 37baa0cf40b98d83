// Whether a record will fit into one item of the store for as long as it lives: what cannot is refused at submit.
import { recordBytesMax } from '../../core/plan/bounds.ts';
import type { AnyRow } from '../../core/records/claim.ts';
import { isClaim } from '../../core/records/claim.ts';
import { jsonBytes } from '../../core/values/json-bytes.ts';
import type { PutItem } from '../../ports/store.ts';
import { toItem } from '../../ports/store/rules.ts';
import { storedBytes } from '../../ports/store/size.ts';
import { UnsatisfiableError } from '../errors.ts';

/** What a request's timeline, reasons and tasks may add to its record, as it is kept (deflated). */
const growthBytes = 80_000;

/** @throws UnsatisfiableError for a request whose record could not be kept */
export function checkSize(record: AnyRow, item: PutItem): void {
  if (jsonBytes(record) + growthBytes <= recordBytesMax) return;
  const bytes = sizeOf(item) + growthBytes;
  if (bytes <= recordBytesMax) return;
  const cure = isClaim(record)
    ? 'ask for fewer volumes or rules in one request, or for less user data'
    : 'fetch a large script or large variables from elsewhere';
  throw new UnsatisfiableError(
    `this request would take ${String(bytes)} bytes as it is kept, with ${String(growthBytes)} for what becomes of `
      + `it; one request takes at most ${String(recordBytesMax)}: `
      + cure,
    [],
  );
}

/** What an item will take in the store. */
export function sizeOf(item: PutItem): number {
  return storedBytes(toItem(item, 'absent', 'w'.repeat(40)));
}
