// Changes that callers request for a claim: cancel, renew the lease, stop and start, resize, attach, detach, edit
// rules. Only the request is recorded here; the tick carries it out.
import { withTimeline } from '../../core/records/timeline.ts';
import type { AnyRequest, AnyRow, ClaimRecord, ClaimRow } from '../../core/records/claim.ts';
import type { NetworkWish } from '../../core/records/security-group.ts';
import { isClaim } from '../../core/records/claim.ts';
import { attachZoneConflict } from '../../core/values/volume-zone.ts';
import { rowOf } from '../../core/claims/documents.ts';
import { deviceLetters, waiting, waitsForEc2 } from '../../core/claims/lifecycle.ts';
import { isPublic, takenBack, wishKey } from '../../core/claims/networks/network-rules.ts';
import { isSameShape, modifyAgainAfterMs, resizeWish, shapeText } from '../../core/claims/volumes/resize.ts';
import type { PutItem } from '../../ports/store.ts';
import { ConditionFailedError } from '../../ports/store.ts';
import { etagOf } from '../../core/claims/etag.ts';
import { EditConflictError, NotPossibleError, PreconditionFailedError, UnsatisfiableError } from '../errors.ts';
import { keys } from '../store/keys.ts';
import type { ControlPorts } from '../ports.ts';
import type { ClaimChange } from '../use-cases.ts';
import { raiseWake } from '../coordination/wake.ts';
import { put, reading, transact } from '../store/store-retry.ts';
import { rowItem, withItsParts } from './store.ts';
import { checkNetwork } from './submit.ts';

export function markCancelled(claim: ClaimRow, nowMs: number): PutItem<ClaimRow> {
  const service = serviceOf(claim);
  const then = service === null ? '' : `; service ${service} puts another one in its place`;
  return rowItem(
    withTimeline(
      { ...claim, cancelRequestedAtMs: nowMs, quarantine: null, reason: 'release_requested' },
      { atMs: nowMs, stage: claim.state, code: 'release_requested', message: `the caller released it${then}` },
    ),
    null,
  );
}

/**
 * `ifMatch`: revisions of which the present one must be one, or `*`: whatever it is. null: unknown. @throws
 * NotPossibleError, UnsatisfiableError, PreconditionFailedError, EditConflictError
 */
export async function changeClaim(
  ports: ControlPorts,
  tenant: string,
  id: string,
  change: ClaimChange,
  ifMatch: readonly string[] | null = null,
): Promise<ClaimRecord | null> {
  const nowMs = ports.clock.nowMs();
  if (change.kind === 'detach') await checkUser(ports, tenant, id);
  if (change.kind === 'rules') await checkSources(ports, tenant, id, change.rules);
  for (let tries = 1; ; tries += 1) {
    const other = change.kind === 'attach' ? change.machine : null;
    const named = other === null || other === id ? [id] : [id, other];
    const [item, machine = null] = await reading(ports, () =>
      ports.store.getMany<AnyRow>(named.map((one) => keys.request(one))),
    );
    if (!item || item.data.tenant !== tenant) return null;
    const record = await withItsParts(ports, item.data);
    if (!isClaim(record))
      throw new NotPossibleError(
        `request ${id} is a task: it has no lease, power or size; DELETE /v1/requests/${id} cancels it`,
      );
    checkDecided(record);
    checkReplica(record, change);
    if (ifMatch !== null && !isMatch(ifMatch, etagOf(record)))
      throw new PreconditionFailedError(`request ${id}`, etagOf(record));
    if (other !== null) checkMachine(record, other, machine && (await withItsParts(ports, machine.data)), nowMs);
    const next = changed(record, change, ifMatch !== null, nowMs);
    if (next === record) return record;
    try {
      // Where the change rests on another request, that one is as it was seen, too: of two wishes that exclude
      // each other one wins.
      if (machine === null) await put(ports, rowItem(rowOf(next), null), item.version);
      else
        await transact(ports, [
          { op: 'put', item: rowItem(rowOf(next), null), condition: item.version },
          { op: 'check', key: keys.request(machine.data.id), condition: machine.version },
        ]);
    } catch (error) {
      if (!(error instanceof ConditionFailedError) || tries >= triesMax) throw error;
      await ports.clock.sleep(ports.random.next() * 50 * tries);
      continue;
    }
    await raiseWake(ports, next.pool);
    return next;
  }
}

/** Whose replica it is; null: nobody's. */
function serviceOf({ spec }: Pick<ClaimRow, 'spec'>): string | null {
  return spec.type === 'virtual_machine' ? (spec.service?.name ?? null) : null;
}

