// What a region's instance types cost on demand, from AWS's price list: the Query API answers in a dozen pages of some
// hundred products, and only three regions of the world have it.
import * as z from 'zod';
import { BellowsError } from '../../core/values/errors.ts';
import type { AwsClientOptions } from './json-client.ts';
import { AwsJsonClient } from './json-client.ts';

/** The answer is not what the price list's documentation says. */
export class PriceListError extends BellowsError {
  constructor(what: string) {
    super('price_list_unread', `the price list was not understood: ${what}`);
  }
}

const pagesMax = 100;
const pageTimeoutMs = 15_000;
/** In all: it must fit into one run of the function that asks, beside what that function is for. */
const readMsMax = 35_000;

/** Linux, without licences, for who pays by the second: neither reserved nor bought in blocks. */
const everything = { operatingSystem: 'Linux', preInstalledSw: 'NA', capacitystatus: 'Used', marketoption: 'OnDemand' };
const kinds = [
  { tenancy: 'Shared', productFamily: 'Compute Instance' },
  { tenancy: 'Dedicated', productFamily: 'Compute Instance (bare metal)' },
];

const page = z.object({ PriceList: z.array(z.string()), NextToken: z.string().optional() });
const product = z.object({
  product: z.object({ attributes: z.object({ instanceType: z.string().optional() }) }),
  terms: z.object({
    OnDemand: z
      .record(
        z.string(),
        z.object({
          priceDimensions: z.record(
            z.string(),
            z.object({ unit: z.string().optional(), pricePerUnit: z.record(z.string(), z.string()) }),
          ),
        }),
      )
      .optional(),
  }),
});

/** Where the list of that region's continent is served. */
export function pricingRegion(region: string): string {
  if (region.startsWith('ap-')) return 'ap-south-1';
  return region.startsWith('eu-') ? 'eu-central-1' : 'us-east-1';
}

/** By instance type, in USD per hour. @throws AwsServiceError, AwsNoAnswerError, PriceListError */
export async function readPriceList(options: AwsClientOptions): Promise<Readonly<Record<string, number>>> {
  const { region } = options;
  const at = pricingRegion(region);
  const client = new AwsJsonClient(
    { name: 'pricing', targetPrefix: 'AWSPriceListService', jsonVersion: '1.1' },
    {
      ...options,
      region: at,
      endpoint: options.endpoint ?? `https://api.pricing.${at}.amazonaws.com`,
      timeoutMs: options.timeoutMs ?? pageTimeoutMs,
    },
  );
  const prices: Record<string, number> = {};
  const startedMs = options.clock.nowMs();
  try {
    for (const kind of kinds) {
      const wanted = { regionCode: region, ...everything, ...kind };
      const Filters = Object.entries(wanted).map(([Field, Value]) => ({ Type: 'TERM_MATCH', Field, Value }));
      let token: string | undefined;
      for (let pages = 0; ; pages += 1) {
        if (options.clock.nowMs() - startedMs > readMsMax)
          throw new PriceListError(`it took longer than ${String(readMsMax)} ms`);
        if (pages >= pagesMax) throw new PriceListError(`it had no end after ${String(pagesMax)} pages`);
        const read = page.safeParse(
          await client.call('GetProducts', {
            ServiceCode: 'AmazonEC2',
            FormatVersion: 'aws_v1',
            MaxResults: 100,
            Filters,
            ...(token === undefined ? {} : { NextToken: token }),
          }),
        );
        if (!read.success) throw new PriceListError(z.prettifyError(read.error));
        for (const text of read.data.PriceList) take(prices, text);
        token = read.data.NextToken;
        if (token === undefined || token === '') break;
      }
    }
  } finally {
    client.close();
  }
  if (Object.keys(prices).length === 0) throw new PriceListError(`it names no price for ${region}`);
  return prices;
}

function take(prices: Record<string, number>, text: string): void {
  const read = product.safeParse(JSON.parse(text));
  if (!read.success) throw new PriceListError(z.prettifyError(read.error));
  const { instanceType } = read.data.product.attributes;
  if (instanceType === undefined) return;
  for (const term of Object.values(read.data.terms.OnDemand ?? {})) {
    for (const { pricePerUnit, unit } of Object.values(term.priceDimensions)) {
      const usdPerHour = Number(pricePerUnit['USD']);
      // Capacity that is paid for in another way is listed at nothing.
      if (usdPerHour > 0 && (unit === undefined || /^h(ou)?rs?$/i.test(unit))) prices[instanceType] = usdPerHour;
    }
  }
}
