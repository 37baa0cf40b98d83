// The storage choice against enumeration: no valid setting of any type that meets the needs costs less.
import { expect, test } from '@jest/globals';
import type { VolumeNeeds } from '../../../../lib/core/records/volume.ts';
import { chooseVolume, explainNoVolume } from '../../../../lib/core/claims/volumes/storage-choice.ts';

interface Setting {
  readonly type: string;
  readonly sizeGib: number;
  readonly iops: number;
  readonly mibps: number;
  readonly usd: number;
}

/** Written apart from the code under test, from "Amazon EBS volume types" and "Amazon EBS pricing" (us-east-1). */
function* settingsOf(
  sizes: readonly number[],
  iopsSteps: readonly number[],
  mibpsSteps: readonly number[],
): Generator<Setting> {
  for (const sizeGib of sizes) {
    for (const iops of iopsSteps) {
      for (const mibps of mibpsSteps) {
        const isGp3 =
          sizeGib <= 65_536
          && iops >= 3_000
          && iops <= 80_000
          && (iops === 3_000 || iops <= 500 * sizeGib)
          && mibps >= 125
          && mibps <= 2_000
          && mibps <= iops / 4;
        if (isGp3)
          yield {
            type: 'gp3',
            sizeGib,
            iops,
            mibps,
            usd: sizeGib * 0.08 + (iops - 3_000) * 0.005 + (mibps - 125) * 0.04,
          };
      }
      if (sizeGib >= 4 && sizeGib <= 65_536 && iops >= 100 && iops <= 256_000 && iops <= 1_000 * sizeGib) {
        const usd =
          sizeGib * 0.125
          + Math.min(iops, 32_000) * 0.065
          + Math.max(0, Math.min(iops, 64_000) - 32_000) * 0.0455
          + Math.max(0, iops - 64_000) * 0.03185;
        yield { type: 'io2', sizeGib, iops, mibps: Math.min(4_000, iops * 0.256), usd };
      }
    }
    if (sizeGib < 125 || sizeGib > 16_384) continue;
    yield { type: 'st1', sizeGib, iops: 0, mibps: Math.min(500, (sizeGib / 1_024) * 40), usd: sizeGib * 0.045 };
    yield { type: 'sc1', sizeGib, iops: 0, mibps: Math.min(192, (sizeGib / 1_024) * 12), usd: sizeGib * 0.015 };
  }
}

const needSizes = [1, 3, 20, 125, 500, 2_000, 16_384, 20_000, 65_536];
const needIops = [null, 100, 2_500, 3_000, 3_001, 16_000, 40_000, 80_000, 90_000, 256_000];
const needMibps = [null, 10, 90, 125, 126, 192, 250, 500, 1_000, 2_000, 3_000];

test('the choice is the cheapest valid setting that meets the needs', () => {
  // Every value at which a need or a rule can bind, so that the cheapest setting is among them.
  const iopsSteps = [
    ...new Set([
      100,
      3_000,
      ...needIops.flatMap((one) => one ?? []),
      ...needMibps.flatMap((one) => (one === null ? [] : [one * 4, Math.ceil(one / 0.256)])),
    ]),
  ];
  const mibpsSteps = [125, ...needMibps.flatMap((one) => one ?? [])];
  const sizes = [
    ...new Set([
      4,
      125,
      ...needSizes,
      ...iopsSteps.flatMap((one) => [Math.ceil(one / 500), Math.ceil(one / 1_000)]),
      ...needMibps.flatMap((one) =>
        one === null ? [] : [Math.ceil((one / 40) * 1_024), Math.ceil((one / 12) * 1_024)],
      ),
    ]),
  ];
  const all = [...settingsOf(sizes, iopsSteps, mibpsSteps)].sort((a, b) => a.usd - b.usd);
  let found = 0;
  for (const sizeGib of needSizes) {
    for (const iops of needIops) {
      for (const throughputMibps of needMibps) {
        const needs: VolumeNeeds = { sizeGib, iops, throughputMibps, volumeType: null };
        const best = all.find(
          (one) => one.sizeGib >= sizeGib && one.iops >= (iops ?? 0) && one.mibps >= (throughputMibps ?? 0),
        );
        const choice = chooseVolume(needs);
        expect({ needs, usd: choice && Math.round(choice.usdPerMonth * 1e6) }).toEqual({
          needs,
          usd: best ? Math.round(best.usd * 1e6) : null,
        });
        if (choice) found += 1;
      }
    }
  }
  expect(found).toBeGreaterThan(500);
});

test('what no type can do is told with the nearest that one can', () => {
  expect(explainNoVolume({ sizeGib: 65_536, iops: 300_000, throughputMibps: null, volumeType: null })).toBe(
    'no EBS volume type has 65536 GiB, 300000 IOPS; the nearest possible is io2 with 65536 GiB, 256000 IOPS',
  );
  expect(explainNoVolume({ sizeGib: 20_000, iops: null, throughputMibps: null, volumeType: 'st1' })).toBe(
    'no st1 volume has 20000 GiB; the nearest possible is st1 with 16384 GiB',
  );
});
