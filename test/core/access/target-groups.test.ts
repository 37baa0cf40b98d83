// Whose services may be registered with which target groups.
import { expect, test } from '@jest/globals';
import {
  mayUseTargetGroup,
  targetGroupNotAllowed,
  targetGroupRefusedText,
} from '../../../lib/core/access/target-groups.ts';

const arn = 'arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/shop/0123456789abcdef';

test('a group, or the beginning of some, for a tenant or for everybody; nobody unless granted', () => {
  expect(mayUseTargetGroup([], 'shop', arn)).toBe(false);
  expect(mayUseTargetGroup([{ arn }], 'anybody', arn)).toBe(true);
  expect(mayUseTargetGroup([{ arn, tenants: ['shop'] }], 'shop', arn)).toBe(true);
  expect(mayUseTargetGroup([{ arn, tenants: ['shop'] }], 'else', arn)).toBe(false);
  expect(mayUseTargetGroup([{ arn: arn.replace(/shop.*/, 'sh*') }], 'shop', arn)).toBe(true);
  expect(mayUseTargetGroup([{ arn: arn.replace(/shop.*/, 'sh') }], 'shop', arn)).toBe(false);
});

test('the first that is not allowed is named, with the grant that allows it', () => {
  const other = arn.replace('shop', 'else');
  expect(targetGroupNotAllowed([{ arn }, { arn: other }], [{ arn }], 'shop')).toEqual({ arn: other });
  expect(targetGroupNotAllowed([{ arn }], [{ arn }], 'shop')).toBeUndefined();
  expect(targetGroupNotAllowed([{ arn }], undefined, 'shop')).toEqual({ arn });
  expect(targetGroupRefusedText('p', 'shop', arn)).toContain(`{"arn": "${arn}", "tenants": ["shop"]}`);
});
