// What a pool has learned of how long its tasks last, for people.
import type { ShownLifetimes } from '../../../core/lifetimes/learned.ts';
import { figuresOf, learnedClasses } from '../../../core/lifetimes/learned.ts';
import { priorSurvival } from '../../../core/lifetimes/survival.ts';
import type { PoolMemory } from '../../../core/plan/observation.ts';
import type { ControlPorts } from '../../ports.ts';
import { keys } from '../../store/keys.ts';
import { reading } from '../../store/store-retry.ts';
import { readPool } from '../pools.ts';

/** `reader`: classes of other tenants are not shown to him; null: an operator. null: there is no such pool. */
export async function lifetimesOfPool(
  ports: ControlPorts,
  name: string,
  reader: string | null,
): Promise<ShownLifetimes | null> {
  const pool = await readPool(ports, name);
  if (!pool) return null;
  const isOff = pool.data.spec.lifetimes === 'off';
  const memory = isOff ? null : await reading(ports, () => ports.store.get<PoolMemory>(keys.memory(name)));
  return { isOff, prior: figuresOf(priorSurvival), classes: learnedClasses(memory?.data.lifetimes, reader) };
}
