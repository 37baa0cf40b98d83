// The warm pool: machines that a pool keeps ready, running or stopped, for future requests. Each has a claim of its own
// that belongs to no tenant and lives like any other (launched, stopped, lost, released). A request takes a machine in
// one write, which drops the warm claim's document and puts the instance into the request's: it never has two owners.
import { withTimeline } from '../../records/timeline.ts';
import { isRefused } from '../../plan/capacity-memory.ts';
import { isPaused } from '../../values/clocks.ts';
import type { Offering } from '../../values/offering.ts';
import { offeringId } from '../../values/offering.ts';
import { requirementsKey } from '../../values/requirements.ts';
import { isWithin } from '../../records/limits.ts';
import { addUsage, subtractUsage } from '../../records/pool.ts';
import type { WarmSpec } from '../../records/pool.ts';
import type { ClaimWorkingCopy } from '../working-copy.ts';
import type { ClaimRecord, MachineSpec } from '../../records/claim.ts';
import type { MachinePart } from '../../records/machine.ts';
import { isWarm, warmId } from '../documents.ts';
import { newClaim, resumed, wantedMachine } from '../lifecycle.ts';

/** The tenant of warm machines. */
export const warmTenant = '(warm)';
/** Cloud-init runs an image's first-boot parts once: a boot that is cut short may leave it half set up. */
const bootedAfterMs = 60_000;
/** After a launch that failed the next one waits for this long. */
const retryAfterMs = 300_000;
/** A request takes no warm machine that costs more than this many times its cheapest offering. */
const dearerMax = 2;

function specOf(warm: WarmSpec): MachineSpec {
  const { needs, requirements, imageId } = warm;
  return {
    type: 'virtual_machine',
    count: 1,
    leaseMs: null,
    deadlineMs: null,
    needs,
    requirements,
    imageId,
    capacityType: 'on-demand',
    subnetId: null,
    userData: null,
    keyName: null,
    instanceProfile: null,
    volumes: [],
    network: null,
    volumeRequests: [],
    networkRequests: [],
  };
}

/** By value: a pool declared anew in another order keeps its machines. */
function isSameSpec({ spec }: ClaimRecord, wanted: MachineSpec): boolean {
  if (JSON.stringify(spec) === JSON.stringify(wanted)) return true;
  return (
    requirementsKey(spec.requirements) === requirementsKey(wanted.requirements)
    && sortedJson({ ...spec, requirements: {} }) === sortedJson({ ...wanted, requirements: {} })
  );
}

