// Records that are set aside with their error, because a decision about them failed (isolate.ts): what they count stays
// counted, what runs of them runs on, and nothing else is decided about them. Of each kind:
//   request  nothing is decided about it until somebody cancels it
//   node     takes nothing new; what it runs ends there, then its instance is terminated: see decideSetAside
//   launch   of nodes: is not repeated; its instances are reaped by the sweep. Of machines: see claim
//   claim    what it has stays as it is, and so does everything that is tied to it: claims that name it or that it
//            names, groups and launches of theirs
//   group    the same, for the claims that use it
//   kept     the volume stays
//   service  nothing is decided about it until somebody changes or deletes it; its replicas run on
//   memory   begins anew
import { namedBy } from '../claims/networks/network-rules.ts';
import { isSilent } from '../disruption/methods/silence.ts';
import { evidenceOfTermination, missingSince } from '../disruption/methods/termination.ts';
import type { WorkingCopy } from './working-copy.ts';
import { assert } from '../values/errors.ts';
import type { NodeRecord } from '../records/node.ts';
import { awaitsMounts } from '../records/node.ts';
import type { Observation, OpenRequest, SeenClaims, Versioned } from './observation.ts';
import { emptyMemory } from './observation.ts';
import { usageOfPool } from '../records/limits.ts';
import { chunkSize } from '../tasks/array-chunks.ts';
import type { DecisionSettings } from '../values/settings.ts';

/**
 * Names of the observation's records; those that others name come first: where two contradict each other, it is
 * the second that goes.
 */
export function recordKeys(seen: Observation): readonly string[] {
  const all = [
    ['launch', seen.launches],
    ['node', seen.nodes],
    ['request', seen.requests],
    ['kept', seen.kept],
    ['group', seen.groups],
    ['launch', seen.machineLaunches],
    ['claim', seen.warmFailed],
    ['claim', seen.claims],
    ['service', seen.services ?? []],
  ] as const;
  return [...all.flatMap(([kind, records]) => records.map(({ record }) => `${kind} ${record.id}`)), 'memory'];
}

/** The observation as a decision sees it that leaves these out, and what is set aside already. */
export function withoutRecords(seen: Observation, out: ReadonlySet<string>): Observation {
  const isOut = (kind: string, { id, quarantine }: { readonly id: string; readonly quarantine?: string }): boolean =>
    quarantine !== undefined || out.has(`${kind} ${id}`);
  const nodes = seen.nodes.filter(({ record }) => isOut('node', record));
  const launches = seen.launches.filter(({ record }) => isOut('launch', record));
  const requests =
    out.size === 0
      ? []
      : seen.requests.filter(({ record }) => out.has(`request ${record.id}`)).map(({ record }) => record.id);
  const left = claimsLeft(seen, out);
  const services = (seen.services ?? []).filter(({ record }) => isOut('service', record));
  if (nodes.length + launches.length + requests.length + services.length === 0 && left === seen && !out.has('memory'))
    return seen;
  // Whether what such a node names runs there is not known: it is not given to another one.
  const named = nodes.flatMap(({ record }) => record.assigned.map((one) => one.requestId));
  const claims = recordsOf(without(seen.claims, left.claims));
  return {
    ...seen,
    ...left,
    nodes: without(seen.nodes, nodes),
    launches: without(seen.launches, launches),
    services: without(seen.services ?? [], services),
    aside: {
      nodes,
      requests: new Set([...requests, ...named]),
      claims: new Set(claims.map((one) => one.id)),
      usage: usageOfPool({
        nodes: recordsOf(nodes),
        launches: [...recordsOf(launches), ...recordsOf(without(seen.machineLaunches, left.machineLaunches))],
        claims,
        kept: recordsOf(without(seen.kept, left.kept)),
      }),
    },
    ...(out.has('memory') ? { memory: emptyMemory } : {}),
  };
}

function recordsOf<T>(all: readonly Versioned<T>[]): readonly T[] {
  return all.map((one) => one.record);
}

function without<T>(all: readonly T[], some: readonly T[]): readonly T[] {
  if (some.length === 0) return all;
  const out = new Set(some);
  return all.filter((one) => !out.has(one));
}

/** Of claims; the very same where nothing is left out. */
export function claimsLeft(seen: SeenClaims, out: ReadonlySet<string>): SeenClaims {
  const owners = claimsOut(seen, out);
  const isNamed = (kind: string, { record }: Versioned<{ readonly id: string }>): boolean =>
    out.has(`${kind} ${record.id}`);
  const kept = seen.kept.filter((one) => !isNamed('kept', one));
  const warmFailed = seen.warmFailed.filter((one) => one.record.quarantine === null && !isNamed('claim', one));
  const groups = seen.groups.filter(
    (one) => !isNamed('group', one) && ![one.record.owner, ...one.record.references].some((id) => owners.has(id)),
  );
  const machineLaunches = seen.machineLaunches.filter(
    (one) => !isNamed('launch', one) && !one.record.members.some(({ request }) => owners.has(request)),
  );
  const isSame = [
    [kept, seen.kept],
    [warmFailed, seen.warmFailed],
    [groups, seen.groups],
    [machineLaunches, seen.machineLaunches],
  ].every(([now, before]) => now?.length === before?.length);
  if (owners.size === 0 && isSame) return seen;
  const claims = seen.claims.filter(({ record }) => !owners.has(record.id));
  return { claims, groups, machineLaunches, kept, warmFailed, leftOver: seen.leftOver };
}

/** Ids of claims about which nothing is decided: those that are at fault, and all that are tied to them. */
function claimsOut({ claims, groups, machineLaunches }: SeenClaims, without: ReadonlySet<string>): ReadonlySet<string> {
  const out = new Set(
    claims
      .filter(({ record }) => record.quarantine !== null || without.has(`claim ${record.id}`))
      .map(({ record }) => record.id),
  );
  for (const { record } of machineLaunches)
    if (without.has(`launch ${record.id}`)) for (const { request } of record.members) out.add(request);
  for (const { record } of groups)
    if (without.has(`group ${record.id}`)) for (const id of [record.owner, ...record.references]) out.add(id);
  if (out.size === 0) return out;
  const ties = [
    ...claims.map(({ record }) => [record.id, ...namedBy(record)]),
    ...groups.map(({ record }) => [record.owner, ...record.references]),
    ...machineLaunches.map(({ record }) => record.members.map((one) => one.request)),
  ];
  for (let before = -1; before < out.size;) {
    before = out.size;
    for (const tied of ties) if (tied.some((id) => out.has(id))) for (const id of tied) out.add(id);
  }
  return out;
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
    const size = chunkSize(record.spec.count, chunk);
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
    // Of what waits for its volumes, which nobody attaches here any more, its agent has not heard.
    const isOver =
      node.assigned.every(awaitsMounts) || (isSilent(node, nowMs, settings) && memory.massSilenceSinceMs === null);
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
