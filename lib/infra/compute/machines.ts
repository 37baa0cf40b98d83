// What the installation gives to virtual machines, volumes and networks of claims: the group of machines that
// asked for no network, images, and the roles they may have. What may be done with them: claim-permissions.ts.
import { Stack, Tags } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import type * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { claimStatements, machineStatements } from '../claim-permissions.ts';
import type { MachinesProps } from '../claim-permissions.ts';

export class Machines extends Construct {
  /** Of the scheduler's environment. */
  readonly settings: string;
  /** For the scheduler. */
  readonly statements: readonly iam.PolicyStatement[];

  constructor(scope: Construct, id: string, props: MachinesProps) {
    super(scope, id);
    const { installation, network, profiles } = props;
    const plain = new ec2.SecurityGroup(this, 'PlainGroup', {
      vpc: network.vpc,
      allowAllOutbound: true,
      allowAllIpv6Outbound: true,
      description: `Machines without a network of their own, of Bellows installation ${installation}: nothing comes in`,
    });
    Tags.of(plain).add('Name', `bellows-${installation}-machines`);
    // Resolved at each deployment, as for nodes: a launch is frozen with an image's id.
    const image = (cpuType: ec2.AmazonLinuxCpuType): string =>
      ec2.MachineImage.latestAmazonLinux2023({ cpuType }).getImage(this).imageId;
    this.settings = Stack.of(this).toJsonString({
      vpcId: network.vpc.vpcId,
      plainGroupId: plain.securityGroupId, // No address of the internet's either way.
      nodeGroupId: network.securityGroup.securityGroupId,
      addresses: network.network === 'private' ? 'nat' : network.network,
      images: { amd64: image(ec2.AmazonLinuxCpuType.X86_64), arm64: image(ec2.AmazonLinuxCpuType.ARM_64) },
      instanceProfiles: profiles.map((profile) => ({
        name: profile.instanceProfileName,
        arn: profile.instanceProfileArn,
      })),
    });
    this.statements = [...machineStatements(this, props, plain.securityGroupId), ...claimStatements(this, props)];
  }
}
