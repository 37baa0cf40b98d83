// The compute port over the simulated cloud: the same frozen launches, errors and batches as over EC2.
import type { FrozenLaunch } from '../../core/records/launch.ts';
import { tagInstallation, tagLaunch, tagPool } from '../../core/records/launch.ts';
import { ComputeThrottledError, ComputeUnknownError, LaunchRefusedError, TokenUsedError } from '../../ports/compute.ts';
import type {
  Compute,
  DescribeFilter,
  Instance,
  LaunchAnswer,
  LaunchFault,
  TerminateAnswer,
} from '../../ports/compute.ts';
import { scopeOf } from '../../ports/ec2-errors.ts';
import type { SimulatedCloud } from './cloud/cloud.ts';
import { Ec2Error } from './cloud/errors.ts';

interface Sleeper {
  sleep(ms: number): Promise<void>;
}

/** EC2 takes more, but a batch that fails is halved until the culprit is found: smaller ones waste less. */
const terminateBatchMax = 100;

export class SimulatedCompute implements Compute {
  private readonly cloud: SimulatedCloud;
  private readonly clock: Sleeper;

  constructor(cloud: SimulatedCloud, clock: Sleeper) {
    this.cloud = cloud;
    this.clock = clock;
  }

  async launch(token: string, request: FrozenLaunch): Promise<LaunchAnswer> {
    const parameters = canonical(request);
    const outcome = await this.call('CreateFleet', request.count, parameters, () =>
      this.cloud.launch({
        token,
        tokenScope: 'fleet',
        parameters,
        capacityType: request.capacityType,
        strategy: this.cloud.options.fleetStrategy[request.capacityType],
        overrides: request.overrides,
        count: request.count,
        minCount: 0,
        tags: request.tags,
      }),
    );
    // A fleet that launched nothing and met only errors without an override was refused as a whole.
    const [fault] = outcome.faults;
    if (fault && outcome.instanceIds.length === 0 && outcome.faults.every(isAboutTheWhole))
      throw new LaunchRefusedError(fault, true);
    return {
      instances: outcome.instances.map(({ id, instanceType: type, zone, capacityType }) => ({
        id,
        instanceType: type,
        zone,
        capacityType,
      })),
      faults: outcome.faults,
      isReplay: outcome.isReplay,
    };
  }

  async describe(filter: DescribeFilter): Promise<readonly Instance[]> {
    const tags: Record<string, string> = { [tagInstallation]: filter.installation };
    if (filter.pool !== undefined) tags[tagPool] = filter.pool;
    if (filter.launchId !== undefined) tags[tagLaunch] = filter.launchId;
    const visible = await this.call('DescribeInstances', 0, canonical(filter), () => this.cloud.describe(tags));
    return visible.map(({ instance, shown }) => ({
      id: instance.id,
      state: shown.state,
      instanceType: instance.instanceType,
      zone: instance.zone,
      capacityType: instance.capacityType,
      launchedAtMs: instance.launchedAtMs,
      tags: instance.tags,
      stateReason: shown.reason?.message ?? null,
    }));
  }

  async terminate(ids: readonly string[]): Promise<TerminateAnswer> {
    const accepted: string[] = [];
    const refused: { id: string; code: string; message: string }[] = [];
    const distinct = [...new Set(ids)];
    for (let at = 0; at < distinct.length; at += terminateBatchMax) {
      await this.terminateBatch(distinct.slice(at, at + terminateBatchMax), accepted, refused);
    }
    return { accepted, refused };
  }

  private async terminateBatch(
    ids: readonly string[],
    accepted: string[],
    refused: { id: string; code: string; message: string }[],
  ): Promise<void> {
    try {
      await this.call('TerminateInstances', ids.length, canonical(ids), () => this.cloud.terminate(ids));
      accepted.push(...ids);
    } catch (error) {
      if (!(error instanceof LaunchRefusedError)) throw error;
      const [id] = ids;
      if (ids.length === 1 && id !== undefined) {
        refused.push({ id, code: error.fault.code, message: error.fault.message });
        return;
      }
      const half = Math.ceil(ids.length / 2);
      await this.terminateBatch(ids.slice(0, half), accepted, refused);
      await this.terminateBatch(ids.slice(half), accepted, refused);
    }
  }

  /** One call of EC2's API: throttled, met by faults, answered late or never. */
  private async call<T>(action: string, resources: number, parameters: string, run: () => T): Promise<T> {
    const { cloud } = this;
    const fault = cloud.faults.next(
      action,
      () => parameters,
      () => cloud.random.next(),
    );
    if (fault?.kind === 'throttle') throw new ComputeThrottledError('Request limit exceeded.');
    if (fault?.kind === 'fail') throw portError(new Ec2Error(fault.code, fault.message, fault.httpStatus));
    if (fault?.kind === 'drop-request') throw new ComputeUnknownError(`${action}: no answer from EC2`);
    try {
      cloud.admit(action, resources);
      return run();
    } catch (error) {
      throw error instanceof Ec2Error ? portError(error) : error;
    } finally {
      // The effect is there from now on; the caller hears of it later, or never.
      const delayMs = cloud.random.drawMs(cloud.options.callMs) + (fault?.kind === 'delay' ? fault.delayMs : 0);
      if (delayMs > 0) await this.clock.sleep(delayMs);
      if (fault?.kind === 'drop-response')
        throw new ComputeUnknownError(`${action}: the connection broke before the answer came`);
    }
  }
}

function isAboutTheWhole(fault: LaunchFault): boolean {
  return fault.about === null && fault.scope !== 'offering';
}

/** EC2's error as the port's: throttles and outages apart, the token errors apart, the rest is a refusal. */
function portError(error: Ec2Error): Error {
  const { ec2Code: code, message } = error;
  if (code === 'RequestLimitExceeded') return new ComputeThrottledError(message);
  if (code === 'IdempotentParameterMismatch' || code === 'IdempotentInstanceTerminated')
    return new TokenUsedError(code, message);
  if (error.httpStatus >= 500 && code !== 'InsufficientInstanceCapacity')
    return new ComputeUnknownError(`${code}: ${message}`);
  return new LaunchRefusedError({ code, scope: scopeOf(code, message), about: null, message });
}

/** JSON with sorted keys: equal texts are equal parameters. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    inner !== null && typeof inner === 'object' && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}
