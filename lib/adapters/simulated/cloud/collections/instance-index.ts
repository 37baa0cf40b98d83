// Every instance that the cloud still knows: by id, in the order of launches, and by what is often asked for: tags,
// states, types.
import type { InstanceState } from '../../../../ports/cloud.ts';
import { presentOf, shownOf } from '../instances.ts';
import type { InstanceRecord } from '../instances.ts';

/** What is looked for: all of these tags, and one of these states and types where some are named. */
export interface Wanted {
  readonly tags: Readonly<Record<string, string>>;
  readonly states?: readonly string[] | null;
  readonly instanceTypes?: readonly string[] | null;
}

/** Where more than one of so many instances may be wanted, walking all of them in order beats sorting those. */
const sortedShare = 8;
/** Fewer holes are not worth being swept. */
const sweptFrom = 64;

export class InstanceIndex {
  private readonly byId = new Map<string, InstanceRecord>();
  private readonly byTag = new Map<string, Set<InstanceRecord>>();
  private readonly byType = new Map<string, Set<InstanceRecord>>();
  /** Also those that have left the state since somebody looked: the others are right. */
  private readonly byState = new Map<string, Set<InstanceRecord>>();
  private readonly inState = new Map<string, number>();
  private readonly order = new LaunchOrder();
  /** Until an instance comes, goes or has other tags. */
  private lastAsked: { readonly key: string; readonly found: readonly InstanceRecord[] } | null = null;

  get size(): number {
    return this.byId.size;
  }

  get(id: string): InstanceRecord | undefined {
    return this.byId.get(id);
  }

  all(): IterableIterator<InstanceRecord> {
    return this.byId.values();
  }

  /** Of an instance that is launched now. */
  nextSerial(): number {
    return this.order.last + 1;
  }

  add(instance: InstanceRecord): void {
    this.byId.set(instance.id, instance);
    this.order.add(instance);
    this.indexTags(instance);
    addTo(this.byType, instance.instanceType, instance);
    for (const { state } of instance.history) addTo(this.byState, state, instance);
    const last = instance.history.at(-1);
    if (last) this.count(last.state, 1);
  }

  remove(instance: InstanceRecord): void {
    this.byId.delete(instance.id);
    this.order.remove(instance);
    this.unindexTags(instance);
    removeFrom(this.byType, instance.instanceType, instance);
    for (const known of this.byState.values()) known.delete(instance);
    this.count(presentOf(instance).state, -1);
  }

  setTags(instance: InstanceRecord, tags: Readonly<Record<string, string>>): void {
    this.unindexTags(instance);
    instance.tags = tags;
    this.indexTags(instance);
  }

  setType(instance: InstanceRecord, instanceType: string): void {
    removeFrom(this.byType, instance.instanceType, instance);
    instance.instanceType = instanceType;
    addTo(this.byType, instanceType, instance);
  }

  /** Once the state is the last of its history. */
  stateChanged(instance: InstanceRecord, before: InstanceState | null, state: InstanceState): void {
    if (before !== null) {
      this.count(before, -1);
      if (!instance.history.some((one) => one.state === before)) this.byState.get(before)?.delete(instance);
    }
    this.count(state, 1);
    addTo(this.byState, state, instance);
  }

  /** All that have these tags, in the order of launches: who lists again and again asks for the same ones. */
  allWithTags(tags: Readonly<Record<string, string>>): readonly InstanceRecord[] {
    const key = JSON.stringify(tags);
    if (this.lastAsked?.key !== key) this.lastAsked = { key, found: [...this.walk({ tags }, 0, 0)] };
    return this.lastAsked.found;
  }

  /**
   * In the order of launches, behind that serial number: all that have these tags, and that may show one of the states
   * and have one of the types. @param nowMs of what is shown
   */
  walk(wanted: Wanted, after: number, nowMs: number): Iterable<InstanceRecord> {
    const tags = Object.entries(wanted.tags);
    const groups: readonly Set<InstanceRecord>[][] = [
      ...tags.map(([key, value]) => named(this.byTag, [tagKey(key, value)])),
      ...(wanted.instanceTypes ? [named(this.byType, wanted.instanceTypes)] : []),
      ...(wanted.states ? [this.maybeIn(wanted.states, nowMs)] : []),
    ];
    const isWanted = ({ tags: own }: InstanceRecord): boolean => tags.every(([key, value]) => own[key] === value);
    let smallest: readonly Set<InstanceRecord>[] | null = null;
    let size = this.byId.size / sortedShare;
    for (const group of groups) {
      const count = group.reduce((sum, one) => sum + one.size, 0);
      if (count > size) continue;
      [smallest, size] = [group, count];
    }
    if (smallest === null)
      return tags.length === 0 ? this.order.after(after) : filtered(this.order.after(after), isWanted);
    const found = new Set<InstanceRecord>();
    for (const set of smallest)
      for (const instance of set) if (instance.serial > after && isWanted(instance)) found.add(instance);
    return [...found].sort((a, b) => a.serial - b.serial);
  }

