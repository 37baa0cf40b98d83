// Launches of machines: durable before the call, repeated with the same token until its answer is known, and handed
// out to their requests in one write. A repeat may list less than there is; then the tag tells.
import type { HoldRecord, MachineLaunch, MachinePart } from '../../core/holds/hold.ts';
import { tell } from '../../core/holds/lifecycle.ts';
import { tagLaunch } from '../../core/launch.ts';
import type { Usage } from '../../core/pool.ts';
import type { LaunchFault } from '../../ports/compute.ts';
import { ComputeThrottledError, ComputeUnknownError, TokenUsedError } from '../../ports/compute.ts';
import { ResourceRefusedError } from '../../ports/resources.ts';
import type { ListedMachine } from '../../ports/resources.ts';
import type { Item, Write } from '../../ports/store.ts';
import { ConditionFailedError } from '../../ports/store.ts';
import { activityWrite } from '../activity.ts';
import { keys } from '../keys.ts';
import { rememberFaults } from '../launches.ts';
import { put, reading, transact } from '../writing.ts';
import { holdItem } from './store.ts';
import type { HoldContext } from './tick.ts';

export async function settleMachines(context: HoldContext, id: string, isFirst: boolean): Promise<void> {
  const { ports, resources, lock } = context;
  const item = await reading(ports, () => ports.store.get<MachineLaunch>(keys.machineLaunch(lock.pool, id)));
  if (!item) return;
  const { request, lookUp } = item.data;
  try {
    if (lookUp) {
      await settleFromTag(context, item, lookUp);
      return;
    }
    const machines = await resources.launch(id, request);
    // A first answer is complete, also a partial launch. A repeat need not list all that the first call made.
    if (isFirst ? machines.length > 0 : machines.length === request.count) await handOut(context, item, machines, null);
    else await noteLookUp(context, item);
  } catch (error) {
    if (error instanceof TokenUsedError) await noteLookUp(context, item);
    else if (error instanceof ResourceRefusedError) await notLaunched(context, item, error);
    else if (error instanceof ComputeThrottledError || error instanceof ComputeUnknownError) await postpone(context, item, error);
    else throw error;
  }
}

async function postpone(context: HoldContext, item: Item<MachineLaunch>, error: Error): Promise<void> {
  const { ports, lock } = context;
  const waitMs = Math.min(60_000, 1_000 * 2 ** item.data.calls) * (0.5 + ports.random.next() / 2);
  ports.log.write('warn', 'a launch has no answer yet; it will be repeated with the same token', { pool: lock.pool, launch: item.data.id, error });
  await overwrite(context, item, { ...item.data, calls: item.data.calls + 1, nextTryAtMs: ports.clock.nowMs() + waitMs });
}

/** Somebody who was faster knows better. */
async function overwrite(context: HoldContext, item: Item<MachineLaunch>, data: MachineLaunch): Promise<void> {
  try {
    await put(context.ports, { pk: item.pk, sk: item.sk, data }, item.version);
  } catch (error) {
    if (!(error instanceof ConditionFailedError)) throw error;
  }
}

async function listByTag(context: HoldContext, id: string): Promise<readonly ListedMachine[]> {
  const found = await context.resources.list({ installation: context.settings.installation, pool: context.lock.pool });
  return found.machines.filter((one) => one.tags[tagLaunch] === id).sort((a, b) => a.launchIndex - b.launchIndex);
}

async function noteLookUp(context: HoldContext, item: Item<MachineLaunch>): Promise<void> {
  const { ports, settings } = context;
  const nowMs = ports.clock.nowMs();
  const found = await listByTag(context, item.data.id);
  await overwrite(context, item, { ...item.data, lookUp: { listedAtMs: nowMs, instanceIds: found.map((one) => one.id).sort() }, nextTryAtMs: nowMs + settings.decisions.listingsApartMs });
}

async function settleFromTag(context: HoldContext, item: Item<MachineLaunch>, lookUp: NonNullable<MachineLaunch['lookUp']>): Promise<void> {
  const nowMs = context.ports.clock.nowMs();
  if (nowMs - lookUp.listedAtMs < context.settings.decisions.listingsApartMs) return;
  const found = await listByTag(context, item.data.id);
  if (JSON.stringify(found.map((one) => one.id).sort()) === JSON.stringify(lookUp.instanceIds)) await handOut(context, item, found, null);
  else await noteLookUp(context, item);
}

