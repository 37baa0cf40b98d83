// The tenants who own the snapshots that new volumes are made from. Final snapshots belong to a tenant. A snapshot that
// Bellows did not make belongs to no tenant: access to it is controlled by the AWS account (docs/claims.md, Volumes).
import type { ClaimRecord, ClaimRow, ClaimSpec } from '../../core/records/claim.ts';
import { snapshotsNamed, tagRequest, tagTenant, tenantText } from '../../core/records/claim.ts';
import { CloudRefusedError, isPassing } from '../../ports/cloud.ts';
import { ForbiddenError } from '../errors.ts';
import { keys } from '../store/keys.ts';
import type { ControlPorts, ReadingPorts } from '../ports.ts';
import { reading } from '../store/store-retry.ts';

/** By id; null: no tenant's. Absent: ids that EC2 was not asked about, or does not show. */
export type SnapshotOwners = Map<string, string | null>;

const idsPerCall = 200;
const rememberedMax = 10_000;
/** Made by a version without tenant tags, and its request is deleted: the owner is unknown, so nobody may use it. */
const unknownTenant = '(unknown)';

/** What EC2 does not show after so long is not there: whoever makes a volume from it hears so. */
const shownAfterMs = 60_000;

/**
 * Owners of the snapshots that pending requests name; each is read once. Without an answer of EC2 it is absent, and so
 * is what EC2 does not show yet: it may be another tenant's.
 */
export async function readSnapshotOwners(
  context: { readonly ports: ControlPorts },
  known: SnapshotOwners,
  claims: readonly ClaimRecord[],
): Promise<ReadonlyMap<string, string | null>> {
  const naming = claims.filter((claim) => claim.state === 'pending' && claim.startedAtMs === null);
  const named = new Set(naming.flatMap((claim) => snapshotsNamed(claim.spec)));
  const unknown = [...named].filter((id) => !known.has(id));
  if (known.size + unknown.length > rememberedMax) known.clear();
  let isAnswered = true;
  try {
    for (const [id, owner] of await ownersOf(context.ports, unknown)) known.set(id, owner);
  } catch (error) {
    isAnswered = false;
    if (!(isPassing(error) || error instanceof CloudRefusedError)) throw error;
    context.ports.log.write(
      'warn',
      'EC2 did not return the tags of snapshots that requests name; the next tick asks again',
      { error },
    );
  }
  const hidden = unknown.filter((id) => !known.has(id));
  if (!isAnswered || hidden.length === 0) return known;
  const sinceMs = context.ports.clock.nowMs() - shownAfterMs;
  const hasWaited = (id: string): boolean =>
    naming.every(
      ({ spec, grantSinceMs }) => !snapshotsNamed(spec).includes(id) || (grantSinceMs ?? Infinity) <= sinceMs,
    );
  return new Map([...known, ...hidden.filter(hasWaited).map((id) => [id, null] as const)]);
}

/** Check at submit, if the API's function may ask EC2; otherwise the tick refuses. @throws ForbiddenError */
export async function checkSnapshots(
  ports: Pick<ControlPorts, 'cloud'> & ReadingPorts,
  tenant: string,
  spec: ClaimSpec,
): Promise<void> {
  const ids = snapshotsNamed(spec);
  if (ids.length === 0 || !ports.cloud.snapshotTags) return;
  let owners: SnapshotOwners;
  try {
    owners = await ownersOf(ports, ids);
  } catch (error) {
    if (isPassing(error) || error instanceof CloudRefusedError) return;
    throw error;
  }
  const foreign = ids.find((id) => (owners.get(id) ?? null) !== null && owners.get(id) !== tenantText(tenant));
  if (foreign !== undefined)
    throw new ForbiddenError(
      `snapshot ${foreign} is another tenant's: a volume is made from snapshots of your own, or from those that `
        + "no tenant's request made",
    );
}

async function ownersOf(
  ports: Pick<ControlPorts, 'cloud'> & ReadingPorts,
  ids: readonly string[],
): Promise<SnapshotOwners> {
  const owners: SnapshotOwners = new Map();
  if (ids.length === 0) return owners;
  for (let from = 0; from < ids.length; from += idsPerCall) {
    const part = ids.slice(from, from + idsPerCall);
    const tags = await ports.cloud.snapshotTags?.(part);
    for (const id of part) {
      const own = tags === undefined ? {} : tags.get(id);
      if (own !== undefined) owners.set(id, await ownerBy(ports, own));
    }
  }
  return owners;
}

async function ownerBy(ports: ReadingPorts, tags: Readonly<Record<string, string>>): Promise<string | null> {
  if (tags[tagTenant] !== undefined) return tags[tagTenant];
  const request = tags[tagRequest];
  if (request === undefined) return null;
  const row = await reading(ports, () => ports.store.get<ClaimRow>(keys.request(request)));
  return row ? tenantText(row.data.tenant) : unknownTenant;
}