  /** Without those that have left the state for good, where they would be many. */
  private maybeIn(states: readonly string[], nowMs: number): Set<InstanceRecord>[] {
    const few = this.byId.size / sortedShare;
    for (const state of states) {
      const known = this.byState.get(state);
      if (!known || known.size <= few || (this.inState.get(state) ?? 0) > few) continue;
      for (const instance of known) {
        const shown = shownOf(instance, nowMs);
        const mayShow = instance.history.slice(shown ? instance.history.indexOf(shown) : 0);
        if (!mayShow.some((one) => one.state === state)) known.delete(instance);
      }
    }
    return named(this.byState, states);
  }

  private count(state: InstanceState, change: number): void {
    this.inState.set(state, (this.inState.get(state) ?? 0) + change);
  }

  private indexTags(instance: InstanceRecord): void {
    this.lastAsked = null;
    for (const [key, value] of Object.entries(instance.tags)) addTo(this.byTag, tagKey(key, value), instance);
  }

  private unindexTags(instance: InstanceRecord): void {
    this.lastAsked = null;
    for (const [key, value] of Object.entries(instance.tags)) removeFrom(this.byTag, tagKey(key, value), instance);
  }
}

/** All in the order of their serial numbers, with holes where some were taken away. */
class LaunchOrder {
  private serials: number[] = [];
  private instances: (InstanceRecord | null)[] = [];
  private holes = 0;
  last = 0;

  add(instance: InstanceRecord): void {
    const { serial } = instance;
    if (serial > (this.serials.at(-1) ?? 0)) {
      this.serials.push(serial);
      this.instances.push(instance);
    } else {
      // Only of a state that another program put together: in order, wherever that is.
      const at = this.indexAfter(serial);
      this.serials.splice(at, 0, serial);
      this.instances.splice(at, 0, instance);
    }
    this.last = Math.max(this.last, serial);
  }

  remove(instance: InstanceRecord): void {
    const at = this.indexAfter(instance.serial) - 1;
    if (this.instances[at] !== instance) return;
    this.instances[at] = null;
    this.holes += 1;
    if (this.holes < sweptFrom || this.holes * 2 < this.instances.length) return;
    // Into new lists: whoever walks the old ones is not disturbed.
    this.serials = this.serials.filter((_, place) => this.instances[place] !== null);
    this.instances = this.instances.filter((one) => one !== null);
    this.holes = 0;
  }

  /** Those with larger numbers. What is added meanwhile is shown, too. */
  *after(serial: number): Generator<InstanceRecord> {
    const { instances } = this;
    for (let at = this.indexAfter(serial); at < instances.length; at++) {
      const instance = instances[at];
      if (instance) yield instance;
    }
  }

  /** The first position whose number is larger. */
  private indexAfter(serial: number): number {
    let [low, high] = [0, this.serials.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.serials[middle] ?? 0) <= serial) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function* filtered(
  from: Iterable<InstanceRecord>,
  isWanted: (instance: InstanceRecord) => boolean,
): Generator<InstanceRecord> {
  for (const instance of from) if (isWanted(instance)) yield instance;
}

function named(index: ReadonlyMap<string, Set<InstanceRecord>>, keys: readonly string[]): Set<InstanceRecord>[] {
  return [...new Set(keys)].flatMap((key) => index.get(key) ?? []);
}

function addTo(index: Map<string, Set<InstanceRecord>>, key: string, instance: InstanceRecord): void {
  const known = index.get(key);
  if (known) known.add(instance);
  else index.set(key, new Set([instance]));
}

function removeFrom(index: Map<string, Set<InstanceRecord>>, key: string, instance: InstanceRecord): void {
  const known = index.get(key);
  known?.delete(instance);
  if (known?.size === 0) index.delete(key);
}

function tagKey(key: string, value: string): string {
  return `${key}\u0000${value}`;
}
