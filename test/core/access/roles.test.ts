// Whose tasks may have which role.
import { describe, expect, test } from '@jest/globals';
import { mayHaveRole, roleRefusedText } from '../../../lib/core/access/roles.ts';

const arn = 'arn:aws:iam::1:role/bellows-task-';

describe('a grant', () => {
  test('is for its role alone, or for those that begin like it', () => {
    expect(mayHaveRole([{ role: `${arn}a` }], 't', `${arn}a`)).toBe(true);
    expect(mayHaveRole([{ role: `${arn}a` }], 't', `${arn}ab`)).toBe(false);
    expect(mayHaveRole([{ role: `${arn}*` }], 't', `${arn}ab`)).toBe(true);
    expect(mayHaveRole([{ role: `${arn}*` }], 't', 'arn:aws:iam::1:role/admin')).toBe(false);
    expect(mayHaveRole([{ role: `${arn}a*b` }], 't', `${arn}a*b`)).toBe(true);
    expect(mayHaveRole([{ role: `${arn}a*b` }], 't', `${arn}axb`)).toBe(false);
  });

  test('is for its tenants, for all unless it names some; one of several is enough', () => {
    const grants = [{ role: `${arn}a`, tenants: ['shop', 'lab'] }];
    expect(mayHaveRole(grants, 'lab', `${arn}a`)).toBe(true);
    expect(mayHaveRole(grants, 'other', `${arn}a`)).toBe(false);
    expect(mayHaveRole([...grants, { role: `${arn}*`, tenants: ['other'] }], 'other', `${arn}a`)).toBe(true);
    expect(mayHaveRole([], 'lab', `${arn}a`)).toBe(false);
    expect(mayHaveRole([{ role: `${arn}a`, tenants: [] }], 'lab', `${arn}a`)).toBe(false);
  });
});

test('who may not is told what an operator has to add', () => {
  expect(roleRefusedText('batch', 'shop', `${arn}a`)).toBe(
    `pool batch does not let tasks of shop have the role ${arn}a; an operator allows it with a grant in the pool's `
      + `roles, e.g. {"role": "${arn}a", "tenants": ["shop"]}`,
  );
});
