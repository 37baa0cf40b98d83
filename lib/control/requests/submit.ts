// Submit: the request's id derives from (tenant, key), one conditional write stores it, and only then it is
// accepted. Whether it fits limits is decided at placement, not at submit; whether it ever could fit, here.
import { createHash } from 'node:crypto';
import { accessRefused } from '../../core/access/images.ts';
import { roleByDefault, roleRefusedText } from '../../core/access/roles.ts';
import { refusedText } from '../../core/access/secrets.ts';
import { newRequest } from '../../core/tasks/request-lifecycle.ts';
import { newClaim } from '../../core/claims/lifecycle.ts';
import { isClaim } from '../../core/records/claim.ts';
import type { AnyRequest, AnyRow } from '../../core/records/claim.ts';
import type { Offering } from '../../core/values/offering.ts';
import type { PoolSpec } from '../../core/records/pool.ts';
import type { QuotedFigures, RequestRecord, TaskSpec } from '../../core/records/request.ts';
import { isEnd } from '../../core/records/request.ts';
import { machineWithDefaults, withDefaults } from '../../core/allocation/requirement-defaults.ts';
import { namedButLeftOut, typesMeeting, unmetOfPool } from '../../core/values/requirements.ts';
import { slightlyLess, slightlyLessText } from '../../core/allocation/reasons/slightly-less.ts';
import { findNever, findTooFewZones } from '../../core/allocation/reasons/satisfiable.ts';
import type { ItemKey, PutItem } from '../../ports/store.ts';
import { ConditionFailedError } from '../../ports/store.ts';
import { checkClaim, inSubnet } from '../claims/submit.ts';
import { checkSnapshots } from '../claims/snapshot-owners.ts';
import { checkReferences } from '../claims/references.ts';
import { checkZones } from '../claims/volume-zones.ts';
import { rowOf } from '../../core/claims/documents.ts';
import { rowItem, withItsParts } from '../claims/store.ts';
import {
  IdempotencyConflictError,
  NoPoolError,
  NotPossibleError,
  PoolRefusedError,
  RoleRefusedError,
  SecretRefusedError,
  UnsatisfiableError,
} from '../errors.ts';
import { keys } from '../store/keys.ts';
import { listPools, offeringsOfPool } from './pools.ts';
import { listAlone, listBatch, listsOf, quotedIn } from './lists/listed.ts';
import type { BatchRecord } from './listing.ts';
import type { ControlPorts, ControlSettings } from '../ports.ts';
import { checkSize } from './record-size.ts';
import type { NodesSeen } from '../store/seen.ts';
import type { PoolRecord, Submission, SubmitResult } from '../use-cases.ts';
import { raiseWake } from '../coordination/wake.ts';
import { inParallel, put, reading } from '../store/store-retry.ts';

const batchWidth = 50;
/** A batch's entry outlives the last of its requests by at least this. */
const batchMarginMs = 24 * 3_600_000;

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** `r-` and 26 hex digits (104 bits) of the hash of tenant and key; a random id when there is no key. */
export function requestIdOf(tenant: string, key: string | null, randomId: () => string): string {
  return `r-${(key === null ? sha256(randomId()) : sha256(`${tenant}\0${key}`)).slice(0, 26)}`;
}

/** Where a request is among the open ones: set aside, to be ended, or waiting for its turn. */
export function openKey(record: RequestRecord): ItemKey {
  const {
    id,
    pool,
    tenant,
    createdAtMs,
    spec: { priority },
  } = record;
  if (record.quarantine !== null && record.endedAtMs === null) return keys.aside(pool, id, createdAtMs);
  return keys.open(pool, {
    id,
    tenant,
    priority,
    createdAtMs,
    isEnding: record.cancelRequestedAtMs !== null || record.endedAtMs !== null,
  });
}

/**
 * A request's item: in `open` until it is collected, in `by-time` while it is kept, unless the entry
 * of its batch is there.
 */
export function requestItem(
  record: RequestRecord,
  collected: { readonly expiresAtMs: number } | null,
): PutItem<RequestRecord> {
  return {
    ...keys.request(record.id),
    data: record,
    index: {
      ...(collected ? {} : { open: openKey(record) }),
      ...(record.batch ? {} : { 'by-time': keys.byTime(record.tenant, record.id, record.createdAtMs) }),
    },
    expiresAtMs: collected?.expiresAtMs ?? null,
  };
}

