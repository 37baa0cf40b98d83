// What becomes of services: replicas that are missing are started, those that are too many or of an older template are
// drained and stopped, and those that ended by themselves are replaced, each later than the one before. A replica is a
// request of one task, or a claim of one machine, like any other: where it runs is decided with all the rest, in the
// next round.
import type { ClaimWorkingCopy } from '../claims/working-copy.ts';
import type { RecordWrite } from '../plan/plan.ts';
import { Slices } from '../plan/parts/slices.ts';
import { isClaim } from '../records/claim.ts';
import type { RequestRecord, ServiceMember, TaskSpec } from '../records/request.ts';
import { withTimeline } from '../records/timeline.ts';
import { newRequest } from '../tasks/request-lifecycle.ts';
import { retryDelayMs } from '../tasks/task-lifecycle.ts';
import { isFarAhead } from '../values/clocks.ts';
import { assert } from '../values/errors.ts';
import { leavesAtMs, machineEnd, newMachine, releasedMachine } from './machines/machine-replica.ts';
import type { NewReplica } from './machines/machine-replica.ts';
import type { Crash, Replica, ReplicaStop, ServiceEvent, ServiceRecord } from './record.ts';
import { replicaId, revisionOf, runningMax, withEvents } from './record.ts';
import type { ReplicaState } from './replica-state.ts';
import { replicaStates, targetsOf } from './replica-state.ts';
import { placesOf } from './places.ts';
import { judgeRollout, rolloutDueAtMs } from './rollout.ts';
import { waitsForRoom } from './room.ts';
import { scaledService, scalingDueAtMs } from './scaling.ts';
import { signalsOf } from './signals.ts';
import { mayBeRegistered } from './targets/record.ts';
import { drainMsOf } from './targets/serving.ts';

/** What ran so long was no crash in a row. */
export const crashForgottenMs = 600_000;

/** Answers when the next look is due for the sake of services; null: when something happens. */
export function decideServices(copy: ClaimWorkingCopy): number | null {
  let dueAtMs: number | null = null;
  for (const { record } of copy.seen.services ?? []) {
    if (record.quarantine !== undefined) continue; // nobody knows what its replicas are
    dueAtMs = earliest(dueAtMs, new ServiceDecision(record, copy).decide());
  }
  return dueAtMs;
}

/** The first is at once; then 1, 2, 4 s … up to 5 minutes. `crashes`: in a row. */
export function restartDelayMs(crashes: number): number {
  return crashes <= 1 ? 0 : retryDelayMs(crashes - 1);
}

/** One step: what it makes of the document, and what is written with it. */
interface Step {
  readonly change: (record: ServiceRecord) => ServiceRecord;
  readonly writes: readonly RecordWrite[];
}

/** Of the present revision, replicas that ended by themselves, and how the last one did; null: none. */
interface Failures {
  readonly ended: number;
  readonly last: string | null;
}

class ServiceDecision {
  readonly #before: ServiceRecord;
  /** With the revision that it shall have now. */
  #now: ServiceRecord;
  readonly #copy: ClaimWorkingCopy;
  readonly #steps: Step[] = [];
  readonly #events: ServiceEvent[] = [];
  /** By place, how what was in it has ended, of those that this decision sees. */
  readonly #ends = new Map<number, string>();

  constructor(record: ServiceRecord, copy: ClaimWorkingCopy) {
    this.#before = record;
    this.#now = record;
    this.#copy = copy;
  }

