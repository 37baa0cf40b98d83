// Ports of functions that have no use for them: neither the permission, nor the code in their bundle. Whoever calls one
// nevertheless has wired a use case into the wrong function.
import type { Allocate } from '../../core/allocation/types.ts';
import { AssertionError } from '../../core/errors.ts';
import type { Catalog } from '../../ports/catalog.ts';
import type { Compute } from '../../ports/compute.ts';
import type { Outputs } from '../../ports/outputs.ts';

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
};

export const noOutputs: Outputs = {
  uploadUrl: async () => refuse('sign uploads'),
  write: async () => refuse('keep outputs'),
  read: async () => refuse('read outputs'),
};
