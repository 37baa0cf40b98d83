// What a decision about claims made of its working copy, as the changes and calls of a plan, each with its reason.
// Groups come first: a reference that a claim counts on is written before anything that rests on it. Then the documents
// of machines and volumes, and last the rows: a claim is never further than what it has.
import type { ClaimRecord } from '../records/claim.ts';
import { namedOf } from '../records/request.ts';
import type { ClaimedVolume, KeptVolume } from '../records/volume.ts';
import { newChange } from '../plan/change.ts';
import type { ClaimCall } from '../plan/claim-call.ts';
import { callBasis } from '../plan/claim-call.ts';
import type { DocumentName } from '../records/document-name.ts';
import type { ActivityNote, CallAction, Change, PlannedEvent, RecordWrite } from '../plan/plan.ts';
import { machineName, volumeName } from '../records/document-name.ts';
import { isRowChanged, isWarm, partDocuments, rowOf, warmDocument } from './documents.ts';
import type { Document, DocumentChange } from './documents.ts';
import { wishKey } from './networks/network-rules.ts';
import type { ClaimWorkingCopy } from './working-copy.ts';

/** Reasons of warm machines that are shown in the pool's activity, because nobody sees a warm machine's timeline. */
const warmWaits: ReadonlySet<string> = new Set([
  'no_capacity',
  'limit_reached',
  'constraints',
  'account_limit',
  'launch_refused',
]);

export function claimChanges(copy: ClaimWorkingCopy): readonly Change[] {
  const documents = copy.documentChanges();
  return [
    ...groupChanges(copy),
    ...leftOverChanges(copy),
    ...documents.filter((changes) => goneKept(changes) === null).map(documentChange),
    ...pastChanges(copy),
    ...rowChanges(copy),
    ...documents.flatMap((changes) => keptGone(changes) ?? []),
    ...endChanges(copy),
  ];
}

function groupChanges(copy: ClaimWorkingCopy): readonly Change[] {
  const before = new Map(copy.seen.groups.map(({ record }) => [record.id, record]));
  const changed = copy.changedGroups().map((group) => {
    const was = before.get(group.id) ?? null;
    const isOpened = copy.isPublicGroup(group) && (was === null || wishKey(was.wish) !== wishKey(group.wish));
    const asked = group.references.slice(0, 20).join(', ');
    const message = `${group.name} lets the whole internet in, as ${asked} asked with allowPublic`;
    return newChange('group', `group ${group.name}: ${changeText(was, group)}`, [{ type: 'group', record: group }], {
      activity: isOpened ? { code: 'open_to_world', message, node: null } : null,
    });
  });
  const dropped = copy.droppedGroups.map((id) => dropOf('group', `group ${id} is gone`, { kind: 'group', id }));
  return [...changed, ...dropped];
}

function dropOf(what: Change['what'], reason: string, name: DocumentName): Change {
  return newChange(what, reason, [{ type: 'drop', name }]);
}

/** Documents of claims that have ended, which lie beside their rows by now, and notes that nobody needs any more. */
function leftOverChanges(copy: ClaimWorkingCopy): readonly Change[] {
  return [
    ...copy.seen.leftOver.map((name) => dropOf('left-over', 'its claim has ended', name)),
    ...copy.droppedWarm.map((id) =>
      dropOf('left-over', `${id} may be asked for again`, { kind: 'machine', owner: id, index: 0 }),
    ),
  ];
}

/** Documents that pass from one to another change together: the thing of EC2 has an owner at any time. */
function documentChange(changes: readonly DocumentChange[]): Change {
  const reason = changes
    .map(({ before, after }) => {
      const document = after ?? before;
      return document === null ? '' : `${documentText(document)}: ${changeText(before, after)}`;
    })
    .join('; ');
  return newChange('document', reason, changes.flatMap(documentWrite));
}

function documentWrite({ before, after }: DocumentChange): readonly RecordWrite[] {
  if (after !== null) return [putOf(after)];
  return before === null ? [] : [{ type: 'drop', name: nameOf(before) }];
}

function putOf(document: Document): RecordWrite {
  if (isVolume(document)) return { type: 'volume', record: document };
  return isKept(document) ? { type: 'kept', record: document } : { type: 'machine', record: document };
}

function nameOf(document: Document): DocumentName {
  if (isVolume(document)) return volumeName(document);
  return isKept(document) ? { kind: 'kept', id: document.id } : machineName(document);
}

function isVolume(document: Document): document is ClaimedVolume {
  return 'place' in document;
}

function isKept(document: Document): document is KeptVolume {
  return !('place' in document) && !('instanceId' in document);
}

function documentText(document: Document): string {
  if (isVolume(document)) return `volume ${document.place} of ${document.claim}`;
  if (isKept(document)) return `kept volume ${document.id}`;
  return `machine ${String(document.index)} of ${document.claim ?? document.id}`;
}

/** Kept volumes that nobody took over: what they cost is counted when their documents go. null: it is none of these. */
function goneKept(changes: readonly DocumentChange[]): readonly KeptVolume[] | null {
  const kept = changes.flatMap(({ before, after }) =>
    before !== null && after === null && isKept(before) ? [before] : [],
  );
  return kept.length === changes.length ? kept : null;
}

function keptGone(changes: readonly DocumentChange[]): readonly Change[] | null {
  return (
    goneKept(changes)?.map((kept) =>
      newChange('kept-gone', `kept volume ${kept.id} is gone`, [{ type: 'drop', name: nameOf(kept) }], {
        gone: [kept],
      }),
    ) ?? null
  );
}

