// Launching machines: each request gets the cheapest offering that fits it and the pool's limits, what is paid for
// first (paid.ts). Identical machines of one decision share a launch, with their new volumes as its block devices.
import { weighedUsdPerHour } from '../../catalog/burstable.ts';
import { endsInstancesAtMs, isNamed } from '../../catalog/commitments.ts';
import type { FrozenInstances } from '../../records/launch.ts';
import { newLaunch } from '../../plan/launches.ts';
import { isRefused, refusalTimes } from '../../plan/capacity-memory.ts';
import { refusalReason } from '../../tasks/placing/refusal-reason.ts';
import type { Offering } from '../../values/offering.ts';
import { nearestPassed } from '../../allocation/reasons/explain.ts';
import type { PoolUsage } from '../../records/limits.ts';
import { addPoolUsage, isWithin, limitKeys, limitsText, usageOf, volumeLimitKeys } from '../../records/limits.ts';
import { addUsage, pauseText } from '../../records/pool.ts';
import type { PoolSpec, Usage, VolumeUsage } from '../../records/pool.ts';
import { unmetRequirement } from '../../values/requirements.ts';
import type { ClaimRecord, MachineSpec } from '../../records/claim.ts';
import type { MachinePart } from '../../records/machine.ts';
import { tagRequest } from '../../records/claim.ts';
import type { ClaimWorkingCopy } from '../working-copy.ts';
import { waiting } from '../lifecycle.ts';
import { isWarm } from '../documents.ts';
import { PaidMachines } from './paid.ts';
import type { PaidChoice } from './paid.ts';
import { ReplicaZones } from './replica-zones.ts';
import { readyMachines, takeWarm, warmFor } from './warm.ts';

/** One transaction hands out what a launch made, with one write per request. */
const requestsPerLaunchMax = 60;
const machinesPerLaunchMax = 100;
const requestsNamedMax = 10;

export interface Exclusion {
  readonly constraint: string;
  readonly offerings: number;
}

type Needs = Pick<MachineSpec, 'needs' | 'requirements' | 'capacityType'>;

function obstacle(spec: Needs, offering: Offering, zone: string | null): string | null {
  if (offering.capacityType !== spec.capacityType) return 'capacityType';
  const unmet = unmetRequirement(spec.requirements, offering);
  if (unmet) return unmet;
  const { type } = offering;
  if (spec.needs.arch !== null && type.arch !== spec.needs.arch) return 'arch';
  if (type.gpu < spec.needs.gpu) return 'gpu';
  if (type.vcpu < spec.needs.vcpu) return 'vcpu';
  if (type.memoryMib < spec.needs.memoryMib) return 'memoryMib';
  if (zone !== null && offering.zone !== zone) return 'zone of its volumes';
  return null;
}

/** What stands between the machine and every offering; null: one at least can carry it. */
export function machineObstacles(spec: Needs, offerings: readonly Offering[]): readonly Exclusion[] | null {
  const excluded = new Map<string, number>();
  for (const offering of offerings) {
    const reason = obstacle(spec, offering, null);
    if (reason === null) return null;
    excluded.set(reason, (excluded.get(reason) ?? 0) + 1);
  }
  return [...excluded]
    .map(([constraint, count]) => ({ constraint, offerings: count }))
    .sort((a, b) => a.offerings - b.offerings || (a.constraint < b.constraint ? -1 : 1));
}

interface Wanted {
  readonly claim: ClaimRecord;
  readonly spec: MachineSpec;
  readonly parts: readonly MachinePart[];
  readonly offering: Offering;
  /** Absent: nothing pays for it. */
  readonly paid?: PaidChoice;
}

export function decideBuying(copy: ClaimWorkingCopy, buyers: readonly ClaimRecord[]): void {
  if (!copy.listing || buyers.length === 0) return;
  let usage = copy.usage();
  const wanted: Wanted[] = [];
  const ready = readyMachines(copy);
  const zones = new ReplicaZones(copy);
  const paid = new PaidMachines(copy);
  for (const claim of buyers) {
    const { spec } = claim;
    // Warm machines are not launched while a request waits for the pool's limits.
    if (spec.type !== 'virtual_machine' || (copy.short && isWarm(claim))) continue;
    const open = copy.openParts(claim.id);
    const lacking = claim.machines.filter((part) => part.state === 'wanted' && !open.has(part.index));
    const zone =
      spec.volumeRequests.map((request) => copy.claim(request)?.volume?.zone ?? null).find((one) => one !== null)
      ?? null;
    const able = copy.seen.offerings.filter((one) => obstacle(spec, one, zone) === null);
    const taken = isWarm(claim) || ready.length === 0 ? [] : warmFor(copy, spec, lacking.length, able, ready);
    const parts = lacking.slice(taken.length);
    const take = (): ClaimRecord => (taken.length === 0 ? claim : takeWarm(copy, claim, lacking, taken, ready));
    if (parts.length === 0) {
      take();
      continue;
    }
    const found = choose(copy, { claim, spec, count: parts.length, able, zone, zones, paid }, usage);
    if ('code' in found) {
      copy.setClaim(waiting(claim, found.code, found.message, copy.nowMs));
      continue;
    }
    usage = addPoolUsage(usage, found.more);
    zones.add(claim, found.offering.zone);
    if (found.paid) paid.take(found.paid, parts.length);
    const by = found.paid === undefined ? {} : { paid: found.paid };
    wanted.push({ claim: take(), spec, parts, offering: found.offering, ...by });
  }
  for (const batch of batches(copy, wanted)) launch(copy, batch);
}

