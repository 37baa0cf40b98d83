// The simulator around the actions: the protocol's errors, faults, throttling, clock, events, metadata, state on disk.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  DescribeAccountAttributesCommand,
  DescribeAvailabilityZonesCommand,
  DescribeImagesCommand,
  DescribeInstanceTypeOfferingsCommand,
  DescribeInstanceTypesCommand,
  DescribeInstancesCommand,
  DescribeRegionsCommand,
  DescribeSpotPriceHistoryCommand,
  DescribeSubnetsCommand,
  DescribeVpcsCommand,
  EC2Client,
  GetSpotPlacementScoresCommand,
  RunInstancesCommand,
  TerminateInstancesCommand,
} from '@aws-sdk/client-ec2';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { instanceTypes } from '../../../../lib/core/catalog/index.ts';
import type { BusEvent } from '../../../../lib/adapters/simulated/ec2/http/event-pump.ts';
import { given, image, longMs, openBench, zoneA } from './bench.ts';
import type { Ec2Bench } from './bench.ts';
import { until, untilAsync } from '../../../hang.ts';

let bench: Ec2Bench;
beforeEach(async () => {
  bench = await openBench();
});
afterEach(() => bench.close());

const run = (ClientToken?: string, spot = false) =>
  bench.ec2.send(
    new RunInstancesCommand({
      ImageId: image,
      InstanceType: 't3.micro',
      MinCount: 1,
      MaxCount: 1,
      ClientToken,
      UserData: Buffer.from('#!/bin/sh').toString('base64'),
      ...(spot ? { InstanceMarketOptions: { MarketType: 'spot' } } : {}),
    }),
  );

const authorization =
  'AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260101/us-east-1/ec2/aws4_request, SignedHeaders=host, Signature=0';
async function raw(
  body: string,
  headers: Record<string, string> = { authorization },
): Promise<{ readonly status: number; readonly xml: string; readonly code: string | undefined }> {
  const response = await fetch(bench.simulator.endpoint, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
    body,
  });
  const xml = await response.text();
  return { status: response.status, xml, code: /<Code>(.*?)<\/Code>/.exec(xml)?.[1] };
}

describe('the protocol', () => {
  test.each([
    ['an unknown action', 'Action=DescribeUnicorns', 'InvalidAction', 400],
    ['no action', 'Version=2016-11-15', 'InvalidAction', 400],
    ['another version', 'Action=DescribeInstances&Version=1999-01-01', 'NoSuchVersion', 400],
    ['an unknown parameter', 'Action=DescribeInstances&Colour=red', 'UnknownParameter', 400],
    ['an unknown member', 'Action=DescribeInstances&Filter.1.Naem=x', 'UnknownParameter', 400],
    ['a list that is none', 'Action=DescribeInstances&InstanceId=i-00000000000000001', 'InvalidParameterValue', 400],
    ['a missing parameter', 'Action=DeleteVolume', 'MissingParameter', 400],
    ['no number', 'Action=DescribeInstances&MaxResults=many', 'InvalidParameterValue', 400],
    ['a broken escape', 'Action=DescribeInstances&NextToken=%zz', 'MalformedQueryString', 400],
  ])('refuses %s', async (_what, body, code, status) => {
    expect(await raw(body)).toMatchObject({ code, status });
  });

  test('asks for a signature of EC2, which it does not verify', async () => {
    expect(await raw('Action=DescribeInstances', {})).toMatchObject({ code: 'MissingParameter' });
    expect(
      await raw('Action=DescribeInstances', { authorization: authorization.replace('/ec2/', '/s3/') }),
    ).toMatchObject({ code: 'AuthFailure', status: 401 });
    const presigned = await fetch(
      `${bench.simulator.endpoint}/?Action=DescribeRegions&`
        + 'X-Amz-Credential=AKID%2F20260101%2Fus-east-1%2Fec2%2Faws4_request&X-Amz-Signature=0',
    );
    expect(presigned.status).toBe(200);
  });

  test('a path that no URL can have is refused, and the next call is answered', async () => {
    const { port } = bench.simulator;
    const status = await new Promise((resolve, reject) => {
      const sent = request({ host: '127.0.0.1', port, path: '//' }, (response) => {
        response.resume();
        resolve(response.statusCode);
      });
      sent.on('error', reject).end();
    });
    expect(status).toBe(400);
    expect((await fetch(`${bench.simulator.endpoint}/_sim/health`)).status).toBe(200);
  });

  test('writes XML that holds whatever a tag holds', async () => {
    const { xml } = await raw(
      `Action=RunInstances&ImageId=${image}&MinCount=1&MaxCount=1&TagSpecification.1.ResourceType=instance&`
        + `TagSpecification.1.Tag.1.Key=k&TagSpecification.1.Tag.1.Value=${encodeURIComponent('<&>"ü😀')}`,
    );
    const root = '<RunInstancesResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><requestId>';
    expect(xml.startsWith(`<?xml version="1.0" encoding="UTF-8"?>\n${root}`)).toBe(true);
    expect(xml).toContain('<value>&lt;&amp;&gt;"ü😀</value>');
    const { Reservations } = await bench.ec2.send(new DescribeInstancesCommand({}));
    expect(Reservations?.[0]?.Instances?.[0]?.Tags).toEqual([{ Key: 'k', Value: '<&>"ü😀' }]);
  });
});

