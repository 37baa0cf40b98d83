// Replicas of a service that are machines take turns over the zones: of offerings at one price the one is taken whose
// zone has the fewest of them, as nodes of replicas that are tasks are bought (Docker Swarm's rule). It is a wish:
// nothing waits for it, and nothing dearer is taken.
import type { ClaimRecord } from '../../records/claim.ts';
import type { ClaimWorkingCopy } from '../working-copy.ts';

/** How many replicas of each service each zone has, with those that this decision buys. */
export class ReplicaZones {
  readonly #counts = new Map<string, number>();

  constructor(copy: ClaimWorkingCopy) {
    const launched = new Map<string, string>();
    for (const { record } of copy.seen.machineLaunches)
      for (const { request } of record.members) launched.set(request, record.request.zone);
    for (const claim of copy.claims()) {
      if (claim.state === 'releasing' || claim.cancelRequestedAtMs !== null) continue;
      const zone = claim.machines[0]?.zone ?? launched.get(claim.id) ?? null;
      if (zone !== null) this.add(claim, zone);
    }
  }

  /** 0 for what is no replica: it has no wish. */
  of(claim: ClaimRecord, zone: string): number {
    const service = serviceOf(claim);
    return service === null ? 0 : (this.#counts.get(`${service} ${zone}`) ?? 0);
  }

  add(claim: ClaimRecord, zone: string): void {
    const service = serviceOf(claim);
    if (service !== null) this.#counts.set(`${service} ${zone}`, this.of(claim, zone) + 1);
  }
}

/** null: it is no replica. Names of services have no space, and no tenant has two of one name. */
function serviceOf({ tenant, spec }: Pick<ClaimRecord, 'tenant' | 'spec'>): string | null {
  return spec.type === 'virtual_machine' && spec.service !== undefined ? `${spec.service.name} ${tenant}` : null;
}
