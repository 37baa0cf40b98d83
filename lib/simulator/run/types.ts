// What a run takes and what it returns: shared by the run itself, the program, tests and planted bugs.
import type { SimulatedCloud } from '../../adapters/simulated/cloud/cloud.ts';
import type { ControlPorts, ControlSettings, MetricsPorts } from '../../control/ports.ts';
import type { PlannedClaim } from '../applications/claim-workload.ts';
import type { WideKind, WideScale, WorldName } from '../applications/wide.ts';
import type { Size, Workload } from '../applications/workload.ts';
import type { FaultKind, FaultRates } from '../faults/faults.ts';
import type { ServiceOutages } from '../faults/service-outages.ts';
import type { Kernel } from '../kernel.ts';
import type { Layout, UseCases } from '../processes/controllers.ts';
import type { CallFaultOf } from '../processes/process.ts';
import type { Trace, TraceLine } from '../trace.ts';
import type { Truth, Violation } from '../truth.ts';

export interface RunOptions {
  readonly seed: number;
  readonly size?: Size | undefined;
  /** An ordinary world or one of the API's maxima; one seed in eight draws a wide one. */
  readonly world?: WorldName | undefined;
  /** How wide a wide world is; `full` unless given. */
  readonly scale?: WideScale | undefined;
  /** With claims beside the tasks, or without; half of the seeds have them. */
  readonly claims?: boolean | undefined;
  /** With services beside all that, or without; one seed in three has them. */
  readonly services?: boolean | undefined;
  /** With learning styles, or without; two seeds in five have them. */
  readonly styles?: boolean | undefined;
  /** Of ordinary worlds; drawn from the seed unless given. */
  readonly allocation?: AllocationName | undefined;
  /** Positions of the requests that are left out; claims follow the tasks. */
  readonly leftOut?: ReadonlySet<number> | undefined;
  readonly without?: readonly FaultKind[] | undefined;
  /** Instead of the rates that the seed draws for these kinds. */
  readonly rates?: Partial<FaultRates> | undefined;
  /** Plants a bug: for tests that show that checkers find it. */
  readonly tampering?: Tampering | undefined;
  readonly onLine?: ((line: TraceLine) => void) | undefined;
  /** Instead of what the seed draws, for runs that are laid out by hand. */
  readonly given?: Given | undefined;
}

export type RunPorts = ControlPorts & MetricsPorts;

/** What a planted bug may change; every process has a copy of its own. */
export interface Tampering {
  readonly ports?: (ports: RunPorts) => RunPorts;
  readonly settings?: (settings: ControlSettings) => ControlSettings;
  readonly control?: (control: UseCases, ports: RunPorts) => UseCases;
}

export interface Given {
  readonly workload: Workload;
  readonly rates: FaultRates;
  readonly layout: Layout;
  readonly callFaultOf: CallFaultOf;
  readonly claims?: readonly PlannedClaim[];
  readonly settleMs: number;
  readonly quietMs: number;
  /** Called when the world is put together, to add what shall happen at fixed times. */
  readonly arrange?: (world: World) => void;
}

export interface World {
  readonly kernel: Kernel;
  readonly truth: Truth;
  readonly cloud: SimulatedCloud;
  readonly outages: ServiceOutages;
  readonly poll: () => void;
}

export interface RunCounts {
  readonly events: number;
  readonly portCalls: number;
  readonly ticks: number;
  readonly faultedTicks: number;
  readonly ranTicks: number;
  readonly sweeps: number;
  readonly requests: number;
  readonly tasks: number;
  readonly claimed: number;
  /** How claims ended. */
  readonly claimEnds: Readonly<Record<string, number>>;
  readonly instances: number;
  readonly instancesAtOnce: number;
  /** Most tasks that one node's document carried, and most kept volumes, at any time. */
  readonly nodeTasksMax: number;
  readonly keptMax: number;
  readonly syncs: number;
  readonly processes: number;
  readonly writes: number;
  readonly faults: Readonly<Partial<Record<FaultKind, number>>>;
  readonly simulatedMs: number;
}

/** `plain`: the short one of the simulator; `engine`: lib/core/allocation. */
export type AllocationName = 'plain' | 'engine';

export interface RunResult {
  readonly seed: number;
  readonly world: 'plain' | WideKind;
  readonly size: Size;
  readonly allocation: AllocationName;
  readonly violation: Violation | null;
  readonly hash: string;
  readonly counts: RunCounts;
  readonly trace: Trace;
  readonly rates: FaultRates;
  readonly requests: number;
}
