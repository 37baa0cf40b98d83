// What a simulator is told of the world that it stands for, by a seed at its start or later.
import {
  DeregisterImageCommand,
  DescribeAvailabilityZonesCommand,
  DescribeImagesCommand,
  DescribeInstanceTypeOfferingsCommand,
  DescribeInstanceTypesCommand,
  DescribeRegionsCommand,
  DescribeSpotPriceHistoryCommand,
  DescribeSubnetsCommand,
  RunInstancesCommand,
} from '@aws-sdk/client-ec2';
import type { _InstanceType } from '@aws-sdk/client-ec2';
import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, test } from '@jest/globals';
import { parseSeed } from '../../../../lib/adapters/simulated/ec2/seeding.ts';
import { given, image, openBench } from './bench.ts';
import type { Ec2Bench } from './bench.ts';

let bench: Ec2Bench;
afterEach(() => bench.close());

const own = 'ami-00000000000000001';
const theirs = 'ami-00000000000000002';
const seed = parseSeed({
  images: [
    { id: own, name: 'golden', architecture: 'arm64', tags: { team: 'a' }, parameters: ['/golden/latest'] },
    { id: theirs, name: 'vendor', architecture: 'x86_64', owner: '999999999999', rootSizeGib: 20 },
  ],
  instanceTypes: [{ name: 'c99g.large', like: 'c7g.large', vcpu: 6, onDemandUsdPerHour: 0.5, spotUsdPerHour: null }],
  onlyInstanceTypes: ['c7g.*', 't3.micro'],
  regions: ['us-east-1', 'eu-west-1'],
  zones: { 'us-east-1': ['us-east-1a', 'us-east-1b', 'us-east-1f'] },
  quotas: [{ vcpu: 8 }],
  prices: [{ offering: 'c7g.large/*/spot', usdPerHour: 0.011 }],
  capacity: [{ pattern: 't3.*', available: 0 }],
});

/** Also one that AWS does not have. */
const type = (name: string): _InstanceType => name as _InstanceType;

const launch = (InstanceType: string, ImageId: string, count = 1) =>
  new RunInstancesCommand({ InstanceType: type(InstanceType), ImageId, MinCount: count, MaxCount: count });

