// Young types are described by EC2, and come out with the same facts that the packaged catalog has of its types
// (test/adapters/simulated/ec2/instances/instance-types.test.ts compares all of them).
import { expect, test } from '@jest/globals';
import type { InstanceTypeInfo } from '@aws-sdk/client-ec2';
import { describeTypes } from '../../../lib/adapters/aws/ec2/catalog/types.ts';

const said = (name: string, archs: readonly string[]): InstanceTypeInfo =>
  ({
    InstanceType: name,
    ProcessorInfo: { SupportedArchitectures: [...archs] },
    VCpuInfo: { DefaultVCpus: 2 },
    MemoryInfo: { SizeInMiB: 8_192 },
    NetworkInfo: { MaximumNetworkInterfaces: 3, Ipv4AddressesPerInterface: 10 },
  }) as InstanceTypeInfo;

test('young types are described a hundred at a time; what Linux does not run on is left out', async () => {
  const asked: number[] = [];
  const client = {
    send: async (command: { readonly input: { readonly InstanceTypes?: readonly string[] } }) => {
      asked.push(command.input.InstanceTypes?.length ?? 0);
      return {
        InstanceTypes: (command.input.InstanceTypes ?? []).map((name) =>
          said(name, name.startsWith('mac') ? ['arm64_mac'] : ['x86_64', 'i386']),
        ),
      };
    },
  };
  const names = [...Array.from({ length: 120 }, (_, i) => `m9z${String(i)}.large`), 'mac9.metal', 'u-6tb1.112xlarge'];
  const facts = await describeTypes(client as never, names);
  expect(asked).toEqual([100, 22]);
  expect(facts).toHaveLength(121);
  expect(facts.find((one) => one.name === 'u-6tb1.112xlarge')).toMatchObject({
    category: 'u',
    generation: 1,
    family: 'u-6tb1',
    networkMbps: null,
    localDiskGib: 0,
    gpuName: null,
  });
});
