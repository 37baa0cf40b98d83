// What a region's instance types cost on demand, from AWS's price list: the Query API answers in a dozen pages of some
// hundred products, and only three regions of the world have it.
import type { GetProductsCommandInput } from '@aws-sdk/client-pricing';
import { GetProductsCommand, PricingClient } from '@aws-sdk/client-pricing';
import * as z from 'zod';
import { BellowsError } from '../../core/values/errors.ts';
import type { Clock } from '../../ports/clock.ts';
import { keepingConnections, sendCall } from './sdk.ts';
import type { AwsClientOptions } from './sdk.ts';

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

export interface PriceListOptions extends AwsClientOptions {
  readonly clock: Pick<Clock, 'nowMs'>;
}

interface Answer {
  /** JSON, which the SDK leaves to be read. */
  readonly PriceList?: readonly unknown[] | undefined;
  readonly NextToken?: string | undefined;
}

/** By instance type, in USD per hour. @throws AwsServiceError, AwsNoAnswerError, PriceListError */
export async function readPriceList(options: PriceListOptions): Promise<Readonly<Record<string, number>>> {
  const { region, clock, timeoutMs = pageTimeoutMs } = options;
  const client = new PricingClient(keepingConnections({ ...options, region: pricingRegion(region) }));
  const ask = (input: GetProductsCommandInput): Promise<Answer> =>
    sendCall('GetProducts', timeoutMs, async (sending) => client.send(new GetProductsCommand(input), sending));
  const prices: Record<string, number> = {};
  const startedMs = clock.nowMs();
  try {
    for (const kind of kinds) {
      const input = inputOf(region, kind);
      let token: string | undefined;
      for (let pages = 0; ; pages += 1) {
        if (clock.nowMs() - startedMs > readMsMax)
          throw new PriceListError(`it took longer than ${String(readMsMax)} ms`);
        if (pages >= pagesMax) throw new PriceListError(`it had no end after ${String(pagesMax)} pages`);
        const { PriceList: products, NextToken: next } = await ask({ ...input, NextToken: token });
        if (products === undefined) throw new PriceListError('an answer has no PriceList');
        for (const text of products) take(prices, String(text));
        token = next;
        if (token === undefined || token === '') break;
      }
    }
  } finally {
    client.destroy();
  }
  if (Object.keys(prices).length === 0) throw new PriceListError(`it names no price for ${region}`);
  return prices;
}

function inputOf(region: string, kind: (typeof kinds)[number]): GetProductsCommandInput {
  const wanted = { regionCode: region, ...everything, ...kind };
  return {
    ServiceCode: 'AmazonEC2',
    FormatVersion: 'aws_v1',
    MaxResults: 100,
    Filters: Object.entries(wanted).map(([Field, Value]) => ({ Type: 'TERM_MATCH', Field, Value })),
  };
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
