// Terminates or deletes orphans, with an entry in their pool's activity. The next sweep finds those again that EC2
// refused to delete or did not answer for.
import { CloudRefusedError, isPassing } from '../../ports/cloud.ts';
import type { ControlPorts } from '../ports.ts';
import { activityItem } from '../store/activity.ts';
import { put } from '../store/store-retry.ts';
import type { Orphan } from './orphans.ts';

/** Returns how many EC2 has terminated or deleted. */
export async function reap(ports: ControlPorts, ripe: readonly Orphan[]): Promise<number> {
  const gone: Orphan[] = await terminate(
    ports,
    ripe.filter((one) => one.kind === 'instance'),
  );
  for (const orphan of ripe) if (orphan.kind !== 'instance' && (await remove(ports, orphan))) gone.push(orphan);
  for (const { kind, id, pool } of gone) {
    ports.log.write('warn', 'an orphan was terminated or deleted', { pool, kind, id });
    const message = `${kind} ${id} was in no record and no open launch; it was terminated or deleted`;
    const nodeId = kind === 'instance' ? id : null;
    await put(ports, activityItem(ports, pool, { code: 'orphan_reaped', message, nodeId }), 'absent');
  }
  return gone.length;
}

async function terminate(ports: ControlPorts, instances: readonly Orphan[]): Promise<Orphan[]> {
  if (instances.length === 0) return [];
  try {
    const { accepted, refused } = await ports.cloud.terminate(instances.map((one) => one.id));
    for (const { id, code, message } of refused)
      ports.log.write('warn', 'EC2 did not accept the termination of an orphan', { id, code, reason: message });
    const ended = new Set(accepted);
    return instances.filter((one) => ended.has(one.id));
  } catch (error) {
    if (!isPassing(error)) throw error;
    const orphans = instances.length;
    ports.log.write('warn', 'orphans could not be terminated now; the next sweep tries again', { orphans, error });
    return [];
  }
}

async function remove({ cloud, log }: ControlPorts, { kind, id, pool }: Orphan): Promise<boolean> {
  try {
    if (kind === 'volume') await cloud.deleteVolume(id);
    else if (kind === 'snapshot') await cloud.deleteSnapshot(id);
    else await cloud.deleteGroup(id);
    return true;
  } catch (error) {
    if (!(isPassing(error) || error instanceof CloudRefusedError)) throw error;
    log.write('warn', 'an orphan could not be deleted now; the next sweep tries again', { pool, kind, id, error });
    return false;
  }
}
