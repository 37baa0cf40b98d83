// What a pool can never run, however empty and unlimited by others it is: each reason with its nearest possible.
import { describe, expect, test } from '@jest/globals';
import type { Offering } from '../../../../lib/core/values/offering.ts';
import { amounts, findNever, findTooFewZones } from '../../../../lib/core/allocation/reasons/satisfiable.ts';
import type { Bounds, Wanted } from '../../../../lib/core/allocation/reasons/satisfiable.ts';
import { offer, typeOf } from '../../builders.ts';

const small = typeOf('c7.large', 2, 4, 0.1);
const large = typeOf('c7.4xlarge', 16, 32, 0.8);
const memory = typeOf('r7.large', 4, 64, 0.3);
const graphics = typeOf('g6.xlarge', 4, 16, 0.9, { gpu: 1 });
const every = (...types: ReturnType<typeof typeOf>[]): readonly Offering[] =>
  types.flatMap((type) => ['za', 'zb'].map((zone) => offer(type, zone, 'on-demand')));

const wanted = (more: Partial<Wanted> = {}): Wanted => ({
  resources: { cpuMilli: 1_000, memoryMib: 1_000, gpu: 0 },
  requirements: {},
  count: 1,
  ...more,
});
const sized = (cpu: number, memoryMib: number, gpu = 0): Wanted =>
  wanted({ resources: { cpuMilli: cpu * 1_000, memoryMib, gpu } });
const bounds = (more: Partial<Bounds> = {}): Bounds => ({ limits: {}, tasksPerNode: 10, ...more });
const why = (one: Wanted, offerings: readonly Offering[] = every(small, large), more: Partial<Bounds> = {}) =>
  findNever(one, bounds(more), offerings)?.message ?? null;

test('what fits a node that the pool may buy is not impossible', () => {
  expect(why(wanted())).toBeNull();
  expect(why(sized(15.9, 32 * 1024 - 300))).toBeNull();
  expect(amounts({ cpuMilli: 1_500, memoryMib: 20, gpu: 0 })).toBe('1.5 vCPU and 20 MiB');
  expect(amounts({ cpuMilli: 1_000, memoryMib: 20, gpu: 2 })).toBe('1 vCPU and 20 MiB and 2 GPU');
});