/** What an ended claim had stays beside its row for as long as that does. */
function pastChanges(copy: ClaimWorkingCopy): readonly Change[] {
  return endedClaims(copy)
    .filter((claim) => !isWarm(claim))
    .flatMap((claim) =>
      partDocuments(claim).map((record) => newChange('past', `${claim.id} ends`, [{ type: 'past', record }])),
    );
}

function endedClaims(copy: ClaimWorkingCopy): readonly ClaimRecord[] {
  return [...copy.ended].flatMap((id) => copy.claim(id) ?? []);
}

/** The row of a claim, where it changed itself; of a warm machine its document says it all. */
function rowChanges(copy: ClaimWorkingCopy): readonly Change[] {
  const before = new Map(copy.seen.claims.map(({ record }) => [record.id, record]));
  return copy.changedClaims().flatMap((claim): Change[] => {
    const was = before.get(claim.id);
    if (copy.ended.has(claim.id)) return [];
    const more = {
      restsOn: [`claim ${claim.id}`],
      needs: copy.needsOf(claim.id),
      activity: warmNote(copy, claim),
      events: leaseEvents(copy, claim),
    };
    const reason = latestText(copy, claim) ?? `${claim.id}: ${changeText(was && rowOf(was), rowOf(claim))}`;
    if (isWarm(claim) || !was)
      return more.activity === null && more.events.length === 0 ? [] : [newChange('claim', reason, [], more)];
    if (!isRowChanged(was, claim)) return [];
    return [newChange('claim', reason, [{ type: 'claim', record: rowOf(claim) }], more)];
  });
}

function leaseEvents(
  copy: ClaimWorkingCopy,
  { id, tenant, spec, leaseEndsAtMs }: ClaimRecord,
): readonly PlannedEvent[] {
  if (!copy.leasesEnding.includes(id)) return [];
  return [{ type: 'LeaseEnding', requestId: id, tenant, ...namedOf(spec), leaseEndsAtMs: leaseEndsAtMs ?? 0 }];
}

/** The note about a warm machine in the pool's activity; null: none. */
function warmNote(copy: ClaimWorkingCopy, claim: ClaimRecord): ActivityNote | null {
  const now = claim.timeline.filter((entry) => entry.atMs === copy.nowMs);
  const taken = now.findLast((entry) => entry.code === 'warm_taken');
  const last = now.at(-1);
  if (taken) return { code: 'warm_taken', message: `${claim.id} ${taken.message}`, node: null };
  if (!last || !isWarm(claim) || claim.state !== 'pending' || !warmWaits.has(claim.reason ?? '')) return null;
  return { code: 'warm_waits', message: `${claim.id}, which is to be kept ready: ${last.message}`, node: null };
}

function endChanges(copy: ClaimWorkingCopy): readonly Change[] {
  return endedClaims(copy).map((claim) =>
    newChange('end', latestText(copy, claim) ?? `${claim.id} ends`, [endWrite(claim)], {
      restsOn: [`claim ${claim.id}`],
      ended: [claim],
    }),
  );
}

function endWrite(claim: ClaimRecord): RecordWrite {
  const warm = isWarm(claim) ? warmDocument(claim) : null;
  if (warm === null) return { type: 'claim', record: rowOf(claim), isEnded: true };
  // After a failed launch the document stays as a note: the next try waits for a while.
  const isOver = claim.state !== 'failed' || claim.startedAtMs !== null;
  return isOver ? { type: 'drop', name: machineName(warm) } : { type: 'machine', record: warm };
}

/** Calls in the order in which they are to be made. */
export function claimCalls(copy: ClaimWorkingCopy): readonly CallAction[] {
  return copy.calls.map((call) => ({
    kind: 'call',
    call,
    reason: callReason(copy, call),
    restsOn: [...callBasis(call), ...('request' in call && call.request !== null ? copy.needsOf(call.request) : [])],
  }));
}

function callReason(copy: ClaimWorkingCopy, call: ClaimCall): string {
  if ('group' in call) {
    const group = copy.group(call.group);
    return `group ${group?.name ?? call.group} is ${group?.state ?? 'gone'}`;
  }
  const ids = call.kind === 'terminate' ? call.machines.map((one) => one.request) : [call.request];
  const [first] = ids;
  if (first === undefined || first === null) return 'nobody takes the kept volume any more';
  const claim = copy.claim(first);
  const others = new Set(ids).size - 1;
  const why = claim?.timeline.at(-1)?.message ?? claim?.state ?? 'it has ended';
  return `${first}: ${why}${others === 0 ? '' : `; and ${String(others)} more claims`}`;
}

/** The timeline entry that this decision wrote; null: none. */
function latestText(copy: ClaimWorkingCopy, { id, timeline }: ClaimRecord): string | null {
  const last = timeline.at(-1);
  return last?.atMs === copy.nowMs ? `${id}: ${last.message}` : null;
}

/** Which fields differ. */
function changeText(before: object | null | undefined, after: object | null): string {
  if (after === null) return 'is dropped';
  if (!before) return 'is new';
  const was = new Map<string, unknown>(Object.entries(before));
  const is = new Map<string, unknown>(Object.entries(after));
  const names = [...new Set([...was.keys(), ...is.keys()])].filter(
    (name) => JSON.stringify(was.get(name)) !== JSON.stringify(is.get(name)),
  );
  return `${names.join(', ')} changed`;
}
