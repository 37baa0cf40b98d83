// Budgets: how many nodes may be disrupted at once by choice. What EC2 takes, what fails, what an operator
// orders and what makes room for a waiting task is not bound by them. Who goes counts until EC2 says that it is gone.
import type { NodeRecord } from '../records/node.ts';
import type { DisruptionBudget, PoolSpec, VoluntaryMethod } from '../records/pool.ts';
import { voluntaryMethods } from '../records/pool.ts';
import type { NamedCommand } from './index.ts';

export interface Budgeted {
  readonly allowed: ReadonlyMap<string, NamedCommand>;
  /** By node id: which budget keeps it back, for people. */
  readonly keptBack: ReadonlyMap<string, string>;
}

/** As many of the commands, in their order, as all budgets of the pool leave room for. `nodes`: all of the pool. */
export function withinBudgets(
  commands: ReadonlyMap<string, NamedCommand>,
  nodes: readonly NodeRecord[],
  { pool }: { readonly pool: Pick<PoolSpec, 'disruption'> },
): Budgeted {
  const budgets = pool.disruption?.budgets ?? [];
  if (budgets.length === 0) return { allowed: commands, keptBack: new Map() };
  const counts = budgets.map((budget) => ({
    budget,
    most: mostOf(budget, nodes.length),
    going: nodes.filter((node) => isGoingBy(node, budget)).length,
  }));
  const allowed = new Map<string, NamedCommand>();
  const keptBack = new Map<string, string>();
  for (const [id, command] of commands) {
    const binding = counts.filter(({ budget }) => binds(budget, command.by));
    const full = binding.find(({ most, going }) => going >= most);
    if (full) {
      keptBack.set(
        id,
        `${command.reason}; kept back by the budget ${budgetText(full.budget)}, `
          + `with ${String(full.going)} nodes on their way out`,
      );
      continue;
    }
    for (const one of binding) one.going += 1;
    allowed.set(id, command);
  }
  return { allowed, keptBack };
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
  return (state === 'draining' || state === 'terminating') && drain !== null && binds(budget, drain.by);
}

/** `"2 nodes, of drift and expiry"` */
export function budgetText({ nodes, percent, methods }: DisruptionBudget): string {
  const size = nodes === undefined ? `${String(percent ?? 100)} %` : `${String(nodes)} node${nodes === 1 ? '' : 's'}`;
  return `"${size}${methods === undefined ? '' : `, of ${methods.join(' and ')}`}"`;
}
