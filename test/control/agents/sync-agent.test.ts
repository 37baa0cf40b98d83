// One sync against one document: what is written, whether a tick hears of it, and what the reply says.
import { describe, expect, test } from '@jest/globals';
import { hasAttempt, syncAgent } from '../../../lib/control/agents/sync-agent.ts';
import { readWake } from '../../../lib/control/coordination/wake.ts';
import { StaleSyncError } from '../../../lib/control/errors.ts';
import { keys } from '../../../lib/control/store/keys.ts';
import { put } from '../../../lib/control/store/store-retry.ts';
import { newWarm } from '../../../lib/core/records/node.ts';
import type { NodeRecord } from '../../../lib/core/records/node.ts';
import type { RequestRecord } from '../../../lib/core/records/request.ts';
import { agentProtocol } from '../../../lib/core/records/sync.ts';
import type { AttemptEnd, SyncRequest } from '../../../lib/core/records/sync.ts';
import { ConditionFailedError } from '../../../lib/ports/store.ts';
import { assignment, node, placedTask, pool, request } from '../../core/builders.ts';
import { storeWith } from '../store-with.ts';
import { BareWorld, settings as local } from '../bare-world.ts';

const settings = {
  ...local,
  syncSoonMs: 1,
  syncBusyMs: 20,
  syncIdleMs: 300,
  syncListeningBusyMs: 4_000,
  syncListeningIdleMs: 50_000,
};
const { lastSeenWriteMs } = settings.decisions;
const [one, two] = ['r-1.0.1', 'r-2.0.1'];

/** A node that was heard of now, with these of its parts otherwise; null: there is no document. */
async function given(more: Partial<NodeRecord> | null = {}, requests: readonly RequestRecord[] = []) {
  const world = new BareWorld();
  const lines: unknown[][] = [];
  const ports = { ...world.ports, log: { write: (...line: unknown[]) => void lines.push(line) } };
  const key = keys.node('p', 'i-1');
  // Its bell was looked for a moment ago, so that most syncs are not about it.
  const bell = { triedAtMs: world.nowMs, isThere: false };
  const before = node({ lastSeenAtMs: world.nowMs, emptySinceMs: null, bell, ...more });
  if (more !== null) await put(ports, { ...key, data: before }, 'absent');
  for (const row of requests) await put(ports, { ...keys.request(row.id), data: row }, 'absent');
  const stored = async () => (await ports.store.get<NodeRecord>(key))?.data;
  const isWoken = async () => (await readWake(ports, 'p')) !== null;
  const sync = async (own: Partial<SyncRequest> = {}, withPorts = ports) =>
    syncAgent(withPorts, settings, { nodeId: 'i-1', pool: 'p', bootId: 'b', seq: 2, onNode: [], ends: [], ...own });
  return { world, ports, lines, key, before, stored, isWoken, sync };
}

function placed(id: string, more: Partial<RequestRecord> = {}, spec: Partial<RequestRecord['spec']> = {}) {
  return request(id, spec, { tasks: [placedTask()], ...more });
}

function end(attemptId: string, more: Partial<AttemptEnd> = {}): AttemptEnd {
  return { attemptId, outcome: 'exited', exitCode: 0, message: null, startedAtMs: 5, endedAtMs: 9, ...more };
}

function running(attemptId: string, startedAtMs = 5): SyncRequest['onNode'][number] {
  return { attemptId, state: 'running', startedAtMs };
}

