// Requirements of a body: what is taken in any case, and what is wrong with the rest, with the nearest
// that would be right.
import { expect, test } from '@jest/globals';
import { parse } from '../../lib/api/problems.ts';
import { requirements } from '../../lib/api/schemas/requirements.ts';

const errorOf = (value: unknown): string => {
  try {
    parse(requirements, value, 'body');
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  return 'taken';
};
const match = (key: string, operator: string, values: unknown): unknown => ({
  matchExpressions: [{ key, operator, values }],
});

test('values are compared without case', () => {
  expect(
    parse(
      requirements,
      {
        gpuName: ['T4', 'Radeon Pro V520'],
        instanceFamily: ['C7I'],
        ...(match('gpuMemoryMib', 'Gt', [16_384]) as object),
      },
      'body',
    ),
  ).toEqual({
    gpuName: ['t4', 'radeon-pro-v520'],
    instanceFamily: ['c7i'],
    matchExpressions: [{ key: 'gpuMemoryMib', operator: 'Gt', values: ['16384'] }],
  });
  expect(parse(requirements, match('burstable', 'In', [false]), 'body')).toMatchObject({
    matchExpressions: [{ values: ['false'] }],
  });
  expect(parse(requirements, match('gpuName', 'In', ['A10G']), 'body')).toMatchObject({
    matchExpressions: [{ values: ['a10g'] }],
  });
  expect(parse(requirements, { matchExpressions: [{ key: 'gpuName', operator: 'Exists' }] }, 'body')).toMatchObject({
    matchExpressions: [{ values: [] }],
  });
});

test.each<[unknown, RegExp]>([
  [match('gpuNam', 'In', ['t4']), /matchExpressions\[0\]\.key "gpuNam" is no known key; did you mean "gpuName"\?/],
  [match('karpenter.k8s.aws/instance-gpu-name-of-them', 'In', ['t4']), /known are/],
  [match('gpuName', 'in', ['t4']), /operator "in" is no operator; did you mean "In"\?/],
  [{ gpuNames: ['t4'] }, /gpuNames is not a known field; did you mean "gpuName"\?/],
  [match('gpuName', 'Gt', ['1']), /gpuName is no number: Gt does not compare it/],
  [match('gpuMemoryMib', 'Gt', ['1', '2']), /must be exactly one number for Gt/],
  [match('gpuMemoryMib', 'Gt', []), /must name at least one value/],
  [match('gpuMemoryMib', 'In', ['much']), /must be numbers for gpuMemoryMib/],
  [match('gpuMemoryMib', 'Gt', ['-1']), /must be numbers/],
  [match('gpuName', 'Exists', ['t4']), /must be empty: Exists takes no values/],
  [match('arch', 'In', ['x86']), /"x86" is no value of arch; amd64 and arm64 are/],
  [match('burstable', 'In', ['yes']), /"yes" is no value of burstable/],
  [{ matchExpressions: [] }, /at least one expression/],
  [{ matchExpressions: Array.from({ length: 101 }, () => ({ key: 'zone', operator: 'Exists' })) }, /matchExpressions/],
])('%j', (value, message) => {
  expect(errorOf(value)).toMatch(message);
});
