// Services are declared, changed and deleted here; ticks of their pool do the rest. A document lies in the partition of
// its pool, so that a tick reads all of them with one query. Every change writes a mark as well: under it a name is
// given once, and the sums of a pool stay within their bounds.
import { createHash } from 'node:crypto';
import { targetGroupNotAllowed, targetGroupRefusedText } from '../../core/access/target-groups.ts';
import type { ReplicaTemplate, Revision, ServiceRecord } from '../../core/services/record.ts';
import {
  poolReplicasMax,
  revisionOf,
  revisionsMax,
  servicesMax,
  templateBytesMax,
  withEvents,
} from '../../core/services/record.ts';
import { begun, withRollout } from '../../core/services/rollout.ts';
import { isSame } from '../../core/values/dictionary.ts';
import { jsonBytes } from '../../core/values/json-bytes.ts';
import type { Item, Write } from '../../ports/store.ts';
import { checkReferences } from '../claims/references.ts';
import { checkSnapshots } from '../claims/snapshot-owners.ts';
import { inSubnet } from '../claims/submit.ts';
import { raiseWake } from '../coordination/wake.ts';
import { NotPossibleError, TargetGroupRefusedError, TooManyServicesError, UnsatisfiableError } from '../errors.ts';
import type { ControlPorts, ControlSettings } from '../ports.ts';
import { listPools, readPool, readServices, withServices } from '../requests/pools.ts';
import { choosePool } from '../requests/submit.ts';
import type { Submission } from '../use-cases.ts';
import { keys } from '../store/keys.ts';
import { queryAll, reading, updateWith } from '../store/store-retry.ts';
import type { ServiceWish } from './use-cases.ts';

type ServiceItem = Item<ServiceRecord>;

/** null: unknown. */
export async function findService(ports: ControlPorts, tenant: string, name: string): Promise<ServiceItem | null> {
  const pools = await listPools(ports);
  const items = await reading(ports, () =>
    ports.store.getMany<ServiceRecord>(
      pools
        .filter((pool) => pool.hasServices !== false)
        .map(({ spec }) => keys.service({ pool: spec.name, tenant, name })),
    ),
  );
  return items.find((item) => item !== null) ?? null;
}

