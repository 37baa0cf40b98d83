// Whether a record will fit into one item of the store for as long as it lives: what cannot is refused at the door.
import { recordBytesMax } from '../../core/plan/bounds.ts';
import type { AnyRequest } from '../../core/records/claim.ts';
import { isClaim } from '../../core/records/claim.ts';
import { jsonBytes } from '../../core/values/json-bytes.ts';
import type { PutItem } from '../../ports/store.ts';
import { toItem } from '../../ports/store-rules.ts';
import { storedBytes } from '../../ports/store-size.ts';
import { UnsatisfiableError } from '../errors.ts';

/** What a request's timeline, reasons and tasks may add to its record, as it is kept (deflated). */
const growthBytes = 80_000;
/** What a machine, and a volume of one, add once they are there: ids and addresses, which cannot be deflated. */
const machineGrowthBytes = 150;
const volumeGrowthBytes = 70;

/** @throws UnsatisfiableError for a request whose record could not be kept */
export function checkSize(record: AnyRequest, item: PutItem): void {
  const parts = isClaim(record) ? record.machines : [];
  const growth =
    growthBytes + parts.reduce((sum, part) => sum + machineGrowthBytes + part.volumes.length * volumeGrowthBytes, 0);
  if (jsonBytes(record) + growth <= recordBytesMax) return;
  const bytes = sizeOf(item) + growth;
  if (bytes <= recordBytesMax) return;
  throw new UnsatisfiableError(
    `this request would take ${String(bytes)} bytes as it is kept, with ${String(growth)} for what becomes of `
      + `it; one request takes at most ${String(recordBytesMax)}: `
      + `${isClaim(record) ? 'ask for fewer machines, volumes or rules in one request, or for less user data' : 'fetch a large script or large variables from elsewhere'}`,
    [],
  );
}

/** What an item will take in the store. */
export function sizeOf(item: PutItem): number {
  return storedBytes(toItem(item, 'absent', 'w'.repeat(40)));
}
