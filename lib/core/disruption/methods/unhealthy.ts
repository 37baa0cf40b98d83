// Unhealthy: a node on which nothing starts any more, though the same requests start on other nodes, or whose agent
// says that it cannot work. Its image, its disk or its network may be at fault; a new node is likely to do better.
// Bounded, so that what is wrong with all of them (a registry that is down) does not take the pool away.
import type { NodeRecord } from '../../records/node.ts';
import { isOff } from '../../records/node.ts';
import type { DisruptionMethod, SeenByMethods } from '../method.ts';
import { timeText } from '../method.ts';

/** Attempts of so many in a row could not be started. */
const failuresMin = 3;
/** At most this part of the pool's nodes that run goes for that at once; one always may. */
const atOncePart = 0.1;
/**
 * So long the agent has to say it: a disk that is full for a moment is none. What it says from its first minute on, a
 * new node would say as well.
 */
const troubleMs = 60_000;

export const unhealthy: DisruptionMethod = {
  name: 'unhealthy',
  commands: (candidates, { observation }) =>
    candidates
      .flatMap((node) => {
        const reason = node.cordon ? null : ailmentOf(node, observation);
        return reason === null ? [] : [{ node, reason }];
      })
      .slice(0, Math.max(0, roomFor(observation))),
  dueAtMs: (node, { observation: { nowMs } }) => {
    if (node.state !== 'ready' || node.cordon || node.trouble === undefined || !isItsOwn(node)) return null;
    const atMs = node.trouble.sinceMs + troubleMs;
    return atMs > nowMs ? atMs : null;
  },
  leaves: (node, { observation }) => {
    const reason = ailmentOf(node, observation);
    if (reason !== null)
      return node.cordon ? `an operator keeps it, though ${reason}` : `${reason}; others go for that already`;
    if (node.trouble !== undefined && !isItsOwn(node))
      return `its agent says since it came: ${node.trouble.reason}; a new node would say the same`;
    if (node.trouble !== undefined)
      return `its agent says since ${timeText(node.trouble.sinceMs)}: ${node.trouble.reason}; it goes if that lasts`;
    const { count = 0 } = node.startFailures ?? {};
    if (count === 0) return 'tasks start there';
    return `the last ${String(count)} did not start there; it goes after ${String(failuresMin)} that start elsewhere`;
  },
};

/** What is wrong with it; null: nothing that is known. */
function ailmentOf(node: NodeRecord, { nodes, nowMs }: SeenByMethods): string | null {
  if (node.state !== 'ready' || node.isLost) return null;
  const { startFailures: failures, trouble } = node;
  if (trouble !== undefined && isItsOwn(node) && nowMs - trouble.sinceMs >= troubleMs)
    return `its agent says: ${trouble.reason}`;
  if (failures === undefined || failures.count < failuresMin || !startElsewhere(node, nodes)) return null;
  return (
    `the last ${String(failures.count)} attempts could not be started there, since ${timeText(failures.sinceMs)}, and `
    + `the same start on other nodes: ${failures.message}`
  );
}

function isItsOwn({ trouble, readyAtMs }: NodeRecord): boolean {
  return trouble !== undefined && readyAtMs !== null && trouble.sinceMs - readyAtMs > troubleMs;
}

/** Since they do not start here: what began before says nothing of a registry that is down now. */
function startElsewhere({ id, startFailures }: NodeRecord, nodes: SeenByMethods['nodes']): boolean {
  const { requests = [], sinceMs = Infinity } = startFailures ?? {};
  const failed = new Set(requests);
  return nodes.some(
    ({ record }) =>
      record.id !== id
      && record.assigned.some((one) => failed.has(one.requestId) && (one.startedAtMs ?? -Infinity) >= sinceMs),
  );
}

function roomFor({ nodes }: SeenByMethods): number {
  const going = nodes.filter(
    ({ record: { state, drain } }) => (state === 'draining' || state === 'terminating') && drain?.by === 'unhealthy',
  );
  const running = nodes.filter(({ record }) => !isOff(record));
  return Math.max(1, Math.floor(atOncePart * running.length)) - going.length;
}
