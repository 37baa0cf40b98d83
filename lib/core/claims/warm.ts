// The warm pool: machines that a pool keeps ready, running or stopped, for requests to come. Each has a record of its
// own, shaped and lived like a request's (launched, booted, stopped, lost, given back), which no tenant owns. Handing one
// over is one write: its record goes, and the request's says that the instance is its own.
import { isRefused } from '../plan/capacity-memory.ts';
import type { Offering } from '../values/offering.ts';
import { offeringId } from '../values/offering.ts';
import { addUsage, limitPassed, subtractUsage } from '../records/pool.ts';
import type { WarmSpec } from '../records/pool.ts';
import type { HoldDraft } from './working-copy.ts';
import type { HoldRecord, MachinePart, MachineSpec } from '../records/claim.ts';
import { newHold, resumed, tell, wantedMachine } from './lifecycle.ts';

/** Stands in a tenant's place. */
export const warmTenant = '(warm)';
const idPrefix = 'w-';

export function isWarm({ id }: Pick<HoldRecord, 'id'>): boolean {
  return id.startsWith(idPrefix);
}

/** Cloud-init runs an image's first-boot parts once: a boot that is cut short may leave it half set up. */
const bootedAfterMs = 60_000;
/** One that could not be had is tried again after this. */
const retryAfterMs = 300_000;
/** A request takes no machine that costs more than this many times what its cheapest would. */
const dearerMax = 2;

function specOf(warm: WarmSpec): MachineSpec {
  const { needs, requirements, imageId } = warm;
  return {
    type: 'virtual_machine', count: 1, leaseMs: null, deadlineMs: null, needs, requirements, imageId, capacityType: 'on-demand', subnetId: null, userData: null,
    keyName: null, instanceProfile: null, volumes: [], network: null, volumeRequests: [], networkRequests: [],
  };
}

function isSameSpec(hold: HoldRecord, spec: MachineSpec): boolean {
  return JSON.stringify(hold.spec) === JSON.stringify(spec);
}

function record(draft: HoldDraft, id: string, spec: MachineSpec): HoldRecord {
  return newHold({ id, tenant: warmTenant, pool: draft.seen.pool.name, bodyHash: '', spec }, draft.nowMs);
}

// ---- as many as declared -----------------------------------------------------------------------------

/** Machines are made, stopped, started and given back until there are as many of each kind as the pool declares. */
export function decideWarm(draft: HoldDraft): void {
  // What came back is written with the request that took it: it is counted from the next look on.
  if (draft.returnedWarm.length > 0) return;
  const { pool, isPoolDeleting, nowMs } = draft.seen;
  const wish = isPoolDeleting ? undefined : pool.warm;
  const spec = wish && specOf(wish);
  let failed = 0;
  for (const { record: one } of draft.seen.warmFailed) {
    const retryAtMs = (one.endedAtMs ?? 0) + retryAfterMs;
    if (spec && isSameSpec(one, spec) && retryAtMs > nowMs) {
      failed += 1;
      draft.dueAtMs.push(retryAtMs);
    } else draft.droppedWarm.push(one.id);
  }
  const standing = draft.holds().filter((hold) => isWarm(hold) && !isLeaving(hold));
  const fitting = standing.filter((hold) => spec && isSameSpec(hold, spec) && isOffered(draft, hold));
  for (const hold of standing) if (!fitting.includes(hold)) giveUp(draft, hold, `pool ${pool.name} keeps no machine like it any more`);
  if (!wish || !spec) return;
  const kept = makeRoom(draft, fitting).sort((a, b) => Number(a.state !== 'active') - Number(b.state !== 'active') || a.createdAtMs - b.createdAtMs || (a.id < b.id ? -1 : 1));
  settleKinds(draft, wish, kept);
  // What waits for room below the limits comes first.
  if (draft.short) return;
  for (let n = kept.length + failed; n < wish.running + wish.stopped; n += 1) draft.setHold(record(draft, `${idPrefix}${draft.seen.newId()}`, spec));
}

/** Running ones too many are stopped where stopped ones lack, and the other way round; what is too many altogether goes. */
function settleKinds(draft: HoldDraft, wish: WarmSpec, kept: readonly HoldRecord[]): void {
  const awake = kept.filter((hold) => hold.power === 'running');
  const asleep = kept.filter((hold) => hold.power === 'stopped');
  const awakeOver = awake.slice(wish.running);
  const asleepOver = asleep.slice(wish.stopped);
  for (const hold of awakeOver.splice(0, Math.max(0, wish.stopped - asleep.length))) {
    const refusedAtMs = hold.timeline.findLast((one) => one.code === 'stop_refused')?.atMs ?? -Infinity;
    const stopAtMs = Math.max((hold.startedAtMs ?? draft.nowMs) + bootedAfterMs, refusedAtMs + retryAfterMs);
    if (hold.state === 'active' && stopAtMs <= draft.nowMs) setPower(draft, hold, 'stopped');
    else draft.dueAtMs.push(stopAtMs);
  }
  for (const hold of asleepOver.splice(0, Math.max(0, wish.running - awake.length))) setPower(draft, hold, 'running');
  for (const hold of [...awakeOver, ...asleepOver]) giveUp(draft, hold, `pool ${draft.seen.pool.name} keeps fewer`);
}

