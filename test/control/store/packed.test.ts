// Packed text: it comes back whole, whatever its length, and takes no more memory on the way than it must.
import { describe, expect, test } from '@jest/globals';
import { deflateRawSync } from 'node:zlib';
import { packText, unpackText } from '../../../lib/ports/store/packed.ts';

describe('unpacked text', () => {
  const texts: Readonly<Record<string, string>> = {
    nothing: '',
    'a short one': '{"id":"r-1"}',
    'one that packs a thousandfold': ' '.repeat(3_000_000),
    'one beyond ASCII, which is cut between two chunks': 'größer, 大きい, 🜁; '.repeat(20_000),
    'one that packs badly': Array.from({ length: 40_000 }, (_, n) => String(Math.sin(n))).join(),
  };
  test.each(Object.entries(texts))('is what was packed: %s', (_, text) => {
    expect(unpackText(packText(text)) === text).toBe(true);
    expect(unpackText(deflateRawSync(text)) === text).toBe(true);
  });

  test('of more bytes than are wanted is refused', () => {
    const packed = packText('x'.repeat(5_000));
    expect(unpackText(packed, 5_000)).toHaveLength(5_000);
    expect(() => unpackText(packed, 4_999)).toThrow(RangeError);
  });

  test('takes memory by its own length: a hundred thousand records do not fill it with empty space', () => {
    const packed = packText(JSON.stringify({ id: 'r-1', bodyHash: 'b'.repeat(64), spec: { env: { KEY: 'x' } } }));
    const count = 400;
    const before = process.memoryUsage().arrayBuffers;
    for (let n = 0; n < count; n += 1) unpackText(packed);
    const bytesEach = (process.memoryUsage().arrayBuffers - before) / count;
    expect(bytesEach).toBeLessThan(2_048);
  });
});
