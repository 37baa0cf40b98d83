// The compute port: EC2 as far as nodes need it, with its error contract. The simulated cloud and the
// EC2 adapter implement it, and one contract suite holds both to this text.
import type { LaunchFault, RefusalScope } from '../core/plan/capacity-memory.ts';
import { BellowsError } from '../core/values/errors.ts';
import type { FrozenLaunch } from '../core/records/launch.ts';
import type { CapacityType } from '../core/values/offering.ts';

export type InstanceState = 'pending' | 'running' | 'shutting-down' | 'terminated' | 'stopping' | 'stopped';

export interface Instance {
  readonly id: string;
  readonly state: InstanceState;
  readonly instanceType: string;
  readonly zone: string;
  readonly capacityType: CapacityType;
  readonly launchedAtMs: number;
  readonly tags: Readonly<Record<string, string>>;
  /** Why EC2 (or we) ended it, as EC2 says it; null while it runs. */
  readonly stateReason: string | null;
}

export type { LaunchFault };

/**
 * What an error is about decides what is excluded, and for how long (core/plan/capacity-memory.ts, which maps
 * EC2's codes for all adapters). An error that EC2 ties to one override (`LaunchTemplateAndOverrides`) names it
 * in `about`, and is that offering's own whatever its code, unless the code is known to be wider (`quota`,
 * `subnet`, `capacity-type`).
 */
export type ErrorScope = RefusalScope;

export interface LaunchAnswer {
  /** May be fewer than asked for (partial fleet), or none on a replay that does not list them. */
  readonly instances: readonly Pick<Instance, 'id' | 'instanceType' | 'zone' | 'capacityType'>[];
  readonly faults: readonly LaunchFault[];
  /** The token had been used with the same parameters: EC2 did nothing new. */
  readonly isReplay: boolean;
}

export interface TerminateAnswer {
  /** Accepted by EC2 (shutting-down or already terminated). */
  readonly accepted: readonly string[];
  /** Not accepted, with EC2's code (`InvalidInstanceID.NotFound` is no evidence that it is gone). */
  readonly refused: readonly { readonly id: string; readonly code: string; readonly message: string }[];
}

export interface DescribeFilter {
  readonly installation: string;
  readonly pool?: string;
  readonly launchId?: string;
}

export interface Compute {
  /**
   * Sends the frozen request with `token` as ClientToken. An answer, also one without instances (all
   * offerings out of capacity), is known and final: repeating gives the same.
   * @throws ComputeThrottledError nothing was launched; repeat later with the same token
   * @throws TokenUsedError the token was used before with other parameters, or its instances are terminated
   * @throws LaunchRefusedError EC2 refused the whole request (permission, invalid; no override named):
   *   nothing was launched
   * @throws ComputeUnknownError no answer: it may or may not have launched
   */
  launch(token: string, request: FrozenLaunch): Promise<LaunchAnswer>;
  /**
   * A complete listing (all pages) of instances with the filter's tags, terminated ones included while EC2
   * shows them. Lags behind launches and terminations. @throws ComputeThrottledError, ComputeUnknownError
   */
  describe(filter: DescribeFilter): Promise<readonly Instance[]>;
  /**
   * Per id; batches per zone, halves a failing batch and sets the culprit aside. @throws
   * ComputeThrottledError, ComputeUnknownError
   */
  terminate(ids: readonly string[]): Promise<TerminateAnswer>;
}

/** The request rate is exceeded; nothing happened. */
export class ComputeThrottledError extends BellowsError {
  constructor(message: string) {
    super('compute_throttled', message);
  }
}

/** No answer: the call may or may not have had its effect. */
export class ComputeUnknownError extends BellowsError {
  constructor(message: string, options?: ErrorOptions) {
    super('compute_outcome_unknown', message, options);
  }
}

/** `IdempotentParameterMismatch` or `IdempotentInstanceTerminated`: the token was used. */
export class TokenUsedError extends BellowsError {
  readonly awsCode: 'IdempotentParameterMismatch' | 'IdempotentInstanceTerminated';
  constructor(awsCode: TokenUsedError['awsCode'], message: string) {
    super('launch_token_used', message);
    this.awsCode = awsCode;
  }
}

/** EC2 refused the whole request and launched nothing by this call. */
export class LaunchRefusedError extends BellowsError {
  readonly fault: LaunchFault;
  /** EC2 has noted the token: no other call with it launches anything. Otherwise one that is under way still may. */
  readonly isTokenUsed: boolean;
  constructor(fault: LaunchFault, isTokenUsed = false) {
    super('launch_refused', `EC2 refused the launch: ${fault.code}: ${fault.message}`);
    this.fault = fault;
    this.isTokenUsed = isTokenUsed;
  }
}
