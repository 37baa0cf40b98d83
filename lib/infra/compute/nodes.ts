// What nodes are made from: a role, and one launch template per architecture. Encrypted, without an open port,
// with metadata by token only and out of reach of containers behind a bridge (hop limit 1).
import { Fn, Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Asset } from 'aws-cdk-lib/aws-s3-assets';
import { Construct } from 'constructs';
import { acknowledgeWildcards } from '../acknowledgements.ts';
import type { AgentApi } from '../api/route-table.ts';
import { bundleFolder } from '../functions/bundles.ts';
import type { Network } from './network.ts';
import { nodeStatements, tags } from '../permissions.ts';
import type { NodeNetwork } from '../props.ts';

export const architectures = ['amd64', 'arm64'] as const;
export type Architecture = (typeof architectures)[number];

export interface NodesProps {
  readonly installation: string;
  readonly network: Network;
  readonly rootVolumeGib: number;
  readonly agentApi: AgentApi;
}

export class Nodes extends Construct {
  readonly role: iam.Role;
  readonly templates: Readonly<Record<Architecture, ec2.CfnLaunchTemplate>>;
  /** The same for burstable types, with their credit specification: EC2 refuses it for every other type. */
  readonly burstable: Readonly<Record<Architecture, ec2.CfnLaunchTemplate>>;
  /** Where nodes fetch their agent. */
  readonly agent: { readonly bucket: string; readonly key: string };

  constructor(scope: Construct, id: string, props: NodesProps) {
    super(scope, id);
    const agent = new Asset(this, 'Agent', { path: bundleFolder('node-agent') });
    this.agent = { bucket: agent.s3BucketName, key: agent.s3ObjectKey };
    this.role = new iam.Role(this, 'Role', {
      assumedBy: new iam.ServicePrincipal('ec2.amazonaws.com'),
      description: `Nodes of Bellows installation ${props.installation}`,
    });
    const statements = nodeStatements(this, {
      agentApi: props.agentApi,
      agentBucketArn: agent.bucket.bucketArn,
      agentKey: agent.s3ObjectKey,
    });
    for (const statement of statements) this.role.addToPolicy(statement);
    acknowledgeWildcards(this.role, statements);
    const profile = new iam.CfnInstanceProfile(this, 'Profile', { roles: [this.role.roleName] });
    const userData = Fn.base64(
      bootScript({
        installation: props.installation,
        url: props.agentApi.url,
        region: Stack.of(this).region,
        agentUrl: agent.s3ObjectUrl,
        network: props.network.network,
      }),
    );
    const template = (arch: Architecture, isBurstable: boolean): ec2.CfnLaunchTemplate =>
      new ec2.CfnLaunchTemplate(this, `${isBurstable ? 'Burstable-' : 'Template-'}${arch}`, {
        launchTemplateData: {
          // Never throttled: what tasks use above the baseline is counted where types are chosen
          // (lib/core/catalog/burstable.ts).
          ...(isBurstable ? { creditSpecification: { cpuCredits: 'unlimited' } } : {}),
          imageId: ec2.MachineImage.latestAmazonLinux2023({
            cpuType: arch === 'arm64' ? ec2.AmazonLinuxCpuType.ARM_64 : ec2.AmazonLinuxCpuType.X86_64,
          }).getImage(this).imageId,
          iamInstanceProfile: { arn: profile.attrArn },
          instanceInitiatedShutdownBehavior: 'terminate',
          metadataOptions: {
            httpEndpoint: 'enabled',
            httpTokens: 'required',
            httpPutResponseHopLimit: 1,
            instanceMetadataTags: 'enabled',
            ...(props.network.network === 'ipv6' ? { httpProtocolIpv6: 'enabled' } : {}),
          },
          // The subnet comes with each launch; the interface says what every subnet needs.
          networkInterfaces: [
            {
              deviceIndex: 0,
              groups: [props.network.securityGroup.securityGroupId],
              deleteOnTermination: true,
              ...(props.network.network === 'public-ipv4'
                ? { associatePublicIpAddress: true }
                : { associatePublicIpAddress: false }),
              ...(props.network.network === 'ipv6' ? { ipv6AddressCount: 1 } : {}),
            },
          ],
          blockDeviceMappings: [
            {
              deviceName: '/dev/xvda',
              ebs: { volumeSize: props.rootVolumeGib, volumeType: 'gp3', encrypted: true, deleteOnTermination: true },
            },
          ],
          // Never for spot requests: a template with their tags cannot launch on-demand instances.
          tagSpecifications: (['instance', 'volume', 'network-interface'] as const).map((resourceType) => ({
            resourceType,
            tags: [
              { key: tags.installation, value: props.installation },
              { key: 'Name', value: `bellows-${props.installation}` },
            ],
          })),
          userData,
        },
        tagSpecifications: [
          { resourceType: 'launch-template', tags: [{ key: tags.installation, value: props.installation }] },
        ],
      });
    this.templates = { amd64: template('amd64', false), arm64: template('arm64', false) };
    this.burstable = { amd64: template('amd64', true), arm64: template('arm64', true) };
  }
}

/** Node.js comes from the distribution's own repository, which its images reach over either address family. */
function bootScript(boot: {
  readonly installation: string;
  readonly url: string;
  readonly region: string;
  readonly agentUrl: string;
  readonly network: NodeNetwork;
}): string {
  return [
    '#!/bin/bash',
    'set -euo pipefail',
    ...(boot.network === 'ipv6' ? ['export AWS_USE_DUALSTACK_ENDPOINT=true'] : []),
    `export AWS_DEFAULT_REGION=${boot.region}`,
    'dnf install -y nodejs24 nftables unzip xfsprogs e2fsprogs',
    'useradd --system --home-dir /var/lib/bellows --create-home --shell /usr/sbin/nologin bellows-task || true',
    'install -d -m 0755 /opt/bellows',
    `aws s3 cp ${boot.agentUrl} /opt/bellows/agent.zip`,
    'unzip -o -q /opt/bellows/agent.zip -d /opt/bellows',
    "cat > /etc/systemd/system/bellows-agent.service <<'UNIT'",
    '[Unit]',
    'After=network-online.target',
    'Wants=network-online.target',
    '[Service]',
    `Environment=BELLOWS_AGENT_URL=${boot.url}`,
    `Environment=BELLOWS_INSTALLATION=${boot.installation}`,
    `Environment=AWS_REGION=${boot.region}`,
    'Environment=BELLOWS_TASK_USER=bellows-task',
    `Environment=BELLOWS_NODE_NETWORK=${boot.network}`,
    // Before every start, so that a reboot does not lose the rules; without them the agent does not start.
    "ExecStartPre=/bin/sh -c 'exec nft -D task_user=$$(id -u bellows-task) -f /opt/bellows/metadata.nft'",
    'ExecStart=/usr/bin/env node-24 /opt/bellows/index.mjs',
    'Restart=always',
    'RestartSec=2',
    'KillMode=process',
    'StateDirectory=bellows-agent',
    '[Install]',
    'WantedBy=multi-user.target',
    'UNIT',
    'systemctl daemon-reload',
    'systemctl enable --now bellows-agent',
    '',
  ].join('\n');
}