describe('nothing carries it', () => {
  const all = every(small, large, memory, graphics);

  test.each<[string, Wanted, readonly Offering[], Partial<Bounds>, string]>([
    ['no offering', wanted(), [], {}, 'its requirements allow no offering of the catalog'],
    [
      'too much CPU',
      sized(16, 1),
      all,
      {},
      'the largest node that it may buy for it has 16 vCPU; ask for at most 15.9',
    ],
    [
      'too much memory',
      sized(1, 70_000),
      all,
      { maxNodeVcpu: 16 },
      'the most memory of a node that it may buy for it is 65536 MiB (r7.large) (maxNodeVcpu 16), of which tasks may '
        + 'use 65236; ask for at most 65236',
    ],
    [
      'too many GPUs',
      sized(1, 1, 2),
      all,
      {},
      'the most GPUs of a node that it may buy for it are 1 (g6.xlarge); ask for at most 1',
    ],
    [
      'a GPU where there is none',
      sized(1, 1, 1),
      every(small),
      {},
      'no node that it may buy for it has a GPU; ask for none',
    ],
    [
      'both, but not together',
      sized(10, 50_000),
      all,
      {},
      'no node that it may buy for it has 10 vCPU and 50000 MiB together; the nearest is c7.4xlarge, of which tasks '
        + 'may use 15.9 vCPU and 32468 MiB: ask for no more',
    ],
  ])('%s', (_what, one, offerings, more, message) => {
    expect(why(one, offerings, more)).toBe(message);
  });

  test('of those that lack as little the cheapest is the nearest', () => {
    const dear = typeOf('c8.4xlarge', 16, 32, 0.9);
    expect(why(sized(10, 50_000), every(dear, large, memory))).toMatch(/the nearest is c7.4xlarge/);
    expect(why(sized(10, 50_000), every(large, dear, memory))).toMatch(/the nearest is c7.4xlarge/);
  });

  test('only requirements that nothing meets, with what there is instead', () => {
    const one = wanted({ requirements: { zone: ['zx'], arch: ['arm64'] } });
    const found = findNever(one, bounds(), every(small));
    expect(found?.message).toBe(
      'nothing that it may buy meets requirements.arch ["arm64"] or requirements.zone ["zx"]; '
        + 'it has amd64 and za, zb',
    );
    expect(found?.excluded).toEqual([{ constraint: 'arch', offerings: 2 }]);
  });

  test('requirements that exclude each other, with the one to leave out', () => {
    const one = wanted({ requirements: { instanceFamily: ['c7'], instanceCategory: ['r'] } });
    expect(why(one, every(small, memory))).toMatch(/at once; without requirements\.instance/);
  });

  test('the nearest misses come first', () => {
    const found = findNever(
      sized(3, 20_000),
      bounds({ maxNodeVcpu: 4 }),
      every(small, memory).slice(0, 3),
      every(small, memory, large),
    );
    expect(found).toBeNull();
    const none = findNever(sized(3, 5_000), bounds({ maxNodeVcpu: 2 }), every(small), every(small, large));
    expect(none?.excluded).toEqual([
      { constraint: 'maxNodeVcpu', offerings: 2 },
      { constraint: 'vcpu', offerings: 2 },
    ]);
    expect(none?.message).toMatch(/\(maxNodeVcpu 2\).*, or raise maxNodeVcpu to 16 \(c7\.4xlarge\)$/);
  });

  test('to raise maxNodeVcpu is no cure where nothing larger would do', () => {
    const none = findNever(sized(30, 1), bounds({ maxNodeVcpu: 2 }), every(small), every(small, large));
    expect(none?.message).not.toMatch(/raise/);
    const cheaper = typeOf('c6.4xlarge', 16, 32, 0.5);
    const cure = (...types: ReturnType<typeof typeOf>[]) =>
      findNever(sized(3, 1), bounds({ maxNodeVcpu: 2 }), every(small), every(small, ...types))?.message;
    expect(cure(large, cheaper)).toMatch(/to 16 \(c6\.4xlarge\)$/);
    expect(cure(large, memory)).toMatch(/to 4 \(r7\.large\)$/);
  });
});

describe('a limit that no node is within', () => {
  test.each<[string, Bounds['limits'], string]>([
    ['instances', { instances: 0 }, 'limits.instances is 0, and it needs a node; raise it to at least 1'],
    [
      'vcpu',
      { vcpu: 1 },
      'the smallest node that carries it has 2 vCPU (c7.large), limits.vcpu is 1; '
        + 'raise it to at least 2, or ask for less',
    ],
    [
      'memoryMib',
      { memoryMib: 4_095 },
      'the node with the least memory that carries it has 4096 MiB (c7.large), limits.memoryMib is 4095; raise it '
        + 'to at least 4096, or ask for less',
    ],
    [
      'usdPerHour',
      { usdPerHour: 0.05 },
      'the cheapest node that carries it costs $0.1/h (c7.large on-demand), limits.usdPerHour is 0.05; raise it to at '
        + 'least 0.1, or ask for less',
    ],
  ])('%s', (key, limits, message) => {
    expect(why(wanted(), every(small, large), { limits })).toBe(message);
    expect(findNever(wanted(), bounds({ limits }), every(small, large))?.excluded).toEqual([
      { constraint: `limits.${key}`, offerings: 4 },
    ]);
  });

  test('is met exactly', () => {
    expect(
      why(wanted(), every(small), { limits: { instances: 1, vcpu: 2, memoryMib: 4_096, usdPerHour: 0.1 } }),
    ).toBeNull();
  });

  test('each by another node', () => {
    const message = why(sized(1, 1_000), every(small, memory), { limits: { vcpu: 3, usdPerHour: 0.09 } });
    expect(message).toMatch(/^the cheapest node/);
    const apart = typeOf('x7.large', 1.5, 100, 0.01);
    const both = why(sized(1, 1_000), every(small, apart), { limits: { vcpu: 1.9, memoryMib: 5_000 } });
    expect(both).toMatch(/^no node that carries it is within all limits at once: .*limits.vcpu.*; .*limits.memoryMib/);
  });
});

