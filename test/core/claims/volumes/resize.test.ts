// What a resize makes of a volume.
import { describe, expect, test } from '@jest/globals';
import { isSameShape, resizeWish, shapeText } from '../../../../lib/core/claims/volumes/resize.ts';
import type { VolumeNeeds, VolumeShape } from '../../../../lib/core/records/volume.ts';
import { volumeShape } from '../../builders.ts';

describe('a resize', () => {
  const gp3 = volumeShape;
  const io2: VolumeShape = { type: 'io2', sizeGib: 20, iops: 1_000, throughputMibps: null, usdPerMonth: 67.5 };
  const wish = (
    needs: Partial<VolumeNeeds>,
    present = gp3,
    wanted: VolumeShape | null = null,
    isAsked = false,
  ): ReturnType<typeof resizeWish> => resizeWish(present, wanted, isAsked, needs);

  test.each([
    ['its size', { sizeGib: 30 }, { ...gp3, sizeGib: 30, usdPerMonth: 2.4 }],
    ['its IOPS', { iops: 4_000 }, { ...gp3, iops: 4_000, usdPerMonth: 6.6 }],
    ['its throughput', { throughputMibps: 225 }, { ...gp3, throughputMibps: 225, usdPerMonth: 5.6 }],
    ['nothing', {}, gp3],
  ])('changes %s, and keeps what it does not name', (_what, needs, shape) => {
    expect(wish(needs)).toEqual({ shape: { ...shape, usdPerMonth: expect.closeTo(shape.usdPerMonth, 9) } });
  });

  test('to another type keeps at least the settings that this type has', () => {
    const iops = 4_000;
    expect(wish({ volumeType: 'gp3', iops }, io2)).toMatchObject({ shape: { iops, throughputMibps: 125 } });
    expect(wish({ volumeType: 'io2' })).toMatchObject({ shape: { type: 'io2', iops: 3_000, throughputMibps: null } });
    expect(wish({ volumeType: 'sc1', sizeGib: 125 })).toMatchObject({ shape: { type: 'sc1', iops: null } });
  });

  test('never makes it smaller than it is, or than EC2 was asked to make it', () => {
    const wanted = { ...gp3, sizeGib: 40 };
    expect(wish({ sizeGib: 19 })).toEqual({
      problem: 'an EBS volume grows and never shrinks: it has 20 GiB, 19 were asked for',
    });
    expect(wish({ sizeGib: 30 }, gp3, wanted)).toMatchObject({ shape: { sizeGib: 30 } });
    expect(wish({ sizeGib: 20 }, gp3, wanted)).toMatchObject({ shape: { sizeGib: 20 } });
    expect(wish({ sizeGib: 30 }, gp3, wanted, true)).toEqual({
      problem: 'an EBS volume grows and never shrinks: it has been asked to have 40 GiB, 30 were asked for',
    });
    expect(wish({ iops: 4_000 }, gp3, wanted)).toMatchObject({ shape: { sizeGib: 40, iops: 4_000 } });
  });

  test('that its type cannot have says so, and that the type stays', () => {
    expect(wish({ sizeGib: 100, throughputMibps: 3_000 })).toMatchObject({
      problem: expect.stringMatching(/^no gp3 volume has .*; its type stays unless volumeType names another one$/),
    });
    expect(wish({ volumeType: 'st1', sizeGib: 20_000 })).toMatchObject({
      problem: expect.not.stringContaining('its type stays'),
    });
  });

  test('that needs a larger volume says the size to ask for', () => {
    expect(wish({ iops: 11_000 })).toEqual({
      problem:
        'a gp3 volume with 11000 IOPS has at least 22 GiB, and this one has 20; a volume grows only by a size that was '
        + 'asked for: name sizeGib 22 as well',
    });
    expect(wish({ volumeType: 'sc1' })).toMatchObject({
      problem: expect.stringMatching(/^a sc1 volume has at least 125 GiB/),
    });
    const st1 = { type: 'st1', sizeGib: 125, iops: null, throughputMibps: null, usdPerMonth: 5.625 } as const;
    expect(wish({ throughputMibps: 40 }, st1)).toMatchObject({
      problem: expect.stringMatching(/^a st1 volume with 40 MiB\/s has at least 1024 GiB, and this one has 125/),
    });
  });

  test.each([{ type: 'io2' }, { sizeGib: 21 }, { iops: 1 }, { throughputMibps: 1 }] as const)(
    'is another shape with %j',
    (more) => {
      expect(isSameShape(gp3, { ...gp3, ...more })).toBe(false);
    },
  );

  test('is the same shape at another price', () => {
    expect(isSameShape(gp3, { ...gp3, usdPerMonth: 9 })).toBe(true);
  });

  test('is told with the settings that it has', () => {
    expect(shapeText(gp3)).toBe('20 GiB of gp3 (3000 IOPS, 125 MiB/s), 1.60 USD a month');
    expect(shapeText(io2)).toBe('20 GiB of io2 (1000 IOPS), 67.50 USD a month');
    expect(shapeText({ ...io2, iops: null })).toBe('20 GiB of io2, 67.50 USD a month');
  });
});
