// A security group, its rules, and the one document that counts who refers to it.
import type { CallRefusal, ClaimFault } from './claim.ts';

/** One rule of a security group: to or from one network, or the group of another network request. */
export interface NetworkRule {
  /** `-1`: all protocols, without ports. */
  readonly protocol: 'tcp' | 'udp' | 'icmp' | '-1';
  readonly fromPort: number;
  readonly toPort: number;
  readonly cidr: string | null;
  /** A network request of the same tenant, whose group is the other side. */
  readonly request: string | null;
}

export interface NetworkWish {
  readonly ingress: readonly NetworkRule[];
  /** null: everything may leave, as in a new group of EC2. */
  readonly egress: readonly NetworkRule[] | null;
  readonly sharing: 'share' | 'dedicated';
  readonly allowPublic: boolean;
}

/**
 * A security group, alone or shared: its document counts references, and the write that takes the last one away
 * sets `deleting`. A group that is being deleted takes no reference: the next one is made under another name.
 *
 *   creating ──its rules are there──▶ active ──other rules, nobody else's──▶ changing ──▶ active;  any ──▶ deleting
 */
export interface GroupRecord {
  readonly id: string;
  readonly pool: string;
  readonly tenant: string;
  /** The request that had it made; of a dedicated group: whose it is. */
  readonly owner: string;
  /** Tenant and rules; null: dedicated to its owner (and the machines that use the owner). */
  readonly shareKey: string | null;
  /** Unique in the VPC: EC2 takes no ClientToken for groups. */
  readonly name: string;
  readonly wish: NetworkWish;
  readonly state: 'creating' | 'active' | 'changing' | 'deleting';
  readonly groupId: string | null;
  readonly references: readonly string[];
  readonly createdAtMs: number;
  readonly missingSinceMs: number | null;
  readonly fault: ClaimFault | null;
  /** What EC2 does not make of it now; absent: nothing. */
  readonly refusals?: readonly CallRefusal[];
}

/** A rule as EC2 has it: requests are resolved to group ids. */
export interface PermissionRule {
  readonly isEgress: boolean;
  readonly protocol: string;
  readonly fromPort: number;
  readonly toPort: number;
  readonly cidr: string | null;
  readonly groupId: string | null;
}
