// Bytes as text: nothing is lost on the way through JSON, and characters are where UTF-8 has them.
import { describe, expect, test } from '@jest/globals';
import { fc } from '../../properties.ts';
import {
  borderOf,
  bytesOfText,
  headWithin,
  shownText,
  tailWithin,
  textOfBytes,
} from '../../../lib/core/values/output.ts';

const all = Uint8Array.from({ length: 256 }, (_, byte) => byte);
const throughJson = (text: string): string => JSON.parse(JSON.stringify(text)) as string;
const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

describe('bytes as text', () => {
  test('are what they were after they have been JSON: all values, alone and together', () => {
    expect(bytesOfText(throughJson(textOfBytes(all)))).toEqual(all);
    for (const byte of all)
      expect(bytesOfText(throughJson(textOfBytes(Uint8Array.of(byte))))).toEqual(Uint8Array.of(byte));
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        expect(bytesOfText(throughJson(textOfBytes(bytes)))).toEqual(bytes);
      }),
    );
  });

  test('are text as it is where they are UTF-8, a byte order mark and U+FFFD too', () => {
    for (const text of ['', 'grüße\0', '\ufeffx', 'a\ufffdb', '\u{1F980}\u{10FFFF}']) {
      expect(textOfBytes(bytesOf(text))).toBe(text);
      expect(bytesOfText(text)).toEqual(bytesOf(text));
    }
  });

  test.each<[string, number[], string]>([
    ['alone', [0x61, 0x80, 0xff], 'a\udc80\udcff'],
    ['an overlong form', [0xc0, 0xaf, 0xe0, 0x80, 0x80], '\udcc0\udcaf\udce0\udc80\udc80'],
    ['half of a surrogate pair', [0xed, 0xa0, 0x80], '\udced\udca0\udc80'],
    ['above U+10FFFF', [0xf4, 0x90, 0x80, 0x80], '\udcf4\udc90\udc80\udc80'],
    ['a beginning, then another character', [0xe2, 0x82, 0xc3, 0xbc], '\udce2\udc82ü'],
  ])('that are no character are halves of surrogate pairs: %s', (_what, bytes, text) => {
    expect(textOfBytes(Uint8Array.from(bytes))).toBe(text);
    expect(shownText(text)).toBe(text.replace(/[\udc80-\udcff]/gu, '\ufffd'));
  });

  test('two parts that a character was split into are that character', () => {
    const euro = bytesOf('€');
    for (const cut of [1, 2]) {
      const parts = `${textOfBytes(euro.subarray(0, cut))}${textOfBytes(euro.subarray(cut))}`;
      expect(parts).not.toBe('€');
      expect(bytesOfText(throughJson(parts))).toEqual(euro);
    }
  });
});

describe('cuts', () => {
  test('go to the border of the character that they would split, and nowhere else', () => {
    const text = bytesOf('a€b');
    expect([0, 1, 2, 3, 4, 5].map((at) => borderOf(text, at, 'before'))).toEqual([0, 1, 1, 1, 4, 5]);
    expect([0, 1, 2, 3, 4, 5].map((at) => borderOf(text, at, 'after'))).toEqual([0, 1, 4, 4, 4, 5]);
    // These continue nothing: each is a border.
    const none = Uint8Array.from([0x80, 0x80, 0x80, 0x80]);
    expect([0, 1, 2, 3, 4].map((at) => borderOf(none, at, 'after'))).toEqual([0, 1, 2, 3, 4]);
  });

  test('head and tail are as long as their text may be, and no longer', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom([0x61], [0xc3, 0xbc], [0xe2, 0x82, 0xac], [0xf0, 0x9f, 0xa6, 0x80], [0x80], [0xe2])),
        fc.nat(40),
        (parts, bytesMax) => {
          const bytes = Uint8Array.from(parts.flat());
          const lengthOf = (part: Uint8Array): number => bytesOf(textOfBytes(part)).length;
          const head = headWithin(bytes, bytesMax);
          const tail = bytes.length - tailWithin(bytes, bytesMax);
          for (const [part, next, side] of [
            [bytes.subarray(0, head), bytes.subarray(0, borderOf(bytes, head + 1, 'after')), 'head'],
            [bytes.subarray(tail), bytes.subarray(borderOf(bytes, Math.max(0, tail - 1), 'before')), 'tail'],
          ] as const) {
            expect([side, lengthOf(part) <= bytesMax]).toEqual([side, true]);
            if (part.length < bytes.length) expect([side, lengthOf(next) > bytesMax]).toEqual([side, true]);
          }
        },
      ),
    );
  });
});
