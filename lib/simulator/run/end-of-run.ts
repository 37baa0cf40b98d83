// How the end of a run is recognised: nothing placeable is open any more, then nothing is left in the cloud.
import { claimedThings } from '../checkers/claims/05-nothing-claimed-leaks.ts';
import { openRequests } from '../checkers/tasks/14-convergence.ts';
import { isClaimSettled } from '../checkers/claims/14-claim-convergence.ts';
import type { ReadingPorts } from '../../control/ports.ts';
import { listRequests } from '../../control/requests/requests.ts';
import { NodesSeen } from '../../control/store/seen.ts';
import type { RequestFilter } from '../../control/use-cases.ts';
import { isWarm } from '../../core/claims/documents.ts';
import type { AnyRow, ClaimRecord } from '../../core/records/claim.ts';
import { isEnd } from '../../core/records/request.ts';
import type { Truth } from '../truth.ts';
import { isNodeLaunch } from '../../core/records/launch.ts';

export function nothingPlaceableIsOpen(truth: Truth): boolean {
  return openRequests(truth).length === 0;
}

/** Some requests wait for what they can never have. */
export function someWaitInVain(truth: Truth): boolean {
  return [...truth.requests.values()].some((one) => !isEnd(one.state));
}

/** No open request, and nothing left that could serve one. */
export function isEmpty(truth: Truth): boolean {
  return !someWaitInVain(truth) && isReleased(truth);
}

/** Nothing that claims have, or had, is in the store's documents or in EC2; snapshots are their owner's. */
export function isClaimReleased(truth: Truth): boolean {
  return claimedLeft(truth).length === 0;
}

/** Every claim is granted, over, or waits for another; those of services are looked at with these. */
export function areClaimsSettled(truth: Truth): boolean {
  return [...truth.claims.values()].every((claim) => isReplica(claim) || isClaimSettled(truth, claim));
}

/** A machine of a service: another one takes its place for as long as that is there. */
export function isReplica({ spec }: ClaimRecord): boolean {
  return spec.type === 'virtual_machine' && spec.service !== undefined;
}

/** All but those of services. */
export function areOwnClaimsOver(truth: Truth): boolean {
  return [...truth.claims.values()].every((claim) => isReplica(claim) || claim.endedAtMs !== null);
}

function claimedLeft(truth: Truth): readonly string[] {
  return [
    ...[...truth.claims.values()]
      .filter((one) => one.endedAtMs === null)
      .map((one) => `request ${one.id} (${one.spec.type} ${one.state}: ${one.reason ?? 'no reason'})`),
    ...[...truth.groups.values()].map((one) => `group ${one.name} (${one.state})`),
    ...[...truth.kept.values()].map((one) => `kept volume ${one.id}`),
    ...[...truth.launches.values()]
      .filter((one) => one.state === 'open' && !isNodeLaunch(one))
      .map((one) => `launch ${one.id}`),
    ...[...truth.instances.values()].filter((one) => one.isClaimed && !one.isEnding).map((one) => `machine ${one.id}`),
    ...claimedThings(truth),
  ];
}

/** After every claim was released, all of it must be gone by now. */
export function checkClaimsReleased(truth: Truth): void {
  const left = claimedLeft(truth);
  if (left.length > 0)
    truth.violate(
      '10: granted together, released together',
      `long after everything was released there still are ${left.join(', ')}`,
      left.flatMap((one) => /[a-z]+-\w+/.exec(one) ?? []),
    );
}

/** No node, no open launch, no instance that is not ending. */
export function isReleased(truth: Truth): boolean {
  return (
    truth.nodes.size === 0
    && [...truth.launches.values()].every((one) => one.state === 'settled')
    && [...truth.instances.values()].every((one) => one.isEnding)
  );
}

/** With nothing wanted, everything must have been released by now. */
export function checkEmpty(truth: Truth): void {
  if (isEmpty(truth)) return;
  const left = [
    ...[...truth.requests.values()].filter((one) => !isEnd(one.state)).map((one) => `request ${one.id} (${one.state})`),
    ...[...truth.nodes.values()].map(
      (node) => `node ${node.id} (${node.state}, ${String(node.assigned.length)} assigned)`,
    ),
    ...[...truth.launches.values()].filter((one) => one.state === 'open').map((one) => `launch ${one.id}`),
    ...[...truth.instances.values()].filter((one) => !one.isEnding).map((one) => `instance ${one.id}`),
  ];
  const ids = [
    ...truth.nodes.keys(),
    ...[...truth.instances.values()].filter((one) => !one.isEnding).map((one) => one.id),
  ];
  truth.violate('14: convergence', `an hour after everything has ended there still are ${left.join(', ')}`, ids);
}

/** In the end every request of a tenant is in his list, in those of its end and pool, once, the newest first. */
export async function checkListed(truth: Truth, ports: ReadingPorts, limit: number): Promise<void> {
  const all = [...truth.requests.values(), ...[...truth.claims.values()].filter((one) => !isWarm(one))];
  for (const tenant of new Set(all.map((one) => one.tenant))) {
    const own = all.filter((one) => one.tenant === tenant);
    await checkOneList(truth, ports, { tenant, limit }, own);
    for (const state of ['failed', 'cancelled', 'expired'] as const)
      await checkOneList(
        truth,
        ports,
        { tenant, limit, state },
        own.filter((one) => one.state === state),
      );
    for (const pool of new Set(own.map((one) => one.pool)))
      await checkOneList(
        truth,
        ports,
        { tenant, limit, pool },
        own.filter((one) => one.pool === pool),
      );
  }
}

async function checkOneList(
  truth: Truth,
  ports: ReadingPorts,
  filter: Omit<RequestFilter, 'cursor'>,
  wanted: readonly AnyRow[],
): Promise<void> {
  const listed: string[] = [];
  const { tenant, state = 'any state', pool = 'any pool' } = filter;
  const what = `${tenant}, ${state}, ${pool}`;
  let lastMs = Infinity;
  for (let cursor: string | null | undefined; cursor !== null;) {
    const page = await listRequests(ports, { labelKeys: [] }, new NodesSeen(ports), { ...filter, cursor });
    for (const { id, createdAtMs } of page.items) {
      if (createdAtMs > lastMs)
        truth.violate('1: accepted is durable', `request ${id} is listed behind an older one (${what})`, [id]);
      lastMs = createdAtMs;
      listed.push(id);
    }
    cursor = page.nextCursor;
  }
  const ids = wanted.map((one) => one.id).sort();
  const wrong =
    ids.find((id) => !listed.includes(id)) ?? listed.find((id, at) => listed.indexOf(id) !== at || !ids.includes(id));
  if (wrong !== undefined)
    truth.violate('1: accepted is durable', `request ${wrong} is not listed exactly once (${what})`, [wrong]);
}
