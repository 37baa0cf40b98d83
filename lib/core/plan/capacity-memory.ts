// What EC2 refused, at which scope, and until when it is not asked again: keeps refusals with their back-off, and says
// which offerings they exclude (tasks/placing/refusal-reason.ts explains them). Control stores it. For error codes see
// values/ec2-error-codes.ts.
import { droughtsAfter } from '../catalog/shortage-memory.ts';
import type { Droughts, ShapeNews } from '../catalog/shortage-memory.ts';
import { instanceType } from '../catalog/index.ts';
import { quotaClass } from '../catalog/quotas.ts';
import type { QuotaClass } from '../catalog/quotas.ts';
import type { RefusalScope } from '../values/ec2-error-codes.ts';
import { shortages } from '../values/ec2-error-codes.ts';
import type { CapacityType, Offering } from '../values/offering.ts';
import { offeringId } from '../values/offering.ts';
import type { DecisionSettings } from '../values/settings.ts';

export interface LaunchFault {
  /** EC2's code, e.g. `InsufficientInstanceCapacity`. */
  readonly code: string;
  readonly scope: RefusalScope;
  /**
   * The override that EC2 named; a part is null where it is not known, the whole where the error
   * is of the whole call.
   */
  readonly about: { readonly instanceType: string | null; readonly zone: string | null } | null;
  readonly message: string;
}

/** Not a code of EC2's: nodes that came and whose agent never called. */
export const neverCalled = 'NodesNeverCalled';

/** One thing that is not asked for. */
export interface Refusal {
  readonly untilMs: number;
  /** How long it was excluded for: longer the next time. */
  readonly waitMs: number;
  readonly code: string;
  /** EC2's message, cut; absent where the code says it all. */
  readonly message?: string;
  /** Of a quota of vCPUs: what has more is excluded, since what was asked for had twice as many; absent: all is. */
  readonly aboveVcpu?: number;
}

/** A gang of which only a part came. */
export interface PartialGang {
  readonly came: number;
  readonly of: number;
  readonly waitMs: number;
  /** null: the rest may still be had elsewhere. */
  readonly untilMs: number | null;
}

export interface CapacityMemory {
  /**
   * By what is refused: an offering's id, one with stars in place of type, zone or capacity
   * type, or `quota g/spot`.
   */
  readonly refusals: Readonly<Record<string, Refusal>>;
  /** Launches in a row that came to nothing by errors that are no shortage. */
  readonly failedCalls: number;
  /** Nodes that came and never called since the last that did; counted up to `countedToMs`. */
  readonly boots: { readonly failed: number; readonly countedToMs: number; readonly last: string } | null;
  /** By request id. */
  readonly gangs: Readonly<Record<string, PartialGang>>;
  /** See tasks/capacity/long-shortage.ts; absent: none. */
  readonly droughts?: Droughts;
}

export const emptyCapacityMemory: CapacityMemory = { refusals: {}, failedCalls: 0, boots: null, gangs: {} };

/** What is kept fits an item of the store with room to spare: an entry is some 120 bytes. */
export const refusalsMax = 2_500;
export const gangsMax = 200;
/** EC2's messages on single offerings are kept as long as there are few. */
const messagesMax = 200;
const messageMax = 300;
/** So many calls in a row, or nodes, without one that worked: the cause is what they have in common. */
const failuresInARow = 3;
const suspectWaits = 2;

type Timing = Pick<
  DecisionSettings,
  'outOfCapacityMs' | 'outOfCapacityMaxMs' | 'accountPauseMs' | 'accountPauseMaxMs' | 'ownFaultMs' | 'ownFaultMaxMs'
>;

export const everything = '*/*/*';

function zoneKeys(zone: string, capacityType: CapacityType | '*'): string {
  return `*/${zone}/${capacityType}`;
}

function bucketKey(bucket: QuotaClass, capacityType: CapacityType): string {
  return `quota ${bucket}/${capacityType}`;
}

function bucketOf(instanceType: string): QuotaClass {
  return quotaClass(instanceType.slice(0, Math.max(0, instanceType.indexOf('.'))));
}