describe('a seed', () => {
  test('names images: own ones may be deregistered, others are public, parameters lead to them', async () => {
    bench = await openBench({ seed });
    const { Images = [] } = await bench.ec2.send(new DescribeImagesCommand({ ImageIds: [own, theirs] }));
    expect(Images.map((one) => [one.Name, one.OwnerId, one.Public, one.Tags])).toEqual([
      ['golden', '123456789012', false, [{ Key: 'team', Value: 'a' }]],
      ['vendor', '999999999999', true, undefined],
    ]);
    const { Instances } = await bench.ec2.send(launch('c7g.large', 'resolve:ssm:/golden/latest'));
    expect(Instances?.[0]?.ImageId).toBe(own);
    await bench.ec2.send(new DeregisterImageCommand({ ImageId: own }));
    await expect(bench.ec2.send(launch('c7g.large', own))).rejects.toThrow('does not exist');
  });

  test('adds types and takes others away', async () => {
    bench = await openBench({ seed });
    const { InstanceTypes = [] } = await bench.ec2.send(
      new DescribeInstanceTypesCommand({ InstanceTypes: [type('c99g.large')] }),
    );
    expect([InstanceTypes[0]?.VCpuInfo?.DefaultVCpus, InstanceTypes[0]?.MemoryInfo?.SizeInMiB]).toEqual([6, 4096]);
    const { InstanceTypeOfferings = [] } = await bench.ec2.send(new DescribeInstanceTypeOfferingsCommand({}));
    const families = InstanceTypeOfferings.map((one) => given(one.InstanceType).split('.')[0]);
    expect([...new Set(families)].sort()).toEqual(['c7g', 'c99g', 't3']);
    await expect(bench.ec2.send(launch('m5.large', image))).rejects.toThrow("Invalid value 'm5.large'");
    await bench.ec2.send(launch('c99g.large', own));
    await expect(bench.ec2.send(launch('c99g.large', own))).rejects.toThrow('more vCPU capacity');
  });

  test('names regions and zones, prices and capacity', async () => {
    bench = await openBench({ seed });
    const { ec2 } = bench;
    const { Regions = [] } = await ec2.send(new DescribeRegionsCommand({ AllRegions: true }));
    expect(Regions.map((one) => one.RegionName)).toEqual(['eu-west-1', 'us-east-1']);
    const { AvailabilityZones = [] } = await ec2.send(new DescribeAvailabilityZonesCommand({}));
    expect(AvailabilityZones.map((one) => one.ZoneName)).toEqual(['us-east-1a', 'us-east-1b', 'us-east-1f']);
    const { Subnets = [] } = await ec2.send(new DescribeSubnetsCommand({}));
    expect(Subnets.map((one) => one.AvailabilityZone)).toContain('us-east-1f');
    const { SpotPriceHistory = [] } = await ec2.send(
      new DescribeSpotPriceHistoryCommand({ InstanceTypes: ['c7g.large'], StartTime: new Date() }),
    );
    expect(SpotPriceHistory.map((one) => one.SpotPrice)).toEqual(['0.011000', '0.011000', '0.011000']);
    await expect(ec2.send(launch('t3.micro', theirs))).rejects.toThrow('sufficient t3.micro capacity');
  });

  test.each([
    [{ imgaes: [] }, 'imgaes is not a known field; did you mean images?'],
    [{ images: [{ ...seed.images?.[0], achitecture: 'arm64' }] }, 'images[0].achitecture is not a known field; did'],
    [{ images: [{ id: 'ami-x', name: 'one', architecture: 'arm64' }] }, 'images[0].id: must be an id such as'],
    [{ zones: { 'us-east-1': ['us-west-2a'] } }, 'must be the region and a letter, such as us-east-1a'],
    [
      {
        instanceTypes: [
          { name: 'a.b', like: 'x.y' },
          { name: 'a.b', like: 'x.y' },
        ],
      },
      'a.b is there twice',
    ],
    [{ prices: [{ offering: 'c7g.large', usdPerHour: 1 }] }, 'must be type/zone/capacity type'],
  ])('%j is refused with the place', async (wrong, why) => {
    bench = await openBench();
    expect(() => parseSeed(wrong)).toThrow(why);
  });

  test('can be given later, as far as worlds that are there can take it; and with a reset', async () => {
    bench = await openBench({ options: { subnetPrefix: 24 } });
    await expect(bench.ec2.send(launch('t3.micro', theirs))).rejects.toThrow('does not exist');
    const { images, instanceTypes, zones } = seed;
    await bench.control('PUT', 'seeding', { images });
    await bench.ec2.send(launch('t3.micro', theirs));
    await expect(bench.control('PUT', 'seeding', { instanceTypes })).rejects.toThrow('give it to POST /_sim/reset');
    await bench.control('POST', 'reset', { cloud: { instanceLimit: 1 }, seeding: { images, instanceTypes, zones } });
    await bench.ec2.send(launch('c99g.large', own));
    await expect(bench.ec2.send(launch('c99g.large', own))).rejects.toThrow('more instances');
    // What the start gave holds on.
    const { Subnets = [] } = await bench.ec2.send(new DescribeSubnetsCommand({}));
    expect(Subnets.map((one) => [one.AvailabilityZone, one.CidrBlock]).at(-1)).toEqual(['us-east-1f', '172.31.2.0/24']);
  });

  test('is as the README of the package shows it', async () => {
    const readme = new URL('../../../../lib/local/ec2-simulator/README.md', import.meta.url);
    const [, shown = ''] = /```json\n([^]*?)```/.exec(readFileSync(readme, 'utf8')) ?? [];
    bench = await openBench({ seed: parseSeed(JSON.parse(shown)) });
    await bench.ec2.send(launch('c99g.large', own));
  });

  test('that names more zones than there is room for is refused', async () => {
    bench = await openBench({ options: { subnetPrefix: 17 } });
    const { zones } = seed;
    await expect(bench.control('PUT', 'seeding', { zones })).rejects.toThrow('name at most 2 zones');
  });

  test('whose type is like none of the catalog is refused', async () => {
    bench = await openBench();
    const instanceTypes = [{ name: 'a1.b', like: 'x.y' }];
    await expect(bench.control('PUT', 'seeding', { instanceTypes })).rejects.toThrow('there is no type "x.y"');
  });
});
