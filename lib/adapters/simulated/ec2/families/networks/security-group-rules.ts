// Rules of security groups: how permissions come in, become single rules, and are shown as permissions again.
import { Ec2Error } from '../../../cloud/errors.ts';
import { formatAddress, parseCidr } from '../../addresses.ts';
import { checkId, idKinds } from '../../ids.ts';
import { integer, list, notModelled, struct, text } from '../../protocol/fields.ts';
import type { Parsed } from '../../protocol/fields.ts';
import type { Wire } from '../../protocol/xml.ts';
import type { SecurityGroup, SecurityGroupRule } from '../../records.ts';
import type { Tags } from '../../tags.ts';
import { tagSet } from '../../tags.ts';
import type { World } from '../../world.ts';

export const permissionFields = {
  IpPermissions: list(
    struct({
      IpProtocol: text(),
      FromPort: integer({ min: -1, max: 65_535 }),
      ToPort: integer({ min: -1, max: 65_535 }),
      Groups: list(
        struct({
          Description: text({ max: 255 }),
          GroupId: text(),
          GroupName: text(),
          UserId: text(),
          VpcId: text(),
          VpcPeeringConnectionId: notModelled(),
          PeeringStatus: notModelled(),
        }),
      ),
      IpRanges: list(struct({ CidrIp: text(), Description: text({ max: 255 }) })),
      Ipv6Ranges: list(struct({ CidrIpv6: text(), Description: text({ max: 255 }) })),
      PrefixListIds: list(struct({ PrefixListId: text(), Description: text({ max: 255 }) })),
    }),
  ),
  IpProtocol: text(),
  FromPort: integer({ min: -1, max: 65_535 }),
  ToPort: integer({ min: -1, max: 65_535 }),
  CidrIp: text(),
  SourceSecurityGroupName: text(),
  SourceSecurityGroupOwnerId: text(),
} as const;

export type Permissions = Parsed<typeof permissionFields>;
type Permission = NonNullable<Permissions['IpPermissions'][number]>;

/** A rule without the identity that only a stored one has. */
export type WantedRule = Omit<SecurityGroupRule, 'id' | 'isEgress' | 'tags'>;

const protocolNumbers: Readonly<Record<string, string>> = {
  '1': 'icmp',
  '6': 'tcp',
  '17': 'udp',
  '58': 'icmpv6',
  all: '-1',
};

function protocolOf(given: string | undefined): string {
  const lower = (given ?? '').toLowerCase();
  if (given === undefined) throw new Ec2Error('MissingParameter', 'The request must contain the parameter ipProtocol');
  const name = protocolNumbers[lower] ?? lower;
  if (['tcp', 'udp', 'icmp', 'icmpv6', '-1'].includes(name) || (/^\d{1,3}$/.test(name) && Number(name) <= 255))
    return name;
  throw new Ec2Error('InvalidParameterValue', `Invalid value '${given}' for IP protocol. Unknown protocol.`);
}

function portsOf(
  protocol: string,
  from: number | undefined,
  to: number | undefined,
): { readonly fromPort: number; readonly toPort: number } {
  if (protocol === 'tcp' || protocol === 'udp') {
    if (from === undefined || to === undefined)
      throw new Ec2Error(
        'InvalidParameterValue',
        `Invalid value 'Must specify both from and to ports with TCP/UDP.' for portRange.`,
      );
    if (from < 0 || to < 0 || from > to)
      throw new Ec2Error('InvalidParameterValue', `Invalid TCP/UDP port range (${from}:${to})`);
    return { fromPort: from, toPort: to };
  }
  return protocol === 'icmp' || protocol === 'icmpv6'
    ? { fromPort: from ?? -1, toPort: to ?? -1 }
    : { fromPort: -1, toPort: -1 };
}

function cidrOf(text4: string | undefined): string {
  const cidr = text4 === undefined ? null : parseCidr(text4);
  if (!cidr) throw new Ec2Error('InvalidParameterValue', `CIDR block ${text4 ?? ''} is malformed`);
  return `${formatAddress(cidr.network)}/${cidr.prefix}`;
}

function cidr6Of(text6: string | undefined): string {
  if (
    text6 === undefined
    || !/^[0-9a-f:]{2,39}\/\d{1,3}$/i.test(text6)
    || !text6.includes(':')
    || Number(text6.split('/')[1]) > 128
  ) {
    throw new Ec2Error('InvalidParameterValue', `CIDR block ${text6 ?? ''} is malformed`);
  }
  return text6.toLowerCase();
}

/** Every single rule that the permissions mean. @throws Ec2Error */
export function wantedRules(world: World, group: SecurityGroup, given: Permissions): readonly WantedRule[] {
  const single: Permission[] =
    given.IpProtocol === undefined && given.CidrIp === undefined && given.SourceSecurityGroupName === undefined
      ? []
      : [
          {
            IpProtocol: given.SourceSecurityGroupName === undefined ? given.IpProtocol : (given.IpProtocol ?? '-1'),
            FromPort: given.FromPort,
            ToPort: given.ToPort,
            Groups:
              given.SourceSecurityGroupName === undefined
                ? []
                : [
                    {
                      GroupName: given.SourceSecurityGroupName,
                      GroupId: undefined,
                      Description: undefined,
                      UserId: undefined,
                      VpcId: undefined,
                      VpcPeeringConnectionId: undefined,
                      PeeringStatus: undefined,
                    },
                  ],
            IpRanges: given.CidrIp === undefined ? [] : [{ CidrIp: given.CidrIp, Description: undefined }],
            Ipv6Ranges: [],
            PrefixListIds: [],
          },
        ];
  const rules = [...given.IpPermissions, ...single].flatMap((permission) =>
    permission ? rulesOf(world, group, permission) : [],
  );
  if (rules.length === 0)
    throw new Ec2Error('MissingParameter', 'The request must contain the parameter IpPermissions');
  return rules;
}

