// A node's agent says what it holds and what ended; the reply is everything it shall hold. Ends go to the task
// first, then to the node's document; both may be repeated. The document alone says what the node runs.
import { replyBytesMax } from '../../core/plan/bounds.ts';
import { withoutAttempts } from '../../core/plan/working-copy.ts';
import { isClaim } from '../../core/records/claim.ts';
import type { AnyRow } from '../../core/records/claim.ts';
import { withItsParts } from '../claims/store.ts';
import { isSame } from '../../core/values/dictionary.ts';
import type { Health } from '../../core/services/serving.ts';
import { clipped, jsonBytes } from '../../core/values/json-bytes.ts';
import { startFailuresAfter } from '../../core/disruption/health.ts';
import { drainedBy, spotInterruption } from '../../core/disruption/methods/interruption.ts';
import type { Assignment, NodeBoot, NodeRecord } from '../../core/records/node.ts';
import { awaitsMounts } from '../../core/records/node.ts';
import type { RequestRecord, TaskMount } from '../../core/records/request.ts';
import { isEnd, parseAttemptId } from '../../core/records/request.ts';
import { agentProtocol } from '../../core/records/sync.ts';
import type { AssignedAttempt, AttemptMount, SyncReply, SyncRequest } from '../../core/records/sync.ts';
import { arraySize, shownIndex } from '../../core/tasks/arrays/subset.ts';
import { startedWarm } from '../../core/tasks/warm/power.ts';
import { isTenantPerNode } from '../../core/tasks/capacity/pool-asked.ts';
import { smallOutputBytesMax } from '../../core/values/output.ts';
import { ConditionFailedError } from '../../ports/store.ts';
import { StaleSyncError } from '../errors.ts';
import { keys } from '../store/keys.ts';
import type { ControlPorts, ControlSettings } from '../ports.ts';
import { raiseWake } from '../coordination/wake.ts';
import { readPool } from '../requests/pools.ts';
import { dueChanges, storeEnds } from './ends.ts';
import { put, reading } from '../store/store-retry.ts';

const triesMax = 20;
/** Of one BatchGetItem. */
const rowsAtOnce = 100;
/** Of the agent's note on a start: every attempt may carry one, and all of them are in one document. */
const noteBytesMax = 200;

export async function syncAgent(ports: ControlPorts, settings: ControlSettings, sync: SyncRequest): Promise<SyncReply> {
  for (let tries = 1; ; tries += 1) {
    const item = await reading(ports, () => ports.store.get<NodeRecord>(keys.node(sync.pool, sync.nodeId)));
    // Not known (yet): its launch may still be open. It holds nothing; if it belongs to nobody, the sweep reaps it.
    if (!item) return reply(ports, settings, sync, null, { stored: [], hasMore: false, bell: null });
    const node = item.data;
    const isOld = sync.bootId < node.bootId || (sync.bootId === node.bootId && sync.seq <= node.seq);
    // What its agent said before it was stopped may come late: only a new start of it is news.
    if (isOld || (isStoppedOrStarts(node) && sync.bootId === node.bootId))
      throw new StaleSyncError(sync.nodeId, sync.seq);
    // It shall be stopped: whoever started it, it has nothing to do, and EC2 is asked to stop it again.
    if (node.state === 'stopped') return reply(ports, settings, sync, null, { stored: [], hasMore: false, bell: null });
    const { due, later } = dueChanges(node, sync, ports.clock.nowMs());
    const unpublished = [...(node.ended ?? []), ...(await storeEnds(ports, settings, node, due))];
    const gone = new Set(due.map((one) => one.assignment.attemptId));
    const bell = isBellMissing(node, sync, ports.clock.nowMs(), settings) ? await openBell(ports, node.id) : undefined;
    const next = nodeAfter(node, sync, { gone, unpublished, bell }, ports.clock.nowMs(), settings);
    try {
      if (next.isWorthWriting) await put(ports, { pk: item.pk, sk: item.sk, data: next.node }, item.version);
    } catch (error) {
      if (!(error instanceof ConditionFailedError) || tries >= triesMax) throw error;
      continue; // a tick changed the document: look at it again
    }
    if (next.isNews) await raiseWake(ports, sync.pool);
    const stored = sync.ends.map((end) => end.attemptId).filter((id) => !later.has(id));
    return reply(ports, settings, sync, next.node, { stored, hasMore: later.size > 0, bell: bell ?? null });
  }
}

