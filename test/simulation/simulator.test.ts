// The simulator itself: one seed is one run, byte for byte; failures can be shrunk and replayed.
import { describe, expect, test } from '@jest/globals';
import { noFaults } from '../../lib/simulator/faults/faults.ts';
import { Kernel } from '../../lib/simulator/kernel.ts';
import { Stream } from '../../lib/simulator/random.ts';
import { failureReport, replayCommand } from '../../lib/simulator/program/report.ts';
import { run } from '../../lib/simulator/run/run.ts';
import type { RunOptions } from '../../lib/simulator/run/types.ts';
import { shrink } from '../../lib/simulator/program/shrink.ts';
import { formatLine } from '../../lib/simulator/trace.ts';
import type { NodeLaunch } from '../../lib/core/records/launch.ts';
import type { PoolLimits } from '../../lib/core/records/pool.ts';
import { maxDrainMsDefault } from '../../lib/core/records/pool.ts';
import type { Replica } from '../../lib/core/services/record.ts';
import { newLedger } from '../../lib/simulator/applications/clients.ts';
import { waitsForRoom } from '../../lib/simulator/run/end-of-services.ts';
import { Truth } from '../../lib/simulator/truth.ts';
import { assignment, launch, node, pool, request } from '../core/builders.ts';
import { plantedBugs } from './planted-bugs.ts';

async function fullTrace(options: RunOptions): Promise<{ readonly lines: string[]; readonly hash: string }> {
  const lines: string[] = [];
  const { hash } = await run({ ...options, onLine: (line) => lines.push(formatLine(line)) });
  return { lines, hash };
}

describe('a seed', () => {
  test.each([2, 3, 4])('%i gives the same run twice, line by line', async (seed) => {
    const first = await fullTrace({ seed, world: 'plain' });
    const second = await fullTrace({ seed, world: 'plain' });
    expect(first.lines.length).toBeGreaterThan(100);
    expect(second.lines).toEqual(first.lines);
    expect(second.hash).toBe(first.hash);
  });

  test('differs from the next one', async () => {
    expect((await run({ seed: 2, world: 'plain' })).hash).not.toBe((await run({ seed: 3, world: 'plain' })).hash);
  });
});

describe('a large run', () => {
  test('has 300 tasks, 20 nodes and two hours', async () => {
    const seed = 8;
    // What takes room away: the run is to be large.
    const without = ['deploy', 'quota', 'limitChange', 'operatorOrder'] as const;
    const { counts, violation } = await run({ seed, world: 'plain', size: 'large', without });
    expect(violation).toBeNull();
    expect(counts.tasks).toBeGreaterThanOrEqual(300);
    expect(counts.instancesAtOnce).toBeGreaterThanOrEqual(20);
    expect(counts.simulatedMs).toBeGreaterThanOrEqual(2 * 3_600_000);
  });
});

// Seed 6006481: the pool was deleted, and declared again just as the end lowered its warm pool; the earlier word won.
test('the end of a run takes the warm pools back only after the operator has said all', async () => {
  const { violation, counts } = await run({ seed: 6_006_481, world: 'plain' });
  expect(violation).toBeNull();
  expect(counts.faults.poolDeletion).toBeGreaterThan(0);
});

