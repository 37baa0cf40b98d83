// Calls of EC2 that a decision about claims wants made: how each is named, what it changes, and which record it
// rests on.
import type { PermissionRule } from '../records/security-group.ts';
import type { VolumeShape } from '../records/volume.ts';

export type ClaimCall =
  | { readonly kind: 'terminate'; readonly machines: readonly { readonly id: string; readonly request: string }[] }
  | { readonly kind: 'stop' | 'start'; readonly request: string; readonly ids: readonly string[] }
  | {
      readonly kind: 'create-volume';
      readonly request: string;
      readonly token: string;
      readonly zone: string;
      readonly shape: VolumeShape;
      readonly snapshotId: string | null;
      readonly labelTags?: Readonly<Record<string, string>>;
    }
  | {
      readonly kind: 'attach';
      readonly request: string;
      readonly volumeId: string;
      readonly instanceId: string;
      readonly device: string;
    }
  | { readonly kind: 'detach'; readonly request: string; readonly volumeId: string; readonly instanceId: string }
  | {
      readonly kind: 'retag';
      readonly request: string;
      readonly ids: readonly string[];
      readonly labelTags?: Readonly<Record<string, string>>;
    }
  | { readonly kind: 'modify'; readonly request: string; readonly volumeId: string; readonly shape: VolumeShape }
  | {
      readonly kind: 'snapshot';
      readonly request: string;
      readonly part: string;
      readonly volumeId: string;
      readonly intent: string;
    }
  /** `request`: null for kept volumes. */
  | { readonly kind: 'delete-volume'; readonly request: string | null; readonly volumeId: string }
  | { readonly kind: 'create-group'; readonly group: string }
  | {
      readonly kind: 'authorize' | 'revoke';
      readonly group: string;
      readonly groupId: string;
      readonly rules: readonly PermissionRule[];
    }
  | {
      readonly kind: 'set-groups';
      readonly request: string;
      readonly instanceId: string;
      readonly groupIds: readonly string[];
    }
  | { readonly kind: 'delete-group'; readonly group: string; readonly groupId: string };

/** Names a call for the pause between repeats; calls that only their token protects have none to fear. */
export function callKey(call: ClaimCall): string {
  switch (call.kind) {
    case 'terminate':
      return `terminate ${call.machines.map((one) => one.id).join(' ')}`;
    case 'stop':
    case 'start':
      return `${call.kind} ${call.ids.join(' ')}`;
    case 'create-volume':
      return `create-volume ${call.token}`;
    case 'attach':
    case 'detach':
      return `${call.kind} ${call.volumeId} ${call.instanceId}`;
    case 'retag':
      return `retag ${call.request} ${call.ids.join(' ')}`;
    case 'modify':
      return `modify ${call.volumeId} ${JSON.stringify(call.shape)}`;
    case 'snapshot':
      return `snapshot ${call.part}`;
    case 'delete-volume':
      return `delete-volume ${call.volumeId}`;
    case 'create-group':
      return `create-group ${call.group}`;
    case 'authorize':
    case 'revoke':
      return `${call.kind} ${call.groupId} ${JSON.stringify(call.rules)}`;
    case 'set-groups':
      return `set-groups ${call.instanceId} ${call.groupIds.join(' ')}`;
    case 'delete-group':
      return `delete-group ${call.group}`;
  }
}

/** What the call changes in EC2: calls that have one of these in common are made in their order. */
export function callResources(call: ClaimCall): readonly string[] {
  switch (call.kind) {
    case 'terminate':
      return call.machines.map((one) => one.id);
    case 'stop':
    case 'start':
    case 'retag':
      return call.ids;
    case 'create-volume':
      return [call.token];
    case 'attach':
    case 'detach':
      return [call.volumeId, call.instanceId];
    case 'modify':
    case 'snapshot':
    case 'delete-volume':
      return [call.volumeId];
    case 'create-group':
      return [call.group];
    case 'authorize':
    case 'revoke':
    case 'delete-group':
      return [call.group, call.groupId];
    case 'set-groups':
      return [call.instanceId, ...call.groupIds];
  }
}

/** Keys (see writeKey) of the record that a call rests on: it is not made when that could not be written. */
export function callBasis(call: ClaimCall): readonly string[] {
  switch (call.kind) {
    // Of many requests: those whose record could not be written are left out of it.
    case 'terminate':
      return [];
    case 'create-group':
    case 'authorize':
    case 'revoke':
    case 'delete-group':
      return [`group ${call.group}`];
    case 'delete-volume':
      return [call.request === null ? `kept ${call.volumeId}` : `claim ${call.request}`];
    default:
      return [`claim ${call.request}`];
  }
}
