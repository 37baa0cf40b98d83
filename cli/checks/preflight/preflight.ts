// `preflight`: would a launch work? Each thing that it needs, with what cures it, before or after the deployment.
import { poolBody, poolSpecOf } from '../../../lib/api/schemas/pools.ts';
import { poolName } from '../../../lib/api/schemas/values.ts';
import type { Context } from '../../context.ts';
import { CliError, exits, usageError } from '../../errors.ts';
import { parseItem, readItems } from '../../input/files.ts';
import {
  checkDownloads,
  checkDiskKey,
  checkDryRun,
  checkImage,
  checkSpotRole,
  checkSubnets,
  checkTemplate,
} from './launching.ts';
import { checkPermissions } from './permissions.ts';
import { checkConcurrency, checkQuotas, quotaOf } from './quotas.ts';
import type { DeclaredPool } from './quotas.ts';
import { badIn, findingsText, missing, ok, unknown } from '../findings.ts';
import { AwsRefusal, looked, present } from './reading.ts';
import type { Finding } from '../findings.ts';
import type { AwsReader } from './reading.ts';
import { findStack, templatesOf } from './stack.ts';
import type { Deployed } from './stack.ts';
import { allPages } from '../../pages.ts';
import { plural } from '../../text.ts';

export interface PreflightOptions {
  readonly stack: string;
  readonly region?: string;
  readonly pools?: string;
  readonly vpc?: string;
}

/** Looks at what a launch needs and prints what would fail. @throws CliError where AWS takes no credentials */
export async function preflight(context: Context, options: PreflightOptions): Promise<void> {
  if (options.vpc !== undefined && !/^vpc-[0-9a-f]+$/.test(options.vpc))
    throw usageError(`--vpc ${JSON.stringify(options.vpc)} is not the id of a VPC`);
  const aws = await context.environment.openAws(options.region ?? null);
  const caller = await callerOf(aws);
  const findings: Finding[] = [ok('credentials', caller.arn)];
  const stack = await lookedUp(aws, options.stack, findings);
  const declared = options.pools === undefined ? null : poolsOf(options.pools);
  if (stack !== null) findings.push(...(await afterDeployment(context, aws, stack, declared, caller)));
  else findings.push(...(await beforeDeployment(aws, declared, options.vpc ?? null)));
  context.print({ region: aws.region, account: caller.account, findings }, () =>
    findingsText(findings, {
      none: 'nothing that was seen would fail',
      some: (count) => `${plural(count, 'thing')} would fail`,
    }),
  );
  if (badIn(findings) > 0) context.exit = exits.failed;
}

interface Caller {
  readonly arn: string;
  readonly account: string;
  readonly partition: string;
}

async function callerOf(aws: AwsReader): Promise<Caller> {
  try {
    const { Arn, Account: account } = await aws.call('GetCallerIdentity', {});
    const arn = present(Arn, "the caller's ARN");
    return { arn, account: present(account, "the caller's account"), partition: arn.split(':')[1] ?? 'aws' };
  } catch (error) {
    if (error instanceof AwsRefusal)
      throw new CliError(
        exits.refused,
        `AWS does not take these credentials: ${error.message}`,
        'renew them (`aws sso login`, `aws configure`), or name others with AWS_PROFILE',
        { cause: error },
      );
    throw error;
  }
}

/** null: there is none, and what follows is about a deployment to come. */
async function lookedUp(aws: AwsReader, name: string, findings: Finding[]): Promise<Deployed | null> {
  const found = await findStack(aws, name).catch((error: unknown) => {
    if (error instanceof AwsRefusal) return error;
    throw error;
  });
  if (found instanceof AwsRefusal) {
    findings.push(unknown('stack', found.message, 'let the caller describe the stack (cloudformation:DescribeStacks)'));
    return null;
  }
  if (found === null) {
    findings.push(
      ok(
        'stack',
        `${name} is not deployed in ${aws.region}: this is what a deployment will need`,
        'npx cdk deploy (or name the stack with --stack)',
      ),
    );
    return null;
  }
  const isWhole = /^(CREATE|UPDATE|IMPORT)(_ROLLBACK)?_COMPLETE$/.test(found.status);
  findings.push(
    !isWhole
      ? missing(
          'stack',
          `${name} is ${found.status}`,
          'CloudFormation > Stacks > Events says why; deploy or delete it again',
        )
      : found.deployed === null
        ? missing(
            'stack',
            `${name} has no output that this preflight reads: it is of another version, or not Bellows`,
            '`npx cdk deploy` with this version',
          )
        : ok('stack', `${name} is ${found.status}, installation ${found.deployed.installation}`),
  );
  return found.deployed;
}

