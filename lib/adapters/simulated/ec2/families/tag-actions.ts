// CreateTags, DeleteTags and DescribeTags over everything that carries tags.
import { ownValue } from '../../../../core/values/dictionary.ts';
import { Ec2Error } from '../../cloud/errors.ts';
import { action, done } from '../action.ts';
import type { Action } from '../action.ts';
import { hasFormOf, idKinds } from '../ids.ts';
import type { IdKindName } from '../ids.ts';
import { integer, list, missingParameter, required, struct, text } from '../protocol/fields.ts';
import { exactValues, filterField } from '../protocol/filters.ts';
import type { FilterTable } from '../protocol/filters.ts';
import { concatenated, pageOf, parts, placedList } from '../protocol/paging.ts';
import type { ListFrom } from '../protocol/paging.ts';
import type { Tags } from '../tags.ts';
import type { Table } from '../tables.ts';
import { checkTagCount, tagField, tagsOf } from '../tags.ts';
import type { World } from '../world.ts';
import type { InstanceRecord } from '../../cloud/instances.ts';
import { networkInterfaceId, networkOf } from './instances/instance-wire.ts';
import { imageExists } from './images/images.ts';
import { instanceOfInterface, interfaceTags } from './networks/network-interfaces.ts';

interface TaggedResource {
  readonly id: string;
  readonly tags: Tags;
}

interface TagEntry {
  readonly resourceId: string;
  readonly resourceType: string;
  readonly key: string;
  readonly value: string;
  readonly tags: Tags;
}

/** Of all keys, or of those only. */
const entriesOf =
  (resourceType: string, keys: readonly string[] | null) =>
  ({ id, tags }: TaggedResource): readonly TagEntry[] => {
    const entries: TagEntry[] = [];
    for (const key of keys ?? Object.keys(tags)) {
      const value = ownValue(tags, key);
      if (value !== undefined) entries.push({ resourceId: id, resourceType, key, value, tags: { [key]: value } });
    }
    return entries;
  };

function isEmpty(tags: Tags): boolean {
  for (const _ in tags) return false;
  return true;
}

const byKey = (entry: TagEntry): string => entry.key;

/** How one kind of resource keeps its tags. */
interface TagStore {
  readonly resourceType: string;
  readonly kind: IdKindName;
  /** undefined: no such resource. */
  readonly get: (world: World, id: string) => Tags | undefined;
  readonly set: (world: World, id: string, tags: Tags) => void;
  /** Of all its resources; of all keys, or of those only. */
  readonly entries: (world: World, keys: readonly string[] | null) => ListFrom<TagEntry>;
}

type TableName =
  | 'volumes'
  | 'snapshots'
  | 'securityGroups'
  | 'vpcs'
  | 'subnets'
  | 'launchTemplates'
  | 'keyPairs'
  | 'fleets'
  | 'spotRequests'
  | 'internetGateways'
  | 'routeTables'
  | 'placementGroups'
  | 'capacityReservations'
  | 'elasticAddresses'
  | 'natGateways';

function ofTable(resourceType: string, kind: IdKindName, name: TableName): TagStore {
  return {
    resourceType,
    kind,
    get: (world, id) => world[name].get(id)?.tags,
    set(world, id, tags) {
      retag<{ readonly id: string; readonly tags: Tags }>(world[name], id, tags);
    },
    entries: (world, keys) => parts<TaggedResource, TagEntry>(world[name].list, entriesOf(resourceType, keys), byKey),
  };
}

function retag<T extends { readonly id: string; readonly tags: Tags }>(table: Table<T>, id: string, tags: Tags): void {
  const record = table.get(id);
  if (record) table.put({ ...record, tags });
}

