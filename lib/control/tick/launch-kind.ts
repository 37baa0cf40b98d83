// What differs between launches of nodes and of machines: the call, and to whom what it made is handed out. All else is
// one protocol (launch-calls.ts).
import type { LaunchFault, LaunchNews } from '../../core/plan/capacity-memory.ts';
import type { LaunchRecord } from '../../core/records/launch.ts';
import type { CapacityType } from '../../core/values/offering.ts';
import type { CloudRefusedError } from '../../ports/cloud.ts';
import type { BellowsEvent } from '../../ports/events.ts';
import type { Write } from '../../ports/store.ts';
import type { TickLock } from '../coordination/lock.ts';
import type { ControlPorts, ControlSettings } from '../ports.ts';
import type { PoolItem } from '../requests/pools.ts';
import type { ActivityRecord } from '../use-cases.ts';

export interface LaunchContext {
  readonly ports: ControlPorts;
  readonly settings: ControlSettings;
  readonly lock: TickLock;
  /** Launches are recorded for this version of its spec only. */
  readonly pool: PoolItem;
}

/** An instance that a launch made, as far as both kinds need it. */
export interface MadeInstance {
  readonly id: string;
  readonly instanceType: string;
  readonly zone: string;
  readonly capacityType: CapacityType;
}

export interface LaunchAnswer<M> {
  readonly made: readonly M[];
  readonly faults: readonly LaunchFault[];
  /** The token had been used with the same parameters: EC2 did nothing new. Absent where EC2 does not say so. */
  readonly isReplay?: boolean;
}

/** What is written when a launch is settled: `documents` before, all else in the write that settles it. */
export interface HandOut {
  /**
   * Documents of what it made, written first, as many to a write as bounds allow, while the launch is open: what stops
   * in between is handed out again, and knows by the launch what has its document already.
   */
  readonly documents: readonly Write[];
  readonly writes: readonly Write[];
  readonly events: readonly BellowsEvent[];
  /** How many of what it made are nodes: they are counted. */
  readonly nodes: number;
  readonly activity: Pick<ActivityRecord, 'code'> & Partial<ActivityRecord>;
}

export interface LaunchKind<L extends LaunchRecord, M extends MadeInstance> {
  /** Calls EC2 with the launch's id as the token. */
  readonly send: (launch: L) => Promise<LaunchAnswer<M>>;
  /** Whether the answer names all that the token made; a repeat need not. `isFirst`: nobody has called before. */
  readonly isWhole: (launch: L, answer: LaunchAnswer<M>, isFirst: boolean) => boolean;
  /** What EC2 lists with the launch's tag, and has not terminated. */
  readonly list: (launch: L) => Promise<readonly M[]>;
  readonly asked: (launch: L) => LaunchNews['asked'];
  readonly faultOf: (launch: L, refusal: CloudRefusedError) => LaunchFault;
  /** Reads whom it is for as they are now: it is asked again when one of them was written meanwhile. */
  readonly handOut: (launch: L, made: readonly M[], refused: LaunchFault | null) => Promise<HandOut>;
  /** EC2 refused a repeat, and an earlier call may be under way still: the launch stays open. */
  readonly noteRefusal: (launch: L, fault: LaunchFault) => Promise<void>;
}
