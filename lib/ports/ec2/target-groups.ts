// Target groups of Elastic Load Balancing: what takes requests of a load balancer. A group is its owner's; here targets
// are registered with it and deregistered, and no call is repeated: whoever calls has written down before what may be
// there afterwards.
import type { TargetHealth, TargetKind } from '../../core/services/targets/record.ts';
import { BellowsError } from '../../core/values/errors.ts';

/** Of one call to register or deregister. More are refused now and then, whatever the quotas say. */
export const targetsPerCallMax = 100;

/** `id`: an address or an instance's id, as the group's kind has it. */
export interface TargetAddress {
  readonly id: string;
  readonly port: number;
}

export interface TargetGroupDescription {
  /** null: `type` is one that replicas cannot be (a function, another load balancer). */
  readonly kind: TargetKind | null;
  /** TargetType, as Elastic Load Balancing has it. */
  readonly type: string;
  /** The deregistration delay. */
  readonly delayMs: number;
}

/** What one call met. */
export type TargetGroupFault =
  /** There is no such group. */
  | 'missing'
  /** A target is not there, is in another network, or cannot be one. */
  | 'invalid_target'
  /** A quota of targets is used up. */
  | 'too_many_targets'
  | 'access_denied'
  | 'throttled'
  /** Whether the call had an effect is not known. */
  | 'no_answer'
  | 'refused';

/** The message says what is wrong, and what to do. */
export class TargetGroupError extends BellowsError {
  readonly fault: TargetGroupFault;
  constructor(fault: TargetGroupFault, message: string, options?: ErrorOptions) {
    super(`target_group_${fault}`, message, options);
    this.fault = fault;
  }
}

/** Each method makes one call, or two that only read, with one deadline. @throws TargetGroupError */
export interface TargetGroups {
  describe(arn: string): Promise<TargetGroupDescription>;
  /** All or none of them. One that is registered stays so. @param targets at most {@link targetsPerCallMax} */
  register(arn: string, targets: readonly TargetAddress[]): Promise<void>;
  /** One that is not registered changes nothing. @param targets at most {@link targetsPerCallMax} */
  deregister(arn: string, targets: readonly TargetAddress[]): Promise<void>;
  /** All that are registered, and those that are draining. */
  health(arn: string): Promise<readonly (TargetAddress & { readonly health: TargetHealth })[]>;
}