/** All replicas are as the template says, and run. @throws NotPossibleError */
function checkReplica(claim: ClaimRecord, { kind }: ClaimChange): void {
  const service = serviceOf(claim);
  if (service === null || (kind !== 'power' && kind !== 'rules')) return;
  const cure =
    kind === 'power'
      ? `scale the service, or release ${claim.id}, and another one takes its place`
      : 'declare the service with another template, or name a network request there, and edit that';
  throw new NotPossibleError(
    `request ${claim.id} is a replica of service ${service}, whose template decides: it cannot be ${participles[kind]} `
      + `by itself; ${cure}`,
  );
}

/** Nothing is decided about a claim that was set aside, so no change of it would happen. @throws NotPossibleError */
function checkDecided({ id, quarantine, isUnreadable }: ClaimRecord): void {
  if (quarantine === null) return;
  const cure = isUnreadable ? 'report it' : 'release it, or report it';
  throw new NotPossibleError(
    `request ${id} is set aside, and nothing of it changes until that is mended: ${quarantine}; ${cure} to the `
      + 'operators of this installation',
  );
}

/** Of a request whose stored record cannot be read: to write what stands in for it would lose what is there. */
export function unreadable({ id, quarantine }: Pick<AnyRequest, 'id' | 'quarantine'>, done: string): string {
  return (
    `request ${id} cannot be ${done} now: ${quarantine ?? 'its stored record cannot be read'}. What it has `
    + 'stays as it is; report it to the operators of this installation, who can mend the record'
  );
}

const triesMax = 20;

/** An edit that comes this soon after another may be based on rules that its author read before that one. */
const editsSeenAfterMs = 60_000;

/** `*` matches any state. */
function isMatch(ifMatch: readonly string[], revision: string): boolean {
  return ifMatch.includes('*') || ifMatch.includes(revision);
}

/** Reasons that a resize sets. */
const resizeReasons: ReadonlySet<string> = new Set(['resizing', 'waits_for_ec2', 'limit_reached']);

const participles = {
  renew: 'renewed',
  power: 'stopped and started',
  resize: 'resized',
  attach: 'attached',
  detach: 'detached',
  rules: 'edited',
} as const satisfies Record<ClaimChange['kind'], string>;

function changed(claim: ClaimRecord, change: ClaimChange, isGuarded: boolean, nowMs: number): ClaimRecord {
  const isGranted = claim.state === 'active' || (claim.state === 'pending' && claim.startedAtMs !== null);
  if (!isGranted || claim.cancelRequestedAtMs !== null) {
    throw new NotPossibleError(
      `request ${claim.id} is ${claim.cancelRequestedAtMs === null ? claim.state : 'being released'}; only `
        + `what is active can be ${participles[change.kind]}`,
    );
  }
  switch (change.kind) {
    case 'renew':
      return renewed(claim, nowMs);
    case 'power':
      return powered(claim, change.power, nowMs);
    case 'resize':
      return resized(claim, change.needs, nowMs);
    case 'attach':
      return attached(claim, change.machine, nowMs);
    case 'detach':
      return detached(claim, nowMs);
    case 'rules':
      return edited(claim, change.rules, isGuarded, nowMs);
  }
}

/** Refuses an attachment that can never succeed: the tick could only fail the claim, and with it the volume. */
function checkMachine(storage: ClaimRecord, machineId: string, machine: AnyRequest | null, nowMs: number): void {
  if (
    machine?.tenant !== storage.tenant
    || !isClaim(machine)
    || machine.spec.type !== 'virtual_machine'
    || machine.pool !== storage.pool
  ) {
    throw new NotPossibleError(`${machineId} is no virtual_machine request of yours in pool ${storage.pool}`);
  }
  checkDecided(machine);
  const isGoing =
    machine.cancelRequestedAtMs !== null || (machine.leaseEndsAtMs !== null && machine.leaseEndsAtMs <= nowMs);
  if (machine.state !== 'active' || isGoing)
    throw new NotPossibleError(
      `${machineId} is ${isGoing && machine.state === 'active' ? 'being released' : machine.state}; a volume `
        + 'is attached to an active machine',
    );
  const zone = machine.machines[0]?.zone ?? null;
  const own = storage.volume?.zone ?? null;
  const conflict = attachZoneConflict(machineId, zone, own);
  if (storage.spec.type === 'storage' && conflict !== null) throw new NotPossibleError(conflict);
  const volumes =
    (machine.machines[0]?.volumes.length ?? 0) + machine.spec.volumeRequests.filter((one) => one !== storage.id).length;
  if (volumes >= deviceLetters.length)
    throw new NotPossibleError(
      `${machineId} has ${String(volumes)} volumes, and a machine takes ${String(deviceLetters.length)}: no `
        + 'device name is left; detach one first',
    );
}

