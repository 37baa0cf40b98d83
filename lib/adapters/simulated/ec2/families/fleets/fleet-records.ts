// What is kept of a fleet: its request as DescribeFleets shows it, and what it launched.
import type { Tags } from '../../tags.ts';

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

export interface Fleet {
  readonly id: string;
  readonly clientToken: string | null;
  readonly createdAtMs: number;
  readonly isFailed: boolean;
  readonly total: number;
  readonly onDemand: number;
  readonly spot: number;
  readonly defaultType: string;
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
