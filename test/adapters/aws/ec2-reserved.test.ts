// What is sent for a frozen launch into a capacity reservation or block, and what its answer means.
import { describe, expect, test } from '@jest/globals';
import { reservedAnswer, reservedInput } from '../../../lib/adapters/aws/ec2/reserved.ts';
import { CloudRefusedError } from '../../../lib/ports/cloud.ts';
import { runInput } from '../../../lib/adapters/aws/ec2/run.ts';
import { frozenMachines } from '../../contract/cloud.claims.ts';
import { frozenLaunch } from '../../contract/cloud.fleets.ts';

const places = {
  templateIds: {
    amd64: 'lt-a',
    arm64: 'lt-b',
    'amd64-burstable': 'lt-c',
    'arm64-burstable': 'lt-d',
    'amd64-gpu': 'lt-e',
    'arm64-gpu': 'lt-f',
  },
  subnetByZone: { 'us-east-1a': 'subnet-1' },
  nodeInterface: { groupId: 'sg-nodes', addresses: 'ipv6' as const },
};
const facts = () => ({ arch: 'amd64' as const, isBurstable: false, gpu: 8, gpuManufacturer: 'nvidia' });
const into = (kind: 'capacity-reservation' | 'capacity-block', zone = 'us-east-1a') =>
  frozenLaunch('l', {
    capacityType: 'on-demand',
    overrides: [{ instanceType: 'p5.48xlarge', zone, priceUsdPerHour: 98 }],
    templateVersion: 'amd64:7,amd64-gpu:4',
    count: 3,
    reservation: { id: 'cr-1', kind },
  });

describe('the call', () => {
  test("is a RunInstances from the node's template with the reservation, and the same for the same launch", () => {
    const input = reservedInput('token', into('capacity-reservation'), places, facts);
    expect(reservedInput('token', into('capacity-reservation'), places, facts)).toEqual(input);
    const { TagSpecifications: tags, ...others } = input;
    expect(others).toEqual({
      ClientToken: 'token',
      LaunchTemplate: { LaunchTemplateId: 'lt-e', Version: '4' },
      InstanceType: 'p5.48xlarge',
      MinCount: 1,
      MaxCount: 3,
      CapacityReservationSpecification: { CapacityReservationTarget: { CapacityReservationId: 'cr-1' } },
      NetworkInterfaces: [
        {
          DeviceIndex: 0,
          SubnetId: 'subnet-1',
          Groups: ['sg-nodes'],
          DeleteOnTermination: true,
          AssociatePublicIpAddress: false,
          Ipv6AddressCount: 1,
        },
      ],
    });
    expect(tags?.map((one) => one.ResourceType)).toEqual(['instance', 'volume']);
    expect(tags?.[0]?.Tags).toContainEqual({ Key: 'bellows:launch', Value: 'l' });
  });

  test('of a machine of a claim names it, too', () => {
    const machine = (kind: 'capacity-reservation' | 'capacity-block') =>
      runInput('token', frozenMachines('l', { reservation: { id: 'cr-1', kind } }), null, null);
    const target = { CapacityReservationTarget: { CapacityReservationId: 'cr-1' } };
    expect(machine('capacity-reservation')).toMatchObject({ CapacityReservationSpecification: target });
    expect(machine('capacity-reservation')).not.toHaveProperty('InstanceMarketOptions');
    expect(machine('capacity-block')).toMatchObject({ InstanceMarketOptions: { MarketType: 'capacity-block' } });
    expect(runInput('token', frozenMachines('l'), null, null)).not.toHaveProperty('CapacityReservationSpecification');
  });

  test("into a block is of the block's market, too", () => {
    const { InstanceMarketOptions: market } = reservedInput('token', into('capacity-block'), places, facts);
    expect(market).toEqual({ MarketType: 'capacity-block' });
  });

  test('without an interface in the template names the subnet; without a subnet nothing is sent', () => {
    const { templateIds, subnetByZone } = places;
    const plain = reservedInput('token', into('capacity-block'), { templateIds, subnetByZone }, facts);
    expect([plain.SubnetId, plain.NetworkInterfaces]).toEqual(['subnet-1', undefined]);
    const nowhere = () => reservedInput('token', into('capacity-block', 'us-east-1f'), places, facts);
    expect(nowhere).toThrow(CloudRefusedError);
  });
});

test('an answer with fewer than asked for, or to a repeat, need not be whole', () => {
  const request = into('capacity-reservation');
  const answered = (count: number, wasSentBefore: boolean) =>
    reservedAnswer(
      {
        $metadata: {},
        Instances: Array.from({ length: count }, (_, at) => ({
          InstanceId: `i-${String(at)}`,
          InstanceType: 'p5.48xlarge' as const,
          Placement: { AvailabilityZone: 'us-east-1a' },
        })),
      },
      request,
      wasSentBefore,
    );
  expect(answered(3, false)).toMatchObject({ isReplay: false, faults: [] });
  const place = { instanceType: 'p5.48xlarge', zone: 'us-east-1a', capacityType: 'on-demand' };
  expect(answered(3, false).instances[0]).toEqual({ id: 'i-0', ...place });
  expect(answered(2, false).isReplay).toBe(true);
  expect(answered(3, true).isReplay).toBe(true);
});
