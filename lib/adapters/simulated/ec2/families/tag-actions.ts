// CreateTags, DeleteTags and DescribeTags over everything that carries tags.
import { Ec2Error } from '../../cloud/errors.ts';
import { action, done } from '../action.ts';
import type { Action } from '../action.ts';
import { idKinds } from '../ids.ts';
import type { IdKindName } from '../ids.ts';
import { integer, list, required, requiredList, struct, text } from '../protocol/fields.ts';
import { compileFilters, filterField } from '../protocol/filters.ts';
import type { FilterTable } from '../protocol/filters.ts';
import { pageOf } from '../protocol/paging.ts';
import type { Tags } from '../tags.ts';
import type { Table } from '../tables.ts';
import { checkTagCount, tagField, tagsOf } from '../tags.ts';
import type { World } from '../world.ts';
import { imageExists } from './images.ts';

/** How one kind of resource keeps its tags. */
interface TagStore {
  readonly resourceType: string;
  readonly kind: IdKindName;
  /** undefined: no such resource. */
  readonly get: (world: World, id: string) => Tags | undefined;
  readonly set: (world: World, id: string, tags: Tags) => void;
  readonly all: (world: World) => Iterable<{ readonly id: string; readonly tags: Tags }>;
}

type TableName =
  'volumes' | 'snapshots' | 'securityGroups' | 'vpcs' | 'subnets' | 'launchTemplates' | 'keyPairs' | 'fleets';

function ofTable(resourceType: string, kind: IdKindName, name: TableName): TagStore {
  return {
    resourceType,
    kind,
    get: (world, id) => world[name].get(id)?.tags,
    set(world, id, tags) {
      retag<{ readonly id: string; readonly tags: Tags }>(world[name], id, tags);
    },
    all: (world) => world[name].values(),
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
    all: (world) => world.cloud.describe({}).map((one) => one.instance),
  },
  ofTable('volume', 'volume', 'volumes'),
  ofTable('snapshot', 'snapshot', 'snapshots'),
  ofTable('security-group', 'securityGroup', 'securityGroups'),
  ofTable('vpc', 'vpc', 'vpcs'),
  ofTable('subnet', 'subnet', 'subnets'),
  ofTable('launch-template', 'launchTemplate', 'launchTemplates'),
  ofTable('key-pair', 'keyPair', 'keyPairs'),
  ofTable('fleet', 'fleet', 'fleets'),
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
    all: (world) => world.securityGroups.all().flatMap((group) => group.rules),
  },
  {
    resourceType: 'image',
    kind: 'image',
    get: (world, id) => (imageExists(world, id) ? (world.imageTags.get(id)?.tags ?? {}) : undefined),
    set: (world, id, tags) => void world.imageTags.put({ id, tags }),
    all: (world) => world.imageTags.values(),
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
  if (!store) throw new Ec2Error('InvalidID', `The ID '${id}' is not valid`);
  if (store.get(world, id) === undefined) throw idKinds[store.kind].notFound([id]);
  return store;
}

interface TagEntry {
  readonly resourceId: string;
  readonly resourceType: string;
  readonly key: string;
  readonly value: string;
  readonly tags: Tags;
}

const filters: FilterTable<TagEntry> = {
  key: (entry) => entry.key,
  value: (entry) => entry.value,
  'resource-id': (entry) => entry.resourceId,
  'resource-type': (entry) => entry.resourceType,
};

const resourcesPerCall = 1000;

export const tagActions: readonly Action[] = [
  action({
    name: 'CreateTags',
    rate: 'mutating',
    fields: { ResourceId: requiredList(required(text())), Tag: requiredList(tagField) },
    run(world, parameters) {
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
    fields: { ResourceId: requiredList(required(text())), Tag: list(struct({ Key: text(), Value: text() })) },
    run(world, parameters) {
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
    fields: { Filter: filterField, MaxResults: integer(), NextToken: text() },
    run(world, parameters, call) {
      const entries: TagEntry[] = [];
      for (const store of stores) {
        for (const { id, tags } of store.all(world)) {
          for (const [key, value] of Object.entries(tags))
            entries.push({ resourceId: id, resourceType: store.resourceType, key, value, tags: { [key]: value } });
        }
      }
      const matches = compileFilters(parameters.Filter, filters);
      const page = pageOf(entries.filter(matches), parameters, { min: 5, max: 1000, byDefault: 1000 }, call);
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