/** A key of one offering, of a type, or of a type in a zone. */
export function isNarrow(key: string): boolean {
  return !key.startsWith('quota ') && !key.startsWith('*') && !key.startsWith(reservationPrefix);
}

const reservationPrefix = 'reservation ';

/**
 * Why nothing is launched into a reservation now; null: something may be. That EC2 is short of its type, or that a
 * quota is used up, is nothing to it: its instances are set aside, and counted already.
 */
export function reservationRefusal(
  { refusals }: Pick<CapacityMemory, 'refusals'>,
  { name, zone }: { readonly name: string; readonly zone: string },
  nowMs: number,
): Refusal | null {
  const keys = [everything, '*/*/on-demand', zoneKeys(zone, '*'), zoneKeys(zone, 'on-demand')];
  for (const key of [`${reservationPrefix}${name}`, ...keys]) {
    const refusal = refusals[key];
    if (refusal && refusal.untilMs > nowMs && refusal.aboveVcpu === undefined) return refusal;
  }
  return null;
}

/** Every key under which the offering may be refused, the widest first. */
function keysOf({
  type,
  zone,
  capacityType,
  id,
}: Pick<Offering, 'type' | 'zone' | 'capacityType' | 'id'>): readonly string[] {
  return [
    everything,
    `*/*/${capacityType}`,
    bucketKey(quotaClass(type.family), capacityType),
    zoneKeys(zone, '*'),
    zoneKeys(zone, capacityType),
    `${type.name}/*/*`,
    `${type.name}/*/${capacityType}`,
    `${type.name}/${zone}/*`,
    id,
  ];
}

/** The widest refusal that excludes the offering now; null: it may be asked for. */
export function refusalOf(
  memory: Pick<CapacityMemory, 'refusals'>,
  offering: Offering,
  nowMs: number,
): { readonly key: string; readonly refusal: Refusal } | null {
  for (const key of keysOf(offering)) {
    const refusal = memory.refusals[key];
    if (refusal && refusal.untilMs > nowMs && offering.type.vcpu > (refusal.aboveVcpu ?? 0)) return { key, refusal };
  }
  return null;
}

export function isRefused(memory: Pick<CapacityMemory, 'refusals'>, offering: Offering, nowMs: number): boolean {
  return refusalOf(memory, offering, nowMs) !== null;
}

export function hasRefusals(memory: Pick<CapacityMemory, 'refusals'>, nowMs: number): boolean {
  return Object.values(memory.refusals).some((one) => one.untilMs > nowMs);
}

/** The times at which something that is refused now may be asked for again. */
export function refusalTimes(memory: Pick<CapacityMemory, 'refusals' | 'gangs'>, nowMs: number): readonly number[] {
  return [...Object.values(memory.refusals), ...Object.values(memory.gangs)].flatMap(({ untilMs }) =>
    untilMs !== null && untilMs > nowMs ? [untilMs] : [],
  );
}

// ---- remembering ---------------------------------------------------------------------------------------

/** What EC2 said of one launch. */
export interface LaunchNews {
  readonly capacityType: CapacityType;
  /** What it was asked for. */
  readonly asked: readonly { readonly instanceType: string; readonly zone: string }[];
  readonly launched: readonly { readonly instanceType: string; readonly zone: string }[];
  readonly count: number;
  readonly faults: readonly LaunchFault[];
  /** Gangs, by request, that the nodes were for. */
  readonly gangs: readonly string[];
  /** Shapes of the tasks that the nodes were for. */
  readonly shapes?: readonly string[];
  /** Id of the capacity reservation that was named: refusals are about that one alone. Absent: none was. */
  readonly reservation?: string;
  /** The same call is made once more, and answers again. Absent: this answer is its last. */
  readonly isAskedAgain?: true;
}

/**
 * Of each wait over the one before. Capacity comes and goes by the minute; a fault or a quota that
 * stood twice will stand.
 */
function growth(code: string): number {
  return shortages.has(code) ? 1.5 : 2;
}

class WorkingCopy {
  readonly refusals: Map<string, Refusal>;
  readonly #nowMs: number;

