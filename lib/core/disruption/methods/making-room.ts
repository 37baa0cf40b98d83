// Making room: a task waits for a node which the limits leave no room for beside those that are there. A node that was
// emptied for it goes at once.
import type { DisruptionMethod } from '../method.ts';
import { isSilent } from './silence.ts';

export const makingRoom: DisruptionMethod = {
  name: 'making-room',
  commands: (candidates, { observation: { nowMs }, settings, vacated }) =>
    candidates.flatMap((node) =>
      vacated?.has(node.id) === true
      && node.state === 'ready'
      && node.assigned.length === 0
      && !isSilent(node, nowMs, settings)
        ? [{ node, reason: 'empty, and makes room within the limits for a node that a waiting task needs' }]
        : [],
    ),
  leaves: () => 'it is not being emptied for a task that waits for room within the limits',
};
