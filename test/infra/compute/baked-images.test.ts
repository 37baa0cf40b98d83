// `nodeImage: 'baked'`: images of the stack's own, in the template. What their build runs is in boot.test.ts.
import { beforeAll, describe, expect, test } from '@jest/globals';
import { isAllowed, statementsOf } from '../iam.ts';
import { findings, synthesize } from '../synth.ts';
import type { Synthesized } from '../synth.ts';

let of: Synthesized;
beforeAll(() => {
  of = synthesize({ installation: 'prod', nodeImage: 'baked' });
});

const all = (kind: string, from = of) => from.ofType(`AWS::ImageBuilder::${kind}`);
const names = (from: Synthesized): readonly unknown[] =>
  all('Component', from).map(([, one]) => one.Properties['Name']);

describe('baked images', () => {
  test('are clean by cdk-nag, beside a NAT gateway too', () => {
    expect(findings({ nodeImage: 'baked' })).toEqual([]);
    expect(findings({ nodeImage: 'baked', network: 'nat' })).toEqual([]);
  });

  test('are made of what Amazon has for each architecture, encrypted', () => {
    const recipes = all('ImageRecipe').map(([, one]) => one.Properties);
    expect(recipes.map((one) => one['ParentImage']).sort()).toEqual(
      ['arm64', 'x86_64'].map((arch) => `ssm:/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-${arch}`),
    );
    for (const recipe of recipes)
      expect(recipe).toMatchObject({ BlockDeviceMappings: [{ DeviceName: '/dev/xvda', Ebs: { Encrypted: true } }] });
  });

  test('are what nodes start from, of both kinds of templates, but for nodes with GPUs: these need a driver', () => {
    const images = of.ofType('AWS::EC2::LaunchTemplate').map(([id, { Properties }]) => {
      const { ImageId } = Properties['LaunchTemplateData'] as { ImageId: string | { 'Fn::GetAtt': [string, string] } };
      return { id, image: ImageId };
    });
    expect(images.filter(({ id }) => /Gpu/.test(id)).map(({ image }) => image)).toEqual(
      Array.from({ length: 2 }, () => expect.stringContaining('nvidia-driver-gpu')),
    );
    const baked = images.filter(({ id }) => !/Gpu/.test(id));
    expect(baked).toHaveLength(4);
    for (const { id, image } of baked) {
      const arch = /arm64/.test(id) ? 'arm64' : 'amd64';
      expect(image).toEqual({ 'Fn::GetAtt': [expect.stringMatching(new RegExp(`Image${arch}`)), 'ImageId'] });
    }
  });

  test('go with the stack, and with those that take their place', () => {
    for (const [, one] of all('Image')) {
      expect(one.Properties).toHaveProperty('DeletionSettings.ExecutionRole');
      expect(one.DeletionPolicy ?? 'Delete').toBe('Delete');
    }
  });

  test('are built where a machine has a public address without asking, in a subnet that no node lives in', () => {
    const subnets = of.ofType('AWS::EC2::Subnet');
    const builds = all('InfrastructureConfiguration').map(
      ([, one]) => (one.Properties['SubnetId'] as { Ref: string }).Ref,
    );
    for (const id of builds)
      expect(subnets.find(([one]) => one === id)?.[1].Properties['MapPublicIpOnLaunch']).toBe(true);
    const scheduler = of.ofType('AWS::Lambda::Function').find(([id]) => /scheduler/.test(id))?.[1];
    const { Variables } = scheduler?.Properties['Environment'] as { Variables: Record<string, unknown> };
    expect(JSON.stringify(Variables['BELLOWS_SUBNETS'])).toContain('Subnet');
    for (const id of builds) expect(JSON.stringify(Variables['BELLOWS_SUBNETS'])).not.toContain(`"${id}"`);
  });

  test('are built by a role that reads what nodes read, without the tag by which the sweep ends machines', () => {
    const [[roleId = ''] = []] = of.ofType('AWS::IAM::Role').filter(([id]) => /ImagesBuilder/.test(id));
    const statements = statementsOf(of.resources, roleId);
    expect(statements.map((one) => one.Action)).toEqual(['s3:GetObject']);
    expect(isAllowed(statements, { action: 's3:GetObject', resource: 'arn:aws:s3:::other/key' })).toBe(false);
    for (const [, one] of all('InfrastructureConfiguration')) expect(one.Properties).not.toHaveProperty('ResourceTags');
  });

  test('have the same names until their content or their serial is another', () => {
    expect(names(synthesize({ installation: 'prod', nodeImage: 'baked', network: 'nat' }))).toEqual(names(of));
    expect(names(synthesize({ installation: 'prod', nodeImage: 'baked', nodeImageSerial: '2026-12' }))).not.toEqual(
      names(of),
    );
  });

  test('are not there unless they are asked for, and are refused where they could not be built', () => {
    expect(all('Image', synthesize({ installation: 'prod' }))).toEqual([]);
    for (const network of ['private', 'ipv6'] as const)
      expect(() => synthesize({ network, nodeImage: 'baked' })).toThrow(
        `nodeImage baked needs network public-ipv4 or nat, not ${network}`,
      );
  });
});
