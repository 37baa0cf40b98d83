// What every launch needs: subnets with room, images, the agent's bundle, spot's own role, and a dry run of the call.
import * as z from 'zod';
import { AwsRefusal, counted, listOf, looked, missing, ok, unknown } from './reading.ts';
import type { AwsReader, Finding } from './reading.ts';
import type { Deployed, ImageArch } from './stack.ts';

const subnetsAnswer = z.object({
  subnetSet: listOf(
    z.object({ subnetId: z.string(), availabilityZone: z.string(), availableIpAddressCount: z.coerce.number() }),
  ),
});

export interface SubnetQuestion {
  readonly subnetIds: readonly string[];
  readonly vpcId: string | null;
  /** The most instances that the pools may hold at once; null: nothing bounds them. */
  readonly instances: number | null;
}

export async function checkSubnets(
  aws: AwsReader,
  { subnetIds, vpcId, instances }: SubnetQuestion,
): Promise<readonly Finding[]> {
  const name = 'subnets';
  return looked(name, async () => {
    let answer: unknown;
    try {
      answer = await aws.query(
        'ec2',
        'DescribeSubnets',
        vpcId === null ? counted('SubnetId', subnetIds) : { 'Filter.1.Name': 'vpc-id', 'Filter.1.Value.1': vpcId },
      );
    } catch (error) {
      if (error instanceof AwsRefusal && error.awsCode === 'InvalidSubnetID.NotFound')
        return [
          missing(
            name,
            error.message,
            'a subnet was deleted behind the stack: `npx cdk deploy`, or give subnets that exist',
          ),
        ];
      throw error;
    }
    const subnets = subnetsAnswer.parse(answer).subnetSet;
    if (subnets.length === 0)
      return [
        missing(
          name,
          `there are none in ${vpcId ?? 'the stack'}`,
          'give a VPC with subnets, or none: the stack then makes its own',
        ),
      ];
    const findings = subnets.map((one): Finding => {
      const what = `${one.availabilityZone} has ${String(one.availableIpAddressCount)} free addresses`;
      return one.availableIpAddressCount > 0
        ? ok(`subnet ${one.subnetId}`, what)
        : missing(
            `subnet ${one.subnetId}`,
            what,
            'delete unused network interfaces there, or use larger subnets (`subnets` of the construct)',
          );
    });
    const free = subnets.reduce((sum, one) => sum + one.availableIpAddressCount, 0);
    if (instances !== null && free > 0 && free < instances)
      findings.push(
        missing(
          name,
          `${String(free)} free addresses in all, but pools may hold ${String(instances)} instances`,
          'use larger subnets, or lower limits.instances',
        ),
      );
    return findings;
  });
}

const versionsAnswer = z.object({
  launchTemplateVersionSet: listOf(
    z.object({ versionNumber: z.string(), launchTemplateData: z.object({ imageId: z.string() }) }),
  ),
});
const imagesAnswer = z.object({ imagesSet: listOf(z.object({ imageState: z.string(), architecture: z.string() })) });
const parameterAnswer = z.object({ Parameter: z.object({ Value: z.string() }) });
const redeploy = '`npx cdk deploy` makes it anew';

/** The image that nodes of an architecture start from, in the version that the scheduler launches. */
export async function checkTemplate(
  aws: AwsReader,
  arch: ImageArch,
  template: { readonly id: string; readonly version: string },
): Promise<readonly Finding[]> {
  const name = `template ${arch}`;
  const which = `${template.id} version ${template.version}`;
  return looked(name, async () => {
    let answer: unknown;
    try {
      answer = await aws.query('ec2', 'DescribeLaunchTemplateVersions', {
        LaunchTemplateId: template.id,
        'LaunchTemplateVersion.1': template.version,
      });
    } catch (error) {
      if (error instanceof AwsRefusal && error.awsCode.startsWith('InvalidLaunchTemplateId.'))
        return [missing(name, error.message, redeploy)];
      throw error;
    }
    const [version] = versionsAnswer.parse(answer).launchTemplateVersionSet;
    if (version === undefined) return [missing(name, `${which} is not there`, redeploy)];
    return [ok(name, which), ...(await checkImage(aws, arch, version.launchTemplateData.imageId))];
  });
}

/** `image` may name a public parameter, as templates can. */
export async function checkImage(aws: AwsReader, arch: ImageArch, image: string): Promise<readonly Finding[]> {
  const name = `image ${arch}`;
  return looked(name, async () => {
    const parameter = /^resolve:ssm:(.+)$/.exec(image)?.[1];
    let id = image;
    let answer: unknown;
    try {
      if (parameter !== undefined)
        id = parameterAnswer.parse(await aws.json('ssm', 'GetParameter', { Name: parameter })).Parameter.Value;
      answer = await aws.query('ec2', 'DescribeImages', { 'ImageId.1': id });
    } catch (error) {
      if (
        error instanceof AwsRefusal
        && (error.awsCode.startsWith('InvalidAMIID.') || error.awsCode === 'ParameterNotFound')
      )
        return [missing(name, error.message, `the image was withdrawn: ${redeploy}, with the newest one`)];
      throw error;
    }
    const [found] = imagesAnswer.parse(answer).imagesSet;
    if (found === undefined)
      return [
        missing(name, `${id} is not in ${aws.region}`, `the image was withdrawn: ${redeploy}, with the newest one`),
      ];
    if (found.imageState !== 'available' || found.architecture !== arch)
      return [missing(name, `${id} is ${found.imageState} and for ${found.architecture}`, redeploy)];
    return [ok(name, `${id} is available`)];
  });
}

