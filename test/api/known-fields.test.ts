// A field that is not known is told the nearest one that is.
import { describe, expect, test } from '@jest/globals';
import { parse, ProblemError } from '../../lib/api/problems.ts';
import { knownFields } from '../../lib/api/known-fields.ts';
import { poolBody, poolSpecOf, presentPool } from '../../lib/api/schemas/pools.ts';
import { batchBody, requestBody } from '../../lib/api/schemas/requests.ts';
import type * as z from 'zod';

function messages(schema: z.ZodType, body: object): Record<string, string> {
  try {
    parse(schema, body, 'the body');
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    return Object.fromEntries(error.problem.errors.map((one) => [one.path, one.message]));
  }
  throw new Error('it is valid');
}

const task = { type: 'task', resources: { vcpu: 1, memoryMib: 512 }, shell: 'true' };

describe('an unknown field', () => {
  test.each<[z.ZodType, object, string, string]>([
    [poolBody, { requirement: {} }, 'requirement', 'requirements'],
    [poolBody, { limits: { instance: 1 } }, 'limits.instance', 'instances'],
    [poolBody, { warm: { needs: { vcpus: 1, memoryMib: 1 } } }, 'warm.needs.vcpus', 'vcpu'],
    [poolBody, { alarms: [{ alarm: 'a', alarmName: 'a', addNodes: 1 }] }, 'alarms[0].alarm', 'alarmName'],
    [requestBody, { ...task, retry: 1 }, 'retry', 'retries'],
    [requestBody, { ...task, resources: { cpu: 1, vcpu: 1, memoryMib: 1 } }, 'resources.cpu', 'vcpu'],
    [requestBody, { type: 'storage', sizeGib: 1, iop: 3 }, 'iop', 'iops'],
    [batchBody, { requests: [task], request: 1 }, 'request', 'requests'],
  ])('of %# is told the one that is meant', (schema, body, path, near) => {
    expect(messages(schema, body)[path]).toBe(`is not a known field; did you mean ${near}?`);
  });

  test('that is near to none is told to go', () => {
    expect(messages(poolBody, { xyzzyplugh: 1 })['xyzzyplugh']).toBe(
      'is not a known field; remove it or check its spelling',
    );
  });

  test('is looked for in what the schema has there, and nowhere else', () => {
    expect(knownFields(poolBody, ['limits'])).toContain('instances');
    expect(knownFields(poolBody, ['limits', 'instances'])).toEqual([]);
    expect(knownFields(poolBody, ['nothing', 'here'])).toEqual([]);
    expect(knownFields(requestBody, ['mounts', 0])).toEqual(['request', 'path']);
  });
});

test('a pool says whether it is the default one', () => {
  const times = { createdAtMs: 1, updatedAtMs: 1, deletingSinceMs: null };
  for (const isDefault of [true, false]) {
    const spec = poolSpecOf('p', poolBody.parse({ default: isDefault }));
    expect(presentPool({ ...times, spec })).toMatchObject({ default: isDefault });
    expect('isDefault' in spec).toBe(isDefault);
  }
});
