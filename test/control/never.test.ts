// What a pool can never run is refused at the door with the nearest possible; what it can no longer run says so.
import { describe, expect, test } from '@jest/globals';
import type { PoolSpec } from '../../lib/core/records/pool.ts';
import type { TaskSpec } from '../../lib/core/records/request.ts';
import { poolSpec, submission, World } from './world.ts';

const one = { instanceType: ['c7i.large'], zone: ['us-east-1a', 'us-east-1b'], capacityType: ['on-demand'] };
const cpu = (vcpu: number): Partial<TaskSpec> => ({ resources: { cpuMilli: vcpu * 1000, memoryMib: 512, gpu: 0 } });

async function refusal(pool: Partial<PoolSpec>, spec: Partial<TaskSpec>): Promise<string> {
  const world = new World();
  await world.control.putPool({ ...poolSpec, name: 'batch', ...pool });
  try {
    await world.control.submit(submission(spec));
    return 'accepted';
  } catch (error) {
    expect(error).toMatchObject({ code: 'unsatisfiable' });
    return (error as Error).message;
  }
}

test('what names something that is gone is answered where it repeats what was accepted, also in a batch', async () => {
  const world = new World();
  await world.control.putPool({ ...poolSpec, name: 'batch' });
  const asked = { ...submission({}), idempotencyKey: 'k' };
  const { request } = await world.control.submit(asked);
  const missing = new Error('its upload is gone');
  const again = { request: { id: request.id }, isRepeat: true };
  expect(await world.control.submit({ ...asked, missing })).toMatchObject(again);
  const others = [
    { ...asked, idempotencyKey: 'other', missing },
    { ...asked, missing },
  ];
  expect(await world.control.submitBatch(others)).toMatchObject([missing, again]);
  await expect(world.control.submit({ ...asked, idempotencyKey: null, missing })).rejects.toBe(missing);
});

