// What every launch needs: subnets with room, images, the agent's bundle, spot's own role, and a dry run of the call.
import type { CreateFleetCommandInput, Subnet } from '@aws-sdk/client-ec2';
import { missing, ok, unknown } from '../findings.ts';
import { AwsRefusal, looked, present } from './reading.ts';
import type { Finding } from '../findings.ts';
import type { AwsReader } from './reading.ts';
import type { Deployed, Download, ImageArch, NamedTemplate } from './stack.ts';

export interface SubnetQuestion {
  readonly subnetIds: readonly string[];
  readonly vpcId: string | null;
  /** The most instances that the pools may have at once; null: nothing bounds them. */
  readonly instances: number | null;
}

export async function checkSubnets(
  aws: AwsReader,
  { subnetIds, vpcId, instances }: SubnetQuestion,
): Promise<readonly Finding[]> {
  const name = 'subnets';
  return looked(name, async () => {
    const which = vpcId === null ? { SubnetIds: [...subnetIds] } : { Filters: [{ Name: 'vpc-id', Values: [vpcId] }] };
    const answer = await aws.call('DescribeSubnets', which).catch((error: unknown) => {
      if (error instanceof AwsRefusal && error.awsCode === 'InvalidSubnetID.NotFound') return error;
      throw error;
    });
    if (answer instanceof AwsRefusal) {
      const cure = 'a subnet was deleted behind the stack: `npx cdk deploy`, or give subnets that exist';
      return [missing(name, answer.message, cure)];
    }
    const { Subnets: subnets = [] } = answer;
    if (subnets.length === 0) {
      const cure = 'give a VPC with subnets, or none: the stack then makes its own';
      return [missing(name, `there are none in ${vpcId ?? 'the stack'}`, cure)];
    }
    const free = subnets.reduce((sum, one) => sum + (one.AvailableIpAddressCount ?? 0), 0);
    const areTooSmall = instances !== null && free > 0 && free < instances;
    return [
      ...subnets.map(subnetFinding),
      ...(areTooSmall
        ? [
            missing(
              name,
              `${String(free)} free addresses in all, but pools may have ${String(instances)} instances`,
              'use larger subnets, or lower limits.instances',
            ),
          ]
        : []),
    ];
  });
}

function subnetFinding({
  SubnetId: id = '',
  AvailabilityZone: zone = 'a zone',
  AvailableIpAddressCount: free = 0,
}: Subnet): Finding {
  const what = `${zone} has ${String(free)} free addresses`;
  const cure = 'delete unused network interfaces there, or use larger subnets (`subnets` of the construct)';
  return free > 0 ? ok(`subnet ${id}`, what) : missing(`subnet ${id}`, what, cure);
}

const redeploy = '`npx cdk deploy` makes it anew';

/** The image that nodes of a template start from, in the version that the scheduler launches. */
export async function checkTemplate(aws: AwsReader, template: NamedTemplate): Promise<readonly Finding[]> {
  const name = `template ${template.name}`;
  const which = `${template.id} version ${template.version}`;
  return looked(name, async () => {
    const wanted = { LaunchTemplateId: template.id, Versions: [template.version] };
    const answer = await aws.call('DescribeLaunchTemplateVersions', wanted).catch((error: unknown) => {
      if (error instanceof AwsRefusal && error.awsCode.startsWith('InvalidLaunchTemplateId.')) return error;
      throw error;
    });
    if (answer instanceof AwsRefusal) return [missing(name, answer.message, redeploy)];
    const version = answer.LaunchTemplateVersions?.[0];
    if (version === undefined) return [missing(name, `${which} is not there`, redeploy)];
    const image = present(version.LaunchTemplateData?.ImageId, `the image of ${which}`);
    const disk = version.LaunchTemplateData?.BlockDeviceMappings?.[0]?.Ebs?.VolumeSize ?? null;
    return [ok(name, which), ...(await checkImage(aws, template, image, disk))];
  });
}