/** EC2 launched nothing: the next look chooses another offering, or tells the request that it cannot be had. */
async function notLaunched(context: HoldContext, item: Item<MachineLaunch>, error: ResourceRefusedError): Promise<void> {
  const { ports, settings, lock } = context;
  const { request } = item.data;
  // A subnet that its caller named and that is not there is the caller's mistake, not the zone's.
  const scope = request.subnetId !== null && error.ec2Code.endsWith('.NotFound') ? 'request' : error.scope;
  const fault: LaunchFault = {
    code: error.ec2Code, scope, message: error.message,
    about: scope === 'offering' ? { instanceType: request.instanceType, zone: request.zone } : scope === 'subnet' ? { instanceType: null, zone: request.zone } : null,
  };
  // A refusal of the request itself is its own fault, not the pool's.
  if (scope !== 'request') await rememberFaults(ports, settings, lock.pool, [{ isClosed: true, capacityType: request.capacityType, faults: [fault] }]);
  await handOut(context, item, [], { code: error.ec2Code, message: error.message, isFinal: scope === 'request' });
}

/** One write: the launch is closed, and each of its members has its instance or waits again. */
async function handOut(
  context: HoldContext, item: Item<MachineLaunch>, machines: readonly ListedMachine[], refusal: { readonly code: string; readonly message: string; readonly isFinal: boolean } | null,
): Promise<void> {
  const { ports, lock } = context;
  const launch = item.data;
  const nowMs = ports.clock.nowMs();
  const byRequest = new Map<string, { index: number; machine: ListedMachine }[]>();
  for (const [n, member] of launch.members.entries()) {
    const machine = machines.find((one) => one.launchIndex === n) ?? (machines.some((one) => one.launchIndex >= machines.length) ? undefined : machines[n]);
    const list = byRequest.get(member.request) ?? [];
    if (machine) list.push({ index: member.index, machine });
    byRequest.set(member.request, list);
  }
  const rows = await reading(ports, () => ports.store.getMany<HoldRecord>([...byRequest.keys()].map((id) => keys.request(id))));
  const writes: Write[] = [];
  for (const row of rows) {
    if (!row) continue;
    const got = byRequest.get(row.data.id) ?? [];
    const parts = row.data.machines.map((part) => {
      const mine = got.find((one) => one.index === part.index);
      return mine && part.state === 'wanted' ? partOf(launch, part, mine.machine, nowMs) : part;
    });
    let hold: HoldRecord = { ...row.data, machines: parts };
    if (got.length > 0) hold = tell(hold, { atMs: nowMs, stage: hold.state, code: 'launched', message: `EC2 launched ${got.map((one) => one.machine.id).slice(0, 5).join(', ')}` });
    if (refusal) {
      hold = tell(hold, { atMs: nowMs, stage: hold.state, code: refusal.code, message: refusal.message });
      if (refusal.isFinal && hold.state === 'pending') hold = { ...hold, fault: hold.fault ?? { code: refusal.code, message: refusal.message } };
    }
    writes.push({ op: 'put', item: holdItem(hold, null), condition: row.version });
  }
  const what = `${launch.request.instanceType} ${launch.request.capacityType} in ${launch.request.zone}`;
  writes.push(machines.length > 0
    ? activityWrite(ports, lock.pool, { code: 'machines_launched', message: `${String(machines.length)} of ${String(launch.request.count)} machines (${what}) for ${[...byRequest.keys()].slice(0, 10).join(', ')}`, launchId: launch.id, instanceType: launch.request.instanceType, zone: launch.request.zone, capacityType: launch.request.capacityType, priceUsdPerHour: launch.request.priceUsdPerHour })
    : activityWrite(ports, lock.pool, { code: 'launch_failed', message: `no machine (${what}): ${refusal ? `${refusal.code}: ${refusal.message}` : 'the token made none'}`, launchId: launch.id }));
  try {
    await transact(ports, [...writes, { op: 'delete', key: { pk: item.pk, sk: item.sk }, condition: item.version }]);
  } catch (error) {
    // A request was changed meanwhile (cancelled, say): the launch is open still, and its repeat answers the same.
    if (!(error instanceof ConditionFailedError)) throw error;
  }
}

function partOf(launch: MachineLaunch, part: MachinePart, machine: ListedMachine, nowMs: number): MachinePart {
  const count = launch.request.count;
  const { instances, vcpu, memoryMib, usdPerHour } = launch.reserved;
  const reserved: Usage = { instances: instances / count, vcpu: vcpu / count, memoryMib: memoryMib / count, usdPerHour: usdPerHour / count };
  return {
    ...part, state: 'there', launchId: launch.id, instanceId: machine.id, instanceType: machine.instanceType, zone: machine.zone, capacityType: machine.capacityType,
    priceUsdPerHour: launch.request.priceUsdPerHour, reserved, privateIp: machine.privateIp, publicIp: machine.publicIp, thereSinceMs: nowMs,
  };
}
