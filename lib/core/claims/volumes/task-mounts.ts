// Volumes that tasks mount: claimed for the attempt in a node's document, attached to that node, and detached once no
// document names the attempt any more. The agent has unmounted it by then: it reports an end only after the unmount.
import { withTimeline } from '../../records/timeline.ts';
import { isFarAhead } from '../../values/clocks.ts';
import type { SeenVolume } from '../../plan/listing.ts';
import type { NodeRecord } from '../../records/node.ts';
import type { ClaimWorkingCopy } from '../working-copy.ts';
import type { ClaimRecord } from '../../records/claim.ts';
import type { VolumeUse } from '../../records/volume.ts';
import { deviceLetters, deviceName, waiting } from '../lifecycle.ts';

interface Mounter {
  readonly node: NodeRecord;
  readonly attemptId: string;
  readonly request: string;
}

export function decideTaskMounts(copy: ClaimWorkingCopy): void {
  const mounters = new Map<string, Mounter>();
  for (const node of copy.nodes()) {
    // Of settled ones none mounts anything.
    for (const one of copy.settledOn(node) === undefined ? node.assigned : [])
      for (const storage of one.mounts?.requests ?? [])
        mounters.set(storage, { node, attemptId: one.attemptId, request: one.requestId });
  }
  const aside = attemptsAside(copy);
  for (const storage of copy.storages()) {
    // The attempt keeps running there, and keeps its volume.
    if (aside.has(storage.usedBy?.node?.attemptId ?? '')) continue;
    const mounter = mounters.get(storage.id);
    if (storage.state === 'active' && storage.usedBy === null && mounter) claim(copy, storage, mounter);
    const now = copy.claim(storage.id) ?? storage;
    const use = now.usedBy?.node;
    if (!now.usedBy || !use) continue;
    // The attempt may be placed, or taken back, by this very plan.
    for (const id of new Set([use.id, mounter?.node.id ?? use.id])) copy.needNode(storage.id, id);
    const listed = copy.listing?.volumes.get(now.volume?.volumeId ?? '');
    if (!listed) continue;
    if (mounter?.attemptId === use.attemptId) attach(copy, now, { usedBy: now.usedBy, use, listed }, mounter.node);
    else detach(copy, now, { usedBy: now.usedBy, use, listed });
  }
}

/** Of nodes that are set aside. */
function attemptsAside({ seen: { aside } }: ClaimWorkingCopy): ReadonlySet<string> {
  return new Set(aside?.nodes.flatMap(({ record }) => record.assigned.map((one) => one.attemptId)));
}

function claim(copy: ClaimWorkingCopy, storage: ClaimRecord, { node, attemptId, request }: Mounter): void {
  copy.isMoving = true;
  const used = new Set(
    copy
      .storages()
      .filter((one) => one.usedBy?.node?.id === node.id)
      .map((one) => one.usedBy?.device),
  );
  const device = Array.from(deviceLetters, (_letter, n) => deviceName(n)).find((name) => !used.has(name));
  // As tasks of the node end, names come free; an attempt that waits too long is taken back.
  if (device === undefined) return;
  copy.setClaim({
    ...storage,
    usedBy: {
      request,
      machine: 0,
      device,
      node: { id: node.id, attemptId, sinceMs: copy.nowMs, isAttached: false, refusal: null },
    },
  });
}

interface Mount {
  readonly usedBy: VolumeUse;
  readonly use: NonNullable<VolumeUse['node']>;
  readonly listed: SeenVolume;
}

/** A claim that is being released has its own reason, which stays. */
function say(copy: ClaimWorkingCopy, storage: ClaimRecord, code: string, message: string): void {
  if (storage.state === 'active') copy.setClaim(waiting(storage, code, message, copy.nowMs));
}

function attach(
  copy: ClaimWorkingCopy,
  storage: ClaimRecord,
  { usedBy, use, listed }: Mount,
  { state }: NodeRecord,
): void {
  if (use.isAttached || use.refusal !== null) return;
  copy.isMoving = true;
  const [attachment] = listed.attachments;
  if (attachment?.instanceId === use.id && attachment.state === 'attached') {
    copy.setClaim(
      withTimeline(
        { ...storage, reason: null, usedBy: { ...usedBy, node: { ...use, isAttached: true } } },
        {
          atMs: copy.nowMs,
          stage: storage.state,
          code: 'attached',
          message: `is attached to node ${use.id} as ${usedBy.device} for ${use.attemptId}`,
        },
      ),
    );
    return;
  }
  const { id: volumeId } = listed;
  if (listed.state === 'available' && state === 'ready')
    copy.calls.push({ kind: 'attach', request: storage.id, volumeId, instanceId: use.id, device: usedBy.device });
  say(copy, storage, 'attaching', `waits for ${volumeId} to be attached to node ${use.id} for ${use.attemptId}`);
}

function detach(copy: ClaimWorkingCopy, storage: ClaimRecord, { usedBy, use, listed }: Mount): void {
  copy.isMoving = true;
  const { id: volumeId } = listed;
  const [attachment] = listed.attachments;
  if (!attachment) {
    // A call to attach it may be under way: where it was never seen attached, its absence must last.
    const listedAtMs = copy.listing?.atMs ?? 0;
    if (!use.isAttached && isFarAhead(use.sinceMs, listedAtMs)) {
      // A clock wrote it that was far ahead: it counts from now on.
      copy.setClaim({ ...storage, usedBy: { ...usedBy, node: { ...use, sinceMs: listedAtMs } } });
      return;
    }
    if (!use.isAttached && listedAtMs - use.sinceMs < copy.settings.listingsApartMs) return;
    copy.setClaim(
      withTimeline(
        { ...storage, usedBy: null, reason: storage.state === 'active' ? null : storage.reason },
        {
          atMs: copy.nowMs,
          stage: storage.state,
          code: 'detached',
          message: `${volumeId} is free: ${use.attemptId} has ended on ${use.id}`,
        },
      ),
    );
    return;
  }
  if (attachment.state === 'attached')
    copy.calls.push({ kind: 'detach', request: storage.id, volumeId, instanceId: attachment.instanceId });
  if (attachment.state === 'busy')
    say(
      copy,
      storage,
      'busy',
      `${volumeId} is still mounted on node ${use.id}, though ${use.attemptId} has ended; it is detached when it `
        + 'is unmounted there or the node ends',
    );
  else say(copy, storage, 'detaching', `waits for ${volumeId} to leave node ${use.id}`);
}