  decide(): number | null {
    const states = replicaStates(this.#before, this.#copy);
    const crashed = new Map(this.#before.crashed.map((one) => [one.slot, one.crashes]));
    const failures = this.#collect(states, crashed);
    const { nowMs, seen } = this.#copy;
    const there = states.filter(({ phase }) => phase !== 'gone');
    const live = there.filter(({ replica }) => replica.stop === null);
    const isGoing = this.#before.deletingSinceMs !== null || seen.isPoolDeleting;
    const scaledAtMs = isGoing ? null : this.#scale(live);
    const wanted = isGoing ? 0 : this.#now.replicas;
    if (!isGoing) this.#judge(live, failures, wanted);
    const { starts, stops } = placesOf(there, { ...this.#now, replicas: wanted }, nowMs);
    for (const { state, reason } of stops) this.#stop(state, reason, crashed);
    const stopped = new Set(stops.map(({ state }) => state));
    this.#start(
      Math.min(starts, runningMax - there.length),
      live.filter((one) => !stopped.has(one)),
      crashed,
    );
    this.#cancelDrained(states);
    this.#write();
    // What is registered goes with it: who deregisters finds why it fails in its events.
    const isRegistered = targetsOf(this.#before, seen.targets ?? []).some(mayBeRegistered);
    if (isGoing && states.every((one) => one.phase === 'gone') && !isRegistered) this.#forget();
    const due = [this.#drainedAtMs(states), rolloutDueAtMs(this.#now, live, nowMs), takenAtMs(live, nowMs)];
    return due.reduce(earliest, scaledAtMs);
  }

  /** As many as policies want. Answers when they may want another number though nothing happens. */
  #scale(live: readonly ReplicaState[]): number | null {
    if (this.#before.scaling === undefined) return null;
    const last = scaledService(this.#before, signalsOf(this.#before, live, this.#copy));
    if (last === null) return null;
    const { record, event } = last;
    if (event) this.#events.push(event);
    if (record !== this.#before) {
      const { replicas, scaled, updatedAtMs } = record;
      this.#now = record;
      this.#step((before) => ({ ...before, replicas, updatedAtMs, ...(scaled && { scaled }) }));
    }
    return scalingDueAtMs(record, last, this.#copy.nowMs, this.#copy.seen.cloudWatch?.nextMs ?? null);
  }

  #judge(live: readonly ReplicaState[], { ended, last }: Failures, wanted: number): void {
    const { revision } = this.#before;
    // What a target group refuses stays for now, and is no failure at each look: without progress the update fails.
    const unhealthy = live.filter(
      (one) => one.phase === 'unhealthy' && one.refusedBecause === null && one.replica.revision === revision,
    ).length;
    const { record, event } = judgeRollout(
      this.#now,
      {
        ...{ live, wanted, failures: ended + unhealthy, lastEnd: last },
        lacksRoom: (one) => waitsForRoom(one, this.#copy),
      },
      this.#copy.nowMs,
    );
    if (record === this.#now) return;
    this.#now = record;
    if (event) this.#events.push(event);
    this.#step((before) => ({ ...before, revision: record.revision, rollout: record.rollout }));
  }

  /**
   * What has ended leaves the list; what ended by itself is remembered until its place is taken again. Answers how
   * many of the present revision did so.
   */
  #collect(states: readonly ReplicaState[], crashed: Map<number, number>): Failures {
    let failures: Failures = { ended: 0, last: null };
    for (const state of states) {
      if (state.phase !== 'gone') continue;
      const { replica, request } = state;
      const { slot, stop } = replica;
      const end = stop === null ? endOf(state) : null;
      const crashes = crashesAfter(replica, request, this.#copy.nowMs);
      const named = `replica ${String(slot)} (${replica.request})`;
      const crash: Crash | null = end?.isCrash === true ? { slot, crashes } : null;
      if (crash) {
        if (end?.isFault === true && replica.revision === this.#before.revision)
          failures = { ended: failures.ended + 1, last: end.text };
        crashed.set(slot, crashes);
        this.#ends.set(slot, end?.text ?? '');
        const waitMs = restartDelayMs(crashes);
        const next = waitMs === 0 ? 'is replaced at once' : `is replaced in ${String(waitMs / 1000)} s`;
        const times = crashes > 1 ? `, having ended ${String(crashes)} times in a row` : '';
        this.#say(waitMs === 0 ? 'replica_ended' : 'crash_loop', `${named} ${end?.text ?? ''}: it ${next}${times}`);
      } else if (end) this.#say('replica_ended', `${named} ${end.text}`);
      this.#step((record) => ({
        ...record,
        running: record.running.filter((one) => one.request !== replica.request),
        crashed: crash ? [...record.crashed.filter((one) => one.slot !== slot), crash] : record.crashed,
      }));
    }
    return failures;
  }

  #start(count: number, live: readonly ReplicaState[], crashed: ReadonlyMap<number, number>): void {
    if (count <= 0) return;
    const { revision, pool, tenant, started } = this.#now;
    const template = revisionOf(this.#now, revision)?.template;
    assert(template, `service ${this.#before.name} has no revision ${String(revision)}`);
    const { nowMs } = this.#copy;
    const taken = new Set(live.map((one) => one.replica.slot));
    const slots = freeSlots(taken, crashed, count);
    this.#say(
      'replicas_started',
      `${String(count)} ${count === 1 ? 'replica' : 'replicas'} of revision ${String(revision)} started: `
        + `${String(this.#now.replicas)} wanted, ${String(live.length)} there`,
    );
    for (const [n, slot] of slots.entries()) {
      const crashes = crashed.get(slot) ?? 0;
      const id = replicaId(this.#before, started + n);
      const service = { name: this.#before.name, slot, revision };
      const fresh = {
        id,
        tenant,
        pool,
        service,
        notBeforeMs: nowMs + restartDelayMs(crashes),
        after: this.#ends.get(slot),
      };
      const write =
        template.type === 'task' ? newTask(template, this.#before, fresh, nowMs) : newMachine(template, fresh, nowMs);
      const replica: Replica = { request: id, slot, revision, crashes, stop: null };
      this.#step(
        (before) => ({
          ...before,
          started: started + n + 1,
          running: [...before.running, replica],
          crashed: before.crashed.filter((one) => one.slot !== slot),
        }),
        [write],
      );
    }
  }

  /** What serves is drained first: who sends it requests hears of it before it stops. */
  #stop({ replica, phase, request, isTarget }: ReplicaState, reason: string, crashed: Map<number, number>): void {
    const { nowMs } = this.#copy;
    const crash = phase === 'unhealthy' ? { slot: replica.slot, crashes: crashesAfter(replica, request, nowMs) } : null;
    if (crash) crashed.set(crash.slot, crash.crashes);
    const groups = targetsOf(this.#before, this.#copy.seen.targets ?? []);
    const cancelAtMs = phase === 'ready' || isTarget ? nowMs + drainMsOf(this.#before, groups) : nowMs;
    const isNow = cancelAtMs <= nowMs;
    this.#say('replica_stopped', `replica ${String(replica.slot)} (${replica.request}) is stopped: ${reason}`);
    this.#step(
      (record) => ({
        ...record,
        running: record.running.map((one) =>
          one.request === replica.request ? { ...one, stop: { atMs: nowMs, cancelAtMs, reason } } : one,
        ),
        crashed: crash ? [...record.crashed.filter((one) => one.slot !== crash.slot), crash] : record.crashed,
      }),
      isNow ? cancelled(request, reason, this.#copy) : [],
    );
  }

  #cancelDrained(states: readonly ReplicaState[]): void {
    for (const { replica, request } of states) {
      const { stop } = replica;
      if (stop === null || !isToCancel(request)) continue;
      const { nowMs } = this.#copy;
      // A clock wrote it that was far ahead: it is drained from now on.
      if (isFarAhead(stop.atMs, nowMs)) this.#drainAnew(replica.request, nowMs);
      if (stop.cancelAtMs > nowMs) continue;
      this.#step((record) => record, cancelled(request, stop.reason, this.#copy));
    }
  }

  #drainAnew(request: string, nowMs: number): void {
    const drained = (stop: ReplicaStop): ReplicaStop => ({
      ...stop,
      atMs: nowMs,
      cancelAtMs: nowMs + stop.cancelAtMs - stop.atMs,
    });
    this.#step((record) => ({
      ...record,
      running: record.running.map((one) =>
        one.request === request && one.stop !== null ? { ...one, stop: drained(one.stop) } : one,
      ),
    }));
  }

  #step(change: Step['change'], writes: readonly RecordWrite[] = []): void {
    this.#steps.push({ change, writes });
  }

  #say(code: string, message: string): void {
    this.#events.push({ atMs: this.#copy.nowMs, code, message });
  }

  /** The document is written with every part: a replica is on its list from the moment that its request is there. */
  #write(): void {
    let record = withEvents(this.#before, this.#events);
    // Where the end of a request is not written, its replica stays on the list.
    const needs = this.#before.running.map(
      ({ request }) => `${this.#copy.claim(request) === undefined ? 'request' : 'claim'} ${request}`,
    );
    const slices = new Slices<Step>(this.#copy.suspects, (steps, writes) => {
      for (const { change } of steps) record = change(record);
      assert(record.running.length <= runningMax, `service ${record.name} has too many replicas`);
      this.#copy.change('service', this.#reason(), [{ type: 'service', record }, ...writes], { needs });
    });
    for (const step of this.#steps) slices.add(step, step.writes);
    slices.end();
  }