describe('what is given', () => {
  test('a default VPC with a subnet per zone', async () => {
    const { AvailabilityZones } = await bench.ec2.send(new DescribeAvailabilityZonesCommand({}));
    expect(AvailabilityZones?.map((zone) => [zone.ZoneName, zone.ZoneId, zone.State])).toEqual([
      ['us-east-1a', 'use1-az1', 'available'],
      ['us-east-1b', 'use1-az2', 'available'],
      ['us-east-1c', 'use1-az3', 'available'],
    ]);
    await expect(
      bench.ec2.send(new DescribeAvailabilityZonesCommand({ ZoneNames: ['mars-1a'] })),
    ).rejects.toMatchObject({ name: 'InvalidParameterValue', message: 'Invalid availability zone: [mars-1a]' });
    const [vpc] = given(
      (await bench.ec2.send(new DescribeVpcsCommand({ Filters: [{ Name: 'isDefault', Values: ['true'] }] }))).Vpcs,
    );
    expect(vpc).toMatchObject({ CidrBlock: '172.31.0.0/16', IsDefault: true, State: 'available' });
    const { Subnets } = await bench.ec2.send(
      new DescribeSubnetsCommand({ Filters: [{ Name: 'vpc-id', Values: [given(vpc?.VpcId)] }] }),
    );
    expect(
      Subnets?.map((subnet) => [subnet.AvailabilityZone, subnet.CidrBlock, subnet.AvailableIpAddressCount]),
    ).toEqual([
      ['us-east-1a', '172.31.0.0/20', 4091],
      ['us-east-1b', '172.31.16.0/20', 4091],
      ['us-east-1c', '172.31.32.0/20', 4091],
    ]);
    expect(
      (await bench.ec2.send(new DescribeAccountAttributesCommand({ AttributeNames: ['default-vpc'] })))
        .AccountAttributes,
    ).toEqual([{ AttributeName: 'default-vpc', AttributeValues: [{ AttributeValue: vpc?.VpcId }] }]);
    expect((await bench.ec2.send(new DescribeRegionsCommand({ RegionNames: ['us-east-1'] }))).Regions).toMatchObject([
      { RegionName: 'us-east-1', Endpoint: 'ec2.us-east-1.amazonaws.com' },
    ]);
  });

  test('images by owner, name and architecture', async () => {
    const { Images } = await bench.ec2.send(
      new DescribeImagesCommand({
        Owners: ['amazon'],
        Filters: [
          { Name: 'name', Values: ['al2023-ami-2023*'] },
          { Name: 'architecture', Values: ['arm64'] },
          { Name: 'state', Values: ['available'] },
        ],
      }),
    );
    expect(Images).toMatchObject([
      {
        Architecture: 'arm64',
        RootDeviceName: '/dev/xvda',
        RootDeviceType: 'ebs',
        BlockDeviceMappings: [{ Ebs: { VolumeSize: 8 } }],
      },
    ]);
    const { Instances } = await bench.ec2.send(
      new RunInstancesCommand({
        ImageId: given(Images?.[0]?.ImageId),
        InstanceType: 'c7g.large',
        MinCount: 1,
        MaxCount: 1,
      }),
    );
    expect(Instances?.[0]?.Architecture).toBe('arm64');
    await expect(
      bench.ec2.send(new DescribeImagesCommand({ ImageIds: ['ami-0ffffffffffffffff'] })),
    ).rejects.toMatchObject({ name: 'InvalidAMIID.NotFound' });
  });

  test('the whole catalog, in pages', async () => {
    const names: string[] = [];
    let NextToken: string | undefined;
    do {
      const page = await bench.ec2.send(new DescribeInstanceTypesCommand({ NextToken }));
      names.push(...given(page.InstanceTypes).map((type) => given(type.InstanceType)));
      ({ NextToken } = page);
    } while (NextToken);
    expect(names).toEqual(instanceTypes.map((type) => type.name));
    const { InstanceTypes } = await bench.ec2.send(
      new DescribeInstanceTypesCommand({ InstanceTypes: ['g5.xlarge', 'c7g.large'] }),
    );
    expect(InstanceTypes).toMatchObject([
      {
        InstanceType: 'g5.xlarge',
        VCpuInfo: { DefaultVCpus: 4 },
        MemoryInfo: { SizeInMiB: 16_384 },
        GpuInfo: { Gpus: [{ Count: 1 }] },
      },
      { ProcessorInfo: { SupportedArchitectures: ['arm64'] } },
    ]);
    await expect(
      bench.ec2.send(new DescribeInstanceTypesCommand({ InstanceTypes: ['x0.tiny' as never] })),
    ).rejects.toMatchObject({ name: 'InvalidInstanceType' });
    const offerings = await bench.ec2.send(
      new DescribeInstanceTypeOfferingsCommand({
        LocationType: 'availability-zone',
        Filters: [{ Name: 'instance-type', Values: ['c7g.large'] }],
      }),
    );
    expect(offerings.InstanceTypeOfferings?.map((offering) => offering.Location)).toEqual([
      'us-east-1a',
      'us-east-1b',
      'us-east-1c',
    ]);
  });

  test('spot prices that vary by zone and time, the same again from the same seed', async () => {
    await bench.close();
    const ask = async () => {
      bench = await openBench({ options: { cloud: { spotPriceVariation: 0.2, seed: 's' } } });
      bench.simulator.clock.notBefore(Date.UTC(2027, 0, 1));
      const { SpotPriceHistory } = await bench.ec2.send(
        new DescribeSpotPriceHistoryCommand({
          InstanceTypes: ['c7g.large'],
          StartTime: new Date(Date.UTC(2026, 11, 30)),
          ProductDescriptions: ['Linux/UNIX'],
        }),
      );
      return given(SpotPriceHistory).map((point) =>
        [point.AvailabilityZone, point.SpotPrice, point.Timestamp?.toISOString()].join(' '),
      );
    };
    const first = await ask();
    await bench.close();
    expect(await ask()).toEqual(first);
    expect(first.filter((line) => line.startsWith(zoneA)).length).toBeGreaterThan(10);
    expect(new Set(first.map((line) => line.split(' ')[1])).size).toBeGreaterThan(10);
  });

  test('placement scores between 1 and 10, per region or zone', async () => {
    const { SpotPlacementScores } = await bench.ec2.send(
      new GetSpotPlacementScoresCommand({
        InstanceTypes: ['c7g.large', 'm7g.large', 'r7g.large'],
        TargetCapacity: 50,
        SingleAvailabilityZone: true,
      }),
    );
    expect(SpotPlacementScores?.map((score) => score.AvailabilityZoneId).sort()).toEqual([
      'use1-az1',
      'use1-az2',
      'use1-az3',
    ]);
    for (const { Score } of given(SpotPlacementScores)) expect(Score).toBeGreaterThan(0);
    await expect(bench.ec2.send(new GetSpotPlacementScoresCommand({ TargetCapacity: 1 }))).rejects.toMatchObject({
      name: 'MissingParameter',
    });
  });
});

