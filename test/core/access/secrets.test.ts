// Which references a grant means, which store one names, and what is said of those that are refused.
import { expect, test } from '@jest/globals';
import { mayUseSecret, partsOf, refusedText, secretsRefused } from '../../../lib/core/access/secrets.ts';

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

test.each<[string, ReturnType<typeof partsOf>]>([
  ['ssm:/shop/key', { store: 'ssm', place: '/shop/key' }],
  ['aws-secret:arn:aws:secretsmanager:x', { store: 'aws-secret', place: 'arn:aws:secretsmanager:x' }],
  ['k8s:shop/db#user', { store: 'k8s', place: 'shop/db#user' }],
  ['vaults:kv/a', null],
  ['ssm', null],
  [':ssm', null],
])('%s names %j', (from, parts) => {
  expect(partsOf(from)).toEqual(parts);
});

test('what a tenant may not use is named, with the grant that would allow it', () => {
  const [key, word] = [
    { name: 'KEY', from: 'ssm:/shop/key', as: 'env' },
    { name: 'word', from: 'env:WORD', as: 'file' },
  ] as const;
  const grants = [{ from: 'ssm:*' }, { from: 'env:WORD', tenants: ['other'] }];
  expect(secretsRefused([key, word], grants, 'shop')).toEqual([word]);
  expect(secretsRefused([key, word], [], 'shop')).toEqual([key, word]);
  expect(refusedText('main', 'shop', [word, key])).toBe(
    'pool main does not let shop use word (env:WORD), KEY (ssm:/shop/key); an operator allows it with a grant in the '
      + 'pool\'s secrets, e.g. {"from": "env:WORD", "tenants": ["shop"]}',
  );
});
