// Images with the runtime and the agent in them already, made by EC2 Image Builder while the stack is deployed: one per
// architecture, from Amazon's own, by the lines that a plain node runs at its start. They go with the stack.
import { createHash } from 'node:crypto';
import { Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as imagebuilder from 'aws-cdk-lib/aws-imagebuilder';
import { Construct } from 'constructs';
import { acknowledge } from '../acknowledgements.ts';
import { bakingScript } from './boot.ts';
import type { Fetched } from './boot.ts';
import type { Network } from './network.ts';
import { architectures } from './node-runtime.ts';
import type { Architecture } from './node-runtime.ts';

/** Of each several, because a zone may lack one. They run for a quarter of an hour. */
const buildTypes: Readonly<Record<Architecture, readonly string[]>> = {
  amd64: ['t3.small', 't3a.small', 'm6i.large'],
  arm64: ['t4g.small', 'm6g.large', 'm7g.large'],
};

const newestOfAmazon = 'ssm:/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default';

export interface BakedImagesProps {
  readonly installation: string;
  readonly network: Network;
  /** Another value makes the images anew, with what Amazon's image has by then. */
  readonly serial: string;
  readonly fetched: Readonly<Record<Architecture, Fetched>>;
  /** Reads of what is fetched. */
  readonly statement: iam.PolicyStatement;
}

export class BakedImages extends Construct {
  /** Of AMIs. */
  readonly imageIds: Readonly<Record<Architecture, string>>;

  constructor(scope: Construct, id: string, props: BakedImagesProps) {
    super(scope, id);
    const profile = this.#buildProfile(props);
    const cleaner = this.#role('Cleaner', 'imagebuilder.amazonaws.com', [
      'service-role/EC2ImageBuilderLifecycleExecutionPolicy',
    ]);
    const [amd64, arm64] = architectures.map((arch) => this.#image(arch, props, profile, cleaner));
    this.imageIds = { amd64: amd64?.attrImageId ?? '', arm64: arm64?.attrImageId ?? '' };
  }

  /** What Image Builder documents as needed by its build instances. */
  #buildProfile({ statement }: BakedImagesProps): iam.CfnInstanceProfile {
    const role = this.#role('Builder', 'ec2.amazonaws.com', [
      'EC2InstanceProfileForImageBuilder',
      'AmazonSSMManagedInstanceCore',
    ]);
    role.addToPolicy(statement);
    const profile = new iam.CfnInstanceProfile(this, 'Profile', { roles: [role.roleName] });
    profile.node.addDependency(role);
    return profile;
  }

  #role(id: string, service: string, names: readonly string[]): iam.Role {
    const managedPolicies = names.map((name) => iam.ManagedPolicy.fromAwsManagedPolicyName(name));
    const role = new iam.Role(this, id, { assumedBy: new iam.ServicePrincipal(service), managedPolicies });
    for (const { managedPolicyArn } of managedPolicies)
      acknowledge(role, {
        [`AwsSolutions-IAM4[Policy::${flatArn(Stack.of(this).resolve(managedPolicyArn))}]`]:
          'What Image Builder asks of this role is in policies that AWS keeps up to date for it.',
      });
    return role;
  }

  /** Parts of Image Builder never change: another content has another name, and takes the place of the old one. */
  #image(
    arch: Architecture,
    { installation, network, serial, fetched }: BakedImagesProps,
    profile: iam.CfnInstanceProfile,
    cleaner: iam.Role,
  ): imagebuilder.CfnImage {
    const data = component(bakingScript({ ...fetched[arch], network: network.network }, Stack.of(this).region));
    const content = JSON.stringify([serial, buildTypes[arch], Stack.of(this).resolve(data)]);
    const digest = createHash('sha256').update(content).digest('hex').slice(0, 12);
    const name = `bellows-${installation}-${arch}-${digest}`;
    const part = { name, version: '1.0.0' };
    const made = new imagebuilder.CfnComponent(this, `Component-${arch}`, { ...part, platform: 'Linux', data });
    const recipe = new imagebuilder.CfnImageRecipe(this, `Recipe-${arch}`, {
      ...part,
      parentImage: `${newestOfAmazon}-${arch === 'amd64' ? 'x86_64' : arch}`,
      components: [{ componentArn: made.attrArn }],
      blockDeviceMappings: [
        { deviceName: '/dev/xvda', ebs: { volumeType: 'gp3', encrypted: true, deleteOnTermination: true } },
      ],
    });
    const infrastructure = new imagebuilder.CfnInfrastructureConfiguration(this, `Builds-${arch}`, {
      name,
      instanceProfileName: profile.ref,
      instanceTypes: [...buildTypes[arch]],
      subnetId: network.buildSubnet.subnetId,
      securityGroupIds: [network.securityGroup.securityGroupId],
      instanceMetadataOptions: { httpTokens: 'required', httpPutResponseHopLimit: 1 },
      terminateInstanceOnFailure: true,
    });
    return new imagebuilder.CfnImage(this, `Image-${arch}`, {
      imageRecipeArn: recipe.attrArn,
      infrastructureConfigurationArn: infrastructure.attrArn,
      enhancedImageMetadataEnabled: false,
      imageTestsConfiguration: { imageTestsEnabled: false },
      // With it go the AMI and its snapshot, also where another takes its place.
      deletionSettings: { executionRole: cleaner.roleArn },
    });
  }
}

/** A document of Image Builder's own language, in YAML. */
function component(script: readonly string[]): string {
  return [
    'name: bellows-node',
    'schemaVersion: 1.0',
    'phases:',
    '  - name: build',
    '    steps:',
    '      - name: Agent',
    '        action: ExecuteBash',
    '        inputs:',
    '          commands:',
    '            - |',
    ...script.map((line) => `              ${line}`),
    '',
  ].join('\n');
}

/** As cdk-nag writes it. */
function flatArn(value: unknown): string {
  const parts = (value as { readonly 'Fn::Join': readonly [string, readonly unknown[]] })['Fn::Join'][1];
  return parts.map((one) => (typeof one === 'string' ? one : `<${(one as { readonly Ref: string }).Ref}>`)).join('');
}
