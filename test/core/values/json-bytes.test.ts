// Sizes of records as JSON in UTF-8 (see also test/core/plan/bounds.test.ts), and texts that are cut to a size.
import { expect, test } from '@jest/globals';
import { clipped, jsonBytes } from '../../../lib/core/values/json-bytes.ts';

const bytesOf = (value: unknown): number => Buffer.byteLength(JSON.stringify(value));

test.each<[string, unknown]>([
  ['every control character', Array.from({ length: 0x21 }, (_, unit) => String.fromCharCode(unit)).join('')],
  ['the edges of UTF-8', '\u007f\u0080\u07ff\u0800\ud7ff\ue000\uffff'],
  ['the edges of surrogates', '\ud800\udc00 \udbff\udfff \udc00\ud800 \udfff'],
  ['numbers', [0, -0, 9, 10, -99, 100, -0.1, 1e15, 1e21, 1e-7, Number.MAX_SAFE_INTEGER, -Number.MAX_SAFE_INTEGER]],
  ['what is no number', [NaN, Infinity, null]],
  ['one property', { a: 1 }],
  ['several', { a: 1, b: 'x', c: [] }],
  ['what is not there, first and last', { a: undefined, b: 1, c: undefined }],
  ['nothing that is there', { a: undefined }],
  ['what is not there in a list', [undefined, 1]],
  ['one of one', [[[]]]],
])('%s', (_what, value) => {
  expect(jsonBytes(value)).toBe(bytesOf(value));
});

test('what was counted once is remembered, for it is never changed in place', () => {
  const value = { a: { b: 'x' } };
  const before = jsonBytes(value);
  value.a = { b: 'a longer text' };
  expect(jsonBytes(value)).toBe(before);
});

test.each([
  ['abcdef', 8, 'abcdef'],
  ['abcdef', 7, 'ab…'],
  ['abcdef', 6, 'a…'],
  ['"""""""', 11, '"""…'],
  ['\u0001\u0001', 13, '\u0001…'],
])('%j in %d bytes is %j', (text, bytes, expected) => {
  expect(clipped(text, bytes)).toBe(expected);
  expect(bytesOf(expected)).toBeLessThanOrEqual(bytes);
});

test('a text is never cut within a character', () => {
  for (let bytes = 8; bytes < 60; bytes += 1) {
    const cut = clipped('💥'.repeat(20), bytes);
    expect(cut).toMatch(/^(?:💥)*…$/u);
    expect(bytesOf(cut)).toBeLessThanOrEqual(bytes);
    // At most one character more would fit: where it is cut in halves they count more than the whole.
    expect(bytesOf(cut) + 8).toBeGreaterThan(bytes);
  }
});