describe('a sync', () => {
  test('of a node that nobody knows yet keeps it as it is, and takes its ends', async () => {
    const { sync, world, isWoken } = await given(null);
    expect(await sync({ ends: [end(one)] })).toMatchObject({
      directive: 'ok',
      assigned: [],
      start: [],
      acknowledged: [one],
      nextSyncMs: 1,
    });
    expect([world.changes, await isWoken()]).toEqual([[], false]);
  });

  test.each([
    ['of an older start', { bootId: 'a', seq: 9 }],
    ['that comes again', { seq: 1 }],
    ['that comes late', { seq: 0 }],
  ])('%s is refused', async (_name, own) => {
    const { sync, stored, before } = await given();
    await expect(sync(own)).rejects.toThrow(StaleSyncError);
    expect(await stored()).toEqual(before);
  });

  test('has the protocol of its agent, which is written with the first sync that says it', async () => {
    const { sync, stored } = await given();
    await sync({});
    expect(await stored()).not.toHaveProperty('agentProtocol');
    await sync({ seq: 3, protocol: agentProtocol });
    expect((await stored())?.agentProtocol).toBe(agentProtocol);
    await sync({ seq: 4 });
    expect((await stored())?.agentProtocol).toBe(agentProtocol);
  });

  test('tells how the node started: each step is kept as it was told first, and written at once', async () => {
    const boot = { kernelAtMs: 1, userDataAtMs: 2, unpackedAtMs: 3, agentAtMs: 4 };
    const { sync, stored, world } = await given();
    expect(await sync({ boot })).toMatchObject({ protocol: agentProtocol });
    expect((await stored())?.boot).toEqual(boot);
    const written = world.changes.length;
    await sync({ seq: 3, boot });
    expect(world.changes).toHaveLength(written);
    // The agent was restarted, and knows of its own start only.
    await sync({ bootId: 'c', boot: { agentAtMs: 90, taskAtMs: 95 } });
    expect((await stored())?.boot).toEqual({ ...boot, taskAtMs: 95 });
    await sync({ bootId: 'c', seq: 3 });
    expect((await stored())?.boot).toEqual({ ...boot, taskAtMs: 95 });
  });

  test('of a newer start may begin to count anew', async () => {
    const { sync, stored } = await given({ seq: 7 });
    await sync({ bootId: 'c', seq: 1 });
    expect(await stored()).toMatchObject({ bootId: 'c', seq: 1 });
  });

  test('without news is written when the last one is old', async () => {
    const { sync, stored, before, world, isWoken } = await given();
    world.nowMs += lastSeenWriteMs - 1;
    await sync({ listens: true });
    expect(await stored()).toEqual(before);
    world.nowMs += 1;
    await sync({ seq: 3, listens: true });
    expect(await stored()).toEqual({ ...before, seq: 3, lastSeenAtMs: world.nowMs });
    expect(await isWoken()).toBe(false);
  });

  test('without news is written when the last one was by a clock that was ahead', async () => {
    const { sync, stored, before, world } = await given();
    world.nowMs -= lastSeenWriteMs - 1;
    await sync({ listens: true });
    expect(await stored()).toEqual(before);
    world.nowMs -= 1;
    await sync({ seq: 3, listens: true });
    expect(await stored()).toEqual({ ...before, seq: 3, lastSeenAtMs: world.nowMs });
  });

  test('that says that the node cannot work is written, with since when, and wakes; so is its end', async () => {
    const { sync, stored, world, isWoken } = await given();
    const sinceMs = world.nowMs;
    await sync({ listens: true, trouble: 'its disk is full' });
    expect(await stored()).toMatchObject({ trouble: { reason: 'its disk is full', sinceMs }, seq: 2 });
    expect(await isWoken()).toBe(true);
    world.nowMs += 1;
    await sync({ seq: 3, listens: true, trouble: 'its disk is full' });
    expect(await stored()).toMatchObject({ trouble: { sinceMs }, seq: 2 });
    await sync({ seq: 4, listens: true });
    expect(await stored()).not.toHaveProperty('trouble');
  });

  test('with attempts that could not be started has them counted until one is', async () => {
    const assigned = ['r-1', 'r-2'].map((id) => assignment(id));
    const { sync, stored } = await given({ assigned }, [placed('r-1'), placed('r-2')]);
    const failed = { outcome: 'error', message: 'no engine', startedAtMs: null, exitCode: null } as const;
    await sync({ ends: [end(assigned[0]?.attemptId ?? '', failed)], onNode: [] });
    expect((await stored())?.startFailures).toMatchObject({ count: 1, requests: ['r-1'], message: 'no engine' });
    const attemptId = assigned[1]?.attemptId ?? '';
    await sync({ seq: 3, onNode: [{ attemptId, state: 'running', startedAtMs: 5 }] });
    expect(await stored()).not.toHaveProperty('startFailures');
  });

  test('is written when the node was never heard of', async () => {
    const { sync, stored } = await given({ lastSeenAtMs: null });
    await sync();
    expect((await stored())?.seq).toBe(2);
  });

  test('looks again when a tick wrote the document meanwhile, and gives up after twenty times', async () => {
    const { sync, ports, key, stored } = await given({ state: 'launching' });
    let races = 1;
    let puts = 0;
    const raced = storeWith(ports.store, {
      put: async (write) => {
        if (write.item.sk === key.sk) puts += 1;
        if (write.item.sk === key.sk && races > 0) {
          races -= 1;
          throw new ConditionFailedError(key, null);
        }
        return ports.store.put(write);
      },
    });
    await sync({}, { ...ports, store: raced });
    expect([puts, (await stored())?.state]).toEqual([2, 'ready']);
    [races, puts] = [100, 0];
    await expect(sync({ bootId: 'c' }, { ...ports, store: raced })).rejects.toThrow(ConditionFailedError);
    expect(puts).toBe(20);
  });

  test('fails when the store does', async () => {
    const { sync, ports } = await given({ state: 'launching' });
    const store = storeWith(ports.store, { put: () => Promise.reject(new TypeError('broken')) });
    await expect(sync({}, { ...ports, store })).rejects.toThrow('broken');
  });
});

