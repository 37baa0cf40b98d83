// What a request gets that says nothing of architecture or GPU maker.
import { expect, test } from '@jest/globals';
import { offeringsOf } from '../../../lib/core/catalog/index.ts';
import { archOfImage, machineWithDefaults, withDefaults } from '../../../lib/core/allocation/requirement-defaults.ts';
import type { Wish } from '../../../lib/core/allocation/requirement-defaults.ts';
import type { Requirements } from '../../../lib/core/values/requirements.ts';

const wish = (requirements: Requirements, gpu = 0, image: string | null = null): Wish => ({ requirements, gpu, image });
const nvidia = ['nvidia'];

test.each<[string, Requirements, Wish, Requirements]>([
  ['nothing said', {}, wish({}), { arch: ['amd64'] }],
  ['a pool of both', { arch: ['arm64', 'amd64'] }, wish({}), { arch: ['amd64'] }],
  ['a pool of arm64 alone', { arch: ['arm64'] }, wish({}), { arch: ['arm64'] }],
  ['a pool of arm64 families', { instanceFamily: ['c7g', 'm7g'] }, wish({}), { arch: ['arm64'] }],
  [
    'a task that names an arm64 type',
    {},
    wish({ instanceType: ['c7g.large'] }),
    { instanceType: ['c7g.large'], arch: ['arm64'] },
  ],
  ['a task that lists both', {}, wish({ arch: ['amd64', 'arm64'] }), { arch: ['amd64', 'arm64'] }],
  [
    'an expression about arch',
    {},
    wish({ matchExpressions: [{ key: 'arch', operator: 'Exists', values: [] }] }),
    { matchExpressions: [{ key: 'arch', operator: 'Exists', values: [] }] },
  ],
  ['a preference about arch', {}, { ...wish({}), preferences: [{ requirements: { arch: ['arm64'] } }] }, {}],
  ['an image for arm64', {}, wish({}, 0, 'arm64v8/alpine:3'), { arch: ['arm64'] }],
  [
    'an image for arm64 in a pool without it',
    { arch: ['amd64'] },
    wish({}, 0, 'arm64v8/alpine:3'),
    { arch: ['arm64'] },
  ],
  ['a GPU', {}, wish({}, 1), { gpuManufacturer: nvidia, arch: ['amd64'] }],
  ["a GPU in a pool of AMD's", { instanceFamily: ['g4ad'] }, wish({}, 1), { arch: ['amd64'] }],
  [
    'a GPU of a named model',
    {},
    wish({ gpuName: ['radeon-pro-v520'] }, 1),
    { gpuName: ['radeon-pro-v520'], arch: ['amd64'] },
  ],
  [
    'a GPU of any maker',
    {},
    wish({ matchExpressions: [{ key: 'gpuManufacturer', operator: 'Exists', values: [] }] }, 1),
    { matchExpressions: [{ key: 'gpuManufacturer', operator: 'Exists', values: [] }], arch: ['amd64'] },
  ],
  [
    'a GPU where only arm64 has one',
    { instanceFamily: ['c7i', 'g5g'] },
    wish({}, 1),
    { gpuManufacturer: nvidia, arch: ['arm64'] },
  ],
])('%s', (_what, pool, wanted, expected) => {
  expect(withDefaults(wanted, offeringsOf(pool))).toEqual(expected);
});

test("a machine's architecture is one of its needs", () => {
  const needs = { vcpu: 2, memoryMib: 4_096, gpu: 0, arch: null };
  const bare = { needs, requirements: {}, imageId: null };
  expect(machineWithDefaults(bare, offeringsOf({}))).toEqual({ needs: { ...needs, arch: 'amd64' }, requirements: {} });
  expect(
    machineWithDefaults(
      { ...bare, imageId: 'resolve:ssm:/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64' },
      offeringsOf({}),
    ),
  ).toMatchObject({ needs: { arch: 'arm64' } });
  expect(machineWithDefaults({ ...bare, requirements: { instanceType: ['m7g.large'] } }, offeringsOf({}))).toEqual({
    needs: { ...needs, arch: 'arm64' },
    requirements: { instanceType: ['m7g.large'] },
  });
  expect(machineWithDefaults({ ...bare, needs: { ...needs, gpu: 1, arch: 'arm64' } }, offeringsOf({}))).toEqual({
    needs: { ...needs, gpu: 1, arch: 'arm64' },
    requirements: { gpuManufacturer: nvidia },
  });
  expect(machineWithDefaults({ ...bare, requirements: { arch: ['amd64', 'arm64'] } }, offeringsOf({}))).toEqual({
    needs,
    requirements: { arch: ['amd64', 'arm64'] },
  });
});

test.each([
  ['alpine', null],
  ['amd64/alpine', 'amd64'],
  ['ghcr.io/us/app:1.2-arm64', 'arm64'],
  ['us/app:x86_64', 'amd64'],
  ['us/app-amd64:arm64', null],
  ['ami-0123456789abcdef0', null],
  [null, null],
])('%s is for %s', (image, arch) => {
  expect(archOfImage(image)).toBe(arch);
});