/** `image` may name a public parameter, as templates can. */
export async function checkImage(
  aws: AwsReader,
  { name: of, arch, isBaked, isGpu }: Pick<NamedTemplate, 'name' | 'arch' | 'isBaked' | 'isGpu'>,
  image: string,
  diskGib: number | null = null,
): Promise<readonly Finding[]> {
  const name = `image ${of}`;
  const withdrawn = isBaked
    ? 'the image was deleted: `npx cdk deploy -c nodeImage=baked -c nodeImageSerial=…`, another serial, bakes it anew'
    : isGpu
      ? 'types with GPUs cannot be nodes in this region: AWS has no image with their driver here'
      : `the image was withdrawn: ${redeploy}, with the newest one`;
  return looked(name, async () => {
    try {
      const id = await imageIdOf(aws, image);
      const { Images: [found] = [] } = await aws.call('DescribeImages', { ImageIds: [id] });
      if (found === undefined) return [missing(name, `${id} is not in ${aws.region}`, withdrawn)];
      if (found.State !== 'available' || found.Architecture !== arch)
        return [missing(name, `${id} is ${String(found.State)} and for ${String(found.Architecture)}`, redeploy)];
      const needed = found.BlockDeviceMappings?.[0]?.Ebs?.VolumeSize ?? 0;
      if (diskGib !== null && needed > diskGib)
        return [
          missing(
            name,
            `${id} needs a disk of ${String(needed)} GiB, and its template has one of ${String(diskGib)}`,
            `deploy with rootVolumeGib ${String(needed)}`,
          ),
        ];
      const age = found.CreationDate === undefined ? '' : `, of ${found.CreationDate.slice(0, 10)}`;
      return [ok(name, `${id} is available${age}, ${isBaked ? 'baked by this stack' : "Amazon's own"}`)];
    } catch (error) {
      if (error instanceof AwsRefusal && /^(InvalidAMIID\.|ParameterNotFound$)/.test(error.awsCode))
        return [missing(name, error.message, withdrawn)];
      throw error;
    }
  });
}

async function imageIdOf(aws: AwsReader, image: string): Promise<string> {
  const parameter = /^resolve:ssm:(.+)$/.exec(image)?.[1];
  if (parameter === undefined) return image;
  const { Parameter: found } = await aws.call('GetParameter', { Name: parameter });
  return present(found?.Value, `a value of the parameter ${parameter}`);
}

/** What nodes fetch before there is an agent. */
export async function checkDownloads(aws: AwsReader, { agent, runtimes }: Deployed): Promise<readonly Finding[]> {
  return [
    ...(await checkDownload(aws, 'agent bundle', agent)),
    ...(await checkDownload(aws, 'runtime x86_64', runtimes.x86_64)),
    ...(await checkDownload(aws, 'runtime arm64', runtimes.arm64)),
  ];
}

async function checkDownload(aws: AwsReader, name: string, { bucket, key }: Download): Promise<readonly Finding[]> {
  const where = `s3://${bucket}/${key}`;
  return looked(name, async () => {
    try {
      await aws.call('HeadObject', { Bucket: bucket, Key: key });
      return [ok(name, `${where} is there`)];
    } catch (error) {
      if (!(error instanceof AwsRefusal)) throw error;
      const { status } = error;
      if (status === 404) {
        const cure = '`npx cdk deploy` uploads it; keep `cdk gc` away from what runs';
        return [missing(name, `${where} is gone: nodes would start without an agent`, cure)];
      }
      const cure = 'let the caller read it (s3:GetObject and s3:ListBucket; kms:Decrypt if the bucket has its own key)';
      return [unknown(name, `S3 answers ${String(status)} for ${where}`, cure)];
    }
  });
}

/** Without it spot launches fail, unless the scheduler's role may make it: then EC2 does so at the first. */
export async function checkSpotRole(aws: AwsReader): Promise<readonly Finding[]> {
  const name = 'spot role';
  return looked(name, async () => {
    try {
      await aws.call('GetRole', { RoleName: 'AWSServiceRoleForEC2Spot' });
      return [ok(name, 'AWSServiceRoleForEC2Spot is there')];
    } catch (error) {
      if (error instanceof AwsRefusal && error.awsCode === 'NoSuchEntityException')
        return [
          missing(
            name,
            'AWSServiceRoleForEC2Spot is not there: no spot instance can be launched',
            'aws iam create-service-linked-role --aws-service-name spot.amazonaws.com',
          ),
        ];
      throw error;
    }
  });
}

