// Spot requests: asked for, fulfilled or not, cancelled; and those that launches make.
import {
  CancelSpotInstanceRequestsCommand,
  DescribeInstancesCommand,
  DescribeSpotInstanceRequestsCommand,
  RequestSpotInstancesCommand,
  RunInstancesCommand,
  TerminateInstancesCommand,
} from '@aws-sdk/client-ec2';
import type { RequestSpotInstancesCommandInput, SpotInstanceRequest } from '@aws-sdk/client-ec2';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { given, image, longMs, openBench, zoneA } from '../bench.ts';
import type { Ec2Bench } from '../bench.ts';

let bench: Ec2Bench;
beforeEach(async () => {
  bench = await openBench();
});
afterEach(() => bench.close());

const LaunchSpecification = {
  ImageId: image,
  InstanceType: 't3.micro' as const,
  Placement: { AvailabilityZone: zoneA },
};
async function ask(more: Partial<RequestSpotInstancesCommandInput> = {}): Promise<readonly SpotInstanceRequest[]> {
  const { SpotInstanceRequests } = await bench.ec2.send(
    new RequestSpotInstancesCommand({ LaunchSpecification, ...more }),
  );
  return given(SpotInstanceRequests);
}
async function shown(id: string | undefined): Promise<SpotInstanceRequest> {
  const { SpotInstanceRequests } = await bench.ec2.send(
    new DescribeSpotInstanceRequestsCommand({ SpotInstanceRequestIds: [given(id)] }),
  );
  return given(SpotInstanceRequests?.[0]);
}

test('a request is open, and then fulfilled by an instance that names it', async () => {
  const [first, second] = await ask({ InstanceCount: 2, SpotPrice: '0.5' });
  expect(first).toMatchObject({ State: 'open', Status: { Code: 'pending-evaluation' }, SpotPrice: '0.500000' });
  const id = first?.SpotInstanceRequestId;
  const active = await shown(id);
  expect(active).toMatchObject({
    State: 'active',
    Status: { Code: 'fulfilled' },
    Type: 'one-time',
    LaunchedAvailabilityZone: zoneA,
    LaunchSpecification: { InstanceType: 't3.micro', ImageId: image },
  });
  const { Reservations } = await bench.ec2.send(
    new DescribeInstancesCommand({ Filters: [{ Name: 'spot-instance-request-id', Values: [given(id)] }] }),
  );
  expect(Reservations?.[0]?.Instances?.[0]).toMatchObject({
    InstanceId: active.InstanceId,
    InstanceLifecycle: 'spot',
    SpotInstanceRequestId: id,
  });
  expect((await shown(second?.SpotInstanceRequestId)).InstanceId).not.toBe(active.InstanceId);
  bench.pass(longMs);
  await bench.ec2.send(new TerminateInstancesCommand({ InstanceIds: [given(active.InstanceId)] }));
  expect(await shown(id)).toMatchObject({ State: 'closed', Status: { Code: 'instance-terminated-by-user' } });
});

test('it waits for capacity, and for its price', async () => {
  await bench.control('PUT', 'capacity', { pattern: 't3.micro/us-east-1a/spot', available: 0 });
  const [none] = await ask();
  const [cheap] = await ask({ SpotPrice: '0.0001' });
  expect(await shown(none?.SpotInstanceRequestId)).toMatchObject({
    State: 'open',
    Status: { Code: 'capacity-not-available' },
  });
  expect((await shown(cheap?.SpotInstanceRequestId)).Status?.Code).toBe('price-too-low');
  await bench.control('PUT', 'capacity', { pattern: 't3.micro/us-east-1a/spot', available: null });
  bench.pass(longMs);
  expect((await shown(none?.SpotInstanceRequestId)).State).toBe('active');
});

