// How the documents of a pool's resources are named, apart from where they are stored.
import type { ClaimedMachine, MachineRecord } from './machine.ts';
import type { ClaimedVolume } from './volume.ts';

/** Names a document of a pool: what goes need not be readable. */
export type DocumentName =
  | { readonly kind: 'node' | 'group' | 'kept'; readonly id: string }
  /** `owner`: its claim; of a warm machine its own id. */
  | { readonly kind: 'machine'; readonly owner: string; readonly index: number }
  | { readonly kind: 'volume'; readonly owner: string; readonly place: string }
  | { readonly kind: 'service'; readonly tenant: string; readonly name: string };

/** Names it within its pool. */
export function nameKey(name: DocumentName): string {
  switch (name.kind) {
    case 'machine':
      return `machine ${name.owner} ${String(name.index)}`;
    case 'volume':
      return `volume ${name.owner} ${name.place}`;
    case 'service':
      return `service ${name.tenant} ${name.name}`;
    default:
      return `${name.kind} ${name.id}`;
  }
}

export function machineName(record: MachineRecord): Extract<DocumentName, { kind: 'machine' }> {
  return { kind: 'machine', owner: record.claim ?? record.id, index: record.index };
}

export function serviceName({ tenant, name }: { readonly tenant: string; readonly name: string }): DocumentName {
  return { kind: 'service', tenant, name };
}

export function volumeName({ claim, place }: ClaimedVolume): DocumentName {
  return { kind: 'volume', owner: claim, place };
}

export function partName(record: ClaimedMachine | ClaimedVolume): DocumentName {
  return 'place' in record ? volumeName(record) : machineName(record);
}