export async function submit(
  ports: ControlPorts,
  settings: ControlSettings,
  nodes: NodesSeen,
  submission: Submission,
  quoted?: QuotedFigures,
): Promise<SubmitResult> {
  const pools = await listPools(ports);
  const id = idOf(ports, submission);
  const place = await settled(placeFor(ports, settings, { submission, id }, pools));
  const result = await asSeen(nodes, await store(ports, settings, submission, place, { id, batch: null, quoted }));
  // Also for a repeat: the first call may have stopped between its write and its wake.
  if (!isEnd(result.request.state)) await raiseWake(ports, result.request.pool);
  return result.isRepeat ? result : withAdvice(ports, result, pools);
}

async function withAdvice(
  ports: ControlPorts,
  result: SubmitResult,
  pools: readonly PoolRecord[],
): Promise<SubmitResult> {
  const { request } = result;
  const pool = pools.find((one) => one.spec.name === request.pool);
  if (pool === undefined || isClaim(request)) return result;
  const less = slightlyLess(request.spec, pool.spec.tasksPerNode, await offeringsOfPool(ports, pool.spec));
  return less === null ? result : { ...result, advice: slightlyLessText(less) };
}

/** A repeat is answered with the present state. */
async function asSeen(nodes: NodesSeen, result: SubmitResult): Promise<SubmitResult> {
  if (!result.isRepeat) return result;
  const [request = result.request] = await nodes.seen([result.request]);
  return { ...result, request };
}

export async function submitBatch(
  ports: ControlPorts,
  settings: ControlSettings,
  nodes: NodesSeen,
  submissions: readonly Submission[],
): Promise<readonly (SubmitResult | Error)[]> {
  const pools = await listPools(ports);
  const ids = submissions.map((submission) => ({ submission, id: idOf(ports, submission) }));
  const all = await inParallel(ids, batchWidth, async (one) => ({
    ...one,
    place: await settled(placeFor(ports, settings, one, pools)),
  }));
  const batches = await writeBatches(
    ports,
    settings,
    all.filter((one) => one.submission.spec.type === 'task'),
  );
  const results = await inParallel(all, batchWidth, async (one): Promise<SubmitResult | Error> => {
    const { submission, id, place } = one;
    try {
      return await asSeen(
        nodes,
        await store(ports, settings, submission, place, { id, batch: batches.get(submission.tenant) ?? null }),
      );
    } catch (error) {
      // An item's failure is its own: the caller turns it into that item's problem.
      return error instanceof Error ? error : new Error(String(error));
    }
  });
  const woken = new Set(
    results.filter((one): one is SubmitResult => !(one instanceof Error)).map((one) => one.request.pool),
  );
  for (const pool of [...woken].sort()) await raiseWake(ports, pool);
  return results;
}

function idOf(ports: ControlPorts, submission: Submission): string {
  return requestIdOf(submission.tenant, submission.idempotencyKey, () => ports.random.id());
}

/** A submission with its defaults, and the pool that takes it. */
interface Placed {
  readonly pool: string;
  readonly spec: Submission['spec'];
}

async function placeFor(
  ports: ControlPorts,
  { subnets }: ControlSettings,
  { submission, id }: { readonly submission: Submission; readonly id: string },
  pools: readonly PoolRecord[],
): Promise<Placed> {
  if (submission.missing !== undefined) throw submission.missing;
  return choosePoolOf(ports, id, inSubnet(submission, subnets), pools);
}

