// Closes the queues (bells) of nodes that no longer exist: nothing else does. A queue that stays too long costs
// nothing; one that is closed too early delays its agent until it gets another.
import type { CloudListing } from '../../ports/cloud.ts';
import type { ControlPorts } from '../ports.ts';
import { inParallel } from '../store/store-retry.ts';

/** A call each: what is beyond this waits for the next sweep. */
const closedPerSweep = 200;
const closedAtOnce = 8;

/**
 * `listing`: all that EC2 has of this installation. Does not fail if a bell cannot be closed: the next sweep tries
 * again.
 */
export async function closeForgottenBells(ports: ControlPorts, { instances }: CloudListing): Promise<void> {
  const alive = new Set(instances.filter((one) => one.state !== 'terminated').map((one) => one.id));
  try {
    const forgotten = (await ports.bells.list()).filter((nodeId) => !alive.has(nodeId)).slice(0, closedPerSweep);
    await inParallel(forgotten, closedAtOnce, (nodeId) => ports.bells.close(nodeId));
  } catch (error) {
    ports.log.write('warn', 'bells of nodes that are gone were not all removed; the next sweep tries again', { error });
  }
}
