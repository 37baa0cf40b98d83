// What of the cloud outlives its process, and through which narrow interface: the cloud says what changed,
// a storage makes it durable before the cloud answers.
import type { LaunchFault } from '../../../ports/cloud.ts';
import type { CapacityState } from './market/capacity.ts';
import type { InstanceRecord } from './instances.ts';
import type { RandomState } from './random.ts';

/** What a ClientToken was used for. */
export interface TokenRecord {
  /** Where the token holds (`fleet`, or per zone for RunInstances), then the token. */
  readonly key: string;
  readonly token: string;
  /** Canonical text of the parameters that it came with. */
  readonly parameters: string;
  readonly usedAtMs: number;
  /** Every instance that the token ever launched: more than its call asked for would be a doubled launch. */
  readonly instanceIds: readonly string[];
  readonly faults: readonly LaunchFault[];
  /** The call failed as a whole; its replay fails alike. */
  readonly error: { readonly code: string; readonly message: string; readonly httpStatus: number } | null;
  readonly answerId: string;
}

/** What is small and changes often: written as one value. */
export interface CloudScalars {
  readonly asOfMs: number;
  readonly random: RandomState;
  readonly capacity: CapacityState;
  /** Of instances that are forgotten. */
  readonly forgottenUsd: number;
  readonly forgottenCount: number;
}

/** One record of the EC2 front (a volume, a template, …); null: it is gone. */
export interface ResourceChange {
  readonly family: string;
  readonly id: string;
  /** Its place among all records; absent: as before, or not known. */
  readonly serial?: number | undefined;
  readonly record: unknown;
}

export interface CloudState {
  readonly resources?: readonly ResourceChange[];
  readonly instances: readonly InstanceRecord[];
  readonly tokens: readonly TokenRecord[];
  readonly scalars: CloudScalars | null;
}

export interface CloudChange {
  readonly resources?: readonly ResourceChange[];
  readonly instances: readonly InstanceRecord[];
  /** Ids of instances that are not visible any more, with what they cost. */
  readonly forgotten: readonly { readonly instance: InstanceRecord; readonly spentUsd: number }[];
  readonly tokens: readonly TokenRecord[];
  /** null: unchanged. */
  readonly scalars: CloudScalars | null;
}

export interface CloudStorage {
  load(): CloudState;
  /** Durable when it returns. */
  save(change: CloudChange): void;
}