function isStoppedOrStarts({ state }: NodeRecord): boolean {
  return state === 'stopped' || state === 'starting';
}

/**
 * Not at a node's first sync, whose answer says what to start. An agent that cannot listen is given its bell again from
 * time to time: it may have been closed, or its agent restarted.
 */
function isBellMissing(node: NodeRecord, sync: SyncRequest, nowMs: number, settings: ControlSettings): boolean {
  if (sync.listens === true || node.state !== 'ready' || node.isLost) return false;
  if (node.bell === undefined || sync.bootId !== node.bootId) return true;
  return nowMs - node.bell.triedAtMs >= settings.decisions.lastSeenWriteMs;
}

/**
 * Its address; undefined: there are no bells here. null: none is available now, and nothing waits for that: the agent
 * calls more often instead.
 */
async function openBell(ports: ControlPorts, nodeId: string): Promise<string | null | undefined> {
  try {
    return (await ports.bells.open(nodeId)) ?? undefined;
  } catch (error) {
    ports.log.write('warn', 'a node has no bell; its agent calls at its own pace, and the bell is tried again', {
      node: nodeId,
      error,
    });
    return null;
  }
}

export async function hasAttempt(ports: ControlPorts, nodeId: string, attemptId: string): Promise<boolean> {
  const about = parseAttemptId(attemptId);
  const row = about && (await reading(ports, () => ports.store.get<RequestRecord>(keys.request(about.requestId))));
  if (!row) return false;
  const node = await reading(ports, () => ports.store.get<NodeRecord>(keys.node(row.data.pool, nodeId)));
  return node?.data.assigned.some((one) => one.attemptId === attemptId) ?? false;
}

interface NodeAfter {
  readonly node: NodeRecord;
  /** Heartbeats without news are written only now and then. */
  readonly isWorthWriting: boolean;
  /** A tick should look at the pool. */
  readonly isNews: boolean;
}

interface Changes {
  readonly gone: ReadonlySet<string>;
  readonly unpublished: readonly string[];
  /** Its address; null: it could not be made, undefined: not tried. */
  readonly bell: string | null | undefined;
}

/** As its agent says that it is, and as the reply to it will list it. */
function asReported(
  one: Assignment,
  reported: SyncRequest['onNode'][number] | undefined,
  nowMs: number,
  lastSeenWriteMs: number,
): Assignment {
  const { startedAtMs = null, ports = one.ports, health, usage = one.usage } = reported ?? {};
  const savedAtMs = reported?.savedAtMs === undefined ? undefined : Math.min(reported.savedAtMs, nowMs);
  // A task may save as often as it likes; each save is not a write.
  const hasSaved =
    savedAtMs !== undefined && (one.savedAtMs === undefined || savedAtMs - one.savedAtMs >= lastSeenWriteMs);
  const isNewVerdict = health !== undefined && health.isHealthy !== one.health?.isHealthy;
  const note = noteOf(reported) ?? one.note;
  return {
    ...one,
    isOffered: one.isOffered || (one.withdrawn === null && !awaitsMounts(one)),
    startedAtMs: startedAtMs ?? one.startedAtMs,
    ...(note === undefined ? {} : { note }),
    ...(ports === undefined ? {} : { ports }),
    ...(usage === undefined ? {} : { usage }),
    ...(hasSaved ? { savedAtMs } : {}),
    ...(isNewVerdict ? { health: { ...clippedHealth(health), atMs: nowMs } } : {}),
  };
}

/** How far its start is; when it runs, which image that is. */
function noteOf(reported: SyncRequest['onNode'][number] | undefined): string | undefined {
  if (reported?.imageDigest !== undefined) return `runs the image ${reported.imageDigest}`;
  return reported?.note === undefined ? undefined : clipped(reported.note, noteBytesMax);
}

function clippedHealth({ isHealthy, message }: Health): Health {
  return { isHealthy, ...(message === undefined ? {} : { message: clipped(message, noteBytesMax) }) };
}

/** Whether something is known of them that is written at once. */
function hasNews(before: readonly Assignment[], after: readonly Assignment[]): boolean {
  return after.some((one, i) => {
    const last = before[i];
    return (
      one.isOffered !== last?.isOffered
      || one.startedAtMs !== last.startedAtMs
      || one.note !== last.note
      || one.health !== last.health
      || one.savedAtMs !== last.savedAtMs
      || !isSame(one.ports, last.ports)
    );
  });
}