describe('what a tick hears of', () => {
  test.each([
    ['the first sync of a node', { state: 'launching', readyAtMs: null }, {}, true],
    ['an interruption', {}, { interruptionAtMs: 7 }, true],
    ['an interruption of what is leaving', { state: 'draining' }, { interruptionAtMs: 7 }, false],
    ['an end', { assigned: [assignment('r-1')] }, { ends: [end(one)] }, true],
    ['a start', { assigned: [assignment('r-1')] }, { onNode: [running(one)] }, false],
    ['a replica’s start', { assigned: [assignment('r-1', { isServing: true })] }, { onNode: [running(one)] }, true],
    [
      'a replica that runs on',
      { assigned: [assignment('r-1', { isServing: true, startedAtMs: 5 })] },
      { onNode: [running(one)] },
      false,
    ],
    [
      'a replica’s health',
      { assigned: [assignment('r-1', { isServing: true, startedAtMs: 5 })] },
      { onNode: [{ ...running(one), health: { isHealthy: true } }] },
      true,
    ],
    ['a new address', {}, { address: '10.0.0.7' }, false],
  ] as const)('%s', async (_name, more, own, wanted) => {
    const { sync, isWoken } = await given(more, [placed('r-1')]);
    await sync(own);
    expect(await isWoken()).toBe(wanted);
  });
});

