// What callers do with services. Errors are those of errors.ts in the folder above.
import type { NodeRecord } from '../../core/records/node.ts';
import type { RequestRecord, TaskSpec } from '../../core/records/request.ts';
import type { Replica, ServiceRecord, UpdatePolicy } from '../../core/services/record.ts';
import type { ReplicaPhase } from '../../core/services/replica-state.ts';
import type { OpenPort } from '../../core/services/serving.ts';
import type { ListedPage, ListOptions } from '../store/pages.ts';

/** What a caller declares. */
export interface ServiceWish {
  readonly tenant: string;
  readonly name: string;
  /** null: as for a request that names none; a service that is there stays where it is. */
  readonly pool: string | null;
  readonly replicas: number;
  readonly template: TaskSpec;
  readonly update: UpdatePolicy;
  readonly drainMs: number;
}

/** A replica as people see it. */
export interface ReplicaShown {
  readonly replica: Replica;
  /** Its request, placed as the documents of nodes say; null: it has gone. */
  readonly request: RequestRecord | null;
  readonly node: NodeRecord | null;
  readonly state: ReplicaPhase | 'stopping';
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
  /** Only how many are wanted. null: unknown. @throws TooManyServicesError, NotPossibleError */
  scale(tenant: string, name: string, replicas: number): Promise<ServiceShown | null>;
  /** Its replicas are drained and stopped, and then it goes. null: unknown. */
  delete(tenant: string, name: string): Promise<ServiceShown | null>;
  /** To an earlier revision that is kept; `to` null: the one before. null: unknown. @throws NotPossibleError */
  rollBack(tenant: string, name: string, to: number | null): Promise<ServiceShown | null>;
  /** By request. null: unknown. */
  replicas(tenant: string, name: string, options: ListOptions): Promise<ListedPage<ReplicaShown> | null>;
}
