// A lost node whose tasks are queued again in several changes: the loss counts against all of them,
// whichever change is written.
import { expect, test } from '@jest/globals';
import { decideLosses } from '../../../lib/core/disruption/losses.ts';
import type { Observation } from '../../../lib/core/plan/observation.ts';
import { WorkingCopy } from '../../../lib/core/plan/working-copy.ts';
import type { NodeRecord } from '../../../lib/core/records/node.ts';
import { awsDecisionSettings as settings } from '../../../lib/core/values/settings.ts';
import { assignment, node, nowMs, observation, pool, request } from '../builders.ts';

const placed = node({ assigned: [assignment('r-a'), assignment('r-b')] });

/** `r-b` is suspected: what it was written with before failed, so it gets a change of its own. */
function seen(one: NodeRecord, stateReason: string | null, lossesMax = 3): Observation {
  return observation({
    suspects: new Set(['request r-b']),
    pool: pool({ lossesMax }),
    requests: [request('r-a'), request('r-b')],
    nodes: [one],
    listing: { atMs: nowMs, instances: new Map([['i-1', { id: 'i-1', state: 'terminated', stateReason }]]) },
  });
}

/** What the first change makes of the node, and of tasks by request all of them. */
function lost(look: Observation): { first: NodeRecord | undefined; losses: Record<string, number> } {
  const copy = new WorkingCopy(look);
  decideLosses(look, copy, settings);
  const writes = copy.actions.map((action) => (action.kind === 'change' ? action.writes : []));
  const first = writes[0]?.find((write) => write.type === 'node')?.record;
  const rows = writes
    .flat()
    .flatMap((write) =>
      write.type === 'request' ? [[write.record.id, write.record.tasks[0]?.nodeLosses ?? 0] as const] : [],
    );
  return { first, losses: Object.fromEntries(rows) };
}

test.each([
  [null, 1],
  ['Server.SpotInstanceTermination: Spot instance termination', 0],
])('EC2 says %s: what comes after the first change counts %d as well, and is not alone', (stateReason, counted) => {
  const whole = lost(seen(placed, stateReason));
  expect(whole.losses).toEqual({ 'r-a': counted, 'r-b': counted });
  // The second change was not written: the next decision goes on from the first.
  const { first } = whole;
  expect(first?.assigned.map((one) => one.requestId)).toEqual(['r-b']);
  if (!first) throw new Error('the node is lost with the first change');
  const rest = lost(seen(first, stateReason, 1));
  expect(rest.losses).toEqual({ 'r-b': counted });
  const copy = new WorkingCopy(seen(first, stateReason));
  decideLosses(seen(first, stateReason, 1), copy, settings);
  expect(copy.task('r-b', 0)?.state).toBe('pending');
});
