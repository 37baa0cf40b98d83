// A claim, as decisions see it, is put together here from its row and the documents of its machines and volumes, and
// taken apart again into those of them that changed. What was never asked for has no document: the spec says what it
// is to be. Documents about one instance or volume of EC2 change together, or it would have two owners, or none.
import type { ClaimRecord, ClaimRow } from '../records/claim.ts';
import type { ClaimedMachine, MachinePart, MachineRecord, WarmMachine } from '../records/machine.ts';
import type { ClaimedVolume, VolumePart, VolumeRecord } from '../records/volume.ts';
import { volumePlace } from '../records/volume.ts';
import { ownVolume, wantedMachine } from './lifecycle.ts';

/** Requests have ids without it. */
const warmPrefix = 'w-';

/** Its one document says what a claim's row says as well. */
export function isWarm({ id }: Pick<ClaimRow, 'id'>): boolean {
  return id.startsWith(warmPrefix);
}

export function warmId(unique: string): string {
  return `${warmPrefix}${unique}`;
}

export interface PartDocuments {
  readonly machines: readonly ClaimedMachine[];
  readonly volumes: readonly ClaimedVolume[];
}

export function assembled(row: ClaimRow, { machines, volumes }: PartDocuments): ClaimRecord {
  const { id, spec } = row;
  const byPlace = new Map(volumes.map((one) => [one.place, volumePart(one)]));
  if (spec.type === 'storage')
    return {
      ...row,
      machines: [],
      volume: byPlace.get(volumePlace(null, 0)) ?? unasked(row, ownVolume(id, spec.volume)),
    };
  if (spec.type === 'network') return { ...row, machines: [], volume: null };
  const byIndex = new Map(machines.map((one) => [one.index, one]));
  return {
    ...row,
    volume: null,
    machines: Array.from({ length: spec.count }, (_, index): MachinePart => {
      const wanted = wantedMachine(id, spec, index);
      const parts = wanted.volumes.map((part, n) => byPlace.get(volumePlace(index, n)) ?? unasked(row, part));
      const document = byIndex.get(index);
      return document ? { ...machineFacts(document), volumes: parts } : { ...unasked(row, wanted), volumes: parts };
    }),
  };
}

/** Of a claim that has ended, what was never asked for never will be. */
function unasked<T extends MachinePart | VolumePart>({ endedAtMs }: ClaimRow, part: T): T {
  return endedAtMs === null ? part : { ...part, state: 'gone' };
}

export function assembledWarm({ life, claim: _none, pool: _pool, id: _id, ...facts }: WarmMachine): ClaimRecord {
  return { ...life, machines: [{ ...facts, volumes: [] }], volume: null };
}

export function rowOf({ machines: _machines, volume: _volume, ...row }: ClaimRecord): ClaimRow {
  return row;
}

export function warmDocument(claim: ClaimRecord): WarmMachine | null {
  const [part] = claim.machines;
  if (!part) return null;
  const { volumes: _none, ...facts } = part;
  return { id: claim.id, pool: claim.pool, claim: null, ...facts, life: rowOf(claim) };
}

function machineFacts({ pool: _pool, claim: _claim, ...facts }: ClaimedMachine): Omit<MachinePart, 'volumes'> {
  return facts;
}

function volumePart({ pool: _pool, claim: _claim, place: _place, ...part }: ClaimedVolume): VolumePart {
  return part;
}

export type PartDocument = ClaimedMachine | ClaimedVolume;

/** What of the machine has a document: nothing as long as nothing of it was asked for. */
function machineDocuments({ pool, id: claim }: ClaimRecord, part: MachinePart): readonly PartDocument[] {
  const { volumes, ...facts } = part;
  const isLaunched = part.launchId !== null || part.instanceId !== null;
  return [
    ...(isLaunched ? [{ pool, claim, ...facts }] : []),
    ...volumes.flatMap((volume, n) =>
      isUnasked(volume) && (volume.state === 'wanted' || !isLaunched)
        ? []
        : [{ pool, claim, place: volumePlace(part.index, n), ...volume }],
    ),
  ];
}

function volumeDocuments({ pool, id: claim, volume }: ClaimRecord): readonly PartDocument[] {
  return volume === null || isUnasked(volume) ? [] : [{ pool, claim, place: volumePlace(null, 0), ...volume }];
}

function isUnasked({ state, volumeId, askedAtMs, missingSinceMs, snapshot }: VolumePart): boolean {
  return (
    (state === 'wanted' || state === 'gone')
    && volumeId === null
    && askedAtMs === null
    && missingSinceMs === null
    && snapshot === null
  );
}

/** All documents of the claim's parts. */
export function partDocuments(claim: ClaimRecord): readonly PartDocument[] {
  return [...claim.machines.flatMap((part) => machineDocuments(claim, part)), ...volumeDocuments(claim)];
}

export type Document = MachineRecord | VolumeRecord;

export interface DocumentChange {
  /** null: there was none. */
  readonly before: Document | null;
  /** null: there is none any more. */
  readonly after: Document | null;
}

/** What became of the documents of one claim's parts. */
export function partChanges(before: ClaimRecord | null, after: ClaimRecord): readonly DocumentChange[] {
  const changes = after.machines.flatMap((part, n) => {
    const was = before?.machines[n];
    return was === part
      ? []
      : changesOf(before && was ? machineDocuments(before, was) : [], machineDocuments(after, part));
  });
  if (before?.volume === after.volume) return changes;
  return [...changes, ...changesOf(before ? volumeDocuments(before) : [], volumeDocuments(after))];
}

/** Of a warm machine, which has one document for all. */
export function warmChange(before: ClaimRecord | null, after: ClaimRecord | null): DocumentChange {
  return { before: before && warmDocument(before), after: after && warmDocument(after) };
}

function changesOf(before: readonly PartDocument[], after: readonly PartDocument[]): readonly DocumentChange[] {
  const was = new Map(before.map((one) => [nameOf(one), one]));
  const is = new Set(after.map(nameOf));
  return [
    ...before.filter((one) => !is.has(nameOf(one))).map((one) => ({ before: one, after: null })),
    ...after
      .map((one) => ({ before: was.get(nameOf(one)) ?? null, after: one }))
      .filter((one) => JSON.stringify(one.before) !== JSON.stringify(one.after)),
  ];
}

function nameOf(document: PartDocument): string {
  return 'place' in document ? document.place : String(document.index);
}

export function isRowChanged(before: ClaimRecord, after: ClaimRecord): boolean {
  return JSON.stringify(rowOf(before)) !== JSON.stringify(rowOf(after));
}

/** Which instance or volume of EC2 a document is about; null: none yet. */
function thingOf(document: Document | null): string | null {
  if (document === null) return null;
  if ('place' in document) return document.volumeId;
  return 'instanceId' in document ? document.instanceId : document.id;
}

/** Changes that are written together, or not at all: they are about the same thing of EC2. */
export function together(changes: readonly DocumentChange[]): readonly (readonly DocumentChange[])[] {
  const groups: DocumentChange[][] = [];
  const byThing = new Map<string, DocumentChange[]>();
  for (const change of changes) {
    const things = [thingOf(change.before), thingOf(change.after)].filter((one) => one !== null);
    const known = things.map((one) => byThing.get(one)).find((one) => one !== undefined);
    const group = known ?? [];
    if (!known) groups.push(group);
    group.push(change);
    for (const thing of things) byThing.set(thing, group);
  }
  return groups;
}
