// The owners of all volumes, for the removal of the installation: read from the records of all pools.
import type { VolumeOwners } from '../../core/claims/release/installation-removal.ts';
import { volumeOwners } from '../../core/claims/release/installation-removal.ts';
import { keys } from '../store/keys.ts';
import { readLaunches } from '../store/launches.ts';
import { queryAll } from '../store/store-retry.ts';
import type { ReadingPorts } from '../ports.ts';
import { readClaims } from './store.ts';

export async function readVolumeOwners(ports: ReadingPorts): Promise<VolumeOwners> {
  const pools = (await queryAll(ports, keys.pools)).map((item) => item.sk);
  const all = await Promise.all(pools.map(async (pool) => readClaims(ports, pool, await readLaunches(ports, pool))));
  const records = <T>(of: (one: (typeof all)[number]) => readonly { readonly record: T }[]): readonly T[] =>
    all.flatMap((one) => of(one).map(({ record }) => record));
  return volumeOwners(
    records((one) => one.claims),
    records((one) => one.machineLaunches),
    records((one) => one.kept),
  );
}
