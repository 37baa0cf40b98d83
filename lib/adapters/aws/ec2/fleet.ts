// One frozen launch as a CreateFleet call, and its answer back. The same launch always makes the same call: that is
// what lets its token be repeated.
import type {
  CreateFleetCommandInput,
  CreateFleetCommandOutput,
  FleetLaunchTemplateConfigRequest,
} from '@aws-sdk/client-ec2';
import type { FrozenFleet } from '../../../core/records/launch.ts';
import type { Arch, InstanceType } from '../../../core/values/offering.ts';
import { BellowsError } from '../../../core/values/errors.ts';
import { CloudRefusedError } from '../../../ports/cloud.ts';
import type { LaunchAnswer, LaunchFault } from '../../../ports/cloud.ts';
import { scopeOf, scopeOfOverride } from '../../../ports/ec2/errors.ts';
import { isAboutTheWhole } from './sdk-errors.ts';

/**
 * Burstable types have templates of their own, since EC2 refuses a credit specification for every other type; so have
 * those with GPUs of NVIDIA's, whose image has the driver.
 */
export type TemplateName = Arch | `${Arch}-burstable` | `${Arch}-gpu`;

/** What decides which template a type is launched from. */
export type TemplateFacts = Pick<InstanceType, 'arch' | 'isBurstable' | 'gpu' | 'gpuManufacturer'>;

export interface LaunchPlaces {
  readonly templateIds: Readonly<Record<TemplateName, string>>;
  /** The one subnet of each zone that may be used. */
  readonly subnetByZone: Readonly<Record<string, string>>;
  /** As the templates have it, for calls that have to repeat it; absent: they have none. */
  readonly nodeInterface?: { readonly groupId: string; readonly addresses: 'public-ipv4' | 'ipv6' | 'nat' };
}

export class InvalidTemplateVersionError extends BellowsError {
  constructor(text: string) {
    super(
      'invalid_template_version',
      `the template version ${JSON.stringify(text)} must be a number, or "amd64:3,arm64:5"; never $Latest or `
        + '$Default, which change under a token',
    );
  }
}

/** `3` for all templates, or `amd64:3,arm64:5,amd64-burstable:2,…`. */
export function versionOf(templateVersion: string, name: TemplateName): string {
  if (/^\d+$/.test(templateVersion)) return templateVersion;
  const versions = new Map(
    templateVersion
      .split(',')
      .map((part) => part.split(':'))
      .map(([name = '', version = '']) => [name, version]),
  );
  const version = versions.get(name);
  if (version === undefined || !/^\d+$/.test(version)) throw new InvalidTemplateVersionError(templateVersion);
  return version;
}

/** A launch that was frozen before such types had templates stays the call that it was. */
export function templateOf(
  { arch, isBurstable, gpu, gpuManufacturer }: TemplateFacts,
  templateVersion: string,
): TemplateName {
  const isGpu = gpu > 0 && gpuManufacturer === 'nvidia';
  if (!isBurstable && !isGpu) return arch;
  const name = isGpu ? (`${arch}-gpu` as const) : (`${arch}-burstable` as const);
  return /^\d+$/.test(templateVersion) || templateVersion.includes(`${name}:`) ? name : arch;
}

/** @throws CloudRefusedError when the zone has none */
export function subnetIn(zone: string, { subnetByZone }: LaunchPlaces): string {
  const subnet = subnetByZone[zone];
  if (subnet !== undefined) return subnet;
  const zones = Object.keys(subnetByZone).sort().join(', ');
  throw new CloudRefusedError({
    code: 'NoSubnetInZone',
    scope: 'zone',
    about: { instanceType: null, zone },
    message: `this installation has no subnet in ${zone}; it has them in ${zones}`,
  });
}

/** @throws CloudRefusedError when a zone has no subnet: nothing was sent */
export function fleetInput(
  token: string,
  request: FrozenFleet,
  places: LaunchPlaces,
  factsOf: (instanceType: string) => TemplateFacts,
): CreateFleetCommandInput {
  const byTemplate = new Map<TemplateName, NonNullable<FleetLaunchTemplateConfigRequest['Overrides']>>();
  request.overrides.forEach(({ instanceType, zone }, at) => {
    const subnet = subnetIn(zone, places);
    const name = templateOf(factsOf(instanceType), request.templateVersion);
    const overrides = byTemplate.get(name) ?? [];
    byTemplate.set(name, overrides);
    overrides.push({ InstanceType: instanceType as never, SubnetId: subnet, Priority: at });
  });
  const tags = Object.entries(request.tags).map(([Key, Value]) => ({ Key, Value }));
  return {
    ClientToken: token,
    Type: 'instant',
    LaunchTemplateConfigs: [...byTemplate].map(([name, Overrides]) => ({
      LaunchTemplateSpecification: {
        LaunchTemplateId: places.templateIds[name],
        Version: versionOf(request.templateVersion, name),
      },
      Overrides,
    })),
    TargetCapacitySpecification: {
      TotalTargetCapacity: request.count,
      DefaultTargetCapacityType: request.capacityType,
    },
    ...(request.capacityType === 'spot'
      ? { SpotOptions: { AllocationStrategy: 'price-capacity-optimized', InstanceInterruptionBehavior: 'terminate' } }
      : { OnDemandOptions: { AllocationStrategy: 'prioritized' } }),
    // Tags of spot requests would make the same call fail for on-demand capacity.
    TagSpecifications: (['fleet', 'instance', 'volume'] as const).map((ResourceType) => ({ ResourceType, Tags: tags })),
  };
}

/** @throws CloudRefusedError when nothing was launched and all errors are of the whole call */
export function fleetAnswer(
  output: CreateFleetCommandOutput,
  request: FrozenFleet,
  places: LaunchPlaces,
  wasSentBefore: boolean,
): LaunchAnswer {
  const zoneOf = new Map(Object.entries(places.subnetByZone).map(([zone, subnet]) => [subnet, zone]));
  const zone = (
    place: { readonly SubnetId?: string | undefined; readonly AvailabilityZone?: string | undefined } | undefined,
  ): string | undefined => zoneOf.get(place?.SubnetId ?? '') ?? place?.AvailabilityZone;
  const instances = (output.Instances ?? []).flatMap((group) =>
    (group.InstanceIds ?? []).map((id) => ({
      id,
      instanceType: group.InstanceType ?? group.LaunchTemplateAndOverrides?.Overrides?.InstanceType ?? '',
      zone: zone(group.LaunchTemplateAndOverrides?.Overrides) ?? '',
      capacityType: request.capacityType,
    })),
  );
  const faults = (output.Errors ?? []).map((error): LaunchFault => {
    const code = error.ErrorCode ?? 'Unknown';
    const message = error.ErrorMessage ?? '';
    const overrides = error.LaunchTemplateAndOverrides?.Overrides;
    const about = { instanceType: overrides?.InstanceType ?? null, zone: zone(overrides) ?? null };
    if (about.instanceType === null && about.zone === null)
      return { code, scope: scopeOf(code, message), about: null, message };
    return { code, scope: scopeOfOverride(code, message), about, message };
  });
  const [first] = faults;
  if (first && instances.length === 0 && faults.every(isAboutTheWhole)) throw new CloudRefusedError(first, true);
  // EC2 does not say that it replays. A first answer names an instance or an error for everything it was asked for.
  const isReplay = wasSentBefore || (faults.length === 0 && instances.length < request.count);
  return { instances, faults, isReplay };
}
