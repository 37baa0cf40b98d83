// After the store was restored from a backup and before anything runs on it: what was decided in the lost time is
// settled, so that nothing is launched twice, nothing runs unseen, and no process goes on from what it remembers.
import { BellowsError } from '../../../core/values/errors.ts';
import type { VolumeOwners } from '../../../core/claims/release/installation-removal.ts';
import type { LaunchRecord } from '../../../core/records/launch.ts';
import type { NodeRecord } from '../../../core/records/node.ts';
import type { Cloud } from '../../../ports/cloud.ts';
import { orderNode } from '../../coordination/operator-orders.ts';
import type { LockRecord } from '../../coordination/lock.ts';
import { raiseWake } from '../../coordination/wake.ts';
import type { ControlPorts, ControlSettings } from '../../ports.ts';
import { withCheckedRecords } from '../../tick/set-aside.ts';
import { keys } from '../../store/keys.ts';
import { readLaunch } from '../../store/launches.ts';
import { put, queryAll, update } from '../../store/store-retry.ts';
import { drain } from '../drain.ts';
import { lookAtRestored } from './look.ts';
import type { RestoredLook, RestoredThing } from './look.ts';

/**
 * Epochs of the lost time are never taken again, however many ticks it had: a process that kept a copy of a pool from
 * then (store/copy/pool-copies.ts) must not take the next epoch for the one after its own. Nor are those that came
 * after an earlier restore from the same items: they began at the time of that one, and a tick takes longer than a
 * millisecond.
 */
const epochJump = 1_000_000_000;
/** Nothing was there that long: EC2's listing by tag lags by less than a minute. */
const quietMs = 70_000;
const lookEveryMs = 2_000;
/** Copies of large volumes take long; what is left is found by the next run. */
const drainMs = 1_800_000;

export interface RestoredOptions {
  /** Who orders it, for the pools' activity. */
  readonly by: string;
  /** Machines, volumes and groups of the lost time are ended, each volume after a copy of it. */
  readonly endsClaims: boolean;
}

export interface Reconciled {
  readonly before: RestoredLook;
  /** Nodes that EC2 did not accept the termination of, and why. */
  readonly refused: readonly string[];
  /** What became of claims of the lost time; null: there were none. */
  readonly released: string | null;
  readonly after: RestoredLook;
}

/** Somebody may be using them: nothing was changed. */
export class LostClaimsError extends BellowsError {
  readonly lost: readonly RestoredThing[];
  constructor(lost: readonly RestoredThing[]) {
    super(
      'lost_claims',
      `${String(lost.length)} machines, volumes and groups are of requests that no record knows any more `
        + `(${lost
          .slice(0, 8)
          .map((one) => one.id)
          .join(', ')}); the first sweep would delete them. Take the tag `
        + 'bellows:installation off what shall stay and is your own from then on, or say --end-claims: each volume is '
        + 'copied to a snapshot first',
    );
    this.lost = lost;
  }
}

/**
 * Only while nothing else runs on the store: functions stopped for 15 minutes, which is the longest that one lives. May
 * be repeated. @throws LostClaimsError
 */
export async function reconcileRestored(
  given: ControlPorts,
  settings: ControlSettings,
  { by, endsClaims }: RestoredOptions,
): Promise<Reconciled> {
  const ports = withCheckedRecords(given);
  const before = await lookChecked(ports, settings, endsClaims);
  for (const pool of before.pools) await raiseEpoch(ports, pool);
  for (const launch of before.launches) await settleByTag(ports, launch);
  for (const pool of before.pools) await orderAllToGo(ports, pool, by);
  const refused = await endNodes(ports, before);
  const released = before.lost.length === 0 ? null : await release(ports, settings, before.lost);
  for (const pool of before.pools) await raiseWake(ports, pool);
  return { before, refused, released, after: await lookAfter(ports, settings) };
}

/** Changes nothing. @throws LostClaimsError where claims of the lost time need the operator's word, and have it not */
export async function lookBeforehand(
  given: ControlPorts,
  settings: ControlSettings,
  endsClaims: boolean,
): Promise<RestoredLook> {
  return lookChecked(withCheckedRecords(given), settings, endsClaims);
}

async function lookChecked(ports: ControlPorts, settings: ControlSettings, endsClaims: boolean): Promise<RestoredLook> {
  const look = await lookAtRestored(ports, settings);
  if (look.lost.length > 0 && !endsClaims) throw new LostClaimsError(look.lost);
  return look;
}