describe('faults and throttling', () => {
  test('fail, throttle, lose the request or the answer, by action and parameters', async () => {
    await bench.control('POST', 'faults', {
      action: 'RunInstances',
      effect: { kind: 'fail', code: 'UnauthorizedOperation', message: 'no', httpStatus: 403 },
      times: 1,
    });
    await expect(run('a')).rejects.toMatchObject({ name: 'UnauthorizedOperation', $metadata: { httpStatusCode: 403 } });
    await bench.control('POST', 'faults', {
      action: '*',
      effect: { kind: 'throttle' },
      times: 1,
      parametersContain: 'ClientToken=b',
    });
    await run('a');
    await expect(run('b')).rejects.toMatchObject({ name: 'RequestLimitExceeded', $metadata: { httpStatusCode: 503 } });
    await bench.control('POST', 'faults', { action: 'RunInstances', effect: { kind: 'drop-request' }, times: 1 });
    await expect(run('c')).rejects.toThrow();
    await bench.control('POST', 'faults', { action: 'RunInstances', effect: { kind: 'drop-response' }, times: 1 });
    await expect(run('d')).rejects.toThrow();
    const { effects } = (await bench.control('GET', 'effects')) as { effects: Record<string, string[]> };
    expect(Object.fromEntries(Object.entries(effects).map(([token, ids]) => [token, ids.length]))).toEqual({
      a: 1,
      d: 1,
    });
    const { counts } = (await bench.control('GET', 'journal')) as { counts: Record<string, Record<string, number>> };
    expect(counts['RunInstances']).toEqual({ UnauthorizedOperation: 1, OK: 2, RequestLimitExceeded: 1, dropped: 1 });
  });

  test("EC2's own numbers, if asked for", async () => {
    await bench.control('PUT', 'throttling', { preset: 'aws' });
    for (let call = 0; call < 5; call++) await run();
    await expect(run()).rejects.toMatchObject({ name: 'RequestLimitExceeded' });
    bench.pass(500);
    await run();
    await expect(run()).rejects.toMatchObject({ name: 'RequestLimitExceeded' });
    expect(
      (await bench.client('111111111111').send(new RunInstancesCommand({ ImageId: image, MinCount: 1, MaxCount: 1 })))
        .Instances,
    ).toHaveLength(1);
  });

  test('control routes refuse what they do not know', async () => {
    await expect(bench.control('PUT', 'capacity', { patern: 'x', available: 0 })).rejects.toThrow('400');
    await expect(bench.control('GET', 'unicorns')).rejects.toThrow('404');
    await expect(bench.control('POST', 'interruptions', { instanceId: 'i-00000000000000001' })).rejects.toThrow(
      'does not exist',
    );
  });
});

