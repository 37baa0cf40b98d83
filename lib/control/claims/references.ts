// A submit is refused if it names requests that are not the caller's, or have ended.
import type { AnyRow, ClaimSpec } from '../../core/records/claim.ts';
import { refersToRequests } from '../../core/claims/networks/network-rules.ts';
import { UnsatisfiableError } from '../errors.ts';
import { keys } from '../store/keys.ts';
import type { ReadingPorts } from '../ports.ts';
import { reading } from '../store/store-retry.ts';

interface Named {
  readonly id: string;
  readonly type: ClaimSpec['type'];
  /** The field that names it. */
  readonly by: string;
}

function namedBy(spec: ClaimSpec): readonly Named[] {
  const rules =
    spec.type === 'storage' || spec.network === null
      ? []
      : refersToRequests(spec.network).map((id): Named => ({ id, type: 'network', by: 'the rules name' }));
  switch (spec.type) {
    case 'network':
      return rules;
    case 'storage':
      return spec.attachTo === null ? [] : [{ id: spec.attachTo, type: 'virtual_machine', by: 'attachTo names' }];
    case 'virtual_machine':
      return [
        ...rules,
        ...spec.networkRequests.map((id): Named => ({ id, type: 'network', by: 'networkRequests name' })),
        ...spec.volumeRequests.map((id): Named => ({ id, type: 'storage', by: 'volumeRequests name' })),
      ];
  }
}

/**
 * Does nothing for a repeated submit, which gets the present state as its answer. @throws UnsatisfiableError if it
 * names what is no live request of the caller in this pool
 */
export async function checkReferences(
  ports: ReadingPorts,
  id: string,
  tenant: string,
  pool: string,
  spec: ClaimSpec,
): Promise<void> {
  const named = namedBy(spec);
  if (named.length === 0) return;
  const ids = [...new Set([id, ...named.map((one) => one.id)])];
  const items = await reading(ports, () => ports.store.getMany<AnyRow>(ids.map((one) => keys.request(one))));
  const found = new Map(ids.map((one, n) => [one, items[n]?.data ?? null]));
  if (found.get(id)) return;
  for (const one of named) {
    const other = found.get(one.id);
    const isLive =
      other?.tenant === tenant
      && other.pool === pool
      && other.spec.type === one.type
      && (other.state === 'pending' || other.state === 'active');
    if (!isLive)
      throw new UnsatisfiableError(
        `${one.by} ${one.id}, which is no live ${one.type} request of yours in pool ${pool}; ask for that first, `
          + 'and name the id of its answer',
        [],
      );
  }
}