describe('relations that contradict each other', () => {
  const near = (topology: 'zone' | 'node', group = 'h') => [{ topology, group }];
  test.each<[string, Wanted, boolean]>([
    ['the same node and another', wanted({ affinity: near('node'), antiAffinity: near('node') }), true],
    ['the same node and another zone', wanted({ affinity: near('node'), antiAffinity: near('zone') }), true],
    ['the same zone and another', wanted({ affinity: near('zone'), antiAffinity: near('zone') }), true],
    ['the same zone, another node', wanted({ affinity: near('zone'), antiAffinity: near('node') }), false],
    ['of two groups', wanted({ affinity: near('node'), antiAffinity: near('node', 'i') }), false],
    ['of itself alone', wanted({ group: 'h', affinity: near('node'), antiAffinity: near('node') }), false],
    [
      'of itself and its like',
      wanted({ group: 'h', count: 2, affinity: near('node'), antiAffinity: near('node') }),
      true,
    ],
  ])('%s: %p', (_what, one, isNever) => {
    expect(why(one) !== null).toBe(isNever);
  });

  test('are named', () => {
    expect(why(wanted({ affinity: near('node'), antiAffinity: near('zone') }))).toBe(
      'affinity wants the node of group h, and antiAffinity another zone than it; leave one of the two out',
    );
  });
});

describe('a gang at once', () => {
  const gang = (count: number, more: Partial<Wanted> = {}): Wanted => wanted({ count, gang: true, ...more });
  const of = (one: Wanted, limits: Bounds['limits'], more: Partial<Bounds> = {}, types = [small]) =>
    why(one, every(...types), { limits, ...more });

  test('is possible where nodes for all of it are within the limits', () => {
    expect(of(gang(4), { instances: 4 })).toBeNull();
    expect(of(gang(100), {})).toBeNull();
    expect(of(wanted({ count: 5 }), { instances: 1 })).toBeNull();
    expect(of(gang(1), { instances: 1 })).toBeNull();
  });

  test.each<[string, Bounds['limits'], string]>([
    [
      'instances',
      { instances: 3 },
      'need at least 5 nodes, limits.instances is 3; ask for a count of at most 3, or raise it to at least 5',
    ],
    [
      'vcpu',
      { vcpu: 8 },
      'need at least 10 vCPU, limits.vcpu is 8; ask for a count of at most 4, or raise it to at least 10',
    ],
    [
      'memoryMib',
      { memoryMib: 9_000 },
      'need at least 20480 MiB of memory, limits.memoryMib is 9000; ask for a count of at most 2',
    ],
    [
      'usdPerHour',
      { usdPerHour: 0.4 },
      'need at least 0.5 USD/h, limits.usdPerHour is 0.4; ask for a count of at most 4',
    ],
  ])('is not beyond %s', (key, limits, message) => {
    const found = findNever(gang(5), bounds({ limits }), every(small));
    expect(found?.message).toContain(`all 5 tasks of the gang at once ${message}`);
    expect(found?.excluded).toEqual([{ constraint: `limits.${key}`, offerings: 2 }]);
  });

  test('takes the set of nodes that counts least', () => {
    // 15 tasks to a large node, one to a small one: 16 tasks are within two of them.
    expect(of(gang(16), { instances: 2 }, { tasksPerNode: 100 }, [small, large])).toBeNull();
    expect(of(gang(31), { instances: 2 }, { tasksPerNode: 100 }, [small, large])).toMatch(/at most 30/);
    expect(of(gang(16), { vcpu: 18 }, { tasksPerNode: 100 }, [small, large])).toBeNull();
    expect(of(gang(16), { vcpu: 17 }, { tasksPerNode: 100 }, [small, large])).toMatch(/at most 15/);
    expect(of(gang(11), { instances: 1 }, { tasksPerNode: 10 }, [large])).toMatch(/at most 10/);
  });

  test('counts what keeps its tasks from sharing a node', () => {
    const apart = { group: 'g', antiAffinity: [{ topology: 'node', group: 'g' }] } as const;
    expect(of(gang(3, apart), { instances: 2 }, {}, [large])).toMatch(/at most 2/);
    const even = { group: 'g', spread: [{ topology: 'node', group: 'g', maxSkew: 2 }] } as const;
    expect(of(gang(5, even), { instances: 2 }, {}, [large])).toMatch(/at most 4/);
    const other = { group: 'g', spread: [{ topology: 'node', group: 'h', maxSkew: 1 }] } as const;
    expect(of(gang(5, other), { instances: 1 }, {}, [large])).toBeNull();
    const zones = { group: 'g', spread: [{ topology: 'zone', group: 'g', maxSkew: 1 }] } as const;
    expect(of(gang(5, zones), { instances: 1 }, {}, [large])).toBeNull();
  });

  test('that wants one node needs one that carries all of it', () => {
    const together = { group: 'g', affinity: [{ topology: 'node', group: 'g' }] } as const;
    expect(of(gang(10, together), {}, {}, [small, large])).toBeNull();
    expect(of(gang(11, together), {}, {}, [small, large])).toBe(
      'all 11 tasks of the gang want one node, and the largest carries 10; ask for a count of at most 10',
    );
    const other = { group: 'g', affinity: [{ topology: 'node', group: 'h' }] } as const;
    expect(of(gang(11, other), {}, {}, [small])).toBeNull();
  });
});

