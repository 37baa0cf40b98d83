// What pages show comes from feeds: a path of the API that is asked again and again while something shows it, and not
// at all while the page is in the background. Pages that show the same path share one feed.
import { signal } from '@preact/signals';
import type { Signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { ApiError, call } from './api.ts';
import { settings } from './settings.ts';

export interface Feed<T> {
  /** null: not known yet. Stays while later calls fail. */
  readonly data: T | null;
  readonly error: ApiError | null;
  readonly atMs: number;
}

interface Entry {
  readonly feed: Signal<Feed<unknown>>;
  watchers: number;
  /** Asked at every so-manieth turn. */
  readonly every: number;
  isAsking: boolean;
}

const unknown: Feed<never> = { data: null, error: null, atMs: 0 };
const entries = new Map<string, Entry>();
/** Feeds that nothing shows any more are kept for a while, so that going back shows something at once. */
const keptMax = 40;
const idleAfterMs = 5 * 60_000;
const restAfterMs = 60 * 60_000;

export const nowMs = signal(Date.now());
/** How many turns are over: what is made of many feeds is made anew then, and not whenever one of them answers. */
export const turnsOver = signal(0);
/** Since when no call was answered; null: the last one was. */
export const lostSinceMs = signal<number | null>(null);
let touchedAtMs = Date.now();
let turn = 0;
let timer: ReturnType<typeof setTimeout> | undefined;

async function ask(path: string, entry: Entry): Promise<void> {
  if (entry.isAsking) return;
  entry.isAsking = true;
  try {
    const data = await call<unknown>('GET', path);
    lostSinceMs.value = null;
    entry.feed.value = { data, error: null, atMs: Date.now() };
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (error.status === 0) lostSinceMs.value ??= Date.now();
    else lostSinceMs.value = null;
    entry.feed.value = { ...entry.feed.value, error };
  } finally {
    entry.isAsking = false;
  }
}

/** How long until the next turn. */
function periodMs(): number {
  const untouchedMs = Date.now() - touchedAtMs;
  if (untouchedMs > restAfterMs) return settings.restRefreshMs;
  return untouchedMs > idleAfterMs ? settings.idleRefreshMs : settings.refreshMs;
}

async function goRound(): Promise<void> {
  if (!document.hidden) {
    turn += 1;
    nowMs.value = Date.now();
    const due = [...entries].filter(([, { watchers, every }]) => watchers > 0 && turn % every === 0);
    await Promise.all(due.map(([path, entry]) => ask(path, entry)));
    turnsOver.value += 1;
  }
  timer = setTimeout(() => void goRound(), periodMs());
}

/** Asks for all that is shown, now. */
export function refresh(): void {
  const shown = [...entries].filter(([, { watchers }]) => watchers > 0);
  void Promise.all(shown.map(([path, entry]) => ask(path, entry))).then(() => {
    turnsOver.value += 1;
  });
}

export function startLive(): void {
  for (const event of ['pointerdown', 'keydown', 'wheel', 'touchstart'] as const)
    addEventListener(event, touched, { passive: true, capture: true });
  document.addEventListener('visibilitychange', () => {
    if (!document.hidden) {
      touched();
      nowMs.value = Date.now();
      refresh();
    }
  });
  timer = setTimeout(() => void goRound(), settings.refreshMs);
}

/** Somebody is there again: the next turn does not wait for the slow one. */
function touched(): void {
  const wasIdle = Date.now() - touchedAtMs > idleAfterMs;
  touchedAtMs = Date.now();
  if (!wasIdle) return;
  clearTimeout(timer);
  void goRound();
}

function entryOf(path: string, every: number): Entry {
  let entry = entries.get(path);
  if (entry === undefined) {
    entry = { feed: signal<Feed<unknown>>(unknown), watchers: 0, every, isAsking: false };
    entries.set(path, entry);
    const unused = [...entries].filter(([, one]) => one.watchers === 0);
    for (const [old] of unused.slice(0, Math.max(0, unused.length - keptMax))) entries.delete(old);
  }
  return entry;
}

/** `path`: null: nothing is asked. `every`: at every so-manieth turn, for what changes slowly. */
export function useFeed<T>(path: string | null, every = 1): Feed<T> {
  useEffect(() => {
    if (path === null) return undefined;
    const entry = entryOf(path, every);
    entry.watchers += 1;
    if (Date.now() - entry.feed.peek().atMs > settings.refreshMs) void ask(path, entry);
    return () => {
      entry.watchers -= 1;
    };
  }, [path]);
  return path === null ? unknown : (entryOf(path, every).feed.value as Feed<T>);
}

/** Of several paths at once, in their order. */
export function useFeeds<T>(paths: readonly string[], every = 1): readonly Feed<T>[] {
  const key = paths.join('\n');
  useEffect(() => {
    const used = paths.map((path) => [path, entryOf(path, every)] as const);
    for (const [path, entry] of used) {
      entry.watchers += 1;
      if (entry.feed.peek().atMs === 0) void ask(path, entry);
    }
    return () => {
      for (const [, entry] of used) entry.watchers -= 1;
    };
  }, [key]);
  return paths.map((path) => entryOf(path, every).feed.value as Feed<T>);
}
