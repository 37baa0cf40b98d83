// Launches of machines: RunInstances, and the hand-out of what it made to the requests that it was for.
import { withTimeline } from '../../core/records/timeline.ts';
import type { ClaimRecord } from '../../core/records/claim.ts';
import { isWarm } from '../../core/claims/documents.ts';
import type { MachinePart } from '../../core/records/machine.ts';
import { waiting } from '../../core/claims/lifecycle.ts';
import type { LaunchFault } from '../../core/plan/capacity-memory.ts';
import type { FrozenInstances, MachineLaunch } from '../../core/records/launch.ts';
import type { Usage } from '../../core/records/pool.ts';
import type { CloudRefusedError, Instance } from '../../ports/cloud.ts';
import { inParallel } from '../store/store-retry.ts';
import type { HandOut, LaunchContext, LaunchKind } from '../tick/launch-kind.ts';
import { changeOne, documentWrites } from './change-one.ts';
import { claimItem, readClaim } from './store.ts';

const readsAtOnce = 10;

interface Got {
  readonly index: number;
  readonly machine: Instance;
}

export function machineLaunchKind(context: LaunchContext): LaunchKind<MachineLaunch, Instance> {
  const { ports, settings } = context;
  return {
    send: async ({ id, request }) => ({ made: await ports.cloud.runInstances(id, request), faults: [] }),
    // A first answer is complete, also a partial launch. A repeat need not list all that the first call made.
    isWhole: ({ request }, { made }, isFirst) => (isFirst ? made.length > 0 : made.length === request.count),
    list: async ({ id, pool }) => {
      const scope = { installation: settings.installation, pool, launchId: id, things: 'instances' } as const;
      const { instances } = await ports.cloud.list(scope);
      return [...instances].sort((a, b) => a.launchIndex - b.launchIndex);
    },
    asked: ({ request }) => [request],
    faultOf,
    handOut: (launch, made, refused) => handOutMachines(context, launch, made, refused),
    noteRefusal: (launch, fault) => noteRefusal(context, launch, fault),
  };
}

function faultOf({ request }: MachineLaunch, { fault, message }: CloudRefusedError): LaunchFault {
  // If the caller named a subnet that does not exist, the request is wrong, not the zone.
  const isSubnets = request.subnetId !== null && fault.code.endsWith('.NotFound');
  const scope = isReservations(request, fault.code, message) ? 'offering' : isSubnets ? 'request' : fault.scope;
  return { code: fault.code, scope, message, about: { instanceType: request.instanceType, zone: request.zone } };
}

/**
 * Whether a refusal of a launch into a reservation is that one's: then nothing is launched into it for a while, and the
 * request is served without it. What a request names itself is wrong with every other launch, too.
 */
function isReservations({ reservation }: FrozenInstances, code: string, message: string): boolean {
  return reservation !== undefined && !namedByRequests.test(code) && !/IAM Instance Profile/i.test(message);
}

const namedByRequests =
  /^(Invalid(KeyPair|AMI|Snapshot|Subnet|Group|SecurityGroup|UserData|BlockDevice)|ImageByParameter$)/;

/** Shows a fault of the request itself on the waiting requests at once, although the launch stays open for now. */
async function noteRefusal(
  { ports, lock }: LaunchContext,
  { members }: MachineLaunch,
  { scope, message }: LaunchFault,
): Promise<void> {
  if (scope !== 'request') return;
  for (const id of new Set(members.map((one) => one.request))) {
    await changeOne(ports, lock.pool, id, (claim) => {
      const next = waiting(
        claim,
        'launch_refused',
        `EC2 refuses the launch: ${message}; an earlier call without an answer may be under way, so this `
          + 'ends when that is over',
        ports.clock.nowMs(),
      );
      return next === claim ? null : next;
    });
  }
}

