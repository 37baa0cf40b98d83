// Calls of EC2 for claims: how each is named, what it changes, and which record it rests on.
import { describe, expect, test } from '@jest/globals';
import { callBasis, callKey, callResources } from '../../../lib/core/plan/claim-call.ts';
import type { ClaimCall } from '../../../lib/core/plan/claim-call.ts';
import type { PermissionRule } from '../../../lib/core/records/security-group.ts';
import { volumeShape } from '../builders.ts';

const rules: readonly PermissionRule[] = [
  { isEgress: false, protocol: 'tcp', fromPort: 22, toPort: 22, cidr: '10.0.0.0/8', groupId: null },
];
const rulesText = '[{"isEgress":false,"protocol":"tcp","fromPort":22,"toPort":22,"cidr":"10.0.0.0/8","groupId":null}]';
const shapeJson = '{"type":"gp3","sizeGib":20,"iops":3000,"throughputMibps":125,"usdPerMonth":1.6}';
const machine = { request: 'm', volumeId: 'vol-1', instanceId: 'i-1' };

/** Each call with its key, what it changes, and what it rests on. */
const table: readonly (readonly [ClaimCall, key: string, resources: readonly string[], basis: readonly string[]])[] = [
  [
    {
      kind: 'terminate',
      machines: [
        { id: 'i-1', request: 'm' },
        { id: 'i-2', request: 'n' },
      ],
    },
    'terminate i-1 i-2',
    ['i-1', 'i-2'],
    // Machines of claims that could not be written are left out of the call instead.
    [],
  ],
  [{ kind: 'stop', request: 'm', ids: ['i-1', 'i-2'] }, 'stop i-1 i-2', ['i-1', 'i-2'], ['claim m']],
  [{ kind: 'start', request: 'm', ids: ['i-1', 'i-2'] }, 'start i-1 i-2', ['i-1', 'i-2'], ['claim m']],
  [
    { kind: 'create-volume', request: 's', token: 's.v', zone: 'za', shape: volumeShape, snapshotId: null },
    'create-volume s.v',
    ['s.v'],
    ['claim s'],
  ],
  [{ kind: 'attach', ...machine, device: '/dev/sdf' }, 'attach vol-1 i-1', ['vol-1', 'i-1'], ['claim m']],
  [{ kind: 'detach', ...machine }, 'detach vol-1 i-1', ['vol-1', 'i-1'], ['claim m']],
  [{ kind: 'retag', request: 'm', ids: ['i-1', 'vol-1'] }, 'retag m i-1 vol-1', ['i-1', 'vol-1'], ['claim m']],
  [
    { kind: 'modify', request: 's', volumeId: 'vol-1', shape: volumeShape },
    `modify vol-1 ${shapeJson}`,
    ['vol-1'],
    ['claim s'],
  ],
  [
    { kind: 'snapshot', request: 's', part: 's.v', volumeId: 'vol-1', intent: 'n' },
    'snapshot s.v',
    ['vol-1'],
    ['claim s'],
  ],
  [{ kind: 'delete-volume', request: 's', volumeId: 'vol-1' }, 'delete-volume vol-1', ['vol-1'], ['claim s']],
  [{ kind: 'delete-volume', request: null, volumeId: 'vol-1' }, 'delete-volume vol-1', ['vol-1'], ['kept vol-1']],
  [{ kind: 'create-group', group: 'g-n' }, 'create-group g-n', ['g-n'], ['group g-n']],
  [
    { kind: 'authorize', group: 'g-n', groupId: 'sg-n', rules },
    `authorize sg-n ${rulesText}`,
    ['g-n', 'sg-n'],
    ['group g-n'],
  ],
  [
    { kind: 'revoke', group: 'g-n', groupId: 'sg-n', rules },
    `revoke sg-n ${rulesText}`,
    ['g-n', 'sg-n'],
    ['group g-n'],
  ],
  [
    { kind: 'set-groups', request: 'm', instanceId: 'i-1', groupIds: ['sg-1', 'sg-2'] },
    'set-groups i-1 sg-1 sg-2',
    ['i-1', 'sg-1', 'sg-2'],
    ['claim m'],
  ],
  [{ kind: 'delete-group', group: 'g-n', groupId: 'sg-n' }, 'delete-group g-n', ['g-n', 'sg-n'], ['group g-n']],
];

test.each(table)('%j', (call, key, resources, basis) => {
  expect(callKey(call)).toBe(key);
  expect(callResources(call)).toEqual(resources);
  expect(callBasis(call)).toEqual(basis);
});

describe('calls', () => {
  test('of another shape, or other rules, are others', () => {
    const modify = { kind: 'modify', request: 's', volumeId: 'vol-1' } as const;
    const larger = { ...volumeShape, sizeGib: 21 };
    expect(callKey({ ...modify, shape: volumeShape })).not.toBe(callKey({ ...modify, shape: larger }));
    const authorize = { kind: 'authorize', group: 'g', groupId: 'sg' } as const;
    expect(callKey({ ...authorize, rules })).not.toBe(callKey({ ...authorize, rules: [] }));
  });

  test('about the same volume or group are made in order: they have a resource in common', () => {
    const attach: ClaimCall = { kind: 'attach', ...machine, device: '/dev/sdf' };
    const modify: ClaimCall = { kind: 'modify', request: 's', volumeId: 'vol-1', shape: volumeShape };
    expect(callResources(attach)).toEqual(expect.arrayContaining([...callResources(modify)]));
    const grant: ClaimCall = { kind: 'authorize', group: 'g-n', groupId: 'sg-n', rules };
    const use: ClaimCall = { kind: 'set-groups', request: 'm', instanceId: 'i-1', groupIds: ['sg-n'] };
    expect(callResources(use).some((one) => callResources(grant).includes(one))).toBe(true);
  });
});
