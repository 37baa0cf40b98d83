// Launches of machines: durable before the call, repeated with the same token until its answer is known, and handed
// out to their requests in one write. A repeat may list less than there is; then the tag tells.
import type { ClaimRecord, MachineLaunch } from '../../core/records/claim.ts';
import type { MachinePart } from '../../core/records/machine.ts';
import { tell, waiting } from '../../core/claims/lifecycle.ts';
import type { Usage } from '../../core/records/pool.ts';
import type { CloudRefusedError, ErrorScope, Instance } from '../../ports/cloud.ts';
import type { Item, Write } from '../../ports/store.ts';
import { ConditionFailedError } from '../../ports/store.ts';
import { activityWrite } from '../store/activity.ts';
import { keys } from '../store/keys.ts';
import { rememberFaults } from '../tick/launch-calls.ts';
import { resolveLaunchToken } from '../tick/launch-token.ts';
import { reading, transact, update } from '../store/store-retry.ts';
import { claimItem, claimKey } from './store.ts';
import type { ClaimContext } from './tick.ts';

const handOutTriesMax = 10;

interface Got {
  readonly index: number;
  readonly machine: Instance;
}

interface Refusal {
  readonly code: string;
  readonly message: string;
  /** No other offering helps. */
  readonly isFinal: boolean;
}

/** @throws ConditionFailedError when another tick was faster */
export async function settleMachines(context: ClaimContext, id: string, isMaker: boolean): Promise<void> {
  const { ports, settings, lock } = context;
  const word = await resolveLaunchToken(
    { ports, settings, lock },
    {
      key: keys.machineLaunch(lock.pool, id),
      send: (launch: MachineLaunch) => ports.cloud.runInstances(id, launch.request),
      // A first answer is complete, also a partial launch. A repeat need not list all that the first call made.
      isWhole: (launch, machines, isAlone) =>
        isAlone ? machines.length > 0 : machines.length === launch.request.count,
      list: async (launch) => {
        const { instances } = await ports.cloud.list({
          installation: settings.installation,
          pool: launch.pool,
          launchId: id,
          things: 'instances',
        });
        return [...instances].sort((a, b) => a.launchIndex - b.launchIndex);
      },
    },
    isMaker,
  );
  switch (word.kind) {
    case 'nothing':
      return;
    case 'open':
      if (word.refusal && (await remember(context, word.item.data, word.refusal)) === 'request')
        await sayRefused(context, word.item.data, word.refusal);
      return;
    case 'answered':
    case 'listed': {
      const machines = word.kind === 'listed' ? word.made : word.answer;
      await handOut(context, word.item, machines, null);
      const { capacityType, count, instanceType, zone } = word.item.data.request;
      await rememberFaults(ports, settings, lock.pool, [
        { capacityType, asked: [{ instanceType, zone }], launched: machines, count, gangs: [], faults: [] },
      ]);
      return;
    }
    case 'refused':
      return notLaunched(context, word.item, word.refusal);
  }
}

/**
 * A call whose answer was lost may be under way still, so the launch stays open; what is wrong with
 * it is known already.
 */
async function sayRefused(
  { ports, lock }: ClaimContext,
  { members }: MachineLaunch,
  { message }: CloudRefusedError,
): Promise<void> {
  for (const id of new Set(members.map((one) => one.request))) {
    await update<ClaimRecord>(ports, claimKey(lock.pool, id), (current) => {
      if (!current || current.data.endedAtMs !== null) return null;
      const next = waiting(
        current.data,
        'launch_refused',
        `EC2 refuses the launch: ${message}; an earlier call without an answer may be under way, so this `
          + 'ends when that is over',
        ports.clock.nowMs(),
      );
      return next === current.data ? null : claimItem(next, null);
    });
  }
}

/** EC2 launched nothing: the next look chooses another offering, or tells the request that it cannot be had. */
async function notLaunched(
  context: ClaimContext,
  item: Item<MachineLaunch>,
  refusal: CloudRefusedError,
): Promise<void> {
  const scope = await remember(context, item.data, refusal);
  await handOut(context, item, [], {
    code: refusal.fault.code,
    message: refusal.message,
    isFinal: scope === 'request',
  });
}

/** What a refusal says about capacity and the account is for all requests of the pool. */
async function remember(
  context: ClaimContext,
  { request }: MachineLaunch,
  refusal: CloudRefusedError,
): Promise<ErrorScope> {
  const { ports, settings, lock } = context;
  // A subnet that its caller named and that is not there is the caller's mistake, not the zone's.
  const scope = request.subnetId !== null && refusal.fault.code.endsWith('.NotFound') ? 'request' : refusal.fault.scope;
  const { instanceType, zone, capacityType } = request;
  const fault = { code: refusal.fault.code, scope, message: refusal.message, about: { instanceType, zone } };
  // A refusal of the request itself is its own fault, not the pool's.
  if (scope !== 'request')
    await rememberFaults(ports, settings, lock.pool, [
      { capacityType, asked: [{ instanceType, zone }], launched: [], count: request.count, gangs: [], faults: [fault] },
    ]);
  return scope;
}

