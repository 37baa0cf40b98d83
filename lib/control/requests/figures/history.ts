// What a pool's tasks wanted over time, for people.
import { knownFromMs, valuesOf } from '../../../core/forecast/history.ts';
import type { ControlPorts } from '../../ports.ts';
import { historyOf, readHistory } from '../../tick/scaling/demand-history.ts';
import type { HistorySpan, ShownHistory } from '../../use-cases.ts';
import { readPool } from '../pools.ts';

/** The mean of each step. null: there is no such pool. */
export async function historyOfPool(
  ports: ControlPorts,
  name: string,
  spanAt: (nowMs: number) => HistorySpan,
): Promise<ShownHistory | null> {
  if (!(await readPool(ports, name))) return null;
  const history = historyOf(await readHistory(ports, name));
  const span = spanAt(ports.clock.nowMs());
  return { span, knownFromMs: knownFromMs(history), values: valuesOf(history, span.fromMs, span.count, span.stepMs) };
}
