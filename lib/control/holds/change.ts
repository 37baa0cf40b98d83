// What callers change about requests that hold: cancelled ones are given back, leases are renewed, machines stopped and
// started, volumes resized. Only the wish is written here; the tick brings it about.
import type { HoldRecord, NetworkWish } from '../../core/holds/hold.ts';
import { isHold } from '../../core/holds/hold.ts';
import { tell } from '../../core/holds/lifecycle.ts';
import { isPublic, wishKey } from '../../core/holds/network-rules.ts';
import { chooseVolume, explainNoVolume } from '../../core/holds/storage-choice.ts';
import type { AnyRequest } from '../../core/holds/hold.ts';
import type { PutItem } from '../../ports/store.ts';
import { NotPossibleError, UnsatisfiableError } from '../errors.ts';
import { keys } from '../keys.ts';
import type { ControlPorts } from '../ports.ts';
import type { HoldChange } from '../use-cases.ts';
import { raiseWake } from '../wake.ts';
import { reading, update } from '../writing.ts';
import { holdItem } from './store.ts';
import { checkNetwork } from './submit.ts';

export function markCancelled(hold: HoldRecord, nowMs: number): PutItem<HoldRecord> {
  return holdItem(tell({ ...hold, cancelRequestedAtMs: nowMs }, { atMs: nowMs, stage: hold.state, code: 'release_requested', message: 'the caller wants it to be given back' }), null);
}

/** null: unknown. @throws NotPossibleError, UnsatisfiableError */
export async function changeHold(ports: ControlPorts, tenant: string, id: string, change: HoldChange): Promise<HoldRecord | null> {
  const nowMs = ports.clock.nowMs();
  if (change.kind === 'attach') await checkMachine(ports, tenant, id, change.machine);
  if (change.kind === 'detach') await checkUser(ports, tenant, id);
  if (change.kind === 'rules') await checkSources(ports, tenant, id, change.rules);
  let found: HoldRecord | null = null;
  const { isChanged } = await update<AnyRequest>(ports, keys.request(id), (current) => {
    found = null;
    if (!current || current.data.tenant !== tenant) return null;
    const record = current.data;
    if (!isHold(record)) throw new NotPossibleError(`request ${id} is a task: it has no lease, power or size; DELETE /v1/requests/${id} cancels it`);
    const next = changed(record, change, nowMs);
    found = next;
    return next === record ? null : holdItem(next, null);
  });
  const result = found as HoldRecord | null;
  if (result && isChanged) await raiseWake(ports, result.pool);
  return result;
}

const participles = { renew: 'renewed', power: 'stopped and started', resize: 'resized', attach: 'attached', detach: 'detached', rules: 'edited' } as const satisfies Record<HoldChange['kind'], string>;

function changed(hold: HoldRecord, change: HoldChange, nowMs: number): HoldRecord {
  const isGranted = hold.state === 'active' || (hold.state === 'pending' && hold.startedAtMs !== null);
  if (!isGranted || hold.cancelRequestedAtMs !== null) {
    throw new NotPossibleError(`request ${hold.id} is ${hold.cancelRequestedAtMs === null ? hold.state : 'being given back'}; only what is active can be ${participles[change.kind]}`);
  }
  switch (change.kind) {
    case 'renew': return renewed(hold, nowMs);
    case 'power': return powered(hold, change.power, nowMs);
    case 'resize': return resized(hold, change.needs, nowMs);
    case 'attach': return attached(hold, change.machine, nowMs);
    case 'detach': return detached(hold, nowMs);
    case 'rules': return edited(hold, change.rules, nowMs);
  }
}

