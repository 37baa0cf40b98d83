// The room of claims in the working copy of a decision: claims put together from their documents, groups, kept volumes.
// What changed is what is to be written, each record on condition that it still is what was read. Calls are made only
// after the writes they rest on. Nodes, and what was bought, are as the decision about tasks leaves them.
import type { DocumentChange } from './documents.ts';
import { isWarm, partChanges, together, warmChange } from './documents.ts';
import { declaredLabels } from '../costs/bills.ts';
import type { ClaimCall } from '../plan/claim-call.ts';
import type { LaunchTerms } from '../plan/launches.ts';
import type { ClaimListing } from '../plan/listing.ts';
import type { Observation } from '../plan/observation.ts';
import { WorkingCopy } from '../plan/working-copy.ts';
import type { ClaimRecord } from '../records/claim.ts';
import { labelTags } from '../records/claim.ts';
import type { CountedRecords } from '../records/limits.ts';
import type { Usage } from '../records/pool.ts';
import type { GroupRecord } from '../records/security-group.ts';
import type { KeptVolume } from '../records/volume.ts';
import type { DecisionSettings } from '../values/settings.ts';
import { isPublic, refersToRequests, wishesOf } from './networks/network-rules.ts';

const noParts: ReadonlySet<number> = new Set();
const referenceSets = new WeakMap<GroupRecord, ReadonlySet<string>>();

/** A group that a thousand requests share is asked about by each of them. */
function referencesOf(group: GroupRecord): ReadonlySet<string> {
  let set = referenceSets.get(group);
  if (!set) {
    set = new Set(group.references);
    referenceSets.set(group, set);
  }
  return set;
}

export class ClaimWorkingCopy extends WorkingCopy {
  readonly settings: DecisionSettings;
  readonly terms: LaunchTerms;
  readonly calls: ClaimCall[] = [];
  readonly ended = new Set<string>();
  readonly droppedGroups: string[] = [];
  /** Notes about warm machines whose launch failed. */
  readonly droppedWarm: string[] = [];
  /** The first request that waits for room below the pool's limits, and what they count now. */
  short: { readonly request: string; readonly usage: Usage; readonly needed: Usage } | null = null;
  /** Announced before their mark is written: at least once. */
  readonly leasesEnding: string[] = [];
  /** Instances to terminate, each with the request that releases it. */
  readonly terminating = new Map<string, string>();
  /** Something is changing in EC2: the next tick comes soon. */
  isMoving = false;
  readonly dueAtMs: number[] = [];
  /** Requests whose group other requests' rules name as their other side. */
  readonly sources: ReadonlySet<string>;
  readonly #users = new Map<string, string[]>();
  readonly #claims = new Map<string, ClaimRecord>();
  readonly #groups = new Map<string, GroupRecord>();
  readonly #storageIds: readonly string[];
  readonly #openParts = new Map<string, Set<number>>();
  readonly #changedClaims = new Set<string>();
  readonly #kept = new Map<string, KeptVolume>();
  readonly #changedKept = new Set<string>();
  readonly #changedGroups = new Set<string>();
  readonly #needs = new Map<string, Set<string>>();

  constructor(seen: Observation, settings: DecisionSettings, terms: LaunchTerms) {
    super(seen);
    this.settings = settings;
    this.terms = terms;
    for (const { record } of seen.claims) this.#claims.set(record.id, record);
    this.#storageIds = seen.claims.filter(({ record }) => record.volume !== null).map(({ record }) => record.id);
    for (const { record } of seen.machineLaunches) {
      for (const { request, index } of record.members)
        this.#openParts.set(request, (this.#openParts.get(request) ?? new Set()).add(index));
    }
    for (const { record } of seen.kept) this.#kept.set(record.id, record);
    for (const { record } of seen.groups) this.#groups.set(record.id, record);
    // Claims that are being released want nothing any more.
    const wishing = seen.claims.map(({ record }) => record).filter((claim) => claim.state !== 'releasing');
    this.sources = new Set(wishing.flatMap((claim) => wishesOf(claim).flatMap(refersToRequests)));
    for (const { id, spec } of wishing) {
      if (spec.type !== 'virtual_machine') continue;
      for (const network of spec.networkRequests) this.#users.set(network, [...(this.#users.get(network) ?? []), id]);
    }
  }

  override get templateVersion(): string {
    return this.terms.templateVersion;
  }

  /** Machine requests that use the network request. */
  usersOf(network: string): readonly string[] {
    return this.#users.get(network) ?? [];
  }

  /** null: EC2 could not be listed; nothing is decided that needs to know what exists. */
  get listing(): ClaimListing | null {
    return this.seen.claimListing;
  }

