// What an instance reads about itself: the categories that agents, SDKs and cloud-init look at.
import {
  AttachVolumeCommand,
  CreateKeyPairCommand,
  CreateVolumeCommand,
  DescribeInstancesCommand,
  DescribeVpcsCommand,
  EC2Client,
  RunInstancesCommand,
} from '@aws-sdk/client-ec2';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { given, image, longMs, openBench, zoneA } from '../bench.ts';
import type { Ec2Bench } from '../bench.ts';

let bench: Ec2Bench;
beforeEach(async () => {
  bench = await openBench();
});
afterEach(() => bench.close());

async function launched(): Promise<string> {
  await bench.ec2.send(new CreateKeyPairCommand({ KeyName: 'k', KeyType: 'ed25519' }));
  const { Instances } = await bench.ec2.send(
    new RunInstancesCommand({
      ImageId: image,
      InstanceType: 't3.micro',
      MinCount: 1,
      MaxCount: 1,
      KeyName: 'k',
      IamInstanceProfile: { Name: 'p' },
      Placement: { AvailabilityZone: zoneA },
    }),
  );
  const { VolumeId } = await bench.ec2.send(new CreateVolumeCommand({ AvailabilityZone: zoneA, Size: 1 }));
  bench.pass(longMs);
  const InstanceId = given(Instances?.[0]?.InstanceId);
  await bench.ec2.send(new AttachVolumeCommand({ InstanceId, VolumeId, Device: '/dev/sdf' }));
  bench.pass(longMs);
  return InstanceId;
}

async function metadataOf(instanceId: string): Promise<(path: string) => Promise<string | null>> {
  const { endpoint } = await bench.control('POST', 'imds', { instanceId });
  const base = String(endpoint);
  const headers = { 'x-aws-ec2-metadata-token-ttl-seconds': '60' };
  const token = await (await fetch(`${base}/latest/api/token`, { method: 'PUT', headers })).text();
  return async (path) => {
    const answer = await fetch(`${base}${path}`, { headers: { 'x-aws-ec2-metadata-token': token } });
    return answer.ok ? answer.text() : null;
  };
}

test('it finds its network, its disks, its key and its place', async () => {
  const id = await launched();
  const read = await metadataOf(id);
  const at = (path: string) => read(`/latest/meta-data/${path}`);
  const shown = given((await bench.ec2.send(new DescribeInstancesCommand({}))).Reservations?.[0]?.Instances?.[0]);
  const mac = given(shown.NetworkInterfaces?.[0]?.MacAddress);
  expect(await at('mac')).toBe(mac);
  expect(await at('network/interfaces/macs/')).toBe(`${mac}/`);
  expect(await at(`network/interfaces/macs/${mac}/subnet-id`)).toBe(shown.SubnetId);
  expect(await at(`network/interfaces/macs/${mac}/interface-id`)).toBe(
    shown.NetworkInterfaces?.[0]?.NetworkInterfaceId,
  );
  const { Vpcs } = await bench.ec2.send(new DescribeVpcsCommand({}));
  expect(await at(`network/interfaces/macs/${mac}/vpc-ipv4-cidr-block`)).toBe(Vpcs?.[0]?.CidrBlock);
  expect(await at(`network/interfaces/macs/${mac}/ipv4-associations/${given(shown.PublicIpAddress)}`)).toBe(
    shown.PrivateIpAddress,
  );
  expect(await at('block-device-mapping/')).toBe('ami\nebs1\nroot');
  expect(await at('block-device-mapping/root')).toBe('/dev/xvda');
  expect(await at('block-device-mapping/ebs1')).toBe('sdf');
  expect(await at('public-keys/')).toBe('0=k');
  expect(await at('public-keys/0/')).toBe('openssh-key');
  expect(await at('public-keys/0/openssh-key')).toMatch(/^ssh-ed25519 \S+ k$/);
  expect(await at('services/partition')).toBe('aws');
  expect(await at('system')).toBe('nitro');
  expect(await at('events/maintenance/scheduled')).toBe('[]');
  expect(await at('public-hostname')).toBe(shown.PublicDnsName);
  expect(await at('no-such-thing')).toBeNull();
});

test('its versions lead to the same; the root lists them', async () => {
  const read = await metadataOf(await launched());
  expect((await read('/'))?.split('\n')).toEqual(expect.arrayContaining(['1.0', 'latest']));
  expect(await read('/1.0/meta-data/instance-type')).toBe('t3.micro');
  expect(await read('/2021-07-15/meta-data/')).toBe(await read('/latest/meta-data/'));
  expect(await read('/latest/')).toBe('dynamic\nmeta-data');
  expect(await read('/1999-01-01/meta-data/')).toBeNull();
});

test('the credentials of its role are good for calls, in its own account', async () => {
  const other = bench.client('210987654321');
  const { Instances } = await other.send(
    new RunInstancesCommand({
      ImageId: image,
      InstanceType: 't3.micro',
      MinCount: 1,
      MaxCount: 1,
      IamInstanceProfile: { Arn: 'arn:aws:iam::210987654321:instance-profile/team/worker' },
    }),
  );
  bench.pass(longMs);
  const id = given(Instances?.[0]?.InstanceId);
  const answer = await bench.control('POST', 'imds?account=210987654321', { instanceId: id });
  const base = String(answer['endpoint']);
  const headers = { 'x-aws-ec2-metadata-token-ttl-seconds': '60' };
  const token = await (await fetch(`${base}/latest/api/token`, { method: 'PUT', headers })).text();
  const read = async (path: string) =>
    (await fetch(`${base}/latest/meta-data/iam/${path}`, { headers: { 'x-aws-ec2-metadata-token': token } })).text();
  expect(JSON.parse(await read('info'))).toMatchObject({
    Code: 'Success',
    InstanceProfileArn: 'arn:aws:iam::210987654321:instance-profile/team/worker',
  });
  expect(await read('security-credentials/')).toBe('worker');
  const role = JSON.parse(await read('security-credentials/worker')) as Record<string, string>;
  expect(Date.parse(given(role['Expiration']))).toBeGreaterThan(bench.simulator.clock.nowMs());
  const client = new EC2Client({
    region: 'us-east-1',
    endpoint: bench.simulator.endpoint,
    credentials: {
      accessKeyId: given(role['AccessKeyId']),
      secretAccessKey: given(role['SecretAccessKey']),
      sessionToken: given(role['Token']),
    },
  });
  const { Reservations } = await client.send(new DescribeInstancesCommand({}));
  client.destroy();
  expect(Reservations?.[0]).toMatchObject({ OwnerId: '210987654321', Instances: [{ InstanceId: id }] });
});