interface Purchase {
  readonly claim: ClaimRecord;
  readonly spec: MachineSpec;
  /** Machines that are to be launched together. */
  readonly count: number;
  /** Offerings that fit it. */
  readonly able: readonly Offering[];
  /** Of its volumes; null: it has none yet. */
  readonly zone: string | null;
  readonly zones: ReplicaZones;
  readonly paid: PaidMachines;
}

/**
 * What is paid for, else the cheapest offering that EC2 does not refuse now, if the limits allow it, with its usage; or
 * why there is none.
 */
function choose(
  copy: ClaimWorkingCopy,
  purchase: Purchase,
  usage: PoolUsage,
):
  | { readonly offering: Offering; readonly more: Partial<PoolUsage>; readonly paid?: PaidChoice }
  | { readonly code: string; readonly message: string } {
  const { claim, spec, count, able, zone, zones } = purchase;
  const { seen, nowMs } = copy;
  const { memory, pool } = seen;
  if (able.length === 0) {
    const message =
      zone === null
        ? 'no offering of the pool fits it now'
        : `no offering of the pool in ${zone}, where its volumes are, fits it`;
    return { code: 'constraints', message };
  }
  if (seen.paused) return { code: 'pool_paused', message: pauseText(pool.name, seen.paused) };
  const disks = disksOf(claim, spec, count);
  const over = limitsText(pool.limits, volumeLimitKeys, usage, disks);
  const isAllowed = (one: Offering): boolean => isWithin(addUsage(usage, usageOf(one, count)), pool.limits);
  const paid = purchase.paid.choices(purchase).find((one) => isAllowed(one.offering));
  if (paid && over === '')
    return { offering: paid.offering, more: { ...usageOf(paid.offering, count), ...disks }, paid };
  const weighed = (one: Offering): number => weighedUsdPerHour(one, spec.requirements.bursty === true);
  const available = able
    .filter((one) => !isRefused(memory, one, nowMs))
    .sort(
      (a, b) => weighed(a) - weighed(b) || zones.of(claim, a.zone) - zones.of(claim, b.zone) || (a.id < b.id ? -1 : 1),
    );
  const [cheapest] = available;
  if (!cheapest) {
    copy.dueAtMs.push(...refusalTimes({ refusals: memory.refusals, gangs: {} }, nowMs));
    const message = `EC2 has none of the ${String(able.length)} offerings that fit it now`;
    return refusalReason(memory, able, nowMs, spec.needs.gpu > 0) ?? { code: 'no_capacity', message };
  }
  // The limits must allow the whole request: machines are granted together, never a part of them.
  const offering = available.find(isAllowed);
  if (offering && over === '') return { offering, more: { ...usageOf(offering, count), ...disks } };
  if (!offering && !isWarm(claim)) copy.short ??= { request: claim.id, usage, needed: usageOf(cheapest, count) };
  const machines = offering ? null : { available, usage, count };
  return { code: 'limit_reached', message: limitReason(pool, machines, { over, wanted: disks }) };
}

/** Of all its machines' new volumes. */
function disksOf(claim: ClaimRecord, spec: MachineSpec, count: number): VolumeUsage {
  const disks = spec.volumes.map((_wish, n) => claim.machines[0]?.volumes[n]).filter((one) => one !== undefined);
  return {
    volumeGib: count * disks.reduce((sum, one) => sum + one.shape.sizeGib, 0),
    usdPerMonth: count * disks.reduce((sum, one) => sum + one.shape.usdPerMonth, 0),
  };
}

/**
 * Which limits the whole request would pass, by how much: that of its machines, the nearest of what fits it,
 * and that of their volumes.
 */
function limitReason(
  { name, limits }: Pick<PoolSpec, 'name' | 'limits'>,
  machines: { readonly available: readonly Offering[]; readonly usage: Usage; readonly count: number } | null,
  volumes: { readonly over: string; readonly wanted: VolumeUsage },
): string {
  const parts: string[] = [];
  if (machines) {
    const { more, name: type } = nearestPassed(limits, machines.available, machines.usage, machines.count);
    parts.push(
      `for ${machines.count === 1 ? 'one more machine' : `${String(machines.count)} more machines`} `
        + `(${type ?? 'of any type'}): ${limitsText(limits, limitKeys, machines.usage, more)}`,
    );
  }
  if (volumes.over !== '') parts.push(`for ${String(volumes.wanted.volumeGib)} GiB of volumes: ${volumes.over}`);
  return `The limits of pool ${name} leave no room ${parts.join('; and ')}.`;
}