function setPower(draft: HoldDraft, hold: HoldRecord, power: HoldRecord['power']): void {
  draft.isMoving = true;
  draft.setHold(tell({ ...hold, power }, { atMs: draft.nowMs, stage: hold.state, code: power === 'stopped' ? 'stop_requested' : 'start_requested', message: `is kept ${power} for the next request` }));
}

/** Only the wish: this very decision may have bought it, and the next one knows of that launch. */
function giveUp(draft: HoldDraft, hold: HoldRecord, why: string): void {
  draft.isMoving = true;
  draft.setHold(tell({ ...hold, cancelRequestedAtMs: draft.nowMs }, { atMs: draft.nowMs, stage: hold.state, code: 'release_requested', message: why }));
}

function isLeaving(hold: HoldRecord): boolean {
  return hold.state === 'releasing' || hold.cancelRequestedAtMs !== null;
}

function isOffered(draft: HoldDraft, hold: HoldRecord): boolean {
  const part = hold.machines[0];
  return part?.state !== 'there' || draft.seen.offerings.some((one) => one.id === idOf(part));
}

function idOf(part: MachinePart): string {
  return offeringId(part.instanceType ?? '', part.zone ?? '', part.capacityType);
}

/** A request that waits for room gets that of warm machines, where it is enough: the newest go. Answers those that stay. */
function makeRoom(draft: HoldDraft, warm: readonly HoldRecord[]): HoldRecord[] {
  const { short } = draft;
  if (!short) return [...warm];
  const { limits } = draft.seen.pool;
  let usage = short.usage;
  const free = (hold: HoldRecord): void => {
    for (const part of hold.machines) if (part.state === 'there') usage = subtractUsage(usage, part.reserved);
  };
  for (const hold of draft.holds()) if (isWarm(hold) && isLeaving(hold)) free(hold);
  const isEnough = (): boolean => limitPassed(limits, addUsage(usage, short.needed)) === null;
  const newest = warm.filter((hold) => hold.machines[0]?.state === 'there').sort((a, b) => b.createdAtMs - a.createdAtMs || (a.id < b.id ? 1 : -1));
  const going = new Set<HoldRecord>();
  for (const hold of newest) {
    if (isEnough()) break;
    free(hold);
    going.add(hold);
  }
  if (!isEnough()) return [...warm];
  for (const hold of going) giveUp(draft, hold, `makes room for ${short.request}`);
  return warm.filter((hold) => !going.has(hold));
}

// ---- handed over ---------------------------------------------------------------------------------------

export interface ReadyMachine {
  readonly hold: HoldRecord;
  readonly part: MachinePart;
  readonly offering: Offering;
  readonly isRunning: boolean;
}

/** What may be taken now: running ones first, then the oldest. */
export function readyMachines(draft: HoldDraft): ReadyMachine[] {
  const warm = draft.holds().filter((hold) => isWarm(hold) && hold.state === 'active' && !isLeaving(hold));
  if (warm.length === 0) return [];
  const offerings = new Map(draft.seen.offerings.map((one) => [one.id, one]));
  return warm.flatMap((hold): ReadyMachine[] => {
    const [part] = hold.machines;
    const offering = part && offerings.get(idOf(part));
    const state = draft.listing?.machines.get(part?.instanceId ?? '')?.state;
    if (!part || !offering || state !== hold.power) return [];
    if (state === 'stopped' && isRefused(draft.seen.memory, offering, draft.nowMs)) return [];
    return [{ hold, part, offering, isRunning: state === 'running' }];
  }).sort((a, b) => Number(b.isRunning) - Number(a.isRunning) || a.hold.createdAtMs - b.hold.createdAtMs || (a.hold.id < b.hold.id ? -1 : 1));
}

/**
 * At most `count` of `ready` for the request (and no more than one write hands over), whose offerings are `able`. What only a launch can give (user data, a key
 * pair, a role, a subnet by name, new volumes) has no warm machine; its groups are changed once it is the request's.
 */
