// Calls agents for whom something was written. A ring that is lost costs the time until the agent's next sync, so
// nothing here stops a tick, and a storm of them is cut short.
import type { ControlPorts } from '../ports.ts';
import { inParallel } from '../store/store-retry.ts';

const ringsAtOnce = 32;
/** Of one written batch: the agents of the others sync at their own pace. */
export const ringsMax = 500;

/** Never rejects: what cannot be rung is noted, once for all of them. */
export async function ringBells(ports: ControlPorts, nodeIds: readonly string[]): Promise<void> {
  const failures: { readonly node: string; readonly error: unknown }[] = [];
  await inParallel(nodeIds.slice(0, ringsMax), ringsAtOnce, async (node) => {
    // A service that does not answer takes the time of one call, not of all.
    if (failures.length > 0) return;
    try {
      await ports.bells.ring(node);
    } catch (error) {
      failures.push({ node, error });
    }
  });
  const [first] = failures;
  if (first === undefined) return;
  ports.log.write('warn', 'bells of nodes could not be rung; their agents sync at their own pace', {
    nodes: failures.length,
    ...first,
  });
}
