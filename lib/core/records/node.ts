// A node: one EC2 instance of a pool and the one document that says what runs on it.
import type { NodeLaunch } from './launch.ts';
import type { Machine } from './machine.ts';
import type { Health, OpenPort } from '../services/serving.ts';
import type { InstanceType } from '../values/offering.ts';
import type { Requirements } from '../values/requirements.ts';
import type { Resources } from '../values/resources.ts';
import { sumResources } from '../values/resources.ts';

/**
 * launching -> ready -> draining -> terminating -> gone (the document is deleted); any -> draining. Never back, but for
 * warm nodes (see tasks/warm): ready -> stopping -> stopped -> starting -> ready.
 */
export type NodeState = 'launching' | 'ready' | 'stopping' | 'stopped' | 'starting' | 'draining' | 'terminating';

/** What a replica uses: over the last time that its agent looked at. */
export interface NodeUsage {
  readonly cpuMilli: number;
  readonly memoryMib: number;
}

export interface Assignment {
  readonly attemptId: string;
  readonly requestId: string;
  readonly index: number;
  readonly attempt: number;
  readonly resources: Resources;
  /** A reply to the agent may have listed it. Until then it can be taken back at once. */
  readonly isOffered: boolean;
  /** For a single task this is where it is written that it is placed: its row is not touched. */
  readonly placedAtMs: number;
  readonly startedAtMs: number | null;
  /** The agent's last word on a start that takes long. */
  readonly note?: string;
  readonly expectedEndAtMs: number | null;
  /** It is a replica of a service: a tick wants to hear that it serves, or does not. */
  readonly isServing?: true;
  /** Absent: it serves when it has started. */
  readonly isChecked?: true;
  readonly ports?: readonly OpenPort[];
  /** Its agent's last verdict, and when it came; absent: there was none. */
  readonly health?: Health & { readonly atMs: number };
  /** As its agent told it when the document was last written: it is no reason to write. Absent: it did not. */
  readonly usage?: NodeUsage;
  /** When it last said that its work is saved, to within `lastSeenWriteMs` (see settings); absent: it did not. */
  readonly savedAtMs?: number;
  /** The node takes no other task beside it. */
  readonly isAlone?: true;
  /**
   * Storage requests whose volumes must be attached to the node first: the agent does not hear
   * of the attempt before.
   */
  readonly mounts?: { readonly requests: readonly string[]; readonly areAttached: boolean };
  /** Absent: of before there was one. */
  readonly payer?: Payer;
  /** Set when the task shall stop; holds once a later sync no longer lists the attempt. */
  readonly withdrawn: { readonly reason: string; readonly atSeq: number; readonly atBootId: string } | null;
}

/** Who pays for an attempt. */
export interface Payer {
  readonly tenant: string;
  /** Of the keys that the installation declares; absent: none. */
  readonly labels?: Readonly<Record<string, string>>;
  /** Where the node's meter stood when it came (see costs/meter.ts). */
  readonly meterNanoUsd: number;
}

/** What attempts that have left a node cost on a day. */
export interface NodeBill extends Pick<Payer, 'tenant' | 'labels'> {
  /** Days since 1970, in UTC. */
  readonly day: number;
  readonly nanoUsd: number;
}

/** What takes a node: a method of core/disruption, or a decision about it that failed. */
export type DisruptionName =
  | 'emptiness'
  | 'announced'
  | 'making-room'
  | 'boot-timeout'
  | 'pool-deletion'
  | 'ending'
  | 'interruption'
  | 'drift'
  | 'expiry'
  | 'consolidation'
  | 'unhealthy'
  | 'operator'
  | 'termination'
  | 'silence'
  | 'set-aside'
  | 'refused-power';

/** Why a node takes no more tasks. */
export interface NodeDrain {
  readonly by: DisruptionName;
  /** For people. */
  readonly reason: string;
  readonly atMs: number;
  /** When EC2 takes the instance; null: it did not say. */
  readonly deadlineMs: number | null;
  /** From then on its tasks are stopped and queued again; absent: they run until they end. */
  readonly stopAtMs?: number;
}

/** An operator's word that the node takes no more tasks and stays. */
export interface NodeCordon {
  readonly by: string;
  readonly atMs: number;
}

/** So many requests are named of which attempts could not be started on a node. */
export const failedRequestsMax = 8;

/** Attempts that could not be started on a node, without one in between that could. */
export interface NodeStartFailures {
  readonly count: number;
  /** Ids, the last ones. */
  readonly requests: readonly string[];
  /** Of the last one. */
  readonly message: string;
  readonly sinceMs: number;
}

/** At most so many nodes are replaced by one. */
export const replacedMax = 8;

