// How fast a number may move, as the Kubernetes Horizontal Pod Autoscaler documents it: a stabilisation window holds
// the most careful of the wishes of late, rates bound the change in a period.
import { isFarAhead, notAhead } from '../../values/clocks.ts';
import { assert } from '../../values/errors.ts';
import { scaledMax } from './policy.ts';

export interface RatePolicy {
  readonly kind: 'count' | 'percent';
  readonly value: number;
  readonly periodMs: number;
}

export interface Rates {
  readonly stabilisationMs: number;
  /** `disabled`: it does not move this way at all. */
  readonly select: 'max' | 'min' | 'disabled';
  /** None: nothing bounds it. */
  readonly policies: readonly RatePolicy[];
}

export interface Behaviour {
  readonly out: Rates;
  readonly in: Rates;
}

/** As HPA has them where nothing is said. */
export const behaviourDefault: Behaviour = {
  out: {
    stabilisationMs: 0,
    select: 'max',
    policies: [
      { kind: 'percent', value: 100, periodMs: 15_000 },
      { kind: 'count', value: 4, periodMs: 15_000 },
    ],
  },
  in: { stabilisationMs: 300_000, select: 'max', policies: [{ kind: 'percent', value: 100, periodMs: 15_000 }] },
};

/** A schedule and a person say what they mean: what they want comes at once. */
export const atOnce: Behaviour = {
  out: { stabilisationMs: 0, select: 'max', policies: [] },
  in: { stabilisationMs: 0, select: 'max', policies: [] },
};

/** What has to be remembered for it; times rise. */
export interface Moved {
  /** Wishes of late, [since when, wanted]: each until the next one, the last until now. */
  readonly wishes: readonly (readonly [number, number])[];
  /** Changes of late, [when, by how much]. */
  readonly changes: readonly (readonly [number, number])[];
}

export const neverMoved: Moved = { wishes: [], changes: [] };

/** Of each; more are joined, and of the wishes the larger one stays: who goes in waits rather longer. */
export const movesMax = 64;

/** The number after a wish, and what is remembered then. The same object where that is nothing new. */
export function moved(
  remembered: Moved,
  { current, wanted, nowMs }: { readonly current: number; readonly wanted: number; readonly nowMs: number },
  behaviour: Behaviour,
): { readonly next: number; readonly moved: Moved } {
  const before = notOfTimesToCome(remembered, nowMs);
  const wishes = withWish(before.wishes, wanted, current, nowMs, behaviour);
  const next = bounded(current, stabilised(wishes, current, nowMs, behaviour), before, nowMs, behaviour);
  if (next === current) return { next, moved: wishes === before.wishes ? before : { ...before, wishes } };
  const periodMs = Math.max(0, ...[behaviour.in, behaviour.out].flatMap((one) => one.policies.map((p) => p.periodMs)));
  const lived = before.changes.filter(([atMs]) => atMs > nowMs - periodMs);
  const changes = joined([...lived, [nowMs, next - current]]);
  assert(wishes.length <= movesMax && changes.length <= movesMax, 'more moves are remembered than may be');
  return { next, moved: { wishes, changes } };
}

/** What a clock wrote that was far ahead would hold the number until then: it was now. */
function notOfTimesToCome(moved: Moved, nowMs: number): Moved {
  const { wishes, changes } = moved;
  if (![...wishes, ...changes].some(([atMs]) => isFarAhead(atMs, nowMs))) return moved;
  const past = (all: Moved['wishes']): Moved['wishes'] => all.map(([atMs, by]) => [notAhead(atMs, nowMs), by]);
  return { wishes: past(wishes), changes: past(changes) };
}

/** Where nothing was wanted before, what is there was. */
function withWish(
  wishes: Moved['wishes'],
  wanted: number,
  current: number,
  nowMs: number,
  behaviour: Behaviour,
): Moved['wishes'] {
  const last = wishes.at(-1);
  if (last?.[1] === wanted) return wishes;
  if (last === undefined) return [[nowMs, current], ...(wanted === current ? [] : [[nowMs, wanted] as const])];
  const fromMs = nowMs - Math.max(behaviour.in.stabilisationMs, behaviour.out.stabilisationMs);
  const all = [...wishes, [Math.max(nowMs, last[0]), wanted] as const];
  const lived = all.filter((_, at) => (all[at + 1]?.[0] ?? Infinity) > fromMs);
  const [a, b, ...others] = lived;
  return lived.length > movesMax && a && b ? [[a[0], Math.max(a[1], b[1])], ...others] : lived;
}

/** Going in: the largest of the window; going out: the smallest. */
function stabilised(wishes: Moved['wishes'], current: number, nowMs: number, behaviour: Behaviour): number {
  const within = (windowMs: number): readonly number[] =>
    wishes
      .filter((_, at) => at === wishes.length - 1 || (wishes[at + 1]?.[0] ?? Infinity) > nowMs - windowMs)
      .map(([, wanted]) => wanted);
  const most = Math.max(...within(behaviour.in.stabilisationMs));
  const least = Math.min(...within(behaviour.out.stabilisationMs));
  if (current < least) return least;
  return current > most ? most : current;
}

function bounded(current: number, wanted: number, { changes }: Moved, nowMs: number, behaviour: Behaviour): number {
  if (wanted === current) return current;
  const isOut = wanted > current;
  const { select, policies } = isOut ? behaviour.out : behaviour.in;
  if (select === 'disabled') return current;
  if (policies.length === 0) return wanted;
  const limits = policies.map(({ kind, value, periodMs }) => {
    const change = changes.filter(([atMs]) => atMs > nowMs - periodMs).reduce((sum, [, by]) => sum + by, 0);
    const start = current - change;
    if (kind === 'count') return isOut ? start + value : start - value;
    // A part of nothing would hold it at nothing for ever.
    return isOut
      ? Math.max(1, Math.ceil(start * (1 + value / 100) - 1e-9))
      : Math.floor(start * (1 - value / 100) + 1e-9);
  });
  const widest = isOut ? Math.max(...limits) : Math.min(...limits);
  const narrowest = isOut ? Math.min(...limits) : Math.max(...limits);
  const limit = Math.max(0, Math.min(scaledMax, select === 'max' ? widest : narrowest));
  return isOut ? Math.max(current, Math.min(wanted, limit)) : Math.min(current, Math.max(wanted, limit));
}

function joined(changes: Moved['changes']): Moved['changes'] {
  if (changes.length <= movesMax) return changes;
  const [a, b, ...others] = changes;
  return a && b ? [[b[0], a[1] + b[1]], ...others] : changes;
}
