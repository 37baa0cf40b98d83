// What preflight says of the image that nodes start from.
import { expect, test } from '@jest/globals';
import { checkImage } from '../../../cli/checks/preflight/launching.ts';
import { AwsRefusal } from '../../../cli/checks/preflight/reading.ts';
import type { AwsReader } from '../../../cli/checks/preflight/reading.ts';

const aws = (describe: () => unknown): AwsReader =>
  ({ region: 'us-east-1', call: async () => describe() }) as unknown as AwsReader;
const found = { State: 'available', Architecture: 'arm64', CreationDate: '2026-10-01T08:00:00.000Z' };
const of = { name: 'arm64', arch: 'arm64', isGpu: false } as const;

test('whose it is, and from when', async () => {
  const there = aws(() => ({ Images: [found] }));
  expect(await checkImage(there, { ...of, isBaked: true }, 'ami-1')).toMatchObject([
    { what: 'ami-1 is available, of 2026-10-01, baked by this stack' },
  ]);
  expect(await checkImage(there, { ...of, isBaked: false }, 'ami-1')).toMatchObject([
    { what: "ami-1 is available, of 2026-10-01, Amazon's own" },
  ]);
});

test('that it fits on the disk of its template', async () => {
  const large = aws(() => ({ Images: [{ ...found, BlockDeviceMappings: [{ Ebs: { VolumeSize: 130 } }] }] }));
  const gpu = { ...of, isBaked: false, isGpu: true };
  expect(await checkImage(large, gpu, 'ami-1', 130)).toMatchObject([{ state: 'ok' }]);
  expect(await checkImage(large, gpu, 'ami-1', 120)).toMatchObject([
    { state: 'missing', what: 'ami-1 needs a disk of 130 GiB, and its template has one of 120' },
  ]);
});

test('that a region has none for GPUs', async () => {
  const none = aws(() => {
    throw new AwsRefusal('GetParameter', 'ParameterNotFound', 400, 'no parameter');
  });
  expect(await checkImage(none, { ...of, isBaked: false, isGpu: true }, 'resolve:ssm:/aws/x')).toMatchObject([
    { state: 'missing', cure: expect.stringContaining('types with GPUs cannot be nodes in this region') },
  ]);
});

test('how one that is gone is made anew', async () => {
  const gone = aws(() => {
    throw new AwsRefusal('DescribeImages', 'InvalidAMIID.NotFound', 400, 'ami-1 does not exist');
  });
  const cure = async (isBaked: boolean) => JSON.stringify(await checkImage(gone, { ...of, isBaked }, 'ami-1'));
  expect(await cure(true)).toContain('-c nodeImageSerial=');
  expect(await cure(false)).toContain('was withdrawn');
});
