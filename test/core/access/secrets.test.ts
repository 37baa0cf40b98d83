// Which references a grant means.
import { expect, test } from '@jest/globals';
import { mayUseSecret } from '../../../lib/core/access/secrets.ts';

test.each<[string, string, boolean]>([
  ['ssm:/shop/key', 'ssm:/shop/key', true],
  ['ssm:/shop/key', 'ssm:/shop/key2', false],
  ['ssm:/shop/*', 'ssm:/shop/key', true],
  ['ssm:/shop/*', 'ssm:/shopping', false],
  ['ssm:*', 'aws-secret:kv/a', false],
  ['aws-secret:kv/a', 'aws-secret:kv/a#password', true],
  ['aws-secret:kv/a#user', 'aws-secret:kv/a#password', false],
  ['aws-secret:kv/a#user', 'aws-secret:kv/a', false],
])('a grant of %s and the secret %s: %s', (grant, from, isAllowed) => {
  expect(mayUseSecret([{ from: grant }], 'shop', from)).toBe(isAllowed);
});

test('a grant that names tenants is for those alone', () => {
  const grants = [{ from: 'env:A', tenants: ['shop'] }];
  expect(mayUseSecret(grants, 'shop', 'env:A')).toBe(true);
  expect(mayUseSecret(grants, 'sho', 'env:A')).toBe(false);
  expect(mayUseSecret([], 'shop', 'env:A')).toBe(false);
});
