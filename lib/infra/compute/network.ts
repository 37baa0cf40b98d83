// Where nodes live: a VPC (ours, unless one is given), one subnet per zone, and a group that lets nothing in.
import { Tags } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { Construct } from 'constructs';
import { acknowledge } from '../acknowledgements.ts';
import type { BellowsProps, NodeNetwork } from '../props.ts';

export class Network extends Construct {
  readonly vpc: ec2.IVpc;
  readonly network: NodeNetwork;
  /** One subnet per zone. */
  readonly subnets: readonly ec2.ISubnet[];
  /** Of nodes: nothing in, everything out. */
  readonly securityGroup: ec2.SecurityGroup;
  /** Where images are built: machines there reach AWS without a word of their launch. */
  readonly buildSubnet: ec2.ISubnet;
  /** Of `private`: where nodes reach private REST APIs. */
  readonly apiEndpoint: ec2.InterfaceVpcEndpoint | null;

  constructor(
    scope: Construct,
    id: string,
    props: Pick<BellowsProps, 'vpc' | 'subnets' | 'nodeImage'> & {
      readonly network: NodeNetwork;
      readonly installation: string;
    },
  ) {
    super(scope, id);
    this.network = props.network;
    // CDK's own classes do not satisfy its interfaces under exactOptionalPropertyTypes.
    const own = props.vpc === undefined ? ownVpc(this, props) : null;
    this.vpc = props.vpc ?? (own as ec2.IVpc);
    const selection = this.vpc.selectSubnets(props.subnets ?? { subnetType: subnetTypes[props.network] });
    this.subnets = onePerZone(selection.subnets);
    const builds = own?.publicSubnets.find((subnet) => subnet.node.id.startsWith(buildsName));
    this.buildSubnet = builds ?? present(this.subnets);
    this.securityGroup = new ec2.SecurityGroup(this, 'NodeGroup', {
      vpc: this.vpc,
      allowAllOutbound: true,
      allowAllIpv6Outbound: true,
      description: `Nodes of Bellows installation ${props.installation}: nothing comes in`,
    });
    Tags.of(this.securityGroup).add('Name', `bellows-${props.installation}-nodes`);
    this.apiEndpoint = props.network === 'private' ? this.#endpoint(props.installation) : null;
  }

  #endpoint(installation: string): ec2.InterfaceVpcEndpoint {
    const group = new ec2.SecurityGroup(this, 'EndpointGroup', {
      vpc: this.vpc,
      allowAllOutbound: false,
      description: `Endpoint of the agents in Bellows installation ${installation}: nodes come in`,
    });
    group.addIngressRule(this.securityGroup, ec2.Port.tcp(443), 'agents');
    return new ec2.InterfaceVpcEndpoint(this, 'ApiEndpoint', {
      vpc: this.vpc,
      subnets: { subnets: [...this.subnets] },
      service: ec2.InterfaceVpcEndpointAwsService.APIGATEWAY,
      securityGroups: [group],
      open: false,
      // With private DNS every public API of the region would answer 403 to everything in this VPC.
      privateDnsEnabled: false,
    });
  }
}

interface NetworkChoice {
  readonly network: NodeNetwork;
}

const subnetTypes: Record<NodeNetwork, ec2.SubnetType> = {
  'public-ipv4': ec2.SubnetType.PUBLIC,
  ipv6: ec2.SubnetType.PRIVATE_WITH_EGRESS,
  nat: ec2.SubnetType.PRIVATE_WITH_EGRESS,
  private: ec2.SubnetType.PRIVATE_ISOLATED,
};

/** Of subnets whose machines have public addresses without asking for them, as Image Builder's do not. */
const buildsName = 'builds';

function present(subnets: readonly ec2.ISubnet[]): ec2.ISubnet {
  const [first] = subnets;
  if (first === undefined) throw new RangeError('the VPC has no subnet of the kind that nodes live in');
  return first;
}

function ownVpc(scope: Construct, { network, nodeImage }: Pick<BellowsProps, 'nodeImage'> & NetworkChoice): ec2.Vpc {
  const wide = { cidrMask: 20 };
  const publicSubnets = { name: 'public', subnetType: ec2.SubnetType.PUBLIC };
  const privateSubnets = { name: 'nodes', subnetType: subnetTypes[network], ...wide };
  const vpc = new ec2.Vpc(scope, 'Vpc', {
    maxAzs: 3,
    // The rule for it would be a custom resource with a function of its own; nothing uses the default group.
    restrictDefaultSecurityGroup: false,
    natGateways: network === 'nat' ? 1 : 0,
    ...(network === 'ipv6' ? { ipProtocol: ec2.IpProtocol.DUAL_STACK } : {}),
    subnetConfiguration:
      network === 'public-ipv4'
        ? [
            { ...publicSubnets, ...wide, mapPublicIpOnLaunch: false },
            // Last, so that the others stay where they are when it comes.
            ...(nodeImage === 'baked'
              ? [{ ...publicSubnets, name: buildsName, cidrMask: 28, mapPublicIpOnLaunch: true }]
              : []),
          ]
        : network === 'nat'
          ? [{ ...publicSubnets, cidrMask: 28 }, privateSubnets]
          : [privateSubnets],
    // Free, and output and agent bundles need no way out.
    gatewayEndpoints: { S3: { service: ec2.GatewayVpcEndpointAwsService.S3 } },
  });
  acknowledge(vpc, {
    'AwsSolutions-VPC7':
      'Flow logs are paid for by the gigabyte; add them to your own VPC, or to this one '
      + '(`bellows.vpc.addFlowLog`), where they are wanted.',
  });
  return vpc;
}

function onePerZone(subnets: readonly ec2.ISubnet[]): readonly ec2.ISubnet[] {
  const zones = new Set<string>();
  return subnets.filter((subnet) => {
    if (zones.has(subnet.availabilityZone)) return false;
    zones.add(subnet.availabilityZone);
    return true;
  });
}
