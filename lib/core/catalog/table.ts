// How the packaged table is written, and read again. A line holds the types of one family that share
// everything but size and price: the family, the number of the line of traits that says what they share, and
// the types. Traits stand first.
import type { Accelerator, Arch, InstanceType } from '../values/offering.ts';
import { allocatableOf } from './allocatable.ts';
import { nameParts } from './facts.ts';
import type { TypeFacts } from './facts.ts';

/** What the table has of a type beside EC2's facts. */
export interface TypePrices {
  readonly onDemandUsdPerHour: number | null;
  /** Whole per cent off the on-demand price; null where unknown. */
  readonly spotSavingPercent: number | null;
  readonly spotInterruptionBand: number | null;
}

const flags = { m: 'isBareMetal', b: 'isBurstable', c: 'isCurrentGeneration' } as const;
const none = '-';

const orNone = (value: string | number | null): string => (value === null ? none : String(value));
const textOf = (value: string | undefined): string | null =>
  value === undefined || value === none || value === '' ? null : value;
const numberOf = (value: string | undefined): number | null => (textOf(value) === null ? null : Number(value));

/** One line of traits: all that the types of a line of the table share beside their family. */
export function traitsText(type: TypeFacts): string {
  const { accelerator } = type;
  return [
    type.arch,
    type.cpuManufacturer,
    orNone(type.hypervisor),
    Object.entries(flags)
      .map(([letter, key]) => (type[key] ? letter : ''))
      .join('') || none,
    type.virtualizationTypes.join(','),
    type.bootModes.join(',') || none,
    type.usageClasses.join(','),
    orNone(type.gpuManufacturer),
    orNone(type.gpuName),
    orNone(type.gpuMemoryMib),
    accelerator === null ? none : [accelerator.name, accelerator.manufacturer, orNone(accelerator.memoryMib)].join(','),
  ].join(' ');
}

/** The rest of a type; `podsMax`: see {@link allocatableOf}. Blanks at the end are left out. */
export function typeText(type: TypeFacts, podsMax: number, prices: TypePrices): string {
  const blank = (value: number | null): string => (value === null || value === 0 ? '' : String(value));
  return [
    type.size,
    type.vcpu,
    type.memoryMib / 1024,
    podsMax,
    orNone(prices.onDemandUsdPerHour),
    orNone(prices.spotSavingPercent),
    orNone(prices.spotInterruptionBand),
    type.networkMbps === null ? '' : type.networkMbps / 1000,
    blank(type.localDiskGib),
    blank(type.gpu),
    blank(type.accelerator?.count ?? null),
  ]
    .join(' ')
    .trimEnd();
}

/** All types, in the order of the table. */
export function parseTable(text: string): InstanceType[] {
  const [traits = '', table = ''] = text.trim().split('\n\n');
  const known = traits.split('\n');
  return table.split('\n').flatMap((line) => parseLine(line, known));
}

function parseLine(line: string, traits: readonly string[]): InstanceType[] {
  const [shared = '', ...types] = line.split(';');
  const [family = '', at] = shared.split(' ');
  const [
    arch,
    cpuManufacturer = '',
    hypervisor,
    flagText = '',
    virtualization = '',
    boot,
    usage = '',
    gpuManufacturer,
    gpuName,
    gpuMemory,
    accelerator,
  ] = (traits[Number(at)] ?? '').split(' ');
  const list = (text: string | undefined): readonly string[] => textOf(text)?.split(',') ?? [];
  const has = (letter: keyof typeof flags): boolean => flagText.includes(letter);
  const [virtualizationTypes, bootModes, usageClasses] = [list(virtualization), list(boot), list(usage)];
  return types.map((text): InstanceType => {
    const [size = '', vcpu, memoryGib, podsMax, onDemand, saving, band, networkGbps, localDiskGib, gpu, accelerators] =
      text.split(' ');
    const name = `${family}.${size}`;
    const { category = '', generation = 0 } = nameParts(name) ?? {};
    const hardware = {
      arch: arch as Arch,
      vcpu: Number(vcpu),
      memoryMib: Number(memoryGib) * 1024,
      gpu: Number(gpu ?? 0),
    };
    const onDemandUsdPerHour = numberOf(onDemand);
    return {
      name,
      family,
      category,
      generation,
      size,
      ...hardware,
      gpuName: textOf(gpuName),
      gpuManufacturer: textOf(gpuManufacturer),
      gpuMemoryMib: numberOf(gpuMemory),
      accelerator: acceleratorOf(list(accelerator), accelerators),
      cpuManufacturer,
      hypervisor: textOf(hypervisor),
      isBareMetal: has('m'),
      isBurstable: has('b'),
      isCurrentGeneration: has('c'),
      virtualizationTypes,
      bootModes,
      usageClasses,
      localDiskGib: Number(localDiskGib ?? 0),
      networkMbps: networkGbps === undefined || networkGbps === '' ? null : Math.round(Number(networkGbps) * 1000),
      allocatable: allocatableOf(hardware, Number(podsMax)),
      onDemandUsdPerHour,
      spotUsdPerHour: spotPrice(onDemandUsdPerHour, numberOf(saving)),
      spotInterruptionBand: numberOf(band),
    };
  });
}

function acceleratorOf(traits: readonly string[], count: string | undefined): Accelerator | null {
  const [name, manufacturer = '', memory] = traits;
  return name === undefined ? null : { name, manufacturer, count: Number(count ?? 0), memoryMib: numberOf(memory) };
}

/** Rounded, so that a price is the same number however it is worked out. */
function spotPrice(onDemandUsdPerHour: number | null, savingPercent: number | null): number | null {
  if (onDemandUsdPerHour === null || savingPercent === null) return null;
  return Math.round(onDemandUsdPerHour * (100 - savingPercent) * 1e4) / 1e6;
}