const stores: readonly TagStore[] = [
  {
    resourceType: 'instance',
    kind: 'instance',
    get: (world, id) => world.cloud.shown(id)?.instance.tags,
    set(world, id, tags) {
      const instance = world.cloud.record(id);
      if (instance) world.cloud.setTags(instance, tags);
    },
    entries: (world, keys) => parts(shownInstances(world), entriesOf('instance', keys), byKey),
  },
  ofTable('volume', 'volume', 'volumes'),
  ofTable('snapshot', 'snapshot', 'snapshots'),
  ofTable('security-group', 'securityGroup', 'securityGroups'),
  ofTable('vpc', 'vpc', 'vpcs'),
  ofTable('subnet', 'subnet', 'subnets'),
  ofTable('internet-gateway', 'internetGateway', 'internetGateways'),
  ofTable('route-table', 'routeTable', 'routeTables'),
  ofTable('capacity-reservation', 'capacityReservation', 'capacityReservations'),
  ofTable('elastic-ip', 'elasticAddress', 'elasticAddresses'),
  ofTable('natgateway', 'natGateway', 'natGateways'),
  ofTable('placement-group', 'placementGroup', 'placementGroups'),
  ofTable('launch-template', 'launchTemplate', 'launchTemplates'),
  ofTable('key-pair', 'keyPair', 'keyPairs'),
  ofTable('fleet', 'fleet', 'fleets'),
  ofTable('spot-instances-request', 'spotRequest', 'spotRequests'),
  {
    resourceType: 'security-group-rule',
    kind: 'securityGroupRule',
    get: (world, id) => ruleOwner(world, id)?.rules.find((rule) => rule.id === id)?.tags,
    set(world, id, tags) {
      const group = ruleOwner(world, id);
      if (group)
        world.securityGroups.put({
          ...group,
          rules: group.rules.map((rule) => (rule.id === id ? { ...rule, tags } : rule)),
        });
    },
    entries: (world, keys) =>
      parts(
        world.securityGroups.list,
        (group) => group.rules.flatMap(entriesOf('security-group-rule', keys)),
        (entry) => `${entry.resourceId}/${entry.key}`,
      ),
  },
  {
    resourceType: 'network-interface',
    kind: 'networkInterface',
    get(world, id) {
      const kept = world.keptInterfaces.get(id);
      if (kept) return kept.tags;
      const one = instanceOfInterface(world, id);
      return one && networkOf(one) ? interfaceTags(world, one.instance) : undefined;
    },
    set(world, id, tags) {
      if (world.keptInterfaces.has(id)) retag(world.keptInterfaces, id, tags);
      else world.interfaceTags.put({ id, tags });
    },
    entries: (world, keys) =>
      concatenated<TagEntry>([
        parts(
          shownInstances(world),
          (instance) => {
            const tags = interfaceTags(world, instance);
            if (isEmpty(tags)) return [];
            return entriesOf('network-interface', keys)({ id: networkInterfaceId(instance), tags });
          },
          byKey,
        ),
        parts<TaggedResource, TagEntry>(world.keptInterfaces.list, entriesOf('network-interface', keys), byKey),
      ]),
  },
  {
    resourceType: 'image',
    kind: 'image',
    get: (world, id) =>
      world.images.get(id)?.tags ?? (imageExists(world, id) ? (world.imageTags.get(id)?.tags ?? {}) : undefined),
    set(world, id, tags) {
      const own = world.images.get(id);
      if (own) world.images.put({ ...own, tags });
      else world.imageTags.put({ id, tags });
    },
    entries: (world, keys) =>
      concatenated<TagEntry>([
        parts<TaggedResource, TagEntry>(world.imageTags.list, entriesOf('image', keys), byKey),
        parts<TaggedResource, TagEntry>(world.images.list, entriesOf('image', keys), byKey),
      ]),
  },
];

function ruleOwner(world: World, ruleId: string) {
  return world.securityGroups.all().find((group) => group.rules.some((rule) => rule.id === ruleId));
}

/** @throws Ec2Error where the id has no known form, or nothing has that id */
function storeOf(world: World, id: string): TagStore {
  const prefix = id.slice(0, id.lastIndexOf('-'));
  const store = stores.find((candidate) =>
    candidate.kind === 'fleet' ? id.startsWith('fleet-') : idKinds[candidate.kind].prefix === prefix,
  );
  if (!store || !hasFormOf(store.kind, id)) throw new Ec2Error('InvalidID', `The ID '${id}' is not valid`);
  if (store.get(world, id) === undefined) throw idKinds[store.kind].notFound([id]);
  return store;
}

