// RunInstances of a machine launch.
import type { BlockDeviceMapping, RunInstancesCommandInput } from '@aws-sdk/client-ec2';
import type { FrozenInstances } from '../../../core/records/launch.ts';
import { intoReservation } from './reserved.ts';
import { tagList, volumeParameters } from './parameters.ts';
import { placeInput } from './places.ts';
import type { MachinePlaces } from './places.ts';

/** @param rootDevice of the image, null where EC2's defaults are taken */
export function runInput(
  token: string,
  request: FrozenInstances,
  places: MachinePlaces | null,
  rootDevice: string | null,
): RunInstancesCommandInput {
  const disks = request.disks.map((disk): BlockDeviceMapping => ({
    DeviceName: disk.device,
    Ebs: {
      VolumeSize: disk.shape.sizeGib,
      ...volumeParameters(disk.shape),
      Encrypted: true,
      DeleteOnTermination: disk.deleteOnTermination,
      ...(disk.snapshotId === null ? {} : { SnapshotId: disk.snapshotId }),
    },
  }));
  const root =
    rootDevice === null ? [] : [{ DeviceName: rootDevice, Ebs: { Encrypted: true, DeleteOnTermination: true } }];
  const mappings = [...disks, ...root];
  const tags = tagList(request.tags);
  return {
    ClientToken: token,
    ImageId: request.imageId,
    InstanceType: request.instanceType as RunInstancesCommandInput['InstanceType'],
    MinCount: 1,
    MaxCount: request.count,
    ...(request.capacityType === 'spot' ? { InstanceMarketOptions: { MarketType: 'spot' } } : {}),
    ...(request.reservation === undefined ? {} : intoReservation(request.reservation)),
    ...(request.userData === null ? {} : { UserData: request.userData }),
    ...(request.keyName === null ? {} : { KeyName: request.keyName }),
    ...(mappings.length === 0 ? {} : { BlockDeviceMappings: mappings }),
    TagSpecifications: [
      { ResourceType: 'instance', Tags: tags },
      { ResourceType: 'volume', Tags: tags },
    ],
    MetadataOptions: { HttpTokens: 'required' },
    ...(request.cpuCredits === undefined ? {} : { CreditSpecification: { CpuCredits: request.cpuCredits } }),
    ...(places === null ? defaultPlace(request) : placeInput(request, places)),
  };
}

/** In the account's default VPC. */
function defaultPlace({
  subnetId,
  zone,
  instanceProfile,
  groupIds,
}: FrozenInstances): Partial<RunInstancesCommandInput> {
  return {
    ...(subnetId === null ? { Placement: { AvailabilityZone: zone } } : { SubnetId: subnetId }),
    ...(instanceProfile === null
      ? {}
      : {
          IamInstanceProfile: instanceProfile.startsWith('arn:') ? { Arn: instanceProfile } : { Name: instanceProfile },
        }),
    ...(groupIds.length === 0 ? {} : { SecurityGroupIds: [...groupIds] }),
  };
}
