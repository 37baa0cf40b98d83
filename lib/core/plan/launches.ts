// Launches as a plan has them: complete records of what is to be bought, and those that are due to be asked for again.
import type { PlannedLaunch } from '../allocation/types.ts';
import type { Versioned } from './observation.ts';
import { reservedBy } from '../records/limits.ts';
import type { LaunchRecord, NodeLaunch } from '../records/launch.ts';
import { newTokenCalls, tagInstallation, tagLaunch, tagPool } from '../records/launch.ts';
import type { PoolSpec } from '../records/pool.ts';

export type LaunchAction =
  /** Written first, with the fence and the pool's spec version checked, and then called. */
  | { readonly kind: 'launch'; readonly launch: LaunchRecord }
  /** An open launch without a known answer whose time has come: ask EC2 again with the same token. */
  | { readonly kind: 'settle'; readonly launchId: string };

/** What every launch of this installation carries. */
export interface LaunchTerms {
  readonly installation: string;
  readonly templateVersion: string;
  /** Of each node's root volume, which is paid for while it is stopped; absent: as the stack has it by default. */
  readonly rootVolumeGib?: number;
  /** Of machines whose request names none. */
  readonly machineImages: Readonly<Record<'amd64' | 'arm64', string>>;
  readonly specVersion: number;
  /** A new unique id each time. */
  readonly newId: () => string;
}

type NewLaunch = Pick<LaunchRecord, 'id' | 'pool' | 'state' | 'createdAtMs' | 'specVersion' | 'outcome'>
  & ReturnType<typeof newTokenCalls>;

/** A launch that is decided now, and the tags of what it makes. */
export function newLaunch(
  { installation, specVersion, newId }: Pick<LaunchTerms, 'installation' | 'specVersion' | 'newId'>,
  pool: string,
  nowMs: number,
): { readonly fields: NewLaunch; readonly tags: Readonly<Record<string, string>> } {
  const id = `l-${newId()}`;
  return {
    fields: { id, pool, state: 'open', createdAtMs: nowMs, specVersion, outcome: null, ...newTokenCalls(nowMs) },
    tags: { [tagInstallation]: installation, [tagPool]: pool, [tagLaunch]: id },
  };
}

/** One call buys at most `nodesPerLaunch` nodes. */
export function nodeLaunches(
  planned: PlannedLaunch,
  pool: Pick<PoolSpec, 'name' | 'tasksPerNode'>,
  nodesPerLaunch: number,
  nowMs: number,
  terms: LaunchTerms,
  replaces?: readonly string[],
): readonly NodeLaunch[] {
  const { offerings, reason, gangs, shapes, paidBy, reservation } = planned;
  const [first] = offerings;
  if (!first) return [];
  const launches: NodeLaunch[] = [];
  for (let left = planned.count; left > 0; left -= nodesPerLaunch) {
    const count = Math.min(left, nodesPerLaunch);
    const { fields, tags } = newLaunch(terms, pool.name, nowMs);
    launches.push({
      ...fields,
      reserved: reservedBy(offerings, count),
      tasksMax: pool.tasksPerNode,
      reason,
      ...(paidBy === undefined ? {} : { paidBy }),
      ...(gangs === undefined ? {} : { gangs }),
      ...(shapes === undefined ? {} : { shapes }),
      ...(replaces === undefined ? {} : { replaces }),
      request: {
        call: 'fleet',
        capacityType: first.capacityType,
        templateVersion: terms.templateVersion,
        count,
        overrides: offerings.map((one) => ({
          instanceType: one.type.name,
          zone: one.zone,
          priceUsdPerHour: one.priceUsdPerHour,
        })),
        ...(reservation === undefined ? {} : { reservation }),
        tags,
      },
    });
  }
  return launches;
}

/** No launch is put off for longer: a clock that was ahead said so. What it yields is counted on meanwhile. */
const putOffMsMax = 1_200_000;

export function dueLaunches(launches: readonly Versioned<LaunchRecord>[], nowMs: number): readonly LaunchAction[] {
  return launches
    .filter(({ record: { nextTryAtMs } }) => nextTryAtMs <= nowMs || nextTryAtMs - nowMs > putOffMsMax)
    .map(({ record }) => ({ kind: 'settle', launchId: record.id }));
}
