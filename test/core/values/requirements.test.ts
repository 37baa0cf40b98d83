// Operators, as in Kubernetes' node affinity, on what the catalog knows of types.
import { describe, expect, test } from '@jest/globals';
import { instanceTypes, offeringsOf } from '../../../lib/core/catalog/index.ts';
import {
  allowsZone,
  intersect,
  requirementsKey,
  unmetRequirement,
  unmetRequirements,
} from '../../../lib/core/values/requirements.ts';
import type { FactKey, MatchExpression, Operator, Requirements } from '../../../lib/core/values/requirements.ts';

const match = (key: FactKey, operator: Operator, ...values: string[]): Requirements => ({
  matchExpressions: [{ key, operator, values }],
});
const met = (name: string, requirements: Requirements): boolean => {
  const type = instanceTypes.find((one) => one.name === name);
  if (!type) throw new Error(name);
  return unmetRequirement(requirements, { type, zone: 'us-east-1a', capacityType: 'spot' }) === null;
};

test.each<[string, Requirements, boolean]>([
  ['g4dn.xlarge', match('gpuName', 'In', 't4', 'l4'), true],
  ['g4ad.xlarge', match('gpuName', 'In', 't4'), false],
  ['c7i.large', match('gpuName', 'In', 't4'), false],
  ['g4dn.xlarge', match('gpuName', 'NotIn', 't4'), false],
  ['c7i.large', match('gpuName', 'NotIn', 't4'), true],
  ['g4dn.xlarge', match('gpuName', 'Exists'), true],
  ['c7i.large', match('gpuName', 'Exists'), false],
  ['c7i.large', match('gpuName', 'DoesNotExist'), true],
  ['c7i.large', match('gpuCount', 'DoesNotExist'), true],
  ['g4dn.12xlarge', match('gpuCount', 'In', '4'), true],
  ['g4dn.12xlarge', match('gpuCount', 'In', '4.0'), true],
  ['g4dn.xlarge', match('gpuMemoryMib', 'Gt', '16383'), true],
  ['g4dn.xlarge', match('gpuMemoryMib', 'Gt', '16384'), false],
  ['g4dn.xlarge', match('gpuMemoryMib', 'Lt', '16385'), true],
  ['c7i.large', match('gpuMemoryMib', 'Lt', '16385'), false],
  ['t3.micro', match('burstable', 'In', 'true'), true],
  ['t3.micro', match('burstable', 'DoesNotExist'), false],
  ['c7i.large', match('burstable', 'NotIn', 'true'), true],
  ['c7i.large', match('burstable', 'Exists'), false],
  ['c7i.metal-24xl', match('hypervisor', 'DoesNotExist'), true],
  ['m7a.large', match('cpuManufacturer', 'In', 'amd'), true],
  ['i4i.large', match('localDiskGib', 'Gt', '400'), true],
  ['c7i.large', match('localDiskGib', 'Lt', '1'), true],
  ['inf2.xlarge', match('acceleratorName', 'In', 'inferentia2'), true],
  ['c7i.large', match('instanceSize', 'NotIn', 'large'), false],
  ['g4dn.xlarge', { gpuManufacturer: ['nvidia'], minGpuMemoryMib: 16_384, burstable: false, bareMetal: false }, true],
  ['c7i.large', { minGpuMemoryMib: 1 }, false],
])('%s %j: %s', (name, requirements, isMet) => {
  expect(met(name, requirements)).toBe(isMet);
});

test('every unmet requirement is named, expressions as people write them', () => {
  const offering = offeringsOf({ instanceType: ['c7i.large'] })[0];
  if (!offering) throw new Error('c7i.large is not offered');
  const wanted = {
    arch: ['arm64'],
    gpuName: ['t4'],
    matchExpressions: [
      { key: 'gpuMemoryMib', operator: 'Gt', values: ['20000'] },
      { key: 'vcpu', operator: 'Gt', values: ['1'] },
    ] as MatchExpression[],
  };
  expect(unmetRequirements(wanted, offering)).toEqual(['arch', 'gpuName', 'gpuMemoryMib Gt 20000']);
});

describe('two together', () => {
  test.each<[Requirements, Requirements]>([
    [{ gpuName: ['t4', 'l4'] }, { gpuName: ['l4'], minGpuMemoryMib: 20_000 }],
    [{ burstable: true }, { burstable: false }],
    [match('zone', 'NotIn', 'us-east-1b'), { zone: ['us-east-1a'] }],
    [{ minInstanceGeneration: 6 }, match('instanceGeneration', 'Lt', '6')],
    [{ bareMetal: true }, match('vcpu', 'Gt', '8')],
  ])('%j and %j allow what each allows', (a, b) => {
    const both = intersect(a, b);
    for (const type of instanceTypes.filter((_, n) => n % 7 === 0))
      for (const zone of ['us-east-1a', 'us-east-1b']) {
        const offering = { type, zone, capacityType: 'spot' as const };
        expect([type.name, unmetRequirement(both, offering) === null]).toEqual([
          type.name,
          unmetRequirement(a, offering) === null && unmetRequirement(b, offering) === null,
        ]);
      }
  });
});

test('a zone is allowed by list and by expression', () => {
  expect([
    allowsZone({}, 'a'),
    allowsZone({ zone: ['b'] }, 'a'),
    allowsZone(match('zone', 'In', 'b'), 'a'),
    allowsZone(match('zone', 'NotIn', 'b'), 'a'),
    allowsZone(match('arch', 'In', 'arm64'), 'a'),
  ]).toEqual([true, false, false, true, true]);
});

test('equal wishes have equal keys, others not', () => {
  const two = (...all: MatchExpression[]): string => requirementsKey({ matchExpressions: all });
  const [x, y]: MatchExpression[] = [
    { key: 'zone', operator: 'In', values: ['a', 'b'] },
    { key: 'vcpu', operator: 'Gt', values: ['2'] },
  ];
  if (!x || !y) throw new Error('none');
  expect(two(x, y)).toBe(two(y, { ...x, values: ['b', 'a'] }));
  const keys = [
    {},
    { bursty: true as const },
    { burstable: false },
    { burstable: true },
    match('zone', 'In', 'a'),
    match('zone', 'NotIn', 'a'),
    { zone: ['a'] },
  ].map(requirementsKey);
  expect(new Set(keys).size).toBe(keys.length);
});
