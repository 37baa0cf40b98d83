// Who may make volumes of a snapshot: DescribeSnapshotAttribute, ModifySnapshotAttribute, ResetSnapshotAttribute.
import { action, done } from '../../action.ts';
import type { Action } from '../../action.ts';
import { oneOfKind } from '../../ids.ts';
import { oneOf, required, text } from '../../protocol/fields.ts';
import type { Snapshot } from '../../records.ts';
import type { World } from '../../world.ts';
import { changed, flatFields, permissionChange, sharersWire } from './sharing.ts';

const snapshotOf = (world: World, id: string): Snapshot =>
  oneOfKind('snapshot', id, (wanted) => world.snapshots.get(wanted));

export const snapshotAttributeActions: readonly Action[] = [
  action({
    name: 'DescribeSnapshotAttribute',
    rate: 'non-mutating',
    fields: { Attribute: required(oneOf('createVolumePermission', 'productCodes')), SnapshotId: required(text()) },
    run(world, parameters) {
      const { id, sharedWith = [] } = snapshotOf(world, parameters.SnapshotId);
      return parameters.Attribute === 'productCodes'
        ? { snapshotId: id, productCodes: [] }
        : { snapshotId: id, createVolumePermission: sharersWire(sharedWith) };
    },
  }),
  action({
    name: 'ModifySnapshotAttribute',
    rate: 'mutating',
    fields: {
      Attribute: oneOf('createVolumePermission'),
      CreateVolumePermission: permissionChange,
      SnapshotId: required(text()),
      ...flatFields,
    },
    run(world, parameters) {
      const snapshot = snapshotOf(world, parameters.SnapshotId);
      const sharedWith = changed(snapshot.sharedWith ?? [], parameters.CreateVolumePermission, parameters);
      world.snapshots.put({ ...snapshot, sharedWith });
      return done;
    },
  }),
  action({
    name: 'ResetSnapshotAttribute',
    rate: 'mutating',
    fields: { Attribute: required(oneOf('createVolumePermission')), SnapshotId: required(text()) },
    run(world, parameters) {
      world.snapshots.put({ ...snapshotOf(world, parameters.SnapshotId), sharedWith: [] });
      return done;
    },
  }),
];
