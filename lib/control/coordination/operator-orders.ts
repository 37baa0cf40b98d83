// The operator's brake: pools are paused and resumed, nodes cordoned, drained and terminated by hand. Each order is one
// conditional write, together with the activity that says who gave it; ticks see to the rest.
import { ordered } from '../../core/disruption/methods/operator.ts';
import type { NodeOrder } from '../../core/disruption/methods/operator.ts';
import { whyNode } from '../../core/disruption/why.ts';
import { emptyMemory } from '../../core/plan/observation.ts';
import type { PoolMemory } from '../../core/plan/observation.ts';
import type { NodeRecord } from '../../core/records/node.ts';
import { pauseText } from '../../core/records/pool.ts';
import { raiseWake } from './wake.ts';
import { NotPossibleError } from '../errors.ts';
import type { ControlPorts, ControlSettings } from '../ports.ts';
import { activityWrite, nodeFields } from '../store/activity.ts';
import { keys } from '../store/keys.ts';
import { queryAll, reading, updateWith } from '../store/store-retry.ts';
import type { NodeShown, PoolRecord, PoolShown } from '../use-cases.ts';
import { offeringsOfPool, readPool, readPools, showPool } from '../requests/pools.ts';

export async function pausePool(ports: ControlPorts, name: string, by: string): Promise<PoolShown | null> {
  return changePool(ports, name, by, (pool) => {
    if (pool.paused) return null;
    const paused = { by, sinceMs: ports.clock.nowMs() };
    return { pool: { ...pool, paused }, code: 'pool_paused', message: pauseText(name, paused) };
  });
}

export async function resumePool(ports: ControlPorts, name: string, by: string): Promise<PoolShown | null> {
  return changePool(ports, name, by, ({ paused, ...pool }) =>
    paused ? { pool, code: 'pool_resumed', message: `pool ${name} buys again: resumed by ${by}` } : null,
  );
}

interface ChangedPool {
  readonly pool: PoolRecord;
  readonly code: 'pool_paused' | 'pool_resumed';
  readonly message: string;
}

async function changePool(
  ports: ControlPorts,
  name: string,
  principal: string,
  change: (pool: PoolRecord) => ChangedPool | null,
): Promise<PoolShown | null> {
  const key = keys.pool(name);
  const { data } = await updateWith<PoolRecord>(ports, key, (current) => {
    if (!current || current.data.deletingSinceMs !== null) return null;
    if (current.data.quarantine !== undefined)
      throw new NotPossibleError(`the record of pool ${name} cannot be read; declare the pool anew`);
    const changed = change(current.data);
    if (!changed) return null;
    const { pool, ...note } = changed;
    return { item: { ...key, data: pool }, others: [activityWrite(ports, name, { ...note, principal })] };
  });
  if (!data || data.deletingSinceMs !== null) return null;
  // Also by a repeat: the first one may have stopped between its write and this.
  await raiseWake(ports, name);
  return showPool(ports, name);
}

export async function orderNode(
  ports: ControlPorts,
  id: string,
  order: NodeOrder,
  principal: string,
): Promise<NodeRecord | null> {
  const pool = await poolOfNode(ports, id);
  if (pool === null) return null;
  const key = keys.node(pool, id);
  const { data } = await updateWith<NodeRecord>(ports, key, (current) => {
    if (!current) return null;
    if (current.data.quarantine !== undefined)
      throw new NotPossibleError(`the document of node ${id} cannot be read; the node drains already`);
    const next = ordered(current.data, order, principal, ports.clock.nowMs());
    if (next === null) return null;
    if (typeof next === 'string') throw new NotPossibleError(next);
    const { node, code, message } = next;
    const note = { code, message, ...nodeFields(node), principal };
    return { item: { ...key, data: node }, others: [activityWrite(ports, pool, note)] };
  });
  if (data) await raiseWake(ports, pool);
  return data;
}

/** Pools are few: each is asked for the node. */
async function poolOfNode(ports: ControlPorts, id: string): Promise<string | null> {
  const names = (await readPools(ports)).map((pool) => pool.sk);
  const found = await reading(ports, () => ports.store.getMany<NodeRecord>(names.map((name) => keys.node(name, id))));
  return names.find((_, at) => found[at]) ?? null;
}

/** What each method of disruption thinks of it, as the store has the node now. null: unknown. */
export async function explainNode(
  ports: ControlPorts,
  settings: ControlSettings,
  id: string,
): Promise<NodeShown | null> {
  const name = await poolOfNode(ports, id);
  const pool = name === null ? null : await readPool(ports, name);
  if (name === null || !pool) return null;
  const others = (await queryAll<NodeRecord>(ports, keys.nodes(name))).map((item) => item.data);
  const node = others.find((one) => one.id === id);
  if (!node) return null;
  const memory = (await reading(ports, () => ports.store.get<PoolMemory>(keys.memory(name))))?.data;
  const input = {
    nowMs: ports.clock.nowMs(),
    pool: pool.data.spec,
    isPoolDeleting: pool.data.deletingSinceMs !== null,
    listing: null,
    ...(pool.data.paused ? { paused: pool.data.paused } : {}),
    offerings: await offeringsOfPool(ports, pool.data.spec),
    templateVersion: settings.templateVersion,
    others,
    memory: memory ?? emptyMemory,
  };
  return { node, why: whyNode(node, input, settings.decisions) };
}