/** A wish that can never come true is refused here: the tick would have to choose between the volume and the wish. */
async function checkMachine(ports: ControlPorts, tenant: string, id: string, machineId: string): Promise<void> {
  const [storage, machine] = await reading(ports, () => ports.store.getMany<AnyRequest>([keys.request(id), keys.request(machineId)]));
  if (storage?.data.tenant !== tenant || !isHold(storage.data)) return;
  const target = machine?.data;
  if (!target || target.tenant !== tenant || !isHold(target) || target.spec.type !== 'virtual_machine' || target.pool !== storage.data.pool) {
    throw new NotPossibleError(`${machineId} is no virtual_machine request of yours in pool ${storage.data.pool}`);
  }
  if (target.state !== 'active') throw new NotPossibleError(`${machineId} is ${target.state}; a volume is attached to an active machine`);
  const zone = target.machines[0]?.zone ?? null;
  if (zone !== storage.data.volume?.zone) throw new NotPossibleError(`${machineId} runs in ${zone ?? 'no zone'} and the volume is in ${storage.data.volume?.zone ?? 'none'}: a volume attaches only within its zone`);
}

function attached(hold: HoldRecord, machine: string, nowMs: number): HoldRecord {
  if (hold.spec.type !== 'storage') throw new NotPossibleError(`request ${hold.id} is a ${hold.spec.type}; only storage is attached`);
  if (hold.isDetaching) throw new NotPossibleError(`request ${hold.id} is being detached from ${hold.usedBy?.request ?? 'its machine'}; attach it when it is free`);
  if (hold.usedBy?.request === machine) return hold;
  if (hold.usedBy !== null) throw new NotPossibleError(`request ${hold.id} is used by ${hold.usedBy.request}: a volume is attached to one machine at most`);
  return tell({ ...hold, state: 'pending', reason: 'attaching', spec: { ...hold.spec, attachTo: machine } }, { atMs: nowMs, stage: 'pending', code: 'attach_requested', message: `the caller wants it on ${machine}` });
}

/** What is on its way onto a machine is not stopped half-way: it would be unknown where it is. */
async function checkUser(ports: ControlPorts, tenant: string, id: string): Promise<void> {
  const storage = await reading(ports, () => ports.store.get<AnyRequest>(keys.request(id)));
  if (storage?.data.tenant !== tenant || !isHold(storage.data) || storage.data.usedBy === null) return;
  const { request } = storage.data.usedBy;
  const user = await reading(ports, () => ports.store.get<AnyRequest>(keys.request(request)));
  if (user && isHold(user.data) && user.data.state === 'pending' && user.data.startedAtMs === null) {
    throw new NotPossibleError(`request ${id} is being attached to ${request}, which is pending: wait until it is active, or release it`);
  }
}

/** Networks that the new rules name. They may go later; then their rules go with them. */
async function checkSources(ports: ControlPorts, tenant: string, id: string, rules: Partial<NetworkWish>): Promise<void> {
  const named = [...new Set([...(rules.ingress ?? []), ...(rules.egress ?? [])].flatMap((rule) => rule.request ?? []))];
  if (named.length === 0) return;
  const [hold, ...sources] = await reading(ports, () => ports.store.getMany<AnyRequest>([id, ...named].map((one) => keys.request(one))));
  if (hold?.data.tenant !== tenant) return;
  for (const [n, name] of named.entries()) {
    const source = sources[n]?.data;
    const isLive = source?.tenant === tenant && source.spec.type === 'network' && source.pool === hold.data.pool && (source.state === 'pending' || source.state === 'active');
    if (!isLive) throw new NotPossibleError(`the rules name ${name}, which is no live network request of yours in pool ${hold.data.pool}`);
  }
}

function detached(hold: HoldRecord, nowMs: number): HoldRecord {
  if (hold.spec.type !== 'storage') throw new NotPossibleError(`request ${hold.id} is a ${hold.spec.type}; only storage is detached`);
  if (hold.usedBy?.node) throw new NotPossibleError(`request ${hold.id} is mounted by task ${hold.usedBy.request}: it comes free when that ends, or is cancelled`);
  if (hold.isDetaching || (hold.usedBy === null && hold.state === 'active')) return hold;
  if (hold.state !== 'active') throw new NotPossibleError(`request ${hold.id} is being attached to ${hold.spec.attachTo ?? 'a machine'}: wait until it is active`);
  return tell({ ...hold, isDetaching: true, reason: 'detaching' }, { atMs: nowMs, stage: 'active', code: 'detach_requested', message: `the caller wants it off ${hold.usedBy?.request ?? 'its machine'}` });
}

