// Bodies of what is held: what they become in the core, and what is wrong with those that are refused.
import { describe, expect, test } from '@jest/globals';
import {
  claimSpecOf,
  machineBody,
  networkBody,
  rulesBody,
  rulesOf,
  storageBody,
} from '../../lib/api/schemas/claims.ts';
import { parse, ProblemError } from '../../lib/api/problems.ts';
import { requestBody } from '../../lib/api/schemas/requests.ts';

function errorsOf(body: unknown): readonly string[] {
  try {
    parse(requestBody, body, 'the body');
    return [];
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    return error.problem.errors.map((one) => one.path);
  }
}

describe('a virtual machine', () => {
  test('becomes what the core holds', () => {
    const body = machineBody.parse({
      type: 'virtual_machine',
      instanceType: 'm7g.large',
      zone: 'us-east-1a',
      leaseSeconds: 60,
      userData: '#!/bin/sh',
      volumes: [{ sizeGib: 10, onRelease: 'keep' }, { request: 'r-1' }],
      network: { ingress: [{ port: 22, cidr: '10.0.0.0/8' }] },
      networks: ['r-2', 'r-2'],
    });
    expect(claimSpecOf(body)).toMatchObject({
      type: 'virtual_machine',
      count: 1,
      leaseMs: 60_000,
      capacityType: 'on-demand',
      requirements: { instanceType: ['m7g.large'], zone: ['us-east-1a'] },
      userData: Buffer.from('#!/bin/sh').toString('base64'),
      volumes: [{ sizeGib: 10, onRelease: 'keep', keepMs: 86_400_000 }],
      volumeRequests: ['r-1'],
      networkRequests: ['r-2'],
      network: {
        ingress: [{ protocol: 'tcp', fromPort: 22, toPort: 22, cidr: '10.0.0.0/8', request: null }],
        egress: null,
        sharing: 'share',
      },
    });
  });

  test.each([
    [{}, ['instanceType']],
    [{ needs: { vcpu: 2 }, count: 2, volumes: [{ request: 'r-1' }] }, ['count']],
    [{ needs: { vcpu: 0 } }, ['needs.vcpu']],
    [{ needs: { vcpu: 2 }, anything: 1 }, ['anything']],
    [{ needs: { vcpu: 2 }, userData: 'ä'.repeat(8_193) }, ['userData']],
  ])('is refused where it is wrong: %#', (fields, paths) => {
    expect(errorsOf({ type: 'virtual_machine', ...fields })).toEqual(paths);
  });
});

describe('a network', () => {
  test('takes ports as one number, as a range, or not at all', () => {
    const body = networkBody.parse({
      type: 'network',
      ingress: [
        { port: 80, cidr: '::/0' },
        { fromPort: 1, toPort: 9, request: 'r-1' },
        { protocol: 'all', cidr: '10.0.0.0/8' },
      ],
      egress: [],
      allowPublic: true,
    });
    expect(claimSpecOf(body)).toMatchObject({
      network: {
        ingress: [
          { fromPort: 80, toPort: 80, cidr: '::/0' },
          { fromPort: 1, toPort: 9, cidr: null, request: 'r-1' },
          { protocol: '-1', fromPort: -1 },
        ],
        egress: [],
      },
    });
  });

  test.each([
    [{ port: 80, cidr: '0.0.0.0/0' }, ['ingress[0].cidr']],
    [{ port: 80, cidr: '1.2.3.4/0' }, ['ingress[0].cidr']],
    [{ port: 80, cidr: '128.0.0.0/1' }, ['ingress[0].cidr']],
    [{ port: 80, cidr: '::1/0' }, ['ingress[0].cidr']],
    [{ port: 80, cidr: '10.0.0.0/33' }, ['ingress[0].cidr']],
    [{ port: 80, cidr: '1:2/32' }, ['ingress[0].cidr']],
    [{ port: 80 }, ['ingress[0].cidr']],
    [{ port: 80, cidr: '10.0.0.0/8', request: 'r-1' }, ['ingress[0].cidr']],
    [{ cidr: '10.0.0.0/8' }, ['ingress[0].port']],
    [{ fromPort: 9, toPort: 1, cidr: '10.0.0.0/8' }, ['ingress[0].toPort']],
    [{ protocol: 'icmp', port: 8, cidr: '10.0.0.0/8' }, ['ingress[0].port']],
  ])('is refused where a rule is wrong: %j', (rule, paths) => {
    expect(errorsOf({ type: 'network', ingress: [rule] })).toEqual(paths);
  });
});

test('storage has its needs and its policy', () => {
  expect(claimSpecOf(storageBody.parse({ type: 'storage', sizeGib: 10, iops: 4_000, attachTo: 'r-1' }))).toMatchObject({
    type: 'storage',
    attachTo: 'r-1',
    zone: null,
    volume: {
      sizeGib: 10,
      iops: 4_000,
      throughputMibps: null,
      volumeType: null,
      strategy: 'cheapest',
      onRelease: 'delete',
    },
  });
  expect(errorsOf({ type: 'storage' })).toEqual(['sizeGib']);
  expect(errorsOf({ type: 'storage', sizeGib: 1.5, iops: -1 })).toEqual(['sizeGib', 'iops']);
});

test('an edit of rules says what changes, and asks again before the world comes in', () => {
  expect(rulesOf(rulesBody.parse({ egress: null }))).toEqual({ egress: null });
  expect(rulesOf(rulesBody.parse({ ingress: [{ port: 80, cidr: '0.0.0.0/0' }], allowPublic: true }))).toMatchObject({
    ingress: [{ fromPort: 80 }],
    allowPublic: true,
  });
  expect(rulesBody.safeParse({}).success).toBe(false);
  expect(rulesBody.safeParse({ ingress: [{ port: 80, cidr: '0.0.0.0/0' }] }).success).toBe(false);
});
