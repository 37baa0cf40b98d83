// Placement groups: records that launches name. Where EC2 puts an instance is not simulated; that a group exists, how
// many partitions it has, and that it is not deleted while it is used, is.
import { Ec2Error } from '../../cloud/errors.ts';
import { presentOf } from '../../cloud/instances.ts';
import { action, done } from '../action.ts';
import type { Action } from '../action.ts';
import { integer, list, notModelled, oneOf, required, text } from '../protocol/fields.ts';
import { filterField } from '../protocol/filters.ts';
import type { FilterTable } from '../protocol/filters.ts';
import type { Wire } from '../protocol/xml.ts';
import type { PlacementGroup } from '../records.ts';
import { tagSet, tagSpecificationField, tagsOnly } from '../tags.ts';
import type { World } from '../world.ts';
import { partitionName } from './networks/regions.ts';

const strategies = ['cluster', 'spread', 'partition'] as const;
const partitionsMax = 7;

function arnOf(world: World, group: PlacementGroup): string {
  return `arn:${partitionName(world.region)}:ec2:${world.region}:${world.accountId}:placement-group/${group.name}`;
}

function groupWire(world: World, group: PlacementGroup): Wire {
  return {
    groupName: group.name,
    state: 'available',
    strategy: group.strategy,
    partitionCount: group.partitionCount,
    groupId: group.id,
    tagSet: tagSet(group.tags) ?? [],
    groupArn: arnOf(world, group),
    spreadLevel: group.spreadLevel,
  };
}

export function placementGroupNamed(world: World, name: string): PlacementGroup {
  const found = world.placementGroups.all().find((group) => group.name === name);
  if (!found) throw new Ec2Error('InvalidPlacementGroup.Unknown', `The Placement Group '${name}' is unknown.`);
  return found;
}

function isUsed(world: World, group: PlacementGroup): boolean {
  return world.cloud
    .records()
    .some(
      (instance) =>
        presentOf(instance).state !== 'terminated'
        && world.specOf(instance)?.parameters.Placement?.GroupName === group.name,
    );
}

const filters = (world: World): FilterTable<PlacementGroup> => ({
  'group-arn': (group) => arnOf(world, group),
  'group-name': (group) => group.name,
  'spread-level': { of: (group) => group.spreadLevel, allowed: ['host', 'rack'] },
  state: { of: () => 'available', allowed: ['pending', 'available', 'deleting', 'deleted'] },
  strategy: { of: (group) => group.strategy, allowed: strategies },
});

export const placementGroupActions: readonly Action[] = [
  action({
    name: 'CreatePlacementGroup',
    rate: 'mutating',
    fields: {
      GroupName: required(text({ max: 255 })),
      LinkedGroupId: notModelled(),
      Operator: notModelled(),
      ParentGroupId: notModelled(),
      PartitionCount: integer({ min: 1, max: partitionsMax }),
      SpreadLevel: oneOf('host', 'rack'),
      Strategy: oneOf(...strategies),
      TagSpecification: tagSpecificationField,
    },
    run(world, parameters) {
      const { GroupName: name, Strategy: strategy = 'cluster' } = parameters;
      if (world.placementGroups.all().some((group) => group.name === name))
        throw new Ec2Error('InvalidPlacementGroup.Duplicate', `The Placement Group '${name}' already exists.`);
      if (parameters.PartitionCount !== undefined && strategy !== 'partition')
        throw new Ec2Error(
          'InvalidParameterCombination',
          "The parameter PartitionCount is only valid for the strategy 'partition'.",
        );
      const group = world.placementGroups.put({
        id: world.newId('pg'),
        name,
        strategy,
        partitionCount: strategy === 'partition' ? (parameters.PartitionCount ?? partitionsMax) : null,
        spreadLevel: strategy === 'spread' ? (parameters.SpreadLevel ?? 'rack') : null,
        tags: tagsOnly('placement-group', parameters.TagSpecification),
      });
      return { placementGroup: groupWire(world, group) };
    },
  }),
  action({
    name: 'DeletePlacementGroup',
    rate: 'mutating',
    fields: { GroupName: required(text()) },
    run(world, parameters) {
      const group = placementGroupNamed(world, parameters.GroupName);
      if (isUsed(world, group))
        throw new Ec2Error(
          'InvalidPlacementGroup.InUse',
          `The placement group ${group.name} is in use and may not be deleted.`,
        );
      world.placementGroups.delete(group.id);
      return done;
    },
  }),
  action({
    name: 'DescribePlacementGroups',
    rate: 'non-mutating',
    filters,
    fields: { GroupId: list(text()), GroupName: list(text()), Filter: filterField },
    run(world, parameters, call) {
      for (const name of parameters.GroupName) placementGroupNamed(world, name ?? '');
      for (const id of parameters.GroupId)
        if (!world.placementGroups.has(id ?? ''))
          throw new Ec2Error('InvalidPlacementGroupId.NotFound', `The Placement Group '${id ?? ''}' does not exist.`);
      const isNamed = (group: PlacementGroup): boolean =>
        (parameters.GroupName.length === 0 || parameters.GroupName.includes(group.name))
        && (parameters.GroupId.length === 0 || parameters.GroupId.includes(group.id));
      return {
        placementGroupSet: world.placementGroups
          .all()
          .filter((group) => isNamed(group) && call.matches(group))
          .map((group) => groupWire(world, group)),
      };
    },
  }),
];
