// A lost node whose tasks are queued again in several changes: the loss counts against all of them,
// whichever change is written.
import { expect, test } from '@jest/globals';
import { decideLosses } from '../../../lib/core/disruption/losses.ts';
import { WorkingCopy } from '../../../lib/core/plan/working-copy.ts';
import type { Assignment, NodeRecord } from '../../../lib/core/records/node.ts';
import { emptyMemory } from '../../../lib/core/plan/observation.ts';
import type { Observation } from '../../../lib/core/plan/observation.ts';
import { newRequest } from '../../../lib/core/tasks/request-lifecycle.ts';
import type { RequestRecord, TaskSpec } from '../../../lib/core/records/request.ts';
import { attemptId } from '../../../lib/core/records/request.ts';
import { awsDecisionSettings as settings } from '../../../lib/core/values/settings.ts';

const nowMs = 10_000_000;
const resources = { cpuMilli: 100, memoryMib: 100, gpu: 0 };
const spec: TaskSpec = {
  type: 'task',
  resources,
  run: { kind: 'command', argv: ['true'] },
  env: {},
  count: 1,
  timeoutMs: null,
  retries: 0,
  priority: 0,
  requirements: {},
  expectedDurationMs: null,
  deadlineMs: null,
  learningStyle: null,
};
const request = (id: string): RequestRecord => newRequest({ id, tenant: 't', pool: 'p', bodyHash: '', spec }, 0);
const assignment = (requestId: string): Assignment => ({
  attemptId: attemptId(requestId, 0, 1),
  requestId,
  index: 0,
  attempt: 1,
  resources,
  isOffered: true,
  placedAtMs: 1,
  startedAtMs: null,
  expectedEndAtMs: null,
  withdrawn: null,
});
const node: NodeRecord = {
  id: 'i-1',
  pool: 'p',
  launchId: 'l',
  specVersion: 1,
  templateVersion: '1',
  instanceType: 'm5.large',
  zone: 'us-east-1a',
  capacityType: 'on-demand',
  priceUsdPerHour: 0.1,
  allocatable: resources,
  tasksMax: 10,
  reserved: { instances: 1, vcpu: 2, memoryMib: 8192, usdPerHour: 0.1 },
  state: 'ready',
  createdAtMs: 0,
  readyAtMs: 1,
  bootId: 'b',
  seq: 1,
  lastSeenAtMs: nowMs,
  assigned: [assignment('r-a'), assignment('r-b')],
  emptySinceMs: null,
  drain: null,
  isLost: false,
  terminateAcceptedAtMs: null,
  missingSinceMs: null,
};

function seen(one: NodeRecord, stateReason: string | null): Observation {
  return {
    nowMs,
    isPoolDeleting: false,
    launches: [],
    memory: emptyMemory,
    offerings: [],
    suspects: new Set(['request r-b']),
    pool: {
      name: 'p',
      requirements: {},
      limits: {},
      tasksPerNode: 10,
      ordering: 'fifo',
      placement: 'least-cost',
      learningStyle: 'reactive',
      idleAfterMs: 1,
      priority: 0,
      accepts: ['task'],
      lossesMax: 3,
    },
    requests: ['r-a', 'r-b'].map((id) => ({ record: request(id), version: 1, chunks: [], isCollected: false })),
    nodes: [{ record: one, version: 1 }],
    listing: { atMs: nowMs, instances: new Map([['i-1', { id: 'i-1', state: 'terminated', stateReason }]]) },
  };
}

/** What the first change makes of the node, and of tasks by request all of them. */
function lost(observation: Observation): { first: NodeRecord | undefined; losses: Record<string, number> } {
  const copy = new WorkingCopy(observation);
  decideLosses(observation, copy, settings);
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
  const whole = lost(seen(node, stateReason));
  expect(whole.losses).toEqual({ 'r-a': counted, 'r-b': counted });
  // The second change was not written: the next decision goes on from the first.
  const { first } = whole;
  expect(first?.assigned.map((one) => one.requestId)).toEqual(['r-b']);
  if (!first) throw new Error('the node is lost with the first change');
  const rest = lost({ ...seen(first, stateReason), pool: { ...seen(first, stateReason).pool, lossesMax: 1 } });
  expect(rest.losses).toEqual({ 'r-b': counted });
  const copy = new WorkingCopy(seen(first, stateReason));
  decideLosses(
    { ...seen(first, stateReason), pool: { ...seen(first, stateReason).pool, lossesMax: 1 } },
    copy,
    settings,
  );
  expect(copy.task('r-b', 0)?.state).toBe('pending');
});
