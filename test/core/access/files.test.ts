// Which paths stay below a folder, and what of a URL may be shown.
import { expect, test } from '@jest/globals';
import { s3PlaceOf, shownUrl, staysBelow } from '../../../lib/core/access/files.ts';

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

test.each<[string, object | null]>([
  ['s3://bucket/a/b c.txt', { bucket: 'bucket', key: 'a/b c.txt' }],
  ['s3://my.bucket-1/k', { bucket: 'my.bucket-1', key: 'k' }],
  [`s3://bucket/${'k'.repeat(1_024)}`, { bucket: 'bucket', key: 'k'.repeat(1_024) }],
  [`s3://bucket/${'k'.repeat(1_025)}`, null],
  ['s3://bucket/', null],
  ['s3://bucket', null],
  ['s3://ab/k', null],
  ['s3://Bucket/k', null],
  ['s3://-bucket/k', null],
  ['s3://bucket-/k', null],
  ['s3://bucket/a\0b', null],
  ['https://s3://bucket/k', null],
])('%j names a place in S3: %j', (url, place) => {
  expect(s3PlaceOf(url)).toEqual(place);
});

test('a URL of S3 has no keys: it is shown as it is', () => {
  expect(shownUrl('s3://bucket/a?b')).toBe('s3://bucket/a?b');
});
