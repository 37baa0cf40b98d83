// The price list, from a small server that answers as its documentation says.
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pricingRegion, readPriceList } from '../../../lib/adapters/aws/price-list.ts';

interface Asked {
  readonly MaxResults: number;
  readonly ServiceCode: string;
  readonly NextToken?: string;
  readonly Filters: readonly { readonly Type: string; readonly Field: string; readonly Value: string }[];
}

let server: Server;
let asked: { readonly body: Asked; readonly authorization: string; readonly target: string }[];
let answer: (body: Asked) => { readonly status: number; readonly json: object };

beforeEach(async () => {
  asked = [];
  server = createServer((request, response) => {
    let text = '';
    request.on('data', (chunk: Buffer) => {
      text += chunk.toString();
    });
    request.on('end', () => {
      const body = JSON.parse(text) as Asked;
      asked.push({
        body,
        authorization: request.headers.authorization ?? '',
        target: String(request.headers['x-amz-target']),
      });
      const { status, json } = answer(body);
      response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' }).end(JSON.stringify(json));
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
});

afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => {
    server.close(resolve);
  });
});

const read = (): ReturnType<typeof readPriceList> =>
  readPriceList({
    region: 'eu-west-1',
    endpoint: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`,
    credentials: () => ({ accessKeyId: 'AKID', secretAccessKey: 's' }),
    clock: { nowMs: () => Date.UTC(2026, 10, 22) },
  });
const product = (instanceType: string | undefined, usd: string, unit = 'Hrs'): string =>
  JSON.stringify({
    product: {
      productFamily: 'Compute Instance',
      sku: 'S',
      attributes: { ...(instanceType === undefined ? {} : { instanceType }), vcpu: '2' },
    },
    serviceCode: 'AmazonEC2',
    terms: {
      OnDemand: {
        'S.JRTCKXETXF': {
          priceDimensions: { 'S.JRTCKXETXF.6YS6EN2CT7': { unit, pricePerUnit: { USD: usd } } },
          sku: 'S',
        },
      },
      Reserved: {},
    },
  });
const isMetal = (body: Asked): boolean => body.Filters.some((one) => one.Value === 'Compute Instance (bare metal)');

describe('the price list', () => {
  test('is read page by page, shared tenancy and bare metal, of the region that is asked for', async () => {
    answer = (body) => ({
      status: 200,
      json: isMetal(body)
        ? { PriceList: [product('c5.metal', '4.6080000000')] }
        : body.NextToken === undefined
          ? { PriceList: [product('c5.large', '0.0960000000'), product('c5.xlarge', '0.1920000000')], NextToken: 'two' }
          : {
              PriceList: [
                product('m9z.large', '0.1000000000'),
                product('c5.2xlarge', '0.0000000000'),
                product('c5.4xlarge', '5', 'Quantity'),
                product(undefined, '1'),
              ],
            },
    });
    expect(await read()).toEqual({ 'c5.large': 0.096, 'c5.xlarge': 0.192, 'm9z.large': 0.1, 'c5.metal': 4.608 });
    expect(asked.map((one) => one.body.NextToken)).toEqual([undefined, 'two', undefined]);
    expect(asked[0]?.target).toBe('AWSPriceListService.GetProducts');
    expect(asked[0]?.authorization).toContain('/eu-central-1/pricing/aws4_request');
    expect(asked[0]?.body).toMatchObject({
      ServiceCode: 'AmazonEC2',
      MaxResults: 100,
      Filters: expect.arrayContaining([
        { Type: 'TERM_MATCH', Field: 'regionCode', Value: 'eu-west-1' },
        { Type: 'TERM_MATCH', Field: 'operatingSystem', Value: 'Linux' },
        { Type: 'TERM_MATCH', Field: 'tenancy', Value: 'Shared' },
      ]),
    });
  });

  test.each([
    ['a refusal', { status: 400, json: { __type: 'AccessDeniedException', message: 'no' } }, /AccessDeniedException/],
    ['an answer of another kind', { status: 200, json: { Products: [] } }, /PriceList/],
    ['a product of another kind', { status: 200, json: { PriceList: [JSON.stringify({ price: 1 })] } }, /product/],
    ['an empty list', { status: 200, json: { PriceList: [] } }, /names no price for eu-west-1/],
    ['a list without an end', { status: 200, json: { PriceList: [], NextToken: 'again' } }, /no end/],
  ])('%s is an error, not an empty catalog', async (_what, given, message) => {
    answer = () => given;
    await expect(read()).rejects.toThrow(message);
  });

  test.each([
    ['us-west-2', 'us-east-1'],
    ['eu-north-1', 'eu-central-1'],
    ['ap-northeast-1', 'ap-south-1'],
    ['sa-east-1', 'us-east-1'],
  ])('of %s is asked for in %s', (region, at) => {
    expect(pricingRegion(region)).toBe(at);
  });
});
