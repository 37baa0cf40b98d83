// Bells of nodes that are gone: nothing else removes them. One too many costs nothing, and one that is closed too early
// costs its agent the time until it is given another.
import type { CloudListing } from '../../ports/cloud.ts';
import type { ControlPorts } from '../ports.ts';
import { inParallel } from '../store/store-retry.ts';

/** A call each: what is beyond this waits for the next sweep. */
const closedPerSweep = 200;
const closedAtOnce = 8;

/** `listing`: all that EC2 has of this installation. Never rejects for a bell's sake: the next sweep finds it again. */
export async function closeForgottenBells(ports: ControlPorts, { instances }: CloudListing): Promise<void> {
  const alive = new Set(instances.filter((one) => one.state !== 'terminated').map((one) => one.id));
  try {
    const forgotten = (await ports.bells.list()).filter((nodeId) => !alive.has(nodeId)).slice(0, closedPerSweep);
    await inParallel(forgotten, closedAtOnce, (nodeId) => ports.bells.close(nodeId));
  } catch (error) {
    ports.log.write('warn', 'bells of nodes that are gone were not all removed; the next sweep tries again', { error });
  }
}
