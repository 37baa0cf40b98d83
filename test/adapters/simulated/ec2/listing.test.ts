// Lists: pages that go on whatever leaves them, filters of which none is mistaken, buckets for who lists everything.
import {
  CreateTagsCommand,
  CreateVolumeCommand,
  DeleteTagsCommand,
  DeleteVolumeCommand,
  DescribeInstancesCommand,
  DescribeSpotPriceHistoryCommand,
  DescribeTagsCommand,
  DescribeVolumesCommand,
  ModifyInstanceAttributeCommand,
  RunInstancesCommand,
  StopInstancesCommand,
  TerminateInstancesCommand,
} from '@aws-sdk/client-ec2';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { actions } from '../../../../lib/adapters/simulated/ec2/actions.ts';
import { documentedFilters } from '../../../../lib/adapters/simulated/ec2/protocol/api-model.ts';
import { SerialOrder } from '../../../../lib/adapters/simulated/cloud/collections/serial-order.ts';
import { given, image, longMs, openBench, zoneA } from './bench.ts';
import type { Ec2Bench } from './bench.ts';

let bench: Ec2Bench;
beforeEach(async () => {
  bench = await openBench();
});
afterEach(() => bench.close());

async function launch(count: number): Promise<readonly string[]> {
  const { Instances } = await bench.ec2.send(
    new RunInstancesCommand({ ImageId: image, InstanceType: 't3.micro', MinCount: count, MaxCount: count }),
  );
  return given(Instances).map((one) => given(one.InstanceId));
}

describe('pages', () => {
  const running = [{ Name: 'instance-state-name', Values: ['running'] }];
  const page = async (NextToken?: string, Filters: typeof running | undefined = running) => {
    const answer = await bench.ec2.send(new DescribeInstancesCommand({ Filters, MaxResults: 5, NextToken }));
    const ids = given(answer.Reservations).flatMap((one) => given(one.Instances).map((each) => given(each.InstanceId)));
    return { ids, token: answer.NextToken };
  };

  test('show each that was there throughout, though the page before was terminated', async () => {
    const launched = await launch(12);
    bench.pass(longMs);
    const seen: string[] = [];
    let token: string | undefined;
    do {
      const found = await page(token);
      seen.push(...found.ids);
      await bench.ec2.send(new TerminateInstancesCommand({ InstanceIds: found.ids }));
      bench.pass(longMs);
      ({ token } = found);
    } while (token !== undefined);
    expect(seen).toEqual(launched);
  });

  test('go on where the last one shown is forgotten', async () => {
    const launched = await launch(12);
    bench.pass(longMs);
    await bench.ec2.send(new TerminateInstancesCommand({ InstanceIds: launched.slice(0, 5) }));
    bench.pass(3_595_000);
    const first = await page(undefined, []);
    expect(first.ids).toEqual(launched.slice(0, 5));
    bench.pass(60_000);
    expect((await page(first.token, [])).ids).toEqual(launched.slice(5, 10));
  });

  test('of volumes go on where the last one shown is deleted; more than EC2 gives is as much as it gives', async () => {
    const ids: string[] = [];
    for (let n = 0; n < 7; n++) {
      const { VolumeId } = await bench.ec2.send(
        new CreateVolumeCommand({ AvailabilityZone: zoneA, Size: 1, VolumeType: 'gp3' }),
      );
      ids.push(given(VolumeId));
    }
    bench.pass(longMs);
    const { Volumes, NextToken } = await bench.ec2.send(new DescribeVolumesCommand({ MaxResults: 5 }));
    expect(Volumes?.map((one) => one.VolumeId)).toEqual(ids.slice(0, 5));
    await bench.ec2.send(new DeleteVolumeCommand({ VolumeId: ids[4] }));
    const rest = await bench.ec2.send(new DescribeVolumesCommand({ MaxResults: 5, NextToken }));
    expect(rest.Volumes?.map((one) => one.VolumeId)).toEqual(ids.slice(5));
    expect((await bench.ec2.send(new DescribeVolumesCommand({ MaxResults: 1000 }))).Volumes).toHaveLength(6);
  });

  test('of tags go on where the last one shown is gone', async () => {
    const [id = ''] = await launch(1);
    const keys = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];
    await bench.ec2.send(new CreateTagsCommand({ Resources: [id], Tags: keys.map((Key) => ({ Key, Value: Key })) }));
    const { Tags, NextToken } = await bench.ec2.send(new DescribeTagsCommand({ MaxResults: 5 }));
    expect(Tags?.map((tag) => tag.Key)).toEqual(keys.slice(0, 5));
    await bench.ec2.send(new DeleteTagsCommand({ Resources: [id], Tags: [{ Key: 'e' }] }));
    const rest = await bench.ec2.send(new DescribeTagsCommand({ MaxResults: 5, NextToken }));
    expect(rest.Tags?.map((tag) => tag.Key)).toEqual(['f', 'g']);
  });

  test('take no token that was touched, or that another list made', async () => {
    await launch(7);
    bench.pass(longMs);
    const { token = '' } = await page();
    const text = Buffer.from(token, 'base64url').toString();
    const touched = Buffer.from(text.replace('[5]', '[1]')).toString('base64url');
    expect(text).toContain('[5]');
    for (const wrong of [touched, 'x', Buffer.from('0/[').toString('base64url')])
      await expect(page(wrong)).rejects.toMatchObject({ name: 'InvalidNextToken' });
    await expect(page(token, [{ Name: 'instance-state-name', Values: ['stopped'] }])).rejects.toMatchObject({
      name: 'InvalidNextToken',
    });
  });

  test('of spot prices are cut from what is looked at, not from ninety days of everything', async () => {
    const one = { InstanceTypes: ['c7g.large' as const], AvailabilityZone: zoneA };
    const whole = await bench.ec2.send(new DescribeSpotPriceHistoryCommand(one));
    expect(whole.SpotPriceHistory).toHaveLength(721);
    const seen = [];
    let NextToken: string | undefined;
    do {
      const part = await bench.ec2.send(new DescribeSpotPriceHistoryCommand({ ...one, MaxResults: 100, NextToken }));
      seen.push(...given(part.SpotPriceHistory));
      NextToken = part.NextToken === '' ? undefined : part.NextToken;
    } while (NextToken !== undefined);
    expect(seen).toEqual(whole.SpotPriceHistory);
    // What no price meets ends early with a token, instead of at the end of three million points.
    const none = await bench.ec2.send(
      new DescribeSpotPriceHistoryCommand({ Filters: [{ Name: 'spot-price', Values: ['99'] }] }),
    );
    expect(none.SpotPriceHistory ?? []).toEqual([]);
    expect(none.NextToken).toMatch(/./);
  });
});