interface Batch {
  readonly frozen: Omit<FrozenInstances, 'count' | 'tags'>;
  /** One call has one set of tags, so claims with other labels have other calls. */
  readonly labelTags: Readonly<Record<string, string>>;
  readonly offering: Offering;
  readonly paid: PaidChoice | undefined;
  readonly members: { request: string; index: number }[];
}

function batches(copy: ClaimWorkingCopy, wanted: readonly Wanted[]): readonly Batch[] {
  const all: Batch[] = [];
  const open = new Map<string, Batch>();
  for (const { claim, spec, parts, offering, paid } of wanted) {
    const frozen = { ...freeze(copy, claim, spec, offering), ...paid?.into };
    // A volume that outlives its machine is identified by its launch's tag alone, so such a launch has one machine.
    const isAlone = frozen.disks.some((disk) => !disk.deleteOnTermination);
    const { labelTags = {} } = copy.withLabelTags(claim);
    const key = JSON.stringify([frozen, labelTags, paid?.commitment.name]);
    for (const part of parts) {
      let batch = isAlone ? undefined : open.get(key);
      const requests = new Set(batch?.members.map((one) => one.request)).add(claim.id).size;
      if (!batch || batch.members.length >= machinesPerLaunchMax || requests > requestsPerLaunchMax) {
        batch = { frozen, labelTags, offering, paid, members: [] };
        all.push(batch);
        if (!isAlone) open.set(key, batch);
      }
      batch.members.push({ request: claim.id, index: part.index });
    }
  }
  return all;
}

function freeze(copy: ClaimWorkingCopy, claim: ClaimRecord, spec: MachineSpec, offering: Offering): Batch['frozen'] {
  const groupIds = copy
    .groupsOf(claim.id)
    .flatMap((group) => group.groupId ?? [])
    .sort();
  return {
    call: 'run',
    instanceType: offering.type.name,
    zone: offering.zone,
    subnetId: spec.subnetId,
    capacityType: offering.capacityType,
    priceUsdPerHour: offering.priceUsdPerHour,
    imageId: spec.imageId ?? copy.terms.machineImages[offering.type.arch],
    userData: spec.userData,
    keyName: spec.keyName,
    instanceProfile: spec.instanceProfile,
    groupIds,
    ...(offering.type.isBurstable ? { cpuCredits: 'unlimited' as const } : {}),
    disks: (claim.machines[0]?.volumes ?? []).map((volume, n) => ({
      device: volume.device ?? '',
      shape: volume.shape,
      snapshotId: spec.volumes[n]?.snapshotId ?? null,
      deleteOnTermination: volume.onRelease === 'delete',
    })),
  };
}

function launch(copy: ClaimWorkingCopy, batch: Batch): void {
  const { seen, terms, nowMs } = copy;
  const { paid } = batch;
  const why = paid?.reason ?? 'the cheapest offering that fits, is available and is within the limits';
  const requests = new Set(batch.members.map((one) => one.request));
  const [only] = requests;
  const count = batch.members.length;
  const { fields, tags } = newLaunch(terms, seen.pool.name, nowMs);
  copy.buy({
    ...fields,
    members: batch.members,
    reserved: usageOf(batch.offering, count),
    reason: `For ${named(requests)}: ${why}`,
    ...(paid === undefined ? {} : { paidBy: paid.commitment.name }),
    request: {
      ...batch.frozen,
      count,
      // One call has one set of tags: which machine is for which request is in the launch's document.
      tags: { ...batch.labelTags, ...tags, [tagRequest]: requests.size === 1 && only !== undefined ? only : 'several' },
    },
  });
  copy.isMoving = true;
  for (const request of requests) {
    const claim = copy.claim(request);
    if (claim)
      copy.setClaim(
        waiting(
          { ...claim, grantSinceMs: claim.grantSinceMs ?? nowMs },
          'launching',
          `asks EC2 for ${batch.frozen.instanceType} (${batch.frozen.capacityType}) in ${batch.frozen.zone}`
            + intoText(batch),
          nowMs,
        ),
      );
  }
}

/** What has to be named, and until when it is there. */
function intoText({ paid }: Batch): string {
  if (paid === undefined || !isNamed(paid.commitment)) return '';
  const { kind, name } = paid.commitment;
  const endsMs = endsInstancesAtMs(paid.commitment);
  const until = endsMs === null ? '' : `, whose instances EC2 ends at ${new Date(endsMs).toISOString()}`;
  return `, into ${kind.replace('-', ' ')} ${name}${until}`;
}

function named(requests: ReadonlySet<string>): string {
  const shown = [...requests].slice(0, requestsNamedMax);
  const more = requests.size - shown.length;
  return `${shown.join(', ')}${more > 0 ? ` and ${String(more)} more` : ''}`;
}