  #reason(): string {
    return this.#events.at(-1)?.message ?? 'replicas moved';
  }

  #forget(): void {
    const { tenant, name } = this.#before;
    this.#copy.change('service', 'it was deleted, and its replicas are gone', [
      { type: 'drop', name: { kind: 'service', tenant, name } },
    ]);
  }

  #drainedAtMs(states: readonly ReplicaState[]): number | null {
    const due = states.flatMap(({ replica: { stop }, request }) =>
      stop !== null && isToCancel(request) ? [stop.cancelAtMs] : [],
    );
    return due.length === 0 ? null : due.reduce((a, b) => Math.min(a, b));
  }
}

/** When the first of the machines that EC2 will take later is to be replaced; null: there is none. */
function takenAtMs(live: readonly ReplicaState[], nowMs: number): number | null {
  return live
    .map(({ request }) => (request !== null && isClaim(request) ? leavesAtMs(request) : null))
    .filter((atMs) => atMs !== null && atMs > nowMs)
    .reduce(earliest, null);
}

function earliest(a: number | null, b: number | null): number | null {
  return a === null || b === null ? (a ?? b) : Math.min(a, b);
}

function newTask(
  template: TaskSpec,
  of: Pick<ServiceRecord, 'id'>,
  { id, tenant, pool, service, notBeforeMs }: NewReplica,
  nowMs: number,
): RecordWrite {
  const fresh = newRequest({ id, tenant, pool, bodyHash: '', spec: replicaSpec(template, of, service) }, nowMs);
  const record: RequestRecord = { ...fresh, tasks: fresh.tasks.map((task) => ({ ...task, notBeforeMs })) };
  return { type: 'request', record };
}

