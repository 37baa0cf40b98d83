// Whose the volumes are that the removal of the installation finds in EC2: read from the records of all pools.
import type { VolumeOwners } from '../../core/claims/removal.ts';
import { volumeOwners } from '../../core/claims/removal.ts';
import { keys } from '../store/keys.ts';
import { readLaunches } from '../store/launches.ts';
import { queryAll } from '../store/store-retry.ts';
import type { ReadingPorts } from '../ports.ts';
import { readDocuments, readOpenClaims } from './store.ts';

export async function readVolumeOwners(ports: ReadingPorts): Promise<VolumeOwners> {
  const pools = (await queryAll(ports, keys.pools)).map((item) => item.sk);
  const all = await Promise.all(
    pools.map(async (pool) => {
      const { machines } = await readLaunches(ports, pool);
      const { warm, ...documents } = await readDocuments(ports, pool);
      return { ...documents, launches: machines, claims: [...(await readOpenClaims(ports, pool)), ...warm] };
    }),
  );
  const records = <T>(of: (one: (typeof all)[number]) => readonly { readonly record: T }[]): readonly T[] =>
    all.flatMap((one) => of(one).map(({ record }) => record));
  return volumeOwners(
    records((one) => one.claims),
    records((one) => one.launches),
    records((one) => one.kept),
  );
}
