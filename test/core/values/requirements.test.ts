// Operators, as in Kubernetes' node affinity, on what the catalog knows of types.
import { describe, expect, test } from '@jest/globals';
import { instanceTypes, offeringsOf } from '../../../lib/core/catalog/index.ts';
import {
  allowsZone,
  expressionText,
  factKeys,
  intersect,
  kindOfKey,
  namedButLeftOut,
  requirementsKey,
  says,
  typesMeeting,
  unmetOfPool,
  unmetRequirement,
  unmetRequirements,
} from '../../../lib/core/values/requirements.ts';
import { offer, typeOf } from '../builders.ts';
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

describe('each plain key', () => {
  const type = typeOf('c7.large', 4, 8, 0.1, { gpu: 1, localDiskGib: 100, networkMbps: 5_000 });
  const offering = offer(type, 'za', 'spot');

  test.each<[Requirements, Requirements]>([
    [{ instanceCategory: ['c'] }, { instanceCategory: ['m'] }],
    [{ instanceFamily: ['c7'] }, { instanceFamily: ['c8'] }],
    [{ instanceType: ['c7.large'] }, { instanceType: ['c7.xlarge'] }],
    [{ arch: ['amd64'] }, { arch: ['arm64'] }],
    [{ zone: ['za'] }, { zone: ['zb'] }],
    [{ capacityType: ['spot'] }, { capacityType: ['on-demand'] }],
    [{ cpuManufacturer: ['intel'] }, { cpuManufacturer: ['amd'] }],
    [{ hypervisor: ['nitro'] }, { hypervisor: ['xen'] }],
    [{ gpuManufacturer: ['nvidia'] }, { gpuManufacturer: ['amd'] }],
    [{ gpuName: ['g'] }, { gpuName: [] }],
    [{ burstable: false }, { burstable: true }],
    [{ bareMetal: false }, { bareMetal: true }],
    [{ minInstanceGeneration: 7 }, { minInstanceGeneration: 8 }],
    [{ minGpuMemoryMib: 16_384 }, { minGpuMemoryMib: 16_385 }],
    [{ minLocalDiskGib: 100 }, { minLocalDiskGib: 101 }],
    [{ minNetworkGbps: 5 }, { minNetworkGbps: 5.1 }],
  ])('%j is met, %j is not and says so', (good, bad) => {
    expect(unmetRequirement(good, offering)).toBeNull();
    expect(unmetRequirement(bad, offering)).toBe(Object.keys(bad)[0]);
    expect(unmetRequirements(bad, offering)).toEqual(Object.keys(bad));
    expect(requirementsKey(good)).not.toBe(requirementsKey(bad));
  });

  test('a bandwidth or a GPU memory that is not known meets no least value', () => {
    const plain = offer(typeOf('c7.large', 4, 8, 0.1), 'za', 'spot');
    expect(unmetRequirements({ minNetworkGbps: 1, minGpuMemoryMib: 1 }, plain)).toEqual([
      'minGpuMemoryMib',
      'minNetworkGbps',
    ]);
    expect(unmetRequirement({ minNetworkGbps: 0 }, plain)).toBeNull();
  });

  test('what is priced for bursts is for bursty tasks alone, whatever else is not met', () => {
    const forBursts = { ...offering, isForBursts: true };
    expect(unmetRequirement({}, forBursts)).toBe('bursty');
    expect(unmetRequirements({ arch: ['arm64'] }, forBursts)).toEqual(['bursty', 'arch']);
    expect(unmetRequirements({ arch: ['arm64'], bursty: true }, forBursts)).toEqual(['arch']);
    expect(unmetRequirement({ bursty: true }, offering)).toBeNull();
  });
});

test('a key is of one kind: text, number or truth value', () => {
  const kinds = (kind: string): FactKey[] => factKeys.filter((key) => kindOfKey(key) === kind);
  expect(kinds('number')).toEqual([
    'acceleratorCount',
    'gpuCount',
    'gpuMemoryMib',
    'instanceGeneration',
    'localDiskGib',
    'memoryMib',
    'networkMbps',
    'vcpu',
  ]);
  expect(kinds('truth')).toEqual(['bareMetal', 'burstable', 'currentGeneration']);
  expect(kinds('text')).toHaveLength(factKeys.length - 11);
});

test('an expression reads as it was written', () => {
  expect(expressionText({ key: 'vcpu', operator: 'Gt', values: ['2'] })).toBe('vcpu Gt 2');
  expect(expressionText({ key: 'zone', operator: 'In', values: ['a', 'b'] })).toBe('zone In a,b');
  expect(expressionText({ key: 'gpuName', operator: 'Exists', values: [] })).toBe('gpuName Exists');
});

test('a requirement says something of a key by the plain key or by an expression', () => {
  expect([
    says({}, 'arch'),
    says({ arch: [] }, 'arch'),
    says(match('arch', 'Exists'), 'arch'),
    says(match('zone', 'Exists'), 'arch'),
  ]).toEqual([false, true, true, false]);
});

