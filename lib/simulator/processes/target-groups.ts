// Target groups of Elastic Load Balancing in a run: each call of a controller waits in the kernel and meets its own
// faults, and what it registers must have been written down before.
import { SimulatedTargetGroups } from '../../adapters/simulated/target-groups.ts';
import { targetKey } from '../../core/services/targets/record.ts';
import type { TargetAddress, TargetGroups } from '../../ports/ec2/target-groups.ts';
import { TargetGroupError } from '../../ports/ec2/target-groups.ts';
import type { FaultDraws } from '../faults/fault-draws.ts';
import type { Kernel } from '../kernel.ts';
import type { Stream } from '../random.ts';
import type { Trace } from '../trace.ts';
import type { Truth } from '../truth.ts';
import type { Process } from './process.ts';

/** One for addresses, one for instances. */
export const groupArns = ['web/0123456789abcdef', 'api/fedcba9876543210'].map(
  (name) => `arn:aws:elasticloadbalancing:us-east-1:000000000001:targetgroup/${name}`,
);

export interface TargetsWorld {
  readonly kernel: Kernel;
  readonly trace: Trace;
  readonly draws: FaultDraws;
  readonly truth: Truth;
  readonly targetGroups: SimulatedTargetGroups;
}

/** `stream` null: a run in which nobody names a group. While faults happen some targets are unhealthy for good. */
export function drawTargetGroups(
  clock: { nowMs(): number },
  draws: FaultDraws,
  stream: Stream | null,
): SimulatedTargetGroups {
  const groups = new SimulatedTargetGroups(clock);
  if (stream === null) return groups;
  const [ofAddresses = '', ofInstances = ''] = groupArns;
  groups.create(ofAddresses, { type: 'ip', delayMs: stream.integer(0, 60_000), initialMs: stream.integer(0, 30_000) });
  groups.create(ofInstances, { type: 'instance', delayMs: stream.integer(0, 5_000) });
  const bad = new Map<string, boolean>();
  groups.healthOf = (arn, { id, port }) => {
    const key = `${arn} ${targetKey(id, port)}`;
    const isBad = bad.get(key) ?? stream.chance(0.15);
    bad.set(key, isBad);
    return isBad && !draws.isCalm
      ? { state: 'unhealthy', reason: 'Target.FailedHealthChecks' }
      : { state: 'healthy', reason: null };
  };
  return groups;
}

export function targetGroupsOf(process: Process, world: TargetsWorld): TargetGroups {
  const { targetGroups: groups, draws, kernel, trace, truth } = world;
  const call = <T>(what: string, isWrite: boolean, effect: () => Promise<T>): Promise<T> =>
    process.call(`ELB ${what}`, async () => {
      if (draws.hits('computeThrottle')) throw new TargetGroupError('throttled', 'Rate exceeded');
      if (draws.hits('computeRequestLost')) throw new TargetGroupError('no_answer', 'no answer came');
      if (isWrite) trace.write(kernel.nowMs, process.name, `ELB ${what}`);
      const answer = await effect();
      if (draws.hits('computeAnswerLost')) throw new TargetGroupError('no_answer', 'the answer was lost');
      return answer;
    });
  const inShort = (arn: string, targets: readonly TargetAddress[]): string =>
    `${arn.split('/')[1] ?? ''} ${targets.map(({ id, port }) => targetKey(id, port)).join(' ')}`;
  return {
    describe: (arn) => call('describe', false, () => groups.describe(arn)),
    health: (arn) => call('health', false, () => groups.health(arn)),
    register: (arn, targets) =>
      call(`register ${inShort(arn, targets)}`, true, async () => {
        checkWritten(truth, arn, targets);
        await groups.register(arn, targets);
      }),
    deregister: (arn, targets) =>
      call(`deregister ${inShort(arn, targets)}`, true, () => groups.deregister(arn, targets)),
  };
}

/** Nothing is registered that no record names: nobody would deregister it. */
function checkWritten(truth: Truth, arn: string, targets: readonly TargetAddress[]): void {
  const records = [...truth.targets.values()].filter((one) => one.arn === arn);
  for (const { id, port } of targets) {
    const key = targetKey(id, port);
    if (records.every((one) => one.targets[key] === undefined))
      truth.violate('20: services', `${key} is registered with ${arn}, and no record says so`, [id]);
  }
}