function hasStarted(before: readonly Assignment[], after: readonly Assignment[]): boolean {
  return after.some((one, i) => one.startedAtMs !== before[i]?.startedAtMs);
}

/** What is known of whether the node can work; see core/disruption/methods/unhealthy.ts. */
function healthAfter(
  node: NodeRecord,
  { trouble, ends }: SyncRequest,
  isStarting: boolean,
  nowMs: number,
): Pick<NodeRecord, 'startFailures' | 'trouble'> {
  const startFailures = startFailuresAfter(node, ends, isStarting, nowMs);
  const sinceMs = node.trouble?.sinceMs ?? nowMs;
  return {
    ...(startFailures === undefined ? {} : { startFailures }),
    ...(trouble === undefined ? {} : { trouble: { reason: clipped(trouble, noteBytesMax), sinceMs } }),
  };
}

function nodeAfter(
  node: NodeRecord,
  sync: SyncRequest,
  { gone, unpublished, bell }: Changes,
  nowMs: number,
  settings: ControlSettings,
): NodeAfter {
  const onNode = new Map(sync.onNode.map((one) => [one.attemptId, one]));
  const starts = new Map(sync.ends.map((end) => [end.attemptId, end.startedAtMs]));
  const left = withoutAttempts(node, gone, nowMs, starts);
  const isReadyNow = node.state === 'launching' || node.state === 'starting';
  const drained =
    sync.interruptionAtMs === undefined
      ? null
      : drainedBy(node, { reason: spotInterruption, deadlineMs: sync.interruptionAtMs }, nowMs);
  const { lastSeenWriteMs } = settings.decisions;
  const assigned = left.assigned.map((one) => asReported(one, onNode.get(one.attemptId), nowMs, lastSeenWriteMs));
  const isChanged =
    isReadyNow
    || drained !== null
    || gone.size > 0
    || bell !== undefined
    || sync.bootId !== node.bootId
    || (sync.address !== undefined && sync.address !== node.address)
    || isBootNews(node.boot, sync.boot)
    || (sync.protocol !== undefined && sync.protocol !== node.agentProtocol)
    || hasNews(left.assigned, assigned);
  // What this reply hands out must be known with its seq: else a repeat of this sync, come late, would count as
  // evidence that the agent has stopped an attempt that was withdrawn after this reply had started it.
  const isHandingOut = assigned.some(
    (one) => one.withdrawn === null && !awaitsMounts(one) && !onNode.has(one.attemptId),
  );
  // Either way: by a clock that was ahead it would look as if it spoke for as long, dead or alive.
  const isDue = node.lastSeenAtMs === null || Math.abs(nowMs - node.lastSeenAtMs) >= lastSeenWriteMs;
  const ready: Partial<NodeRecord> = isReadyNow ? readyNow(left, nowMs) : {};
  const { startFailures: _failures, trouble, ...rest } = left;
  const health = healthAfter(node, sync, hasStarted(left.assigned, assigned), nowMs);
  return {
    node: {
      ...rest,
      ...health,
      ...ready,
      ...(drained === null ? {} : { state: drained.state, drain: drained.drain }),
      ...(unpublished.length > 0 ? { ended: unpublished } : {}),
      ...ofAgent(sync),
      // Each step as it was first reported: an agent that was restarted knows of its own start only.
      ...(sync.boot === undefined ? {} : { boot: { ...sync.boot, ...node.boot } }),
      ...(bell === undefined ? {} : { bell: { triedAtMs: nowMs, isThere: bell !== null } }),
      assigned,
      bootId: sync.bootId,
      seq: sync.seq,
      lastSeenAtMs: nowMs,
    },
    isWorthWriting: isChanged || trouble?.reason !== health.trouble?.reason || isHandingOut || isDue,
    isNews:
      isReadyNow
      || (trouble === undefined) !== (health.trouble === undefined)
      || drained !== null
      || gone.size > 0
      || hasServingNews(left.assigned, assigned),
  };
}

/** A node that was stopped keeps when it was ready first. */
function readyNow({ state, readyAtMs, warm, assigned }: NodeRecord, nowMs: number): Partial<NodeRecord> {
  return {
    state: 'ready',
    readyAtMs: readyAtMs ?? nowMs,
    emptySinceMs: assigned.length === 0 ? nowMs : null,
    ...(warm !== undefined && state === 'starting' ? { warm: startedWarm(warm, nowMs) } : {}),
  };
}