export function warmFor(draft: HoldDraft, { id }: Pick<HoldRecord, 'id'>, spec: MachineSpec, count: number, able: readonly Offering[], ready: readonly ReadyMachine[]): readonly ReadyMachine[] {
  if (spec.capacityType !== 'on-demand' || spec.userData !== null || spec.keyName !== null || spec.instanceProfile !== null || spec.subnetId !== null || spec.volumes.length > 0) return [];
  const dearest = dearerMax * Math.min(...able.map((one) => one.priceUsdPerHour));
  const imageOf = (one: MachineSpec, offering: Offering): string => one.imageId ?? draft.seen.defaultImages[offering.type.arch];
  return ready.filter(({ hold, offering }) => hold.spec.type === 'virtual_machine' && able.includes(offering) && offering.priceUsdPerHour <= dearest
    && imageOf(spec, offering) === imageOf(hold.spec, offering)).slice(0, Math.min(count, draft.roomWith(id)));
}

/** The machines leave `ready` and become those of the first of `parts`; answers the request as it is then. */
export function takeWarm(draft: HoldDraft, hold: HoldRecord, parts: readonly MachinePart[], taken: readonly ReadyMachine[], ready: ReadyMachine[]): HoldRecord {
  const machines = hold.machines.map((part): MachinePart => {
    const got = taken[parts.indexOf(part)];
    if (got?.hold.spec.type !== 'virtual_machine') return part;
    return { ...resumed(got.part, draft.nowMs), index: part.index, warm: { id: got.hold.id, spec: got.hold.spec } };
  });
  for (const one of taken) {
    draft.takeWarm(one.hold.id, hold.id);
    ready.splice(ready.indexOf(one), 1);
  }
  const told = taken.map(({ part, isRunning }) => `${part.instanceId ?? ''} (${part.instanceType ?? ''}, ${isRunning ? 'running' : 'stopped'})`).slice(0, 5).join(', ');
  return draft.setHold(tell({ ...hold, machines, grantSinceMs: draft.nowMs }, { atMs: draft.nowMs, stage: hold.state, code: 'warm_taken', message: `takes ${told} from the warm pool` }));
}

/** A warm machine that ends before its request is granted is no loss of the request's: it gets another. */
export function forgetEnded(draft: HoldDraft, hold: HoldRecord): HoldRecord {
  const { spec } = hold;
  if (hold.state !== 'pending' || hold.startedAtMs !== null || spec.type !== 'virtual_machine') return hold;
  const isEnded = (part: MachinePart): boolean => part.warm !== undefined && ['shutting-down', 'terminated'].includes(draft.listing?.machines.get(part.instanceId ?? '')?.state ?? '');
  const ended = hold.machines.filter(isEnded);
  if (ended.length === 0) return hold;
  return draft.setHold(tell({ ...hold, machines: hold.machines.map((part) => (ended.includes(part) ? wantedMachine(hold.id, spec, part.index) : part)) }, {
    atMs: draft.nowMs, stage: hold.state, code: 'warm_lost', message: `${ended.map((part) => part.instanceId ?? '').join(', ')} had ended already`,
  }));
}

/** A stopped machine that EC2 has no capacity to start goes back, and its request buys elsewhere. Answers whether one went. */
export function returnUnstartable(draft: HoldDraft, hold: HoldRecord): boolean {
  if (hold.startedAtMs !== null || hold.spec.type !== 'virtual_machine') return false;
  const { spec } = hold;
  const out = hold.machines.filter((part) => part.warm && draft.listing?.machines.get(part.instanceId ?? '')?.state === 'stopped'
    && draft.seen.offerings.some((one) => one.id === idOf(part) && isRefused(draft.seen.memory, one, draft.nowMs)))
    .slice(0, draft.roomWith(hold.id));
  // It may wear the request's groups, which could not be deleted as long as it is kept: then it only goes back to be given up.
  const cancelRequestedAtMs = draft.groupsOf(hold.id).length > 0 ? draft.nowMs : null;
  for (const { warm, ...part } of out) {
    if (!warm) continue;
    draft.returnWarm({
      ...record(draft, warm.id, warm.spec), state: 'active', power: 'stopped', reason: 'stopped', startedAtMs: draft.nowMs, cancelRequestedAtMs,
      machines: [{ ...part, index: 0, stoppedSinceMs: draft.nowMs }],
    }, hold.id);
  }
  if (out.length === 0) return false;
  draft.isMoving = true;
  draft.setHold(tell({ ...hold, machines: hold.machines.map((part) => (out.includes(part) ? wantedMachine(hold.id, spec, part.index) : part)) }, {
    atMs: draft.nowMs, stage: hold.state, code: 'no_capacity', message: `EC2 has no capacity to start ${out.map((part) => part.instanceId ?? '').join(', ')}; goes back to the warm pool`,
  }));
  return true;
}