  constructor(memory: CapacityMemory, nowMs: number) {
    this.refusals = new Map(Object.entries(memory.refusals));
    this.#nowMs = nowMs;
  }

  /** Longer each time; news that come while it is refused already are of the same time, but may exclude more. */
  refuse(key: string, { code, message, aboveVcpu = 0 }: Refused, firstMs: number, maxMs: number): void {
    const known = this.refusals.get(key);
    if (known && known.untilMs > this.#nowMs && known.code === code) {
      const { aboveVcpu: before = 0, ...rest } = known;
      if (aboveVcpu < before) this.refusals.set(key, { ...rest, ...(aboveVcpu > 0 ? { aboveVcpu } : {}) });
      return;
    }
    // What is long past may still be written down: nothing grows from it.
    const before = known && this.#nowMs < known.untilMs + maxMs ? known : undefined;
    const waitMs = Math.min(maxMs, before ? Math.max(firstMs, growth(code) * before.waitMs) : firstMs);
    this.refusals.set(key, {
      untilMs: this.#nowMs + waitMs,
      waitMs,
      code,
      ...(message ? { message: message.slice(0, messageMax) } : {}),
      ...(aboveVcpu > 0 ? { aboveVcpu } : {}),
    });
  }

  /** Forgets refusals of what these news show to be available again, but for what they refuse themselves. */
  forgetOld({ reservation, launched, asked, capacityType }: LaunchNews, refused: ReadonlySet<string>): void {
    if (reservation !== undefined) {
      if (launched.length > 0 && refused.size === 0) this.refusals.delete(`${reservationPrefix}${reservation}`);
      return;
    }
    // What was launched without a fault is there: the next refusal of it is a first one.
    for (const { instanceType: name, zone } of launched) {
      for (const key of [
        offeringId(name, zone, capacityType),
        bucketKey(bucketOf(name), capacityType),
        zoneKeys(zone, capacityType),
        `*/*/${capacityType}`,
      ]) {
        // What is small enough says nothing of what is larger.
        const { aboveVcpu = 0 } = this.refusals.get(key) ?? {};
        const isLarger = (instanceType(name)?.vcpu ?? Infinity) > aboveVcpu;
        if (!refused.has(key) && isLarger) this.refusals.delete(key);
      }
    }
    // EC2 had something, and said nothing of the others that it was asked for: what was known of their shortage is old.
    if (launched.length > 0)
      for (const { instanceType: name, zone } of asked) {
        const key = offeringId(name, zone, capacityType);
        const known = this.refusals.get(key);
        if (known && !refused.has(key) && shortages.has(known.code)) this.refusals.delete(key);
      }
  }
}

type Refused = Pick<Refusal, 'code' | 'message' | 'aboveVcpu'>;

/**
 * A quota leaves less than was asked for, and may leave room for less: what has at most half as many vCPUs as the
 * smallest that was refused. 0: nothing more is asked for.
 */
function vcpuLeft(
  { code, about }: LaunchFault,
  { asked, reservation }: Pick<LaunchNews, 'asked' | 'reservation'>,
): number {
  // A reservation has one type, so nothing smaller is left of it.
  if (!quotasOfVcpu.has(code) || reservation !== undefined) return 0;
  const names = about?.instanceType ? [about.instanceType] : asked.map((one) => one.instanceType);
  return Math.floor(Math.min(...names.map((name) => instanceType(name)?.vcpu ?? 0)) / 2);
}

const quotasOfVcpu: ReadonlySet<string> = new Set(['VcpuLimitExceeded', 'MaxSpotInstanceCountExceeded']);

