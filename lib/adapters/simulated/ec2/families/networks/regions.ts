// AWS's regions and their zones: which there are in each partition, which of them an account has to opt in to, and how
// the ids of zones abbreviate them.
import type { FilterTable } from '../../protocol/filters.ts';

interface Partition {
  readonly name: string;
  readonly domain: string;
  readonly regions: readonly string[];
  readonly optIn: readonly string[];
}

const words = (text: string): readonly string[] => text.split(/\s+/);

const partitions: readonly [Partition, ...Partition[]] = [
  {
    name: 'aws',
    domain: 'amazonaws.com',
    regions: words(`ap-northeast-1 ap-northeast-2 ap-northeast-3 ap-south-1 ap-southeast-1 ap-southeast-2 ca-central-1
      eu-central-1 eu-north-1 eu-west-1 eu-west-2 eu-west-3 sa-east-1 us-east-1 us-east-2 us-west-1 us-west-2`),
    optIn: words(`af-south-1 ap-east-1 ap-east-2 ap-south-2 ap-southeast-3 ap-southeast-4 ap-southeast-5 ap-southeast-6
      ap-southeast-7 ca-west-1 eu-central-2 eu-south-1 eu-south-2 il-central-1 me-central-1 me-south-1 mx-central-1`),
  },
  { name: 'aws-cn', domain: 'amazonaws.com.cn', regions: words('cn-north-1 cn-northwest-1'), optIn: [] },
  { name: 'aws-us-gov', domain: 'amazonaws.com', regions: words('us-gov-east-1 us-gov-west-1'), optIn: [] },
];

/** Of a region that is in none of the lists: the public one. */
function partitionOf(region: string): Partition {
  return partitions.find((one) => one.regions.includes(region)) ?? partitions[0];
}

/** `aws`, or what else ARNs in that region begin with. */
export function partitionName(region: string): string {
  return partitionOf(region).name;
}

/** What names of services in that region end with. */
export function domainOf(region: string): string {
  return partitionOf(region).domain;
}

export interface Region {
  readonly name: string;
  readonly endpoint: string;
  readonly optInStatus: 'opt-in-not-required' | 'opted-in' | 'not-opted-in';
  readonly tags: Readonly<Record<string, string>>;
}

/**
 * Every region beside which that one is, or of these. An account is opted in to the one that it calls.
 */
export function regionsBeside(region: string, only: readonly string[] | null = null): readonly Region[] {
  const { regions, optIn, domain } = partitionOf(region);
  return [...new Set([...(only ?? [...regions, ...optIn]), region])]
    .sort()
    .map((name) => ({
      name,
      endpoint: `ec2.${name}.${domain}`,
      optInStatus:
        only !== null || regions.includes(name) ? 'opt-in-not-required' : name === region ? 'opted-in' : 'not-opted-in',
      tags: {},
    }));
}

export const regionFilters: FilterTable<Region> = {
  endpoint: (region) => region.endpoint,
  'region-name': (region) => region.name,
  'opt-in-status': { of: (region) => region.optInStatus, allowed: ['opt-in-not-required', 'opted-in', 'not-opted-in'] },
};

const directions: Readonly<Record<string, string>> = { north: 'n', south: 's', east: 'e', west: 'w', central: 'c' };

/** `use1`, `apne1`, `usge1`: the area, initials of what is between it and the direction, the direction, the number. */
export function abbreviated(region: string): string {
  const [area = '', ...rest] = region.split('-');
  const number = rest.pop() ?? '';
  const direction = (rest.pop() ?? '').replace(/north|south|east|west|central/g, (word) => directions[word] ?? word);
  return `${area}${rest.map((word) => word.charAt(0)).join('')}${direction}${number}`;
}
