// Events of EC2 are hints: an interruption warning drains its node at once, every other one wakes its pool.
import type { NodeRecord } from '../core/node.ts';
import { keys } from './keys.ts';
import type { ControlPorts } from './ports.ts';
import type { InstanceEvent } from './use-cases.ts';
import { raiseWake } from './wake.ts';
import { update } from './writing.ts';

export async function handleInstanceEvent(ports: ControlPorts, event: InstanceEvent): Promise<void> {
  if (event.kind === 'interruption-warning') {
    const key = keys.node(event.pool, event.instanceId);
    await update<NodeRecord>(ports, key, (current) => {
      if (!current || (current.data.state !== 'launching' && current.data.state !== 'ready')) return null;
      const drain = { reason: 'spot interruption', atMs: ports.clock.nowMs(), deadlineMs: event.atMs };
      return { ...key, data: { ...current.data, state: 'draining', drain } };
    });
  }
  await raiseWake(ports, event.pool, event.kind === 'state-change' ? ports.clock.nowMs() : 0);
}