/** What one fault excludes. */
function closedBy(
  { code, scope, about }: LaunchFault,
  { capacityType, asked, reservation }: Pick<LaunchNews, 'capacityType' | 'asked' | 'reservation'>,
): readonly string[] {
  // All else is bought in another way, and with other permissions.
  if (reservation !== undefined) return [`${reservationPrefix}${reservation}`];
  const offerings = asked.map((one) => offeringId(one.instanceType, one.zone, capacityType));
  switch (scope) {
    case 'offering':
    case 'request':
      if (about?.instanceType)
        return [
          about.zone === null
            ? `${about.instanceType}/*/${capacityType}`
            : offeringId(about.instanceType, about.zone, capacityType),
        ];
      return offerings;
    case 'zone':
    case 'subnet': {
      const zones = about?.zone ? [about.zone] : [...new Set(asked.map((one) => one.zone))];
      return zones.map((zone) => zoneKeys(zone, scope === 'subnet' ? '*' : capacityType));
    }
    case 'quota': {
      if (about?.instanceType) return [bucketKey(bucketOf(about.instanceType), capacityType)];
      // Said of the whole call: spot's own code is all of spot; a bucket's is every bucket that was asked for.
      if (code === 'MaxSpotInstanceCountExceeded') return [`*/*/${capacityType}`];
      if (code === 'InstanceLimitExceeded') return [everything];
      return [...new Set(asked.map((one) => bucketKey(bucketOf(one.instanceType), capacityType)))];
    }
    case 'capacity-type':
      return [`*/*/${capacityType}`];
    case 'account':
      return [everything];
  }
}

/** The memory after EC2's answers to launches (or starts) of one look. */
export function rememberNews(
  memory: CapacityMemory,
  news: readonly LaunchNews[],
  nowMs: number,
  timing: Timing,
): CapacityMemory {
  const copy = new WorkingCopy(memory, nowMs);
  let { failedCalls } = memory;
  for (const one of news) {
    const refused = new Set<string>();
    for (const fault of one.faults) {
      // Where the table knows a code, it decides; the adapter knows whether it was one override's.
      const keys = closedBy(fault, one);
      const [firstMs, maxMs] = waitOf(fault, timing);
      for (const key of keys) {
        refused.add(key);
        const message = shortages.has(fault.code) ? '' : fault.message;
        copy.refuse(key, { code: fault.code, message, aboveVcpu: vcpuLeft(fault, one) }, firstMs, maxMs);
      }
    }
    copy.forgetOld(one, refused);
    // It says nothing of what is bought without it.
    if (one.reservation !== undefined) continue;
    const own = one.faults.find((fault) => !shortages.has(fault.code) && ['offering', 'request'].includes(fault.scope));
    if (one.launched.length > 0) failedCalls = 0;
    else if (own) {
      failedCalls += 1;
      if (failedCalls >= failuresInARow) copy.refuse(everything, own, timing.accountPauseMs, timing.accountPauseMaxMs);
    }
  }
  const { droughts: before, ...others } = memory;
  const droughts = droughtsAfter(
    before,
    news.filter(({ reservation }) => reservation === undefined).map(shortNews),
    nowMs,
    timing,
  );
  return {
    ...others,
    failedCalls,
    refusals: bounded(copy.refusals),
    gangs: withGangs(memory.gangs, news, timing),
    ...(droughts === null ? {} : { droughts }),
  };
}

function shortNews({ shapes = [], launched, faults }: LaunchNews): ShapeNews {
  return { shapes, hasCome: launched.length > 0, isShort: faults.length > 0 && faults.every(isShortage) };
}

/** Keys of refusals that are about this offering, or its type in a zone or in all of them. */
export function narrowKeysOf({ type, zone, capacityType, id }: Offering): readonly string[] {
  return [id, `${type.name}/*/${capacityType}`, `${type.name}/${zone}/*`, `${type.name}/*/*`];
}

export function isShortage({ code }: Pick<Refusal, 'code'>): boolean {
  return shortages.has(code);
}

function waitOf({ code, scope }: LaunchFault, timing: Timing): readonly [number, number] {
  if (shortages.has(code)) return [timing.outOfCapacityMs, timing.outOfCapacityMaxMs];
  // A fault of an offering's own does not pass soon: another is as good.
  return scope === 'offering' || scope === 'request'
    ? [timing.ownFaultMs, timing.ownFaultMaxMs]
    : [timing.accountPauseMs, timing.accountPauseMaxMs];
}