/** One write: the launch is closed, and each of its members has its instance or waits again. */
async function handOut(
  context: ClaimContext,
  item: Item<MachineLaunch>,
  machines: readonly Instance[],
  refusal: Refusal | null,
): Promise<void> {
  const { ports, lock } = context;
  const launch = item.data;
  const nowMs = ports.clock.nowMs();
  const byRequest = new Map<string, Got[]>();
  for (const [n, member] of launch.members.entries()) {
    const machine =
      machines.find((one) => one.launchIndex === n)
      ?? (machines.some((one) => one.launchIndex >= machines.length) ? undefined : machines[n]);
    const list = byRequest.get(member.request) ?? [];
    if (machine) list.push({ index: member.index, machine });
    byRequest.set(member.request, list);
  }
  const what = `${launch.request.instanceType} ${launch.request.capacityType} in ${launch.request.zone}`;
  const told =
    machines.length > 0
      ? activityWrite(ports, lock.pool, {
          code: 'machines_launched',
          message:
            `${String(machines.length)} of ${String(launch.request.count)} machines (${what}) for `
            + `${[...byRequest.keys()].slice(0, 10).join(', ')}`,
          launchId: launch.id,
          instanceType: launch.request.instanceType,
          zone: launch.request.zone,
          capacityType: launch.request.capacityType,
          priceUsdPerHour: launch.request.priceUsdPerHour,
        })
      : activityWrite(ports, lock.pool, {
          code: 'launch_failed',
          message: `no machine (${what}): ${refusal ? `${refusal.code}: ${refusal.message}` : 'the token made none'}`,
          launchId: launch.id,
        });
  for (let tries = 1; ; tries += 1) {
    const rows = await reading(ports, () =>
      ports.store.getMany<ClaimRecord>([...byRequest.keys()].map((id) => claimKey(lock.pool, id))),
    );
    const writes = rows.flatMap((row): Write[] =>
      row === null || row.data.endedAtMs !== null
        ? []
        : [
            {
              op: 'put',
              item: claimItem(withOutcome(launch, row.data, byRequest.get(row.data.id) ?? [], refusal, nowMs), null),
              condition: row.version,
            },
          ],
    );
    try {
      return await transact(ports, [
        ...writes,
        told,
        { op: 'delete', key: { pk: item.pk, sk: item.sk }, condition: item.version },
      ]);
    } catch (error) {
      // A request was changed meanwhile (cancelled, say): read again. Another tick's word on the launch ends this one.
      const isLaunch = error instanceof ConditionFailedError && error.key.pk === item.pk && error.key.sk === item.sk;
      if (!(error instanceof ConditionFailedError) || isLaunch || tries >= handOutTriesMax) throw error;
    }
  }
}

function withOutcome(
  launch: MachineLaunch,
  claim: ClaimRecord,
  got: readonly Got[],
  refusal: Refusal | null,
  nowMs: number,
): ClaimRecord {
  const machines = claim.machines.map((part) => {
    const mine = got.find((one) => one.index === part.index);
    return mine && part.state === 'wanted' ? partOf(launch, part, mine.machine, nowMs) : part;
  });
  let next: ClaimRecord = { ...claim, machines };
  // Waiting for capacity and for an answer is no part of the time that a grant may take: it runs from here.
  if (got.length > 0)
    next = tell(
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
  if (!refusal) return next;
  next = tell(next, { atMs: nowMs, stage: next.state, code: refusal.code, message: refusal.message });
  return refusal.isFinal && next.state === 'pending'
    ? { ...next, fault: next.fault ?? { code: refusal.code, message: refusal.message } }
    : next;
}

function partOf(launch: MachineLaunch, part: MachinePart, machine: Instance, nowMs: number): MachinePart {
  const count = launch.request.count;
  const { instances, vcpu, memoryMib, usdPerHour } = launch.reserved;
  const reserved: Usage = {
    instances: instances / count,
    vcpu: vcpu / count,
    memoryMib: memoryMib / count,
    usdPerHour: usdPerHour / count,
  };
  return {
    ...part,
    state: 'there',
    launchId: launch.id,
    instanceId: machine.id,
    instanceType: machine.instanceType,
    zone: machine.zone,
    capacityType: machine.capacityType,
    priceUsdPerHour: launch.request.priceUsdPerHour,
    reserved,
    privateIp: machine.privateIp,
    publicIp: machine.publicIp,
    thereSinceMs: nowMs,
  };
}
