// Quotas: whether the account lets the pools buy what they are declared for, by the classes in which EC2 counts vCPUs.
import { offeringsOf } from '../../../lib/core/catalog/index.ts';
import { quotaClass, quotas } from '../../../lib/core/catalog/quotas.ts';
import type { QuotaClass } from '../../../lib/core/catalog/quotas.ts';
import type { CapacityType } from '../../../lib/core/values/offering.ts';
import type { PoolSpec } from '../../../lib/core/records/pool.ts';
import { missing, note, ok } from '../findings.ts';
import { AwsRefusal, looked, present } from './reading.ts';
import type { Finding } from '../findings.ts';
import type { AwsReader } from './reading.ts';

export type DeclaredPool = Pick<PoolSpec, 'name' | 'requirements' | 'limits' | 'maxNodeVcpu'>;

interface Need {
  readonly quotaClass: QuotaClass;
  readonly capacityType: CapacityType;
  readonly code: string;
  /** A pool that has nothing else to buy of this capacity type. */
  readonly isNeeded: boolean;
  /** The most that the pools may have; null: nothing bounds it. */
  readonly vcpu: number | null;
  readonly vcpuMin: number;
  readonly pools: readonly string[];
}

const capacityTypes: readonly CapacityType[] = ['on-demand', 'spot'];

/** By class and capacity type, in a fixed order. Where standard types will do, the others are only an option. */
export function needsOf(pools: readonly DeclaredPool[]): readonly Need[] {
  const found = new Map<string, Need>();
  for (const pool of pools) {
    const offerings = offeringsOf(
      pool.requirements,
      pool.maxNodeVcpu === undefined ? {} : { maxNodeVcpu: pool.maxNodeVcpu },
    );
    for (const capacityType of capacityTypes) {
      const vcpuMin = new Map<QuotaClass, number>();
      for (const { type, capacityType: of } of offerings) {
        if (of !== capacityType) continue;
        const its = quotaClass(type.family);
        vcpuMin.set(its, Math.min(vcpuMin.get(its) ?? Infinity, type.vcpu));
      }
      for (const [its, smallest] of vcpuMin) {
        const code = quotas[its][capacityType];
        if (code === null) continue;
        const known = found.get(code);
        const limit = pool.limits.vcpu ?? null;
        found.set(code, {
          quotaClass: its,
          capacityType,
          code,
          isNeeded: (known?.isNeeded ?? false) || its === 'standard' || !vcpuMin.has('standard'),
          vcpu: known === undefined ? limit : known.vcpu === null || limit === null ? null : known.vcpu + limit,
          vcpuMin: Math.min(known?.vcpuMin ?? Infinity, smallest),
          pools: [...(known?.pools ?? []), pool.name],
        });
      }
    }
  }
  return [...found.values()].sort((a, b) => Number(b.isNeeded) - Number(a.isNeeded) || (a.code < b.code ? -1 : 1));
}

/** As applied to this account, or AWS's default where nothing was ever changed. @throws AwsRefusal */
export async function quotaOf(aws: AwsReader, serviceCode: string, code: string): Promise<number> {
  const input = { ServiceCode: serviceCode, QuotaCode: code };
  const answer = await aws.call('GetServiceQuota', input).catch((error: unknown) => {
    if (error instanceof AwsRefusal && error.awsCode === 'NoSuchResourceException')
      return aws.call('GetAWSDefaultServiceQuota', input);
    throw error;
  });
  return present(answer.Quota?.Value, `the value of the quota ${code}`);
}

export async function checkQuotas(aws: AwsReader, pools: readonly DeclaredPool[]): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  const needs = needsOf(pools);
  for (const need of needs.filter((one) => one.isNeeded)) {
    const name = `quota ${need.capacityType} ${need.quotaClass}`;
    findings.push(
      ...(await looked(name, async () => [judge(aws.region, name, need, await quotaOf(aws, 'ec2', need.code))])),
    );
  }
  const options = needs.filter((one) => !one.isNeeded);
  if (options.length > 0)
    findings.push(...(await looked('quotas of other types', async () => [await checkOptions(aws, options)])));
  return findings;
}

/** Pools allow them and do with others: what cannot be bought of these fails only who asks for it. */
async function checkOptions(aws: AwsReader, options: readonly Need[]): Promise<Finding> {
  const none: string[] = [];
  const some: string[] = [];
  for (const { quotaClass: its, capacityType, code, vcpuMin } of options) {
    const vcpu = await quotaOf(aws, 'ec2', code);
    if (vcpu < vcpuMin) none.push(`${quotas[its].families} ${capacityType} (${code})`);
    else some.push(`${quotas[its].families} ${capacityType} ${String(vcpu)} vCPU`);
  }
  const what = [
    ...(some.length === 0 ? [] : [`may be bought: ${some.join(', ')}`]),
    ...(none.length === 0 ? [] : [`may not, though pools allow them: ${none.join(', ')}`]),
  ].join('; ');
  return ok(
    'quotas of other types',
    what,
    none.length === 0
      ? null
      : 'where tasks ask for such types: aws service-quotas request-service-quota-increase --region '
          + `${aws.region} --service-code ec2 --quota-code CODE --desired-value VCPU`,
  );
}

function judge(region: string, name: string, need: Need, vcpu: number): Finding {
  const wanted = Math.max(need.vcpu ?? 0, need.vcpuMin, 64);
  const raise =
    `aws service-quotas request-service-quota-increase --region ${region} --service-code ec2 --quota-code `
    + `${need.code} --desired-value ${String(wanted)}`;
  const { families } = quotas[need.quotaClass];
  const has = `${String(vcpu)} vCPU of ${families} at once (${need.code})`;
  if (vcpu < need.vcpuMin)
    return missing(
      name,
      `${has}: the smallest that ${need.pools.join(', ')} could buy has ${String(need.vcpuMin)}`,
      raise,
    );
  if (need.vcpu !== null && vcpu < need.vcpu)
    return missing(
      name,
      `${has}, but ${need.pools.join(', ')} may grow to ${String(need.vcpu)}: EC2 refuses what is above`,
      `${raise}, or lower limits.vcpu`,
    );
  return ok(name, `${has}; what runs already counts against it`);
}

const concurrencyQuota = 'L-B99A9384';
/** What AWS keeps for functions that reserve nothing. */
const unreservedMin = 100;

/** Executions of Lambda at once. `reserved`: of the functions of the stack together. */
export async function checkConcurrency(aws: AwsReader, reserved: number): Promise<readonly Finding[]> {
  return looked('concurrency of Lambda', async () => {
    const most = await quotaOf(aws, 'lambda', concurrencyQuota);
    const raise =
      `aws service-quotas request-service-quota-increase --region ${aws.region} --service-code lambda --quota-code `
      + `${concurrencyQuota} --desired-value ${String(Math.max(1_000, reserved + unreservedMin))}`;
    const what = `${String(most)} executions at once in the account (${concurrencyQuota})`;
    if (reserved > 0 && most < reserved + unreservedMin)
      return [missing('concurrency of Lambda', `${what}, and ${String(reserved)} are reserved beside 100`, raise)];
    return [
      most < unreservedMin
        ? note('concurrency of Lambda', `${what}, for all functions: enough for a few hundred nodes`, raise)
        : ok('concurrency of Lambda', what),
    ];
  });
}
