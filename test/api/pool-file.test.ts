// What shows a pool is taken back as its declaration, whatever it has.
import { describe, expect, test } from '@jest/globals';
import { declaredOf, differences, poolsOfFile } from '../../lib/api/pool-file.ts';
import { poolBody, poolSpecOf, presentPool } from '../../lib/api/schemas/pools.ts';

describe('a pool that is shown', () => {
  test.each<[string, object]>([
    ['with nothing said', {}],
    [
      'with everything said',
      {
        default: true,
        priority: 3,
        accepts: ['task', 'virtual_machine'],
        requirements: { arch: ['arm64'], matchExpressions: [{ key: 'vcpu', operator: 'Gt', values: ['3'] }] },
        limits: { instances: 3, usdPerHour: 1.5, volumeGib: 10 },
        maxNodeVcpu: 8,
        idleAfterSeconds: 1.5,
        lossesMax: 4,
        lifetimes: 'off',
        alarms: [
          { alarmName: 'a', addNodes: 2, cooldownSeconds: 60 },
          { alarmName: 'b', removeNodes: 1 },
        ],
        headroom: { vcpu: 1, memoryMib: 512, nodes: 2 },
        prices: [
          { instanceType: 'c7g.*', capacityType: 'on-demand', discountPercent: 12.5 },
          { instanceType: 'm7g.large', zone: 'us-east-1a', usdPerHour: 0.05 },
        ],
        commitments: [
          { kind: 'reserved-instances', name: 'ri', instanceType: 'm7g.large', zone: 'us-east-1a', count: 2 },
          {
            kind: 'savings-plan',
            name: 'sp',
            usdPerHour: 1.5,
            discountPercent: 30,
            instanceFamily: 'm7g',
            until: '2027-01-01T00:00:00.000Z',
          },
        ],
        warm: { running: 1, instanceType: 'm7g.large' },
      },
    ],
    ['with warm machines by need', { warm: { stopped: 2, needs: { vcpu: 4, memoryMib: 8_192 }, zone: 'us-east-1a' } }],
  ])('%s is taken back as it was declared', (_what, body) => {
    const spec = poolSpecOf('p', poolBody.parse(body));
    const lacking = { code: 'x', message: 'no room', excluded: [], nextTryAtMs: null };
    const seen = { state: 'OK' as const, atMs: 1, reason: 'r', actedAtMs: null, isWaiting: false };
    const record = { nodes: 1, because: { alarmName: 'a', reason: 'r', atMs: 1 }, alarms: { a: seen } };
    for (const headroom of [undefined, { floorNodes: 3, record, lacking }]) {
      const shown = presentPool({
        spec,
        createdAtMs: 1,
        updatedAtMs: 2,
        deletingSinceMs: null,
        paused: { by: 'jane', sinceMs: 1 },
        commitmentUse: [{ name: 'ri', used: 1, of: 2, meanToday: 0.5, isOver: false }],
        ...(headroom === undefined ? {} : { headroom }),
      });
      const again = poolBody.parse(declaredOf(JSON.parse(JSON.stringify(shown))));
      expect(poolSpecOf('p', again)).toEqual(spec);
    }
  });

  test('keeps what neither side knows, so that it is refused by its name', () => {
    expect(declaredOf({ name: 'p', prioritee: 1, createdAt: 'x', limits: {} })).toEqual({
      name: 'p',
      prioritee: 1,
      limits: {},
    });
  });

  test('differs by path', () => {
    expect(differences({ a: 1, b: { c: [1], d: 'x' } }, { b: { c: [1, 2] }, e: null })).toEqual([
      '- a: 1',
      '- b.c: [1]',
      '+ b.c: [1,2]',
      '- b.d: "x"',
      '+ e: null',
    ]);
    expect(differences({ a: { b: 1 } }, { a: { b: 1 } })).toEqual([]);
  });
});

describe('pools of a file', () => {
  const declared = [{ name: 'default', limits: { instances: 20 } }, { name: 'gpu' }];

  test('are as they are declared', () => {
    expect(poolsOfFile(JSON.stringify(declared), 'pools.json')).toEqual(declared);
    expect(poolsOfFile(`\ufeff${JSON.stringify(declared)}`, 'pools.json')).toEqual(declared);
  });

  test.each<[string, string, string]>([
    ['what is no JSON', '[', 'pools.json: is not JSON: '],
    ['a name that is there already', '[{"name": "a"}, {"name": "a"}]', 'pools.json, pool a: is declared twice; '],
    [
      'a kind that is none',
      '[{"name": "a", "commitments": [{"kind": "x"}]}]',
      'commitments[0].kind must be "capacity-reservation", "capacity-block", "reserved-instances" or "savings-plan"',
    ],
    ['what is no list', '{}', 'pools.json: the file: it must be a list of pools, each with its name'],
    ['what is no pool', '[1]', 'pools.json: the file: [0] must be an object, not a number'],
    ['one without a name', '[{}]', 'pools.json, pool 1: invalid_request (400): it: name is required (a string)'],
    ['a wrong name', '[{"name": "A"}]', 'pools.json, pool A: invalid_request (400): it: name must be 1 to 63'],
    [
      'an unknown field',
      '[{"name": "a"}, {"name": "b", "limits": {"instancez": 1}}]',
      'pools.json, pool b: invalid_request (400): the body: limits.instancez is not a known field; ',
    ],
    [
      'a contradiction',
      '[{"name": "a", "learningStyle": "scheduled"}]',
      'pools.json, pool a: unprocessable (422): the body: policies must have one of kind "schedule"',
    ],
  ])('are refused as PUT would: %s', (_what, text, message) => {
    expect(() => poolsOfFile(text, 'pools.json')).toThrow(message);
  });
});
