// Replicas that are virtual machines: each is a claim of one machine like every other, with an id of its service's. No
// agent runs on them: what is known of them is what their claim says.
import { rowOf } from '../../claims/documents.ts';
import { newClaim } from '../../claims/lifecycle.ts';
import type { ClaimWorkingCopy } from '../../claims/working-copy.ts';
import { announcedLeadMs } from '../../disruption/methods/announced.ts';
import type { RecordWrite } from '../../plan/plan.ts';
import type { ClaimRow, MachineSpec } from '../../records/claim.ts';
import type { MachinePart } from '../../records/machine.ts';
import type { ServiceMember } from '../../records/request.ts';
import { withTimeline } from '../../records/timeline.ts';

/** A claim as a service looks at it. */
type Standing = Pick<ClaimRow, 'state' | 'power' | 'endedAtMs' | 'cancelRequestedAtMs'>;

/**
 * `ready`: it was handed out and is meant to run. `isStopping`: its service has said that it shall go. What goes
 * without that cannot come back, though EC2 may have it for a while: another one takes its place at once.
 */
export function machinePhase(claim: Standing, isStopping: boolean): 'pending' | 'ready' | 'gone' {
  if (claim.endedAtMs !== null) return 'gone';
  if (claim.state === 'releasing' || claim.cancelRequestedAtMs !== null) return isStopping ? 'pending' : 'gone';
  return claim.state === 'active' && claim.power === 'running' ? 'ready' : 'pending';
}

/** When its service puts another one in its place, as EC2 takes it then or soon after; null: EC2 has not said so. */
export function leavesAtMs({ leaving }: Pick<ClaimRow, 'leaving'>): number | null {
  return leaving === undefined ? null : leaving.atMs - announcedLeadMs;
}

/** How a machine that its service did not stop has ended. */
export interface MachineEnd {
  /** Nobody asked for it: what ends so again and again is replaced later each time. */
  readonly isCrash: boolean;
  /** Its template may be to blame: it never came, or it shut itself down. */
  readonly isFault: boolean;
  readonly text: string;
}

export function machineEnd({ cancelRequestedAtMs, ending, startedAtMs }: ClaimRow): MachineEnd {
  if (cancelRequestedAtMs !== null || ending?.state === 'cancelled')
    return { isCrash: false, isFault: false, text: 'was released: another one takes its place' };
  const reason = ending?.reason ?? 'no reason is known';
  // The code of "InstanceInitiatedShutdown" in StateReason of DescribeInstances.
  const isLost = startedAtMs !== null && !/InstanceInitiatedShutdown/.test(reason);
  return { isCrash: true, isFault: !isLost, text: `ended, ${reason}` };
}

export interface NewReplica {
  readonly id: string;
  readonly tenant: string;
  readonly pool: string;
  readonly service: ServiceMember;
  /** Nothing is asked of EC2 before this. */
  readonly notBeforeMs: number;
  /** How what was in its place before has ended; undefined: it did not end by itself, or nobody knows. */
  readonly after?: string | undefined;
}

/** Of EC2's reason, which a claim keeps while it waits. */
const afterMax = 400;

/** Its claim, to be written with the document that lists it. */
export function newMachine(
  template: MachineSpec,
  { id, tenant, pool, service, notBeforeMs, after = '' }: NewReplica,
  nowMs: number,
): RecordWrite {
  const claim = newClaim({ id, tenant, pool, bodyHash: '', spec: { ...template, count: 1, service } }, nowMs);
  const waits = {
    ...(notBeforeMs > nowMs ? { notBeforeMs } : {}),
    ...(after === '' ? {} : { after: after.slice(0, afterMax) }),
  };
  return { type: 'claim', record: { ...rowOf(claim), ...waits } };
}

/** Its claim is released in this very decision. null: it is there no more, or goes already. */
export function releasedMachine(id: string, reason: string, copy: ClaimWorkingCopy): RecordWrite | null {
  const claim = copy.claim(id);
  if (claim === undefined || claim.state === 'releasing' || claim.cancelRequestedAtMs !== null) return null;
  const { nowMs } = copy;
  const message = `released by its service: ${reason}`;
  const released = withTimeline(
    { ...claim, cancelRequestedAtMs: nowMs, quarantine: null, reason: 'release_requested' },
    { atMs: nowMs, stage: claim.state, code: 'release_requested', message },
  );
  return { type: 'claim', record: rowOf(copy.setClaim(released)) };
}

/** Where a replica is reached. */
export interface MachineAddress {
  readonly instanceId: string;
  readonly zone: string;
  readonly instanceType: string;
  readonly privateAddress: string | null;
  readonly publicAddress: string | null;
}

/** null: EC2 has not made it yet. */
export function addressOf({ machines }: { readonly machines: readonly MachinePart[] }): MachineAddress | null {
  const [part] = machines;
  if (part?.state !== 'there' || part.instanceId === null) return null;
  const { instanceId, zone, instanceType, privateIp: privateAddress, publicIp: publicAddress } = part;
  return { instanceId, zone: zone ?? '', instanceType: instanceType ?? '', privateAddress, publicAddress };
}
