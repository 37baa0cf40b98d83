// What callers do with services. Errors are those of errors.ts in the folder above.
import type { NodeRecord } from '../../core/records/node.ts';
import type { AnyRequest } from '../../core/records/claim.ts';
import type { Score } from '../../core/forecast/rolling.ts';
import type { ServiceForecast } from '../../core/services/forecast/wish.ts';
import type { Wish } from '../../core/scaling/policies/policy.ts';
import type { Reported, ServiceScaling } from '../../core/services/policies.ts';
import type { Replica, ReplicaTemplate, ServiceRecord, UpdatePolicy } from '../../core/services/record.ts';
import type { MachineAddress } from '../../core/services/machines/machine-replica.ts';
import type { ReplicaPhase } from '../../core/services/replica-state.ts';
import type { OpenPort } from '../../core/services/serving.ts';
import type { TargetGroupUse, TargetTrouble } from '../../core/services/targets/record.ts';
import type { ListedPage, ListOptions } from '../store/pages.ts';

/** What a caller declares. */
export interface ServiceWish {
  readonly tenant: string;
  readonly name: string;
  /** null: as for a request that names none; a service that is there stays where it is. */
  readonly pool: string | null;
  /** Where policies begin, if they move the count. null: 1, or the least that policies allow. */
  readonly replicas: number | null;
  /** Absent: no policy moves the count. */
  readonly scaling?: ServiceScaling;
  readonly template: ReplicaTemplate;
  readonly update: UpdatePolicy;
  readonly drainMs: number;
  /** Absent: none. */
  readonly targetGroups?: readonly TargetGroupUse[];
}

/** A replica as people see it. */
export interface ReplicaShown {
  readonly replica: Replica;
  /** Its request, placed as the documents of nodes say; null: it has gone. */
  readonly request: AnyRequest | null;
  readonly node: NodeRecord | null;
  /** Of a virtual machine; null: it is none, or EC2 has not made it yet. */
  readonly machine: MachineAddress | null;
  readonly state: ReplicaPhase | 'stopping';
  /** What target groups say against it though its own check is good; null: nothing. */
  readonly refusedBecause: string | null;
  /** Of its present attempt; empty: it opens none, or not yet. */
  readonly ports: readonly OpenPort[];
}

export interface ServiceShown {
  readonly record: ServiceRecord;
  /** How many of its replicas are in each state, and `current`: ready, with the present template. */
  readonly counts: {
    readonly pending: number;
    readonly ready: number;
    readonly stopping: number;
    readonly current: number;
  };
  /** Those that it is registered with. Absent: none. */
  readonly groups?: readonly GroupShown[];
}

/** A target group of a service, as people see it. */
export interface GroupShown extends TargetGroupUse {
  readonly registered: number;
  readonly healthy: number;
  readonly lookedAtMs: number | null;
  readonly troubles: readonly (Pick<TargetTrouble, 'code' | 'message' | 'sinceMs'> & { readonly call: string })[];
}

/** Why so many replicas are wanted. */
export interface ServiceWhy {
  readonly replicas: number;
  /** Of the policies together, within their bounds. */
  readonly wanted: number;
  readonly reason: string;
  readonly wishes: readonly Wish[];
  /** What is wrong with calls of its target groups, and what to do. */
  readonly troubles: readonly string[];
}

/** What a service forecasts of what its policies want; in thousandths of a replica. */
export interface ShownServiceForecast {
  readonly learningStyle: 'reactive' | 'scheduled' | 'predictive';
  readonly quantile: number;
  readonly leadMs: number;
  /** null: no metric of its policies has data. */
  readonly demandMilli: number | null;
  readonly known: ServiceForecast;
  readonly scores: readonly Score[];
}

export interface ServiceEndpoints {
  readonly tenant: string;
  readonly name: string;
  readonly replicas: readonly { readonly address: string; readonly ports: readonly OpenPort[] }[];
}

export interface ServiceUseCases {
  /** Of all tenants: where replicas that are ready are reached. */
  endpoints(): Promise<readonly ServiceEndpoints[]>;
  /** Creates or replaces. @throws NoPoolError, UnsatisfiableError, TooManyServicesError, NotPossibleError */
  put(wish: ServiceWish): Promise<ServiceShown>;
  /** null: unknown, or another tenant's. */
  get(tenant: string, name: string): Promise<ServiceShown | null>;
  /** By name. */
  page(tenant: string, options: ListOptions): Promise<ListedPage<ServiceShown>>;
  /** Only how many are wanted. null: unknown. @throws TooManyServicesError, NotPossibleError: policies move it */
  scale(tenant: string, name: string, replicas: number): Promise<ServiceShown | null>;
  /** Its replicas are drained and stopped, and then it goes. null: unknown. */
  delete(tenant: string, name: string): Promise<ServiceShown | null>;
  /** To an earlier revision that is kept; `to` null: the one before. null: unknown. @throws NotPossibleError */
  rollBack(tenant: string, name: string, to: number | null): Promise<ServiceShown | null>;
  /** Why so many are wanted: what each of its policies wants now. null: unknown. */
  why(tenant: string, name: string): Promise<ServiceWhy | null>;
  /** What its policies will want when a replica that is started now serves. null: unknown. */
  forecast(tenant: string, name: string): Promise<ShownServiceForecast | null>;
  /**
   * A number for its policies, as it was at `atMs` (null: now). Answers what is known then; null: unknown.
   * @throws NotPossibleError no policy goes by it, or it is of the future
   */
  report(
    service: { readonly tenant: string; readonly name: string; readonly metric: string },
    given: { readonly value: number; readonly atMs: number | null },
  ): Promise<Reported | null>;
  /** By request. null: unknown. */
  replicas(tenant: string, name: string, options: ListOptions): Promise<ListedPage<ReplicaShown> | null>;
}