describe('a list in the order of serial numbers', () => {
  test('is read from behind any number, also of what is gone', () => {
    const order = new SerialOrder();
    for (let serial = 1; serial <= 300; serial++) order.add(serial, `id-${String(serial)}`);
    for (let serial = 1; serial <= 250; serial++) order.remove(`id-${String(serial)}`);
    expect([...order.after(0)].map(([serial]) => serial)).toEqual(Array.from({ length: 50 }, (_, n) => 251 + n));
    expect([...order.after(298)]).toEqual([
      [299, 'id-299'],
      [300, 'id-300'],
    ]);
    order.remove('id-300');
    order.add(301, 'id-300');
    expect([...order.after(298)].map(([serial]) => serial)).toEqual([299, 301]);
  });

  test('is not disturbed while it is read', () => {
    const order = new SerialOrder();
    for (let serial = 1; serial <= 200; serial++) order.add(serial, String(serial));
    const seen: number[] = [];
    for (const [serial, id] of order.after(0)) {
      seen.push(serial);
      order.remove(id);
    }
    expect(seen).toHaveLength(200);
  });
});

describe('filters', () => {
  const filtered = [...actions.values()].filter((one) => documentedFilters.has(one.name)).map((one) => one.name);

  test.each(filtered)('%s: each documented one works or is named as not modelled; no other is taken', async (name) => {
    const more: Readonly<Record<string, string>> = {
      DescribeFleetInstances: '&FleetId=fleet-12345678-1234-1234-1234-123456789012',
      DescribeLaunchTemplateVersions: '&LaunchTemplateVersion.1=$Latest',
    };
    const call = (filter: string) =>
      bench.raw(`Action=${name}&Filter.1.Name=${filter}&Filter.1.Value.1=*${more[name] ?? ''}`);
    const works = new Set(
      given(actions.get(name)).filterNames(bench.simulator.worlds.world('123456789012', 'us-east-1')),
    );
    for (const filter of given(documentedFilters.get(name))) {
      const { code, message } = await call(filter);
      if (works.has(filter) || filter === 'tag-key') expect([undefined, 'InvalidFleetId.NotFound']).toContain(code);
      else
        expect({ code, message }).toEqual({
          code: 'UnsupportedOperation',
          message: `The filter '${filter}' is not modelled by this simulator`,
        });
    }
    expect(await call('no-such-filter')).toMatchObject({ code: 'InvalidParameterValue' });
  });

  test('are fifty at most, of two hundred values at most', async () => {
    const many = (filters: number, values: number): string =>
      Array.from({ length: filters }, (_, n) => [
        `&Filter.${String(n + 1)}.Name=tag:k${String(n)}`,
        ...Array.from({ length: values }, (_each, v) => `&Filter.${String(n + 1)}.Value.${String(v + 1)}=${String(v)}`),
      ])
        .flat()
        .join('');
    expect((await bench.raw(`Action=DescribeInstances${many(50, 1)}`)).code).toBeUndefined();
    expect((await bench.raw(`Action=DescribeInstances${many(51, 1)}`)).code).toBe('FilterLimitExceeded');
    expect((await bench.raw(`Action=DescribeInstances${many(1, 200)}`)).code).toBeUndefined();
    expect((await bench.raw(`Action=DescribeInstances${many(1, 201)}`)).code).toBe('FilterLimitExceeded');
  });

  test.each([
    ['a*c', 'abbbc', true],
    ['a*c', 'abbbd', false],
    ['a?c', 'abc', true],
    ['a?c', 'ac', false],
    ['*', '', true],
    ['a\\*', 'a*', true],
    ['a\\*', 'ab', false],
    ['*a*b*', 'xxaxxbxx', true],
    ['a.c', 'abc', false],
  ])('%s against %j: %p', async (pattern, value, isMatch) => {
    const [id = ''] = await launch(1);
    await bench.ec2.send(new CreateTagsCommand({ Resources: [id], Tags: [{ Key: 'k', Value: value }] }));
    const { Reservations } = await bench.ec2.send(
      new DescribeInstancesCommand({ Filters: [{ Name: 'tag:k', Values: [pattern] }] }),
    );
    expect(Reservations).toHaveLength(isMatch ? 1 : 0);
  });

  test('a pattern of many wildcards costs no more than its length times the text', async () => {
    const [id = ''] = await launch(1);
    await bench.ec2.send(new CreateTagsCommand({ Resources: [id], Tags: [{ Key: 'k', Value: 'a'.repeat(250) }] }));
    const { Reservations } = await bench.ec2.send(
      new DescribeInstancesCommand({ Filters: [{ Name: 'tag:k', Values: [`${'*a'.repeat(100)}b`] }] }),
    );
    expect(Reservations).toEqual([]);
  });
});

