// Security groups: made in a VPC, filled with rules, and not deleted while anything depends on them.
import { Ec2Error } from '../../../cloud/errors.ts';
import { presentOf } from '../../../cloud/instances.ts';
import { action } from '../../action.ts';
import type { Action } from '../../action.ts';
import { allOf, hasFormOf, oneOfKind } from '../../ids.ts';
import { integer, list, required, requiredList, text } from '../../protocol/fields.ts';
import { missingParameter } from '../../protocol/fields.ts';
import { filterField } from '../../protocol/filters.ts';
import type { FilterTable } from '../../protocol/filters.ts';
import { fixedList, pageOf, parts } from '../../protocol/paging.ts';
import type { Wire } from '../../protocol/xml.ts';
import type { SecurityGroup, SecurityGroupRule } from '../../records.ts';
import { tagSet, tagSpecificationField, tagsOnly } from '../../tags.ts';
import type { World } from '../../world.ts';
import {
  permissionFields,
  permissionsWire,
  ruleKey,
  ruleText,
  ruleWire,
  storedRule,
  wantedRules,
} from './security-group-rules.ts';
import type { Permissions } from './security-group-rules.ts';

/** "Amazon VPC quotas". */
const groupsPerVpc = 2500;
const rulesPerDirection = 60;

function arnOf(world: World, group: SecurityGroup): string {
  return `arn:aws:ec2:${world.region}:${world.accountId}:security-group/${group.id}`;
}

function groupWire(world: World, group: SecurityGroup): Wire {
  return {
    groupId: group.id,
    groupName: group.name,
    groupDescription: group.description,
    ownerId: world.accountId,
    vpcId: group.vpcId,
    securityGroupArn: arnOf(world, group),
    ipPermissions: permissionsWire(
      world,
      group.rules.filter((rule) => !rule.isEgress),
    ),
    ipPermissionsEgress: permissionsWire(
      world,
      group.rules.filter((rule) => rule.isEgress),
    ),
    tagSet: tagSet(group.tags),
  };
}

/** By id, or by name in the default VPC. */
export function findGroup(
  world: World,
  named: { readonly GroupId?: string | undefined; readonly GroupName?: string | undefined },
): SecurityGroup {
  if (named.GroupId !== undefined && named.GroupId !== '')
    return oneOfKind('securityGroup', named.GroupId, (id) => world.securityGroups.get(id));
  if (named.GroupName === undefined) throw missingParameter('GroupId');
  const vpcId = world.defaultVpc()?.id;
  const found = world.securityGroups.all().find((group) => group.name === named.GroupName && group.vpcId === vpcId);
  if (!found)
    throw new Ec2Error(
      'InvalidGroup.NotFound',
      `The security group '${named.GroupName}' does not exist in default VPC '${vpcId ?? ''}'`,
    );
  return found;
}

/** Instances that are not over, and rules of other groups, keep a group alive. */
function isInUse(world: World, group: SecurityGroup): boolean {
  for (const other of world.securityGroups.values()) {
    if (other.id !== group.id && other.rules.some((rule) => rule.groupId === group.id)) return true;
  }
  if (world.keptInterfaces.all().some((one) => one.groupIds.includes(group.id))) return true;
  return world.cloud
    .records()
    .some(
      (instance) =>
        instance.details?.securityGroupIds.includes(group.id) === true && presentOf(instance).state !== 'terminated',
    );
}

