// Volumes that tasks mount: claimed for the attempt that a node's document carries, attached there, and detached once
// no document carries it any more. The agent has unmounted by then: an end is told after that.
import type { NodeRecord } from '../records/node.ts';
import type { HoldDraft } from './working-copy.ts';
import type { HoldRecord, VolumeUse } from '../records/claim.ts';
import { deviceLetters, deviceName, tell, waiting } from './lifecycle.ts';

interface Mounter {
  readonly node: NodeRecord;
  readonly attemptId: string;
  readonly request: string;
}

export function decideTaskMounts(draft: HoldDraft): void {
  const mounters = new Map<string, Mounter>();
  for (const node of draft.seen.nodes) {
    for (const one of node.assigned) for (const storage of one.mounts?.requests ?? []) mounters.set(storage, { node, attemptId: one.attemptId, request: one.requestId });
  }
  for (const storage of draft.storages()) {
    const mounter = mounters.get(storage.id);
    if (storage.state === 'active' && storage.usedBy === null && mounter) claim(draft, storage, mounter);
    const { usedBy } = draft.hold(storage.id) ?? storage;
    if (usedBy?.node && draft.listing) bringThere(draft, draft.hold(storage.id) ?? storage, usedBy, usedBy.node, mounter);
  }
}

function claim(draft: HoldDraft, storage: HoldRecord, { node, attemptId, request }: Mounter): void {
  draft.isMoving = true;
  const used = new Set(draft.storages().filter((one) => one.usedBy?.node?.id === node.id).map((one) => one.usedBy?.device));
  const device = Array.from(deviceLetters, (_letter, n) => deviceName(n)).find((name) => !used.has(name));
  // As tasks of the node end, names come free; an attempt that waits too long is taken back.
  if (device === undefined) return;
  draft.setHold({ ...storage, usedBy: { request, machine: 0, device, node: { id: node.id, attemptId, sinceMs: draft.nowMs, isAttached: false, refusal: null } } });
}

function bringThere(draft: HoldDraft, storage: HoldRecord, usedBy: VolumeUse, use: NonNullable<VolumeUse['node']>, mounter: Mounter | undefined): void {
  const volumeId = storage.volume?.volumeId ?? '';
  const listed = draft.listing?.volumes.get(volumeId);
  if (!listed) return;
  const attachment = listed.attachments[0];
  // What is being given back says itself what it waits for.
  const say = (code: string, message: string): void => { if (storage.state === 'active') draft.setHold(waiting(storage, code, message, draft.nowMs)); };
  if (mounter?.attemptId === use.attemptId) {
    if (use.isAttached || use.refusal !== null) return;
    if (attachment?.instanceId === use.id && attachment.state === 'attached') {
      draft.isMoving = true;
      draft.setHold(tell({ ...storage, reason: null, usedBy: { ...usedBy, node: { ...use, isAttached: true } } }, { atMs: draft.nowMs, stage: storage.state, code: 'attached', message: `is attached to node ${use.id} as ${usedBy.device} for ${use.attemptId}` }));
      return;
    }
    draft.isMoving = true;
    if (listed.state === 'available' && mounter.node.state === 'ready') draft.calls.push({ kind: 'attach', request: storage.id, volumeId, instanceId: use.id, device: usedBy.device });
    say('attaching', `waits for ${volumeId} to be attached to node ${use.id} for ${use.attemptId}`);
    return;
  }
  draft.isMoving = true;
  if (!attachment) {
    // A call to attach it may be under way: where it was never seen attached, its absence must last.
    if (!use.isAttached && (draft.listing?.atMs ?? 0) - use.sinceMs < draft.seen.settings.listingsApartMs) return;
    draft.setHold(tell({ ...storage, usedBy: null, reason: storage.state === 'active' ? null : storage.reason }, { atMs: draft.nowMs, stage: storage.state, code: 'detached', message: `${volumeId} is free: ${use.attemptId} has ended on ${use.id}` }));
    return;
  }
  if (attachment.state === 'attached') draft.calls.push({ kind: 'detach', request: storage.id, volumeId, instanceId: attachment.instanceId });
  if (attachment.state === 'busy') say('busy', `${volumeId} is still mounted on node ${use.id}, though ${use.attemptId} has ended; it comes free when it is unmounted there or the node goes`);
  else say('detaching', `waits for ${volumeId} to leave node ${use.id}`);
}
