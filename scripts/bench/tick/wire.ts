// What the process that ticks and the one that has the store say to each other. Items go as DynamoDB's attributes, so
// that who reads one unpacks it as on AWS, and has it as an object of its own.
import { fromAttributes, toAttributes } from '../../../lib/adapters/aws/dynamodb/items.ts';
import type { Attributes } from '../../../lib/adapters/aws/dynamodb/items.ts';
import type { IndexName, Item, ItemKey, KeyPage, PutItem, QueryOptions, Write } from '../../../lib/ports/store.ts';

export type WireItem = Attributes | null;

export interface WirePage {
  readonly items: readonly WireItem[];
  readonly cursor?: string;
}

/** What is asked, by name, with what is given and what is answered. */
export interface Operations {
  readonly getMany: { readonly given: { readonly keys: readonly ItemKey[] }; readonly answer: readonly WireItem[] };
  readonly query: { readonly given: { readonly options: QueryOptions }; readonly answer: WirePage };
  readonly queryIndex: {
    readonly given: { readonly index: IndexName; readonly options: QueryOptions };
    readonly answer: WirePage;
  };
  readonly indexKeys: {
    readonly given: { readonly index: IndexName; readonly options: QueryOptions };
    readonly answer: KeyPage;
  };
  readonly put: {
    readonly given: { readonly item: PutItem; readonly condition: 'absent' | number; readonly writeId: string };
    readonly answer: null;
  };
  readonly delete: { readonly given: { readonly key: ItemKey; readonly condition: number }; readonly answer: null };
  readonly transact: {
    readonly given: { readonly writes: readonly Write[]; readonly writeId: string };
    readonly answer: null;
  };
  readonly writeCopy: { readonly given: { readonly name: string; readonly bytes: Uint8Array }; readonly answer: null };
  readonly readCopy: { readonly given: { readonly name: string }; readonly answer: Uint8Array | null };
}

export type Operation = keyof Operations;

/** By the process that ticks. */
export interface Question<O extends Operation = Operation> {
  readonly kind: 'question';
  readonly id: number;
  readonly operation: O;
  readonly given: Operations[O]['given'];
}

export interface Failure {
  readonly key: ItemKey;
  readonly current: WireItem;
}

/** `failure`: the condition of a write did not hold. */
export type Answer = { readonly kind: 'answer'; readonly id: number } & (
  { readonly answer: unknown } | { readonly failure: Failure } | { readonly error: string }
);

/** To the process that ticks. */
export interface TickOrder {
  readonly kind: 'tick';
  readonly nowMs: number;
}

/** What the process keeps is measured, by collecting all garbage. */
export interface EndOrder {
  readonly kind: 'end';
}

export interface Ended {
  readonly kind: 'ended';
  /** Of the heap, without garbage. */
  readonly keptMib: number;
}

/** What one tick took. */
export interface Ticked {
  readonly kind: 'ticked';
  readonly rounds: number;
  readonly cpuMs: number;
  /** Pauses for collecting garbage, by the clock. */
  readonly pausesMs: number;
  /** The most of the heap that was in use, with garbage in it. */
  readonly peakMib: number;
  /** The most of the process so far. */
  readonly rssMib: number;
}

/** The way in which the pool is read. */
export interface TickSettings {
  readonly nodeCount: number;
  readonly isWhole: boolean;
}

export function toWire(item: Item | null): WireItem {
  return item === null ? null : toAttributes(item);
}

export function fromWire(item: WireItem): Item | null {
  return item === null ? null : fromAttributes(item);
}
