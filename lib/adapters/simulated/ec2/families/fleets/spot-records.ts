// What is kept of a spot request.
import type { Tags } from '../../tags.ts';
import type { LaunchParameters } from '../launching/launch-parameters.ts';

export interface SpotRequest {
  readonly id: string;
  readonly createdAtMs: number;
  readonly type: 'one-time' | 'persistent';
  /** null: up to the on-demand price. */
  readonly maxPrice: string | null;
  readonly parameters: LaunchParameters;
  readonly where: { readonly SubnetId?: string | undefined };
  readonly behavior: 'terminate' | 'stop' | 'hibernate';
  readonly validFromMs: number | null;
  readonly validUntilMs: number | null;
  readonly launchGroup: string | null;
  readonly zoneGroup: string | null;
  readonly tags: Tags;
  readonly instanceId: string | null;
  readonly state: 'open' | 'active' | 'closed' | 'cancelled' | 'failed';
  readonly status: SpotStatus;
  readonly fault: { readonly code: string; readonly message: string } | null;
  readonly nextTryAtMs: number | null;
}

/** "Spot request status codes". */
export interface SpotStatus {
  readonly code: string;
  readonly message: string;
  readonly atMs: number;
}