describe('events and metadata', () => {
  test('events come as EventBridge knows them, by PutEvents', async () => {
    const taken: {
      readonly target: string | undefined;
      readonly entry: { Source: string; DetailType: string; Detail: string; Resources: string[] };
    }[] = [];
    let refusals = 1;
    const bus = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString()));
      request.on('end', () => {
        const { Entries } = JSON.parse(body) as { Entries: (typeof taken)[number]['entry'][] };
        if (refusals-- > 0) response.writeHead(500);
        else for (const entry of Entries) taken.push({ target: request.headers['x-amz-target']?.toString(), entry });
        response.end('{"FailedEntryCount":0}');
      });
    });
    await new Promise<void>((resolve) => bus.listen(0, '127.0.0.1', resolve));
    await bench.close();
    bench = await openBench({
      eventsEndpoint: `http://127.0.0.1:${(bus.address() as AddressInfo).port}/`,
      options: { cloud: { rebalanceProbability: 1 } },
    });
    const id = given((await run('e', true)).Instances?.[0]?.InstanceId);
    bench.pass(longMs);
    await bench.control('POST', 'interruptions', { instanceId: id, noticeMs: 1000 });
    bench.pass(longMs);
    await until(() => taken.length >= 6, 'six events');
    expect(taken.map(({ entry }) => [entry.DetailType, JSON.parse(entry.Detail) as unknown])).toEqual([
      ['EC2 Instance State-change Notification', { 'instance-id': id, state: 'pending' }],
      ['EC2 Instance State-change Notification', { 'instance-id': id, state: 'running' }],
      ['EC2 Instance Rebalance Recommendation', { 'instance-id': id }],
      ['EC2 Spot Instance Interruption Warning', { 'instance-id': id, 'instance-action': 'terminate' }],
      ['EC2 Instance State-change Notification', { 'instance-id': id, state: 'shutting-down' }],
      ['EC2 Instance State-change Notification', { 'instance-id': id, state: 'terminated' }],
    ]);
    expect(taken[0]).toMatchObject({
      target: 'AWSEvents.PutEvents',
      entry: { Source: 'aws.ec2', Resources: [`arn:aws:ec2:us-east-1:123456789012:instance/${id}`] },
    });
    const { events } = (await bench.control('GET', 'events')) as unknown as { events: BusEvent[] };
    expect(events).toHaveLength(6);
    expect(events[0]).toMatchObject({ version: '0', account: '123456789012', region: 'us-east-1', source: 'aws.ec2' });
    await bench.close();
    bench = await openBench();
    await new Promise((resolve) => bus.close(resolve));
  });

  test('an instance asks about itself with a token, and learns of its interruption', async () => {
    const id = given((await run('m', true)).Instances?.[0]?.InstanceId);
    const { endpoint } = await bench.control('POST', 'imds', { instanceId: id });
    const base = String(endpoint);
    const token = async (): Promise<string> =>
      (
        await fetch(`${base}/latest/api/token`, {
          method: 'PUT',
          headers: { 'x-aws-ec2-metadata-token-ttl-seconds': '60' },
        })
      ).text();
    expect(
      (
        await fetch(`${base}/latest/api/token`, {
          method: 'PUT',
          headers: { 'x-aws-ec2-metadata-token-ttl-seconds': '60' },
        })
      ).status,
    ).toBe(404);
    bench.pass(longMs);
    let header = await token();
    const get = async (path: string) => {
      const response = await fetch(`${base}/latest/${path}`, { headers: { 'x-aws-ec2-metadata-token': header } });
      return response.ok ? response.text() : response.status;
    };
    expect((await fetch(`${base}/latest/meta-data/instance-id`)).status).toBe(401);
    expect(await get('meta-data/instance-id')).toBe(id);
    expect(await get('meta-data/placement/')).toBe('availability-zone\navailability-zone-id\nregion');
    expect(await get('user-data')).toBe('#!/bin/sh');
    expect(await get('meta-data/instance-life-cycle')).toBe('spot');
    expect(JSON.parse(String(await get('dynamic/instance-identity/document')))).toMatchObject({
      instanceId: id,
      accountId: '123456789012',
      region: 'us-east-1',
    });
    expect(await get('meta-data/spot/instance-action')).toBe(404);
    await bench.control('POST', 'interruptions', { instanceId: id, noticeMs: 120_000 });
    const { action, time } = JSON.parse(String(await get('meta-data/spot/instance-action'))) as {
      action: string;
      time: string;
    };
    expect(action).toBe('terminate');
    expect(Date.parse(time)).toBeGreaterThan(bench.simulator.clock.nowMs() + 110_000);
    bench.pass(61_000);
    expect(await get('meta-data/instance-id')).toBe(401);
    header = await token();
    expect(await get('meta-data/instance-id')).toBe(id);
    const shared = await bench.simulator.metadata.listen(0);
    expect(
      (
        await fetch(`${shared}/${id}/latest/api/token`, {
          method: 'PUT',
          headers: { 'x-aws-ec2-metadata-token-ttl-seconds': '60' },
        })
      ).status,
    ).toBe(200);
  });
});