/** How one that is gone, and was not stopped by its service, has ended. */
function endOf({ request }: ReplicaState): { isCrash: boolean; isFault: boolean; text: string } {
  if (request === null) return { isCrash: false, isFault: false, text: 'is gone' };
  if (isClaim(request)) return machineEnd(request);
  // What somebody cancelled did not end by itself.
  const isCrash = request.state !== 'cancelled';
  const text = isCrash ? `ended by itself, ${request.reason ?? 'with exit code 0'}` : 'is gone';
  return { isCrash, isFault: isCrash, text };
}

/** The template, as one of its replicas is asked for. */
function replicaSpec(template: TaskSpec, { id }: Pick<ServiceRecord, 'id'>, service: ServiceMember): TaskSpec {
  const { name, slot, revision } = service;
  const own = { BELLOWS_SERVICE: name, BELLOWS_REPLICA: String(slot), BELLOWS_REVISION: String(revision) };
  const { group = `service-${id}`, antiAffinity = [], ports = [] } = template;
  // One process of a node can have a port.
  const apart = ports.some((one) => one.port !== undefined)
    ? { group, antiAffinity: [...antiAffinity, { topology: 'node', group } as const] }
    : {};
  return { ...template, ...apart, env: { ...template.env, ...own }, service };
}

/** Crashes in a row once it has ended, or serves no more. */
function crashesAfter({ crashes }: Replica, request: ReplicaState['request'], nowMs: number): number {
  const startedAtMs = request?.startedAtMs ?? null;
  const ranMs = startedAtMs === null ? 0 : (request?.endedAtMs ?? nowMs) - startedAtMs;
  return ranMs >= crashForgottenMs ? 1 : crashes + 1;
}

/** Where something crashed first, so that its place waits; then the lowest. */
function freeSlots(taken: ReadonlySet<number>, crashed: ReadonlyMap<number, number>, count: number): readonly number[] {
  const slots = [...crashed.keys()]
    .filter((slot) => !taken.has(slot))
    .sort((a, b) => a - b)
    .slice(0, count);
  for (let slot = 0; slots.length < count; slot += 1) if (!taken.has(slot) && !slots.includes(slot)) slots.push(slot);
  return slots;
}

/** It is there, and neither ends nor is released yet. */
function isToCancel(request: ReplicaState['request']): request is NonNullable<ReplicaState['request']> {
  return (
    request !== null
    && request.endedAtMs === null
    && request.cancelRequestedAtMs === null
    && request.state !== 'releasing'
  );
}

function cancelled(request: ReplicaState['request'], reason: string, copy: ClaimWorkingCopy): readonly RecordWrite[] {
  if (!isToCancel(request)) return [];
  if (isClaim(request)) {
    const released = releasedMachine(request.id, reason, copy);
    return released === null ? [] : [released];
  }
  const { nowMs } = copy;
  const entry = { atMs: nowMs, stage: 'cancelling', code: 'cancel_requested' };
  return [
    copy.setRequest(
      withTimeline(
        { ...request, cancelRequestedAtMs: nowMs, quarantine: null },
        { ...entry, message: `stopped by its service: ${reason}` },
      ),
    ),
  ];
}