/** What its agent says of itself. */
function ofAgent({ address, protocol }: SyncRequest): Pick<NodeRecord, 'address' | 'agentProtocol'> {
  return {
    ...(address === undefined ? {} : { address }),
    ...(protocol === undefined ? {} : { agentProtocol: protocol }),
  };
}

function isBootNews(known: NodeBoot | undefined, reported: NodeBoot | undefined): boolean {
  return reported !== undefined && Object.keys(reported).some((step) => known === undefined || !(step in known));
}

/** Whether a replica of a service serves has changed. */
function hasServingNews(before: readonly Assignment[], after: readonly Assignment[]): boolean {
  return after.some((one, i) => {
    const last = before[i];
    return one.isServing === true && (one.health !== last?.health || one.startedAtMs !== last?.startedAtMs);
  });
}

interface Outcome {
  /** Ends. */
  readonly stored: readonly string[];
  /** Something of this sync is left for the next one. */
  readonly hasMore: boolean;
  readonly bell: string | null;
}

async function reply(
  ports: ControlPorts,
  settings: ControlSettings,
  sync: SyncRequest,
  node: NodeRecord | null,
  { stored, hasMore, bell }: Outcome,
): Promise<SyncReply> {
  const isLeaving = node !== null && (node.isLost || node.state === 'terminating');
  const assigned =
    node === null || isLeaving ? [] : node.assigned.filter((one) => one.withdrawn === null && !awaitsMounts(one));
  const known = new Set([...sync.onNode.map((one) => one.attemptId), ...sync.ends.map((one) => one.attemptId)]);
  const unknown = assigned.filter((one) => !known.has(one.attemptId));
  const pause = pauseAfter(sync, node, assigned.length > 0, ports.clock.nowMs(), settings);
  const { fenceMs, killGraceMs } = settings.decisions;
  const beside = {
    directive: isLeaving ? 'leave' : node?.state === 'draining' ? 'drain' : 'ok',
    assigned: assigned.map((one) => one.attemptId),
    acknowledged: node === null ? sync.ends.map((end) => end.attemptId) : stored,
    outputBytesMax: smallOutputBytesMax,
    protocol: agentProtocol,
    ...(bell === null ? {} : { bell }),
    fenceMs,
    killGraceMs,
  } as const;
  const { start, isCut } = await describeAttempts(ports, sync.pool, unknown, replyBytesMax - jsonBytes(beside) - 1_000);
  // The rest comes with the next reply, in the order of the document: nothing starves.
  return { ...beside, start, nextSyncMs: isCut || hasMore ? 0 : Math.round(pause * (0.75 + ports.random.next() / 2)) };
}

/** Until the next sync, before jitter. Who waits at its bell need not ask whether a tick has more for it. */
function pauseAfter(
  sync: SyncRequest,
  node: NodeRecord | null,
  isBusy: boolean,
  nowMs: number,
  settings: ControlSettings,
): number {
  if (sync.listens === true) return isBusy ? settings.syncListeningBusyMs : settings.syncListeningIdleMs;
  const calmMs = isBusy ? settings.syncBusyMs : settings.syncIdleMs;
  // The same holds for a node that has just become ready: it was bought for something, and gets its bell next.
  const readyAtMs = node?.warm?.lastStart?.readyAtMs ?? node?.readyAtMs ?? null;
  const isFresh = readyAtMs !== null && !isBusy && nowMs - readyAtMs < settings.syncIdleMs;
  return sync.ends.length > 0 || isFresh ? Math.min(calmMs, settings.syncSoonMs) : calmMs;
}

