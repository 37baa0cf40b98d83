// The sweep compares EC2 with the store, with one listing of the whole installation. A resource with our tags that no
// record names is an orphan; it is deleted if it is still one when it is seen again after a while. The sweep also finds
// requests whose wake was never written.
import { isPassing } from '../../ports/cloud.ts';
import type { CloudListing } from '../../ports/cloud.ts';
import { openClaimIds } from '../claims/store.ts';
import { readLock } from '../coordination/lock.ts';
import { raiseWake } from '../coordination/wake.ts';
import type { ControlPorts, ControlSettings } from '../ports.ts';
import type { PoolItem } from '../requests/pools.ts';
import { readPools } from '../requests/pools.ts';
import { tombstoneEndsAtMs } from '../requests/tombstones.ts';
import { keys } from '../store/keys.ts';
import { countIndexed } from '../store/store-retry.ts';
import { isDue } from '../coordination/due.ts';
import { archiveEnded } from './archive.ts';
import { closeForgottenBells } from './bells.ts';
import { findOrphans } from './orphans.ts';
import type { Orphan } from './orphans.ts';
import { seenLongEnough } from './second-sighting.ts';
import { reap } from './end-orphans.ts';

/** A sweep comes every three minutes: a thousand tombstones go within an hour. */
const tombstonesPerSweep = 50;
/** Each volume, snapshot and group is a call of its own: what is beyond this waits for a later sweep. */
const reapedPerSweep = 100;
interface Swept {
  readonly orphansSeen: number;
  readonly reaped: number;
}

export async function sweep(ports: ControlPorts, settings: ControlSettings): Promise<Swept> {
  const pools = await readPools(ports);
  const swept = await sweepPools(ports, settings, pools);
  await archiveEnded(ports, settings, pools);
  return swept;
}

async function sweepPools(ports: ControlPorts, settings: ControlSettings, all: readonly PoolItem[]): Promise<Swept> {
  const pools = all.map((item) => item.sk);
  const tombstones = all
    .filter((item) => (tombstoneEndsAtMs(item) ?? Infinity) <= ports.clock.nowMs())
    .map((item) => item.sk);
  for (const pool of pools) await wakeForgotten(ports, pool);
  await wakeTombstones(ports, tombstones);
  let listing: CloudListing;
  try {
    listing = await ports.cloud.list({ installation: settings.installation, things: 'all' });
  } catch (error) {
    if (!isPassing(error)) throw error;
    ports.log.write('warn', 'EC2 could not be listed; the next sweep tries again', { error });
    return { orphansSeen: 0, reaped: 0 };
  }
  await closeForgottenBells(ports, listing);
  const nowMs = ports.clock.nowMs();
  const orphans = await findOrphans(ports, listing, pools);
  const ripe = await seenLongEnough(ports, settings, orphans, nowMs);
  return { orphansSeen: orphans.length, reaped: await reap(ports, chosen(ports, ripe)) };
}

/** If there are too many, a random stretch: orphans that EC2 refuses to delete must not block the others. */
function chosen({ random }: ControlPorts, ripe: readonly Orphan[]): readonly Orphan[] {
  if (ripe.length <= reapedPerSweep) return ripe;
  const from = Math.floor(random.next() * ripe.length);
  return [...ripe.slice(from), ...ripe.slice(0, from)].slice(0, reapedPerSweep);
}

/** Wakes deleted pools whose tombstone no tick will remove: written by an older version, or after a lost lock. */
async function wakeTombstones(ports: ControlPorts, pools: readonly string[]): Promise<void> {
  for (const pool of pools.slice(0, tombstonesPerSweep)) await raiseWake(ports, pool);
}

/** A submit that crashed between its write and its wake was never answered, but what it wrote must still be handled. */
async function wakeForgotten(ports: ControlPorts, pool: string): Promise<void> {
  if (await isDue(ports, pool)) return;
  const lock = await readLock(ports, pool);
  if (lock?.data.holder) return;
  const open = await countIndexed(ports, 'open', [...keys.openShards(pool), ...keys.asideShards(pool)]);
  const claims = (await openClaimIds(ports, pool)).length;
  if (open !== (lock?.data.openRequests ?? 0) || claims !== (lock?.data.openClaims ?? 0)) await raiseWake(ports, pool);
}