export async function checkAgentBundle(aws: AwsReader, { bucket, key }: Deployed['agent']): Promise<Finding> {
  const name = 'agent bundle';
  const where = `s3://${bucket}/${key}`;
  const status = await aws.headObject(bucket, key);
  if (status === 200) return ok(name, `${where} is there`);
  if (status === 404)
    return missing(
      name,
      `${where} is gone: nodes would start without an agent`,
      '`npx cdk deploy` uploads it; keep `cdk gc` away from what runs',
    );
  return unknown(
    name,
    `S3 answers ${String(status)} for ${where}`,
    'let the caller read it (s3:GetObject and s3:ListBucket; kms:Decrypt if the bucket has its own key)',
  );
}

/** Without it spot launches fail, unless the scheduler's role may make it: then EC2 does so at the first. */
export async function checkSpotRole(aws: AwsReader): Promise<readonly Finding[]> {
  const name = 'spot role';
  return looked(name, async () => {
    try {
      await aws.query('iam', 'GetRole', { RoleName: 'AWSServiceRoleForEC2Spot' });
      return [ok(name, 'AWSServiceRoleForEC2Spot is there')];
    } catch (error) {
      if (error instanceof AwsRefusal && error.awsCode === 'NoSuchEntity')
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

const keyAnswer = z.object({ kmsKeyId: z.string() });

/**
 * Disks are encrypted with the account's default key. AWS's own may be used by all; another one by
 * whom its policy admits.
 */
export async function checkDiskKey(aws: AwsReader, schedulerRoleArn: string): Promise<readonly Finding[]> {
  const name = 'disk key';
  return looked(name, async () => {
    const { kmsKeyId: key } = keyAnswer.parse(await aws.query('ec2', 'GetEbsDefaultKmsKeyId', {}));
    if (key.endsWith('alias/aws/ebs')) return [ok(name, "disks are encrypted with AWS's own key")];
    const [, partition = '', , , account = ''] = schedulerRoleArn.split(':');
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
          + `${grant(`arn:${partition}:iam::${account}:role/aws-service-role/spot.amazonaws.com/AWSServiceRoleForEC2Spot`)}`,
      ),
    ];
  });
}

/** Small, of the present generation, and sold in every region. */
const probeTypes: Readonly<Record<ImageArch, string>> = { x86_64: 't3.small', arm64: 't4g.small' };

/** The scheduler's call, marked as a rehearsal: EC2 answers `DryRunOperation` where it would have launched. */
export async function checkDryRun(
  aws: AwsReader,
  deployed: Deployed,
  arch: ImageArch,
  template: { readonly id: string; readonly version: string },
): Promise<Finding> {
  const name = `dry run ${arch}`;
  const config = 'LaunchTemplateConfigs.1';
  const parameters: Record<string, string> = {
    DryRun: 'true',
    Type: 'instant',
    'TargetCapacitySpecification.TotalTargetCapacity': '1',
    'TargetCapacitySpecification.DefaultTargetCapacityType': 'on-demand',
    [`${config}.LaunchTemplateSpecification.LaunchTemplateId`]: template.id,
    [`${config}.LaunchTemplateSpecification.Version`]: template.version,
  };
  for (const [at, { subnetId }] of deployed.subnets.entries()) {
    parameters[`${config}.Overrides.${String(at + 1)}.InstanceType`] = probeTypes[arch];
    parameters[`${config}.Overrides.${String(at + 1)}.SubnetId`] = subnetId;
  }
  const tags = {
    'bellows:installation': deployed.installation,
    'bellows:pool': 'preflight',
    'bellows:launch': 'preflight',
  };
  // The very tags of the scheduler's own call: what it tags is what it must be allowed to make.
  for (const [n, type] of ['fleet', 'instance', 'volume'].entries()) {
    parameters[`TagSpecification.${String(n + 1)}.ResourceType`] = type;
    for (const [m, [key, value]] of Object.entries(tags).entries()) {
      parameters[`TagSpecification.${String(n + 1)}.Tag.${String(m + 1)}.Key`] = key;
      parameters[`TagSpecification.${String(n + 1)}.Tag.${String(m + 1)}.Value`] = value;
    }
  }
  try {
    await aws.query('ec2', 'CreateFleet', parameters);
    return unknown(name, 'EC2 answered a dry run without saying that it was one', null);
  } catch (error) {
    if (!(error instanceof AwsRefusal)) throw error;
    if (error.awsCode === 'DryRunOperation') return ok(name, 'EC2 would have taken the launch');
    if (error.awsCode === 'UnauthorizedOperation')
      return unknown(name, 'the caller may not launch (the scheduler may, if its permissions above are ok)', null);
    return missing(name, error.message, 'docs/troubleshooting.md, "A request stays pending"');
  }
}
