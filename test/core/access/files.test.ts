// Which paths stay below a folder, and what of a URL may be shown.
import { expect, test } from '@jest/globals';
import { shownUrl, staysBelow } from '../../../lib/core/access/files.ts';

test.each([
  ['a', true],
  ['a/b.txt', true],
  ['.hidden/..b', true],
  ['/a', false],
  ['a/', false],
  ['a//b', false],
  ['', false],
  ['.', false],
  ['a/./b', false],
  ['..', false],
  ['a/../../b', false],
  ['a\\b', false],
  ['a\0b', false],
])('%j stays below: %s', (path, stays) => {
  expect(staysBelow(path)).toBe(stays);
});

test('a URL is shown without its query, user and password', () => {
  expect(shownUrl('https://me:secret@bucket.example:8443/a/b%20c?X-Amz-Signature=1#part')).toBe(
    'https://bucket.example:8443/a/b%20c',
  );
});