test('an action that EC2 has and the simulator has not is not called unknown', async () => {
  expect(await bench.raw('Action=CreateVpnGateway')).toMatchObject({
    status: 400,
    code: 'UnsupportedOperation',
    message: 'The action CreateVpnGateway is not modelled by this simulator.',
  });
  expect(await bench.raw('Action=DescribeUnicorns')).toMatchObject({ code: 'InvalidAction' });
});

test('who lists everything at once pays from the smaller bucket', async () => {
  await bench.control('PUT', 'throttling', { preset: 'aws' });
  const accepted = async (query: string, calls: number): Promise<number> => {
    let count = 0;
    for (let n = 0; n < calls; n++) if ((await bench.raw(query)).status === 200) count += 1;
    return count;
  };
  expect(await accepted('Action=DescribeInstances', 60)).toBe(50);
  bench.pass(1000);
  expect(await accepted('Action=DescribeInstances', 20)).toBe(10);
  // The other bucket is as full as before.
  expect(await accepted('Action=DescribeInstances&MaxResults=5', 110)).toBe(100);
  expect(await accepted('Action=DescribeVpcs', 110)).toBe(100);
});

describe('an index', () => {
  const byState = async (...Values: readonly string[]) => {
    const Filters = [{ Name: 'instance-state-name', Values: [...Values] }];
    const { Reservations } = await bench.ec2.send(new DescribeInstancesCommand({ Filters }));
    return given(Reservations).flatMap((one) => given(one.Instances).map((each) => given(each.InstanceId)));
  };

  test('by state answers what describe shows, which lags behind what is', async () => {
    await bench.close();
    bench = await openBench({ options: { cloud: { launchMs: 1000, shutdownMs: 1000, describeLagMs: 400 } } });
    const first = await launch(20);
    bench.pass(2000);
    const second = await launch(2);
    expect(await byState('pending')).toEqual([]);
    bench.pass(500);
    expect(await byState('pending')).toEqual(second);
    bench.pass(600);
    // They run by now, and describe does not show it yet.
    expect([await byState('pending'), await byState('running')]).toEqual([second, first]);
    bench.pass(400);
    expect([await byState('pending'), await byState('running')]).toEqual([[], [...first, ...second]]);
    await bench.ec2.send(new TerminateInstancesCommand({ InstanceIds: [given(first[0])] }));
    expect(await byState('shutting-down')).toEqual([]);
    bench.pass(500);
    expect(await byState('shutting-down', 'stopped')).toEqual([first[0]]);
    bench.pass(2000);
    expect(await byState('shutting-down')).toEqual([]);
    expect(await byState('terminated')).toEqual([first[0]]);
    expect(await byState('running', 'pending')).toEqual([...first.slice(1), ...second]);
  });

  test('by type follows a change of type', async () => {
    const [id] = await launch(12);
    bench.pass(longMs);
    await bench.ec2.send(new StopInstancesCommand({ InstanceIds: [given(id)] }));
    bench.pass(longMs);
    const InstanceType = { Value: 't3.small' };
    await bench.ec2.send(new ModifyInstanceAttributeCommand({ InstanceId: id, InstanceType }));
    const count = async (type: string) => {
      const Filters = [{ Name: 'instance-type', Values: [type] }];
      const { Reservations } = await bench.ec2.send(new DescribeInstancesCommand({ Filters }));
      return Reservations?.[0]?.Instances?.length;
    };
    expect([await count('t3.small'), await count('t3.micro')]).toEqual([1, 11]);
  });

  test('finds the volumes of an instance', async () => {
    const [, id] = await launch(3);
    bench.pass(longMs);
    const Filters = [{ Name: 'attachment.instance-id', Values: [given(id)] }];
    const { Volumes } = await bench.ec2.send(new DescribeVolumesCommand({ Filters }));
    expect(Volumes?.map((one) => one.Attachments?.[0]?.InstanceId)).toEqual([id]);
  });
});

