// A machine: one instance of EC2 that a claim has, or that the warm pool keeps ready for the next, and its document.
import type { CapacityType } from '../values/offering.ts';
import type { ClaimRow, MachineSpec } from './claim.ts';
import type { Usage } from './pool.ts';
import type { VolumePart } from './volume.ts';

/** What every instance's document says: of a claim's machine, a warm one and a node, a machine with an agent. */
export interface Machine {
  readonly launchId: string | null;
  /** Which declaration of its pool it was launched for; null: it was not launched yet. */
  readonly specVersion: number | null;
  readonly instanceType: string | null;
  readonly zone: string | null;
  readonly capacityType: CapacityType;
  readonly priceUsdPerHour: number;
  /** Counts against the pool's limits from its launch's end to its own; before, the launch does. */
  readonly reserved: Usage;
  /** When EC2's listings first lacked it (for the two-listings rule); null while it is listed. */
  readonly missingSinceMs: number | null;
}

/** What is known of one instance of a claim. */
interface MachineFacts extends Machine {
  readonly index: number;
  /** wanted (or asked for: an open launch names it) -> there -> gone. */
  readonly state: 'wanted' | 'there' | 'gone';
  readonly instanceId: string | null;
  readonly privateIp: string | null;
  readonly publicIp: string | null;
  readonly thereSinceMs: number | null;
  /** Since when it is stopped, and for how long it was before: its hours then cost nothing but its disks. */
  readonly stoppedSinceMs?: number | null;
  readonly stoppedMs?: number;
  /** Id of the capacity reservation or block that it was launched into; absent: none was named. */
  readonly reservation?: string;
  /** Of the disks that its image brought. */
  readonly imageGib?: number;
  /** The warm machine that it was; absent: launched for its request. */
  readonly warm?: { readonly id: string; readonly spec: MachineSpec };
}

/** A machine with its new volumes, as decisions see it. */
export interface MachinePart extends MachineFacts {
  readonly volumes: readonly VolumePart[];
}

/** The document of a claim's machine. One that was never launched has none: it is as its claim's spec wants it. */
export interface ClaimedMachine extends MachineFacts {
  readonly pool: string;
  readonly claim: string;
}

/** The document of a machine that the pool keeps ready: no claim has it, and it says itself how far its life is. */
export interface WarmMachine extends MachineFacts {
  readonly id: string;
  readonly pool: string;
  readonly claim: null;
  readonly life: ClaimRow;
}

export type MachineRecord = ClaimedMachine | WarmMachine;