/** Gives each member its instance. A member without one waits: the next tick tries another offering, or fails it. */
async function handOutMachines(
  { ports, lock }: LaunchContext,
  launch: MachineLaunch,
  made: readonly Instance[],
  refused: LaunchFault | null,
): Promise<HandOut> {
  const nowMs = ports.clock.nowMs();
  const byRequest = new Map<string, Got[]>();
  for (const [n, { request, index }] of launch.members.entries()) {
    const machine = madeFor(n, made);
    byRequest.set(request, [...(byRequest.get(request) ?? []), ...(machine ? [{ index, machine }] : [])]);
  }
  const claims = await inParallel([...byRequest.keys()], readsAtOnce, (id) => readClaim(ports, lock.pool, id));
  const outcomes = claims
    .filter((claim) => claim !== null)
    .filter(({ record }) => record.endedAtMs === null)
    .map((claim) => ({
      claim,
      next: withOutcome(launch, claim.record, byRequest.get(claim.record.id) ?? [], refused, nowMs),
    }));
  const { instanceType, zone, capacityType, priceUsdPerHour } = launch.request;
  return {
    documents: outcomes.flatMap(({ claim, next }) => (isWarm(next) ? [] : documentWrites(claim, next))),
    writes: outcomes.map(({ claim, next }) => ({ op: 'put', item: claimItem(next, null), condition: claim.version })),
    events: [],
    nodes: 0,
    activity: { code: 'machines_launched', instanceType, zone, capacityType, priceUsdPerHour },
  };
}

/** The instance of the n-th member; EC2 need not number them from 0 where a part of them came. */
function madeFor(n: number, made: readonly Instance[]): Instance | undefined {
  const isNumberedOtherwise = made.some((one) => one.launchIndex >= made.length);
  return made.find((one) => one.launchIndex === n) ?? (isNumberedOtherwise ? undefined : made[n]);
}

function withOutcome(
  launch: MachineLaunch,
  claim: ClaimRecord,
  got: readonly Got[],
  refused: LaunchFault | null,
  nowMs: number,
): ClaimRecord {
  const machines = claim.machines.map((part) => {
    const mine = got.find((one) => one.index === part.index);
    return mine && part.state === 'wanted' ? partOf(launch, part, mine.machine, nowMs) : part;
  });
  let next: ClaimRecord = { ...claim, machines };
  // The grant's time limit starts here: waiting for capacity or for EC2's answer does not count.
  if (got.length > 0)
    next = withTimeline(
      { ...next, grantSinceMs: nowMs },
      {
        atMs: nowMs,
        stage: next.state,
        code: 'launched',
        message: `EC2 launched ${got
          .map((one) => one.machine.id)
          .slice(0, 5)
          .join(', ')}`,
      },
    );
  if (!refused) return next;
  const { code, message, scope } = refused;
  next = withTimeline(next, { atMs: nowMs, stage: next.state, code, message });
  // What is wrong with the request itself is wrong with every other offering, too.
  const isFinal = scope === 'request' && next.state === 'pending';
  return isFinal ? { ...next, fault: next.fault ?? { code, message } } : next;
}

function partOf(launch: MachineLaunch, part: MachinePart, machine: Instance, nowMs: number): MachinePart {
  return {
    ...part,
    state: 'there',
    launchId: launch.id,
    specVersion: launch.specVersion,
    instanceId: machine.id,
    instanceType: machine.instanceType,
    zone: machine.zone,
    capacityType: machine.capacityType,
    priceUsdPerHour: launch.request.priceUsdPerHour,
    reserved: shareOf(launch),
    privateIp: machine.privateIp,
    publicIp: machine.publicIp,
    ...(launch.request.reservation === undefined ? {} : { reservation: launch.request.reservation.id }),
    thereSinceMs: nowMs,
  };
}

/** All machines of a launch are alike. */
function shareOf({ reserved, request: { count } }: MachineLaunch): Usage {
  return {
    instances: reserved.instances / count,
    vcpu: reserved.vcpu / count,
    memoryMib: reserved.memoryMib / count,
    usdPerHour: reserved.usdPerHour / count,
  };
}
