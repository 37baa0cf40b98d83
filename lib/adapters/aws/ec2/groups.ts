// Security groups: made, filled with rules, attached to machines.
import {
  AuthorizeSecurityGroupEgressCommand,
  AuthorizeSecurityGroupIngressCommand,
  CreateSecurityGroupCommand,
  DeleteSecurityGroupCommand,
  ModifyInstanceAttributeCommand,
  RevokeSecurityGroupEgressCommand,
  RevokeSecurityGroupIngressCommand,
} from '@aws-sdk/client-ec2';
import type { IpPermission } from '@aws-sdk/client-ec2';
import type { PermissionRule } from '../../../core/records/security-group.ts';
import type { Tags } from '../../../ports/cloud.ts';
import type { Ec2Calls } from './calls.ts';
import { required } from './listing.ts';
import { tagList } from './parameters.ts';
import type { MachinePlaces } from './places.ts';

export function groupMethods(calls: Ec2Calls, places: MachinePlaces | null) {
  return {
    async createGroup(name: string, description: string, tags: Tags): Promise<string> {
      const command = new CreateSecurityGroupCommand({
        GroupName: name,
        Description: description,
        ...(places === null ? {} : { VpcId: places.vpcId }),
        TagSpecifications: [{ ResourceType: 'security-group', Tags: tagList(tags) }],
      });
      const { GroupId } = await calls.send('CreateSecurityGroup', (client) => client.send(command));
      return required('CreateSecurityGroup', 'GroupId', GroupId);
    },
    async authorize(groupId: string, rules: readonly PermissionRule[]): Promise<void> {
      const { ingress, egress } = permissionsOf(rules);
      if (ingress.length > 0) {
        const command = new AuthorizeSecurityGroupIngressCommand({ GroupId: groupId, IpPermissions: ingress });
        await calls.send('AuthorizeSecurityGroupIngress', (client) => client.send(command));
      }
      if (egress.length > 0) {
        const command = new AuthorizeSecurityGroupEgressCommand({ GroupId: groupId, IpPermissions: egress });
        await calls.send('AuthorizeSecurityGroupEgress', (client) => client.send(command));
      }
    },
    async revoke(groupId: string, rules: readonly PermissionRule[]): Promise<void> {
      const { ingress, egress } = permissionsOf(rules);
      if (ingress.length > 0) {
        const command = new RevokeSecurityGroupIngressCommand({ GroupId: groupId, IpPermissions: ingress });
        await calls.send('RevokeSecurityGroupIngress', (client) => client.send(command));
      }
      if (egress.length > 0) {
        const command = new RevokeSecurityGroupEgressCommand({ GroupId: groupId, IpPermissions: egress });
        await calls.send('RevokeSecurityGroupEgress', (client) => client.send(command));
      }
    },
    async setGroups(instanceId: string, groupIds: readonly string[]): Promise<void> {
      // EC2 wants one group at least.
      const Groups = groupIds.length === 0 && places !== null ? [places.plainGroupId] : [...groupIds];
      const command = new ModifyInstanceAttributeCommand({ InstanceId: instanceId, Groups });
      await calls.send('ModifyInstanceAttribute', (client) => client.send(command));
    },
    async deleteGroup(groupId: string): Promise<void> {
      const command = new DeleteSecurityGroupCommand({ GroupId: groupId });
      await calls.send('DeleteSecurityGroup', (client) => client.send(command));
    },
  };
}

function permissionsOf(rules: readonly PermissionRule[]): {
  readonly ingress: IpPermission[];
  readonly egress: IpPermission[];
} {
  const of = (isEgress: boolean): IpPermission[] =>
    rules.filter((rule) => rule.isEgress === isEgress).map(permissionOf);
  return { ingress: of(false), egress: of(true) };
}

function permissionOf({ protocol, fromPort, toPort, cidr, groupId }: PermissionRule): IpPermission {
  const isIpv6 = cidr?.includes(':') ?? false;
  return {
    IpProtocol: protocol,
    ...(protocol === '-1' ? {} : { FromPort: fromPort, ToPort: toPort }),
    ...(cidr === null ? {} : isIpv6 ? { Ipv6Ranges: [{ CidrIpv6: cidr }] } : { IpRanges: [{ CidrIp: cidr }] }),
    ...(groupId === null ? {} : { UserIdGroupPairs: [{ GroupId: groupId }] }),
  };
}