function withGangs(
  before: CapacityMemory['gangs'],
  news: readonly LaunchNews[],
  timing: Timing,
): CapacityMemory['gangs'] {
  const sums = new Map<string, { came: number; of: number }>();
  for (const { gangs, launched, count } of news) {
    for (const gang of gangs) {
      const sum = sums.get(gang) ?? { came: 0, of: 0 };
      sums.set(gang, { came: sum.came + launched.length, of: sum.of + count });
    }
  }
  if (sums.size === 0) return before;
  const after = new Map(Object.entries(before));
  for (const [gang, { came, of }] of sums) {
    const known = after.get(gang);
    // The rest of a try that goes on counts towards the same whole.
    if (known?.untilMs === null) after.set(gang, { ...known, came: known.came + came });
    else if (known || (came > 0 && came < of))
      after.set(gang, {
        came,
        of,
        waitMs: known ? Math.min(timing.ownFaultMaxMs, 2 * known.waitMs) : timing.ownFaultMs,
        untilMs: null,
      });
  }
  return Object.fromEntries([...after].slice(-gangsMax));
}

/**
 * Gangs that cannot be placed whole now wait, and longer each time; `lacking`: those that the plan leaves
 * unplaced; `waiting`: all that still wait.
 */
export function claimGangs(
  gangs: CapacityMemory['gangs'],
  lacking: ReadonlySet<string>,
  waiting: ReadonlySet<string>,
  nowMs: number,
): CapacityMemory['gangs'] {
  return Object.fromEntries(
    Object.entries(gangs)
      .filter(([id]) => waiting.has(id))
      .map(([id, gang]) => [
        id,
        gang.untilMs === null && gang.came < gang.of && lacking.has(id)
          ? { ...gang, untilMs: nowMs + gang.waitMs }
          : gang,
      ]),
  );
}

/** A node as far as its boot tells. */
export interface BootedNode {
  readonly instanceType: string;
  readonly zone: string;
  readonly capacityType: CapacityType;
  readonly createdAtMs: number;
  /** null: its agent never called. */
  readonly readyAtMs: number | null;
  /** Why it was given up before it called; null: it was not. */
  readonly failure: { readonly atMs: number; readonly message: string } | null;
}

/** Nodes that never called, or ended before: counted once each, and excluded as narrowly as what else booted allows. */
export function rememberBoots(
  memory: CapacityMemory,
  nodes: readonly BootedNode[],
  nowMs: number,
  timing: Timing,
): CapacityMemory {
  const since = memory.boots?.countedToMs ?? -Infinity;
  const ready = nodes.filter((node) => node.readyAtMs !== null);
  const failed = nodes.filter((node) => node.failure !== null && node.readyAtMs === null && node.failure.atMs > since);
  const isMended = memory.boots !== null && ready.some((node) => (node.readyAtMs ?? 0) > since);
  if (failed.length === 0 && !isMended) return memory;
  const copy = new WorkingCopy(memory, nowMs);
  let boots = isMended ? null : memory.boots;
  if (isMended && copy.refusals.get(everything)?.code === neverCalled) copy.refusals.delete(everything);
  for (const node of failed) {
    const { atMs, message } = node.failure ?? { atMs: nowMs, message: '' };
    const code = stateCode(message);
    if (code === 'SpotInstanceTermination' || code === 'InsufficientInstanceCapacity') {
      copy.refuse(
        offeringId(node.instanceType, node.zone, node.capacityType),
        { code },
        timing.outOfCapacityMs,
        timing.outOfCapacityMaxMs,
      );
      boots = {
        failed: boots?.failed ?? 0,
        last: boots?.last ?? message,
        countedToMs: Math.max(boots?.countedToMs ?? 0, atMs),
      };
      continue;
    }
    boots = {
      failed: (boots?.failed ?? 0) + 1,
      last: message.slice(0, messageMax),
      countedToMs: Math.max(boots?.countedToMs ?? 0, atMs),
    };
    // Longer than what is blocked below: what is tried next is something else.
    copy.refuse(
      suspectOf(node, ready),
      { code: code ?? neverCalled, message },
      suspectWaits * timing.ownFaultMs,
      suspectWaits * timing.ownFaultMaxMs,
    );
  }
  // All of them, and none that called: it is what they have in common.
  const hasCalled = ready.some((node) => failed.some((one) => (node.readyAtMs ?? 0) >= one.createdAtMs));
  if (hasCalled && boots) boots = { ...boots, failed: 0 };
  if (boots && boots.failed >= failuresInARow && failed.length > 0)
    copy.refuse(everything, { code: neverCalled }, timing.ownFaultMs, timing.ownFaultMaxMs);
  return { ...memory, boots, refusals: bounded(copy.refusals) };
}