/**
 * Disks are encrypted with the account's default key. AWS's own may be used by all; another one by
 * whom its policy admits.
 */
export async function checkDiskKey(aws: AwsReader, schedulerRoleArn: string): Promise<readonly Finding[]> {
  const name = 'disk key';
  return looked(name, async () => {
    const key = present((await aws.call('GetEbsDefaultKmsKeyId', {})).KmsKeyId, 'the default key of disks');
    if (key.endsWith('alias/aws/ebs')) return [ok(name, "disks are encrypted with AWS's own key")];
    const [, partition = '', , , account = ''] = schedulerRoleArn.split(':');
    const spotRole = 'aws-service-role/spot.amazonaws.com/AWSServiceRoleForEC2Spot';
    const grant = (principal: string): string =>
      `aws kms create-grant --region ${aws.region} --key-id ${key} --grantee-principal ${principal} `
      + '--operations Decrypt Encrypt GenerateDataKey GenerateDataKeyWithoutPlaintext CreateGrant DescribeKey '
      + 'ReEncryptFrom ReEncryptTo';
    return [
      unknown(
        name,
        `disks are encrypted with ${key}; whom its policy admits is not looked at. Instances that may not use it `
          + "end right after their launch, without a reason in EC2's answer",
        `unless the policy admits both: ${grant(schedulerRoleArn)}; and for spot `
          + `${grant(`arn:${partition}:iam::${account}:role/${spotRole}`)}`,
      ),
    ];
  });
}

/** Small, of the present generation, and sold in every region. */
const probeTypes = { x86_64: 't3.small', arm64: 't4g.small' } as const satisfies Readonly<Record<ImageArch, string>>;

/** The scheduler's call, marked as a dry run: EC2 answers `DryRunOperation` where it would have launched. */
export async function checkDryRun(
  aws: AwsReader,
  deployed: Deployed,
  template: NamedTemplate,
): Promise<readonly Finding[]> {
  const name = `dry run ${template.name}`;
  return looked(name, async () => {
    try {
      await aws.call('CreateFleet', dryRunOf(deployed, template));
      return [unknown(name, 'EC2 answered a dry run without saying that it was one', null)];
    } catch (error) {
      if (!(error instanceof AwsRefusal)) throw error;
      if (error.awsCode === 'DryRunOperation') return [ok(name, 'EC2 would have taken the launch')];
      if (error.awsCode === 'UnauthorizedOperation') {
        const what = 'the caller may not launch (the scheduler may, if its permissions above are ok)';
        return [unknown(name, what, null)];
      }
      return [missing(name, error.message, 'docs/troubleshooting.md, "A request stays pending"')];
    }
  });
}

function dryRunOf(deployed: Deployed, { id, version, arch }: NamedTemplate): CreateFleetCommandInput {
  const tags = {
    'bellows:installation': deployed.installation,
    'bellows:pool': 'preflight',
    'bellows:launch': 'preflight',
  };
  const Tags = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
  return {
    DryRun: true,
    Type: 'instant',
    TargetCapacitySpecification: { TotalTargetCapacity: 1, DefaultTargetCapacityType: 'on-demand' },
    LaunchTemplateConfigs: [
      {
        LaunchTemplateSpecification: { LaunchTemplateId: id, Version: version },
        Overrides: deployed.subnets.map(({ subnetId: SubnetId }) => ({ InstanceType: probeTypes[arch], SubnetId })),
      },
    ],
    // The very tags of the scheduler's own call: what it tags is what it must be allowed to make.
    TagSpecifications: (['fleet', 'instance', 'volume'] as const).map((ResourceType) => ({ ResourceType, Tags })),
  };
}