function attached(claim: ClaimRecord, machine: string, nowMs: number): ClaimRecord {
  if (claim.spec.type !== 'storage')
    throw new NotPossibleError(`request ${claim.id} is a ${claim.spec.type}; only storage is attached`);
  if (claim.isDetaching)
    throw new NotPossibleError(
      `request ${claim.id} is being detached from ${claim.usedBy?.request ?? 'its machine'}; attach it when it is free`,
    );
  if (claim.usedBy?.request === machine || (claim.state === 'pending' && claim.spec.attachTo === machine)) return claim;
  if (claim.usedBy !== null)
    throw new NotPossibleError(
      `request ${claim.id} is used by ${claim.usedBy.request}: a volume is attached to one machine at `
        + 'most; detach it first',
    );
  if (claim.state === 'pending')
    throw new NotPossibleError(
      `request ${claim.id} is being attached to ${claim.spec.attachTo ?? 'another machine'}: a volume is `
        + 'attached to one machine at most; detach it when that is done',
    );
  return waiting(
    withTimeline(
      { ...claim, state: 'pending', spec: { ...claim.spec, attachTo: machine } },
      { atMs: nowMs, stage: 'pending', code: 'attach_requested', message: `the caller wants it on ${machine}` },
    ),
    'attaching',
    `waits to be attached to ${machine}`,
    nowMs,
  );
}

/** Refuses to detach while the volume is being attached: it would be unknown whether it is attached. */
async function checkUser(ports: ControlPorts, tenant: string, id: string): Promise<void> {
  const storage = await reading(ports, () => ports.store.get<AnyRow>(keys.request(id)));
  if (storage?.data.tenant !== tenant || !isClaim(storage.data) || storage.data.usedBy === null) return;
  const { request } = storage.data.usedBy;
  const user = await reading(ports, () => ports.store.get<AnyRow>(keys.request(request)));
  if (user && isClaim(user.data) && user.data.state === 'pending' && user.data.startedAtMs === null) {
    throw new NotPossibleError(
      `request ${id} is being attached to ${request}, which is pending: wait until it is active, or release it`,
    );
  }
}

/** The networks that the new rules name must be live. If one is released later, its rules are removed with it. */
async function checkSources(
  ports: ControlPorts,
  tenant: string,
  id: string,
  rules: Partial<NetworkWish>,
): Promise<void> {
  const named = [...new Set([...(rules.ingress ?? []), ...(rules.egress ?? [])].flatMap((rule) => rule.request ?? []))];
  if (named.length === 0) return;
  const [claim, ...sources] = await reading(ports, () =>
    ports.store.getMany<AnyRow>([id, ...named].map((one) => keys.request(one))),
  );
  if (claim?.data.tenant !== tenant) return;
  for (const [n, name] of named.entries()) {
    const source = sources[n]?.data;
    const isLive =
      source?.tenant === tenant
      && source.spec.type === 'network'
      && source.pool === claim.data.pool
      && (source.state === 'pending' || source.state === 'active');
    if (!isLive)
      throw new NotPossibleError(
        `the rules name ${name}, which is no live network request of yours in pool ${claim.data.pool}`,
      );
  }
}

function detached(claim: ClaimRecord, nowMs: number): ClaimRecord {
  if (claim.spec.type !== 'storage')
    throw new NotPossibleError(`request ${claim.id} is a ${claim.spec.type}; only storage is detached`);
  if (claim.usedBy?.node)
    throw new NotPossibleError(
      `request ${claim.id} is mounted by task ${claim.usedBy.request}: it is detached when that ends, or is cancelled`,
    );
  if (claim.isDetaching || (claim.usedBy === null && claim.state === 'active')) return claim;
  if (claim.state !== 'active')
    throw new NotPossibleError(
      `request ${claim.id} is being attached to ${claim.spec.attachTo ?? 'a machine'}: wait until it is active`,
    );
  return withTimeline(
    { ...claim, isDetaching: true, reason: 'detaching' },
    {
      atMs: nowMs,
      stage: 'active',
      code: 'detach_requested',
      message: `the caller wants it off ${claim.usedBy?.request ?? 'its machine'}`,
    },
  );
}