describe('a service at the end of a run waits for room', () => {
  const replica = (slot: number, revision: number, stop: Replica['stop'] = null): Replica => ({
    ...{ request: `r${String(slot)}`, slot, revision, crashes: 0, stop },
  });
  const stopping = { atMs: 0, cancelAtMs: 1, reason: '' };
  const full = { instances: 1, vcpu: 2, memoryMib: 4096, usdPerHour: 0.1 };
  const carrier = node({ state: 'ready', tasksMax: 1, reserved: full, assigned: [assignment('r0')] });
  const waits = ({
    limits = { instances: 1 } as PoolLimits,
    nodes = [carrier],
    launches = [] as NodeLaunch[],
    running = [replica(0, 1), replica(1, 2)],
  }): boolean => {
    const truth = new Truth(newLedger(), () => 0);
    truth.pools.set('p', { spec: pool({ limits, tasksPerNode: 1 }), specVersion: 1 });
    for (const one of nodes) truth.nodes.set(one.id, one);
    for (const one of launches) truth.launches.set(one.id, one);
    truth.requests.set('r0', request('r0', { service: { name: 'web', slot: 0, revision: 1 } }));
    const template = request('r', { resources: { cpuMilli: 100, memoryMib: 64, gpu: 0 } }).spec;
    const revisions = [1, 2].map((number) => ({ number, template, createdAtMs: 0 }));
    return waitsForRoom(truth, { pool: 'p', revision: 2, revisions, running });
  };

  test('where its pool is full', () => expect(waits({})).toBe(true));
  // Seed 828277955, with services.
  test('where the one node is for one task alone', () =>
    expect(waits({ nodes: [{ ...carrier, tasksMax: 2, assigned: [assignment('r0', { isAlone: true })] }] })).toBe(
      true,
    ));
  // Seed 10000653.
  test('where a node drains until its replica has a successor', () => {
    const expired = { by: 'expiry' as const, reason: '', atMs: 0, deadlineMs: null };
    const draining = { ...carrier, state: 'draining' as const, drain: expired };
    expect(waits({ nodes: [draining] })).toBe(true);
    const other = { ...draining, assigned: [assignment('r0'), assignment('a task that ends')] };
    expect(waits({ nodes: [other] })).toBe(false);
    expect(waits({ nodes: [{ ...draining, drain: { ...expired, atMs: -maxDrainMsDefault } }] })).toBe(false);
  });
  test.each([
    ['another node is within the limits', { limits: { instances: 2 } }],
    ['its pool has no limits', { limits: {} }],
    ['a node has room', { nodes: [{ ...carrier, tasksMax: 2 }] }],
    ['a node goes', { nodes: [{ ...carrier, state: 'draining' as const }] }],
    ['a node is on its way', { limits: { instances: 2 }, launches: [launch('l2', { reserved: full })] }],
    ['one of its replicas is being stopped', { running: [replica(0, 1, stopping), replica(1, 2)] }],
    ['none of the present template waits', { running: [replica(0, 2)] }],
  ])('not where %s', (_what, given) => expect(waits(given)).toBe(false));
});

describe('a failure', () => {
  const bug = plantedBugs.find((one) => one.name === 'forget the limits');
  const options: RunOptions = { seed: 2, world: 'plain', tampering: bug?.plant() };

  test('tells how to replay it, what fell and the story', async () => {
    const report = failureReport(options, await run(options));
    expect(report).toContain('npm run simulate:faults -- --seed 2 --world plain');
    expect(report).toContain('violates invariant 3');
    expect(report).toMatch(/The story of l-\w+/);
  });

  test('is shrunk to fewer requests and fewer kinds of fault that still fail alike', async () => {
    const failed = await run(options);
    const { options: small, result } = await shrink(options, failed, () => undefined, 80);
    expect(result.violation?.invariant).toBe(failed.violation?.invariant);
    expect((small.leftOut?.size ?? 0) + (small.without?.length ?? 0)).toBeGreaterThan(0);
    expect((await run(small)).hash).toBe(result.hash);
    expect(replayCommand(small)).toMatch(/--leave-out|--without/);
  });
});

describe('the kernel', () => {
  test('settles every promise between two events', async () => {
    const kernel = new Kernel();
    const seen: string[] = [];
    kernel.after(10, () => {
      void (async () => {
        for (let i = 0; i < 50; i += 1) await Promise.resolve();
        seen.push(`settled at ${String(kernel.nowMs)}`);
      })();
    });
    kernel.after(10, () => seen.push('next event'));
    await kernel.run(20, () => undefined);
    expect(seen).toEqual(['settled at 10', 'next event']);
    expect(kernel.nowMs).toBe(20);
  });

  test('ends a run in which time stands still', async () => {
    const kernel = new Kernel();
    const again = (): void => void kernel.after(0, again);
    again();
    await expect(kernel.run(10, () => undefined)).rejects.toThrow('time stands still');
  });

  test('has streams that do not depend on each other', () => {
    const draw = (name: string): number => new Stream(1, name).next();
    expect(draw('a')).not.toBe(draw('b'));
    expect(draw('a')).toBe(draw('a'));
    expect(Object.values(noFaults).every((rate) => rate === 0)).toBe(true);
  });
});