/** What a task took of a node, and when; of the oldest ones two or more together. */
export interface RanOnNode extends Resources {
  /** After the node's `createdAtMs`. */
  readonly fromMs: number;
  readonly ms: number;
}

/** When a machine came to where its first task runs: by its own clock. What is absent is not known, or has not been. */
export interface NodeBoot {
  readonly kernelAtMs?: number;
  /** The first line of its user data. */
  readonly userDataAtMs?: number;
  /** Runtime and agent were on its disk. Absent also where its image has them. */
  readonly unpackedAtMs?: number;
  readonly agentAtMs: number;
  readonly taskAtMs?: number;
}

/** Of a node that is stopped when it has no work: what its stops and starts have left. */
export interface NodeWarm {
  /** How often it was stopped. */
  readonly stops: number;
  /** When it was last decided that it stops or starts. */
  readonly askedAtMs: number;
  /** When EC2 accepted that; absent: it has not yet. */
  readonly acceptedAtMs?: number;
  /** A call that it stops may still reach EC2 until then: it is not started before. Absent: there is none. */
  readonly unheardUntilMs?: number;
  /** What it had cost when its price last changed, by a stop or a start, and when that was. */
  readonly spentUsd: number;
  readonly sinceMs: number;
  /** While it runs. */
  readonly runningUsdPerHour: number;
  /** When its agent first called after its last start, and how long that start took; absent: it never started again. */
  readonly lastStart?: { readonly readyAtMs: number; readonly tookMs: number };
}

/** A machine with an agent. */
export interface NodeRecord extends Machine {
  /** The EC2 instance id. */
  readonly id: string;
  readonly pool: string;
  readonly launchId: string;
  readonly specVersion: number;
  /** Of the launch template that it was started from. */
  readonly templateVersion: string;
  readonly instanceType: string;
  readonly zone: string;
  /** Id of the capacity reservation or block that it was launched into; absent: none was named. */
  readonly reservation?: string;
  readonly allocatable: Resources;
  readonly tasksMax: number;
  readonly state: NodeState;
  readonly createdAtMs: number;
  readonly readyAtMs: number | null;
  /** As its first agent told it; absent: it did not. */
  readonly boot?: NodeBoot;
  /** Of its agent (see sync.ts), which says what it can do; absent: it did not say, or has not called yet. */
  readonly agentProtocol?: number;
  /** The agent's boot; '' before its first sync. */
  readonly bootId: string;
  readonly seq: number;
  /** Last sync, to within `lastSeenWriteMs` (see settings): heartbeats without news are not all written. */
  readonly lastSeenAtMs: number | null;
  readonly assigned: readonly Assignment[];
  /** Where its tasks are reached; absent: its agent did not say. */
  readonly address?: string;
  /**
   * Single tasks whose end is in their row, which has left the open ones, but is not published yet:
   * request ids. Absent: none.
   */
  readonly ended?: readonly string[];
  /** When it was last tried to give the node a bell, and whether it has one (see ports/bells.ts). Absent: never. */
  readonly bell?: { readonly triedAtMs: number; readonly isThere: boolean };
  readonly emptySinceMs: number | null;
  /** What has ended on it (see regret/history.ts); absent: nothing. */
  readonly ran?: readonly RanOnNode[];
  /** What its tasks asked of instance types; null: different things, absent: nothing. */
  readonly asked?: Requirements | null;
  /** What a whole share of it has cost up to then (see costs/meter.ts); absent: nothing was placed on it. */
  readonly meter?: { readonly atMs: number; readonly nanoUsd: number };
  /** What the pool's days do not know yet (see costs/bills.ts); absent: nothing. */
  readonly bills?: readonly NodeBill[];
  /** Up to when, and up to where of its meter, the pool's days know what it costs; absent: nothing of it. */
  readonly billed?: { readonly toMs: number; readonly meterNanoUsd: number };
  /** Absent: the last attempt that was started there did start, or none was. */
  readonly startFailures?: NodeStartFailures;
  /** Why its agent says that it cannot work; absent: it does not say so. */
  readonly trouble?: { readonly reason: string; readonly sinceMs: number };
  /** Nodes that go when it is ready, if that still pays (see disruption/consolidation-choice.ts); absent: none. */
  readonly replaces?: readonly string[];
  readonly drain: NodeDrain | null;
  /** One of the pool's warm nodes; absent: it is terminated when it has no work. */
  readonly warm?: NodeWarm;
  /** Absent: it takes tasks as its state says. */
  readonly cordon?: NodeCordon;
  /** EC2 takes it at that time (maintenance, a retirement): it works until shortly before. Absent: nothing is known. */
  readonly announced?: { readonly reason: string; readonly atMs: number };
  /** Evidence of termination, or the fence time: nothing runs there any more. */
  readonly isLost: boolean;
  /**
   * Its loss counts against the tasks that it still carries (see node-losses.ts); absent: it does
   * not, or it is not lost.
   */
  readonly isLossCounted?: true;
  readonly terminateAcceptedAtMs: number | null;
  /** Set when a decision about it failed: it is set aside with the error (see set-aside.ts). */
  readonly quarantine?: string;
}

