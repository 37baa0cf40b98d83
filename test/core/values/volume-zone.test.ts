// The zones of volumes and of the machines that use them.
import { expect, test } from '@jest/globals';
import { attachZoneConflict, volumeZoneConflict } from '../../../lib/core/values/volume-zone.ts';

test('volumes of one zone go together', () => {
  for (const zones of [[], ['za'], ['za', 'za'], [null]]) expect(volumeZoneConflict(zones)).toBeNull();
});

test('volumes of several zones do not: the zones are named in order', () => {
  expect(volumeZoneConflict(['zb', 'za', 'zb'])).toBe(
    'its volumes are in za and zb: a volume attaches only within its zone, so one machine takes volumes of one zone',
  );
  expect(volumeZoneConflict(['za', null])).toMatch(/^its volumes are in no zone and za:/);
});

test('a volume attaches within its zone', () => {
  expect(attachZoneConflict('m', 'za', 'za')).toBeNull();
  expect(attachZoneConflict('m', 'za', 'zb')).toBe(
    'm runs in za and the volume is in zb: a volume attaches only within its zone',
  );
  expect(attachZoneConflict('m', null, null)).toBeNull();
  expect(attachZoneConflict('m', null, 'za')).toMatch(/^m runs in no zone and the volume is in za:/);
  expect(attachZoneConflict('m', 'za', null)).toMatch(/and the volume is in none:/);
});
