// What can be changed of rules that are there: ModifySecurityGroupRules, and their descriptions.
import { Ec2Error } from '../../../cloud/errors.ts';
import { action, done } from '../../action.ts';
import type { Action } from '../../action.ts';
import { oneOfKind } from '../../ids.ts';
import { integer, list, required, requiredList, struct, text } from '../../protocol/fields.ts';
import type { SecurityGroup, SecurityGroupRule } from '../../records.ts';
import type { World } from '../../world.ts';
import { permissionFields, ruleKey, ruleText, wantedRules } from './security-group-rules.ts';
import type { WantedRule } from './security-group-rules.ts';
import { findGroup } from './security-groups.ts';

const changedRule = struct({
  CidrIpv4: text(),
  CidrIpv6: text(),
  Description: text({ max: 255 }),
  FromPort: integer({ min: -1, max: 65_535 }),
  IpProtocol: text(),
  PrefixListId: text(),
  ReferencedGroupId: text(),
  ToPort: integer({ min: -1, max: 65_535 }),
});
type ChangedRule = NonNullable<ReturnType<typeof changedRule.parse>>;

/** One rule, as a permission with one source would say it; the messages are those that moto saw on EC2. */
function ruleOf(world: World, group: SecurityGroup, asked: ChangedRule): WantedRule {
  const { IpProtocol: protocol, FromPort, ToPort, Description } = asked;
  if (protocol === undefined)
    throw new Ec2Error(
      'InvalidParameterValue',
      "Invalid value 'null' for protocol. VPC security group rules must specify protocols explicitly.",
    );
  if ((protocol === 'tcp' || protocol === 'udp') && (FromPort === undefined || ToPort === undefined))
    throw new Ec2Error(
      'InvalidParameterValue',
      'Invalid value for portRange. Must specify both from and to ports with TCP/UDP.',
    );
  const sources = [asked.CidrIpv4, asked.CidrIpv6, asked.PrefixListId, asked.ReferencedGroupId];
  const given = sources.filter((source) => source !== undefined).length;
  if (given === 0)
    throw new Ec2Error(
      'MissingParameter',
      'The request must contain exactly one of: cidrIp, cidrIpv6, prefixListId, or referencedGroupId',
    );
  if (given > 1)
    throw new Ec2Error(
      'InvalidParameterCombination',
      'Only one of cidrIp, cidrIpv6, prefixListId, or referencedGroupId can be specified',
    );
  const none = { UserId: undefined, VpcId: undefined, VpcPeeringConnectionId: undefined, PeeringStatus: undefined };
  const permission = {
    ...{ IpProtocol: protocol, FromPort, ToPort },
    IpRanges: asked.CidrIpv4 === undefined ? [] : [{ CidrIp: asked.CidrIpv4, Description }],
    Ipv6Ranges: asked.CidrIpv6 === undefined ? [] : [{ CidrIpv6: asked.CidrIpv6, Description }],
    PrefixListIds: asked.PrefixListId === undefined ? [] : [{ PrefixListId: asked.PrefixListId, Description }],
    Groups:
      asked.ReferencedGroupId === undefined
        ? []
        : [{ ...none, GroupId: asked.ReferencedGroupId, GroupName: undefined, Description }],
  };
  const [rule] = wantedRules(world, group, { ...emptyPermissions, IpPermissions: [permission] });
  if (!rule) throw new RangeError('one source makes one rule');
  return rule;
}

const emptyPermissions = {
  ...{ IpProtocol: undefined, FromPort: undefined, ToPort: undefined, CidrIp: undefined },
  ...{ SourceSecurityGroupName: undefined, SourceSecurityGroupOwnerId: undefined },
};

/** @throws Ec2Error where two rules of one direction would be the same */
function refuseDuplicates(rules: readonly SecurityGroupRule[]): void {
  const seen = new Set<string>();
  for (const rule of rules) {
    const key = `${String(rule.isEgress)}/${ruleKey(rule)}`;
    if (seen.has(key))
      throw new Ec2Error('InvalidPermission.Duplicate', `the specified rule ${ruleText(rule)} already exists`);
    seen.add(key);
  }
}

const modifyRules = action({
  name: 'ModifySecurityGroupRules',
  rate: 'mutating',
  fields: {
    GroupId: required(text()),
    SecurityGroupRule: requiredList(
      required(struct({ SecurityGroupRule: changedRule, SecurityGroupRuleId: required(text()) })),
    ),
  },
  run(world, parameters) {
    const group = findGroup(world, parameters);
    const changed = new Map(
      parameters.SecurityGroupRule.map(({ SecurityGroupRuleId: id, SecurityGroupRule: asked }) => {
        const rule = oneOfKind('securityGroupRule', id, (wanted) => group.rules.find((one) => one.id === wanted));
        return [id, asked ? { ...rule, ...ruleOf(world, group, asked) } : rule] as const;
      }),
    );
    const rules = group.rules.map((rule) => changed.get(rule.id) ?? rule);
    refuseDuplicates(rules);
    world.securityGroups.put({ ...group, rules });
    return done;
  },
});

function describeRules(name: string, isEgress: boolean): Action {
  return action({
    name,
    rate: 'mutating',
    fields: {
      GroupId: text(),
      GroupName: text(),
      IpPermissions: permissionFields.IpPermissions,
      SecurityGroupRuleDescription: list(struct({ Description: text({ max: 255 }), SecurityGroupRuleId: text() })),
    },
    run(world, parameters) {
      const group = findGroup(world, parameters);
      const mine = group.rules.filter((rule) => rule.isEgress === isEgress);
      const descriptions = new Map(
        parameters.SecurityGroupRuleDescription.map((one) => {
          const id = one?.SecurityGroupRuleId ?? '';
          const rule = oneOfKind('securityGroupRule', id, (wanted) => mine.find((each) => each.id === wanted));
          return [rule.id, one?.Description ?? null];
        }),
      );
      const { IpPermissions } = parameters;
      const permitted =
        IpPermissions.length === 0 ? [] : wantedRules(world, group, { ...emptyPermissions, IpPermissions });
      for (const wanted of permitted) {
        const rule = mine.find((one) => ruleKey(one) === ruleKey(wanted));
        if (!rule)
          throw new Ec2Error('InvalidPermission.NotFound', 'The specified rule does not exist in this security group.');
        descriptions.set(rule.id, wanted.description);
      }
      const rules = group.rules.map((rule) => {
        const description = descriptions.get(rule.id);
        return description === undefined ? rule : { ...rule, description };
      });
      world.securityGroups.put({ ...group, rules });
      return done;
    },
  });
}

export const securityGroupChangeActions: readonly Action[] = [
  modifyRules,
  describeRules('UpdateSecurityGroupRuleDescriptionsIngress', false),
  describeRules('UpdateSecurityGroupRuleDescriptionsEgress', true),
];