/** Of one tenant, by name. Not more than a pool may have, for each pool. */
export async function servicesOf(ports: ControlPorts, tenant: string): Promise<readonly ServiceRecord[]> {
  const all: ServiceRecord[] = [];
  for (const pool of await listPools(ports)) {
    const items = await readServices(ports, pool, { skPrefix: keys.servicesOf(tenant) });
    all.push(...items.map((item) => item.data));
  }
  return all.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** @throws NoPoolError, UnsatisfiableError, TargetGroupRefusedError, TooManyServicesError, NotPossibleError */
export async function putService(
  ports: ControlPorts,
  { subnets }: Pick<ControlSettings, 'subnets'>,
  given: ServiceWish,
): Promise<ServiceRecord> {
  const bytes = jsonBytes(given.template);
  if (bytes > templateBytesMax)
    throw new UnsatisfiableError(
      `the template takes ${String(bytes)} bytes of JSON, and at most ${String(templateBytesMax)} are kept of each `
        + 'revision; put large inputs where the processes can fetch them',
      [],
    );
  const present = await findService(ports, given.tenant, given.name);
  const asked = inSubnet({ ...given, idempotencyKey: null, spec: given.template, canonicalBody: '' }, subnets);
  const home = present?.data.pool ?? null;
  if (home !== null && given.pool !== null && given.pool !== home)
    throw new NotPossibleError(`service ${given.name} is of pool ${home}: delete it before it begins in another one`);
  const { pool, spec } = await choosePool(ports, { ...asked, pool: home ?? given.pool }, await listPools(ports));
  const wish = { ...given, pool, template: await checkedTemplate(ports, given.tenant, pool, spec) };
  await checkTargetGroups(ports, wish);
  const nowMs = ports.clock.nowMs();
  const id = createHash('sha256').update(ports.random.id()).digest('hex').slice(0, 16);
  const record = await change(ports, wish, (before) => declared(wish, before?.data ?? null, { id, nowMs }));
  if (record === null) throw new NotPossibleError(`service ${given.name} was not stored`);
  return record;
}

/** @throws TargetGroupRefusedError */
async function checkTargetGroups(
  ports: ControlPorts,
  { tenant, pool, targetGroups = [] }: Pick<ServiceWish, 'tenant' | 'targetGroups'> & { readonly pool: string },
): Promise<void> {
  if (targetGroups.length === 0) return;
  const refused = targetGroupNotAllowed(targetGroups, (await readPool(ports, pool))?.data.spec.targetGroups, tenant);
  if (refused !== undefined) throw new TargetGroupRefusedError(targetGroupRefusedText(pool, tenant, refused.arn));
}

/** What a machine names is there, and may be used. @throws UnsatisfiableError, NotPossibleError */
async function checkedTemplate(
  ports: ControlPorts,
  tenant: string,
  pool: string,
  spec: Submission['spec'],
): Promise<ReplicaTemplate> {
  if (spec.type === 'task') return spec;
  if (spec.type !== 'virtual_machine') throw new TypeError(`a template of type ${spec.type}`);
  await checkReferences(ports, '', tenant, pool, spec);
  await checkSnapshots(ports, tenant, spec);
  return spec;
}

/** null: unknown. @throws TooManyServicesError, NotPossibleError */
export async function scaleService(
  ports: ControlPorts,
  tenant: string,
  name: string,
  replicas: number,
): Promise<ServiceRecord | null> {
  const nowMs = ports.clock.nowMs();
  return changePresent(ports, tenant, name, (before) => {
    if (before.scaling !== undefined)
      throw new NotPossibleError(
        `policies of service ${name} move its replicas, from ${String(before.scaling.min)} to `
          + `${String(before.scaling.max)}; declare it with another min or max, with a manual policy, or without `
          + 'policies',
      );
    return before.replicas === replicas || before.deletingSinceMs !== null ? before : scaled(before, replicas, nowMs);
  });
}

/** null: unknown. @throws NotPossibleError */
export async function deleteService(ports: ControlPorts, tenant: string, name: string): Promise<ServiceRecord | null> {
  const nowMs = ports.clock.nowMs();
  return changePresent(ports, tenant, name, (before) =>
    before.deletingSinceMs !== null
      ? before
      : withEvents({ ...before, deletingSinceMs: nowMs, updatedAtMs: nowMs }, [
          { atMs: nowMs, code: 'deleted', message: 'deleted: its replicas are drained and stopped' },
        ]),
  );
}

/**
 * Replicas shall have an earlier template again. `to` null: the one before. null: unknown.
 * @throws NotPossibleError
 */
export async function rollBack(
  ports: ControlPorts,
  tenant: string,
  name: string,
  to: number | null,
): Promise<ServiceRecord | null> {
  const nowMs = ports.clock.nowMs();
  return changePresent(ports, tenant, name, (before) => {
    const earlier = before.revisions.filter((one) => (to === null ? one.number < before.revision : one.number === to));
    const number = earlier.at(-1)?.number;
    if (number === before.revision) return before;
    if (number === undefined) {
      const kept = before.revisions.map((one) => String(one.number)).join(', ');
      throw new NotPossibleError(
        `service ${name} has no ${to === null ? 'earlier revision' : `revision ${String(to)}`}; kept are ${kept}`,
      );
    }
    const reason = `asked for; it was revision ${String(before.revision)}`;
    return withEvents({ ...withRollout(before, number, nowMs, reason), updatedAtMs: nowMs }, [
      { atMs: nowMs, code: 'revision', message: `revision ${String(number)} comes back: ${reason}` },
    ]);
  });
}

function scaled(before: ServiceRecord, replicas: number, nowMs: number): ServiceRecord {
  return withEvents({ ...before, replicas, updatedAtMs: nowMs }, [
    { atMs: nowMs, code: 'scaled', message: `${String(replicas)} replicas wanted, ${String(before.replicas)} before` },
  ]);
}

interface Fresh {
  /** Of a new one. */
  readonly id: string;
  readonly nowMs: number;
}

/** The document as it is declared; the one before where nothing is new. */
function declared(wish: ServiceWish & { pool: string }, before: ServiceRecord | null, fresh: Fresh): ServiceRecord {
  const { nowMs } = fresh;
  const { tenant, name, pool, update, drainMs, scaling, targetGroups } = wish;
  const replicas = replicasAtFirst(wish, before);
  const groups = targetGroups === undefined || targetGroups.length === 0 ? {} : { targetGroups };
  const own = { replicas, update, drainMs, deletingSinceMs: null, ...(scaling && { scaling }), ...groups };
  if (before === null) {
    const first: ServiceRecord = {
      ...own,
      ...{ id: fresh.id, tenant, name, pool, revision: 1, running: [], crashed: [], started: 0, events: [] },
      rollout: begun(1, null, nowMs, null),
      revisions: [{ number: 1, template: wish.template, createdAtMs: nowMs }],
      createdAtMs: nowMs,
      updatedAtMs: nowMs,
    };
    return withEvents(first, [{ atMs: nowMs, code: 'declared', message: `declared in pool ${pool}` }]);
  }
  const readable = tried(before);
  const now = before.replicas === replicas ? readable : scaled(readable, replicas, nowMs);
  const next = withUses({ ...withoutOld(withTemplate(now, wish.template, nowMs), scaling), ...own }, before);
  return isSame(next, before) ? before : { ...next, updatedAtMs: nowMs };
}

/** Replicas of earlier revisions stay registered as they are until others have taken their place. */
function withUses(next: ServiceRecord, { targetGroups = [] }: ServiceRecord): ServiceRecord {
  const isSameUses = isSame(targetGroups, next.targetGroups ?? []);
  const revisions = next.revisions.map(({ targetGroups: own, ...revision }): Revision => {
    if (revision.number === next.revision) return revision;
    const uses = own ?? (isSameUses ? undefined : targetGroups);
    return { ...revision, ...(uses && { targetGroups: uses }) };
  });
  return { ...next, revisions };
}

/** Where policies move it the count stays as it is, within their bounds; what is declared is where they begin. */
function replicasAtFirst({ replicas, scaling }: ServiceWish, before: ServiceRecord | null): number {
  if (scaling === undefined) return replicas ?? 1;
  const present = before?.replicas ?? null;
  const start = (before?.scaling === undefined ? (replicas ?? present) : present) ?? scaling.min;
  return Math.max(scaling.min, Math.min(scaling.max, start));
}

/** Without what may be declared no more. What was remembered for policies stays while there are some of the kind. */
function withoutOld(
  { scaling: _old, scaled: remembered, targetGroups: _groups, ...service }: ServiceRecord,
  scaling: ServiceWish['scaling'],
): ServiceRecord {
  if (scaling === undefined || remembered === undefined) return service;
  const { alarmed, moved } = remembered;
  const keepsAlarms = alarmed !== undefined && scaling.policies.some((one) => one.kind === 'alarm');
  return { ...service, scaled: { moved, ...(keepsAlarms ? { alarmed } : {}) } };
}

/** Another template is a new revision; the oldest are forgotten. */
function withTemplate(before: ServiceRecord, template: ReplicaTemplate, nowMs: number): ServiceRecord {
  if (isSame(revisionOf(before, before.revision)?.template, template)) return before;
  const number = Math.max(...before.revisions.map((one) => one.number)) + 1;
  const revision: Revision = { number, template, createdAtMs: nowMs };
  const next = withRollout(before, number, nowMs, null);
  const kept = before.revisions.slice(1 - revisionsMax);
  // What an update that fails goes back to is always there.
  const good = before.revisions.filter((one) => one.number === next.rollout.from && !kept.includes(one));
  return withEvents({ ...next, revisions: [...good, ...kept, revision] }, [
    { atMs: nowMs, code: 'revision', message: `revision ${String(number)} takes the place of the one before` },
  ]);
}

/** One that was set aside is decided about again once somebody changes it; the same document where it was not. */
function tried(before: ServiceRecord): ServiceRecord {
  if (before.quarantine === undefined) return before;
  const { quarantine: _cleared, ...readable } = before;
  return readable;
}

async function changePresent(
  ports: ControlPorts,
  tenant: string,
  name: string,
  next: (before: ServiceRecord) => ServiceRecord,
): Promise<ServiceRecord | null> {
  const present = await findService(ports, tenant, name);
  if (!present) return null;
  return change(ports, present.data, (before) => before && next(tried(before.data)));
}

/** Answers the document afterwards; null: there is none. */
async function change(
  ports: ControlPorts,
  { pool, tenant, name }: { readonly pool: string; readonly tenant: string; readonly name: string },
  next: (before: ServiceItem | null) => ServiceRecord | null,
): Promise<ServiceRecord | null> {
  const key = keys.service({ pool, tenant, name });
  let answer: ServiceRecord | null = null;
  await updateWith<object>(ports, keys.servicesMark, async () => {
    const before = await reading(ports, () => ports.store.get<ServiceRecord>(key));
    if (before?.data.isUnreadable === true)
      throw new NotPossibleError(`${before.data.quarantine ?? ''}; report it to the operators of this installation`);
    answer = next(before);
    if (answer === null || answer === before?.data) return null;
    const others: Write[] = [{ op: 'put', item: { ...key, data: answer }, condition: before?.version ?? 'absent' }];
    if (before === null) others.push(await checkNew(ports, answer));
    else if (hasTargets(answer) && !hasTargets(before.data)) others.push(await markTargets(ports, answer));
    if (mostOf(answer) > (before === null ? -1 : mostOf(before.data))) await checkRoom(ports, answer);
    return { item: { ...keys.servicesMark, data: { changedAtMs: ports.clock.nowMs() } }, others };
  });
  // Also by a repeat that changes nothing: the first one may have stopped between its write and this.
  if (answer !== null) await raiseWake(ports, pool);
  return answer;
}

/** A name is given once, whatever the pool; and nothing begins in a pool that goes. @throws NotPossibleError */
async function checkNew(ports: ControlPorts, service: ServiceRecord): Promise<Write> {
  const { tenant, name, pool } = service;
  const other = await findService(ports, tenant, name);
  if (other) throw new NotPossibleError(`service ${name} has just been declared in pool ${other.data.pool}`);
  const home = await readPool(ports, pool);
  if (!home || home.data.deletingSinceMs !== null) throw new NotPossibleError(`pool ${pool} is being deleted`);
  return withServices(home, hasTargets(service));
}

function hasTargets({ targetGroups }: ServiceRecord): boolean {
  return targetGroups !== undefined;
}

/** Its pool's ticks look for what is registered. */
async function markTargets(ports: ControlPorts, { pool }: ServiceRecord): Promise<Write> {
  const home = await readPool(ports, pool);
  if (!home) throw new NotPossibleError(`pool ${pool} has been deleted`);
  return withServices(home, true);
}

/** Replicas that it may come to want. */
function mostOf({ replicas, scaling }: ServiceRecord): number {
  return scaling?.max ?? replicas;
}

/** The mark's version keeps these sums true until the write. @throws TooManyServicesError */
async function checkRoom(ports: ControlPorts, wanted: ServiceRecord): Promise<void> {
  const others = (await queryAll<ServiceRecord>(ports, keys.services(wanted.pool)))
    .map((item) => item.data)
    .filter((one) => one.tenant !== wanted.tenant || one.name !== wanted.name);
  if (others.length >= servicesMax)
    throw new TooManyServicesError(`pool ${wanted.pool} has ${String(others.length)} services, and room for no more`);
  const replicas = others.reduce((sum, one) => sum + mostOf(one), mostOf(wanted));
  if (replicas > poolReplicasMax)
    throw new TooManyServicesError(
      `pool ${wanted.pool} would have ${String(replicas)} replicas, and has room for ${String(poolReplicasMax)}`,
    );
}
