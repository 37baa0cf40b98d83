// What EC2 refused, at which scope, and until when it is not asked again: keeps refusals with their back-off, says
// which offerings they exclude, and explains them. Control stores it. For error codes see values/ec2-error-codes.ts.
import { droughtsAfter } from '../catalog/droughts.ts';
import type { Droughts, ShapeNews } from '../catalog/droughts.ts';
import { quotaClass, quotas } from '../catalog/quotas.ts';
import type { QuotaClass } from '../catalog/quotas.ts';
import type { RefusalScope } from '../values/ec2-error-codes.ts';
import { hasKnownScope, shortages } from '../values/ec2-error-codes.ts';
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

const everything = '*/*/*';

function zoneKeys(zone: string, capacityType: CapacityType | '*'): string {
  return `*/${zone}/${capacityType}`;
}

function bucketKey(bucket: QuotaClass, capacityType: CapacityType): string {
  return `quota ${bucket}/${capacityType}`;
}

function bucketOf(instanceType: string): QuotaClass {
  return quotaClass(instanceType.slice(0, Math.max(0, instanceType.indexOf('.'))));
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
    if (refusal && refusal.untilMs > nowMs) return { key, refusal };
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

  /** Longer each time; news that come while it is refused already are of the same time. */
  refuse(key: string, code: string, firstMs: number, maxMs: number, message?: string): void {
    const known = this.refusals.get(key);
    if (known && known.untilMs > this.#nowMs && known.code === code) return;
    // What is long past may still be written down: nothing grows from it.
    const before = known && this.#nowMs < known.untilMs + maxMs ? known : undefined;
    const waitMs = Math.min(maxMs, before ? Math.max(firstMs, growth(code) * before.waitMs) : firstMs);
    this.refusals.set(key, {
      untilMs: this.#nowMs + waitMs,
      waitMs,
      code,
      ...(message ? { message: message.slice(0, messageMax) } : {}),
    });
  }
}

/** What one fault excludes. */
function closedBy(
  { code, scope, about }: LaunchFault,
  { capacityType, asked }: Pick<LaunchNews, 'capacityType' | 'asked'>,
): readonly string[] {
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
        copy.refuse(key, fault.code, firstMs, maxMs, shortages.has(fault.code) ? undefined : fault.message);
      }
    }
    // What was launched without a fault is there: the next refusal of it is a first one.
    for (const { instanceType, zone } of one.launched) {
      for (const key of [
        offeringId(instanceType, zone, one.capacityType),
        bucketKey(bucketOf(instanceType), one.capacityType),
        zoneKeys(zone, one.capacityType),
        `*/*/${one.capacityType}`,
      ]) {
        if (!refused.has(key)) copy.refusals.delete(key);
      }
    }
    // EC2 had something, and said nothing of the others that it was asked for: what was known of their shortage is old.
    if (one.launched.length > 0)
      for (const { instanceType, zone } of one.asked) {
        const key = offeringId(instanceType, zone, one.capacityType);
        const known = copy.refusals.get(key);
        if (known && !refused.has(key) && shortages.has(known.code)) copy.refusals.delete(key);
      }
    const own = one.faults.find((fault) => !shortages.has(fault.code) && ['offering', 'request'].includes(fault.scope));
    if (one.launched.length > 0) failedCalls = 0;
    else if (own) {
      failedCalls += 1;
      if (failedCalls >= failuresInARow)
        copy.refuse(everything, own.code, timing.accountPauseMs, timing.accountPauseMaxMs, own.message);
    }
  }
  const { droughts: before, ...others } = memory;
  const droughts = droughtsAfter(before, news.map(shortNews), nowMs, timing);
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
        code,
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
      code ?? neverCalled,
      suspectWaits * timing.ownFaultMs,
      suspectWaits * timing.ownFaultMaxMs,
      message,
    );
  }
  // All of them, and none that called: it is what they have in common.
  const hasCalled = ready.some((node) => failed.some((one) => (node.readyAtMs ?? 0) >= one.createdAtMs));
  if (hasCalled && boots) boots = { ...boots, failed: 0 };
  if (boots && boots.failed >= failuresInARow && failed.length > 0)
    copy.refuse(everything, neverCalled, timing.ownFaultMs, timing.ownFaultMaxMs);
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
    const isOffering = !key.startsWith('quota ') && type !== '*' && zone !== '*';
    const wide = isOffering ? `${type}/*/${capacityType}` : key;
    const same = folded.get(wide);
    folded.set(wide, same && same.untilMs < refusal.untilMs ? same : refusal);
  }
  return Object.fromEntries(
    [...folded].sort(([a, one], [b, other]) => other.untilMs - one.untilMs || (a < b ? -1 : 1)).slice(0, refusalsMax),
  );
}

// ---- explaining ----------------------------------------------------------------------------------------

