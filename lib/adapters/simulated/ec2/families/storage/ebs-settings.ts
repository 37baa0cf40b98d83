// What an account chooses for all its volumes: encryption by default and its key; and the status of volumes, of which
// none is ever impaired here.
import { action } from '../../action.ts';
import type { Action } from '../../action.ts';
import { allOf } from '../../ids.ts';
import { boolean, integer, list, required, text } from '../../protocol/fields.ts';
import { filterField, neverMet } from '../../protocol/filters.ts';
import type { FilterTable } from '../../protocol/filters.ts';
import { fixedList, pageOf } from '../../protocol/paging.ts';
import type { Wire } from '../../protocol/xml.ts';
import type { EbsDefaults, Volume } from '../../records.ts';
import type { World } from '../../world.ts';
import { zoneIdOf } from '../networks/network.ts';

export function ebsDefaultsOf(world: World): EbsDefaults {
  return world.ebsDefaults.get('ebs') ?? { id: 'ebs', isEncrypted: false, kmsKeyId: null };
}

const keyOf = (world: World): string => ebsDefaultsOf(world).kmsKeyId ?? 'alias/aws/ebs';

function encryption(name: string, isEncrypted: boolean): Action {
  return action({
    name,
    rate: 'mutating',
    fields: {},
    run(world) {
      world.ebsDefaults.put({ ...ebsDefaultsOf(world), isEncrypted });
      return { ebsEncryptionByDefault: isEncrypted };
    },
  });
}

const isInitialized = (world: World, volume: Volume): boolean => volume.availableAtMs <= world.nowMs();

function statusWire(world: World, volume: Volume): Wire {
  return {
    volumeId: volume.id,
    availabilityZone: volume.zone,
    availabilityZoneId: zoneIdOf(world, volume.zone),
    volumeStatus: {
      status: isInitialized(world, volume) ? 'ok' : 'insufficient-data',
      details: [
        { name: 'io-enabled', status: isInitialized(world, volume) ? 'passed' : 'insufficient-data' },
        { name: 'io-performance', status: 'not-applicable' },
      ],
    },
    eventsSet: [],
    actionsSet: [],
    attachmentStatuses: volume.attachments.map((one) => ({
      instanceId: one.instanceId,
      ioPerformance: 'not-applicable',
    })),
  };
}

const statusFilters = (world: World): FilterTable<Volume> => ({
  'attachment-status.instance-id': (volume) => volume.attachments.map((one) => one.instanceId),
  'attachment-status.io-performance': () => 'not-applicable',
  'availability-zone': (volume) => volume.zone,
  'volume-status.details-name': () => ['io-enabled', 'io-performance'],
  'volume-status.details-status': (volume) => [
    isInitialized(world, volume) ? 'passed' : 'insufficient-data',
    'not-applicable',
  ],
  'volume-status.status': {
    of: (volume) => (isInitialized(world, volume) ? 'ok' : 'insufficient-data'),
    allowed: ['ok', 'impaired', 'warning', 'insufficient-data'],
  },
  ...neverMet(
    'action.code',
    'action.description',
    'action.event-id',
    'event.description',
    'event.event-id',
    'event.event-type',
    'event.not-after',
    'event.not-before',
  ),
});

export const ebsSettingActions: readonly Action[] = [
  encryption('EnableEbsEncryptionByDefault', true),
  encryption('DisableEbsEncryptionByDefault', false),
  action({
    name: 'GetEbsEncryptionByDefault',
    rate: 'non-mutating',
    fields: {},
    run(world) {
      const { isEncrypted, kmsKeyId } = ebsDefaultsOf(world);
      const sseType = isEncrypted ? (kmsKeyId === null ? 'sse-ebs' : 'sse-kms') : 'none';
      return { ebsEncryptionByDefault: isEncrypted, sseType };
    },
  }),
  action({
    name: 'GetEbsDefaultKmsKeyId',
    rate: 'non-mutating',
    fields: {},
    run: (world) => ({ kmsKeyId: keyOf(world) }),
  }),
  action({
    name: 'ModifyEbsDefaultKmsKeyId',
    rate: 'mutating',
    fields: { KmsKeyId: required(text()) },
    run(world, parameters) {
      world.ebsDefaults.put({ ...ebsDefaultsOf(world), kmsKeyId: parameters.KmsKeyId });
      return { kmsKeyId: parameters.KmsKeyId };
    },
  }),
  action({
    name: 'ResetEbsDefaultKmsKeyId',
    rate: 'mutating',
    fields: {},
    run(world) {
      world.ebsDefaults.put({ ...ebsDefaultsOf(world), kmsKeyId: null });
      return { kmsKeyId: keyOf(world) };
    },
  }),
  action({
    name: 'DescribeVolumeStatus',
    rate: 'non-mutating',
    filters: statusFilters,
    fields: {
      VolumeId: list(text()),
      Filter: filterField,
      IncludeManagedResources: boolean(),
      MaxResults: integer(),
      NextToken: text(),
    },
    run(world, parameters, call) {
      const named = allOf('volume', parameters.VolumeId, (id) => world.volumes.get(id));
      const from = named.length > 0 ? fixedList(named) : world.volumes.list;
      const page = pageOf(from, parameters, { min: 5, max: 1000, byDefault: 1000, isCapped: true }, call, call.matches);
      return { volumeStatusSet: page.items.map((one) => statusWire(world, one)), nextToken: page.nextToken };
    },
  }),
];
