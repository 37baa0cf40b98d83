// Types that nobody wants by accident are offerings only of pools that name them.
import { describe, expect, test } from '@jest/globals';
import { whyNotGeneric } from '../../../lib/core/values/eligibility.ts';
import { instanceType, instanceTypes, offeringsOf } from '../../../lib/core/catalog/index.ts';
import type { InstanceType } from '../../../lib/core/values/offering.ts';
import { namedButLeftOut, typesMeeting } from '../../../lib/core/values/requirements.ts';
import type { Requirements } from '../../../lib/core/values/requirements.ts';

const typeOf = (name: string): InstanceType => {
  const found = instanceType(name);
  if (!found) throw new Error(`${name} is not packaged`);
  return found;
};
const boughtBy = (requirements: Requirements): ReadonlySet<string> =>
  new Set(offeringsOf(requirements).map((one) => one.type.name));

test.each([
  ['a1.xlarge', 'does-not-boot'],
  ['a1.metal', 'does-not-boot'],
  ['t1.micro', 'does-not-boot'],
  ['m1.small', 'does-not-boot'],
  ['m2.xlarge', 'does-not-boot'],
  ['c1.medium', 'does-not-boot'],
  ['c3.large', 'previous-generation'],
  ['m4.large', 'previous-generation'],
  ['c5.large', 'previous-generation'],
  ['g5.xlarge', 'previous-generation'],
  ['m6i.large', 'previous-generation'],
  ['c5n.metal', 'bare-metal'],
  ['g4dn.metal', 'bare-metal'],
  ['m7i.metal-24xl', 'bare-metal'],
  ['hpc7g.4xlarge', 'hpc'],
  ['hpc6a.48xlarge', 'hpc'],
  ['u7i-12tb.224xlarge', 'high-memory'],
  ['u-6tb1.56xlarge', 'high-memory'],
  ['inf1.2xlarge', 'accelerator'],
  ['trn1.2xlarge', 'accelerator'],
  ['f2.6xlarge', 'accelerator'],
  ['vt1.3xlarge', 'accelerator'],
  ['c7i.large', null],
  ['c7g.large', null],
  ['t2.micro', null],
  ['t3.micro', null],
  ['z1d.large', null],
  ['x2gd.large', null],
  ['g4dn.xlarge', null],
  ['g4ad.xlarge', null],
])('%s: %s', (name, reason) => {
  expect(whyNotGeneric(typeOf(name))).toEqual(reason === null ? [] : expect.arrayContaining([reason]));
});

test("a type that can do nothing but paravirtualisation, or lacks its architecture's boot mode, does not boot", () => {
  const good = typeOf('c7i.large');
  expect(whyNotGeneric({ ...good, virtualizationTypes: ['paravirtual'] })).toEqual(['does-not-boot']);
  expect(whyNotGeneric({ ...typeOf('c7g.large'), bootModes: ['legacy-bios'] })).toEqual(['does-not-boot']);
  expect(whyNotGeneric({ ...good, bootModes: ['legacy-bios'] })).toEqual([]);
});

describe('a pool', () => {
  test('that names nothing buys only generic types', () => {
    for (const requirements of [
      {},
      { instanceCategory: ['c', 'm', 'r'], arch: ['amd64'] },
      { capacityType: ['on-demand'], arch: ['arm64'] },
      { minInstanceGeneration: 1 },
    ]) {
      const wrong = [...boughtBy(requirements)].filter((name) => whyNotGeneric(typeOf(name)).length > 0);
      expect(wrong).toEqual([]);
    }
    expect(boughtBy({}).size).toBeGreaterThan(900);
  });

  test.each<[string, Requirements, string, boolean]>([
    ['by type', { instanceType: ['a1.xlarge'] }, 'a1.xlarge', true],
    ['by family', { instanceFamily: ['m4', 'c7i'] }, 'm4.large', true],
    [
      'by an expression',
      { matchExpressions: [{ key: 'instanceFamily', operator: 'In', values: ['c5'] }] },
      'c5.large',
      true,
    ],
    [
      'by what it is',
      { matchExpressions: [{ key: 'currentGeneration', operator: 'In', values: ['false'] }] },
      'c5.large',
      true,
    ],
    [
      'by what it is',
      { matchExpressions: [{ key: 'bareMetal', operator: 'Exists', values: [] }] },
      'c7i.metal-24xl',
      true,
    ],
    ['by what it is', { bareMetal: true }, 'c7i.metal-24xl', true],
    ['by category', { instanceCategory: ['hpc'] }, 'hpc7g.4xlarge', true],
    [
      'not by leaving others out',
      { matchExpressions: [{ key: 'instanceFamily', operator: 'NotIn', values: ['c7i'] }] },
      'c5.large',
      false,
    ],
    ['not by what does not set it apart', { instanceCategory: ['c'] }, 'c5.large', false],
    ['not by one of two reasons', { bareMetal: true }, 'c5.metal', false],
  ])('that names it %s', (_how, requirements, name, isBought) => {
    expect(boughtBy(requirements).has(name)).toBe(isBought);
  });

  test('has no spot offering of what EC2 does not sell as spot', () => {
    const spot = offeringsOf({
      capacityType: ['spot'],
      instanceFamily: [...new Set(instanceTypes.map((one) => one.family))],
    });
    expect(spot.filter((one) => !one.type.usageClasses.includes('spot'))).toEqual([]);
    expect(spot.some((one) => one.type.name === 't2.nano')).toBe(false);
  });
});

test('whoever names a type that the pool leaves out reads why', () => {
  expect(namedButLeftOut({ instanceFamily: ['g5', 'g6'] }, {}, instanceTypes)).toMatch(
    /^g5: AWS calls it a previous generation, so a pool offers it only where/,
  );
  expect(namedButLeftOut({ instanceType: ['a1.large'] }, {}, instanceTypes)).toMatch(
    /^a1\.large: Amazon Linux 2023 does not boot on it/,
  );
  expect(namedButLeftOut({ instanceFamily: ['g5'] }, { instanceFamily: ['g5'] }, instanceTypes)).toBe('');
  expect(namedButLeftOut({ instanceFamily: ['c7i'] }, {}, instanceTypes)).toMatch(
    /^c7i\.metal-24xl, c7i\.metal-48xl: it is bare metal/,
  );
});

test('a type that the requirements of the pool exclude is not said to be left out for what it is', () => {
  const pool = { matchExpressions: [{ key: 'instanceFamily' as const, operator: 'NotIn' as const, values: ['m7a'] }] };
  const every = [...instanceTypes].map((type) => ({ type, zone: 'us-east-1a', capacityType: 'spot' as const }));
  expect(namedButLeftOut({ instanceFamily: ['m7a'] }, {}, typesMeeting({}, every))).toMatch(
    /m7a\.metal-48xl: it is bare metal/,
  );
  expect(namedButLeftOut({ instanceFamily: ['m7a'] }, pool, typesMeeting(pool, every))).toBe('');
});
