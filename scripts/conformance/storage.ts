// Volumes: their token, attachments and changes, and what becomes of those that were made with an instance.
import {
  AttachVolumeCommand,
  CreateVolumeCommand,
  DeleteVolumeCommand,
  DescribeVolumesCommand,
  DetachVolumeCommand,
  ModifyVolumeCommand,
  TerminateInstancesCommand,
} from '@aws-sdk/client-ec2';
import { instanceUsd, launchOne, places, tagged, waitForState } from './ec2.ts';
import type { Place } from './ec2.ts';
import { accepted, refusal, until } from './run.ts';
import type { Conditions, Scene, See } from './run.ts';

async function volumeState({ ec2 }: Conditions, id: string): Promise<string | null> {
  // By filter: an id that describe does not know yet is an error, an empty list is not.
  const { Volumes: [volume] = [] } = await ec2.send(
    new DescribeVolumesCommand({ Filters: [{ Name: 'volume-id', Values: [id] }] }),
  );
  return volume?.State ?? null;
}

const volumes: Scene = {
  name: 'volumes',
  behaviours: [
    'volume-token',
    'volume-with-launch',
    'root-encrypted',
    'attach-twice',
    'volume-in-use',
    'detach-running',
    'modify-shrink',
    'modify-twice',
  ],
  makes: 'volumes of 1 to 4 GiB, and one small instance',
  costUsd: instanceUsd + 0.005,
  async play(conditions, see) {
    const [place] = await places(conditions);
    const id = await lookAtToken(conditions, see, place);
    const instance = await launchOne(conditions, place, `${conditions.runId}-disk`, {
      BlockDeviceMappings: [
        { DeviceName: '/dev/xvda', Ebs: { Encrypted: true } },
        {
          DeviceName: '/dev/sdf',
          Ebs: { VolumeSize: 1, VolumeType: 'gp3', Encrypted: true, DeleteOnTermination: false },
        },
      ],
    });
    await waitForState(conditions, instance, ['running']);
    await lookAtAttachments(conditions, see, id, instance);
    await lookAtChanges(conditions, see, id);
    await lookAtDisks(conditions, see, instance);
  },
};

async function lookAtToken(conditions: Conditions, see: See, place: Place): Promise<string> {
  const { ec2, runId } = conditions;
  const create = () =>
    ec2.send(
      new CreateVolumeCommand({
        ClientToken: `${runId}-volume`,
        AvailabilityZone: place.zone,
        Size: 2,
        VolumeType: 'gp3',
        Encrypted: true,
        TagSpecifications: tagged(conditions, ['volume']),
      }),
    );
  const { VolumeId: id = '' } = await create();
  const { VolumeId: again = '' } = await create();
  see('volume-token', id === again, id === again ? `both calls named ${id}` : `a second volume ${again} was made`);
  return id;
}

async function lookAtAttachments(conditions: Conditions, see: See, id: string, instance: string): Promise<void> {
  const { ec2 } = conditions;
  await until(conditions, async () => ((await volumeState(conditions, id)) === 'available' ? true : null));
  await ec2.send(new AttachVolumeCommand({ VolumeId: id, InstanceId: instance, Device: '/dev/sdg' }));
  const twice = await refusal(() =>
    ec2.send(new AttachVolumeCommand({ VolumeId: id, InstanceId: instance, Device: '/dev/sdg' })),
  );
  see('attach-twice', twice === 'VolumeInUse', `answered ${twice}`);
  const inUse = await refusal(() => ec2.send(new DeleteVolumeCommand({ VolumeId: id })));
  see('volume-in-use', inUse === 'VolumeInUse', `answered ${inUse}`);

  const detached = await refusal(() => ec2.send(new DetachVolumeCommand({ VolumeId: id, InstanceId: instance })));
  const free = await until(conditions, async () => ((await volumeState(conditions, id)) === 'available' ? true : null));
  const afterwards = await refusal(() => ec2.send(new DetachVolumeCommand({ VolumeId: id, InstanceId: instance })));
  see(
    'detach-running',
    detached === accepted && free !== null && afterwards !== accepted,
    `${detached}, ${free === null ? 'not available since' : `available within ${String(free.afterMs)} ms`}; `
      + `again: ${afterwards}`,
  );
}

async function lookAtChanges({ ec2 }: Conditions, see: See, id: string): Promise<void> {
  const shrink = await refusal(() => ec2.send(new ModifyVolumeCommand({ VolumeId: id, Size: 1 })));
  see('modify-shrink', shrink !== accepted, `from 2 to 1 GiB: ${shrink}`);
  const grow = await refusal(() => ec2.send(new ModifyVolumeCommand({ VolumeId: id, Size: 3 })));
  const more = await refusal(() => ec2.send(new ModifyVolumeCommand({ VolumeId: id, Size: 4 })));
  see(
    'modify-twice',
    grow === accepted && more !== accepted,
    `from 2 to 3 GiB: ${grow === accepted ? 'taken' : grow}; to 4 GiB right after: ${more}`,
  );
}

/** Of an instance that was launched with a root disk of its image and another volume that outlives it. */
async function lookAtDisks(conditions: Conditions, see: See, instance: string): Promise<void> {
  const { ec2, runId } = conditions;
  const { Volumes: disks = [] } = await ec2.send(
    new DescribeVolumesCommand({ Filters: [{ Name: 'attachment.instance-id', Values: [instance] }] }),
  );
  const at = (device: string) =>
    disks.find((one) => one.Attachments?.some((attachment) => attachment.Device === device));
  const root = at('/dev/xvda');
  see(
    'root-encrypted',
    root?.Encrypted === true,
    `the root disk is ${root === undefined ? 'not listed' : root.Encrypted === true ? 'encrypted' : 'not encrypted'}`,
  );
  const born = at('/dev/sdf')?.VolumeId ?? '';
  const tags = (at('/dev/sdf')?.Tags ?? []).map((one) => one.Value ?? '');
  await ec2.send(new TerminateInstancesCommand({ InstanceIds: [instance] }));
  await waitForState(conditions, instance, ['terminated']);
  const kept =
    born === ''
      ? null
      : await until(conditions, async () => ((await volumeState(conditions, born)) === 'available' ? true : null));
  see(
    'volume-with-launch',
    tags.includes(runId) && kept !== null,
    `${born === '' ? 'no volume' : born} ${tags.includes(runId) ? 'with' : 'without'} the launch's tag, `
      + `${kept === null ? 'gone' : 'available'} after the instance`,
  );
}

export const storageScenes: readonly Scene[] = [volumes];
