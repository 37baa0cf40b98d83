// Networks in the form that EC2 gives them.
import { expect, test } from '@jest/globals';
import { canonicalCidr, isOpenToAll } from '../../../../lib/core/claims/networks/cidr.ts';

test.each([
  ['10.0.0.0/8', '10.0.0.0/8'],
  ['10.1.2.3/8', '10.0.0.0/8'],
  ['100.68.0.18/18', '100.68.0.0/18'],
  ['1.2.3.4/0', '0.0.0.0/0'],
  ['1.2.3.4/32', '1.2.3.4/32'],
  ['192.168.129.1/17', '192.168.128.0/17'],
  ['2001:DB8::/32', '2001:db8::/32'],
  ['2001:0db8:0000::1/64', '2001:db8::/64'],
  ['::1/0', '::/0'],
  ['::1/128', '::1/128'],
  ['0:0:0:0:0:0:0:0/0', '::/0'],
  ['1:0:0:2:0:0:0:3/128', '1:0:0:2::3/128'],
  ['1:2:3:4:5:6:7:8/128', '1:2:3:4:5:6:7:8/128'],
  ['1::3:4:5:6:7:8/128', '1:0:3:4:5:6:7:8/128'],
  ['ffff:ffff::/20', 'ffff:f000::/20'],
])('%s is %s', (given, canonical) => {
  expect(canonicalCidr(given)).toBe(canonical);
  expect(canonicalCidr(canonical)).toBe(canonical);
});

test.each([
  '',
  '10.0.0.0',
  '10.0.0/8',
  '10.0.0.256/8',
  '10.0.0.0/33',
  '10.0.0.0/8/8',
  'a.b.c.d/8',
  '1:2/32',
  ':::/0',
  '::1::/64',
  '1:2:3:4:5:6:7:8:9/64',
  '12345::/16',
  '::/129',
  '::ffff:1.2.3.4/96',
  '10.0.0.0/-1',
])('%j is none', (text) => {
  expect(canonicalCidr(text)).toBeNull();
});

test.each([
  ['0.0.0.0/0', true],
  ['1.2.3.4/0', true],
  ['0.0.0.0/1', true],
  ['128.0.0.0/1', true],
  ['10.0.0.0/8', false],
  ['::/0', true],
  ['::1/0', true],
  ['2000::/3', true],
  ['2001:db8::/32', false],
  ['fc00::/7', false],
  ['fd00::/8', false],
])('%s is open to all: %s', (cidr, isOpen) => {
  expect(isOpenToAll(cidr)).toBe(isOpen);
});
