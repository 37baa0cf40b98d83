// Whether a pool could ever grant a claim. Capacity and limits that are used up now are no obstacle: the claim waits.
import { machineObstacles } from '../../core/claims/machines/buy.ts';
import type { ClaimSpec, MachineSpec } from '../../core/records/claim.ts';
import { deviceLetters } from '../../core/claims/lifecycle.ts';
import { groupsPerMachineMax, rulesPerDirectionMax } from '../../core/claims/networks/network-rules.ts';
import { chooseVolume, explainNoVolume } from '../../core/claims/volumes/storage-choice.ts';
import type { NetworkWish } from '../../core/records/security-group.ts';
import type { VolumeWish } from '../../core/records/volume.ts';
import type { Offering } from '../../core/values/offering.ts';
import type { PoolSpec } from '../../core/records/pool.ts';
import { amountText, isPassed, isWithin, limitKeys, usageOf } from '../../core/records/limits.ts';
import {
  expressionText,
  namedButLeftOut,
  typesMeeting,
  requirementKeys,
  says,
  unmetRequirements,
} from '../../core/values/requirements.ts';
import { UnsatisfiableError } from '../errors.ts';
import type { ControlSettings } from '../ports.ts';
import type { Submission } from '../use-cases.ts';

type MachineNeeds = Pick<MachineSpec, 'needs' | 'capacityType' | 'requirements'>;

/** Why a pool cannot keep the machines ready that it declares; null: it can. */
export function warmProblem(
  { name, accepts, warm }: Pick<PoolSpec, 'name' | 'accepts' | 'warm'>,
  offerings: readonly Offering[],
): string | null {
  if (warm === undefined) return null;
  if (!accepts.includes('virtual_machine'))
    return (
      `pool ${name} keeps warm machines, but accepts no virtual_machine that would use them; add it to `
      + 'accepts, or leave warm out'
    );
  const wanted = { ...warm, capacityType: 'on-demand' as const };
  return machineObstacles(wanted, offerings) === null
    ? null
    : `no offering of pool ${name} can be kept warm as ${needsText(wanted)}${nearestText(wanted, offerings)}`;
}

/**
 * The zone of the subnet that a machine asks for is a requirement like any other. @throws UnsatisfiableError
 * for a subnet that is not ours
 */
export function inSubnet(submission: Submission, subnets: ControlSettings['subnets']): Submission {
  const { spec } = submission;
  if (spec.type !== 'virtual_machine' || spec.subnetId === null) return submission;
  const known = subnets.map((one) => `${one.subnetId} (${one.zone})`).join(', ');
  const zone = subnets.find((one) => one.subnetId === spec.subnetId)?.zone;
  if (zone === undefined)
    throw new UnsatisfiableError(
      `${spec.subnetId} is no subnet of this installation; `
        + `${known === '' ? 'it knows none' : `its subnets are ${known}`}`,
      [],
    );
  const zones = spec.requirements.zone ?? [zone];
  if (!zones.includes(zone))
    throw new UnsatisfiableError(
      `${spec.subnetId} is in ${zone}, not in ${zones.join(' or ')}; leave the zone out, or name a `
        + `subnet of it: ${known}`,
      [],
    );
  return { ...submission, spec: { ...spec, requirements: { ...spec.requirements, zone: [zone] } } };
}

