// What a task, a machine or a plan gets that says nothing of architecture or GPU maker. The one place for these rules:
//
// - A GPU is NVIDIA's, as nearly all images that use one expect, unless the requirements say something of
//   gpuManufacturer or gpuName, or task and pool together allow no NVIDIA type.
// - The architecture is what the image is known to be made for; else amd64, unless the requirements or a preference say
//   something of arch, or task and pool together allow arm64 types alone. A pool that lists both gives amd64.
import type { Demand } from './types.ts';
import type { MachineSpec } from '../records/claim.ts';
import type { Arch, Offering } from '../values/offering.ts';
import { requirementsKey, says, unmetRequirement } from '../values/requirements.ts';
import type { Requirements } from '../values/requirements.ts';

export interface Wish {
  readonly requirements: Requirements;
  readonly gpu: number;
  /** Container image, machine image id, or the parameter that names one; null: ours, which are there for both. */
  readonly image: string | null;
  readonly preferences?: readonly { readonly requirements: Requirements }[];
}

/**
 * By name alone: `arm64v8/alpine`, `ghcr.io/us/app:1.2-amd64`, `resolve:ssm:/aws/.../al2023-ami-kernel-default-arm64`.
 * An AMI's id says nothing; null: not known.
 */
export function archOfImage(image: string | null): Arch | null {
  const words = image?.toLowerCase().split(/[/:@._-]+/) ?? [];
  const isArm = words.some((word) => ['arm64', 'arm64v8', 'aarch64'].includes(word));
  const isAmd = words.some((word) => ['amd64', 'x86', 'x64'].includes(word));
  if (isArm === isAmd) return null;
  return isArm ? 'arm64' : 'amd64';
}

/** The same of a plan's demand, whose image has spoken already ({@link withImage}). */
export function demandWithDefaults(demand: Demand, offerings: readonly Offering[]): Demand {
  return {
    ...demand,
    requirements: withDefaults(
      {
        requirements: demand.requirements,
        gpu: demand.resources.gpu,
        image: null,
        preferences: demand.preferences ?? [],
      },
      offerings,
    ),
  };
}

/** The same of a machine, whose architecture is one of its needs. */
export function machineWithDefaults<T extends Pick<MachineSpec, 'needs' | 'requirements' | 'imageId'>>(
  { needs, requirements, imageId }: T,
  offerings: readonly Offering[],
): Pick<MachineSpec, 'needs' | 'requirements'> {
  const asked =
    needs.arch === null || says(requirements, 'arch') ? requirements : { ...requirements, arch: [needs.arch] };
  const { arch, ...others } = withDefaults({ requirements: asked, gpu: needs.gpu, image: imageId }, offerings);
  const [only = null] = arch?.length === 1 ? arch : [];
  if (requirements.arch !== undefined || (only !== 'amd64' && only !== 'arm64'))
    return { needs, requirements: arch === undefined ? others : { ...others, arch } };
  return { needs: { ...needs, arch: only }, requirements: others };
}

/** The requirements with the architecture that the image is known to be made for, where nothing else speaks of it. */
export function withImage(wish: Wish): Requirements {
  const arch = isArchOpen(wish) ? archOfImage(wish.image) : null;
  return arch === null ? wish.requirements : { ...wish.requirements, arch: [arch] };
}

function isArchOpen({ requirements, preferences = [] }: Wish): boolean {
  return !says(requirements, 'arch') && !preferences.some((one) => says(one.requirements, 'arch'));
}

const known = new WeakMap<readonly Offering[], Map<string, Requirements>>();

/** The requirements with what is added for what they leave open. `offerings`: all that the pool may buy. */
export function withDefaults(wish: Wish, offerings: readonly Offering[]): Requirements {
  const { gpu } = wish;
  // An image that no offering can run is the caller's to learn of, not ours to ignore.
  const requirements = withImage(wish);
  const isOpen = isArchOpen({ ...wish, requirements });
  const isMakerOpen = gpu > 0 && !says(requirements, 'gpuManufacturer') && !says(requirements, 'gpuName');
  if (!isOpen && !isMakerOpen) return requirements;
  const key = `${requirementsKey(requirements)} ${String(gpu > 0)} ${String(isOpen)}`;
  const byKey = known.get(offerings) ?? new Map<string, Requirements>();
  known.set(offerings, byKey);
  const before = byKey.get(key);
  if (before) return before;
  const isThere = (wanted: Requirements): boolean =>
    offerings.some((one) => (gpu === 0 || one.type.gpu > 0) && unmetRequirement(wanted, one) === null);
  let found = requirements;
  const narrow = (more: Requirements): boolean => {
    const wanted = { ...found, ...more };
    if (!isThere(wanted)) return false;
    found = wanted;
    return true;
  };
  if (isMakerOpen) narrow({ gpuManufacturer: ['nvidia'] });
  if (isOpen && !narrow({ arch: ['amd64'] })) narrow({ arch: ['arm64'] });
  if (byKey.size >= keysMax) byKey.clear();
  byKey.set(key, found);
  return found;
}

/** Wishes remembered for one list of offerings; more are worked out again. */
const keysMax = 1_000;