test.each<[Operator, string[], boolean]>([
  ['In', ['a', 'b'], true],
  ['NotIn', ['a', 'b'], false],
  ['NotIn', ['b'], true],
  ['Exists', [], true],
  ['DoesNotExist', [], false],
])('zone a is %s %j: %s', (operator, values, isAllowed) => {
  expect(allowsZone(match('zone', operator, ...values), 'a')).toBe(isAllowed);
});

describe('intersect', () => {
  test('keeps what both lists allow, and what only one says', () => {
    expect(intersect({ arch: ['amd64', 'arm64'], zone: ['a'] }, { arch: ['arm64'], gpuName: ['t4'] })).toEqual({
      arch: ['arm64'],
      zone: ['a'],
      gpuName: ['t4'],
    });
  });

  test('keeps the larger of two least values', () => {
    expect(
      intersect({ minLocalDiskGib: 5, minNetworkGbps: 2 }, { minLocalDiskGib: 3, minInstanceGeneration: 6 }),
    ).toEqual({ minLocalDiskGib: 5, minNetworkGbps: 2, minInstanceGeneration: 6 });
  });

  test('keeps a truth value once, and is bursty where either is', () => {
    expect(intersect({ burstable: true }, { burstable: true, bursty: true })).toEqual({
      burstable: true,
      bursty: true,
    });
    expect(intersect({ burstable: true }, {})).toEqual({ burstable: true });
    expect(intersect({}, { bareMetal: false })).toEqual({ bareMetal: false });
    expect(intersect({ bursty: true }, {})).toEqual({ bursty: true });
  });

  test('keeps the expressions of both', () => {
    const both = intersect(match('vcpu', 'Gt', '2'), match('vcpu', 'Lt', '9'));
    expect(both.matchExpressions?.map(expressionText)).toEqual(['vcpu Gt 2', 'vcpu Lt 9']);
  });
});

describe('a type that is not generic', () => {
  const metal = typeOf('c7.metal', 96, 192, 4, { isBareMetal: true });
  const old = typeOf('c4.large', 2, 4, 0.1, { isCurrentGeneration: false });
  const inferentia = typeOf('inf2.xlarge', 4, 16, 0.7, {
    category: 'inf',
    accelerator: { name: 'inferentia2', manufacturer: 'aws', count: 1, memoryMib: 32_768 },
  });

  const types = { metal, old, inferentia };

  test.each<[keyof typeof types, Requirements, boolean]>([
    ['metal', {}, false],
    ['metal', { instanceType: ['c7.metal'] }, true],
    ['metal', { instanceFamily: ['c7'] }, true],
    ['metal', match('instanceFamily', 'In', 'c7'), true],
    ['metal', match('instanceFamily', 'NotIn', 'c8'), false],
    ['metal', { bareMetal: true }, true],
    ['metal', match('bareMetal', 'In', 'true'), true],
    ['metal', match('bareMetal', 'In', 'true', 'false'), true],
    ['metal', match('bareMetal', 'NotIn', 'false'), true],
    ['metal', match('bareMetal', 'Exists'), true],
    ['metal', match('burstable', 'DoesNotExist'), false],
    ['metal', { instanceCategory: ['c'] }, false],
    ['old', {}, false],
    ['old', match('currentGeneration', 'In', 'false'), true],
    ['old', match('currentGeneration', 'NotIn', 'true'), true],
    ['old', match('currentGeneration', 'DoesNotExist'), true],
    ['old', { bareMetal: false }, false],
    ['inferentia', {}, false],
    ['inferentia', { instanceCategory: ['inf'] }, true],
    ['inferentia', match('instanceCategory', 'In', 'inf'), true],
    ['inferentia', match('acceleratorCount', 'Exists'), false],
  ])('%s, of a pool with %j, is bought: %s', (name, requirements, isBought) => {
    const offering = offer(types[name], 'za', 'on-demand');
    expect(unmetRequirement(requirements, offering)).toBeNull();
    expect(unmetOfPool(requirements, offering) === null).toBe(isBought);
  });

  test('is named with its reason to whoever asks for it, as its family where no size of it is offered', () => {
    const large = typeOf('c7.large', 2, 4, 0.1);
    expect(namedButLeftOut({ instanceFamily: ['c7'] }, {}, [large, metal])).toBe(
      "c7.metal: it is bare metal, so a pool offers it only where the pool's own requirements name it",
    );
    expect(namedButLeftOut({ instanceFamily: ['c4'] }, {}, [old])).toMatch(/^c4: AWS calls it a previous generation/);
    expect(namedButLeftOut({ instanceType: ['c4.large'] }, {}, [old])).toMatch(/^c4.large: /);
    expect(namedButLeftOut({ instanceType: ['c4.large', 'c7.metal'] }, {}, [old, metal]).split('; ')).toHaveLength(2);
    expect(namedButLeftOut({ arch: ['amd64'] }, {}, [old, metal])).toBe('');
    expect(namedButLeftOut({ instanceType: ['c4.large'] }, { instanceType: ['c4.large'] }, [old])).toBe('');
  });

  test('types that meet the requirements are told from others, each once', () => {
    const all = [metal, old].flatMap((type) => ['za', 'zb'].map((zone) => offer(type, zone, 'on-demand')));
    expect([...typesMeeting({ bareMetal: true }, all)]).toEqual([metal]);
  });
});