function edited(hold: HoldRecord, rules: Partial<NetworkWish>, nowMs: number): HoldRecord {
  const present = hold.wantedNetwork ?? (hold.spec.type === 'storage' ? null : hold.spec.network);
  if (present === null) throw new NotPossibleError(`request ${hold.id} is a ${hold.spec.type} without rules of its own; edit the network request that it uses`);
  const wish: NetworkWish = { ...present, ...rules };
  checkNetwork(wish);
  if (isPublic(wish) && !wish.allowPublic) throw new UnsatisfiableError('the rules let the whole internet in; set allowPublic to true if that is meant', []);
  if (wishKey(wish) === wishKey(present) && wish.sharing === present.sharing && wish.allowPublic === present.allowPublic) return hold;
  return tell({ ...hold, wantedNetwork: wish }, { atMs: nowMs, stage: hold.state, code: 'edit_requested', message: `the caller wants ${String(wish.ingress.length)} rules for what comes in and ${wish.egress === null ? 'no limit' : `${String(wish.egress.length)} rules`} for what goes out` });
}

function renewed(hold: HoldRecord, nowMs: number): HoldRecord {
  const { leaseMs } = hold.spec;
  if (leaseMs === null || hold.leaseEndsAtMs === null) throw new NotPossibleError(`request ${hold.id} has no lease: it is held until it is released`);
  if (hold.leaseEndsAtMs <= nowMs) throw new NotPossibleError(`the lease of request ${hold.id} has ended; ask for a new one`);
  const leaseEndsAtMs = nowMs + leaseMs;
  return tell({ ...hold, leaseEndsAtMs }, { atMs: nowMs, stage: hold.state, code: 'renewed', message: `its lease ends at ${new Date(leaseEndsAtMs).toISOString()}` });
}

function powered(hold: HoldRecord, power: HoldRecord['power'], nowMs: number): HoldRecord {
  if (hold.spec.type !== 'virtual_machine') throw new NotPossibleError(`request ${hold.id} is a ${hold.spec.type}; only a virtual_machine is stopped and started`);
  if (hold.spec.capacityType === 'spot') throw new NotPossibleError(`request ${hold.id} is on spot capacity, which cannot be stopped by its owner; ask for on-demand capacity`);
  if (hold.power === power) return hold;
  return tell({ ...hold, power }, { atMs: nowMs, stage: hold.state, code: power === 'stopped' ? 'stop_requested' : 'start_requested', message: `the caller wants it ${power}` });
}

function resized(hold: HoldRecord, needs: Extract<HoldChange, { kind: 'resize' }>['needs'], nowMs: number): HoldRecord {
  if (hold.spec.type !== 'storage' || hold.volume === null) throw new NotPossibleError(`request ${hold.id} is a ${hold.spec.type}; only storage is resized`);
  const { volume } = hold.spec;
  const present = hold.volume.shape;
  const wish = {
    sizeGib: needs.sizeGib ?? present.sizeGib, iops: needs.iops ?? volume.iops, throughputMibps: needs.throughputMibps ?? volume.throughputMibps,
    volumeType: needs.volumeType ?? volume.volumeType,
  };
  if (wish.sizeGib < present.sizeGib) throw new UnsatisfiableError(`an EBS volume grows and never shrinks: it has ${String(present.sizeGib)} GiB, ${String(wish.sizeGib)} were asked for`, []);
  const shape = chooseVolume(wish, volume.strategy);
  if (shape === null) throw new UnsatisfiableError(explainNoVolume(wish), []);
  if (JSON.stringify(shape) === JSON.stringify(hold.wantedShape ?? present)) return hold;
  return tell({ ...hold, wantedShape: shape, isResizing: false, spec: { ...hold.spec, volume: { ...volume, ...wish } } }, {
    atMs: nowMs, stage: hold.state, code: 'resize_requested',
    message: `will become ${String(shape.sizeGib)} GiB of ${shape.type}, ${shape.usdPerMonth.toFixed(2)} USD a month; EC2 takes the next change six hours after this one`,
  });
}
