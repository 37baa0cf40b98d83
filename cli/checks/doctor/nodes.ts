// Nodes that do not call, do not come, or do not go.
import type { NodeView } from '../../../lib/api/schemas/pools.ts';
import type { Client } from '../../client.ts';
import { allPages } from '../../pages.ts';
import { ok, wrong } from '../findings.ts';
import type { Finding } from '../findings.ts';
import { duration, plural } from '../../text.ts';

/** An agent calls at least every minute; a node is given up after some minutes of silence. */
const silentMs = 3 * 60_000;
/** A node that never called is terminated after a quarter of an hour. */
const bootMs = 15 * 60_000;
const drainMs = 24 * 3_600_000;
/** So many are named. */
const namedMax = 5;

/** Those of all pools. */
export async function readNodes(client: Pick<Client, 'call'>): Promise<readonly NodeView[]> {
  const nodes: NodeView[] = [];
  const pools = await allPages((query) => client.call('listPools', { query }));
  for (const { name } of pools.items)
    nodes.push(...(await allPages((query) => client.call('listNodes', { params: { name }, query }))).items);
  return nodes;
}

export function checkNodes(nodes: readonly NodeView[], nowMs: number): readonly Finding[] {
  const since = (time: string): number => nowMs - Date.parse(time);
  const findings = [
    found(
      'silent nodes',
      nodes.filter((one) => one.state === 'ready' && one.lastSeenAt !== null && since(one.lastSeenAt) > silentMs),
      (one) => `not heard of for ${duration(since(one.lastSeenAt ?? one.createdAt))}`,
      'one alone: it is given up by itself, its tasks start elsewhere. Many: the way from nodes to the API '
        + '(security groups, endpoints, throttling of the API)',
    ),
    found(
      'nodes that do not come',
      nodes.filter((one) => one.state === 'launching' && since(one.createdAt) > bootMs),
      (one) => `launched ${duration(since(one.createdAt))} ago`,
      'docs/troubleshooting.md, "Nodes are launched and terminated": subnets without a way out, an endpoint',
    ),
    found(
      'nodes that do not go',
      nodes
        .filter((one) => one.state === 'draining' && one.readyAt !== null && one.stopsTasksAt === null)
        .filter((one) => since(one.readyAt ?? one.createdAt) > drainMs),
      (one) => `drains (${one.drainReason ?? 'no reason is stored'}), runs ${plural(one.tasks, 'task')}`,
      './bellows node drain ID --deadline SECONDS stops its tasks then, and queues them again',
    ),
  ].flat();
  return findings.length > 0 ? findings : [ok('nodes', `${plural(nodes.length, 'node')}, each calls or boots in time`)];
}

function found(
  name: string,
  nodes: readonly NodeView[],
  what: (node: NodeView) => string,
  cure: string,
): readonly Finding[] {
  if (nodes.length === 0) return [];
  const named = nodes.slice(0, namedMax).map((one) => `${one.id} (${one.pool}) ${what(one)}`);
  const more = nodes.length > namedMax ? `; ${String(nodes.length - namedMax)} more` : '';
  return [wrong(name, `${String(nodes.length)}: ${named.join('; ')}${more}`, cure)];
}
