// What is kept of a fleet: its request as DescribeFleets shows it, and what it launched.
import type { Tags } from '../../tags.ts';
import type { Request } from './fleet-request.ts';

export interface FleetOverride {
  readonly instanceType: string | undefined;
  readonly maxPrice: string | undefined;
  readonly subnetId: string | undefined;
  readonly availabilityZone: string | undefined;
  readonly weightedCapacity: number | undefined;
  readonly priority: number | undefined;
  readonly imageId: string | undefined;
}

export interface FleetTemplate {
  readonly launchTemplateId: string | undefined;
  readonly launchTemplateName: string | undefined;
  readonly version: string | undefined;
}

export interface FleetOutcome {
  readonly template: FleetTemplate;
  readonly override: FleetOverride;
  readonly lifecycle: 'spot' | 'on-demand';
}

export interface FleetEvent {
  readonly type: 'instance-change' | 'fleet-change' | 'service-error';
  readonly subType: string;
  readonly text: string;
  readonly instanceId?: string;
  readonly atMs: number;
}

export interface Fleet {
  readonly id: string;
  readonly clientToken: string | null;
  readonly createdAtMs: number;
  readonly type: 'instant' | 'request' | 'maintain';
  readonly policy: 'termination' | 'no-termination';
  readonly validFromMs: number | null;
  readonly validUntilMs: number | null;
  readonly terminatesOnExpiry: boolean;
  readonly replacesUnhealthy: boolean;
  readonly interruptionBehavior: 'terminate' | 'stop' | 'hibernate';
  /** From which it launches again; null: of an instant fleet, which does not. */
  readonly request: Request | null;
  readonly deletion: { readonly kind: 'deleted_running' | 'deleted_terminating'; readonly atMs: number } | null;
  readonly isExpired: boolean;
  /** When it asks again for what it could not get; null: it lacks nothing. */
  readonly nextTryAtMs: number | null;
  readonly history: readonly FleetEvent[];
  readonly total: number;
  readonly onDemand: number;
  readonly spot: number;
  readonly defaultType: 'spot' | 'on-demand';
  readonly spotStrategy: string;
  readonly onDemandStrategy: string;
  readonly fulfilled: number;
  readonly fulfilledOnDemand: number;
  readonly configs: readonly { readonly template: FleetTemplate; readonly overrides: readonly FleetOverride[] }[];
  readonly errors: readonly (FleetOutcome & { readonly code: string; readonly message: string })[];
  readonly launched: readonly (FleetOutcome & {
    readonly subnetId: string;
    readonly zone: string;
    readonly instanceType: string;
    readonly instanceIds: readonly string[];
  })[];
  readonly tags: Tags;
}