function checkName(name: string): void {
  if (name === '' || name.length > 255)
    throw new Ec2Error(
      'InvalidParameterValue',
      `Value (${name.slice(0, 40)}) for parameter GroupName is invalid. Length must be between 1 and 255`,
    );
  if (name.startsWith('sg-'))
    throw new Ec2Error('InvalidParameterValue', `invalid group name '${name}' (cannot begin with 'sg-')`);
  if (name === 'default') throw new Ec2Error('InvalidGroup.Reserved', `The security group 'default' is reserved`);
  if (!/^[a-zA-Z0-9 ._\-:/()#,@[\]+=&;{}!$*]+$/.test(name))
    throw new Ec2Error(
      'InvalidParameterValue',
      `Value (${name}) for parameter GroupName is invalid. Character sets beyond ASCII are not supported.`,
    );
}

function checkDescription(description: string): void {
  if (description.length > 255)
    throw new Ec2Error(
      'InvalidParameterValue',
      'Value for parameter GroupDescription is invalid. Length must be less than or equal to 255',
    );
  if (!/^[a-zA-Z0-9 ._\-:/()#,@[\]+=&;{}!$*]*$/.test(description))
    throw new Ec2Error(
      'InvalidParameterValue',
      `Value (${description}) for parameter GroupDescription is invalid. Character sets beyond `
        + 'ASCII are not supported.',
    );
}

const groupFilters = (world: World): FilterTable<SecurityGroup> => {
  const ruleFilters = (prefix: string, isEgress: boolean): FilterTable<SecurityGroup> => {
    const of = (read: (rule: SecurityGroupRule) => string | number | null) => (group: SecurityGroup) =>
      group.rules.filter((rule) => rule.isEgress === isEgress).map((rule) => read(rule) ?? undefined);
    return {
      [`${prefix}.cidr`]: of((rule) => rule.cidrIpv4),
      [`${prefix}.from-port`]: of((rule) => rule.fromPort),
      [`${prefix}.group-id`]: of((rule) => rule.groupId),
      [`${prefix}.group-name`]: of((rule) => world.securityGroups.get(rule.groupId ?? '')?.name ?? null),
      [`${prefix}.ipv6-cidr`]: of((rule) => rule.cidrIpv6),
      [`${prefix}.prefix-list-id`]: of((rule) => rule.prefixListId),
      [`${prefix}.protocol`]: of((rule) => rule.protocol),
      [`${prefix}.to-port`]: of((rule) => rule.toPort),
      [`${prefix}.user-id`]: of((rule) => (rule.groupId === null ? null : world.accountId)),
    };
  };
  return {
    description: (group) => group.description,
    'group-id': (group) => group.id,
    'group-name': (group) => group.name,
    'owner-id': () => world.accountId,
    'vpc-id': (group) => group.vpcId,
    ...ruleFilters('ip-permission', false),
    ...ruleFilters('egress.ip-permission', true),
  };
};

interface OwnedRule {
  readonly group: SecurityGroup;
  readonly rule: SecurityGroupRule;
  readonly tags: SecurityGroupRule['tags'];
}

const ruleFilters: FilterTable<OwnedRule> = {
  'group-id': (one) => one.group.id,
  'security-group-rule-id': (one) => one.rule.id,
};

function authorize(name: string, isEgress: boolean): Action {
  return action({
    name,
    rate: 'mutating',
    fields: { GroupId: text(), GroupName: text(), TagSpecification: tagSpecificationField, ...permissionFields },
    run(world, parameters) {
      const group = findGroup(world, parameters);
      const known = new Set(group.rules.filter((rule) => rule.isEgress === isEgress).map(ruleKey));
      const tags = tagsOnly('security-group-rule', parameters.TagSpecification);
      const wanted = wantedRules(world, group, parameters);
      for (const rule of wanted) {
        if (known.has(ruleKey(rule)))
          throw new Ec2Error('InvalidPermission.Duplicate', `the specified rule ${ruleText(rule)} already exists`);
        known.add(ruleKey(rule));
      }
      if (known.size > rulesPerDirection)
        throw new Ec2Error(
          'RulesPerSecurityGroupLimitExceeded',
          'The maximum number of rules per security group has been reached.',
        );
      const added = wanted.map((rule) => storedRule(world, rule, isEgress, tags));
      world.securityGroups.put({ ...group, rules: [...group.rules, ...added] });
      return { return: true, securityGroupRuleSet: added.map((rule) => ruleWire(world, group, rule)) };
    },
  });
}

function revoke(name: string, isEgress: boolean): Action {
  return action({
    name,
    rate: 'mutating',
    fields: { GroupId: text(), GroupName: text(), SecurityGroupRuleId: list(required(text())), ...permissionFields },
    run(world, parameters) {
      const group = findGroup(world, parameters);
      const mine = group.rules.filter((rule) => rule.isEgress === isEgress);
      const { gone, unknown } =
        parameters.SecurityGroupRuleId.length > 0
          ? byIds(mine, parameters.SecurityGroupRuleId)
          : byPermissions(world, group, mine, parameters);
      world.securityGroups.put({ ...group, rules: group.rules.filter((rule) => !gone.includes(rule)) });
      return {
        return: true,
        unknownIpPermissionSet: unknown.length > 0 ? permissionsWire(world, unknown) : undefined,
        revokedSecurityGroupRuleSet: gone.map((rule) => ({
          securityGroupRuleId: rule.id,
          groupId: group.id,
          isEgress,
          ipProtocol: rule.protocol,
          fromPort: rule.fromPort,
          toPort: rule.toPort,
          cidrIpv4: rule.cidrIpv4,
          cidrIpv6: rule.cidrIpv6,
          prefixListId: rule.prefixListId,
          referencedGroupId: rule.groupId,
          description: rule.description,
        })),
      };
    },
  });
}

interface Revoked {
  readonly gone: readonly SecurityGroupRule[];
  readonly unknown: ReturnType<typeof wantedRules>;
}

function byIds(rules: readonly SecurityGroupRule[], ids: readonly string[]): Revoked {
  return { gone: allOf('securityGroupRule', ids, (id) => rules.find((rule) => rule.id === id)), unknown: [] };
}

function byPermissions(
  world: World,
  group: SecurityGroup,
  rules: readonly SecurityGroupRule[],
  given: Permissions,
): Revoked {
  const wanted = wantedRules(world, group, given);
  const found = wanted.map((rule) => ({
    rule,
    stored: rules.find((candidate) => ruleKey(candidate) === ruleKey(rule)),
  }));
  const unknown = found.filter((one) => !one.stored).map((one) => one.rule);
  if (unknown.length > 0)
    throw new Ec2Error('InvalidPermission.NotFound', 'The specified rule does not exist in this security group.');
  return { gone: found.flatMap((one) => one.stored ?? []), unknown };
}

/** EC2 looks at the form of ids in this filter (seen by moto). @throws Ec2Error */
function checkGroupIds(filters: ReturnType<typeof filterField.parse>): void {
  const given = filters.filter((one) => one?.Name === 'group-id').flatMap((one) => one?.Value ?? []);
  for (const id of given)
    if (id !== undefined && !/[*?]/.test(id) && !hasFormOf('securityGroup', id))
      throw new Ec2Error('InvalidGroupId.Malformed', `The security group ID '${id}' is malformed`);
}

function namedRules(
  world: World,
  ids: readonly (string | undefined)[],
  ownedOf: (group: SecurityGroup) => readonly OwnedRule[],
): readonly OwnedRule[] {
  const byId = new Map(world.securityGroups.all().flatMap((group) => ownedOf(group).map((one) => [one.rule.id, one])));
  return allOf('securityGroupRule', ids, (id) => byId.get(id));
}

export const securityGroupActions: readonly Action[] = [
  action({
    name: 'CreateSecurityGroup',
    rate: 'mutating',
    fields: {
      GroupName: required(text()),
      GroupDescription: required(text()),
      VpcId: text(),
      TagSpecification: tagSpecificationField,
    },
    run(world, parameters) {
      const { GroupName: name, GroupDescription: description } = parameters;
      checkName(name);
      checkDescription(description);
      const vpc =
        parameters.VpcId === undefined
          ? world.defaultVpc()
          : oneOfKind('vpc', parameters.VpcId, (id) => world.vpcs.get(id));
      if (!vpc) throw new Ec2Error('VPCIdNotSpecified', 'No default VPC for this user');
      const siblings = world.securityGroups.all().filter((group) => group.vpcId === vpc.id);
      if (siblings.some((group) => group.name === name))
        throw new Ec2Error('InvalidGroup.Duplicate', `The security group '${name}' already exists for VPC '${vpc.id}'`);
      if (siblings.length >= groupsPerVpc)
        throw new Ec2Error('SecurityGroupLimitExceeded', 'The maximum number of security groups has been reached.');
      const allowAll = {
        protocol: '-1',
        fromPort: -1,
        toPort: -1,
        cidrIpv4: '0.0.0.0/0',
        cidrIpv6: null,
        prefixListId: null,
        groupId: null,
        description: null,
      };
      const group = world.securityGroups.put({
        id: world.newId('sg'),
        name,
        description,
        vpcId: vpc.id,
        rules: [storedRule(world, allowAll, true, {})],
        tags: tagsOnly('security-group', parameters.TagSpecification),
      });
      return { groupId: group.id, securityGroupArn: arnOf(world, group), tagSet: tagSet(group.tags) };
    },
  }),
  action({
    name: 'DeleteSecurityGroup',
    rate: 'mutating',
    check: (world, parameters) => void findGroup(world, parameters),
    fields: { GroupId: text(), GroupName: text() },
    run(world, parameters) {
      const group = findGroup(world, parameters);
      if (group.name === 'default')
        throw new Ec2Error(
          'CannotDelete',
          `the specified group: "${group.id}" name: "default" cannot be deleted by a user`,
        );
      if (isInUse(world, group))
        throw new Ec2Error('DependencyViolation', `resource ${group.id} has a dependent object`);
      world.securityGroups.delete(group.id);
      return { return: true, groupId: group.id };
    },
  }),
  action({
    name: 'DescribeSecurityGroups',
    rate: 'non-mutating',
    isDearUnfiltered: true,
    filters: groupFilters,
    fields: {
      GroupId: list(text()),
      GroupName: list(text()),
      Filter: filterField,
      MaxResults: integer(),
      NextToken: text(),
    },
    run(world, parameters, call) {
      let { list } = world.securityGroups;
      if (parameters.GroupId.length > 0)
        list = fixedList(allOf('securityGroup', parameters.GroupId, (id) => world.securityGroups.get(id)));
      if (parameters.GroupName.length > 0)
        list = fixedList(parameters.GroupName.map((name) => findGroup(world, { GroupName: name ?? '' })));
      const page = pageOf(list, parameters, { min: 5, max: 1000, byDefault: 1000 }, call, call.matches);
      return { securityGroupInfo: page.items.map((group) => groupWire(world, group)), nextToken: page.nextToken };
    },
  }),
  action({
    name: 'DescribeSecurityGroupReferences',
    rate: 'non-mutating',
    fields: { GroupId: requiredList(required(text())) },
    run(world, parameters) {
      allOf('securityGroup', parameters.GroupId, (id) => world.securityGroups.get(id));
      // Those of peered VPCs, of which there are none.
      return { securityGroupReferenceSet: [] };
    },
  }),
  authorize('AuthorizeSecurityGroupIngress', false),
  authorize('AuthorizeSecurityGroupEgress', true),
  revoke('RevokeSecurityGroupIngress', false),
  revoke('RevokeSecurityGroupEgress', true),
  action({
    name: 'DescribeSecurityGroupRules',
    rate: 'non-mutating',
    filters: () => ruleFilters,
    fields: { SecurityGroupRuleId: list(text()), Filter: filterField, MaxResults: integer(), NextToken: text() },
    run(world, parameters, call) {
      checkGroupIds(parameters.Filter);
      const ownedOf = (group: SecurityGroup): readonly OwnedRule[] =>
        group.rules.map((rule) => ({ group, rule, tags: rule.tags }));
      const list =
        parameters.SecurityGroupRuleId.length > 0
          ? fixedList(namedRules(world, parameters.SecurityGroupRuleId, ownedOf))
          : parts(world.securityGroups.list, ownedOf, (one) => one.rule.id);
      const page = pageOf(list, parameters, { min: 5, max: 1000, byDefault: 1000 }, call, call.matches);
      return {
        securityGroupRuleSet: page.items.map((one) => ruleWire(world, one.group, one.rule)),
        nextToken: page.nextToken,
      };
    },
  }),
];
