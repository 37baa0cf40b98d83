// Ports of functions that have no use for them: neither the permission, nor the code in their bundle. Whoever calls one
// nevertheless has wired a use case into the wrong function.
import type { Allocate } from '../../core/allocation/types.ts';
import { AssertionError } from '../../core/values/errors.ts';
import type { Bells } from '../../ports/bells.ts';
import type { Cloud } from '../../ports/cloud.ts';
import type { Catalog } from '../../ports/catalog.ts';
import type { Outputs } from '../../ports/outputs.ts';

function refuse(what: string): never {
  throw new AssertionError(`this function does not ${what}: the use case that wants it belongs into another one`);
}

export const noAllocation: Allocate = () => refuse('allocate');

export const noCatalog: Catalog = {
  offerings: async () => refuse('know offerings'),
  instanceType: async () => refuse('know instance types'),
  info: async () => refuse('know prices'),
};

export const noOutputs: Outputs = {
  uploadUrl: async () => refuse('sign uploads'),
  write: async () => refuse('keep outputs'),
  read: async () => refuse('read outputs'),
};

export const noBells: Bells = {
  open: async () => refuse('make bells'),
  ring: async () => refuse('ring bells'),
  list: async () => refuse('list bells'),
  close: async () => refuse('remove bells'),
};

export const noCloud: Cloud = {
  list: async () => refuse('list what EC2 has'),
  launchFleet: async () => refuse('launch nodes'),
  runInstances: async () => refuse('launch machines'),
  terminate: async () => refuse('terminate instances'),
  stop: async () => refuse('stop machines'),
  start: async () => refuse('start machines'),
  createVolume: async () => refuse('make volumes'),
  attach: async () => refuse('attach volumes'),
  detach: async () => refuse('detach volumes'),
  modify: async () => refuse('change volumes'),
  snapshot: async () => refuse('copy volumes'),
  deleteVolume: async () => refuse('delete volumes'),
  deleteSnapshot: async () => refuse('delete snapshots'),
  createGroup: async () => refuse('make groups'),
  authorize: async () => refuse('add rules'),
  revoke: async () => refuse('revoke rules'),
  setGroups: async () => refuse('change the groups of machines'),
  tag: async () => refuse('tag machines and volumes'),
  deleteGroup: async () => refuse('delete groups'),
};
