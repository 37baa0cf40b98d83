// Network interfaces, which follow their instances; and the page of the docs that lists what is modelled.
import { readFileSync } from 'node:fs';
import {
  CreateTagsCommand,
  DescribeInstancesCommand,
  DescribeNetworkInterfacesCommand,
  RunInstancesCommand,
  TerminateInstancesCommand,
} from '@aws-sdk/client-ec2';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { actionsReference } from '../../../../../lib/adapters/simulated/ec2/protocol/reference.ts';
import { given, image, longMs, openBench } from '../bench.ts';
import type { Ec2Bench } from '../bench.ts';

let bench: Ec2Bench;
beforeEach(async () => {
  bench = await openBench();
});
afterEach(() => bench.close());

test('an instance has one, which is found by what it has, and goes with it', async () => {
  const { Instances } = await bench.ec2.send(
    new RunInstancesCommand({
      ImageId: image,
      InstanceType: 't3.micro',
      MinCount: 2,
      MaxCount: 2,
      TagSpecifications: [{ ResourceType: 'network-interface', Tags: [{ Key: 'of', Value: 'launch' }] }],
    }),
  );
  bench.pass(longMs);
  const [first] = given(Instances);
  const all = await bench.ec2.send(new DescribeNetworkInterfacesCommand({}));
  expect(all.NetworkInterfaces).toHaveLength(2);
  const card = given(all.NetworkInterfaces?.[0]);
  const { Reservations } = await bench.ec2.send(
    new DescribeInstancesCommand({ InstanceIds: [given(first?.InstanceId)] }),
  );
  const instance = given(Reservations?.[0]?.Instances?.[0]);
  expect(card).toMatchObject({
    NetworkInterfaceId: instance.NetworkInterfaces?.[0]?.NetworkInterfaceId,
    MacAddress: instance.NetworkInterfaces?.[0]?.MacAddress,
    PrivateIpAddress: instance.PrivateIpAddress,
    Association: { PublicIp: instance.PublicIpAddress },
    Status: 'in-use',
    Attachment: { InstanceId: instance.InstanceId, DeleteOnTermination: true },
    Groups: instance.SecurityGroups,
    TagSet: [{ Key: 'of', Value: 'launch' }],
  });
  const found = async (Name: string, value: string | undefined) => {
    const Filters = [{ Name, Values: [given(value)] }];
    const cards = await bench.ec2.send(new DescribeNetworkInterfacesCommand({ Filters }));
    return given(cards.NetworkInterfaces).map((one) => one.NetworkInterfaceId);
  };
  expect(await found('association.public-ip', instance.PublicIpAddress)).toEqual([card.NetworkInterfaceId]);
  expect(await found('attachment.instance-id', instance.InstanceId)).toEqual([card.NetworkInterfaceId]);
  expect(await found('tag:of', 'launch')).toHaveLength(2);
  const Filters = [
    { Name: 'network-interface.association.public-ip', Values: [given(instance.PublicIpAddress)] },
    { Name: 'network-interface.mac-address', Values: [given(card.MacAddress)] },
    { Name: 'network-interface.tag-key', Values: ['of'] },
  ];
  const byCard = await bench.ec2.send(new DescribeInstancesCommand({ Filters }));
  expect(byCard.Reservations?.[0]?.Instances?.map((one) => one.InstanceId)).toEqual([instance.InstanceId]);
  await bench.ec2.send(
    new CreateTagsCommand({ Resources: [given(card.NetworkInterfaceId)], Tags: [{ Key: 'later', Value: '1' }] }),
  );
  expect(await found('tag:later', '1')).toEqual([card.NetworkInterfaceId]);
  await bench.ec2.send(new TerminateInstancesCommand({ InstanceIds: [given(instance.InstanceId)] }));
  bench.pass(longMs);
  await expect(
    bench.ec2.send(new DescribeNetworkInterfacesCommand({ NetworkInterfaceIds: [given(card.NetworkInterfaceId)] })),
  ).rejects.toMatchObject({ name: 'InvalidNetworkInterfaceID.NotFound' });
});

test('docs/ec2-simulator-actions.md is what scripts/peers/ec2-actions.ts writes', () => {
  const written = readFileSync(new URL('../../../../../docs/ec2-simulator-actions.md', import.meta.url), 'utf8');
  expect(written).toBe(actionsReference());
});
