// Target groups by the SDK of Elastic Load Balancing, which is loaded at the first call: only pools with such services
// pay for it.
import type * as Sdk from '@aws-sdk/client-elastic-load-balancing-v2';
import type { TargetHealth } from '../../../core/services/targets/record.ts';
import { assert } from '../../../core/values/errors.ts';
import type {
  TargetAddress,
  TargetGroupDescription,
  TargetGroupFault,
  TargetGroups,
} from '../../../ports/ec2/target-groups.ts';
import { TargetGroupError, targetsPerCallMax } from '../../../ports/ec2/target-groups.ts';
import { AwsServiceError, keepingConnections, loadedOnce, sendCall } from '../sdk.ts';
import type { AwsClientOptions } from '../sdk.ts';

const defaultTimeoutMs = 3_000;
const defaultDelaySeconds = 300;

interface Loaded {
  readonly sdk: typeof Sdk;
  readonly client: Sdk.ElasticLoadBalancingV2Client;
}

export class AwsTargetGroups implements TargetGroups {
  readonly #options: AwsClientOptions;
  readonly #loaded: () => Promise<Loaded>;

  constructor(options: AwsClientOptions) {
    this.#options = options;
    this.#loaded = loadedOnce(() => this.#load());
  }

  async describe(arn: string): Promise<TargetGroupDescription> {
    return this.#call('DescribeTargetGroups', arn, async ({ sdk, client }, sending) => {
      const groups = new sdk.DescribeTargetGroupsCommand({ TargetGroupArns: [arn] });
      const { TargetGroups: [group] = [] } = await client.send(groups, sending);
      if (group === undefined) throw new TargetGroupError('missing', messageOf('missing', arn, 'it is not listed'));
      const attributes = new sdk.DescribeTargetGroupAttributesCommand({ TargetGroupArn: arn });
      const { Attributes: all = [] } = await client.send(attributes, sending);
      const delay = all.find((one) => one.Key === 'deregistration_delay.timeout_seconds')?.Value;
      const type = group.TargetType ?? 'instance';
      const kind = type === 'ip' || type === 'instance' ? type : null;
      return { kind, type, delayMs: (delay === undefined ? defaultDelaySeconds : Number(delay)) * 1_000 };
    });
  }

  async register(arn: string, targets: readonly TargetAddress[]): Promise<void> {
    await this.#call('RegisterTargets', arn, ({ sdk, client }, sending) =>
      client.send(new sdk.RegisterTargetsCommand({ TargetGroupArn: arn, Targets: described(targets) }), sending),
    );
  }

  async deregister(arn: string, targets: readonly TargetAddress[]): Promise<void> {
    await this.#call('DeregisterTargets', arn, ({ sdk, client }, sending) =>
      client.send(new sdk.DeregisterTargetsCommand({ TargetGroupArn: arn, Targets: described(targets) }), sending),
    );
  }

  async health(arn: string): Promise<readonly (TargetAddress & { readonly health: TargetHealth })[]> {
    return this.#call('DescribeTargetHealth', arn, async ({ sdk, client }, sending) => {
      const command = new sdk.DescribeTargetHealthCommand({ TargetGroupArn: arn });
      const { TargetHealthDescriptions: all = [] } = await client.send(command, sending);
      return all.flatMap(({ Target, TargetHealth: seen }) => {
        const { Id: id, Port: port } = Target ?? {};
        if (id === undefined || port === undefined || seen?.State === undefined) return [];
        return [{ id, port, health: { state: seen.State, reason: seen.Reason ?? null } }];
      });
    });
  }

  async #call<T>(
    action: string,
    arn: string,
    send: (loaded: Loaded, sending: { readonly abortSignal: AbortSignal }) => Promise<T>,
  ): Promise<T> {
    const loaded = await this.#loaded();
    try {
      return await sendCall(action, this.#options.timeoutMs ?? defaultTimeoutMs, (sending) => send(loaded, sending));
    } catch (error) {
      throw groupError(action, arn, error);
    }
  }

  async #load(): Promise<Loaded> {
    const sdk = await import('@aws-sdk/client-elastic-load-balancing-v2');
    return { sdk, client: new sdk.ElasticLoadBalancingV2Client(keepingConnections(this.#options)) };
  }
}

function described(targets: readonly TargetAddress[]): { readonly Id: string; readonly Port: number }[] {
  assert(targets.length > 0 && targets.length <= targetsPerCallMax, 'a call has some targets, and not too many');
  return targets.map(({ id, port }) => ({ Id: id, Port: port }));
}

/** What went wrong, for the owner of the service. */
export function groupError(action: string, arn: string, error: unknown): Error {
  if (error instanceof Error && error.cause instanceof TargetGroupError) return error.cause;
  const { awsCode, status } = error instanceof AwsServiceError ? error : { awsCode: '', status: 0 };
  const why = error instanceof AwsServiceError ? `${awsCode}: ${error.cause.message}` : (error as Error).message;
  const fault = faultOf(awsCode, status);
  return new TargetGroupError(fault, messageOf(fault, arn, `${action}: ${why}`), { cause: error });
}

function faultOf(awsCode: string, status: number): TargetGroupFault {
  if (status === 0) return 'no_answer';
  if (/^Throttling|^RequestLimitExceeded/.test(awsCode) || status === 429) return 'throttled';
  if (status >= 500) return 'no_answer';
  if (awsCode.startsWith('TargetGroupNotFound')) return 'missing';
  if (awsCode.startsWith('InvalidTarget')) return 'invalid_target';
  if (/^TooMany(Targets|RegistrationsForTargetId)/.test(awsCode)) return 'too_many_targets';
  return /^AccessDenied|^Unauthorized|^NotAuthorized/.test(awsCode) || status === 403 ? 'access_denied' : 'refused';
}

const cures: Readonly<Record<TargetGroupFault, string>> = {
  missing: 'declare the service with a target group that is there, in the region of this installation',
  invalid_target: 'the group has to be in the VPC of the nodes, with addresses that a target may have',
  too_many_targets: 'ask AWS for a higher quota of targets, or use fewer replicas or groups',
  access_denied: 'deploy the installation with the ARN of the group among targetGroups (docs/permissions.md)',
  throttled: 'it is tried again by itself',
  no_answer: 'it is tried again by itself',
  refused: 'correct the target group, or name another one',
};

function messageOf(fault: TargetGroupFault, arn: string, why: string): string {
  return `target group ${arn}: ${why}; ${cures[fault]}`;
}