/** @throws UnsatisfiableError for what this pool can never grant, with the nearest that it could */
export function checkClaim(
  spec: ClaimSpec,
  pool: Pick<PoolSpec, 'name' | 'requirements' | 'limits'>,
  offerings: readonly Offering[],
  all: readonly Offering[],
): void {
  switch (spec.type) {
    case 'virtual_machine': {
      for (const volume of spec.volumes) checkVolume(volume);
      if (spec.network) checkNetwork(spec.network);
      const volumes = spec.volumes.length + spec.volumeRequests.length;
      if (volumes > deviceLetters.length)
        throw new UnsatisfiableError(
          `a machine takes at most ${String(deviceLetters.length)} volumes here (device names sdf to sdp), `
            + `not ${String(volumes)}`,
          [],
        );
      const groups = spec.networkRequests.length + (spec.network ? 1 : 0);
      if (groups > groupsPerMachineMax)
        throw new UnsatisfiableError(
          `a machine takes at most ${String(groupsPerMachineMax)} security groups, not ${String(groups)}`,
          [],
        );
      const excluded = machineObstacles(spec, offerings);
      if (excluded !== null) {
        const left = namedButLeftOut(spec.requirements, pool.requirements, typesMeeting(pool.requirements, all));
        throw new UnsatisfiableError(
          `no offering of pool ${pool.name} has `
            + `${needsText(spec)}${left && `; ${left}`}${nearestText(spec, offerings)}`,
          excluded,
        );
      }
      checkMachineLimits(spec, pool, offerings);
      checkVolumeLimits(spec.volumes, spec.count, pool);
      return;
    }
    case 'storage':
      checkVolume(spec.volume);
      checkVolumeLimits([spec.volume], spec.count, pool);
      if (spec.zone !== null && !offerings.some((one) => one.zone === spec.zone)) {
        throw new UnsatisfiableError(
          `pool ${pool.name} has no offering in ${spec.zone}; its zones are `
            + `${[...new Set(offerings.map((one) => one.zone))].sort().join(', ')}`,
          [],
        );
      }
      return;
    case 'network':
      checkNetwork(spec.network);
      return;
  }
}

function checkVolume(wish: VolumeWish): void {
  if (chooseVolume(wish, wish.strategy) === null) throw new UnsatisfiableError(explainNoVolume(wish), []);
}

/** A request's machines are granted together: the limits must have room for all of them. @throws UnsatisfiableError */
function checkMachineLimits(
  spec: MachineSpec,
  { name, limits }: Pick<PoolSpec, 'name' | 'limits'>,
  offerings: readonly Offering[],
): void {
  const able = offerings.filter((one) => machineObstacles(spec, [one]) === null);
  if (able.some((one) => isWithin(usageOf(one, spec.count), limits))) return;
  const needs = limitKeys.flatMap((key) => {
    const least = able.reduce((best, one) => (usageOf(one, 1)[key] < usageOf(best, 1)[key] ? one : best));
    const amount = usageOf(least, spec.count)[key];
    return isPassed(limits, key, amount)
      ? [
          `${spec.count === 1 ? 'it needs' : `its ${String(spec.count)} machines need`} at least `
            + `${amountText(key, amount)} (${least.type.name}), and limits.${key} is ${String(limits[key])}`,
        ]
      : [];
  });
  const why =
    needs.length > 0 ? needs.join('; ') : `no offering that fits it is within all of ${JSON.stringify(limits)} at once`;
  throw new UnsatisfiableError(`pool ${name} can never grant this: ${why}; ask for less, or raise the limit`, [
    { constraint: 'limits', offerings: able.length },
  ]);
}

/** @throws UnsatisfiableError for volumes that alone exceed the pool's limits */
function checkVolumeLimits(
  wishes: readonly VolumeWish[],
  count: number,
  { name, limits }: Pick<PoolSpec, 'name' | 'limits'>,
): void {
  const shapes = wishes.map((wish) => chooseVolume(wish, wish.strategy)).filter((one) => one !== null);
  const claimed = {
    volumeGib: count * shapes.reduce((sum, one) => sum + one.sizeGib, 0),
    usdPerMonth: count * shapes.reduce((sum, one) => sum + one.usdPerMonth, 0),
  };
  for (const [key, unit] of [
    ['volumeGib', 'GiB'],
    ['usdPerMonth', 'USD a month'],
  ] as const) {
    const limit = limits[key];
    if (!isPassed(limits, key, claimed[key])) continue;
    const amount = String(Math.ceil(claimed[key] * 100 - 1e-6) / 100);
    throw new UnsatisfiableError(
      `pool ${name} can never grant this: its volumes are ${amount} ${unit}, and limits.${key} is `
        + `${String(limit)}; ask for less, or raise it to at least ${amount}`,
      [],
    );
  }
}

/** @throws UnsatisfiableError for more than EC2 takes */
export function checkNetwork(wish: NetworkWish): void {
  for (const [direction, rules] of [
    ['ingress', wish.ingress],
    ['egress', wish.egress ?? []],
  ] as const) {
    if (rules.length > rulesPerDirectionMax)
      throw new UnsatisfiableError(
        `a security group takes at most ${String(rulesPerDirectionMax)} ${direction} rules, not `
          + `${String(rules.length)}; ask for several networks, at most ${String(groupsPerMachineMax)} a machine`,
        [],
      );
  }
}

