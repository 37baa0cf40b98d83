// The tenants who own the snapshots that new volumes are made from. Final snapshots belong to a tenant. A snapshot that
// Bellows did not make belongs to no tenant: access to it is controlled by the AWS account (docs/claims.md, Volumes).
import type { ClaimRecord, ClaimRow, ClaimSpec } from '../../core/records/claim.ts';
import { snapshotsNamed, tagRequest, tagTenant, tenantText } from '../../core/records/claim.ts';
import { CloudRefusedError, isPassing } from '../../ports/cloud.ts';
import { ForbiddenError } from '../errors.ts';
import { keys } from '../store/keys.ts';
import type { ControlPorts, ReadingPorts } from '../ports.ts';
import { reading } from '../store/store-retry.ts';

/** By id; null: no tenant's. Ids that EC2 was not asked about are absent. */
export type SnapshotOwners = Map<string, string | null>;

const idsPerCall = 200;
const rememberedMax = 10_000;
/** Made by a version without tenant tags, and its request is deleted: the owner is unknown, so nobody may use it. */
const unknownTenant = '(unknown)';

/** Owners of the snapshots that pending requests name; each is read once. Without an answer of EC2 it is absent. */
export async function readSnapshotOwners(
  context: { readonly ports: ControlPorts },
  known: SnapshotOwners,
  claims: readonly ClaimRecord[],
): Promise<SnapshotOwners> {
  const named = new Set(
    claims
      .filter((claim) => claim.state === 'pending' && claim.startedAtMs === null)
      .flatMap((claim) => snapshotsNamed(claim.spec)),
  );
  const unknown = [...named].filter((id) => !known.has(id));
  if (known.size + unknown.length > rememberedMax) known.clear();
  try {
    for (const [id, owner] of await ownersOf(context.ports, unknown)) known.set(id, owner);
  } catch (error) {
    if (!(isPassing(error) || error instanceof CloudRefusedError)) throw error;
    context.ports.log.write(
      'warn',
      'EC2 did not return the tags of snapshots that requests name; the next tick asks again',
      { error },
    );
  }
  return known;
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
    const tags = await (ports.cloud.snapshotTags?.(part)
      ?? Promise.resolve(new Map<string, Readonly<Record<string, string>>>()));
    for (const id of part) owners.set(id, await ownerBy(ports, tags.get(id) ?? {}));
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