describe('a zone for each task', () => {
  const apart = (count: number, more: Partial<Wanted> = {}): Wanted =>
    wanted({ count, group: 'g', antiAffinity: [{ topology: 'zone', group: 'g' }], ...more });

  test('is possible for as many as there are zones', () => {
    expect(findTooFewZones(apart(2), bounds(), every(small))).toBeNull();
    expect(findTooFewZones(apart(3), bounds(), every(small))?.message).toBe(
      'anti-affinity to its own group asks for a zone for each of its 3 tasks, and there are 2 zones for them (za, '
        + 'zb); ask for a count of at most 2, or use topology "node"',
    );
  });

  test.each<[string, Wanted, Partial<Bounds>]>([
    ['that its requirements allow', apart(2, { requirements: { zone: ['za'] } }), {}],
    ['with a node that carries it', apart(2, { resources: { cpuMilli: 3_000, memoryMib: 1, gpu: 0 } }), {}],
  ])('counts zones %s', (_what, one, more) => {
    const offerings = [...every(small), offer(large, 'za', 'on-demand')];
    expect(findTooFewZones(one, bounds(more), offerings)?.message).toMatch(/there is one zone for them \(za\)/);
  });

  test('counts zones within the limits', () => {
    const offerings = [offer(small, 'za', 'on-demand'), offer(large, 'zb', 'on-demand')];
    expect(findTooFewZones(apart(2), bounds({ limits: { vcpu: 2 } }), offerings)?.message).toMatch(/is one zone/);
    expect(findTooFewZones(apart(2), bounds({ limits: { vcpu: 16 } }), offerings)).toBeNull();
  });

  test.each<[string, Wanted]>([
    ['of a single task', apart(1)],
    ['without a group', { ...wanted({ count: 9 }), antiAffinity: [{ topology: 'zone', group: 'g' }] }],
    ['apart from others', apart(9, { group: 'h' })],
    ['on nodes of its own', apart(9, { antiAffinity: [{ topology: 'node', group: 'g' }] })],
  ])('is not asked for %s', (_what, one) => {
    expect(findTooFewZones(one, bounds(), every(small))).toBeNull();
  });
});
