// The sweep compares EC2 with the store for the whole installation. An instance that no document and no open
// launch knows is an orphan; it is reaped at the second sighting. It also finds requests whose wake was never written.
import { tagRequest } from '../core/records/claim.ts';
import { tagLaunch, tagPool } from '../core/records/launch.ts';
import type { NodeRecord } from '../core/records/node.ts';
import { isPassing } from '../ports/cloud.ts';
import type { Instance } from '../ports/cloud.ts';
import { activityItem } from './store/activity.ts';
import { sweepClaims } from './claims/sweep.ts';
import { keys } from './store/keys.ts';
import { readLaunches } from './store/launches.ts';
import { readLock } from './coordination/lock.ts';
import { readPools } from './requests/pools.ts';
import type { ControlPorts, ControlSettings } from './ports.ts';
import { isDue } from './tick/run-tick.ts';
import { tombstoneEndsAtMs } from './requests/tombstones.ts';
import { raiseWake } from './coordination/wake.ts';
import { indexedKeys, put, queryAll, update } from './store/store-retry.ts';

/** A sweep comes every three minutes: a thousand tombstones go within an hour. */
const tombstonesPerSweep = 50;

interface OrphansRecord {
  /** When each orphan was first seen. */
  readonly sinceMs: Readonly<Record<string, number>>;
}

export async function sweep(
  ports: ControlPorts,
  settings: ControlSettings,
): Promise<{ orphansSeen: number; reaped: number }> {
  const all = await readPools(ports);
  const pools = all.map((item) => item.sk);
  const tombstones = all
    .filter((item) => (tombstoneEndsAtMs(item) ?? Infinity) <= ports.clock.nowMs())
    .map((item) => item.sk);
  const claimed = await sweepClaims(ports, settings, pools);
  for (const pool of pools) await wakeForgotten(ports, pool);
  await wakeTombstones(ports, tombstones);
  let instances: readonly Instance[];
  try {
    ({ instances } = await ports.cloud.list({ installation: settings.installation, things: 'instances' }));
  } catch (error) {
    if (!isPassing(error)) throw error;
    ports.log.write('warn', 'EC2 could not be listed; the next sweep tries again', { error });
    return claimed;
  }
  const nowMs = ports.clock.nowMs();
  // Machines of requests are no nodes: their sweep knows whose they are.
  const orphans = await findOrphans(
    ports,
    instances.filter(
      (one) => one.tags[tagRequest] === undefined && one.state !== 'terminated' && one.state !== 'shutting-down',
    ),
  );
  const { item } = await update<OrphansRecord>(ports, keys.orphans, (current) => {
    const before = current?.data.sinceMs ?? {};
    const sinceMs = Object.fromEntries(orphans.map((one) => [one.id, before[one.id] ?? nowMs]));
    const isSame = current ? JSON.stringify(sinceMs) === JSON.stringify(before) : orphans.length === 0;
    return isSame ? null : { ...keys.orphans, data: { sinceMs } };
  });
  const ripe = orphans.filter((one) => nowMs - (item?.data.sinceMs[one.id] ?? nowMs) >= settings.orphanAgeMs);
  return { orphansSeen: claimed.orphansSeen + orphans.length, reaped: claimed.reaped + (await reap(ports, ripe)) };
}

/** Launches are read before nodes: a launch that settles in between has its node documents by then. */
async function findOrphans(ports: ControlPorts, instances: readonly Instance[]): Promise<readonly Instance[]> {
  const byPool = new Map<string, Instance[]>();
  for (const one of instances) {
    const pool = one.tags[tagPool] ?? '';
    byPool.set(pool, [...(byPool.get(pool) ?? []), one]);
  }
  const orphans: Instance[] = [];
  for (const [pool, members] of [...byPool].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const open = await readLaunches(ports, pool);
    const launches = new Set([...open.nodes, ...open.machines].map(({ record }) => record.id));
    const nodes = new Set((await queryAll<NodeRecord>(ports, keys.nodes(pool))).map((item) => item.data.id));
    orphans.push(...members.filter((one) => !nodes.has(one.id) && !launches.has(one.tags[tagLaunch] ?? '')));
  }
  return orphans.sort((a, b) => (a.id < b.id ? -1 : 1));
}

async function reap(ports: ControlPorts, ripe: readonly Instance[]): Promise<number> {
  if (ripe.length === 0) return 0;
  try {
    const answer = await ports.cloud.terminate(ripe.map((one) => one.id));
    for (const id of answer.accepted) {
      const pool = ripe.find((one) => one.id === id)?.tags[tagPool] ?? '';
      ports.log.write('warn', 'an instance that no record knows was terminated', { pool, node: id });
      await put(
        ports,
        activityItem(ports, pool, {
          code: 'orphan_reaped',
          message: `${id} was known to no record and no open launch; terminated`,
          nodeId: id,
        }),
        'absent',
      );
    }
    for (const { id, code, message } of answer.refused)
      ports.log.write('warn', 'EC2 did not accept the termination of an orphan', { node: id, code, reason: message });
    return answer.accepted.length;
  } catch (error) {
    if (!isPassing(error)) throw error;
    ports.log.write('warn', 'orphans could not be terminated now; the next sweep tries again', {
      orphans: ripe.length,
      error,
    });
    return 0;
  }
}

/** Those of which no tick knows that they are to go: of an older version, or whose lock was lost. */
async function wakeTombstones(ports: ControlPorts, pools: readonly string[]): Promise<void> {
  for (const pool of pools.slice(0, tombstonesPerSweep)) await raiseWake(ports, pool);
}

/**
 * A submit that stopped between its write and its wake was never answered, but what it wrote shall
 * not lie there for ever.
 */
async function wakeForgotten(ports: ControlPorts, pool: string): Promise<void> {
  if (await isDue(ports, pool)) return;
  const lock = await readLock(ports, pool);
  const known = lock?.data.openRequests ?? 0;
  let open = 0;
  for (const pk of [...keys.openShards(pool), ...keys.asideShards(pool)])
    open += (await indexedKeys(ports, 'open', pk)).length;
  if (open !== known) await raiseWake(ports, pool);
}