/** It stops, is stopped or starts: no agent is expected to call, and no task is on it. */
export function isOff({ state }: Pick<NodeRecord, 'state'>): boolean {
  return state === 'stopping' || state === 'stopped' || state === 'starting';
}

/** Something that its agent shall hear of before its next paced sync: a task to start, or one to stop. */
export function isRingDue({ bell, assigned }: Pick<NodeRecord, 'bell' | 'assigned'>): boolean {
  return (
    bell?.isThere === true && assigned.some((one) => one.withdrawn !== null || !(one.isOffered || awaitsMounts(one)))
  );
}

const sums = new WeakMap<readonly Assignment[], Resources>();

/** What its tasks have of it; worked out once for each list of them. */
export function assignedOn({ assigned }: Pick<NodeRecord, 'assigned'>): Resources {
  const known = sums.get(assigned);
  if (known !== undefined) return known;
  const sum = sumResources(assigned.map((one) => one.resources));
  sums.set(assigned, sum);
  return sum;
}

/** Its agent hears of it when its volumes are attached. */
export function awaitsMounts(assignment: Pick<Assignment, 'mounts'>): boolean {
  return assignment.mounts?.areAttached === false;
}

/** Of a node that has never been stopped. */
export function newWarm(createdAtMs: number, runningUsdPerHour: number): NodeWarm {
  return { stops: 0, askedAtMs: createdAtMs, spentUsd: 0, sinceMs: createdAtMs, runningUsdPerHour };
}

/** The document of an instance that the launch made. Its part of the launch's reservation passes to it. */
export function newNode(
  launch: NodeLaunch,
  instance: Pick<NodeRecord, 'id' | 'instanceType' | 'zone' | 'capacityType' | 'priceUsdPerHour'>,
  type: Pick<InstanceType, 'allocatable' | 'vcpu' | 'memoryMib'>,
  nowMs: number,
): NodeRecord {
  const { id, instanceType, zone, capacityType, priceUsdPerHour } = instance;
  return {
    id,
    pool: launch.pool,
    launchId: launch.id,
    specVersion: launch.specVersion,
    templateVersion: launch.request.templateVersion,
    instanceType,
    zone,
    ...(launch.request.reservation === undefined ? {} : { reservation: launch.request.reservation.id }),
    capacityType,
    priceUsdPerHour,
    allocatable: type.allocatable,
    tasksMax: launch.tasksMax,
    ...(launch.replaces === undefined ? {} : { replaces: launch.replaces }),
    ...(launch.isWarm === true ? { warm: newWarm(nowMs, priceUsdPerHour) } : {}),
    reserved: { instances: 1, vcpu: type.vcpu, memoryMib: type.memoryMib, usdPerHour: priceUsdPerHour },
    state: 'launching',
    createdAtMs: nowMs,
    readyAtMs: null,
    bootId: '',
    seq: 0,
    lastSeenAtMs: null,
    assigned: [],
    emptySinceMs: null,
    drain: null,
    isLost: false,
    terminateAcceptedAtMs: null,
    missingSinceMs: null,
  };
}

export const startSteps = ['launched', 'kernel', 'user data', 'runtime', 'agent', 'first sync', 'first task'] as const;
export type StartStep = (typeof startSteps)[number];

/**
 * Those that are known, in their order. `launched` and `first sync` are by the controller's clock, the others by the
 * node's. ms since 1970.
 */
export function startOf(
  node: Pick<NodeRecord, 'createdAtMs' | 'readyAtMs' | 'boot'>,
): readonly { readonly step: StartStep; readonly atMs: number }[] {
  const { kernelAtMs, userDataAtMs, unpackedAtMs, agentAtMs, taskAtMs } = node.boot ?? {};
  const times: Readonly<Record<StartStep, number | null | undefined>> = {
    launched: node.createdAtMs,
    kernel: kernelAtMs,
    'user data': userDataAtMs,
    runtime: unpackedAtMs,
    agent: agentAtMs,
    'first sync': node.readyAtMs,
    'first task': taskAtMs,
  };
  return startSteps.flatMap((step) => {
    const atMs = times[step];
    return atMs === null || atMs === undefined ? [] : [{ step, atMs }];
  });
}