function shownInstances(world: World): ListFrom<InstanceRecord> {
  return function* (after) {
    for (const { instance } of world.cloud.shownAfter(after === null ? 0 : Number(after[0]), { tags: {} }))
      yield { place: [instance.serial], item: instance };
  };
}

function entriesOfIds(
  world: World,
  store: TagStore,
  ids: readonly string[],
  keys: readonly string[] | null,
): ListFrom<TagEntry> {
  const found = ids.flatMap((id) => {
    const tags = store.get(world, id);
    return tags ? [{ id, tags }] : [];
  });
  return parts(
    placedList(found, (one) => [ids.indexOf(one.id)]),
    entriesOf(store.resourceType, keys),
    byKey,
  );
}

const filters: FilterTable<TagEntry> = {
  key: (entry) => entry.key,
  value: (entry) => entry.value,
  'resource-id': (entry) => entry.resourceId,
  'resource-type': (entry) => entry.resourceType,
};

function requireResources(ids: readonly string[]): void {
  if (ids.length === 0) throw missingParameter('resourceIdSet');
}

const resourcesPerCall = 1000;
/** One page looks at no more tags, so that no call takes long: it may end early, with a token. */
const entriesPerCall = 30_000;

export const tagActions: readonly Action[] = [
  action({
    name: 'CreateTags',
    rate: 'mutating',
    fields: { ResourceId: list(required(text())), Tag: list(tagField) },
    run(world, parameters) {
      requireResources(parameters.ResourceId);
      if (parameters.Tag.length === 0) throw missingParameter('tagSet');
      if (parameters.ResourceId.length > resourcesPerCall)
        throw new Ec2Error('InvalidParameterValue', `At most ${resourcesPerCall} resources can be tagged in one call`);
      const added = tagsOf(parameters.Tag);
      // All or nothing: everything is looked up and counted before the first tag is written.
      const changes = parameters.ResourceId.map((id) => {
        const store = storeOf(world, id);
        const tags = { ...store.get(world, id), ...added };
        checkTagCount(tags);
        return { store, id, tags };
      });
      for (const { store, id, tags } of changes) store.set(world, id, tags);
      return done;
    },
  }),
  action({
    name: 'DeleteTags',
    rate: 'mutating',
    fields: { ResourceId: list(required(text())), Tag: list(struct({ Key: text(), Value: text() })) },
    run(world, parameters) {
      requireResources(parameters.ResourceId);
      const changes = parameters.ResourceId.map((id) => {
        const store = storeOf(world, id);
        const kept = Object.entries(store.get(world, id) ?? {}).filter(
          ([key, value]) =>
            parameters.Tag.length > 0
            && !parameters.Tag.some((tag) => tag?.Key === key && (tag.Value === undefined || tag.Value === value)),
        );
        return { store, id, tags: Object.fromEntries(kept) };
      });
      for (const { store, id, tags } of changes) store.set(world, id, tags);
      return done;
    },
  }),
  action({
    name: 'DescribeTags',
    rate: 'non-mutating',
    filters: () => filters,
    fields: { Filter: filterField, MaxResults: integer(), NextToken: text() },
    run(world, parameters, call) {
      const ids = exactValues(parameters.Filter, 'resource-id');
      const keys = exactValues(parameters.Filter, 'key');
      const types = exactValues(parameters.Filter, 'resource-type');
      const lists = stores
        .filter((store) => types === null || types.includes(store.resourceType))
        .map((store) => (ids ? entriesOfIds(world, store, ids, keys) : store.entries(world, keys)));
      const limits = { min: 5, max: 1000, byDefault: 1000, scanMax: entriesPerCall };
      const page = pageOf(concatenated(lists), parameters, limits, call, call.matches);
      return {
        tagSet: page.items.map(({ resourceId, resourceType, key, value }) => ({
          resourceId,
          resourceType,
          key,
          value,
        })),
        nextToken: page.nextToken,
      };
    },
  }),
];
