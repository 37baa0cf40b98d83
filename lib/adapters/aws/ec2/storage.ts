// Volumes, snapshots and the tags of what claims have.
import {
  AttachVolumeCommand,
  CreateSnapshotCommand,
  CreateTagsCommand,
  CreateVolumeCommand,
  DeleteSnapshotCommand,
  DeleteVolumeCommand,
  DetachVolumeCommand,
  ModifyVolumeCommand,
} from '@aws-sdk/client-ec2';
import type { VolumeShape } from '../../../core/records/volume.ts';
import type { Tags, VolumeRequest } from '../../../ports/cloud.ts';
import { withOwnThings } from './calls.ts';
import type { Ec2Calls } from './calls.ts';
import { required } from './listing.ts';
import { tagList, volumeParameters } from './parameters.ts';

export function storageMethods(calls: Ec2Calls) {
  return {
    async createVolume(token: string, { zone, shape, snapshotId, tags }: VolumeRequest): Promise<string> {
      const command = new CreateVolumeCommand({
        ClientToken: token,
        AvailabilityZone: zone,
        Encrypted: true,
        Size: shape.sizeGib,
        ...volumeParameters(shape),
        ...(snapshotId === null ? {} : { SnapshotId: snapshotId }),
        TagSpecifications: [{ ResourceType: 'volume', Tags: tagList(tags) }],
      });
      const send = () => calls.send('CreateVolume', (client) => client.send(command));
      const { VolumeId } = await withOwnThings(snapshotId !== null, send);
      return required('CreateVolume', 'VolumeId', VolumeId);
    },
    async attach(volumeId: string, instanceId: string, device: string): Promise<void> {
      const command = new AttachVolumeCommand({ VolumeId: volumeId, InstanceId: instanceId, Device: device });
      await calls.send('AttachVolume', (client) => client.send(command));
    },
    async detach(volumeId: string, instanceId: string): Promise<void> {
      const command = new DetachVolumeCommand({ VolumeId: volumeId, InstanceId: instanceId });
      await calls.send('DetachVolume', (client) => client.send(command));
    },
    async modify(volumeId: string, shape: VolumeShape): Promise<void> {
      const command = new ModifyVolumeCommand({ VolumeId: volumeId, Size: shape.sizeGib, ...volumeParameters(shape) });
      await calls.send('ModifyVolume', (client) => client.send(command));
    },
    async snapshot(volumeId: string, tags: Tags): Promise<string> {
      const command = new CreateSnapshotCommand({
        VolumeId: volumeId,
        Description: `Final snapshot of ${volumeId}`,
        TagSpecifications: [{ ResourceType: 'snapshot', Tags: tagList(tags) }],
      });
      const { SnapshotId } = await calls.send('CreateSnapshot', (client) => client.send(command));
      return required('CreateSnapshot', 'SnapshotId', SnapshotId);
    },
    async deleteVolume(volumeId: string): Promise<void> {
      const command = new DeleteVolumeCommand({ VolumeId: volumeId });
      await calls.send('DeleteVolume', (client) => client.send(command));
    },
    async deleteSnapshot(snapshotId: string): Promise<void> {
      const command = new DeleteSnapshotCommand({ SnapshotId: snapshotId });
      await calls.send('DeleteSnapshot', (client) => client.send(command));
    },
    async tag(ids: readonly string[], tags: Tags): Promise<void> {
      const command = new CreateTagsCommand({ Resources: [...ids], Tags: tagList(tags) });
      await calls.send('CreateTags', (client) => client.send(command));
    },
  };
}
