// The control door of the embedded server's simulated EC2, over HTTP as a user calls it.
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { request } from 'node:http';
import { Journal } from '../../lib/adapters/simulated/ec2/http/journal.ts';
import { SimulatedCatalog } from '../../lib/adapters/simulated/catalog.ts';
import { World, instantOptions } from '../../lib/adapters/simulated/ec2/world.ts';
import { SystemClock } from '../../lib/adapters/system/clock.ts';
import { PortBusyError } from '../../lib/adapters/local/ports.ts';
import { localEc2 } from '../../lib/local/server/ec2.ts';
import { startEc2Control } from '../../lib/local/server/endpoints/ec2-control.ts';
import type { Ec2Control } from '../../lib/local/server/endpoints/ec2-control.ts';

const clock = new SystemClock();
let world: World;
let journal: Journal;
let door: Ec2Control;
let pumped: number;

beforeEach(async () => {
  world = new World({ accountId: '000000000000', region: 'us-east-1', clock, options: instantOptions });
  journal = new Journal();
  pumped = 0;
  const pump = async (): Promise<void> => {
    pumped += 1;
  };
  door = await startEc2Control({ port: 0, world, journal, clock, pump });
});

afterEach(async () => {
  await door.close();
});

interface Answered {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

/** Not fetch: it sends no foreign Host, and no path that is none. */
async function call(
  method: string,
  path: string,
  body?: object,
  headers: Record<string, string> = {},
): Promise<Answered> {
  const { port } = new URL(door.url);
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, method, path, headers }, (response) => {
      let text = '';
      response.on('data', (chunk: Buffer) => (text += chunk.toString()));
      response.on('end', () => {
        resolve({ status: response.statusCode ?? 0, body: JSON.parse(text) as Record<string, unknown> });
      });
    });
    sent.on('error', reject);
    sent.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

/** One that runs, and the code of the first refusal. */
function launch(capacityType: 'on-demand' | 'spot' = 'on-demand'): { readonly id: string; readonly code: string } {
  const { instanceIds, faults } = world.cloud.launch({
    token: null,
    tokenScope: 'fleet',
    parameters: '{}',
    capacityType,
    strategy: 'lowest-price',
    overrides: [{ instanceType: 'c7g.large', zone: 'us-east-1a' }],
    count: 1,
    minCount: 0,
    tags: {},
  });
  return { id: instanceIds[0] ?? 'none', code: faults[0]?.code ?? 'none' };
}

describe("the door of the server's own EC2", () => {
  test('shortages, quotas and prices that are set there hold for the calls of the server', async () => {
    expect(await call('PUT', '/_sim/capacity', { pattern: 'c7g.*', available: 0 })).toEqual({
      status: 200,
      body: { ok: true },
    });
    expect(launch().code).toBe('InsufficientInstanceCapacity');
    await call('PUT', '/_sim/capacity', { pattern: 'c7g.*', available: null });
    await call('PUT', '/_sim/limits', { vcpu: 1 });
    expect(launch().code).toBe('VcpuLimitExceeded');
    await call('PUT', '/_sim/limits', { vcpu: null });
    expect(launch().code).toBe('none');
    await call('PUT', '/_sim/prices', { offering: 'c7g.large/us-east-1a/spot', usdPerHour: 9 });
    const offerings = await new SimulatedCatalog(clock, world.cloud.prices).offerings();
    expect(offerings.find(({ id }) => id === 'c7g.large/us-east-1a/spot')?.priceUsdPerHour).toBe(9);
  });

  test('the journal has what the server called, and how a fault met it', async () => {
    const catalog = new SimulatedCatalog(clock, world.cloud.prices);
    const cloud = await localEc2(world, clock, catalog, journal);
    await call('POST', '/_sim/faults', { action: 'DescribeInstances', effect: { kind: 'throttle' }, times: 1 });
    await expect(cloud.list({ installation: 'local', things: 'instances' })).rejects.toThrow();
    expect((await call('GET', '/_sim/journal')).body['counts']).toMatchObject({
      CreateLaunchTemplate: { OK: 6 },
      DescribeInstances: { RequestLimitExceeded: 1 },
    });
  });

  test('an instance that it ends is gone, and the server hears of it at once', async () => {
    const { id } = launch('spot');
    const refused = await call('POST', '/_sim/crashes', { instanceId: 'i-00000000000000000' });
    expect([refused.status, pumped]).toEqual([400, 0]);
    expect((await call('POST', '/_sim/interruptions', { instanceId: id, noticeMs: 60_000 })).status).toBe(200);
    expect(world.cloud.takeEvents(clock.nowMs())).toContainEqual(
      expect.objectContaining({ instanceId: id, kind: 'interruption-warning' }),
    );
    await call('POST', '/_sim/crashes', { instanceId: id });
    expect([world.cloud.instance(id)?.state, pumped]).toEqual(['terminated', 2]);
  });

  test.each([
    ['PUT', '/_sim/clock', 404, 'there is no control route PUT /_sim/clock; there are: GET /_sim/health'],
    ['POST', '/_sim/reset', 404, 'there is no control route'],
    ['GET', '/_sim/instances?account=123456789012', 400, 'this server has one, 000000000000 in us-east-1'],
    ['GET', '//', 400, 'is no path of a URL'],
  ])('%s %s is refused', async (method, path, status, error) => {
    const answered = await call(method, path);
    expect(answered.status).toBe(status);
    expect(answered.body['error']).toContain(error);
  });

  test('pages of other origins and other names of this host are refused', async () => {
    const body = { pattern: '*', available: 0 };
    for (const headers of [{ origin: 'http://evil.example' }, { host: 'evil.example' }] as Record<string, string>[])
      expect((await call('PUT', '/_sim/capacity', body, headers)).status).toBe(403);
    expect(launch().code).toBe('none');
  });

  test('a port that is taken is named with its cure', async () => {
    const port = Number(new URL(door.url).port);
    const second = startEc2Control({ port, world, journal, clock, pump: async () => undefined });
    await expect(second).rejects.toThrow(PortBusyError);
    await expect(second).rejects.toThrow('--ec2-control PORT');
  });
});