/** What is to blame for a node that did not come up: its type, its zone, or, where nothing tells, the two together. */
function suspectOf(node: BootedNode, ready: readonly BootedNode[]): string {
  const since = ready.filter((one) => (one.readyAtMs ?? 0) >= node.createdAtMs);
  const isSame = (one: BootedNode): boolean => one.instanceType === node.instanceType;
  if (since.some((one) => one.zone === node.zone && !isSame(one)) && !since.some(isSame))
    return `${node.instanceType}/*/*`;
  if (since.some(isSame) && !since.some((one) => one.zone === node.zone)) return zoneKeys(node.zone, '*');
  return `${node.instanceType}/${node.zone}/*`;
}

/** `Server.InternalError: Internal error on launch` -> `InternalError`. */
function stateCode(message: string): string | null {
  return /\b(?:Client|Server)\.([A-Za-z][A-Za-z.]*[A-Za-z])/.exec(message)?.[1] ?? null;
}

/** While nodes come and never call, one at a time is bought to see whether that has passed. */
export function buysOneAtATime({ boots }: Pick<CapacityMemory, 'boots'>): boolean {
  return boots !== null && boots.failed >= failuresInARow;
}

/** What to say to those who wait while one is tried; null: nodes call. */
export function tryingReason(memory: Pick<CapacityMemory, 'boots'>): string | null {
  if (!buysOneAtATime(memory)) return null;
  const last = memory.boots?.last ? ` The last: ${memory.boots.last}.` : '';
  return (
    `${String(memory.boots?.failed ?? failuresInARow)} nodes came and never called; look at their `
    + `image, their agent and their way to the control plane.${last} One is bought at a time to see `
    + 'whether that has passed.'
  );
}

/**
 * Without what is long past: a back-off is remembered for a while after its end, so that the next is longer (a
 * node's boot lies between).
 */
export function pruned(memory: CapacityMemory, nowMs: number, timing: Timing): CapacityMemory {
  const keepMs = ({ code }: Refusal): number =>
    shortages.has(code) ? timing.outOfCapacityMaxMs : timing.ownFaultMaxMs;
  const live = Object.entries(memory.refusals)
    .filter(([, one]) => nowMs < one.untilMs + keepMs(one))
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return { ...memory, refusals: Object.fromEntries(live) };
}

/**
 * Too many offerings become their types: each is asked for again when the first of its zones would have been.
 * What is still too much, and ends first, is forgotten.
 */
function bounded(refusals: Map<string, Refusal>): CapacityMemory['refusals'] {
  if (refusals.size <= messagesMax) return Object.fromEntries(refusals);
  for (const [key, { message: _words, ...refusal }] of refusals) if (isNarrow(key)) refusals.set(key, refusal);
  if (refusals.size <= refusalsMax) return Object.fromEntries(refusals);
  const folded = new Map<string, Refusal>();
  for (const [key, refusal] of refusals) {
    const [type = '', zone = '', capacityType = ''] = key.split('/');
    const isOffering = isNarrow(key) && zone !== '*';
    const wide = isOffering ? `${type}/*/${capacityType}` : key;
    const same = folded.get(wide);
    folded.set(wide, same && same.untilMs < refusal.untilMs ? same : refusal);
  }
  // What excludes much, or has no type to be folded into, is little, and stays.
  const rank = (key: string): number => (isNarrow(key) ? 1 : 0);
  return Object.fromEntries(
    [...folded]
      .sort(([a, one], [b, other]) => rank(a) - rank(b) || other.untilMs - one.untilMs || (a < b ? -1 : 1))
      .slice(0, refusalsMax),
  );
}