test('cancelled it asks no more; an instance that it has goes on', async () => {
  await bench.control('PUT', 'capacity', { pattern: 't3.micro/us-east-1a/spot', available: 1 });
  const [lucky, unlucky] = (await ask({ InstanceCount: 2 })).map((one) => given(one.SpotInstanceRequestId));
  const { InstanceId } = await shown(lucky);
  const { CancelledSpotInstanceRequests } = await bench.ec2.send(
    new CancelSpotInstanceRequestsCommand({ SpotInstanceRequestIds: [given(lucky), given(unlucky)] }),
  );
  expect(CancelledSpotInstanceRequests?.map((one) => one.State)).toEqual(['cancelled', 'cancelled']);
  await bench.control('PUT', 'capacity', { pattern: 't3.micro/us-east-1a/spot', available: null });
  bench.pass(longMs);
  expect(await shown(unlucky)).toMatchObject({ State: 'cancelled', Status: { Code: 'canceled-before-fulfillment' } });
  expect((await shown(lucky)).Status?.Code).toBe('request-canceled-and-instance-running');
  const { Reservations } = await bench.ec2.send(new DescribeInstancesCommand({ InstanceIds: [given(InstanceId)] }));
  expect(Reservations?.[0]?.Instances?.[0]?.State?.Name).toBe('running');
});

test('a persistent one asks again when its instance ends, until it is cancelled', async () => {
  const { Instances } = await bench.ec2.send(
    new RunInstancesCommand({
      ...LaunchSpecification,
      MinCount: 1,
      MaxCount: 1,
      InstanceMarketOptions: { MarketType: 'spot', SpotOptions: { SpotInstanceType: 'persistent' } },
    }),
  );
  bench.pass(longMs);
  const first = given(Instances?.[0]);
  const id = given(first.SpotInstanceRequestId);
  expect(await shown(id)).toMatchObject({ Type: 'persistent', State: 'active', InstanceId: first.InstanceId });
  await bench.ec2.send(new TerminateInstancesCommand({ InstanceIds: [given(first.InstanceId)] }));
  expect((await shown(id)).State).toBe('open');
  bench.pass(longMs + 1000);
  const again = await shown(id);
  expect(again.State).toBe('active');
  expect(again.InstanceId).not.toBe(first.InstanceId);
  bench.pass(longMs);
  await bench.ec2.send(new CancelSpotInstanceRequestsCommand({ SpotInstanceRequestIds: [id] }));
  await bench.ec2.send(new TerminateInstancesCommand({ InstanceIds: [given(again.InstanceId)] }));
  bench.pass(2 * longMs);
  expect((await shown(id)).State).toBe('cancelled');
});

test('the request of any spot instance is found, with the notice that it got', async () => {
  const { Instances } = await bench.ec2.send(
    new RunInstancesCommand({
      ...LaunchSpecification,
      MinCount: 1,
      MaxCount: 1,
      InstanceMarketOptions: { MarketType: 'spot' },
      TagSpecifications: [{ ResourceType: 'spot-instances-request', Tags: [{ Key: 'a', Value: 'b' }] }],
    }),
  );
  bench.pass(longMs);
  const one = given(Instances?.[0]);
  expect(await shown(one.SpotInstanceRequestId)).toMatchObject({
    State: 'active',
    InstanceId: one.InstanceId,
    Tags: [{ Key: 'a', Value: 'b' }],
  });
  await bench.control('POST', 'interruptions', { instanceId: one.InstanceId, noticeMs: 5000 });
  expect((await shown(one.SpotInstanceRequestId)).Status?.Code).toBe('marked-for-termination');
  bench.pass(longMs);
  expect(await shown(one.SpotInstanceRequestId)).toMatchObject({
    State: 'closed',
    Status: { Code: 'instance-terminated-no-capacity' },
  });
  const listed = await bench.ec2.send(
    new DescribeSpotInstanceRequestsCommand({ Filters: [{ Name: 'state', Values: ['closed'] }] }),
  );
  expect(listed.SpotInstanceRequests).toHaveLength(1);
  await expect(shown('sir-00000000')).rejects.toMatchObject({ name: 'InvalidSpotInstanceRequestID.NotFound' });
});

test('its token is good for one making, and wrong ones are refused at once', async () => {
  const [first] = await ask({ ClientToken: 't' });
  const [again] = await ask({ ClientToken: 't' });
  expect(again?.SpotInstanceRequestId).toBe(first?.SpotInstanceRequestId);
  await expect(ask({ ClientToken: 't', InstanceCount: 2 })).rejects.toMatchObject({
    name: 'IdempotentParameterMismatch',
  });
  await expect(ask({ LaunchSpecification: { ImageId: 'ami-0fffffffffffffff0' } })).rejects.toMatchObject({
    name: 'InvalidAMIID.NotFound',
  });
});