describe('the document', () => {
  test('of a new node says that it is ready, and empty where it is', async () => {
    const { sync, stored, world } = await given({ state: 'launching', readyAtMs: null });
    await sync();
    expect(await stored()).toMatchObject({ state: 'ready', readyAtMs: world.nowMs, emptySinceMs: world.nowMs });
    const busy = await given({ state: 'launching', readyAtMs: null, assigned: [assignment('r-1')] }, [placed('r-1')]);
    await busy.sync();
    expect(await busy.stored()).toMatchObject({ state: 'ready', emptySinceMs: null });
  });

  test('says when EC2 takes the node', async () => {
    const { sync, stored, world } = await given();
    expect(await sync({ interruptionAtMs: 7 })).toMatchObject({ directive: 'drain' });
    expect(await stored()).toMatchObject({
      state: 'draining',
      drain: { by: 'interruption', reason: 'spot interruption', atMs: world.nowMs, deadlineMs: 7 },
    });
  });

  test('has the node’s address, written when it changes', async () => {
    const { sync, stored } = await given({ address: 'a' });
    await sync({ address: 'a' });
    expect((await stored())?.seq).toBe(1);
    await sync({ address: 'b' });
    expect(await stored()).toMatchObject({ seq: 2, address: 'b' });
    await sync({ seq: 3, bootId: 'c' });
    expect(await stored()).toMatchObject({ seq: 3, address: 'b' });
  });

  test.each([
    ['when it started', {}, running(one, 8), { startedAtMs: 8 }],
    [
      'the image that it runs',
      { note: 'pulls' },
      { ...running(one), imageDigest: 'sha256:0d' },
      { note: 'runs the image sha256:0d' },
    ],
    [
      'a note on its start',
      {},
      { attemptId: one, state: 'queued', startedAtMs: null, note: 'pulls' },
      { note: 'pulls' },
    ],
    [
      'where it serves',
      { startedAtMs: 5 },
      { ...running(one), ports: [{ name: 'http', port: 80 }] },
      { ports: [{ name: 'http', port: 80 }] },
    ],
    [
      'its health, with the time',
      { startedAtMs: 5 },
      { ...running(one), health: { isHealthy: false, message: 'x'.repeat(300) } },
      { health: { isHealthy: false, message: expect.stringMatching(/^x{100,199}…?$/), atMs: 1_800_000_000_000 } },
    ],
    ['that it was offered', { isOffered: false }, running(one), { isOffered: true }],
    [
      'not the offer of what is withdrawn',
      { isOffered: false, withdrawn: { reason: 'r', atSeq: 9, atBootId: 'b' } },
      running(one),
      { isOffered: false },
    ],
  ] as const)('says of an attempt %s', async (_name, more, reported, wanted) => {
    const assigned = [assignment('r-1', more)];
    const { sync, stored } = await given({ assigned }, [placed('r-1')]);
    await sync({ onNode: [reported] });
    expect(await stored()).toMatchObject({ seq: 2, assigned: [wanted] });
  });

  test.each([
    ['a start that is known', { startedAtMs: 5 }, running(one)],
    ['a note that is known', { note: 'pulls' }, { attemptId: one, state: 'queued', startedAtMs: null, note: 'pulls' }],
    ['no note any more', { note: 'pulls', startedAtMs: 5 }, running(one)],
    [
      'the same ports',
      { startedAtMs: 5, ports: [{ name: 'a', port: 1 }] },
      { ...running(one), ports: [{ name: 'a', port: 1 }] },
    ],
    ['no ports', { startedAtMs: 5, ports: [{ name: 'a', port: 1 }] }, running(one)],
    [
      'the same verdict in other words',
      { startedAtMs: 5, health: { isHealthy: true, atMs: 3 } },
      { ...running(one), health: { isHealthy: true, message: 'well' } },
    ],
    ['no verdict', { startedAtMs: 5, health: { isHealthy: true, atMs: 3 } }, running(one)],
  ] as const)('is not written for %s', async (_name, more, reported) => {
    const { sync, stored, before } = await given({ assigned: [assignment('r-1', more)] });
    await sync({ onNode: [reported] });
    expect(await stored()).toEqual(before);
  });

  test('loses what ended, and names it until a tick has collected it', async () => {
    const assigned = [assignment('r-1'), assignment('r-2', { startedAtMs: 5 })];
    const { sync, stored } = await given({ assigned, ended: ['r-0'] }, [placed('r-1'), placed('r-2')]);
    expect(await sync({ ends: [end(one)], onNode: [running(two)] })).toMatchObject({
      acknowledged: [one],
      assigned: [two],
      start: [],
      nextSyncMs: 1,
    });
    expect(await stored()).toMatchObject({ assigned: [{ attemptId: two }], ended: ['r-0', 'r-1'] });
  });
});