function edited(claim: ClaimRecord, rules: Partial<NetworkWish>, isGuarded: boolean, nowMs: number): ClaimRecord {
  const present = claim.wantedNetwork ?? (claim.spec.type === 'storage' ? null : claim.spec.network);
  if (present === null)
    throw new NotPossibleError(
      `request ${claim.id} is a ${claim.spec.type} without rules of its own; edit the network request that it uses`,
    );
  const wish: NetworkWish = { ...present, ...rules };
  checkNetwork(wish);
  if (isPublic(wish) && !wish.allowPublic)
    throw new UnsatisfiableError('the rules let the whole internet in; set allowPublic to true if that is meant', []);
  if (
    wishKey(wish) === wishKey(present)
    && wish.sharing === present.sharing
    && wish.allowPublic === present.allowPublic
  )
    return claim;
  const isInForce = claim.wantedNetwork === null;
  const isRecent = !isInForce || nowMs - (claim.networkEditedAtMs ?? -Infinity) < editsSeenAfterMs;
  const lost = isGuarded || !isRecent ? [] : takenBack(claim.networkBeforeEdits ?? present, present, wish, isInForce);
  if (lost.length > 0) {
    throw new EditConflictError(
      'the edit would take back what an earlier one changed '
        + `(${lost.slice(0, 5).join(', ')}${lost.length > 5 ? ', …' : ''}), and nothing shows that this is meant: `
        + `read request ${claim.id} again, and send its ETag as If-Match: `
        + `"${etagOf(claim)}"`,
    );
  }
  return withTimeline(
    {
      ...claim,
      wantedNetwork: wish,
      networkBeforeEdits: isInForce ? present : (claim.networkBeforeEdits ?? present),
      networkEditedAtMs: nowMs,
      reason: claim.state === 'active' ? 'changing_rules' : claim.reason,
    },
    {
      atMs: nowMs,
      stage: claim.state,
      code: 'edit_requested',
      message:
        `the caller wants ${String(wish.ingress.length)} rules for what comes in and `
        + `${wish.egress === null ? 'no limit' : `${String(wish.egress.length)} rules`} for what goes out`,
    },
  );
}

function renewed(claim: ClaimRecord, nowMs: number): ClaimRecord {
  const { leaseMs } = claim.spec;
  if (leaseMs === null || claim.leaseEndsAtMs === null)
    throw new NotPossibleError(`request ${claim.id} has no lease: it stays until it is released`);
  if (claim.leaseEndsAtMs <= nowMs)
    throw new NotPossibleError(`the lease of request ${claim.id} has ended; ask for a new one`);
  const leaseEndsAtMs = nowMs + leaseMs;
  return withTimeline(
    { ...claim, leaseEndsAtMs },
    {
      atMs: nowMs,
      stage: claim.state,
      code: 'renewed',
      message: `its lease ends at ${new Date(leaseEndsAtMs).toISOString()}`,
    },
  );
}

function powered(claim: ClaimRecord, power: ClaimRecord['power'], nowMs: number): ClaimRecord {
  if (claim.spec.type !== 'virtual_machine')
    throw new NotPossibleError(
      `request ${claim.id} is a ${claim.spec.type}; only a virtual_machine is stopped and started`,
    );
  if (claim.spec.capacityType === 'spot')
    throw new NotPossibleError(
      `request ${claim.id} is on spot capacity, which cannot be stopped by its owner; ask for on-demand capacity`,
    );
  if (claim.power === power) return claim;
  const isStop = power === 'stopped';
  return withTimeline(
    {
      ...claim,
      power,
      ...(claim.startRefused ? { startRefused: null } : {}),
      reason: isStop ? 'stopping' : 'starting',
    },
    {
      atMs: nowMs,
      stage: claim.state,
      code: isStop ? 'stop_requested' : 'start_requested',
      message: `the caller wants it ${power}`,
    },
  );
}

function resized(
  claim: ClaimRecord,
  needs: Extract<ClaimChange, { kind: 'resize' }>['needs'],
  nowMs: number,
): ClaimRecord {
  if (claim.spec.type !== 'storage' || claim.volume === null)
    throw new NotPossibleError(`request ${claim.id} is a ${claim.spec.type}; only storage is resized`);
  const { shape: present } = claim.volume;
  const wish = resizeWish(present, claim.wantedShape, claim.isResizing, needs);
  if ('problem' in wish) throw new UnsatisfiableError(wish.problem, []);
  const { shape } = wish;
  if (isSameShape(shape, claim.wantedShape ?? present)) return claim;
  if (isSameShape(shape, present) && !claim.isResizing) {
    return withTimeline(
      { ...claim, wantedShape: null, reason: resizeReasons.has(claim.reason ?? '') ? null : claim.reason },
      { atMs: nowMs, stage: claim.state, code: 'resize_withdrawn', message: `stays ${shapeText(present)}` },
    );
  }
  const wanted = withTimeline(
    { ...claim, wantedShape: shape, isResizing: false },
    { atMs: nowMs, stage: claim.state, code: 'resize_requested', message: `will become ${shapeText(shape)}` },
  );
  // Another change is in progress and stays the reason: the resize continues after it.
  if (claim.state !== 'active' || claim.isDetaching) return wanted;
  const untilMs = claim.modifiedAtMs === undefined ? null : claim.modifiedAtMs + modifyAgainAfterMs;
  if (untilMs !== null && untilMs > nowMs) return waitsForEc2(wanted, untilMs, nowMs);
  return waiting(wanted, 'resizing', `waits for EC2 to make it ${shapeText(shape)}`, nowMs);
}
