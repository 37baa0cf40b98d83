// A volume: what is asked of it, and the one document that each volume of EC2 has in its pool. The document is a
// claim's, or nobody's: then the volume is kept for the next claim of its tenant, and passing it over moves it.

export type VolumeType = 'gp3' | 'io2' | 'st1' | 'sc1';
export type ReleasePolicy = 'delete' | 'snapshot' | 'keep';
export type StorageStrategy = 'cheapest' | 'reuse-first' | 'performance';

/** What a volume must be able to do; null: no need of that kind. */
export interface VolumeNeeds {
  readonly sizeGib: number;
  readonly iops: number | null;
  readonly throughputMibps: number | null;
  /** null: the cheapest that meets the needs. */
  readonly volumeType: VolumeType | null;
}

export interface VolumeWish extends VolumeNeeds {
  readonly snapshotId: string | null;
  readonly strategy: StorageStrategy;
  readonly onRelease: ReleasePolicy;
  readonly keepMs: number;
}

/** What EBS is asked for, or has made: the outcome of the storage choice. */
export interface VolumeShape {
  readonly type: VolumeType;
  readonly sizeGib: number;
  readonly iops: number | null;
  readonly throughputMibps: number | null;
  readonly usdPerMonth: number;
}

/**
 * wanted -> asked (a call may have been made) -> there -> (releasing: snapshot, deletion) -> gone | kept.
 * `askedAtMs` is written before the call, so that a crash leaves a look-up by token or tag to be done.
 */
export interface VolumePart {
  /** Unique among all parts of the installation: the tag `bellows:part`, and the ClientToken where EC2 takes one. */
  readonly key: string;
  readonly shape: VolumeShape;
  readonly state: 'wanted' | 'asked' | 'there' | 'gone' | 'kept';
  readonly volumeId: string | null;
  readonly zone: string | null;
  readonly device: string | null;
  readonly askedAtMs: number | null;
  /** Tags of its claim's labels, frozen as it is asked for: its token is repeated with the same ones. Absent: none. */
  readonly labelTags?: Readonly<Record<string, string>>;
  readonly onRelease: ReleasePolicy;
  /** How long this volume is kept. */
  readonly keepMs: number;
  /** Since when it costs what its shape does, and what it cost before; absent: since it was asked for, and nothing. */
  readonly costSinceMs?: number;
  readonly paidUsd?: number;
  /** The final snapshot, when the policy says so. */
  readonly snapshot: FinalSnapshot | null;
  /** Of a volume that is kept. */
  readonly keptUntilMs?: number;
  /** Since when EC2's listings lack it, though it was there. */
  readonly missingSinceMs: number | null;
}

export interface FinalSnapshot {
  /** The one that counts. */
  readonly id: string | null;
  readonly askedAtMs: number;
  readonly missingSinceMs: number | null;
  /** Of each call that may have made one, oldest first. */
  readonly intents: readonly string[];
  readonly failures: number;
  /** After a failure: when it is made anew. */
  readonly nextTryAtMs: number | null;
}

/** The document of a claim's volume. One that was never asked for has none: it is as its claim's spec wants it. */
export interface ClaimedVolume extends VolumePart {
  readonly pool: string;
  readonly claim: string;
  /** Which of the claim's volumes: see {@link volumePlace}. */
  readonly place: string;
}

/** Of a storage request its only one; of machines the n-th of the machine's new volumes. */
export function volumePlace(machine: number | null, n: number): string {
  return machine === null ? 'v' : `m${String(machine)}.v${String(n)}`;
}

/**
 * Who has the volume, and so alone may have it attached: a machine of a virtual machine request,
 * or a task on a node.
 */
export interface VolumeUse {
  readonly request: string;
  readonly machine: number;
  readonly device: string;
  readonly node?: {
    readonly id: string;
    readonly attemptId: string;
    readonly sinceMs: number;
    /** As EC2's listing has shown it. */
    readonly isAttached: boolean;
    /** EC2 does not attach it there. */
    readonly refusal: string | null;
  };
}

/** The document of a volume that is kept for the next request of its tenant. */
export interface KeptVolume {
  /** EC2's id of it. */
  readonly id: string;
  readonly pool: string;
  readonly claim: null;
  readonly tenant: string;
  readonly zone: string;
  readonly shape: VolumeShape;
  readonly keptUntilMs: number;
  readonly keptSinceMs: number;
  /** EC2 is asked to delete it: nobody takes it over any more. */
  readonly isGoing: boolean;
  readonly missingSinceMs: number | null;
}

export type VolumeRecord = ClaimedVolume | KeptVolume;