describe('the bell', () => {
  const opening = (address: () => Promise<string | null>) => ({ ...new BareWorld().ports.bells, open: address });

  test('is opened at a sync that is not the first, and the reply says where', async () => {
    const { sync, ports, stored, world } = await given({ bell: undefined } as unknown as Partial<NodeRecord>);
    const bells = opening(async () => 'https://bell');
    expect(await sync({}, { ...ports, bells })).toMatchObject({ bell: 'https://bell' });
    expect((await stored())?.bell).toEqual({ triedAtMs: world.nowMs, isThere: true });
  });

  test('is missed by the log where none can be made, and tried again later', async () => {
    const { sync, ports, stored, world, lines } = await given({ bell: undefined } as unknown as Partial<NodeRecord>);
    const bells = opening(() => Promise.reject(new Error('SQS is away')));
    expect('bell' in (await sync({}, { ...ports, bells }))).toBe(false);
    expect((await stored())?.bell).toEqual({ triedAtMs: world.nowMs, isThere: false });
    expect(lines).toEqual([
      [
        'warn',
        'a node has no bell; its agent calls at its own pace, and the bell is tried again',
        { node: 'i-1', error: new Error('SQS is away') },
      ],
    ]);
  });

  test.each([
    ['after a time', {}, {}, lastSeenWriteMs, true],
    ['not before', {}, {}, lastSeenWriteMs - 1, false],
    ['after a restart of the agent', {}, { bootId: 'c' }, 0, true],
    ['not while the agent listens', {}, { listens: true }, lastSeenWriteMs, false],
    ['not on a node that is leaving', { state: 'draining' }, {}, lastSeenWriteMs, false],
    ['not on a node that is lost', { isLost: true }, {}, lastSeenWriteMs, false],
    ['not at the first sync', { state: 'launching' }, {}, lastSeenWriteMs, false],
  ] as const)('is opened again %s', async (_name, more, own, laterMs, wanted) => {
    const { sync, ports, world } = await given(more);
    world.nowMs += laterMs;
    let opened = 0;
    const bells = opening(async () => `https://bell/${String((opened += 1))}`);
    await sync(own, { ...ports, bells });
    expect(opened === 1).toBe(wanted);
  });

  test('leaves no trace where there are none', async () => {
    const { sync, stored, before, world } = await given();
    world.nowMs += lastSeenWriteMs;
    expect('bell' in (await sync())).toBe(false);
    expect((await stored())?.bell).toEqual(before.bell);
  });
});

