// The question about others, once nodes are started for some tasks: as after launches, they count against the limits,
// what pays for instances pays for them, and what the tasks leave of them is there.
import { withoutPaid } from '../../allocation/constraints/paid-first.ts';
import type { Taken } from '../../allocation/constraints/paid-first.ts';
import type { AllocationInput, Bin } from '../../allocation/types.ts';
import type { WorkingCopy } from '../../plan/working-copy.ts';
import { addUsage, subtractUsage, sumUsage } from '../../records/pool.ts';
import { startingBins } from '../capacity/bins.ts';

/** `input`: as asked before this decision started any. */
export function afterStarts(input: AllocationInput, copy: WorkingCopy): AllocationInput {
  const started = copy.seen.nodes.flatMap(({ record: before }) => {
    const node = copy.node(before.id);
    return before.state === 'stopped' && node?.state === 'starting' ? [{ node, before }] : [];
  });
  if (started.length === 0) return input;
  const more = started.map(({ node, before }) => subtractUsage(node.reserved, before.reserved));
  const bins = startingBins(
    started.map(({ node }) => node),
    copy.seen,
    copy,
  );
  const unpaid = withoutPaid(input, bins.map(takenBy));
  return { ...unpaid, bins: [...input.bins, ...bins], usage: addUsage(input.usage, sumUsage(more)) };
}

/** A stopped node is in no reservation that has to be named. */
export const takenBy = ({ offering }: Bin): Taken => ({ offerings: [offering], count: 1 });