function sortedJson(value: object): string {
  return JSON.stringify(value, (_, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}

function record(copy: ClaimWorkingCopy, id: string, spec: MachineSpec): ClaimRecord {
  return newClaim({ id, tenant: warmTenant, pool: copy.seen.pool.name, bodyHash: '', spec }, copy.nowMs);
}

// ---- as many as declared -----------------------------------------------------------------------------

/** Launches, stops, starts and releases machines until there are as many of each kind as the pool declares. */
export function decideWarm(copy: ClaimWorkingCopy): void {
  const { pool, isPoolDeleting, nowMs } = copy.seen;
  const wish = isPoolDeleting ? undefined : pool.warm;
  const spec = wish && specOf(wish);
  let failed = 0;
  for (const { record: one } of copy.seen.warmFailed) {
    const retryAtMs = (one.endedAtMs ?? 0) + retryAfterMs;
    if (spec && isSameSpec(one, spec) && isPaused(retryAtMs, nowMs, retryAfterMs)) {
      failed += 1;
      copy.dueAtMs.push(retryAtMs);
    } else copy.droppedWarm.push(one.id);
  }
  const standing = copy.claims().filter((claim) => isWarm(claim) && !isLeaving(claim));
  const fitting = standing.filter((claim) => spec && isSameSpec(claim, spec) && isOffered(copy, claim));
  for (const claim of standing)
    if (!fitting.includes(claim)) releaseWarm(copy, claim, `pool ${pool.name} keeps no machine like it any more`);
  if (!wish || !spec) return;
  const kept = makeRoom(copy, fitting).sort(
    (a, b) =>
      Number(a.state !== 'active') - Number(b.state !== 'active')
      || a.createdAtMs - b.createdAtMs
      || (a.id < b.id ? -1 : 1),
  );
  settleKinds(copy, wish, kept);
  // Requests that wait for the pool's limits come first.
  if (copy.short) return;
  for (let n = kept.length + failed; n < wish.running + wish.stopped; n += 1)
    copy.setClaim(record(copy, warmId(copy.terms.newId()), spec));
}

/** Stops surplus running machines if stopped ones are missing, and the reverse; releases what is surplus in total. */
function settleKinds(copy: ClaimWorkingCopy, wish: WarmSpec, kept: readonly ClaimRecord[]): void {
  const running = kept.filter((claim) => claim.power === 'running');
  const stopped = kept.filter((claim) => claim.power === 'stopped');
  const runningOver = running.slice(wish.running);
  const stoppedOver = stopped.slice(wish.stopped);
  for (const claim of runningOver.splice(0, Math.max(0, wish.stopped - stopped.length))) {
    const refusedAtMs = claim.timeline.findLast((one) => one.code === 'stop_refused')?.atMs ?? -Infinity;
    const stopAtMs = Math.max((claim.startedAtMs ?? copy.nowMs) + bootedAfterMs, refusedAtMs + retryAfterMs);
    if (claim.state === 'active' && !isPaused(stopAtMs, copy.nowMs, retryAfterMs)) setPower(copy, claim, 'stopped');
    else copy.dueAtMs.push(stopAtMs);
  }
  for (const claim of stoppedOver.splice(0, Math.max(0, wish.running - running.length)))
    setPower(copy, claim, 'running');
  for (const claim of [...runningOver, ...stoppedOver])
    releaseWarm(copy, claim, `pool ${copy.seen.pool.name} keeps fewer`);
}

function setPower(copy: ClaimWorkingCopy, claim: ClaimRecord, power: ClaimRecord['power']): void {
  copy.isMoving = true;
  copy.setClaim(
    withTimeline(
      { ...claim, power },
      {
        atMs: copy.nowMs,
        stage: claim.state,
        code: power === 'stopped' ? 'stop_requested' : 'start_requested',
        message: `is kept ${power} for the next request`,
      },
    ),
  );
}

/** Only requests the release: this same decision may have launched the machine, and the next one knows the launch. */
function releaseWarm(copy: ClaimWorkingCopy, claim: ClaimRecord, why: string): void {
  copy.isMoving = true;
  copy.setClaim(
    withTimeline(
      { ...claim, cancelRequestedAtMs: copy.nowMs },
      { atMs: copy.nowMs, stage: claim.state, code: 'release_requested', message: why },
    ),
  );
}

function isLeaving(claim: ClaimRecord): boolean {
  return claim.state === 'releasing' || claim.cancelRequestedAtMs !== null;
}

function isOffered(copy: ClaimWorkingCopy, claim: ClaimRecord): boolean {
  const part = claim.machines[0];
  return part?.state !== 'there' || copy.seen.offerings.some((one) => one.id === idOf(part));
}

function idOf(part: MachinePart): string {
  return offeringId(part.instanceType ?? '', part.zone ?? '', part.capacityType);
}

/**
 * If a request waits for the pool's limits and releasing warm machines makes enough room, releases the newest ones.
 * Returns those that stay.
 */
function makeRoom(copy: ClaimWorkingCopy, warm: readonly ClaimRecord[]): ClaimRecord[] {
  const { short } = copy;
  if (!short) return [...warm];
  const { limits } = copy.seen.pool;
  let usage = short.usage;
  const free = (claim: ClaimRecord): void => {
    for (const part of claim.machines) if (part.state === 'there') usage = subtractUsage(usage, part.reserved);
  };
  for (const claim of copy.claims()) if (isWarm(claim) && isLeaving(claim)) free(claim);
  const isEnough = (): boolean => isWithin(addUsage(usage, short.needed), limits);
  const newest = warm
    .filter((claim) => claim.machines[0]?.state === 'there')
    .sort((a, b) => b.createdAtMs - a.createdAtMs || (a.id < b.id ? 1 : -1));
  const going = new Set<ClaimRecord>();
  for (const claim of newest) {
    if (isEnough()) break;
    free(claim);
    going.add(claim);
  }
  if (!isEnough()) return [...warm];
  for (const claim of going) releaseWarm(copy, claim, `makes room for ${short.request}`);
  return warm.filter((claim) => !going.has(claim));
}

// ---- handed over ---------------------------------------------------------------------------------------

export interface ReadyMachine {
  readonly claim: ClaimRecord;
  readonly part: MachinePart;
  readonly offering: Offering;
  readonly isRunning: boolean;
}

/** Machines that a request can take now: running ones first, then the oldest. */
export function readyMachines(copy: ClaimWorkingCopy): ReadyMachine[] {
  const warm = copy.claims().filter((claim) => isWarm(claim) && claim.state === 'active' && !isLeaving(claim));
  if (warm.length === 0) return [];
  const offerings = new Map(copy.seen.offerings.map((one) => [one.id, one]));
  return warm
    .flatMap((claim): ReadyMachine[] => {
      const [part] = claim.machines;
      const offering = part && offerings.get(idOf(part));
      const state = copy.listing?.machines.get(part?.instanceId ?? '')?.state;
      if (!part || !offering || state !== claim.power) return [];
      if (state === 'stopped' && isRefused(copy.seen.memory, offering, copy.nowMs)) return [];
      return [{ claim, part, offering, isRunning: state === 'running' }];
    })
    .sort(
      (a, b) =>
        Number(b.isRunning) - Number(a.isRunning)
        || a.claim.createdAtMs - b.claim.createdAtMs
        || (a.claim.id < b.claim.id ? -1 : 1),
    );
}

/**
 * At most `count` of `ready` that suit the request, whose offerings are `able`. None if the request asks for something
 * that can only be set at launch (user data, key pair, role, subnet, new volumes); groups can be changed afterwards.
 */
export function warmFor(
  copy: ClaimWorkingCopy,
  spec: MachineSpec,
  count: number,
  able: readonly Offering[],
  ready: readonly ReadyMachine[],
): readonly ReadyMachine[] {
  if (
    spec.capacityType !== 'on-demand'
    || spec.userData !== null
    || spec.keyName !== null
    || spec.instanceProfile !== null
    || spec.subnetId !== null
    || spec.volumes.length > 0
  )
    return [];
  const dearest = dearerMax * Math.min(...able.map((one) => one.priceUsdPerHour));
  const imageOf = (one: MachineSpec, offering: Offering): string =>
    one.imageId ?? copy.terms.machineImages[offering.type.arch];
  return ready
    .filter(
      ({ claim, offering }) =>
        claim.spec.type === 'virtual_machine'
        && able.includes(offering)
        && offering.priceUsdPerHour <= dearest
        && imageOf(spec, offering) === imageOf(claim.spec, offering),
    )
    .slice(0, count);
}

/** Moves the machines from `ready` into the first of the request's `parts`; returns the changed request. */
export function takeWarm(
  copy: ClaimWorkingCopy,
  claim: ClaimRecord,
  parts: readonly MachinePart[],
  taken: readonly ReadyMachine[],
  ready: ReadyMachine[],
): ClaimRecord {
  const machines = claim.machines.map((part): MachinePart => {
    const got = taken[parts.indexOf(part)];
    if (got?.claim.spec.type !== 'virtual_machine') return part;
    return { ...resumed(got.part, copy.nowMs), index: part.index, warm: { id: got.claim.id, spec: got.claim.spec } };
  });
  for (const one of taken) {
    copy.dropClaim(one.claim.id);
    ready.splice(ready.indexOf(one), 1);
  }
  const named = taken
    .map(
      ({ part, isRunning }) =>
        `${part.instanceId ?? ''} (${part.instanceType ?? ''}, ${isRunning ? 'running' : 'stopped'})`,
    )
    .slice(0, 5)
    .join(', ');
  return copy.setClaim(
    withTimeline(
      { ...claim, machines, grantSinceMs: copy.nowMs },
      { atMs: copy.nowMs, stage: claim.state, code: 'warm_taken', message: `takes ${named} from the warm pool` },
    ),
  );
}

/** A warm machine that ended before its request was granted is replaced: the request has lost nothing yet. */
export function forgetEnded(copy: ClaimWorkingCopy, claim: ClaimRecord): ClaimRecord {
  const { spec } = claim;
  if (claim.state !== 'pending' || claim.startedAtMs !== null || spec.type !== 'virtual_machine') return claim;
  const isEnded = (part: MachinePart): boolean =>
    part.warm !== undefined
    && ['shutting-down', 'terminated'].includes(copy.listing?.machines.get(part.instanceId ?? '')?.state ?? '');
  const ended = claim.machines.filter(isEnded);
  if (ended.length === 0) return claim;
  return copy.setClaim(
    withTimeline(
      {
        ...claim,
        machines: claim.machines.map((part) =>
          ended.includes(part) ? wantedMachine(claim.id, spec, part.index) : part,
        ),
      },
      {
        atMs: copy.nowMs,
        stage: claim.state,
        code: 'warm_lost',
        message: `${ended.map((part) => part.instanceId ?? '').join(', ')} had ended already`,
      },
    ),
  );
}

/**
 * Returns stopped machines that EC2 has no capacity to start to the warm pool; the request launches others. true: it
 * returned one.
 */
export function returnUnstartable(copy: ClaimWorkingCopy, claim: ClaimRecord): boolean {
  if (claim.startedAtMs !== null || claim.spec.type !== 'virtual_machine') return false;
  const { spec } = claim;
  const out = claim.machines.filter(
    (part) =>
      part.warm
      && copy.listing?.machines.get(part.instanceId ?? '')?.state === 'stopped'
      && copy.seen.offerings.some((one) => one.id === idOf(part) && isRefused(copy.seen.memory, one, copy.nowMs)),
  );
  // It may have the request's security groups attached. They could never be deleted while it is kept, so release it.
  const cancelRequestedAtMs = copy.groupsOf(claim.id).length > 0 ? copy.nowMs : null;
  for (const { warm, ...part } of out) {
    if (!warm) continue;
    copy.setClaim({
      ...record(copy, warm.id, warm.spec),
      state: 'active',
      power: 'stopped',
      reason: 'stopped',
      startedAtMs: copy.nowMs,
      cancelRequestedAtMs,
      machines: [{ ...part, index: 0, stoppedSinceMs: copy.nowMs }],
    });
  }
  if (out.length === 0) return false;
  copy.isMoving = true;
  copy.setClaim(
    withTimeline(
      {
        ...claim,
        machines: claim.machines.map((part) => (out.includes(part) ? wantedMachine(claim.id, spec, part.index) : part)),
      },
      {
        atMs: copy.nowMs,
        stage: claim.state,
        code: 'no_capacity',
        message:
          `EC2 has no capacity to start ${out.map((part) => part.instanceId ?? '').join(', ')}; returned `
          + 'to the warm pool',
      },
    ),
  );
  return true;
}