describe('the reply', () => {
  test('says what to start, in the order of the document, and what to hold', async () => {
    const assigned = [assignment('r-2'), assignment('r-1')];
    const { sync, stored } = await given({ assigned }, [placed('r-1'), placed('r-2')]);
    const reply = await sync();
    expect(reply).toMatchObject({
      directive: 'ok',
      assigned: [two, one],
      start: [
        { attemptId: two, requestId: 'r-2', index: 0, count: 1, attempt: 1, outputUrl: `/output/${two}` },
        { attemptId: one },
      ],
      acknowledged: [],
      fenceMs: settings.decisions.fenceMs,
      killGraceMs: settings.decisions.killGraceMs,
      nextSyncMs: 20,
    });
    // Known with its seq, though nothing else has changed.
    expect((await stored())?.seq).toBe(2);
  });

  test('says all that an attempt needs, and no more', async () => {
    const spec = {
      name: 'n',
      disruption: { mode: 'checkpoint', graceMs: 7 },
      role: 'r',
      inputs: [],
      artifacts: [],
      output: { keepMib: 3 },
      ports: [{ name: 'http', port: 80 }],
      health: {},
      secrets: [{ name: 's', as: 'S', arn: 'a' }],
    } as unknown as Partial<RequestRecord['spec']>;
    const { sync } = await given({ assigned: [assignment('r-1'), assignment('r-2')] }, [
      placed('r-1', {}, spec),
      placed('r-2'),
    ]);
    const { start } = await sync();
    expect(start[0]).toMatchObject({
      name: 'n',
      graceMs: 7,
      checkpoint: { signal: 'TERM' },
      hasRole: true,
      hasInputs: true,
      artifacts: [],
      keepOutputMib: 3,
      ports: spec.ports,
      health: {},
      secrets: [{ name: 's', as: 'S' }],
    });
    expect(start[0]?.secrets?.[0]).not.toHaveProperty('arn');
    expect(Object.keys(start[1] ?? {}).sort()).toEqual(
      [
        ...['attempt', 'attemptId', 'count', 'env', 'index', 'outputUrl', 'requestId', 'resources', 'run', 'tenant'],
        'timeoutMs',
      ].sort(),
    );
  });

  test.each([
    ['of any tenant', { nodesServe: 'any-tenant' as const }, undefined],
    ['of one tenant', {}, 'shop'],
  ])('says whose an attempt is where nodes serve tasks %s', async (_name, spec, tenant) => {
    const { sync, ports } = await given({ assigned: [assignment('r-1')] }, [placed('r-1', { tenant: 'shop' })]);
    await put(ports, { ...keys.pool('p'), data: { spec: pool({ name: 'p', ...spec }) } }, 'absent');
    expect((await sync()).start[0]?.tenant).toBe(tenant);
  });

  test.each([
    ['withdrawn', { withdrawn: { reason: 'r', atSeq: 2, atBootId: 'b' } }],
    ['without its volumes', { mounts: { requests: ['v'], areAttached: false } }],
  ])('leaves out what is %s, and the document is not written for it', async (_name, more) => {
    const { sync, stored, before } = await given({ assigned: [assignment('r-1', { isOffered: false, ...more })] });
    expect(await sync()).toMatchObject({ assigned: [], start: [], nextSyncMs: 300 });
    expect(await stored()).toEqual(before);
  });

  test('says where the volumes of an attempt shall be, though they are gone', async () => {
    const mounts = [
      { request: 'v-1', path: null },
      { request: 'v-2', path: 'data' },
    ];
    const assigned = [assignment('r-1', { mounts: { requests: ['v-1', 'v-2'], areAttached: true } })];
    const { sync } = await given({ assigned }, [placed('r-1', {}, { mounts })]);
    expect((await sync()).start[0]?.mounts).toEqual([
      { volumeId: 'vol-00000000', device: '', path: 'mnt/0' },
      { volumeId: 'vol-00000000', device: '', path: 'data' },
    ]);
  });

  test('starts nothing of a request that has ended, or is gone', async () => {
    const { sync } = await given({ assigned: [assignment('r-1'), assignment('r-2')] }, [
      placed('r-1', { state: 'succeeded' }),
    ]);
    expect(await sync()).toMatchObject({ assigned: [one, two], start: [] });
  });

  test('starts later what has no address for its output now', async () => {
    const { sync, ports, lines } = await given({ assigned: [assignment('r-1'), assignment('r-2')] }, [
      placed('r-1'),
      placed('r-2'),
    ]);
    const uploadUrl = (id: string) => (id === one ? Promise.reject(new Error('S3 is away')) : Promise.resolve('/u'));
    const { start } = await sync({}, { ...ports, outputs: { ...ports.outputs, uploadUrl } });
    expect(start.map((attempt) => attempt.attemptId)).toEqual([two]);
    expect(lines).toEqual([
      [
        'error',
        'no address for the output of an attempt; it starts with a later sync',
        { attemptId: one, error: new Error('S3 is away') },
      ],
    ]);
  });

  test('that would be too large is cut, and the agent calls again at once', async () => {
    const ids = Array.from({ length: 120 }, (_, n) => `r-${String(n)}`);
    const env = { LONG: 'x'.repeat(100_000) };
    const { sync } = await given(
      { assigned: ids.map((id) => assignment(id)) },
      ids.map((id) => placed(id, {}, { env })),
    );
    const { start, assigned, nextSyncMs } = await sync();
    expect(assigned.length).toBe(120);
    expect(start.length).toBeGreaterThan(0);
    expect(start.length).toBeLessThan(120);
    expect(nextSyncMs).toBe(0);
    const rest = await sync({ seq: 3, onNode: start.map((attempt) => running(attempt.attemptId)) });
    expect(rest.start[0]?.attemptId).toBe(assigned[start.length]);
  });

  test('has every attempt of a long list', async () => {
    const ids = Array.from({ length: 150 }, (_, n) => `r-${String(n)}`);
    const { sync } = await given(
      { assigned: ids.map((id) => assignment(id)) },
      ids.map((id) => placed(id)),
    );
    const { start, nextSyncMs } = await sync();
    expect(start.map((attempt) => attempt.requestId)).toEqual(ids);
    expect(nextSyncMs).toBe(20);
  });

  test.each([
    ['ok', {}],
    ['drain', { state: 'draining' }],
    ['leave', { state: 'terminating' }],
    ['leave', { isLost: true }],
  ] as const)('says %s', async (directive, more) => {
    const { sync } = await given({ ...more, assigned: [assignment('r-1')] }, [placed('r-1')]);
    const reply = await sync();
    expect(reply.directive).toBe(directive);
    expect(reply.assigned).toEqual(directive === 'leave' ? [] : [one]);
  });

  test.each([
    ['a busy node', { assigned: [assignment('r-1')] }, {}, 20],
    ['an idle one', {}, {}, 300],
    ['one that has something to tell', {}, { ends: [end(one)] }, 1],
    ['one that has just come', { readyAtMs: 1_800_000_000_000 - 299 }, {}, 1],
    ['one that came a while ago', { readyAtMs: 1_800_000_000_000 - 300 }, {}, 300],
    ['a busy one that has just come', { readyAtMs: 1_800_000_000_000, assigned: [assignment('r-1')] }, {}, 20],
    ['a busy one that listens', { assigned: [assignment('r-1')] }, { listens: true }, 4_000],
    ['an idle one that listens', {}, { listens: true }, 50_000],
  ] as const)('says when %s calls next', async (_name, more, own, wanted) => {
    const { sync } = await given(more, [placed('r-1')]);
    expect((await sync(own as Partial<SyncRequest>)).nextSyncMs).toBe(wanted);
  });

  test('spreads the calls by a quarter', async () => {
    const { sync, ports } = await given();
    const next = async (value: number) =>
      (await sync({}, { ...ports, random: { ...ports.random, next: () => value } })).nextSyncMs;
    expect([await next(0), await next(1)]).toEqual([225, 375]);
  });
});