/** EC2's listing lags behind what was just ended. */
async function lookAfter(ports: ControlPorts, settings: ControlSettings): Promise<RestoredLook> {
  for (const untilMs = ports.clock.monotonicMs() + quietMs; ; await ports.clock.sleep(lookEveryMs)) {
    const look = await lookAtRestored(ports, settings);
    if (look.nodes.length === 0 || ports.clock.monotonicMs() > untilMs) return look;
  }
}

async function raiseEpoch(ports: ControlPorts, pool: string): Promise<void> {
  const { item } = await update<LockRecord>(ports, keys.lock(pool), (current) => {
    const { isSettled: _doubtful, ...before } = current?.data ?? { nextDueAtMs: null, openRequests: 0, epoch: 0 };
    const epoch = Math.max(before.epoch + epochJump, ports.clock.nowMs());
    return { ...keys.lock(pool), data: { ...before, epoch, holder: null, expiresAtMs: 0 } };
  });
  const epoch = item?.data.epoch ?? epochJump;
  await update(ports, keys.fence(pool), () => ({ ...keys.fence(pool), data: { epoch } }));
}

/** Its token may be forgotten by now, so it is never sent again: what it made is found by its tag. */
async function settleByTag(
  ports: ControlPorts,
  { pool, id, instances }: RestoredLook['launches'][number],
): Promise<void> {
  const found = await readLaunch(ports, pool, id);
  if (!found || found.data.tokenUsed) return;
  const nowMs = ports.clock.nowMs();
  const data: LaunchRecord = {
    ...found.data,
    callingSinceMs: null,
    unheardUntilMs: null,
    nextTryAtMs: nowMs,
    tokenUsed: { code: 'StoreRestored', listedAtMs: nowMs, instanceIds: instances },
  };
  await put(ports, { pk: found.pk, sk: found.sk, data }, found.version);
}

/**
 * Agents know what the records do not: attempts that came and ended later, under ids that are given again. So no node
 * is kept; an order keeps its end from counting against its tasks, which wait again.
 */
async function orderAllToGo(ports: ControlPorts, pool: string, by: string): Promise<void> {
  for (const { data: node } of await queryAll<NodeRecord>(ports, keys.nodes(pool)))
    if (node.quarantine === undefined) await orderNode(ports, node.id, { kind: 'terminate' }, by);
}

async function endNodes({ cloud, log }: ControlPorts, { nodes }: RestoredLook): Promise<readonly string[]> {
  if (nodes.length === 0) return [];
  log.write('warn', 'nodes are terminated: the store was restored', { nodes: nodes.map((one) => one.id) });
  const { refused } = await cloud.terminate(nodes.map((one) => one.id));
  return refused.map(({ id, code, message }) => `${id}: ${code}: ${message}`);
}

/** As at a removal, of nothing but these: machines wait until their volumes are copied. */
async function release(
  { cloud, clock, log }: ControlPorts,
  { installation }: ControlSettings,
  lost: readonly RestoredThing[],
): Promise<string> {
  const ids = new Set(lost.map((one) => one.id));
  const isLost = ({ id }: { readonly id: string }): boolean => ids.has(id);
  const owned = { tenant: null, isWanted: true, isGranted: true, goesWithMachine: true };
  const owners: VolumeOwners = {
    byVolume: new Map(lost.map(({ id, request }) => [id, { ...owned, request }])),
    byPart: new Map(),
    byLaunch: new Map(),
  };
  const list: Cloud['list'] = async (scope) => {
    const { instances, volumes, groups, snapshots } = await cloud.list(scope);
    const [onlyInstances, onlyVolumes] = [instances.filter(isLost), volumes.filter(isLost)];
    return { instances: onlyInstances, volumes: onlyVolumes, groups: groups.filter(isLost), snapshots };
  };
  const narrowed = {
    list,
    terminate: cloud.terminate.bind(cloud),
    snapshot: cloud.snapshot.bind(cloud),
    deleteVolume: cloud.deleteVolume.bind(cloud),
    revoke: cloud.revoke.bind(cloud),
    deleteGroup: cloud.deleteGroup.bind(cloud),
  };
  const options = { installation, cloud: narrowed, volumeOwners: async () => owners, clock, drainMs, log };
  return drain(options, { quietMs, copiesAll: true });
}
