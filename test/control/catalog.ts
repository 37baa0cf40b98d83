// The catalog of worlds in tests. In quick runs it lacks most families: going through hundreds of offerings in every
// tick is half of what these tests cost, and what they show needs only some of each kind.
import { SimulatedCatalog } from '../../lib/adapters/simulated/catalog.ts';
import type { Offering } from '../../lib/core/values/offering.ts';
import { isQuick } from '../slice.ts';

const quickFamilies: ReadonlySet<string> = new Set([
  'c5',
  'c5d',
  'c6a',
  'c7g',
  'c7i',
  'g4dn',
  'g5',
  'i3',
  'm5',
  'm7g',
  'm7i',
  'p4d',
  'r7i',
  't3',
  't4g',
]);

/** The same ones for every world, so that what is worked out of them is, too. */
let few: { readonly of: readonly Offering[]; readonly offerings: readonly Offering[] } | null = null;

export class TestCatalog extends SimulatedCatalog {
  override async offerings(): Promise<readonly Offering[]> {
    const all = await super.offerings();
    if (!isQuick) return all;
    if (few?.of !== all) few = { of: all, offerings: all.filter(({ type }) => quickFamilies.has(type.family)) };
    return few.offerings;
  }
}