test('what instances of one launch share is written once, and what is their own is their own', async () => {
  const launched = [...(await launch(12)), ...(await launch(3))];
  bench.pass(longMs);
  await bench.ec2.send(new CreateTagsCommand({ Resources: [given(launched[5])], Tags: [{ Key: 'a', Value: 'b' }] }));
  const { Reservations } = await bench.ec2.send(new DescribeInstancesCommand({}));
  const shown = given(Reservations).flatMap((one) => given(one.Instances));
  const { Volumes } = await bench.ec2.send(new DescribeVolumesCommand({}));
  const volumeOf = new Map(Volumes?.map((one) => [one.Attachments?.[0]?.InstanceId, one.VolumeId]));
  expect(shown.map((one) => one.InstanceId)).toEqual(launched);
  expect(shown.map((one) => one.AmiLaunchIndex)).toEqual([...Array(12).keys(), 0, 1, 2]);
  expect(shown.map((one) => one.BlockDeviceMappings?.[0]?.Ebs?.VolumeId)).toEqual(
    launched.map((id) => volumeOf.get(id)),
  );
  expect(shown.map((one) => one.Tags?.length ?? 0)).toEqual(launched.map((_, at) => (at === 5 ? 1 : 0)));
  for (const one of shown) {
    const dashed = (address: string | undefined): string => given(address).replaceAll('.', '-');
    const [card] = given(one.NetworkInterfaces);
    expect(one.PrivateDnsName).toBe(`ip-${dashed(one.PrivateIpAddress)}.ec2.internal`);
    expect(one.PublicDnsName).toBe(`ec2-${dashed(one.PublicIpAddress)}.compute-1.amazonaws.com`);
    expect(card?.NetworkInterfaceId).toBe(given(one.InstanceId).replace('i-', 'eni-'));
    expect(card?.PrivateIpAddresses?.[0]?.PrivateIpAddress).toBe(one.PrivateIpAddress);
    expect(card?.Association?.PublicIp).toBe(one.PublicIpAddress);
  }
  const own = (read: (one: (typeof shown)[number]) => unknown) => new Set(shown.map(read)).size;
  expect([own((one) => one.PrivateIpAddress), own((one) => one.NetworkInterfaces?.[0]?.MacAddress)]).toEqual([15, 15]);
});
