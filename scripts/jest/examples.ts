// What files of tests import from '@jest/globals', without the world that Jest sets up around each file: it loads all
// that a file imports anew, and V8 compiles it anew, which was two thirds of what the tests cost. Here modules are
// loaded once in a process, by Node itself. It knows what the tests use of Jest and nothing else: a test that uses more
// fails here instead of being passed over.
import { expect } from 'expect';
import { bind } from 'jest-each';

export type Body = () => unknown;

export interface Example {
  readonly name: string;
  /** null: it is skipped. */
  readonly body: Body | null;
}

/** A file, or a `describe` in it. */
export interface Room {
  readonly name: string;
  readonly beforeAll: Body[];
  readonly beforeEach: Body[];
  readonly afterEach: Body[];
  readonly afterAll: Body[];
  readonly entries: (Example | Room)[];
}

export const globalsUrl = 'bellows:examples';
export const globalsSource =
  'export const { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } = globalThis.bellowsExamples;';

let room = newRoom('');

/** What is described from here on is in this room. */
export function openRoom(name: string): Room {
  room = newRoom(name);
  return room;
}

function newRoom(name: string): Room {
  return { name, beforeAll: [], beforeEach: [], afterEach: [], afterAll: [], entries: [] };
}

function describeOne(name: string, body: Body): void {
  const outer = room;
  room = newRoom(name);
  outer.entries.push(room);
  body();
  room = outer;
}

function testOne(name: string, body: Body): void {
  if (body.length > 0) throw new Error(`${name}: an example takes no callback; it returns a promise`);
  room.entries.push({ name, body });
}

function skipOne(name: string): void {
  room.entries.push({ name, body: null });
}

type Each = (rows: readonly unknown[]) => (name: string, body: (...row: never[]) => unknown) => void;
const each = (one: (name: string, body: Body) => void) => bind(one as never) as unknown as Each;

export const examples = {
  expect,
  beforeAll: (body: Body) => room.beforeAll.push(body),
  beforeEach: (body: Body) => room.beforeEach.push(body),
  afterEach: (body: Body) => room.afterEach.push(body),
  afterAll: (body: Body) => room.afterAll.push(body),
  describe: Object.assign(describeOne, { each: each(describeOne) }),
  test: Object.assign(testOne, { each: each(testOne), skip: skipOne }),
};

export function isRoom(entry: Example | Room): entry is Room {
  return 'entries' in entry;
}

export function textOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