describe('refused at the door', () => {
  const cases: [string, Partial<PoolSpec>, Partial<TaskSpec>, RegExp][] = [
    [
      'more vCPU than maxNodeVcpu leaves',
      {},
      cpu(16),
      /the largest node that it may buy for it has 8 vCPU \(maxNodeVcpu 8\); ask for at most 8, or raise maxNodeVcpu to 16 \(/,
    ],
    [
      'more memory than any node',
      {},
      { resources: { cpuMilli: 100, memoryMib: 10_000_000, gpu: 0 } },
      /the most memory of a node .* ask for at most \d+/,
    ],
    [
      'GPUs where there are none',
      {},
      { resources: { cpuMilli: 100, memoryMib: 100, gpu: 1 } },
      /no node that it may buy for it has a GPU/,
    ],
    [
      'sizes that no node has together',
      { requirements: { instanceFamily: ['c7i', 'r7i'] } },
      { resources: { cpuMilli: 7_000, memoryMib: 70_000, gpu: 0 } },
      /the most memory|together; the nearest is r7i\.2xlarge/,
    ],
    [
      'a zone that the pool has not',
      {},
      { requirements: { zone: ['us-east-1f'] } },
      /nothing that it may buy meets requirements\.zone \["us-east-1f"\]; it has us-east-1a, us-east-1b/,
    ],
    [
      'requirements that exclude each other',
      {},
      { requirements: { instanceFamily: ['c7i'], instanceCategory: ['m'] } },
      /at once; without requirements\.instanceCategory, c7i\.\S+ \(.*\) would do/,
    ],
    [
      'a budget below the cheapest node',
      { limits: { usdPerHour: 0.05 }, requirements: one },
      cpu(1),
      /the cheapest node that carries it costs \$0\.0893\/h \(c7i\.large on-demand\), limits\.usdPerHour is 0\.05; raise it to at least 0\.0893/,
    ],
    ['no instances', { limits: { instances: 0 } }, cpu(1), /limits\.instances is 0, and it needs a node/],
    [
      'vCPU below the smallest node',
      { limits: { vcpu: 1 }, requirements: one },
      cpu(1),
      /the smallest node that carries it has 2 vCPU \(c7i\.large\), limits\.vcpu is 1/,
    ],
    [
      'memory below the smallest node',
      { limits: { memoryMib: 1_000 }, requirements: one },
      cpu(1),
      /has 4096 MiB \(c7i\.large\), limits\.memoryMib is 1000/,
    ],
    ['an array of such', { limits: { vcpu: 1 }, requirements: one }, { ...cpu(1), count: 10 }, /limits\.vcpu is 1/],
    [
      'a zone for each, and too few zones',
      {},
      { count: 3, group: 'db', antiAffinity: [{ topology: 'zone', group: 'db' }] },
      /there are 2 zones for them \(us-east-1a, us-east-1b\); ask for a count of at most 2/,
    ],
    [
      'a gang larger than the limits',
      { limits: { instances: 2 }, tasksPerNode: 4 },
      { count: 9, gang: true },
      /all 9 tasks of the gang at once need at least 3 nodes, limits\.instances is 2; ask for a count of at most 8, or raise it to at least 3/,
    ],
    [
      'a gang that must be apart',
      { limits: { instances: 2 } },
      { count: 3, gang: true, group: 'g', antiAffinity: [{ topology: 'node', group: 'g' }] },
      /need at least 3 nodes, limits\.instances is 2; ask for a count of at most 2/,
    ],
    [
      'a gang dearer than the budget',
      { limits: { usdPerHour: 0.1 }, requirements: one },
      { ...cpu(1.5), count: 3, gang: true },
      /need at least 0\.267\d USD\/h, limits\.usdPerHour is 0\.1; ask for a count of at most 1/,
    ],
    [
      'a gang for one node',
      {},
      { ...cpu(2), count: 8, gang: true, group: 'g', affinity: [{ topology: 'node', group: 'g' }] },
      /want one node, and the largest carries 4/,
    ],
    [
      'with and apart from the same',
      {},
      { group: 'a', affinity: [{ topology: 'node', group: 'b' }], antiAffinity: [{ topology: 'zone', group: 'b' }] },
      /affinity wants the node of group b, and antiAffinity another zone/,
    ],
  ];
  test.each(cases)('%s', async (_name, pool, spec, message) => {
    expect(await refusal(pool, spec)).toMatch(message);
  });

  test('as one of a batch', async () => {
    const world = new World();
    await world.control.putPool({ ...poolSpec, limits: { instances: 0 } });
    const [result] = await world.control.submitBatch([submission(), submission()]);
    expect(result).toMatchObject({ code: 'unsatisfiable' });
  });
});

describe('accepted, with what slightly less would cost', () => {
  const submitted = async (cpuMilli: number, memoryMib: number, pool: Partial<PoolSpec> = {}) => {
    const world = new World();
    await world.control.putPool({ ...poolSpec, ...pool });
    const one = submission({ resources: { cpuMilli, memoryMib, gpu: 0 } }, 'key-1');
    return [await world.control.submit(one), await world.control.submit(one)] as const;
  };

  test('where memory is just over what a node of the pool leaves; not again for a repeat', async () => {
    const pool = { requirements: { instanceType: ['c7i.large', 'm7i.large', 'r7i.large'] } };
    const [first, again] = await submitted(2_000, 8_192, pool);
    expect(first.advice).toMatch(/^With at most 2 vCPU and 6903 MiB it would fit m7i\.large and by itself cost /);
    expect([again.isRepeat, again.advice]).toEqual([true, undefined]);
  });

  test('and without where it fits, or where the pool has nothing cheaper', async () => {
    expect((await submitted(2_000, 1_024))[0].advice).toBeUndefined();
    const large = { requirements: { instanceType: ['r7i.large'] } };
    expect((await submitted(2_000, 8_192, large))[0].advice).toBeUndefined();
  });
});

describe('accepted', () => {
  test.each<[string, Partial<PoolSpec>, Partial<TaskSpec>]>([
    [
      'exactly at the limits',
      { limits: { instances: 1, vcpu: 2, memoryMib: 4096, usdPerHour: 0.09 }, requirements: one },
      cpu(1.5),
    ],
    ['a gang exactly at the limits', { limits: { instances: 2 }, tasksPerNode: 4 }, { count: 8, gang: true }],
    [
      'an array that runs in turns',
      { limits: { instances: 1 } },
      { count: 50, group: 'x', antiAffinity: [{ topology: 'node', group: 'x' }] },
    ],
    [
      'a wish for what is not sold',
      {},
      { preferences: [{ requirements: { arch: ['riscv'] }, maxExtraUsdPerHour: 1 }] },
    ],
    ['a follower of a group that is not there yet', {}, { affinity: [{ topology: 'zone', group: 'later' }] }],
    [
      'one task apart from its own group in one zone',
      { requirements: { zone: ['us-east-1a'] } },
      { group: 'db', antiAffinity: [{ topology: 'zone', group: 'db' }] },
    ],
  ])('%s', async (_name, pool, spec) => {
    expect(await refusal(pool, spec)).toBe('accepted');
  });
});

test('what became impossible says never, and runs when the pool is mended', async () => {
  const world = new World();
  world.ending = () => null;
  await world.control.putPool({ ...poolSpec, requirements: one, limits: { instances: 1 } });
  await world.control.submit(submission(cpu(1.5)));
  await world.run(10);
  const {
    request: { id },
  } = await world.control.submit(submission(cpu(1.2)));
  await world.control.putPool({ ...poolSpec, requirements: one, limits: { instances: 1, usdPerHour: 0.05 } });
  await world.run(3);
  const waiting = await world.control.getRequest('default', id);
  expect(waiting).toMatchObject({ state: 'pending', reason: 'unsatisfiable' });
  expect(waiting?.timeline.at(-1)).toMatchObject({
    message: expect.stringMatching(/^Never: the cheapest node that carries it costs \$0\.0893/),
    excluded: [{ constraint: 'limits.usdPerHour' }],
  });
  await world.control.putPool({ ...poolSpec, requirements: one, limits: { instances: 2, usdPerHour: 1 } });
  await world.run(10);
  expect(await world.control.getRequest('default', id)).toMatchObject({ counts: { running: 1 } });
});