describe('time and state', () => {
  test('the clock is real, scaled or stepped', async () => {
    await bench.control('PUT', 'clock', { mode: 'scaled', factor: 10_000 });
    const id = given((await run()).Instances?.[0]?.InstanceId);
    await untilAsync(async () => {
      const { Reservations } = await bench.ec2.send(new DescribeInstancesCommand({ InstanceIds: [id] }));
      return Reservations?.[0]?.Instances?.[0]?.State?.Name === 'running';
    }, 'the instance to run');
    await bench.control('PUT', 'clock', { mode: 'stepped' });
    const { nowMs } = await bench.control('POST', 'clock/step', { ms: 1234 });
    expect((await bench.control('GET', 'clock'))['nowMs']).toBe(nowMs);
  });

  test('reset empties, load brings back what dump wrote', async () => {
    const first = await run('t');
    const dump = await bench.control('GET', 'dump');
    await bench.control('POST', 'reset');
    expect((await bench.ec2.send(new DescribeInstancesCommand({}))).Reservations).toEqual([]);
    await bench.control('POST', 'load', dump);
    expect((await run('t')).Instances?.[0]?.InstanceId).toBe(first.Instances?.[0]?.InstanceId);
    expect((await bench.ec2.send(new DescribeInstancesCommand({}))).Reservations).toHaveLength(1);
  });

  test("a stored world goes on from its own time, where that is later than the machine's", async () => {
    const folder = mkdtempSync(join(tmpdir(), 'bellows-ec2-'));
    await bench.close();
    bench = await openBench({ folder });
    const id = given((await run()).Instances?.[0]?.InstanceId);
    bench.pass(100 * 24 * 3_600_000);
    await bench.ec2.send(new TerminateInstancesCommand({ InstanceIds: [id] }));
    const before = bench.simulator.clock.nowMs();
    await bench.close();
    bench = await openBench({ folder });
    expect(bench.simulator.clock.nowMs()).toBeGreaterThanOrEqual(before);
    expect(
      (await bench.ec2.send(new DescribeInstancesCommand({}))).Reservations?.[0]?.Instances?.[0]?.State?.Name,
    ).toBe('shutting-down');
    await bench.control('POST', 'reset');
    rmSync(folder, { recursive: true });
  });

  test('state on disk survives kill -9: every answered launch is there, whole, and none is doubled', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'bellows-ec2-'));
    const start = async () => {
      const child = spawn(
        process.execPath,
        [
          fileURLToPath(new URL('../../../../lib/local/ec2-simulator/main.ts', import.meta.url)),
          '--port',
          '0',
          '--state',
          folder,
          '--describe-lag',
          '0',
          '--throttling',
          'off',
        ],
        { stdio: ['ignore', 'pipe', 'inherit'] },
      );
      const line = await new Promise<string>((resolve) =>
        child.stdout.once('data', (chunk: Buffer) => resolve(chunk.toString())),
      );
      const ec2 = new EC2Client({
        region: 'us-east-1',
        endpoint: given(/http:\S+:\d+/.exec(line)?.[0]),
        credentials: { accessKeyId: 'x', secretAccessKey: 'x' },
        maxAttempts: 1,
      });
      return { child, ec2 };
    };
    const launch = (ec2: EC2Client, token: string) =>
      ec2.send(new RunInstancesCommand({ ImageId: image, MinCount: 2, MaxCount: 2, ClientToken: token }));
    const answered = new Map<string, string[]>();
    try {
      for (let round = 0; round < 3; round++) {
        const { child, ec2 } = await start();
        // Some answers into the round, and then somewhere within the next calls.
        for (let at = 0; child.exitCode === null && child.signalCode === null; at++) {
          if (at === 3 + 2 * round) setTimeout(() => child.kill('SIGKILL'), 3 * round);
          try {
            const { Instances } = await launch(ec2, `r${round}-${at}`);
            answered.set(
              `r${round}-${at}`,
              given(Instances).map((one) => given(one.InstanceId)),
            );
          } catch {
            break; // killed in the middle of this one
          }
        }
        ec2.destroy();
        await new Promise((resolve) => (child.signalCode === null ? child.once('close', resolve) : resolve(null)));
      }
      expect(answered.size).toBeGreaterThanOrEqual(3 + 5 + 7);
      const { child, ec2 } = await start();
      const seen: { readonly id: string; readonly token: string; readonly disks: number; readonly ip: string }[] = [];
      let NextToken: string | undefined;
      do {
        const page = await ec2.send(new DescribeInstancesCommand({ MaxResults: 1000, NextToken }));
        for (const instance of given(page.Reservations).flatMap((reservation) => reservation.Instances ?? [])) {
          seen.push({
            id: given(instance.InstanceId),
            token: given(instance.ClientToken),
            disks: instance.BlockDeviceMappings?.length ?? 0,
            ip: given(instance.PrivateIpAddress),
          });
        }
        ({ NextToken } = page);
      } while (NextToken);
      for (const [token, ids] of answered)
        expect(seen.filter((one) => one.token === token).map((one) => one.id)).toEqual(ids);
      for (const members of Map.groupBy(seen, (one) => one.token).values()) expect(members).toHaveLength(2);
      expect(seen.every((one) => one.disks === 1)).toBe(true);
      expect(new Set(seen.map((one) => one.ip)).size).toBe(seen.length);
      const [token = ''] = answered.keys();
      expect((await launch(ec2, token)).Instances?.map((one) => one.InstanceId)).toEqual(answered.get(token));
      await ec2.send(new TerminateInstancesCommand({ InstanceIds: seen.slice(0, 2).map((one) => one.id) }));
      ec2.destroy();
      child.kill('SIGTERM');
      expect(await new Promise((resolve) => child.once('close', resolve))).toBe(0);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