  claim(id: string): ClaimRecord | undefined {
    return this.#claims.get(id);
  }

  claims(): readonly ClaimRecord[] {
    return [...this.#claims.values()];
  }

  /** For what is made or taken for the claim: tags of its labels, of the keys that the installation declares. */
  withLabelTags({ spec }: Pick<ClaimRecord, 'spec'>): { readonly labelTags?: Readonly<Record<string, string>> } {
    const { labels } = declaredLabels(spec, this.seen.labelKeys ?? []);
    return labels === undefined ? {} : { labelTags: labelTags(labels) };
  }

  setClaim(claim: ClaimRecord): ClaimRecord {
    if (this.#claims.get(claim.id) !== claim) {
      this.#claims.set(claim.id, claim);
      this.#changedClaims.add(claim.id);
    }
    return claim;
  }

  /** Of a warm machine that a request takes. */
  dropClaim(id: string): void {
    this.#claims.delete(id);
    this.#changedClaims.add(id);
  }

  /** Volumes that nobody has taken over by now. */
  kept(): readonly KeptVolume[] {
    return [...this.#kept.values()];
  }

  keptVolume(id: string): KeptVolume | undefined {
    return this.#kept.get(id);
  }

  setKept(kept: KeptVolume): void {
    this.#kept.set(kept.id, kept);
    this.#changedKept.add(kept.id);
  }

  dropKept(id: string): void {
    this.#kept.delete(id);
    this.#changedKept.add(id);
  }

  /**
   * What became of the documents of machines and volumes; each list is written together. Warm machines that have
   * ended are left out: how they end is no change like others.
   */
  documentChanges(): readonly (readonly DocumentChange[])[] {
    const before = new Map(this.seen.claims.map(({ record }) => [record.id, record]));
    const kept = new Map(this.seen.kept.map(({ record }) => [record.id, record]));
    const changes: DocumentChange[] = [...this.#changedKept].map((id) => ({
      before: kept.get(id) ?? null,
      after: this.#kept.get(id) ?? null,
    }));
    for (const id of this.#changedClaims) {
      const after = this.#claims.get(id);
      if (isWarm({ id })) {
        if (!this.ended.has(id)) changes.push(warmChange(before.get(id) ?? null, after ?? null));
      } else if (after) changes.push(...partChanges(before.get(id) ?? null, after));
    }
    return together(changes.filter((one) => one.before !== null || one.after !== null));
  }

  changedClaims(): readonly ClaimRecord[] {
    return [...this.#changedClaims].flatMap((id) => this.#claims.get(id) ?? []);
  }

  protected override countedClaims(): Pick<CountedRecords, 'claims' | 'kept'> {
    return { claims: this.#claims.values(), kept: this.kept() };
  }

  /** The claim was decided from the node's document as this decision has it: without that it is not written so. */
  needNode(claim: string, node: string): void {
    this.#needs.set(claim, (this.#needs.get(claim) ?? new Set()).add(`node ${node}`));
  }

  /** Keys of records without whose writes neither the claim is written nor a call is made for it. */
  needsOf(claim: string): readonly string[] {
    return [...(this.#needs.get(claim) ?? [])];
  }

  group(id: string): GroupRecord | undefined {
    return this.#groups.get(id);
  }

  groups(): readonly GroupRecord[] {
    return [...this.#groups.values()];
  }

  /** Groups that the request refers to. */
  groupsOf(request: string): readonly GroupRecord[] {
    return this.groups().filter((group) => referencesOf(group).has(request));
  }

  /** Storage requests; there are few beside the machines. */
  storages(): readonly ClaimRecord[] {
    return this.#storageIds.flatMap((id) => this.#claims.get(id) ?? []);
  }

  /** Machines of the request that an open launch names. */
  openParts(request: string): ReadonlySet<number> {
    return this.#openParts.get(request) ?? noParts;
  }

  setGroup(group: GroupRecord): GroupRecord {
    if (this.#groups.get(group.id) !== group) {
      this.#groups.set(group.id, group);
      this.#changedGroups.add(group.id);
    }
    return group;
  }

  /** The document is deleted on condition that it is as it was read. */
  dropGroup(id: string): void {
    this.droppedGroups.push(id);
    this.#changedGroups.delete(id);
    this.#groups.delete(id);
  }

  changedGroups(): readonly GroupRecord[] {
    return [...this.#changedGroups].flatMap((id) => this.#groups.get(id) ?? []);
  }

  isPublicGroup(group: GroupRecord): boolean {
    return isPublic(group.wish);
  }
}
