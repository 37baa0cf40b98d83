// What nodes are made from: a role, and one launch template per architecture. Encrypted, without an open port,
// with metadata by token only and out of reach of containers behind a bridge (hop limit 1).
import { Fn, Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Asset } from 'aws-cdk-lib/aws-s3-assets';
import { Construct } from 'constructs';
import { acknowledgeWildcards } from '../acknowledgements.ts';
import type { AgentApi } from '../api/route-table.ts';
import { agentArchive } from '../functions/bundles.ts';
import { BakedImages } from './baked-images.ts';
import { bootScript } from './boot.ts';
import type { Fetched } from './boot.ts';
import type { Network } from './network.ts';
import { architectures, nodeArchives } from './node-runtime.ts';
import type { Architecture, NodeArchives } from './node-runtime.ts';
import { agentBundleStatement, gpuImageParameter, nodeStatements, tags } from '../permissions.ts';

export interface NodesProps {
  readonly installation: string;
  readonly network: Network;
  readonly rootVolumeGib: number;
  readonly agentApi: AgentApi;
  /** As {@link nodeArchives} takes it. */
  readonly nodeRuntime: string | NodeArchives | undefined;
  /** Of baked images; null: nodes start from Amazon's image. */
  readonly bakedSerial: string | null;
}

/** An object of the bucket. */
export interface Download {
  readonly bucket: string;
  readonly key: string;
}

export class Nodes extends Construct {
  readonly role: iam.Role;
  readonly templates: Readonly<Record<Architecture, ec2.CfnLaunchTemplate>>;
  /** The same for burstable types, with their credit specification: EC2 refuses it for every other type. */
  readonly burstable: Readonly<Record<Architecture, ec2.CfnLaunchTemplate>>;
  /** The same for types with GPUs of NVIDIA's, from an image that has their driver. */
  readonly gpu: Readonly<Record<Architecture, ec2.CfnLaunchTemplate>>;
  /** Where nodes fetch their agent. */
  readonly agent: Download;
  /** And the Node.js that it runs on. */
  readonly runtimes: Readonly<Record<Architecture, Download>>;

  constructor(scope: Construct, id: string, props: NodesProps) {
    super(scope, id);
    const agent = new Asset(this, 'Agent', { path: agentArchive() });
    const archives = nodeArchives(props.nodeRuntime);
    const runtimes = Object.fromEntries(
      architectures.map((arch) => [arch, new Asset(this, `Runtime-${arch}`, { path: archives[arch].file })]),
    ) as Readonly<Record<Architecture, Asset>>;
    this.agent = downloadOf(agent);
    this.runtimes = { amd64: downloadOf(runtimes.amd64), arm64: downloadOf(runtimes.arm64) };
    this.role = new iam.Role(this, 'Role', {
      assumedBy: new iam.ServicePrincipal('ec2.amazonaws.com'),
      description: `Nodes of Bellows installation ${props.installation}`,
    });
    const keys = [agent, ...architectures.map((arch) => runtimes[arch])].map((asset) => asset.s3ObjectKey);
    const statements = nodeStatements(this, {
      agentApi: props.agentApi,
      agentBucketArn: agent.bucket.bucketArn,
      agentKeys: keys,
    });
    for (const statement of statements) this.role.addToPolicy(statement);
    acknowledgeWildcards(this.role, statements);
    const profile = new iam.CfnInstanceProfile(this, 'Profile', { roles: [this.role.roleName] });
    const fetched = (arch: Architecture): Fetched => ({
      agentUrl: agent.s3ObjectUrl,
      runtime: { url: runtimes[arch].s3ObjectUrl, sha256: archives[arch].sha256 },
    });
    const baked =
      props.bakedSerial === null
        ? null
        : new BakedImages(this, 'Images', {
            ...props,
            serial: props.bakedSerial,
            fetched: { amd64: fetched('amd64'), arm64: fetched('arm64') },
            statement: agentBundleStatement(agent.bucket.bucketArn, keys),
          });
    const userData = (arch: Architecture, kind: TemplateKind): string =>
      Fn.base64(
        bootScript({
          installation: props.installation,
          url: props.agentApi.url,
          region: Stack.of(this).region,
          fetched: baked === null || kind === 'Gpu' ? fetched(arch) : null,
          network: props.network.network,
        }),
      );
    const template = (arch: Architecture, kind: TemplateKind): ec2.CfnLaunchTemplate =>
      new ec2.CfnLaunchTemplate(this, `${kind}-${arch}`, {
        launchTemplateData: {
          // Never throttled: what tasks use above the baseline is counted where types are chosen
          // (lib/core/catalog/burstable.ts).
          ...(kind === 'Burstable' ? { creditSpecification: { cpuCredits: 'unlimited' } } : {}),
          imageId: kind === 'Gpu' ? gpuImage(arch) : (baked?.imageIds[arch] ?? amazonsImage(this, arch)),
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
              ebs: {
                volumeSize: kind === 'Gpu' ? Math.max(gpuRootVolumeGib, props.rootVolumeGib) : props.rootVolumeGib,
                volumeType: 'gp3',
                encrypted: true,
                deleteOnTermination: true,
              },
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
          userData: userData(arch, kind),
        },
        tagSpecifications: [
          { resourceType: 'launch-template', tags: [{ key: tags.installation, value: props.installation }] },
        ],
      });
    const ofKind = (kind: TemplateKind): Nodes['templates'] => ({
      amd64: template('amd64', kind),
      arm64: template('arm64', kind),
    });
    this.templates = ofKind('Template');
    this.burstable = ofKind('Burstable');
    this.gpu = ofKind('Gpu');
  }
}

type TemplateKind = 'Template' | 'Burstable' | 'Gpu';

/** What CUDA, the driver and the container toolkit of the image take, and some room. */
const gpuRootVolumeGib = 120;

/**
 * AWS's Deep Learning Base image of Amazon Linux 2023, with NVIDIA's open driver, docker and the container toolkit; the
 * newest at each launch. EC2 resolves it, so that a region that has none can be deployed to all the same.
 */
function gpuImage(arch: Architecture): string {
  return `resolve:ssm:${gpuImageParameter(arch)}`;
}

/** The newest at each deployment. */
function amazonsImage(scope: Construct, arch: Architecture): string {
  const cpuType = arch === 'arm64' ? ec2.AmazonLinuxCpuType.ARM_64 : ec2.AmazonLinuxCpuType.X86_64;
  return ec2.MachineImage.latestAmazonLinux2023({ cpuType }).getImage(scope).imageId;
}

function downloadOf(asset: Asset): Download {
  return { bucket: asset.s3BucketName, key: asset.s3ObjectKey };
}
