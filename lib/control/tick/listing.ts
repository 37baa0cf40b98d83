// What EC2 shows of one pool, listed at most once a round for nodes and claims alike: a listing is reused while it is
// fresh enough for both, and volumes, snapshots and groups are listed only where the pool has claims.
import type { ClaimListing, Listing } from '../../core/plan/listing.ts';
import { tagRequest } from '../../core/records/claim.ts';
import { isPassing } from '../../ports/cloud.ts';
import type { ControlPorts, ControlSettings } from '../ports.ts';

/** How urgently something wants to know what EC2 shows; `calm`: nothing of it is on the move. */
export type ListingNeed = 'none' | 'calm' | 'busy';

export interface PoolListing {
  readonly nodes: Listing;
  /** null: only instances were listed. */
  readonly claims: ClaimListing | null;
}

/** The last listing of each pool in this process: a tick's rounds share it. */
export type ListingCache = Map<string, PoolListing>;

export interface ListingNeeds {
  readonly nodes: ListingNeed;
  readonly claims: ListingNeed;
  /** EC2 said something at this time: a listing from before it is old. */
  readonly afterMs: number;
}

/** Beyond this the clock was wrong of who says when EC2 told something, or ours is. */
const clocksApartMsMax = 10_000;

/**
 * Whether a listing will do: it is young enough, and from after what EC2 has told since. A clock that was
 * set back makes it old; a time that has not come would make each one old until then.
 */
function isFresh(listedAtMs: number, nowMs: number, oldestMs: number, listAfterMs: number): boolean {
  const isAfter = listedAtMs >= listAfterMs || listAfterMs - nowMs > clocksApartMsMax;
  return isAfter && nowMs - listedAtMs < oldestMs && nowMs >= listedAtMs;
}

/** null when there is nothing to ask about, and when EC2 could not be asked. */
export async function listPool(
  ports: ControlPorts,
  settings: ControlSettings,
  pool: string,
  cache: ListingCache,
  { nodes, claims, afterMs }: ListingNeeds,
): Promise<PoolListing | null> {
  if (nodes === 'none' && claims === 'none') return null;
  const { listingBusyMs, listingCalmMs } = settings.decisions;
  const oldestMs = nodes === 'busy' || claims === 'busy' ? listingBusyMs : listingCalmMs;
  const nowMs = ports.clock.nowMs();
  const last = cache.get(pool);
  const isWideEnough = claims === 'none' || last?.claims !== null;
  if (last && isWideEnough && isFresh(last.nodes.atMs, nowMs, oldestMs, afterMs)) return last;
  const things = claims === 'none' ? 'instances' : 'all';
  try {
    const found = await ports.cloud.list({ installation: settings.installation, pool, things });
    const machines = found.instances.filter((one) => one.tags[tagRequest] !== undefined);
    // Dated before the call: what EC2 said is at least that old.
    const listing: PoolListing = {
      nodes: {
        atMs: nowMs,
        instances: new Map(
          found.instances
            .filter((one) => one.tags[tagRequest] === undefined)
            .map(({ id, state, stateReason }) => [id, { id, state, stateReason }]),
        ),
      },
      claims:
        things === 'instances'
          ? null
          : {
              atMs: nowMs,
              machines: new Map(machines.map((one) => [one.id, one])),
              volumes: new Map(found.volumes.map((one) => [one.id, one])),
              snapshots: found.snapshots,
              groups: new Map(found.groups.map((one) => [one.name, one])),
            },
    };
    cache.set(pool, listing);
    return listing;
  } catch (error) {
    if (!isPassing(error)) throw error;
    ports.log.write('warn', 'EC2 could not be listed; nothing that rests on it is decided now', { pool, error });
    return null;
  }
}
