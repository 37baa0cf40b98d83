// Bugs that tests plant into what is held: machines, storage and networks, granted and given back.
import type { GroupRecord } from '../../lib/core/records/security-group.ts';
import type { ClaimRow } from '../../lib/core/records/claim.ts';
import type { ControlPorts } from '../../lib/control/index.ts';
import type { PoolRecord } from '../../lib/control/use-cases.ts';
import type { Item, ItemKey } from '../../lib/ports/store.ts';
import { CloudRefusedError, CloudUnknownError } from '../../lib/ports/cloud.ts';
import type { Cloud, CloudListing } from '../../lib/ports/cloud.ts';
import type { Tampering } from '../../lib/simulator/run/types.ts';
import { replacing, rewriting } from './planted-bugs.ts';
import type { PlantedBug } from './planted-bugs.ts';

function onCloud(change: (cloud: Cloud, ports: ControlPorts) => Partial<Cloud>): Tampering {
  return { ports: (ports) => ({ ...ports, cloud: replacing(ports.cloud, change(ports.cloud, ports)) }) };
}

function relisting(change: (listing: CloudListing) => CloudListing): Tampering {
  return onCloud((cloud) => ({ list: async (filter) => change(await cloud.list(filter)) }));
}

const isClaim = (data: unknown): data is ClaimRow =>
  typeof data === 'object' && data !== null && 'leaseEndsAtMs' in data;
const isGroup = (data: unknown): data is GroupRecord =>
  typeof data === 'object' && data !== null && 'references' in data;

export const plantedClaimBugs: readonly PlantedBug[] = [
  {
    name: 'take a snapshot for complete when it has begun',
    invariants: [9],
    isClaimed: true,
    plant: () =>
      relisting((listing) => ({
        ...listing,
        snapshots: listing.snapshots.map((one) => ({ ...one, state: 'completed' })),
      })),
  },
  {
    name: 'delete what was to be kept',
    invariants: [9],
    isClaimed: true,
    plant: () =>
      onCloud((cloud, ports) => ({
        list: async (filter) => {
          const listing = await cloud.list(filter);
          const kept = await ports.store.query<{ id: string }>({
            pk: `RESOURCES#${filter.pool ?? ''}`,
            skPrefix: 'VOLUME#(kept)#',
            limit: 10,
          });
          for (const { data } of kept.items) await cloud.deleteVolume(data.id);
          return listing;
        },
      })),
  },
  {
    name: 'take a machine that shuts down for one that has ended',
    invariants: [10],
    isClaimed: true,
    plant: () =>
      relisting((listing) => ({
        ...listing,
        instances: listing.instances.map((one) =>
          one.state === 'shutting-down' ? { ...one, state: 'terminated' } : one,
        ),
      })),
  },
  {
    name: 'forget a reference to a group',
    invariants: [9, 10, 14],
    isClaimed: true,
    plant: () =>
      rewriting((item) =>
        isGroup(item.data) && item.data.references.length > 1
          ? { ...item, data: { ...item.data, references: item.data.references.slice(0, 1) } }
          : item,
      ),
  },
  {
    name: 'keep a group that nobody refers to',
    invariants: [10],
    isClaimed: true,
    plant: () =>
      rewriting((item) =>
        isGroup(item.data) && item.data.state === 'deleting'
          ? { ...item, data: { ...item.data, state: 'active' } }
          : item,
      ),
  },
  {
    name: 'call it granted when the first part is there',
    invariants: [10],
    isClaimed: true,
    plant: () =>
      rewriting((item) =>
        isClaim(item.data) && item.data.state === 'pending' && item.data.grantSinceMs !== null
          ? { ...item, data: { ...item.data, state: 'active', startedAtMs: item.data.createdAtMs } }
          : item,
      ),
  },
  {
    name: 'a new token when a volume is asked for again',
    invariants: [5, 10],
    isClaimed: true,
    plant: () =>
      onCloud((cloud, ports) => ({
        createVolume: async (token, volume) => {
          await cloud.createVolume(token, volume);
          return cloud.createVolume(ports.random.id(), volume);
        },
      })),
  },
  {
    name: 'close a launch of machines without an answer',
    invariants: [3, 4],
    isClaimed: true,
    plant: () =>
      onCloud((cloud) => ({
        runInstances: async (token, request) => {
          try {
            return await cloud.runInstances(token, request);
          } catch (error) {
            throw error instanceof CloudUnknownError
              ? new CloudRefusedError(
                  { code: 'NoAnswer', scope: 'offering', about: null, message: error.message },
                  true,
                )
              : error;
          }
        },
      })),
  },
  {
    name: 'forget the limits of volumes',
    invariants: [3],
    isClaimed: true,
    plant: () => ({
      ports: (ports) => ({
        ...ports,
        store: {
          ...ports.store,
          get: async <T>(key: ItemKey): Promise<Item<T> | null> => {
            const item = await ports.store.get<T>(key);
            if (item?.pk !== 'POOLS') return item;
            const record = item.data as PoolRecord;
            return { ...item, data: { ...record, spec: { ...record.spec, limits: {} } } as T };
          },
        },
      }),
    }),
  },
  {
    name: 'believe the first listing that lacks something',
    invariants: [4, 5, 10],
    isClaimed: true,
    plant: () => ({
      settings: (settings) => ({
        ...settings,
        decisions: { ...settings.decisions, listingsApartMs: 0, missingMinAgeMs: 0 },
      }),
    }),
  },
];