describe('an attempt', () => {
  test('is a node’s while its document has it', async () => {
    const { ports } = await given({ assigned: [assignment('r-1'), assignment('r-3')] }, [placed('r-1'), placed('r-2')]);
    const isOf = async (nodeId: string, id: string) => hasAttempt(ports, nodeId, id);
    expect(await isOf('i-1', one)).toBe(true);
    expect(await isOf('i-2', one)).toBe(false);
    expect(await isOf('i-1', two)).toBe(false);
    expect(await isOf('i-1', 'r-1.0.2')).toBe(false);
    expect(await isOf('i-1', 'r-9.0.1')).toBe(false);
    expect(await isOf('i-1', 'nonsense')).toBe(false);
  });
});

describe('a sync of a warm node', () => {
  const off = (state: 'stopping' | 'stopped' | 'starting'): Partial<NodeRecord> => ({
    ...{ state, lastSeenAtMs: null, readyAtMs: 1, warm: { ...newWarm(0, 0.1), askedAtMs: 5 } },
  });

  test('that starts makes it ready, by a new start of its agent alone', async () => {
    const { sync, stored, before, isWoken, world } = await given(off('starting'));
    await expect(sync({ seq: 9 })).rejects.toThrow(StaleSyncError);
    await expect(sync({ bootId: 'a', seq: 9 })).rejects.toThrow(StaleSyncError);
    expect(await stored()).toEqual(before);
    await sync({ bootId: 'c', seq: 1 });
    expect(await stored()).toMatchObject({
      ...{ state: 'ready', bootId: 'c', readyAtMs: 1, emptySinceMs: world.nowMs, lastSeenAtMs: world.nowMs },
      warm: { lastStart: { readyAtMs: world.nowMs, tookMs: world.nowMs - 5 } },
    });
    expect(await isWoken()).toBe(true);
  });

  test('that is stopped says nothing that is written, whoever started it', async () => {
    const { sync, stored, before, isWoken } = await given(off('stopped'));
    await expect(sync({ seq: 9 })).rejects.toThrow(StaleSyncError);
    expect(await sync({ bootId: 'c', seq: 1 })).toMatchObject({ directive: 'ok', assigned: [], start: [] });
    expect([await stored(), await isWoken()]).toEqual([before, false]);
  });

  test('that stops is heard, and stays what it is', async () => {
    const { sync, stored } = await given(off('stopping'));
    expect(await sync({ seq: 9 })).toMatchObject({ assigned: [], start: [] });
    expect(await stored()).toMatchObject({ state: 'stopping', seq: 9 });
  });
});