function rulesOf(world: World, group: SecurityGroup, permission: Permission): readonly WantedRule[] {
  const protocol = protocolOf(permission.IpProtocol);
  const common = {
    protocol,
    ...portsOf(protocol, permission.FromPort, permission.ToPort),
    cidrIpv4: null,
    cidrIpv6: null,
    prefixListId: null,
    groupId: null,
  };
  const rules: WantedRule[] = [
    ...permission.IpRanges.map((range) => ({
      ...common,
      cidrIpv4: cidrOf(range?.CidrIp),
      description: range?.Description ?? null,
    })),
    ...permission.Ipv6Ranges.map((range) => ({
      ...common,
      cidrIpv6: cidr6Of(range?.CidrIpv6),
      description: range?.Description ?? null,
    })),
    ...permission.PrefixListIds.map((prefixes) => ({
      ...common,
      prefixListId: prefixes?.PrefixListId ?? '',
      description: prefixes?.Description ?? null,
    })),
    ...permission.Groups.map((pair) => ({
      ...common,
      groupId: referencedGroup(world, group, pair),
      description: pair?.Description ?? null,
    })),
  ];
  if (rules.length === 0) throw new Ec2Error('MissingParameter', 'Source group or CIDR IP range must be specified.');
  return rules;
}

function referencedGroup(world: World, group: SecurityGroup, pair: Permission['Groups'][number]): string {
  if (pair?.GroupId !== undefined) {
    if (!world.securityGroups.has(checkId('securityGroup', pair.GroupId)))
      throw idKinds.securityGroup.notFound([pair.GroupId]);
    return pair.GroupId;
  }
  const found = world.securityGroups
    .all()
    .find((candidate) => candidate.name === pair?.GroupName && candidate.vpcId === group.vpcId);
  if (!found)
    throw new Ec2Error(
      'InvalidGroup.NotFound',
      'You have specified two resources that belong to different networks, or the security group '
        + `'${pair?.GroupName ?? ''}' does not exist`,
    );
  return found.id;
}

/** Rules of equal keys are duplicates; descriptions do not tell them apart. */
export function ruleKey(rule: WantedRule): string {
  return [
    rule.protocol,
    rule.fromPort,
    rule.toPort,
    rule.cidrIpv4,
    rule.cidrIpv6,
    rule.prefixListId,
    rule.groupId,
  ].join('/');
}

/** `"peer: 0.0.0.0/0, TCP, from port: 22, to port: 22, ALLOW"`, as EC2 names a rule in its errors. */
export function ruleText(rule: WantedRule): string {
  const protocol = rule.protocol === '-1' ? 'ALL' : rule.protocol.toUpperCase();
  const ports =
    rule.protocol === 'tcp' || rule.protocol === 'udp' ? `, from port: ${rule.fromPort}, to port: ${rule.toPort}` : '';
  return (
    `"peer: ${rule.cidrIpv4 ?? rule.cidrIpv6 ?? rule.prefixListId ?? rule.groupId ?? ''}, `
    + `${protocol}${ports}, ALLOW"`
  );
}

/** Rules of one protocol and port range are one permission with several sources. */
export function permissionsWire(world: World, rules: readonly WantedRule[]): Wire {
  const byPorts = Map.groupBy(rules, (rule) => `${rule.protocol}/${rule.fromPort}/${rule.toPort}`);
  return [...byPorts.values()].map((members): Wire => {
    const [first] = members;
    const hasPorts =
      first !== undefined && first.protocol !== '-1' && (first.fromPort !== -1 || first.protocol.startsWith('icmp'));
    return {
      ipProtocol: first?.protocol,
      fromPort: hasPorts ? first.fromPort : undefined,
      toPort: hasPorts ? first.toPort : undefined,
      groups: members.flatMap((rule) =>
        rule.groupId === null
          ? []
          : [{ groupId: rule.groupId, userId: world.accountId, description: rule.description }],
      ),
      ipRanges: members.flatMap((rule) =>
        rule.cidrIpv4 === null ? [] : [{ cidrIp: rule.cidrIpv4, description: rule.description }],
      ),
      ipv6Ranges: members.flatMap((rule) =>
        rule.cidrIpv6 === null ? [] : [{ cidrIpv6: rule.cidrIpv6, description: rule.description }],
      ),
      prefixListIds: members.flatMap((rule) =>
        rule.prefixListId === null ? [] : [{ prefixListId: rule.prefixListId, description: rule.description }],
      ),
    };
  });
}

export function ruleWire(world: World, group: SecurityGroup, rule: SecurityGroupRule): Wire {
  return {
    securityGroupRuleId: rule.id,
    groupId: group.id,
    groupOwnerId: world.accountId,
    isEgress: rule.isEgress,
    ipProtocol: rule.protocol,
    fromPort: rule.fromPort,
    toPort: rule.toPort,
    cidrIpv4: rule.cidrIpv4,
    cidrIpv6: rule.cidrIpv6,
    prefixListId: rule.prefixListId,
    referencedGroupInfo: rule.groupId === null ? undefined : { groupId: rule.groupId, userId: world.accountId },
    description: rule.description,
    securityGroupRuleArn: `arn:aws:ec2:${world.region}:${world.accountId}:security-group-rule/${rule.id}`,
    tagSet: tagSet(rule.tags),
  };
}

export function storedRule(world: World, rule: WantedRule, isEgress: boolean, tags: Tags): SecurityGroupRule {
  return { ...rule, id: world.newId('sgr'), isEgress, tags };
}