/** As many of the attempts, in their order, as fit into so many bytes of JSON; one at least. */
async function describeAttempts(
  ports: ControlPorts,
  pool: string,
  assignments: readonly Assignment[],
  bytesMax: number,
): Promise<{ readonly start: readonly AssignedAttempt[]; readonly isCut: boolean }> {
  const rows = new Map<string, RequestRecord>();
  // Of a pool that is gone the default is taken: tenants are kept apart.
  const spec = assignments.length === 0 ? undefined : (await readPool(ports, pool))?.data.spec;
  const isShared = spec !== undefined && !isTenantPerNode(spec);
  const start: AssignedAttempt[] = [];
  let bytes = 0;
  for (let from = 0; from < assignments.length; from += rowsAtOnce) {
    const part = assignments.slice(from, from + rowsAtOnce);
    const ids = [...new Set(part.map((one) => one.requestId))].filter((id) => !rows.has(id));
    const found = await reading(ports, () => ports.store.getMany<RequestRecord>(ids.map((id) => keys.request(id))));
    for (const row of found) if (row !== null) rows.set(row.data.id, row.data);
    for (const assignment of part) {
      const request = rows.get(assignment.requestId);
      // Expired, or ended by a sync that stopped before it wrote the document: the agent does not hold
      // it, the tick drops it.
      if (!request || isEnd(request.state)) continue;
      const described = await describeAttempt(ports, assignment, request, isShared);
      if (described === null) continue;
      bytes += jsonBytes(described) + 1;
      if (bytes > bytesMax && start.length > 0) return { start, isCut: true };
      start.push(described);
    }
  }
  return { start, isCut: false };
}

/** null: not now. `isShared`: its node serves any tenant. */
async function describeAttempt(
  ports: ControlPorts,
  { attemptId, requestId, index, attempt, resources }: Assignment,
  request: RequestRecord,
  isShared: boolean,
): Promise<AssignedAttempt | null> {
  const { run, env, timeoutMs, name, disruption, secrets, inputs, artifacts, role } = request.spec;
  const { ports: wanted, health, service, preStop, output, imageCredentials } = request.spec;
  const mounts = await describeMounts(ports, request, attemptId);
  const outputUrl = await uploadUrlOf(ports, attemptId);
  if (outputUrl === null) return null;
  return {
    attemptId,
    requestId,
    index: shownIndex(request.spec, index),
    count: arraySize(request.spec),
    ...(name === undefined ? {} : { name }),
    ...(isShared ? {} : { tenant: request.tenant }),
    attempt,
    resources,
    run,
    env,
    timeoutMs,
    outputUrl,
    ...(disruption?.graceMs === undefined ? {} : { graceMs: disruption.graceMs }),
    ...(disruption?.mode === 'checkpoint' ? { checkpoint: { signal: disruption.signal ?? 'TERM' } } : {}),
    ...(mounts.length === 0 ? {} : { mounts }),
    ...(preStop === undefined ? {} : { preStop }),
    ...(service === undefined ? {} : { isMeasured: true }),
    ...(role === undefined ? {} : { hasRole: true }),
    ...(imageCredentials === undefined ? {} : { hasImageLogin: true }),
    ...(inputs === undefined ? {} : { hasInputs: true }),
    ...(artifacts === undefined ? {} : { artifacts }),
    ...(output === undefined ? {} : { keepOutputMib: output.keepMib }),
    ...(wanted === undefined ? {} : { ports: wanted }),
    ...(health === undefined ? {} : { health }),
    ...(secrets === undefined ? {} : { secrets: secrets.map(({ name: of, as }) => ({ name: of, as })) }),
  };
}

/**
 * null: not available now. That attempt starts with a later sync; what ended and what the others start
 * does not wait for it.
 */
async function uploadUrlOf(ports: ControlPorts, attemptId: string): Promise<string | null> {
  try {
    return await ports.outputs.uploadUrl(attemptId);
  } catch (error) {
    ports.log.write('error', 'no address for the output of an attempt; it starts with a later sync', {
      attemptId,
      error,
    });
    return null;
  }
}

/**
 * Where its volumes are. Of one that is gone since it was handed out the agent finds no device,
 * and its end says so.
 */
async function describeMounts(ports: ControlPorts, request: RequestRecord, attemptId: string): Promise<AttemptMount[]> {
  const mounts = request.spec.mounts ?? [];
  if (mounts.length === 0) return [];
  const storages = await reading(ports, () =>
    ports.store.getMany<AnyRow>(mounts.map((one) => keys.request(one.request))),
  );
  const describe = async ({ path }: TaskMount, n: number): Promise<AttemptMount> => {
    const row = storages[n]?.data;
    const storage = row && (await withItsParts(ports, row));
    const use = storage && isClaim(storage) && storage.usedBy?.node?.attemptId === attemptId ? storage : null;
    return {
      volumeId: use?.volume?.volumeId ?? 'vol-00000000',
      device: use?.usedBy?.device ?? '',
      path: path ?? `mnt/${String(n)}`,
    };
  };
  return Promise.all(mounts.map(describe));
}
