// Records that are set aside with their error, because a decision about them failed (isolate.ts): what they count stays
// counted, what runs of them runs on, and nothing else is decided about them. Of each kind:
//   request  nothing is decided about it until somebody cancels it
//   node     takes nothing new; what it runs ends there, then its instance is terminated: see decideSetAside
//   launch   is not repeated; its instances are reaped by the sweep
//   memory   begins anew
import { isSilent } from '../disruption/silence.ts';
import { evidenceOfTermination, missingSince } from '../disruption/termination.ts';
import type { WorkingCopy } from './working-copy.ts';
import { assert } from '../values/errors.ts';
import type { NodeRecord } from '../records/node.ts';
import type { Observation, OpenRequest } from './observation.ts';
import { emptyMemory } from './observation.ts';
import { usageOfPool } from '../records/limits.ts';
import { addUsage, noUsage } from '../records/pool.ts';
import { tasksPerChunk } from '../records/request.ts';
import type { DecisionSettings } from '../values/settings.ts';

/**
 * Names of the observation's records; those that others name come first: where two contradict each other, it is
 * the second that goes.
 */
export function recordKeys({ launches, nodes, requests }: Observation): readonly string[] {
  return [
    ...launches.map(({ record }) => `launch ${record.id}`),
    ...nodes.map(({ record }) => `node ${record.id}`),
    ...requests.map(({ record }) => `request ${record.id}`),
    'memory',
  ];
}

/** The observation as a decision sees it that leaves these out, and what is set aside already. */
export function withoutRecords(seen: Observation, out: ReadonlySet<string>): Observation {
  const isNodeOut = ({ id, quarantine }: NodeRecord): boolean => quarantine !== undefined || out.has(`node ${id}`);
  const nodes = seen.nodes.filter(({ record }) => isNodeOut(record));
  const launches = seen.launches.filter(
    ({ record }) => record.quarantine !== undefined || out.has(`launch ${record.id}`),
  );
  const requests = seen.requests.filter(({ record }) => out.has(`request ${record.id}`)).map(({ record }) => record.id);
  if (nodes.length + launches.length + requests.length === 0 && !out.has('memory')) return seen;
  // Whether what such a node names runs there is not known: it is not given to another one.
  const named = nodes.flatMap(({ record }) => record.assigned.map((one) => one.requestId));
  const counted = usageOfPool({
    nodes: nodes.map((one) => one.record),
    launches: launches.map((one) => one.record),
    claims: [],
    kept: [],
  });
  return {
    ...seen,
    nodes: seen.nodes.filter((one) => !nodes.includes(one)),
    launches: seen.launches.filter((one) => !launches.includes(one)),
    aside: { nodes, requests: new Set([...requests, ...named]) },
    claimUsage: addUsage(seen.claimUsage ?? noUsage, counted),
    ...(out.has('memory') ? { memory: emptyMemory } : {}),
  };
}

/**
 * A request whose parts contradict each other; those that say so of themselves are found where they are
 * read. @throws AssertionError
 */
export function assertSound({ record, chunks }: OpenRequest): void {
  if (record.endedAtMs !== null || record.spec.count === 1) return;
  for (const {
    record: { chunk, tasks, error },
  } of chunks) {
    assert(error === undefined, error ?? '');
    const size = Math.min(tasksPerChunk, record.spec.count - chunk * tasksPerChunk);
    assert(
      tasks.length === size,
      `chunk ${String(chunk)} has ${String(tasks.length)} tasks, not ${String(size)}, and .spec.count is `
        + `${String(record.spec.count)}`,
    );
  }
}

/**
 * Nodes that were set aside: their ends are published, and once nothing runs there any more they are
 * terminated and forgotten.
 */
export function decideSetAside(observation: Observation, copy: WorkingCopy, settings: DecisionSettings): void {
  const { listing, nowMs, memory } = observation;
  const toTerminate: NodeRecord[] = [];
  for (const { record: node } of observation.aside?.nodes ?? []) {
    if (node.quarantine === undefined) continue; // found in this very decision: it is to be written first
    const { ended = [], ...rest } = node;
    const word = evidenceOfTermination(node, listing, settings);
    const isOver =
      node.assigned.length === 0 || (isSilent(node, nowMs, settings) && memory.massSilenceSinceMs === null);
    if (ended.length > 0)
      copy.change('collect', 'ended', [copy.setNode(rest)], { ended: ended.flatMap((id) => copy.request(id) ?? []) });
    else if (word) copy.forget(node, node.quarantine);
    else if (listing && missingSince(node, listing, settings) !== node.missingSinceMs) {
      copy.change('missing', 'what EC2 lists of it', [
        copy.setNode({ ...node, missingSinceMs: missingSince(node, listing, settings) }),
      ]);
    } else if (node.state !== 'terminating' && isOver)
      copy.change('retire', node.quarantine, [copy.setNode({ ...node, state: 'terminating' })]);
    else if (
      node.state === 'terminating'
      && (node.terminateAcceptedAtMs === null || nowMs - node.terminateAcceptedAtMs >= settings.listingsApartMs)
    )
      toTerminate.push(node);
  }
  if (toTerminate.length > 0) copy.add({ kind: 'terminate', nodes: toTerminate });
}
