// Budgets: how many nodes may be disrupted at once by choice. What EC2 takes, what fails, what an operator
// orders and what makes room for a waiting task is not bound by them. Who goes counts until EC2 says that it is gone;
// who is stopped, until it is.
import type { NodeRecord } from '../records/node.ts';
import type { DisruptionBudget, PoolSpec, VoluntaryMethod } from '../records/pool.ts';
import { voluntaryMethods } from '../records/pool.ts';
import type { NamedCommand } from './index.ts';
import { timeText } from './method.ts';
import { openWindow, windowText } from './windows.ts';

export interface Budgeted {
  readonly allowed: ReadonlyMap<string, NamedCommand>;
  /** By node id. */
  readonly keptBack: ReadonlyMap<string, KeptBack>;
}

export interface KeptBack {
  /** Which budget keeps it back, for people. */
  readonly reason: string;
  /** When the budget's window ends; null: it binds until nodes that go are gone. */
  readonly untilMs: number | null;
}

interface Count {
  readonly budget: DisruptionBudget;
  /** Infinity: it has no window. */
  readonly untilMs: number;
  /** Of nodes that run; and of stopped ones, which are a part of all nodes. */
  readonly most: { readonly running: number; readonly stopped: number };
  going: number;
}

/** As many of the commands, in their order, as all budgets of the pool leave room for. `nodes`: all of the pool. */
export function withinBudgets(
  commands: ReadonlyMap<string, NamedCommand>,
  nodes: readonly NodeRecord[],
  { pool, nowMs }: { readonly pool: Pick<PoolSpec, 'disruption'>; readonly nowMs: number },
): Budgeted {
  const budgets = pool.disruption?.budgets ?? [];
  if (budgets.length === 0 || commands.size === 0) return { allowed: commands, keptBack: new Map() };
  const counts = budgets.flatMap((budget) => countOf(budget, nodes, nowMs) ?? []);
  const allowed = new Map<string, NamedCommand>();
  const keptBack = new Map<string, KeptBack>();
  for (const [id, command] of commands) {
    const binding = counts.filter(({ budget }) => binds(budget, command.by));
    const kind = command.node.state === 'stopped' ? 'stopped' : 'running';
    const full = binding.filter(({ most, going }) => going >= most[kind]);
    if (full.length > 0) {
      keptBack.set(id, keptBackBy(full, command));
      continue;
    }
    for (const one of binding) one.going += 1;
    allowed.set(id, command);
  }
  return { allowed, keptBack };
}

/** null: it does not bind now. */
function countOf(budget: DisruptionBudget, nodes: readonly NodeRecord[], nowMs: number): Count | null {
  const open = budget.window === undefined ? { untilMs: Infinity } : openWindow(budget.window, nowMs);
  if (open === null) return null;
  const going = nodes.filter((node) => isGoingBy(node, budget)).length;
  const running = nodes.filter(isRunning).length;
  const most = { running: mostOf(budget, running), stopped: mostOf(budget, nodes.length) };
  return { budget, untilMs: open.untilMs, most, going };
}

/** The one that binds for longest is named: what ends before it changes nothing. */
function keptBackBy(full: readonly Count[], { reason }: NamedCommand): KeptBack {
  const { budget, untilMs, going } = full.reduce((longest, one) => (one.untilMs > longest.untilMs ? one : longest));
  const until = untilMs === Infinity ? '' : `, until ${timeText(untilMs)}`;
  const nodes = `${String(going)} node${going === 1 ? '' : 's'} on the way out`;
  return {
    reason: `${reason}; kept back by the budget ${budgetText(budget)}${until}, with ${nodes}`,
    untilMs: untilMs === Infinity ? null : untilMs,
  };
}

/** However many nodes are stopped, or go from there: no more of those with tasks go at once for that. */
function isRunning({ reserved }: NodeRecord): boolean {
  return reserved.instances > 0;
}

/** Rounded up: a small pool may change as well. */
function mostOf({ nodes, percent }: DisruptionBudget, count: number): number {
  return nodes ?? Math.ceil(((percent ?? 100) * count) / 100);
}

function isVoluntary(by: string): by is VoluntaryMethod {
  return voluntaryMethods.some((method) => method === by);
}

function binds({ methods }: DisruptionBudget, by: string): boolean {
  return isVoluntary(by) && (methods === undefined || methods.includes(by));
}

function isGoingBy({ state, drain }: NodeRecord, budget: DisruptionBudget): boolean {
  // One without work that is stopped instead of terminated.
  if (state === 'stopping') return binds(budget, 'emptiness');
  return (state === 'draining' || state === 'terminating') && drain !== null && binds(budget, drain.by);
}

/** `"2 nodes, of drift and expiry, from 0 8 * * 1-5 in Europe/Berlin for 9 h"` */
export function budgetText({ nodes, percent, methods, window }: DisruptionBudget): string {
  const size = nodes === undefined ? `${String(percent ?? 100)} %` : `${String(nodes)} node${nodes === 1 ? '' : 's'}`;
  const parts = [
    size,
    ...(methods === undefined ? [] : [`of ${methods.join(' and ')}`]),
    ...(window === undefined ? [] : [windowText(window)]),
  ];
  return `"${parts.join(', ')}"`;
}
