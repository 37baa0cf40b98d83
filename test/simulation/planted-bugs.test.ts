// The checkers bite: every planted bug is noticed, by the invariant that it breaks, within a few seeds.
import { describe, expect, test } from '@jest/globals';
import { run } from '../../lib/simulator/run/run.ts';
import { launchesThatCross } from './given/crossing-launches.ts';
import { expiringNodes } from './given/expiring-nodes.ts';
import { fallingDemand } from './given/falling-demand.ts';
import { reservedMachines } from './given/reserved-machines.ts';
import { burstsOnWarmNodes } from './given/warm-nodes.ts';
import { tasksOfTwoPriorities } from './given/priorities.ts';
import { plantedBugs } from './planted-bugs.ts';
import { plantedCapacityBugs } from './given/planted-capacity-bugs.ts';
import { plantedClaimBugs } from './planted-claim-bugs.ts';
import { plantedCopyBugs } from './planted-copy-bugs.ts';
import { plantedProtocolBugs } from './planted-protocol-bugs.ts';
import { plantedServiceBugs } from './planted-service-bugs.ts';
import { sliceOf } from '../slice.ts';

const seedsMax = 400;

test('the launches that cross are no violation by themselves', async () => {
  for (const seed of [1, 2, 3]) {
    const { violation, counts } = await run({ seed, given: launchesThatCross(seed) });
    expect(violation).toBeNull();
    expect(counts.processes).toBe(40);
  }
});

test('the demand that falls is no violation by itself', async () => {
  for (const seed of [1, 2, 3]) {
    const { violation } = await run({ seed, given: fallingDemand(seed), allocation: 'engine' });
    expect(violation).toBeNull();
  }
});

test('nodes that expire together within budgets are no violation by themselves', async () => {
  for (const seed of [1, 2, 3]) {
    const { violation } = await run({ seed, given: expiringNodes(seed) });
    expect(violation).toBeNull();
  }
});

test('tasks that wait by priority are no violation by themselves', async () => {
  for (const seed of [1, 2, 3]) {
    const { violation } = await run({ seed, given: tasksOfTwoPriorities(seed), allocation: 'engine' });
    expect(violation).toBeNull();
  }
});

test('machines that fill a reservation are no violation by themselves', async () => {
  for (const seed of [1, 2, 3, 4]) {
    const { violation } = await run({ seed, given: reservedMachines(seed), claims: true });
    expect(violation).toBeNull();
  }
});

test('bursts on nodes that are stopped in between are no violation by themselves, and start them', async () => {
  for (const seed of [1, 2, 3]) {
    const started = new Set<string>();
    const { violation } = await run({
      ...{ seed, given: burstsOnWarmNodes(seed), allocation: 'engine' },
      onLine: ({ actor, text }) => void (text === 'machine is on again' && started.add(actor)),
    });
    expect(violation).toBeNull();
    expect(started.size).toBeGreaterThan(0);
  }
});

describe('planted bugs', () => {
  test.each(
    sliceOf(
      [
        ...[...plantedBugs, ...plantedClaimBugs, ...plantedProtocolBugs],
        ...[...plantedCopyBugs, ...plantedServiceBugs, ...plantedCapacityBugs],
      ],
      6,
    ).map((bug) => [bug.name, bug] as const),
  )('%s is noticed', async (name, bug) => {
    for (let seed = 1; seed <= seedsMax; seed += 1) {
      const { violation } = await run({
        seed,
        world: 'plain',
        claims: bug.isClaimed ?? false,
        services: bug.hasServices ?? false,
        styles: bug.hasStyles ?? false,
        tampering: bug.plant(),
        without: bug.without,
        rates: bug.rates,
        given: bug.given?.(seed),
        ...bug.run,
      });
      if (violation === null) continue;
      console.log(`${name}: noticed after ${String(seed)} seeds by invariant ${violation.invariant}`);
      expect({
        name,
        message: violation.message,
        isExpected: bug.invariants.includes(Number.parseInt(violation.invariant, 10)),
      }).toEqual({ name, message: violation.message, isExpected: true });
      return;
    }
    throw new Error(`${name} was not noticed in ${String(seedsMax)} seeds`);
  });
});