async function afterDeployment(
  context: Context,
  aws: AwsReader,
  stack: Deployed,
  declared: readonly DeclaredPool[] | null,
  caller: Caller,
): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  const pools = declared ?? (await listedPools(context, stack.url, findings));
  const templates = templatesOf(stack);
  const reserved = Object.values(stack.reservedConcurrency).reduce((sum, one) => sum + one, 0);
  findings.push(...(await checkQuotas(aws, pools)), ...(await checkConcurrency(aws, reserved)));
  findings.push(...(await checkSpotRole(aws)));
  findings.push(
    ...(await checkSubnets(aws, {
      subnetIds: stack.subnets.map((one) => one.subnetId),
      vpcId: null,
      instances: instancesOf(pools),
    })),
  );
  for (const template of templates) findings.push(...(await checkTemplate(aws, template)));
  findings.push(...(await checkDiskKey(aws, stack.schedulerRoleArn)));
  findings.push(...(await checkDownloads(aws, stack)), ...(await checkPermissions(aws, stack, caller)));
  // Where types with GPUs are, differs by zone, and a quota for them is zero in a young account.
  for (const template of templates.filter((one) => !one.isGpu))
    findings.push(...(await checkDryRun(aws, stack, template)));
  return findings;
}

const anyPool: DeclaredPool = { name: 'a pool without requirements', requirements: {}, limits: {} };
const vpcQuota = 'L-F678F1CE';

async function beforeDeployment(
  aws: AwsReader,
  declared: readonly DeclaredPool[] | null,
  vpcId: string | null,
): Promise<readonly Finding[]> {
  const pools = declared ?? [anyPool];
  const findings: Finding[] = [
    ...(await checkBootstrap(aws)),
    ...(await checkQuotas(aws, pools)),
    ...(await checkConcurrency(aws, 0)),
    ...(await checkSpotRole(aws)),
  ];
  if (vpcId !== null)
    findings.push(...(await checkSubnets(aws, { subnetIds: [], vpcId, instances: instancesOf(pools) })));
  else {
    findings.push(
      ...(await looked('VPCs', async () => {
        const used = ((await aws.call('DescribeVpcs', {})).Vpcs ?? []).length;
        const most = await quotaOf(aws, 'vpc', vpcQuota);
        const what = `${String(used)} of ${String(most)} are used`;
        return [
          used < most
            ? ok('VPCs', `${what}; the stack makes one`)
            : missing(
                'VPCs',
                `${what}, and the stack makes one`,
                'deploy into one that is there (-c vpc=…), or aws service-quotas '
                  + `request-service-quota-increase --region ${aws.region} --service-code vpc --quota-code `
                  + `${vpcQuota} --desired-value ${String(most + 5)}`,
              ),
        ];
      })),
    );
  }
  for (const arch of ['x86_64', 'arm64'] as const)
    findings.push(
      ...(await checkImage(
        aws,
        { name: arch, arch, isBaked: false, isGpu: false },
        `resolve:ssm:/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-${arch}`,
      )),
    );
  findings.push(
    unknown('permissions', "the scheduler's role does not exist yet", 'run preflight again after the deployment'),
  );
  return findings;
}

/** The CDK's own mark of an environment that it may deploy to. */
async function checkBootstrap(aws: AwsReader): Promise<readonly Finding[]> {
  return looked('CDK bootstrap', async () => {
    try {
      await aws.call('GetParameter', { Name: '/cdk-bootstrap/hnb659fds/version' });
      return [ok('CDK bootstrap', `${aws.region} is ready for deployments`)];
    } catch (error) {
      if (error instanceof AwsRefusal && error.awsCode === 'ParameterNotFound')
        return [
          missing(
            'CDK bootstrap',
            `${aws.region} has not been prepared for the CDK`,
            `npx cdk bootstrap (once per account and region)`,
          ),
        ];
      throw error;
    }
  });
}

function poolsOf(file: string): readonly DeclaredPool[] {
  return readItems(file).map((item) => {
    const { name, ...body } = parseItem(poolBody.safeExtend({ name: poolName }), item);
    return poolSpecOf(name, body);
  });
}

async function listedPools(context: Context, url: string, findings: Finding[]): Promise<readonly DeclaredPool[]> {
  try {
    const client = context.clientOf(url);
    const { items } = await allPages((query) => client.call('listPools', { query }));
    const pools = items.map((one) => ({
      name: one.name,
      requirements: one.requirements,
      limits: one.limits,
      ...(one.maxNodeVcpu === undefined ? {} : { maxNodeVcpu: one.maxNodeVcpu }),
    }));
    if (pools.length > 0) {
      findings.push(ok('pools', `${url} answers, with ${pools.map((one) => one.name).join(', ')}`));
      return pools;
    }
    findings.push(
      missing(
        'pools',
        `${url} answers, but no pool is declared: every request would wait`,
        './bellows pool apply -f pool.yaml, or -c pools=FILE at the deployment',
      ),
    );
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    findings.push(
      unknown(
        'pools',
        `the API did not list them: ${error.message}; quotas are checked for a pool without requirements`,
        error.advice ?? 'give --pools FILE',
      ),
    );
  }
  return [anyPool];
}

/** null: a pool has no such limit. */
function instancesOf(pools: readonly DeclaredPool[]): number | null {
  return pools.reduce<number | null>(
    (sum, { limits }) => (sum === null || limits.instances === undefined ? null : sum + limits.instances),
    0,
  );
}
