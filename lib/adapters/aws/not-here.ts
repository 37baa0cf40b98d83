// Ports of functions that have no use for them: neither the permission, nor the code in their bundle. Whoever calls one
// nevertheless has wired a use case into the wrong function.
import type { Allocate } from '../../core/allocation/types.ts';
import { AssertionError } from '../../core/values/errors.ts';
import type { Catalog } from '../../ports/catalog.ts';
import type { Compute } from '../../ports/compute.ts';
import type { Outputs } from '../../ports/outputs.ts';
import type { Resources } from '../../ports/resources.ts';

function refuse(what: string): never {
  throw new AssertionError(`this function does not ${what}: the use case that wants it belongs into another one`);
}

export const noCompute: Compute = {
  launch: async () => refuse('launch instances'),
  describe: async () => refuse('list instances'),
  terminate: async () => refuse('terminate instances'),
};

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

/** Whether it is there says that the installation holds such requests; only the scheduler calls it. */
export const noResources: Resources = {
  list: async () => refuse('list what is held'),
  launch: async () => refuse('launch machines'),
  terminate: async () => refuse('terminate machines'),
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
  tag: async () => refuse('tag what is held'),
  deleteGroup: async () => refuse('delete groups'),
};
