// Reads from EC2 which instance types it offers in the installation's zones, and the present spot prices.
import { DescribeInstanceTypeOfferingsCommand, DescribeSpotPriceHistoryCommand } from '@aws-sdk/client-ec2';
import type { EC2Client } from '@aws-sdk/client-ec2';
import { assert } from '../../../../core/values/errors.ts';
import { CloudUnknownError } from '../../../../ports/cloud.ts';
import type { CatalogSnapshot } from './snapshot.ts';
import { cloudError } from '../sdk-errors.ts';

const pagesMax = 200;

export async function readEc2Catalog(
  client: EC2Client,
  zones: readonly string[],
  nowMs: number,
): Promise<CatalogSnapshot> {
  const wanted = [...new Set(zones)].sort();
  const types: Record<string, (number | null)[]> = {};
  const rowOf = (name: string): (number | null)[] => (types[name] ??= wanted.map(() => null));
  await allPages('DescribeInstanceTypeOfferings', async (NextToken) => {
    const page = await client.send(
      new DescribeInstanceTypeOfferingsCommand({
        LocationType: 'availability-zone',
        Filters: [{ Name: 'location', Values: wanted }],
        MaxResults: 1_000,
        NextToken,
      }),
    );
    for (const { InstanceType: type, Location: zone } of page.InstanceTypeOfferings ?? []) {
      const at = wanted.indexOf(zone ?? '');
      if (type !== undefined && at >= 0) rowOf(type)[at] = 0;
    }
    return page.NextToken;
  });
  assert(
    Object.keys(types).length > 0,
    `EC2 names no instance type in ${wanted.join(', ')}; the zones of the installation's subnets must `
      + 'be zones of its region',
  );
  // From now to now: EC2 answers the price in force of every type and zone.
  const now = new Date(nowMs);
  await allPages('DescribeSpotPriceHistory', async (NextToken) => {
    const page = await client.send(
      new DescribeSpotPriceHistoryCommand({
        StartTime: now,
        EndTime: now,
        ProductDescriptions: ['Linux/UNIX'],
        Filters: [{ Name: 'availability-zone', Values: wanted }],
        MaxResults: 1_000,
        NextToken,
      }),
    );
    for (const { InstanceType: type, AvailabilityZone: zone, SpotPrice: price } of page.SpotPriceHistory ?? []) {
      const row = types[type ?? ''];
      const at = wanted.indexOf(zone ?? '');
      const usdPerHour = Number(price);
      if (row && at >= 0 && row[at] === 0 && usdPerHour > 0) row[at] = usdPerHour;
    }
    return page.NextToken;
  });
  return { atMs: nowMs, zones: wanted, types };
}

async function allPages(
  action: string,
  read: (token: string | undefined) => Promise<string | undefined>,
): Promise<void> {
  let token: string | undefined;
  for (let pages = 0; pages < pagesMax; pages += 1) {
    try {
      token = await read(token);
    } catch (error) {
      throw cloudError(action, error);
    }
    // The end is an absent token, and for prices an empty one.
    if (token === undefined || token === '') return;
  }
  throw new CloudUnknownError(`${action}: its list had no end after ${String(pagesMax)} pages`);
}