function needsText({ needs, capacityType, requirements }: MachineNeeds): string {
  const types = requirements.instanceType?.join(' or ');
  const parts = [
    types ?? '',
    needs.vcpu > 0 ? `${String(needs.vcpu)} vCPU` : '',
    needs.memoryMib > 0 ? `${String(needs.memoryMib)} MiB` : '',
    needs.gpu > 0 ? `${String(needs.gpu)} GPU` : '',
    needs.arch ?? '',
    requirements.minLocalDiskGib === undefined ? '' : `${String(requirements.minLocalDiskGib)} GiB of local disk`,
    requirements.minNetworkGbps === undefined ? '' : `${String(requirements.minNetworkGbps)} Gbps`,
    ...otherTexts(requirements),
    capacityType,
  ];
  return parts.filter((one) => one !== '').join(', ');
}

/** What {@link needsText} says in words of its own, or what is no need. */
const saidKeys: ReadonlySet<string> = new Set([
  'instanceType',
  'minLocalDiskGib',
  'minNetworkGbps',
  'matchExpressions',
  'bursty',
]);

function otherTexts(requirements: MachineNeeds['requirements']): readonly string[] {
  return [
    ...requirementKeys
      .filter((key) => !saidKeys.has(key) && requirements[key] !== undefined)
      .map((key) => `${key} ${[requirements[key]].flat().map(String).join(' or ')}`),
    ...(requirements.matchExpressions ?? []).map(expressionText),
  ];
}

/** What is measured by how much is missing, not counted as one thing that is unmet. */
const measuredKeys: ReadonlySet<string> = new Set(['minLocalDiskGib', 'minNetworkGbps']);

/** How much of what was asked for, or is meant where nothing was said, an offering lacks. */
function lacksOf({ needs, capacityType, requirements }: MachineNeeds, offering: Offering): number {
  const short = (have: number, want: number): number => (want <= 0 ? 0 : Math.max(0, 1 - have / want));
  const { type } = offering;
  const isArchMeant =
    needs.arch === null ? says(requirements, 'arch') || type.arch === 'amd64' : type.arch === needs.arch;
  return (
    short(type.vcpu, needs.vcpu)
    + short(type.memoryMib, needs.memoryMib)
    + short(type.gpu, needs.gpu)
    + short(type.localDiskGib, requirements.minLocalDiskGib ?? 0)
    + short((type.networkMbps ?? 0) / 1000, requirements.minNetworkGbps ?? 0)
    + (isArchMeant ? 0 : 1)
    + (offering.capacityType === capacityType ? 0 : 0.5)
    + 0.25 * unmetRequirements(requirements, offering).filter((key) => !measuredKeys.has(key)).length
  );
}

/** The offering that misses the least of what was asked for. */
function nearestText(wanted: MachineNeeds, offerings: readonly Offering[]): string {
  let best: { offering: Offering; lacks: number } | null = null;
  for (const offering of offerings) {
    const lacks = lacksOf(wanted, offering);
    if (
      best === null
      || lacks < best.lacks - 1e-9
      || (Math.abs(lacks - best.lacks) < 1e-9
        && (offering.priceUsdPerHour < best.offering.priceUsdPerHour
          || (offering.priceUsdPerHour === best.offering.priceUsdPerHour && offering.id < best.offering.id)))
    )
      best = { offering, lacks };
  }
  if (!best) return '; the pool allows no offering at all';
  const { requirements } = wanted;
  const { type, zone } = best.offering;
  const also = [
    type.gpu > 0 ? `, ${String(type.gpu)} GPU` : '',
    requirements.minLocalDiskGib === undefined ? '' : `, ${String(type.localDiskGib)} GiB of local disk`,
    requirements.minNetworkGbps === undefined
      ? ''
      : `, ${type.networkMbps === null ? 'unknown' : String(type.networkMbps / 1000)} Gbps`,
  ].join('');
  return (
    `; the nearest possible is ${type.name} (${String(type.vcpu)} vCPU, ${String(type.memoryMib)} `
    + `MiB${also}, ${type.arch}, ${best.offering.capacityType} in ${zone})`
  );
}