/** What has come, or the error that came instead: that one belongs to whoever asks. */
async function settled<T>(work: Promise<T>): Promise<T | Error> {
  try {
    return await work;
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

interface Batch extends NonNullable<RequestRecord['batch']> {
  readonly createdAtMs: number;
}

/**
 * One entry in the tenant's list for all tasks that came together: entering it one by one costs each of them
 * a write unit. Written before they are, so that what is accepted is listed. It goes when all of them have
 * ended or list themselves.
 */
async function writeBatches(
  ports: ControlPorts,
  settings: ControlSettings,
  tasks: readonly { readonly submission: Submission; readonly id: string; readonly place: Placed | Error }[],
): Promise<ReadonlyMap<string, Batch>> {
  const batches = new Map<string, Batch>();
  const listsOfTask = ({ place, id }: (typeof tasks)[number]) =>
    place instanceof Error ? [] : listsOf(place.pool, place.spec, settings.labelKeys).map((list) => ({ list, id }));
  for (const tenant of new Set(tasks.map((one) => one.submission.tenant))) {
    const requestIds = [...new Set(tasks.filter((one) => one.submission.tenant === tenant).map((one) => one.id))];
    if (requestIds.length < 2) continue;
    const createdAtMs = ports.clock.nowMs();
    const batch: Batch = { id: ports.random.id(), untilMs: createdAtMs + settings.keepEndedMs, createdAtMs };
    const data: BatchRecord = { id: batch.id, requestIds };
    const expiresAtMs = batch.untilMs + settings.keepEndedMs + batchMarginMs;
    await put(
      ports,
      {
        ...keys.batch(batch.id),
        data,
        index: { 'by-time': keys.batchByTime(tenant, batch.id, createdAtMs) },
        expiresAtMs,
      },
      'absent',
    );
    const lists = Map.groupBy(
      tasks.filter((one) => one.submission.tenant === tenant).flatMap(listsOfTask),
      ({ list }) => list,
    );
    await inParallel([...lists], batchWidth, ([list, members]) =>
      listBatch(ports, list, {
        tenant,
        createdAtMs,
        id: batch.id,
        requestIds: [...new Set(members.map((one) => one.id))],
      }),
    );
    batches.set(tenant, batch);
  }
  return batches;
}

/** What is known of a request before its pool is chosen. */
interface Fresh {
  readonly id: string;
  readonly batch: Batch | null;
  readonly quoted?: QuotedFigures | undefined;
}

/**
 * What no pool takes now may have been taken before: then it is a repeat, whatever has become of
 * pool, catalog and uploads since.
 */
async function store(
  ports: ControlPorts,
  settings: ControlSettings,
  submission: Submission,
  place: Placed | Error,
  fresh: Fresh,
): Promise<SubmitResult> {
  try {
    if (place instanceof Error) throw place;
    return await storeNew(ports, settings, submission, place, fresh);
  } catch (error) {
    const isOfNow =
      error instanceof NoPoolError
      || error instanceof NotPossibleError
      || error instanceof UnsatisfiableError
      || error === submission.missing;
    if (!isOfNow || submission.idempotencyKey === null) throw error;
    const present = await reading(ports, () => ports.store.get<AnyRow>(keys.request(fresh.id)));
    if (!present) throw error;
    return repeatOf(await withItsParts(ports, present.data), sha256(submission.canonicalBody));
  }
}

/** @throws IdempotencyConflictError */
function repeatOf(present: AnyRequest, bodyHash: string): SubmitResult {
  if (present.bodyHash !== bodyHash) throw new IdempotencyConflictError(present.id);
  return { request: present, isRepeat: true };
}

async function storeNew(
  ports: ControlPorts,
  { labelKeys }: ControlSettings,
  { tenant, canonicalBody }: Submission,
  { pool, spec }: Placed,
  { id, batch, quoted }: Fresh,
): Promise<SubmitResult> {
  const bodyHash = sha256(canonicalBody);
  if (spec.type !== 'task') await checkReferences(ports, id, tenant, pool, spec);
  await checkZones(ports, id, tenant, spec);
  const nowMs = ports.clock.nowMs();
  try {
    if (spec.type === 'task') {
      const lists = [...listsOf(pool, spec, labelKeys), ...(quoted === undefined ? [] : [quotedIn(pool)])];
      const record: RequestRecord = {
        ...newRequest({ id, tenant, pool, bodyHash, spec }, batch?.createdAtMs ?? nowMs),
        ...(batch && { batch: { id: batch.id, untilMs: batch.untilMs } }),
        ...(batch && { listedWith: batch.id }),
        ...(quoted && { quoted }),
      };
      const item = requestItem(record, null);
      checkSize(record, item);
      if (!batch) await listAlone(ports, lists, record);
      await put(ports, item, 'absent');
      return { request: record, isRepeat: false };
    }
    await checkSnapshots(ports, tenant, spec);
    const record = newClaim({ id, tenant, pool, bodyHash, spec }, nowMs);
    const item = rowItem(rowOf(record), null);
    checkSize(record, item);
    await listAlone(ports, listsOf(pool, spec, labelKeys), record);
    await put(ports, item, 'absent');
    return { request: record, isRepeat: false };
  } catch (error) {
    if (!(error instanceof ConditionFailedError) || !error.current) throw error;
    return repeatOf(await withItsParts(ports, error.current.data as AnyRow), bodyHash);
  }
}

/** As {@link choosePool}; what mounts volumes goes where these are. @throws UnsatisfiableError also for such volumes */
export async function choosePoolOf(
  ports: ControlPorts,
  id: string,
  submission: Submission,
  pools: readonly PoolRecord[],
): ReturnType<typeof choosePool> {
  return choosePool(ports, { ...submission, pool: await poolOfMounts(ports, id, submission) }, pools);
}

/** A task runs where its volumes are. @throws UnsatisfiableError for what is no volume of the caller's */
async function poolOfMounts(
  ports: ControlPorts,
  requestId: string,
  { tenant, pool, spec }: Submission,
): Promise<string | null> {
  if (spec.type !== 'task' || spec.mounts === undefined) return pool;
  const ids = spec.mounts.map((one) => one.request);
  const [known, ...items] = await reading(ports, () =>
    ports.store.getMany<AnyRow>([requestId, ...ids].map((id) => keys.request(id))),
  );
  // A repeat is answered with the present state, also when its volumes are gone by now.
  if (known) return pool ?? known.data.pool;
  const pools = new Set<string>();
  for (const [n, id] of ids.entries()) {
    const storage = items[n]?.data;
    if (storage?.tenant !== tenant || storage.spec.type !== 'storage')
      throw new UnsatisfiableError(
        `mounts name ${id}, which is no storage request of yours; ask for one with {"type": "storage"}`,
        [],
      );
    if (storage.state !== 'pending' && storage.state !== 'active')
      throw new UnsatisfiableError(`mounts name ${id}, which is ${storage.state}`, []);
    pools.add(storage.pool);
  }
  const [home = null] = pools;
  if (pools.size > 1 || (pool !== null && pool !== home))
    throw new UnsatisfiableError(
      'mounts name volumes of pool '
        + `${[...pools].sort().join(' and ')}${pool === null ? '' : `, and the task is for pool ${pool}`}; a task `
        + 'and its volumes are of one pool',
      [],
    );
  return home;
}

/** The name alone never decides where money goes: a pool that is declared later takes nothing from older ones. */
function byDefault(a: PoolRecord, b: PoolRecord): number {
  const rank = ({ spec, createdAtMs }: PoolRecord): readonly number[] => [
    spec.isDefault === true ? 0 : 1,
    -spec.priority,
    spec.name === 'default' ? 0 : 1,
    createdAtMs,
  ];
  const [before, after] = [rank(a), rank(b)];
  const at = before.findIndex((one, n) => one !== after[n]);
  return at < 0 ? (a.spec.name < b.spec.name ? -1 : 1) : (before[at] ?? 0) - (after[at] ?? 0);
}

/** The pool, and the request as it stands there: with the defaults of what it leaves open. */
export async function choosePool(
  ports: ControlPorts,
  submission: Submission,
  pools: readonly PoolRecord[],
): Promise<{ readonly pool: string; readonly spec: Submission['spec'] }> {
  const named = submission.pool;
  const candidates = named === null ? [...pools].sort(byDefault) : pools.filter((pool) => pool.spec.name === named);
  const open = candidates.filter(({ spec }) => spec.tenants?.includes(submission.tenant) ?? true);
  if (candidates.length > 0 && open.length === 0)
    throw new PoolRefusedError(
      `${named === null ? 'no pool here takes' : `pool ${named} does not take`} requests of ${submission.tenant}; an `
        + "operator allows it in the pool's tenants",
    );
  const { type } = submission.spec;
  const accepting = open.filter((pool) => pool.spec.accepts.includes(type));
  if (accepting.length === 0) checkReadable(candidates);
  if (candidates.length === 0) {
    throw new NoPoolError(
      named === null
        ? 'there is no pool; create one with PUT /v1/pools/{name}'
        : `there is no pool ${JSON.stringify(named)}; GET /v1/pools lists them`,
    );
  }
  if (accepting.length === 0)
    throw new NoPoolError(
      named === null
        ? `no pool accepts requests of type ${type}; add ${type} to the accepts of one`
        : `pool ${named} does not accept requests of type ${type}; add ${type} to its accepts, or name another pool`,
    );
  let nearest: UnsatisfiableError | null = null;
  for (const { spec } of accepting) {
    const offerings = await offeringsOfPool(ports, spec);
    const wanted = completed(submission, spec, offerings);
    try {
      if (wanted.type === 'task') checkStyle(wanted, spec);
      if (wanted.type === 'task') checkAccess(wanted, spec, submission.tenant);
      if (wanted.type === 'task') checkTask(wanted, spec, offerings, await ports.catalog.offerings());
      else checkClaim(wanted, spec, offerings, await ports.catalog.offerings());
      return { pool: spec.name, spec: wanted };
    } catch (error) {
      // Another pool may have it; if none has, the first one's reason is reported.
      if (!(error instanceof UnsatisfiableError)) throw error;
      nearest ??= error;
    }
  }
  throw nearest ?? new NoPoolError('no pool accepts this request');
}

/** A pool whose record cannot be read may be the one that is meant. @throws NotPossibleError */
function checkReadable(candidates: readonly PoolRecord[]): void {
  const unreadable = candidates.filter((pool) => pool.quarantine !== undefined);
  const [first] = unreadable;
  if (!first) return;
  const names = unreadable
    .slice(0, 5)
    .map((pool) => JSON.stringify(pool.spec.name))
    .join(', ');
  throw new NotPossibleError(
    `the stored record of pool ${names} cannot be read (${first.quarantine ?? ''}), and nothing `
      + 'is accepted into it; '
      + 'declare it anew with PUT /v1/pools/{name} and its whole spec, or report it to the operators '
      + 'of this installation',
  );
}

/** With the pool's defaults. The role is the one of now: a pool that is declared anew changes no request. */
function completed({ spec, tenant }: Submission, pool: PoolSpec, offerings: readonly Offering[]): Submission['spec'] {
  if (spec.type === 'virtual_machine') return { ...spec, ...machineWithDefaults(spec, offerings) };
  if (spec.type !== 'task') return spec;
  const image = spec.run.kind === 'container' ? spec.run.image : null;
  const role = spec.role ?? roleByDefault(pool, tenant);
  return {
    ...spec,
    ...(role === null ? {} : { role }),
    requirements: withDefaults(
      { requirements: spec.requirements, gpu: spec.resources.gpu, image, preferences: spec.preferences ?? [] },
      offerings,
    ),
  };
}

/** As it is at most: what it may grow to must fit as well. */
function grownWholly({ memoryGrowth, ...task }: TaskSpec): TaskSpec {
  const memoryMib = Math.max(task.resources.memoryMib, memoryGrowth?.maxMib ?? 0);
  return { ...task, resources: { ...task.resources, memoryMib } };
}

/** @throws SecretRefusedError, RoleRefusedError */
function checkAccess(task: TaskSpec, pool: PoolSpec, tenant: string): void {
  const { secrets, role } = accessRefused(task, pool, tenant);
  if (secrets.length > 0) throw new SecretRefusedError(refusedText(pool.name, tenant, secrets));
  if (role !== null) throw new RoleRefusedError(roleRefusedText(pool.name, tenant, role));
}

/** @throws PoolRefusedError for one that goes by a schedule which the pool does not have */
function checkStyle({ learningStyle }: TaskSpec, { name, policies = [] }: PoolSpec): void {
  if (learningStyle !== 'scheduled' || policies.some((one) => one.kind === 'schedule')) return;
  throw new PoolRefusedError(
    `learningStyle scheduled goes by the schedule of pool ${name}, which has no policy of kind "schedule"; add one `
      + 'to its policies, or leave learningStyle out',
  );
}

/** @throws UnsatisfiableError for what this pool can never run, with the nearest that it could */
function checkTask(task: TaskSpec, pool: PoolSpec, offerings: readonly Offering[], all: readonly Offering[]): void {
  const isAllowed = (one: Offering): boolean => unmetOfPool(pool.requirements, one) === null;
  const never = findNever(task, pool, offerings) && findNever(task, pool, offerings, all.filter(isAllowed));
  const found = never ?? findTooFewZones(task, pool, offerings);
  if (found === null && task.memoryGrowth !== undefined) return checkTask(grownWholly(task), pool, offerings, all);
  if (found === null) return;
  const left = namedButLeftOut(task.requirements, pool.requirements, typesMeeting(pool.requirements, all));
  throw new UnsatisfiableError(
    `pool ${pool.name} can never run this task: ${found.message}${left && `; ${left}`}`,
    found.excluded,
  );
}