export interface RefusalReason {
  readonly code: 'no_capacity' | 'account_limit' | 'launch_refused';
  readonly message: string;
  /** When the first of what is refused is asked for again. */
  readonly nextTryAtMs: number;
}

const namedMax = 3;

/**
 * Why none of `offerings` (those that could carry what waits) can be bought now: the code, its scope, until
 * when, and the cure; null where one of them is not refused. What GPUs and accelerators are refused for says
 * nothing of what needs none.
 */
export function refusalReason(
  memory: CapacityMemory,
  offerings: readonly Offering[],
  nowMs: number,
  isGpuWanted: boolean,
): RefusalReason | null {
  const plain = isGpuWanted ? offerings : offerings.filter(isPlain);
  const counts = new Map<string, { readonly refusal: Refusal; count: number; readonly example: Offering }>();
  for (const offering of plain.length > 0 ? plain : offerings) {
    const found = refusalOf(memory, offering, nowMs);
    if (!found) return null;
    // Shortages of offerings are one thing to say, however many there are.
    const group = isNarrow(found.key) ? found.refusal.code : found.key;
    const same = counts.get(group);
    if (same && same.refusal.untilMs <= found.refusal.untilMs) same.count += 1;
    else counts.set(group, { refusal: found.refusal, count: (same?.count ?? 0) + 1, example: offering });
  }
  const groups = [...counts]
    .map(([key, one]) => ({ key, ...one }))
    .sort((a, b) => b.count - a.count || (a.key < b.key ? -1 : 1));
  const [most] = groups;
  if (!most) return null;
  const nextTryAtMs = Math.min(...groups.map((one) => one.refusal.untilMs));
  const texts = groups.slice(0, namedMax).map((one) => textOf(one.key, one.refusal, one.count, one.example, memory));
  const rest = groups.length > namedMax ? ` Further refusals: ${String(groups.length - namedMax)}.` : '';
  const isShort = shortages.has(most.refusal.code);
  return {
    code: isShort ? 'no_capacity' : hasKnownScope(most.refusal.code) ? 'account_limit' : 'launch_refused',
    message: `${texts.join(' ')}${rest}`,
    nextTryAtMs,
  };
}

/** What has no GPU or other accelerator, whose quotas are of their own. */
export function isPlain({ type }: Offering): boolean {
  return type.gpu === 0 && !accelerated.has(quotaClass(type.family));
}

const accelerated: ReadonlySet<QuotaClass> = new Set(['g', 'p', 'f', 'inf', 'trn', 'dl']);

function isNarrow(key: string): boolean {
  return !key.startsWith('quota ') && !key.startsWith('*');
}

function textOf(
  key: string,
  { code, message, untilMs }: Refusal,
  count: number,
  example: Offering,
  memory: CapacityMemory,
): string {
  const until = `not asked again before ${new Date(untilMs).toISOString()}`;
  if (code === neverCalled && key === everything)
    return (
      `${tryingReason(memory) ?? 'Nodes came and never called.'} `
      + `${until[0]?.toUpperCase() ?? ''}${until.slice(1)}.`
    );
  const where = `${example.type.name} (${example.capacityType}) in ${example.zone}`;
  const about = scopeText(key, count, where, example);
  const cure = cureOf(code, example);
  return (
    `EC2 refuses ${about}: ${code}${message ? `: ${message.replace(/[.\s]+$/, '')}` : ''}; `
    + `${until}.${cure ? ` ${cure}` : ''}`
  );
}

function scopeText(key: string, count: number, where: string, { type, zone, capacityType }: Offering): string {
  if (key.startsWith('quota ')) return `all ${capacityType} instances of ${quotas[quotaClass(type.family)].families}`;
  if (key === everything) return 'whatever this pool asks for';
  if (key === `*/*/${capacityType}`) return `all ${capacityType} capacity of this account`;
  if (key.startsWith('*/')) return `what is in ${zone}`;
  return count === 1 ? where : `${String(count)} offerings, ${where} among them`;
}

/** What a person can do about it; '' where it passes by itself. */
function cureOf(code: string, { type, capacityType }: Offering): string {
  switch (code) {
    case 'VcpuLimitExceeded':
    case 'MaxSpotInstanceCountExceeded':
    case 'InstanceLimitExceeded': {
      const quota = quotas[quotaClass(type.family)];
      return (
        `Ask AWS for more of the ${capacityType} quota `
        + `"${quota.families}"${quota[capacityType] === null ? '' : ` (${quota[capacityType]})`} in Service `
        + 'Quotas.'
      );
    }
    case 'AuthFailure.ServiceLinkedRoleCreationNotPermitted':
      return 'Make the role that spot needs: aws iam create-service-linked-role --aws-service-name spot.amazonaws.com';
    case 'UnauthorizedOperation':
      return "The scheduler's role, or a policy above it, does not allow the call: ./bellows preflight tells which.";
    case 'InsufficientFreeAddressesInSubnet':
      return 'The subnet has no free addresses.';
    default:
      return '';
  }
}
